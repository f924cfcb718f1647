/**
 * Drawings of a cockpit: plain SVG and HTML that keep their sharpness at every scale of the wall, cost nothing while they stand still, and say
 * in words what they show. No decoration.
 */
import { useEffect, useId, useRef, useState } from 'react';
import { clockTime, day } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import type { Figure, Measure } from './live.ts';
import { axisOf, instantOf, textOf } from './numbers.ts';

type Row = Figure['rows'][number];
const num = (v: unknown): number | null => (typeof v === 'number' ? v : null);

/** The size of a box in its own pixels, before any scaling of the wall. */
export function useBox(): [React.RefObject<HTMLDivElement | null>, { width: number; height: number }] {
  const box = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const watch = new ResizeObserver(() => setSize({ width: element.clientWidth, height: element.clientHeight }));
    watch.observe(element);
    return () => watch.disconnect();
  }, []);
  return [box, size];
}

/** A label of a part in the page's language. */
export const labelOf = (row: Row, language: 'zh' | 'en'): string =>
  String((language === 'en' ? (row.label_en ?? row.label) : row.label) ?? '—');

/** A round step for an axis with about so many lines. */
function stepOf(span: number, lines: number): number {
  const raw = span / Math.max(1, lines);
  const power = 10 ** Math.floor(Math.log10(raw || 1));
  return ([1, 2, 2.5, 5, 10].find((n) => n * power >= raw) ?? 10) * power;
}

/** A small line of the last values. */
export function Spark({ values, label }: { values: readonly number[]; label: string }) {
  if (values.length < 2) return null;
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const span = most - least || 1;
  const at = values.map(
    (v, i) => `${((i / (values.length - 1)) * 100).toFixed(1)},${(26 - ((v - least) / span) * 22).toFixed(1)}`,
  );
  return (
    <svg className="ck-spark" viewBox="0 0 100 28" preserveAspectRatio="none" role="img" aria-label={label}>
      <polyline points={at.join(' ')} />
    </svg>
  );
}

