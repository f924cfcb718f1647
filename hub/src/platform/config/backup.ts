/** Settings of backups. */
import { z } from 'zod';
import { message } from '../i18n/validation.ts';

const count = (value: number, text: string) => z.number().int().min(0).max(10_000).default(value).describe(text);

export const backup = z
  .strictObject({
    folder: z
      .string()
      .min(1)
      .optional()
      .describe(
        'Folder of the backup repository, on another disk or a mounted share; without it the hub makes no backups',
      ),
    at: z
      .string()
      .regex(/^([01]\d|2[0-3]):[0-5]\d$/, message('应为 时:分，如 02:30', 'expected hours:minutes, like 02:30'))
      .default('02:30')
      .describe("When a day's backup is made, in the city's time"),
    keys: z
      .boolean()
      .default(true)
      .describe("Whether the vault's keys go into the backup (encrypted); without them they must be kept elsewhere"),
    newest: count(3, 'Newest backups that are kept whatever their day; at least one'),
    daily: count(14, 'Backups of days that are kept: the last of each day'),
    weekly: count(8, 'Backups of weeks that are kept'),
    monthly: count(12, 'Backups of months that are kept'),
    rehearseDays: count(7, 'Days after which the newest backup is restored aside and checked; 0: never'),
  })
  .prefault({})
  .describe('Backups');
