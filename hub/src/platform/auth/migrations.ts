import { fileURLToPath } from 'node:url';
import type { MigrationSet } from '../db/index.ts';

/** The tables of accounts. */
export const authMigrations: MigrationSet = {
  room: 'auth',
  folder: fileURLToPath(new URL('./migrations', import.meta.url)),
};
