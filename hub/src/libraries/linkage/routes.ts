/** The routes of linkage. What is about persons asks for a permission and a purpose, and is always audited. */
import { levelsOf } from '@jingwei/linkage';
import type { z } from 'zod';
import { catalogueOf } from '../../catalogue/index.ts';
import type { Principal } from '../../platform/auth/principal.ts';
import { purposeNeeded } from '../../platform/auth/problems.ts';
import { defineRoute, type RouteDefinition } from '../../platform/http/index.ts';
import type { Lake } from '../../platform/lake/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { Deps } from '../../platform/room.ts';
import { Shower, unknownReview, type VersionedDeclaration } from '../../refinery/index.ts';
import { personForbidden } from '../base/index.ts';
import * as api from './api.ts';
import type { LoadedLinkage } from './declaration.ts';
import { explainPair } from './explain.ts';
import { linkagesOf, planFor } from './job.ts';
import { LEGAL_NUMBER, LEGAL_PERSON, legalOf, legalTitle, weighReview } from './legal.ts';
import { decideRow, openRows } from './open.ts';
import * as bad from './problems.ts';
import { disputes, judge, nextPairs, progressOf, settle } from './review.ts';
import { titleOf, versionView } from './show.ts';
import { putInForce, versionBy, versionsOf } from './versions.ts';

type Asked = { principal: Principal; purpose?: string };

