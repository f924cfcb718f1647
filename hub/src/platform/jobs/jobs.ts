import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Clock } from '../clock.ts';
import type { AnyTables, Db } from '../db/index.ts';
import { faultsOf } from '../http/validate.ts';
import type { Bilingual } from '../i18n/index.ts';
import { parseBilingual } from '../i18n/validation.ts';
import { lakeMemory } from '../lake/index.ts';
import type { Logger } from '../log/index.ts';
import { Problem, problemKind } from '../problem.ts';
import type { Tracer } from '../telemetry/index.ts';
import { type JobRow, JobStore } from './store.ts';
import {
  type JobContext,
  type JobKind,
  type JobProgress,
  type JobQueue,
  type JobState,
  type JobView,
  RetryableError,
  type SubmitOptions,
} from './types.ts';

export const unknownKind = problemKind(
  'jobs.unknown-kind',
  400,
  '没有任务类型 {kind}',
  'there is no kind of job {kind}',
);
export const badParams = problemKind(
  'jobs.params',
  400,
  '任务 {kind} 的参数不合要求',
  'wrong parameters for a job {kind}',
);
export const unknownJob = problemKind('jobs.unknown', 404, '没有任务 {id}', 'there is no job {id}');
export const alreadyEnded = problemKind(
  'jobs.ended',
  409,
  '任务 {id} 已经结束，不能取消',
  'job {id} has ended: it cannot be cancelled',
);
export const queueFull = problemKind(
  'jobs.queue-full',
  503,
  '已有 {most} 项任务在等候，请稍后再提交',
  '{most} jobs are waiting: submit yours later',
);
const crashed = problemKind(
  'jobs.internal',
  500,
  '任务执行出现内部错误，编号 {id}',
  'the job met an internal error, number {id}',
);

/** Milliseconds between two writes of a job's progress. */
const PROGRESS_EVERY = 500;
/** Milliseconds between looks at the table: retries that fall due, jobs and cancellations from other processes. */
const TICK = 1000;
/** Ticks between signs of life. */
const BEAT_EVERY = 5;
/** Days for which ended jobs are kept. */
const KEEP_DAYS = 90;
/** Milliseconds that a stopping hub waits for its jobs to let go. */
const PATIENCE = 15_000;

const final: ReadonlySet<JobState> = new Set(['done', 'failed', 'cancelled']);

/** A job that failed for good. */
export interface FailedJob {
  id: string;
  kind: string;
  title: Bilingual;
  error: { code: string; title: Bilingual };
}
/** Told of it in the transaction that keeps it. */
export type JobFailed = (trx: Kysely<AnyTables>, job: FailedJob, at: Date) => Promise<void>;

interface Running {
  abort: AbortController;
  reason: 'cancel' | 'stop' | 'lost' | null;
  progress: JobProgress | null;
  finished: Promise<void>;
}

/** The durable queue (docs/decisions/0001-jobs.md). One instance per process. */
export class Jobs implements JobQueue {
  readonly #db: Db;
  readonly #store: JobStore;
  readonly #failed: JobFailed;
  readonly #tracer: Tracer | undefined;
  readonly #most: number;
  readonly #hold: () => boolean;
  readonly #clock: Clock;
  readonly #log: Logger;
  // biome-ignore lint/suspicious/noExplicitAny: each kind checks its own parameters by its schema.
  readonly #kinds = new Map<string, JobKind<any>>();
  readonly #running = new Map<string, Running>();
  readonly #waiting = new Map<string, Set<() => void>>();
  #timer: NodeJS.Timeout | undefined;
  #ticks = 0;
  #started = false;
  #pumping: Promise<void> | undefined;
  #again = false;

  /**
   * @param options.failed is told of every job that failed for good, in the transaction that keeps it
   * @param options.most waiting jobs from which on people can submit none; the hub itself still can
   * @param options.hold says whether no further job may begin for now (memory is short)
   */
  constructor(options: {
    db: Db;
    clock: Clock;
    log: Logger;
    failed?: JobFailed;
    tracer?: Tracer | undefined;
    most?: number;
    hold?: () => boolean;
  }) {
    this.#most = options.most ?? Number.POSITIVE_INFINITY;
    this.#hold = options.hold ?? (() => false);
    this.#tracer = options.tracer;
    this.#db = options.db;
    this.#failed = options.failed ?? (async () => undefined);
    this.#clock = options.clock;
    this.#log = options.log;
    this.#store = new JobStore(options.db, randomUUID());
  }

