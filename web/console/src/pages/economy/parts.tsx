/** Parts of the economy's pages: what is withheld, totals, groups as bars and lines, one measure over time, enterprises in order. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Tooltip } from 'antd';
import { useMemo } from 'react';
import { api } from '../../api/client.ts';
import { Chart } from '../../components/chart.tsx';
import { Figure, Figures as FigureRow } from '../../components/figure.tsx';
import { TextFilter } from '../../components/filters.tsx';
import { Panel } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable, Pager } from '../../components/table.tsx';
import { full } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { axis, change, type Figures, type Grain, type Group, number, type Overview, titled, unitOf } from './shared.ts';

/** A figure that is withheld, with the reason. */
export function Withheld({ overview }: { overview: Overview }) {
  const { t } = useSpeech();
  const { fewest, dominance } = overview.confidentiality;
  const text = t('economy.withheld-why', { n: fewest, share: Math.round(dominance * 100) });
  return (
    <Tooltip title={text}>
      <span className="quiet">{t('economy.withheld')}</span>
    </Tooltip>
  );
}

/** Totals of the measures that somebody reported, the first ones large. */
export function Totals({ overview, figures }: { overview: Overview; figures: Figures }) {
  const { t, say, language } = useSpeech();
  const { total } = figures;
  const told = overview.measures.filter((m) => total.figures[m.id]?.n || total.figures[m.id]?.withheld);
  return (
    <>
      <FigureRow>
        {told.map((m) => {
          const f = total.figures[m.id]!;
          return (
            <Figure
              key={m.id}
              label={say(m.title)}
              note={
                <>
                  {unitOf(m.unit, language)}
                  {f.withheld ? '' : ` · ${t('economy.n', { n: full(f.n ?? 0), of: full(f.expected ?? 0) })}`}
                  {f.yearOnYear === null ? null : (
                    <span className={f.yearOnYear < 0 ? 'bad-text' : undefined} title={t('economy.yoy-long')}>
                      {' · '}
                      {t('economy.yoy')} {change(f.yearOnYear)}
                    </span>
                  )}
                </>
              }
            >
              {f.withheld ? (
                <Withheld overview={overview} />
              ) : (
                number(f.value, f.value && f.value > 1e4 ? 0 : m.decimals)
              )}
            </Figure>
          );
        })}
      </FigureRow>
      <Panel title={t('economy.indicators')}>
        <dl className="facts">
          {overview.indicators
            .filter((i) => total.indicators[i.id])
            .map((i) => {
              const x = total.indicators[i.id]!;
              return (
                <div key={i.id} className="fact">
                  <dt>{titled(i, language)}</dt>
                  <dd>
                    {x.withheld ? <Withheld overview={overview} /> : number(x.value, i.decimals)}{' '}
                    {x.n ? <span className="small quiet">{t('economy.of-n', { n: full(x.n) })}</span> : null}
                  </dd>
                </div>
              );
            })}
        </dl>
      </Panel>
    </>
  );
}

const titleOf = (g: Group, none: string) => g.title ?? (g.code || none);

