/** 产业经济: figures of a period for the city or a part of it, by any dimension, down to enterprises. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useCallback } from 'react';
import { api } from '../../api/client.ts';
import { ChoiceFilter, Filters } from '../../components/filters.tsx';
import { Page } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { Instant } from '../../components/value.tsx';
import { full } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { Enterprises, Groups, Series, Totals } from './parts.tsx';
import { type Figures, type Grain, grains, latestPeriod, type Overview, periodsOf, periodText } from './shared.ts';

/** What one looks at next after choosing a value of a dimension. */
const NEXT: Record<string, string> = {
  section: 'division',
  division: 'group',
  group: 'class',
  town: 'division',
  park: 'division',
  chain: 'town',
  size: 'division',
  form: 'division',
};

export function useOverview() {
  return useQuery({
    queryKey: ['economy'],
    queryFn: ({ signal }) => api.get('/api/v1/libraries/economy', { signal }),
  });
}

export default function Economy() {
  const { t, say } = useSpeech();
  const overview = useOverview();
  return (
    <Page title={t('titles.economy')} lead={overview.data ? say(overview.data.abstract) : t('economy.lead')}>
      <Loaded query={overview}>
        {(data) =>
          data.periods.year.length === 0 ? (
            <Empty title={t('economy.empty')}>{t('economy.empty-text')}</Empty>
          ) : (
            <div className="stack">
              <View overview={data} fixed="" />
              <Footer overview={data} />
            </div>
          )
        }
      </Loaded>
    </Page>
  );
}

/** How far the figures stand, and what is not used. */
function Footer({ overview }: { overview: Overview }) {
  const { t } = useSpeech();
  const { last } = overview;
  if (!last) return null;
  return (
    <p className="small quiet">
      {t('economy.stand', { figures: full(last.figures), enterprises: full(last.enterprises) })}{' '}
      {t('economy.doubts-n', { doubts: full(last.doubts), disputed: full(last.disputed) })} <Instant at={last.made} />
    </p>
  );
}

/** The figures with their filters. `fixed`: a condition that the page stands for, as `dimension:code`. */
export function View({ overview, fixed }: { overview: Overview; fixed: string }) {
  const { t, say, language } = useSpeech();
  const url = useUrlState();
  const navigate = useNavigate();
  const grain = (grains.includes(url.get('grain') as Grain) ? url.get('grain') : 'year') as Grain;
  const periods = periodsOf(overview, grain);
  const asked = url.get('period');
  const period = periods.includes(asked) ? asked : latestPeriod(overview, grain);
  const by = url.get('by') || (fixed ? (NEXT[fixed.split(':')[0]!] ?? 'division') : 'park');
  const measure = url.get('measure') || 'sales';
  const chosen = [...(fixed ? [fixed] : []), ...url.get('where').split(';').filter(Boolean)];
  const where = chosen.join(';');
  const query = { grain, period, by, ...(where ? { where } : {}) };
  const figures = useQuery({
    queryKey: ['economy', 'figures', query],
    queryFn: ({ signal }) => api.get('/api/v1/libraries/economy/figures', { query, signal }),
    placeholderData: keepPreviousData,
    enabled: period !== '',
  });
  const { set } = url;
  const extra = url.get('where');
  const pick = useCallback(
    (code: string) => {
      // The first step opens a page of its own; from there on conditions are added.
      if (!fixed && !extra && code)
        void navigate({
          to: '/economy/$dimension/$code',
          params: { dimension: by, code } as never,
          search: { grain, period, measure } as never,
        });
      else
        set({
          where: [...extra.split(';').filter((x) => x && !x.startsWith(`${by}:`)), `${by}:${code}`].join(';'),
          by: NEXT[by],
          offset: undefined,
        });
    },
    [fixed, extra, by, grain, period, measure, navigate, set],
  );
  return (
    <>
      <Filters keys={['grain', 'period', 'by', 'measure', 'where', 'q']}>
        <ChoiceFilter
          name="grain"
          label={t('economy.grain.label')}
          otherwise="year"
          choices={grains.map((g) => ({ value: g, label: t(`economy.grain.${g}`) }))}
        />
        <ChoiceFilter
          name="period"
          label={t('economy.period')}
          otherwise={latestPeriod(overview, grain)}
          choices={periods.map((p) => ({ value: p, label: periodText(grain, p, language) }))}
        />
        <ChoiceFilter
          name="by"
          label={t('economy.by')}
          otherwise={by}
          choices={overview.dimensions.map((d) => ({ value: d.id, label: say(d.title) }))}
        />
        <ChoiceFilter
          name="measure"
          label={t('economy.measure')}
          otherwise="sales"
          width={200}
          choices={[...overview.measures, ...overview.indicators].map((m) => ({ value: m.id, label: say(m.title) }))}
        />
      </Filters>
      <Loaded query={figures}>
        {(data) => (
          <div className="stack">
            <Crumbs overview={overview} figures={data} extra={extra} />
            <Totals overview={overview} figures={data} />
            <Groups overview={overview} figures={data} measure={measure} onPick={pick} />
          </div>
        )}
      </Loaded>
      <Series overview={overview} measure={measure} where={where} />
      <Enterprises overview={overview} grain={grain} period={period} measure={measure} where={where} />
    </>
  );
}

/** Conditions that were added, each to be taken back, and how many enterprises meet all. */
function Crumbs({ overview, figures, extra }: { overview: Overview; figures: Figures; extra: string }) {
  const { t, say } = useSpeech();
  const { set } = useUrlState();
  const mine = extra.split(';').filter(Boolean);
  return (
    <nav className="crumbs" aria-label={t('economy.chosen')}>
      {mine.map((part) => {
        const [dimension = '', code = ''] = part.split(':');
        const d = overview.dimensions.find((x) => x.id === dimension);
        const title = figures.where.find((w) => w.dimension === dimension && w.code === code)?.title;
        return (
          <button
            key={part}
            type="button"
            className="rule-count"
            onClick={() =>
              set({ where: mine.filter((x) => x !== part).join(';') || undefined, by: dimension, offset: undefined })
            }
          >
            {d ? say(d.title) : dimension}：{title ?? (code || t('economy.none'))} ✕
          </button>
        );
      })}
      <span className="small quiet">
        {t('economy.scope', { n: figures.enterprises === null ? '—' : full(figures.enterprises) })}
      </span>
    </nav>
  );
}
