/** 经济分析: sums by chain, industry, town, size and kind; every bar and line goes one step deeper, down to enterprises. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import { api } from '../../api/client.ts';
import { Chart } from '../../components/chart.tsx';
import { Figure, Figures, Num } from '../../components/figure.tsx';
import { ChoiceFilter, Filters } from '../../components/filters.tsx';
import { Page, Panel } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable, Pager } from '../../components/table.tsx';
import { full } from '../../format/index.ts';
import { unitText } from '../../format/units.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import type { AnalysisAnswer } from './types.ts';

const GROUPS = ['chain', 'link', 'section', 'industry', 'town', 'park', 'size', 'kind'] as const;
type Group = (typeof GROUPS)[number];
/** What one looks at next after choosing a group. */
const NEXT: Record<Group, Group> = {
  chain: 'link',
  link: 'town',
  section: 'industry',
  industry: 'town',
  town: 'section',
  park: 'section',
  size: 'section',
  kind: 'section',
};
const KEYS = ['chain', 'link', 'section', 'industry', 'town', 'size', 'kind'] as const;
const LIMIT = 20;

export default function Analysis() {
  const { t, say, language } = useSpeech();
  const url = useUrlState();
  const by = (url.get('by') || 'chain') as Group;
  const chosen = Object.fromEntries(KEYS.filter((k) => url.get(k) !== '').map((k) => [k, url.get(k)]));
  const query = { by, ...chosen };
  const analysis = useQuery({
    queryKey: ['credit', 'analysis', query],
    queryFn: ({ signal }) => api.get('/api/v1/credit/analysis', { query, signal }),
    placeholderData: (before) => before,
  });
  const { set } = url;
  const drill = useCallback(
    (code: string) => set({ [by === 'park' ? 'town' : by]: code || undefined, by: NEXT[by], offset: undefined }),
    [set, by],
  );
  const usable = GROUPS.filter((g) => g !== 'link' || url.get('chain'));
  return (
    <Page title={t('titles.analysis')} lead={t('assess.analysis.lead')}>
      <div className="stack">
        <Filters keys={['by', 'measure', ...KEYS]}>
          <ChoiceFilter
            name="by"
            label={t('assess.analysis.by')}
            otherwise="chain"
            choices={usable.map((g) => ({ value: g, label: t(`assess.analysis.${g}`) }))}
          />
          <ChoiceFilter
            name="measure"
            label={t('assess.analysis.measure')}
            otherwise="output"
            width={190}
            choices={[
              ...(analysis.data?.measures ?? []).map((m) => ({ value: m.id, label: say(m.title) })),
              { value: 'entities', label: t('assess.analysis.entities') },
            ]}
          />
        </Filters>
        {Object.keys(chosen).length ? (
          <nav className="crumbs" aria-label={t('assess.analysis.chosen')}>
            {Object.entries(chosen).map(([key, code]) => (
              <button
                key={key}
                type="button"
                className="rule-count"
                onClick={() =>
                  set({ [key]: undefined, ...(key === 'chain' ? { link: undefined } : {}), by: key, offset: undefined })
                }
              >
                {t(`assess.analysis.${key}`)}：{nameOf(analysis.data, key as Group, code, say)} ✕
              </button>
            ))}
          </nav>
        ) : null}
        <Loaded query={analysis}>
          {(data) =>
            data.day === null && data.total.entities === 0 && Object.keys(chosen).length === 0 ? (
              <Empty title={t('assess.analysis.none')}>{t('assess.analysis.none-text')}</Empty>
            ) : (
              <>
                <Figures>
                  <Figure label={t('assess.analysis.entities')} note={data.day ?? ''}>
                    <Num value={data.total.entities} />
                  </Figure>
                  {data.measures.map((m) => (
                    <Figure key={m.id} label={say(m.title)}>
                      <Num value={data.total.values[m.id] ?? 0} unit={unitText(m.unit, language)} />
                    </Figure>
                  ))}
                </Figures>
                <Groups data={data} onPick={drill} />
                <Trend data={data} />
              </>
            )
          }
        </Loaded>
        <Enterprises chosen={chosen} />
      </div>
    </Page>
  );
}

