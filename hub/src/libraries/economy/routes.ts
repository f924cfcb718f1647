/** The economy over HTTP. Figures of groups ask for economy.read, those of single enterprises for economy.detail. */
import { divisionAt, industryAt } from '@jingwei/codes';
import { catalogueOf } from '../../catalogue/index.ts';
import type { Principal } from '../../platform/auth/principal.ts';
import { defineRoute, type RouteDefinition } from '../../platform/http/index.ts';
import type { Lake } from '../../platform/lake/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { Deps } from '../../platform/room.ts';
import { jobReference } from '../../refinery/index.ts';
import * as api from './api.ts';
import { builtIn, type grains, monthsOf } from './declaration.ts';
import { groupFigures, numbersOf } from './figures.ts';
import { readGrading } from './grading.ts';
import { ECONOMY_JOB, economyOf } from './job.ts';
import { type Economy, measureOf } from './load.ts';
import { builtInTitle } from './place.ts';
import { enterpriseUnknown, notReady, periodWrong, unknownAsked } from './problems.ts';
import { enterprisesSql, type Filters, readFilters, readPeriod } from './query.ts';
import { rankEnterprises, seriesOf } from './rank.ts';
import { sheetOf, whyOf } from './service.ts';
import { periodOf } from './sheet.ts';

const room = 'libraries';
const base = '/api/v1/libraries/economy';

/** The economy, or a Problem where nothing (right) is declared. */
function declaredOf(lake: Lake): Economy {
  const { economy, problems } = economyOf(lake);
  if (economy) return economy;
  throw problems[0] ?? new Problem(notReady);
}

const may = (p: Principal): boolean => p.permissions.has('economy.detail');

/** Titles of a dimension's codes. */
async function titlesOf(lake: Lake, dimension: string): Promise<(code: string) => string | null> {
  if (builtIn.some((b) => b.id === dimension)) return (code) => (code === '' ? null : builtInTitle(dimension, code));
  const rows = await lake.query<{ code: string; title: string }>(
    'SELECT code, title FROM eco.code WHERE dimension = $dimension',
    { dimension },
  );
  const map = new Map(rows.map((r) => [r.code, r.title]));
  return (code) => map.get(code) ?? null;
}

async function whereOf(lake: Lake, filters: Filters) {
  return Promise.all(
    [...filters].map(async ([dimension, code]) => ({
      dimension,
      code,
      title: (await titlesOf(lake, dimension))(code),
    })),
  );
}

const town = (code: string | null) => (code ? (divisionAt(code)?.name ?? null) : null);
const trade = (code: string | null) => (code ? (industryAt(code)?.name ?? null) : null);

async function overview(deps: Pick<Deps, 'lake'>, principal: Principal) {
  const { lake } = deps;
  const loaded = economyOf(lake);
  const economy = declaredOf(lake);
  const d = economy.declaration;
  const found = await lake.query<{ grain: number; period: number }>(
    'SELECT DISTINCT grain, period FROM eco.figure ORDER BY period DESC',
  );
  const periods = (g: (typeof grains)[number]) =>
    found.filter((f) => f.grain === monthsOf[g]).map((f) => periodOf(f.grain, f.period));
  const last = await lake.first<{
    made: string;
    ms: number;
    enterprises: number;
    figures: number;
    changed: number;
    doubts: number;
    disputed: number;
  }>('SELECT * EXCLUDE (measures) FROM eco.run ORDER BY made DESC LIMIT 1');
  const ref = <T extends { id: string; title: { zh: string; en: string }; unit: string; decimals: number }>(x: T) => ({
    ...{ id: x.id, title: x.title, unit: x.unit, decimals: x.decimals },
  });
  return {
    ...{ title: d.title, abstract: d.abstract, owner: d.owner },
    measures: d.measures.map((m) => ({
      ...ref(m),
      over: m.over,
      carry: m.carry,
      sources: m.sources.map((s) => s.source),
    })),
    indicators: d.indicators.map((i) => ({ ...ref(i), formula: i.formula, better: i.better })),
    dimensions: [
      ...builtIn.map((b) => ({ ...b, several: false })),
      ...d.dimensions.map(({ id, title, several }) => ({ id, title, several })),
    ],
    gradings: d.gradings.map(({ id, title }) => ({ id, title })),
    periods: { month: periods('month'), quarter: periods('quarter'), year: periods('year') },
    last: last ?? null,
    ...{ detail: may(principal), confidentiality: d.confidentiality },
    problems: loaded.problems.map((p) => {
      const { title, place } = p.toJSON();
      return { code: p.kind.code, ...title, place: place?.file ? `${place.file}:${place.line ?? 1}` : null };
    }),
  };
}

