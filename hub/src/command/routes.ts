/**
 * The routes of command. Whoever has `command.read` sees, `command.act` leads, `command.manage` keeps plans, rosters and
 * resources. An organisation's people answer its tasks and orders whatever their role: those routes are open to everybody who
 * is signed in, and show and take only what is their organisation's.
 */
import type { z } from 'zod';
import type { Permission, Principal } from '../platform/auth/principal.ts';
import { defineRoute, type RouteDefinition } from '../platform/http/index.ts';
import { Problem } from '../platform/problem.ts';
import * as api from './api.ts';
import { addPost, addShift, dropShift, handOver, phoneOf, report, takeOver } from './duty.ts';
import { coverGap } from './gaps.ts';
import { checkLog, entriesAfter, operationOf } from './log.ts';
import { notify, readMessage } from './messages.ts';
import { changeLevel, close, end, logFile, operations, start } from './operations.ts';
import { give, meet, note, receive } from './orders.ts';
import { adoptPlan, editPlan } from './plans.ts';
import type { CommandDeps } from './ports.ts';
import * as k from './problems.ts';
import { dismiss } from './proposals.ts';
import { draftReport, editReport, reportFile, reportsOf, signReport } from './report.ts';
import { move, register, resources, stateOf } from './resources.ts';
import { learn, settleLesson } from './review.ts';
import { draw } from './shapes.ts';
import { addTask, answer } from './tasks.ts';
import * as views from './views.ts';

const base = '/api/v1/command';
const room = 'command';
const read = 'command.read' as const;
const acts = 'command.act' as const;
const manage = 'command.manage' as const;
const ok = { ok: true as const };

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** An act that answers nothing but that it is on disk. Written without `defineRoute`: its types would be reckoned for every call. */
function post<P, B>(
  path: string,
  access: Permission | 'signed-in',
  params: z.ZodType<P>,
  body: z.ZodType<B>,
  summary: { zh: string; en: string },
  work: (params: P, body: B, who: Principal) => Promise<unknown>,
): RouteDefinition {
  return {
    ...{ method: 'POST', path: `${base}${path}`, room, access, params, body, response: api.done, summary },
    problems: [k.conflict],
    async handler(c: { params: P; body: B; principal: Principal }) {
      await work(c.params, c.body, c.principal);
      return ok;
    },
  };
}