/** Routes of reviewing, deciding and explaining. */
export function linkageRoutes(
  deps: Deps,
  declarations: (lake: Lake) => Promise<readonly VersionedDeclaration[]>,
): RouteDefinition[] {
  const { lake, vault, audit } = deps;
  const room = 'libraries';
  const base = '/api/v1/linkage';
  const named = (library: string): LoadedLinkage => {
    const found = linkagesOf(deps).linkages.find((l) => l.library.library === library);
    if (!found) throw new Problem(bad.unknownLinkage, { library });
    return found;
  };
  /** The number of a library's versions, and how its columns are called; legal persons among them. */
  const versioned = (library: string) => {
    if (library === LEGAL_PERSON && legalOf(deps.folders).legal)
      return { number: LEGAL_NUMBER, title: (column: string) => legalTitle(column) ?? { zh: column, en: column } };
    const linkage = named(library);
    return { number: linkage.library.number, title: (column: string) => titleOf(linkage, column) };
  };
  const titles = () =>
    new Map(
      catalogueOf(lake)
        .declarations()
        .map((d) => [d.id, d.title]),
    );
  const plan = (linkage: LoadedLinkage) => planFor(deps, linkage, () => declarations(lake));

  /** A question about a library's records: who may ask it; what was seen is settled and audited at the end. */
  const ask = async <T>(
    asked: Asked,
    library: string,
    action: string,
    object: string,
    work: (linkage: LoadedLinkage, shower: Shower) => Promise<T>,
    detail: Record<string, unknown> = {},
  ): Promise<T> => {
    const linkage = named(library);
    const purpose = asked.purpose ?? asked.principal.purpose;
    const note = (outcome: 'ok' | 'refused', more: Record<string, unknown>) =>
      audit.append({
        actor: asked.principal,
        action,
        object: `${library}/${object}`,
        outcome,
        ...(purpose ? { purpose } : {}),
        detail: more,
      });
    if (linkage.library.personal) {
      const allowed = asked.principal.permissions.has('person.read');
      if (!allowed || !purpose) {
        await note('refused', { reason: allowed ? 'no purpose' : 'no permission' });
        throw new Problem(allowed ? purposeNeeded : personForbidden);
      }
    }
    const shower = new Shower({ ...asked.principal, purpose }, vault);
    const answer = await work(linkage, shower);
    await shower.settle(audit, `linkage:${library}/${object}`);
    await note('ok', detail);
    return answer;
  };
  const guarded = [bad.unknownLinkage, personForbidden, purposeNeeded];
  const route = { room } as const;
  return [
    defineRoute({
      ...route,
      method: 'GET',
      path: base,
      summary: { zh: '概率关联总览', en: 'Linkage at a glance' },
      access: 'linkage.review',
      response: api.overview,
      async handler({ principal }) {
        const { linkages, problems: own } = linkagesOf(deps);
        const problems = [...own, ...legalOf(deps.folders).problems];
        const libraries: z.input<typeof api.overview>['libraries'] = [];
        for (const linkage of linkages) {
          const n = linkage.library.number;
          const open = await lake.query<{ reason: string; rows: number }>(
            `SELECT split_part(method, ' ', 1) AS reason, count(*) AS rows FROM lib.base_link WHERE library = ${n} AND fact > 0 AND entity IS NULL AND method <> 'refused' GROUP BY 1 ORDER BY rows DESC`,
          );
          const linked = await lake.first<{ n: number }>(
            `SELECT count(*) AS n FROM lib.base_link WHERE library = ${n} AND method LIKE 'model %'`,
          );
          const versions = await versionsOf(lake, n);
          const force = versions.find((v) => v.state === 'in-force');
          const proposed = versions.find((v) => v.state === 'proposed' && v.version > (force?.version ?? 0));
          const due = await lake.first(`SELECT 1 AS one FROM lib.linkage_due WHERE library = ${n} LIMIT 1`);
          libraries.push({
            library: linkage.library.library,
            title: linkage.library.title,
            personal: linkage.library.personal,
            progress: await progressOf(lake, linkage, principal.userId),
            open,
            linked: linked?.n ?? 0,
            inForce: force ? versionView(force) : null,
            proposed: proposed ? versionView(proposed) : null,
            due: due !== undefined,
          });
        }
        return {
          libraries,
          problems: problems.map((p) => {
            const { file, line } = p.place ?? {};
            const said = p.toJSON() as { code: string; zh?: string; en?: string; title?: { zh: string; en: string } };
            return {
              code: p.kind.code,
              zh: said.zh ?? said.title?.zh ?? p.kind.zh,
              en: said.en ?? said.title?.en ?? p.kind.en,
              place: [file, line].filter((x) => x !== undefined).join(':'),
            };
          }),
        };
      },
    }),
    defineRoute({
      ...route,
      method: 'GET',
      path: `${base}/${LEGAL_PERSON}/reviews/{review}`,
      summary: { zh: '匹配复核的候选法人：证据权重', en: 'The candidates of a review of the match, weighed' },
      access: 'refinery.read',
      params: api.reviewParams,
      response: api.reviewWeights,
      problems: [unknownReview],
      handler: ({ params }) => weighReview(lake, params.review),
    }),
    defineRoute({
      ...route,
      method: 'GET',
      path: `${base}/{library}/next`,
      summary: { zh: '待复核的记录对（盲审）', en: 'Pairs to judge, blind' },
      access: 'linkage.review',
      params: api.libraryParams,
      query: api.nextQuery,
      response: api.nextAnswer,
      problems: guarded,
      handler: (c) =>
        ask(c, c.params.library, 'linkage.look', 'pairs', (linkage, shower) =>
          nextPairs(lake, linkage, shower, c.principal.userId, c.query.limit),
        ),
    }),
    defineRoute({
      ...route,
      method: 'POST',
      path: `${base}/{library}/pairs/{pair}/verdict`,
      summary: { zh: '判断一对记录', en: 'Judge a pair' },
      access: 'linkage.review',
      params: api.pairParams,
      body: api.verdictBody,
      response: api.done,
      problems: [...guarded, bad.unknownPair, bad.pairGone, bad.judgedAlready, bad.pairFull],
      handler: (c) =>
        ask(
          c,
          c.params.library,
          'linkage.judge',
          c.params.pair,
          async (linkage) => {
            await judge(lake, c.clock, linkage, c.params.pair, c.body, c.principal);
            return { progress: await progressOf(lake, linkage, c.principal.userId) };
          },
          { verdict: c.body.verdict },
        ),
    }),
    defineRoute({
      ...route,
      method: 'GET',
      path: `${base}/{library}/disagreements`,
      summary: { zh: '复核分歧', en: 'What reviewers disagree about' },
      access: 'linkage.manage',
      params: api.libraryParams,
      response: api.disputeAnswer,
      problems: guarded,
      handler: (c) =>
        ask(c, c.params.library, 'linkage.look', 'disagreements', (linkage, shower) => disputes(lake, linkage, shower)),
    }),
    defineRoute({
      ...route,
      method: 'POST',
      path: `${base}/{library}/pairs/{pair}/settle`,
      summary: { zh: '裁定分歧', en: 'Settle a disagreement' },
      access: 'linkage.manage',
      params: api.pairParams,
      body: api.settleBody,
      response: api.done,
      problems: [...guarded, bad.unknownPair, bad.pairGone, bad.notDisputed, bad.ownVerdict],
      handler: (c) =>
        ask(
          c,
          c.params.library,
          'linkage.settle',
          c.params.pair,
          async (linkage) => {
            await settle(lake, c.clock, linkage, c.params.pair, c.body, c.principal);
            return { progress: await progressOf(lake, linkage, c.principal.userId) };
          },
          { verdict: c.body.verdict },
        ),
    }),
    defineRoute({
      ...route,
      method: 'GET',
      path: `${base}/{library}/open`,
      summary: { zh: '未决记录及其候选', en: 'Open rows with their candidates' },
      access: 'linkage.manage',
      params: api.libraryParams,
      query: api.openQuery,
      response: api.openAnswer,
      problems: guarded,
      handler: (c) =>
        ask(c, c.params.library, 'linkage.look', `open/${c.query.page}`, async (linkage, shower) =>
          openRows(lake, await plan(linkage), linkage, shower, c.query, titles()),
        ),
    }),
    defineRoute({
      ...route,
      method: 'POST',
      path: `${base}/{library}/rows/{source}/{fact}/decision`,
      summary: { zh: '决定一条未决记录', en: 'Decide an open row' },
      access: 'linkage.manage',
      params: api.rowParams,
      body: api.decideBody,
      response: api.ordered,
      problems: [...guarded, bad.unknownRow, bad.unknownEntity, bad.entityNeeded, bad.contradiction],
      handler: (c) =>
        ask(
          c,
          c.params.library,
          'linkage.decide',
          `${c.params.source}/${c.params.fact}`,
          async (linkage) => {
            await decideRow(lake, c.clock, linkage, c.params, c.body, c.principal);
            const job = await deps.jobs.submit(
              'refinery.integrate',
              { rebuild: false },
              { by: c.principal.userId, unique: 'integrate' },
            );
            return { job };
          },
          { decision: c.body.decision, entity: c.body.entity ?? null, override: c.body.override },
        ),
    }),
    defineRoute({
      ...route,
      method: 'GET',
      path: `${base}/{library}/explain`,
      summary: { zh: '两条记录为何是或不是同一实体', en: 'Why two records are one, or are not' },
      access: 'linkage.manage',
      params: api.libraryParams,
      query: api.explainQuery,
      response: api.explainAnswer,
      problems: [...guarded, bad.unknownRow, bad.unknownEntity, bad.noVersion],
      handler: (c) =>
        ask(c, c.params.library, 'linkage.explain', `${c.query.left} ${c.query.right}`, async (linkage, shower) =>
          explainPair(lake, await plan(linkage), linkage, shower, c.query.left, c.query.right),
        ),
    }),
    defineRoute({
      ...route,
      method: 'GET',
      path: `${base}/{library}/versions`,
      summary: { zh: '参数版本', en: 'Versions of the parameters' },
      access: 'linkage.manage',
      params: api.libraryParams,
      response: api.versionsAnswer,
      problems: [bad.unknownLinkage],
      handler: async ({ params }) => ({
        items: (await versionsOf(lake, versioned(params.library).number)).map(versionView),
      }),
    }),
    defineRoute({
      ...route,
      method: 'GET',
      path: `${base}/{library}/versions/{version}`,
      summary: { zh: '一个参数版本', en: 'One version of the parameters' },
      access: 'linkage.manage',
      params: api.versionParams,
      response: api.versionAnswer,
      problems: [bad.unknownLinkage, bad.unknownVersion],
      async handler({ params }) {
        const { number, title } = versioned(params.library);
        const v = await versionBy(lake, number, params.version);
        return {
          ...versionView(v),
          // Values of records (both sides of a category) are no secret of anyone; frequencies are of classes only.
          levels: levelsOf(v.frozen).map((l) => ({ ...l, title: title(l.comparison) })),
          blocking: v.blocking,
        };
      },
    }),
    defineRoute({
      ...route,
      method: 'POST',
      path: `${base}/{library}/versions/{version}/in-force`,
      summary: { zh: '启用参数版本', en: 'Put a version in force' },
      access: 'linkage.manage',
      params: api.versionParams,
      response: api.ordered,
      problems: [bad.unknownLinkage, bad.unknownVersion],
      async handler({ params, principal, clock }) {
        const n = versioned(params.library).number;
        await putInForce(lake, clock, n, params.version, principal.name, n !== LEGAL_NUMBER);
        await audit.append({
          actor: principal,
          action: 'linkage.in-force',
          object: `${params.library}/${params.version}`,
          outcome: 'ok',
        });
        return {
          job: await deps.jobs.submit(
            'refinery.integrate',
            { rebuild: false },
            { by: principal.userId, unique: 'integrate' },
          ),
        };
      },
    }),
    defineRoute({
      ...route,
      method: 'POST',
      path: `${base}/{library}/learn`,
      summary: { zh: '学习新的参数版本', en: 'Learn a new version' },
      access: 'linkage.manage',
      params: api.libraryParams,
      response: api.ordered,
      problems: [bad.unknownLinkage],
      async handler({ params, principal }) {
        versioned(params.library);
        const job = await deps.jobs.submit(
          'libraries.linkage',
          { library: params.library },
          { by: principal.userId, unique: params.library },
        );
        await audit.append({
          actor: principal,
          action: 'linkage.learn',
          object: params.library,
          outcome: 'ok',
          detail: { job },
        });
        return { job };
      },
    }),
  ];
}