/** The name of a chosen group; chains are known from every answer, the rest by code. */
function nameOf(
  data: AnalysisAnswer | undefined,
  key: Group,
  code: string,
  say: (text: { zh: string; en: string } | null) => string,
): string {
  const chains = data?.chains ?? [];
  if (key === 'chain') return say(chains.find((c) => c.id === code)?.title ?? null) || code;
  if (key === 'link') return say(chains.flatMap((c) => c.links).find((l) => l.id === code)?.title ?? null) || code;
  return code;
}

function Groups({ data, onPick }: { data: AnalysisAnswer; onPick: (code: string) => void }) {
  const { t, say, language } = useSpeech();
  const url = useUrlState();
  const measure = url.get('measure') || 'output';
  const name = useCallback(
    (g: AnalysisAnswer['groups'][number]) => (g.title ? say(g.title) : g.code) || t('assess.analysis.unknown'),
    [say, t],
  );
  const amountOf = useCallback(
    (g: AnalysisAnswer['groups'][number]) => (measure === 'entities' ? g.entities : (g.values[measure] ?? 0)),
    [measure],
  );
  const shown = useMemo(
    () => [...data.groups].sort((a, b) => amountOf(b) - amountOf(a)).slice(0, 25),
    [data, amountOf],
  );
  const unit = data.measures.find((m) => m.id === measure)?.unit ?? '';
  const title =
    measure === 'entities' ? t('assess.analysis.entities') : say(data.measures.find((m) => m.id === measure)?.title);
  const option = useMemo(
    () => ({
      legend: { show: false },
      grid: { left: 8, right: 70, top: 6, bottom: 4, containLabel: true },
      xAxis: {
        type: 'value' as const,
        splitNumber: 3,
        axisLabel: { hideOverlap: true, formatter: (n: number) => short(n, language) },
      },
      yAxis: { type: 'category' as const, inverse: true, data: shown.map(name) },
      series: [
        {
          type: 'bar' as const,
          name: title,
          barMaxWidth: 22,
          data: shown.map(amountOf),
          label: {
            show: true,
            position: 'right' as const,
            formatter: (p: { value: unknown }) => short(Number(p.value), language),
          },
        },
      ],
    }),
    [shown, name, amountOf, title, language],
  );
  return (
    <>
      <Panel title={`${title}${unit ? `（${unitText(unit, language)}）` : ''}`}>
        <Chart
          option={option}
          height={Math.max(150, 28 * shown.length + 30)}
          label={t('assess.analysis.chart')}
          onPick={(picked) => onPick(shown.find((g) => name(g) === picked)?.code ?? '')}
        />
        {data.by === 'chain' ? <p className="small quiet">{t('assess.analysis.overlap')}</p> : null}
      </Panel>
      <Panel title={t(`assess.analysis.${data.by}`)} flush>
        <DataTable
          caption={t('assess.analysis.chart')}
          rows={data.groups}
          rowKey={(g) => g.code}
          columns={[
            {
              key: 'group',
              title: t('assess.analysis.group'),
              head: true,
              render: (g) =>
                g.code === '' ? (
                  name(g)
                ) : (
                  <button type="button" className="link-button" onClick={() => onPick(g.code)}>
                    {name(g)}
                  </button>
                ),
            },
            { key: 'entities', title: t('assess.analysis.entities'), align: 'end', render: (g) => full(g.entities) },
            ...data.measures.map((m) => ({
              key: m.id,
              title: `${say(m.title)}（${unitText(m.unit, language)}）`,
              align: 'end' as const,
              render: (g: AnalysisAnswer['groups'][number]) => <Num value={g.values[m.id] ?? null} />,
            })),
            {
              key: 'score',
              title: t('assess.analysis.score'),
              align: 'end',
              render: (g) => g.score?.toFixed(1) ?? '—',
            },
          ]}
        />
      </Panel>
    </>
  );
}

