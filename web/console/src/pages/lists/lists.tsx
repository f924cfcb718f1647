/** Comparison lists: how many are on each, and what changed since the day before. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { App, Button } from 'antd';
import { api } from '../../api/client.ts';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Failure, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { day, full } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';

export default function Lists() {
  const { t, say, language } = useSpeech();
  const comma = language === 'en' ? ', ' : '、';
  const { message } = App.useApp();
  const { may } = useSession();
  const client = useQueryClient();
  const lists = useQuery({
    queryKey: ['lists'],
    queryFn: ({ signal }) => api.get('/api/v1/libraries/lists', { signal }),
  });
  const run = useMutation({
    mutationFn: () => api.post('/api/v1/libraries/lists/run', { body: {} }),
    onSuccess: () => {
      message.success(t('lists.run-asked'));
      setTimeout(() => void client.invalidateQueries({ queryKey: ['lists'] }), 3_000);
    },
  });
  const changed = (n: number | undefined, sign: string) => (n ? `${sign}${full(n)}` : '—');
  return (
    <Page
      title={t('titles.lists')}
      lead={t('lists.lead')}
      actions={
        may('lists.run') ? (
          <Button loading={run.isPending} onClick={() => run.mutate()}>
            {t('lists.run')}
          </Button>
        ) : null
      }
    >
      {run.isError ? <Failure error={run.error} /> : null}
      <Loaded query={lists}>
        {(data) => (
          <div className="stack">
            {data.problems.length ? (
              <div className="note bad" role="alert">
                <p className="strong">{t('lists.problems')}</p>
                {data.problems.map((p) => (
                  <p key={`${p.code}-${p.place}`} className="small">
                    <span className="mono">{p.place}</span> {say(p)} <span className="mono quiet">{p.code}</span>
                  </p>
                ))}
              </div>
            ) : null}
            <Panel title={t('titles.lists')} flush>
              <DataTable
                caption={t('titles.lists')}
                rows={data.items}
                rowKey={(row) => row.id}
                empty={<Empty title={t('lists.empty')}>{t('lists.empty-text')}</Empty>}
                columns={[
                  {
                    key: 'title',
                    title: t('lists.title'),
                    head: true,
                    render: (row) => (
                      <>
                        <Link to="/lists/$list" params={{ list: row.id } as never}>
                          {say(row.title)}
                        </Link>
                        {row.missing.length ? (
                          <p className="small quiet">{t('lists.waiting', { views: row.missing.join(comma) })}</p>
                        ) : null}
                      </>
                    ),
                  },
                  { key: 'owner', title: t('lists.owner'), render: (row) => say(row.ownerName) },
                  {
                    key: 'state',
                    title: t('lists.frequency'),
                    tight: true,
                    render: (row) => (
                      <span className="row" style={{ gap: 6 }}>
                        {t(`lists.cadence.${row.cadence}`)}
                        {row.state === 'ready' ? null : (
                          <Label tone={row.state === 'waiting' ? 'warn' : 'info'}>
                            {t(`lists.state.${row.state}`)}
                          </Label>
                        )}
                      </span>
                    ),
                  },
                  {
                    key: 'members',
                    title: t('lists.members'),
                    align: 'end',
                    render: (row) => (row.counts ? full(row.counts.members) : '—'),
                  },
                  {
                    key: 'fresh',
                    title: t('lists.fresh'),
                    align: 'end',
                    render: (row) => changed(row.counts?.fresh, '+'),
                  },
                  {
                    key: 'done',
                    title: t('lists.done'),
                    align: 'end',
                    render: (row) => changed(row.counts?.endedDone, '−'),
                  },
                  {
                    key: 'withdrawn',
                    title: t('lists.withdrawn'),
                    align: 'end',
                    render: (row) => changed(row.counts?.endedWithdrawn, '−'),
                  },
                  { key: 'day', title: t('lists.day'), tight: true, render: (row) => day(row.day) },
                ]}
              />
            </Panel>
          </div>
        )}
      </Loaded>
    </Page>
  );
}
