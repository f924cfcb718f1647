/** The description of a service as OpenAPI 3.1: made from the grant's items, so that it says what is there and nothing else. */

import type { ServiceItem } from '../serve/items.ts';
import { MOST } from '../serve/operations.ts';
import { SCAN_ROWS } from '../serve/served.ts';
import type { Service } from '../services.ts';

type Json = Record<string, unknown>;
const ref = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });

/** Schema of an item's values; exact numbers are texts. */
function valueSchema(item: ServiceItem): Json {
  const masked = item.shown === 'masked';
  const kinds: Readonly<Record<string, Json>> = {
    integer: { type: ['integer', 'null'], format: 'int64' },
    boolean: { type: ['boolean', 'null'] },
    date: { type: ['string', 'null'], format: 'date' },
    decimal: { type: ['string', 'null'], pattern: '^-?\\d+(\\.\\d+)?$' },
  };
  const base = masked ? { type: ['string', 'null'] } : (kinds[item.type] ?? { type: ['string', 'null'] });
  return {
    ...base,
    title: item.title.zh,
    description: `${item.title.en}${item.unit ? ` (${item.unit})` : ''}${masked ? '；脱敏 masked' : ''}${item.key ? '；主键 key' : ''}`,
    ...(masked ? { 'x-masked': true } : {}),
    ...(item.filterable ? { 'x-filterable': item.indexed ? 'indexed' : true } : {}),
  };
}

/** The document. `url`: where the hub is reached. */
export function openApiOf(service: Service, url: string): Json {
  const { share, items, key, title, settings } = service;
  const open = items.filter((i) => i.filterable).map((i) => i.name);
  const fields = {
    ...{ name: 'fields', in: 'query', required: false, explode: false, style: 'form' },
    description: '只要这些数据项，以逗号分隔。Only these items, commas between.',
    schema: { type: 'array', items: { enum: items.map((i) => i.name) } },
  };
  const answers = (schema: Json, more: Json = {}): Json => ({
    200: { description: '成功 OK', headers: limitHeaders, content: { 'application/json': { schema } } },
    ...(settings.cache ? { 304: { description: '未变 Not modified' } } : {}),
    ...more,
    default: {
      description: '拒绝 Refused',
      headers: limitHeaders,
      content: { 'application/problem+json': { schema: ref('Problem') } },
    },
  });
  const operation = (operationId: string, zh: string, en: string, rest: Json): Json => ({
    ...{ operationId, summary: `${zh} ${en}`, parameters: [], ...rest },
  });
  const body = (schema: string): Json => ({ required: true, content: { 'application/json': { schema: ref(schema) } } });
  const paths: Record<string, Json> = {
    '/records/{record}': {
      get: operation('getRecord', '按记录号查询', 'One record by its number', {
        parameters: [
          { name: 'record', in: 'path', required: true, schema: { type: 'string', pattern: '^[0-9a-f]{20}$' } },
          fields,
        ],
        responses: answers(ref('OneRecord'), { 404: problem('没有这条记录 No such record') }),
      }),
    },
    '/records': {
      get: operation('listRecords', '按条件列表', 'Records by equality of items, with a cursor', {
        parameters: [
          ...items
            .filter((i) => i.filterable && !['fields', 'limit', 'cursor'].includes(i.name))
            .map((i) => ({
              name: i.name,
              in: 'query',
              required: false,
              description: i.title.zh,
              schema: { type: 'string' },
            })),
          {
            name: 'limit',
            in: 'query',
            required: false,
            schema: { type: 'integer', minimum: 1, maximum: MOST.page, default: 50 },
          },
          { name: 'cursor', in: 'query', required: false, schema: { type: 'string' } },
          fields,
        ],
        responses: answers(ref('Page')),
      }),
    },
    '/search': {
      post: operation('search', '按条件查询', 'Records that a filter lets through', {
        ...{ requestBody: body('Search'), responses: answers(ref('Page')) },
      }),
    },
    '/count': {
      post: operation('count', '计数', 'How many records a filter lets through', {
        ...{ requestBody: body('Count'), responses: answers(ref('Counted')) },
      }),
    },
    '/lookup': {
      ...(key
        ? {
            get: operation('lookupKey', '按主键查询', 'Records of a key', {
              parameters: [
                ...key.map((k) => ({ name: k, in: 'query', required: true, schema: { type: 'string' } })),
                fields,
              ],
              responses: answers(ref('KeyRecords'), { 404: problem('没有这条记录 No such record') }),
            }),
          }
        : {}),
      post: operation('lookup', '批量查询', `Up to ${MOST.keys} records at once`, {
        ...{ requestBody: body('Lookup'), responses: answers(ref('Results')) },
      }),
    },
    '/export': {
      get: operation('exportRecords', '导出全部', 'Every record as a stream', {
        parameters: [
          {
            name: 'format',
            in: 'query',
            required: false,
            schema: { enum: ['ndjson', 'csv', 'parquet'], default: 'ndjson' },
          },
          fields,
        ],
        responses: {
          200: {
            description: '数据流 Stream',
            content: { 'application/x-ndjson': {}, 'text/csv': {}, 'application/vnd.apache.parquet': {} },
          },
          default: { description: '拒绝 Refused', content: { 'application/problem+json': { schema: ref('Problem') } } },
        },
      }),
    },
  };
  return {
    openapi: '3.1.1',
    info: {
      title: `${title.zh} ${title.en}`,
      version: String(share.version),
      description:
        `授权 ${share.id}，使用时限至 ${share.until}。每秒 ${settings.per_second} 次，` +
        `${settings.per_day ? `每日 ${settings.per_day} 次，` : ''}${settings.per_month ? `每月 ${settings.per_month} 次，` : ''}同时 ${settings.concurrent} 个。` +
        `记录超过 ${SCAN_ROWS} 条时，筛选须含一项索引数据项的相等条件。请在 Jingwei-Purpose 头（百分号编码）中写明本次用途。` +
        '沙箱客户端得到合成数据，应答中有 "sandbox": true。',
    },
    servers: [{ url: `${url}/services/${share.id}` }],
    security: [{ oauth: [`grant:${share.id}`] }],
    paths,
    components: {
      securitySchemes: {
        oauth: {
          type: 'oauth2',
          flows: {
            clientCredentials: { tokenUrl: `${url}/services/oauth/token`, scopes: { [`grant:${share.id}`]: title.zh } },
          },
        },
      },
      schemas: schemasOf(items, key, open),
    },
  };
}

