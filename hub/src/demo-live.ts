/**
 * The demonstration lives (演示城市的实时运行): the synthetic city's sensors are registered, some days of their history are handed over, and then each reports at
 * its own interval through the hub's own address for readings, with a gateway's key, as real ones would. Scripted days can be played; everything of them
 * is an exercise. Nothing here runs unless `demo.enabled` and `demo.pace` are set.
 */
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LiveCity, liveCity, type Station, terrainLines } from '@jingwei/synthcity';
import { z } from 'zod';
import { LiveScenes, sceneRoutes } from './demo-live-scenes.ts';
import type { JobKind } from './platform/jobs/index.ts';
import type { Logger } from './platform/log/index.ts';
import type { Deps, RoomModule } from './platform/room.ts';
import { type CameraInput, demoField, type EntityInput, type FieldDoor } from './sensing/index.ts';

const KIND = 'demo.live-history';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const params = z.object({ from: z.number(), to: z.number() });
/** Milliseconds between two rounds of reports, and readings that wait for an address that does not answer. */
const ROUND = 10_000;
const WAITING = 5_000;
/** Readings of one batch of the history. */
const BATCH = 4_000;

const gateway = {
  id: 'demo-field',
  title: '演示城市感知网关',
  owner: 'yjgl',
  scope: ['urn:ngsi-ld:'],
  perSecond: 5_000,
};

/** What stations are called in English; which one is told by its number. */
const english: Readonly<Record<Station['category'], string>> = {
  ...{
    weather: 'Weather station',
    rain: 'Rain gauge',
    river: 'River gauge',
    reservoir: 'Reservoir',
    tide: 'Tide gauge',
  },
  ...{ pump: 'Pumping station', air: 'Air station', dust: 'Building site', gas: 'Gas monitor', scenic: 'Scenic spot' },
  ...{ school: 'School', hospital: 'Hospital', power: 'Feeder', parking: 'Car park', traffic: 'Traffic counter' },
};
const inEnglish = ({ category, entity }: Station): string =>
  `${english[category]} ${Number(/\d+$/.exec(entity)?.[0] ?? 0)}`;

/** The city as entities of the registry. */
export function entitiesOf(city: LiveCity): EntityInput[] {
  const entities = new Map<string, EntityInput & { properties: EntityInput['properties'][number][] }>();
  for (const s of city.series) {
    const station: Station = city.stations[s.station]!;
    const property = { name: s.property, unit: s.unitCode, least: s.low, most: s.high, interval: station.period };
    const known = entities.get(s.entity);
    if (known) known.properties.push(property);
    else
      entities.set(s.entity, {
        ...{ id: s.entity, type: s.type, label: { zh: station.name, en: inEnglish(station) } },
        ...{ place: { lon: station.at[0], lat: station.at[1] }, owner: station.owner },
        attributes: { ...station.facts, category: station.category, division: station.division, synthetic: true },
        properties: [property],
      });
  }
  return [...entities.values()];
}

/**
 * Cameras where the city has crossings, scenic spots and river gauges: entries of the directory with their codes (GB/T 28181) and who may watch.
 * The demonstration has no pictures, so none has a stream.
 */
export function camerasOf(city: LiveCity): CameraInput[] {
  const kinds: Partial<Record<Station['category'], Pick<CameraInput, 'kind' | 'sensitivity' | 'viewers'>>> = {
    traffic: { kind: 'fixed', sensitivity: 'public', viewers: ['gaj', 'jtj', 'yjgl'] },
    scenic: { kind: 'dome', sensitivity: 'site', viewers: ['gaj', 'yjgl'] },
    river: { kind: 'ball', sensitivity: 'public', viewers: ['slj', 'yjgl'] },
  };
  return city.stations.flatMap((station, n) => {
    const kind = kinds[station.category];
    if (!kind) return [];
    return [
      {
        ...{ ...kind, code: `33028200${'00'}${'132'}0${String(n + 1).padStart(6, '0')}`, owner: station.owner },
        label: { zh: `${station.name}视频`, en: `${inEnglish(station)}, camera` },
        ...{
          place: { lon: station.at[0], lat: station.at[1] },
          keepDays: 30,
          state: n % 17 === 5 ? 'fault' : 'online',
        },
      } satisfies CameraInput,
    ];
  });
}

/** Readings as a batch of columns; series that the city does not report are left out by the city itself. `exercise`: 1 where a scene made it so. */
export function batchOf(
  city: LiveCity,
  r: { series: Int32Array; at: Float64Array; value: Float64Array },
  exercise?: readonly number[],
): string {
  const names = Array.from(r.series, (n) => `${city.series[n]!.entity}#${city.series[n]!.property}`);
  return JSON.stringify({ series: names, at: [...r.at], value: [...r.value], ...(exercise ? { exercise } : {}) });
}

