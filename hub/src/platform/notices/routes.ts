/** Routes of notices: everybody's own inbox and settings; the ways out for administrators, without contents. */
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Principal } from '../auth/principal.ts';
import { defineRoute, type RouteDefinition } from '../http/route.ts';
import type { Bilingual } from '../i18n/index.ts';
import { cityDay } from '../law/index.ts';
import { Problem } from '../problem.ts';
import * as api from './api.ts';
import type { StoredProblem } from './channels/channel.ts';
import { MAIL } from './channels/mail.ts';
import { idOf } from './deliver.ts';
import { type ChannelFigures, deadOnes, figures, matterCounts, retry } from './health.ts';
import { acknowledge, type InboxRow, inboxOf, markRead, unreadOf } from './inbox.ts';
import { kindNames, kindOf } from './kinds.ts';
import { couldHave } from './people.ts';
import * as k from './problems.ts';
import type { Notices } from './service.ts';

const base = '/api/v1/notices';
const room = 'notices';
/** Messages of a test a minute from one address. */
const TESTS = 10;

const at = (d: Date | null): string | null => d?.toISOString() ?? null;

const shown = (r: InboxRow) => ({
  ...{ id: r.id, kind: r.kind, kindTitle: kindOf(r.kind).title, urgency: r.urgency, title: r.title, text: r.text },
  ...{ link: r.link, because: r.because, forName: r.for_name, arrivedAt: r.arrived_at.toISOString() },
  ...{ readAt: at(r.read_at), acknowledgedAt: at(r.acknowledged_at), settledAt: at(r.settled_at) },
});

const kindsFor = (p: Principal) => kindNames.filter((n) => couldHave(p.permissions, kindOf(n).needs, n));

/** All of them. */
export function noticeRoutes(notices: Notices): RouteDefinition[] {
  return [...own(notices), ...settings(notices), ...administration(notices)];
}

function own(notices: Notices): RouteDefinition[] {
  const { db } = notices.context;
  return [
    defineRoute({
      ...{ method: 'GET', path: base, room, access: 'signed-in', query: api.inboxQuery, response: api.inboxView },
      summary: { zh: '我的通知，新的在前', en: 'Own notices, the newest first' },
      async handler({ query, principal: p }) {
        const { items, next } = await inboxOf(db, p.userId, query);
        const had = await sql<{
          kind: string;
        }>`SELECT DISTINCT kind FROM notices.notice WHERE account = ${p.userId}::uuid`.execute(db.kysely);
        const names = new Set<string>([...kindsFor(p), ...had.rows.map((r) => r.kind)]);
        const kinds = kindNames.filter((n) => names.has(n)).map((kind) => ({ kind, title: kindOf(kind).title }));
        return { items: items.map(shown), next, unread: await unreadOf(db, p.userId), kinds };
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/unread`, room, access: 'signed-in', response: api.unreadView },
      summary: { zh: '未读通知数', en: 'Number of unread notices' },
      handler: ({ principal }) => unreadOf(db, principal.userId),
    }),
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/stream`,
        room,
        access: 'signed-in',
        response: { stream: 'text/event-stream' },
      },
      ...{ summary: { zh: '未读通知数的实时流', en: 'Live number of unread notices' }, problems: [k.tooManyListeners] },
      description: {
        zh: '服务器推送事件 unread：{unread, urgent}，连接时先发一次，变化时再发。',
        en: 'Server-sent events: unread {unread, urgent}, at first and at every change.',
      },
      async handler({ reply, principal }) {
        const gone = new AbortController();
        reply.raw.once('close', () => gone.abort());
        reply.header('x-accel-buffering', 'no');
        return { chunks: notices.stream.listen(principal.userId, await unreadOf(db, principal.userId), gone.signal) };
      },
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/read`,
        room,
        access: 'signed-in',
        body: api.readBody,
        response: api.unreadView,
      },
      summary: { zh: '标为已读', en: 'Mark as read' },
      async handler({ body, principal, clock }) {
        await markRead(db, principal.userId, body.ids, clock.now());
        await notices.told(principal.userId);
        return unreadOf(db, principal.userId);
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/{id}/acknowledge`, room, access: 'signed-in', params: api.idParams },
      ...{ response: api.unreadView, problems: [k.noticeUnknown] },
      summary: { zh: '确认知悉，不再逐级提醒', en: 'Acknowledge: it escalates no further' },
      async handler({ params, principal, clock }) {
        await acknowledge(db, principal.userId, params.id, clock.now());
        await notices.told(principal.userId);
        return unreadOf(db, principal.userId);
      },
    }),
  ];
}

