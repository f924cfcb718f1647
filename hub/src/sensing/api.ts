/** Questions and answers of sensing; these schemas validate at the door, make the OpenAPI description and the console's types. */
import { z } from 'zod';
import { refusalCodes } from './intake/reasons.ts';
import { coordinateSystems } from './model/place.ts';

export const bilingual = z.object({ zh: z.string(), en: z.string() });
const health = z.enum(['ok', 'new', 'silent', 'flat', 'drifting', 'retired']);
const urn = z.string().min(8).max(200);
const number = z.number().refine(Number.isFinite);
const title = z.string().trim().min(1).max(100);
export const instant = z.iso.datetime({ offset: true });

export const series = z.object({
  number: z.number().int(),
  property: z.string(),
  title: bilingual,
  unit: z.string(),
  symbol: z.string(),
  health,
  /** Newest reading. */
  at: z.string().nullable(),
  value: z.number().nullable(),
  heard: z.string().nullable(),
  interval: z.number(),
  least: z.number(),
  most: z.number(),
  /** Least milliseconds between readings; seconds without a change after which it is flat (0: never); kept = sent * scale + shift. */
  gap: z.number(),
  flatAfter: z.number(),
  scale: z.number(),
  shift: z.number(),
});
export const entity = z.object({
  id: z.string(),
  type: z.string(),
  typeTitle: bilingual,
  label: bilingual,
  lon: z.number().nullable(),
  lat: z.number().nullable(),
  owner: z.string().nullable(),
  health,
  series: z.array(series),
});
export const entityQuery = z.object({
  type: z.string().max(60).optional(),
  health: health.optional(),
  owner: z.string().max(60).optional(),
  q: z.string().trim().max(60).optional(),
  page: z.coerce.number().int().min(1).max(100_000).default(1),
  size: z.coerce.number().int().min(1).max(200).default(30),
});
export const entityList = z.object({
  total: z.number().int(),
  items: z.array(entity.extend({ spark: z.array(z.number()) })),
  types: z.array(z.object({ type: z.string(), title: bilingual, count: z.number().int() })),
  healths: z.record(z.string(), z.number().int()),
  owners: z.array(z.string()),
});
export const entityDetail = entity.extend({
  address: z.string().nullable(),
  attributes: z.record(z.string(), z.unknown()),
  origin: z.string(),
  active: z.boolean(),
  version: z.number().int(),
  calibrations: z.array(
    z.object({
      series: z.number().int(),
      property: z.string(),
      scale: z.number(),
      shift: z.number(),
      certificate: z.string(),
      due: z.string().nullable(),
      note: z.string(),
      by: z.string(),
      at: z.string(),
    }),
  ),
});
export const entityParams = z.object({ id: urn });
export const seriesParams = z.object({ number: z.coerce.number().int().min(1).max(2_000_000_000) });
const property = z.strictObject({
  name: z.string().min(1).max(60),
  unit: z.string().min(1).max(20).optional(),
  least: number.optional(),
  most: number.optional(),
  interval: z.number().int().min(0).max(31_536_000).optional(),
  gap: z.number().int().min(0).max(86_400_000).optional(),
  flatAfter: z.number().int().min(0).max(31_536_000).optional(),
});
export const registerBody = z.strictObject({
  entities: z
    .array(
      z.strictObject({
        id: urn,
        type: z.string().min(2).max(60),
        label: z.strictObject({ zh: title, en: title }),
        place: z
          .strictObject({ lon: z.number(), lat: z.number(), system: z.enum(coordinateSystems).optional() })
          .nullish(),
        owner: z.string().max(60).nullish(),
        address: z.string().max(200).optional(),
        attributes: z
          .record(z.string().max(60), z.unknown())
          .refine((a) => JSON.stringify(a).length <= 8000, { error: '附加属性过长 / attributes too long' })
          .optional(),
        properties: z.array(property).max(50),
      }),
    )
    .min(1)
    .max(1000),
});
export const typeList = z.object({
  types: z.array(
    z.object({
      type: z.string(),
      title: bilingual,
      properties: z.array(
        z.object({
          ...{ name: z.string(), title: bilingual, unit: z.string(), symbol: z.string() },
          ...{ least: z.number(), most: z.number() },
        }),
      ),
    }),
  ),
});
export const registered = z.object({ made: z.number().int(), changed: z.number().int() });
export const activeBody = z.strictObject({ active: z.boolean() });
export const historyQuery = z.object({
  from: instant,
  to: instant,
  by: z.enum(['reading', 'hour', 'day']).default('reading'),
  limit: z.coerce.number().int().min(1).max(50_000).default(10_000),
});
export const historyAnswer = z.object({
  by: z.enum(['reading', 'hour', 'day']),
  unit: z.string(),
  points: z.array(
    z.object({
      at: z.string(),
      value: z.number(),
      least: z.number().optional(),
      most: z.number().optional(),
      count: z.number().int().optional(),
    }),
  ),
});
export const calibrationBody = z.strictObject({
  scale: z
    .number()
    .min(-1000)
    .max(1000)
    .refine((s) => s !== 0, { error: '不能为 0 / not 0' }),
  shift: z.number().min(-1e9).max(1e9),
  certificate: z.string().trim().max(100).default(''),
  due: z.iso.date().nullable().default(null),
  note: z.string().trim().max(500).default(''),
});

