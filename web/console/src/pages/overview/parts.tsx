import { Link } from '@tanstack/react-router';
import type { Answer } from '../../api/client.ts';
import type { ExchangeSummary } from '../../api/types.ts';
import { Panel } from '../../components/page.tsx';
import { clockTime, full, percent } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';

type Job = Answer<'/api/v1/jobs'>['jobs'][number];

/** Work that runs now, each with how far it is. */
export function Running({ jobs, running }: { jobs: Job[]; running: ExchangeSummary['running'] }) {
  const { t, say } = useSpeech();
  return (
    <Panel title={t('overview.running')}>
      <ul className="running">
        {jobs.slice(0, 4).map((job) => (
          <li key={job.id}>
            <Progress
              title={say(job.title)}
              note={job.progress?.note ? say(job.progress.note) : ''}
              done={job.progress?.done ?? 0}
              total={job.progress?.total ?? null}
            />
          </li>
        ))}
        {running.slice(0, 4).map((one) => (
          <li key={`${one.source}-${one.input}`}>
            <Progress title={say(one.title)} note={`${one.input} · ${one.step}`} done={one.done} total={one.total} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

/** A bar of progress with its numbers; without a total only the count is told. */
export function Progress({
  title,
  note,
  done,
  total,
}: {
  title: string;
  note: string;
  done: number;
  total: number | null;
}) {
  const share = total ? Math.min(1, done / total) : null;
  return (
    <div>
      <div className="row spread small" style={{ flexWrap: 'nowrap' }}>
        <span className="clip strong">{title}</span>
        <span className="num quiet">
          {full(done)}
          {total ? ` / ${full(total)} · ${percent(share, 0)}` : ''}
        </span>
      </div>
      <progress className="progress" aria-label={title} {...(share === null ? {} : { value: share, max: 1 })} />
      <div className="small quiet clip">{note}</div>
    </div>
  );
}

export type DimensionValue = { dimension: string; a: number; b: number };

/** The six dimensions of GB/T 36344 as bars; each opens the lines behind it. */
export function Dimensions({ values }: { values: readonly DimensionValue[] }) {
  const { t } = useSpeech();
  if (values.length === 0) return <p className="quiet small">{t('overview.no-quality')}</p>;
  return (
    <ul className="stack-s">
      {values.map((value) => {
        const score = value.b ? value.a / value.b : null;
        return (
          <li key={value.dimension} className="dimension">
            <Link to="/refinery/quality" search={{ dimension: value.dimension } as never}>
              {t(`refinery.dimension.${value.dimension}`)}
            </Link>
            <span className="bar" aria-hidden="true">
              <span style={{ width: `${(score ?? 0) * 100}%`, background: toneOf(score) }} />
            </span>
            <span className="num strong">{percent(score, 1)}</span>
          </li>
        );
      })}
    </ul>
  );
}

/** Colour of a score: good from 98 %, poor below 90 %. */
export function toneOf(score: number | null): string {
  if (score === null) return 'var(--jw-line-strong)';
  return score >= 0.98 ? 'var(--jw-primary)' : score >= 0.9 ? 'var(--jw-warn)' : 'var(--jw-bad)';
}

/** Rows received by hour, as bars of accepted, duplicate and quarantined rows. */
export function HourBars({ hours }: { hours: ExchangeSummary['flow'] }) {
  const { t } = useSpeech();
  if (hours.length === 0) return <p className="quiet small">{t('overview.no-runs')}</p>;
  const most = Math.max(1, ...hours.map((h) => h.received));
  const step = 100 / Math.max(hours.length, 6);
  const label = t('overview.by-hour-text', {
    n: full(hours.reduce((sum, h) => sum + h.received, 0)),
    hours: hours.length,
  });
  return (
    <figure>
      <svg width="100%" height="84" role="img" aria-label={label} preserveAspectRatio="none" viewBox="0 0 100 84">
        {hours.map((hour, i) => {
          const parts: [number, string][] = [
            [hour.accepted, 'var(--jw-primary)'],
            [hour.duplicate, 'var(--jw-ink3)'],
            [hour.quarantined, 'var(--jw-weft)'],
          ];
          let y = 84;
          return (
            <g key={hour.at}>
              <title>{`${clockTime(hour.at)} · ${full(hour.received)}`}</title>
              {parts.map(([rows, colour]) => {
                const height = (rows / most) * 80;
                y -= height;
                return <rect key={colour} x={i * step} y={y} width={step * 0.7} height={height} fill={colour} />;
              })}
            </g>
          );
        })}
      </svg>
      <figcaption className="row spread small quiet">
        <span>{clockTime(hours[0]!.at).slice(0, 5)}</span>
        <span>{t('overview.most', { n: full(most) })}</span>
        <span>{clockTime(hours.at(-1)!.at).slice(0, 5)}</span>
      </figcaption>
    </figure>
  );
}
