/** 考核排名: the month at a glance, the ranking with every indicator, the trend, and where points were lost. */
import { DownloadOutlined, FullscreenOutlined, ReloadOutlined } from '@ant-design/icons';
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { App, Button } from 'antd';
import { useMemo } from 'react';
import { api, urlOf } from '../../api/client.ts';
import { download } from '../../api/download.ts';
import { Chart } from '../../components/chart.tsx';
import { Figure, Figures } from '../../components/figure.tsx';
import { Page, Panel } from '../../components/page.tsx';
import { Empty, Failure, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { percent } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';
import { type Board, MonthChoice, ShareBar, Spark, searchOf, signed, two, useAsked } from './shared.tsx';

/** The board of the month that the URL asks for. */
export function useBoard() {
  const query = useAsked();
  return useQuery({
    queryKey: ['assessment', 'board', query],
    queryFn: ({ signal }) => api.get('/api/v1/assessment/board', { query, signal }),
    placeholderData: keepPreviousData,
  });
}

export default function BoardPage() {
  const { t, language } = useSpeech();
  const { may } = useSession();
  const { message } = App.useApp();
  const board = useBoard();
  const head = board.data?.result;
  const fetchReport = useMutation({
    mutationFn: () =>
      download(
        urlOf(
          '/api/v1/assessment/report',
          {},
          { scheme: head?.scheme, month: head?.month, version: head?.version, language },
        ),
      ),
  });
  const compute = useMutation({
    mutationFn: () => api.post('/api/v1/assessment/compute'),
    onSuccess: () => void message.success(t('assessment.computing')),
  });
  return (
    <Page
      title={t('titles.assessment')}
      lead={t('assessment.lead')}
      actions={
        <>
          {may('assessment.manage') ? (
            <Button icon={<ReloadOutlined />} loading={compute.isPending} onClick={() => compute.mutate()}>
              {t('assessment.compute')}
            </Button>
          ) : null}
          {head ? (
            <>
              <Button icon={<DownloadOutlined />} loading={fetchReport.isPending} onClick={() => fetchReport.mutate()}>
                {t('assessment.download')}
              </Button>
              <Link to="/assessment/screen" search={searchOf(head)} className="assessment-screen-link">
                <FullscreenOutlined aria-hidden="true" /> {t('assessment.screen')}
              </Link>
            </>
          ) : null}
        </>
      }
    >
      {fetchReport.isError ? <Failure error={fetchReport.error} /> : null}
      {compute.isError ? <Failure error={compute.error} /> : null}
      <Loaded query={board}>{(data) => (data.result ? <Whole data={data} /> : <Nothing data={data} />)}</Loaded>
    </Page>
  );
}

function Nothing({ data }: { data: Board }) {
  const { t } = useSpeech();
  return (
    <div className="stack">
      <Faults faults={data.faults} />
      <Empty title={t('assessment.none')}>{t('assessment.none-text')}</Empty>
    </div>
  );
}

/** What is wrong with declared files. */
export function Faults({ faults }: { faults: Board['faults'] }) {
  const { t, say } = useSpeech();
  if (!faults.length) return null;
  return (
    <div className="note bad">
      <p className="strong">{t('assessment.faults')}</p>
      <p className="small">{t('assessment.faults-text')}</p>
      <ul className="small" style={{ listStyle: 'disc', paddingInlineStart: 18 }}>
        {faults.map((f) => (
          <li key={`${f.code} ${f.file} ${f.line}`}>
            {say(f.title)}{' '}
            <span className="quiet mono">
              {f.file}
              {f.line ? `:${f.line}` : ''}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Whole({ data }: { data: Board }) {
  const { t, say } = useSpeech();
  const head = data.result!;
  const ranked = data.units.filter((u) => u.rank !== null);
  const best = ranked.filter((u) => u.rank === 1);
  const risen = data.units.filter((u) => (u.change ?? 0) > 0).sort((a, b) => b.change! - a.change!)[0];
  const worst = [...data.lost].sort((a, b) => b.lost - a.lost)[0];
  const title = (id: string | undefined) => {
    const found = data.indicators.find((i) => i.id === id);
    return found ? say(found.title) : '—';
  };
  return (
    <div className="stack">
      <Faults faults={data.faults} />
      <MonthChoice schemes={data.schemes} head={head} />
      <Figures>
        <Figure label={t('assessment.mean')}>{two(data.trend.at(-1)?.score)}</Figure>
        <Figure label={t('assessment.units')} note={t('assessment.ranked', { n: ranked.length })}>
          {data.units.length}
        </Figure>
        <Figure
          label={t('assessment.best')}
          note={
            best.length
              ? best
                  .slice(0, 2)
                  .map((u) => say(u.name))
                  .join(' · ')
              : undefined
          }
        >
          {two(best[0]?.score)}
        </Figure>
        <Figure label={t('assessment.improved')} note={risen ? say(risen.name) : t('assessment.improved-none')}>
          {risen ? signed(risen.change!) : '—'}
        </Figure>
        <Figure label={t('assessment.lost-most')} note={worst && worst.lost > 0 ? title(worst.indicator) : undefined}>
          {worst ? two(worst.lost) : '—'}
        </Figure>
      </Figures>
      <Ranking data={data} />
      <div className="assessment-halves">
        <Trend data={data} />
        <ByIndicator data={data} />
      </div>
    </div>
  );
}

function Ranking({ data }: { data: Board }) {
  const { t, say } = useSpeech();
  const head = data.result!;
  return (
    <Panel title={t('assessment.ranking')} flush extra={<span className="quiet">{say(head.formula.note)}</span>}>
      <DataTable
        caption={t('assessment.ranking')}
        rows={data.units}
        rowKey={(u) => u.unit}
        columns={[
          {
            key: 'rank',
            title: t('assessment.rank'),
            align: 'end',
            tight: true,
            render: (u) =>
              u.rank === null ? (
                <span className="small quiet" title={t('assessment.unranked-why', { n: Math.round(u.weight) })}>
                  {t('assessment.unranked')}
                </span>
              ) : (
                <strong className="num">{u.rank}</strong>
              ),
          },
          {
            key: 'unit',
            title: t('assessment.unit'),
            head: true,
            render: (u) => (
              <Link to="/assessment/units/$unit" params={{ unit: u.unit } as never} search={searchOf(head)}>
                {say(u.name)}
              </Link>
            ),
          },
          {
            key: 'score',
            title: t('assessment.score'),
            align: 'end',
            tight: true,
            render: (u) => <span className={u.rank === null ? 'num quiet' : 'num strong'}>{two(u.score)}</span>,
          },
          {
            key: 'change',
            title: t('assessment.change'),
            align: 'end',
            tight: true,
            render: (u) =>
              u.change === null ? (
                <span className="quiet">—</span>
              ) : (
                <span className={u.change < 0 ? 'num bad-text' : 'num good-text'}>{signed(u.change)}</span>
              ),
          },
          {
            key: 'trend',
            title: t('assessment.trend'),
            tight: true,
            render: (u) => <Spark points={u.trend} label={say(u.name)} />,
          },
          {
            key: 'matrix',
            title: t('assessment.matrix'),
            render: (u) => <Matrix unit={u} data={data} />,
          },
        ]}
      />
      <Legend data={data} />
    </Panel>
  );
}

/** What the fields of the matrix mean. */
function Legend({ data }: { data: Board }) {
  const { t, say } = useSpeech();
  const steps = ['full', 'high', 'half', 'low', 'none'] as const;
  return (
    <details className="fold small assessment-legend">
      <summary>
        {steps.map((step) => (
          <span key={step} className="assessment-key">
            <span className={`assessment-cell ${step}`} aria-hidden="true" /> {t(`assessment.step.${step}`)}
          </span>
        ))}
      </summary>
      <ol>
        {data.indicators.map((i) => (
          <li key={i.id}>{say(i.title)}</li>
        ))}
      </ol>
    </details>
  );
}

/** One small field for each indicator: how much of its points was reached. */
function Matrix({ unit, data }: { unit: Board['units'][number]; data: Board }) {
  const { t, say } = useSpeech();
  return (
    <span className="assessment-matrix">
      {unit.cells.map((c) => {
        const i = data.indicators.find((x) => x.id === c.indicator)!;
        const share = c.weight ? c.points / c.weight : null;
        const words = `${say(i.title)}: ${share === null ? t(`assessment.state.${c.state}`) : percent(share)}`;
        const step =
          share === null ? 'none' : share >= 0.995 ? 'full' : share >= 0.8 ? 'high' : share >= 0.5 ? 'half' : 'low';
        return (
          <span key={c.indicator} className={`assessment-cell ${step}`} title={words}>
            <span className="visually-hidden">{words}</span>
          </span>
        );
      })}
    </span>
  );
}

function Trend({ data }: { data: Board }) {
  const { t } = useSpeech();
  const months = data.trend.filter((p) => p.score !== null);
  const points = months.length > 1 ? months : data.days;
  const title = t(months.length > 1 ? 'assessment.trend-title' : 'assessment.days-title');
  const option = useMemo(
    () => ({
      legend: { show: false },
      xAxis: { type: 'category' as const, data: points.map((p) => p.at), boundaryGap: points.length < 2 },
      yAxis: {
        type: 'value' as const,
        max: 100,
        min: (v: { min: number }) => Math.max(0, Math.floor(v.min / 10) * 10 - 10),
      },
      series: [{ type: 'line' as const, name: t('assessment.mean'), data: points.map((p) => p.score), symbolSize: 7 }],
    }),
    [points, t],
  );
  return (
    <Panel title={title}>
      <Chart
        option={option}
        height={230}
        label={`${title}: ${points.map((p) => `${p.at} ${two(p.score)}`).join(', ')}`}
      />
      {months.length < 2 ? <p className="small quiet">{t('assessment.trend-short', { n: months.length })}</p> : null}
    </Panel>
  );
}

function ByIndicator({ data }: { data: Board }) {
  const { t, say } = useSpeech();
  const head = data.result!;
  return (
    <Panel title={t('assessment.by-indicator')} flush>
      <DataTable
        caption={t('assessment.by-indicator')}
        rows={data.indicators}
        rowKey={(i) => i.id}
        columns={[
          {
            key: 'title',
            title: t('assessment.indicator'),
            head: true,
            render: (i) => (
              <>
                <Link
                  to="/assessment/indicators/$indicator"
                  params={{ indicator: i.id } as never}
                  search={searchOf(head)}
                >
                  {say(i.title)}
                </Link>
                {i.absent ? <p className="small quiet">{t('assessment.absent-text')}</p> : null}
              </>
            ),
          },
          {
            key: 'weight',
            title: t('assessment.weight'),
            align: 'end',
            tight: true,
            render: (i) => <span className="num">{i.weight}</span>,
          },
          {
            key: 'lost',
            title: t('assessment.lost'),
            align: 'end',
            tight: true,
            render: (i) => {
              const lost = data.lost.find((l) => l.indicator === i.id)!;
              return (
                <span className={lost.lost > 0 ? 'num' : 'num quiet'}>{lost.lost > 0 ? two(lost.lost) : '—'}</span>
              );
            },
          },
          {
            key: 'bar',
            title: t('assessment.lost-units'),
            tight: true,
            render: (i) => {
              const lost = data.lost.find((l) => l.indicator === i.id)!;
              const most = Math.max(...data.lost.map((l) => l.lost), 1);
              return (
                <span className="row" style={{ gap: 8, flexWrap: 'nowrap' }}>
                  <span style={{ inlineSize: 80 }}>
                    <ShareBar share={lost.lost / most} label={`${say(i.title)} ${two(lost.lost)}`} tone="weft" />
                  </span>
                  <span className="num small quiet">{lost.units}</span>
                </span>
              );
            },
          },
        ]}
      />
    </Panel>
  );
}
