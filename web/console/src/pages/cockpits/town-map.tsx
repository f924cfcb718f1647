/** The city's towns as areas of a drawing, coloured by a figure, with points where a layer has them; drawn here, without tiles from anywhere. */
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useSpeech } from '../../i18n/index.ts';
import { anchorOf, apart, pathOf, plane, readWkt, type Window } from '../libraries/sketch.ts';
import { useBox } from './charts.tsx';
import type { Figure, Measure } from './live.ts';
import { axisOf, textOf, toneOf } from './numbers.ts';
import { ask, type Towns } from './wire.ts';

const STEPS = 5;

/** Breaks of a scale in which each step holds about as many towns. */
export function breaksOf(values: readonly number[]): number[] {
  const sorted = [...values].sort((a, b) => a - b);
  return Array.from({ length: STEPS - 1 }, (_, i) => sorted[Math.floor(((i + 1) * sorted.length) / STEPS)]!).filter(
    (v, i, all) => v !== undefined && v !== all[i - 1],
  );
}

export function TownMap({
  figure,
  measure,
  onPick,
}: {
  figure: Figure;
  measure: Measure;
  onPick?: ((key: string) => void) | undefined;
}) {
  const { t, language, say } = useSpeech();
  const [box, { width, height }] = useBox();
  const towns = useQuery({
    queryKey: ['cockpits', 'towns'],
    queryFn: ({ signal }) => ask<Towns>('/towns', { signal }),
    staleTime: 600_000,
  });
  const drawn = useMemo(
    () =>
      (towns.data?.items ?? []).flatMap((town) => {
        const shape = readWkt(town.wkt);
        return shape ? [{ ...town, shape }] : [];
      }),
    [towns.data],
  );
  const frame = useMemo((): Window => {
    const all = drawn.flatMap((d) => d.shape.parts.flat());
    const [xs, ys] = [all.map((p) => p[0]), all.map((p) => p[1])];
    const edge = 0.004;
    return [Math.min(...xs) - edge, Math.min(...ys) - edge, Math.max(...xs) + edge, Math.max(...ys) + edge];
  }, [drawn]);
  if (towns.data && drawn.length === 0) return <p className="ck-none">{t('cockpits.no-towns')}</p>;
  const areal = measure.kind === 'towns';
  const values = new Map(
    areal ? figure.rows.map((r) => [String(r.key), typeof r.value === 'number' ? r.value : null]) : [],
  );
  const numbers = (areal ? [...values.values()] : figure.rows.map((r) => r.value)).filter(
    (v): v is number => typeof v === 'number',
  );
  const breaks = breaksOf(numbers);
  const step = (v: number | null | undefined) =>
    v === null || v === undefined ? -1 : breaks.filter((b) => v >= b).length;
  const { at } = plane(frame, Math.max(width, 1), Math.max(height, 1));
  const font = width > 0 ? Number.parseFloat(getComputedStyle(box.current!).fontSize) : 12;
  const names =
    width === 0
      ? []
      : apart(
          drawn
            .map((town) => ({ town, value: values.get(town.code) ?? null }))
            .sort((a, b) => (b.value ?? -1) - (a.value ?? -1))
            .flatMap(({ town, value }) => {
              const spot = anchorOf(town.shape, at, width, height);
              return spot ? [{ at: spot, text: town.name, value, key: town.code }] : [];
            }),
          font * 1.25,
          width,
          [],
        );
  const tone = measure.direction === 'down' ? 'weft' : 'warp';
  const label = `${say(measure.title)}: ${
    areal
      ? names
          .slice(0, 8)
          .map((n) => `${n.text} ${textOf(n.value, measure, language)}`)
          .join(', ')
      : t('cockpits.points', { n: figure.rows.length })
  }`;
  const spots = areal ? [] : figure.rows.filter((r) => typeof r.lon === 'number' && typeof r.lat === 'number');
  return (
    <div className={`ck-map ${tone}`} ref={box}>
      {width > 0 && drawn.length > 0 ? (
        <svg width={width} height={height} role="img" aria-label={label}>
          <title>{label}</title>
          {drawn.map((town) => (
            // biome-ignore lint/a11y/noStaticElementInteractions: a drawing; every town is in the records behind the figure.
            <path
              key={town.code}
              className={`ck-town q${step(values.get(town.code))}`}
              d={pathOf(town.shape, at)}
              onClick={onPick ? () => onPick(town.code) : undefined}
            >
              <title>{`${town.name} ${areal ? textOf(values.get(town.code), measure, language) : ''}`}</title>
            </path>
          ))}
          {spots.map((r, i) => {
            const [x, y] = at([r.lon as number, r.lat as number]);
            const v = typeof r.value === 'number' ? r.value : null;
            const q = step(v);
            // Where less is worse (free spaces, speed) the lowest are the largest.
            const rank = v === null ? 2 : measure.direction === 'up' ? STEPS - 1 - q : q;
            // Only what deserves attention by the layer's own limits is coloured: the lowest of many good values is none.
            const tone = toneOf({ ...figure, value: v }, measure);
            return (
              <circle
                key={String(r.key ?? i)}
                className={`ck-spot ${tone ?? ''}`}
                cx={x}
                cy={y}
                r={font * (v === null ? 0.26 : 0.24 + 0.07 * rank)}
              >
                <title>{`${String(r.label ?? '')} ${v === null ? '' : textOf(v, measure, language)}`}</title>
              </circle>
            );
          })}
          {names.map((n) => (
            <g key={n.key} className="ck-town-name">
              <text x={n.at[0]} y={n.at[1]} textAnchor="middle">
                {n.text}
              </text>
              {areal && n.value !== null ? (
                <text className="num strong" x={n.at[0]} y={n.at[1] + font * 1.05} textAnchor="middle">
                  {axisOf(n.value, measure, language)}
                </text>
              ) : null}
            </g>
          ))}
        </svg>
      ) : null}
      {numbers.length > 0 ? (
        <p className="ck-scale" aria-hidden="true">
          {areal ? (
            [0, ...breaks].map((b, i) => (
              <span key={b}>
                <i className={`q${i}`} />
                {i === 0 ? `< ${axisOf(breaks[0] ?? 0, measure, language)}` : `≥ ${axisOf(b, measure, language)}`}
              </span>
            ))
          ) : (
            <span>{t('cockpits.points', { n: spots.length })}</span>
          )}
        </p>
      ) : null}
    </div>
  );
}