/** Groups by a measure or an indicator: bars, then every group with growth, share, rank and figures per acre and head. */
export function Groups({
  overview,
  figures,
  measure,
  onPick,
}: {
  overview: Overview;
  figures: Figures;
  measure: string;
  onPick: (code: string) => void;
}) {
  const { t, say, language } = useSpeech();
  const none = t('economy.none');
  const of = overview.measures.find((m) => m.id === measure);
  const ratio = overview.indicators.find((i) => i.id === measure);
  const dimension = overview.dimensions.find((d) => d.id === figures.by);
  const value = useMemo(
    () => (g: Group) => (of ? (g.figures[measure]?.value ?? null) : (g.indicators[measure]?.value ?? null)),
    [of, measure],
  );
  const sorted = useMemo(() => {
    const less = ratio?.better === 'less';
    return [...figures.groups]
      .filter((g) => (of ? g.figures[measure] : g.indicators[measure]))
      .sort((a, b) => {
        if (a.code === '' || b.code === '') return a.code === b.code ? 0 : a.code === '' ? 1 : -1;
        const [x, y] = [value(a), value(b)];
        if (x === null || y === null) return x === y ? 0 : x === null ? 1 : -1;
        return less ? x - y : y - x;
      });
  }, [figures, of, ratio, measure, value]);
  // Those who belong nowhere are in the table, not among the bars, which they would dwarf.
  const shown = useMemo(() => sorted.filter((g) => g.code !== '' && value(g) !== null).slice(0, 20), [sorted, value]);
  const unit = of ?? ratio;
  const total = of && !dimension?.several ? (figures.total.figures[measure]?.value ?? null) : null;
  const option = useMemo(
    () => ({
      legend: { show: false },
      grid: { left: 8, right: 60, top: 6, bottom: 4, containLabel: true },
      xAxis: {
        type: 'value' as const,
        splitNumber: 3,
        axisLabel: { hideOverlap: true, formatter: (n: number) => axis(n, language) },
      },
      yAxis: { type: 'category' as const, inverse: true, data: shown.map((g) => titleOf(g, none)) },
      series: [
        {
          type: 'bar' as const,
          name: unit ? say(unit.title) : '',
          barMaxWidth: 20,
          data: shown.map((g) => value(g)),
          label: {
            show: true,
            position: 'right' as const,
            formatter: (p: { value: unknown }) => axis(Number(p.value), language),
          },
        },
      ],
    }),
    [shown, value, unit, say, language, none],
  );
  if (!unit || !dimension) return null;
  if (sorted.length === 0) return <Empty title={t('economy.no-groups')} />;
  const per = overview.indicators.filter((i) => i.id !== measure).slice(0, 4);
  return (
    <>
      <Panel title={`${say(dimension.title)} · ${titled(unit, language)}`}>
        <Chart
          option={option}
          height={Math.max(140, 26 * shown.length + 30)}
          label={t('economy.chart', { what: say(unit.title), by: say(dimension.title) })}
          onPick={(name) => onPick(shown.find((g) => titleOf(g, none) === name)?.code ?? '')}
        />
        {dimension.several ? <p className="small quiet">{t('economy.overlap')}</p> : null}
      </Panel>
      <Panel title={say(dimension.title)} flush>
        <DataTable
          caption={say(dimension.title)}
          rows={sorted}
          rowKey={(g) => g.code}
          columns={[
            {
              key: 'rank',
              title: t('economy.rank'),
              tight: true,
              align: 'end',
              render: (g) => (value(g) === null || g.code === '' ? '—' : sorted.indexOf(g) + 1),
            },
            {
              key: 'title',
              title: say(dimension.title),
              head: true,
              render: (g) => (
                <button
                  type="button"
                  className="link-button"
                  style={{ minWidth: 130, textAlign: 'start' }}
                  onClick={() => onPick(g.code)}
                >
                  {titleOf(g, none)}
                </button>
              ),
            },
            {
              key: 'value',
              title: titled(unit, language),
              align: 'end',
              render: (g) => {
                const f = of ? g.figures[measure] : g.indicators[measure];
                return f?.withheld ? <Withheld overview={overview} /> : number(f?.value, unit.decimals);
              },
            },
            ...(of
              ? [
                  {
                    key: 'share',
                    title: t('economy.share'),
                    align: 'end' as const,
                    render: (g: Group) => {
                      const v = value(g);
                      return v === null || !total ? '—' : `${((v / total) * 100).toFixed(1)}%`;
                    },
                  },
                  {
                    key: 'yoy',
                    title: t('economy.yoy'),
                    align: 'end' as const,
                    render: (g: Group) => {
                      const x = g.figures[measure]?.yearOnYear ?? null;
                      return <span className={x !== null && x < 0 ? 'bad-text' : undefined}>{change(x)}</span>;
                    },
                  },
                  {
                    key: 'before',
                    title: t('economy.before'),
                    align: 'end' as const,
                    render: (g: Group) => change(g.figures[measure]?.onBefore),
                  },
                ]
              : []),
            {
              key: 'n',
              title: t('economy.reported'),
              align: 'end',
              render: (g) => {
                const f = of ? g.figures[measure] : undefined;
                const n = of ? f?.n : g.indicators[measure]?.n;
                return n == null ? '—' : f?.expected && f.expected !== n ? `${full(n)} / ${full(f.expected)}` : full(n);
              },
            },
            ...per.map((i) => ({
              key: i.id,
              title: titled(i, language),
              align: 'end' as const,
              render: (g: Group) => {
                const x = g.indicators[i.id];
                return x?.withheld ? <Withheld overview={overview} /> : number(x?.value, i.decimals);
              },
            })),
          ]}
        />
      </Panel>
    </>
  );
}

