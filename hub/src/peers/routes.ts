/** Routes of other hubs: what people do here, and what hubs say to each other below `/peers/v1`. */
import { sql } from 'kysely';
import { readCity } from '../catalogue/index.ts';
import { defineRoute, type RouteDefinition } from '../platform/http/index.ts';
import { Problem } from '../platform/problem.ts';
import * as api from './api.ts';
import { ownUrl, type PeersContext } from './context.ts';
import { fileFor } from './delivery/give.ts';
import { FETCH } from './delivery/take.ts';
import { HARVEST } from './harvest/harvest.ts';
import { remoteEntries, remoteQuery } from './harvest/remote.ts';
import * as intro from './introduce.ts';
import { mattersWhere, seenBy } from './matters/matters.ts';
import { takeMessage } from './matters/messages.ts';
import { draftBody, draftOut, saveBody, saveOut, stepBody, stepOut } from './matters/out.ts';
import { postWaiting } from './matters/outbox.ts';
import * as k from './problems.ts';
import { callerOf, rawBody, verifyCall } from './protocol/gate.ts';
import { checkCode, readPublicKey } from './protocol/identity.ts';
import { contacted, peerOf, toldOf } from './store.ts';
import { matterView, matterViews, peerView, peerViews, remoteDetail, remoteView } from './views.ts';

const base = '/api/v1/peers';
const room = 'peers';
const read = 'peers.read' as const;
const manage = 'peers.manage' as const;
const signed = [k.unsigned, k.stranger, k.badSignature, k.skew, k.replay, k.notForUs, k.notActive];
const called = [k.unreachable, k.inside, k.redirected, k.tooLarge, k.answered, k.garbled];

/** All routes. `context` is there once the hub has started. */
export function peersRoutes(context: () => PeersContext, folders: { cities: string }, city: string): RouteDefinition[] {
  const own = readCity(folders.cities, city).name;
  return [
    ...hubs(context, own),
    ...introductions(context, own),
    ...catalogue(context),
    ...matters(context),
    ...protocol(context, own),
  ];
}

function hubs(context: () => PeersContext, own: { zh: string; en: string }): RouteDefinition[] {
  const params = api.idParams;
  return [
    defineRoute({
      ...{ method: 'GET', path: base, room, access: read, response: api.peersAnswer },
      summary: { zh: '互联的平台', en: 'Other hubs' },
      async handler() {
        const c = context();
        const { hub } = c.identity;
        return { items: await peerViews(c), self: { hub, url: ownUrl(c), check: checkCode(hub), name: own } };
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/{id}`, room, access: read, params, response: api.peerAnswer },
      ...{ problems: [k.unknownPeer], summary: { zh: '一个平台', en: 'One hub' } },
      handler: ({ params: { id } }) => peerView(context(), id),
    }),
    defineRoute({
      ...{
        method: 'PUT',
        path: `${base}/{id}`,
        room,
        access: manage,
        params,
        body: intro.settings,
        response: api.done,
      },
      ...{ problems: [k.unknownPeer, k.badNetwork], summary: { zh: '修改平台设置', en: "Change a hub's settings" } },
      async handler({ params: { id }, body, principal }) {
        await intro.settle(context(), id, body, principal);
        return { done: true as const };
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/{id}/suspension`, room, access: manage, params, body: api.suspendBody },
      ...{ response: api.done, problems: [k.unknownPeer, k.wrongState] },
      summary: { zh: '暂停或恢复互联', en: 'Suspend a hub or let it in again' },
      async handler({ params: { id }, body, principal }) {
        await intro.suspend(context(), id, body.suspended, principal);
        return { done: true as const };
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/{id}/reader-key`, room, access: manage, params, response: api.readerKey },
      ...{ problems: [k.unknownPeer], summary: { zh: '发放目录读取密钥', en: 'Give a key for reading our catalogue' } },
      async handler({ params: { id }, principal }) {
        const { key, until } = await intro.giveReaderKey(context(), id, principal);
        return { key, until: until.toISOString() };
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/{id}/harvest`, room, access: manage, params, response: api.job, status: 202 },
      ...{ problems: [k.unknownPeer, k.notActive], summary: { zh: '立即采集目录', en: 'Read its catalogue now' } },
      async handler({ params: { id }, principal }) {
        const c = context();
        const peer = await peerOf(c.deps.db.kysely, id);
        if (peer.state !== 'active' || !peer.harvest_in) throw new Problem(k.notActive);
        return { job: await c.deps.jobs.submit(HARVEST, { peer: id }, { unique: `peer-${id}`, by: principal.userId }) };
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/{id}/contact`, room, access: manage, params, response: api.done },
      ...{ problems: [k.unknownPeer, ...called], summary: { zh: '测试连接', en: 'Try the connection' } },
      async handler({ params: { id } }) {
        const c = context();
        const peer = await peerOf(c.deps.db.kysely, id);
        try {
          await intro.ping(c, peer);
        } catch (error) {
          await contacted(c.deps.db, id, c.deps.clock.now(), toldOf(error));
          throw error;
        }
        await contacted(c.deps.db, id, c.deps.clock.now());
        await postWaiting(c, true);
        return { done: true as const };
      },
    }),
  ];
}

function introductions(context: () => PeersContext, own: { zh: string; en: string }): RouteDefinition[] {
  return [
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/invitations`,
        room,
        access: manage,
        body: intro.inviteBody,
        response: api.invited,
      },
      ...{
        status: 201,
        problems: [k.badUrl, k.badNetwork],
        summary: { zh: '生成引荐码', en: 'Make an introduction code' },
      },
      async handler({ body, principal }) {
        const { id, code, until } = await intro.invite(context(), body, own, principal);
        return { id, code, until: until.toISOString() };
      },
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/introductions/preview`,
        reads: true,
        room,
        access: manage,
        body: api.previewBody,
      },
      ...{ response: api.preview, problems: [k.badCode], summary: { zh: '查看引荐码', en: 'What a code says' } },
      async handler({ body }) {
        const code = intro.readCode(body.code);
        return { name: code.name, url: code.url, hub: code.hub, check: checkCode(code.hub) };
      },
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/introductions`,
        room,
        access: manage,
        body: intro.acceptBody,
        response: api.accepted,
      },
      ...{ status: 201, problems: [k.badCode, k.codeOver, k.known, k.self, k.badNetwork, ...called] },
      summary: { zh: '接受引荐码', en: 'Take in a code and introduce this hub' },
      handler: ({ body, principal }) => intro.accept(context(), body, own, principal),
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/{id}/confirmation`,
        room,
        access: manage,
        params: api.idParams,
        body: api.confirmBody,
      },
      ...{ response: api.done, problems: [k.unknownPeer, k.wrongState, k.checkWrong] },
      summary: { zh: '核对后确认互联', en: 'Agree after comparing the check code' },
      async handler({ params: { id }, body, principal }) {
        await intro.confirm(context(), id, body.check, principal);
        return { done: true as const };
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/foreign`, room, access: manage, body: intro.foreignBody, response: api.made },
      ...{ status: 201, problems: [k.badUrl, k.badNetwork] },
      summary: { zh: '添加外部目录（DCAT、CKAN）', en: 'Add a foreign catalogue (DCAT, CKAN)' },
      handler: ({ body, principal }) => intro.addForeign(context(), body, principal),
    }),
  ];
}

