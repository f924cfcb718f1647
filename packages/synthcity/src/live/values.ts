/** What every sensor truly measures at a moment of the city. A function for each property; all couplings between causes and readings are here. */
import type { Ground } from './ground.ts';
import type { Moment } from './moment.ts';
import { bell, bump, clamp, ripple, salt32, unit } from './random.ts';
import { into, jamAt, plumeAt } from './scenes.ts';
import type { LiveSeries, Station } from './stations.ts';
import { levels } from './water.ts';

/** The true value at a moment. */
export type Value = (now: Moment) => number;

/** Makes the function of a series. */
export function sensed(ground: Ground, station: Station, series: LiveSeries): Value {
  const salt = salt32(ground.seed, 'values');
  const id = series.number * 4;
  const z = station.zone;
  /** Noise of its own about so many milliseconds long. */
  const own = (now: Moment, span: number): number => ripple(salt, id, now.at / span);
  const maker = makers[`${station.category}.${series.property}`];
  if (!maker) throw new Error(`no value for ${station.category}.${series.property}`);
  return maker({ ground, station, salt, id, site: series.station, z, own });
}

interface Given {
  ground: Ground;
  station: Station;
  salt: number;
  id: number;
  /** Of the station: what its series have in common. */
  site: number;
  z: number;
  own: (now: Moment, span: number) => number;
}

const MIN = 60_000;
const HOURS = 60 * MIN;
const number = (s: Station, fact: string): number => Number(s.facts[fact] ?? 0);

/** How air is thinned by wind and washed by rain. */
const thinned = (wind: number): number => 2.7 / (0.9 + wind);
const washed = (rain: number): number => Math.exp(-0.16 * Math.min(rain, 12));
const haze = (g: Given, now: Moment): number =>
  Math.exp(0.55 * ripple(g.salt, 1, now.at / (40 * HOURS)) + 0.18 * g.own(now, 6 * HOURS));
const gale = (wind: number): number => clamp((wind - 13) / 10, 0, 1);

function pm25(g: Given, now: Moment): number {
  const season = 30 + 17 * Math.cos((2 * Math.PI * (now.kind.dayOfYear - 10)) / 365);
  return (
    season * haze(g, now) * thinned(now.windSpeed[g.z]!) * washed(now.rain[g.z]!) * (0.85 + 0.3 * now.traffic) +
    3 +
    2 * g.own(now, 20 * MIN)
  );
}
const pm10 = (g: Given, now: Moment): number =>
  1.35 * pm25(g, now) + 9 + 4 * Math.max(0, now.windSpeed[g.z]! - 5) * washed(now.rain[g.z]! * 4);
const no2 = (g: Given, now: Moment): number =>
  (9 + 34 * now.traffic * (0.8 + 0.2 * unit(g.salt, g.id, 5))) *
    thinned(now.windSpeed[g.z]!) *
    (1 - 0.45 * (now.sun / 1000)) +
  3 * (1 + g.own(now, 30 * MIN));

/** Whether a site works: from six to six, some with a night shift; never in heavy rain, in a gale or on holidays. */
function working(g: Given, now: Moment): number {
  const shift = unit(g.salt, g.site, 6) < 0.2 ? bump(now.clock, 21, 2) * 0.6 : 0;
  const day =
    clamp((now.clock - 5.7) * 2, 0, 1) * clamp((18.2 - now.clock) * 2, 0, 1) * (1 - 0.55 * bump(now.clock, 12, 0.8));
  const off = now.kind.holiday ? 0.05 : now.kind.weekday === 0 ? 0.55 : 1;
  return Math.max(day, shift) * off * (now.rain[g.z]! > 8 ? 0.2 : 1) * (1 - gale(now.windSpeed[g.z]!));
}

