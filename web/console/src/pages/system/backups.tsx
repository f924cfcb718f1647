/** Backups: what there is, when the next one is due, how rehearsals of a restore went. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button } from 'antd';
import { type Answer, api } from '../../api/client.ts';
import { Figure, Figures, Num } from '../../components/figure.tsx';
import { Fact, Facts, Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Loaded, problemOf } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { Instant } from '../../components/value.tsx';
import { ago, bytes, duration } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';
import { Point, Turned } from './backups-point.tsx';

type View = Answer<'/api/v1/backups'>;
type Job = View['jobs'][number];
const tones = { queued: undefined, running: 'info', done: 'good', failed: 'bad', cancelled: undefined } as const;

export default function Backups() {
  const { t, say } = useSpeech();
  const { may } = useSession();
  const { message } = App.useApp();
  const client = useQueryClient();
  const view = useQuery({
    queryKey: ['backups'],
    queryFn: ({ signal }) => api.get('/api/v1/backups', { signal }),
    refetchInterval: (q) =>
      q.state.data?.jobs.some((job) => job.state === 'running' || job.state === 'queued') ? 2_000 : 30_000,
  });
  const act = useMutation({
    mutationFn: (what: 'take' | 'rehearse') =>
      what === 'take' ? api.post('/api/v1/backups', {}) : api.post('/api/v1/backups/rehearsals', {}),
    onSuccess: () => client.invalidateQueries({ queryKey: ['backups'] }),
    onError: (error) => void message.error(say(problemOf(error).title)),
  });
  const busy = view.data?.jobs.some((job) => job.state === 'running' || job.state === 'queued') ?? false;
  const able = may('system.manage') && view.data?.problem === null;
  return (
    <Page
      title={t('titles.backups')}
      lead={t('backups.lead')}
      actions={
        able ? (
          <>
            <Button onClick={() => act.mutate('rehearse')} disabled={busy || view.data?.backups.length === 0}>
              {t('backups.rehearse')}
            </Button>
            <Button type="primary" onClick={() => act.mutate('take')} disabled={busy}>
              {t('backups.take')}
            </Button>
          </>
        ) : null
      }
    >
      <Loaded query={view}>
        {(data) => (
          <div className="stack">
            {data.turns
              .filter((turn) => turn.settledAt === null)
              .map((turn) => (
                <Turned key={turn.id} of={turn} />
              ))}
            {data.problem ? <Without of={data} /> : <Shown of={data} />}
          </div>
        )}
      </Loaded>
    </Page>
  );
}

/** No backups are made: why, and the two lines that change it. */
function Without({ of: data }: { of: View }) {
  const { t, say } = useSpeech();
  return (
    <div className="panel">
      <Empty title={say(data.problem!.title)}>{t('backups.how')}</Empty>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard (WCAG 2.1.1). */}
      <pre className="code" style={{ margin: '0 18px 18px', overflowX: 'auto' }} tabIndex={0}>
        {'JINGWEI_BACKUP_FOLDER=/mnt/backup/jingwei\nnpm run jingwei -- backup init'}
      </pre>
    </div>
  );
}

