/** One figure: what, how much, against what, since when, from whom, how old. A click leads to how it is counted and to its records. */
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { ago, instant, percent } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { Spark } from './charts.tsx';
import type { Figure, Measure } from './live.ts';
import { changeOf, instantOf, measuredOf, staleOf, textOf, toneOf } from './numbers.ts';

/** A link to the indicator's page. */
export function ToIndicator({
  measure,
  part,
  className,
  children,
}: {
  measure: Measure;
  part?: string;
  className?: string;
  children: ReactNode;
}) {
  return (
    <Link
      to="/cockpits/$scenario/indicators/$indicator"
      params={{ scenario: measure.scenario, indicator: measure.id } as never}
      search={(part === undefined ? {} : { key: part }) as never}
      className={className}
    >
      {children}
    </Link>
  );
}

/** Why there is no number, in its place; nothing where there is one. */
export function useTrouble(): (f: Figure) => { text: string; why?: string } | null {
  const { t, say } = useSpeech();
  return (f) => {
    if (f.state === 'forbidden')
      return { text: t('cockpits.forbidden'), why: t('cockpits.forbidden-why', { permission: f.needs ?? '' }) };
    if (f.state === 'failed') return { text: t('cockpits.failed'), ...(f.problem ? { why: say(f.problem) } : {}) };
    if (f.state === 'waiting') return { text: t('cockpits.waiting'), ...(f.problem ? { why: say(f.problem) } : {}) };
    if (f.state === 'empty') return { text: t('cockpits.empty') };
    if (f.state === 'pending') return { text: t('cockpits.pending') };
    if (f.suppressed > 0 && f.value === null && f.rows.length === 0)
      return { text: t('cockpits.few'), why: t('cockpits.few-why') };
    return null;
  };
}

/** Part of what stands here comes of an exercise. */
export function Exercise() {
  const { t } = useSpeech();
  return (
    <b className="ck-exercise" title={t('cockpits.exercise-why')}>
      {t('cockpits.exercise')}
    </b>
  );
}

/** Where a figure comes from and how old it is. */
export function Origin({ figure, measure, now }: { figure: Figure; measure: Measure; now: number }) {
  const { t, say, language } = useSpeech();
  const at = figure.asOf ?? figure.at;
  const stale = staleOf(figure, measure, now);
  const names = measure.sources.map(say);
  const shown = names.length > 2 ? `${names[0]} ${t('cockpits.and-more', { n: names.length })}` : names.join(' · ');
  return (
    <span
      className={stale ? 'ck-origin stale' : 'ck-origin'}
      title={`${names.join(' · ')}\n${at ? instant(new Date(instantOf(at)).toISOString()) : ''}`}
    >
      {figure.exercise ? <Exercise /> : null}
      <span className="ck-origin-name">{shown}</span>
      {at ? (
        <time dateTime={at}>
          {stale ? `${t('cockpits.stale')} ` : ''}
          {ago(new Date(instantOf(at)).toISOString(), now, language)}
        </time>
      ) : null}
    </span>
  );
}

function Change({ figure, measure }: { figure: Figure; measure: Measure }) {
  const { t, language } = useSpeech();
  const change = changeOf(figure);
  if (!change) return null;
  const { by, share, since } = change;
  const tone =
    by === 0 || measure.direction === 'none' ? '' : by > 0 === (measure.direction === 'up') ? 'good-text' : 'bad-text';
  const text =
    measure.as === 'percent'
      ? `${(Math.abs(by) * 100).toFixed(1)} pt`
      : share === null || Math.abs(share) > 9.99
        ? textOf(Math.abs(by), { ...measure, unit: null }, language)
        : percent(Math.abs(share), 1);
  return (
    <span className={`ck-change ${tone}`}>
      {by === 0 ? '＝' : by > 0 ? '▲' : '▼'} {by === 0 ? '' : text}{' '}
      <span className="quiet">{t(`cockpits.since-${since}`)}</span>
    </span>
  );
}

/** The figure as a tile; `row`: as a line of a small panel. */
export function Tile({
  figure,
  measure,
  now,
  row = false,
}: {
  figure: Figure;
  measure: Measure;
  now: number;
  row?: boolean;
}) {
  const { t, say, language } = useSpeech();
  const trouble = useTrouble()(figure);
  const v = measuredOf(figure.value, measure, language);
  const tone = toneOf(figure, measure);
  const stale = figure.state === 'ready' && staleOf(figure, measure, now);
  const target = figure.target;
  return (
    <ToIndicator measure={measure} className={`ck-tile${row ? ' row-tile' : ''}${stale ? ' is-stale' : ''}`}>
      <span className="ck-tile-label">{say(measure.title)}</span>
      {trouble && (figure.value === null || figure.state === 'forbidden') ? (
        <span className="ck-tile-trouble" title={trouble.why}>
          {trouble.text}
        </span>
      ) : (
        <span className={`ck-tile-value num ${tone ? `${tone}-text` : ''}`}>
          {v.number}
          {v.unit ? <small>{v.unit}</small> : null}
        </span>
      )}
      <span className="ck-tile-note">
        <Change figure={figure} measure={measure} />
        {target !== null && figure.value !== null ? (
          <span className="ck-target">
            {t('cockpits.target')} {textOf(target, measure, language)}
          </span>
        ) : null}
      </span>
      {row ? null : <Spark values={figure.spark} label={t('cockpits.spark', { title: say(measure.title) })} />}
      <Origin figure={figure} measure={measure} now={now} />
    </ToIndicator>
  );
}
