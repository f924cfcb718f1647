/** Schemas of the routes of alerts. Instants are ISO 8601 UTC unless told otherwise, positions WGS 84. */
import { z } from 'zod';
import { certainties, responseTypes, urgencies } from './cap/model.ts';
import { colours, ruleSchema } from './pure/index.ts';

const both = z.object({ zh: z.string(), en: z.string() });
const nullable = z.number().nullable();
const text = z.string().nullable();
export const idParams = z.object({ id: z.coerce.number().int().min(1).max(2_000_000_000) });
export const ruleParams = z.object({ rule: z.string().regex(/^[a-z][a-z0-9-]{0,49}$/) });
export const identifierParams = z.object({ identifier: z.string().regex(/^[\w.-]{1,80}$/) });
const offset = z.coerce.number().int().min(0).max(1_000_000).default(0);
const limit = z.coerce.number().int().min(1).max(200).default(50);

export const alert = z.object({
  ...{
    id: z.number().int(),
    source: z.enum(['rule', 'cap']),
    rule: z.string(),
    title: both,
    category: z.string(),
    event: text,
  },
  ...{ level: z.number().int(), peak: z.number().int(), state: z.enum(['firing', 'no-data', 'closed']) },
  ...{ openedAt: z.string(), changedAt: z.string(), closedAt: text, entity: text, type: text, property: text },
  ...{
    label: both.nullable(),
    lon: nullable,
    lat: nullable,
    owner: text,
    unit: text,
    value: nullable,
    measure: nullable,
  },
  ...{
    threshold: nullable,
    members: z.number().int(),
    storm: z.boolean(),
    flapping: z.boolean(),
    exercise: z.boolean(),
  },
  acknowledged: z.object({ at: z.string(), name: z.string() }).nullable(),
  ...{
    silenced: nullable,
    inhibited: nullable,
    escalatedTo: text,
    repeats: z.number().int(),
    revision: z.number().int(),
  },
});
export const board = z.object({
  /** The gravest and newest first, at most 1,000. */
  alerts: z.array(alert),
  counts: z.object({
    ...{
      open: z.number(),
      unacknowledged: z.number(),
      noData: z.number(),
      silenced: z.number(),
      inhibited: z.number(),
    },
    /** Of level 0 … 4. */
    levels: z.array(z.number()),
  }),
  more: z.boolean(),
  listening: z.boolean(),
  /** Readings looked at by rules, alerts folded into storms, since the start. */
  evaluated: z.number(),
  folded: z.number(),
  gap: z.object({ from: z.number(), to: z.number() }).nullable(),
});
export const listQuery = z.object({
  state: z.enum(['open', 'closed', 'all']).default('all'),
  level: z.coerce.number().int().min(0).max(4).optional(),
  rule: z.string().max(120).optional(),
  entity: z.string().max(250).optional(),
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
  ...{ offset, limit },
});
export const list = z.object({ alerts: z.array(alert), total: z.number() });

