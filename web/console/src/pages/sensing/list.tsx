/** Sensors: what the city senses now, and which of its sensors cannot be trusted. */
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { Button } from 'antd';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { Figure, Figures, Num } from '../../components/figure.tsx';
import { ChoiceFilter, Filters, TextFilter } from '../../components/filters.tsx';
import { Page, Panel } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable, Pager } from '../../components/table.tsx';
import { instant } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { useSession } from '../../session/session.tsx';
import { useOwners } from '../exchange/shared.tsx';
import { EntityForm } from './entity-form.tsx';
import { HealthLabel, healths, Reading, Spark } from './shared.tsx';

const SIZE = 30;

export default function Sensors() {
  const { t, say } = useSpeech();
  const { nameOf } = useOwners();
  const url = useUrlState();
  const { may } = useSession();
  const navigate = useNavigate();
  const [making, setMaking] = useState(false);
  const of = (name: string) => url.get(name) || undefined;
  const page = Math.max(1, Number(url.get('page')) || 1);
  const query = { type: of('type'), health: of('health'), owner: of('owner'), q: of('q'), page, size: SIZE };
  const all = useQuery({
    queryKey: ['sensing', 'entities', query],
    queryFn: ({ signal }) => api.get('/api/v1/sensing/entities', { query, signal }),
    refetchInterval: 10_000,
    placeholderData: (before) => before,
  });
  return (
    <Page
      title={t('titles.sensing')}
      lead={t('sensing.lead')}
      actions={
        may('sensing.manage') ? (
          <Button type="primary" onClick={() => setMaking(true)}>
            {t('sensing.register')}
          </Button>
        ) : null
      }
    >
      {making ? (
        <EntityForm
          open
          onClose={(id) => {
            setMaking(false);
            if (id) void navigate({ to: '/sensing/sensor' as never, search: { id } as never });
          }}
        />
      ) : null}
      <Loaded query={all}>
        {(data) => {
          const sum = data.types.reduce((n, x) => n + x.count, 0);
          if (!sum)
            return (
              <div className="panel">
                <Empty title={t('sensing.empty')}>{t('sensing.empty-text')}</Empty>
              </div>
            );
          return (
            <div className="stack">
              <Figures>
                <Figure label={t('sensing.sensors')}>
                  <Num value={sum} exact />
                </Figure>
                {(['ok', 'silent', 'flat', 'drifting'] as const).map((h) => (
                  <Figure
                    key={h}
                    label={t(`sensing.health.${h}`)}
                    {...(h !== 'ok' && data.healths[h]
                      ? { tone: h === 'silent' ? ('bad' as const) : ('warn' as const) }
                      : {})}
                  >
                    <Num value={data.healths[h] ?? 0} exact />
                  </Figure>
                ))}
              </Figures>
              <Panel title={t('titles.sensing')}>
                <div className="stack-s">
                  <Filters keys={['type', 'health', 'owner', 'q', 'page']}>
                    <ChoiceFilter
                      name="type"
                      label={t('sensing.type')}
                      choices={data.types.map((x) => ({ value: x.type, label: `${say(x.title)} (${x.count})` }))}
                    />
                    <ChoiceFilter
                      name="health"
                      label={t('sensing.state')}
                      choices={healths.map((value) => ({ value, label: t(`sensing.health.${value}`) }))}
                    />
                    <ChoiceFilter
                      name="owner"
                      label={t('sensing.owner')}
                      choices={data.owners.map((value) => ({ value, label: nameOf(value) }))}
                    />
                    <TextFilter name="q" label={t('sensing.search')} />
                  </Filters>
                  <DataTable
                    caption={t('titles.sensing')}
                    rows={data.items}
                    rowKey={(row) => row.id}
                    empty={<Empty title={t('sensing.empty-filter')} />}
                    columns={[
                      {
                        key: 'name',
                        title: t('sensing.name'),
                        head: true,
                        render: (row) => (
                          <div style={{ minInlineSize: 160 }}>
                            <Link to={'/sensing/sensor' as never} search={{ id: row.id } as never}>
                              {say(row.label)}
                            </Link>
                            <p className="small quiet" style={{ overflowWrap: 'anywhere' }}>
                              {say(row.typeTitle)} · {row.owner ? nameOf(row.owner) : '—'}
                            </p>
                          </div>
                        ),
                      },
                      {
                        key: 'state',
                        title: t('sensing.state'),
                        tight: true,
                        render: (row) => <HealthLabel of={row.health} />,
                      },
                      {
                        key: 'value',
                        title: t('sensing.latest'),
                        render: (row) => (
                          <div className="row" style={{ gap: 12, flexWrap: 'wrap' }}>
                            {row.series.slice(0, 4).map((s) => (
                              <span key={s.number} className="small">
                                <span className="quiet">{say(s.title)}</span> <Reading of={s} />
                              </span>
                            ))}
                          </div>
                        ),
                      },
                      {
                        key: 'spark',
                        title: t('sensing.day'),
                        tight: true,
                        render: (row) => <Spark values={row.spark} />,
                      },
                      {
                        key: 'at',
                        title: t('sensing.at'),
                        tight: true,
                        render: (row) => {
                          const newest = row.series.map((s) => s.at ?? '').reduce((a, b) => (a > b ? a : b), '');
                          return <span className="num">{newest ? instant(newest) : '—'}</span>;
                        },
                      },
                    ]}
                  />
                  <Pager
                    offset={(page - 1) * SIZE}
                    limit={SIZE}
                    total={data.total}
                    onOffset={(offset) => url.set({ page: offset / SIZE + 1 })}
                  />
                </div>
              </Panel>
            </div>
          );
        }}
      </Loaded>
    </Page>
  );
}
