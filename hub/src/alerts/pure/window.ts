/**
 * Measures over a moving window, columnar: a window is cut into 24 parts, so that memory is bounded however often a sensor sends. It reaches
 * back between 23/24 and the whole of its length.
 */
import type { Measure } from './rule.ts';

/** Parts of a window. */
export const PARTS = 24;
type Columns = Record<string, Float64Array>;

const wants: Partial<Record<Measure, readonly string[]>> = {
  mean: ['sum', 'count'],
  sum: ['sum'],
  max: ['max'],
  min: ['min'],
  rise: ['min'],
  fall: ['max'],
  change: ['first'],
  rate: ['first', 'time'],
};

/** The windows of one rule's slots. */
export class Windows {
  readonly columns: Columns = {};
  readonly #measure: Measure;
  readonly #width: number;

  constructor(measure: Measure, length: number, slots: number) {
    this.#measure = measure;
    this.#width = length / PARTS;
    for (const name of ['part', ...(wants[measure] ?? [])]) this.columns[name] = new Float64Array(slots * PARTS);
    this.columns.part!.fill(-1);
  }

  grow(slots: number): void {
    for (const [name, old] of Object.entries(this.columns)) {
      const next = new Float64Array(slots * PARTS);
      if (name === 'part') next.fill(-1);
      next.set(old);
      this.columns[name] = next;
    }
  }

  /** Takes a reading in and answers the measure at its time. */
  push(slot: number, at: number, value: number): number {
    const { part, sum, count, min, max, first, time } = this.columns as {
      [k: string]: Float64Array;
    } & { part: Float64Array };
    const now = Math.floor(at / this.#width);
    const base = slot * PARTS;
    const i = base + (now % PARTS);
    const fresh = part[i] !== now;
    part[i] = now;
    if (sum) sum[i] = fresh ? value : sum[i]! + value;
    if (count) count[i] = fresh ? 1 : count[i]! + 1;
    if (min) min[i] = fresh || value < min[i]! ? value : min[i]!;
    if (max) max[i] = fresh || value > max[i]! ? value : max[i]!;
    if (first && fresh) first[i] = value;
    if (time && fresh) time[i] = at;
    let total = 0;
    let n = 0;
    let least = value;
    let most = value;
    let oldest = now;
    let from = i;
    for (let j = base; j < base + PARTS; j++) {
      const p = part[j]!;
      if (p <= now - PARTS || p > now || p < 0) continue;
      if (sum) total += sum[j]!;
      if (count) n += count[j]!;
      if (min && min[j]! < least) least = min[j]!;
      if (max && max[j]! > most) most = max[j]!;
      if (p < oldest) {
        oldest = p;
        from = j;
      }
    }
    switch (this.#measure) {
      case 'sum':
        return total;
      case 'mean':
        return total / n;
      case 'min':
        return least;
      case 'max':
        return most;
      case 'rise':
        return value - least;
      case 'fall':
        return most - value;
      case 'change':
        return value - first![from]!;
      default: {
        const passed = at - time![from]!;
        // By the hour; nothing is known of a rate before a second reading.
        return passed > 0 ? ((value - first![from]!) / passed) * 3_600_000 : 0;
      }
    }
  }
}
