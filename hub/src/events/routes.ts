/** Routes of events for desks: lists, one event, steps, recognition, statistics, the catalogue, clients. */
import { z } from 'zod';
import { defineRoute, type RouteDefinition } from '../platform/http/index.ts';
import { Problem } from '../platform/problem.ts';
import { act, stepBody } from './act.ts';
import * as api from './api.ts';
import { clients, endClient, makeClient } from './clients.ts';
import { channelNames, channels, onward, receive, reportBody } from './intake.ts';
import { eventPage, listEvents, listQuery, shown } from './list.ts';
import { stages, states } from './machine.ts';
import { mergeInto, part, setPlace } from './parts.ts';
import { change, type EventPorts } from './ports.ts';
import * as k from './problems.ts';
import { statistics, statisticsQuery } from './statistics.ts';
import { eventOf } from './store.ts';

const API = '/api/v1/events';
const id = z.object({ id: z.coerce.number().int().positive() });
const done = z.object({ event: api.eventView });
const clock = (m: number) => `${String(Math.floor(m / 60)).padStart(2, '0')}:${String(m % 60).padStart(2, '0')}`;

/** Permissions that let somebody work with events by a desk or as who handles them. */
const see = (p: { permissions: ReadonlySet<string> }): void => {
  if (!['event.read', 'event.handle'].some((x) => p.permissions.has(x))) throw new Problem(k.unknownEvent);
};

