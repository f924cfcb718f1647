/** Requests and answers of people and organisations, as schemas. Days are yyyy-mm-dd in the city, instants ISO 8601 in UTC. */
import { z } from 'zod';
import { roles } from '../auth/principal.ts';

const text = z.object({ zh: z.string(), en: z.string() });
const day = z.iso.date();
const login = z.string().trim().min(1).max(64);
export const code = z.string().regex(/^[a-z][a-z0-9]{0,62}$/);
const name = z.strictObject({ zh: z.string().trim().min(2).max(100), en: z.string().trim().min(2).max(200) });
const uscc = z
  .string()
  .regex(/^[0-9A-HJ-NPQRTUWXY]{18}$/)
  .nullable()
  .optional();
const reason = z.string().trim().min(4).max(500);
const role = z.enum(roles);
const int = z.int();

const held = z.object({
  ...{ kind: z.string(), title: text, page: z.string(), weight: z.enum(['duty', 'key', 'name']), count: int },
  ...{ examples: z.array(z.string()), hand: z.boolean().describe('can be handed over here') },
});

export const actBody = z.strictObject({
  kind: z.enum(['found', 'rename', 'merge', 'split', 'end']),
  day: day.describe('the first day on which it holds'),
  ground: z.string().trim().min(4).max(300).describe('number of the document that decided it, or the reason'),
  organisations: z.array(code).max(20).default([]).describe('that are renamed, merged, split or ended'),
  name: name.optional().describe('rename: the new name'),
  uscc: uscc.describe('rename: the new unified social credit code, where it changes'),
  founds: z
    .array(z.strictObject({ code, name, uscc, kind: z.string().trim().min(1).max(40).optional() }))
    .max(10)
    .default([])
    .describe('organisations that are new'),
  heir: code.nullable().optional().describe('who answers for what bore the codes of those that end'),
  continues: z.boolean().default(false).describe('split: the organisation itself goes on'),
  moves: z
    .array(z.strictObject({ login, to: code }))
    .max(2000)
    .default([])
    .describe('accounts that do not go to the heir'),
});
export type ActBody = z.output<typeof actBody>;

export const effectsView = z.object({
  accounts: z.array(
    z.object({
      login: z.string(),
      name: z.string(),
      from: z.string(),
      to: z.string().nullable(),
      roles: z.array(z.string()),
    }),
  ),
  heads: z.array(z.object({ organisation: z.string(), before: int, after: int })),
  delegations: int.describe('lent roles that end, since their two parties part'),
  stays: z
    .array(z.object({ organisation: z.string(), held: z.array(held) }))
    .describe('what stays under the former code; the successor stands for it'),
  fingerprint: z.string().describe('to be given back when it is confirmed'),
});
export const proposeBody = z.strictObject({ act: actBody, fingerprint: z.string().length(64) });
export const confirmBody = z.strictObject({ fingerprint: z.string().length(64) });
export const idParams = z.object({ id: z.coerce.number().int().positive() });
export const codeParams = z.object({ code });
export const userParams = z.object({ id: z.uuid() });
export const dayQuery = z.object({ day: day.optional().describe('as it was on this day; today by default') });

const organisation = z.object({
  ...{ code: z.string(), name: text, uscc: z.string().nullable(), kind: z.string().nullable() },
  ...{ from: z.string().nullable(), to: z.string().nullable().describe('the first day on which it is no more') },
  heir: z.string().nullable().describe('who answers for it now'),
  people: int.describe('accounts in use'),
});
export const actView = z.object({
  ...{ id: int, kind: actBody.shape.kind, day: z.string(), ground: z.string() },
  ...{ organisations: z.array(z.string()), heir: z.string().nullable(), founds: z.array(z.string()) },
  name: text.nullable(),
  state: z.enum(['proposed', 'confirmed', 'done', 'withdrawn']),
  ...{
    proposedBy: z.string(),
    proposedAt: z.string(),
    confirmedBy: z.string().nullable(),
    doneAt: z.string().nullable(),
  },
  fault: z.object({ code: z.string(), title: text }).nullable().describe('why it could not be put in force'),
});
export const organisationsView = z.object({ day: z.string(), items: z.array(organisation), acts: z.array(actView) });
export const organisationView = organisation.extend({
  day: z.string(),
  current: z.string().nullable().describe('the organisation that answers for the code on that day'),
  periods: z.array(
    z.object({
      from: z.string().nullable(),
      to: z.string().nullable(),
      name: text,
      uscc: z.string().nullable(),
      act: int.nullable(),
    }),
  ),
  formers: z.array(z.string()).describe('codes that it answers for'),
  acts: z.array(actView),
  members: z.array(z.object({ login: z.string(), name: z.string(), roles: z.array(z.string()) })),
  held: z.array(held),
});

