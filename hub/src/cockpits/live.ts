/** Figures folded from the newest readings in memory: no SQL, so that a thousand readings a second cost next to nothing. */
import type { Sensing } from '../sensing/index.ts';
import type { LiveFold } from './declaration.ts';

/** The newest readings of topics, as folds ask for them. */
export interface Newest {
  /** Numbers of the active series of a topic, and the entity of each. */
  series(topic: string): readonly { number: number; entity: string }[];
  /** The number of an entity's series of a topic. */
  find(entity: string, topic: string): number | undefined;
  latest(series: number): { at: number; value: number } | undefined;
}

/** Folds the newest readings; `at` is the newest instant among them (ms UTC), null where there is none. */
export function fold(declared: LiveFold, newest: Newest, now: number): { value: number | null; at: number | null } {
  const oldest = now - declared.fresh * 1000;
  let [sum, over, n, hits, at] = [0, 0, 0, 0, null as number | null];
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { number, entity } of newest.series(declared.topic)) {
    if (declared.entity && !entity.includes(declared.entity)) continue;
    const reading = newest.latest(number);
    if (!reading) continue;
    if (at === null || reading.at > at) at = reading.at;
    if (reading.at < oldest) continue;
    let share = 1;
    if (declared.over) {
      const other = newest.find(entity, declared.over);
      const whole = other === undefined ? undefined : newest.latest(other);
      if (!whole) continue;
      share = whole.value;
    }
    const { value } = reading;
    n += 1;
    sum += value;
    over += share;
    if (value < min) min = value;
    if (value > max) max = value;
    const { below, above } = declared.where ?? {};
    if ((below === undefined || value < below) && (above === undefined || value > above)) hits += 1;
  }
  if (declared.fold === 'count') return { value: at === null ? null : hits, at };
  if (n === 0) return { value: null, at };
  const own = { sum, mean: sum / n, min, max, share: hits / n }[declared.fold];
  const value = declared.over ? (over === 0 ? null : (declared.fold === 'mean' ? sum : own) / over) : own;
  return { value, at };
}

/** What folds ask of sensing; series of a topic are listed once and again after `forget`. */
export class SensedNewest implements Newest {
  readonly #sensing: Sensing;
  #lists = new Map<string, { number: number; entity: string }[]>();

  constructor(sensing: Sensing) {
    this.#sensing = sensing;
  }

  series(topic: string): readonly { number: number; entity: string }[] {
    let list = this.#lists.get(topic);
    if (!list) {
      const [type, property] = topic.split('.') as [string, string];
      list = this.#sensing.book.select({ type, property }).map(({ number, entity }) => ({ number, entity }));
      this.#lists.set(topic, list);
    }
    return list;
  }

  find(entity: string, topic: string): number | undefined {
    return this.#sensing.book.find(entity, topic.split('.')[1]!)?.number;
  }

  latest(series: number) {
    return this.#sensing.latest(series);
  }

  /** The registry changed. */
  forget(): void {
    this.#lists = new Map();
  }
}
