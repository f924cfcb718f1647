/** Schemas of command's routes. Instants are ISO 8601 in UTC, places WGS 84 degrees, levels 4 (IV) to 1 (I), limits minutes. */
import { z } from 'zod';
import { kinds, moves, states } from './resources.ts';

export const both = z.object({ zh: z.string(), en: z.string() });
const instant = z.string();
const org = z.string().min(1).max(50);
const text = (most: number, least = 1) => z.string().trim().min(least).max(most);
/** What a caller names its act by, so that it is done once however often it is sent. */
const key = z.string().min(8).max(80);
const lon = z.number().min(-180).max(180);
const lat = z.number().min(-90).max(90);
const roman = z.enum(['IV', 'III', 'II', 'I']);
const limit = z.coerce.number().int().min(1).max(500).default(100);
const offset = z.coerce.number().int().min(0).max(1_000_000).default(0);
export const idParams = z.object({ id: z.coerce.number().int().min(1).max(2_000_000_000) });
export const nameParams = z.object({ id: z.string().min(1).max(60) });
export const reportParams = idParams.extend({ number: z.coerce.number().int().min(1).max(10_000) });
export const noParams = z.object({});
export const done = z.object({ ok: z.literal(true) });
export const made = z.object({ id: z.number().int() });

const organisation = z.object({ id: z.string(), name: both });
const fault = z.object({
  code: z.string(),
  title: both,
  file: z.string().nullable(),
  line: z.number().int().nullable(),
});

// Plans
const planHead = z.object({
  id: z.string(),
  title: both,
  category: z.string(),
  note: both,
  lead: organisation,
  version: z.number().int(),
  origin: z.enum(['file', 'edited']),
  madeAt: instant,
  seal: z.number().int().nullable(),
  levels: z.array(z.object({ level: roman, title: both, when: both, by: both })),
  steps: z.number().int(),
  roles: z.number().int(),
  /** Organisations of its roles where nobody is on duty now. */
  unmanned: z.array(organisation),
  running: z.object({ id: z.number().int(), level: z.number().int(), exercise: z.boolean() }).nullable(),
});
export const plansAnswer = z.object({ items: z.array(planHead), faults: z.array(fault) });
export const planQuery = z.object({ version: z.coerce.number().int().min(1).max(100_000).optional() });
export const planAnswer = z.object({
  head: planHead,
  text: z.string(),
  inForce: z.boolean(),
  hash: z.string(),
  basis: z.array(both),
  end: z.array(both),
  triggers: z.array(z.object({ level: roman, codes: z.array(z.string()), severity: z.array(z.string()), text: both })),
  roles: z.array(
    z.object({
      id: z.string(),
      title: both,
      organisation,
      alternates: z.array(organisation),
      duty: z.array(z.object({ person: z.string(), post: both, reported: z.boolean(), until: instant })),
    }),
  ),
  steps: z.array(
    z.object({
      id: z.string(),
      level: roman,
      title: both,
      text: both,
      roles: z.array(z.string()),
      after: z.array(z.string()),
      acknowledge: z.number(),
      limit: z.number(),
      message: both.nullable(),
      /** What is asked for and how much of it is ready in the city. */
      resources: z.array(z.object({ kind: z.enum(kinds), type: z.string(), count: z.number(), ready: z.number() })),
    }),
  ),
  versions: z.array(
    z.object({
      version: z.number().int(),
      origin: z.enum(['file', 'edited']),
      reason: z.string().nullable(),
      madeBy: z.string().nullable(),
      madeAt: instant,
      seal: z.number().int().nullable(),
      inForce: z.boolean(),
      hash: z.string(),
    }),
  ),
});
export const planEdit = z.object({
  text: z.string().min(1).max(200_000),
  reason: text(500, 2),
  base: z.number().int().min(1),
});
export const planAdopt = z.object({ version: z.number().int().min(1) });

