/**
 * Rivers, reservoirs, pumps and the tide. Rain becomes a river's rise by a unit hydrograph (two equal reservoirs) over the towns upstream, with more
 * running off the wetter the ground is; the tide of Hangzhou Bay holds the lower reaches back; pumps that drain a river run by its level. The sums run
 * over the last ten days only, so that any hour can be had by itself.
 */
import { BEIJING, DAY, dayOf, HOUR } from './calendar.ts';
import type { Ground } from './ground.ts';
import type { Weather } from './weather.ts';

/** Hours that a rise remembers, and hours that the ground remembers rain. */
const MEMORY = 96;
const SOAK = 120;
/** Storage constant of each of the two reservoirs, hours. */
const K = 5;

/** Weight of the rain of so many hours ago; they add up to one. */
const hydrograph = (() => {
  const raw = Float64Array.from({ length: MEMORY }, (_, h) => ((h + 0.5) / (K * K)) * Math.exp(-(h + 0.5) / K));
  const sum = raw.reduce((a, b) => a + b, 0);
  return raw.map((x) => x / sum);
})();
/** How slowly the pumps' work is felt: weights of the last twelve hours. */
const felt = (() => {
  const raw = Float64Array.from({ length: 12 }, (_, h) => Math.exp(-h / 3));
  const sum = raw.reduce((a, b) => a + b, 0);
  return raw.map((x) => x / sum);
})();

/** Levels of a river in metres (1985 datum): kept in dry weather, and of the two warnings. */
export const levels = { normal: 1.15, warning: 1.95, danger: 2.45, pumpOn: 1.5, pumpOff: 1.3 } as const;

/** Tide of the bay (m) at the gates: the four largest constituents about a mean of 0.25 m. */
export function tideAt(at: number): number {
  const h = at / HOUR;
  const wave = (amplitude: number, period: number, phase: number) =>
    amplitude * Math.cos((2 * Math.PI * h) / period + phase);
  return (
    0.25 + wave(1.95, 12.4206012, 0.6) + wave(0.72, 12, 1.9) + wave(0.24, 23.9344696, 2.2) + wave(0.19, 25.8193417, 0.4)
  );
}

/** A day of the rivers by hour: [0, 24] with the last the next day's first. */
export interface WaterDay {
  /** Rise over the dry level before pumping (m) of each river at `hour * rivers + river`; share of the pumps running, 0 … 1. */
  rise: Float64Array;
  pumping: Float64Array;
  /** What pumping has taken off (m). */
  drawdown: Float64Array;
  /** Rain (mm) of the past ten days at each river's catchment as storage of reservoirs. */
  storage: Float64Array;
}

/** Waters of a ground. */
export class Waters {
  readonly #weather: Weather;
  readonly #basins: number[][];
  readonly #rivers: number;
  readonly #towns: number;
  /** Raw rises by river of a day (24 hours), before pumps. */
  readonly #raw = new Map<number, Float64Array>();
  readonly #days = new Map<number, WaterDay>();

  constructor(ground: Ground, weather: Weather) {
    this.#weather = weather;
    this.#towns = ground.towns.length;
    this.#rivers = ground.rivers.length;
    this.#basins = ground.rivers.map((r) => [...new Set(r.zones)]);
  }

  /** Rain of a river's catchment in the hour that begins at an hour number (hours since 1970 of Beijing time), mm. */
  #basinRain(river: number, hour: number): number {
    const rain = this.#weather.day(Math.floor(hour / 24)).rain;
    const at = (((hour % 24) + 24) % 24) * this.#towns;
    const basin = this.#basins[river]!;
    let sum = 0;
    for (const z of basin) sum += rain[at + z]!;
    return sum / basin.length;
  }

  #rawDay(day: number): Float64Array {
    let known = this.#raw.get(day);
    if (known) return known;
    known = new Float64Array(24 * this.#rivers);
    const span = MEMORY + SOAK + 24;
    const first = (day + 1) * 24 - span;
    const rain = new Float64Array(span);
    const runoff = new Float64Array(span);
    for (let r = 0; r < this.#rivers; r++) {
      let any = 0;
      for (let i = 0; i < span; i++) {
        rain[i] = this.#basinRain(r, first + i);
        any += rain[i]!;
      }
      if (any === 0) continue;
      for (let i = SOAK; i < span; i++) {
        let soaked = 0;
        for (let k = 1; k <= SOAK; k++) soaked += rain[i - k]! * (1 - k / SOAK);
        runoff[i] = rain[i]! * (0.3 + 0.55 * (1 - Math.exp(-soaked / 60)));
      }
      for (let h = 0; h < 24; h++) {
        let flow = 0;
        const at = span - 24 + h;
        for (let k = 1; k < MEMORY && at - k >= SOAK; k++) flow += runoff[at - k]! * hydrograph[k - 1]!;
        known[h * this.#rivers + r] = 0.62 * flow ** 0.75;
      }
    }
    if (this.#raw.size >= 64) this.#raw.delete(this.#raw.keys().next().value!);
    this.#raw.set(day, known);
    return known;
  }

  #rise(river: number, hour: number): number {
    const day = Math.floor(hour / 24);
    return this.#rawDay(day)[(hour - day * 24) * this.#rivers + river]!;
  }

  /** Whether pumps run in an hour: switched on above one level and off below another, looking back to where that was last decided. */
  #pumping(river: number, hour: number): number {
    for (let h = hour; h > hour - 96; h--) {
      const level = levels.normal + this.#rise(river, h);
      // Beyond the level that starts them, more of them run.
      if (level >= levels.pumpOn) {
        const now = levels.normal + this.#rise(river, hour);
        return Math.min(1, 0.34 + Math.max(0, now - levels.pumpOn) * 1.1);
      }
      if (level <= levels.pumpOff) return 0;
    }
    return 0;
  }

  /** A day of the rivers. */
  day(day: number): WaterDay {
    let known = this.#days.get(day);
    if (known) return known;
    const n = this.#rivers;
    const make = () => new Float64Array(25 * n);
    known = { rise: make(), pumping: make(), drawdown: make(), storage: make() };
    for (let r = 0; r < n; r++) {
      const run = Float64Array.from({ length: 25 + felt.length }, (_, i) =>
        this.#pumping(r, day * 24 + i - felt.length),
      );
      for (let h = 0; h <= 24; h++) {
        known.rise[h * n + r] = this.#rise(r, day * 24 + h);
        known.pumping[h * n + r] = run[h + felt.length]!;
        let drawn = 0;
        for (let k = 0; k < felt.length; k++) drawn += run[h + felt.length - 1 - k]! * felt[k]!;
        known.drawdown[h * n + r] = 0.32 * drawn;
      }
      // A reservoir takes days to answer: rain of ten days, fading.
      let stored = 0;
      for (let h = day * 24 - 240; h <= day * 24 + 24; h++) {
        stored = stored * Math.exp(-1 / 150) + (h > day * 24 - 240 ? this.#basinRain(r, h - 1) : 0);
        const i = h - day * 24;
        if (i >= 0) known.storage[i * n + r] = stored;
      }
    }
    if (this.#days.size >= 64) this.#days.delete(this.#days.keys().next().value!);
    this.#days.set(day, known);
    return known;
  }
}

/** Hour of the Beijing day with its fraction. */
export const clockOf = (at: number): number => (at - (dayOf(at) * DAY - BEIJING)) / HOUR;
