/** How figures are written on a cockpit. */
import { type Language, type Measured, percent, short } from '../../format/index.ts';
import type { Figure, Measure } from './live.ts';
import { holds, instantOf, isStale, misses, written } from './pure.ts';

/** Whether a figure is counted in ten thousands (万元): a short form of it would count them twice. */
const inTenThousands = (m: Pick<Measure, 'unit'>): boolean => m.unit?.zh.startsWith('万') === true;

/** A value with its unit: short counts in 万 and 亿 (k, M, B), small numbers with the declared digits. */
export function measuredOf(
  value: number | null | undefined,
  m: Pick<Measure, 'as' | 'digits' | 'unit'>,
  language: Language,
): Measured {
  if (value === null || value === undefined) return { number: '—', unit: '' };
  if (m.as === 'percent') return { number: percent(value, m.digits).replace('%', ''), unit: '%' };
  const unit = m.unit?.[language] ?? '';
  // 万元 beyond ten thousand are 亿元, not 万万元.
  if (inTenThousands(m) && Math.abs(value) >= 10_000) {
    const s = short(Math.round(value * 10_000), language);
    const rest = unit.replace(/^万| ?10k/, '');
    return { number: s.number, unit: language === 'zh' ? `${s.unit}${rest}` : `${s.unit} ${rest}` };
  }
  if (Math.abs(value) < 10_000) {
    const digits = Math.abs(value) >= 1000 ? 0 : m.digits;
    return { number: value.toLocaleString('en-US', { maximumFractionDigits: digits }), unit };
  }
  const s = short(Math.round(value), language);
  return { number: s.number, unit: language === 'zh' ? `${s.unit}${unit}` : [s.unit, unit].filter(Boolean).join(' ') };
}

/** The same as one text. */
export function textOf(
  value: number | null | undefined,
  m: Pick<Measure, 'as' | 'digits' | 'unit'>,
  language: Language,
): string {
  const v = measuredOf(value, m, language);
  return v.unit === '%' || language === 'zh' ? `${v.number}${v.unit}` : `${v.number} ${v.unit}`.trim();
}

/** A short number for axes and bars, whose panel tells the unit; in units of ten thousand a short form would be read as twice that. */
export function axisOf(value: number, m: Pick<Measure, 'as' | 'digits' | 'unit'>, language: Language): string {
  if (inTenThousands(m) && Math.abs(value) >= 10_000) return Math.round(value).toLocaleString('en-US');
  return textOf(value, { as: m.as, digits: m.digits, unit: null }, language);
}

export type Tone = 'good' | 'warn' | 'bad' | undefined;

/** The colour that a figure has earned: from its thresholds, else from its target. */
export function toneOf(f: Figure, m: Measure): Tone {
  if (f.value === null) return undefined;
  const beyond = (limit: number | null) =>
    limit !== null && (m.direction === 'up' ? f.value! < limit : f.value! > limit);
  if (beyond(m.bad)) return 'bad';
  if (beyond(m.warn)) return 'warn';
  const missed = misses(f, m);
  return missed === null ? undefined : missed ? 'warn' : 'good';
}

/** The change since the period before that the answer tells, else since yesterday; null where neither is known. */
export function changeOf(f: Figure): { by: number; share: number | null; since: 'before' | 'yesterday' } | null {
  const since = f.before !== null ? 'before' : 'yesterday';
  const base = f.before ?? f.yesterday;
  if (base === null || f.value === null) return null;
  const by = f.value - base;
  return { by, share: base === 0 ? null : by / Math.abs(base), since };
}

/** Whether a figure stands on data older than it may. */
export const staleOf = (f: Figure, m: Measure, now: number): boolean => f.state === 'failed' || isStale(f, m, now);

/** A sentence with figures in it: `{id}` becomes what the figure says. */
export function told(
  text: string,
  values: ReadonlyMap<string, { figure: Figure; measure: Measure }>,
  language: Language,
): string {
  return text.replace(/\{([a-z0-9-]+)\}/g, (_, id: string) => {
    const one = values.get(id);
    if (!one) return '—';
    // The sentence says the unit: only what is left out of the number is told.
    return inTenThousands(one.measure)
      ? one.figure.value === null
        ? '—'
        : one.figure.value.toLocaleString('en-US', { maximumFractionDigits: one.figure.value < 1000 ? 1 : 0 })
      : textOf(one.figure.value, { ...one.measure, unit: null }, language);
  });
}

export { holds, instantOf, written };
