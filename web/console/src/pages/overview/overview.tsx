/** 总览: the whole flow alive, from departments to golden records. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { App, Button } from 'antd';
import { useEffect, useRef } from 'react';
import { api } from '../../api/client.ts';
import type { ExchangeSummary } from '../../api/types.ts';
import { Figure, Figures, Num } from '../../components/figure.tsx';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Loaded, problemOf, Skeleton } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { Instant } from '../../components/value.tsx';
import { full, percent } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';
import { Bases } from './bases.tsx';
import { Flow } from './flow.tsx';
import { Dimensions, HourBars, Running } from './parts.tsx';
import { useRate } from './rate.ts';

const lively = 1_500;
const calm = 15_000;

/** What the page shows; each part is asked for only when this person may see it. */
function useOverview() {
  const { may } = useSession();
  const jobs = useQuery({
    queryKey: ['jobs', 'running'],
    queryFn: ({ signal }) => api.get('/api/v1/jobs', { query: { state: 'running', limit: 20 }, signal }),
    enabled: may('jobs.read'),
    refetchInterval: (query) => (query.state.data?.jobs.length ? lively : 5_000),
  });
  const exchange = useQuery({
    queryKey: ['exchange', 'summary'],
    queryFn: ({ signal }) => api.get('/api/v1/exchange/summary', { signal }),
    enabled: may('exchange.read'),
    refetchInterval: (query) => (query.state.data?.running.length || jobs.data?.jobs.length ? lively : calm),
  });
  const busy = Boolean(exchange.data?.running.length || jobs.data?.jobs.length);
  // Counting the library costs the hub more than reading a counter.
  const interval = busy ? 4_000 : calm;
  const refinery = useQuery({
    queryKey: ['refinery', 'summary'],
    queryFn: ({ signal }) => api.get('/api/v1/refinery/summary', { signal }),
    enabled: may('refinery.read'),
    refetchInterval: interval,
  });
  const library = useQuery({
    queryKey: ['libraries', 'summary'],
    queryFn: ({ signal }) => api.get('/api/v1/libraries/summary', { signal }),
    enabled: may('library.read'),
    refetchInterval: interval,
  });
  const corrections = useQuery({
    queryKey: ['corrections', 'summary'],
    queryFn: ({ signal }) => api.get('/api/v1/libraries/corrections/summary', { signal }),
    enabled: may('lists.read'),
    refetchInterval: calm,
  });
  // What a job did is on the screen as soon as it ends, not at the next calm look.
  const client = useQueryClient();
  const before = useRef(busy);
  useEffect(() => {
    if (before.current && !busy) {
      for (const key of ['exchange', 'refinery', 'libraries'])
        void client.invalidateQueries({ queryKey: [key, 'summary'] });
    }
    before.current = busy;
  }, [busy, client]);
  return { exchange, refinery, library, corrections, jobs, busy };
}

