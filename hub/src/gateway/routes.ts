/** The gateway's routes for people: services, clients, records of use. Calls of programs come by http/handler.ts. */

import type { Principal } from '../platform/auth/principal.ts';
import { defineRoute, type RouteDefinition } from '../platform/http/index.ts';
import { Problem } from '../platform/problem.ts';
import { nameOf } from '../sharing/index.ts';
import * as api from './api.ts';
import { clientRow, clientRows, secretRows } from './clients/store.ts';
import { clientSource } from './docs/client.ts';
import { openApiOf } from './docs/openapi.ts';
import type { Gateway } from './gateway.ts';
import { parsed } from './http/read.ts';
import * as manage from './manage.ts';
import * as k from './problems.ts';
import { bodies, count, list, type Outcome, oneKey, oneRecord } from './serve/operations.ts';
import type { Service } from './services.ts';
import { USAGE_COLUMNS } from './tables.ts';
import { DAY_OF } from './usage/store.ts';
import { clientView, seesAll, serviceDetail, servicesFor, serviceView, usageView, usageWhere } from './views.ts';

const base = '/api/v1/gateway';
const room = 'gateway';
const read = 'gateway.read' as const;
const use = 'gateway.use' as const;

const found = (gateway: Gateway, id: number, p: Principal): Service => {
  const service = servicesFor(gateway, p).find((s) => s.share.id === id);
  if (!service) throw new Problem(k.unknownService);
  return gateway.services.get(id)!;
};

function serviceRoutes(gateway: Gateway): RouteDefinition[] {
  const one = { room, params: api.idParams, problems: [k.unknownService] };
  return [
    defineRoute({
      ...{ method: 'GET', path: `${base}/services`, room, access: read, query: api.servicesQuery },
      ...{ response: api.servicesAnswer, summary: { zh: '数据服务', en: 'Services' } },
      async handler({ query, principal }) {
        const items = servicesFor(gateway, principal, query.which).map((s) => serviceView(gateway, s));
        return { items, total: items.length };
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/services/{id}`, access: read, ...one, response: api.serviceDetail },
      summary: { zh: '一项数据服务', en: 'A service' },
      handler: ({ params, principal }) => serviceDetail(gateway, found(gateway, params.id, principal), principal),
    }),
    defineRoute({
      ...{ method: 'PUT', path: `${base}/services/{id}/settings`, access: read, ...one, body: manage.settingsBody },
      ...{ response: api.serviceDetail, problems: [k.unknownService, k.notYours, k.changed] },
      summary: { zh: '设置额度、频率与缓存', en: 'Set quota, rate and cache' },
      async handler({ params, body, principal }) {
        await manage.setService(gateway, found(gateway, params.id, principal), body, principal);
        return serviceDetail(gateway, found(gateway, params.id, principal), principal);
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/services/{id}/openapi`, access: read, ...one, response: api.openapiAnswer },
      summary: { zh: '服务的 OpenAPI 描述', en: 'The OpenAPI description of a service' },
      handler: async ({ params, principal }) =>
        openApiOf(found(gateway, params.id, principal), gateway.deps.http.url()) as Record<string, unknown>,
    }),
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/services/{id}/client`,
        access: read,
        ...one,
        response: { stream: 'text/plain' },
      },
      summary: { zh: '服务的 TypeScript 客户端', en: 'A typed client of a service' },
      async handler({ params, principal }) {
        const source = clientSource(found(gateway, params.id, principal), gateway.deps.http.url());
        return { chunks: chunksOf(source), filename: `service-${params.id}.ts` };
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/services/{id}/try`, reads: true, access: read, ...one, body: api.tryBody },
      ...{ response: api.tryAnswer, problems: [k.unknownService, k.preparing] },
      summary: { zh: '在沙箱中试用', en: 'Try a service in its sandbox' },
      handler: ({ params, body, principal }) => tryOut(gateway, found(gateway, params.id, principal), body),
    }),
  ];
}

async function* chunksOf(text: string): AsyncGenerator<string> {
  yield text;
}

/** A trial: synthetic rows only, whoever asks; what is refused is shown as a caller would see it. */
async function tryOut(gateway: Gateway, service: Service, body: typeof api.tryBody._output) {
  if (!service.sandbox) throw new Problem(k.preparing);
  const asking = {
    ...{
      served: service.sandbox,
      fields: null,
      lookups: gateway.lookups,
      heavy: gateway.heavy,
      lake: gateway.deps.lake,
    },
  };
  const started = performance.now();
  const took = () => Math.round((performance.now() - started) * 10) / 10;
  try {
    let outcome: Outcome;
    if (body.operation === 'record') outcome = await oneRecord(asking, body.record ?? '');
    else if (body.operation === 'key') outcome = await oneKey(asking, body.key ?? {});
    else if (body.operation === 'list') outcome = await list(asking, parsed(bodies.search, body.search ?? {}));
    else outcome = await count(asking, parsed(bodies.count, body.search ?? {}));
    if (outcome.problem) throw outcome.problem;
    return { status: 200, ms: took(), body: JSON.parse(outcome.text) as unknown };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { status: error.kind.status, ms: took(), body: error.toJSON() as unknown };
  }
}