/** All routes. */
export function economyRoutes(deps: Deps): RouteDefinition[] {
  const { lake } = deps;
  const economy = () => declaredOf(lake);
  const problems = [notReady, unknownAsked, periodWrong];
  const look = (principal: Principal, object: string, detail: Record<string, unknown>) =>
    deps.audit.append({
      ...{ actor: principal, action: 'economy.look', object, outcome: 'ok' as const, detail },
      ...(principal.purpose ? { purpose: principal.purpose } : {}),
    });
  return [
    defineRoute({
      ...{ method: 'GET', path: base, room, access: 'economy.read', response: api.overviewAnswer, problems },
      summary: { zh: '产业经济库总览', en: 'The industrial economy' },
      handler: (c) => overview(deps, c.principal),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/figures`, room, access: 'economy.read', query: api.figuresQuery },
      ...{ response: api.figuresAnswer, problems },
      summary: { zh: '产业经济：汇总与分组', en: 'Figures of the whole and of groups' },
      async handler({ query, principal }) {
        const e = economy();
        const asked = readPeriod(query.grain, query.period);
        const filters = readFilters(e, query.where);
        if (query.by && readFilters(e, `${query.by}:x`).size === 0) throw new Problem(unknownAsked, { id: query.by });
        const { total, groups } = await groupFigures(lake, e, asked, filters, query.by ?? null, may(principal));
        const titles = query.by ? await titlesOf(lake, query.by) : () => null;
        const q = enterprisesSql(filters);
        const n = (await lake.first<{ n: number }>(`SELECT count(*) AS n FROM (${q.sql})`, q.params))!.n;
        return {
          ...{ grain: query.grain, period: query.period, by: query.by ?? null, where: await whereOf(lake, filters) },
          enterprises: n,
          total: { ...total, title: null },
          groups: groups.map((g) => ({ ...g, title: titles(g.code) })),
        };
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/series`, room, access: 'economy.read', query: api.seriesQuery },
      ...{ response: api.seriesAnswer, problems },
      summary: { zh: '产业经济：时间序列', en: 'A measure over time' },
      handler: ({ query, principal }) =>
        seriesOf(lake, economy(), query.measure, query.grain, readFilters(economy(), query.where), may(principal)),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/enterprises`, room, access: 'economy.detail', query: api.rankQuery },
      ...{ response: api.rankAnswer, problems },
      summary: { zh: '产业经济：企业排名', en: 'Enterprises in the order of a measure or an indicator' },
      async handler({ query, principal }) {
        const e = economy();
        const asked = readPeriod(query.grain, query.period);
        const found = await rankEnterprises(lake, e, asked, readFilters(e, query.where), query);
        await look(principal, 'economy/enterprises', {
          order: query.order,
          where: query.where ?? '',
          n: found.items.length,
        });
        return {
          total: found.total,
          items: found.items.map(({ town: t, class: k, ...r }) => ({
            ...r,
            townTitle: town(t),
            industryTitle: trade(k),
          })),
        };
      },
    }),
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/enterprises/{entity}`,
        room,
        access: 'economy.detail',
        params: api.sheetParams,
      },
      ...{ response: api.sheetAnswer, problems: [...problems, enterpriseUnknown] },
      summary: { zh: '一家企业的经济指标', en: 'The economic sheet of an enterprise' },
      async handler({ params, principal }) {
        const sheet = await sheetOf(lake, economy(), catalogueOf(lake), params.entity);
        await look(principal, `economy/${params.entity}`, {});
        return sheet;
      },
    }),
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/enterprises/{entity}/why`,
        room,
        access: 'economy.detail',
        params: api.sheetParams,
      },
      ...{ query: api.whyQuery, response: api.whyAnswer, problems },
      summary: { zh: '一个指标值的来历', en: 'Why a figure is what it is' },
      async handler({ params, query, principal }) {
        const why = await whyOf(lake, economy(), catalogueOf(lake), params.entity, query);
        await look(principal, `economy/${params.entity}`, { measure: query.measure, period: query.period });
        return why;
      },
    }),
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/gradings/{grading}`,
        room,
        access: 'economy.detail',
        params: api.gradingParams,
      },
      ...{ query: api.gradingQuery, response: api.gradingAnswer, problems },
      summary: { zh: '企业综合评价分档', en: 'A grading of enterprises' },
      async handler({ params, query, principal }) {
        const e = economy();
        const g = e.declaration.gradings.find((x) => x.id === params.grading);
        if (!g) throw new Problem(unknownAsked, { id: params.grading });
        const filters = readFilters(e, query.where);
        const found = await readGrading(lake, e, g, { ...query, filters });
        const numbers = await numbersOf(lake);
        const years = await lake.query<{ period: number }>(
          `SELECT period FROM eco.figure WHERE grain = 12 AND parts = 12 AND measure IN (${
            g.measures
              .map((id) => (measureOf(e, id)?.carry ? null : numbers.get(id)))
              .filter((x) => x != null)
              .join(', ') || 'NULL'
          })
           GROUP BY period HAVING count(DISTINCT measure) = ${g.measures.filter((id) => !measureOf(e, id)?.carry && numbers.has(id)).length} ORDER BY period DESC`,
        );
        await look(principal, `economy/grading/${g.id}`, { year: query.year, n: found.items.length });
        return {
          ...{ id: g.id, title: g.title, ground: g.ground, score: g.score, shares: g.grades, rules: g.rules },
          indicators: e.declaration.indicators
            .filter((i) => i.id in found.city)
            .map(({ id, title, unit, decimals }) => ({ id, title, unit, decimals })),
          years: years.map((y) => String(y.period / 12)),
          ...{ total: found.total, grades: found.grades, city: found.city },
          items: found.items.map(({ town: t, class: k, ...r }) => ({
            ...r,
            townTitle: town(t),
            industryTitle: trade(k),
          })),
        };
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/run`, room, access: 'refinery.review', response: jobReference, status: 202 },
      summary: { zh: '立即计算产业经济库', en: 'Make the economy now' },
      async handler({ principal }) {
        const job = await deps.jobs.submit(ECONOMY_JOB, {}, { by: principal.userId, unique: 'economy' });
        await deps.audit.append({
          actor: principal,
          action: 'economy.run',
          object: 'economy',
          outcome: 'ok',
          detail: { job },
        });
        return { job };
      },
    }),
  ];
}
