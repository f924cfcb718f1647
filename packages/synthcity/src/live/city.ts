/** The living city: sensors with their readings at any time, scripted days and the truth about both. */
import { assetsOf, leakSite } from './assets.ts';
import { HOUR } from './calendar.ts';
import { type Fault, Faults } from './faults.ts';
import { type Ground, groundOf } from './ground.ts';
import { type Moment, Moments } from './moment.ts';
import { clamp, salt32 } from './random.ts';
import {
  ACCIDENT,
  cutOf,
  LANDFALL,
  type Scene,
  type SceneKind,
  type SceneOptions,
  sceneHours,
  sceneOf,
} from './scenes.ts';
import { baseSeries, type LiveSeries, registryOf, type Station } from './stations.ts';
import { sensed, type Value } from './values.ts';
import { Waters } from './water.ts';
import { Weather } from './weather.ts';

/** Readings as columns of equal length, in order of time: number of the series, ms UTC, value in the series' unit. */
export interface LiveReadings {
  series: Int32Array;
  at: Float64Array;
  value: Float64Array;
}

/** What of a living city may be chosen. */
export interface LiveOptions {
  /** Series in the registry, 60 … 200,000; about 300 by default. */
  series?: number;
  scenes?: readonly SceneOptions[];
  /** Faults of a series in a week, 0 … 1; 0.03 by default. */
  faults?: number;
}

/** A window of readings: instants that are whole multiples of `step` (ms) in [from, to). */
export interface Window {
  from: number;
  to: number;
  step: number;
  /** Numbers of the series that are wanted; all by default. */
  series?: ArrayLike<number>;
  /** Without faults: the true values. */
  clean?: boolean;
}

/** Something that truly happens, of a scene or of a sensor. */
export interface LiveTruth {
  kind: string;
  from: number;
  to: number;
  text: { zh: string; en: string };
  scene?: SceneKind;
  zone?: number;
  at?: readonly [number, number];
  series?: number;
}

/** Sensors that stop without mains once their batteries are empty (two hours). */
const mains = new Set(['traffic', 'parking', 'dust', 'scenic']);

/** The living city. Everything is a function of the seed, the options and the time; nothing is kept that changes an answer. */
export class LiveCity {
  readonly seed: number | string;
  readonly ground: Ground;
  readonly stations: readonly Station[];
  readonly series: readonly LiveSeries[];
  readonly scenes: readonly Scene[];
  readonly #values: readonly Value[];
  readonly #moments: Moments;
  readonly #faults: Faults;
  readonly #rate: number;
  readonly #low: Float64Array;
  readonly #high: Float64Array;
  readonly #grain: Float64Array;

  /** @internal use {@link liveCity} */
  constructor(base: {
    seed: number | string;
    ground: Ground;
    stations: readonly Station[];
    series: readonly LiveSeries[];
    values?: readonly Value[];
    rate: number;
    scenes: readonly Scene[];
  }) {
    this.seed = base.seed;
    this.ground = base.ground;
    this.stations = base.stations;
    this.series = base.series;
    this.scenes = base.scenes;
    this.#rate = base.rate;
    this.#low = Float64Array.from(base.series, (s) => s.low);
    this.#high = Float64Array.from(base.series, (s) => s.high);
    this.#grain = Float64Array.from(base.series, (s) => 10 ** s.decimals);
    this.#values = base.values ?? base.series.map((s) => sensed(base.ground, base.stations[s.station]!, s));
    const weather = new Weather(base.ground, base.scenes);
    this.#moments = new Moments(base.ground, weather, new Waters(base.ground, weather), base.scenes);
    this.#faults = new Faults(base.series, salt32(base.seed, 'faults'), base.rate);
  }