/** A measure over time. */
export function Series({ overview, measure, where }: { overview: Overview; measure: string; where: string }) {
  const { t, say, language } = useSpeech();
  const m = overview.measures.find((x) => x.id === measure) ?? overview.measures[0]!;
  const query = { measure: m.id, grain: 'month' as const, ...(where ? { where } : {}) };
  const monthly = useQuery({
    queryKey: ['economy', 'series', query],
    queryFn: ({ signal }) => api.get('/api/v1/libraries/economy/series', { query, signal }),
    placeholderData: keepPreviousData,
  });
  const yearly = useQuery({
    queryKey: ['economy', 'series', { ...query, grain: 'year' }],
    queryFn: ({ signal }) =>
      api.get('/api/v1/libraries/economy/series', { query: { ...query, grain: 'year' as const }, signal }),
    enabled: monthly.data?.points.length === 0,
  });
  const points = monthly.data?.points.length ? monthly.data.points : (yearly.data?.points ?? []);
  const option = useMemo(
    () => ({
      legend: { show: false },
      xAxis: { type: 'category' as const, data: points.map((p) => p.period), axisLabel: { hideOverlap: true } },
      yAxis: { type: 'value' as const, scale: true, axisLabel: { formatter: (n: number) => axis(n, language) } },
      series: [
        {
          type: points.length > 6 ? ('line' as const) : ('bar' as const),
          name: titled(m, language),
          data: points.map((p) => p.value),
          barMaxWidth: 40,
          showSymbol: false,
        },
      ],
    }),
    [points, m, language],
  );
  const told = points.filter((p) => p.value !== null).length;
  return (
    <Panel title={t('economy.series', { what: titled(m, language) })}>
      {monthly.isPending || (points.length === 0 && yearly.isPending && yearly.fetchStatus !== 'idle') ? (
        <div style={{ height: 220 }} aria-busy="true" />
      ) : told === 0 ? (
        <Empty title={points.length ? t('economy.withheld') : t('economy.no-series')}>
          {points.length ? t('economy.series-withheld') : null}
        </Empty>
      ) : (
        <Chart option={option} height={220} label={t('economy.series', { what: say(m.title) })} />
      )}
    </Panel>
  );
}

const LIMIT = 20;

/** Enterprises in the order of a measure or an indicator; only for those who may see them. */
export function Enterprises({
  overview,
  grain,
  period,
  measure,
  where,
}: {
  overview: Overview;
  grain: Grain;
  period: string;
  measure: string;
  where: string;
}) {
  const { t, say, language } = useSpeech();
  const url = useUrlState();
  const offset = url.number('offset', 0);
  const q = url.get('q');
  const ratio = overview.indicators.find((i) => i.id === measure);
  const query = {
    ...{ grain, period, order: measure, direction: ratio?.better ?? ('more' as const), offset, limit: LIMIT },
    ...(where ? { where } : {}),
    ...(q ? { q } : {}),
  };
  const list = useQuery({
    queryKey: ['economy', 'enterprises', query],
    queryFn: ({ signal }) => api.get('/api/v1/libraries/economy/enterprises', { query, signal }),
    placeholderData: keepPreviousData,
    enabled: overview.detail && period !== '',
  });
  if (!overview.detail) return <p className="note">{t('economy.detail-needed')}</p>;
  const columns = [...new Set([measure, 'sales', 'tax', 'land', 'staff'])].flatMap((id) => {
    const m = overview.measures.find((x) => x.id === id);
    return m ? [m] : [];
  });
  const ratios = overview.indicators.filter((i) => i.id === measure || ['tax-per-mu', 'added-per-head'].includes(i.id));
  return (
    <Panel title={t('economy.enterprises')} extra={<TextFilter name="q" label={t('economy.search')} />} flush>
      <Loaded query={list}>
        {(data) => (
          <>
            <DataTable
              caption={t('economy.enterprises')}
              rows={data.items}
              rowKey={(e) => e.entity}
              empty={<Empty title={t('economy.no-enterprises')} />}
              columns={[
                { key: 'rank', title: t('economy.rank'), tight: true, align: 'end', render: (e) => e.rank },
                {
                  key: 'name',
                  title: t('economy.enterprise'),
                  head: true,
                  render: (e) => (
                    <Link
                      to="/economy/enterprises/$entity"
                      params={{ entity: String(e.entity) } as never}
                      style={{ display: 'inline-block', minWidth: 170 }}
                    >
                      {e.name ?? e.entity}
                    </Link>
                  ),
                },
                { key: 'town', title: t('economy.town'), render: (e) => e.townTitle ?? '—' },
                { key: 'industry', title: t('economy.industry'), render: (e) => e.industryTitle ?? '—' },
                ...columns.map((m) => ({
                  key: m.id,
                  title: titled(m, language),
                  align: 'end' as const,
                  render: (e: (typeof data.items)[number]) => number(e.values[m.id], m.decimals),
                })),
                ...ratios.map((i) => ({
                  key: i.id,
                  title: titled(i, language),
                  align: 'end' as const,
                  render: (e: (typeof data.items)[number]) => number(e.indicators[i.id], i.decimals),
                })),
              ]}
            />
            <Pager
              offset={offset}
              limit={LIMIT}
              total={data.total}
              onOffset={(next) => url.set({ offset: next || undefined })}
            />
          </>
        )}
      </Loaded>
      <p className="small quiet" style={{ padding: '0 12px 8px' }}>
        {t('economy.order', { what: say((ratio ?? columns[0])?.title ?? null) })}
      </p>
    </Panel>
  );
}
