/** Routes of the archives: transfer, appraisal, preservation. */
import { algorithmOf } from '@jingwei/keyless';
import type { z } from 'zod';
import type { Principal } from '../platform/auth/principal.ts';
import { defineRoute, type RouteDefinition } from '../platform/http/index.ts';
import { isArchivist } from './access.ts';
import * as api from './api.ts';
import { appraisals, dueForAppraisal, propose, second } from './appraisal.ts';
import type { ArchiveDeps } from './deps.ts';
import { formatOf } from './formats.ts';
import { ageingAlgorithms, dueArchives, toReseal } from './preserve.ts';
import * as kinds from './problems.ts';
import { namedOrganisation } from './shown.ts';
import { answerTransfer, offer, oneTransfer, type TransferRow, transfers } from './transfer.ts';

const room = 'archives';
const read = 'archive.read' as const;
const manage = 'archive.manage' as const;

async function transferOf(
  deps: ArchiveDeps,
  row: TransferRow,
  principal: Principal,
): Promise<z.input<typeof api.transfer>> {
  const archives = await deps.db.query<{ id: number; reference: string | null; title: string | null }>(
    `SELECT id, reference, metadata->>'title' AS title FROM archives.archive WHERE id = ANY($1::integer[]) ORDER BY id`,
    [row.archives],
  );
  const { receipt: r } = row;
  return {
    ...{ id: row.id, ground: row.ground, state: row.state, by: row.by_login, failed: row.failed, reason: row.reason },
    from: namedOrganisation(deps, row.from_organisation),
    to: namedOrganisation(deps, row.to_organisation),
    archives,
    at: row.at.toISOString(),
    decidedBy: row.decided_by,
    decidedAt: row.decided_at?.toISOString() ?? null,
    receipt: r ? { sha256: r.sha256, givenBy: r.givenBy, takenBy: r.takenBy, at: r.at } : null,
    mayAnswer:
      row.state === 'offered' &&
      row.by_login !== principal.login &&
      (isArchivist(principal) ||
        (principal.organisation === row.to_organisation && principal.permissions.has('archive.deposit'))),
  };
}

/** Transfer and appraisal. */
export function transferRoutes(deps: ArchiveDeps): RouteDefinition[] {
  return [
    defineRoute({
      ...{ method: 'GET', path: '/api/v1/archive-transfers', room, access: read, response: api.transfers },
      summary: { zh: '移交与接收', en: 'Transfers' },
      async handler({ principal }) {
        const rows = await transfers(deps, principal);
        return { items: await Promise.all(rows.map((row) => transferOf(deps, row, principal))) };
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: '/api/v1/archive-transfers', room, access: manage, body: api.transferBody },
      ...{ response: api.transfer, status: 202 },
      summary: { zh: '发起移交', en: 'Offer archives for transfer' },
      problems: [kinds.nothingToTransfer, kinds.unknownOrganisation],
      async handler({ body, principal }) {
        return transferOf(deps, await oneTransfer(deps, await offer(deps, principal, body)), principal);
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: '/api/v1/archive-transfers/{id}/answer', room, access: 'archive.deposit' as const },
      ...{ params: api.idParams, body: api.answerBody, response: api.transfer },
      summary: { zh: '接收或拒收', en: 'Take a transfer or refuse it' },
      problems: [kinds.unknownTransfer, kinds.decided, kinds.ownRequest],
      handler: async ({ params, body, principal }) =>
        transferOf(deps, await answerTransfer(deps, principal, params.id, body), principal),
    }),
    defineRoute({
      ...{ method: 'GET', path: '/api/v1/archive-appraisals', room, access: manage, response: api.appraisals },
      summary: { zh: '到期鉴定', en: 'Appraisals' },
      handler: ({ principal }) => appraisalList(deps, principal),
    }),
    defineRoute({
      ...{ method: 'POST', path: '/api/v1/archive-appraisals', room, access: manage, body: api.appraisalBody },
      ...{ response: api.appraisals, status: 201 },
      summary: { zh: '提出鉴定意见', en: 'Propose what becomes of an archive' },
      problems: [kinds.unknownArchive, kinds.notDue, kinds.permanent, kinds.appraisalOpen, kinds.wrongState],
      async handler({ body, principal }) {
        await propose(deps, principal, body);
        return appraisalList(deps, principal);
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: '/api/v1/archive-appraisals/{id}/second', room, access: manage, params: api.idParams },
      ...{ body: api.secondBody, response: api.appraisals },
      summary: { zh: '复核鉴定意见', en: 'Confirm or reject a proposal' },
      problems: [kinds.unknownAppraisal, kinds.secondPerson, kinds.decided],
      async handler({ params, body, principal }) {
        await second(deps, principal, params.id, body);
        return appraisalList(deps, principal);
      },
    }),
  ];
}

async function appraisalList(deps: ArchiveDeps, principal: Principal): Promise<z.input<typeof api.appraisals>> {
  const due = await dueForAppraisal(deps);
  return {
    due: due.map((row) => ({ ...row, organisation: namedOrganisation(deps, row.organisation) })),
    items: (await appraisals(deps)).map((p) => ({
      ...{ id: p.id, archive: p.archive, reference: p.reference, title: p.title, verdict: p.verdict, ground: p.ground },
      ...{ by: p.by_login, at: p.at.toISOString(), state: p.state, second: p.second_login },
      secondAt: p.second_at?.toISOString() ?? null,
      mine: p.by_id === principal.userId,
    })),
  };
}

