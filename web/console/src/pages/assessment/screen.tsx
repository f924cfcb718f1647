/** The board for a wall of 1920 × 1080: ranking, figures, trend, what was lost most; refreshed by itself, left by its button. */
import { CompressOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { api } from '../../api/client.ts';
import { Chart } from '../../components/chart.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { type Board, ShareBar, searchOf, signed, two, useAsked } from './shared.tsx';

export default function Screen() {
  const { t } = useSpeech();
  const query = useAsked();
  const board = useQuery({
    queryKey: ['assessment', 'board', query],
    queryFn: ({ signal }) => api.get('/api/v1/assessment/board', { query, signal }),
    refetchInterval: 300_000,
  });
  return (
    <div className="assessment-wall">
      <Loaded query={board} heading={t('titles.assessment-screen')}>
        {(data) =>
          data.result ? <Wall data={data} /> : <Empty title={t('assessment.none')}>{t('assessment.none-text')}</Empty>
        }
      </Loaded>
    </div>
  );
}

function Wall({ data }: { data: Board }) {
  const { t, say } = useSpeech();
  const head = data.result!;
  const ranked = data.units.filter((u) => u.rank !== null);
  const lowest = [...ranked].reverse().slice(0, 5);
  const half = Math.ceil(ranked.length / 2);
  return (
    <>
      <header className="assessment-wall-head">
        <h1>{say(head.formula.title)}</h1>
        <p>
          {head.month} ·{' '}
          {head.version === 0 ? t('assessment.provisional') : t('assessment.version', { n: head.version })} ·{' '}
          {t('assessment.as-of', { day: head.day })}
        </p>
        <Link to="/assessment" search={searchOf(head)} className="assessment-screen-link">
          <CompressOutlined aria-hidden="true" /> {t('assessment.back')}
        </Link>
      </header>
      <div className="assessment-wall-body">
        <section className="assessment-wall-rank" aria-label={t('assessment.ranking')}>
          {[ranked.slice(0, half), ranked.slice(half)].map((part, n) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two columns of one list.
            <ol key={n} start={n * half + 1}>
              {part.map((u) => (
                <li key={u.unit}>
                  <span className={`assessment-place ${u.rank! <= 3 ? 'first' : ''}`}>{u.rank}</span>
                  <span className="assessment-name">{say(u.name)}</span>
                  <ShareBar share={(u.score ?? 0) / 100} label={say(u.name)} />
                  <strong className="num">{two(u.score)}</strong>
                  <span className={`num small ${(u.change ?? 0) < 0 ? 'bad-text' : 'good-text'}`}>
                    {u.change === null ? '' : signed(u.change)}
                  </span>
                </li>
              ))}
            </ol>
          ))}
        </section>
        <div className="assessment-wall-side">
          <section>
            <h2>{t('assessment.mean')}</h2>
            <p className="assessment-wall-number">{two(data.trend.at(-1)?.score)}</p>
            <p className="quiet">
              {data.units.length} · {t('assessment.ranked', { n: ranked.length })}
            </p>
          </section>
          <Line data={data} />
          <section>
            <h2>{t('assessment.by-indicator')}</h2>
            <Lost data={data} />
          </section>
          <section>
            <h2>{t('assessment.attention')}</h2>
            <ul className="assessment-wall-list">
              {lowest.map((u) => (
                <li key={u.unit}>
                  <span className="assessment-name">{say(u.name)}</span>
                  <strong className="num">{two(u.score)}</strong>
                </li>
              ))}
            </ul>
          </section>
        </div>
      </div>
    </>
  );
}

function Lost({ data }: { data: Board }) {
  const { t, say } = useSpeech();
  const lost = data.lost.filter((l) => l.lost > 0).sort((a, b) => b.lost - a.lost);
  const most = lost[0]?.lost ?? 1;
  if (!lost.length) return <p className="quiet">{t('assessment.no-lost')}</p>;
  return (
    <ul className="assessment-wall-list">
      {lost.slice(0, 6).map((l) => {
        const i = data.indicators.find((x) => x.id === l.indicator)!;
        return (
          <li key={l.indicator}>
            <span className="assessment-name">{say(i.title)}</span>
            <ShareBar share={l.lost / most} label={say(i.title)} tone="weft" />
            <strong className="num">{two(l.lost)}</strong>
          </li>
        );
      })}
    </ul>
  );
}

function Line({ data }: { data: Board }) {
  const { t } = useSpeech();
  const months = data.trend.filter((p) => p.score !== null);
  const points = months.length > 1 ? months : data.days;
  const title = t(months.length > 1 ? 'assessment.trend-title' : 'assessment.days-title');
  const option = useMemo(
    () => ({
      legend: { show: false },
      xAxis: { type: 'category' as const, data: points.map((p) => p.at) },
      yAxis: {
        type: 'value' as const,
        max: 100,
        min: (v: { min: number }) => Math.max(0, Math.floor(v.min / 10) * 10 - 10),
      },
      series: [{ type: 'line' as const, data: points.map((p) => p.score), symbolSize: 9, lineStyle: { width: 3 } }],
    }),
    [points],
  );
  return (
    <section>
      <h2>{title}</h2>
      <Chart
        option={option}
        height={190}
        label={`${title}: ${points.map((p) => `${p.at} ${two(p.score)}`).join(', ')}`}
      />
    </section>
  );
}
