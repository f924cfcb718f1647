export type { AnyTables, Db, DbOptions } from './db.ts';