/**
 * Windows of the history between two instants: hours first, five minutes in the last day; `small` cities get less. Each is [from, to, step].
 */
export function windowsOf(from: number, to: number, small: boolean): [number, number, number][] {
  const fine = Math.max(from, to - DAY);
  const step = small ? 15 * MINUTE : 5 * MINUTE;
  const list: [number, number, number][] = [];
  // A day at a time: what is handed over is done, whatever happens then.
  for (let at = from; at < fine; at += DAY) list.push([at, Math.min(fine, at + DAY), HOUR]);
  for (let at = fine; at < to; at += 6 * HOUR) list.push([at, Math.min(to, at + 6 * HOUR), step]);
  return list;
}

type Readings = Pick<ReturnType<LiveCity['readings']>, 'series' | 'at' | 'value'>;
/** 1 for every reading that is not what it would be without the scenes. */
export function exerciseOf(played: Readings, plain: Readings): number[] {
  const usual = new Map<string, number>();
  plain.series.forEach((n, i) => {
    usual.set(`${n} ${plain.at[i]}`, plain.value[i]!);
  });
  return Array.from(played.series, (n, i) => (usual.get(`${n} ${played.at[i]}`) === played.value[i] ? 0 : 1));
}

/** Series whose turn it is in (before, now], each at its own interval divided by the pace and with a phase of its own. */
export function dueOf(city: LiveCity, before: number, now: number, pace: number): number[] {
  return city.series
    .filter(({ station }) => {
      const period = Math.max(1000, (city.stations[station]!.period * 1000) / pace);
      const phase = (station * 7919) % period;
      return Math.floor((now - phase) / period) > Math.floor((before - phase) / period);
    })
    .map((s) => s.number);
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Sends readings to the hub's own address and keeps what could not be sent, up to a bound. */
class Sending {
  readonly #url: () => string;
  readonly #key: string;
  readonly #log: Pick<Logger, 'warn'>;
  #waiting: string[] = [];
  #count = 0;
  #silent = false;

  constructor(url: () => string, key: string, log: Pick<Logger, 'warn'>) {
    this.#url = url;
    this.#key = key;
    this.#log = log;
  }

  async send(batch: string, readings: number, signal: AbortSignal): Promise<void> {
    this.#waiting.push(batch);
    this.#count += readings;
    // The oldest go first when nobody listens for long: a sensor's memory is no larger.
    while (this.#count > WAITING && this.#waiting.length > 1) {
      this.#waiting.shift();
      this.#count -= readings;
    }
    while (this.#waiting.length > 0) {
      const failed = await this.#post(this.#waiting[0]!, signal);
      if (failed) {
        if (!this.#silent && !signal.aborted)
          this.#log.warn({ failed }, 'readings of the demonstration wait: the hub did not take them');
        this.#silent = true;
        return;
      }
      this.#silent = false;
      this.#waiting.shift();
    }
    this.#count = 0;
  }

  async #post(body: string, signal: AbortSignal): Promise<string | undefined> {
    try {
      const response = await fetch(`${this.#url()}/sensing/v1/readings`, {
        method: 'POST',
        headers: { authorization: `Bearer ${this.#key}`, 'content-type': 'application/json' },
        body,
        signal: AbortSignal.any([signal, AbortSignal.timeout(20_000)]),
      });
      const text = await response.text();
      // What is refused for its content will not be better later.
      return response.ok || response.status === 422 || response.status === 413
        ? undefined
        : `${response.status} ${text.slice(0, 200)}`;
    } catch (error) {
      return (error as Error).message;
    }
  }
}

/** History handed over as a job: goes on behind the last window that was kept. */
function historyJob(own: () => { city: LiveCity; door: FieldDoor; small: boolean }): JobKind<z.output<typeof params>> {
  return {
    kind: KIND,
    title: { zh: '补录演示城市的感知历史', en: "Hand over the demonstration sensors' history" },
    params,
    async run(context, { from, to }) {
      const { city, door, small } = own();
      const windows = windowsOf(from, to, small);
      const begin = z.object({ done: z.number(), kept: z.number() }).catch({ done: 0, kept: 0 }).parse(context.state);
      let { kept } = begin;
      for (let i = begin.done; i < windows.length; i++) {
        const [start, end, step] = windows[i]!;
        const r = city.readings({ from: start, to: end, step });
        for (let k = 0; k < r.series.length; k += BATCH) {
          context.signal.throwIfAborted();
          const part = {
            series: r.series.subarray(k, k + BATCH),
            at: r.at.subarray(k, k + BATCH),
            value: r.value.subarray(k, k + BATCH),
          };
          kept += (await door.bulk(batchOf(city, part))).kept;
        }
        await context.checkpoint({ done: i + 1, kept });
        context.progress({ done: i + 1, total: windows.length });
      }
      return { readings: kept, series: city.series.length };
    },
  };
}

/** The living demonstration as a module of the composition. */
export function demoLiveRoom(): RoomModule {
  const stopped = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let round: Promise<void> = Promise.resolve();
  let base: LiveCity | undefined;
  let scenes: LiveScenes | undefined;
  let door: FieldDoor | undefined;
  const cityOf = (deps: Deps): LiveCity => {
    base ??= liveCity(deps.config.demo.seed, { faults: 0.02 });
    return base;
  };
  const scenesOf = (deps: Deps): LiveScenes => {
    scenes ??= new LiveScenes(deps, () => cityOf(deps));
    return scenes;
  };
  const on = (deps: Deps): boolean => deps.config.demo.enabled && deps.config.demo.pace > 0;
  return {
    name: 'demo-live',
    jobs: (deps) => [
      historyJob(() => {
        door ??= demoField(deps);
        return { city: scenesOf(deps).city(), door, small: deps.config.demo.rows === 0 };
      }),
    ],
    routes: (deps) => sceneRoutes(deps, () => (on(deps) ? scenesOf(deps) : undefined)),
    async start(deps) {
      if (!on(deps)) return;
      const field = demoField(deps);
      door = field;
      round = begin(deps, field).catch((err: unknown) => {
        if (!stopped.signal.aborted) deps.log.error({ err }, 'the demonstration city does not live');
      });
    },
    async stop() {
      stopped.abort();
      clearTimeout(timer);
      await round;
    },
  };

  async function begin(deps: Deps, field: FieldDoor): Promise<void> {
    // The map takes a second of the processor: first the hub shall listen.
    while (deps.http.url() === '' && !stopped.signal.aborted) await pause(200);
    await pause(1000);
    if (stopped.signal.aborted) return;
    const now = () => deps.clock.now().getTime();
    const shown = scenesOf(deps);
    const city = cityOf(deps);
    await terrain(deps, city);
    await field.register(entitiesOf(city));
    await field.cameras(camerasOf(city));
    if (stopped.signal.aborted) return;
    await history(deps, city);
    const key = await field.key(gateway);
    const sending = new Sending(deps.http.url, key, deps.log);
    let before = now();
    const turn = async (): Promise<void> => {
      const at = Math.floor(now() / 1000) * 1000;
      // Where a script goes faster than the clock, its sensors report as much more often.
      const due = dueOf(city, before, at, deps.config.demo.pace * shown.tempo());
      before = at;
      if (due.length === 0 || deps.http.url() === '') return;
      const round = { from: at, to: at + 1, step: 1000, series: due };
      const r = shown.city().readings(round);
      // What a scene changed is an exercise; the rest of the city goes on as ever.
      const drill = shown.city() === city ? undefined : exerciseOf(r, city.readings(round));
      if (r.series.length > 0) await sending.send(batchOf(city, r, drill), r.series.length, stopped.signal);
    };
    const next = (): void => {
      if (stopped.signal.aborted) return;
      timer = setTimeout(() => {
        round = turn()
          .catch((err: unknown) => deps.log.error({ err }, 'a round of the demonstration field failed'))
          .then(next);
      }, ROUND);
      timer.unref();
    };
    next();
  }

  /** The land's heights, laid where a city lays its own; a few rows at a time, so that the hub answers meanwhile. */
  async function terrain(deps: Deps, city: LiveCity): Promise<void> {
    const file = join(deps.folders.data, 'terrain.asc');
    if (existsSync(file)) return;
    const lines: string[] = [];
    for (const line of terrainLines(city.ground)) {
      lines.push(line);
      if (lines.length % 16 === 0) await pause(0);
      if (stopped.signal.aborted) return;
    }
    writeFileSync(`${file}.new`, `${lines.join('\n')}\n`);
    renameSync(`${file}.new`, file);
  }

  /** What is missing up to now: everything at the first start, the time that the hub did not run at later ones. */
  async function history(deps: Deps, city: LiveCity): Promise<void> {
    const to = deps.clock.now().getTime();
    const days = deps.config.demo.rows === 0 ? 4 : 15;
    const known = await deps.lake.first<{ at: number | null }>(
      "SELECT epoch_ms(max(l.at)) AS at FROM v.latest_v1 l JOIN v.series_v1 s ON s.series = l.series WHERE s.entity LIKE 'urn:ngsi-ld:%:cixi-%'",
    );
    const last = known?.at === null || known?.at === undefined ? Number.NEGATIVE_INFINITY : Number(known.at);
    const from = Math.max(last + 1, to - days * DAY);
    if (to - from < 10 * MINUTE || city.series.length === 0) return;
    await deps.jobs.submit(KIND, { from, to }, { unique: 'live' });
  }
}
