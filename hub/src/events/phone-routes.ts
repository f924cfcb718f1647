/** Routes for phones, departments' systems and the public: pictures, operations, tasks, batches by key, a report's state by its token. */
import { sql } from 'kysely';
import { z } from 'zod';
import type { Principal } from '../platform/auth/principal.ts';
import { defineRoute, type RouteDefinition } from '../platform/http/index.ts';
import { Problem } from '../platform/problem.ts';
import { act } from './act.ts';
import * as api from './api.ts';
import { clientOf, type Rates } from './clients.ts';
import { ownToken, receive, reportBody, tokenHash } from './intake.ts';
import { shown, titleOf } from './list.ts';
import { over, states } from './machine.ts';
import { operate, operationsBody } from './operations.ts';
import { keepPicture, keepThumb, PICTURE_BYTES, pictureContent, THUMB_BYTES } from './pictures.ts';
import { change, type EventPorts } from './ports.ts';
import * as k from './problems.ts';
import { type EventRow, eventOf } from './store.ts';

const API = '/api/v1/events';
const PUBLIC = '/api/v1/public/events';
const uuid = z.object({ id: z.uuid() });
const stream = (c: { request: { body: unknown } }) => c.request.body as AsyncIterable<Uint8Array>;

export function phoneRoutes(ports: EventPorts, rates: Rates): RouteDefinition[] {
  const room = 'events';
  return [
    defineRoute({
      ...{
        method: 'PUT',
        path: `${API}/pictures/{id}`,
        room,
        access: 'event.report',
        params: uuid,
        bodyType: 'raw',
        bodyLimit: PICTURE_BYTES + 1024,
      },
      ...{
        query: z.object({ kind: z.enum(['scene', 'done']).default('scene') }),
        response: api.pictureAnswer,
        rateLimit: 300,
      },
      summary: { zh: '上传现场照片（最大 10 MB）', en: 'Sends a picture (10 MB at most)' },
      problems: [k.pictureLarge, k.pictureWrong, k.pictureOther],
      handler: (c) => keepPicture(ports, c.params.id, c.query.kind, stream(c), { principal: c.principal }),
    }),
    defineRoute({
      ...{
        method: 'PUT',
        path: `${API}/pictures/{id}/small`,
        room,
        access: 'event.report',
        params: uuid,
        bodyType: 'raw',
        bodyLimit: THUMB_BYTES + 1024,
      },
      ...{ response: z.object({ kept: z.boolean() }), rateLimit: 300, problems: [k.pictureUnknown, k.pictureWrong] },
      summary: { zh: '上传缩略图', en: 'Sends the small form of an own picture' },
      handler: async (c) => {
        await keepThumb(ports, c.params.id, stream(c), c.principal);
        return { kept: true };
      },
    }),
    defineRoute({
      ...{
        method: 'GET',
        path: `${API}/pictures/{id}`,
        room,
        access: 'signed-in',
        params: uuid,
        response: { stream: 'image/jpeg' },
      },
      ...{ query: z.object({ small: z.enum(['true']).optional() }), problems: [k.pictureUnknown] },
      summary: { zh: '现场照片', en: 'A picture' },
      handler: async (c) => pictureContent(ports, c.params.id, c.query.small === 'true', c.principal),
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${API}/operations`,
        room,
        access: 'event.report',
        body: operationsBody,
        response: api.outcomesAnswer,
      },
      summary: { zh: '手机端离线操作，每个只办一次', en: 'Operations of a phone, each done once' },
      handler: async ({ body, principal }) => ({
        receivedAt: ports.clock.now().toISOString(),
        results: await operate(ports, body.operations, principal),
      }),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${API}/tasks`, room, access: 'event.report' },
      response: z.object({
        tasks: z.array(
          api.eventView.extend({
            proof: z.boolean(),
            milestones: z.array(
              z.object({
                name: z.string(),
                title: z.object({ zh: z.string(), en: z.string() }),
                due: z.string().nullable(),
              }),
            ),
          }),
        ),
        own: z.array(
          z.object({
            report: z.int(),
            event: z.int(),
            number: z.string(),
            state: z.string(),
            matter: z.string().nullable(),
            text: z.string(),
            at: z.string(),
          }),
        ),
      }),
      summary: { zh: '我的任务与上报', en: 'Tasks of the own organisation and own reports' },
      handler: async ({ principal }) =>
        tasks(ports, principal.permissions.has('event.handle') ? principal.organisation : null, principal),
    }),
    // Departments' systems, hotline, video: by key.
    defineRoute({
      ...{
        method: 'POST',
        path: '/events/v1/reports',
        room,
        access: 'public',
        status: 201,
        bodyLimit: 1 << 20,
        rateLimit: 600,
      },
      body: z.strictObject({ reports: z.array(reportBody).min(1).max(200) }),
      response: z.object({
        results: z.array(
          z.object({
            key: z.string(),
            event: z.string().nullable(),
            joined: z.boolean(),
            again: z.boolean(),
            problem: z.unknown(),
          }),
        ),
      }),
      summary: {
        zh: '各系统推送事件（请求头 Jingwei-Key）',
        en: 'Events of other systems, by the key in the header Jingwei-Key',
      },
      problems: [k.clientUnknown, k.clientBusy],
      handler: async ({ body, request }) => {
        const key = request.headers['jingwei-key'];
        if (typeof key !== 'string') throw new Problem(k.clientUnknown);
        const client = await clientOf(ports, key);
        // By reports, not by requests: a batch is no way round. What there is no room for is refused by itself and may be sent again.
        const room = rates.take('client', client.id, client.per_minute, 60, body.reports.length);
        const results = [];
        for (const [i, report] of body.reports.entries())
          try {
            if (i >= room) throw new Problem(k.clientBusy);
            const r = await receive(
              ports,
              { ...report, key: `${client.id}:${report.key}`, pictures: [] },
              { channel: client.channel, client: client.id },
            );
            results.push({ key: report.key, event: r.number, joined: r.joined, again: r.again, problem: null });
          } catch (error) {
            if (!(error instanceof Problem) || error.kind.status >= 500) throw error;
            results.push({ key: report.key, event: null, joined: false, again: false, problem: error.toJSON() });
          }
        return { results };
      },
    }),
    ...publicRoutes(ports, rates, room),
  ];
}