const limitHeaders: Json = {
  'RateLimit-Policy': { schema: { type: 'string' } },
  RateLimit: { schema: { type: 'string' } },
};
const problem = (description: string): Json => ({
  description,
  content: { 'application/problem+json': { schema: ref('Problem') } },
});

function schemasOf(items: readonly ServiceItem[], key: readonly string[] | null, open: readonly string[]): Json {
  const updatedAt = { type: 'string', format: 'date-time', description: '数据准备时间 When the data was prepared' };
  const sandbox = { type: 'boolean', const: true, description: '仅沙箱 In the sandbox only' };
  const answer = (required: string[], properties: Json): Json => ({
    ...{ type: 'object', required: [...required, 'updatedAt'], properties: { ...properties, updatedAt, sandbox } },
  });
  const list = (of: Json): Json => ({ type: 'array', items: of });
  const keySchema = {
    ...{ type: 'object', required: key ?? [], additionalProperties: false },
    properties: Object.fromEntries((key ?? []).map((k) => [k, { type: 'string' }])),
  };
  const filter = { type: 'array', maxItems: MOST.conditions, items: ref('Condition') };
  return {
    Record: {
      ...{ type: 'object', required: ['_record'], additionalProperties: false },
      properties: {
        _record: { type: 'string', description: '记录号 Number of the record for this recipient' },
        ...Object.fromEntries(items.map((i) => [i.name, valueSchema(i)])),
      },
    },
    Condition: {
      ...{ type: 'object', required: ['item', 'is'], additionalProperties: false },
      properties: {
        item: { enum: open },
        is: { enum: ['eq', 'ne', 'in', 'ge', 'le', 'prefix', 'present', 'absent'] },
        values: { type: 'array', maxItems: MOST.values, items: { type: 'string', maxLength: MOST.text } },
      },
    },
    Search: {
      ...{ type: 'object', additionalProperties: false },
      properties: {
        filter,
        limit: { type: 'integer', minimum: 1, maximum: MOST.page, default: 50 },
        cursor: { type: 'string' },
        fields: list({ enum: items.map((i) => i.name) }),
      },
    },
    Count: { type: 'object', additionalProperties: false, properties: { filter } },
    Lookup: {
      ...{ type: 'object', additionalProperties: false },
      properties: {
        records: { ...list({ type: 'string' }), maxItems: MOST.keys },
        ...(key ? { keys: { ...list(keySchema), maxItems: MOST.keys } } : {}),
        fields: list({ enum: items.map((i) => i.name) }),
      },
    },
    OneRecord: answer(['record'], { record: ref('Record') }),
    KeyRecords: answer(['records'], { records: list(ref('Record')) }),
    Page: answer(['records', 'next'], { records: list(ref('Record')), next: { type: ['string', 'null'] } }),
    Counted: answer(['count'], { count: { type: 'integer' } }),
    Results: answer(['results'], {
      results: list({ type: 'object', required: ['records'], properties: { records: list(ref('Record')) } }),
    }),
    Problem: {
      type: 'object',
      required: ['type', 'code', 'status', 'title'],
      properties: {
        ...{
          type: { type: 'string' },
          code: { type: 'string' },
          status: { type: 'integer' },
          title: { type: 'string' },
        },
        ...{ instance: { type: 'string' } },
      },
    },
  };
}