/** Share of capacity that a road carries, before speeds are known. */
function load(g: Given, now: Moment): number {
  const busy = 0.55 + 0.5 * unit(g.salt, g.site, 7);
  const jitter = 1 + 0.1 * ripple(g.salt, g.site + 500_000, now.at / (12 * MIN));
  const away = now.shut ? 0.25 : 1;
  return clamp(
    now.traffic *
      busy *
      jitter *
      (1 - 0.07 * Math.min(1, now.rain[g.z]! / 8)) *
      (1 - 0.8 * gale(now.windSpeed[g.z]!)) *
      away,
    0.01,
    1.25,
  );
}
function jam(g: Given, now: Moment): number {
  let most = 0;
  for (const scene of now.scenes) most = Math.max(most, jamAt(scene, now.at, g.station.at));
  return most;
}

/** Share of a car park that is taken, by what it is for. */
function taken(g: Given, now: Moment): number {
  const { clock, kind } = now;
  const use = g.station.facts.use;
  const jitter = 0.05 * g.own(now, 25 * MIN) + 0.08 * (unit(g.salt, g.id, 8) - 0.5);
  const wet = 0.06 * Math.min(1, now.rain[g.z]! / 5);
  if (use === 'office') {
    const full = kind.workday ? 0.88 : kind.holiday ? 0.16 : 0.27;
    const there =
      clamp((clock - 7) / 2, 0, 1) * clamp((19.5 - clock) / 2.5, 0, 1) * (1 - 0.08 * bump(clock, 12.3, 0.7));
    return (now.shut ? 0.3 : 1) * full * there + 0.06 + jitter * there;
  }
  if (use === 'commercial') {
    const full = kind.workday ? 0.5 : 0.8;
    const there =
      0.75 * bump(clock, 12.2, 2.4) + bump(clock, 18.8, 2.6) + (kind.workday ? 0 : 0.5 * bump(clock, 15, 2));
    return (now.shut ? 0.2 : 1) * full * Math.min(1.1, there) + 0.05 - wet + jitter;
  }
  const home = 0.88 - (kind.workday ? 0.48 : 0.2) * clamp((clock - 6.7) / 1.6, 0, 1) * clamp((20 - clock) / 3, 0, 1);
  return home + (now.shut ? 0.12 : 0) + jitter;
}

/** Share of a scenic spot's capacity that comes: weekends, holidays, spring and autumn, fair weather. */
function visitors(g: Given, now: Moment): number {
  if (now.shut) return 0;
  const { kind, clock } = now;
  const day = kind.holiday ? 0.75 : kind.workday ? 0.09 : 0.36;
  const season = 0.6 + 0.5 * bump(kind.dayOfYear, 105, 45) + 0.5 * bump(kind.dayOfYear, 290, 45);
  const rain = Math.exp(-0.35 * Math.min(10, now.rain[g.z]!));
  const comfort = clamp(1 - ((now.temperature - 21) / 24) ** 2, 0.15, 1);
  const hours = clamp((clock - 8) / 2.2, 0, 1) * clamp((17.6 - clock) / 2.4, 0, 1);
  return (
    day *
    season *
    rain *
    comfort *
    hours *
    (0.85 + 0.3 * unit(g.salt, g.id, kind.day)) *
    (1 + 0.06 * g.own(now, 15 * MIN))
  );
}

