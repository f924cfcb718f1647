/** Settings of the query workbench. */
import { z } from 'zod';

const whole = (value: number, min: number, max: number, text: string) =>
  z.number().int().min(min).max(max).default(value).describe(text);

export const workbench = z
  .strictObject({
    seconds: whole(30, 1, 3600, 'Seconds after which a query of the workbench is stopped'),
    memoryMiB: whole(1024, 64, 1_048_576, 'Memory and disk that queries may take beyond what the lake uses, in MiB'),
    running: whole(2, 1, 16, 'Queries that run at once'),
    waiting: whole(8, 0, 1000, 'Queries that wait for their turn; more are refused'),
    exportRows: whole(50_000, 1, 1_000_000, 'Most rows of one export of the workbench'),
    historyDays: whole(90, 1, 3650, 'Days for which everybody sees their own queries'),
    historyPerPerson: whole(500, 10, 100_000, 'Queries that are kept of one person; the oldest go first'),
  })
  .prefault({})
  .describe('Query workbench');
