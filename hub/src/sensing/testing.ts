/** What the tests and benches of sensing share: the way in on a lake, without the operational store. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Clock } from '../platform/clock.ts';
import { type Lake, openDuckDbLake } from '../platform/lake/index.ts';
import { silentLogger } from '../platform/log/index.ts';
import { Gateway, type GatewayRow } from './devices/gateways.ts';
import { readingsHandler } from './http/handler.ts';
import { Broker } from './intake/broker.ts';
import { Door } from './intake/door.ts';
import { Intake, type Notes } from './intake/intake.ts';
import { Journal } from './intake/journal.ts';
import type { ReadingsBatch } from './readings.ts';
import { Book, type SeriesRow } from './registry/book.ts';
import { Fold } from './store/fold.ts';
import { latestOf } from './store/read.ts';
import { sensingTables } from './store/tables.ts';

/** A series of an air station. */
export const seriesRow = (number: number, over: Partial<SeriesRow> = {}): SeriesRow => ({
  ...{ number, entity: `urn:ngsi-ld:AirQualityObserved:aq-${number}`, type: 'AirQualityObserved', property: 'pm25' },
  ...{ unit: 'GQ', lon: 121.2, lat: 30.1, owner: 'hbj', label: { zh: `站${number}`, en: `Station ${number}` } },
  ...{ interval: 60, least: 0, most: 2000, active: true, gap: 0, scale: 1, shift: 0, drifting: false, flatAfter: 0 },
  ...over,
});

/** A gateway that may write all air stations. */
export const gatewayRow = (over: Partial<GatewayRow> = {}): GatewayRow => ({
  ...{ id: 'air', title: '空气站', owner: 'hbj', scope: ['urn:ngsi-ld:AirQualityObserved:'], auto: false },
  ...{ per_second: 1_000_000, state: 'active', version: 1, created_by: 'test', created_at: new Date(0) },
  ...over,
});
/** The key that opens it here. */
export const KEY = `jwd_${'k'.repeat(43)}`;

export interface Way {
  lake: Lake;
  book: Book;
  journal: Journal<Notes>;
  fold: Fold;
  intake: Intake;
  door: Door;
  gateway: Gateway;
  end(): Promise<void>;
}

export interface WayOptions {
  folder: string;
  clock: Clock;
  series?: number;
  row?: (n: number) => SeriesRow;
  emit?: (batch: ReadingsBatch) => Promise<void>;
  hot?: number;
  /** Milliseconds between takings; 0: only when told. */
  every?: number;
  memoryMiB?: number;
}

/** Opens a lake in a folder and the way in on it. */
export async function openWay(o: WayOptions): Promise<Way> {
  const lake = await openDuckDbLake({ path: join(o.folder, 'lake.duckdb'), memoryMiB: o.memoryMiB ?? 512, threads: 1 });
  await lake.define(sensingTables);
  const book = new Book();
  for (let n = 1; n <= (o.series ?? 3); n++) book.put((o.row ?? seriesRow)(n));
  const journal = new Journal<Notes>(join(o.folder, 'journal'));
  const numbers = () => [...book.all()].map((s) => s.number).filter((n) => Number.isFinite(book.state.at[n]!));
  const fold = new Fold({
    ...{ lake, clock: o.clock, log: silentLogger(), journal, keep: { readings: 90, hours: 1000, days: 7000 } },
    ...(o.hot ? { hot: o.hot } : {}),
    latest: () => ({
      series: Int32Array.from(numbers()),
      at: Float64Array.from(numbers(), (n) => book.state.at[n]!),
      value: Float64Array.from(numbers(), (n) => book.state.value[n]!),
    }),
  });
  const last = await fold.start(o.every ?? 0);
  for (const l of await latestOf(lake)) book.state.load(l.series, l.at, l.value);
  const intake = new Intake({
    ...{ clock: o.clock, book, journal, kept: fold, days: 90, last, emit: o.emit ?? (async () => undefined) },
  });
  const registry = { register: async () => ({ made: 0, changed: 0 }) } as never;
  const door = new Door({ book, intake, registry, clock: o.clock, log: silentLogger() });
  const gateway = new Gateway(gatewayRow(), book);
  return {
    ...{ lake, book, journal, fold, intake, door, gateway },
    async end() {
      await intake.close();
      await fold.stop();
      await journal.close();
      await lake.close();
    },
  };
}

/** The way in with its doors open on this machine: an HTTP address and an MQTT port. */
export async function openDoors(way: Way, clock: Clock) {
  const gateways = {
    byKey: (key: string) => {
      if (key !== KEY) throw new Error('not the key');
      return way.gateway;
    },
    knows: (key: string) => key === KEY,
    get: (id: string) => (id === way.gateway.row.id ? way.gateway : undefined),
  } as never;
  const handler = readingsHandler({ door: way.door, gateways, log: silentLogger(), now: () => clock.now().getTime() });
  const server = createServer((request, response) => {
    if (!handler.handle(request, response)) response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const broker = new Broker({ door: way.door, gateways, clock, log: silentLogger() }, { host: '127.0.0.1', port: 0 });
  const mqtt = await broker.start();
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/sensing/v1/readings`,
    mqtt,
    broker,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await broker.stop();
    },
  };
}