/** Lines over time, one for each series; the pointer reads values off. */
export function Trend({ figure, measure }: { figure: Figure; measure: Measure }) {
  const { language, say } = useSpeech();
  const [box, { width, height }] = useBox();
  const [over, setOver] = useState<number | null>(null);
  const names = [...new Set(figure.rows.map((r) => String(r.series ?? '')))];
  const lines = names.map((name) => ({
    name,
    title: measure.words[name] ? say(measure.words[name]) : name || say(measure.title),
    points: figure.rows
      .filter((r) => String(r.series ?? '') === name && num(r.value) !== null)
      .map((r) => ({ at: instantOf(String(r.at)), value: r.value as number })),
  }));
  const all = lines.flatMap((l) => l.points);
  const stamps = [...new Set(all.map((p) => p.at))].sort((a, b) => a - b);
  const span = (stamps.at(-1) ?? 0) - (stamps[0] ?? 0);
  const long = span > 3 * 86_400_000;
  const months = span > 120 * 86_400_000;
  const years = span > 1500 * 86_400_000;
  const when = (at: number) => {
    const text = day(new Date(at).toISOString());
    return years ? text.slice(0, 4) : long ? text.slice(months ? 2 : 5, months ? 7 : 10) : clockTime(at).slice(0, 5);
  };
  const most = Math.max(...all.map((p) => p.value), 0);
  const least = Math.min(...all.map((p) => p.value));
  const floor = least > 0 && least > most * 0.6 ? least - (most - least) * 0.3 : Math.min(0, least);
  const step = stepOf(most - floor || 1, 3);
  const low = Math.floor(floor / step) * step;
  const high = Math.ceil(most / step) * step || 1;
  const font = width > 0 ? Number.parseFloat(getComputedStyle(box.current!).fontSize) : 12;
  const [left, right, top, bottom] = [font * 3.6, font * 0.8, font * 0.7, font * 1.6];
  const x = (at: number) => left + ((at - stamps[0]!) / (stamps.at(-1)! - stamps[0]! || 1)) * (width - left - right);
  const y = (v: number) => top + (1 - (v - low) / (high - low)) * (height - top - bottom);
  const ticks = Array.from({ length: Math.round((high - low) / step) + 1 }, (_, i) => low + i * step);
  const room = Math.max(2, Math.floor((width - left) / (font * 4.6)));
  const marks = stamps.filter((_, i) => stamps.length <= room || i % Math.ceil(stamps.length / room) === 0);
  const near =
    over === null
      ? undefined
      : stamps.reduce((a, b) => (Math.abs(x(b) - over) < Math.abs(x(a) - over) ? b : a), stamps[0]!);
  const label = `${say(measure.title)}: ${lines.map((l) => `${l.title} ${textOf(l.points.at(-1)?.value, measure, language)}`).join(', ')}`;
  return (
    <div className="ck-trend">
      {names.length > 1 || near !== undefined ? (
        <p className="ck-legend">
          {near !== undefined ? (
            <span className="num">
              {years ? when(near) : day(new Date(near).toISOString())}
              {long ? '' : ` ${clockTime(near).slice(0, 5)}`}
            </span>
          ) : null}
          {lines.map((l, i) => (
            <span key={l.name}>
              <i className={`ck-dot s${i}`} /> {l.title}{' '}
              {near === undefined ? null : (
                <b className="num">{textOf(l.points.find((p) => p.at === near)?.value, measure, language)}</b>
              )}
            </span>
          ))}
        </p>
      ) : null}
      <div className="ck-plot" ref={box}>
        {width > 0 && stamps.length > 0 ? (
          <svg
            width={width}
            height={height}
            role="img"
            aria-label={label}
            onPointerMove={(e) => {
              const frame = e.currentTarget.getBoundingClientRect();
              setOver(((e.clientX - frame.left) / frame.width) * width);
            }}
            onPointerLeave={() => setOver(null)}
          >
            <title>{label}</title>
            {ticks.map((v) => (
              <g key={v} className="ck-axis">
                <path d={`M${left} ${y(v)}H${width - right}`} />
                <text x={left - font * 0.5} y={y(v) + font * 0.35} textAnchor="end">
                  {axisOf(v, measure, language)}
                </text>
              </g>
            ))}
            {marks.map((at) => (
              <text
                key={at}
                className="ck-axis"
                x={Math.min(x(at), width - font * 1.5)}
                y={height - font * 0.3}
                textAnchor="middle"
              >
                {when(at)}
              </text>
            ))}
            {lines.map((l, i) => {
              const path = l.points.map((p) => `${x(p.at).toFixed(1)} ${y(p.value).toFixed(1)}`).join('L');
              return l.points.length === 0 ? null : (
                <g key={l.name} className={`ck-line s${i}`}>
                  {lines.length === 1 ? (
                    <path
                      className="area"
                      d={`M${x(l.points[0]!.at)} ${y(low)}L${path}L${x(l.points.at(-1)!.at)} ${y(low)}Z`}
                    />
                  ) : null}
                  <path className="line" d={`M${path}`} />
                  <circle cx={x(l.points.at(-1)!.at)} cy={y(l.points.at(-1)!.value)} r={font * 0.28} />
                </g>
              );
            })}
            {near === undefined ? null : <path className="ck-cursor" d={`M${x(near)} ${top}V${height - bottom}`} />}
          </svg>
        ) : null}
      </div>
    </div>
  );
}

