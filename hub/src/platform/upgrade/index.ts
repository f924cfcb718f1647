/** Upgrades of a data folder: the structure of both stores as one decision, backfills of data as jobs (docs/operations.md). */
import { fileURLToPath } from 'node:url';
import type { MigrationSet } from '../db/index.ts';

export { type Backfill, Backfills, type Batch } from './backfills.ts';
export { type Definer, LAKE_FORM, type Upgraded, upgrade } from './upgrade.ts';

/** The migrations of this part. */
export const upgradeMigrations: MigrationSet = {
  room: 'upgrade',
  folder: fileURLToPath(new URL('./migrations', import.meta.url)),
};
