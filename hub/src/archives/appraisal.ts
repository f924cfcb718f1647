/**
 * Appraisal (鉴定) at the end of a retention period: one archivist proposes, another confirms. What is destroyed loses its content; its
 * metadata, its trace and its seal stay, so that it can be proven what it was and that it was rightly destroyed.
 */
import { sql } from 'kysely';
import type { Principal } from '../platform/auth/principal.ts';
import { Problem } from '../platform/problem.ts';
import { needState } from './access.ts';
import { forget } from './deposit.ts';
import type { ArchiveDeps } from './deps.ts';
import { dayOf } from './examine.ts';
import * as kinds from './problems.ts';
import { type Retention, retentions } from './reference.ts';
import { addStep } from './steps.ts';
import { type ArchiveRow, archiveRow, filesOf, lockedRow } from './store.ts';

/** An appraisal as it is kept. */
export interface AppraisalRow {
  id: number;
  archive: number;
  verdict: 'destroy' | 'keep';
  ground: string;
  by_id: string;
  by_login: string;
  at: Date;
  state: 'proposed' | 'confirmed' | 'rejected';
  second_id: string | null;
  second_login: string | null;
  second_at: Date | null;
  reason: string | null;
  again: string | null;
  reference: string | null;
  title: string | null;
}

/** The first day on which an archive may be appraised: the period runs from the year after; null for what is kept for ever. */
export function dueDay(row: Pick<ArchiveRow, 'metadata'>): string | null {
  const { retention, year } = row.metadata;
  const years = retention === undefined ? null : retentions[retention as Retention].years;
  return years === null || year === undefined ? null : `${year + 1 + years}-01-01`;
}

/** Archives whose period has ended and that nobody has decided upon. */
export const dueForAppraisal = (deps: Pick<ArchiveDeps, 'db' | 'clock'>) =>
  deps.db.query<{
    id: number;
    reference: string;
    title: string;
    organisation: string;
    year: number;
    retention: Retention;
  }>(
    `SELECT id, reference, metadata->>'title' AS title, organisation, (metadata->>'year')::integer AS year,
       metadata->>'retention' AS retention
     FROM archives.archive a WHERE state = 'preserved' AND (
       (metadata->>'retention' = 'D10' AND (metadata->>'year')::integer + 11 <= $1)
       OR (metadata->>'retention' = 'D30' AND (metadata->>'year')::integer + 31 <= $1))
     AND NOT EXISTS (SELECT 1 FROM archives.appraisal p WHERE p.archive = a.id
       AND (p.state = 'proposed' OR (p.state = 'confirmed' AND p.again > $2::date)))
     ORDER BY year, id LIMIT 500`,
    [Number(dayOf(deps.clock.now()).slice(0, 4)), dayOf(deps.clock.now())],
  );

export const appraisals = (deps: Pick<ArchiveDeps, 'db'>): Promise<AppraisalRow[]> =>
  deps.db.query<AppraisalRow>(
    `SELECT p.*, a.reference, a.metadata->>'title' AS title FROM archives.appraisal p
     JOIN archives.archive a ON a.id = p.archive ORDER BY p.state = 'proposed' DESC, p.id DESC LIMIT 200`,
  );

