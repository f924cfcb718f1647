export type { AnyTables, Db, DbOptions } from './db.ts';
export { type MigrationSet, migrate } from './migrate.ts';
export { openDb } from './open.ts';