function planRoutes(deps: CommandDeps): RouteDefinition[] {
  return [
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/plans`,
        room,
        access: read,
        response: api.plansAnswer,
        summary: { zh: '预案', en: 'Plans' },
      },
      handler: () => views.plansView(deps),
    }),
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/plans/{id}`,
        room,
        access: read,
        params: api.nameParams,
        query: api.planQuery,
        response: api.planAnswer,
      },
      ...{ summary: { zh: '一个预案', en: 'A plan' }, problems: [k.planUnknown, k.planVersion] },
      handler: ({ params, query }) => views.planView(deps, params.id, query.version),
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/plans/{id}/versions`,
        room,
        access: manage,
        params: api.nameParams,
        body: api.planEdit,
        status: 201,
      },
      ...{
        response: api.made,
        summary: { zh: '修订预案', en: 'A further version of a plan' },
        problems: [k.planText, k.planSame, k.conflict],
      },
      handler: async ({ params, body, principal }) => ({ id: await editPlan(deps, params.id, body, principal) }),
    }),
    post(
      '/plans/{id}/adopt',
      manage,
      api.nameParams,
      api.planAdopt,
      { zh: '启用某一版预案', en: 'Put a version in force' },
      (p, b, who) => adoptPlan(deps, p.id, b.version, who),
    ),
  ];
}

function operationRoutes(deps: CommandDeps): RouteDefinition[] {
  return [
    defineRoute({
      ...{ method: 'GET', path: `${base}/organisations`, room, access: read, response: api.organisationsAnswer },
      summary: { zh: '可下达任务的单位', en: 'Organisations that may be given tasks' },
      handler: async () => ({ items: [...deps.organisations().values()].map(({ id, name }) => ({ id, name })) }),
    }),
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/board`,
        room,
        access: read,
        response: api.boardAnswer,
        summary: { zh: '指挥台', en: 'The board' },
      },
      handler: () => views.boardView(deps),
    }),
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/operations`,
        room,
        access: read,
        query: api.operationsQuery,
        response: api.operationsAnswer,
      },
      summary: { zh: '响应行动', en: 'Operations' },
      async handler({ query }) {
        const exercise = query.exercise === undefined ? undefined : query.exercise === 'true';
        const { items, total } = await operations(deps.db.kysely, { ...query, exercise });
        return { total, items: items.map((o) => ({ ...views.headOf(o), tasks: o.tasks, open: o.open, late: o.late })) };
      },
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/operations`,
        room,
        access: acts,
        body: api.startBody,
        response: api.made,
        status: 201,
      },
      ...{
        summary: { zh: '启动预案', en: 'Start a plan' },
        problems: [k.planUnknown, k.operationTwice, k.operationsMany, k.planUnknownLevel],
      },
      handler: async ({ body, principal }) => ({ id: await start(deps, body, principal) }),
    }),
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/operations/{id}`,
        room,
        access: read,
        params: api.idParams,
        response: api.operationAnswer,
      },
      ...{ summary: { zh: '一次响应行动', en: 'An operation' }, problems: [k.operationUnknown] },
      handler: ({ params, principal }) => views.operationView(deps, params.id, principal),
    }),
    post(
      '/operations/{id}/level',
      acts,
      api.idParams,
      api.levelBody,
      { zh: '调整响应级别', en: 'Change the level' },
      (p, b, who) => changeLevel(deps, p.id, b, who),
    ),
    post(
      '/operations/{id}/end',
      acts,
      api.idParams,
      api.endBody,
      { zh: '终止响应', en: 'End an operation' },
      (p, b, who) => end(deps, p.id, b, who),
    ),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/operations/{id}/close`,
        room,
        access: acts,
        params: api.idParams,
        response: api.done,
      },
      ...{
        summary: { zh: '归档并签封日志', en: 'Close and seal the log' },
        problems: [k.operationUnknown, k.operationRunning],
      },
      async handler({ params, principal }) {
        await close(deps, params.id, principal);
        return ok;
      },
    }),
    post(
      '/operations/{id}/tasks',
      acts,
      api.idParams,
      api.taskBody,
      { zh: '追加任务', en: 'Add a task' },
      (p, b, who) => addTask(deps, p.id, b, who),
    ),
    post(
      '/operations/{id}/orders',
      acts,
      api.idParams,
      api.orderBody,
      { zh: '下达指令或记录决策', en: 'Give an order or write a decision down' },
      (p, b, who) => give(deps, p.id, b, who),
    ),
    post(
      '/operations/{id}/notes',
      acts,
      api.idParams,
      api.noteBody,
      { zh: '记录', en: 'Write a note to the log' },
      (p, b, who) => note(deps, p.id, b, who),
    ),
    post(
      '/operations/{id}/meetings',
      acts,
      api.idParams,
      api.meetingBody,
      { zh: '召开会商', en: 'Call a meeting' },
      (p, b, who) => meet(deps, p.id, { ...b, startsAt: new Date(b.startsAt) }, who),
    ),
    post(
      '/notices',
      acts,
      api.noParams,
      api.noticeBody,
      { zh: '向单位发送提示', en: 'Send a notice to organisations' },
      (_, b, who) => notify(deps, b, who),
    ),
    post(
      '/gaps/{id}/cover',
      acts,
      api.idParams,
      api.coverBody,
      { zh: '补上值守缺口', en: 'Somebody has taken it on' },
      (p, b, who) => coverGap(deps, p.id, b.note, who),
    ),
    post(
      '/proposals/{id}/dismiss',
      acts,
      api.idParams,
      api.dismissBody,
      { zh: '不采纳启动建议', en: 'Dismiss a proposal' },
      (p, b, who) => dismiss(deps, p.id, b.note, who),
    ),
  ];
}

