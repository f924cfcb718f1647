/** Databases and HTTP as transports of the exchange: what the room's jobs and routes call. */
import { RetryableError } from '../../platform/jobs/index.ts';
import { Problem } from '../../platform/problem.ts';
import { problems } from '../problems.ts';
import type { PullDeps, Pulled, PullOrder } from './common.ts';
import { pullDatabase } from './database.ts';
import { pullHttp } from './http-pull.ts';
import { recordLook } from './looks.ts';

export { type FinishedRun, type PullDeps, type Pulled, type PullOrder, recordRefusal } from './common.ts';
export { type DatabaseLimits, databaseLimits, pullDatabase } from './database.ts';
export { type HttpLimits, httpLimits } from './http-client.ts';
export { pullHttp } from './http-pull.ts';
export { type Look, lastLooks } from './looks.ts';
export { deliverOwn, deliverWith, type OwnBatch, type OwnReceipt, ownBatches } from './own.ts';
export { type PushDeps, type PushLimits, pushLimits, pushRoutes } from './push.ts';
export { transportTables } from './tables.ts';

/**
 * Pulls a source from its database or its HTTP interface; sources of other transports are a Problem. Throws Problems, and
 * `RetryableError` for faults that may pass. What it comes to is kept (see lastLooks).
 */
export async function pull(deps: PullDeps, order: PullOrder): Promise<Pulled> {
  const { source } = order;
  const { kind } = source.transport;
  let work: Promise<Pulled>;
  if (kind === 'postgres' || kind === 'mysql') work = pullDatabase(deps, order);
  else if (kind === 'http-pull') work = pullHttp(deps, order);
  else throw new Problem(problems.transport, { source: source.id, kind });
  try {
    const pulled = await work;
    await recordLook(deps.lake, deps.clock, source.id, true);
    return pulled;
  } catch (error) {
    const final = order.lastAttempt || !(error instanceof RetryableError);
    if (final && !order.signal?.aborted) await recordLook(deps.lake, deps.clock, source.id, false);
    throw error;
  }
}
