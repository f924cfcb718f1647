/** The exchange's routes. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { defineRoute, forbidden, type RouteDefinition } from '../platform/http/index.ts';
import type { Lake } from '../platform/lake/index.ts';
import { Problem } from '../platform/problem.ts';
import type { AuditPort, Deps } from '../platform/room.ts';
import { type SealPort, sealedStream } from '../platform/seal/index.ts';
import * as api from './api.ts';
import { problems } from './problems.ts';
import { proofOfRow } from './proof.ts';
import { sealOfRow } from './sealing.ts';
import type { Exchange } from './service.ts';

const base = '/api/v1/exchange';
const room = 'exchange';
const whole = z.coerce.number().int().min(0);
const rowParams = z.object({ run: whole, row: whole });

/** Routes over a running exchange. */
export function exchangeRoutes(
  exchange: () => Exchange,
  { lake, audit, seal }: Pick<Deps, 'lake' | 'audit' | 'seal'>,
): RouteDefinition[] {
  return [...reading(exchange, lake), ...working(exchange, audit, seal)];
}

function reading(exchange: () => Exchange, lake: Lake): RouteDefinition[] {
  const access = 'exchange.read' as const;
  return [
    defineRoute({
      ...{ method: 'GET', path: `${base}/summary`, room, access, response: api.summary },
      summary: { zh: '采集总览', en: 'Collection at a glance' },
      handler: () => exchange().overview.summary(),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/sources`, room, access, query: api.sourceQuery, response: api.sourceList },
      summary: { zh: '来源及其状态', en: 'Sources and where they stand' },
      async handler({ query }) {
        const words = query.search?.toLowerCase();
        const items = (await exchange().overview.sources()).filter(
          (s) =>
            (!query.owner || s.owner.id === query.owner) &&
            (!query.state || s.state === query.state) &&
            (!words || [s.id, s.title.zh, s.title.en, s.owner.name.zh].join('\n').toLowerCase().includes(words)),
        );
        return { items, total: items.length };
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/sources/{id}`, room, access, response: api.sourceDetail },
      params: z.object({ id: z.string() }),
      summary: { zh: '一个来源', en: 'One source' },
      problems: [problems.unknownSource],
      handler: ({ params }) => exchange().overview.source(params.id),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/runs`, room, access, query: api.runQuery, response: api.runPage },
      summary: { zh: '采集批次', en: 'Runs' },
      handler: ({ query }) => exchange().overview.runs(query),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/runs/{run}`, room, access, response: api.runDetail },
      params: z.object({ run: whole }),
      summary: { zh: '一个批次及其回执', en: 'One run with its receipt' },
      problems: [problems.unknownRun],
      handler: ({ params }) => exchange().overview.run(params.run),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/runs/{run}/rows/{row}/proof`, room, access, response: api.rowProof },
      params: rowParams,
      summary: { zh: '一行到批次根的证明', en: "The way from a row to its run's root" },
      problems: [problems.unknownRun, problems.unknownRow],
      handler: ({ params }) =>
        proofOfRow(lake, (id) => exchange().catalogue().sources.get(id)?.declaration, params.run, params.row),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/refusals`, room, access, query: api.refusalQuery, response: api.refusalPage },
      summary: { zh: '被拒收的交付', en: 'Deliveries refused whole' },
      handler: ({ query }) => exchange().overview.refusals(query),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/quarantine`, room, access, response: api.quarantinePage },
      query: api.quarantineQuery,
      summary: { zh: '隔离的行', en: 'Rows in quarantine' },
      handler: ({ query, principal }) => exchange().quarantine.list(query, principal),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/quarantine/{run}/{row}`, room, access, response: api.quarantineEntry },
      params: rowParams,
      summary: { zh: '一条隔离的行', en: 'One row in quarantine' },
      problems: [problems.unknownRow],
      handler: ({ params, principal }) => exchange().quarantine.look(params.run, params.row, principal),
    }),
  ];
}