function publicRoutes(ports: EventPorts, rates: Rates, room: string): RouteDefinition[] {
  const token = z.object({ token: z.string().regex(/^[A-Za-z0-9_-]{20,40}$/) });
  return [
    defineRoute({
      ...{ method: 'GET', path: `${PUBLIC}/matters`, room, access: 'public', rateLimit: 120 },
      response: z.object({
        matters: z.array(
          z.object({
            id: z.string(),
            title: z.object({ zh: z.string(), en: z.string() }),
            group: z.object({ zh: z.string(), en: z.string() }),
          }),
        ),
      }),
      summary: { zh: '市民可上报的事项', en: 'What citizens may report' },
      handler: async () => ({
        matters: (await ports.matters.current()).matters
          .filter((m) => m.open)
          .map((m) => ({ id: m.id, title: m.title, group: m.groupTitle })),
      }),
    }),
    defineRoute({
      ...{
        method: 'PUT',
        path: `${PUBLIC}/pictures/{id}`,
        room,
        access: 'public',
        params: uuid,
        bodyType: 'raw',
        bodyLimit: PICTURE_BYTES + 1024,
      },
      ...{ response: api.pictureAnswer, rateLimit: 30, problems: [k.pictureLarge, k.pictureWrong] },
      summary: { zh: '市民上传照片', en: 'A citizen sends a picture' },
      handler: async (c) => {
        rates.take('public-picture', c.request.ip, 30, 3600);
        const kept = await keepPicture(ports, c.params.id, 'scene', stream(c), { client: 'public' });
        // Where a stranger's picture was taken is the reporter's to say.
        return { ...kept, longitude: null, latitude: null, takenAt: null };
      },
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${PUBLIC}/reports`,
        room,
        access: 'public',
        body: reportBody.extend({ key: z.uuid() }),
        status: 201,
        rateLimit: 30,
      },
      response: z.object({ number: z.string(), token: z.string() }),
      problems: [k.noPlace, k.placeOutside, k.clientBusy],
      summary: { zh: '市民上报', en: 'A citizen reports' },
      handler: async ({ body, request }) => {
        rates.take('public-report', request.ip, 20, 3600);
        const { token, kept } = ownToken(body.key);
        const r = await receive(ports, { ...body, key: kept }, { channel: 'open311', token });
        return { number: r.number, token };
      },
    }),
    defineRoute({
      ...{
        method: 'GET',
        path: `${PUBLIC}/reports/{token}`,
        room,
        access: 'public',
        params: token,
        response: api.publicState,
        rateLimit: 60,
        problems: [k.unknownReport],
      },
      summary: { zh: '上报的办理情况', en: 'How far a report has come' },
      handler: async ({ params }) => publicView(ports, params.token),
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${PUBLIC}/reports/{token}/rating`,
        room,
        access: 'public',
        params: token,
        rateLimit: 20,
        problems: [k.unknownReport, k.ratedAlready],
      },
      body: z.strictObject({ stars: z.int().min(1).max(5), comment: z.string().trim().max(500).default('') }),
      response: api.publicState,
      summary: { zh: '市民评价', en: 'A citizen rates' },
      handler: async ({ params, body }) => {
        const { event } = await ofToken(ports, params.token);
        await ports.matters.current();
        await change(ports, (trx) =>
          act(trx, ports, event, { action: 'rate', comment: body.comment, data: { stars: body.stars } }, 'citizen'),
        );
        return publicView(ports, params.token);
      },
    }),
  ];
}