// Operations
const head = z.object({
  id: z.number().int(),
  plan: z.string(),
  planVersion: z.number().int(),
  title: z.string(),
  exercise: z.boolean(),
  level: z.number().int(),
  state: z.enum(['running', 'ended', 'closed']),
  lon: z.number().nullable(),
  lat: z.number().nullable(),
  place: z.string(),
  grounds: z.string(),
  commander: z.string(),
  startedBy: z.string(),
  startedAt: instant,
  endedAt: instant.nullable(),
  endGrounds: z.string().nullable(),
  closedAt: instant.nullable(),
  seal: z.number().int().nullable(),
  seq: z.number().int(),
});
export const operationsQuery = z.object({
  state: z.enum(['running', 'ended', 'closed']).optional(),
  exercise: z.enum(['true', 'false']).optional(),
  limit,
  offset,
});
export const operationsAnswer = z.object({
  items: z.array(head.extend({ tasks: z.number().int(), open: z.number().int(), late: z.number().int() })),
  total: z.number().int(),
});
export const startBody = z.object({
  plan: z.string().min(1).max(60),
  level: roman,
  exercise: z.boolean(),
  title: text(100),
  grounds: text(1000, 2),
  commander: text(60),
  place: z.string().trim().max(200).default(''),
  lon: lon.optional(),
  lat: lat.optional(),
  causes: z
    .array(z.object({ kind: z.enum(['alert', 'event']), key: z.string().min(1).max(200), title: both }))
    .max(50)
    .default([]),
  proposal: z.number().int().optional(),
  key,
});
export const levelBody = z.object({ level: roman, grounds: text(1000, 2), key });
export const endBody = z.object({ grounds: text(1000, 2), key });
export const task = z.object({
  id: z.number().int(),
  operation: z.number().int(),
  step: z.string().nullable(),
  role: z.string().nullable(),
  level: z.number().int(),
  round: z.number().int(),
  organisation,
  title: both,
  text: both,
  state: z.enum(['waiting', 'sent', 'acknowledged', 'working', 'done', 'refused', 'cancelled']),
  progress: z.number().int(),
  note: z.string(),
  sentAt: instant.nullable(),
  ackDue: instant.nullable(),
  due: instant.nullable(),
  acknowledgedAt: instant.nullable(),
  endedAt: instant.nullable(),
  answeredBy: z.string().nullable(),
  duty: z.string().nullable(),
  late: z.boolean(),
  unacknowledged: z.boolean(),
  version: z.number().int(),
});
const entry = z.object({
  seq: z.number().int(),
  at: instant,
  kind: z.string(),
  actor: z.string(),
  organisation: z.string().nullable(),
  text: both,
  detail: z.record(z.string(), z.unknown()),
});
const onDuty = z.object({
  post: z.string(),
  title: both,
  organisation: organisation.nullable(),
  shift: z.number().int(),
  person: z.string(),
  deputy: z.boolean(),
  reported: z.boolean(),
  until: instant,
});
export const gap = z.object({
  id: z.number().int(),
  organisation,
  foundAt: instant,
  endedAt: instant.nullable(),
  endedBy: z.string().nullable(),
  note: z.string().nullable(),
  told: z.array(
    z.object({ kind: z.enum(['organisation', 'post']), id: z.string(), name: both, onDuty: z.array(z.string()) }),
  ),
});
const order = z.object({
  id: z.number().int(),
  kind: z.enum(['order', 'decision']),
  text: z.string(),
  givenBy: z.string(),
  givenAt: instant,
  receipts: z.array(
    z.object({ organisation, receivedBy: z.string().nullable(), receivedAt: instant.nullable(), note: z.string() }),
  ),
});
const shape = z.object({
  id: z.string(),
  version: z.number().int(),
  geometry: z.object({ type: z.string(), coordinates: z.unknown() }),
  properties: z.record(z.string(), z.unknown()),
  by: z.string(),
  at: instant,
});
const seat = z.object({ seat: z.string(), name: z.string(), organisation: z.string().nullable() });
export const resource = z.object({
  id: z.string(),
  urn: z.string(),
  kind: z.enum(kinds),
  type: z.string(),
  name: both,
  organisation,
  lon: z.number(),
  lat: z.number(),
  address: z.string(),
  state: z.enum(states),
  capacity: z.number().int().nullable(),
  quantity: z.number(),
  lent: z.number(),
  unit: z.string(),
  least: z.number(),
  operation: z.number().int().nullable(),
  version: z.number().int(),
  changedAt: instant,
});
export const operationAnswer = z.object({
  head,
  planTitle: both,
  end: z.array(both),
  levels: z.array(roman),
  tasks: z.array(task),
  gaps: z.array(gap),
  orders: z.array(order),
  meetings: z.array(
    z.object({ id: z.number().int(), title: z.string(), url: z.string(), startsAt: instant, madeBy: z.string() }),
  ),
  shapes: z.array(shape),
  resources: z.array(resource),
  duty: z.array(onDuty),
  /** The last entries, the newest first. */
  log: z.array(entry),
  seats: z.array(seat),
  mayAct: z.boolean(),
});
export const logQuery = z.object({
  after: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(5_000).default(1_000),
});
export const logAnswer = z.object({ items: z.array(entry), last: z.number().int(), holds: z.boolean().nullable() });
export const streamQuery = z.object({
  after: z.coerce.number().int().min(0).optional(),
  seat: z.string().min(4).max(60),
});
export const taskBody = z.object({
  title: text(100),
  text: text(1000),
  organisations: z.array(org).min(1).max(40),
  acknowledge: z.number().int().min(1).max(14_400),
  limit: z.number().int().min(1).max(14_400),
  key,
});
export const answerBody = z.object({
  action: z.enum(['acknowledge', 'progress', 'done', 'refuse']),
  progress: z.number().int().min(0).max(100).optional(),
  note: z.string().trim().max(1000).default(''),
  version: z.number().int().optional(),
  key,
});
export const orderBody = z.object({
  kind: z.enum(['order', 'decision']),
  text: text(2000),
  organisations: z.array(org).max(40).default([]),
  key,
});
export const receiptBody = z.object({ note: z.string().trim().max(500).default('') });
export const noteBody = z.object({ text: text(2000), key });
export const meetingBody = z.object({
  title: text(100),
  url: z.string().max(500),
  startsAt: z.iso.datetime({ offset: true }),
  key,
});
export const coverBody = z.object({ note: text(300) });
export const shapeBody = z.object({
  id: z.string().min(1).max(60),
  version: z.number().int().min(0),
  geometry: z.object({ type: z.enum(['Point', 'LineString', 'Polygon']), coordinates: z.unknown() }),
  properties: z
    .record(z.string().max(40), z.union([z.string().max(300), z.number(), z.boolean(), z.null()]))
    .refine((p) => Object.keys(p).length <= 20),
  deleted: z.boolean().default(false),
  key,
});
export const shapeAnswer = z.object({ version: z.number().int(), seq: z.number().int() });

