/** The routes of the assessment. Everybody with `assessment.read` sees every score and its records: that is what it is for. */
import type { z } from 'zod';
import { defineRoute, type RouteDefinition } from '../platform/http/index.ts';
import type { Problem } from '../platform/problem.ts';
import * as api from './api.ts';
import { check } from './check.ts';
import { differences, formulas } from './formula.ts';
import { type AssessmentDeps, JOB } from './job.ts';
import { decide, decideBody, objectionById, objections, raise, raiseBody, withdraw } from './objections.ts';
import * as k from './problems.ts';
import { reportOf, reportsView } from './report/keep.ts';
import { board, mustSee, objectionViews, records, unitView } from './views.ts';

const base = '/api/v1/assessment';
const room = 'assessment';
const access = 'assessment.read' as const;

const faultOf = (p: Problem): z.input<typeof api.formulaAnswer>['faults'][number] => {
  const { code, title } = p.toJSON();
  return { code, title, file: p.place?.file ?? null, line: p.place?.line ?? null };
};

async function formulaView(deps: AssessmentDeps): Promise<z.input<typeof api.formulaAnswer>> {
  const all = await formulas(deps.db.kysely);
  const month = deps.clock.now().toISOString().slice(0, 7);
  const schemes = [...new Set(all.map((f) => f.scheme))].map((scheme) => {
    const own = all.filter((f) => f.scheme === scheme);
    const now = own.filter((f) => f.valid_from <= month).at(-1);
    const versions = own.map((f, n) => {
      const d = f.declaration;
      const before = own[n - 1];
      return {
        ...{ version: f.version, edition: f.edition, validFrom: f.valid_from, recordedAt: f.recorded_at.toISOString() },
        ...{ hash: f.hash, file: f.file, title: d.title, note: d.note, reason: d.reason ?? null },
        units: 'organisations' in d.units ? d.units.organisations.join(', ') : 'town',
        ...{ close: d.close, objections: d.objections, leastWeight: d.leastWeight, inForce: f === now },
        indicators: d.indicators,
        differences: before ? differences(before.declaration, d) : [],
      };
    });
    return { scheme, versions: versions.reverse() };
  });
  return { schemes, faults: deps.faults.map(faultOf) };
}

function seeing(deps: AssessmentDeps): RouteDefinition[] {
  return [
    defineRoute({
      ...{ method: 'GET', path: `${base}/board`, room, access, query: api.boardQuery, response: api.boardAnswer },
      ...{ summary: { zh: '考核排名', en: 'The board of a month' }, problems: [k.unknownScheme, k.unknownMonth] },
      handler: async ({ query }) => ({ ...(await board(deps, query)), faults: deps.faults.map(faultOf) }),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/units/{unit}`, room, access, params: api.unitParams, query: api.boardQuery },
      ...{ response: api.unitAnswer, problems: [k.unknownScheme, k.unknownMonth, k.unknownUnit] },
      summary: { zh: '一个单位的得分与依据', en: 'A unit with its points' },
      handler: ({ params, query, principal }) => unitView(deps, params.unit, query, principal),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/records`, room, access, query: api.recordsQuery, response: api.recordsAnswer },
      ...{ summary: { zh: '计分依据的记录', en: 'The records that points follow from' }, problems: [k.unknownMonth] },
      handler: ({ query }) => records(deps, query),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/formula`, room, access, response: api.formulaAnswer },
      summary: { zh: '考核办法及其版本', en: 'Formulas and their versions' },
      handler: () => formulaView(deps),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/check`, room, access, query: api.checkQuery, response: api.checkAnswer },
      summary: { zh: '按留存记录重新计算并核对', en: 'Reckon a month again and compare' },
      problems: [k.unknownScheme, k.unknownMonth],
      handler: async ({ query }) => check(deps, await mustSee(deps, query)),
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/compute`,
        room,
        access: 'assessment.manage',
        response: api.jobAnswer,
        status: 202,
      },
      summary: { zh: '立即计算', en: 'Compute now' },
      async handler({ principal }) {
        const job = await deps.jobs.submit(JOB, {}, { unique: 'daily', by: principal.userId });
        await deps.audit.append({
          actor: principal,
          action: 'assessment.compute',
          object: `job/${job}`,
          outcome: 'ok',
        });
        return { job };
      },
    }),
  ];
}

function objecting(deps: AssessmentDeps): RouteDefinition[] {
  const one = async (id: number) => (await objectionViews(deps, [await objectionById(deps.db.kysely, id)]))[0]!;
  return [
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/objections`,
        room,
        access,
        query: api.objectionsQuery,
        response: api.objectionsAnswer,
      },
      summary: { zh: '异议', en: 'Objections' },
      async handler({ query }) {
        const asked = Object.fromEntries(Object.entries(query).filter(([, v]) => v !== undefined));
        const rows = await objections(deps.db.kysely, asked);
        return { items: await objectionViews(deps, rows), open: rows.filter((r) => r.state === 'open').length };
      },
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/objections`,
        room,
        access: 'assessment.object',
        body: raiseBody,
        response: api.made,
      },
      ...{ status: 201, summary: { zh: '提出异议', en: 'Object to points lost' } },
      problems: [k.notYourUnit, k.unknownMonth, k.unknownIndicator, k.objectionLate, k.nothingLost, k.objectionOpen],
      handler: async ({ body, principal }) => ({ id: await raise(deps, body, principal) }),
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/objections/{id}/decide`,
        room,
        access: 'assessment.manage',
        params: api.objectionParams,
      },
      ...{ body: decideBody, response: api.objection, summary: { zh: '裁定异议', en: 'Decide on an objection' } },
      problems: [k.unknownObjection, k.objectionEnded, k.ownObjection, k.notAuthority],
      async handler({ params, body, principal }) {
        await decide(deps, params.id, body, principal);
        return one(params.id);
      },
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/objections/{id}/withdraw`,
        room,
        access: 'assessment.object',
        params: api.objectionParams,
      },
      ...{ response: api.objection, problems: [k.unknownObjection, k.objectionEnded, k.notYourUnit] },
      summary: { zh: '撤回异议', en: 'Take an objection back' },
      async handler({ params, principal }) {
        await withdraw(deps, params.id, principal);
        return one(params.id);
      },
    }),
  ];
}

function reporting(deps: AssessmentDeps): RouteDefinition[] {
  return [
    defineRoute({
      ...{ method: 'GET', path: `${base}/reports`, room, access, query: api.schemeQuery, response: api.reportsAnswer },
      summary: { zh: '月度通报', en: 'Monthly reports' },
      handler: async ({ query }) => ({ items: await reportsView(deps, query.scheme) }),
    }),
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/report`,
        room,
        access,
        query: api.reportQuery,
        response: { stream: 'application/pdf' },
      },
      ...{
        summary: { zh: '月度通报 PDF', en: 'A monthly report as PDF' },
        problems: [k.unknownScheme, k.unknownMonth],
      },
      async handler({ query }) {
        const { bytes, name } = await reportOf(deps, await mustSee(deps, query), query.language);
        return {
          chunks: (async function* () {
            yield bytes;
          })(),
          filename: name,
        };
      },
    }),
  ];
}

/** All of them. */
export const assessmentRoutes = (deps: AssessmentDeps): RouteDefinition[] => [
  ...seeing(deps),
  ...objecting(deps),
  ...reporting(deps),
];
