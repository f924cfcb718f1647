/** What every transport shares: what it is given, what it answers, secrets, and how a refusal is kept. */

import type { SourceDeclaration } from '../../catalogue/index.ts';
import type { Secret } from '../../platform/config/index.ts';
import { RetryableError } from '../../platform/jobs/index.ts';
import { lakeMemory } from '../../platform/lake/index.ts';
import { Problem, type ProblemKind } from '../../platform/problem.ts';
import type { CollectDeps } from '../collect.ts';
import { lane } from '../names.ts';
import { keep, problems } from '../problems.ts';
import { pullProblems } from './problems.ts';

/** What pulling needs of the hub: what collecting needs, and the named secrets of the configuration. */
export interface PullDeps extends CollectDeps {
  secrets: Readonly<Record<string, Secret>>;
}

/** A run that is in the lake, as whoever goes on with its rows is told of it. */
export interface FinishedRun {
  run: number;
  source: string;
  accepted: number;
  vanished: number;
}

/** One pull. */
export interface PullOrder {
  source: SourceDeclaration;
  /** Version of the declaration. */
  declaration: number;
  signal?: AbortSignal;
  /** Whether nobody tries again after this: then a fault that might pass is recorded as a refusal, too. */
  lastAttempt?: boolean;
  /** Called now and then. `step`: read (rows so far) or what collecting says. */
  progress?: (done: { bytes: number; rows: number; step: string }) => void;
  /** Told of every run, after it is in the lake, also when the pull fails later. */
  onRun?: (run: FinishedRun) => Promise<void>;
}

/** What came of a pull. `runs` is empty when there was nothing new. */
export interface Pulled {
  /** Runs that were written, oldest first. */
  runs: number[];
  /** Rows that were read from the other side. */
  read: number;
  received: number;
  accepted: number;
  quarantined: number;
  duplicate: number;
  /** The watermark reached; null for a source that is read whole. */
  checkpoint: string | null;
}

/** A pull that has brought nothing yet. */
export const nothing = (checkpoint: string | null): Pulled => ({
  runs: [],
  read: 0,
  received: 0,
  accepted: 0,
  quarantined: 0,
  duplicate: 0,
  checkpoint,
});

/** A fault that may pass by itself: the job waits and tries again; people see the problem when all tries are used up. */
export const passing = (kind: ProblemKind, params: Record<string, unknown>): RetryableError => {
  const problem = new Problem(kind, params);
  return new RetryableError(problem.message, { cause: problem });
};

/** A secret of one of the kinds, by its name. */
export function secretOf<K extends Secret['kind']>(
  deps: Pick<PullDeps, 'secrets'>,
  name: string,
  kinds: readonly K[],
): Extract<Secret, { kind: K }> {
  const secret = Object.hasOwn(deps.secrets, name) ? deps.secrets[name] : undefined;
  const place = { setting: `secrets.${name}` };
  if (!secret) throw new Problem(pullProblems.secretUnknown, { secret: name }, place);
  if (!(kinds as readonly string[]).includes(secret.kind))
    throw new Problem(pullProblems.secretKind, { secret: name, expected: kinds.join(' / '), seen: secret.kind }, place);
  return secret as Extract<Secret, { kind: K }>;
}

/** The code of a system or database error, or its name: what may be shown and logged of it. */
export function codeOf(error: unknown): string {
  const e = error as { code?: unknown; cause?: unknown; name?: unknown; errors?: unknown[] };
  if (typeof e?.code === 'string') return e.code;
  if (e?.cause) return codeOf(e.cause);
  if (Array.isArray(e?.errors) && e.errors[0]) return codeOf(e.errors[0]);
  return String(e?.name ?? 'error');
}

/** Keeps a delivery that failed before anything could be collected (ex.refusal). */
export async function recordRefusal(
  deps: PullDeps,
  source: SourceDeclaration,
  input: string,
  problem: Problem,
): Promise<void> {
  await deps.lake.write(lane(source.id), (session) =>
    session.run(
      `INSERT INTO ex.refusal SELECT nextval('ex.refusal_number'), $source, $input, NULL, 0, $at::TIMESTAMP, $problem::JSON`,
      { source: source.id, input, at: deps.clock.now(), problem: keep(problem) },
    ),
  );
}

/** Turns what stopped a reading into what is thrown, and records it when it is final. */
export async function settle(deps: PullDeps, order: PullOrder, input: string, error: unknown): Promise<unknown> {
  if (order.signal?.aborted) return new Problem(problems.cancelled, {}, { file: input });
  const thrown = (error as { code?: string })?.code === 'ENOSPC' ? new Problem(problems.diskFull, {}) : error;
  const problem = thrown instanceof RetryableError && order.lastAttempt ? thrown.cause : thrown;
  if (problem instanceof Problem && problem.kind !== lakeMemory)
    await recordRefusal(deps, order.source, input, problem);
  return thrown;
}
