/** The routes of the workbench. Whoever has `workbench.use` asks with their own rights; a file asks for `workbench.export` besides. */
import { performance } from 'node:perf_hooks';
import { readOrganisations } from '../catalogue/index.ts';
import type { Principal } from '../platform/auth/principal.ts';
import { purposeNeeded } from '../platform/auth/problems.ts';
import { defineRoute, type RouteDefinition } from '../platform/http/index.ts';
import type { Deps } from '../platform/room.ts';
import * as api from './api.ts';
import { exportQuery } from './export.ts';
import { historyOf, remember } from './history.ts';
import { planTree } from './plan.ts';
import * as k from './problems.ts';
import { lackingFor, seen } from './projection.ts';
import type { Parameter, Runner } from './run.ts';
import { change, remove, save, savedById, savedOf, shownOf } from './saved.ts';

const base = '/api/v1/workbench';
const room = 'workbench';
const access = 'workbench.use' as const;
const ofStatements = [
  ...[
    k.notSelect,
    k.several,
    k.empty,
    k.tooDeep,
    k.compile,
    k.syntax,
    k.columnUnknown,
    k.notGrouped,
    k.forbidden,
    k.viewUnknown,
    k.viewRefused,
    purposeNeeded,
  ],
  ...[k.parameterUnknown, k.parameterName, k.parameterValue, k.valueFailed, k.failed, k.tooSlow, k.tooLarge],
  ...[k.cancelled, k.alreadyRunning, k.busy, k.tooManyColumns],
];

/** Runs and remembers it, also where it failed. */
async function remembered<T extends { views: string[] }>(
  deps: Deps,
  who: Principal,
  asked: { statement: string; parameters: readonly Parameter[] },
  work: () => Promise<T>,
  rowsOf: (answer: T) => number,
): Promise<T> {
  const from = performance.now();
  const { statement, parameters } = asked;
  const keep = (rows: number | null, views: readonly string[], problem: unknown) =>
    remember(deps, who.userId, { statement, parameters, rows, views, problem, ms: performance.now() - from });
  try {
    const answer = await work();
    await keep(rowsOf(answer), answer.views, undefined);
    return answer;
  } catch (error) {
    await keep(null, [], error);
    throw error;
  }
}

