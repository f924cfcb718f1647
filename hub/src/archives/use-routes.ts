/** Routes of the archives: looking at contents, proofs, borrowing, taking out. */
import { defineRoute, type RouteDefinition } from '../platform/http/index.ts';
import { Problem } from '../platform/problem.ts';
import { seen } from './access.ts';
import * as api from './api.ts';
import { askFor, borrowings, decide, giveBack } from './borrowing.ts';
import type { ArchiveDeps } from './deps.ts';
import { download, takeOut, view } from './handout.ts';
import * as kinds from './problems.ts';
import { base } from './routes.ts';
import { proofOfFile } from './seal.ts';
import { borrowingOf, stepItems } from './shown.ts';
import { chainFault, proofOfStep, stepsOf } from './steps.ts';
import { filesOf } from './store.ts';

const room = 'archives';
const read = 'archive.read' as const;
const signature = { stream: 'application/vnd.ksi-signature' };

async function* once(bytes: Uint8Array | string): AsyncGenerator<Uint8Array | string> {
  yield bytes;
}

/** Contents and proofs. */
export function contentRoutes(deps: ArchiveDeps): RouteDefinition[] {
  const whole = async (principal: Parameters<typeof seen>[2], id: number) =>
    seen(deps.db, deps.clock.now(), principal, id);
  return [
    defineRoute({
      ...{ method: 'GET', path: `${base}/{id}/steps`, room, access: read, params: api.idParams, response: api.steps },
      summary: { zh: '生命周期轨迹', en: 'Life-cycle trace' },
      problems: [kinds.unknownArchive],
      async handler({ params, principal }) {
        const { row, sight } = await whole(principal, params.id);
        const rows = await stepsOf(deps.db, row.id);
        // Who borrowed and looked is for those who see the archive wholly.
        const items = sight === 'whole' ? await stepItems(deps, rows) : [];
        return { items, fault: chainFault(rows, row.head) };
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/{id}/steps/{seq}/record`, room, access: read, params: api.stepParams },
      response: { stream: 'application/json' },
      summary: { zh: '一个环节的记录原文', en: 'The record of a step as it is signed' },
      problems: [kinds.unknownArchive, kinds.unknownStep],
      async handler({ params, principal }) {
        const { row, sight } = await whole(principal, params.id);
        const step = (await stepsOf(deps.db, row.id)).find((s) => s.seq === params.seq);
        if (!step || sight !== 'whole') throw new Problem(kinds.unknownStep, { seq: params.seq });
        return { chunks: once(step.record), filename: `step-${row.id}-${params.seq}.json` };
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/{id}/steps/{seq}/proof`, room, access: read, params: api.stepParams },
      response: signature,
      summary: { zh: '一个环节的无钥签名', en: 'The keyless signature of a step' },
      problems: [kinds.unknownArchive, kinds.unknownStep, kinds.notSealed],
      async handler({ params, principal }) {
        const { row, sight } = await whole(principal, params.id);
        if (sight !== 'whole') throw new Problem(kinds.unknownStep, { seq: params.seq });
        const bytes = await proofOfStep(deps, row.id, params.seq);
        return { chunks: once(bytes), filename: `step-${row.id}-${params.seq}.json.ksig` };
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/{id}/files/{no}/content`, room, access: read, params: api.fileParams },
      response: { stream: 'application/octet-stream' },
      summary: { zh: '查看一个文件', en: 'Look at a file' },
      problems: [kinds.unknownArchive, kinds.unknownFile, kinds.borrowFirst, kinds.gone],
      handler: ({ params, principal }) => view(deps, principal, params.id, params.no),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/{id}/files/{no}/download`, room, access: read, params: api.fileParams },
      response: { stream: 'application/octet-stream' },
      summary: { zh: '下载一个文件的利用副本', en: 'Take a copy of a file' },
      problems: [kinds.unknownArchive, kinds.unknownFile, kinds.borrowFirst, kinds.gone],
      handler: ({ params, principal }) => download(deps, principal, params.id, params.no),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/{id}/files/{no}/proof`, room, access: read, params: api.proofParams },
      response: signature,
      summary: { zh: '一个文件的无钥签名（0 为元数据）', en: 'The keyless signature of a file (0: of the metadata)' },
      problems: [kinds.unknownArchive, kinds.unknownFile, kinds.notSealed],
      async handler({ params, principal }) {
        const { row, sight } = await whole(principal, params.id);
        if (sight !== 'whole') throw new Problem(kinds.unknownFile, { no: params.no });
        const files = await filesOf(deps.db, row.id);
        const name = files.find((f) => f.no === params.no)?.name ?? 'metadata.json';
        return { chunks: once(await proofOfFile(deps, row, files, params.no)), filename: `${name}.ksig` };
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/{id}/package`, room, access: read, params: api.idParams },
      response: { stream: 'application/zip' },
      summary: { zh: '出证：档案连同证明', en: 'Take an archive out with its proof' },
      problems: [kinds.unknownArchive, kinds.borrowFirst, kinds.gone, kinds.notSealed],
      handler: ({ params, principal }) => takeOut(deps, principal, params.id),
    }),
  ];
}

/** Borrowing. */
export function borrowingRoutes(deps: ArchiveDeps): RouteDefinition[] {
  const now = () => deps.clock.now();
  const answer = { response: api.borrowing };
  return [
    defineRoute({
      ...{ method: 'GET', path: '/api/v1/archive-borrowings', room, access: read, query: api.borrowingsQuery },
      response: api.borrowings,
      summary: { zh: '借阅', en: 'Borrowings' },
      async handler({ query, principal }) {
        const rows = await borrowings(deps, principal, { mine: query.mine === 'true', limit: 300 });
        return { items: rows.map((row) => borrowingOf(row, principal, now())) };
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/{id}/borrowings`, room, access: read, params: api.idParams, status: 201 },
      ...{ body: api.borrowBody, ...answer },
      summary: { zh: '申请借阅', en: 'Ask for an archive' },
      problems: [kinds.unknownArchive, kinds.borrowDays, kinds.borrowOpen, kinds.wrongState],
      handler: async ({ params, body, principal }) =>
        borrowingOf(await askFor(deps, principal, params.id, body), principal, now()),
    }),
    defineRoute({
      ...{ method: 'POST', path: '/api/v1/archive-borrowings/{id}/decision', room, access: 'archive.manage' as const },
      ...{ params: api.idParams, body: api.decisionBody, ...answer },
      summary: { zh: '审批借阅', en: 'Decide upon a request' },
      problems: [kinds.unknownBorrowing, kinds.decided, kinds.ownRequest],
      handler: async ({ params, body, principal }) =>
        borrowingOf(await decide(deps, principal, params.id, body), principal, now()),
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: '/api/v1/archive-borrowings/{id}/return',
        room,
        access: read,
        params: api.idParams,
        ...answer,
      },
      summary: { zh: '归还', en: 'Give an archive back' },
      problems: [kinds.unknownBorrowing, kinds.decided],
      handler: async ({ params, principal }) =>
        borrowingOf(await giveBack(deps, principal, params.id), principal, now()),
    }),
  ];
}
