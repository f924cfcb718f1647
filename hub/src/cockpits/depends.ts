/** Which indicators a change touches: from the views and topics of readings that each reads. */
import type { Measure } from './load.ts';

/** An index from what is read to who reads it. */
export class Dependents {
  readonly #readers = new Map<string, string[]>();

  constructor(measures: Iterable<Pick<Measure, 'key' | 'depends'>>) {
    for (const { key, depends } of measures)
      for (const name of new Set(depends)) {
        const list = this.#readers.get(name);
        if (list) list.push(key);
        else this.#readers.set(name, [key]);
      }
  }

  /** Keys of indicators that read it: a view (`v.alert_v1`) or a topic (`AirQualityObserved.pm25`). */
  of(name: string): readonly string[] {
    return this.#readers.get(name) ?? [];
  }

  /** Everything that somebody reads. */
  names(): IterableIterator<string> {
    return this.#readers.keys();
  }
}
