/** 去标识化统计: what is told of scores without names. */
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { type Answer, api } from '../../api/client.ts';
import { Chart } from '../../components/chart.tsx';
import { ChoiceFilter, Filters } from '../../components/filters.tsx';
import { Panel } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { full } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';

type Grouping = 'town' | 'industry' | 'grade';

/** The day in the city at an instant. */
const cityDay = (instant: string): string => new Date(Date.parse(instant) + 8 * 3_600_000).toISOString().slice(0, 10);

/** What the newest release tells: counts and means by one grouping or two, and the marks of the ranking. */
export function Statistics() {
  const { t, say } = useSpeech();
  const url = useUrlState();
  const by = (url.get('by') || 'town') as Grouping;
  const across = (url.get('across') || undefined) as Grouping | undefined;
  const query = { by, ...(across && across !== by ? { across } : {}) };
  const statistics = useQuery({
    queryKey: ['credit', 'score', 'statistics', query],
    queryFn: ({ signal }) => api.get('/api/v1/credit/score/statistics', { query, signal }),
  });
  const groupings = (['town', 'industry', 'grade'] as const).map((g) => ({
    value: g,
    label: t(`assess.ranking.${g}`),
  }));
  return (
    <div className="stack">
      <Filters keys={['by', 'across']}>
        <ChoiceFilter name="by" label={t('assess.ranking.by')} otherwise="town" choices={groupings} />
        <ChoiceFilter
          name="across"
          label={t('assess.ranking.across')}
          choices={groupings.filter((g) => g.value !== by)}
        />
      </Filters>
      <Loaded query={statistics}>
        {(data) => {
          if (!data.run)
            return <Empty title={t('assess.ranking.unpublished')}>{t('assess.ranking.unpublished-text')}</Empty>;
          const name = (m: { code: string; title: { zh: string; en: string } | null }) =>
            (m.title ? say(m.title) : m.code) || t('assess.ranking.unknown');
          const heads = data.across
            ? [...data.columns.map(name), t('assess.ranking.total')]
            : [t('assess.ranking.total')];
          const lines = data.cells.map((cells, n) => ({
            title: data.rows[n] ? (by === 'grade' ? data.rows[n].code : name(data.rows[n])) : t('assess.ranking.total'),
            cells,
          }));
          return (
            <>
              <p className="small quiet">
                {t('assess.ranking.release', {
                  n: data.release?.release ?? 0,
                  day: data.run.day,
                  next: data.release ? cityDay(data.release.next) : '—',
                  k: data.k,
                })}
              </p>
              {data.across || by === 'grade' ? null : <Means lines={lines.slice(0, -1)} />}
              <Panel
                title={t('assess.ranking.statistics')}
                flush
                extra={
                  <span className="quiet">
                    {data.suppressed ? t('assess.ranking.suppressed', { n: full(data.suppressed) }) : data.run.day}
                  </span>
                }
              >
                <DataTable
                  caption={t('assess.ranking.statistics')}
                  rows={lines}
                  rowKey={(_, n) => n}
                  columns={[
                    { key: 'title', title: t(`assess.ranking.${by}`), head: true, render: (line) => line.title },
                    ...heads.map((head, n) => ({
                      key: String(n),
                      title: data.across === 'grade' && data.columns[n] ? data.columns[n].code : head,
                      align: 'end' as const,
                      render: (line: (typeof lines)[number]) => <StatisticsCell cell={line.cells[n]!} />,
                    })),
                  ]}
                />
              </Panel>
              {data.bands && !data.across ? <BandsPanel bands={data.bands} name={name} /> : null}
            </>
          );
        }}
      </Loaded>
    </div>
  );
}

type Told = NonNullable<Answer<'/api/v1/credit/score/statistics'>['bands']>;

/** 去标识化排名: from which score on one stands among the first so many per cent. */
function BandsPanel({ bands, name }: { bands: Told; name: (m: Told['groups'][number]) => string }) {
  const { t } = useSpeech();
  const parts = [10, 25, 50, 75, 90];
  const rows = [
    { title: t('assess.ranking.city'), ...bands.city },
    ...bands.groups.map((g) => ({ ...g, title: name(g) })),
  ];
  return (
    <Panel
      title={t('assess.ranking.bands')}
      flush
      extra={<span className="quiet">{t('assess.ranking.bands-note')}</span>}
    >
      <DataTable
        caption={t('assess.ranking.bands')}
        rows={rows}
        rowKey={(_, n) => n}
        columns={[
          { key: 'title', title: t('assess.analysis.group'), head: true, render: (r) => r.title },
          {
            key: 'of',
            title: t('assess.analysis.entities'),
            align: 'end',
            render: (r) =>
              r.of === null ? <span className="quiet small">{t('assess.ranking.withheld')}</span> : full(r.of),
          },
          ...parts.map((part) => ({
            key: String(part),
            title: t('assess.ranking.first', { n: part }),
            align: 'end' as const,
            render: (r: (typeof rows)[number]) => {
              const mark = r.marks.find((m) => m.part === part);
              return mark ? `≥ ${mark.score}` : <span className="quiet">—</span>;
            },
          })),
        ]}
      />
    </Panel>
  );
}

function StatisticsCell({ cell }: { cell: { n: number | null; mean: number | null } }) {
  const { t } = useSpeech();
  if (cell.n === null) return <span className="quiet small">{t('assess.ranking.withheld')}</span>;
  return (
    <span className="num">
      {full(cell.n)}
      {cell.mean === null ? null : (
        <span className="quiet small"> · {t('assess.ranking.mean', { n: cell.mean.toFixed(1) })}</span>
      )}
    </span>
  );
}

function Means({ lines }: { lines: { title: string; cells: { mean: number | null }[] }[] }) {
  const { t } = useSpeech();
  const option = useMemo(() => {
    const told = lines.filter((l) => l.cells[0]?.mean != null).sort((a, b) => a.cells[0]!.mean! - b.cells[0]!.mean!);
    return {
      legend: { show: false },
      grid: { left: 8, right: 40, top: 6, bottom: 4, containLabel: true },
      xAxis: { type: 'value' as const },
      yAxis: { type: 'category' as const, data: told.map((l) => l.title) },
      series: [
        {
          type: 'bar' as const,
          name: t('assess.ranking.chart'),
          data: told.map((l) => l.cells[0]!.mean),
          label: { show: true, position: 'right' as const },
        },
      ],
    };
  }, [lines, t]);
  return (
    <Panel title={t('assess.ranking.chart')}>
      <Chart option={option} height={Math.max(160, 20 * lines.length)} label={t('assess.ranking.chart')} />
    </Panel>
  );
}