function catalogue(context: () => PeersContext): RouteDefinition[] {
  const access = 'catalogue.read' as const;
  return [
    defineRoute({
      ...{ method: 'GET', path: `${base}/entries`, room, access, query: remoteQuery, response: api.remotesAnswer },
      summary: { zh: '其他平台的目录', en: "Other hubs' catalogues" },
      async handler({ query }) {
        const c = context();
        const { rows, total, byLevel } = await remoteEntries(c.deps.db, query, c.deps.clock.now());
        return { items: rows.map(remoteView), total, byLevel };
      },
    }),
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/entries/{id}`,
        room,
        access,
        params: api.idParams,
        response: api.remoteAnswer,
      },
      ...{ problems: [k.unknownEntry], summary: { zh: '其他平台的一个条目', en: 'One entry of another hub' } },
      handler: ({ params: { id }, principal }) => remoteDetail(context(), id, principal),
    }),
  ];
}

function matters(context: () => PeersContext): RouteDefinition[] {
  const access = 'sharing.read' as const;
  const params = api.idParams;
  const found = [k.unknownMatter, k.notYours, k.wrongState, k.conflict];
  return [
    defineRoute({
      ...{ method: 'GET', path: `${base}/matters`, room, access, query: api.mattersQuery, response: api.mattersAnswer },
      summary: { zh: '平台间的申请', en: 'Requests between hubs' },
      async handler({ query: q, principal }) {
        const c = context();
        const where = [seenBy(principal)];
        if (q.direction) where.push(sql`direction = ${q.direction}`);
        if (q.state) where.push(sql`state = ${q.state}`);
        if (q.peer !== undefined) where.push(sql`peer = ${q.peer}`);
        const rows = await mattersWhere(c.deps.db.kysely, sql`${sql.join(where, sql` AND `)}`, 2000);
        const page = rows.slice((q.page - 1) * q.size, q.page * q.size);
        return { items: await matterViews(c, page), total: rows.length };
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/matters/{id}`, room, access, params, response: api.matterAnswer },
      ...{ problems: [k.unknownMatter], summary: { zh: '一件平台间的申请', en: 'One request between hubs' } },
      handler: ({ params: { id }, principal }) => matterView(context(), id, principal),
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/matters`,
        room,
        access: 'sharing.request',
        body: draftBody,
        response: api.made,
      },
      ...{ status: 201, problems: [k.unknownEntry, k.notYours, k.notActive, k.noRequests, k.goneEntry, k.refusedType] },
      summary: { zh: '起草向其他平台的申请', en: 'Draft a request to another hub' },
      handler: async ({ body, principal }) => ({ id: await draftOut(context(), body, principal) }),
    }),
    defineRoute({
      ...{ method: 'PUT', path: `${base}/matters/{id}`, room, access: 'sharing.request', params, body: saveBody },
      ...{ response: api.done, problems: found, summary: { zh: '修改申请', en: 'Change a request' } },
      async handler({ params: { id }, body, principal }) {
        await saveOut(context(), id, body, principal);
        return { done: true as const };
      },
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/matters/{id}/steps`,
        room,
        access,
        params,
        body: stepBody,
        response: api.done,
      },
      ...{ problems: [...found, k.ownWork, k.incomplete, k.commentNeeded] },
      summary: { zh: '办理平台间的申请', en: 'Take a step' },
      async handler({ params: { id }, body, principal }) {
        const c = context();
        await stepOut(c, id, body, principal);
        // What was put down is on its way at once; where the other hub is away it waits.
        void postWaiting(c).catch((error: unknown) => c.deps.log.error({ err: error }, 'messages could not be sent'));
        return { done: true as const };
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/deliveries/{id}/again`, room, access: manage, params, response: api.job },
      ...{ status: 202, problems: [k.unknownDelivery] },
      summary: { zh: '重新接收被拒的交付', en: 'Take in a refused delivery again' },
      async handler({ params: { id }, principal }) {
        const { db, jobs, audit } = context().deps;
        const again = await db.query<{ id: number }>(
          `UPDATE peers.delivery SET state = 'announced', ended_at = NULL WHERE id = $1 AND direction = 'in' AND state = 'refused' RETURNING id`,
          [id],
        );
        if (!again.length) throw new Problem(k.unknownDelivery);
        await audit.append({
          actor: principal,
          action: 'peers.delivery.again',
          object: `peer-delivery/${id}`,
          outcome: 'ok',
        });
        return { job: await jobs.submit(FETCH, { delivery: id }, { unique: `delivery-${id}`, by: principal.userId }) };
      },
    }),
  ];
}

/** Bytes of a message, at most. */
const MESSAGE = 1 << 20;

function protocol(context: () => PeersContext, own: { zh: string; en: string }): RouteDefinition[] {
  const access = 'public' as const;
  const raw = { bodyType: 'raw' as const, bodyLimit: MESSAGE };
  return [
    defineRoute({
      ...{
        method: 'GET',
        path: '/peers/v1/hello',
        room,
        access,
        rateLimit: 120,
        response: api.hello,
        problems: signed,
      },
      summary: { zh: '平台互认', en: 'Whether hubs know each other' },
      async handler({ request, clock }) {
        const c = context();
        await callerOf(c, request, Buffer.alloc(0));
        return { hub: c.identity.hub, name: own, now: clock.now().toISOString() };
      },
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: '/peers/v1/introduce',
        room,
        access,
        rateLimit: 20,
        ...raw,
        response: api.introducedAnswer,
      },
      ...{ problems: [k.badCode, k.codeOver, k.known, ...signed] },
      summary: { zh: '平台引荐', en: 'A hub introduces itself' },
      async handler({ request }) {
        const c = context();
        const body = await rawBody(request);
        const m = intro.introduceMessage.safeParse(intro.jsonOf(body));
        const key = m.success ? readPublicKey(m.data.key) : undefined;
        if (!m.success || !key) throw new Problem(k.badCode);
        // It proves that it has the key which it brings; whose key that is, its code and the two administrators say.
        await verifyCall(c, request, body, key);
        return intro.beIntroduced(c, m.data);
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: '/peers/v1/messages', room, access, rateLimit: 1200, ...raw, response: api.taken },
      ...{ problems: [k.badMessage, ...signed], summary: { zh: '平台间消息', en: 'Messages between hubs' } },
      async handler({ request }) {
        const c = context();
        const body = await rawBody(request);
        const peer = await callerOf(c, request, body);
        return takeMessage(c, peer, intro.jsonOf(body));
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: '/peers/v1/deliveries/{number}/file', room, access, rateLimit: 600 },
      ...{ params: api.numberParams, query: api.fileQuery, response: { stream: 'application/octet-stream' } },
      ...{
        problems: [k.unknownDelivery, ...signed],
        summary: { zh: '平台间交付的数据', en: 'Data handed to another hub' },
      },
      async handler({ request, params: { number }, query: { from } }) {
        const c = context();
        return fileFor(c, await callerOf(c, request, Buffer.alloc(0)), number, from);
      },
    }),
  ];
}
