/**
 * Questions and answers of subscriptions. These schemas validate at the door, make the OpenAPI description and the console's types.
 *
 *   GET    /api/v1/subscriptions                      gateway.read -> list
 *   GET    /api/v1/subscriptions/grants               gateway.use  -> grants that can be subscribed to
 *   POST   /api/v1/subscriptions                      gateway.use  -> created (its secret is shown here only)
 *   GET    /api/v1/subscriptions/{id}                 gateway.read -> detail
 *   PATCH  /api/v1/subscriptions/{id}                 gateway.use
 *   POST   /api/v1/subscriptions/{id}/pause|resume|end|replay|test|secret   gateway.use
 *   GET    /api/v1/subscriptions/{id}/attempts        gateway.read
 *   GET    /api/v1/subscriptions/{id}/days/{day}      gateway.read -> the sealed log
 *   GET    /api/v1/subscriptions/{id}/events          token or gateway.use -> what is fetched
 */
import { z } from 'zod';
import { changeKinds } from './log/events.ts';

const bilingual = z.object({ zh: z.string(), en: z.string() });
const party = z.object({ id: z.string(), name: bilingual });
const problem = z.object({ code: z.string(), title: bilingual }).nullable();
const ca = z
  .string()
  .max(20_000)
  .regex(/^-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----\s*$/)
  .nullable()
  .default(null);

/** Where to. */
export const targetBody = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('webhook'), url: z.string().trim().max(2000), ca }),
  z.strictObject({
    kind: z.literal('mqtt'),
    url: z.string().trim().max(2000),
    version: z.union([z.literal(4), z.literal(5)]).default(5),
    topic: z.string().trim().max(500),
    user: z.string().max(200).nullable().default(null),
    /** Absent: as it was. */
    password: z.string().max(500).nullable().optional(),
    ca,
  }),
  z.strictObject({ kind: z.literal('pull') }),
]);

const chosen = {
  title: z.string().trim().min(2).max(100),
  items: z.array(z.string().max(64)).min(1).max(500).nullable(),
  changes: z.array(z.enum(changeKinds)).min(1).max(3),
  batch: z.number().int().min(1).max(500),
};

export const createBody = z.strictObject({
  grant: z.number().int().positive(),
  title: chosen.title,
  target: targetBody,
  items: chosen.items.default(null),
  changes: chosen.changes.default([...changeKinds]),
  batch: chosen.batch.default(100),
  /** Streams side by side, each in order; records stay in theirs. Fixed for good. */
  partitions: z.union([z.literal(1), z.literal(2), z.literal(4), z.literal(8), z.literal(16)]).default(1),
  /** `now`: changes from here on; `all`: everything that stands now first. */
  begin: z.enum(['now', 'all']).default('now'),
});
export const patchBody = z.strictObject({
  version: z.number().int(),
  title: chosen.title.optional(),
  items: chosen.items.optional(),
  changes: chosen.changes.optional(),
  batch: chosen.batch.optional(),
  target: targetBody.optional(),
});
export const versionBody = z.strictObject({ version: z.number().int() });
export const replayBody = z.strictObject({
  version: z.number().int(),
  /** After a sequence, since an instant, or everything that stands now. */
  from: z.union([
    z.strictObject({ after: z.number().int().min(0) }),
    z.strictObject({ since: z.iso.datetime() }),
    z.strictObject({ all: z.literal(true) }),
  ]),
});

