/** The audit: append-only, chained by hashes, read by the audit administrator alone. */
import { fileURLToPath } from 'node:url';
import type { MigrationSet } from '../db/index.ts';

export type { AuditEntry, AuditPort } from '../room.ts';
export { Audit } from './audit.ts';
export { canonicalJson } from './chain.ts';
export { type Refusal, refusals } from './refusals.ts';
export { auditRoutes } from './routes.ts';

/** The audit's tables. */
export const auditMigrations: MigrationSet = {
  room: 'audit',
  folder: fileURLToPath(new URL('./migrations', import.meta.url)),
};