const counts = z.object({
  received: z.number(),
  kept: z.number(),
  late: z.number(),
  repeated: z.number(),
  converted: z.number(),
  refused: z.number(),
});
export const intakeView = z.object({
  minutes: z.array(counts.omit({ converted: true }).extend({ minute: z.string() })),
  day: counts,
  reasons: z.array(z.object({ reason: z.string(), title: bilingual, n: z.number() })),
  gateways: z.array(counts.extend({ id: z.string(), title: z.string() })),
  sequence: z.number(),
  waiting: z.number(),
  untold: z.number(),
  http: z.string(),
  mqtt: z
    .object({
      address: z.string(),
      port: z.number().int(),
      secure: z.boolean(),
      connections: z.number().int(),
      messages: z.number().int(),
      rejected: z.number().int(),
      guesses: z.number().int(),
      faults: z.array(z.object({ gateway: z.string(), topic: z.string(), code: z.string(), at: z.string() })),
    })
    .nullable(),
  brokers: z.array(
    z.object({
      id: z.number().int(),
      title: z.string(),
      url: z.string(),
      protocol: z.number().int(),
      topic: z.string(),
      shareGroup: z.string().nullable(),
      gateway: z.string(),
      username: z.string().nullable(),
      /** Whether a password is kept; it is never told. */
      hasPassword: z.boolean(),
      ca: z.string().nullable(),
      active: z.boolean(),
      version: z.number().int(),
      state: z.enum(['connected', 'waiting', 'connecting', 'off']),
      since: z.string().nullable(),
      failures: z.number().int(),
      next: z.string().nullable(),
      error: z.string().nullable(),
      messages: z.number().int(),
    }),
  ),
});
export const refusedQuery = z.object({
  reason: z.enum(refusalCodes as [string, ...string[]]).optional(),
  gateway: z.string().max(60).optional(),
  page: z.coerce.number().int().min(1).max(10_000).default(1),
});
export const refusedList = z.object({
  total: z.number().int(),
  items: z.array(
    z.object({
      received: z.string(),
      gateway: z.string(),
      reason: z.string(),
      title: bilingual,
      entity: z.string(),
      property: z.string(),
      at: z.string(),
      value: z.string(),
      unit: z.string(),
    }),
  ),
});
export const outcome = counts.extend({
  reasons: z.record(z.string(), z.number()),
  faults: z.array(z.object({ index: z.number().int(), line: z.number().int().optional(), reason: z.string() })),
});
export const fileOutcome = counts.extend({
  reasons: z.record(z.string(), z.number()),
  /** The first 500 refused readings, with the line of the file. */
  faults: z.array(
    z.object({
      index: z.number().int(),
      line: z.number().int().optional(),
      reason: z.string(),
      title: bilingual,
      said: z
        .object({ entity: z.string(), property: z.string(), at: z.string(), value: z.string(), unit: z.string() })
        .optional(),
    }),
  ),
});
export const fileQuery = z.object({ form: z.enum(['csv', 'ndjson']) });

export const gatewayId = z.string().regex(/^[a-z][a-z0-9-]{1,39}$/);
const scope = z
  .array(z.string().regex(/^urn:ngsi-ld:[A-Z][A-Za-z0-9]{1,59}:[\w.:~-]{0,120}$/))
  .min(1)
  .max(100);
const perSecond = z.number().int().min(1).max(1_000_000);
export const gatewayParams = z.object({ id: gatewayId });
export const gateway = z.object({
  id: z.string(),
  title: z.string(),
  owner: z.string(),
  scope: z.array(z.string()),
  auto: z.boolean(),
  perSecond: z.number().int(),
  state: z.enum(['active', 'disabled']),
  version: z.number().int(),
  keys: z.array(z.object({ id: z.number().int(), hint: z.string(), by: z.string(), at: z.string() })),
});
export const gatewayList = z.object({ items: z.array(gateway) });
export const gatewayBody = z.strictObject({
  id: gatewayId,
  title,
  owner: z.string().min(1).max(60),
  scope,
  auto: z.boolean().default(false),
  perSecond: perSecond.default(1000),
});
export const gatewayPatch = z.strictObject({
  version: z.number().int(),
  title: title.optional(),
  scope: scope.optional(),
  auto: z.boolean().optional(),
  perSecond: perSecond.optional(),
  state: z.enum(['active', 'disabled']).optional(),
});
export const keyMade = z.object({ gateway: z.string(), key: z.string() });
export const keyParams = gatewayParams.extend({ key: z.coerce.number().int().min(1) });
export const brokerParams = z.object({ id: z.coerce.number().int().min(1) });
export const brokerBody = z.strictObject({
  title,
  url: z.string().max(500),
  protocol: z.union([z.literal(4), z.literal(5)]).default(5),
  topic: z.string().max(500),
  shareGroup: z.string().max(60).nullable().default(null),
  gateway: gatewayId,
  username: z.string().max(200).nullable().default(null),
  password: z.string().max(500).nullable().default(null),
  ca: z.string().max(20_000).nullable().default(null),
});
/** What is left out stays as it is; `password: null` forgets it. */
export const brokerPatch = z.strictObject({
  version: z.number().int(),
  active: z.boolean().optional(),
  title: title.optional(),
  url: z.string().max(500).optional(),
  protocol: z.union([z.literal(4), z.literal(5)]).optional(),
  topic: z.string().max(500).optional(),
  shareGroup: z.string().max(60).nullable().optional(),
  gateway: gatewayId.optional(),
  username: z.string().max(200).nullable().optional(),
  password: z.string().max(500).nullable().optional(),
  ca: z.string().max(20_000).nullable().optional(),
});
export const made = z.object({ id: z.number().int() });
export const done = z.object({ ok: z.literal(true) });