function liveRoutes(deps: CommandDeps): RouteDefinition[] {
  return [
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/operations/{id}/shapes`,
        room,
        access: acts,
        params: api.idParams,
        body: api.shapeBody,
        response: api.shapeAnswer,
      },
      ...{
        summary: { zh: '协同标绘', en: 'Draw on the shared map' },
        problems: [k.shapeBad, k.shapesMany, k.operationOver],
        rateLimit: 1200,
      },
      handler: ({ params, body, principal }) => draw(deps, params.id, body, principal),
    }),
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/operations/{id}/log`,
        room,
        access: read,
        params: api.idParams,
        query: api.logQuery,
        response: api.logAnswer,
      },
      ...{ summary: { zh: '行动日志', en: 'The log' }, problems: [k.operationUnknown] },
      async handler({ params, query }) {
        const o = await operationOf(deps.db.kysely, params.id);
        const items = await entriesAfter(deps.db.kysely, params.id, query.after, query.limit);
        // The chain is reckoned once, with the beginning of the log.
        return { items, last: o.seq, holds: query.after === 0 ? await checkLog(deps.db.kysely, o) : null };
      },
    }),
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/operations/{id}/log.ndjson`,
        room,
        access: read,
        params: api.idParams,
        response: { stream: 'application/x-ndjson' },
      },
      ...{
        summary: {
          zh: '行动日志文件（归档后即为签封的文件）',
          en: 'The log as a file; of a closed operation the sealed one',
        },
        problems: [k.operationUnknown],
      },
      async handler({ params, principal }) {
        const o = await operationOf(deps.db.kysely, params.id);
        await deps.audit.append({
          actor: principal,
          action: 'command.log',
          object: `operation/${o.id}`,
          outcome: 'ok',
        });
        const filename = `operation-${o.id}-log.ndjson`;
        return o.log_sha256
          ? { chunks: deps.blobs.get(o.log_sha256), filename }
          : { chunks: one(await logFile(deps.db.kysely, o.id)), filename };
      },
    }),
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/operations/{id}/stream`,
        room,
        access: read,
        params: api.idParams,
        query: api.streamQuery,
      },
      ...{ response: { stream: 'text/event-stream' }, rateLimit: 600, problems: [k.operationUnknown, k.seatsMany] },
      summary: { zh: '席位的实时消息流（SSE）', en: 'The stream of a seat (server-sent events)' },
      async handler({ params, query, principal, request, reply }) {
        const o = await operationOf(deps.db.kysely, params.id);
        const last = Number(request.headers['last-event-id']);
        const after = Number.isSafeInteger(last) && last >= 0 ? last : (query.after ?? o.seq);
        const gone = new AbortController();
        reply.raw.once('close', () => gone.abort());
        reply.header('x-accel-buffering', 'no');
        const seat = {
          seat: query.seat,
          login: principal.login,
          name: principal.name,
          organisation: principal.organisation,
        };
        return {
          chunks: deps.seats.stream(o.id, seat, after, (a, n) => entriesAfter(deps.db.kysely, o.id, a, n), gone.signal),
        };
      },
    }),
  ];
}

function ownRoutes(deps: CommandDeps): RouteDefinition[] {
  return [
    defineRoute({
      ...{ method: 'GET', path: `${base}/mine`, room, access: 'signed-in', response: api.mineAnswer },
      summary: { zh: '本单位的任务和指令', en: "The own organisation's tasks and orders" },
      handler: ({ principal }) => views.mineView(deps, principal),
    }),
    post(
      '/mine/shifts/{id}/report',
      'signed-in',
      api.idParams,
      api.dutyBody,
      { zh: '本人报到或离岗', en: 'Report oneself on or off duty' },
      (p, b, who) => report(deps, p.id, b.state, who, true),
    ),
    post(
      '/tasks/{id}/answer',
      'signed-in',
      api.idParams,
      api.answerBody,
      { zh: '办理任务', en: 'Answer a task' },
      (p, b, who) => answer(deps, p.id, b, who),
    ),
    post(
      '/orders/{id}/receive',
      'signed-in',
      api.idParams,
      api.receiptBody,
      { zh: '签收指令', en: 'Receive an order' },
      async (p, b, who) => {
        if (who.organisation === null) throw new Problem(k.noOrganisation);
        await receive(deps, p.id, b.note, who);
      },
    ),
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/inbox`,
        room,
        access: 'signed-in',
        query: api.inboxQuery,
        response: api.inboxAnswer,
        problems: [k.noOrganisation],
      },
      summary: { zh: '收件箱', en: 'The inbox' },
      handler({ query, principal }) {
        // The command centre's own inbox is for those who see command.
        if (principal.organisation === null && !principal.permissions.has(read)) throw new Problem(k.noOrganisation);
        return views.inboxView(deps, principal, query.before, query.limit);
      },
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/inbox/{id}/read`,
        room,
        access: 'signed-in',
        params: api.idParams,
        response: api.done,
      },
      ...{ summary: { zh: '标为已读', en: 'Mark as read' }, problems: [k.messageUnknown, k.noOrganisation] },
      async handler({ params, principal }) {
        if (principal.organisation === null && !principal.permissions.has(read)) throw new Problem(k.noOrganisation);
        await readMessage(deps, params.id, principal);
        return ok;
      },
    }),
  ];
}