/** All of them. */
export function workbenchRoutes(deps: Deps, runner: Runner): RouteDefinition[] {
  const names = () =>
    new Map(readOrganisations(deps.folders.cities, deps.config.city).organisations.map((o) => [o.id, o.name]));
  const nameOf = () => {
    const all = names();
    return (id: string) => all.get(id) ?? null;
  };
  const one = async (who: Principal, id: number) => shownOf(await savedById(deps.db.kysely, who, id), who, nameOf());
  return [
    defineRoute({
      ...{ method: 'GET', path: `${base}/views`, room, access, response: api.viewsAnswer },
      summary: { zh: '可查询的视图与列', en: 'Views and columns that may be queried' },
      handler: ({ principal }) => viewsFor(deps, runner, principal),
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/run`,
        reads: true,
        heavy: true,
        room,
        access,
        body: api.runBody,
        response: api.runAnswer,
      },
      problems: ofStatements,
      summary: { zh: '运行一条查询', en: 'Run a query' },
      handler: ({ body, principal }) =>
        remembered(
          deps,
          principal,
          body,
          () => runner.run(body.statement, body.parameters, principal, body.rows),
          (answer) => answer.rows.length,
        ),
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/plan`,
        reads: true,
        room,
        access,
        body: api.statementBody,
        response: api.planAnswer,
      },
      problems: ofStatements,
      summary: { zh: '查询的执行计划', en: 'How a query would be done' },
      async handler({ body, principal }) {
        const { plan, views } = await runner.plan(body.statement, body.parameters, principal);
        return { plan: planTree(plan), views };
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/cancel`, reads: true, room, access, response: api.cancelAnswer },
      summary: { zh: '取消自己的查询', en: "Cancel one's own query" },
      handler: async ({ principal }) => ({ cancelled: runner.turns.cancel(principal.userId) }),
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/export`,
        heavy: true,
        room,
        access: 'workbench.export',
        body: api.exportBody,
      },
      ...{ response: { stream: 'application/octet-stream' }, problems: ofStatements },
      summary: { zh: '导出查询结果（CSV、XLSX）', en: "Export a query's answer (CSV, XLSX)" },
      handler: ({ body, principal }) =>
        remembered(
          deps,
          principal,
          body,
          () => exportQuery(deps, runner, principal, body),
          (file) => file.rows,
        ),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/history`, room, access, query: api.historyQuery, response: api.historyAnswer },
      summary: { zh: '自己的查询历史', en: "One's own queries" },
      handler: ({ query, principal }) => historyOf(deps.db, principal.userId, query),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/saved`, room, access, query: api.savedQuery, response: api.savedList },
      summary: { zh: '保存和分享的查询', en: 'Saved and shared queries' },
      async handler({ query, principal }) {
        const name = nameOf();
        return { items: (await savedOf(deps, principal, query)).map((row) => shownOf(row, principal, name)) };
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/saved`, room, access, body: api.savedBody, response: api.savedOne },
      problems: [k.savedNoOrganisation, k.savedIdentity, k.savedTooMany],
      summary: { zh: '保存一条查询', en: 'Save a query' },
      handler: async ({ body, principal }) => one(principal, await save(deps, principal, body)),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/saved/{id}`, room, access, params: api.savedParams, response: api.savedOne },
      problems: [k.savedUnknown],
      summary: { zh: '一条保存的查询', en: 'A saved query' },
      handler: ({ params, principal }) => one(principal, params.id),
    }),
    defineRoute({
      ...{ method: 'PUT', path: `${base}/saved/{id}`, room, access, params: api.savedParams, body: api.savedChange },
      ...{ response: api.savedOne },
      problems: [k.savedUnknown, k.savedNotYours, k.savedChanged, k.savedNoOrganisation, k.savedIdentity],
      summary: { zh: '修改保存的查询', en: 'Change a saved query' },
      async handler({ params, body, principal }) {
        await change(deps, principal, params.id, body);
        return one(principal, params.id);
      },
    }),
    defineRoute({
      ...{ method: 'DELETE', path: `${base}/saved/{id}`, room, access, params: api.savedParams },
      ...{ response: api.cancelAnswer, problems: [k.savedUnknown, k.savedNotYours] },
      summary: { zh: '删除保存的查询', en: 'Delete a saved query' },
      async handler({ params, principal }) {
        await remove(deps, principal, params.id);
        return { cancelled: true };
      },
    }),
  ];
}

async function viewsFor(deps: Deps, runner: Runner, who: Principal) {
  const there = await deps.lake.query<{ view: string; name: string; type: string }>(
    `SELECT table_name AS view, column_name AS name, data_type AS type FROM duckdb_columns()
     WHERE schema_name = 'v' AND NOT internal`,
  );
  const types = new Map<string, Map<string, string>>();
  for (const { view, name, type } of there) types.set(view, (types.get(view) ?? new Map()).set(name, type));
  const views = [...runner.contract().views.values()].flatMap((view) => {
    const columns = types.get(view.name);
    // Declared, but nothing makes it here.
    if (!columns) return [];
    const lacking = lackingFor(view, who) ?? (view.people && !who.purpose ? 'purpose' : null);
    return [
      {
        ...{ name: view.name, title: view.title, from: view.from, level: view.level, people: view.people, lacking },
        columns: view.columns
          .filter((c) => columns.has(c.name))
          .map((c) => {
            const shown = seen(view, c, who);
            return {
              ...{ name: c.name, title: c.title, type: columns.get(c.name)!, protection: c.protection },
              // What the vault keeps is never plain here.
              shown: c.protection === 'sensitive' && shown === 'plain' ? ('masked' as const) : shown,
              unit: c.unit ?? null,
            };
          }),
      },
    ];
  });
  const { seconds, exportRows, memoryMiB } = deps.config.workbench;
  return {
    ...{ views, limits: { seconds, rows: 10_000, exportRows, memoryMiB } },
    exports: who.permissions.has('workbench.export'),
  };
}