export const idParams = z.object({ id: z.coerce.number().int().positive() });
export const dayParams = idParams.extend({ day: z.iso.date() });
export const listQuery = z.object({
  state: z.enum(['active', 'paused', 'ended']).optional(),
  grant: z.coerce.number().int().positive().optional(),
});
export const eventsQuery = z.object({
  /** `cursor` of the answer before: confirms that its events were taken. Absent: what was not confirmed yet, again. */
  after: z.string().max(64).optional(),
  limit: z.coerce.number().int().min(1).max(500).optional(),
  /** Seconds to wait for events when there are none. */
  wait: z.coerce.number().int().min(0).max(30).default(0),
});
export const attemptsQuery = z.object({
  failed: z.stringbool().optional(),
  before: z.coerce.number().int().positive().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

/** How a subscription is doing. `halted`: its grant gives nothing now. */
export const health = z.enum(['ok', 'waiting', 'failing', 'open', 'paused', 'halted', 'ended']);

export const summary = z.object({
  id: z.number().int(),
  title: z.string(),
  grant: z.number().int(),
  grantState: z.string(),
  entry: z.object({ id: z.string(), title: bilingual }),
  source: z.string(),
  recipient: party,
  provider: party,
  kind: z.enum(['webhook', 'mqtt', 'pull']),
  /** Host and path, or topic; without what is secret. */
  target: z.string(),
  state: z.enum(['active', 'paused', 'ended']),
  health,
  reason: problem,
  /** Changes of the source that were not looked at for it, how old the oldest is; whether everything is being sent anew. */
  lag: z.object({ changes: z.number().int(), minutes: z.number().nullable(), snapshot: z.boolean() }),
  lastSuccess: z.string().nullable(),
  failures: z.number().int(),
  failingSince: z.string().nullable(),
  nextAt: z.string().nullable(),
  problem,
  today: z.object({ events: z.number().int(), messages: z.number().int(), failures: z.number().int() }),
  mine: z.boolean(),
  createdAt: z.string(),
  version: z.number().int(),
});
export const list = z.object({ items: z.array(summary) });

export const cursorView = z.object({
  partition: z.number().int(),
  phase: z.enum(['live', 'gap', 'start', 'snapshot', 'end']),
  sequence: z.number().int(),
  circuit: z.enum(['closed', 'half-open', 'open']),
  failures: z.number().int(),
  failingSince: z.string().nullable(),
  nextAt: z.string().nullable(),
  problem,
  status: z.number().int().nullable(),
  lastSuccess: z.string().nullable(),
  lastAttempt: z.string().nullable(),
});

export const detail = summary.extend({
  where: z.object({
    url: z.string().nullable(),
    topic: z.string().nullable(),
    version: z.number().int().nullable(),
    user: z.string().nullable(),
    ca: z.string().nullable(),
  }),
  items: z.array(
    z.object({ name: z.string(), title: bilingual, shown: z.enum(['plain', 'masked']), chosen: z.boolean() }),
  ),
  changes: z.array(z.enum(changeKinds)),
  batch: z.number().int(),
  partitions: z.number().int(),
  eventSource: z.string(),
  filtered: z.boolean(),
  cursors: z.array(cursorView),
  secrets: z.array(z.object({ hint: z.string(), createdAt: z.string(), expiresAt: z.string().nullable() })),
  log: z.object({
    head: z.number().int(),
    /** Earliest sequence that can be sent again, and when it was found. */
    first: z.number().int(),
    since: z.string().nullable(),
    dropped: z.number().int(),
    keptDays: z.number().int(),
  }),
  usage: z.array(
    z.object({
      day: z.string(),
      messages: z.number().int(),
      events: z.number().int(),
      bytes: z.number().int(),
      failures: z.number().int(),
      seal: z.number().int().nullable(),
    }),
  ),
  createdBy: z.string(),
});

export const created = z.object({ id: z.number().int(), secret: z.string().nullable() });
export const rotated = z.object({ secret: z.string(), oldUntil: z.string().nullable() });
export const tested = z.object({ ok: z.boolean(), status: z.number().int().nullable(), problem, ms: z.number().int() });
export const attempts = z.object({
  items: z.array(
    z.object({
      seq: z.number().int(),
      partition: z.number().int(),
      message: z.string(),
      first: z.number().int(),
      last: z.number().int(),
      events: z.number().int(),
      bytes: z.number().int(),
      ok: z.boolean(),
      status: z.number().int().nullable(),
      problem,
      ms: z.number().int(),
      at: z.string(),
    }),
  ),
  more: z.boolean(),
});
export const grants = z.object({
  items: z.array(
    z.object({
      id: z.number().int(),
      title: bilingual,
      provider: party,
      until: z.string(),
      source: z.string().nullable(),
      /** Why it cannot be subscribed to. */
      problem,
      items: z.array(z.object({ name: z.string(), title: bilingual, shown: z.enum(['plain', 'masked']) })),
    }),
  ),
});
