/** Databases and HTTP as transports of the exchange: what the room's jobs and routes call. */
import { Problem } from '../../platform/problem.ts';
import { problems } from '../problems.ts';
import type { PullDeps, Pulled, PullOrder } from './common.ts';
import { pullDatabase } from './database.ts';
import { pullHttp } from './http-pull.ts';

export { type FinishedRun, type PullDeps, type Pulled, type PullOrder, recordRefusal } from './common.ts';
export { type DatabaseLimits, databaseLimits, pullDatabase } from './database.ts';
export { type HttpLimits, httpLimits } from './http-client.ts';
export { pullHttp } from './http-pull.ts';
export { type PushDeps, type PushLimits, pushLimits, pushRoutes } from './push.ts';
export { transportTables } from './tables.ts';

/** Pulls a source from its database or its HTTP interface; sources of other transports are a Problem. */
export async function pull(deps: PullDeps, order: PullOrder): Promise<Pulled> {
  const { kind } = order.source.transport;
  if (kind === 'postgres' || kind === 'mysql') return pullDatabase(deps, order);
  if (kind === 'http-pull') return pullHttp(deps, order);
  throw new Problem(problems.transport, { source: order.source.id, kind });
}
