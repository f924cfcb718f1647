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
    pointInTime: z
      .boolean()
      .default(false)
      .describe(
        "Whether the PostgreSQL server's log is kept as well, so that the operational store can be put back to any instant; needs db.url, the server's client tools on this machine and a user with REPLICATION",
      ),
    pointInTimeDays: z
      .number()
      .int()
      .min(1)
      .max(3660)
      .default(14)
      .describe('Days back to which every instant can be restored'),
    baseDays: z
      .number()
      .int()
      .min(1)
      .max(90)
      .default(7)
      .describe('Days after which a new base backup of the server is made'),
    archiveSeconds: z
      .number()
      .int()
      .min(5)
      .max(3600)
      .default(60)
      .describe(
        "Seconds between two keepings of the server's log: what is lost at most when server and hub are lost together",
      ),
    serverKeepsMiB: z
      .number()
      .int()
      .min(256)
      .max(4_194_304)
      .default(16_384)
      .describe(
        "Log that waits to be kept at most, on the server and on this machine, in MiB; beyond it the hub gives the server's slot up and tells of the gap",
      ),
    serverUrl: z
      .string()
      .regex(
        /^postgres(ql)?:\/\//,
        message('应为 postgres://用户:口令@主机:端口', 'expected postgres://user:password@host:port'),
      )
      .optional()
      .describe(
        'Another user of the same server, with REPLICATION, for its log and base backups; db.url where it is absent',
      ),
    serverTools: z
      .string()
      .min(1)
      .optional()
      .describe('Folder of pg_receivewal and pg_basebackup, where they are not found by themselves'),
    rehearseDays: count(7, 'Days after which the newest backup is restored aside and checked; 0: never'),
  })
  .prefault({})
  .describe('Backups');
