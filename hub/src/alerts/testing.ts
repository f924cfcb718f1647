/** What the tests and benches of alerts share: sensing in memory that keeps its journal, and a room's ports on an open store. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Bus } from '../platform/bus/index.ts';
import { ManualClock } from '../platform/clock.ts';
import type { Db, MigrationSet } from '../platform/db/index.ts';
import { silentLogger } from '../platform/log/index.ts';
import { NotedNotices } from '../platform/notices/testing.ts';
import type { AuditEntry } from '../platform/room.ts';
import type { SealSubject } from '../platform/seal/port.ts';
import { type ReadingsBatch, readingsKept, type Sensing, type Series } from '../sensing/index.ts';
import { issuerSchema, readEvents } from './cap/profile.ts';
import { type AlertChange, alertChanged } from './live/alert.ts';
import { Evaluator } from './live/evaluator.ts';
import type { AlertPorts } from './ports.ts';
import { type RuleInput, ruleSchema } from './pure/index.ts';
import { registerFiles } from './rules/store.ts';

export const alertMigrations: MigrationSet[] = [
  { room: 'alerts', folder: fileURLToPath(new URL('./migrations', import.meta.url)) },
];
/** Now, of the tests. */
export const NOW = Date.parse('2026-06-01T00:00:00Z');

/** Sensing whose journal is an array: what was kept before a restart is told again to who asks. */
export class MemorySensing {
  readonly series: Series[] = [];
  readonly batches: ReadingsBatch[] = [];
  sequence = 0;
  replayFrom = 1;
  readonly #bus: Bus;

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  /** Adds a series; answers its number. */
  add(entity: string, over: Partial<Series> = {}): number {
    const number = this.series.length + 1;
    this.series.push({
      ...{ number, entity: `urn:ngsi-ld:WaterObserved:${entity}`, type: 'WaterObserved', property: 'waterLevel' },
      ...{
        unit: 'MTR',
        lon: 121 + number / 1000,
        lat: 30,
        owner: 'slj',
        label: { zh: `测站${entity}`, en: `Gauge ${entity}` },
      },
      ...{ interval: 60, least: -10, most: 50, active: true, ...over },
    });
    return number;
  }

  /** Keeps readings and tells of them. */
  async keep(readings: readonly (readonly [series: number, at: number, value: number])[], flags = 0): Promise<void> {
    const batch: ReadingsBatch = {
      sequence: this.sequence + 1,
      series: Int32Array.from(readings, (r) => r[0]),
      at: Float64Array.from(readings, (r) => r[1]),
      value: Float64Array.from(readings, (r) => r[2]),
      flag: new Uint8Array(readings.length).fill(flags),
    };
    this.sequence += readings.length;
    this.batches.push(batch);
    await this.#bus.emit(readingsKept, batch);
  }

  /** As rooms see it, on a bus of their own. */
  port(): Sensing {
    const own = this;
    const fits = (s: Series, by: { type?: string; property?: string; owner?: string } = {}) =>
      s.active &&
      (!by.type || s.type === by.type) &&
      (!by.property || s.property === by.property) &&
      (!by.owner || s.owner === by.owner);
    return {
      book: {
        get size() {
          return own.series.length;
        },
        get: (n) => own.series[n - 1],
        find: (entity, property) => own.series.find((s) => s.entity === entity && s.property === property),
        of: (entity) => own.series.filter((s) => s.entity === entity),
        select: (by) => own.series.filter((s) => fits(s, by)),
        near: (lon, lat, metres, by) =>
          own.series
            .filter((s) => fits(s, by) && s.lon !== null && s.lat !== null)
            .map((s) => ({ ...s, metres: Math.hypot((s.lon! - lon) * 96_000, (s.lat! - lat) * 111_000) }))
            .filter((s) => s.metres <= metres),
        within: (_area, by) => own.series.filter((s) => fits(s, by)),
      },
      latest: () => undefined,
      heard: () => undefined,
      health: () => 'ok',
      history: async (series, from, to, limit = 10_000) => {
        const points = own.batches.flatMap((b) =>
          [...b.series].flatMap((s, i) =>
            s === series && b.at[i]! >= from && b.at[i]! < to ? [{ at: b.at[i]!, value: b.value[i]! }] : [],
          ),
        );
        return points.sort((a, b) => a.at - b.at).slice(-limit);
      },
      rollups: async () => [],
      get sequence() {
        return own.sequence;
      },
      async *since(sequence) {
        for (const b of own.batches) if (b.sequence + b.series.length - 1 > sequence) yield b;
      },
      get replayFrom() {
        return own.replayFrom;
      },
    };
  }
}

