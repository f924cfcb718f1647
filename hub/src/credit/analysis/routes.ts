/** Economic analysis over HTTP: groups with their sums, and the enterprises of a group. */
import { z } from 'zod';
import { defineRoute, type RouteDefinition } from '../../platform/http/index.ts';
import type { LakeParams } from '../../platform/lake/index.ts';
import { literal } from '../../platform/lake/index.ts';
import { Problem, problemKind } from '../../platform/problem.ts';
import type { Deps } from '../../platform/room.ts';
import { bilingual, day } from '../api-base.ts';
import { viewerOf } from '../score/routes.ts';
import { divisionName, industryName, sectionName } from '../titles.ts';
import { type Declared, readAnalysis } from './declare.ts';

const unknownGroup = problemKind('credit.analysis.unknown', 404, '没有声明“{id}”', '"{id}" is not declared');

/** What analysis may be grouped by. `link` needs a chain. */
export const analysisGroups = ['chain', 'link', 'section', 'industry', 'town', 'park', 'size', 'kind'] as const;
const code = z.string().max(60);
const filters = z.object({
  chain: code.optional(),
  link: code.optional(),
  section: code.optional(),
  industry: code.optional(),
  town: code.optional(),
  size: code.optional(),
  kind: code.optional(),
});
const groupQuery = filters.extend({ by: z.enum(analysisGroups).default('section') });
const listQuery = filters.extend({
  order: code.default('output'),
  offset: z.coerce.number().int().min(0).max(100_000).default(0),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
const trendQuery = filters.pick({ town: true, section: true }).extend({ measure: code.default('output') });
const trendAnswer = z.object({
  measure: z.string(),
  points: z.array(z.object({ day, entities: z.number().int(), value: z.number() })),
});
const measureRef = z.object({ id: z.string(), title: bilingual, unit: z.string() });
const groupAnswer = z.object({
  day: day.nullable(),
  by: z.enum(analysisGroups),
  measures: z.array(measureRef),
  chains: z.array(
    z.object({ id: z.string(), title: bilingual, links: z.array(z.object({ id: z.string(), title: bilingual })) }),
  ),
  total: z.object({ entities: z.number().int(), values: z.record(z.string(), z.number()) }),
  groups: z.array(
    z.object({
      code: z.string(),
      title: bilingual.nullable(),
      entities: z.number().int(),
      /** Mean credit score of those who have one. */
      score: z.number().nullable(),
      values: z.record(z.string(), z.number()),
    }),
  ),
});
const listAnswer = z.object({
  total: z.number().int(),
  measures: z.array(measureRef),
  items: z.array(
    z.object({
      entity: z.number().int(),
      name: z.string().nullable(),
      town: z.string().nullable(),
      townTitle: bilingual.nullable(),
      industryTitle: bilingual.nullable(),
      size: z.string().nullable(),
      score: z.number().nullable(),
      grade: z.string().nullable(),
      values: z.record(z.string(), z.number()),
    }),
  ),
});

const SIZES: Record<string, { zh: string; en: string }> = {
  large: { zh: '大型', en: 'Large' },
  medium: { zh: '中型', en: 'Medium' },
  small: { zh: '小型', en: 'Small' },
  micro: { zh: '微型', en: 'Micro' },
};

/** What the routes stand on. */
export interface AnalysisPorts extends Pick<Deps, 'lake' | 'vault' | 'audit'> {
  folder: () => string;
}

/** What parks and zones are called. */
const PARK = /(园区|开发区|新区|保税区|产业园|创新中心)$/;

/** The condition that an enterprise is of a link: its industry code starts with one of the prefixes. */
const ofLink = (industries: readonly string[]): string =>
  `(${industries.map((p) => `starts_with(p.industry, ${literal(p)})`).join(' OR ')})`;

/** WHERE of the filters over cs.profile p. */
function where(declared: Declared, q: z.output<typeof filters>): { sql: string; params: LakeParams } {
  const parts = ['true'];
  const params: LakeParams = {};
  for (const key of ['section', 'town', 'size', 'kind'] as const) {
    if (q[key] === undefined) continue;
    parts.push(`coalesce(p.${key}, '') = $${key}`);
    params[key] = q[key];
  }
  if (q.industry !== undefined) {
    parts.push('starts_with(p.industry, $industry)');
    params.industry = q.industry;
  }
  if (q.chain !== undefined) {
    const links = chainOf(declared, q.chain).links.filter((l) => q.link === undefined || l.id === q.link);
    if (links.length === 0) throw new Problem(unknownGroup, { id: q.link });
    parts.push(ofLink(links.flatMap((l) => l.industries)));
  }
  return { sql: parts.join(' AND '), params };
}

function chainOf(declared: Declared, id: string) {
  const chain = declared.chains.find((c) => c.id === id);
  if (!chain) throw new Problem(unknownGroup, { id });
  return chain;
}

/** Newest scores of the default model, for the mean beside the sums. */
const SCORES = `(SELECT entity, score, grade FROM cs.score WHERE run =
  (SELECT run FROM v.credit_score_run_v1 WHERE finished IS NOT NULL ORDER BY day DESC, run DESC LIMIT 1))`;

/** The groups as (entity, code): an enterprise may be in several chains, so that their sums are not one whole. */
function grouping(
  declared: Declared,
  by: (typeof analysisGroups)[number],
  chain: string | undefined,
  parks: readonly string[],
): string {
  if (by === 'chain' || (by === 'link' && chain === undefined)) {
    const parts = declared.chains.map(
      (c) =>
        `SELECT p.entity, ${literal(c.id)} AS code FROM picked p WHERE ${ofLink(c.links.flatMap((l) => l.industries))}`,
    );
    return parts.join(' UNION ALL ') || 'SELECT entity, NULL AS code FROM picked WHERE false';
  }
  if (by === 'link') {
    return chainOf(declared, chain!)
      .links.map((l) => `SELECT p.entity, ${literal(l.id)} AS code FROM picked p WHERE ${ofLink(l.industries)}`)
      .join(' UNION ALL ');
  }
  // Parks are kept as places beside the towns and known by what they are called.
  if (by === 'park')
    return `SELECT entity, town AS code FROM picked WHERE town IN (${parks.map(literal).join(', ') || 'NULL'})`;
  const column = by === 'industry' ? 'left(industry, 2)' : by;
  return `SELECT entity, coalesce(${column}, '') AS code FROM picked`;
}

/** All routes. */
export function analysisRoutes(ports: AnalysisPorts): RouteDefinition[] {
  const { lake } = ports;
  const refs = (d: Declared) => d.measures.map(({ id, title, unit }) => ({ id, title, unit }));
  return [
    defineRoute({
      method: 'GET',
      path: '/api/v1/credit/analysis',
      room: 'credit',
      summary: { zh: '经济分析', en: 'Economic analysis' },
      access: 'credit.read',
      query: groupQuery,
      response: groupAnswer,
      problems: [unknownGroup],
      handler: async (c) => {
        const q = c.query;
        const declared = readAnalysis(ports.folder());
        const { sql, params } = where(declared, q);
        const places =
          q.by === 'park'
            ? await lake.query<{ town: string }>('SELECT DISTINCT town FROM cs.profile WHERE town IS NOT NULL')
            : [];
        const parks = places.map((p) => p.town).filter((code) => PARK.test(divisionName(code)?.zh ?? ''));
        const picked = `WITH picked AS MATERIALIZED (SELECT * FROM cs.profile p WHERE ${sql}), g AS (${grouping(declared, q.by, q.chain, parks)})`;
        const [heads, sums, totals, head] = await Promise.all([
          lake.query<{ code: string; n: number; score: number | null }>(
            `${picked} SELECT g.code, count(*) AS n, avg(s.score)::DOUBLE AS score FROM g LEFT JOIN ${SCORES} s ON s.entity = g.entity GROUP BY 1`,
            params,
          ),
          lake.query<{ code: string; measure: string; value: number }>(
            `${picked} SELECT g.code, m.measure, sum(m.value) AS value FROM g JOIN cs.measure m ON m.entity = g.entity GROUP BY 1, 2`,
            params,
          ),
          lake.query<{ measure: string; value: number }>(
            `WITH picked AS (SELECT * FROM cs.profile p WHERE ${sql}) SELECT m.measure, sum(m.value) AS value FROM picked p JOIN cs.measure m ON m.entity = p.entity GROUP BY 1`,
            params,
          ),
          lake.first<{ n: number; day: string | null }>(
            `SELECT count(*) AS n, max(day) AS day FROM cs.profile p WHERE ${sql}`,
            params,
          ),
        ]);
        await viewerOf(ports, c).record('credit.analysis', 'credit/analysis', { by: q.by, ...params });
        const titleOf = (group: string) => {
          if (q.by === 'chain' || (q.by === 'link' && !q.chain))
            return declared.chains.find((x) => x.id === group)?.title ?? null;
          if (q.by === 'link') return chainOf(declared, q.chain!).links.find((l) => l.id === group)?.title ?? null;
          if (q.by === 'size') return SIZES[group] ?? null;
          if (q.by === 'town' || q.by === 'park') return divisionName(group);
          if (q.by === 'section') return sectionName(group);
          if (q.by === 'industry') return industryName(group);
          return group ? { zh: group, en: group } : null;
        };
        const groups = heads.map((h) => ({
          code: h.code,
          title: titleOf(h.code),
          entities: h.n,
          score: h.score === null || !c.principal.permissions.has('score.rank') ? null : Math.round(h.score * 10) / 10,
          values: Object.fromEntries(sums.filter((s) => s.code === h.code).map((s) => [s.measure, s.value])),
        }));
        return {
          day: head?.day ?? null,
          by: q.by,
          measures: refs(declared),
          chains: declared.chains.map((x) => ({
            id: x.id,
            title: x.title,
            links: x.links.map((l) => ({ id: l.id, title: l.title })),
          })),
          total: { entities: head?.n ?? 0, values: Object.fromEntries(totals.map((t) => [t.measure, t.value])) },
          groups: groups.sort((a, b) => (b.values.output ?? 0) - (a.values.output ?? 0) || b.entities - a.entities),
        };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/credit/analysis/enterprises',
      room: 'credit',
      summary: { zh: '经济分析：企业', en: 'Economic analysis: the enterprises of a group' },
      access: 'credit.read',
      query: listQuery,
      response: listAnswer,
      problems: [unknownGroup],
      handler: async (c) => {
        const q = c.query;
        const declared = readAnalysis(ports.folder());
        if (q.order !== 'score' && !declared.measures.some((m) => m.id === q.order))
          throw new Problem(unknownGroup, { id: q.order });
        const { sql, params } = where(declared, q);
        const total = await lake.first<{ n: number }>(`SELECT count(*) AS n FROM cs.profile p WHERE ${sql}`, params);
        // Whoever may not see the ranking does not get it by sorting here.
        const ranks = c.principal.permissions.has('score.rank');
        const key = q.order === 'score' && ranks ? 's.score' : 'o.value';
        const rows = await lake.query<{
          entity: number;
          name: string | null;
          town: string | null;
          industry: string | null;
          size: string | null;
          score: number | null;
          grade: string | null;
        }>(
          `SELECT p.entity, p.name, p.town, p.industry, p.size, ${ranks ? 's.score::DOUBLE AS score, s.grade' : 'NULL AS score, NULL AS grade'} FROM cs.profile p
           LEFT JOIN ${SCORES} s ON s.entity = p.entity
           LEFT JOIN cs.measure o ON o.entity = p.entity AND o.measure = $order
           WHERE ${sql} ORDER BY ${key} DESC NULLS LAST, p.entity LIMIT ${q.limit} OFFSET ${q.offset}`,
          { ...params, order: q.order },
        );
        const values = rows.length
          ? await lake.query<{ entity: number; measure: string; value: number }>(
              `SELECT entity, measure, value FROM cs.measure WHERE entity IN (${rows.map((r) => r.entity).join(', ')})`,
            )
          : [];
        await viewerOf(ports, c).record('credit.analysis-enterprises', 'credit/analysis', {
          n: rows.length,
          ...params,
        });
        return {
          total: total!.n,
          measures: refs(declared),
          items: rows.map(({ industry, ...r }) => ({
            ...r,
            townTitle: divisionName(r.town),
            industryTitle: industryName(industry),
            values: Object.fromEntries(values.filter((v) => v.entity === r.entity).map((v) => [v.measure, v.value])),
          })),
        };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/credit/analysis/trend',
      room: 'credit',
      summary: { zh: '经济分析：指标随时间的变化', en: 'Economic analysis: a measure over time' },
      description: {
        zh: '各月末与最近一次的合计；每个时点为此前一年（或最近一期）的数值',
        en: 'Sums at the ends of months and of the newest run; each point is of the year before it, or the newest report',
      },
      access: 'credit.read',
      query: trendQuery,
      response: trendAnswer,
      problems: [unknownGroup],
      handler: async (c) => {
        const { measure, town, section } = c.query;
        const declared = readAnalysis(ports.folder());
        if (!declared.measures.some((m) => m.id === measure)) throw new Problem(unknownGroup, { id: measure });
        const points = await lake.query<{ day: string; entities: number; value: number }>(
          `SELECT day, sum(entities)::BIGINT AS entities, sum(value) AS value FROM cs.trend WHERE measure = $measure
             ${town === undefined ? '' : "AND coalesce(town, '') = $town"} ${section === undefined ? '' : "AND coalesce(section, '') = $section"}
             AND (day = last_day(day) OR day = (SELECT max(day) FROM cs.trend)) GROUP BY day ORDER BY day`,
          { measure, ...(town === undefined ? {} : { town }), ...(section === undefined ? {} : { section }) },
        );
        return { measure, points };
      },
    }),
  ];
}