export default function Overview() {
  const { t } = useSpeech();
  const { may } = useSession();
  const { exchange, refinery, library, corrections, jobs, busy } = useOverview();
  const received = exchange.data?.totals.received;
  const rate = useRate(received);
  const started = (received ?? 0) > 0 || (library.data?.entities ?? 0) > 0;
  return (
    <Page
      title={t('titles.overview')}
      lead={t('overview.lead')}
      actions={<Label tone={busy ? 'primary' : undefined}>{busy ? t('overview.busy') : t('overview.quiet')}</Label>}
    >
      <div className="stack">
        <Figures>
          {exchange.data ? (
            <>
              <Figure
                label={t('overview.sources')}
                note={t('overview.sources-note', {
                  overdue: exchange.data.sources.overdue,
                  unavailable: exchange.data.sources.unavailable,
                })}
              >
                {full(exchange.data.sources.current + exchange.data.sources.running)}
                <span className="unit">/ {full(exchange.data.sources.total)}</span>
              </Figure>
              <Figure
                label={t('overview.received')}
                note={
                  rate > 0 ? (
                    <span className="good-text">
                      +<Num value={Math.round(rate)} unit={t('common.rate')} />
                    </span>
                  ) : (
                    t('overview.runs', { n: exchange.data.totals.runs.toLocaleString('en-US') })
                  )
                }
              >
                <Num value={exchange.data.totals.received} unit={t('common.rows')} />
              </Figure>
              <Figure
                label={t('overview.quarantined')}
                note={<Link to="/exchange/quarantine">{t('overview.open-quarantine')}</Link>}
              >
                <Num value={exchange.data.totals.open} unit={t('common.rows')} />
              </Figure>
            </>
          ) : null}
          {refinery.data ? (
            <Figure label={t('overview.linked')} note={<ReviewNote open={refinery.data.reviewsOpen} />}>
              {percent(
                refinery.data.linked + refinery.data.unlinked
                  ? refinery.data.linked / (refinery.data.linked + refinery.data.unlinked)
                  : null,
                2,
              )}
            </Figure>
          ) : null}
          {library.data ? (
            <>
              <Figure
                label={t('overview.entities')}
                note={t('overview.contradictions', { n: library.data.contradictions.toLocaleString('en-US') })}
              >
                <Num value={library.data.entities} unit={t('overview.entity-unit')} />
              </Figure>
              <Figure
                label={t('overview.facts')}
                note={t('overview.relations', { n: library.data.relations.toLocaleString('en-US') })}
              >
                <Num value={library.data.facts} />
              </Figure>
            </>
          ) : null}
          {corrections.data && corrections.data.open + corrections.data.answered + corrections.data.settled > 0 ? (
            <Figure
              label={t('overview.corrections')}
              note={
                <Link to="/corrections">
                  {t('overview.corrections-note', { overdue: full(corrections.data.overdue) })}
                </Link>
              }
              {...(corrections.data.overdue ? { tone: 'warn' as const } : {})}
            >
              {full(corrections.data.open)}
            </Figure>
          ) : null}
        </Figures>

        {jobs.data?.jobs.length || exchange.data?.running.length ? (
          <Running jobs={jobs.data?.jobs ?? []} running={exchange.data?.running ?? []} />
        ) : null}

        {may('exchange.read') ? (
          <Loaded query={exchange} skeleton={<Skeleton rows={10} />}>
            {(summary) =>
              started ? (
                <Panel
                  title={t('overview.flow')}
                  extra={
                    busy ? (
                      <span className="quiet">{t('overview.flow-note')}</span>
                    ) : (
                      <Integrate waiting={refinery.data?.waiting ?? 0} />
                    )
                  }
                >
                  <Flow exchange={summary} refinery={refinery.data} library={library.data} />
                </Panel>
              ) : (
                <Panel title={t('overview.flow')}>
                  <Empty title={busy ? t('overview.first-busy') : t('overview.first-empty')}>
                    {busy ? t('overview.first-busy-text') : t('overview.first-empty-text')}
                  </Empty>
                </Panel>
              )
            }
          </Loaded>
        ) : (
          <Loaded query={library} skeleton={<Skeleton rows={10} />}>
            {(data) => <LibraryClasses classes={data.classes} />}
          </Loaded>
        )}

        {library.data ? <Bases legalPersons={library.data.entities} interval={busy ? 4_000 : calm} /> : null}

        {exchange.data ? (
          <div className="aside-right">
            <Departments summary={exchange.data} />
            <div className="stack">
              {refinery.data ? (
                <Panel
                  title={t('overview.quality')}
                  extra={<Link to="/refinery/quality">{t('overview.quality-open')}</Link>}
                >
                  <Dimensions values={refinery.data.dimensions} />
                </Panel>
              ) : null}
              <Panel title={t('overview.by-hour')}>
                <HourBars hours={exchange.data.flow} />
              </Panel>
              <Recent summary={exchange.data} />
            </div>
          </div>
        ) : null}
      </div>
    </Page>
  );
}

/** What was received and not yet integrated, and the button that does it now. */
function Integrate({ waiting }: { waiting: number }) {
  const { t } = useSpeech();
  const { may } = useSession();
  const client = useQueryClient();
  const { message } = App.useApp();
  const integrate = useMutation({
    mutationFn: () => api.post('/api/v1/refinery/integrate', { body: { rebuild: false } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['jobs'] }),
    onError: (error) => void message.error(say(problemOf(error).title)),
  });
  const { say } = useSpeech();
  if (waiting === 0 || !may('exchange.operate')) return <span className="quiet">{t('overview.flow-note')}</span>;
  return (
    <Button size="small" type="primary" loading={integrate.isPending} onClick={() => integrate.mutate()}>
      {t('overview.integrate', { n: full(waiting) })}
    </Button>
  );
}

