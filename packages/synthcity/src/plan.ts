/** How many rows each class has. */
import type { ClassModel } from './model.ts';
import { SynthcityError } from './options.ts';

/** Enterprises and rows of the full-size city, whose density is the default. */
export const fullSize = { enterprises: 300_000, rows: 45_730_000 };

/** Members of pools and rows of relation tables. */
export interface Sizes {
  pools: ReadonlyMap<string, number>;
  linked: ReadonlyMap<string, number>;
  adults: number;
}

/** Rows and enterprises from whichever of the two is given. A small city has fewer rows per enterprise, so that it still has variety. */
export function sizeOf(options: { rows?: number; enterprises?: number }): { rows: number; enterprises: number } {
  const density = fullSize.rows / fullSize.enterprises;
  for (const [name, value] of Object.entries(options))
    if (value !== undefined && (!Number.isSafeInteger(value) || value < 1))
      throw new SynthcityError(
        'synthcity.size',
        `${name} 必须是正整数，收到 ${value}`,
        `${name} must be a positive integer, not ${value}`,
      );
  if (options.rows === undefined && options.enterprises !== undefined)
    return { rows: Math.max(2000, Math.round(options.enterprises * density)), enterprises: options.enterprises };
  const rows = options.rows ?? 20_000;
  return {
    rows,
    enterprises: options.enterprises ?? Math.max(60, Math.round(Math.max(rows / density, Math.min(rows / 16, 3000)))),
  };
}

/** A class is shown by so many rows at least, where its pool has as many members. */
const fewest = 12;

/** Rows of one class when the elastic ones are scaled by `factor`: the rare ones give way more slowly than the monthly ones. */
function rowsOf(model: ClassModel, enterprises: number, sizes: Sizes, factor: number): number {
  const r = model.rows;
  const slow = factor < 1 ? factor ** 0.4 : factor;
  const scaled = (by: number, rate: number): number => Math.max(fewest, Math.round(rate * enterprises * by));
  if (r.shape === 'linked') return sizes.linked.get(r.table) ?? 0;
  if (r.shape === 'persons') return Math.min(sizes.adults, scaled(slow, r.rate));
  const pool = sizes.pools.get(r.pool) ?? 0;
  if (pool === 0) return 0;
  if (r.shape === 'once') return r.core ? Math.round(r.rate * pool) : Math.min(pool, scaled(Math.min(1, slow), r.rate));
  return scaled(r.shape === 'events' || r.rate < 1 ? slow : factor, r.rate);
}

/**
 * Divides `rows` over the classes. Registers and relations have their own size; the others are scaled alike until the
 * sum is met, and the largest takes what rounding leaves.
 */
export function planRows(
  models: readonly ClassModel[],
  enterprises: number,
  rows: number,
  sizes: Sizes,
): Map<string, number> {
  const total = (factor: number): number => models.reduce((sum, m) => sum + rowsOf(m, enterprises, sizes, factor), 0);
  const least = total(0);
  if (least > rows)
    throw new SynthcityError(
      'synthcity.too-few-rows',
      `${enterprises} 家企业至少需要 ${least} 行，要求的是 ${rows} 行`,
      `${enterprises} enterprises need at least ${least} rows; ${rows} were asked for`,
    );
  let [low, high] = [0, 1];
  while (total(high) < rows) high *= 2;
  for (let i = 0; i < 60; i += 1) {
    const middle = (low + high) / 2;
    if (total(middle) < rows) low = middle;
    else high = middle;
  }
  const plan = new Map(models.map((m) => [m.id, rowsOf(m, enterprises, sizes, low)]));
  const periodic = models.filter((m) => m.rows.shape === 'periods').map((m) => m.id);
  const largest = periodic.sort((a, b) => (plan.get(b) ?? 0) - (plan.get(a) ?? 0))[0];
  if (largest) plan.set(largest, (plan.get(largest) ?? 0) + rows - [...plan.values()].reduce((a, b) => a + b, 0));
  return plan;
}

/** Subscribers of a periodic class: most of the pool, fewer when there are too few rows for a year of months. */
export function subscribersOf(rows: number, pool: number, months: 1 | 3 | 12): number {
  const periods = months === 1 ? 12 : months === 3 ? 4 : 3;
  return Math.max(1, Math.min(pool, Math.ceil(pool * 0.85), Math.ceil(rows / periods)));
}