/** The signature of a received row, beside the other routes of seals. */
export function rowSealRoutes(
  exchange: () => Exchange,
  deps: Pick<Deps, 'lake' | 'seal' | 'vault'>,
): RouteDefinition[] {
  return [
    defineRoute({
      ...{ method: 'GET', path: '/api/v1/seals/rows/{run}/{row}', room, access: 'seal.read', response: api.rowSeal },
      params: rowParams,
      summary: { zh: '一行的无钥签名', en: "One received row's keyless signature" },
      problems: [problems.unknownRun, problems.unknownRow],
      handler: ({ params, principal }) => {
        if (!principal.permissions.has('exchange.read')) throw new Problem(forbidden, { permission: 'exchange.read' });
        return sealOfRow(deps, exchange(), principal, params.run, params.row);
      },
    }),
  ];
}

function working(exchange: () => Exchange, audit: AuditPort, seal: SealPort): RouteDefinition[] {
  return [
    defineRoute({
      ...{ method: 'POST', path: `${base}/sources/{id}/collect`, room, status: 202, body: api.collectBody },
      ...{ access: 'exchange.operate' as const, response: api.jobReference },
      params: z.object({ id: z.string() }),
      summary: { zh: '立即采集', en: 'Collect now' },
      problems: [problems.unknownSource, problems.unavailable, problems.transport, problems.noFile],
      async handler({ params, body, principal }) {
        const job = await exchange().order(params.id, body.file, principal.userId);
        await audit.append({
          ...{ actor: principal, action: 'exchange.collect', object: params.id, outcome: 'ok' },
          detail: { job, file: body.file ?? null },
        });
        return { job };
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/quarantine/export`, room, query: api.quarantineQuery },
      ...{ access: 'exchange.read' as const, response: { stream: 'text/csv' } },
      summary: { zh: '导出隔离的行给部门', en: 'Export quarantined rows for the department' },
      async handler({ query, principal }) {
        await audit.append({
          ...{ actor: principal, action: 'exchange.quarantine-export', object: query.source ?? '*', outcome: 'ok' },
          detail: { ...query },
        });
        const name = `quarantine-${query.source ?? 'all'}.csv`;
        const subject = {
          kind: 'export' as const,
          subject: `quarantine/${randomUUID()}`,
          title: { zh: '隔离行导出', en: 'Export of quarantined rows' },
          organisation: principal.organisation,
          facts: { source: query.source ?? '*' },
        };
        return { chunks: sealedStream(seal, subject, exchange().quarantine.export(query, principal)), filename: name };
      },
    }),
    defineRoute({
      ...{ method: 'PUT', path: `${base}/quarantine/{run}/{row}`, room, body: api.mendBody, params: rowParams },
      ...{ access: 'quarantine.mend' as const, response: api.quarantineEntry },
      summary: { zh: '修正一条隔离的行', en: 'Mend a row in quarantine' },
      problems: [problems.unknownRow, problems.notOpen, problems.unknownField, problems.hiddenField],
      async handler({ params, body, principal }) {
        const answer = await exchange().quarantine.mend(params.run, params.row, body.cells, principal);
        await audit.append({
          ...{ actor: principal, action: 'exchange.quarantine-mend', outcome: 'ok' },
          object: `${answer.source}/${params.run}/${params.row}`,
          detail: { fields: Object.keys(body.cells) },
        });
        return answer;
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/quarantine/release`, room, body: api.releaseBody },
      ...{ access: 'quarantine.mend' as const, response: api.releaseAnswer },
      summary: { zh: '放行修正后的行', en: 'Release mended rows' },
      problems: [problems.unknownSource],
      async handler({ body, principal }) {
        const answer = await exchange().quarantine.release(body, principal);
        await audit.append({
          ...{ actor: principal, action: 'exchange.quarantine-release', object: body.source, outcome: 'ok' },
          detail: { ...answer },
        });
        return answer;
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/quarantine/drop`, room, body: api.dropBody },
      ...{ access: 'quarantine.mend' as const, response: api.dropAnswer },
      summary: { zh: '作废隔离的行', en: 'Drop quarantined rows with a reason' },
      problems: [problems.unknownSource],
      async handler({ body, principal }) {
        const dropped = await exchange().quarantine.drop(body, principal);
        await audit.append({
          ...{ actor: principal, action: 'exchange.quarantine-drop', object: body.source, outcome: 'ok' },
          detail: { dropped, reason: body.reason },
        });
        return { dropped };
      },
    }),
  ];
}