const makers: Readonly<Record<string, (g: Given) => Value>> = {
  'weather.temperature': (g) => {
    const high = Math.min(300, g.ground.height(g.station.at));
    const town = 0.1 * g.ground.towns[g.z]!.weight;
    return (now) =>
      now.temperature + town * (1 - now.sun / 1200) - 0.006 * Math.max(0, high) + 0.35 * g.own(now, 40 * MIN);
  },
  'weather.relativeHumidity': (g) => (now) => clamp(now.humidity + 2 * g.own(now, 50 * MIN), 10, 100),
  'weather.atmosphericPressure': (g) => (now) => now.pressure + 0.2 * g.own(now, 2 * HOURS),
  'weather.windSpeed': (g) => (now) => now.windSpeed[g.z]! * (1 + 0.18 * g.own(now, 7 * MIN)),
  'weather.windDirection': (g) => (now) =>
    (now.windFrom[g.z]! + (60 / (1 + now.windSpeed[g.z]!)) * g.own(now, 9 * MIN) + 360) % 360,
  'weather.precipitation': (g) => (now) => now.rain[g.z]! * (0.86 + 0.28 * unit(g.salt, g.site, 9)),
  'rain.precipitation': (g) => (now) => now.rain[g.z]! * (0.86 + 0.28 * unit(g.salt, g.site, 9)),
  'river.waterLevel': (g) => {
    const { river = 0, along = 0.5 } = g.station;
    const low = 0.12 * (0.5 - along);
    const gain = 0.85 + 0.3 * along;
    return (now) =>
      levels.normal +
      low +
      gain * now.rise[river]! -
      now.drawdown[river]! * along +
      0.07 * Math.max(0, now.tide - 0.6) * along ** 3 +
      0.012 * g.own(now, 45 * MIN);
  },
  'reservoir.waterLevel': (g) => (now) =>
    number(g.station, 'normalLevel') -
    0.8 +
    0.006 * now.storage[g.station.river ?? 0]! +
    0.35 * Math.sin((2 * Math.PI * (now.kind.dayOfYear - 90)) / 365) +
    0.004 * g.own(now, 3 * HOURS),
  'tide.waterLevel': (g) => (now) =>
    now.tide +
    0.01 * now.windSpeed[g.z]! * Math.cos((now.windFrom[g.z]! * Math.PI) / 180) +
    0.04 * g.own(now, 12 * MIN),
  'pump.runningPumps': (g) => (now) => running(g, now),
  'pump.flow': (g) => (now) => 2.1 * running(g, now) * (1 + 0.03 * g.own(now, 20 * MIN)),
  'air.pm25': (g) => (now) => pm25(g, now),
  'air.pm10': (g) => (now) => pm10(g, now),
  'air.no2': (g) => (now) => no2(g, now),
  'air.o3': (g) => (now) => {
    const made =
      155 * clamp(now.heat, 0, 1) * (1 - 0.6 * now.cloud ** 2) * clamp((now.temperature + 4) / 34, 0.12, 1.15);
    return Math.max(2, 34 + made - 0.45 * no2(g, now) + 6 * g.own(now, 90 * MIN));
  },
  'dust.pm10': (g) => (now) =>
    pm10(g, now) +
    150 *
      working(g, now) *
      (0.35 + now.windSpeed[g.z]! / 5) *
      washed(now.rain[g.z]! * 4) *
      (1 + 0.45 * g.own(now, 9 * MIN)),
  'dust.LAeq': (g) => (now) =>
    46 + 3 * now.traffic + 20 * working(g, now) + 1.5 * Math.max(0, g.own(now, 4 * MIN)) + 0.3 * now.windSpeed[g.z]!,
  'gas.nh3': (g) => (now) => Math.max(0, 0.12 + 0.07 * g.own(now, 15 * MIN)) + plume(g, now),
  'gas.volatileOrganicCompoundsTotal': (g) => (now) =>
    Math.max(0.02, (0.35 + 0.2 * g.own(now, 30 * MIN)) * thinned(now.windSpeed[g.z]!)),
  'scenic.peopleCount': (g) => (now) => number(g.station, 'capacity') * visitors(g, now),
  'school.studentsPresent': (g) => (now) => {
    if (!now.kind.schoolDay || now.shut) return 0;
    const there = clamp((now.clock - 7) / 0.9, 0, 1) * clamp((17.2 - now.clock) / 1.4, 0, 1);
    const ill = 0.012 + 0.02 * bump(now.kind.dayOfYear, 10, 30) + 0.01 * unit(g.salt, g.id, now.kind.day);
    return number(g.station, 'capacity') * there * (1 - ill);
  },
  'school.studentsEnrolled': (g) => () => number(g.station, 'capacity'),
  'hospital.bedCount': (g) => () => number(g.station, 'capacity'),
  'parking.totalSpotNumber': (g) => () => number(g.station, 'totalSpotNumber'),
  'hospital.outpatientCount': (g) => (now) => {
    const { clock, kind } = now;
    const day =
      (kind.workday ? (kind.weekday === 1 ? 1.2 : 1) : 0.62) *
      (1 + 0.15 * Math.cos((2 * Math.PI * (kind.dayOfYear - 15)) / 365));
    const gone = 0.62 * clamp((clock - 7.5) / 4.3, 0, 1) + 0.3 * clamp((clock - 13) / 4, 0, 1) + 0.08 * (clock / 24);
    return (
      number(g.station, 'capacity') *
      2.6 *
      day *
      gone *
      (now.shut ? 0.45 : 1) *
      (1 + 0.04 * bell(g.salt, g.id, kind.day))
    );
  },
  'hospital.occupiedBeds': (g) => (now) => {
    const season = 0.05 * Math.cos((2 * Math.PI * (now.kind.dayOfYear - 15)) / 365);
    const hurt = now.scenes.reduce(
      (n, s) => n + (s.kind === 'chemical-leak' ? 0.025 * clamp(into(s, now.at) - 0.8, 0, 1) : 0),
      0,
    );
    return (
      number(g.station, 'capacity') *
      clamp(0.84 + season + hurt + 0.02 * g.own(now, 9 * HOURS) + (now.kind.workday ? 0.02 : -0.02), 0.3, 1)
    );
  },
  'power.totalActivePower': (g) => {
    const share = number(g.station, 'share');
    const peak = 38_000 * g.ground.towns[g.z]!.weight * share;
    return (now) => {
      const { clock, kind, temperature } = now;
      const shape = 0.56 + 0.3 * bump(clock, 10.2, 2.6) + 0.3 * bump(clock, 15, 2.6) + 0.26 * bump(clock, 20, 2.2);
      const works = kind.workday ? 1 : kind.holiday ? 0.68 : 0.84;
      const air = 1 + 0.019 * Math.max(0, temperature - 24) ** 1.25 + 0.011 * Math.max(0, 10 - temperature);
      return (
        peak *
        shape *
        works *
        air *
        (now.cut[g.z] ? 0.22 : 1) *
        (now.shut ? 0.8 : 1) *
        (1 + 0.02 * g.own(now, 30 * MIN))
      );
    };
  },
  'parking.availableSpotNumber': (g) => {
    const total = number(g.station, 'totalSpotNumber');
    return (now) => total - Math.round(total * clamp(taken(g, now), 0, 1));
  },
  'traffic.intensity': (g) => (now) =>
    number(g.station, 'capacity') *
    Math.min(0.98, load(g, now)) *
    (1 - 0.6 * jam(g, now)) *
    (1 + 0.06 * g.own(now, 4 * MIN)),
  'traffic.averageVehicleSpeed': (g) => (now) => {
    const delay = 1 + 0.75 * load(g, now) ** 4;
    const wet = 1 - 0.14 * Math.min(1, now.rain[g.z]! / 10);
    return Math.max(
      3,
      (number(g.station, 'freeSpeed') / delay) *
        wet *
        (1 - 0.86 * jam(g, now)) *
        (now.cut[g.z] ? 0.8 : 1) *
        (1 + 0.05 * g.own(now, 5 * MIN)),
    );
  },
};

const running = (g: Given, now: Moment): number =>
  Math.round(number(g.station, 'capacity') * now.pumping[g.station.river ?? 0]!);

function plume(g: Given, now: Moment): number {
  let mg = 0;
  for (const scene of now.scenes)
    mg += plumeAt(scene, now.at, g.station.at, now.windSpeed[scene.zone]!, now.windFrom[scene.zone]!);
  return mg;
}
