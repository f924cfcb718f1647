/**
 * Questions and answers of the routes of forms. Days are 'YYYY-MM-DD', instants ISO 8601 in UTC. Roles: `forms.design` makes forms of its own
 * organisation, `forms.fill` fills them in (a collector sees own records and tasks only), `forms.read` sees the records of its organisation (who
 * belongs to no department: the forms and counts of all, never a record). "signed-in" below: any of the three, looked at by the handler.
 *
 *   GET    /api/v1/forms                                   formsQuery → formsAnswer             signed-in
 *   POST   /api/v1/forms                                   createBody → formAnswer (201)        forms.design
 *   POST   /api/v1/forms/check                             checkBody → checkAnswer              forms.design   faults of a design
 *   GET    /api/v1/forms/code-tables/{table}               tableQuery → tableAnswer             signed-in
 *   GET    /api/v1/forms/desk                              → deskAnswer                         signed-in      my tasks, what waits for me
 *   GET    /api/v1/forms/people                            → peopleAnswer                       forms.design   collectors of my organisation
 *   GET    /api/v1/forms/{form}                            → formAnswer                         signed-in
 *   GET    /api/v1/forms/{form}/versions/{version}         → versionAnswer                      signed-in
 *   PUT    /api/v1/forms/{form}/draft                      draftBody → formAnswer               forms.design
 *   GET    /api/v1/forms/{form}/draft/effects              → effectsAnswer                      forms.design   what a new version does to old records
 *   POST   /api/v1/forms/{form}/publish                    publishBody → formAnswer             forms.design
 *   POST   /api/v1/forms/{form}/retire                     retireBody → formAnswer              forms.design
 *   GET    /api/v1/forms/{form}/find                       findQuery → findAnswer               signed-in      relations: person, enterprise, …
 *   GET    /api/v1/forms/{form}/records                    recordsQuery → recordsAnswer         signed-in
 *   POST   /api/v1/forms/{form}/records                    recordBody → recordAnswer (201)      forms.fill
 *   GET    /api/v1/forms/{form}/records/{record}           → recordAnswer                       signed-in      also what is printed
 *   PUT    /api/v1/forms/{form}/records/{record}           changeBody → recordAnswer            forms.fill
 *   POST   /api/v1/forms/{form}/records/{record}/steps     stepBody → recordAnswer              signed-in
 *   POST   /api/v1/forms/{form}/records/{record}/comments  commentBody → recordAnswer           signed-in
 *   GET    /api/v1/forms/{form}/records/{record}/history   → historyAnswer                      signed-in
 *   POST   /api/v1/forms/{form}/records/{record}/settle    settleBody → recordAnswer            signed-in      a conflicting revision
 *   GET    /api/v1/forms/{form}/export                     exportQuery → XLSX or CSV            forms.read
 *   GET    /api/v1/forms/{form}/template                   → XLSX                               signed-in
 *   POST   /api/v1/forms/{form}/imports                    raw body, importQuery → importAnswer forms.fill     preview; nothing is kept as records
 *   GET    /api/v1/forms/{form}/imports/{import}           → importAnswer                       forms.fill
 *   POST   /api/v1/forms/{form}/imports/{import}/apply     applyBody → importAnswer             forms.fill
 *   GET    /api/v1/forms/{form}/imports/{import}/faults    → XLSX of the bad rows, marked       forms.fill
 *   GET    /api/v1/forms/{form}/tasks                      pageQuery → tasksAnswer              signed-in
 *   POST   /api/v1/forms/{form}/tasks                      taskBody → taskAnswer (201)          forms.design
 *   GET    /api/v1/forms/{form}/tasks/{task}               targetsQuery → taskAnswer            signed-in
 *   POST   /api/v1/forms/{form}/tasks/{task}/assign        assignBody → taskAnswer              forms.design
 *   POST   /api/v1/forms/{form}/tasks/{task}/close         closeBody → taskAnswer               forms.design
 *   POST   /api/v1/forms/files                             fileBody → fileAnswer (201)          forms.fill     begins (or finds again) an upload
 *   PUT    /api/v1/forms/files/{file}                      raw body, partQuery → fileAnswer     forms.fill     a part at an offset
 *   GET    /api/v1/forms/files/{file}                      → fileAnswer                         forms.fill     how much has arrived
 *   GET    /api/v1/forms/files/{file}/content              → the file                           signed-in      who may see the record
 *   POST   /api/v1/forms/sync                              syncBody → syncAnswer                forms.fill
 *   GET    /api/v1/forms/sync                              pullQuery → pullAnswer               forms.fill     forms, tasks and my records for a phone
 */
