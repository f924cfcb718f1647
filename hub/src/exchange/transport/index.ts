/** Databases and HTTP as transports of the exchange: what the room's jobs and routes call. */
export { type PullDeps, type Pulled, type PullOrder, recordRefusal } from './common.ts';
export { type DatabaseLimits, databaseLimits, pullDatabase } from './database.ts';
export { transportTables } from './tables.ts';