async function ofToken(ports: EventPorts, token: string) {
  const { rows } = await sql<{ event: number; text: string; address: string | null; received_at: Date }>`
    SELECT event, text, address, received_at FROM events.report WHERE token = ${tokenHash(token)}`.execute(
    ports.db.kysely,
  );
  if (!rows[0]) throw new Problem(k.unknownReport);
  return rows[0];
}

async function publicView(ports: EventPorts, token: string) {
  const r = await ofToken(ports, token);
  const e = await eventOf(ports.db.kysely, r.event);
  const c = await ports.matters.current();
  const { rows } = await sql<{
    action: string;
    stage: number;
    at: Date;
    comment: string | null;
  }>`SELECT action, stage, at, comment FROM events.step
    WHERE event = ${e.id} AND action IN ('file', 'reject', 'dispatch', 'accept', 'arrive', 'finish', 'pass', 'rate', 'reopen') ORDER BY seq LIMIT 60`.execute(
    ports.db.kysely,
  );
  const stage = rows.at(-1)?.stage ?? 1;
  // When somebody else reported the same is theirs to know: the own report stands where it came in.
  const told = [{ action: 'report', stage: 1, at: r.received_at }, ...rows].sort(
    (a, b) => a.at.getTime() - b.at.getTime(),
  );
  // What the department answers is told when its work was checked.
  const answer = over.includes(e.state)
    ? (rows.filter((s) => s.action === 'finish' || s.action === 'reject').at(-1)?.comment ?? null)
    : null;
  return {
    ...{
      number: e.number,
      matter: c.byId.get(e.matter ?? '')?.title ?? null,
      state: e.state,
      stateTitle: states[e.state],
      stage,
    },
    ...{ open: !over.includes(e.state), text: r.text, address: r.address, reportedAt: r.received_at.toISOString() },
    ...{
      organisation: e.organisation ? (ports.organisations().get(e.organisation) ?? null) : null,
      due: e.due?.toISOString() ?? null,
    },
    ...{ closedAt: e.closed_at?.toISOString() ?? null, rating: e.rating, answer },
    steps: told.map((s) => ({ title: titleOf(s.action), stage: s.stage, at: s.at.toISOString() })),
  };
}

async function tasks(ports: EventPorts, organisation: string | null, principal: Principal) {
  const c = await ports.matters.current();
  const rows = organisation
    ? (
        await sql<EventRow>`SELECT * FROM events.event WHERE cell = ANY(ARRAY(SELECT id FROM events.cell WHERE n > 0
            AND (organisation = ${organisation} OR ${organisation} = ANY(joint)) AND state IN ('dispatched', 'handling', 'paused'))) ORDER BY (late_at IS NOT NULL) DESC, due NULLS LAST, id LIMIT 200`.execute(
          ports.db.kysely,
        )
      ).rows
    : [];
  const clocks = await sql<{
    event: number;
    name: string;
    title: { zh: string; en: string };
    due: Date | null;
  }>`SELECT event, name, title, due FROM events.clock
    WHERE event = ANY(${rows.map((r) => r.id)}::bigint[]) AND state = 'running' AND name <> 'accept' ORDER BY due`.execute(
    ports.db.kysely,
  );
  const own = await sql<{
    report: number;
    event: number;
    number: string;
    state: string;
    matter: string | null;
    text: string;
    at: Date;
  }>`
    SELECT r.id AS report, e.id AS event, e.number, e.state, e.matter, r.text, r.received_at AS at FROM events.report r JOIN events.event e ON e.id = r.event
    WHERE r.login = ${principal.login} ORDER BY r.id DESC LIMIT 50`.execute(ports.db.kysely);
  return {
    tasks: rows.map((e) => {
      const last = c.byId.get(e.matter ?? '')?.limits.at(-1)?.id;
      return {
        ...shown(ports, e),
        proof: c.byId.get(e.matter ?? '')?.proof === 'picture',
        milestones: clocks.rows
          .filter((x) => x.event === e.id && x.name !== last)
          .map((x) => ({ name: x.name, title: x.title, due: x.due?.toISOString() ?? null })),
      };
    }),
    own: own.rows.map((r) => ({ ...r, at: r.at.toISOString() })),
  };
}
