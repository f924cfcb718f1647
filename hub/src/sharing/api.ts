/** Questions and answers of sharing's routes; days are 'YYYY-MM-DD', instants ISO 8601 in UTC. */
import { z } from 'zod';
import { bilingual } from '../catalogue/index.ts';
import { content, frequencies } from './content.ts';
import { targetView } from './target/declare.ts';
import { useKinds } from './use.ts';

const count = z.number().int().nonnegative();
const id = z.number().int();
const day = z.string();
export const idParams = z.object({ id: z.coerce.number().int().min(1).max(2_147_483_647) });
export const entryParams = z.object({ id: z.string().max(120) });
export const named = z.object({ id: z.string(), name: bilingual });

export const faultItem = z.object({ code: z.string(), field: z.string().nullable(), title: bilingual });

/** A step that somebody may take, and what it must bring. */
export const openStep = z.object({
  action: z.string(),
  title: bilingual,
  needs: z.array(z.string()),
  as: z.string(),
  article: z.number().int().nullable(),
});

/** A clock as both sides and the authority see it. */
export const clockView = z.object({
  id,
  request: id,
  deadline: z.string(),
  title: bilingual,
  article: z.number().int(),
  organisation: named,
  start: day,
  days: count,
  extension: count,
  /** Null: the holidays of `missingYear` are not announced, so no due day can be said yet. */
  due: day.nullable(),
  missingYear: z.number().int().nullable(),
  state: z.enum(['running', 'met', 'stopped']),
  standing: z.enum(['unknown', 'running', 'warning', 'overdue', 'met', 'met-late', 'stopped']),
  /** Working days left (negative: late); null where it cannot be said. */
  left: z.number().int().nullable(),
  startedAt: z.string(),
  endedAt: z.string().nullable(),
  ground: z.string().nullable(),
  /** Longest extension by law; null: none. */
  extendable: count.nullable(),
  asked: z
    .object({
      days: count,
      reason: z.string(),
      state: z.enum(['asked', 'consented', 'declined', 'lapsed']),
      by: z.string(),
      at: z.string(),
      comment: z.string().nullable(),
    })
    .nullable(),
});

export const entrySummary = z.object({
  id: z.string(),
  code: z.string(),
  title: bilingual,
  abstract: bilingual,
  provider: named,
  sharing: z.object({
    type: z.enum(['unconditional', 'conditional', 'refused']),
    condition: z.string(),
    ground: z.string(),
  }),
  collected: z.boolean(),
  cycle: z.string(),
});
export const entriesQuery = z.object({ search: z.string().max(100).default('') });
export const entriesAnswer = z.object({ items: z.array(entrySummary), total: count });
export const entryAnswer = entrySummary.extend({
  items: z.array(
    z.object({
      name: z.string(),
      title: bilingual,
      type: z.string(),
      unit: z.string().nullable(),
      key: z.boolean(),
      protection: z.enum(['public', 'internal', 'personal', 'sensitive']),
    }),
  ),
});

export const checkBody = z.strictObject({ entry: z.string().max(120), content });
export const checkAnswer = z.object({ missing: z.array(faultItem) });

export const requestItem = z.object({
  id,
  entry: z.string(),
  title: bilingual,
  requester: named,
  provider: named,
  sharing: z.enum(['unconditional', 'conditional']),
  mode: z.enum(['service', 'batch', 'file']).nullable(),
  items: count,
  state: z.string(),
  stateTitle: bilingual,
  createdAt: z.string(),
  submittedAt: z.string().nullable(),
  /** The clock that runs, if any. */
  clock: clockView.nullable(),
  share: id.nullable(),
});
export const requestsAnswer = z.object({ items: z.array(requestItem), total: count });

export const stepView = z.object({
  seq: id,
  matter: z.enum(['request', 'share', 'dispute', 'delivery', 'clock']),
  id,
  action: z.string(),
  title: bilingual,
  state: bilingual.nullable(),
  actor: z.string(),
  login: z.string().nullable(),
  organisation: named.nullable(),
  deputyFor: z.string().nullable(),
  article: z.number().int().nullable(),
  comment: z.string().nullable(),
  detail: z.record(z.string(), z.unknown()).nullable(),
  at: z.string(),
});