function clientRoutes(gateway: Gateway): RouteDefinition[] {
  const { db } = gateway.deps;
  const own = (p: Principal): string | null => (seesAll(p) ? null : (p.organisation ?? ''));
  const view = async (id: string, p: Principal) =>
    clientView(gateway, await clientRow(db.kysely, id, own(p)), await secretRows(db.kysely, [id]), p);
  const one = { room, params: api.clientParams };
  const problems = [k.unknownClient, k.notYours, k.clientEnded, k.badNetwork, k.badScope, k.badKeys, k.expiryPast];
  return [
    defineRoute({
      ...{ method: 'GET', path: `${base}/clients`, room, access: read, response: api.clientsAnswer },
      summary: { zh: '客户端', en: 'Clients' },
      async handler({ principal }) {
        const rows = await clientRows(db.kysely, own(principal));
        const secrets = await secretRows(
          db.kysely,
          rows.map((r) => r.id),
        );
        return { items: rows.map((r) => clientView(gateway, r, secrets, principal)), total: rows.length };
      },
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/clients`,
        room,
        access: use,
        body: manage.clientBody,
        response: api.madeClient,
      },
      ...{ status: 201, problems, summary: { zh: '新建客户端', en: 'Make a client' } },
      handler: ({ body, principal }) => manage.makeClient(gateway, body, principal),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/clients/{id}`, access: read, ...one, response: api.clientView },
      ...{ problems: [k.unknownClient], summary: { zh: '一个客户端', en: 'A client' } },
      handler: ({ params, principal }) => view(params.id, principal),
    }),
    defineRoute({
      ...{ method: 'PUT', path: `${base}/clients/{id}`, access: use, ...one, body: manage.clientChange },
      ...{
        response: api.clientView,
        problems: [...problems, k.changed],
        summary: { zh: '修改客户端', en: 'Change a client' },
      },
      async handler({ params, body, principal }) {
        await manage.changeClient(gateway, params.id, body, principal);
        return view(params.id, principal);
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/clients/{id}/state`, access: read, ...one, body: manage.stateBody },
      ...{
        response: api.clientView,
        problems,
        summary: { zh: '停用、启用或终止客户端', en: 'Disable, enable or end a client' },
      },
      async handler({ params, body, principal }) {
        if (!principal.permissions.has('gateway.use') && !seesAll(principal)) throw new Problem(k.notYours);
        await manage.setState(gateway, params.id, body, principal);
        return view(params.id, principal);
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/clients/{id}/secrets`, access: use, ...one, body: manage.secretBody },
      ...{ response: api.madeSecret, status: 201, problems: [...problems, k.twoSecrets, k.noSecrets] },
      summary: { zh: '新增密钥（轮换）', en: 'Make a second secret' },
      handler: ({ params, body, principal }) => manage.addSecret(gateway, params.id, body, principal),
    }),
    defineRoute({
      ...{
        method: 'DELETE',
        path: `${base}/clients/{id}/secrets/{secret}`,
        room,
        access: use,
        params: api.secretParams,
      },
      ...{ response: api.clientView, problems: [...problems, k.unknownSecret] },
      summary: { zh: '停用密钥', en: 'End a secret' },
      async handler({ params, principal }) {
        await manage.endSecret(gateway, params.id, params.secret, principal);
        return view(params.id, principal);
      },
    }),
  ];
}

function usageRoutes(gateway: Gateway): RouteDefinition[] {
  const org = (id: string) => ({ id, name: nameOf(gateway.deps, id) });
  return [
    defineRoute({
      ...{ method: 'GET', path: `${base}/usage`, room, access: read, query: api.usageQuery, response: api.usageAnswer },
      summary: { zh: '使用统计', en: 'Use by day, service, client and refusal' },
      handler: ({ query, principal }) => usageView(gateway, query, principal),
    }),
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/usage/calls`,
        room,
        access: read,
        query: api.usageQuery,
        response: api.callsAnswer,
      },
      summary: { zh: '最近的调用记录', en: 'The latest records of use' },
      async handler({ query, principal }) {
        const { where, params } = usageWhere(gateway, query, principal, DAY_OF);
        const calls = await gateway.usage.calls(where, params, 200);
        return {
          items: calls.map((c) => ({
            ...{ at: c.at, id: c.id, service: c.share || null, client: c.client, sandbox: c.sandbox },
            ...{ clientName: gateway.book.client(c.client)?.name ?? c.client, requester: org(c.requester) },
            ...{ operation: c.operation, key: c.key, fields: c.fields, rows: Number(c.rows), status: c.status },
            ...{ problem: c.problem, ms: Math.round(c.ms * 100) / 100, purpose: c.purpose },
          })),
        };
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/usage/export`, room, access: read, query: api.usageQuery },
      ...{ response: { stream: 'text/csv' }, summary: { zh: '导出调用记录', en: 'Records of use as CSV' } },
      async handler({ query, principal }) {
        const { where, params, from, to } = usageWhere(gateway, query, principal, DAY_OF);
        await gateway.deps.audit.append({
          ...{ actor: principal, action: 'gateway.usage.export', object: 'gateway-usage', outcome: 'ok' },
          detail: { from, to, service: query.service ?? null, client: query.client ?? null },
        });
        return { chunks: csv(gateway, where, params), filename: `服务调用记录-${from}-${to}.csv` };
      },
    }),
  ];
}

async function* csv(gateway: Gateway, where: string, params: ReturnType<typeof usageWhere>['params']) {
  const names = USAGE_COLUMNS.map(([name]) => name);
  yield `\ufeff${names.join(',')}\r\n`;
  for await (const batch of gateway.usage.stream(where, params))
    yield batch.map((row) => `${names.map((n) => cell(row[n])).join(',')}\r\n`).join('');
}

/** A cell; what a spreadsheet would take for a formula begins with a quote. */
const cell = (value: unknown): string => {
  if (value === null || value === undefined) return '';
  const text = String(value);
  const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

/** Every route. */
export const gatewayRoutes = (gateway: Gateway): RouteDefinition[] => [
  ...serviceRoutes(gateway),
  ...clientRoutes(gateway),
  ...usageRoutes(gateway),
];
