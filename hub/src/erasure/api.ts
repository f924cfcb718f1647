/** Questions and answers of the routes of erasure. Nothing here holds a value of a person; instants are ISO 8601 in UTC, days YYYY-MM-DD. */
import { z } from 'zod';
import { bilingual } from '../catalogue/index.ts';

export const idParams = z.object({ id: z.coerce.number().int().positive() });
export const states = z.enum([
  'entered',
  'proposed',
  'running',
  'executed',
  'closed',
  'refusing',
  'refused',
  'withdrawn',
]);
export const grounds = z.enum(['request', 'consent-withdrawn', 'purpose-ended', 'unlawful']);
const action = z.enum(['delete', 'blank', 'keep', 'none']);
const words = (max: number) => z.string().trim().min(1).max(max);

/** The number is read once and never kept. */
export const enterBody = z.strictObject({
  number: z.string().trim().min(15).max(40),
  ground: grounds,
  document: words(200),
  received: z.string().regex(/^\d{4}-\d{2}-\d{2}$/),
});
export type EnterBody = z.output<typeof enterBody>;

export const proposeBody = z.strictObject({
  decisions: z
    .array(z.strictObject({ source: z.string().max(100), action: z.enum(['delete', 'keep']), reason: words(500) }))
    .max(500)
    .default([]),
});
export type ProposeBody = z.output<typeof proposeBody>;

export const refuseBody = z.strictObject({ reason: words(2000), ground: words(500) });
export type RefuseBody = z.output<typeof refuseBody>;
export const commentBody = z.strictObject({ comment: words(1000) });
export const checkBody = z.strictObject({ number: z.string().trim().min(15).max(40) });

export const listQuery = z.object({ state: states.optional(), offset: z.coerce.number().int().min(0).default(0) });

const problem = z.object({ code: z.string(), title: bilingual });
export const matterItem = z.object({
  id: z.number().int(),
  state: states,
  ground: grounds,
  document: z.string(),
  /** Masked number while the matter is open. */
  mask: z.string().nullable(),
  received: z.string(),
  due: z.string().nullable(),
  /** Working days left for the answer; negative: late; null: answered, or the calendar does not reach it. */
  left: z.number().int().nullable(),
  enteredBy: z.string(),
  enteredAt: z.string(),
  /** What is held, once it was looked for. */
  held: z.object({ places: z.number().int(), records: z.number().int() }).nullable(),
  /** Receivers that were told and those that said that they deleted it. */
  receivers: z.object({ told: z.number().int(), done: z.number().int(), overdue: z.number().int() }),
  problem: problem.nullable(),
});

export const matterList = z.object({
  items: z.array(matterItem),
  total: z.number().int(),
  counts: z.object({
    open: z.number().int(),
    waiting: z.number().int(),
    overdue: z.number().int(),
    done: z.number().int(),
  }),
});

export const receiver = z.object({
  organisation: z.string(),
  name: bilingual,
  share: z.number().int(),
  records: z.number().int(),
  toldAt: z.string(),
  due: z.string().nullable(),
  acknowledgedAt: z.string().nullable(),
  statement: z.string().nullable(),
  overdue: z.boolean(),
});

export const matterView = matterItem.extend({
  /** By this number of characters alone a certificate and this matter belong together. */
  digest: z.string(),
  lookedAt: z.string().nullable(),
  proposedBy: z.string().nullable(),
  proposedAt: z.string().nullable(),
  decidedBy: z.string().nullable(),
  decidedAt: z.string().nullable(),
  executedAt: z.string().nullable(),
  closedAt: z.string().nullable(),
  refusal: z.object({ reason: z.string(), ground: z.string() }).nullable(),
  restored: z.boolean(),
  job: z.string().nullable(),
  holdings: z.array(
    z.object({
      room: z.string(),
      place: z.string(),
      title: bilingual,
      count: z.number().int(),
      action,
      ground: bilingual.nullable(),
      link: z.string().nullable(),
      source: z.string().nullable(),
      /** What an officer decided otherwise. */
      decided: z.object({ action: z.enum(['delete', 'keep']), reason: z.string() }).nullable(),
    }),
  ),
  steps: z.array(z.object({ step: z.string(), at: z.string(), places: z.number().int(), records: z.number().int() })),
  stepsInAll: z.number().int(),
  receiversList: z.array(receiver),
  entries: z.array(
    z.object({ action: z.string(), login: z.string().nullable(), comment: z.string().nullable(), at: z.string() }),
  ),
  certificates: z.array(
    z.object({
      revision: z.number().int(),
      at: z.string(),
      sha256: z.string(),
      seal: z.number().int(),
      sealed: z.boolean(),
    }),
  ),
  /** What the viewer may do now. */
  may: z.object({
    propose: z.boolean(),
    refuse: z.boolean(),
    approve: z.boolean(),
    sendBack: z.boolean(),
    withdraw: z.boolean(),
    look: z.boolean(),
    resume: z.boolean(),
  }),
});
export type MatterView = z.output<typeof matterView>;

export const made = z.object({ id: z.number().int() });
export const done = z.object({ ok: z.literal(true) });
export const checkAnswer = z.object({ matches: z.boolean() });