export const disputeView = z.object({
  id,
  request: id,
  title: bilingual,
  requester: named,
  provider: named,
  raisedBy: z.enum(['requester', 'provider']),
  state: z.string(),
  stateTitle: bilingual,
  version: id,
  reason: z.string(),
  outcome: z.enum(['share', 'keep', 'other']).nullable(),
  words: z.string().nullable(),
  document: z.string().nullable(),
  createdAt: z.string(),
  endedAt: z.string().nullable(),
  steps: z.array(openStep),
});

export const requestDetail = requestItem.extend({
  version: id,
  content,
  /** Titles of the items that are asked for, with their protection. */
  chosen: z.array(z.object({ name: z.string(), title: bilingual, protection: z.string() })),
  condition: z.string(),
  advice: z.object({ share: z.boolean(), comment: z.string(), ground: z.string().nullable() }).nullable(),
  refusal: z.object({ reason: z.string(), ground: z.string() }).nullable(),
  told: z.array(z.string()).nullable(),
  editable: z.boolean(),
  missing: z.array(faultItem),
  clocks: z.array(clockView),
  mayAskExtension: z.boolean(),
  mayDecideExtension: z.boolean(),
  mayDispute: z.boolean(),
  disputes: z.array(disputeView),
  timeline: z.array(stepView),
  steps: z.array(openStep),
});

export const deliveryView = z.object({
  id,
  share: id,
  sequence: id,
  kind: z.enum(['full', 'changes']),
  format: z.enum(['csv', 'parquet', 'xlsx']),
  state: z.enum(['making', 'ready', 'failed']),
  rows: count.nullable(),
  removed: count.nullable(),
  bytes: count.nullable(),
  sha256: z.string().nullable(),
  manifest: z.record(z.string(), z.unknown()).nullable(),
  seal: id.nullable(),
  manifestSeal: id.nullable(),
  problem: z.object({ code: z.string(), title: bilingual }).nullable(),
  askedAt: z.string(),
  readyAt: z.string().nullable(),
  downloads: count,
  /** On its way to the recipient's target; null: there is none, or it had none then. */
  transmission: z
    .object({
      state: z.enum(['waiting', 'sending', 'sent', 'failed']),
      attempts: count,
      /** Rows or bytes that the target has. */
      done: count,
      problem: z.object({ code: z.string(), title: bilingual }).nullable(),
      nextAt: z.string(),
      sentAt: z.string().nullable(),
    })
    .nullable(),
  receipt: z.object({ fingerprint: z.string(), matches: z.boolean(), by: z.string(), at: z.string() }).nullable(),
});

export const shareItem = z.object({
  id,
  request: id,
  entry: z.string(),
  title: bilingual,
  requester: named,
  provider: named,
  state: z.string(),
  stateTitle: bilingual,
  mode: z.enum(['service', 'batch', 'file']),
  frequency: z.enum(frequencies),
  since: day,
  until: day,
  deliveries: count,
  lastDelivery: z.string().nullable(),
});
export const sharesQuery = z.object({
  which: z.enum(['all', 'raised', 'received']).default('all'),
  state: z.string().max(20).optional(),
  page: z.coerce.number().int().min(1).max(10_000).default(1),
  size: z.coerce.number().int().min(1).max(100).default(20),
});
export const sharesAnswer = z.object({ items: z.array(shareItem), total: count });
export const shareDetail = shareItem.extend({
  version: id,
  format: z.enum(['csv', 'parquet', 'xlsx']),
  items: z.array(
    z.object({ name: z.string(), title: bilingual, shown: z.enum(['plain', 'masked']), protection: z.string() }),
  ),
  filter: content.shape.filter,
  nextDelivery: day.nullable(),
  mendBy: day.nullable(),
  mended: z.boolean(),
  pending: z.record(z.string(), z.unknown()).nullable(),
  renewal: z.object({ until: day, reason: z.string(), agreed: z.boolean() }).nullable(),
  disposal: z.object({ how: z.string(), where: z.string(), day }).nullable(),
  deliveryList: z.array(deliveryView),
  uses: z.array(
    z.object({ seq: id, kind: z.enum(useKinds), day, text: z.string(), login: z.string(), at: z.string() }),
  ),
  /** Values that were delivered and answered to be wrong. */
  corrected: z.array(
    z.object({
      correction: id,
      item: z.string(),
      itemTitle: bilingual,
      record: z.string().nullable(),
      delivery: id,
      at: z.string(),
    }),
  ),
  /** Where batches are brought; null: the recipient fetches them. */
  target: targetView.nullable(),
  maySetTarget: z.boolean(),
  retentionYears: count,
  mayDeliver: z.boolean(),
  mayReceive: z.boolean(),
  timeline: z.array(stepView),
  steps: z.array(openStep),
});
export const deliverBody = z.strictObject({
  kind: z.enum(['full', 'changes']),
  format: z.enum(['csv', 'parquet', 'xlsx']),
});
export const made = z.object({ id });
export const receiptAnswer = z.object({ matches: z.boolean() });
export const doubtAnswer = z.object({ correction: id, raised: z.boolean() });

