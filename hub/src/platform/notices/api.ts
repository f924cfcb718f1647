/** Requests and answers of notices, as schemas. Instants are ISO 8601 in UTC. */
import { z } from 'zod';
import { kindNames, mailModes } from './kinds.ts';
import { urgencies } from './port.ts';
import { settingsSchema } from './settings.ts';

const text = z.object({ zh: z.string(), en: z.string() });
const instant = z.string().nullable();
const count = z.int();
const problem = z.object({ code: z.string(), title: text }).nullable();
const flag = z.enum(['true', 'false']).transform((v) => v === 'true');

export const noticeView = z.object({
  id: z.int(),
  kind: z.string(),
  kindTitle: text,
  urgency: z.enum(urgencies),
  title: text,
  text,
  link: z.string(),
  because: z.enum(['direct', 'deputy', 'escalation']),
  forName: z.string().nullable().describe('for whom one stands in'),
  arrivedAt: z.string(),
  readAt: instant,
  acknowledgedAt: instant,
  settledAt: instant.describe('since when the matter is over'),
});
export const unreadView = z.object({
  unread: count,
  urgent: count.describe('urgent ones that wait to be acknowledged'),
});
export const inboxQuery = z.object({
  unread: flag.optional(),
  urgent: flag.optional(),
  kind: z.enum(kindNames as [string, ...string[]]).optional(),
  before: z.coerce.number().int().positive().optional().describe('older than this one'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export const inboxView = z.object({
  items: z.array(noticeView),
  next: z.int().nullable(),
  unread: unreadView,
  kinds: z.array(z.object({ kind: z.string(), title: text })).describe('kinds that one could have'),
});
export const readBody = z.object({ ids: z.union([z.array(z.int().positive()).min(1).max(500), z.literal('all')]) });
export const idParams = z.object({ id: z.coerce.number().int().positive() });

export const settingsView = z.object({
  settings: settingsSchema,
  addresses: z.object({
    mail: z.string().nullable(),
    handle: z.string().nullable(),
    phone: z.string().nullable().describe('masked'),
  }),
  kinds: z.array(
    z.object({
      kind: z.string(),
      title: text,
      urgency: z.enum(urgencies),
      mail: z.enum(mailModes),
      messages: z.boolean(),
    }),
  ),
  channels: z.array(z.object({ name: z.string(), title: text, address: z.enum(['mail', 'phone', 'handle']) })),
  domains: z.array(z.string()),
  leaves: z.array(
    z.object({
      ...{ id: z.int(), deputy: z.string(), deputyName: z.string(), from: z.string(), to: z.string() },
      state: z.enum(['coming', 'running', 'over']),
    }),
  ),
  colleagues: z.array(z.object({ login: z.string(), name: z.string() })).describe('who may stand in'),
});
const empty = z.literal('');
export const settingsBody = z.strictObject({
  settings: settingsSchema,
  addresses: z
    .strictObject({
      mail: z.union([z.email().max(254), empty]).optional(),
      handle: z
        .union([
          z
            .string()
            .trim()
            .regex(/^[\p{L}\p{N}_.@-]{1,64}$/u),
          empty,
        ])
        .optional(),
      phone: z
        .union([
          z
            .string()
            .trim()
            .regex(/^1[3-9]\d{9}$/),
          empty,
        ])
        .optional(),
    })
    .default({})
    .describe('left out: stays; empty: taken away'),
});
export const leaveBody = z.strictObject({ deputy: z.string().min(1).max(64), from: z.iso.date(), to: z.iso.date() });

export const channelsView = z.object({
  channels: z.array(
    z.object({
      name: z.string(),
      title: text,
      state: z.enum(['open', 'resting', 'disabled', 'wrong', 'unset']),
      restsUntil: instant,
      ...{ waiting: count, digest: count, sending: count, dead: count },
      ...{ sentDay: count, failedDay: count, uncertainDay: count },
      oldestDue: instant.describe('since when the oldest that is due waits'),
      lastSentAt: instant,
      problem: problem.describe('of what waits or was given up last'),
      faults: z.array(z.object({ code: z.string(), title: text, file: z.string().nullable(), line: count.nullable() })),
    }),
  ),
  matters: z.object({
    ...{ undispatched: count, open: count },
    nobody: count.describe('told to roles that nobody holds'),
  }),
  dead: z.array(
    z.object({
      ...{ id: z.int(), channel: z.string(), login: z.string(), kind: z.string(), kindTitle: text, problem },
      ...{ attempts: count, uncertain: count, madeAt: z.string(), endedAt: z.string() },
    }),
  ),
});
export const channelParams = z.object({ channel: z.string().regex(/^[a-z][a-z0-9-]{0,40}$/) });
export const retried = z.object({ retried: count });
export const testBody = z.strictObject({
  to: z
    .string()
    .trim()
    .min(1)
    .max(254)
    .describe('address on this channel: e-mail, telephone number, or name at the work chat'),
});
export const testAnswer = z.object({ sent: z.boolean(), problem });
export const done = z.object({ ok: z.literal(true) });