function settings(notices: Notices): RouteDefinition[] {
  const { preferences, channels, context } = notices;
  const view = async (p: Principal) => {
    const { settings: kept, mail, handle, phone } = await preferences.of(p.userId);
    const today = cityDay(context.clock.now());
    return {
      ...{ settings: kept, addresses: { mail, handle, phone } },
      kinds: kindsFor(p).map((kind) => {
        const { title, urgency, mail: mode, messages } = kindOf(kind);
        return { kind, title, urgency, mail: mode, messages };
      }),
      channels: [...channels.values()].map(({ name, title, address }) => ({ name, title, address })),
      domains: [...(context.config.notices.mail?.domains ?? [])],
      leaves: (await preferences.leaves(p.userId)).map((l) => ({
        ...{ id: l.id, deputy: l.deputy, deputyName: l.deputy_name, from: l.from_day, to: l.to_day },
        state:
          l.ended_at || l.to_day < today
            ? ('over' as const)
            : l.from_day > today
              ? ('coming' as const)
              : ('running' as const),
      })),
      colleagues: await preferences.candidates(p),
    };
  };
  return [
    defineRoute({
      ...{ method: 'GET', path: `${base}/settings`, room, access: 'signed-in', response: api.settingsView },
      summary: { zh: '我的通知设置', en: 'Own settings of notices' },
      handler: ({ principal }) => view(principal),
    }),
    defineRoute({
      ...{ method: 'PUT', path: `${base}/settings`, room, access: 'signed-in', body: api.settingsBody },
      ...{ response: api.settingsView, problems: [k.mailDomain] },
      summary: { zh: '保存我的通知设置', en: 'Keep own settings of notices' },
      async handler({ body, principal }) {
        await preferences.keep(principal, body.settings, body.addresses);
        return view(principal);
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/leaves`, room, access: 'signed-in', body: api.leaveBody },
      ...{ response: api.settingsView, problems: [k.leavePeriod, k.leaveOverlap, k.deputyUnknown] },
      summary: { zh: '登记请假并指定代理人', en: 'Take leave and name who stands in' },
      async handler({ body, principal }) {
        await preferences.takeLeave(principal, body);
        return view(principal);
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/leaves/{id}/end`, room, access: 'signed-in', params: api.idParams },
      ...{ response: api.settingsView, problems: [k.leaveUnknown] },
      summary: { zh: '提前销假', en: 'End a leave' },
      async handler({ params, principal }) {
        await preferences.endLeave(principal, params.id);
        return view(principal);
      },
    }),
  ];
}

const none: Omit<ChannelFigures, 'channel'> = {
  ...{ waiting: 0, digest: 0, sending: 0, dead: 0, sentDay: 0, failedDay: 0, uncertainDay: 0 },
  ...{ oldest: null, lastSent: null, problem: null },
};

