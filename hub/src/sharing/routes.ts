/** The routes of sharing. Who may take which step is the machine's to say: a route asks only for reading, a step for its capacity. */

import { z } from 'zod';
import { colleagues } from '../platform/auth/index.ts';
import { defineRoute, type RouteDefinition } from '../platform/http/index.ts';
import { cityDay } from '../platform/law/index.ts';
import { Problem } from '../platform/problem.ts';
import { act, type SharingPorts, stepBody } from './act.ts';
import * as api from './api.ts';
import { deliveryRoutes } from './delivery/routes.ts';
import { deputies, deputyBody, endDeputy, nameDeputy } from './deputies.ts';
import { clockList, desk, oversight, seeNotices } from './desk.ts';
import { disputeBody, disputes, raiseDispute } from './disputes.ts';
import { findEntries, nameOf, sharedEntry } from './entries.ts';
import { erasureDutyRoutes } from './erase-routes.ts';
import { askExtension, decideExtension, decisionBody, extensionBody } from './extensions.ts';
import { machine } from './machine.ts';
import { matterOf } from './matters.ts';
import * as k from './problems.ts';
import { draft, draftBody, edit, editBody, entryToAsk, listQuery, missingFor, requests } from './requests.ts';
import { targetRoutes } from './target/routes.ts';
import { disputeViews, faultOf, requestItems, requestView } from './views.ts';

const base = '/api/v1/sharing';
const room = 'sharing';
const access = 'sharing.read' as const;
const stepProblems = [k.notYours, k.wrongState, k.conflict, k.onLeave, k.commentNeeded, k.dataNeeded];

const summaryOf = (ports: SharingPorts, e: ReturnType<typeof findEntries>[number]) => ({
  ...{ id: e.id, code: e.code, title: e.title, abstract: e.abstract, cycle: e.cycle },
  provider: { id: e.provider, name: nameOf(ports, e.provider) },
  sharing: { type: e.sharing.type, condition: e.sharing.condition, ground: e.sharing.ground },
  collected: e.source !== null,
});

function entryRoutes(ports: SharingPorts): RouteDefinition[] {
  return [
    defineRoute({
      ...{ method: 'GET', path: `${base}/entries`, room, access, query: api.entriesQuery, response: api.entriesAnswer },
      summary: { zh: '可申请共享的资源', en: 'Entries that may be asked for' },
      async handler({ query }) {
        const found = findEntries(ports, query.search);
        return { items: found.slice(0, 100).map((e) => summaryOf(ports, e)), total: found.length };
      },
    }),
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/entries/{id}`,
        room,
        access,
        params: api.entryParams,
        response: api.entryAnswer,
      },
      summary: { zh: '一项资源及其数据项', en: 'An entry with its items' },
      problems: [k.unknownEntry],
      async handler({ params }) {
        const found = sharedEntry(ports, params.id);
        if (!found) throw new Problem(k.unknownEntry, { id: params.id });
        const items = found.items.map((i) => ({
          ...{ name: i.name, title: i.title, type: i.type, unit: i.unit, key: i.key, protection: i.protection },
        }));
        return { ...summaryOf(ports, found.entry), items };
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/law`, room, access, response: api.lawAnswer },
      summary: { zh: '时限与流程', en: 'Periods and steps as they are declared' },
      async handler() {
        const { law, title, deadlines } = ports.law;
        return {
          ...{ law, title, years: ports.calendar().years() },
          deadlines: deadlines.map((d) => ({
            ...{ id: d.id, article: d.article, title: d.title, trigger: d.trigger, days: d.days, warn: d.warn },
            extension: d.extension?.days ?? null,
          })),
          machines: Object.fromEntries(
            Object.entries(machine).map(([name, m]) => [
              name,
              {
                states: { ...m.states },
                rows: m.rows.map((r) => ({
                  ...{
                    action: r.action,
                    title: r.title,
                    from: [...r.from],
                    to: r.to,
                    by: [...r.by],
                    article: r.article,
                  },
                })),
              },
            ]),
          ),
        };
      },
    }),
  ];
}

