/** Accounts, sessions, roles and the protection of fields. */
import { fileURLToPath } from 'node:url';
import type { MigrationSet } from '../db/index.ts';

export { administrationRoutes, revealRoutes } from './admin-routes.ts';
export type { FirstAccount } from './bootstrap.ts';
export * from './principal.ts';
export * from './protection.ts';
export { accountRoutes } from './routes.ts';
export { Auth } from './service.ts';
export type { AuthContext } from './store.ts';

/** The tables of accounts. */
export const authMigrations: MigrationSet = {
  room: 'auth',
  folder: fileURLToPath(new URL('./migrations', import.meta.url)),
};
