/**
 * Questions and answers of the lists' routes; days are 'YYYY-MM-DD', instants ISO 8601 in UTC. Every value that protection
 * applies to travels as a `cell`. Whoever asks sees the members of the own division only, and figures of them only.
 */
import { z } from 'zod';
import { bilingual } from '../../catalogue/index.ts';
import { cell } from '../../refinery/index.ts';
import { followState } from './declaration.ts';

const count = z.number().int().nonnegative();

/** Members now, and what changed since the day before. */
export const changeCounts = z.object({
  members: count,
  fresh: count,
  still: count,
  endedDone: count,
  endedWithdrawn: count,
});

export const listSummary = z.object({
  id: z.string(),
  title: bilingual,
  owner: z.string(),
  ownerName: bilingual,
  subject: z.enum(['legal-person', 'person']),
  cadence: z.enum(['daily', 'weekly', 'monthly']),
  level: z.enum(['core', 'important', 'general']),
  /** `waiting`: it reads views that nobody publishes yet; `new`: it was never run. */
  state: z.enum(['ready', 'waiting', 'new']),
  missing: z.array(z.string()),
  /** The division whose members are seen; null: all of them. */
  scope: z.string().nullable(),
  /** Whether members are seen one by one, or figures only. */
  members: z.enum(['each', 'figures']),
  day: z.string().nullable(),
  finished: z.string().nullable(),
  counts: changeCounts.nullable(),
});

export const listsAnswer = z.object({
  items: z.array(listSummary),
  /** What is wrong with declarations that were left out; only for who may run lists. */
  problems: z.array(z.object({ code: z.string(), zh: z.string(), en: z.string(), place: z.string().nullable() })),
});

export const listParams = z.object({ list: z.string().max(64) });
export const memberParams = listParams.extend({ entity: z.coerce.number().int().min(1) });

export const townFigures = changeCounts.extend({ town: z.string().nullable(), title: z.string().nullable() });

export const listDetail = listSummary.extend({
  purpose: bilingual,
  ground: bilingual,
  states: z.array(followState),
  entitled: z.array(z.object({ organisation: z.string(), name: bilingual, division: z.string().nullable() })),
  /** The declared SQL, for who may see how the city's data is worked. */
  sql: z.object({ who: z.string(), done: z.string(), except: z.string().nullable() }).nullable(),
  /** Figures of the whole list's last run: how many should, have, are excused; null where only a division is seen. */
  last: z.object({ who: count, done: count, excepted: count, withoutSubject: count, ms: z.number() }).nullable(),
  /** The same of the counties (districts) that the towns lie in. */
  counties: z.array(townFigures),
  towns: z.array(townFigures),
  history: z.array(changeCounts.extend({ day: z.string() })),
  /** Members by the state of their case; those whom nobody has taken up yet are `open`. */
  cases: z.array(z.object({ state: z.string(), members: count })),
});

/** Which members: on the list now, come today, or gone today because done or withdrawn (excused among them). */
export const which = z.enum(['current', 'fresh', 'done', 'withdrawn']);

export const filters = {
  which: which.default('current'),
  /** A town's code (or a longer beginning of a division); `none`: members without a division. */
  town: z
    .string()
    .regex(/^(\d{6,12}|none)$/)
    .optional(),
  state: z.string().max(40).optional(),
  overdue: z.enum(['true', 'false']).optional(),
};
export const membersQuery = z.object({
  ...filters,
  page: z.coerce.number().int().min(1).max(100_000).default(1),
  size: z.coerce.number().int().min(1).max(200).default(50),
});

export const memberItem = z.object({
  entity: z.number().int(),
  name: cell,
  /** Unified social credit code, or the identity number (always masked). */
  number: cell,
  address: cell,
  division: z.string().nullable(),
  divisionTitle: z.string().nullable(),
  reason: z.string().nullable(),
  due: z.string().nullable(),
  since: z.string(),
  until: z.string().nullable(),
  ending: z.enum(['done', 'excepted', 'withdrawn']).nullable(),
  state: z.string(),
  comment: z.string().nullable(),
  by: z.string().nullable(),
  at: z.string().nullable(),
});
export const membersAnswer = z.object({ items: z.array(memberItem), total: count });

export const memberDetail = memberItem.extend({
  /** Earlier stays on this list. */
  stays: z.array(z.object({ since: z.string(), until: z.string(), ending: z.string(), reason: z.string().nullable() })),
  entries: z.array(
    z.object({
      state: z.string(),
      comment: z.string().nullable(),
      by: z.string(),
      organisation: z.string().nullable(),
      at: z.string(),
    }),
  ),
});

export const followBody = z.object({ state: z.string().max(40), comment: z.string().trim().max(500).optional() });
/** What of a member is in doubt, in the library's words (name, status, division, record …). */
export const doubtBody = z.object({ field: z.string().max(40), comment: z.string().trim().min(2).max(500) });
export const runBody = z.object({ list: z.string().max(64).optional() });
export const exportQuery = z.object({ ...filters, format: z.enum(['csv', 'xlsx']).default('csv') });

export type ListSummary = z.output<typeof listSummary>;
export type ListDetail = z.output<typeof listDetail>;
export type MemberItem = z.output<typeof memberItem>;
