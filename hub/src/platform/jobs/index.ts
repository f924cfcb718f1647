import { fileURLToPath } from 'node:url';

export { jobBackfills, QUOTING, withoutReason } from './backfills.ts';
export { tellFailed } from './failed.ts';
export { type FailedJob, type JobFailed, Jobs } from './jobs.ts';
export { jobRoutes } from './routes.ts';
export * from './types.ts';

/** The queue's own migrations. */
export const jobMigrations = {
  room: 'jobs',
  folder: fileURLToPath(new URL('./migrations', import.meta.url)),
};
