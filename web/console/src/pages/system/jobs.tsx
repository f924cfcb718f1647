/** Long work: what runs, what waits, what became of the rest. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Popconfirm } from 'antd';
import { type Answer, api } from '../../api/client.ts';
import { ChoiceFilter, Filters, TextFilter } from '../../components/filters.tsx';
import { Label, Page } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { Instant } from '../../components/value.tsx';
import { duration, full, percent } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { useSession } from '../../session/session.tsx';

type Job = Answer<'/api/v1/jobs'>['jobs'][number];
const states = ['queued', 'running', 'done', 'failed', 'cancelled'] as const;
const tones = { queued: undefined, running: 'info', done: 'good', failed: 'bad', cancelled: undefined } as const;

export default function Jobs() {
  const { t, say, language } = useSpeech();
  const url = useUrlState();
  const { may } = useSession();
  const { message } = App.useApp();
  const client = useQueryClient();
  const query = { state: url.get('state'), kind: url.get('kind'), limit: 200 };
  const jobs = useQuery({
    queryKey: ['jobs', query],
    queryFn: ({ signal }) => api.get('/api/v1/jobs', { query, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: (q) =>
      q.state.data?.jobs.some((job) => job.state === 'running' || job.state === 'queued') ? 1_500 : 10_000,
  });
  const cancel = useMutation({
    mutationFn: (id: string) => api.post('/api/v1/jobs/{id}/cancel', { params: { id } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['jobs'] }),
    onError: () => void message.error(t('system.jobs.cancel-failed')),
  });
  const open = (job: Job) => job.state === 'queued' || job.state === 'running';
  return (
    <Page title={t('titles.jobs')} lead={t('system.jobs.lead')}>
      <Filters keys={['state', 'kind']}>
        <ChoiceFilter
          name="state"
          label={t('exchange.state')}
          choices={states.map((value) => ({ value, label: t(`system.jobs.state.${value}`) }))}
        />
        <TextFilter name="kind" label={t('system.jobs.kind')} hint="exchange.collect" />
      </Filters>
      <Loaded query={jobs}>
        {(data) => (
          <DataTable
            caption={t('titles.jobs')}
            rows={data.jobs}
            rowKey={(row) => row.id}
            empty={
              <div className="panel">
                <Empty title={t('system.jobs.empty')}>{t('system.jobs.empty-text')}</Empty>
              </div>
            }
            columns={[
              {
                key: 'title',
                title: t('system.jobs.job'),
                head: true,
                render: (row) => (
                  <>
                    {say(row.title)}
                    <div className="small quiet mono">
                      {row.kind}
                      {subject(row.params)}
                    </div>
                  </>
                ),
              },
              {
                key: 'state',
                title: t('exchange.state'),
                tight: true,
                render: (row) => (
                  <Label tone={tones[row.state]}>
                    {t(`system.jobs.state.${row.state}`)}
                    {row.cancelRequested && open(row) ? ` · ${t('system.jobs.cancelling')}` : ''}
                  </Label>
                ),
              },
              {
                key: 'progress',
                title: t('system.jobs.progress'),
                render: (row) => (
                  <div style={{ minWidth: 220 }}>
                    {row.error ? (
                      <span className="bad-text small">
                        {say(row.error.title)} <code>{row.error.code}</code>
                      </span>
                    ) : row.progress && row.state !== 'done' ? (
                      <>
                        {row.state === 'running' ? (
                          <progress
                            className="progress"
                            aria-label={say(row.title)}
                            {...(row.progress.total ? { value: row.progress.done, max: row.progress.total } : {})}
                          />
                        ) : null}
                        <span className="small quiet">
                          {full(row.progress.done)}
                          {row.progress.total
                            ? ` / ${full(row.progress.total)} · ${percent(row.progress.done / row.progress.total, 0)}`
                            : ''}
                          {row.progress.note ? ` · ${say(row.progress.note)}` : ''}
                        </span>
                      </>
                    ) : (
                      <span className="quiet">—</span>
                    )}
                  </div>
                ),
              },
              {
                key: 'submitted',
                title: t('system.jobs.submitted'),
                tight: true,
                render: (row) => <Instant at={row.submittedAt} />,
              },
              {
                key: 'took',
                title: t('exchange.run.took'),
                align: 'end',
                render: (row) =>
                  row.startedAt
                    ? duration(
                        (row.finishedAt ? Date.parse(row.finishedAt) : Date.now()) - Date.parse(row.startedAt),
                        language,
                      )
                    : '—',
              },
              { key: 'attempt', title: t('system.jobs.attempt'), align: 'end', render: (row) => row.attempt },
              ...(may('jobs.manage')
                ? [
                    {
                      key: 'cancel',
                      title: <span className="visually-hidden">{t('system.jobs.cancel')}</span>,
                      tight: true,
                      render: (row: Job) =>
                        open(row) && !row.cancelRequested ? (
                          <Popconfirm
                            title={t('system.jobs.cancel-sure')}
                            okText={t('common.yes')}
                            cancelText={t('common.no')}
                            onConfirm={() => cancel.mutate(row.id)}
                          >
                            <Button size="small" danger>
                              {t('system.jobs.cancel')}
                            </Button>
                          </Popconfirm>
                        ) : null,
                    },
                  ]
                : []),
            ]}
          />
        )}
      </Loaded>
    </Page>
  );
}

/** What a job is about, when its parameters say so. */
function subject(params: unknown): string {
  if (typeof params !== 'object' || params === null) return '';
  const source = (params as { source?: unknown }).source;
  return typeof source === 'string' ? ` · ${source}` : '';
}
