/** Routes of subscriptions. */
import { sql } from 'kysely';
import type { Principal } from '../platform/auth/principal.ts';
import { defineRoute, type RouteDefinition } from '../platform/http/index.ts';
import { Problem } from '../platform/problem.ts';
import * as api from './api.ts';
import { create, move, patch, replay, rotate, seen, test } from './manage/act.ts';
import { fetchEvents } from './manage/fetch.ts';
import { attemptsOf, grantsOf, subscription, subscriptions } from './manage/views.ts';
import type { SubscriptionPorts } from './ports.ts';
import * as k from './problems.ts';
import { opens, type SubscriptionRow, subscriptionOf } from './store.ts';

const base = '/api/v1/subscriptions';
const room = 'subscriptions';
const read = 'gateway.read' as const;
const use = 'gateway.use' as const;
const { idParams: params } = api;
const common = [k.unknownSubscription, k.notYours, k.stateNow, k.conflict];

/** All of them. */
export function subscriptionRoutes(ports: SubscriptionPorts): RouteDefinition[] {
  const after = (id: number, p: Principal) => subscription(ports, id, p);
  return [
    defineRoute({
      ...{ method: 'GET', path: base, room, access: read, query: api.listQuery, response: api.list },
      summary: { zh: '变更订阅', en: 'Subscriptions' },
      handler: ({ query, principal }) => subscriptions(ports, query, principal),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/grants`, room, access: use, response: api.grants },
      summary: { zh: '可订阅的授权', en: 'Grants that can be subscribed to' },
      handler: ({ principal }) => grantsOf(ports, principal),
    }),
    defineRoute({
      ...{ method: 'POST', path: base, room, access: use, body: api.createBody, response: api.created, status: 201 },
      problems: [k.notYours, k.grantNotGiving, k.grantMode, k.noRecords, k.itemNotGranted, k.badAddress, k.badTopic],
      summary: { zh: '新建订阅', en: 'Subscribe' },
      description: {
        zh: '签名密钥（或拉取令牌）只在此答复中出现一次。',
        en: 'The signing secret (or the token for fetching) is in this answer only.',
      },
      handler: ({ body, principal }) => create(ports, body, principal),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/{id}`, room, access: read, params, response: api.detail },
      ...{ summary: { zh: '一项订阅', en: 'A subscription' }, problems: [k.unknownSubscription] },
      handler: ({ params: { id }, principal }) => subscription(ports, id, principal),
    }),
    defineRoute({
      ...{
        method: 'PATCH',
        path: `${base}/{id}`,
        room,
        access: use,
        params,
        body: api.patchBody,
        response: api.detail,
      },
      problems: [...common, k.itemNotGranted, k.badAddress, k.badTopic],
      summary: { zh: '修改订阅', en: 'Change a subscription' },
      async handler({ params: { id }, body, principal }) {
        await patch(ports, id, body, principal);
        return after(id, principal);
      },
    }),
    ...(['pause', 'resume', 'end'] as const).map((action) =>
      defineRoute({
        ...{ method: 'POST', path: `${base}/{id}/${action}`, room, access: use, params, body: api.versionBody },
        ...{ response: api.detail, problems: common },
        summary: {
          pause: { zh: '暂停订阅', en: 'Pause a subscription' },
          resume: { zh: '恢复订阅', en: 'Resume a subscription' },
          end: { zh: '终止订阅', en: 'End a subscription' },
        }[action],
        async handler({ params: { id }, body, principal }) {
          await move(ports, id, action, body.version, principal);
          return after(id, principal);
        },
      }),
    ),
    defineRoute({
      ...{ method: 'POST', path: `${base}/{id}/replay`, room, access: use, params, body: api.replayBody },
      ...{ response: api.detail, problems: [...common, k.tooOld, k.ahead] },
      summary: { zh: '重放', en: 'Replay' },
      async handler({ params: { id }, body, principal }) {
        await replay(ports, id, body, principal);
        return after(id, principal);
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/{id}/test`, room, access: use, params, response: api.tested, rateLimit: 20 },
      ...{ summary: { zh: '发送测试事件', en: 'Send a test event' }, problems: common },
      handler: ({ params: { id }, principal }) => test(ports, id, principal),
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/{id}/secret`, room, access: use, params, body: api.versionBody },
      ...{ response: api.rotated, status: 201, problems: [...common, k.rotating, k.secretKind] },
      summary: { zh: '轮换密钥', en: 'Rotate the secret' },
      handler: ({ params: { id }, body, principal }) => rotate(ports, id, body.version, principal),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/{id}/attempts`, room, access: read, params, query: api.attemptsQuery },
      ...{ response: api.attempts, problems: [k.unknownSubscription] },
      summary: { zh: '推送记录', en: 'Attempts' },
      handler: ({ params: { id }, query, principal }) => attemptsOf(ports, id, query, principal),
    }),
    dayRoute(ports),
    eventsRoute(ports),
  ];
}

const dayRoute = (ports: SubscriptionPorts): RouteDefinition =>
  defineRoute({
    ...{ method: 'GET', path: `${base}/{id}/days/{day}`, room, access: read, params: api.dayParams },
    ...{ response: { stream: 'application/x-ndjson' }, problems: [k.unknownSubscription, k.noDayLog] },
    summary: { zh: '某日的推送日志（已签封）', en: 'The sealed log of a day' },
    async handler({ params: { id, day }, principal }) {
      await seen(ports, id, principal);
      const { rows } = await sql<{ sha256: string }>`SELECT sha256 FROM subscriptions.daylog
        WHERE subscription = ${id} AND day = ${day}::date`.execute(ports.db.kysely);
      if (!rows[0]) throw new Problem(k.noDayLog, { day });
      const object = `subscription/${id}`;
      await ports.audit.append({
        actor: principal,
        action: 'subscriptions.day-log',
        object,
        outcome: 'ok',
        detail: { day },
      });
      return { chunks: ports.blobs.get(rows[0].sha256), filename: `subscription-${id}-${day}.ndjson` };
    },
  });

const eventsRoute = (ports: SubscriptionPorts): RouteDefinition =>
  defineRoute({
    ...{ method: 'GET', path: `${base}/{id}/events`, room, access: 'public', params, query: api.eventsQuery },
    ...{ response: { stream: 'application/json' }, rateLimit: 600 },
    problems: [k.unknownSubscription, k.signIn, k.stateNow, k.grantNotGiving, k.unknownCursor, k.slowDown],
    summary: { zh: '拉取事件', en: 'Fetch events' },
    description: {
      zh: '以订阅的令牌（Authorization: Bearer jwsub_…）访问。答复 {cursor, waiting, sha256, events}；带上一次的 cursor 作 after 即确认已收妥，不带则重发未确认的事件。',
      en: 'With the token of the subscription (Authorization: Bearer jwsub_…). Answers {cursor, waiting, sha256, events}; asking with that cursor as "after" confirms its events, without it what was not confirmed is answered again.',
    },
    async handler({ params: { id }, query, principal, request, reply }) {
      const sub = await holder(ports, id, principal, request.headers.authorization);
      const gone = new AbortController();
      // Of the answer: a request is closed as soon as it was read.
      reply.raw.once('close', () => gone.abort());
      const text = await fetchEvents(ports, sub, query, gone.signal);
      return { chunks: one(text), contentType: 'application/json; charset=utf-8' };
    },
  });

async function* one(text: string): AsyncGenerator<string> {
  yield text;
}

/** Who fetches: the bearer of the subscription's token, or an officer of the recipient who is signed in. */
async function holder(
  ports: SubscriptionPorts,
  id: number,
  principal: Principal | null,
  header: string | undefined,
): Promise<SubscriptionRow> {
  const bearer = /^Bearer +(jwsub_[\w-]{20,80})$/i.exec(header ?? '')?.[1];
  if (bearer !== undefined) {
    const sub = await subscriptionOf(ports.db.kysely, id);
    // An unknown subscription and a wrong token are told alike.
    if (!sub || !(await opens(ports.db.kysely, id, bearer, ports.clock.now()))) throw new Problem(k.signIn);
    return sub;
  }
  if (!principal?.permissions.has(use)) throw new Problem(k.signIn);
  const sub = await seen(ports, id, principal);
  if (sub.organisation !== principal.organisation) throw new Problem(k.notYours, { action: '拉取事件' });
  await ports.audit.append({
    ...{ actor: principal, action: 'subscriptions.fetch', object: `subscription/${id}`, outcome: 'ok' },
    ...(principal.purpose ? { purpose: principal.purpose } : {}),
  });
  return sub;
}
