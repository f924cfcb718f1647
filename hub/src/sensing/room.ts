/** Sensing of a hub: everything that its parts stand on, put together, started and stopped in order. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Networks } from '../platform/networks/index.ts';
import type { Deps } from '../platform/room.ts';
import { OutsideBrokers } from './devices/brokers.ts';
import { Gateways } from './devices/gateways.ts';
import { findDrifting } from './health.ts';
import { Broker } from './intake/broker.ts';
import { Door } from './intake/door.ts';
import { Intake, type Notes, parts } from './intake/intake.ts';
import { Journal } from './intake/journal.ts';
import {
  type Health,
  type Point,
  REPLAY_MINUTES,
  type ReadingsBatch,
  type Rollup,
  readingsKept,
  type Sensing,
  seriesChanged,
} from './readings.ts';
import { Book } from './registry/book.ts';
import { RegistryStore } from './registry/store.ts';
import { Secrets } from './secrets.ts';
import { Fold } from './store/fold.ts';
import { history, latestOf, rollups, writeSeries } from './store/read.ts';

/** Milliseconds between two looks at the registry's copy in the lake, and at drifting sensors. */
const COPY = 2_000;
const DRIFT = 3_600_000;

export class SensingRoom implements Sensing {
  readonly deps: Deps;
  readonly book = new Book();
  readonly gateways: Gateways;
  readonly registry: RegistryStore;
  readonly secrets: Secrets;
  readonly brokers: OutsideBrokers;
  readonly networks: Networks;
  readonly #journal: Journal<Notes>;
  readonly fold: Fold;
  #intake: Intake | undefined;
  #door: Door | undefined;
  #broker: Broker | undefined;
  #dirty = true;
  #timers: NodeJS.Timeout[] = [];
  #begun: Promise<void> | undefined;