function ReviewNote({ open }: { open: number }) {
  const { t } = useSpeech();
  const { may } = useSession();
  const text = t('overview.reviews', { n: open.toLocaleString('en-US') });
  return may('refinery.review') && open > 0 ? <Link to="/refinery/review">{text}</Link> : text;
}

function LibraryClasses({
  classes,
}: {
  classes: { class: number; title: { zh: string; en: string }; category: string; facts: number; entities: number }[];
}) {
  const { t, say } = useSpeech();
  return (
    <Panel title={t('overview.library')} flush>
      <DataTable
        caption={t('overview.library')}
        empty={<Empty title={t('overview.library-empty')}>{t('overview.library-empty-text')}</Empty>}
        rows={[...classes].sort((a, b) => b.facts - a.facts)}
        rowKey={(row) => row.class}
        columns={[
          { key: 'title', title: t('overview.class'), head: true, render: (row) => say(row.title) },
          { key: 'category', title: t('overview.category'), render: (row) => t(`terms.category.${row.category}`) },
          { key: 'facts', title: t('overview.facts'), align: 'end', render: (row) => <Num value={row.facts} exact /> },
          {
            key: 'entities',
            title: t('overview.entities'),
            align: 'end',
            render: (row) => <Num value={row.entities} exact />,
          },
        ]}
      />
    </Panel>
  );
}

function Departments({ summary }: { summary: ExchangeSummary }) {
  const { t, say } = useSpeech();
  const rows = [...summary.departments].sort((a, b) => b.received - a.received);
  return (
    <Panel title={t('overview.departments', { n: rows.length })} flush>
      <DataTable
        caption={t('overview.departments', { n: rows.length })}
        rows={rows}
        rowKey={(row) => row.owner}
        columns={[
          {
            key: 'name',
            title: t('overview.department'),
            head: true,
            render: (row) => (
              <Link to="/exchange/sources" search={{ owner: row.owner } as never}>
                {say(row.name)}
              </Link>
            ),
          },
          {
            key: 'sources',
            title: t('overview.delivered'),
            align: 'end',
            render: (row) => (
              <>
                {row.delivered}
                <span className="unit">/ {row.sources}</span>
              </>
            ),
          },
          {
            key: 'received',
            title: t('overview.received'),
            align: 'end',
            render: (row) => <Num value={row.received} exact />,
          },
          {
            key: 'open',
            title: t('overview.quarantined'),
            align: 'end',
            render: (row) => (
              <span className={row.open ? 'warn-text' : 'quiet'}>
                <Num value={row.open} exact />
              </span>
            ),
          },
          {
            key: 'rate',
            title: t('overview.speed'),
            align: 'end',
            render: (row) => <Num value={Math.round(row.rate)} unit={t('common.rate')} />,
          },
          {
            key: 'fresh',
            title: t('overview.freshness'),
            tight: true,
            render: (row) => (
              <span className="row" style={{ gap: 6, flexWrap: 'nowrap' }}>
                {row.overdue ? <Label tone="warn">{t('overview.overdue', { n: row.overdue })}</Label> : null}
                {row.unavailable ? <Label>{t('overview.unavailable', { n: row.unavailable })}</Label> : null}
                <Instant at={row.lastFinished} only="ago" />
              </span>
            ),
          },
        ]}
      />
    </Panel>
  );
}

function Recent({ summary }: { summary: ExchangeSummary }) {
  const { t, say } = useSpeech();
  return (
    <Panel title={t('overview.recent')} extra={<Link to="/exchange/runs">{t('common.all')}</Link>} flush>
      {summary.recent.length === 0 ? (
        <Empty title={t('overview.no-runs')} />
      ) : (
        <DataTable
          caption={t('overview.recent')}
          rows={summary.recent.slice(0, 12)}
          rowKey={(row) => row.run}
          columns={[
            {
              key: 'run',
              title: t('overview.run'),
              head: true,
              render: (row) => (
                <Link
                  to="/exchange/runs/$run"
                  params={{ run: String(row.run) } as never}
                  className="clip"
                  style={{ maxWidth: '13em' }}
                >
                  {say(row.title)}
                </Link>
              ),
            },
            {
              key: 'received',
              title: t('overview.received'),
              align: 'end',
              render: (row) => <Num value={row.received} />,
            },
            {
              key: 'at',
              title: t('overview.finished'),
              align: 'end',
              render: (row) => <Instant at={row.finished} only="ago" />,
            },
          ]}
        />
      )}
    </Panel>
  );
}
