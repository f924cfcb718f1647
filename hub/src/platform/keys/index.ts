/** Keys (密钥管理): one list of every key, rotation, custody, and what a loss means (docs/keys.md). */
import { fileURLToPath } from 'node:url';
import type { MigrationSet } from '../db/index.ts';

export { countFiles } from './files.ts';
export { type LossStatement, statement } from './lost.ts';
export type { KeyView } from './registry.ts';
export { keyRoutes } from './routes.ts';
export { custodyOf, Keys, keepInCustody, sealedFolders } from './service.ts';

/** What was noted of keys. */
export const keyMigrations: MigrationSet = {
  room: 'keys',
  folder: fileURLToPath(new URL('./migrations', import.meta.url)),
};
