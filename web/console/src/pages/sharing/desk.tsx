/** The desk of sharing: what waits for the signed-in person, what their department was told, and its clocks. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import { api } from '../../api/client.ts';
import { Figure, Figures } from '../../components/figure.tsx';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { full, instant } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';
import { ClockMark } from './shared.tsx';

export default function Desk() {
  const { t, say } = useSpeech();
  const { me, may } = useSession();
  const client = useQueryClient();
  const desk = useQuery({
    queryKey: ['sharing', 'desk'],
    queryFn: ({ signal }) => api.get('/api/v1/sharing/desk', { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  });
  const seen = useMutation({
    mutationFn: (until: number) => api.post('/api/v1/sharing/notices/seen', { body: { until } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['sharing', 'desk'] }),
  });
  const own = me.user.organisation !== null;
  return (
    <Page
      title={t('titles.sharing-desk')}
      lead={t('sharing.desk-lead')}
      actions={
        may('sharing.request') ? (
          <Link to="/sharing/new">
            <Button type="primary">{t('sharing.new')}</Button>
          </Link>
        ) : null
      }
    >
      <Loaded query={desk}>
        {(data) => (
          <div className="stack">
            {data.deputy.acting ? <p className="note">{t('sharing.acting', { head: data.deputy.acting })}</p> : null}
            {data.deputy.away ? <p className="note warn">{t('sharing.away')}</p> : null}
            <Figures>
              {own ? <Figure label={t('sharing.raised')}>{full(data.counts.raised)}</Figure> : null}
              <Figure label={own ? t('sharing.received') : t('sharing.requests')}>{full(data.counts.received)}</Figure>
              <Figure label={t('sharing.overdue')} {...(data.counts.overdue ? { tone: 'bad' as const } : {})}>
                {full(data.counts.overdue)}
              </Figure>
              <Figure label={t('sharing.warning')}>{full(data.counts.warning)}</Figure>
              {data.counts.unknown ? <Figure label={t('sharing.unknown')}>{full(data.counts.unknown)}</Figure> : null}
              <Figure label={t('sharing.shares')}>{full(data.counts.shares)}</Figure>
            </Figures>
            <Panel title={t('sharing.todo')}>
              <DataTable
                caption={t('sharing.todo')}
                rows={data.todo}
                rowKey={(row) => `${row.matter} ${row.id}`}
                empty={<Empty title={t('sharing.todo-empty')}>{t('sharing.todo-empty-text')}</Empty>}
                columns={[
                  {
                    key: 'title',
                    title: t('sharing.resource'),
                    head: true,
                    render: (row) => (
                      <>
                        <Link
                          to={row.matter === 'share' ? '/sharing/shares/$share' : '/sharing/requests/$request'}
                          params={{ share: String(row.id), request: String(row.request) } as never}
                        >
                          {say(row.title)}
                        </Link>
                        <p className="small quiet">
                          {say(row.requester.name)} → {say(row.provider.name)}
                        </p>
                      </>
                    ),
                  },
                  { key: 'state', title: t('sharing.state'), render: (row) => <Label>{say(row.stateTitle)}</Label> },
                  {
                    key: 'actions',
                    title: t('sharing.actions'),
                    render: (row) => <span className="small">{row.actions.map(say).join(' / ')}</span>,
                  },
                  {
                    key: 'clock',
                    title: t('sharing.clock'),
                    tight: true,
                    render: (row) => <ClockMark clock={row.clock} />,
                  },
                ]}
              />
            </Panel>
            {data.corrections.length ? (
              <Panel
                title={t('sharing.corrections')}
                extra={<Link to="/corrections">{t('sharing.corrections-all')}</Link>}
              >
                <DataTable
                  caption={t('sharing.corrections')}
                  rows={data.corrections.slice(0, 20)}
                  rowKey={(row) => String(row.id)}
                  columns={[
                    {
                      key: 'title',
                      title: t('sharing.resource'),
                      head: true,
                      render: (row) => (
                        <>
                          <Link to="/corrections" search={{ correction: String(row.id) } as never}>
                            {say(row.resource)} · {say(row.field)}
                          </Link>
                          <p className="small quiet">
                            {row.raisedBy ? say(row.raisedBy.name) : '—'} → {row.owner ? say(row.owner.name) : '—'}
                          </p>
                        </>
                      ),
                    },
                    {
                      key: 'clock',
                      title: t('sharing.clock'),
                      tight: true,
                      render: (row) => <ClockMark clock={row} />,
                    },
                  ]}
                />
              </Panel>
            ) : null}
            <Panel
              title={t('sharing.notices')}
              extra={
                data.notices.some((n) => !n.seen) ? (
                  <Button size="small" loading={seen.isPending} onClick={() => seen.mutate(data.notices[0]!.seq)}>
                    {t('sharing.seen')}
                  </Button>
                ) : null
              }
            >
              {data.notices.length ? (
                <ul className="stack-s" style={{ listStyle: 'none', padding: 0, margin: 0 }}>
                  {data.notices.slice(0, 20).map((n) => (
                    <li key={n.seq} className="row spread">
                      <span>
                        {n.seen ? null : <Label tone="info">{t('sharing.unseen')}</Label>}{' '}
                        <Link
                          to={n.share ? '/sharing/shares/$share' : '/sharing/requests/$request'}
                          params={{ share: String(n.share), request: String(n.request) } as never}
                        >
                          {say(n.title)}
                        </Link>{' '}
                        <span className="small quiet">
                          {say(n.about)} #{n.request}
                        </span>
                      </span>
                      <span className="small quiet num">{instant(n.at)}</span>
                    </li>
                  ))}
                </ul>
              ) : (
                <p className="small quiet">{t('sharing.notices-empty')}</p>
              )}
            </Panel>
          </div>
        )}
      </Loaded>
    </Page>
  );
}
