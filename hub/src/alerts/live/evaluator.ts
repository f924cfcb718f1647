/**
 * Runs the rules over the live readings: hears every kept batch, advances time, keeps its state, catches up after a restart. A batch is
 * evaluated at once; what follows from it is written behind it, and only when too much waits does the sender wait as well.
 */
import { join } from 'node:path';
import type { Deps } from '../../platform/room.ts';
import { type ReadingsBatch, readingFlag, readingsKept, type Sensing, seriesChanged } from '../../sensing/index.ts';
import { compile, Engine, type Rule, type Transition } from '../pure/index.ts';
import { type Place, placesOf, seriesOf, watchOf } from '../rules/select.ts';
import { type RuleRow, rulesInForce } from '../rules/store.ts';
import { keepState, keptState } from './keep.ts';
import { Manager } from './manager.ts';
import { modelOf } from './models.ts';

/** Milliseconds: between looks at the clock, between two kept states, before changes of the registry are taken over. */
const TICK = 500;
const KEEP = 15_000;
const SETTLE = 1_000;
/** Milliseconds between two looks at places that rules are near to: views change without a word. */
const PLACES = 600_000;
/** Readings come a moment after their time: what is due is due this much later. */
const GRACE = 500;
/** Transitions that may wait to be written before senders wait. */
const MOST_WAITING = 50_000;

/** What it stands on. */
export type EvaluatorDeps = Pick<Deps, 'db' | 'bus' | 'clock' | 'log' | 'lake' | 'folders' | 'notices'>;

/** Rules over live readings. */
export class Evaluator {
  readonly #deps: EvaluatorDeps;
  readonly #sensing: Sensing;
  readonly engine: Engine;
  readonly manager: Manager;
  /** Rules in force with what is wrong with them now, by name. */
  readonly rules = new Map<string, { row: RuleRow; problem: unknown; watched: number }>();
  readonly #file: string;
  readonly #places = new Map<string, Place[]>();
  #sequence = 0;
  #waiting: Transition[] = [];
  #writing: Promise<void> | undefined;
  #timers: NodeJS.Timeout[] = [];
  #settling: NodeJS.Timeout | undefined;
  #ends: (() => void)[] = [];
  #keptAt = 0;
  #stopped = false;
  /** What an earlier run knew that the journal no longer tells: readings from there on were not looked at. */
  gap: { from: number; to: number } | null = null;

  constructor(deps: EvaluatorDeps, sensing: Sensing) {
    this.#deps = deps;
    this.#sensing = sensing;
    this.engine = new Engine(modelOf);
    this.manager = new Manager(deps, (n) => sensing.book.get(n));
    this.#file = join(deps.folders.data, 'alerts', 'state.bin');
  }