function dutyRoutes(deps: CommandDeps): RouteDefinition[] {
  return [
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/duty`,
        room,
        access: read,
        query: api.rosterQuery,
        response: api.rosterAnswer,
        summary: { zh: '值班表', en: 'The roster' },
      },
      handler({ query }) {
        const from = new Date(query.from);
        const most = new Date(from.getTime() + 62 * 86_400_000);
        const to = new Date(query.to);
        return views.rosterView(deps, from, to < most ? to : most);
      },
    }),
    post('/duty/posts', manage, api.noParams, api.postBody, { zh: '增加值班岗位', en: 'Add a post' }, (_, b, who) =>
      addPost(deps, b, who),
    ),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/duty/shifts`,
        room,
        access: manage,
        body: api.shiftBody,
        response: api.made,
        status: 201,
      },
      ...{ summary: { zh: '排班', en: 'Add a shift' }, problems: [k.postUnknown, k.shiftOverlap, k.shiftLong] },
      handler: async ({ body, principal }) => ({
        id: await addShift(
          deps,
          { ...body, startsAt: new Date(body.startsAt), endsAt: new Date(body.endsAt) },
          principal,
        ),
      }),
    }),
    defineRoute({
      ...{
        method: 'DELETE',
        path: `${base}/duty/shifts/{id}`,
        room,
        access: manage,
        params: api.idParams,
        response: api.done,
      },
      ...{ summary: { zh: '撤销班次', en: 'Drop a shift' }, problems: [k.shiftUnknown, k.shiftOver] },
      async handler({ params, principal }) {
        await dropShift(deps, params.id, principal);
        return ok;
      },
    }),
    post(
      '/duty/shifts/{id}/report',
      acts,
      api.idParams,
      api.dutyBody,
      { zh: '报到或离岗', en: 'Report on or off duty' },
      (p, b, who) => report(deps, p.id, b.state, who),
    ),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/duty/shifts/{id}/phone`,
        room,
        access: 'vault.reveal',
        params: api.idParams,
        body: api.phoneBody,
        response: api.phoneAnswer,
      },
      ...{
        summary: { zh: '查看值班电话', en: 'Open a duty telephone number' },
        problems: [k.shiftUnknown, k.phoneNone],
      },
      async handler({ params, body, principal }) {
        const purpose = principal.purpose ? `${principal.purpose} · ${body.purpose}` : body.purpose;
        return { phone: await phoneOf(deps, params.id, body.whose, purpose, principal) };
      },
    }),
    post(
      '/duty/shifts/{id}/hand-over',
      acts,
      api.idParams,
      api.handoverBody,
      { zh: '交班', en: 'Hand over' },
      (p, b, who) => handOver(deps, p.id, b.note, who),
    ),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/duty/handovers/{id}/take`,
        room,
        access: acts,
        params: api.idParams,
        response: api.done,
      },
      ...{ summary: { zh: '接班', en: 'Take over' }, problems: [k.handoverUnknown] },
      async handler({ params, principal }) {
        await takeOver(deps, params.id, principal);
        return ok;
      },
    }),
  ];
}

