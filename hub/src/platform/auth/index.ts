/** Accounts, sessions, roles and the protection of fields. */
export { administrationRoutes, revealRoutes } from './admin-routes.ts';
export type { FirstAccount } from './bootstrap.ts';
export { type Colleague, colleagues } from './colleagues.ts';
export { keepHistory, membersAt, type PastMember } from './history.ts';
export { formersOf, type LentRole, lentTo } from './lent.ts';
export { authMigrations } from './migrations.ts';
export * from './principal.ts';
export * from './protection.ts';
export { accountRoutes } from './routes.ts';
export { Auth } from './service.ts';
export type { AuthContext } from './store.ts';