async function health(notices: Notices) {
  const { db, clock } = notices.context;
  const known = await figures(db, clock.now());
  const titles = new Map<string, Bilingual>([[MAIL, { zh: '电子邮件', en: 'E-mail' }]]);
  for (const d of notices.declared) titles.set(d.name, d.declaration?.title ?? { zh: d.name, en: d.name });
  for (const name of known.keys()) if (!titles.has(name)) titles.set(name, { zh: name, en: name });
  const channels = [...titles].map(([name, title]) => {
    const f = known.get(name) ?? none;
    const declared = notices.declared.find((d) => d.name === name);
    const rests = notices.sender.restsUntil(name);
    const state = notices.channels.has(name)
      ? rests
        ? ('resting' as const)
        : ('open' as const)
      : declared?.problems.length
        ? ('wrong' as const)
        : declared?.declaration
          ? ('disabled' as const)
          : ('unset' as const);
    return {
      ...{ name, title, state, restsUntil: at(rests), waiting: f.waiting, digest: f.digest, sending: f.sending },
      ...{ dead: f.dead, sentDay: f.sentDay, failedDay: f.failedDay, uncertainDay: f.uncertainDay },
      ...{ oldestDue: at(f.oldest), lastSentAt: at(f.lastSent), problem: f.problem },
      faults: (declared?.problems ?? []).map((p) => ({
        ...{ code: p.kind.code, title: p.toJSON().title, file: p.place?.file ?? null, line: p.place?.line ?? null },
      })),
    };
  });
  const dead = (await deadOnes(db, 200)).map((d) => ({
    ...{ id: d.id, channel: d.channel, login: d.login, kind: d.kind, problem: d.problem, attempts: d.attempts },
    ...{
      kindTitle: d.kind === 'digest' ? { zh: '通知摘要', en: 'Digest' } : kindOf(d.kind).title,
      uncertain: d.uncertain,
    },
    ...{ madeAt: d.made_at.toISOString(), endedAt: d.ended_at.toISOString() },
  }));
  return { channels, matters: await matterCounts(db), dead };
}

function administration(notices: Notices): RouteDefinition[] {
  const { db, clock, audit } = notices.context;
  const manage = 'system.manage' as const;
  return [
    defineRoute({
      ...{ method: 'GET', path: `${base}/channels`, room, access: 'system.read', response: api.channelsView },
      summary: { zh: '通知渠道状况（不含内容）', en: 'Channels of notices, without contents' },
      handler: () => health(notices),
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/channels/{channel}/retry`, room, access: manage, params: api.channelParams },
      ...{ response: api.retried, problems: [k.channelUnknown] },
      summary: { zh: '重发该渠道全部已放弃的投递', en: 'Try again all that was given up on a channel' },
      async handler({ params: { channel }, principal }) {
        if (!notices.channels.has(channel)) throw new Problem(k.channelUnknown, { channel });
        const retried = await retry({ db, clock }, { channel });
        notices.sender.wake(channel);
        await audit.append({
          ...{
            actor: principal,
            action: 'notices.retry',
            object: `notices-channel/${channel}`,
            outcome: 'ok',
            detail: { retried },
          },
        });
        return { retried };
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/deliveries/{id}/retry`, room, access: manage, params: api.idParams },
      ...{ response: api.retried, problems: [k.deliveryUnknown] },
      summary: { zh: '重发一次已放弃的投递', en: 'Try a delivery again that was given up' },
      async handler({ params: { id }, principal }) {
        const retried = await retry({ db, clock }, { id });
        await audit.append({
          actor: principal,
          action: 'notices.retry',
          object: `notices-delivery/${id}`,
          outcome: 'ok',
        });
        return { retried };
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/channels/{channel}/test`, room, access: manage, params: api.channelParams },
      ...{ body: api.testBody, response: api.testAnswer, rateLimit: TESTS, problems: [k.channelUnknown] },
      summary: { zh: '发送一条测试通知', en: 'Send a test message' },
      async handler({ params, body, principal }) {
        const channel = notices.channels.get(params.channel);
        if (!channel) throw new Problem(k.channelUnknown, { channel: params.channel });
        const content = {
          ...{
            title: { zh: '通知渠道测试', en: 'Test of a channel' },
            link: '/notices',
            urgency: 'normal',
            kind: 'notice.test',
          },
          text: { zh: '收到此消息说明该渠道可用。', en: 'This message shows that the channel works.' },
        };
        const id = idOf(randomUUID(), principal.userId, channel.name, notices.host());
        const outcome = await channel.send({
          ...{ id, to: body.to, content, base: notices.context.url(), at: clock.now() },
          handing: async () => undefined,
        });
        const problem: StoredProblem | null = outcome.state === 'sent' ? null : outcome.problem;
        if (!problem) notices.sender.wake(channel.name);
        await audit.append({
          ...{
            actor: principal,
            action: 'notices.test',
            object: `notices-channel/${channel.name}`,
            outcome: problem ? 'failed' : 'ok',
          },
          ...{ detail: { problem: problem?.code ?? null } },
        });
        return { sent: !problem, problem };
      },
    }),
  ];
}
