/** Routes of messages taken in and of warnings to the public. */
import { sql } from 'kysely';
import type { z } from 'zod';
import { defineRoute, type RouteDefinition } from '../../platform/http/index.ts';
import { Problem } from '../../platform/problem.ts';
import * as api from '../api.ts';
import type { AlertPorts } from '../ports.ts';
import * as k from '../problems.ts';
import { warningView } from '../views.ts';
import { takeIn } from './intake.ts';
import { capTime } from './profile.ts';
import { MOST_BYTES } from './tree.ts';
import { change, draft, preview, release, type WarningRow, warningOf } from './warnings.ts';
import { writeFeed } from './write.ts';

const base = '/api/v1/alerts';
const room = 'alerts';
const read = 'alert.read' as const;
const handle = 'alert.handle' as const;
const params = api.idParams;
const XML = 'application/cap+xml; charset=utf-8';
/** Messages of the feed: in force, and the latest of the last days. */
const FEED = 200;

async function* one(text: string): AsyncGenerator<string> {
  yield text;
}

type IncomingHead = z.input<typeof api.incoming>['head'];
const headOf = (m: Record<string, unknown>): IncomingHead => ({
  ...{
    id: m.id as number,
    sender: m.sender as string,
    identifier: m.identifier as string,
    sent: m.sent_text as string,
  },
  ...{
    status: m.status as string,
    msgType: m.msg_type as string,
    level: m.level as number,
    headline: m.headline as string,
  },
  ...{
    signed: m.signed as boolean,
    notes: m.warnings as string[],
    expires: (m.expires as Date | null)?.toISOString() ?? null,
  },
  ...{ receivedAt: (m.received_at as Date).toISOString(), receivedBy: m.received_by as string },
  ...{ alert: m.alert as number | null, replacedBy: m.replaced_by as number | null },
});

/** All of them. */
export function capRoutes(ports: AlertPorts): RouteDefinition[] {
  return [...incomingRoutes(ports), ...warningRoutes(ports), ...publicRoutes(ports)];
}

function incomingRoutes(ports: AlertPorts): RouteDefinition[] {
  return [
    defineRoute({
      ...{ method: 'POST', path: `${base}/cap`, room, access: handle, bodyType: 'raw', bodyLimit: MOST_BYTES + 1 },
      ...{ response: api.capIn, status: 201, rateLimit: 120 },
      problems: [
        ...[k.capTooLarge, k.capEncoding, k.capXml, k.capDoctype, k.capDepth, k.capVersion, k.capUnknown, k.capMissing],
        ...[k.capTwice, k.capEmpty, k.capValue, k.capTime, k.capText, k.capReference, k.capNoReference, k.capPolygon],
        ...[k.capCircle, k.capScope, k.capKnown],
      ],
      summary: { zh: '接收 CAP 报文', en: 'Take a CAP message in' },
      async handler({ request, principal }) {
        const parts: Buffer[] = [];
        for await (const part of request.body as AsyncIterable<Buffer>) parts.push(part);
        return takeIn(ports, principal, Buffer.concat(parts));
      },
    }),
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/incoming`,
        room,
        access: read,
        query: api.incomingQuery,
        response: api.incomingList,
      },
      summary: { zh: '接收的报文', en: 'Messages taken in' },
      async handler({ query }) {
        const db = ports.db.kysely;
        const { rows } = await sql<Record<string, unknown>>`SELECT * FROM alerts.incoming ORDER BY id DESC
          LIMIT ${query.limit} OFFSET ${query.offset}`.execute(db);
        const total = await sql<{ n: number }>`SELECT count(*) AS n FROM alerts.incoming`.execute(db);
        const refused = await sql<{
          id: number;
          at: Date;
          by_name: string;
          bytes: number;
          problem: unknown;
        }>`SELECT * FROM alerts.refused
          ORDER BY id DESC LIMIT 20`.execute(db);
        return {
          ...{ messages: rows.map(headOf), total: total.rows[0]!.n },
          refused: refused.rows.map((r) => ({
            id: r.id,
            at: r.at.toISOString(),
            by: r.by_name,
            bytes: r.bytes,
            problem: r.problem,
          })),
        };
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/incoming/{id}`, room, access: read, params, response: api.incoming },
      ...{ summary: { zh: '一份接收的报文', en: 'A message taken in' }, problems: [k.unknownIncoming] },
      async handler({ params: { id } }) {
        const { rows } = await sql<Record<string, unknown>>`SELECT * FROM alerts.incoming WHERE id = ${id}`.execute(
          ports.db.kysely,
        );
        if (!rows[0]) throw new Problem(k.unknownIncoming, { id });
        return { head: headOf(rows[0]), doc: rows[0].doc as Record<string, unknown>, xml: rows[0].xml as string };
      },
    }),
  ];
}

