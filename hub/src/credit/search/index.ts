/**
 * The search index as the room uses it: built from the views by one call, refreshed by entity, always answered by a
 * finished engine. A rebuild fills a second worker while the first goes on answering, then takes its place.
 */
import type { Worker } from 'node:worker_threads';
import type { Clock } from '../../platform/clock.ts';
import type { Lake } from '../../platform/lake/index.ts';
import { startThread } from '../../platform/thread.ts';
import type { IndexState } from '../api.ts';
import type { Engine, EngineAnswer, EngineQuery } from './engine.ts';
import { feedAll, feedSome } from './feed.ts';
import type { Request } from './worker.ts';

type Figures = Engine['figures'];

/** A worker with answers matched to questions. */
class Thread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  #next = 1;
  #dead: Error | null = null;

  constructor() {
    this.#worker = startThread(new URL('./worker.ts', import.meta.url), null);
    this.#worker.unref();
    this.#worker.on('message', (m: { id: number; value?: unknown; error?: string }) => {
      const waiting = this.#waiting.get(m.id);
      this.#waiting.delete(m.id);
      if (this.#waiting.size === 0) this.#worker.unref();
      if (m.error === undefined) waiting?.resolve(m.value);
      else waiting?.reject(new Error(`search index: ${m.error}`));
    });
    const end = (error: Error) => {
      this.#dead ??= error;
      for (const w of this.#waiting.values()) w.reject(error);
      this.#waiting.clear();
    };
    this.#worker.on('error', end);
    this.#worker.on('exit', () => end(new Error('search index: the worker ended')));
  }

  get alive(): boolean {
    return this.#dead === null;
  }

  ask<T>(request: Request, transfer: ArrayBuffer[] = []): Promise<T> {
    if (this.#dead) return Promise.reject(this.#dead);
    const id = this.#next++;
    this.#worker.ref();
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.#worker.postMessage({ id, request }, transfer);
    });
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}

/** More changed enterprises than this (or a fifth of all) are taken in by a rebuild instead. */
const OVERLAY = 20_000;

/** See the head of this file. */
export class SearchIndex {
  readonly #lake: Lake;
  readonly #clock: Clock;
  #thread: Thread | null = null;
  #building: Promise<void> | null = null;
  #again = false;
  #work: Promise<unknown> = Promise.resolve();
  #figures: Figures | null = null;
  #watermark: string | null = null;
  #builtAt: string | null = null;
  #buildMs: number | null = null;
  #error: string | null = null;
  readonly #late = new Set<number>();
  #closed = false;

  constructor(lake: Lake, clock: Clock) {
    this.#lake = lake;
    this.#clock = clock;
  }

  /** Whether `search` can be asked; otherwise the lake answers. */
  get ready(): boolean {
    return this.#thread?.alive ?? false;
  }

  state(): IndexState {
    return {
      state: this.#building ? 'building' : this.ready ? 'ready' : this.#error ? 'failed' : 'empty',
      enterprises: this.#figures?.enterprises ?? 0,
      names: this.#figures?.names ?? 0,
      persons: this.#figures?.persons ?? 0,
      codes: this.#figures?.codes ?? 0,
      bytes: this.#figures?.bytes ?? 0,
      refreshed: this.#figures?.refreshed ?? 0,
      builtAt: this.#builtAt,
      buildMs: this.#buildMs,
      error: this.#error,
    };
  }

  /** Builds anew from the views; calls during a build ask for one more after it. */
  rebuild(): Promise<void> {
    if (this.#building) {
      this.#again = true;
      return this.#building;
    }
    this.#building = (async () => {
      try {
        do {
          this.#again = false;
          await this.#build();
        } while (this.#again && !this.#closed);
        this.#error = null;
      } catch (error) {
        this.#error = error instanceof Error ? error.message : String(error);
        throw error;
      } finally {
        this.#building = null;
      }
    })();
    return this.#building;
  }

  async #build(): Promise<void> {
    const start = performance.now();
    const watermark = await this.#newest();
    const thread = new Thread();
    let loading: Promise<unknown> = Promise.resolve();
    try {
      for await (const { part, data } of feedAll(this.#lake)) {
        if (this.#closed) throw new Error('the hub is closing');
        // One batch is taken apart while the lake prepares the next.
        await loading;
        loading = thread.ask({ kind: 'load', part, data }, [data.buffer as ArrayBuffer]);
        loading.catch(() => undefined);
      }
      await loading;
      this.#figures = await thread.ask<Figures>({ kind: 'finish' });
    } catch (error) {
      await thread.end();
      throw error;
    }
    const old = this.#thread;
    this.#thread = thread;
    this.#watermark = watermark;
    this.#builtAt = this.#clock.now().toISOString();
    this.#buildMs = Math.round(performance.now() - start);
    const late = [...this.#late];
    this.#late.clear();
    if (late.length > 0) await this.#apply(late);
    await old?.end();
  }

  async #newest(): Promise<string | null> {
    const row = await this.#lake.first<{ at: string | null }>(
      'SELECT CAST(max(recorded_at) AS VARCHAR) AS at FROM v.legal_person_v1',
    );
    return row?.at ?? null;
  }

  /** Takes in what changed of these enterprises (also: that they are new, or gone). */
  async refresh(entities: readonly number[]): Promise<void> {
    const distinct = [...new Set(entities)].filter((e) => e > 0);
    if (distinct.length === 0) return;
    if (this.#building) for (const e of distinct) this.#late.add(e);
    const now = this.#figures;
    if (!this.ready) return this.#building ? undefined : this.rebuild();
    if (now && now.refreshed + distinct.length > Math.max(OVERLAY, now.enterprises / 5)) return this.rebuild();
    const turn = this.#work.then(() => this.#apply(distinct));
    this.#work = turn.catch(() => undefined);
    return turn;
  }

  async #apply(entities: readonly number[]): Promise<void> {
    const parts = await feedSome(this.#lake, entities);
    this.#figures = await this.#thread!.ask<Figures>({ kind: 'refresh', entities: [...entities], parts });
  }

  /**
   * Takes in everything recorded since the last build or catch-up, as the views tell it; enterprises that vanished are
   * noticed by their number and lead to a rebuild.
   */
  async catchUp(): Promise<void> {
    if (!this.ready) return this.rebuild();
    const newest = await this.#newest();
    const rows = await this.#lake.query<{ entity: number }>(
      `SELECT entity FROM v.legal_person_v1
       WHERE entity > 0 AND ($since IS NULL OR recorded_at > CAST($since AS TIMESTAMP))`,
      { since: this.#watermark },
    );
    await this.refresh(rows.map((r) => r.entity));
    this.#watermark = newest;
    const count = await this.#lake.first<{ n: number }>('SELECT count(*) AS n FROM v.legal_person_v1 WHERE entity > 0');
    if (count && this.#figures && count.n !== this.#figures.enterprises) await this.rebuild();
  }

  /** Answers from the engine; rejects when there is none (ask `ready` first). */
  search(query: EngineQuery): Promise<EngineAnswer> {
    if (!this.#thread) return Promise.reject(new Error('the search index is not built yet'));
    return this.#thread.ask({ kind: 'search', query });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#building?.catch(() => undefined);
    await this.#work;
    await this.#thread?.end();
    this.#thread = null;
  }
}
