import type { Kysely } from 'kysely';
import type { ZodType } from 'zod';
import type { Clock } from '../clock.ts';
import type { AnyTables } from '../db/index.ts';
import type { Bilingual } from '../i18n/index.ts';
import type { Logger } from '../log/index.ts';

/** The states of a job. `queued` and `running` are open, the others final. */
export const jobStates = ['queued', 'running', 'done', 'failed', 'cancelled'] as const;
export type JobState = (typeof jobStates)[number];

/** How far a job is. Without a total the end is unknown. */
export interface JobProgress {
  done: number;
  total?: number;
  note?: Bilingual;
}

/** What a running job is given. */
export interface JobContext {
  readonly id: string;
  /**
   * Aborted when the job is cancelled or the hub stops: throw soon after (`signal.throwIfAborted()`). A normal return
   * always means that the work is complete.
   */
  readonly signal: AbortSignal;
  /** The last checkpoint, or null at the first run. */
  readonly state: unknown;
  /** 1 at the first run. */
  readonly attempt: number;
  /** Shown to people; written at most every half second. */
  progress(progress: JobProgress): void;
  /** Keeps a state (JSON) from which the job can go on after a kill; on disk when it resolves. */
  checkpoint(state: unknown): Promise<void>;
  readonly log: Logger;
  readonly clock: Clock;
}

/** A kind of long work. `run` may be started again with its last checkpoint at any time: it must be able to go on. */
export interface JobKind<P> {
  /** Stable, dotted, starts with the room: `exchange.collect`. */
  kind: string;
  title: Bilingual;
  /** Parameters are validated when the job is submitted; they are kept as JSON. */
  params: ZodType<P>;
  /** Jobs of one lane run one after another (or `concurrency` at once); the kind's own name by default. */
  lane?: string;
  /** Jobs of the lane that may run at once; 1 by default. */
  concurrency?: number;
  /** Tries in all when `run` throws a RetryableError, or the lake lacked memory; 5 by default. */
  attempts?: number;
  /** Answers a small JSON result that is kept with the job. */
  run(context: JobContext, params: P): Promise<unknown>;
}

/**
 * A fault that may pass by itself (a database that is away): the job waits and is tried again. A Problem given as `cause`
 * is what people see when all tries are used up.
 */
export class RetryableError extends Error {
  override readonly name = 'RetryableError';
}

/** A job as people see it. Instants are ISO 8601 in UTC. */
export interface JobView {
  id: string;
  kind: string;
  title: Bilingual;
  lane: string;
  state: JobState;
  params: unknown;
  progress: JobProgress | null;
  result: unknown;
  /** The problem (code and sentences) of a failed job. */
  error: { code: string; title: Bilingual } | null;
  attempt: number;
  /** User id of who asked for it; null: the hub itself. */
  by: string | null;
  cancelRequested: boolean;
  submittedAt: string;
  /** When a queued job may start (later than `submittedAt` while it waits to be tried again). */
  dueAt: string;
  startedAt: string | null;
  finishedAt: string | null;
}

/** How a job is submitted. */
export interface SubmitOptions {
  /** User id of who asks for it. */
  by?: string;
  /** At most one open job of this kind has this key. */
  unique?: string;
  /** The transaction in which the job is to be submitted. */
  trx?: Kysely<AnyTables>;
}

/** The queue as rooms see it; `Jobs` implements it. */
export interface JobQueue {
  /** Makes a kind known; a kind defined twice is a programming error. */
  define<P>(kind: JobKind<P>): void;
  /**
   * Puts a job in its lane and answers its id; on disk when it resolves (with `trx`: when that transaction commits).
   * With `unique`, an open job of the same kind and key is answered instead of a second one. Unknown kinds and wrong
   * parameters are Problems. Parameters and results are shown to whoever may read jobs: no personal data in them.
   */
  submit(kind: string, params: unknown, options?: SubmitOptions): Promise<string>;
  /** Asks a job to stop; a queued one is cancelled at once. Answers it as it is then. */
  cancel(id: string): Promise<JobView>;
  /** One job; an unknown id is a Problem. */
  get(id: string): Promise<JobView>;
  /** Jobs, the newest first. */
  list(filter?: {
    state?: JobState | undefined;
    kind?: string | undefined;
    limit?: number | undefined;
  }): Promise<JobView[]>;
  /** Resolves when the job is in a final state. */
  wait(id: string): Promise<JobView>;
}