/** A rule for tests. */
export const ruleOf = (over: Partial<RuleInput> = {}) =>
  ruleSchema.parse({
    ...{
      rule: 'river',
      title: { zh: '河道水位', en: 'River level' },
      text: { zh: '注意防汛', en: 'Beware' },
      category: 'Met',
    },
    ...{
      series: { type: 'WaterObserved', property: 'waterLevel' },
      levels: { blue: 3, orange: 5 },
      event: '11B03',
      ...over,
    },
  });

/** The room on an open store, without a hub. `folder` is kept over restarts. */
export async function alertBench(db: Db, rules: ReturnType<typeof ruleOf>[], folder?: string) {
  const data = folder ?? mkdtempSync(join(tmpdir(), 'jingwei-alerts-'));
  const failures: unknown[] = [];
  const bus = new Bus((_name, error) => failures.push(error));
  const clock = new ManualClock(new Date(NOW));
  const sensing = new MemorySensing(bus);
  const audits: AuditEntry[] = [];
  const seals: SealSubject[] = [];
  const changes: AlertChange[] = [];
  const log = {
    ...silentLogger(),
    warn: () => undefined,
    info: () => undefined,
    error: (e: object) => failures.push(e),
  } as never;
  bus.on(alertChanged, (change) => void changes.push(change));
  await registerFiles(
    db,
    rules.map((rule) => ({ file: `rules/${rule.rule}.yaml`, rule, problems: [] })),
    clock.now(),
  );
  const folders = { data } as never;
  const lake = { session: () => Promise.reject(new Error('no lake here')) } as never;
  const notices = new NotedNotices();
  const begin = () => new Evaluator({ db, bus, clock, log, lake, folders, notices }, sensing.port());
  let evaluator = begin();
  const standards = fileURLToPath(new URL('../../../standards', import.meta.url));
  const ports: AlertPorts = {
    ...{ db, bus, clock, log, lake, notices, city: 'cixi' },
    audit: { append: async (entry) => void audits.push(entry) },
    seal: { request: async (s: SealSubject) => seals.push(s), of: async () => [] } as never,
    http: { url: () => 'https://hub.example' },
    issuer: issuerSchema.parse({
      ...{
        sender: 'warnings.cixi.example',
        senderName: { zh: '预警中心', en: 'Centre' },
        division: '330282',
        sector: '416',
      },
    }),
    events: readEvents(standards),
    organisations: () => [{ id: 'slj', name: { zh: '水利局', en: 'Water' } }] as never,
    faults: () => [],
    sensing: () => sensing.port(),
    evaluator: () => evaluator,
    exclusive: (work) => evaluator.manager.exclusive(work),
    changed: (id, kind) => evaluator.manager.changed(id, kind),
    quietChanged: () => evaluator.manager.quietChanged(),
    rulesChanged: () => evaluator.reload(),
  };
  return {
    ...{ ports, notices, sensing, clock, audits, seals, changes, failures, bus, data },
    evaluator: () => evaluator,
    start: () => evaluator.start(),
    /** A reading now and whatever follows from it, written. */
    async read(series: number, value: number, at = clock.now().getTime()): Promise<void> {
      await sensing.keep([[series, at, value]]);
      await evaluator.flushed();
    },
    /** Time passes. */
    async pass(seconds: number): Promise<void> {
      clock.advance(seconds * 1000);
      await evaluator.tick();
      await evaluator.flushed();
    },
    /** As kill -9 would: nothing is kept that was not kept before; then it begins again. */
    async crash(): Promise<void> {
      evaluator.abandon();
      evaluator = begin();
      await evaluator.start();
    },
    async end(): Promise<void> {
      await evaluator.stop();
      if (!folder) rmSync(data, { recursive: true, force: true });
    },
  };
}
