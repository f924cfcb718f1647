/** Subscriptions: who is pushed what, how each is doing, how far it is behind. */
import { PlusOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import { api } from '../../api/client.ts';
import { Figure, Figures, Num } from '../../components/figure.tsx';
import { ChoiceFilter, Filters } from '../../components/filters.tsx';
import { Page, Panel } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { instant } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { useSession } from '../../session/session.tsx';
import { Health, Lag, type Summary } from './parts.tsx';

const states = ['active', 'paused', 'ended'] as const;

export default function Subscriptions() {
  const { t, say } = useSpeech();
  const { may } = useSession();
  const url = useUrlState();
  const state = states.find((s) => s === url.get('state'));
  const all = useQuery({
    queryKey: ['subscriptions', 'list'],
    queryFn: ({ signal }) => api.get('/api/v1/subscriptions', { signal }),
    refetchInterval: 15_000,
  });
  const create = may('gateway.use') ? (
    <Link to={'/subscriptions/new' as never}>
      <Button type="primary" icon={<PlusOutlined />}>
        {t('subscriptions.new')}
      </Button>
    </Link>
  ) : null;
  return (
    <Page title={t('titles.subscriptions')} lead={t('subscriptions.lead')} actions={create}>
      <Loaded query={all}>
        {({ items }) =>
          items.length ? (
            <div className="stack">
              <Strip items={items} />
              <Panel title={t('titles.subscriptions')}>
                <div className="stack-s">
                  <Filters keys={['state']}>
                    <ChoiceFilter
                      name="state"
                      label={t('subscriptions.state')}
                      choices={states.map((value) => ({ value, label: t(`subscriptions.states.${value}`) }))}
                    />
                  </Filters>
                  <DataTable
                    caption={t('titles.subscriptions')}
                    rows={items.filter((s) => !state || s.state === state)}
                    rowKey={(row) => row.id}
                    empty={<Empty title={t('subscriptions.empty-filter')} />}
                    columns={[
                      {
                        key: 'title',
                        title: t('subscriptions.title'),
                        head: true,
                        render: (row) => (
                          <div style={{ minInlineSize: 180 }}>
                            <Link to="/subscriptions/$subscription" params={{ subscription: String(row.id) } as never}>
                              {row.title}
                            </Link>
                            <p className="small quiet">
                              {say(row.entry.title)} · {say(row.recipient.name)} ← {say(row.provider.name)}
                            </p>
                          </div>
                        ),
                      },
                      {
                        key: 'target',
                        title: t('subscriptions.target'),
                        render: (row) => (
                          <>
                            {t(`subscriptions.kind.${row.kind}`)}
                            {row.target ? (
                              <p className="small quiet" style={{ overflowWrap: 'anywhere', maxInlineSize: 260 }}>
                                {row.target}
                              </p>
                            ) : null}
                          </>
                        ),
                      },
                      {
                        key: 'health',
                        title: t('subscriptions.state'),
                        tight: true,
                        render: (row) => <Health of={row.health} />,
                      },
                      {
                        key: 'lag',
                        title: t('subscriptions.lag'),
                        tight: true,
                        render: (row) => <Lag of={row.lag} />,
                      },
                      {
                        key: 'success',
                        title: t('subscriptions.last-success'),
                        tight: true,
                        render: (row) =>
                          row.lastSuccess ? (
                            <span className="num">{instant(row.lastSuccess)}</span>
                          ) : (
                            <span className="quiet">{t('subscriptions.never')}</span>
                          ),
                      },
                      {
                        key: 'failures',
                        title: t('subscriptions.failures'),
                        align: 'end',
                        render: (row) => <Num value={row.failures} exact />,
                      },
                    ]}
                  />
                </div>
              </Panel>
            </div>
          ) : (
            <Panel title={t('titles.subscriptions')}>
              <Empty title={t('subscriptions.empty')} action={create}>
                {t('subscriptions.empty-text')}
              </Empty>
            </Panel>
          )
        }
      </Loaded>
    </Page>
  );
}

function Strip({ items }: { items: readonly Summary[] }) {
  const { t } = useSpeech();
  const sum = (of: (s: Summary) => number) => items.reduce((n, s) => n + of(s), 0);
  const failing = items.filter((s) => s.health === 'failing' || s.health === 'open').length;
  return (
    <Figures>
      <Figure label={t('subscriptions.states.active')}>
        <Num value={items.filter((s) => s.state === 'active').length} exact />
      </Figure>
      <Figure label={t('subscriptions.health.failing')} {...(failing ? { tone: 'bad' as const } : {})}>
        <Num value={failing} exact />
      </Figure>
      <Figure label={t('subscriptions.events-today')}>
        <Num value={sum((s) => s.today.events)} />
      </Figure>
      <Figure label={t('subscriptions.failures-today')}>
        <Num value={sum((s) => s.today.failures)} />
      </Figure>
    </Figures>
  );
}
