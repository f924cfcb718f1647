/** The refinery's routes. */
import { z } from 'zod';
import { catalogueOf, type SourceDeclaration } from '../catalogue/index.ts';
import { defineRoute, type RouteDefinition } from '../platform/http/index.ts';
import { Problem } from '../platform/problem.ts';
import type { Deps } from '../platform/room.ts';
import {
  bigNumber,
  classList,
  decisionBody,
  type dimension,
  linkAnswer,
  profileAnswer,
  profileQuery,
  type QualityRule,
  qualityAnswer,
  qualityQuery,
  review,
  reviewPage,
  reviewQuery,
  summary,
} from './api.ts';
import { linkOf, methodInWords } from './links.ts';
import { type ClassPlan, planOf } from './plan.ts';
import { notRefined, unknownFact, unknownSource } from './problems.ts';
import { decide, reviewOf, reviews } from './reviews.ts';
import { Shower } from './shown.ts';
import { otherRows } from './whereabouts.ts';

/** The plan of a declared source by its id; a Problem when there is none. */
export function planById(deps: Pick<Deps, 'lake'>, source: string): ClassPlan {
  const known = catalogueOf(deps.lake).sources.get(source);
  if (!known) throw new Problem(unknownSource, { source });
  return planOf(known);
}

const LATEST = `(SELECT q.* FROM v.quality_v1 q JOIN (SELECT source, max(run) AS run FROM v.quality_v1 GROUP BY source) l ON l.source = q.source AND l.run = q.run)`;