/** The chosen measure over the ends of the months; of the town and section that were chosen, since only these were kept. */
function Trend({ data }: { data: AnalysisAnswer }) {
  const { t, say, language } = useSpeech();
  const url = useUrlState();
  const measure = data.measures.find((m) => m.id === (url.get('measure') || 'output'));
  const query = {
    measure: measure?.id ?? 'output',
    ...(url.get('town') ? { town: url.get('town') } : {}),
    ...(url.get('section') ? { section: url.get('section') } : {}),
  };
  const narrower = (['chain', 'link', 'industry', 'size', 'kind'] as const).some((key) => url.get(key) !== '');
  const trend = useQuery({
    queryKey: ['credit', 'analysis', 'trend', query],
    queryFn: ({ signal }) => api.get('/api/v1/credit/analysis/trend', { query, signal }),
    enabled: measure !== undefined && !narrower,
  });
  const points = trend.data?.points;
  const option = useMemo(
    () => ({
      legend: { show: false },
      grid: { left: 8, right: 24, top: 14, bottom: 4, containLabel: true },
      xAxis: { type: 'category' as const, data: points?.map((p) => p.day) ?? [], axisLabel: { hideOverlap: true } },
      yAxis: { type: 'value' as const, axisLabel: { formatter: (n: number) => short(n, language) } },
      series: [{ type: 'line' as const, name: say(measure?.title), data: points?.map((p) => p.value) ?? [] }],
    }),
    [points, language, say, measure],
  );
  if (!measure || narrower || (points?.length ?? 0) < 2) return null;
  return (
    <Panel
      title={t('assess.analysis.trend', { measure: say(measure.title) })}
      extra={<span className="quiet">{unitText(measure.unit, language)}</span>}
    >
      <Chart option={option} height={220} label={t('assess.analysis.trend', { measure: say(measure.title) })} />
    </Panel>
  );
}

/** A number as an axis bears it. */
function short(n: number, language: 'zh' | 'en'): string {
  return new Intl.NumberFormat(language === 'zh' ? 'zh-CN' : 'en', {
    notation: 'compact',
    maximumFractionDigits: 1,
  }).format(n);
}

function Enterprises({ chosen }: { chosen: Record<string, string> }) {
  const { t, say, language } = useSpeech();
  const url = useUrlState();
  const measure = url.get('measure') || 'output';
  const offset = url.number('offset', 0);
  const query = { ...chosen, order: measure === 'entities' ? 'output' : measure, offset, limit: LIMIT };
  const list = useQuery({
    queryKey: ['credit', 'analysis', 'enterprises', query],
    queryFn: ({ signal }) => api.get('/api/v1/credit/analysis/enterprises', { query, signal }),
    placeholderData: (before) => before,
  });
  if (!list.data || list.data.total === 0) return null;
  const { items, measures, total } = list.data;
  return (
    <Panel title={t('assess.analysis.list')} flush>
      <DataTable
        caption={t('assess.analysis.list')}
        rows={items}
        rowKey={(e) => e.entity}
        columns={[
          {
            key: 'name',
            title: t('assess.ranking.enterprise'),
            head: true,
            render: (e) => (
              <Link to="/credit/enterprises/$entity" params={{ entity: String(e.entity) } as never}>
                {e.name ?? e.entity}
              </Link>
            ),
          },
          {
            key: 'town',
            title: t('assess.analysis.town'),
            render: (e) => say(e.townTitle) || e.town || '—',
          },
          { key: 'industry', title: t('assess.analysis.industry'), render: (e) => say(e.industryTitle) || '—' },
          ...measures.map((m) => ({
            key: m.id,
            title: `${say(m.title)}（${unitText(m.unit, language)}）`,
            align: 'end' as const,
            render: (e: (typeof items)[number]) => <Num value={e.values[m.id] ?? null} />,
          })),
          {
            key: 'score',
            title: t('assess.ranking.score'),
            align: 'end',
            render: (e) => (e.score === null ? '—' : `${e.score.toFixed(1)} ${e.grade}`),
          },
        ]}
      />
      <Pager offset={offset} limit={LIMIT} total={total} onOffset={(next) => url.set({ offset: next || undefined })} />
    </Panel>
  );
}
