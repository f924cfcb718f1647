/** Settings of people and organisations (人员与机构). */
import { z } from 'zod';
import { message } from '../i18n/validation.ts';

/** The part `people` of the configuration. */
export const people = z
  .strictObject({
    delegationDays: z
      .number()
      .int()
      .min(1)
      .max(365)
      .default(90)
      .describe('Days for which a role can be lent to a colleague at most'),
    recertification: z
      .strictObject({
        yearly: z
          .string()
          .regex(/^(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])$/, message('应为“月-日”，如 11-01', 'expected month-day: 11-01'))
          .optional()
          .describe(
            'Day of the year (MM-DD) on which the review of all roles begins by itself; absent: the security administrator begins it',
          ),
        days: z.number().int().min(3).max(180).default(30).describe('Days that reviewers have'),
        suspend: z
          .boolean()
          .default(true)
          .describe(
            'Whether roles that nobody answered for by the deadline rest until the security administrator restores them',
          ),
      })
      .prefault({}),
  })
  .prefault({})
  .describe('People and organisations');