export function eventRoutes(ports: EventPorts): RouteDefinition[] {
  const room = 'events';
  const one = async (event: number) => ({ event: shown(ports, await eventOf(ports.db.kysely, event)) });
  return [
    defineRoute({
      ...{ method: 'GET', path: API, room, access: 'signed-in', query: listQuery, response: api.listAnswer },
      summary: { zh: '事件列表，新的在前', en: 'Events, the newest first' },
      handler: async ({ query, principal }) => {
        see(principal);
        return listEvents(ports, query, principal);
      },
    }),
    defineRoute({
      ...{
        method: 'GET',
        path: `${API}/statistics`,
        room,
        access: 'event.read',
        query: statisticsQuery,
        response: api.statisticsAnswer,
      },
      summary: { zh: '事件统计：各环节、堵点、各单位', en: 'Statistics of events' },
      handler: ({ query }) => statistics(ports, query),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${API}/catalogue`, room, access: 'signed-in', response: api.catalogueAnswer },
      summary: { zh: '事项目录、时限与派遣规则', en: 'Catalogue of matters, limits and rules' },
      handler: () => catalogue(ports),
    }),
    defineRoute({
      ...{
        method: 'GET',
        path: `${API}/{id}`,
        room,
        access: 'signed-in',
        params: id,
        response: api.pageAnswer,
        problems: [k.unknownEvent],
      },
      summary: { zh: '一个事件', en: 'One event' },
      handler: ({ params, principal }) => eventPage(ports, params.id, principal),
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${API}/{id}/steps`,
        room,
        access: 'signed-in',
        params: id,
        body: stepBody,
        response: done,
      },
      summary: { zh: '办理一步', en: 'Takes a step' },
      problems: [
        k.wrongState,
        k.notYours,
        k.changedSince,
        k.commentNeeded,
        k.dataNeeded,
        k.pictureNeeded,
        k.limitsOpen,
      ],
      handler: async ({ params, body, principal }) => {
        const current = await ports.matters.current();
        await change(ports, async (trx) => {
          await act(trx, ports, params.id, body, { principal });
          // What was filed or classed by a person goes on by the rules.
          if (body.action === 'file') await onward(trx, ports, params.id, current);
        });
        return one(params.id);
      },
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${API}/{id}/merge`,
        room,
        access: 'event.dispatch',
        params: id,
        response: done,
        problems: [k.mergeWrong],
      },
      body: z.strictObject({ into: z.int().positive(), comment: z.string().trim().min(2).max(500) }),
      summary: { zh: '并入另一事件', en: 'Joins it into another event' },
      handler: async ({ params, body, principal }) => {
        await mergeInto(ports, params.id, body.into, body.comment, principal);
        return one(body.into);
      },
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${API}/reports/{id}/part`,
        room,
        access: 'event.dispatch',
        params: id,
        response: done,
        problems: [k.splitWrong],
      },
      body: z.strictObject({ comment: z.string().trim().min(2).max(500) }),
      summary: { zh: '把一条上报拆为新事件', en: 'Parts a report as an event of its own' },
      handler: async ({ params, body, principal }) => one(await part(ports, params.id, body.comment, principal)),
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${API}/{id}/place`,
        room,
        access: 'event.dispatch',
        params: id,
        response: done,
        problems: [k.placeOutside],
      },
      body: z.strictObject({
        ...{ longitude: z.number().min(-180).max(180), latitude: z.number().min(-90).max(90) },
        address: z.string().trim().max(300).optional(),
      }),
      summary: { zh: '标定位置', en: 'Sets the place' },
      handler: async ({ params, body, principal }) => {
        await setPlace(ports, params.id, body, principal);
        return one(params.id);
      },
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${API}/reports`,
        room,
        access: 'event.report',
        response: api.receivedAnswer,
        status: 201,
      },
      body: reportBody.extend({ channel: z.enum(['hotline', 'desk', 'grid']).default('desk') }),
      problems: [k.noPlace, k.placeOutside, k.timeWrong, k.unknownMatter],
      summary: { zh: '登记上报', en: 'Enters a report' },
      handler: async ({ body: { channel, ...body }, principal }) => {
        // Who keeps the hotline or the desk says so; everybody else reports from the field.
        const from = principal.permissions.has('event.dispatch') ? channel : 'grid';
        return receive(ports, { ...body, key: `${principal.login}:${body.key}` }, { channel: from, principal });
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: `${API}/clients`, room, access: 'event.manage' },
      response: z.object({
        clients: z.array(
          z.object({
            ...{
              id: z.string(),
              title: z.string(),
              channel: z.string(),
              active: z.boolean(),
              perMinute: z.int(),
              madeAt: z.string(),
            },
            ...{ reports: z.int(), last: z.string().nullable() },
          }),
        ),
      }),
      summary: { zh: '接入方', en: 'Clients that report by key' },
      handler: async () => ({ clients: await clients(ports) }),
    }),
    defineRoute({
      ...{ method: 'POST', path: `${API}/clients`, room, access: 'event.manage', status: 201 },
      body: z.strictObject({
        ...{
          id: z.string().regex(/^[a-z][a-z0-9-]{1,40}$/),
          title: z.string().trim().min(2).max(80),
          channel: z.enum(channelNames),
        },
        perMinute: z.int().min(1).max(6000).default(60),
      }),
      response: z.object({ id: z.string(), key: z.string() }),
      summary: { zh: '登记接入方，发放密钥（只显示一次）', en: 'Makes a client; its key is told once' },
      handler: ({ body, principal }) => makeClient(ports, body, principal),
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${API}/clients/{client}/end`,
        room,
        access: 'event.manage',
        problems: [k.unknownClient],
      },
      ...{ params: z.object({ client: z.string().max(60) }), response: z.object({ ended: z.boolean() }) },
      summary: { zh: '停用接入方', en: 'Withdraws a client' },
      handler: async ({ params, principal }) => {
        await endClient(ports, params.client, principal);
        return { ended: true };
      },
    }),
  ];
}

async function catalogue(ports: EventPorts) {
  const c = await ports.matters.current();
  return {
    ...{ version: c.version, digest: c.digest, states, stages: [...stages], channels },
    matters: c.matters.map((m) => ({ ...m, accept: m.accept ?? c.rules.defaults.accept })),
    rules: c.rules.rules.map((r) => ({
      ...{
        name: r.name,
        when: r.when,
        to: r.to ?? null,
        joint: r.joint,
        auto: r.auto ?? c.rules.defaults.auto,
        supervise: r.supervise,
      },
    })),
    faults: ports.matters.faults.map((f) => {
      const { code, title, place } = f.toJSON();
      return { code, title, file: place?.file ?? null, line: place?.line ?? null };
    }),
    hours: ports.hours().map((h) => `${clock(h.from)}–${clock(h.to)}`),
    organisations: [...ports.organisations()].map(([organisation, name]) => ({ id: organisation, name })),
    towns: [...ports.places.towns()],
  };
}