  /** Sequence number up to which readings were looked at. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Begins: rules, kept state, what is open, what came meanwhile; then the live readings. */
  async start(): Promise<void> {
    await this.#readRules();
    const kept = keptState(this.#file);
    if (kept) this.engine.restore(kept.state);
    this.#sequence = kept ? kept.sequence : this.#sensing.sequence;
    await this.#watchAll();
    await this.manager.load(this.engine);
    // From here on batches are heard; those that come while catching up are known by their numbers.
    const early: ReadingsBatch[] = [];
    let caught = false;
    this.#ends.push(
      this.#deps.bus.on(readingsKept, async (batch) => {
        if (!caught) early.push(batch);
        else await this.#hear(batch);
      }),
      this.#deps.bus.on(seriesChanged, () => this.#registryChanged()),
    );
    if (this.#sequence + 1 < this.#sensing.replayFrom) {
      this.gap = { from: this.#sequence + 1, to: this.#sensing.replayFrom - 1 };
      this.#deps.log.warn({ ...this.gap }, 'readings from before the journal were not looked at by rules');
      this.#sequence = this.#sensing.replayFrom - 1;
    }
    for await (const batch of this.#sensing.since(this.#sequence)) await this.#hear(batch);
    while (early.length) await this.#hear(early.shift()!);
    caught = true;
    await this.flushed();
    await this.manager.settle(this.engine);
    this.#timers = [
      setInterval(() => this.#tick(), TICK).unref(),
      setInterval(() => void this.reload().catch(this.#failed), PLACES).unref(),
    ];
  }

  readonly #failed = (error: unknown) => this.#deps.log.error({ err: error }, 'alerts could not be kept up');

  /** Looks at a batch; resolves at once unless too much waits to be written. */
  async #hear(batch: ReadingsBatch): Promise<void> {
    const last = batch.sequence + batch.series.length - 1;
    if (last <= this.#sequence) return;
    const skip = Math.max(0, this.#sequence + 1 - batch.sequence);
    const cut = skip
      ? {
          series: batch.series.subarray(skip),
          at: batch.at.subarray(skip),
          value: batch.value.subarray(skip),
          flag: batch.flag.subarray(skip),
        }
      : batch;
    const { bulk, exercise } = readingFlag;
    this.engine.push(cut.series, cut.at, cut.value, this.#waiting, cut.flag, bulk, exercise);
    this.#sequence = last;
    const writing = this.#write();
    if (this.#waiting.length > MOST_WAITING) await writing;
  }

  /** Writes what waits, again and again until nothing does. */
  #write(): Promise<void> {
    if (!this.#waiting.length) return this.#writing ?? Promise.resolve();
    this.#writing ??= (async () => {
      // Transitions of one burst of batches are written together.
      await new Promise((resolve) => setImmediate(resolve));
      while (this.#waiting.length) {
        const some = this.#waiting;
        this.#waiting = [];
        try {
          await this.manager.take(some);
        } catch (error) {
          this.#waiting = [...some, ...this.#waiting];
          this.#failed(error);
          await new Promise((resolve) => setTimeout(resolve, 1_000));
          if (this.#stopped) return;
        }
      }
    })().finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  /** Resolves when everything that was heard is written. */
  async flushed(): Promise<void> {
    while (this.#waiting.length || this.#writing) {
      await this.#write();
      if (this.#stopped) return;
    }
  }

  /** Lets time pass: durations, silence, repeats. */
  async tick(): Promise<void> {
    this.engine.advance(this.#deps.clock.now().getTime() - GRACE, this.#waiting);
    await this.#write();
    await this.manager.tick();
    const now = performance.now();
    if (now - this.#keptAt < KEEP) return;
    this.#keptAt = now;
    await this.keep();
  }

  #tick(): void {
    if (!this.#stopped) void this.tick().catch(this.#failed);
  }

  /** Keeps the state, once everything that it led to is on disk. */
  async keep(): Promise<void> {
    await this.flushed();
    if (this.#waiting.length) return;
    keepState(this.#file, this.#sequence, this.engine.snapshot());
  }

  #registryChanged(): void {
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => void this.#watchAll().catch(this.#failed), SETTLE).unref();
  }

  /** The rules were changed by people or their places by somebody: reads everything anew. */
  async reload(): Promise<void> {
    this.#places.clear();
    await this.#readRules();
    await this.#watchAll();
    await this.manager.rulesChanged(this.engine);
  }

  async #readRules(): Promise<void> {
    const rows = await rulesInForce(this.#deps.db.kysely);
    const live = rows.filter((r) => r.state === 'live');
    const keys = new Set(live.map((r) => `${r.rule}@${r.version}`));
    for (const key of this.engine.keys) if (!keys.has(key)) this.engine.remove(key);
    for (const row of live)
      if (!this.engine.keys.includes(`${row.rule}@${row.version}`))
        this.engine.add(compile(row.body, String(row.version)));
    this.rules.clear();
    this.manager.rules.clear();
    for (const row of rows) this.rules.set(row.rule, { row, problem: null, watched: 0 });
    for (const row of live) this.manager.rules.set(row.rule, { rule: row.body, version: row.version });
  }

  async #watchAll(): Promise<void> {
    for (const [name, told] of this.rules) {
      if (told.row.state !== 'live') continue;
      try {
        const rule: Rule = told.row.body;
        if (!this.#places.has(name)) this.#places.set(name, await placesOf(this.#deps.lake, rule));
        const series = seriesOf(this.#sensing.book, rule, this.#places.get(name)!);
        told.watched = series.length;
        told.problem = null;
        this.engine.watch(
          `${name}@${told.row.version}`,
          watchOf(this.#sensing.book, rule, series),
          this.#deps.clock.now().getTime(),
        );
      } catch (error) {
        // A rule whose places cannot be asked watches what it watched; the page tells why.
        told.problem = error;
        this.#deps.log.warn({ err: error, rule: name }, 'what a rule watches could not be found');
      }
    }
  }

  /** Ends without keeping anything, as a kill would: what tests of restarts begin with. */
  abandon(): void {
    this.#stopped = true;
    this.#waiting = [];
    for (const timer of this.#timers) clearInterval(timer);
    clearTimeout(this.#settling);
    for (const end of this.#ends.splice(0)) end();
  }

  /** Ends; what was heard is written, the state kept. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    clearTimeout(this.#settling);
    for (const end of this.#ends.splice(0)) end();
    await this.keep().catch(this.#failed);
    this.#stopped = true;
    await this.#writing?.catch(() => undefined);
  }
}