function requestRoutes(ports: SharingPorts): RouteDefinition[] {
  return [
    defineRoute({
      ...{ method: 'GET', path: `${base}/requests`, room, access, query: listQuery, response: api.requestsAnswer },
      summary: { zh: '共享申请', en: 'Requests' },
      async handler({ query, principal }) {
        const { rows, total } = await requests(ports, query, principal);
        return { items: await requestItems(ports, rows), total };
      },
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/requests`,
        room,
        access: 'sharing.request',
        body: draftBody,
        response: api.made,
      },
      ...{ status: 201, problems: [k.unknownEntry, k.refusedType] },
      summary: { zh: '起草共享申请', en: 'Draft a request' },
      handler: async ({ body, principal }) => ({ id: await draft(ports, body, principal) }),
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/requests/check`,
        reads: true,
        room,
        access: 'sharing.request',
        body: api.checkBody,
      },
      ...{ response: api.checkAnswer, problems: [k.unknownEntry, k.refusedType] },
      summary: { zh: '预审申请是否齐全', en: 'Tell everything that a request lacks' },
      async handler({ body, principal }) {
        const found = entryToAsk(ports, body.entry);
        return { missing: missingFor(ports, found, body.content, principal.organisation ?? '').map(faultOf) };
      },
    }),
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/requests/{id}`,
        room,
        access,
        params: api.idParams,
        response: api.requestDetail,
      },
      summary: { zh: '一件共享申请及其经过', en: 'A request with its course' },
      problems: [k.unknownRequest],
      handler: ({ params, principal }) => requestView(ports, params.id, principal),
    }),
    defineRoute({
      ...{ method: 'PUT', path: `${base}/requests/{id}`, room, access: 'sharing.request', params: api.idParams },
      ...{
        body: editBody,
        response: api.requestDetail,
        problems: [k.unknownRequest, k.conflict, k.wrongState, k.notYours],
      },
      summary: { zh: '修改申请', en: 'Change a draft' },
      async handler({ params, body, principal }) {
        await edit(ports, params.id, body, principal);
        return requestView(ports, params.id, principal);
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/requests/{id}/steps`, room, access, params: api.idParams, body: stepBody },
      ...{ response: api.requestDetail, problems: [k.unknownRequest, k.incomplete, k.cannotRefuse, ...stepProblems] },
      summary: { zh: '办理申请的一个步骤', en: 'Take a step on a request' },
      async handler({ params, body, principal }) {
        await act(ports, 'request', params.id, body, principal);
        return requestView(ports, params.id, principal);
      },
    }),
  ];
}

function clockRoutes(ports: SharingPorts): RouteDefinition[] {
  return [
    defineRoute({
      ...{ method: 'GET', path: `${base}/clocks`, room, access, query: api.clocksQuery, response: api.clocksAnswer },
      summary: { zh: '法定时限', en: 'Clocks of law' },
      handler: ({ query, principal }) => clockList(ports, query, principal),
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/clocks/{id}/extension`,
        room,
        access,
        params: api.idParams,
        body: extensionBody,
      },
      ...{ response: z.object({}), status: 201 },
      problems: [k.unknownClock, k.clockEnded, k.extensionNone, k.extensionTooLong, k.extensionTwice, k.notYours],
      summary: { zh: '申请延期', en: 'Ask for an extension' },
      async handler({ params, body, principal }) {
        await askExtension(ports, params.id, body, principal);
        return {};
      },
    }),
    defineRoute({
      ...{
        method: 'PUT',
        path: `${base}/clocks/{id}/extension`,
        room,
        access: 'sharing.oversee',
        params: api.idParams,
      },
      ...{ body: decisionBody, response: z.object({}), problems: [k.unknownClock, k.clockEnded, k.extensionClosed] },
      summary: { zh: '审批延期', en: 'Decide an extension' },
      async handler({ params, body, principal }) {
        await decideExtension(ports, params.id, body, principal);
        return {};
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/oversight`, room, access: 'sharing.oversee', response: api.oversightAnswer },
      summary: { zh: '履行时限情况', en: "How departments keep the law's days" },
      handler: () => oversight(ports),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/desk`, room, access, response: api.deskAnswer },
      summary: { zh: '我的待办', en: 'What waits for me' },
      handler: ({ principal }) => desk(ports, principal),
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/notices/seen`, room, access, body: api.seenBody, response: z.object({}) },
      summary: { zh: '通知标为已读', en: 'Mark notices as seen' },
      async handler({ body, principal }) {
        await seeNotices(ports, body.until, principal);
        return {};
      },
    }),
  ];
}