import { z } from 'zod';
import { codeTables, type Design, design, type Values, values, words } from './design.ts';

const count = z.number().int().nonnegative();
const instant = z.string();
const day = z.string();
const bilingual = z.object({ zh: z.string(), en: z.string() });
const named = z.object({ id: z.string(), name: bilingual });
const person = z.object({ login: z.string(), name: z.string() });
const formId = z.coerce.number().int().min(1).max(2_147_483_647);
const page = {
  offset: z.coerce.number().int().min(0).max(1_000_000).default(0),
  limit: z.coerce.number().int().min(1).max(200).default(50),
};

/** A fault of a design, of values, of a cell. */
export const fault = z.object({ at: z.string(), code: z.string(), zh: z.string(), en: z.string() });

// ---- forms --------------------------------------------------------------------------------------------------------------------------

export const formParams = z.object({ form: formId });
export const versionParams = z.object({ form: formId, version: z.coerce.number().int().min(1).max(100_000) });
export const formsQuery = z.object({
  q: z.string().max(100).default(''),
  state: z.enum(['draft', 'published', 'retired']).optional(),
  ...page,
});
export const formState = z.enum(['draft', 'published', 'retired']);
/** `name` is the resource's part of the source: `mzj.<name>`. */
export const formItem = z.object({
  id: count,
  name: z.string(),
  organisation: named,
  title: words,
  state: formState,
  /** The published version; null before the first. */
  version: count.nullable(),
  /** Whether there is a draft that is not published. */
  draft: z.boolean(),
  records: z.object({ total: count, mine: count, waiting: count, accepted: count, conflicts: count }),
  /** Source of the exchange that the accepted records flow into; null: none yet. */
  source: z.string().nullable(),
  updatedAt: instant,
});
export const formsAnswer = z.object({ items: z.array(formItem), total: count });
const designOut = z.custom<Design>().meta({ type: 'object', additionalProperties: true });
const valuesOut = z.custom<Values>().meta({ type: 'object', additionalProperties: true });
export const versionItem = z.object({
  version: count,
  state: formState,
  publishedAt: instant.nullable(),
  publishedBy: z.string().nullable(),
  retiredAt: instant.nullable(),
  /** What became of the records of the version before: kept as filled, or open ones carried over. */
  old: z.enum(['keep', 'carry']).nullable(),
  note: z.string().nullable(),
  records: count,
});
export const createBody = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{1,38}$/, 'lower case letters, digits and -, starting with a letter'),
  design,
});
export const formAnswer = formItem.extend({
  versions: z.array(versionItem),
  /** The design to fill in by: the published one; null before. */
  design: designOut.nullable(),
  /** For who may design: the draft and the number that a save must name. */
  draftDesign: designOut.nullable(),
  revision: count,
  may: z.object({ design: z.boolean(), fill: z.boolean(), handle: z.boolean(), read: z.boolean() }),
});
export const versionAnswer = versionItem.extend({ design: designOut });
export const draftBody = z.strictObject({ revision: count, design });
export const checkBody = z.strictObject({ design });
export const checkAnswer = z.object({ faults: z.array(fault) });
export const effectsAnswer = z.object({
  added: z.array(z.string()),
  removed: z.array(z.string()),
  changed: z.array(z.string()),
  /** Records of earlier versions: still open (a new version may carry them over), and settled (they stay as they are). */
  open: count,
  settled: count,
  faults: z.array(fault),
});
/** `old` has to be said when there are records of an earlier version. */
export const publishBody = z.strictObject({
  revision: count,
  old: z.enum(['keep', 'carry']).default('keep'),
  note: z.string().trim().max(500).optional(),
});
export const retireBody = z.strictObject({ reason: z.string().trim().min(2).max(500) });
export const tableParams = z.object({ table: z.enum(codeTables) });
export const tableQuery = z.object({ q: z.string().max(50).default(''), under: z.string().max(12).optional() });
export const tableAnswer = z.object({ items: z.array(z.object({ code: z.string(), zh: z.string() })) });
export const peopleAnswer = z.object({ items: z.array(person) });

