/** Early warnings: what the room composes. */
import { fileURLToPath } from 'node:url';

export { WARNING_JOB, warningJob } from './find.ts';
export { warningRoutes } from './routes.ts';
export { ruleTables } from './still.ts';
export { warningsTurned } from './turned.ts';
/** The folder of this part's migrations: they are the room's. */
export const warningMigrations = fileURLToPath(new URL('migrations', import.meta.url));
