/** The libraries' routes, and those of the refinery that need facts: starting an integration, rows behind a number. */
import { catalogueOf, type GoldenAttribute, type SourceDeclaration } from '../catalogue/index.ts';
import type { Principal } from '../platform/auth/principal.ts';
import { defineRoute, type RouteDefinition } from '../platform/http/index.ts';
import type { LakeRow } from '../platform/lake/index.ts';
import { Problem } from '../platform/problem.ts';
import type { Deps } from '../platform/room.ts';
import {
  failingPage,
  failingQuery,
  failingRows,
  integrateBody,
  jobReference,
  noRows,
  notRefined,
  planById,
  planOf,
  ruleInWords as qualityInWords,
  Shower,
  unknownEntity,
  unknownField,
  unknownSource,
} from '../refinery/index.ts';
import {
  contradictionAnswer,
  entityParams,
  goldenRecord,
  historyAnswer,
  historyQuery,
  relationAnswer,
  summary,
  whyAnswer,
  whyParams,
} from './api.ts';
import { attributeTitles, attributeUnits, guardOf } from './attributes.ts';
import { factsOfRuns } from './facts.ts';
import { attributeColumn, attributes } from './golden.ts';
import { neighbours } from './persons.ts';
import { ruleInWords, sayOf, whyValue } from './why.ts';