export const clocksQuery = z.object({
  state: z.enum(['running', 'ended', 'all']).default('running'),
  standing: z.enum(['unknown', 'running', 'warning', 'overdue']).optional(),
  organisation: z.string().max(40).optional(),
});
export const clocksAnswer = z.object({
  items: z.array(clockView.extend({ resource: bilingual, requester: named })),
  total: count,
});

export const deskAnswer = z.object({
  /** Matters on which the signed-in person can take a step now. */
  todo: z.array(
    z.object({
      matter: z.enum(['request', 'share', 'dispute', 'clock']),
      id,
      request: id,
      title: bilingual,
      requester: named,
      provider: named,
      stateTitle: bilingual,
      actions: z.array(bilingual),
      clock: clockView.nullable(),
    }),
  ),
  /** Corrections (校核) that wait for the own department, or for the authority all of them; with their ten working days. */
  corrections: z.array(
    z.object({
      id,
      resource: bilingual,
      field: bilingual,
      owner: named.nullable(),
      raisedBy: named.nullable(),
      due: day.nullable(),
      missingYear: z.number().int().nullable(),
      standing: z.enum(['unknown', 'running', 'warning', 'overdue']),
      left: z.number().int().nullable(),
    }),
  ),
  counts: z.object({ raised: count, received: count, overdue: count, warning: count, unknown: count, shares: count }),
  notices: z.array(
    z.object({
      seq: id,
      kind: z.string(),
      title: bilingual,
      about: bilingual,
      request: id,
      share: id.nullable(),
      detail: z.record(z.string(), z.unknown()),
      at: z.string(),
      seen: z.boolean(),
    }),
  ),
  /** The deputyship under which the signed-in person acts, or for which they stand aside. */
  deputy: z.object({ acting: z.string().nullable(), away: z.boolean() }),
});
export const seenBody = z.strictObject({ until: z.number().int().nonnegative() });

export const deputiesAnswer = z.object({
  items: z.array(
    z.object({
      id,
      head: z.string(),
      deputy: z.string(),
      from: day,
      to: day,
      reason: z.string(),
      at: z.string(),
      state: z.enum(['coming', 'now', 'over', 'ended']),
    }),
  ),
  colleagues: z.array(z.object({ login: z.string(), name: z.string() })),
});

export const oversightAnswer = z.object({
  ranking: z.array(
    z.object({
      organisation: named,
      running: count,
      overdue: count,
      warning: count,
      met: count,
      /** Of those met, how many late. */
      late: count,
      extended: count,
    }),
  ),
  unknown: count,
  /** Years of which the working days are known. */
  calendar: z.object({ years: z.array(z.number().int()), from: day, missing: z.array(z.number().int()) }),
});

export const lawAnswer = z.object({
  law: z.string(),
  title: bilingual,
  deadlines: z.array(
    z.object({
      id: z.string(),
      article: z.number().int(),
      title: bilingual,
      trigger: bilingual,
      days: count,
      warn: count,
      extension: count.nullable(),
    }),
  ),
  machines: z.record(
    z.string(),
    z.object({
      states: z.record(z.string(), bilingual),
      rows: z.array(
        z.object({
          action: z.string(),
          title: bilingual,
          from: z.array(z.string()),
          to: z.string(),
          by: z.array(z.string()),
          article: z.number().int().nullable(),
        }),
      ),
    }),
  ),
  years: z.array(z.number().int()),
});
