/** The routes of cockpits. Whoever has `cockpit.read` opens a cockpit; every figure asks for its own rights besides. */
import type { z } from 'zod';
import type { Principal } from '../platform/auth/principal.ts';
import { defineRoute, type RouteDefinition } from '../platform/http/index.ts';
import { Problem } from '../platform/problem.ts';
import * as api from './api.ts';
import type { Desk } from './desk.ts';
import type { Measure, Scenario } from './load.ts';
import * as k from './problems.ts';
import { recordsOf } from './records.ts';
import { lacking } from './rights.ts';
import { figureStream } from './stream.ts';
import { tryStatement } from './trial.ts';
import {
  attention,
  FigureTexts,
  figureView,
  measuresOf,
  measureView,
  organisationNames,
  scenarioFor,
} from './views.ts';

const base = '/api/v1/cockpits';
const room = 'cockpits';
const access = 'cockpit.read' as const;
/** Longest that opening a cockpit waits for figures that were never computed, in ms; what is slower comes by the stream. */
const PATIENCE = 1500;

const problemView = (p: Problem): z.input<typeof api.galleryAnswer>['problems'][number] => {
  const { code, title, place } = p.toJSON();
  return { code, ...title, place: place?.file ? `${place.file}${place.line ? `:${place.line}` : ''}` : null };
};

/** Waits for figures, but not for ever. */
const soon = (desk: Desk, keys: readonly string[], ms = PATIENCE) =>
  Promise.race([desk.figures.settle(keys), new Promise((resolve) => setTimeout(resolve, ms).unref())]);

async function gallery(desk: Desk, who: Principal): Promise<z.input<typeof api.galleryAnswer>> {
  const names = organisationNames(desk.deps);
  const heads = new Map(
    [...desk.scenarios.values()].map((s) => [
      s.id,
      [...s.measures.values()].filter((m) => m.declared.kind === 'value').slice(0, 3),
    ]),
  );
  await soon(
    desk,
    [...heads.values()].flat().map((m) => m.key),
  );
  const items = [...desk.scenarios.values()].map((s) => {
    const results = [...s.measures.values()].map((m) => desk.figures.result(m.key).state);
    const allowed = !lacking(who, s.permissions);
    return {
      ...{ id: s.id, title: s.title, question: s.question, owner: s.owner, audience: s.audience, overview: s.overview },
      ownerName: names.get(s.owner) ?? { zh: s.owner, en: s.owner },
      indicators: s.measures.size,
      waiting: results.filter((r) => r === 'waiting').length,
      failed: results.filter((r) => r === 'failed').length,
      attention: allowed ? attention(desk, s, who) : [],
      allowed,
      head: allowed
        ? heads.get(s.id)!.map((m) => ({ measure: measureView(desk, m), figure: figureView(desk, m, who) }))
        : [],
    };
  });
  return { items, problems: who.permissions.has('cockpit.manage') ? desk.problems.map(problemView) : [] };
}

async function opened(desk: Desk, scenario: Scenario, who: Principal): Promise<z.input<typeof api.scenarioAnswer>> {
  const measures = measuresOf(desk, scenario);
  await soon(
    desk,
    measures.filter((m) => !lacking(who, m.permissions)).map((m) => m.key),
  );
  const { cockpit, ...s } = scenario;
  return {
    ...{ id: s.id, title: s.title, question: s.question, owner: s.owner, audience: s.audience, overview: s.overview },
    ownerName: organisationNames(desk.deps).get(s.owner) ?? { zh: s.owner, en: s.owner },
    ...{ panels: cockpit.panels, screen: cockpit.screen, wide: cockpit.wide, desk: cockpit.desk, phone: cockpit.phone },
    ...{ rules: s.rules, texts: s.texts },
    measures: measures.map((m) => measureView(desk, m)),
    figures: measures.map((m) => figureView(desk, m, who)),
    others: [...desk.scenarios.values()]
      .filter((o) => !lacking(who, o.permissions))
      .map(({ id, title }) => ({ id, title })),
  };
}

function measureFor(desk: Desk, params: { scenario: string; indicator: string }, who: Principal): [Scenario, Measure] {
  const scenario = scenarioFor(desk, params.scenario, who);
  const measure = scenario.measures.get(params.indicator);
  if (!measure) throw new Problem(k.indicatorUnknown, { indicator: params.indicator });
  return [scenario, measure];
}

