/**
 * The weather: fronts every few days, thunderstorms on summer afternoons, the seasons and the sun; by hour and town, worked out a day at a time and
 * kept for a while. A day depends on the seed, its number and the scenes alone: any window gives the same numbers.
 */
import { DAY, dayStart, HOUR, kindOfDay, sunAt } from './calendar.ts';
import { distance, type Ground } from './ground.ts';
import { bell, bump, clamp, ripple, salt32, unit } from './random.ts';
import { type Scene, typhoonAt } from './scenes.ts';

/** Hours 0 … 24 of a day (the last one is the next day's first), so that everything between can be interpolated. */
export const HOURS = 25;

/** A day's weather. City values by hour; town values at `hour * towns + zone`. */
export interface WeatherDay {
  day: number;
  /** °C, relative humidity %, hPa at sea level, cloud 0 … 1, and solar radiation W/m². */
  temperature: Float64Array;
  humidity: Float64Array;
  pressure: Float64Array;
  cloud: Float64Array;
  sun: Float64Array;
  /** Storm surge at the coast, m. */
  surge: Float64Array;
  /** Wind towards the east and the north, m/s, of each town. */
  east: Float64Array;
  north: Float64Array;
  /** Rain of the hour that begins then, mm, of each town; 24 hours. */
  rain: Float64Array;
}

/** Slots in which one front passes, days. */
const SLOT = 4.2;

interface Front {
  at: number;
  strength: number;
  wet: boolean;
  /** mm an hour, hours. */
  rain: number;
  lasts: number;
  slot: number;
}

/** Weather of a ground. */
export class Weather {
  readonly #ground: Ground;
  readonly #scenes: readonly Scene[];
  readonly #salt: number;
  readonly #hills: Float64Array;
  readonly #coastal: Float64Array;
  readonly #kept = new Map<number, WeatherDay>();

  constructor(ground: Ground, scenes: readonly Scene[]) {
    this.#ground = ground;
    this.#scenes = scenes.filter((s) => s.kind === 'typhoon');
    this.#salt = salt32(ground.seed, 'weather');
    this.#hills = Float64Array.from(ground.towns, (t) => clamp((30.17 - t.at[1]) / 0.1, 0, 1));
    this.#coastal = Float64Array.from(ground.towns, (t) => clamp((t.at[1] - 30.1) / 0.2, 0, 1));
  }

  /** The weather of a Beijing day. */
  day(day: number): WeatherDay {
    let known = this.#kept.get(day);
    if (!known) {
      known = this.#make(day);
      if (this.#kept.size >= 96) this.#kept.delete(this.#kept.keys().next().value!);
      this.#kept.set(day, known);
    }
    return known;
  }

  /** The front of a slot; its rain by the season: the plum rains (梅雨) of June, dry winters. */
  #front(slot: number): Front {
    const s = this.#salt;
    const at = (slot + unit(s, slot, 1)) * SLOT * DAY;
    const season = kindOfDay(Math.floor(at / DAY)).dayOfYear;
    const plum = bump(season, 175, 22);
    const summer = bump(season, 215, 50);
    const likely = 0.5 + 0.36 * plum + 0.12 * bump(season, 80, 40);
    const amount = 1.15 + 2.9 * plum + 1.3 * summer + 0.5 * bump(season, 80, 40);
    return {
      at,
      slot,
      strength: 0.5 + 0.8 * unit(s, slot, 2),
      wet: unit(s, slot, 3) < likely,
      rain: amount * (0.35 + 1.5 * unit(s, slot, 4) ** 2),
      lasts: 4 + 13 * unit(s, slot, 5),
    };
  }

  #make(day: number): WeatherDay {
    const towns = this.#ground.towns;
    const n = towns.length;
    const hours = () => new Float64Array(HOURS);
    const w: WeatherDay = {
      day,
      temperature: hours(),
      humidity: hours(),
      pressure: hours(),
      cloud: hours(),
      sun: hours(),
      surge: hours(),
      east: new Float64Array(HOURS * n),
      north: new Float64Array(HOURS * n),
      rain: new Float64Array(24 * n),
    };
    const begin = dayStart(day);
    const slot = Math.floor(begin / (SLOT * DAY));
    const fronts = [-2, -1, 0, 1].map((k) => this.#front(slot + k));
    const storms = this.#scenes.filter((s) => s.start < begin + DAY + HOUR && s.end > begin);
    for (let h = 0; h < HOURS; h++) this.#hour(w, h, begin + h * HOUR, fronts, storms);
    return w;
  }

