/** What the pages of the economy have in common: types of answers, figures and periods as they are written. */
import type { Answer } from '../../api/client.ts';
import type { Language } from '../../format/index.ts';
import { unitText } from '../../format/units.ts';

export type Overview = Answer<'/api/v1/libraries/economy'>;
export type Figures = Answer<'/api/v1/libraries/economy/figures'>;
export type Group = Figures['groups'][number];
export type Sheet = Answer<'/api/v1/libraries/economy/enterprises/{entity}'>;
export type Why = Answer<'/api/v1/libraries/economy/enterprises/{entity}/why'>;
export type Grading = Answer<'/api/v1/libraries/economy/gradings/{grading}'>;
export const grains = ['ytd', 'month', 'quarter', 'year'] as const;
export type Grain = (typeof grains)[number];

/** Periods that may be chosen for a length: years to a month are named by that month. */
export function periodsOf(overview: Overview, grain: Grain): string[] {
  const own = overview.periods[grain === 'ytd' ? 'month' : grain];
  // A year that has only begun is told as the year to the month.
  return grain === 'year' && own.length > 1 ? own : own.slice(0, 36);
}

/** The period that is shown when none is chosen: of years the last whole one. */
export function latestPeriod(overview: Overview, grain: Grain): string {
  const all = periodsOf(overview, grain);
  const month = overview.periods.month[0];
  if (grain === 'year' && month && !month.endsWith('-12') && all[0] === month.slice(0, 4))
    return all[1] ?? all[0] ?? '';
  return all[0] ?? '';
}

/** A period in words: 2026年1—10月, 2026年3季度. */
export function periodText(grain: Grain, period: string, language: Language): string {
  const [year, rest = ''] = period.split('-');
  if (language === 'en') return grain === 'ytd' ? `January to ${period}` : period;
  if (grain === 'year') return `${year}年`;
  if (grain === 'quarter') return `${year}年${rest.slice(1)}季度`;
  return grain === 'ytd' ? `${year}年1—${Number(rest)}月` : `${year}年${Number(rest)}月`;
}

/** A figure with its declared places, digits grouped. */
export function number(value: number | null | undefined, decimals: number): string {
  return value === null || value === undefined
    ? '—'
    : value.toLocaleString('en-US', { minimumFractionDigits: 0, maximumFractionDigits: decimals });
}

/** A change in percent with its sign. */
export function change(value: number | null | undefined): string {
  if (value === null || value === undefined) return '—';
  return `${value > 0 ? '+' : value < 0 ? '−' : ''}${Math.abs(value).toFixed(1)}%`;
}

/** Title with its unit: 用电量（万千瓦时）. */
export const titled = (x: { title: { zh: string; en: string }; unit: string }, language: Language): string =>
  language === 'zh' ? `${x.title.zh}（${x.unit}）` : `${x.title.en} (${compound(x.unit)})`;

/** Units that are quotients: each part in the page's language. */
const compound = (unit: string): string =>
  unit
    .split('/')
    .map((u) => unitText(u, 'en'))
    .join(' / ');
export const unitOf = (unit: string, language: Language): string => (language === 'zh' ? unit : compound(unit));

/** A number as an axis bears it. */
export const axis = (n: number, language: Language): string =>
  new Intl.NumberFormat(language === 'zh' ? 'zh-CN' : 'en', { notation: 'compact', maximumFractionDigits: 1 }).format(
    n,
  );

/** What a grade tells at a glance. */
export const gradeTone = (grade: string): 'good' | 'info' | 'warn' | 'bad' =>
  (({ A: 'good', B: 'info', C: 'warn', D: 'bad' })[grade] as 'good') ?? 'info';