/** Routes over the libraries. */
export function libraryRoutes(deps: Deps): RouteDefinition[] {
  const { lake } = deps;
  const declarations = () => catalogueOf(lake).declarations();
  const byNumber = () => new Map(declarations().map((d): [number, SourceDeclaration] => [d.number, d]));
  const golden = async (entity: number): Promise<LakeRow> => {
    const row = await lake.first('SELECT * FROM v.legal_person_v1 WHERE entity = $entity', { entity });
    if (!row) throw new Problem(unknownEntity, { entity });
    return row;
  };
  const text = (v: unknown) => (v === null || v === undefined ? null : String(v));
  /** What a question about one legal person is answered with: it must exist, and what was shown of it is settled at the end. */
  const about = async <T>(
    entity: number,
    principal: Principal,
    work: (record: LakeRow, shower: Shower, own: Map<number, SourceDeclaration>) => Promise<T>,
  ): Promise<T> => {
    const record = await golden(entity);
    const shower = new Shower(principal, deps.vault);
    const answer = await work(record, shower, byNumber());
    await shower.settle(deps.audit, `legal-person:${entity}`);
    return answer;
  };
  return [
    defineRoute({
      method: 'POST',
      path: '/api/v1/refinery/integrate',
      room: 'refinery',
      summary: { zh: '整合新到的数据', en: 'Integrate what was received' },
      access: 'exchange.operate',
      body: integrateBody,
      response: jobReference,
      status: 202,
      async handler({ body, principal }) {
        const job = await deps.jobs.submit('refinery.integrate', body, {
          by: principal.userId,
          unique: body.rebuild ? 'rebuild' : 'integrate',
        });
        await deps.audit.append({
          actor: principal,
          action: 'refinery.integrate',
          object: `job:${job}`,
          outcome: 'ok',
          detail: { rebuild: body.rebuild },
        });
        return { job };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/refinery/quality/failing',
      room: 'refinery',
      summary: { zh: '质量数字背后的行', en: 'The rows behind a number of quality' },
      access: 'refinery.read',
      query: failingQuery,
      response: failingPage,
      problems: [unknownSource, notRefined, unknownField, noRows],
      async handler({ query, principal }) {
        const plan = planById(deps, query.source);
        const { fields } = plan.declaration;
        const found = await failingRows(lake, plan, query, factsOfRuns);
        const shower = new Shower(principal, deps.vault);
        const items = found.items.map((r) => ({
          row: r.row,
          fact: r.fact,
          entity: r.entity,
          cells: r.values.map((v, i) => shower.cell(plan.declaration, fields[i]!, v)),
        }));
        await shower.settle(deps.audit, `rows:${query.source}:${query.run}`);
        return {
          fields: fields.map((f) => ({ name: f.name, title: f.title })),
          says: qualityInWords[query.rule],
          total: found.total,
          items,
        };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/libraries/summary',
      room: 'libraries',
      summary: { zh: '基础库总览', en: 'The libraries at a glance' },
      access: 'library.read',
      response: summary,
      async handler() {
        const totals = (await lake.first<Record<string, number>>(
          `SELECT (SELECT count(*) FROM v.legal_person_v1) AS entities, (SELECT count(*) FROM v.legal_person_relation_v1) AS relations,
             (SELECT coalesce(sum(contradictions), 0)::BIGINT FROM v.legal_person_v1) AS contradictions,
             (SELECT count(*) FROM lib.fact_closed) AS closed, (SELECT count(*) FROM lib.fact_delta) AS delta`,
        ))!;
        const rows = await lake.query<{ class: number; facts: number; entities: number; unlinked: number }>(
          `SELECT class, count(*) AS facts, approx_count_distinct(entity) FILTER (entity > 0) AS entities, count(*) FILTER (entity = 0) AS unlinked
           FROM v.legal_person_fact_v1 GROUP BY class ORDER BY class`,
        );
        const own = byNumber();
        return {
          entities: totals.entities!,
          facts: rows.reduce((n, r) => n + r.facts, 0),
          unlinked: rows.reduce((n, r) => n + (own.get(r.class)?.subject === 'legal-person' ? r.unlinked : 0), 0),
          closed: totals.closed!,
          delta: totals.delta!,
          contradictions: totals.contradictions!,
          relations: totals.relations!,
          classes: rows.flatMap((r) => {
            const d = own.get(r.class);
            return d
              ? [
                  {
                    class: r.class,
                    source: d.id,
                    title: d.title,
                    category: d.category,
                    facts: r.facts,
                    entities: r.entities,
                  },
                ]
              : [];
          }),
        };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/libraries/legal-persons/{entity}',
      room: 'libraries',
      summary: { zh: '法人主体的黄金记录', en: 'The golden record of a legal person' },
      access: 'library.read',
      params: entityParams,
      response: goldenRecord,
      problems: [unknownEntity],
      handler: ({ params, principal }) =>
        about(params.entity, principal, async (row, shower) => {
          const all = declarations();
          const disputed = new Set(
            (
              await lake.query<{ attribute: string }>(
                'SELECT DISTINCT attribute FROM v.legal_person_contradiction_v1 WHERE entity = $entity',
                params,
              )
            ).map((r) => r.attribute),
          );
          const names = await lake.query<{
            name: string;
            kind: 'current' | 'former' | 'variant';
            first_seen: string | null;
            last_seen: string | null;
            fact: number;
          }>(
            'SELECT name, kind, first_seen, last_seen, fact::VARCHAR AS fact FROM v.legal_person_alias_v1 WHERE entity = $entity ORDER BY kind, first_seen',
            params,
          );
          return {
            entity: params.entity,
            attributes: attributes.map((a) => {
              const { declaration, field } = guardOf(all, a);
              return {
                attribute: a,
                title: attributeTitles[a],
                value: shower.cell(declaration, field, text(row[attributeColumn(a)])),
                unit: attributeUnits[a] ?? null,
                contradicted: disputed.has(a),
              };
            }),
            aliases: names.map((n) => ({
              name: n.name,
              kind: n.kind,
              firstSeen: n.first_seen,
              lastSeen: n.last_seen,
              fact: String(n.fact),
            })),
            facts: Number(row.facts),
            sources: Number(row.sources),
            contradictions: Number(row.contradictions),
            quality: Number(row.quality),
            firstRun: Number(row.first_run),
            lastRun: Number(row.last_run),
            recordedAt: String(row.recorded_at),
          };
        }),
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/libraries/legal-persons/{entity}/why/{attribute}',
      room: 'libraries',
      summary: { zh: '为什么是这个值', en: 'Why this value' },
      access: 'library.read',
      params: whyParams,
      response: whyAnswer,
      problems: [unknownEntity],
      handler: ({ params, principal }) =>
        about(params.entity, principal, async (_record, shower, own) => {
          const plans = [...catalogueOf(lake).sources.values()].map(planOf);
          const claims = await whyValue(lake, plans, params.entity, params.attribute);
          const chosen = claims.find((c) => c.chosen);
          const cellOf = (c: (typeof claims)[number]) => {
            const d = own.get(c.class)!;
            return shower.cell(d, d.fields.find((f) => f.golden === params.attribute)!, c.value);
          };
          return {
            entity: params.entity,
            attribute: params.attribute,
            title: attributeTitles[params.attribute],
            chosen: chosen ? cellOf(chosen) : null,
            rule: ruleInWords,
            claims: claims.map((c) => {
              const d = own.get(c.class)!;
              return {
                value: cellOf(c),
                class: c.class,
                source: d.id,
                title: d.title,
                owner: d.owner,
                rank: c.rank,
                day: c.day,
                chosen: c.chosen,
                says: sayOf(c, chosen),
                closed: c.closed_run !== null,
                fact: String(c.fact),
                run: c.run,
                row: c.row,
                input: c.input,
                finished: c.finished,
              };
            }),
          };
        }),
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/libraries/legal-persons/{entity}/history',
      room: 'libraries',
      summary: { zh: '历史（有效时间与记录时间）', en: 'History in valid time and record time' },
      access: 'library.read',
      params: entityParams,
      query: historyQuery,
      response: historyAnswer,
      problems: [unknownEntity],
      handler: ({ params, query, principal }) =>
        about(params.entity, principal, async (_record, shower, own) => {
          const rows = await lake.query<Record<string, string | number | null>>(
            `SELECT attribute, value, valid_from, valid_to, recorded_at, superseded_at, class, fact::VARCHAR AS fact FROM v.legal_person_history_v1
           WHERE entity = $entity ${query.attribute ? 'AND attribute = $attribute' : ''} ORDER BY attribute, valid_from, fact`,
            query.attribute ? { entity: params.entity, attribute: query.attribute } : params,
          );
          const items = rows.map((r) => {
            const d = own.get(Number(r.class))!;
            const attribute = r.attribute as GoldenAttribute;
            return {
              attribute,
              title: attributeTitles[attribute],
              value: shower.cell(d, d.fields.find((f) => f.golden === attribute)!, text(r.value)),
              validFrom: text(r.valid_from),
              validTo: text(r.valid_to),
              recordedAt: text(r.recorded_at),
              supersededAt: text(r.superseded_at),
              class: d.number,
              source: d.id,
              fact: String(r.fact),
            };
          });
          return { items };
        }),
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/libraries/legal-persons/{entity}/contradictions',
      room: 'libraries',
      summary: { zh: '各来源说法不一之处', en: 'Where sources contradict each other' },
      access: 'library.read',
      params: entityParams,
      response: contradictionAnswer,
      problems: [unknownEntity],
      handler: ({ params, principal }) =>
        about(params.entity, principal, async (_record, shower, own) => {
          const rows = await lake.query<Record<string, string | number | boolean | null>>(
            `SELECT attribute, value, class, rank, day, fact::VARCHAR AS fact, chosen FROM v.legal_person_contradiction_v1
           WHERE entity = $entity ORDER BY attribute, chosen DESC, rank`,
            params,
          );
          const items = attributes.flatMap((attribute) => {
            const claims = rows.filter((r) => r.attribute === attribute);
            if (claims.length === 0) return [];
            return [
              {
                attribute,
                title: attributeTitles[attribute],
                claims: claims.map((r) => {
                  const d = own.get(Number(r.class))!;
                  return {
                    value: shower.cell(d, d.fields.find((f) => f.golden === attribute)!, text(r.value)),
                    class: d.number,
                    source: d.id,
                    rank: Number(r.rank),
                    day: text(r.day),
                    fact: String(r.fact),
                    chosen: r.chosen === true,
                  };
                }),
              },
            ];
          });
          return { items };
        }),
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/libraries/legal-persons/{entity}/relations',
      room: 'libraries',
      summary: { zh: '股东、高管、分支等关系', en: 'Shareholders, officers, branches and other relations' },
      access: 'library.read',
      params: entityParams,
      response: relationAnswer,
      problems: [unknownEntity],
      handler: ({ params, principal }) =>
        about(params.entity, principal, async (_record, shower, own) => {
          const items = (await neighbours(lake, params.entity)).map((r) => {
            const d = own.get(Number(r.class))!;
            const declared = d.relations.find((x) => x.kind === r.kind);
            const fieldOf = (name: string | undefined) =>
              d.fields.find((f) => f.name === name) ?? { protection: 'personal' as const };
            const away = Number(r.entity) === params.entity;
            return {
              kind: r.kind as never,
              direction: away ? ('out' as const) : ('in' as const),
              person: r.person_name ? shower.cell(d, fieldOf(declared?.person) as never, text(r.person_name)) : null,
              personNumber: r.person_token
                ? shower.cell(d, fieldOf(declared?.personId) as never, text(r.person_token))
                : null,
              other: away
                ? r.other_name || r.other_entity
                  ? { entity: r.other_entity as number | null, name: text(r.other_name) }
                  : null
                : { entity: Number(r.entity), name: null },
              position: text(r.position),
              amount: text(r.amount),
              share: text(r.share),
              validFrom: text(r.valid_from),
              validTo: text(r.valid_to),
              class: d.number,
              source: d.id,
              fact: String(r.fact),
            };
          });
          return { items };
        }),
    }),
    defineRoute({
      method: 'POST',
      path: '/api/v1/libraries/compact',
      room: 'libraries',
      summary: { zh: '合并后来的事实', en: 'Merge later facts into the sorted table' },
      access: 'system.manage',
      response: jobReference,
      status: 202,
      handler: async ({ principal }) => ({
        job: await deps.jobs.submit('libraries.compact', {}, { by: principal.userId, unique: 'compact' }),
      }),
    }),
  ];
}