  /** The same city with further scenes; registry and numbers stay. */
  with(...scenes: SceneOptions[]): LiveCity {
    const leak = leakSite(assetsOf(this.ground)).at;
    const all = [...this.scenes, ...scenes.map((s) => sceneOf(this.ground, s, leak))];
    const { seed, ground, stations, series } = this;
    return new LiveCity({ seed, ground, stations, series, values: this.#values, rate: this.#rate, scenes: all });
  }

  /** Weather, waters and traffic at an instant. */
  moment(at: number): Moment {
    return this.#moments.of(at);
  }

  /** The true value of a series at an instant, rounded as the instrument rounds. */
  trueValue(series: number, at: number): number {
    return this.#round(series, this.#values[series]!(this.#moments.of(at)));
  }

  #round(series: number, value: number): number {
    const f = this.#grain[series]!;
    return Math.round(clamp(value, this.#low[series]!, this.#high[series]!) * f) / f;
  }

  /** All readings of a window. Throws RangeError for a window of more than 50 million. */
  readings(window: Window): LiveReadings {
    const many =
      Math.max(0, Math.ceil((window.to - window.from) / window.step) + 1) *
      (window.series?.length ?? this.series.length);
    if (!(many <= 50_000_000)) throw new RangeError(`a window of ${many} readings; ask for less at a time`);
    const out = { series: new Int32Array(many), at: new Float64Array(many), value: new Float64Array(many) };
    let n = 0;
    for (let at = Math.ceil(window.from / window.step) * window.step; at < window.to; at += window.step)
      n = this.#fill(out, n, at, window);
    return { series: out.series.subarray(0, n), at: out.at.subarray(0, n), value: out.value.subarray(0, n) };
  }

  /** The readings of a window in batches of at most `size`, each made when it is asked for. */
  *batches(window: Window, size = 500): Generator<LiveReadings> {
    for (let at = Math.ceil(window.from / window.step) * window.step; at < window.to; at += window.step) {
      const all = this.readings({ ...window, from: at, to: at + 1 });
      for (let i = 0; i < all.series.length; i += size)
        yield {
          series: all.series.subarray(i, i + size),
          at: all.at.subarray(i, i + size),
          value: all.value.subarray(i, i + size),
        };
    }
  }

  #fill(out: LiveReadings, start: number, at: number, window: Window): number {
    const now = this.#moments.of(at);
    const faults = window.clean ? undefined : this.#faults.week(at);
    const wanted = window.series;
    const count = wanted?.length ?? this.series.length;
    const dark = now.cut.includes(1);
    let n = start;
    for (let i = 0; i < count; i++) {
      const s = wanted ? wanted[i]! : i;
      let value = this.#round(s, this.#values[s]!(now));
      if (faults) {
        const fault = faults.get(s);
        if (fault && at >= fault.from && at < fault.to) {
          const said = this.#faults.said(fault, at, value, (t) => this.trueValue(s, t));
          if (said === undefined) continue;
          value = said;
        }
        if (dark && this.#dark(s, now)) continue;
      }
      out.series[n] = s;
      out.at[n] = at;
      out.value[n] = value;
      n += 1;
    }
    return n;
  }

  #dark(series: number, now: Moment): boolean {
    const station = this.stations[this.series[series]!.station]!;
    if (!now.cut[station.zone] || !mains.has(station.category)) return false;
    return this.#moments.of(now.at - 2 * HOUR).cut[station.zone] === 1;
  }

  /** What truly happens in [from, to): steps of the scenes, and faults of sensors (those too that began before). */
  truth(from: number, to: number): LiveTruth[] {
    const list: LiveTruth[] = this.scenes.flatMap((s) => scriptOf(s, this.ground));
    for (let week = from; week < to + 7 * 24 * HOUR; week += 7 * 24 * HOUR)
      for (const f of this.#faults.week(Math.min(week, to - 1)).values()) list.push(this.#told(f));
    const seen = new Set<string>();
    return list
      .filter((t) => t.from < to && t.to > from)
      .filter((t) => {
        const key = `${t.kind} ${t.series ?? ''} ${t.zone ?? ''} ${t.from}`;
        return seen.has(key) ? false : seen.add(key);
      })
      .sort((a, b) => a.from - b.from);
  }

  #told(f: Fault): LiveTruth {
    const names = {
      stuck: ['读数不变', 'stuck'],
      drift: ['漂移', 'drifting'],
      silent: ['断线', 'silent'],
      spikes: ['跳变', 'spikes'],
      unit: ['单位错误', 'wrong unit'],
    };
    const s = this.series[f.series]!;
    const [zh, en] = names[f.kind] as [string, string];
    const station = this.stations[s.station]!;
    return {
      kind: `fault-${f.kind}`,
      from: f.from,
      to: f.to,
      series: f.series,
      zone: station.zone,
      at: station.at,
      text: { zh: `${station.name}${s.label.zh}${zh}`, en: `${s.entity} ${s.property} ${en}` },
    };
  }
}

/** What happens in a scene, with its hours. */
function scriptOf(s: Scene, ground: Ground): LiveTruth[] {
  const at = (h: number): number => Math.round(s.start + (h / s.tempo) * HOUR);
  const step = (
    kind: string,
    from: number,
    to: number,
    zh: string,
    en: string,
    rest: Partial<LiveTruth> = {},
  ): LiveTruth => ({
    ...{ kind, from: at(from), to: at(to), scene: s.kind, text: { zh, en } },
    ...rest,
  });
  if (s.kind === 'typhoon')
    return [
      step('closing', 8, 44, '学校停课、景区关闭', 'Schools and scenic spots closed'),
      step('gale', 16, 32, '全市大风，阵风可达十二级以上', 'Gale over the whole city'),
      step('rainstorm', 14, 38, '螺旋雨带带来特大暴雨', 'Spiral bands bring torrential rain'),
      step('surge', LANDFALL - 6, LANDFALL + 4, '风暴增水叠加天文潮', 'Storm surge on the tide'),
      step('flood', LANDFALL - 4, 48, '平原河网水位超警戒', 'Rivers of the plain above warning'),
      ...ground.towns.flatMap((t) => {
        const hours = cutOf(s, t.zone);
        return hours
          ? [
              step('power-cut', hours[0], hours[1], `${t.name}停电`, `Power cut in ${t.name}`, {
                zone: t.zone,
                at: t.at,
              }),
            ]
          : [];
      }),
    ];
  if (s.kind === 'congested-friday')
    return [
      step('peak', 1, 6, '周五晚高峰提前并拉长', 'The Friday peak comes early and lasts'),
      step('accident', ACCIDENT[0], ACCIDENT[1], '主干路多车追尾，占用两条车道', 'Pile-up blocks two lanes', {
        zone: s.zone,
        at: s.at,
      }),
      step(
        'queue',
        ACCIDENT[0] + 0.3,
        ACCIDENT[1] + 1.8,
        '事故点周边拥堵蔓延',
        'The queue spreads round the accident',
        { zone: s.zone, at: s.at },
      ),
    ];
  return [
    step('leak', 0.5, 3, '企业储罐阀门破裂，液氨泄漏', 'A valve breaks: ammonia leaks', { zone: s.zone, at: s.at }),
    step('throttled', 1.5, 2.4, '阀门部分关闭，泄漏量下降', 'The valve is throttled', { zone: s.zone, at: s.at }),
    step('shut', 2.4, 3, '堵漏完成', 'The leak is stopped', { zone: s.zone, at: s.at }),
  ];
}

/**
 * The living city of a seed. The first of a seed takes about a second (its map), each day that is first looked at some milliseconds. Throws RangeError for options out of
 * bounds.
 */
export function liveCity(seed: number | string = 1, options: LiveOptions = {}): LiveCity {
  const wanted = options.series ?? baseSeries;
  if (!(Number.isInteger(wanted) && wanted >= 60 && wanted <= 200_000))
    throw new RangeError(`series is from 60 to 200,000: ${wanted}`);
  const rate = options.faults ?? 0.03;
  if (!(rate >= 0 && rate <= 1)) throw new RangeError(`faults is from 0 to 1: ${rate}`);
  const ground = groundOf(seed);
  const leak = leakSite(assetsOf(ground)).at;
  const { stations, series } = registryOf(ground, wanted);
  const scenes = (options.scenes ?? []).map((s) => sceneOf(ground, s, leak));
  return new LiveCity({ seed, ground, stations, series, rate, scenes });
}

export { sceneHours };