function Shown({ of: data }: { of: View }) {
  const { t, language } = useSpeech();
  const newest = data.backups[0];
  const rehearsed = data.jobs.find((j) => j.kind === 'backup.rehearse' && (j.state === 'done' || j.state === 'failed'));
  return (
    <div className="stack">
      <Figures>
        <Figure label={t('backups.newest')} {...(newest ? {} : { tone: 'warn' as const })}>
          {newest ? ago(newest.at, Date.now(), language) : t('backups.none-yet')}
        </Figure>
        <Figure label={t('backups.kept')}>
          <Num value={data.backups.length} exact />
        </Figure>
        <Figure
          label={t('backups.size')}
          {...(newest ? { note: t('backups.added', { size: bytes(newest.added) }) } : {})}
        >
          {newest ? bytes(newest.bytes) : '—'}
        </Figure>
        <Figure
          label={t('backups.rehearsed')}
          {...(rehearsed ? { tone: rehearsed.state === 'done' ? ('good' as const) : ('bad' as const) } : {})}
        >
          {rehearsed ? t(`backups.rehearsal.${rehearsed.state === 'done' ? 'done' : 'failed'}`) : t('backups.never')}
        </Figure>
      </Figures>
      <Panel title={t('backups.rule')}>
        <Facts>
          <Fact label={t('backups.folder')} wide>
            <code style={{ overflowWrap: 'anywhere' }}>{data.folder}</code>
          </Fact>
          <Fact label={t('backups.daily-at')}>{data.at}</Fact>
          <Fact label={t('backups.keep')}>{t('backups.keep-text', data.keep)}</Fact>
          <Fact label={t('backups.rehearse-every')}>
            {data.rehearseDays ? t('backups.days', { n: data.rehearseDays }) : t('backups.never')}
          </Fact>
        </Facts>
      </Panel>
      {data.point ? <Point of={data.point} /> : null}
      <Panel title={t('backups.list')} flush={data.backups.length > 0}>
        {data.backups.length ? (
          <DataTable
            caption={t('backups.list')}
            rows={data.backups}
            rowKey={(row) => row.id}
            columns={[
              {
                key: 'at',
                title: t('backups.moment'),
                head: true,
                tight: true,
                render: (row) => <Instant at={row.at} />,
              },
              { key: 'id', title: t('backups.id'), render: (row) => <code>{row.id}</code> },
              {
                key: 'files',
                title: t('backups.files'),
                align: 'end',
                render: (row) => <Num value={row.files} exact />,
              },
              { key: 'size', title: t('backups.size'), align: 'end', render: (row) => bytes(row.bytes) },
              { key: 'new', title: t('backups.new'), align: 'end', render: (row) => bytes(row.added) },
              { key: 'held', title: t('backups.held'), align: 'end', render: (row) => duration(row.held, language) },
              {
                key: 'took',
                title: t('exchange.run.took'),
                align: 'end',
                render: (row) => duration(row.took, language),
              },
              {
                key: 'without',
                title: t('backups.without'),
                render: (row) => (row.without.length ? row.without.join(' · ') : <span className="quiet">—</span>),
              },
            ]}
          />
        ) : (
          <Empty title={t('backups.none-yet')}>{t('backups.none-text')}</Empty>
        )}
      </Panel>
      <Panel title={t('backups.done')} flush={data.jobs.length > 0}>
        {data.jobs.length ? <Jobs of={data.jobs} /> : <Empty title={t('backups.none-yet')} />}
      </Panel>
      {data.turns
        .filter((turn) => turn.settledAt !== null)
        .map((turn) => (
          <Turned key={turn.id} of={turn} />
        ))}
    </div>
  );
}

function Jobs({ of: jobs }: { of: Job[] }) {
  const { t, say, language } = useSpeech();
  return (
    <DataTable
      caption={t('backups.done')}
      rows={jobs}
      rowKey={(row) => row.id}
      columns={[
        {
          key: 'kind',
          title: t('system.jobs.kind'),
          head: true,
          tight: true,
          render: (row) => t(`backups.kind.${row.kind.split('.')[1]}`),
        },
        {
          key: 'state',
          title: t('exchange.state'),
          tight: true,
          render: (row) => (
            <Label tone={tones[row.state as keyof typeof tones]}>{t(`system.jobs.state.${row.state}`)}</Label>
          ),
        },
        {
          key: 'result',
          title: t('backups.result'),
          render: (row) => (row.error ? <span className="bad-text">{say(row.error.title)}</span> : resultOf(row, t)),
        },
        {
          key: 'at',
          title: t('system.jobs.submitted'),
          tight: true,
          render: (row) => <Instant at={row.submittedAt} />,
        },
        {
          key: 'took',
          title: t('exchange.run.took'),
          align: 'end',
          render: (row) =>
            row.finishedAt ? duration(Date.parse(row.finishedAt) - Date.parse(row.submittedAt), language) : '—',
        },
      ]}
    />
  );
}

/** What a job found, in one line. */
function resultOf(job: Job, t: (key: string, values?: Record<string, unknown>) => string): string {
  const r = (job.result ?? {}) as Record<string, number | string>;
  if (job.state !== 'done') return '';
  if (job.kind !== 'backup.rehearse') return t('backups.took', { files: r.files, added: bytes(Number(r.added ?? 0)) });
  return t('backups.verified', { runs: r.runs, rows: r.rows, seals: r.seals, records: r.records });
}