  #hour(w: WeatherDay, h: number, at: number, fronts: readonly Front[], storms: readonly Scene[]): void {
    const s = this.#salt;
    const n = this.#ground.towns.length;
    const days = at / DAY;
    const year = (2 * Math.PI * (((days % 365.2425) + 365.2425) % 365.2425)) / 365.2425;
    // Coldest about 20 January, warmest about 25 July.
    const warm = -Math.cos(year - 0.34);
    const sun = sunAt(at);
    let cloud = 0.38 + 0.22 * ripple(s, 11, days * 1.3);
    let temperature = 17.2 + 11.8 * warm + 2.2 * ripple(s, 12, days / 3);
    let pressure = 1015.5 - 10.5 * warm + 2.5 * ripple(s, 13, days / 2.5);
    let gale = 0;
    for (const f of fronts) {
      const past = (at - f.at) / HOUR;
      const k = f.strength;
      cloud += 0.5 * k * bump(past, 4, 16);
      temperature += k * (2.5 * bump(past, -9, 12) - (4.2 - 2 * warm) * bump(past, 22, 24));
      pressure += k * (-6 * bump(past, 0, 14) + 5.5 * bump(past, 30, 22));
      gale += 3.6 * k * bump(past, 6, 9);
    }
    // The sea breeze's hour lags the sun's.
    const heat = sunAt(at - 2 * HOUR);
    cloud = clamp(cloud, 0.02, 1);
    temperature += (heat - 0.3) * 8.5 * (1 - 0.65 * cloud);
    let rained = 0;
    // The wind of the season: from the north-west in winter, from the south-east in summer; a front turns it to the north.
    const from = ((warm > 0 ? 140 : 320) + 35 * ripple(s, 14, days * 0.9)) * (Math.PI / 180);
    const blow = 1.9 + 0.5 * Math.abs(warm) + 0.7 * ripple(s, 15, days * 3) + 1.3 * heat;
    let [surge, low] = [0, 0];
    for (let z = 0; z < n; z++) {
      const open = 0.85 + 0.45 * this.#coastal[z]!;
      let east = -Math.sin(from) * blow * open;
      let north = -Math.cos(from) * blow * open - gale * open;
      let extra = 0;
      for (const storm of storms) {
        const force = typhoonAt(storm, at, z, this.#hills[z]!);
        east += force.east * open;
        north += force.north * open;
        surge = Math.max(surge, force.surge);
        low = Math.min(low, force.pressure);
        if (h < 24)
          for (let q = 0; q < 4; q++)
            extra += typhoonAt(storm, at + (q + 0.5) * (HOUR / 4), z, this.#hills[z]!).rain / 4;
      }
      w.east[h * n + z] = east;
      w.north[h * n + z] = north;
      if (h < 24) {
        const mm = this.#rain(z, at, fronts) + extra;
        w.rain[h * n + z] = mm < 0.05 ? 0 : mm;
        rained += mm / n;
      }
    }
    w.surge[h] = surge;
    w.pressure[h] = pressure + low;
    w.cloud[h] = clamp(cloud + rained * 0.3, 0.02, 1);
    w.temperature[h] = temperature - clamp(rained * 0.5, 0, 3);
    w.sun[h] = 1000 * sun * (1 - 0.75 * w.cloud[h]! ** 2);
    const damp = 76 + 6 * warm - 26 * (heat - 0.3) * (1 - cloud) + 14 * (cloud - 0.4) + clamp(rained * 6, 0, 20);
    w.humidity[h] = clamp(damp, 22, 99);
  }

  /** mm in the hour that begins at `at` in a town: bands of fronts moving eastwards, and cells of summer afternoons. */
  #rain(zone: number, at: number, fronts: readonly Front[]): number {
    const s = this.#salt;
    const town = this.#ground.towns[zone]!;
    let mm = 0;
    for (const f of fronts) {
      if (!f.wet) continue;
      // Forty kilometres an hour from the west.
      const past = (at + HOUR / 2 - f.at) / HOUR - ((town.at[0] - 121.1) * 96.2) / 40;
      if (past < 0 || past > f.lasts) continue;
      const shape = Math.sin((Math.PI * past) / f.lasts);
      const texture = 1 + 0.9 * ripple(s, 3000 + (zone % 6) + f.slot * 7, past / 1.5);
      mm +=
        f.rain *
        f.strength *
        1.5 *
        shape *
        texture *
        (0.8 + 0.4 * unit(s, f.slot, 40 + zone)) *
        (1 + 0.3 * this.#hills[zone]!);
    }
    const kind = kindOfDay(Math.floor((at + 8 * HOUR) / DAY));
    if (kind.month >= 5 && kind.month <= 9 && unit(s, kind.day, 50) < 0.32 * bump(kind.dayOfYear, 205, 55)) {
      const centre = this.#ground.towns[Math.floor(unit(s, kind.day, 51) * this.#ground.towns.length)]!;
      const hour = 13.5 + 4.5 * unit(s, kind.day, 52);
      const peak = clamp(24 + 14 * bell(s, kind.day, 53), 6, 62);
      const clockHour = (at - dayStart(kind.day)) / HOUR + 0.5;
      mm += peak * bump(clockHour, hour, 0.8) * bump(distance(centre.at, town.at), 0, 6500);
    }
    return mm;
  }
}