/** Proposes to destroy an archive, or to keep it for so many years more. */
export async function propose(
  deps: ArchiveDeps,
  principal: Principal,
  given: { archive: number; verdict: 'destroy' | 'keep'; ground: string; years?: number | undefined },
): Promise<number> {
  const row = await archiveRow(deps.db, given.archive);
  needState(row, 'preserved');
  const due = dueDay(row);
  const today = dayOf(deps.clock.now());
  if (due === null) throw new Problem(kinds.permanent);
  if (due > today) throw new Problem(kinds.notDue);
  const again = given.verdict === 'keep' ? `${Number(today.slice(0, 4)) + (given.years ?? 10)}${today.slice(4)}` : null;
  return deps.db.tx(async (trx) => {
    await lockedRow(trx, row.id);
    const open = await sql`SELECT 1 FROM archives.appraisal WHERE archive = ${row.id} AND state = 'proposed'`.execute(
      trx,
    );
    if (open.rows.length > 0) throw new Problem(kinds.appraisalOpen);
    const made = await sql<{ id: number }>`INSERT INTO archives.appraisal
        (archive, verdict, ground, by_id, by_login, at, again)
      VALUES (${row.id}, ${given.verdict}, ${given.ground}, ${principal.userId}, ${principal.login},
        ${deps.clock.now()}, ${again}) RETURNING id`.execute(trx);
    const id = made.rows[0]!.id;
    const detail = { appraisal: id, verdict: given.verdict, ground: given.ground };
    await addStep(deps, trx, row.id, 'appraised', principal, detail);
    await deps.audit.append(
      { actor: principal, action: 'archives.appraise', object: `archive/${row.id}`, outcome: 'ok', detail },
      trx,
    );
    return id;
  });
}

/** Another person's word upon a proposal; a confirmed destruction deletes the content. */
export async function second(
  deps: ArchiveDeps,
  principal: Principal,
  id: number,
  word: { confirm: boolean; reason?: string | undefined },
): Promise<void> {
  const rows = await deps.db.query<AppraisalRow>('SELECT * FROM archives.appraisal WHERE id = $1', [id]);
  const appraisal = rows[0];
  if (!appraisal) throw new Problem(kinds.unknownAppraisal);
  if (appraisal.by_id === principal.userId) throw new Problem(kinds.secondPerson);
  const destroys = word.confirm && appraisal.verdict === 'destroy';
  const files = await filesOf(deps.db, appraisal.archive);
  await deps.db.tx(async (trx) => {
    const now = deps.clock.now();
    const row = await lockedRow(trx, appraisal.archive);
    needState(row, 'preserved');
    const done = await sql`UPDATE archives.appraisal SET state = ${word.confirm ? 'confirmed' : 'rejected'},
        second_id = ${principal.userId}, second_login = ${principal.login}, second_at = ${now}, reason = ${word.reason ?? null}
      WHERE id = ${id} AND state = 'proposed' RETURNING id`.execute(trx);
    if (done.rows.length === 0) throw new Problem(kinds.decided);
    if (destroys) {
      await sql`UPDATE archives.archive SET state = 'destroyed', destroyed_at = ${now} WHERE id = ${row.id}`.execute(
        trx,
      );
      await sql`UPDATE archives.file SET removed = true WHERE archive = ${row.id}`.execute(trx);
    }
    const detail = {
      appraisal: id,
      verdict: appraisal.verdict,
      confirmed: word.confirm,
      proposedBy: appraisal.by_login,
    };
    await addStep(deps, trx, row.id, destroys ? 'destroyed' : 'appraised', principal, detail);
    await deps.audit.append(
      {
        actor: principal,
        action: destroys ? 'archives.destroy' : 'archives.appraise-second',
        object: `archive/${row.id}`,
        outcome: 'ok',
        detail,
      },
      trx,
    );
  });
  // After the decision stands: a hub that is killed here keeps content that nobody is shown, and the next start removes it.
  if (destroys)
    await forget(
      deps,
      files.map((f) => f.sha256),
    );
}

/** Deletes contents of destroyed archives that a killed hub did not get to: looked for among the thousand destroyed last. */
export async function finishDestroying(deps: Pick<ArchiveDeps, 'db' | 'blobs'>): Promise<void> {
  const rows = await deps.db.query<{ sha256: string }>(
    `SELECT f.sha256 FROM archives.file f JOIN archives.archive a ON a.id = f.archive
     WHERE f.removed ORDER BY a.destroyed_at DESC LIMIT 1000`,
  );
  const left: string[] = [];
  for (const { sha256 } of rows) if (await deps.blobs.has(sha256)) left.push(sha256);
  await forget(deps, left);
}