  define<P>(kind: JobKind<P>): void {
    if (this.#kinds.has(kind.kind)) throw new Error(`a kind of job defined twice: ${kind.kind}`);
    this.#kinds.set(kind.kind, kind);
  }

  /** The kinds that are known, for screens and documentation. */
  kinds(): { kind: string; title: JobKind<unknown>['title']; lane: string }[] {
    return [...this.#kinds.values()].map((k) => ({ kind: k.kind, title: k.title, lane: laneOf(k) }));
  }

  async submit(kind: string, params: unknown, options: SubmitOptions = {}): Promise<string> {
    const known = this.#kinds.get(kind);
    if (!known) throw new Problem(unknownKind, { kind });
    const checked = parseBilingual(known.params, params);
    if (!checked.success) throw new Problem(badParams, { kind }, undefined, faultsOf(checked.error, ''));
    const { by = null, unique = null, trx } = options;
    if (by !== null && (await this.#store.reached(this.#most, trx))) throw new Problem(queueFull, { most: this.#most });
    const job = { kind, lane: laneOf(known), params, by, unique, at: this.#clock.now() };
    const id = await this.#store.insert(job, trx);
    // What a transaction has not kept yet is nobody's to start: the next look finds it.
    if (!trx) this.#pump();
    return id;
  }

  async cancel(id: string): Promise<JobView> {
    const row = await this.#store.cancel(id, this.#clock.now());
    if (!row) {
      const there = await this.get(id);
      throw new Problem(alreadyEnded, { id: there.id });
    }
    this.#abort(id, 'cancel');
    if (row.state === 'cancelled') this.#tell(id);
    return this.#view(row);
  }

  async get(id: string): Promise<JobView> {
    const row = await this.#store.get(id);
    if (!row) throw new Problem(unknownJob, { id });
    return this.#view(row);
  }

  async list(filter: { state?: JobState | undefined; kind?: string | undefined; limit?: number | undefined } = {}) {
    const rows = await this.#store.list(filter.state ?? null, filter.kind ?? null, filter.limit ?? 100);
    return rows.map((row) => this.#view(row));
  }

  /** Jobs by state, for the metrics. */
  counts(): Promise<Record<string, number>> {
    return this.#store.counts();
  }

  async wait(id: string): Promise<JobView> {
    for (;;) {
      // Listening starts before the look, so that an end between the two is not missed.
      let heard!: () => void;
      const news = new Promise<void>((resolve) => {
        heard = resolve;
      });
      const listeners = this.#waiting.get(id) ?? new Set();
      this.#waiting.set(id, listeners.add(heard));
      // Another process may end it: then nobody tells us.
      const timer = setTimeout(heard, TICK);
      try {
        const view = await this.get(id);
        if (final.has(view.state)) return view;
        await news;
      } finally {
        clearTimeout(timer);
        listeners.delete(heard);
        if (listeners.size === 0) this.#waiting.delete(id);
      }
    }
  }

  async start(): Promise<void> {
    const now = this.#clock.now();
    const orphans = await this.#store.adoptOrphans(now, [], this.#db.kind === 'pglite');
    if (orphans.length > 0) this.#log.info({ jobs: orphans.length }, 'jobs go on that an earlier process left');
    await this.#prune();
    this.#started = true;
    this.#timer = setInterval(() => void this.#tick(), TICK);
    this.#timer.unref();
    this.#pump();
  }

  async stop(): Promise<void> {
    this.#started = false;
    clearInterval(this.#timer);
    await this.#pumping;
    for (const id of this.#running.keys()) this.#abort(id, 'stop');
    const all = Promise.all([...this.#running.values()].map((r) => r.finished));
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, PATIENCE);
    });
    await Promise.race([all, patience]);
    clearTimeout(timer);
    if (this.#running.size > 0) this.#log.warn({ jobs: this.#running.size }, 'jobs did not stop in time');
  }

  async #prune(): Promise<void> {
    const before = new Date(this.#clock.now().getTime() - KEEP_DAYS * 86_400_000);
    const n = await this.#store.prune(before);
    if (n > 0) this.#log.info({ jobs: n }, 'old jobs removed');
  }

  #abort(id: string, reason: NonNullable<Running['reason']>): void {
    const running = this.#running.get(id);
    if (!running || running.reason) return;
    running.reason = reason;
    running.abort.abort(new Error(`the job is to end: ${reason}`));
  }

  async #tick(): Promise<void> {
    this.#ticks += 1;
    try {
      if (this.#running.size > 0 && (this.#db.kind === 'postgres' || this.#ticks % BEAT_EVERY === 0)) {
        const before = [...this.#running.keys()];
        const mine = await this.#store.beat(before);
        for (const id of before) {
          const job = mine.get(id);
          if (!job) this.#abort(id, 'lost');
          else if (job.cancel) this.#abort(id, 'cancel');
        }
      }
      if (this.#ticks % BEAT_EVERY === 0) {
        await this.#store.adoptOrphans(this.#clock.now(), [...this.#running.keys()], false);
      }
      if (this.#ticks % 3600 === 0) await this.#prune();
    } catch (error) {
      this.#log.error({ err: error }, 'the queue of jobs cannot be read');
    }
    this.#pump();
  }

  /** Starts what is due; one round at a time, another one after it when something came meanwhile. */
  #pump(): void {
    if (!this.#started) return;
    if (this.#pumping) {
      this.#again = true;
      return;
    }
    this.#pumping = this.#round()
      .catch((error: unknown) => this.#log.error({ err: error }, 'jobs cannot be started'))
      .finally(() => {
        this.#pumping = undefined;
        if (this.#again) {
          this.#again = false;
          this.#pump();
        }
      });
  }

  async #round(): Promise<void> {
    if (this.#hold()) return;
    const kinds = [...this.#kinds.keys()];
    const now = this.#clock.now();
    for (const lane of await this.#store.dueLanes(now, kinds)) {
      const inLane = [...this.#kinds.values()].filter((k) => laneOf(k) === lane);
      const concurrency = Math.max(1, ...inLane.map((k) => k.concurrency ?? 1));
      while (this.#started && !this.#hold()) {
        const row = await this.#store.claim(lane, concurrency, now, kinds);
        if (!row) break;
        this.#launch(row);
      }
    }
  }

  #launch(row: JobRow): void {
    const running: Running = {
      abort: new AbortController(),
      reason: null,
      progress: row.progress,
      finished: Promise.resolve(),
    };
    this.#running.set(row.id, running);
    running.finished = this.#run(row, running)
      .catch((error: unknown) => this.#log.error({ err: error, job: row.id }, 'the end of a job cannot be kept'))
      .finally(() => {
        this.#running.delete(row.id);
        this.#tell(row.id);
        this.#pump();
      });
  }

  async #run(row: JobRow, running: Running): Promise<void> {
    const kind = this.#kinds.get(row.kind)!;
    const log = this.#log.child({ job: row.id, kind: row.kind });
    const writer = new ProgressWriter((p) => this.#store.progress(row.id, p));
    let outcome: { result: unknown } | { error: unknown };
    try {
      running.abort.signal.throwIfAborted();
      const context = this.#context(row, running, writer, log);
      const params = kind.params.parse(row.params);
      const work = () => Promise.resolve(kind.run(context, params));
      outcome = { result: await (this.#tracer?.span(`job ${row.kind}`, {}, work) ?? work()) };
    } catch (error) {
      outcome = { error };
    }
    await writer.end();
    const at = this.#clock.now();
    const { progress } = running;
    if (running.reason === 'lost') return;
    if ('result' in outcome) {
      await this.#store.finish(row.id, { state: 'done', result: outcome.result, progress, at });
    } else if (running.reason === 'cancel') {
      await this.#store.finish(row.id, { state: 'cancelled', progress, at });
    } else if (running.reason === 'stop') {
      await this.#store.requeue(row.id, at, row.retries);
    } else if (passes(outcome.error) && row.retries + 1 < (kind.attempts ?? 5)) {
      // Memory is free again when others have ended what they do.
      const first = outcome.error instanceof RetryableError ? 1 : 15;
      const wait = Math.min(300, first * 2 ** row.retries) * 1000;
      log.warn({ err: outcome.error, wait }, 'the job is tried again');
      await this.#store.requeue(row.id, new Date(at.getTime() + wait), row.retries + 1);
    } else {
      log.error({ err: outcome.error }, 'the job failed');
      const fault = errorOf(outcome.error, row.id);
      await this.#db.tx(async (trx) => {
        const kept = await this.#store.finish(row.id, { state: 'failed', error: fault, progress, at }, trx);
        if (kept) await this.#failed(trx, { id: row.id, kind: row.kind, title: kind.title, error: fault }, at);
      });
    }
  }

  #context(row: JobRow, running: Running, writer: ProgressWriter, log: Logger): JobContext {
    return {
      id: row.id,
      signal: running.abort.signal,
      state: row.checkpoint,
      attempt: row.attempt,
      progress: (progress) => {
        running.progress = progress;
        writer.put(progress);
      },
      checkpoint: async (state) => {
        if (!(await this.#store.checkpoint(row.id, state))) {
          this.#abort(row.id, 'lost');
          running.abort.signal.throwIfAborted();
        }
      },
      log,
      clock: this.#clock,
    };
  }

  #tell(id: string): void {
    for (const heard of this.#waiting.get(id) ?? []) heard();
  }

  #view(row: JobRow): JobView {
    return {
      id: row.id,
      kind: row.kind,
      title: this.#kinds.get(row.kind)?.title ?? { zh: row.kind, en: row.kind },
      lane: row.lane,
      state: row.state,
      params: row.params,
      progress: (row.state === 'running' ? this.#running.get(row.id)?.progress : undefined) ?? row.progress,
      result: row.result,
      error: row.error,
      attempt: row.attempt,
      by: row.submitted_by,
      cancelRequested: row.cancel_requested,
      submittedAt: row.submitted_at.toISOString(),
      dueAt: row.due_at.toISOString(),
      startedAt: row.started_at?.toISOString() ?? null,
      finishedAt: row.finished_at?.toISOString() ?? null,
    };
  }
}

const laneOf = (kind: { kind: string; lane?: string }): string => kind.lane ?? kind.kind;

/** Whether a fault may pass by itself. */
const passes = (error: unknown): boolean =>
  error instanceof RetryableError || (error instanceof Problem && error.kind === lakeMemory);

/** What people see of a failure: a Problem's sentences, of anything else a number that leads to the log. */
function errorOf(error: unknown, id: string): NonNullable<JobRow['error']> {
  const shown = error instanceof RetryableError ? error.cause : error;
  const { code, title } = (shown instanceof Problem ? shown : new Problem(crashed, { id })).toJSON();
  return { code, title };
}

/** Writes the latest progress at most every half second, and never two writes at once. */
class ProgressWriter {
  readonly #write: (p: JobProgress) => Promise<unknown>;
  #next: JobProgress | undefined;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<unknown> = Promise.resolve();
  #last = 0;

  constructor(write: (p: JobProgress) => Promise<unknown>) {
    this.#write = write;
  }

  put(progress: JobProgress): void {
    this.#next = progress;
    this.#timer ??= setTimeout(() => this.#flush(), Math.max(0, this.#last + PROGRESS_EVERY - Date.now()));
  }

  #flush(): void {
    this.#timer = undefined;
    this.#last = Date.now();
    const progress = this.#next;
    if (!progress) return;
    this.#next = undefined;
    // A progress that cannot be written is no reason to fail the work; what matters is written at its end.
    this.#writing = this.#writing.then(() => this.#write(progress)).catch(() => undefined);
  }

  /** Stops; what is still to be written goes with the job's end. */
  async end(): Promise<void> {
    clearTimeout(this.#timer);
    this.#next = undefined;
    await this.#writing;
  }
}