/** Routes over what the refinery keeps. Starting an integration and rows behind numbers belong to the libraries, who keep facts. */
export function refineryRoutes(deps: Deps): RouteDefinition[] {
  const { lake } = deps;
  const declarations = () =>
    new Map(
      catalogueOf(lake)
        .declarations()
        .map((d): [string, SourceDeclaration] => [d.id, d]),
    );
  return [
    defineRoute({
      method: 'GET',
      path: '/api/v1/refinery/summary',
      room: 'refinery',
      summary: { zh: '治理总览', en: 'The refinery at a glance' },
      access: 'refinery.read',
      response: summary,
      async handler() {
        const totals = (await lake.first<Record<string, number>>(
          `SELECT count(*) AS runs, coalesce(sum(accepted), 0)::BIGINT AS rows, coalesce(sum(linked), 0)::BIGINT AS linked,
             coalesce(sum(unlinked), 0)::BIGINT AS unlinked, (SELECT count(*) FROM v.entity_v1) AS entities,
             (SELECT count(*) FROM v.link_review_v1 WHERE decision IS NULL) AS open,
             (SELECT count(*) FROM v.run_v1 WHERE run NOT IN (SELECT run FROM v.refined_run_v1 WHERE refined_at IS NOT NULL)) AS waiting
           FROM v.refined_run_v1 WHERE refined_at IS NOT NULL`,
        ))!;
        const dimensions = await lake.query<{ dimension: z.infer<typeof dimension>; a: number; b: number }>(
          `SELECT dimension, sum(a)::BIGINT AS a, sum(b)::BIGINT AS b FROM ${LATEST} GROUP BY dimension ORDER BY dimension`,
        );
        const last = await lake.first<{ integration: number; finished: string | null }>(
          'SELECT integration, finished FROM v.integration_v1 ORDER BY integration DESC LIMIT 1',
        );
        return {
          runs: totals.runs!,
          waiting: totals.waiting!,
          rows: totals.rows!,
          linked: totals.linked!,
          unlinked: totals.unlinked!,
          others: await otherRows(lake),
          entities: totals.entities!,
          reviewsOpen: totals.open!,
          dimensions,
          last: last
            ? {
                ...last,
                steps: await lake.query<{ name: string; ms: number; rows: number }>(
                  'SELECT step AS name, ms, coalesce(rows, 0) AS rows FROM v.integration_step_v1 WHERE integration = $i ORDER BY finished',
                  { i: last.integration },
                ),
              }
            : null,
        };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/refinery/classes',
      room: 'refinery',
      summary: { zh: '各类数据的治理情况', en: 'Where the refining of every class stands' },
      access: 'refinery.read',
      response: classList,
      async handler() {
        const rows = await lake.query<Record<string, string | number | null>>(
          `SELECT r.source, count(*) AS runs, max(r.run) AS last_run, max(r.refined_at) AS refined_at, sum(r.accepted)::BIGINT AS rows,
             coalesce(sum(r.linked), 0)::BIGINT AS linked, coalesce(sum(r.unlinked), 0)::BIGINT AS unlinked,
             (SELECT count(*) FROM v.link_review_v1 x WHERE x.decision IS NULL AND x.class = any_value(r.class)) AS open,
             (SELECT sum(a) / nullif(sum(b), 0) FROM v.quality_v1 q WHERE q.run = max(r.run)) AS quality
           FROM v.refined_run_v1 r WHERE r.refined_at IS NOT NULL GROUP BY r.source`,
        );
        const by = new Map(rows.map((r) => [r.source as string, r]));
        return {
          items: [...declarations().values()].map((d) => {
            const r = by.get(d.id);
            return {
              class: d.number,
              source: d.id,
              title: d.title,
              owner: d.owner,
              runs: Number(r?.runs ?? 0),
              lastRun: (r?.last_run as number | undefined) ?? null,
              refinedAt: (r?.refined_at as string | undefined) ?? null,
              rows: Number(r?.rows ?? 0),
              linked: Number(r?.linked ?? 0),
              unlinked: Number(r?.unlinked ?? 0),
              reviewsOpen: Number(r?.open ?? 0),
              quality: r?.quality === null || r?.quality === undefined ? null : Number(r.quality),
            };
          }),
        };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/refinery/profile/{source}',
      room: 'refinery',
      summary: { zh: '数据画像', en: 'What the values of a class look like' },
      access: 'refinery.read',
      params: z.object({ source: z.string() }),
      query: profileQuery,
      response: profileAnswer,
      problems: [unknownSource, notRefined],
      async handler({ params, query, principal }) {
        const d = planById(deps, params.source).declaration;
        const runs = await lake.query<{ run: number; finished: string }>(
          `SELECT DISTINCT p.run, r.finished FROM v.profile_v1 p JOIN v.refined_run_v1 r ON r.run = p.run WHERE p.source = $source ORDER BY p.run DESC LIMIT 100`,
          { source: d.id },
        );
        const run = query.run ?? runs[0]?.run;
        const rows = await lake.query<Record<string, string | number | null>>(
          'SELECT * FROM v.profile_v1 WHERE source = $source AND run = $run',
          {
            source: d.id,
            run: run ?? 0,
          },
        );
        if (run === undefined || rows.length === 0) throw new Problem(notRefined, { source: d.id, run: run ?? '' });
        const shower = new Shower(principal, deps.vault);
        const by = new Map(rows.map((r) => [String(r.field), r]));
        const fields = d.fields.flatMap((f) => {
          const r = by.get(f.name);
          if (!r) return [];
          const cell = (v: string | number | null | undefined) =>
            v === null || v === undefined ? null : shower.cell(d, f, String(v));
          const top = JSON.parse(String(r.top)) as { value: string; rows: number }[];
          return [
            {
              field: f.name,
              title: f.title,
              type: f.type,
              protection: f.protection,
              rows: Number(r.rows),
              filled: Number(r.filled),
              flagged: Number(r.flagged),
              sampled: Number(r.sampled),
              distinct: Number(r.distinct_values),
              min: cell(r.min),
              max: cell(r.max),
              minLength: r.min_length === null ? null : Number(r.min_length),
              maxLength: r.max_length === null ? null : Number(r.max_length),
              patterns: JSON.parse(String(r.patterns)) as { pattern: string; rows: number }[],
              top: top.map((t) => ({ value: shower.cell(d, f, t.value), rows: t.rows })),
              drift: r.drift === null ? null : Number(r.drift),
            },
          ];
        });
        await shower.settle(deps.audit, `profile:${d.id}`);
        return { source: d.id, class: d.number, run, runs, fields };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/refinery/quality',
      room: 'refinery',
      summary: { zh: '数据质量（六个维度，A/B）', en: 'Quality in six dimensions as A / B' },
      access: 'refinery.read',
      query: qualityQuery,
      response: qualityAnswer,
      async handler({ query }) {
        const own = declarations();
        const depth = { department: 0, class: 1, run: 2, field: 3, rule: 4 }[query.by];
        const key = ['c.owner', 'q.source', 'q.run', 'q.field', 'q.rule'];
        const wanted = key.map((k, i) =>
          i === 0 || (i <= depth && !(query.by !== 'run' && k === 'q.run' && query.runs === 'all')) ? k : 'NULL',
        );
        const where = [
          query.owner ? 'c.owner = $owner' : 'true',
          query.source ? 'q.source = $source' : 'true',
          query.run ? 'q.run = $run' : 'true',
          query.field ? 'q.field = $field' : 'true',
          query.dimension ? 'q.dimension = $dimension' : 'true',
        ].join(' AND ');
        const params = Object.fromEntries(
          (['owner', 'source', 'run', 'field', 'dimension'] as const).flatMap((k) =>
            query[k] === undefined ? [] : [[k, query[k]]],
          ),
        ) as Record<string, string | number>;
        const rows = await lake.query<Record<string, string | number | null>>(
          `SELECT ${wanted.map((k, i) => `${k} AS k${i}`).join(', ')}, q.dimension, sum(q.a)::BIGINT AS a, sum(q.b)::BIGINT AS b
           FROM ${query.runs === 'latest' && !query.run ? LATEST : 'v.quality_v1'} q JOIN v.class_v1 c ON c.source = q.source
           WHERE ${where} GROUP BY ALL ORDER BY ALL`,
          params,
        );
        const lines = new Map<string, z.input<typeof qualityAnswer>['items'][number]>();
        for (const r of rows) {
          const id = JSON.stringify([r.k0, r.k1, r.k2, r.k3, r.k4]);
          const line = lines.get(id) ?? {
            owner: String(r.k0),
            source: r.k1 as string | null,
            title: r.k1 ? (own.get(String(r.k1))?.title ?? null) : null,
            run: r.k2 as number | null,
            field: r.k3 as string | null,
            fieldTitle: own.get(String(r.k1))?.fields.find((f) => f.name === r.k3)?.title ?? null,
            rule: r.k4 as QualityRule | null,
            score: null,
            dimensions: [],
          };
          line.dimensions.push({ dimension: r.dimension as z.infer<typeof dimension>, a: Number(r.a), b: Number(r.b) });
          lines.set(id, line);
        }
        for (const line of lines.values()) {
          const b = line.dimensions.reduce((n, x) => n + x.b, 0);
          line.score = b === 0 ? null : line.dimensions.reduce((n, x) => n + x.a, 0) / b;
        }
        return { items: [...lines.values()] };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/refinery/links/{fact}',
      room: 'refinery',
      summary: { zh: '一行数据如何关联到法人主体', en: 'How a row found its legal person' },
      access: 'refinery.read',
      params: z.object({ fact: bigNumber }),
      response: linkAnswer,
      problems: [unknownFact],
      async handler({ params, principal }) {
        const fact = BigInt(params.fact);
        const run = await lake.first<{ source: string }>('SELECT source FROM v.refined_run_v1 WHERE run = $run', {
          run: Number(fact >> 32n),
        });
        if (!run) throw new Problem(unknownFact, { fact: params.fact });
        const plan = planById(deps, run.source);
        const story = await linkOf(lake, plan, fact);
        const shower = new Shower(principal, deps.vault);
        const refused = story.method === 'refused';
        const answer = {
          fact: params.fact,
          source: run.source,
          run: story.run,
          row: story.row,
          entity: story.entity,
          method: refused ? null : (story.method as Exclude<typeof story.method, 'refused'>),
          says: methodInWords[story.method ?? 'open'],
          score: story.score,
          given: story.given.map((g) => {
            const f = plan.identity[g.role as keyof typeof plan.identity]!;
            return {
              role: g.role,
              written: shower.cell(plan.declaration, f, g.written),
              cleaned: shower.cell(plan.declaration, f, g.cleaned),
            };
          }),
          disbelieved: story.method === 'name-despite-code' ? story.other : null,
          evidence: story.evidence.map((kind) => ({ kind, agrees: true })),
          review: story.review,
        };
        await shower.settle(deps.audit, `fact:${params.fact}`);
        return answer;
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/refinery/reviews',
      room: 'refinery',
      summary: { zh: '待人工核对的关联', en: 'Links that a person must decide' },
      access: 'refinery.read',
      query: reviewQuery,
      response: reviewPage,
      handler: ({ query }) => reviews(lake, query),
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/refinery/reviews/{review}',
      room: 'refinery',
      summary: { zh: '一项待核对的关联', en: 'One link that a person must decide' },
      access: 'refinery.read',
      params: z.object({ review: bigNumber }),
      response: review,
      handler: ({ params }) => reviewOf(lake, params.review),
    }),
    defineRoute({
      method: 'POST',
      path: '/api/v1/refinery/reviews/{review}/decision',
      room: 'refinery',
      summary: { zh: '决定一项关联', en: 'Decide a link' },
      access: 'refinery.review',
      params: z.object({ review: bigNumber }),
      body: decisionBody,
      response: review,
      async handler({ params, body, principal, clock }) {
        const view = await decide(lake, clock, params.review, body, principal.userId);
        await deps.audit.append({
          actor: principal,
          action: 'refinery.review.decide',
          object: `review:${params.review}`,
          outcome: 'ok',
          detail: { decision: body.decision, entity: view.entity, rows: view.rows },
        });
        // What was decided takes effect at once, not at the next delivery.
        await deps.jobs.submit('refinery.integrate', { rebuild: false }, { by: principal.userId, unique: 'integrate' });
        return view;
      },
    }),
  ];
}
