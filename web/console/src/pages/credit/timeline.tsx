import type { EChartsOption } from 'echarts';
import { useMemo } from 'react';
import { Chart } from '../../components/chart.tsx';
import { Unit } from '../../components/figure.tsx';
import { Label, Panel } from '../../components/page.tsx';
import { full } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { Cell } from './cell.tsx';
import type { Panorama } from './types.ts';

/** What happened when: records by year or month and category, and the latest of them. */
export function Timeline({ data }: { data: Panorama }) {
  const { t, say, language } = useSpeech();
  const url = useUrlState();
  const { months, latest, undated } = data.timeline;
  const named = months.map((m) => Number(m.month.slice(0, 4)));
  const byYear = named.length > 0 && Math.max(...named) - Math.min(...named) > 3;
  const option = useMemo<EChartsOption>(() => {
    const bucket = (month: string) => (byYear ? month.slice(0, 4) : month);
    const all = [...new Set(months.map((m) => bucket(m.month)))].sort();
    const buckets = byYear && all.length ? years(Number(all[0]), Number(all.at(-1))) : all;
    const titles = new Map(data.categories.map((c) => [c.category, c.title[language]]));
    const categories = [...new Set(months.map((m) => m.category))];
    return {
      xAxis: { type: 'category', data: buckets },
      yAxis: { type: 'value', minInterval: 1 },
      series: categories.map((category) => {
        const sums = new Map<string, number>();
        for (const m of months) {
          if (m.category === category) sums.set(bucket(m.month), (sums.get(bucket(m.month)) ?? 0) + m.count);
        }
        return {
          name: titles.get(category) ?? category,
          type: 'bar' as const,
          stack: 'all',
          barMaxWidth: 26,
          data: buckets.map((b) => sums.get(b) ?? 0),
        };
      }),
    };
  }, [months, byYear, data.categories, language]);
  return (
    <Panel
      id="timeline"
      title={t('credit.timeline.title')}
      extra={undated ? <span className="quiet">{t('credit.timeline.undated', { n: full(undated) })}</span> : null}
    >
      {months.length ? (
        <Chart
          option={option}
          height={210}
          label={t('credit.timeline.label', { n: months.reduce((sum, m) => sum + m.count, 0) })}
        />
      ) : (
        <p className="quiet">{t('credit.timeline.none')}</p>
      )}
      {latest.length ? (
        <ol className="events">
          {latest.slice(0, 12).map((event) => (
            <li key={event.fact}>
              <span className="num quiet">{event.day ?? '—'}</span>
              <Label>{t(`terms.category.${event.category}`)}</Label>
              <span className="events-text">
                <button type="button" className="link-button" onClick={() => url.set({ fact: event.fact })}>
                  {say(event.title)}
                </button>{' '}
                <Cell cell={event.text} />
              </span>
              {event.amount ? (
                <span className="num">
                  {full(Number(event.amount))}
                  <Unit of={event.unit} />
                </span>
              ) : null}
            </li>
          ))}
        </ol>
      ) : null}
    </Panel>
  );
}

function years(from: number, to: number): string[] {
  return Array.from({ length: Math.max(1, to - from + 1) }, (_, i) => String(from + i));
}
