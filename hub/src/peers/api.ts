/** What the console is told of other hubs. */
import { z } from 'zod';
import { outActions } from './matters/out.ts';
import { kinds, levels } from './store.ts';

const bilingual = z.object({ zh: z.string(), en: z.string() });
const count = z.number().int().nonnegative();
const at = z.string();
const problem = z.object({ code: z.string(), title: bilingual });

export const idParams = z.object({ id: z.coerce.number().int() });
export const numberParams = z.object({ number: z.coerce.number().int() });
export const fileQuery = z.object({ from: z.coerce.number().int().min(0).default(0) });
export const done = z.object({ done: z.literal(true) });
export const made = z.object({ id: z.number().int() });
export const invited = z.object({ id: z.number().int(), code: z.string(), until: at });
export const accepted = z.object({ id: z.number().int(), check: z.string() });
export const previewBody = z.strictObject({ code: z.string().trim().min(20).max(6000) });
export const preview = z.object({ name: bilingual, url: z.string(), hub: z.string(), check: z.string() });
export const confirmBody = z.strictObject({ check: z.string().max(20) });
export const suspendBody = z.strictObject({ suspended: z.boolean() });
export const readerKey = z.object({ key: z.string(), until: at });
export const job = z.object({ job: z.string() });

const harvest = z.object({
  ...{ id: z.number().int(), state: z.enum(['running', 'done', 'failed']), pages: count, seen: count, added: count },
  ...{ changed: count, gone: count, twice: count, own: count, problem: problem.nullable(), startedAt: at },
  endedAt: at.nullable(),
});
export const peer = z.object({
  ...{ id: z.number().int(), name: bilingual, level: z.enum(levels), kind: z.enum(kinds), url: z.string() },
  state: z.enum(['invited', 'introduced', 'active', 'suspended']),
  ...{ hub: z.string().nullable(), networks: z.array(z.string()), harvestIn: z.boolean(), harvestOut: z.boolean() },
  ...{ requests: z.boolean(), everyHours: count, divisions: z.array(z.string()), lastContact: at.nullable() },
  ...{ lastProblem: problem.nullable(), nextHarvest: at.nullable(), invitedUntil: at.nullable() },
  ...{ readerUntil: at.nullable(), entries: count, gone: count, waiting: count, out: count, in: count },
  lastHarvest: harvest.nullable(),
});
export const peersAnswer = z.object({
  items: z.array(peer),
  self: z.object({ hub: z.string(), url: z.string(), check: z.string(), name: bilingual }),
});
export const peerAnswer = z.object({
  peer,
  harvests: z.array(harvest),
  outbox: z.array(
    z.object({ id: z.string(), kind: z.string(), at, tries: count, nextTry: at, problem: problem.nullable() }),
  ),
});

const item = z.object({
  ...{ name: z.string(), title: bilingual, type: z.string(), required: z.boolean(), key: z.boolean() },
  ...{ protection: z.enum(['public', 'internal', 'personal', 'sensitive']), unit: z.string().nullable() },
});
export const remote = z.object({
  ...{ id: z.number().int(), peer: z.object({ id: z.number().int(), name: bilingual, level: z.enum(levels) }) },
  ...{ uri: z.string(), title: bilingual, description: bilingual, publisher: z.string().nullable() },
  sharing: z.enum(['unconditional', 'conditional', 'refused']).nullable(),
  ...{ open: z.boolean(), cycle: z.string().nullable(), code: z.string().nullable(), modified: z.string().nullable() },
  ...{ firstSeen: at, changedAt: at.nullable(), goneAt: at.nullable() },
});
export const remotesAnswer = z.object({
  ...{ items: z.array(remote), total: count, byLevel: z.record(z.string(), count) },
});
export const remoteAnswer = z.object({
  entry: remote,
  ...{ condition: z.string().nullable(), level: z.string().nullable(), subject: z.string().nullable() },
  ...{ classification: z.string().nullable(), version: z.string().nullable(), collected: z.boolean() },
  ...{ themes: z.array(z.string()), keywords: z.array(z.string()), items: z.array(item), changed: z.array(z.string()) },
  ...{ landingPage: z.string().nullable(), mayAsk: z.boolean(), whyNot: problem.nullable() },
  distributions: z.array(z.object({ title: z.string(), format: z.string().nullable(), url: z.string().nullable() })),
  matters: z.array(z.object({ id: z.number().int(), state: z.string(), department: z.string() })),
});

const clock = z.object({
  ...{ deadline: z.string(), title: bilingual, due: z.string().nullable(), days: z.number().int(), state: z.string() },
  ...{ overdue: z.boolean(), ended: z.string().nullable() },
});
export const matter = z.object({
  ...{
    id: z.number().int(),
    direction: z.enum(['out', 'in']),
    peer: z.object({ id: z.number().int(), name: bilingual }),
  },
  ...{ department: z.string(), departmentName: z.string(), title: z.string(), entry: z.string(), state: z.string() },
  ...{
    stateTitle: bilingual,
    version: z.number().int(),
    createdAt: at,
    passedAt: at.nullable(),
    endedAt: at.nullable(),
  },
  ...{ clocks: z.array(clock), deliveries: count, waiting: z.boolean() },
});
export const mattersQuery = z.object({
  direction: z.enum(['out', 'in']).optional(),
  state: z.string().max(20).optional(),
  peer: z.coerce.number().int().optional(),
  page: z.coerce.number().int().min(1).max(1000).default(1),
  size: z.coerce.number().int().min(1).max(100).default(20),
});
export const mattersAnswer = z.object({ items: z.array(matter), total: count });
export const matterAnswer = z.object({
  matter,
  content: z.record(z.string(), z.unknown()),
  ...{ missing: z.array(z.string()), refusal: z.object({ reason: z.string(), ground: z.string() }).nullable() },
  share: z
    .object({
      id: z.number().int(),
      state: z.string(),
      until: z.string(),
      items: z.array(z.string()),
      frequency: z.string(),
    })
    .nullable(),
  /** Request of sharing that it became here. */
  request: z.number().int().nullable(),
  remoteEntry: z.number().int().nullable(),
  items: z.array(item),
  steps: z.array(
    z.object({
      ...{ action: z.string(), state: z.string(), stateTitle: bilingual, side: z.enum(['here', 'there', 'hub']), at },
      ...{ login: z.string().nullable(), comment: z.string().nullable() },
    }),
  ),
  deliveries: z.array(
    z.object({
      ...{
        id: z.number().int(),
        number: z.number().int(),
        state: z.string(),
        rows: count,
        bytes: count,
        sha256: z.string(),
      },
      ...{
        signedAt: at.nullable(),
        source: z.string().nullable(),
        problem: problem.nullable(),
        at,
        endedAt: at.nullable(),
      },
    }),
  ),
  open: z.array(z.object({ action: z.enum(outActions), title: bilingual })),
  mayEdit: z.boolean(),
});
export const hello = z.object({ hub: z.string(), name: bilingual, now: at });
export const taken = z.object({ taken: z.literal(true), again: z.boolean() });
export const introducedAnswer = z.object({ hub: z.string(), root: z.string(), email: z.string() });
