/** What is wrong with sensors, and since when: the truth that a watch over sensors is measured by. */
import { DAY, HOUR } from './calendar.ts';
import { bell, hash32, unit } from './random.ts';
import type { LiveSeries } from './stations.ts';

/** Stuck at a value; drifting away; silent; single wild readings; in another unit. */
export type FaultKind = 'stuck' | 'drift' | 'silent' | 'spikes' | 'unit';

/** A fault of a series in [from, to), ms UTC. */
export interface Fault {
  series: number;
  kind: FaultKind;
  from: number;
  to: number;
  /** Drift at the end and height of spikes, in the property's unit; factor of a wrong unit. */
  size: number;
}

const WEEK = 7 * DAY;
const kinds: readonly FaultKind[] = ['stuck', 'drift', 'silent', 'silent', 'spikes', 'unit'];
/** Units that instruments are set to by mistake: millimetres for metres, mg for µg, kilowatts as megawatts … */
const factors: Readonly<Record<string, number>> = {
  MTR: 1000,
  GQ: 0.001,
  KWT: 0.001,
  A97: 0.1,
  MTS: 3.6,
  KMH: 0.2778,
  MMT: 0.1,
  CEL: 1.8,
};

/** Faults of a registry, a week at a time. `rate`: faults of a series in a week. */
export class Faults {
  readonly #series: readonly LiveSeries[];
  readonly #salt: number;
  readonly #rate: number;
  readonly #kept = new Map<number, Map<number, Fault>>();

  constructor(series: readonly LiveSeries[], salt: number, rate: number) {
    this.#series = series;
    this.#salt = salt;
    this.#rate = rate;
  }

  /** Faults by series of the week that an instant lies in; none crosses into the next. */
  week(at: number): ReadonlyMap<number, Fault> {
    const week = Math.floor(at / WEEK);
    let known = this.#kept.get(week);
    if (!known) {
      known = new Map();
      for (const s of this.#series)
        if (unit(this.#salt, s.number, week) < this.#rate) known.set(s.number, this.#make(s, week));
      if (this.#kept.size > 60) this.#kept.clear();
      this.#kept.set(week, known);
    }
    return known;
  }

  #make(s: LiveSeries, week: number): Fault {
    const salt = this.#salt ^ 0x2545f491;
    let kind = kinds[hash32(salt, s.number, week) % kinds.length]!;
    if (kind === 'unit' && factors[s.unitCode] === undefined) kind = 'stuck';
    const lasts =
      kind === 'drift'
        ? 3 * DAY + unit(salt, s.number, week + 1e6) * 3 * DAY
        : (2 + 46 * unit(salt, s.number, week + 1e6)) * HOUR;
    const from = week * WEEK + unit(salt, s.number, week + 2e6) * (WEEK - lasts);
    const sign = bell(salt, s.number, week + 3e6) < 0 ? -1 : 1;
    const size =
      kind === 'unit'
        ? factors[s.unitCode]!
        : sign * s.scale * (kind === 'drift' ? 4 : 9) * (0.7 + 0.6 * unit(salt, s.number, week + 4e6));
    return { series: s.number, kind, from: Math.round(from), to: Math.round(from + lasts), size };
  }

  /** What the instrument says at an instant instead of the true value; undefined when it says nothing. */
  said(fault: Fault, at: number, value: number, trueAt: (at: number) => number): number | undefined {
    switch (fault.kind) {
      case 'silent':
        return undefined;
      case 'stuck':
        return trueAt(fault.from);
      case 'drift':
        return value + (fault.size * (at - fault.from)) / (fault.to - fault.from);
      case 'spikes':
        // One reading in twenty-five, whatever the step.
        return unit(this.#salt ^ 0x51ed27, fault.series, Math.floor(at / 1000) % 2 ** 31) < 0.04
          ? value + fault.size
          : value;
      case 'unit':
        return value * fault.size;
    }
  }
}