// The board, the inbox, one's own tasks
const proposal = z.object({
  id: z.number().int(),
  plan: z.string(),
  planTitle: both,
  level: z.number().int(),
  alert: z.string(),
  title: both,
  reason: both,
  lon: z.number().nullable(),
  lat: z.number().nullable(),
  madeAt: instant,
});
export const boardAnswer = z.object({
  running: z.array(head.extend({ tasks: z.number().int(), open: z.number().int(), late: z.number().int() })),
  proposals: z.array(proposal),
  duty: z.array(onDuty),
  /** Posts without anybody now. */
  empty: z.array(z.object({ post: z.string(), title: both, organisation: organisation.nullable() })),
  resources: z.array(
    z.object({ kind: z.enum(kinds), state: z.enum(states), n: z.number().int(), low: z.number().int() }),
  ),
  at: instant,
});
export const dismissBody = z.object({ note: text(500, 2) });
const received = z.object({
  id: z.number().int(),
  operation: z.number().int().nullable(),
  exercise: z.boolean(),
  kind: z.string(),
  title: both,
  text: both,
  task: z.number().int().nullable(),
  organisation: z.string().nullable(),
  post: z.string().nullable(),
  arrivedAt: instant,
  readBy: z.string().nullable(),
  readAt: instant.nullable(),
});
export const inboxQuery = z.object({
  before: z.coerce.number().int().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export const inboxAnswer = z.object({ items: z.array(received), unread: z.number().int() });
export const mineAnswer = z.object({
  organisation: organisation.nullable(),
  tasks: z.array(task.extend({ operationTitle: z.string(), exercise: z.boolean(), running: z.boolean() })),
  orders: z.array(
    z.object({
      id: z.number().int(),
      operation: z.number().int(),
      operationTitle: z.string(),
      exercise: z.boolean(),
      text: z.string(),
      givenBy: z.string(),
      givenAt: instant,
      receivedAt: instant.nullable(),
    }),
  ),
  /** The own organisation's shifts of now and the next; `own`: whoever asks may report for it. */
  shifts: z.array(
    z.object({
      ...{ id: z.number().int(), title: both, startsAt: instant, endsAt: instant, person: z.string() },
      ...{ deputy: z.string().nullable(), state: z.enum(['planned', 'on', 'away', 'over']), now: z.boolean() },
      own: z.boolean(),
    }),
  ),
  unread: z.number().int(),
});

// Duty
export const rosterQuery = z.object({ from: z.iso.datetime({ offset: true }), to: z.iso.datetime({ offset: true }) });
const shift = z.object({
  id: z.number().int(),
  post: z.string(),
  startsAt: instant,
  endsAt: instant,
  person: z.string(),
  phone: z.string().nullable(),
  deputy: z.string().nullable(),
  deputyPhone: z.boolean(),
  state: z.enum(['planned', 'on', 'away', 'over']),
});
/** Opening the telephone number of somebody on duty: whose, and what for. */
export const phoneBody = z.strictObject({ whose: z.enum(['person', 'deputy']), purpose: text(200) });
export const phoneAnswer = z.object({ phone: z.string() });
/** A message to organisations outside of any operation, or an exercise's. */
export const noticeBody = z.strictObject({
  organisations: z.array(org).min(1).max(40),
  title: text(100),
  text: text(2000),
  exercise: z.boolean().default(false),
  key: z.uuid(),
});
export const rosterAnswer = z.object({
  posts: z.array(
    z.object({
      id: z.string(),
      title: both,
      organisation: organisation.nullable(),
      escalateTo: z.string().nullable(),
      active: z.boolean(),
      holes: z.array(z.object({ from: instant, to: instant })),
    }),
  ),
  shifts: z.array(shift),
  now: z.array(onDuty),
  handovers: z.array(
    z.object({
      id: z.number().int(),
      post: z.string(),
      fromShift: z.number().int(),
      toShift: z.number().int().nullable(),
      note: z.string(),
      open: z.object({ operations: z.number(), tasks: z.number(), gaps: z.number() }),
      givenBy: z.string(),
      givenAt: instant,
      takenBy: z.string().nullable(),
      takenAt: instant.nullable(),
    }),
  ),
  at: instant,
});
export const postBody = z.object({
  id: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/),
  title: both,
  organisation: org.optional(),
  escalateTo: z.string().max(40).optional(),
});
const phone = z
  .string()
  .regex(/^\+?[0-9][0-9 -]{5,18}$/)
  .optional();
export const shiftBody = z.object({
  post: z.string().max(40),
  startsAt: z.iso.datetime({ offset: true }),
  endsAt: z.iso.datetime({ offset: true }),
  person: text(40),
  login: z.string().max(60).optional(),
  phone,
  deputy: z.string().trim().min(1).max(40).optional(),
  deputyLogin: z.string().max(60).optional(),
  deputyPhone: phone,
});
export const dutyBody = z.object({ state: z.enum(['on', 'away']) });
export const handoverBody = z.object({ note: text(2000) });

// Resources
export const resourcesQuery = z.object({
  kind: z.enum(kinds).optional(),
  state: z.enum(states).optional(),
  type: z.string().max(50).optional(),
  organisation: org.optional(),
  text: z.string().max(100).optional(),
  low: z.enum(['true', 'false']).optional(),
  operation: z.coerce.number().int().optional(),
  limit,
  offset,
});
export const resourcesAnswer = z.object({
  items: z.array(resource),
  total: z.number().int(),
  states: boardAnswer.shape.resources,
});
export const resourceAnswer = resource.extend({
  movements: z.array(
    z.object({
      id: z.number().int(),
      kind: z.string(),
      quantity: z.number(),
      stockAfter: z.number(),
      lentAfter: z.number(),
      stateAfter: z.string(),
      operation: z.number().int().nullable(),
      note: z.string(),
      madeBy: z.string(),
      madeAt: instant,
    }),
  ),
});
export const resourceBody = z.object({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,59}$/),
  kind: z.enum(kinds),
  type: z.string().regex(/^[a-z][a-z0-9-]{0,49}$/),
  name: both,
  organisation: org,
  lon,
  lat,
  address: z.string().max(200).default(''),
  capacity: z.number().int().min(0).max(1_000_000).optional(),
  quantity: z.number().min(0).max(1e9).default(0),
  unit: z.string().max(10).default(''),
  least: z.number().min(0).max(1e9).default(0),
});
export const moveBody = z.object({
  move: z.enum(moves),
  quantity: z.number().min(0).max(1e9).default(0),
  operation: z.number().int().optional(),
  lon: lon.optional(),
  lat: lat.optional(),
  note: z.string().trim().max(300).default(''),
  key,
});