const member = z.object({
  ...{ series: z.number().int(), entity: z.string(), property: z.string(), label: both, level: z.number().int() },
  ...{
    noData: z.boolean(),
    since: z.string(),
    changedAt: z.string(),
    endedAt: text,
    value: nullable,
    measure: nullable,
  },
});
const step = z.object({
  ...{ id: z.number(), at: z.string(), kind: z.string(), level: z.number().int(), name: text, note: text },
  detail: z.record(z.string(), z.unknown()).nullable(),
});
const forecastSchema = z.object({
  points: z.array(z.object({ at: z.number(), median: z.number(), low: z.number(), high: z.number() })),
  crossings: z.array(
    z.object({ level: z.number().int(), threshold: z.number(), at: nullable, direction: z.enum(['up', 'down']) }),
  ),
});
export const warning = z.object({
  ...{ id: z.number().int(), chain: z.number().int(), alert: nullable, previous: nullable },
  ...{ msgType: z.enum(['Alert', 'Update', 'Cancel']), status: z.enum(['Actual', 'Exercise', 'Test']) },
  ...{ scope: z.enum(['Public', 'Restricted']), state: z.enum(['draft', 'released', 'dropped']) },
  ...{ colour: z.enum(colours), event: z.string(), headline: both, identifier: text, sent: text, expires: z.string() },
  ...{ revision: z.number().int(), madeBy: z.string(), madeAt: z.string(), releasedBy: text, supersededBy: nullable },
  seal: nullable,
});
export const detail = z.object({
  alert,
  /** What the rule says, as it was when the alert opened; null of messages. */
  rule: z
    .object({
      ...{
        name: z.string(),
        version: z.number().int(),
        title: both,
        text: both,
        measure: z.string(),
        direction: z.string(),
      },
      ...{ levels: z.array(z.object({ level: z.number().int(), threshold: z.number() })), hysteresis: z.number() },
      ...{ pending: z.string(), keep: z.string(), window: text },
    })
    .nullable(),
  members: z.array(member),
  steps: z.array(step),
  evidence: z
    .object({
      ...{ series: z.number().int(), gatheredAt: z.number(), level: z.number().int() },
      readings: z.array(z.tuple([z.number(), z.number()])),
      forecast: forecastSchema.nullable(),
    })
    .nullable(),
  warnings: z.array(warning),
  message: z.object({ id: z.number().int(), identifier: z.string() }).nullable(),
});
export const chartQuery = z.object({
  series: z.coerce.number().int().min(1).optional(),
  hours: z.coerce.number().int().min(1).max(336).default(12),
});
export const chart = z.object({
  ...{ series: nullable, unit: text, label: both.nullable(), from: z.number(), to: z.number() },
  /** [ms UTC, value], at most 2,000. */
  readings: z.array(z.tuple([z.number(), z.number()])),
  forecast: forecastSchema.nullable(),
});

const words = (most: number) => z.string().trim().min(1).max(most);
export const noteBody = z.strictObject({ note: words(1_000) });
export const acknowledgeBody = z.strictObject({ note: words(1_000).optional() });
export const escalateBody = z.strictObject({ to: z.string().max(60), note: words(1_000) });

const position = z.tuple([z.number().min(-180).max(180), z.number().min(-90).max(90)]);
export const silenceBody = z.strictObject({
  rules: z.array(z.string().max(60)).max(100).default([]),
  types: z.array(z.string().max(80)).max(50).default([]),
  entities: z.array(z.string().max(250)).max(500).default([]),
  area: z.array(position).min(4).max(500).optional(),
  level: z.number().int().min(1).max(4).default(4),
  from: z.iso.datetime({ offset: true }),
  until: z.iso.datetime({ offset: true }),
  reason: words(300),
});
export const silence = z.object({
  ...{ id: z.number().int(), rules: z.array(z.string()), types: z.array(z.string()), entities: z.array(z.string()) },
  ...{
    area: z.array(position).nullable(),
    level: z.number().int(),
    from: z.string(),
    until: z.string(),
    reason: z.string(),
  },
  ...{ madeBy: z.string(), madeAt: z.string(), endedAt: text, endedBy: text, holds: z.boolean(), alerts: z.number() },
});
export const silences = z.object({ silences: z.array(silence) });
export const made = z.object({ id: z.number().int() });

const fault = z.object({ code: z.string(), title: both, file: text, line: nullable });
const ruleHead = z.object({
  ...{
    rule: z.string(),
    title: both,
    category: z.string(),
    state: z.enum(['live', 'paused']),
    version: z.number().int(),
  },
  ...{ source: z.enum(['file', 'person']), changedAt: z.string(), type: text, property: text, measure: z.string() },
  ...{ levels: z.array(z.number().int()), watched: z.number(), open: z.number(), lastWeek: z.number() },
  problem: both.nullable(),
});
export const rules = z.object({ rules: z.array(ruleHead), faults: z.array(fault) });
export const rule = z.object({
  head: ruleHead,
  body: z.record(z.string(), z.unknown()),
  versions: z.array(
    z.object({
      ...{ version: z.number().int(), source: z.enum(['file', 'person']), note: text, name: text, at: z.string() },
      body: z.record(z.string(), z.unknown()),
    }),
  ),
});
export const putBody = z.strictObject({
  rule: ruleSchema,
  note: words(300),
  /** Version on which it is founded; null: a new rule. */
  base: z.number().int().min(1).nullable(),
});
export const setBody = z.strictObject({
  state: z.enum(['live', 'paused']).optional(),
  version: z.number().int().min(1).optional(),
});
export const tryBody = z.strictObject({ rule: ruleSchema, days: z.number().int().min(1).max(30).default(7) });
export const trial = z.object({
  ...{
    series: z.number(),
    readings: z.number(),
    days: z.number(),
    alerts: z.number(),
    burst: z.number(),
    folded: z.boolean(),
  },
  byLevel: z.array(z.object({ level: z.number().int(), alerts: z.number() })),
  byDay: z.array(z.object({ day: z.string(), alerts: z.number() })),
  ...{ late: z.number(), implausible: z.number() },
  named: z.array(
    z.object({
      entity: z.string(),
      label: both,
      from: z.number(),
      until: nullable,
      peak: z.number().int(),
      value: nullable,
    }),
  ),
});
export const choices = z.object({
  types: z.array(z.object({ type: z.string(), property: z.string(), unit: z.string(), series: z.number() })),
});