/** All of them. */
export function cockpitRoutes(desk: () => Desk): RouteDefinition[] {
  const texts = new FigureTexts();
  return [
    defineRoute({
      ...{ method: 'GET', path: base, room, access, response: api.galleryAnswer },
      summary: { zh: '场景驾驶舱', en: 'Cockpits' },
      handler: ({ principal }) => gallery(desk(), principal),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/towns`, room, access, response: api.townsAnswer },
      summary: { zh: '镇街边界', en: 'Outlines of the towns' },
      handler: async () => ({ items: [...desk().places.towns()] }),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/views`, room, access: 'cockpit.manage', response: api.viewsAnswer },
      summary: { zh: '指标可读的视图', en: 'Views that indicators may read' },
      async handler() {
        const rows = await desk().deps.lake.query<{ name: string; columns: string[] }>(
          `SELECT 'v.' || table_name AS name, list(column_name ORDER BY ordinal_position) AS columns
           FROM information_schema.columns WHERE table_schema = 'v' GROUP BY table_name ORDER BY 1`,
        );
        return { items: rows };
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/try`, reads: true, room, access: 'cockpit.manage', body: api.tryBody },
      ...{ response: api.tryAnswer, rateLimit: 60, problems: [k.tooSlow, k.failed, k.tooMany, k.busy, k.notAllowed] },
      summary: { zh: '试算一条指标语句', en: "Try an indicator's statement" },
      handler: ({ body, principal }) => tryStatement(desk(), body, principal),
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/load`, room, access: 'cockpit.manage', response: api.loadAnswer },
      summary: { zh: '重新读取场景文件夹', en: 'Read the folders of scenarios again' },
      async handler({ principal }) {
        const own = desk();
        await own.load();
        await own.deps.audit.append({ actor: principal, action: 'cockpits.load', object: 'scenarios', outcome: 'ok' });
        return { scenarios: own.scenarios.size, problems: own.problems.map(problemView) };
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/{scenario}`, room, access, params: api.scenarioParams },
      ...{ response: api.scenarioAnswer, problems: [k.scenarioUnknown] },
      summary: { zh: '一个场景的驾驶舱', en: 'The cockpit of a scenario' },
      handler: ({ params, principal }) => opened(desk(), scenarioFor(desk(), params.scenario, principal), principal),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/{scenario}/stream`, room, access, params: api.scenarioParams },
      ...{ response: { stream: 'text/event-stream' }, problems: [k.scenarioUnknown] },
      summary: { zh: '指标变化（服务器推送）', en: 'Figures as they change, by server-sent events' },
      async handler({ params, principal, request, reply }) {
        const scenario = scenarioFor(desk(), params.scenario, principal);
        reply.header('x-accel-buffering', 'no');
        const ended = () => request.raw.destroyed || reply.raw.destroyed;
        return { chunks: figureStream(desk(), texts, scenario, principal, ended) };
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/{scenario}/indicators/{indicator}`, room, access, params: api.measureParams },
      ...{ response: api.explainAnswer, problems: [k.scenarioUnknown, k.indicatorUnknown, k.notAllowed] },
      summary: { zh: '一个指标的口径、来源与历史', en: 'An indicator: how it is counted, of what, its history' },
      async handler({ params, principal }) {
        const own = desk();
        const [, m] = measureFor(own, params, principal);
        const needs = lacking(principal, m.permissions);
        if (needs) throw new Problem(k.notAllowed, { permission: needs });
        await soon(own, [m.key]);
        const { hours, days } = own.history.of(m.key);
        const dated = (list: typeof hours) => list.map(({ at, value }) => ({ at: new Date(at).toISOString(), value }));
        return {
          ...{ measure: measureView(own, m), figure: figureView(own, m, principal), permissions: m.permissions },
          sql: m.statement?.text ?? null,
          live: m.declared.live ? JSON.stringify(m.declared.live, null, 2) : null,
          ...{ views: m.statement?.views ?? m.depends, missing: m.statement?.missing ?? [] },
          ...{ ms: own.figures.result(m.key).ms, hours: dated(hours), days: dated(days) },
        };
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/{scenario}/indicators/{indicator}/records`, room, access },
      ...{ params: api.measureParams, query: api.recordsQuery, response: api.recordsAnswer },
      ...{ problems: [k.scenarioUnknown, k.indicatorUnknown, k.notAllowed, k.noRecords, k.tooSlow, k.waiting] },
      summary: { zh: '指标背后的记录', en: 'The records behind an indicator' },
      async handler({ params, query, principal }) {
        const own = desk();
        const [scenario, m] = measureFor(own, params, principal);
        return recordsOf(own, scenario, m, query, principal);
      },
    }),
  ];
}
