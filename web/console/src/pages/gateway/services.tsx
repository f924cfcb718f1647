/** Data services: those that one's department may call, those that it provides, or all. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api } from '../../api/client.ts';
import { Num } from '../../components/figure.tsx';
import { ChoiceFilter, Filters } from '../../components/filters.tsx';
import { Page, Panel } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { day, full, instant } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { useSession } from '../../session/session.tsx';
import { ServiceState } from './shared.tsx';

export default function Services() {
  const { t, say } = useSpeech();
  const { me } = useSession();
  const url = useUrlState();
  const query = { which: url.get('which') || 'all' };
  const all = useQuery({
    queryKey: ['gateway', 'services', query],
    queryFn: ({ signal }) => api.get('/api/v1/gateway/services', { query, signal }),
    refetchInterval: ({ state }) => (state.data?.items.some((s) => s.state === 'preparing') ? 3_000 : 60_000),
  });
  return (
    <Page title={t('titles.gateway-services')} lead={t('gateway.services-lead')}>
      <Panel title={t('titles.gateway-services')}>
        <div className="stack-s">
          {me.user.organisation ? (
            <Filters keys={['which']}>
              <ChoiceFilter
                name="which"
                label={t('gateway.which.label')}
                otherwise="all"
                choices={(['all', 'callable', 'provided'] as const).map((value) => ({
                  value,
                  label: t(`gateway.which.${value}`),
                }))}
              />
            </Filters>
          ) : null}
          <Loaded query={all}>
            {(answer) => (
              <DataTable
                caption={t('titles.gateway-services')}
                rows={answer.items}
                rowKey={(row) => row.id}
                empty={<Empty title={t('gateway.services-empty')}>{t('gateway.services-empty-text')}</Empty>}
                columns={[
                  {
                    key: 'title',
                    title: t('gateway.service'),
                    head: true,
                    render: (row) => (
                      <>
                        <Link to="/gateway/services/$service" params={{ service: String(row.id) } as never}>
                          {say(row.title)}
                        </Link>
                        <p className="small quiet">
                          {say(row.requester.name)} ← {say(row.provider.name)}
                        </p>
                      </>
                    ),
                  },
                  {
                    key: 'state',
                    title: t('gateway.state'),
                    tight: true,
                    render: (row) => <ServiceState of={row.state} />,
                  },
                  {
                    key: 'rows',
                    title: t('gateway.records'),
                    align: 'end',
                    render: (row) => <Num value={row.rows} exact />,
                  },
                  {
                    key: 'today',
                    title: t('gateway.today'),
                    align: 'end',
                    render: (row) => (
                      <span className="num">
                        {full(row.today)}
                        {row.settings.perDay === null ? null : (
                          <span className="quiet"> / {full(row.settings.perDay)}</span>
                        )}
                      </span>
                    ),
                  },
                  {
                    key: 'prepared',
                    title: t('gateway.prepared'),
                    tight: true,
                    render: (row) => <span className="num">{row.preparedAt ? instant(row.preparedAt) : '—'}</span>,
                  },
                  {
                    key: 'until',
                    title: t('gateway.until'),
                    tight: true,
                    render: (row) => <span className="num">{day(row.until)}</span>,
                  },
                ]}
              />
            )}
          </Loaded>
        </div>
      </Panel>
    </Page>
  );
}
