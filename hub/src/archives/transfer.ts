/** Transfer (移交与接收): archives go to another organisation after a second check, and both sides hold the same receipt. */
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { catalogueOf } from '../catalogue/index.ts';
import { canonicalJson } from '../platform/audit/index.ts';
import type { Principal } from '../platform/auth/principal.ts';
import { Problem } from '../platform/problem.ts';
import { isArchivist } from './access.ts';
import type { ArchiveDeps } from './deps.ts';
import { keepExamination, lookAt } from './examine.ts';
import * as kinds from './problems.ts';
import { addStep } from './steps.ts';
import { archiveRow, generationsOf, lockedRow } from './store.ts';

/** What both sides hold of a transfer. */
export interface Receipt {
  transfer: number;
  from: string;
  to: string;
  givenBy: string;
  takenBy: string;
  at: string;
  archives: { archive: number; reference: string | null; root: string }[];
  /** SHA-256 of the canonical JSON of everything above. */
  sha256: string;
}

/** A transfer as it is kept. */
export interface TransferRow {
  id: number;
  from_organisation: string;
  to_organisation: string;
  archives: number[];
  ground: string;
  state: 'checking' | 'offered' | 'failed' | 'accepted' | 'refused';
  by_login: string;
  at: Date;
  failed: number[];
  decided_by: string | null;
  decided_at: Date | null;
  reason: string | null;
  receipt: Receipt | null;
}

/** Transfers of one's organisation; archivists see all. */
export const transfers = (deps: Pick<ArchiveDeps, 'db'>, principal: Principal): Promise<TransferRow[]> =>
  deps.db.query<TransferRow>(
    `SELECT * FROM archives.transfer WHERE $1::boolean OR from_organisation = $2 OR to_organisation = $2
     ORDER BY id DESC LIMIT 200`,
    [isArchivist(principal), principal.organisation],
  );

/** Offers archives of one organisation to another; answers the transfer's number. The second check is a job. */
export async function offer(
  deps: ArchiveDeps,
  principal: Principal,
  given: { archives: number[]; to: string; ground: string },
): Promise<number> {
  if (!catalogueOf(deps.lake).organisations.has(given.to))
    throw new Problem(kinds.unknownOrganisation, { id: given.to });
  const rows = await deps.db.query<{ id: number; organisation: string }>(
    `SELECT id, organisation FROM archives.archive WHERE id = ANY($1::integer[]) AND state = 'preserved'
       AND condition = 'sound' AND organisation <> $2`,
    [given.archives, given.to],
  );
  const from = rows[0]?.organisation;
  if (!from || rows.length !== new Set(given.archives).size || rows.some((r) => r.organisation !== from))
    throw new Problem(kinds.nothingToTransfer);
  return deps.db.tx(async (trx) => {
    const made = await sql<{ id: number }>`INSERT INTO archives.transfer
        (from_organisation, to_organisation, archives, ground, by_login, at)
      VALUES (${from}, ${given.to}, ${rows.map((r) => r.id)}::integer[], ${given.ground}, ${principal.login},
        ${deps.clock.now()}) RETURNING id`.execute(trx);
    const id = made.rows[0]!.id;
    for (const row of rows)
      await addStep(deps, trx, row.id, 'transfer-offered', principal, { transfer: id, to: given.to });
    await deps.jobs.submit('archives.transfer', { transfer: id }, { by: principal.userId, unique: String(id), trx });
    const detail = { to: given.to, archives: rows.length };
    await deps.audit.append(
      { actor: principal, action: 'archives.transfer', object: `transfer/${id}`, outcome: 'ok', detail },
      trx,
    );
    return id;
  });
}

export async function oneTransfer(deps: Pick<ArchiveDeps, 'db'>, id: number): Promise<TransferRow> {
  const rows = await deps.db.query<TransferRow>('SELECT * FROM archives.transfer WHERE id = $1', [id]);
  if (!rows[0]) throw new Problem(kinds.unknownTransfer);
  return rows[0];
}

/** The second check: all of them must pass before they are offered. */
export async function checkTransfer(deps: ArchiveDeps, id: number, signal: AbortSignal): Promise<{ failed: number }> {
  const transfer = await oneTransfer(deps, id);
  if (transfer.state !== 'checking') return { failed: transfer.failed.length };
  const failed: number[] = [];
  for (const archive of transfer.archives) {
    signal.throwIfAborted();
    const found = await lookAt(deps, archive, 'transfer', signal);
    if (found.outcome === 'failed') failed.push(archive);
    await deps.db.tx((trx) => keepExamination(deps, trx, archive, 'transfer', transfer.by_login, found));
  }
  await deps.db.query('UPDATE archives.transfer SET state = $2, failed = $3::integer[] WHERE id = $1', [
    ...[id, failed.length > 0 ? 'failed' : 'offered'],
    failed,
  ]);
  return { failed: failed.length };
}

/** Takes what was offered, or refuses it: by the organisation that it is offered to, or an archivist who did not offer it. */
export async function answerTransfer(
  deps: ArchiveDeps,
  principal: Principal,
  id: number,
  answer: { accept: boolean; reason?: string | undefined },
): Promise<TransferRow> {
  const transfer = await oneTransfer(deps, id);
  const receiver = principal.organisation === transfer.to_organisation;
  if (!receiver && !isArchivist(principal)) throw new Problem(kinds.unknownTransfer);
  if (transfer.by_login === principal.login) throw new Problem(kinds.ownRequest);
  const now = deps.clock.now();
  const archives: Receipt['archives'] = [];
  for (const archive of transfer.archives) {
    const { reference } = await archiveRow(deps.db, archive);
    archives.push({ archive, reference, root: (await generationsOf(deps.db, archive))[0]?.root ?? '' });
  }
  const said = {
    ...{ transfer: id, from: transfer.from_organisation, to: transfer.to_organisation },
    ...{ givenBy: transfer.by_login, takenBy: principal.login, at: now.toISOString(), archives },
  };
  const receipt: Receipt = { ...said, sha256: createHash('sha256').update(canonicalJson(said)).digest('hex') };
  await deps.db.tx(async (trx) => {
    const done = await sql`UPDATE archives.transfer SET state = ${answer.accept ? 'accepted' : 'refused'},
        decided_by = ${principal.login}, decided_at = ${now}, reason = ${answer.reason ?? null},
        receipt = ${answer.accept ? JSON.stringify(receipt) : null}::jsonb
      WHERE id = ${id} AND state = 'offered' RETURNING id`.execute(trx);
    if (done.rows.length === 0) throw new Problem(kinds.decided);
    for (const archive of transfer.archives) {
      await lockedRow(trx, archive);
      if (answer.accept)
        await sql`UPDATE archives.archive SET organisation = ${transfer.to_organisation} WHERE id = ${archive}`.execute(
          trx,
        );
      const detail = { transfer: id, from: said.from, to: said.to, receipt: receipt.sha256 };
      await addStep(deps, trx, archive, answer.accept ? 'transferred' : 'transfer-refused', principal, detail);
    }
    await deps.audit.append(
      {
        ...{ actor: principal, action: 'archives.transfer-answer', object: `transfer/${id}`, outcome: 'ok' },
        detail: { accept: answer.accept, receipt: receipt.sha256 },
      },
      trx,
    );
  });
  return oneTransfer(deps, id);
}