/** A search for what a relation may point at, for the searcher's rights: names of persons masked unless the searcher may read persons. */
export const findQuery = z.object({ field: z.string().max(40), q: z.string().trim().min(2).max(60) });
export const findAnswer = z.object({
  items: z.array(z.object({ id: z.string(), title: z.string(), detail: z.string(), code: z.string().nullable() })),
  /** Whether the hub has anything to search in at present. */
  available: z.boolean(),
});

// ---- records ------------------------------------------------------------------------------------------------------------------------

export const recordStates = ['draft', 'submitted', 'checked', 'accepted', 'returned', 'withdrawn'] as const;
export const recordState = z.enum(recordStates);
export const steps = ['submit', 'check', 'accept', 'return', 'withdraw', 'reopen'] as const;
export const recordParams = z.object({ form: formId, record: z.uuid() });
export const recordsQuery = z.object({
  /** In captions and in texts that are not personal. */
  q: z.string().trim().max(60).default(''),
  state: z.array(recordState).default([]),
  mine: z.enum(['true', 'false']).default('false'),
  conflict: z.enum(['true', 'false']).default('false'),
  overdue: z.enum(['true', 'false']).default('false'),
  task: z.coerce.number().int().optional(),
  by: z.string().max(100).optional(),
  from: z.iso.date().optional(),
  to: z.iso.date().optional(),
  /** A field with a value: `kind:repair` (choice, boolean, text: equal). */
  where: z.array(z.string().max(120)).max(5).default([]),
  sort: z.enum(['updated', 'collected', 'caption']).default('updated'),
  order: z.enum(['asc', 'desc']).default('desc'),
  ...page,
});
export const recordItem = z.object({
  id: z.string(),
  version: count,
  state: recordState,
  stateTitle: bilingual,
  caption: z.string(),
  /** Values of the listed fields. */
  listed: valuesOut,
  filledBy: person,
  /** When it was collected by the phone's clock (not trusted), and when the hub received it. */
  collectedAt: instant.nullable(),
  receivedAt: instant,
  updatedAt: instant,
  revision: count,
  conflicts: count,
  /** Last working day of the running period; null: none runs, or the holidays are not announced. */
  due: day.nullable(),
  overdue: z.boolean(),
  task: count.nullable(),
});
export const recordsAnswer = z.object({ items: z.array(recordItem), total: count });
export const commentItem = z.object({ id: count, by: person, at: instant, text: z.string() });
export const conflictItem = z.object({
  /** Number of the conflicting change in the history. */
  seq: count,
  by: person,
  at: instant,
  receivedAt: instant,
  base: count,
  values: valuesOut,
});
export const recordAnswer = recordItem.extend({
  form: count,
  design: designOut,
  values: valuesOut,
  /** What is wrong with the values at present (a draft may have faults). */
  faults: z.array(fault),
  comments: z.array(commentItem),
  conflictList: z.array(conflictItem),
  /** Steps that the asker may take now. */
  may: z.object({ change: z.boolean(), steps: z.array(z.enum(steps)), settle: z.boolean() }),
  withdrawnReason: z.string().nullable(),
  /** How far the accepted record is in the exchange. */
  source: z
    .object({ id: z.string(), state: z.enum(['none', 'waiting', 'collected', 'failed']), run: count.nullable() })
    .nullable(),
});
/** `id`: made by the client (UUIDv7), so that sending twice is one record. `submit`: hand it in at once. */
export const recordBody = z.strictObject({
  id: z.uuid(),
  version: count.optional(),
  values,
  submit: z.boolean().default(false),
  collectedAt: z.iso.datetime({ offset: true }).optional(),
  task: count.optional(),
  target: count.optional(),
});
export const changeBody = z.strictObject({ revision: count, values, submit: z.boolean().default(false) });
export const stepBody = z.strictObject({
  action: z.enum(steps),
  revision: count,
  /** Needed by return, withdraw and reopen. */
  reason: z.string().trim().max(500).optional(),
});
export const commentBody = z.strictObject({ text: z.string().trim().min(1).max(1000) });
/** Takes the conflicting values, or keeps the present ones, or writes what a person made of both. */
export const settleBody = z.strictObject({
  seq: count,
  revision: count,
  take: z.enum(['present', 'other', 'merged']),
  values: values.optional(),
});
export const historyAnswer = z.object({
  items: z.array(
    z.object({
      seq: count,
      revision: count,
      action: z.string(),
      title: bilingual,
      by: person,
      /** By the hub's clock. */
      at: instant,
      /** By the phone's clock, for what came by synchronisation. */
      deviceAt: instant.nullable(),
      device: z.string().nullable(),
      from: recordState.nullable(),
      to: recordState.nullable(),
      reason: z.string().nullable(),
      version: count,
      /** What changed: values before and after, as they may be shown. */
      changes: z.array(z.object({ field: z.string(), before: z.unknown(), after: z.unknown() })),
    }),
  ),
});
export const exportQuery = z.object({
  format: z.enum(['xlsx', 'csv']).default('xlsx'),
  state: z.array(recordState).default([]),
});

