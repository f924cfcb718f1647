/** Questions and answers of the gateway's routes. */
import { z } from 'zod';
import { bilingual } from '../catalogue/index.ts';

const count = z.number().int().nonnegative();
const named = z.object({ id: z.string(), name: bilingual });
export const idParams = z.object({ id: z.coerce.number().int().min(1).max(2_147_483_647) });
export const clientParams = z.object({ id: z.string().max(40) });
export const secretParams = z.object({
  id: z.string().max(40),
  secret: z.coerce.number().int().min(1).max(2_147_483_647),
});

export const settings = z.object({
  ...{ perSecond: count, burst: count, perDay: count.nullable(), perMonth: count.nullable(), concurrent: count },
  ...{ cache: z.boolean(), version: z.number().int() },
});
export const serviceView = z.object({
  id: z.number().int(),
  title: bilingual,
  code: z.string(),
  entry: z.string(),
  requester: named,
  provider: named,
  /** May be called; grant suspended or ended; data being prepared; not collected; could not be prepared. */
  state: z.enum(['ready', 'stopped', 'preparing', 'nothing', 'failed']),
  grantState: z.string(),
  until: z.string(),
  items: count,
  rows: count.nullable(),
  preparedAt: z.string().nullable(),
  cycle: z.string(),
  /** Calls of today and of this month, sandbox apart. */
  today: count,
  month: count,
  settings,
});
export const servicesQuery = z.object({ which: z.enum(['all', 'callable', 'provided']).default('all') });
export const servicesAnswer = z.object({ items: z.array(serviceView), total: count });
export const serviceDetail = serviceView.extend({
  url: z.string(),
  tokenUrl: z.string(),
  key: z.array(z.string()).nullable(),
  /** Whether the sandbox can be asked. */
  sandbox: z.boolean(),
  /** Records above which a filter needs an indexed item. */
  scanRows: count,
  itemList: z.array(
    z.object({
      ...{
        name: z.string(),
        title: bilingual,
        type: z.string(),
        format: z.string().nullable(),
        unit: z.string().nullable(),
      },
      ...{ shown: z.enum(['plain', 'masked']), protection: z.string(), key: z.boolean(), filterable: z.boolean() },
      indexed: z.boolean(),
    }),
  ),
  /** A record of the sandbox, to try the service with. */
  example: z.object({ record: z.string(), key: z.record(z.string(), z.string()).nullable() }).nullable(),
  maySet: z.boolean(),
  mayCall: z.boolean(),
});
export const openapiAnswer = z.record(z.string(), z.unknown());
export const tryBody = z.strictObject({
  operation: z.enum(['record', 'key', 'list', 'count']),
  record: z.string().max(64).optional(),
  key: z.record(z.string().max(64), z.string().max(200)).optional(),
  search: z.unknown().optional(),
});
export const tryAnswer = z.object({ status: z.number().int(), ms: z.number(), body: z.unknown() });

export const clientView = z.object({
  id: z.string(),
  organisation: named,
  name: z.string(),
  purpose: z.string(),
  sandbox: z.boolean(),
  state: z.enum(['active', 'disabled', 'ended', 'expired']),
  method: z.enum(['secret', 'jwt']),
  scope: z.array(z.string()),
  networks: z.array(z.string()),
  perSecond: count.nullable(),
  concurrent: count.nullable(),
  expiresAt: z.string().nullable(),
  version: z.number().int(),
  createdBy: z.string(),
  createdAt: z.string(),
  endedAt: z.string().nullable(),
  secrets: z.array(
    z.object({
      ...{ id: z.number().int(), hint: z.string(), createdBy: z.string(), createdAt: z.string() },
      ...{ expiresAt: z.string().nullable(), expired: z.boolean() },
    }),
  ),
  /** Key ids of its public keys. */
  keyIds: z.array(z.string()),
  mayChange: z.boolean(),
  mayStop: z.boolean(),
});
export const clientsAnswer = z.object({ items: z.array(clientView), total: count });
export const madeClient = z.object({ id: z.string(), secret: z.string().nullable() });
export const madeSecret = z.object({ secret: z.string() });

const day = z.iso.date();
export const usageQuery = z.object({
  from: day.optional(),
  to: day.optional(),
  service: z.coerce.number().int().min(1).max(2_147_483_647).optional(),
  client: z.string().max(40).optional(),
  sandbox: z.enum(['true', 'false']).default('false'),
});
const figures = { calls: count, refused: count, rows: count };
export const usageAnswer = z.object({
  ...{ from: day, to: day, ...figures },
  /** Milliseconds: the mean, and the slowest. */
  mean: z.number().nullable(),
  slowest: z.number().nullable(),
  days: z.array(z.object({ day, ...figures })),
  services: z.array(z.object({ id: z.number().int(), title: bilingual, ...figures })),
  clients: z.array(z.object({ id: z.string(), name: z.string(), organisation: named, ...figures })),
  refusals: z.array(z.object({ code: z.string(), title: bilingual, calls: count })),
});
export const callsAnswer = z.object({
  items: z.array(
    z.object({
      ...{
        at: z.string(),
        id: z.string(),
        service: z.number().int().nullable(),
        client: z.string(),
        clientName: z.string(),
      },
      ...{
        requester: named,
        operation: z.string(),
        key: z.string().nullable(),
        fields: z.string().nullable(),
        rows: count,
      },
      ...{ status: z.number().int(), problem: z.string().nullable(), ms: z.number(), purpose: z.string().nullable() },
      sandbox: z.boolean(),
    }),
  ),
});