/** Preservation, and the desk. */
export function preservationRoutes(deps: ArchiveDeps): RouteDefinition[] {
  return [
    defineRoute({
      ...{ method: 'GET', path: '/api/v1/archive-desk', room, access: read, response: api.desk },
      summary: { zh: '待办', en: 'What waits' },
      handler: ({ principal }) => desk(deps, principal),
    }),
    defineRoute({
      ...{ method: 'GET', path: '/api/v1/archive-preservation', room, access: manage, response: api.preservation },
      summary: { zh: '长期保存', en: 'Preservation' },
      handler: () => preservation(deps),
    }),
    defineRoute({
      ...{ method: 'POST', path: '/api/v1/archive-preservation/verify', room, access: manage, body: api.verifyBody },
      ...{ response: api.job, status: 202 },
      summary: { zh: '立即复核', en: 'Verify now' },
      problems: [kinds.unknownArchive],
      async handler({ body, principal }) {
        const unique = body.archive ? `archive-${body.archive}` : 'verify';
        const job = await deps.jobs.submit('archives.verify', body, { by: principal.userId, unique });
        await deps.audit.append({
          ...{ actor: principal, action: 'archives.verify', object: `archive/${body.archive ?? '*'}`, outcome: 'ok' },
          detail: { all: body.all },
        });
        return { job };
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: '/api/v1/archive-preservation/reseal', room, access: manage, response: api.job },
      status: 202,
      summary: { zh: '对算法老化的档案续签封', en: 'Seal anew what an ageing algorithm seals' },
      async handler({ principal }) {
        const job = await deps.jobs.submit('archives.reseal', {}, { by: principal.userId, unique: 'reseal' });
        await deps.audit.append({
          actor: principal,
          action: 'archives.reseal-all',
          object: 'archive/*',
          outcome: 'ok',
        });
        return { job };
      },
    }),
  ];
}

async function desk(deps: ArchiveDeps, principal: Principal): Promise<z.input<typeof api.desk>> {
  const all = isArchivist(principal);
  const [row] = await deps.db.query<Omit<z.input<typeof api.desk>, 'requests' | 'lent' | 'overdue'>>(
    `SELECT count(*) FILTER (WHERE state = 'draft') AS drafts, count(*) FILTER (WHERE state = 'submitted') AS checking,
       count(*) FILTER (WHERE state = 'failed') AS failed, count(*) FILTER (WHERE state = 'passed') AS passed,
       count(*) FILTER (WHERE state IN ('archived', 'preserved')) AS kept,
       count(*) FILTER (WHERE condition = 'damaged') AS damaged
     FROM archives.archive WHERE $1::boolean OR organisation = $2`,
    [all, principal.organisation],
  );
  const [loans] = await deps.db.query<{ requests: number; lent: number; overdue: number }>(
    `SELECT count(*) FILTER (WHERE state = 'requested') AS requests,
       count(*) FILTER (WHERE state = 'lent' AND until > $3) AS lent,
       count(*) FILTER (WHERE state = 'lent' AND until <= $3) AS overdue
     FROM archives.borrowing WHERE $1::boolean OR user_id = $2`,
    [all, principal.userId, deps.clock.now()],
  );
  return { ...row!, ...loans! };
}

async function preservation(deps: ArchiveDeps): Promise<z.input<typeof api.preservation>> {
  const { verifyDays, resealWith, scanner, store } = deps.config.archives;
  const [totals] = await deps.db.query<{ kept: number; damaged: number; oldest: Date | null }>(
    `SELECT count(*) AS kept, count(*) FILTER (WHERE condition = 'damaged') AS damaged, min(verified_at) AS oldest
     FROM archives.archive WHERE state = 'preserved'`,
  );
  const formats = await deps.db.query<{ format: string; files: number; bytes: number }>(
    `SELECT coalesce(f.format, 'unknown') AS format, count(*) AS files, sum(f.bytes)::bigint AS bytes FROM archives.file f
     JOIN archives.archive a ON a.id = f.archive WHERE a.state = 'preserved' GROUP BY 1 ORDER BY 2 DESC`,
  );
  const algorithms = await deps.db.query<{ algorithm: number; archives: number }>(
    `SELECT g.algorithm, count(*) AS archives FROM archives.archive a
     JOIN LATERAL (SELECT algorithm FROM archives.generation g WHERE g.archive = a.id ORDER BY no DESC LIMIT 1) g ON true
     WHERE a.state = 'preserved' GROUP BY 1 ORDER BY 2 DESC`,
  );
  const runs = await deps.db.query<{
    id: number;
    at: Date;
    ended: Date | null;
    archives: number;
    bytes: number;
    findings: { archive: number; reference: string | null; items: string[] }[];
  }>('SELECT * FROM archives.run ORDER BY id DESC LIMIT 20');
  const ageing = ageingAlgorithms(deps);
  return {
    ...{ kept: totals!.kept, damaged: totals!.damaged, oldest: totals!.oldest?.toISOString() ?? null },
    bytes: formats.reduce((n, f) => n + f.bytes, 0),
    days: verifyDays,
    due: (await dueArchives(deps, 100_000)).length,
    runs: runs.map((r) => ({ ...r, at: r.at.toISOString(), ended: r.ended?.toISOString() ?? null })),
    formats: formats.map(({ format, files, bytes }) => {
      const { title, fitness } = formatOf(format);
      return { id: format, title, fitness, files, bytes };
    }),
    algorithms: algorithms.map((a) => ({
      ...{ name: algorithmOf(a.algorithm)?.name ?? String(a.algorithm), archives: a.archives },
      ageing: ageing.has(a.algorithm),
    })),
    resealWith,
    toReseal: (await toReseal(deps)).length,
    scanner: scanner.length > 0,
    store: store.kind,
  };
}