// Reports and review
const content = z.object({
  language: z.enum(['zh', 'en']),
  title: text(200),
  sections: z
    .array(z.object({ heading: text(100), text: z.string().max(20_000) }))
    .min(1)
    .max(30),
});
const report = z.object({
  number: z.number().int(),
  version: z.number().int(),
  upto: z.number().int(),
  content,
  state: z.enum(['draft', 'signed']),
  madeBy: z.string(),
  madeAt: instant,
  seal: z.number().int().nullable(),
});
export const reportsAnswer = z.object({ items: z.array(report) });
export const draftBody = z.object({ language: z.enum(['zh', 'en']).default('zh') });
export const reportEdit = z.object({ content, version: z.number().int() });
export const versionBody = z.object({ version: z.number().int() });
export const reviewAnswer = z.object({
  head,
  planTitle: both,
  figures: z.object({
    minutes: z.number().nullable(),
    tasks: z.number(),
    done: z.number(),
    refused: z.number(),
    cancelled: z.number(),
    late: z.number(),
    acknowledge: z.number().nullable(),
    assemble: z.number().nullable(),
    gaps: z.number(),
    orders: z.number(),
  }),
  organisations: z.array(
    z.object({
      organisation,
      tasks: z.number(),
      done: z.number(),
      late: z.number(),
      acknowledge: z.number().nullable(),
    }),
  ),
  lessons: z.array(
    z.object({
      id: z.number().int(),
      text: z.string(),
      organisation: organisation.nullable(),
      due: z.string().nullable(),
      state: z.enum(['open', 'done']),
      madeBy: z.string(),
      madeAt: instant,
      doneBy: z.string().nullable(),
    }),
  ),
});
export const lessonBody = z.object({ text: text(1000), organisation: org.optional(), due: z.iso.date().optional() });

/** Organisations of the city, for orders and tasks. */
export const organisationsAnswer = z.object({ items: z.array(organisation) });
