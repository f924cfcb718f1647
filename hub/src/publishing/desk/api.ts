/** Answers of the console's routes below `/api/v1/open`. */
import { z } from 'zod';
import { actions } from '../act.ts';
import { plan } from '../plan.ts';
import { states } from '../store.ts';

const count = z.number().int().nonnegative();
const both = z.object({ zh: z.string(), en: z.string() });
const instant = z.string();
const state = z.enum(states);
const organisation = z.object({ id: z.string(), name: both });
const use = z.object({
  ...{ view: count, download: count, call: count, ratings: count },
  stars: z.number().nullable(),
});

const brief = z.object({
  ...{ id: count, slug: z.string(), title: both, entry: z.string(), state, version: count, reason: both.nullable() },
  ...{
    provider: organisation,
    created: instant,
    createdBy: z.string(),
    opened: instant.nullable(),
    next: z.string().nullable(),
  },
  steps: z.array(z.enum(actions)),
});
export const overviewAnswer = z.object({
  items: z.array(brief.extend({ published: z.boolean(), standing: count.nullable(), use })),
  mayPropose: z.boolean(),
});
export const idParams = z.object({ id: z.coerce.number().int().min(1) });

const findingView = z.object({
  ...{ key: z.string(), code: z.string(), gravity: z.enum(['never', 'block', 'note']), items: z.array(z.string()) },
  ...{ places: count, of: count, examples: z.array(z.string()), zh: z.string(), en: z.string() },
  mends: z.array(
    z.object({
      ...{ kind: z.enum(['show', 'drop', 'leave-out-small']), zh: z.string(), en: z.string() },
      item: z.string().optional(),
      as: z.object({ kind: z.string(), width: z.number().optional(), length: z.number().optional() }).optional(),
    }),
  ),
});
const checkView = z.object({
  ...{ id: count, state: z.enum(['running', 'done', 'failed']), current: z.boolean(), renewal: z.boolean() },
  findings: z.array(findingView),
  facts: z
    .object({
      ...{ rows: count, columns: count, k: count, quasi: z.array(z.string()) },
      ...{ kind: z.enum(['rows', 'counts']), about: z.enum(['people', 'named', 'unnamed']) },
    })
    .partial(),
  problem: z.object({ code: z.string(), title: both }).nullable(),
  ...{ asked: instant, ended: instant.nullable() },
});
const field = z.object({
  ...{ name: z.string(), title: both, type: z.enum(['text', 'integer', 'decimal', 'date', 'boolean']) },
  ...{ unit: z.string().nullable(), role: z.enum(['item', 'measure']), as: z.string(), note: z.string() },
});
export const datasetAnswer = brief.extend({
  ...{ abstract: both, plan, revision: count, agreedBy: z.string().nullable(), entryTitle: both.nullable() },
  fields: z.array(field),
  about: z.enum(['people', 'named', 'unnamed']).nullable(),
  suggested: z.array(z.string()),
  check: checkView.nullable(),
  standing: z.array(z.string()),
  overrules: z.array(
    z.object({ finding: z.string(), places: count, ground: z.string(), login: z.string(), at: instant }),
  ),
  ...{ mayEdit: z.boolean(), mayOverrule: z.boolean() },
  history: z.array(
    z.object({
      ...{ seq: count, action: z.string(), from_state: z.string().nullable(), to_state: z.string() },
      ...{ login: z.string().nullable(), comment: z.string().nullable(), at: instant },
    }),
  ),
  editions: z.array(
    z.object({
      ...{
        id: count,
        number: count,
        state: z.enum(['making', 'open', 'held', 'failed', 'withdrawn']),
        rows: count.nullable(),
        made: instant,
      },
      changes: z.object({ added: count, removed: count }).nullable(),
      files: z.array(z.object({ format: z.string(), sha256: z.string(), bytes: count, seal: count })),
    }),
  ),
  use,
});
export const made = z.object({ id: count });
export const openableAnswer = z.object({
  items: z.array(
    z.object({
      ...{
        id: z.string(),
        title: both,
        abstract: both,
        level: z.enum(['core', 'important', 'general']),
        open: z.boolean(),
      },
      ...{ condition: z.string(), collected: z.boolean(), subject: z.string() },
      items: z.array(
        z.object({
          ...{ name: z.string(), title: both, type: z.string(), unit: z.string().nullable(), key: z.boolean() },
          protection: z.enum(['public', 'internal', 'personal', 'sensitive']),
          ways: z.array(z.object({ kind: z.string(), width: z.number().optional(), length: z.number().optional() })),
        }),
      ),
    }),
  ),
});

const messageView = z.object({
  ...{
    id: count,
    kind: z.enum(['request', 'error']),
    title: z.string(),
    body: z.string(),
    organisation: organisation.nullable(),
  },
  dataset: z.object({ id: count, slug: z.string(), title: both }).nullable(),
  ...{ state: z.enum(['waiting', 'answered']), outcome: z.string().nullable(), answer: z.string().nullable() },
  ...{
    due: z.string().nullable(),
    left: z.number().int().nullable(),
    at: instant,
    answeredAt: instant.nullable(),
    mayAnswer: z.boolean(),
  },
});
const ratingView = z.object({
  id: count,
  dataset: both,
  stars: count,
  words: z.string(),
  state: z.enum(['waiting', 'shown', 'hidden']),
  at: instant,
});
export const voicesAnswer = z.object({
  messages: z.array(messageView),
  ratings: z.array(ratingView),
  organisations: z.array(organisation),
  mayAssign: z.boolean(),
});
export const outcomes = ['will-open', 'is-open', 'refused', 'corrected', 'not-wrong', 'dismissed'] as const;
export const answerBody = z.strictObject({
  outcome: z.enum(outcomes),
  answer: z.string().trim().min(4).max(2000),
  /** Of a request that is open already: the dataset. */
  dataset: z.string().max(80).optional(),
});
export const assignBody = z.strictObject({ organisation: z.string().max(40) });
export const moderateBody = z.strictObject({ show: z.boolean() });
export const done = z.object({ done: z.literal(true) });