function warningRoutes(ports: AlertPorts): RouteDefinition[] {
  const kinds = [k.unknownWarning, k.warningState, k.changedMeanwhile];
  const faults = [k.issuerMissing, k.warningEvent, k.warningExpires, k.warningArea, k.capPolygon];
  type Detail = z.input<typeof api.warningDetail>;
  const viewOf = async (id: number): Promise<Detail> => {
    const row = await warningOf(ports.db.kysely, id);
    const { rows } =
      await sql<WarningRow>`SELECT * FROM alerts.warning WHERE chain = ${row.chain} AND state <> 'dropped'
      ORDER BY id`.execute(ports.db.kysely);
    return {
      ...{
        warning: await warningView(ports, row),
        content: row.content as Detail['content'],
        xml: await preview(ports, id),
      },
      chain: await Promise.all(rows.map((w) => warningView(ports, w))),
    };
  };
  return [
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/warnings`,
        room,
        access: read,
        query: api.warningsQuery,
        response: api.warnings,
      },
      summary: { zh: '预警发布', en: 'Warnings to the public' },
      async handler({ query }) {
        const { rows } = await sql<WarningRow>`SELECT * FROM alerts.warning WHERE state <> 'dropped' ORDER BY id DESC
          LIMIT ${query.limit} OFFSET ${query.offset}`.execute(ports.db.kysely);
        const total = await sql<{
          n: number;
        }>`SELECT count(*) AS n FROM alerts.warning WHERE state <> 'dropped'`.execute(ports.db.kysely);
        return {
          ...{ warnings: await Promise.all(rows.map((w) => warningView(ports, w))), total: total.rows[0]!.n },
          issuer: ports.issuer && { sender: ports.issuer.sender, name: ports.issuer.senderName },
          events: [...ports.events],
        };
      },
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/warnings`,
        room,
        access: handle,
        body: api.draftBody,
        response: api.warningDetail,
        status: 201,
      },
      ...{
        problems: [...faults, k.unknownAlert, k.unknownWarning, k.warningState, k.warningSuperseded, k.capNoReference],
      },
      summary: { zh: '起草预警', en: 'Draft a warning' },
      async handler({ body, principal }) {
        return viewOf(await draft(ports, principal, { ...body, expires: new Date(body.expires) }));
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/warnings/{id}`, room, access: read, params, response: api.warningDetail },
      ...{ summary: { zh: '一份预警发布', en: 'A warning' }, problems: [k.unknownWarning] },
      handler: ({ params: { id } }) => viewOf(id),
    }),
    defineRoute({
      ...{
        method: 'PUT',
        path: `${base}/warnings/{id}`,
        room,
        access: handle,
        params,
        body: api.changeBody,
        response: api.warningDetail,
      },
      ...{ summary: { zh: '修改草稿', en: 'Change a draft' }, problems: [...kinds, ...faults] },
      async handler({ params: { id }, body: { revision, ...input }, principal }) {
        await change(ports, principal, id, revision, { ...input, expires: new Date(input.expires) });
        return viewOf(id);
      },
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/warnings/{id}/drop`,
        room,
        access: handle,
        params,
        body: api.revisionBody,
        response: api.warningDetail,
      },
      ...{ summary: { zh: '放弃草稿', en: 'Drop a draft' }, problems: kinds },
      async handler({ params: { id }, body, principal }) {
        await change(ports, principal, id, body.revision, 'drop');
        return viewOf(id);
      },
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/warnings/{id}/release`,
        room,
        access: handle,
        params,
        body: api.revisionBody,
      },
      ...{ response: api.warningDetail, problems: [...kinds, ...faults, k.warningSerials, k.exerciseOnly] },
      summary: { zh: '签发预警', en: 'Release a warning' },
      description: {
        zh: '由值班人员签发；签发后不可更改，只能以更新或解除报文接续，并自动签封。',
        en: 'By a person on duty. A released message never changes: a later one updates or cancels it. It is sealed.',
      },
      async handler({ params: { id }, body, principal }) {
        await release(ports, principal, id, body.revision);
        return viewOf(id);
      },
    }),
  ];
}

function publicRoutes(ports: AlertPorts): RouteDefinition[] {
  return [
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/cap/feed`,
        room,
        access: 'public',
        response: { stream: 'application/atom+xml' },
        rateLimit: 120,
      },
      summary: { zh: '公开预警（Atom）', en: 'Public warnings (Atom)' },
      description: { zh: '只含已签发的公开报文，新者在前。', en: 'Released public messages only, the newest first.' },
      async handler() {
        const { rows } =
          await sql<WarningRow>`SELECT * FROM alerts.warning WHERE state = 'released' AND scope = 'Public'
          AND status <> 'Test' ORDER BY sent DESC, id DESC LIMIT ${FEED}`.execute(ports.db.kysely);
        const url = ports.http.url();
        const self = `${url}${base}/cap/feed`;
        const updated = capTime(rows[0]?.sent ?? new Date(0));
        const author = ports.issuer?.senderName.zh ?? ports.city;
        const feed = { id: self, title: `${author} 预警信息`, updated, self, author };
        const text = writeFeed(
          feed,
          rows.map((w) => ({
            ...{
              id: `urn:x-cap:${w.identifier}`,
              title: w.content.headline.zh,
              updated: capTime(w.sent!),
              category: w.msg_type,
            },
            ...{ summary: w.content.description.zh, href: `${url}${base}/cap/messages/${w.identifier}` },
          })),
        );
        return { chunks: one(text), contentType: 'application/atom+xml; charset=utf-8' };
      },
    }),
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/cap/messages/{identifier}`,
        room,
        access: 'public',
        params: api.identifierParams,
      },
      ...{ response: { stream: 'application/cap+xml' }, rateLimit: 300, problems: [k.unknownWarning] },
      summary: { zh: '一份已签发的报文', en: 'A released message' },
      async handler({ params: { identifier }, principal }) {
        const { rows } = await sql<WarningRow>`SELECT * FROM alerts.warning WHERE identifier = ${identifier}
          AND state = 'released'`.execute(ports.db.kysely);
        const row = rows[0];
        // What is not public is told like what is not there.
        if (!row || (row.scope !== 'Public' && !principal?.permissions.has(read)))
          throw new Problem(k.unknownWarning, { id: identifier });
        return { chunks: one(row.xml!), contentType: XML };
      },
    }),
  ];
}
