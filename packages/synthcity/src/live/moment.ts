/** The city at one instant: everything that sensors depend on, worked out once for all of them. */
import { type DayKind, dayOf, dayStart, HOUR, kindOfDay, sunAt } from './calendar.ts';
import type { Ground } from './ground.ts';
import { bump, clamp } from './random.ts';
import { cutOf, into, type Scene, shutBy } from './scenes.ts';
import { tideAt, type Waters } from './water.ts';
import type { Weather } from './weather.ts';

/** What is so at an instant. Arrays are by town (zone) or by river. */
export interface Moment {
  at: number;
  /** Hour of the Beijing day with its fraction. */
  clock: number;
  kind: DayKind;
  temperature: number;
  humidity: number;
  pressure: number;
  cloud: number;
  /** W/m²; `heat`: the sun's height two hours ago, 0 … 1. */
  sun: number;
  heat: number;
  /** Tide and surge at the coast, m. */
  tide: number;
  windSpeed: Float64Array;
  /** Direction that the wind comes from, degrees. */
  windFrom: Float64Array;
  /** mm of the past hour. */
  rain: Float64Array;
  /** 1 where there is no power. */
  cut: Uint8Array;
  /** Schools and scenic spots closed by order. */
  shut: boolean;
  rise: Float64Array;
  pumping: Float64Array;
  drawdown: Float64Array;
  storage: Float64Array;
  /** Traffic as a share of its busiest ordinary hour. */
  traffic: number;
  scenes: readonly Scene[];
}

/** Traffic of an ordinary day, 0 … 1: two peaks on working days, a broad afternoon on the others. */
export function trafficOf(kind: DayKind, clock: number): number {
  const night = 0.06 + 0.05 * bump(clock, 23.5, 2) + 0.05 * bump(clock, -0.5, 1.5);
  if (kind.workday) {
    const friday = kind.weekday === 5 ? 0.08 * bump(clock, 17.3, 2.4) : 0;
    return (
      night +
      0.83 * bump(clock, 7.7, 1.05) +
      0.46 * bump(clock, 12.4, 4.2) +
      0.8 * bump(clock, 17.5, 1.3) +
      friday +
      0.2 * bump(clock, 20.3, 1.8)
    );
  }
  const lively = kind.holiday ? 1.1 : 1;
  return night + lively * (0.5 * bump(clock, 10.8, 2.4) + 0.58 * bump(clock, 16.4, 3.1) + 0.2 * bump(clock, 20.3, 1.8));
}

/** Works moments out; the last one's arrays are not shared. */
export class Moments {
  readonly #ground: Ground;
  readonly #weather: Weather;
  readonly #waters: Waters;
  readonly #scenes: readonly Scene[];

  constructor(ground: Ground, weather: Weather, waters: Waters, scenes: readonly Scene[]) {
    this.#ground = ground;
    this.#weather = weather;
    this.#waters = waters;
    this.#scenes = scenes;
  }

  /** The city at an instant (ms UTC). */
  of(at: number): Moment {
    const day = dayOf(at);
    const kind = kindOfDay(day);
    const clock = (at - dayStart(day)) / HOUR;
    const h = Math.min(23, Math.floor(clock));
    const f = clock - h;
    const w = this.#weather.day(day);
    const towns = this.#ground.towns.length;
    const rivers = this.#ground.rivers.length;
    const hourly = (values: Float64Array): number => values[h]! * (1 - f) + values[h + 1]! * f;
    const scenes = this.#scenes.filter((s) => at >= s.start && at < s.end);
    const windSpeed = new Float64Array(towns);
    const windFrom = new Float64Array(towns);
    const rain = new Float64Array(towns);
    const cut = new Uint8Array(towns);
    const before = h > 0 ? w.rain : this.#weather.day(day - 1).rain;
    const last = (h > 0 ? h - 1 : 23) * towns;
    for (let z = 0; z < towns; z++) {
      const east = w.east[h * towns + z]! * (1 - f) + w.east[(h + 1) * towns + z]! * f;
      const north = w.north[h * towns + z]! * (1 - f) + w.north[(h + 1) * towns + z]! * f;
      windSpeed[z] = Math.hypot(east, north);
      windFrom[z] = ((Math.atan2(-east, -north) * 180) / Math.PI + 360) % 360;
      rain[z] = before[last + z]! * (1 - f) + w.rain[h * towns + z]! * f;
    }
    for (const scene of scenes)
      for (let z = 0; z < towns; z++) {
        const hours = cutOf(scene, z);
        const now = into(scene, at);
        if (hours && now >= hours[0] && now < hours[1]) cut[z] = 1;
      }
    const water = this.#waters.day(day);
    const byRiver = (values: Float64Array): Float64Array =>
      Float64Array.from(
        { length: rivers },
        (_, r) => values[h * rivers + r]! * (1 - f) + values[(h + 1) * rivers + r]! * f,
      );
    return {
      at,
      clock,
      kind,
      temperature: hourly(w.temperature),
      humidity: hourly(w.humidity),
      pressure: hourly(w.pressure),
      cloud: hourly(w.cloud),
      sun: hourly(w.sun),
      heat: sunAt(at - 2 * HOUR),
      tide: tideAt(at) + hourly(w.surge),
      windSpeed,
      windFrom,
      rain,
      cut,
      shut: scenes.some((s) => shutBy(s, at)),
      rise: byRiver(water.rise),
      // Pumps are on or off for an hour: nothing between.
      pumping: water.pumping.subarray(h * rivers, (h + 1) * rivers),
      drawdown: byRiver(water.drawdown),
      storage: byRiver(water.storage),
      traffic: clamp(trafficOf(kind, clock), 0.03, 1.15),
      scenes,
    };
  }
}
