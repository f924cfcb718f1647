/** 信用排名: enterprises by score, and statistics that name nobody. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Tabs } from 'antd';
import { useMemo } from 'react';
import { api } from '../../api/client.ts';
import { Chart } from '../../components/chart.tsx';
import { ChoiceFilter, Filters } from '../../components/filters.tsx';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable, Pager } from '../../components/table.tsx';
import { full } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { useSession } from '../../session/session.tsx';
import { gradeTone, shortName, signed } from './types.ts';

const LIMIT = 50;
type Grouping = 'town' | 'industry' | 'grade';

export default function Ranking() {
  const { t } = useSpeech();
  const { held } = useSession();
  const url = useUrlState();
  const tabs = [
    { key: 'named', label: t('assess.ranking.named'), children: <Named /> },
    ...(held.has('overview.read')
      ? [{ key: 'statistics', label: t('assess.ranking.statistics'), children: <Statistics /> }]
      : []),
  ];
  return (
    <Page title={t('titles.ranking')} lead={t('assess.ranking.lead', { k: 5 })}>
      <Tabs
        activeKey={url.get('tab') || 'named'}
        items={tabs}
        destroyOnHidden
        onChange={(tab) =>
          url.set({ tab: tab === 'named' ? undefined : tab, by: undefined, across: undefined, offset: undefined })
        }
      />
    </Page>
  );
}

function Named() {
  const { t } = useSpeech();
  const url = useUrlState();
  const offset = url.number('offset', 0);
  const query = {
    ...(url.get('town') ? { town: url.get('town') } : {}),
    ...(url.get('industry') ? { industry: url.get('industry') } : {}),
    ...(url.get('grade') ? { grade: url.get('grade') } : {}),
    order: (url.get('order') || 'best') as 'best' | 'worst' | 'risen' | 'fallen',
    offset,
    limit: LIMIT,
  };
  const list = useQuery({
    queryKey: ['credit', 'score', 'ranking', query],
    queryFn: ({ signal }) => api.get('/api/v1/credit/score/enterprises', { query, signal }),
    placeholderData: (before) => before,
  });
  const groups = useGroups();
  return (
    <div className="stack">
      <Filters keys={['town', 'industry', 'grade', 'order']}>
        <ChoiceFilter name="town" label={t('assess.ranking.town')} choices={groups.town} />
        <ChoiceFilter name="industry" label={t('assess.ranking.industry')} choices={groups.section} width={200} />
        <ChoiceFilter
          name="grade"
          label={t('assess.ranking.grade')}
          width={110}
          choices={['AAA', 'AA', 'A', 'B', 'C', 'D'].map((g) => ({ value: g, label: g }))}
        />
        <ChoiceFilter
          name="order"
          label={t('assess.ranking.order')}
          otherwise="best"
          width={130}
          choices={(['best', 'worst', 'risen', 'fallen'] as const).map((o) => ({
            value: o,
            label: t(`assess.ranking.${o}`),
          }))}
        />
      </Filters>
      <Loaded query={list}>
        {(data) =>
          data.run ? (
            <Panel
              title={t('assess.ranking.named')}
              flush
              extra={
                <span className="quiet">
                  {t('assess.ranking.scored', { n: full(data.run.entities), day: data.run.day })}
                </span>
              }
            >
              <DataTable
                caption={t('assess.ranking.named')}
                rows={data.items}
                rowKey={(row) => row.entity}
                empty={<Empty title={t('assess.ranking.none')} />}
                columns={[
                  {
                    key: 'rank',
                    title: t('assess.ranking.rank'),
                    align: 'end',
                    tight: true,
                    render: (r) => full(r.rank),
                  },
                  {
                    key: 'name',
                    title: t('assess.ranking.enterprise'),
                    head: true,
                    render: (r) => (
                      <Link to="/credit/enterprises/$entity" params={{ entity: String(r.entity) }} hash="score">
                        {r.name ?? r.entity}
                      </Link>
                    ),
                  },
                  {
                    key: 'score',
                    title: t('assess.ranking.score'),
                    align: 'end',
                    tight: true,
                    render: (r) => <strong>{r.score.toFixed(1)}</strong>,
                  },
                  {
                    key: 'grade',
                    title: t('assess.ranking.grade'),
                    tight: true,
                    render: (r) => <Label tone={gradeTone(r.grade)}>{r.grade}</Label>,
                  },
                  {
                    key: 'change',
                    title: t('assess.ranking.change'),
                    align: 'end',
                    tight: true,
                    render: (r) => (r.change === null ? '—' : signed(r.change)),
                  },
                  {
                    key: 'town',
                    title: t('assess.ranking.town'),
                    render: (r) => (r.town ? `${shortName(r.townTitle ?? r.town)} (${full(r.rankTown)})` : '—'),
                  },
                  {
                    key: 'industry',
                    title: t('assess.ranking.industry'),
                    render: (r) => (r.industry ? `${r.industryTitle ?? r.industry} (${full(r.rankIndustry)})` : '—'),
                  },
                ]}
              />
              <Pager
                offset={offset}
                limit={LIMIT}
                total={data.total}
                onOffset={(next) => url.set({ offset: next || undefined })}
              />
            </Panel>
          ) : (
            <Empty title={t('assess.ranking.none')}>{t('assess.ranking.none-text')}</Empty>
          )
        }
      </Loaded>
    </div>
  );
}

/** Towns and sections that there are, as choices. */
export function useGroups() {
  const { t, say } = useSpeech();
  const of = (by: 'town' | 'section') => ({
    queryKey: ['credit', 'analysis', 'groups', by],
    queryFn: ({ signal }: { signal: AbortSignal }) => api.get('/api/v1/credit/analysis', { query: { by }, signal }),
    staleTime: 300_000,
  });
  const town = useQuery(of('town'));
  const section = useQuery(of('section'));
  const choices = (data: typeof town.data) =>
    (data?.groups ?? [])
      .filter((g) => g.code !== '')
      .map((g) => ({ value: g.code, label: shortName(g.title ? say(g.title) : g.code) || t('assess.ranking.unknown') }))
      .sort((a, b) => a.value.localeCompare(b.value));
  return { town: choices(town.data), section: choices(section.data) };
}

function Statistics() {
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
          if (!data.run) return <Empty title={t('assess.ranking.none')}>{t('assess.ranking.none-text')}</Empty>;
          const name = (m: { code: string; title: { zh: string; en: string } | null }) =>
            shortName(m.title ? say(m.title) : m.code) || t('assess.ranking.unknown');
          const heads = data.across
            ? [...data.columns.map(name), t('assess.ranking.total')]
            : [t('assess.ranking.total')];
          const lines = data.cells.map((cells, n) => ({
            title: data.rows[n] ? (by === 'grade' ? data.rows[n].code : name(data.rows[n])) : t('assess.ranking.total'),
            cells,
          }));
          return (
            <>
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
            </>
          );
        }}
      </Loaded>
    </div>
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