// ---- spreadsheets -------------------------------------------------------------------------------------------------------------------

export const importParams = z.object({ form: formId, import: z.uuid() });
export const importQuery = z.object({ name: z.string().max(200).default('') });
export const cellFault = z.object({
  /** Sheet row from 1, and the cell (C7). */
  row: count,
  cell: z.string(),
  code: z.string(),
  zh: z.string(),
  en: z.string(),
  value: z.string(),
});
export const importAnswer = z.object({
  id: z.string(),
  name: z.string(),
  state: z.enum(['checked', 'applied', 'refused']),
  sheet: z.string(),
  rows: count,
  good: count,
  bad: count,
  applied: count,
  columns: z.array(z.object({ cell: z.string(), header: z.string(), field: z.string().nullable() })),
  /** The first 500. */
  faults: z.array(cellFault),
  faultsTotal: count,
  /** The first rows as they would be kept. */
  preview: z.array(z.object({ row: count, values: valuesOut, good: z.boolean() })),
  at: instant,
});
/** `whole`: only if no row is bad; `good`: good rows in, the bad ones are in the workbook of faults. `submit`: handed in, else drafts. */
export const applyBody = z.strictObject({ mode: z.enum(['whole', 'good']), submit: z.boolean().default(true) });

// ---- tasks --------------------------------------------------------------------------------------------------------------------------

export const taskParams = z.object({ form: formId, task: formId });
export const pageQuery = z.object(page);
export const targetsQuery = z.object({ ...page, done: z.enum(['true', 'false', 'all']).default('all') });
export const target = z.strictObject({
  title: z.string().trim().min(1).max(200),
  /** Found by search: what a relation field takes. */
  relation: z
    .strictObject({ to: z.enum(['person', 'enterprise', 'building', 'address']), id: z.string().max(80) })
    .optional(),
  /** Division or grid by which collectors are found (`divisions` of the assignment). */
  division: z.string().trim().max(40).optional(),
  /** Values that the record begins with. */
  values: values.optional(),
});
/** Each target goes to the first assignee whose divisions hold the target's (longest prefix); else round about among those without divisions. */
export const assignee = z.strictObject({
  login: z.string().max(100),
  divisions: z.array(z.string().trim().min(1).max(40)).max(200).default([]),
});
export const taskBody = z.strictObject({
  title: words,
  note: z.string().trim().max(1000).optional(),
  /** Working days from today; or the day itself. */
  days: z.int().min(1).max(250).optional(),
  due: z.iso.date().optional(),
  targets: z.array(target).min(1).max(5000),
  assignees: z.array(assignee).min(1).max(200),
});
export const taskItem = z.object({
  id: count,
  form: count,
  formTitle: words,
  title: words,
  note: z.string().nullable(),
  state: z.enum(['open', 'closed']),
  due: day.nullable(),
  overdue: z.boolean(),
  createdAt: instant,
  by: person,
  targets: count,
  /** Targets whose record was handed in. */
  done: count,
  /** Of the asker. */
  mine: count,
  mineDone: count,
});
export const tasksAnswer = z.object({ items: z.array(taskItem), total: count });
export const targetItem = z.object({
  id: count,
  title: z.string(),
  division: z.string().nullable(),
  relation: z.object({ to: z.string(), id: z.string() }).nullable(),
  values: valuesOut,
  assignee: person.nullable(),
  record: z.object({ id: z.string(), state: recordState }).nullable(),
});
export const taskAnswer = taskItem.extend({
  items: z.array(targetItem),
  total: count,
  progress: z.array(z.object({ assignee: person, targets: count, done: count })),
});
export const assignBody = z.strictObject({ targets: z.array(count).min(1).max(5000), login: z.string().max(100) });
export const closeBody = z.strictObject({ reason: z.string().trim().max(500).optional() });
export const deskAnswer = z.object({
  tasks: z.array(taskItem),
  /** Records that wait for the asker: to check or accept, to mend, to settle. */
  waiting: z.object({ handle: count, mend: count, drafts: count, conflicts: count, overdue: count }),
});

