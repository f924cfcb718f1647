/** The authority's desk: every clock of law, who is late, extensions to decide, disputes. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api } from '../../api/client.ts';
import { ChoiceFilter, Filters } from '../../components/filters.tsx';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { day, full, instant } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { DecideExtension } from './request.tsx';
import { ClockMark } from './shared.tsx';

export default function Oversight() {
  const { t, say } = useSpeech();
  const url = useUrlState();
  const query = {
    state: url.get('state') || 'running',
    standing: url.get('standing') || undefined,
    organisation: url.get('organisation') || undefined,
  };
  const sight = useQuery({
    queryKey: ['sharing', 'oversight'],
    queryFn: ({ signal }) => api.get('/api/v1/sharing/oversight', { signal }),
  });
  const clocks = useQuery({
    queryKey: ['sharing', 'clocks', query],
    queryFn: ({ signal }) => api.get('/api/v1/sharing/clocks', { query, signal }),
    placeholderData: keepPreviousData,
  });
  const disputes = useQuery({
    queryKey: ['sharing', 'disputes'],
    queryFn: ({ signal }) => api.get('/api/v1/sharing/disputes', { signal }),
  });
  const number = (n: number, bad = false) => <span className={bad && n ? 'num bad-text' : 'num'}>{full(n)}</span>;
  return (
    <Page title={t('titles.sharing-oversight')} lead={t('sharing.oversight-lead')}>
      <div className="stack">
        <Panel title={t('sharing.ranking')}>
          <Loaded query={sight}>
            {(data) => (
              <div className="stack-s">
                <p className="small quiet">
                  {t('sharing.calendar-years', { from: data.calendar.years[0], to: data.calendar.years.at(-1) })}
                </p>
                {data.unknown ? (
                  <p className="note warn">
                    {t('sharing.calendar-missing', { years: data.calendar.missing.join('、'), n: data.unknown })}
                  </p>
                ) : null}
                <DataTable
                  caption={t('sharing.ranking')}
                  rows={data.ranking}
                  rowKey={(row) => row.organisation.id}
                  empty={<p className="small quiet">{t('sharing.ranking-empty')}</p>}
                  columns={[
                    {
                      key: 'organisation',
                      title: t('sharing.organisation'),
                      head: true,
                      render: (row) => say(row.organisation.name),
                    },
                    {
                      key: 'overdue',
                      title: t('sharing.overdue'),
                      align: 'end',
                      render: (row) => number(row.overdue, true),
                    },
                    { key: 'warning', title: t('sharing.warning'), align: 'end', render: (row) => number(row.warning) },
                    { key: 'running', title: t('sharing.running'), align: 'end', render: (row) => number(row.running) },
                    { key: 'met', title: t('sharing.met'), align: 'end', render: (row) => number(row.met) },
                    {
                      key: 'late',
                      title: t('sharing.late-met'),
                      align: 'end',
                      render: (row) => number(row.late, true),
                    },
                    {
                      key: 'extended',
                      title: t('sharing.extended'),
                      align: 'end',
                      render: (row) => number(row.extended),
                    },
                  ]}
                />
              </div>
            )}
          </Loaded>
        </Panel>
        <Panel title={t('sharing.clocks')}>
          <div className="stack-s">
            <Filters keys={['state', 'standing', 'organisation']}>
              <ChoiceFilter
                name="standing"
                label={t('sharing.state')}
                width={200}
                choices={(['overdue', 'warning', 'running', 'unknown'] as const).map((value) => ({
                  value,
                  label: t(`sharing.standing.${value}`),
                }))}
              />
              <ChoiceFilter
                name="organisation"
                label={t('sharing.organisation')}
                width={200}
                choices={(sight.data?.ranking ?? []).map((r) => ({
                  value: r.organisation.id,
                  label: say(r.organisation.name),
                }))}
              />
            </Filters>
            <Loaded query={clocks}>
              {(data) => (
                <DataTable
                  caption={t('sharing.clocks')}
                  rows={data.items}
                  rowKey={(row) => row.id}
                  empty={<Empty title={t('sharing.clocks-empty')} />}
                  columns={[
                    {
                      key: 'resource',
                      title: t('sharing.resource'),
                      head: true,
                      render: (row) => (
                        <>
                          <Link to="/sharing/requests/$request" params={{ request: String(row.request) } as never}>
                            {say(row.resource)}
                          </Link>
                          <p className="small quiet">
                            {say(row.title)} · {t('sharing.article', { n: row.article })}
                          </p>
                        </>
                      ),
                    },
                    {
                      key: 'organisation',
                      title: t('sharing.organisation'),
                      render: (row) => say(row.organisation.name),
                    },
                    {
                      key: 'start',
                      title: t('sharing.started'),
                      tight: true,
                      render: (row) => <span className="num">{day(row.start)}</span>,
                    },
                    {
                      key: 'clock',
                      title: t('sharing.clock'),
                      tight: true,
                      render: (row) => <ClockMark clock={row} />,
                    },
                    {
                      key: 'extension',
                      title: t('sharing.extension-title'),
                      render: (row) =>
                        row.asked ? (
                          <div className="stack-s">
                            <span className="small">
                              {t('sharing.extension.asked', { n: row.asked.days, reason: row.asked.reason })}
                            </span>
                            {row.asked.state === 'asked' ? (
                              <DecideExtension clock={row.id} />
                            ) : (
                              <span className="small quiet">{t(`sharing.extension.state.${row.asked.state}`)}</span>
                            )}
                          </div>
                        ) : null,
                    },
                  ]}
                />
              )}
            </Loaded>
          </div>
        </Panel>
        <Panel title={t('sharing.dispute.title')}>
          <Loaded query={disputes}>
            {(data) => (
              <DataTable
                caption={t('sharing.dispute.title')}
                rows={data.items}
                rowKey={(row) => row.id}
                empty={<p className="small quiet">{t('sharing.dispute.empty')}</p>}
                columns={[
                  {
                    key: 'title',
                    title: t('sharing.resource'),
                    head: true,
                    render: (row) => (
                      <>
                        <Link to="/sharing/requests/$request" params={{ request: String(row.request) } as never}>
                          {say(row.title)}
                        </Link>
                        <p className="small quiet">{row.reason}</p>
                      </>
                    ),
                  },
                  {
                    key: 'sides',
                    title: t('sharing.organisation'),
                    render: (row) => `${say(row.requester.name)} · ${say(row.provider.name)}`,
                  },
                  {
                    key: 'state',
                    title: t('sharing.state'),
                    tight: true,
                    render: (row) => <Label tone={row.endedAt ? undefined : 'warn'}>{say(row.stateTitle)}</Label>,
                  },
                  {
                    key: 'at',
                    title: t('sharing.started'),
                    tight: true,
                    render: (row) => <span className="num">{instant(row.createdAt)}</span>,
                  },
                ]}
              />
            )}
          </Loaded>
        </Panel>
      </div>
    </Page>
  );
}