export const changeBody = z
  .strictObject({
    kind: z.enum(['move', 'leave']),
    day: day.describe('today, or a later day on which it is done by itself'),
    organisation: code.nullable().default(null).describe('move: where to; null: to none'),
    reason,
  })
  .describe('a move or an end: roles are taken away and sessions end');
export type ChangeBody = z.output<typeof changeBody>;
export const handoverBody = z.strictObject({ to: login, kinds: z.array(z.string().max(60)).min(1).max(50), reason });
export type HandoverBody = z.output<typeof handoverBody>;
export const handoverView = z.object({ given: z.array(z.object({ kind: z.string(), count: int })) });

const delegation = z.object({
  ...{ id: int, owner: z.string(), ownerName: z.string(), delegate: z.string(), delegateName: z.string() },
  ...{ role, organisation: z.string().nullable(), from: z.string(), to: z.string(), reason: z.string() },
  state: z.enum(['coming', 'running', 'over']),
  counts: z.boolean().describe('false: its owner does not hold the role any more, or the two have parted'),
});
const change = z.object({
  ...{
    id: int,
    kind: z.enum(['move', 'leave']),
    day: z.string(),
    organisation: z.string().nullable(),
    reason: z.string(),
  },
  ...{ state: z.enum(['planned', 'done', 'cancelled']), by: z.string(), doneAt: z.string().nullable() },
  roles: z.array(z.string()).describe('that were taken away'),
});
export const personView = z.object({
  ...{
    id: z.string(),
    login: z.string(),
    name: z.string(),
    organisation: z.string().nullable(),
    disabled: z.boolean(),
  },
  roles: z.array(z.string()),
  held: z.array(held),
  delegations: z.array(delegation),
  changes: z.array(change),
  history: z.array(
    z.object({
      organisation: z.string().nullable(),
      disabled: z.boolean(),
      from: z.string(),
      to: z.string().nullable(),
    }),
  ),
  rolesHistory: z.array(
    z.object({
      role: z.string(),
      organisation: z.string().nullable(),
      by: z.string().nullable(),
      from: z.string(),
      to: z.string().nullable(),
    }),
  ),
  takers: z.array(z.object({ login: z.string(), name: z.string() })).describe('who can take over'),
  mayChange: z.boolean(),
});

export const lendBody = z.strictObject({
  role,
  to_login: login.describe('the colleague'),
  from: day,
  to: day.describe('the last day'),
  reason: z.string().trim().min(2).max(200),
});
export type LendBody = z.output<typeof lendBody>;
export const ownRolesView = z.object({
  lendable: z.array(role),
  colleagues: z.array(z.object({ login: z.string(), name: z.string() })),
  mostDays: int,
  delegations: z.array(delegation),
  standsFor: z.string().nullable().describe('the former organisation that this session stands for'),
  formers: z.array(z.object({ code: z.string(), name: text })).describe('that it can stand for'),
  organisation: z.object({ code: z.string(), name: text }).nullable(),
});
export const standingBody = z.strictObject({ organisation: code.nullable() });
export const delegationsView = z.object({ items: z.array(delegation) });

export const itemStates = ['open', 'confirmed', 'withdrawn', 'suspended', 'unanswered', 'lapsed', 'restored'] as const;
const item = z.object({
  ...{ id: int, login: z.string(), name: z.string(), role: z.string(), organisation: z.string().nullable() },
  ofOrganisation: z.string().nullable().describe('the organisation that the person belonged to'),
  reviewer: z.enum(['head', 'security-admin', 'audit-admin']),
  state: z.enum(itemStates),
  ...{ decidedBy: z.string().nullable(), decidedAt: z.string().nullable(), comment: z.string().nullable() },
});
export const itemView = item;
const campaign = z.object({
  ...{
    id: int,
    year: int,
    startedAt: z.string(),
    startedBy: z.string().nullable(),
    due: z.string(),
    suspends: z.boolean(),
  },
  closedAt: z.string().nullable(),
  counts: z.record(z.string(), int).describe('items by state'),
});
export const campaignsView = z.object({
  items: z.array(campaign),
  yearly: z.string().nullable().describe('MM-DD on which one begins by itself'),
  ...{ days: int, suspends: z.boolean() },
});
export const itemsQuery = z.object({
  state: z.enum(itemStates).optional(),
  after: z.coerce.number().int().positive().optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});
export const itemsView = z.object({ items: z.array(item), next: int.nullable() });
export const ownItemsView = z.object({ due: z.string().nullable(), items: z.array(item) });
export const decideBody = z.strictObject({ keep: z.boolean(), comment: z.string().trim().max(500).default('') });
export const made = z.object({ id: int });
export const done = z.object({ ok: z.literal(true) });