// ---- files --------------------------------------------------------------------------------------------------------------------------

export const fileParams = z.object({ file: z.uuid() });
/** `id` is made by the client; the same id with the same facts answers how far it came. */
export const fileBody = z.strictObject({
  id: z.uuid(),
  form: count,
  field: z.string().max(40),
  name: z.string().trim().min(1).max(200),
  bytes: z
    .int()
    .min(1)
    .max(20 * 1024 * 1024),
  /** Lower-case hexadecimal SHA-256 of the whole. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
/** Where the part begins; parts come in order, a part that was kept already is passed over. */
export const partQuery = z.object({
  offset: z.coerce
    .number()
    .int()
    .min(0)
    .max(20 * 1024 * 1024),
});
export const fileAnswer = z.object({
  id: z.string(),
  name: z.string(),
  bytes: count,
  received: count,
  state: z.enum(['open', 'complete', 'refused']),
  /** By its content, not by its name. */
  type: z.string().nullable(),
});

// ---- synchronisation ----------------------------------------------------------------------------------------------------------------

/** One operation of a phone. `key`: UUID of the operation itself, made once; it is done at most once, whoever repeats it. */
const operationBase = {
  key: z.uuid(),
  record: z.uuid(),
  form: count,
  /** By the phone's clock; kept, never trusted. */
  at: z.iso.datetime({ offset: true }),
};
export const operation = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('create'),
    ...operationBase,
    version: count,
    values,
    submit: z.boolean().default(false),
    task: count.optional(),
    target: count.optional(),
  }),
  /**
   * `base`: revision that the change was made on, as the hub told it; or `after`: the operation of this device that it follows, when its answer
   * did not arrive yet (its revision is then the base).
   */
  z.strictObject({
    kind: z.literal('change'),
    ...operationBase,
    base: count.optional(),
    after: z.uuid().optional(),
    values,
    submit: z.boolean().default(false),
  }),
  z.strictObject({ kind: z.literal('submit'), ...operationBase, base: count.optional(), after: z.uuid().optional() }),
  z.strictObject({
    kind: z.literal('withdraw'),
    ...operationBase,
    base: count.optional(),
    after: z.uuid().optional(),
    reason: z.string().trim().min(2).max(500),
  }),
  z.strictObject({ kind: z.literal('comment'), ...operationBase, text: z.string().trim().min(1).max(1000) }),
]);
export const syncBody = z.strictObject({
  /** Made once by the browser's store; not a secret. */
  device: z.uuid(),
  sentAt: z.iso.datetime({ offset: true }),
  operations: z.array(operation).max(100),
});
/**
 * `applied`: done (now or before). `conflict`: kept as a conflicting revision for a person to settle. `kept`: taken in as a draft though it was to be
 * handed in, since it has faults. `waiting`: the operation named by `after` is not here yet; send it again with that one. `refused`: cannot be
 * done by this person (code says why); it stands in the hub's list of refused operations with its whole content.
 */
export const syncAnswer = z.object({
  receivedAt: instant,
  results: z.array(
    z.object({
      key: z.string(),
      record: z.string(),
      outcome: z.enum(['applied', 'conflict', 'kept', 'waiting', 'refused']),
      revision: count.nullable(),
      state: recordState.nullable(),
      code: z.string().nullable(),
      message: bilingual.nullable(),
      faults: z.array(fault),
      /** Whether it had been answered before. */
      again: z.boolean(),
    }),
  ),
});
/** `since`: the cursor of the last answer; absent: everything of mine that is open or was changed in the last 90 days. */
export const pullQuery = z.object({ since: z.coerce.number().int().min(0).optional() });
export const pullAnswer = z.object({
  cursor: count,
  /** More is there: ask again with the cursor. */
  more: z.boolean(),
  forms: z.array(z.object({ id: count, version: count, title: words, design: designOut, organisation: named })),
  tasks: z.array(taskItem.extend({ items: z.array(targetItem) })),
  records: z.array(
    z.object({
      id: z.string(),
      form: count,
      version: count,
      revision: count,
      state: recordState,
      caption: z.string(),
      values: valuesOut,
      updatedAt: instant,
      reason: z.string().nullable(),
    }),
  ),
});