/** Parts as bars one below the other: label, bar, number. */
export function Bars({
  figure,
  measure,
  onPick,
}: {
  figure: Figure;
  measure: Measure;
  onPick?: ((key: string) => void) | undefined;
}) {
  const { language } = useSpeech();
  const most = Math.max(...figure.rows.map((r) => Math.max(num(r.value) ?? 0, num(r.target) ?? 0)), 0) || 1;
  const [box, { height }] = useBox();
  const line = box.current ? Number.parseFloat(getComputedStyle(box.current).fontSize) * 1.9 : 24;
  const room = height > 0 ? Math.max(1, Math.floor(height / line)) : figure.rows.length;
  return (
    <div className="ck-fill" ref={box}>
      <ul className="ck-bars">
        {figure.rows.slice(0, room).map((row) => {
          const label = labelOf(row, language);
          const value = num(row.value);
          const inside = (
            <>
              <span className="ck-bar-label" title={label}>
                {label}
              </span>
              <span className="ck-bar">
                {num(row.target) !== null ? (
                  <i className="of" style={{ inlineSize: `${(num(row.target)! / most) * 100}%` }} />
                ) : null}
                <i
                  className={measure.direction === 'down' ? 'weft' : ''}
                  style={{ inlineSize: `${((value ?? 0) / most) * 100}%` }}
                />
              </span>
              <b className="num">{value === null ? <Few /> : axisOf(value, measure, language)}</b>
            </>
          );
          return (
            <li key={String(row.key ?? label)}>
              {onPick ? (
                <button type="button" onClick={() => onPick(String(row.key ?? ''))}>
                  {inside}
                </button>
              ) : (
                <div>{inside}</div>
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

/** A cell that is left out because too few stand behind it. */
export function Few() {
  const { t } = useSpeech();
  return (
    <span className="quiet" title={t('cockpits.few-why')}>
      {t('cockpits.few')}
    </span>
  );
}

/** Parts as columns side by side: for what has an order of its own (ages, months, hours). */
export function Columns({ figure, measure }: { figure: Figure; measure: Measure }) {
  const { language, say } = useSpeech();
  const [box, { width, height }] = useBox();
  const font = width > 0 ? Number.parseFloat(getComputedStyle(box.current!).fontSize) : 12;
  const rows = figure.rows;
  const most = Math.max(...rows.map((r) => num(r.value) ?? 0), 0) || 1;
  const each = width / Math.max(1, rows.length);
  const bar = Math.min(each * 0.64, font * 3);
  const bottom = font * 1.7;
  const top = font * 1.5;
  const every = Math.max(1, Math.ceil((font * 3) / each));
  const label = `${say(measure.title)}: ${rows.map((r) => `${labelOf(r, language)} ${textOf(num(r.value), measure, language)}`).join(', ')}`;
  return (
    <div className="ck-plot" ref={box}>
      {width > 0 ? (
        <svg width={width} height={height} role="img" aria-label={label}>
          <title>{label}</title>
          {rows.map((row, i) => {
            const value = num(row.value);
            const tall = ((value ?? 0) / most) * (height - top - bottom);
            const x = each * (i + 0.5);
            return (
              <g key={String(row.key ?? i)}>
                <rect
                  className="ck-column"
                  x={x - bar / 2}
                  width={bar}
                  y={height - bottom - tall}
                  height={Math.max(tall, 1)}
                  rx={2}
                />
                {each > font * 2 ? (
                  <text
                    className="ck-column-value num"
                    x={x}
                    y={height - bottom - tall - font * 0.4}
                    textAnchor="middle"
                  >
                    {value === null ? '·' : axisOf(value, measure, language)}
                  </text>
                ) : null}
                {i % every === 0 ? (
                  <text className="ck-axis" x={x} y={height - font * 0.4} textAnchor="middle">
                    {columnLabel(labelOf(row, language))}
                  </text>
                ) : null}
              </g>
            );
          })}
          <path className="ck-base" d={`M0 ${height - bottom}H${width}`} />
        </svg>
      ) : null}
    </div>
  );
}

/** Months of a year without their century. */
const columnLabel = (text: string): string => (/^20\d\d-\d\d$/.test(text) ? text.slice(2) : text);

/** Parts of a whole as one bar and its list. */
export function Share({ figure, measure }: { figure: Figure; measure: Measure }) {
  const { language, say } = useSpeech();
  const id = useId();
  const rows = figure.rows.filter((r) => (num(r.value) ?? 0) > 0);
  const whole = rows.reduce((n, r) => n + (num(r.value) ?? 0), 0) || 1;
  const shown = rows.slice(0, 6);
  return (
    <div className="ck-share" role="img" aria-labelledby={id}>
      <span id={id} className="visually-hidden">
        {`${say(measure.title)}: ${rows.map((r) => `${labelOf(r, language)} ${Math.round(((num(r.value) ?? 0) / whole) * 100)}%`).join(', ')}`}
      </span>
      <div className="ck-share-bar" aria-hidden="true">
        {shown.map((r, i) => (
          <i key={String(r.key ?? i)} className={`s${i}`} style={{ flexGrow: num(r.value) ?? 0 }} />
        ))}
      </div>
      <ul aria-hidden="true">
        {shown.map((r, i) => (
          <li key={String(r.key ?? i)}>
            <i className={`ck-dot s${i}`} />
            <span className="ck-bar-label">{labelOf(r, language)}</span>
            <b className="num">{axisOf(num(r.value) ?? 0, measure, language)}</b>
            <span className="num quiet">{(((num(r.value) ?? 0) / whole) * 100).toFixed(0)}%</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