  /** @param secrets another key than the vault's (tests) */
  constructor(deps: Deps, secrets = Secrets.of(deps.folders.keys)) {
    this.deps = deps;
    const { db, clock, lake, log, config } = deps;
    this.gateways = new Gateways(db, this.book);
    this.registry = new RegistryStore(db, clock, this.book, (series) => {
      this.#dirty = true;
      for (let i = 0; i < series.length; i += 5000)
        void deps.bus.emit(seriesChanged, { series: series.slice(i, i + 5000) });
    });
    this.secrets = secrets;
    this.networks = new Networks([
      ...config.subscriptions.networks,
      ...(config.demo.enabled ? ['127.0.0.0/8', '::1/128'] : []),
    ]);
    this.#journal = new Journal<Notes>(join(deps.folders.data, 'sensing'));
    const { readingDays: readings, hourDays: hours, dayDays: days } = config.sensing;
    this.fold = new Fold({
      ...{ lake, clock, log, journal: this.#journal, keep: { readings, hours, days } },
      latest: () => this.#latest(),
    });
    this.brokers = new OutsideBrokers(this);
  }

  /** Reads what is known and takes over what a killed hub left; nothing is taken in before. */
  begin(): Promise<void> {
    this.#begun ??= this.#begin();
    return this.#begun;
  }

  async #begin(): Promise<void> {
    const { clock, lake, bus, config } = this.deps;
    await this.registry.load();
    await this.gateways.load();
    const last = await this.fold.start();
    for (const { series, at, value } of await latestOf(lake))
      if (this.book.get(series)) this.book.state.load(series, at, value);
    this.#intake = new Intake({
      ...{ clock, book: this.book, journal: this.#journal, kept: this.fold, days: config.sensing.readingDays, last },
      emit: (batch) => bus.emit(readingsKept, batch),
    });
    this.#door = new Door({ ...this.deps, book: this.book, intake: this.#intake, registry: this.registry });
    await this.#copy();
    const every = (ms: number, work: () => Promise<void>, what: string) => {
      const timer = setInterval(() => {
        void work().catch((err: unknown) => this.deps.log.error({ err }, what));
      }, ms);
      timer.unref();
      this.#timers.push(timer);
    };
    every(COPY, () => this.#copy(), 'the registry could not be copied to the lake');
    every(DRIFT, () => this.lookForDrift(), 'drifting sensors could not be looked for');
    every(30_000, () => this.#trim(), 'the journal could not be trimmed');
  }

  /** The way in; Problem-free only after `begin`. */
  get door(): Door {
    if (!this.#door) throw new Error('sensing has not begun');
    return this.#door;
  }

  get intake(): Intake {
    if (!this.#intake) throw new Error('sensing has not begun');
    return this.#intake;
  }

  get broker(): Broker | undefined {
    return this.#broker;
  }

  /** Listens for sensors, and to outside brokers. */
  async open(): Promise<void> {
    const { config, log, clock } = this.deps;
    const { mqttPort, mqttHost: host, mqttKey, mqttCertificate } = config.sensing;
    const port = mqttPort ?? (config.demo.enabled ? 0 : undefined);
    if (port !== undefined) {
      const tls =
        mqttKey && mqttCertificate
          ? { key: readFileSync(mqttKey, 'utf8'), cert: readFileSync(mqttCertificate, 'utf8') }
          : undefined;
      this.#broker = new Broker({ door: this.door, gateways: this.gateways, clock, log }, { host, port, tls });
      const at = await this.#broker.start();
      log.info({ host, port: at, tls: Boolean(tls) }, 'the MQTT broker for sensors listens');
    }
    await this.brokers.start();
  }

  #latest() {
    const { at, value } = this.book.state;
    const numbers: number[] = [];
    for (let n = 1; n <= this.book.size; n++) if (at[n]! > Number.NEGATIVE_INFINITY) numbers.push(n);
    return {
      series: Int32Array.from(numbers),
      at: Float64Array.from(numbers, (n) => at[n]!),
      value: Float64Array.from(numbers, (n) => value[n]!),
    };
  }

  async #copy(): Promise<void> {
    if (!this.#dirty) return;
    this.#dirty = false;
    try {
      await writeSeries(this.deps.lake, this.book.all());
    } catch (error) {
      this.#dirty = true;
      throw error;
    }
  }

  /** Marks which series drift away from their like. */
  async lookForDrift(): Promise<void> {
    await this.registry.setDrifting(await findDrifting(this.deps.lake, this.now()));
  }

  async #trim(): Promise<void> {
    const done = this.intake.sequence - this.intake.untold;
    const { journalMiB } = this.deps.config.sensing;
    await this.fold.trim(done, this.now() - REPLAY_MINUTES * 60_000, journalMiB * 1024 * 1024);
  }

  now(): number {
    return this.deps.clock.now().getTime();
  }

  latest(series: number): Point | undefined {
    const at = this.book.state.at[series] ?? Number.NEGATIVE_INFINITY;
    return at === Number.NEGATIVE_INFINITY ? undefined : { at, value: this.book.state.value[series]! };
  }

  heard(series: number): number | undefined {
    return this.book.state.heard[series] || undefined;
  }

  health(series: number): Health {
    return this.book.health(series, this.now());
  }

  async history(series: number, from: number, to: number, limit = 10_000): Promise<Point[]> {
    await this.fold.flush();
    return history(this.deps.lake, series, from, to, limit);
  }

  async rollups(series: number, by: 'hour' | 'day', from: number, to: number): Promise<Rollup[]> {
    await this.fold.flush();
    return rollups(this.deps.lake, series, by, from, to);
  }

  get sequence(): number {
    return this.#intake?.sequence ?? 0;
  }

  async *since(sequence: number): AsyncIterable<ReadingsBatch> {
    const end = this.sequence;
    for await (const { batch } of this.#journal.read(sequence)) {
      if (batch.sequence > end) return;
      const skip = Math.max(0, sequence + 1 - batch.sequence);
      if (skip >= batch.series.length) continue;
      yield* parts({
        sequence: batch.sequence + skip,
        series: batch.series.subarray(skip),
        at: batch.at.subarray(skip),
        value: batch.value.subarray(skip),
        flag: batch.flag.subarray(skip),
      });
    }
  }

  get replayFrom(): number {
    return this.#journal.after;
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
    await this.brokers.stop();
    await this.#broker?.stop();
    if (!this.#begun) return;
    await this.#begun.catch(() => undefined);
    await this.#intake?.close();
    await this.fold.stop();
    await this.#journal.close();
  }
}
