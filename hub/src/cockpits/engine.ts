/**
 * Keeps the figures of all scenarios: what a change touches is computed again, once for all who watch it, at most a few at a time; what
 * nobody watches waits until somebody does, or until its history is due. Every figure stands for itself: one that fails, is slow or waits
 * for a source leaves the others alone.
 */
import type { Clock } from '../platform/clock.ts';
import type { Lake } from '../platform/lake/index.ts';
import type { Logger } from '../platform/log/index.ts';
import { type ComputeContext, compute } from './compute.ts';
import { Dependents } from './depends.ts';
import type { Newest } from './live.ts';
import type { Measure, Scenario } from './load.ts';
import { pending, type Result } from './result.ts';

/** Statements at once. Folds of readings are not counted: they take microseconds. */
const AT_ONCE = 2;
/** Milliseconds between looks at what is due. */
const LOOK = 250;
/** Least milliseconds between two computations of the same figure: of a fold; of a statement. */
const GAP = { live: 1000, sql: 1000 } as const;
/** Figures that read readings by SQL are computed at most this often (ms), however many readings stream in. */
const READINGS_GAP = 30_000;
const READINGS = /^v\.(reading|latest)|^[A-Z]\w*\.\w+$/;

/** What the engine works with. */
export interface EngineDeps {
  lake: Lake;
  clock: Clock;
  log: Logger;
  leastCell: number;
  newest(): Newest | undefined;
  division(code: string): string | undefined;
  freshness(views: readonly string[]): string | null;
  /** Whether one of the topics was part of an exercise since an instant (ms UTC). */
  exercised(topics: readonly string[], since: number): boolean;
  /** Told of every figure that was computed. */
  computed(measure: Measure, result: Result): void;
}

/** Told when a figure that is watched says something new. */
export type Watcher = (key: string) => void;

/** The figures. */
export class Figures {
  readonly #deps: EngineDeps;
  #measures = new Map<string, Measure>();
  #dependents = new Dependents([]);
  readonly #results = new Map<string, Result>();
  readonly #watchers = new Map<string, Set<Watcher>>();
  /** When each was last begun, ms by the clock. */
  readonly #begun = new Map<string, number>();
  /** Touched since they were last begun. */
  readonly #touched = new Set<string>();
  readonly #queue = new Set<string>();
  readonly #running = new Map<string, Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  /** Computations since the start: for tests, metrics and the bench. */
  computations = 0;

  constructor(deps: EngineDeps) {
    this.#deps = deps;
  }

  /** Takes scenarios; figures that are no more are forgotten. */
  take(scenarios: Iterable<Scenario>): void {
    this.#measures = new Map([...scenarios].flatMap((s) => [...s.measures.values()].map((m) => [m.key, m] as const)));
    this.#dependents = new Dependents(this.#measures.values());
    for (const key of this.#results.keys()) if (!this.#measures.has(key)) this.#results.delete(key);
    for (const key of this.#measures.keys()) this.#touched.add(key);
  }

  measure(key: string): Measure | undefined {
    return this.#measures.get(key);
  }

  /** Every measure. */
  all(): IterableIterator<Measure> {
    return this.#measures.values();
  }

  /** Everything that some figure reads: views and topics of readings. */
  names(): IterableIterator<string> {
    return this.#dependents.names();
  }

  result(key: string): Result {
    return this.#results.get(key) ?? pending(key);
  }

  start(): void {
    this.#timer = setInterval(() => this.look(), LOOK).unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#queue.clear();
    this.#watchers.clear();
    await Promise.all(this.#running.values());
  }

  /** Something that is read has changed: the names of views and topics. Answers how many figures it touches. */
  touch(names: Iterable<string>): number {
    let n = 0;
    for (const name of names)
      for (const key of this.#dependents.of(name)) {
        this.#touched.add(key);
        n += 1;
      }
    return n;
  }

  /** Watches figures; the answer ends it. What was not computed yet, or is out of date, is due at once. */
  watch(keys: readonly string[], watcher: Watcher): () => void {
    for (const key of keys) {
      const set = this.#watchers.get(key) ?? new Set();
      set.add(watcher);
      this.#watchers.set(key, set);
    }
    this.look();
    return () => {
      for (const key of keys) {
        const set = this.#watchers.get(key);
        set?.delete(watcher);
        if (set?.size === 0) this.#watchers.delete(key);
      }
    };
  }

  /** Computes what is due among these, and waits for it. */
  async settle(keys: readonly string[]): Promise<void> {
    const now = this.#deps.clock.now().getTime();
    for (const key of keys) if (this.#due(key, now)) this.#queue.add(key);
    this.#pump();
    while (keys.some((key) => this.#queue.has(key) || this.#running.has(key)))
      await Promise.race(this.#running.values());
  }

  /** Looks once at everything that is watched. */
  look(): void {
    const now = this.#deps.clock.now().getTime();
    for (const key of this.#watchers.keys()) if (this.#due(key, now)) this.#queue.add(key);
    this.#pump();
  }

  #due(key: string, now: number): boolean {
    const measure = this.#measures.get(key);
    if (!measure || this.#running.has(key)) return false;
    const begun = this.#begun.get(key);
    if (begun === undefined) return true;
    const { live } = measure.declared;
    const since = now - begun;
    if (this.#touched.has(key)) {
      const reads = !live && measure.depends.some((d) => READINGS.test(d));
      const ms = this.#results.get(key)?.ms ?? 0;
      // A statement that takes long is not run again and again: it may use a twentieth of the time.
      if (since >= (live ? GAP.live : Math.max(reads ? READINGS_GAP : GAP.sql, ms * 20))) return true;
    }
    // Folds also grow old when their sensors fall silent.
    return since >= (live ? Math.max(measure.refresh, 10) : measure.refresh) * 1000;
  }

  #pump(): void {
    for (const key of this.#queue) {
      const measure = this.#measures.get(key);
      if (measure && !measure.declared.live && this.#running.size >= AT_ONCE) continue;
      this.#queue.delete(key);
      if (!measure) continue;
      this.#begin(measure);
    }
  }

  #begin(measure: Measure): void {
    const { key } = measure;
    const now = this.#deps.clock.now();
    this.#begun.set(key, now.getTime());
    this.#touched.delete(key);
    const { lake, leastCell, division, freshness, exercised } = this.#deps;
    const own = { lake, now, leastCell, division, freshness, exercised };
    const context: ComputeContext = { ...own, newest: this.#deps.newest() };
    const work = compute(measure, this.#results.get(key), context)
      .then((result) => this.#keep(measure, result))
      .catch((error: unknown) => this.#deps.log.error({ err: error, figure: key }, 'a figure could not be computed'))
      .finally(() => {
        this.#running.delete(key);
        this.#pump();
      });
    this.#running.set(key, work);
  }

  #keep(measure: Measure, result: Result): void {
    const { key } = measure;
    if (!this.#measures.has(key)) return;
    this.computations += 1;
    const before = this.#results.get(key);
    // Only what is said counts as news; that it was looked at again is told along, without drawing anything anew.
    const said = (r: Result) =>
      JSON.stringify([r.state, r.value, r.target, r.before, r.rows, r.suppressed, r.exercise, r.problem?.code]);
    const news = !before || said(before) !== said(result);
    result.version = (before?.version ?? 0) + (news ? 1 : 0);
    this.#results.set(key, result);
    this.#deps.computed(measure, result);
    for (const watcher of this.#watchers.get(key) ?? []) watcher(key);
  }
}
