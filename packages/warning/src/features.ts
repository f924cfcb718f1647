/** What the regressions look at: nine differences of what is known of a series, plain and on logarithms, each in the point's own unit. */
import { DAY_AGO, LEVEL, PREVIOUS, QUICK, SEASON, SLOW, type Store, UNIT, Y } from './forecaster-state.ts';

const DAY = 86_400_000;

/** From which kept point, for which part of the day and hour of the week, how much later (ms). */
export interface Aim {
  readonly from: number;
  readonly bin: number;
  readonly hour: number;
  readonly span: number;
}

/**
 * Writes the plain features into `f` and, where it is given, those on logarithms into `g`. What a day or a week ago says is left out where
 * it was not known yet at `from`: learning must not see more than forecasting will.
 */
export function featuresOf(m: Store, { from, bin, hour, span }: Aim, f: Float64Array, g?: Float64Array): void {
  const y = m.get(from, Y);
  const unit = m.get(from, UNIT);
  const level = m.get(from, LEVEL);
  const seen = m.seen[bin]!;
  const weekSeen = m.weekSeen[hour]!;
  const base = level + m.get(from, SEASON);
  const within = span <= DAY;
  const day = within || span % DAY !== 0 ? level + (seen ? (m.season[bin]! * seen) / (seen + 1) : 0) : base;
  const week = day + (span <= 7 * DAY ? (m.week[hour]! * weekSeen) / (weekSeen + 1) : 0);
  const before = seen && within ? m.yesterday[bin]! : y;
  const known = within ? m.get(from, DAY_AGO) : Number.NaN;
  const ago = seen > 0 && Number.isFinite(known) ? known : before;
  const previous = m.get(from, PREVIOUS);
  const quick = m.get(from, QUICK);
  const slow = m.get(from, SLOW);
  write(f, unit, y, base, previous, quick, before, week, day, slow, ago);
  if (!g) return;
  const c = logOffset(slow, unit);
  write(
    g,
    unit / (y + c),
    logOf(y, c),
    logOf(base, c),
    logOf(previous, c),
    logOf(quick, c),
    logOf(before, c),
    logOf(week, c),
    logOf(day, c),
    logOf(slow, c),
    logOf(ago, c),
  );
}

/** Writes the three forecasts that learn nothing into the first places of `out`: stay, as a day ago, half way between both. */
export function naiveOf(m: Store, from: number, bin: number, span: number, out: Float64Array): void {
  const y = m.get(from, Y);
  const within = span <= DAY;
  const ago = within ? m.get(from, DAY_AGO) : Number.NaN;
  const before = m.seen[bin]! && within ? m.yesterday[bin]! : y;
  out[0] = y;
  out[1] = before;
  // a whole day ahead half way would carry the day's change on
  out[2] = Number.isFinite(ago) && span < DAY ? before + 0.5 * (y - ago) : y;
}

/** What is added before a logarithm: a share of the usual value, so that small values do not rule. */
export const logOffset = (slow: number, unit: number): number => 0.4 * Math.abs(slow) + unit;
const logOf = (x: number, c: number): number => Math.log(Math.max(x, -c / 2) + c);

function write(
  f: Float64Array,
  unit: number,
  now: number,
  base: number,
  previous: number,
  quick: number,
  before: number,
  week: number,
  day: number,
  slow: number,
  ago: number,
): void {
  f[0] = 1;
  f[1] = (day - base) / unit;
  f[2] = (base - now) / unit;
  f[3] = (now - previous) / unit;
  f[4] = (now - quick) / unit;
  f[5] = (before - now) / unit;
  f[6] = (week - day) / unit;
  f[7] = (slow - now) / unit;
  f[8] = (before - ago) / unit;
}