const cameraCode = z.string().regex(/^\d{20}$/);
export const cameraParams = z.object({ code: cameraCode });
const kind = z.enum(['fixed', 'dome', 'ball', 'mobile']);
const sensitivity = z.enum(['public', 'site', 'restricted']);
const cameraState = z.enum(['online', 'offline', 'fault', 'retired']);
export const camera = z.object({
  code: z.string(),
  label: bilingual,
  lon: z.number().nullable(),
  lat: z.number().nullable(),
  address: z.string().nullable(),
  owner: z.string(),
  kind,
  direction: z.number().nullable(),
  sensitivity,
  state: cameraState,
  viewers: z.array(z.string()),
  keepDays: z.number().int(),
  /** What the code says: centre, industry, type of device, network, serial (GB/T 28181 appendix D). */
  parts: z.object({
    centre: z.string(),
    industry: z.string(),
    type: z.string(),
    network: z.string(),
    serial: z.string(),
  }),
  mayWatch: z.boolean(),
  hasStream: z.boolean(),
});
export const cameraQuery = z.object({
  q: z.string().trim().max(60).optional(),
  owner: z.string().max(60).optional(),
  state: cameraState.optional(),
  page: z.coerce.number().int().min(1).max(100_000).default(1),
});
export const cameraList = z.object({
  total: z.number().int(),
  items: z.array(camera),
  states: z.record(z.string(), z.number().int()),
  owners: z.array(z.string()),
});
export const camerasBody = z.strictObject({
  cameras: z
    .array(
      z.strictObject({
        code: cameraCode,
        label: z.strictObject({ zh: title, en: title }),
        place: z
          .strictObject({ lon: z.number(), lat: z.number(), system: z.enum(coordinateSystems).optional() })
          .nullish(),
        address: z.string().max(200).nullish(),
        owner: z.string().min(1).max(60),
        kind: kind.default('fixed'),
        direction: z.number().min(0).max(360).nullish(),
        sensitivity: sensitivity.default('public'),
        stream: z
          .string()
          .max(500)
          .regex(/^(rtsp|rtsps|https?|webrtc|gb28181):\/\/\S+$/)
          .nullish(),
        viewers: z.array(z.string().max(60)).max(100).default([]),
        keepDays: z.number().int().min(1).max(3650).default(30),
        state: cameraState.default('online'),
      }),
    )
    .min(1)
    .max(500),
});
export const watchBody = z.strictObject({ purpose: z.string().trim().min(2).max(200) });
export const watchAnswer = z.object({ stream: z.string(), until: z.string() });
export const videoEventKinds = [
  'crowd',
  'congestion',
  'illegal-parking',
  'waterlogging',
  'smoke',
  'fire',
  'litter',
  'street-vending',
  'road-damage',
  'intrusion',
  'fallen-object',
  'no-helmet',
] as const;
export const videoEvent = z.object({
  id: z.number().int(),
  camera: z.string(),
  kind: z.enum(videoEventKinds),
  at: z.string(),
  confidence: z.number(),
  count: z.number().int().nullable(),
  note: z.string(),
  gateway: z.string(),
});
export const videoEventQuery = z.object({
  camera: cameraCode.optional(),
  page: z.coerce.number().int().min(1).max(10_000).default(1),
});
export const videoEventList = z.object({ total: z.number().int(), items: z.array(videoEvent) });
export const videoEventsBody = z.strictObject({
  events: z
    .array(
      z.strictObject({
        key: z.string().min(1).max(100),
        camera: cameraCode,
        kind: z.enum(videoEventKinds),
        at: instant,
        confidence: z.number().min(0).max(1),
        count: z.number().int().min(0).max(1_000_000).nullish(),
        note: z.string().max(200).default(''),
      }),
    )
    .min(1)
    .max(500),
});
export const videoEventsTaken = z.object({
  received: z.number().int(),
  kept: z.number().int(),
  repeated: z.number().int(),
});