function resourceRoutes(deps: CommandDeps): RouteDefinition[] {
  return [
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/resources`,
        room,
        access: read,
        query: api.resourcesQuery,
        response: api.resourcesAnswer,
        summary: { zh: '应急资源', en: 'Resources' },
      },
      async handler({ query }) {
        const { items, total } = await resources(deps.db.kysely, { ...query, low: query.low === 'true' });
        return { total, items: items.map((r) => views.resourceView(deps, r)), states: await stateOf(deps.db.kysely) };
      },
    }),
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/resources/{id}`,
        room,
        access: read,
        params: api.nameParams,
        response: api.resourceAnswer,
      },
      ...{ summary: { zh: '一项资源及其流水', en: 'A resource with its movements' }, problems: [k.resourceUnknown] },
      handler: ({ params }) => views.resourceDetail(deps, params.id),
    }),
    post(
      '/resources',
      manage,
      api.noParams,
      api.resourceBody,
      { zh: '登记资源', en: 'Register a resource' },
      (_, b, who) => register(deps, [b], who),
    ),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/resources/{id}/moves`,
        room,
        access: read,
        params: api.nameParams,
        body: api.moveBody,
        response: api.resource,
      },
      ...{
        summary: { zh: '资源变动', en: 'A movement of a resource' },
        problems: [k.resourceUnknown, k.resourceShort, k.resourceState, k.resourceNotYours],
      },
      async handler({ params, body, principal }) {
        // Its own organisation moves it, the duty officer any, the steward any.
        if (!principal.permissions.has(acts) && !principal.permissions.has(manage) && principal.organisation === null)
          throw new Problem(k.resourceNotYours);
        return views.resourceView(deps, await move(deps, params.id, body, principal));
      },
    }),
  ];
}

function reviewRoutes(deps: CommandDeps): RouteDefinition[] {
  return [
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/operations/{id}/reports`,
        room,
        access: read,
        params: api.idParams,
        response: api.reportsAnswer,
        summary: { zh: '情况报告', en: 'Situation reports' },
      },
      handler: async ({ params }) => ({
        items: (await reportsOf(deps.db.kysely, params.id)).map((r) => ({
          ...{
            number: r.number,
            version: r.version,
            upto: r.upto,
            content: r.content,
            state: r.state,
            madeBy: r.made_by,
            madeAt: r.made_at.toISOString(),
            seal: r.seal,
          },
        })),
      }),
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/operations/{id}/reports`,
        room,
        access: acts,
        params: api.idParams,
        body: api.draftBody,
        response: api.made,
        status: 201,
      },
      ...{ summary: { zh: '起草情况报告', en: 'Draft a report out of the log' }, problems: [k.operationUnknown] },
      handler: async ({ params, body, principal }) => ({
        id: await draftReport(deps, params.id, body.language, principal),
      }),
    }),
    post(
      '/operations/{id}/reports/{number}/edit',
      acts,
      api.reportParams,
      api.reportEdit,
      { zh: '修改情况报告', en: 'Edit a draft' },
      (p, b, who) => editReport(deps, p.id, p.number, b, who),
    ),
    post(
      '/operations/{id}/reports/{number}/sign',
      acts,
      api.reportParams,
      api.versionBody,
      { zh: '签发情况报告', en: 'Sign a report' },
      (p, b, who) => signReport(deps, p.id, p.number, b.version, who),
    ),
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/operations/{id}/reports/{number}/pdf`,
        room,
        access: read,
        params: api.reportParams,
        response: { stream: 'application/pdf' },
      },
      ...{ summary: { zh: '情况报告 PDF', en: 'A report as PDF' }, problems: [k.reportUnknown] },
      async handler({ params }) {
        const { bytes, name } = await reportFile(deps, params.id, params.number);
        return { chunks: one(bytes), filename: name };
      },
    }),
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/operations/{id}/review`,
        room,
        access: read,
        params: api.idParams,
        response: api.reviewAnswer,
      },
      ...{ summary: { zh: '复盘', en: 'The review' }, problems: [k.operationUnknown] },
      handler: ({ params }) => views.reviewView(deps, params.id),
    }),
    post(
      '/operations/{id}/lessons',
      read,
      api.idParams,
      api.lessonBody,
      { zh: '记录经验教训', en: 'Write a lesson down' },
      async (p, b, who) => {
        if (!who.permissions.has(acts) && !who.permissions.has(manage)) throw new Problem(k.taskNotYours);
        await learn(deps, p.id, b, who);
      },
    ),
    post(
      '/lessons/{id}/done',
      read,
      api.idParams,
      api.receiptBody,
      { zh: '整改完成', en: 'A lesson is seen to' },
      async (p, _, who) => {
        if (!who.permissions.has(acts) && !who.permissions.has(manage)) throw new Problem(k.taskNotYours);
        await settleLesson(deps, p.id, who);
      },
    ),
  ];
}

/** All of them. */
export const commandRoutes = (deps: CommandDeps): RouteDefinition[] => [
  ...planRoutes(deps),
  ...operationRoutes(deps),
  ...liveRoutes(deps),
  ...ownRoutes(deps),
  ...dutyRoutes(deps),
  ...resourceRoutes(deps),
  ...reviewRoutes(deps),
];