export const capIn = z.object({ id: z.number().int(), alert: nullable, notes: z.array(z.string()) });
const incomingHead = z.object({
  ...{ id: z.number().int(), sender: z.string(), identifier: z.string(), sent: z.string(), status: z.string() },
  ...{
    msgType: z.string(),
    level: z.number().int(),
    headline: z.string(),
    signed: z.boolean(),
    notes: z.array(z.string()),
  },
  ...{ expires: text, receivedAt: z.string(), receivedBy: z.string(), alert: nullable, replacedBy: nullable },
});
export const incomingQuery = z.object({ offset, limit });
export const incomingList = z.object({
  messages: z.array(incomingHead),
  total: z.number(),
  refused: z.array(
    z.object({ id: z.number(), at: z.string(), by: z.string(), bytes: z.number(), problem: z.unknown() }),
  ),
});
export const incoming = z.object({ head: incomingHead, doc: z.record(z.string(), z.unknown()), xml: z.string() });

const line = (most: number) => z.string().trim().max(most);
const speech = (most: number) => z.strictObject({ zh: line(most).min(1), en: line(most) });
const content = z.strictObject({
  colour: z.enum(colours),
  event: z.string().max(10),
  urgency: z.enum(urgencies),
  certainty: z.enum(certainties),
  responses: z.array(z.enum(responseTypes)).max(9),
  headline: speech(200),
  description: speech(3_000),
  instruction: speech(3_000),
  onset: z.iso.datetime({ offset: true }).nullable().default(null),
  areaDesc: line(300).min(1),
  polygons: z.array(z.array(position).min(4).max(2_000)).max(20).default([]),
  circles: z
    .array(
      z.strictObject({
        lon: z.number().min(-180).max(180),
        lat: z.number().min(-90).max(90),
        km: z.number().positive().max(1_000),
      }),
    )
    .max(20)
    .default([]),
  divisions: z
    .array(z.string().regex(/^\d{6}(?:\d{3})?(?:\d{3})?$/))
    .max(100)
    .default([]),
  restriction: line(300).nullable().default(null),
});
const draftParts = {
  status: z.enum(['Actual', 'Exercise', 'Test']),
  scope: z.enum(['Public', 'Restricted']),
  expires: z.iso.datetime({ offset: true }),
  content,
};
export const draftBody = z.strictObject({
  alert: z.number().int().min(1).nullable().default(null),
  previous: z.number().int().min(1).nullable().default(null),
  msgType: z.enum(['Alert', 'Update', 'Cancel']),
  ...draftParts,
});
export const changeBody = z.strictObject({ revision: z.number().int().min(1), ...draftParts });
export const revisionBody = z.strictObject({ revision: z.number().int().min(1) });
export const warningsQuery = z.object({ offset, limit });
export const warnings = z.object({
  warnings: z.array(warning),
  total: z.number(),
  issuer: z.object({ sender: z.string(), name: both }).nullable(),
  events: z.array(z.object({ code: z.string(), zh: z.string(), en: z.string(), category: z.string() })),
});
export const warningDetail = z.object({ warning, content, xml: z.string(), chain: z.array(warning) });
