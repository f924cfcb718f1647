/** The routes of verification; a department sees and corrects its own lists only. */
import type { Readable } from 'node:stream';
import { catalogueOf } from '../../catalogue/index.ts';
import type { Principal } from '../../platform/auth/principal.ts';
import { purposeNeeded } from '../../platform/auth/problems.ts';
import { defineRoute, type RouteDefinition } from '../../platform/http/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { Deps } from '../../platform/room.ts';
import { needPurpose } from '../lists/access.ts';
import * as api from './api.ts';
import { raiseAnswer } from './corrections/index.ts';
import { nothingToRaise, tooMany } from './corrections/problems.ts';
import { formatOf } from './files.ts';
import type { Columns } from './outcome.ts';
import * as kinds from './problems.ts';
import { columnsOfSource, correct, delivery, raiseRows, reviews, rows, shown } from './service.ts';
import { addVerification, listVerifications, oneVerification } from './store.ts';

const base = '/api/v1/libraries/verifications';
const room = 'libraries';
const access = 'verify.run' as const;
/** Largest file, in bytes. */
const LARGEST = 8 * 2 ** 30;

/** All routes of verification. */
export function verifyRoutes(deps: Deps): RouteDefinition[] {
  /** Submits the job of a new verification and answers it. */
  const begin = async (id: number, principal: Principal, detail: Record<string, unknown>) => {
    const job = await deps.jobs.submit('libraries.verify', { id }, { by: principal.userId, unique: String(id) });
    await deps.db.query('UPDATE libraries.verification SET job = $2 WHERE id = $1', [id, job]);
    const entry = { actor: principal, action: 'verify.begin', object: `verification/${id}` };
    await deps.audit.append({
      ...entry,
      ...(principal.purpose ? { purpose: principal.purpose } : {}),
      ...{ outcome: 'ok', detail },
    });
    return shown(await oneVerification(deps.db, id, principal));
  };
  return [
    defineRoute({
      ...{ method: 'GET', path: base, room, access, response: api.verifications },
      summary: { zh: '数据校核', en: 'Verifications' },
      handler: async ({ principal }) => ({ items: (await listVerifications(deps.db, principal)).map(shown) }),
    }),
    defineRoute({
      ...{ method: 'POST', path: base, room, access, query: api.uploadQuery, response: api.verification, status: 202 },
      ...{ bodyType: 'raw', bodyLimit: LARGEST },
      summary: { zh: '上传名单校核', en: 'Upload a list and verify it' },
      async handler({ query, principal, request }) {
        const columns: Columns = {};
        const name = query.personName;
        for (const [k, c] of Object.entries({ ...query, name })) {
          if (['number', 'name', 'birth', 'sex', 'address'].includes(k) && c) columns[k] = c;
        }
        const blob = await deps.blobs.put(request.body as Readable);
        const id = await addVerification(
          deps.db,
          {
            ...{ title: query.title ?? query.name, subject: query.subject, purpose: principal.purpose },
            ...{ at: deps.clock.now(), file_name: query.name, format: formatOf(query.name), blob: blob.sha256 },
            ...{ source: null, run: null, columns },
          },
          principal,
        );
        return begin(id, principal, { file: query.name, bytes: blob.bytes, subject: query.subject });
      },
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/runs`,
        room,
        access,
        body: api.runBody,
        response: api.verification,
        status: 202,
      },
      summary: { zh: '校核一个来源的批次', en: 'Verify a run of a source' },
      problems: [kinds.notYours, kinds.sourceUnfit],
      async handler({ body, principal }) {
        const source = catalogueOf(deps.lake).sources.get(body.source)?.declaration;
        if (!source) throw new Problem(kinds.sourceUnfit, { source: body.source });
        if (!principal.roles.includes('data-steward') && principal.organisation !== source.owner)
          throw new Problem(kinds.notYours);
        const { subject, columns } = columnsOfSource(deps, body.source);
        const run = await deps.lake.first<{ run: number }>(
          `SELECT run FROM v.run_v1 WHERE source = $source AND ($run::INTEGER IS NULL OR run = $run) ORDER BY run DESC LIMIT 1`,
          { source: body.source, run: body.run ?? null },
        );
        if (!run) throw new Problem(kinds.sourceUnfit, { source: body.source });
        const id = await addVerification(
          deps.db,
          {
            ...{ title: body.title ?? `${source.title.zh} #${run.run}`, subject, purpose: principal.purpose },
            ...{
              at: deps.clock.now(),
              file_name: null,
              format: null,
              blob: null,
              source: body.source,
              run: run.run,
              columns,
            },
          },
          principal,
        );
        return begin(id, principal, { source: body.source, run: run.run });
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/reviews`, room, access: 'refinery.review', response: api.reviewsAnswer },
      summary: { zh: '部门认为库内有误的校核项', en: 'Corrections that departments say are the library’s' },
      handler: () => reviews(deps),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/{id}`, room, access, params: api.idParams, response: api.verification },
      summary: { zh: '一次校核', en: 'One verification' },
      problems: [kinds.verificationUnknown],
      handler: async ({ params, principal }) => shown(await oneVerification(deps.db, params.id, principal)),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/{id}/rows`, room, access, params: api.idParams, query: api.rowsQuery },
      response: api.rowsAnswer,
      summary: { zh: '需要订正的行', en: 'Rows to correct' },
      problems: [kinds.verificationUnknown, kinds.notWhole],
      handler: ({ params, query, principal }) => rows(deps, params.id, query, principal),
    }),
    defineRoute({
      ...{ method: 'PUT', path: `${base}/{id}/rows/{row}`, room, access, params: api.rowParams, body: api.caseBody },
      response: api.rowItem,
      summary: { zh: '登记订正情况', en: 'Say how a correction stands' },
      problems: [kinds.verificationUnknown, kinds.rowUnknown],
      handler: ({ params, body, principal }) => correct(deps, params.id, params.row, body, principal),
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/{id}/corrections`, room, access, params: api.idParams, body: api.raiseBody },
      ...{ response: raiseAnswer, status: 201 },
      summary: { zh: '把不一致的行提请来源部门核实', en: 'Ask the departments of the sources about rows that differ' },
      problems: [kinds.verificationUnknown, kinds.notWhole, tooMany, nothingToRaise],
      handler: ({ params, body, principal }) => raiseRows(deps, params.id, body, principal),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/{id}/delivery`, room, access, params: api.idParams },
      response: { stream: 'text/csv' },
      summary: { zh: '下载校核结果', en: 'Download the result' },
      problems: [kinds.verificationUnknown, kinds.notWhole, purposeNeeded],
      handler: ({ params, principal, purpose }) =>
        delivery(deps, params.id, principal, needPurpose(purpose ?? principal.purpose)),
    }),
  ];
}