function disputeRoutes(ports: SharingPorts): RouteDefinition[] {
  return [
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/disputes`,
        room,
        access,
        response: z.object({ items: z.array(api.disputeView) }),
      },
      summary: { zh: '共享争议', en: 'Disputes' },
      handler: async ({ principal }) => ({
        items: await disputeViews(ports, await disputes(ports, principal), principal),
      }),
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/disputes`, room, access, body: disputeBody, response: api.made, status: 201 },
      ...{ problems: [k.unknownRequest, k.disputeOpen, k.notYours, k.wrongState] },
      summary: { zh: '提出争议', en: 'Raise a dispute' },
      handler: async ({ body, principal }) => ({ id: await raiseDispute(ports, body, principal) }),
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/disputes/{id}/steps`, room, access, params: api.idParams, body: stepBody },
      ...{ response: api.disputeView, problems: [k.unknownDispute, ...stepProblems] },
      summary: { zh: '办理争议的一个步骤', en: 'Take a step on a dispute' },
      async handler({ params, body, principal }) {
        await act(ports, 'dispute', params.id, body, principal);
        const row = await matterOf(ports.db.kysely, 'dispute', params.id, principal);
        return (await disputeViews(ports, [row], principal))[0]!;
      },
    }),
  ];
}

function deputyRoutes(ports: SharingPorts): RouteDefinition[] {
  return [
    defineRoute({
      ...{ method: 'GET', path: `${base}/deputies`, room, access, response: api.deputiesAnswer },
      summary: { zh: '本部门的代理', en: 'Deputies of the own department' },
      async handler({ principal }) {
        if (principal.organisation === null) return { items: [], colleagues: [] };
        const today = cityDay(ports.clock.now());
        const items = (await deputies(ports, principal)).map((d) => ({
          ...{ id: d.id, head: d.head, deputy: d.deputy, from: d.from_day, to: d.to_day, reason: d.reason },
          at: d.at.toISOString(),
          state: d.ended_at
            ? ('ended' as const)
            : d.to_day < today
              ? ('over' as const)
              : d.from_day > today
                ? ('coming' as const)
                : ('now' as const),
        }));
        const others = principal.permissions.has('sharing.approve')
          ? (await colleagues(ports.db, principal.organisation)).filter((c) => c.login !== principal.login)
          : [];
        return { items, colleagues: others };
      },
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/deputies`,
        room,
        access: 'sharing.approve',
        body: deputyBody,
        response: api.made,
      },
      ...{ status: 201, problems: [k.deputySelf, k.deputyForeign, k.deputyPeriod, k.deputyOverlap] },
      summary: { zh: '委托代理', en: 'Name a deputy' },
      handler: async ({ body, principal }) => ({ id: await nameDeputy(ports, body, principal) }),
    }),
    defineRoute({
      ...{ method: 'DELETE', path: `${base}/deputies/{id}`, room, access: 'sharing.approve', params: api.idParams },
      ...{ response: z.object({}), problems: [k.unknownDeputy] },
      summary: { zh: '提前结束代理', en: 'End a deputyship' },
      async handler({ params, principal }) {
        await endDeputy(ports, params.id, principal);
        return {};
      },
    }),
  ];
}

/** All routes of sharing. */
export function sharingRoutes(ports: SharingPorts): RouteDefinition[] {
  return [
    ...[...entryRoutes(ports), ...requestRoutes(ports), ...clockRoutes(ports), ...disputeRoutes(ports)],
    ...[...deputyRoutes(ports), ...deliveryRoutes(ports), ...erasureDutyRoutes(ports), ...targetRoutes(ports)],
  ];
}
