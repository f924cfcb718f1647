/** What follows the checks: an archivist takes an archive in or sends it back; sealed, it is in store. */
import { sql } from 'kysely';
import type { Principal } from '../platform/auth/principal.ts';
import { Problem } from '../platform/problem.ts';
import { needState } from './access.ts';
import type { ArchiveDeps } from './deps.ts';
import { groundsNeeded } from './problems.ts';
import { sealArchive } from './seal.ts';
import { addStep } from './steps.ts';
import { archiveRow, type ExaminationRow, filesOf, lockedRow } from './store.ts';

/** Takes an archive in: every warning has its ground, then it is tagged. `grounds`: by code of the check. */
export async function takeIn(
  deps: ArchiveDeps,
  principal: Principal,
  id: number,
  grounds: Record<string, string>,
): Promise<void> {
  await archiveRow(deps.db, id);
  const files = await filesOf(deps.db, id);
  await deps.db.tx(async (trx) => {
    const row = await lockedRow(trx, id);
    needState(row, 'passed');
    const last = await sql<ExaminationRow>`SELECT * FROM archives.examination
      WHERE archive = ${id} AND phase = 'archiving' ORDER BY id DESC LIMIT 1`.execute(trx);
    const examination = last.rows[0]!;
    const warned = examination.items.filter((o) => o.result === 'warned').map((o) => o.code as string);
    const open = warned.filter((code) => !grounds[code]?.trim());
    if (open.length > 0) throw new Problem(groundsNeeded, { codes: open.join(', ') });
    const kept = Object.fromEntries(warned.map((code) => [code, grounds[code]!.trim()]));
    const now = deps.clock.now();
    await sql`UPDATE archives.examination SET grounds = ${JSON.stringify(kept)}::jsonb
      WHERE id = ${examination.id}`.execute(trx);
    await sql`UPDATE archives.archive SET state = 'archived', archived_at = ${now} WHERE id = ${id}`.execute(trx);
    const seal = await sealArchive(deps, trx, row, files);
    await addStep(deps, trx, id, 'archived', principal, { reference: row.reference, grounds: kept, seal });
    const detail = { reference: row.reference, accepted: warned };
    await deps.audit.append(
      { actor: principal, action: 'archives.take-in', object: `archive/${id}`, outcome: 'ok', detail },
      trx,
    );
  });
}

/** Sends an archive back to who handed it in. */
export async function sendBack(deps: ArchiveDeps, principal: Principal, id: number, reason: string): Promise<void> {
  await deps.db.tx(async (trx) => {
    const row = await lockedRow(trx, id);
    needState(row, 'passed', 'failed');
    await sql`UPDATE archives.archive SET state = 'draft', reference = NULL, folder = NULL, item = NULL
      WHERE id = ${id}`.execute(trx);
    await addStep(deps, trx, id, 'returned', principal, { reason });
    await deps.audit.append(
      { actor: principal, action: 'archives.send-back', object: `archive/${id}`, outcome: 'ok', detail: { reason } },
      trx,
    );
  });
}

/** Marks archives whose seal has its signature now as kept; answers how many still wait. */
export async function settle(deps: ArchiveDeps): Promise<number> {
  const waiting = await deps.db.query<{ id: number; seal: number }>(
    `SELECT a.id, g.seal FROM archives.archive a JOIN archives.generation g ON g.archive = a.id AND g.no = 1
     WHERE a.state = 'archived' ORDER BY a.id LIMIT 1000`,
  );
  let open = 0;
  for (const { id, seal } of waiting) {
    const kept = await deps.seal.get(seal);
    if (!kept?.signedAt) {
      open += 1;
      continue;
    }
    await deps.db.tx(async (trx) => {
      const row = await lockedRow(trx, id);
      if (row.state !== 'archived') return;
      await sql`UPDATE archives.archive SET state = 'preserved', condition = 'sound', verified_at = ${deps.clock.now()}
        WHERE id = ${id}`.execute(trx);
      await addStep(deps, trx, id, 'preserved', null, { seal, signedAt: kept.signedAt!.toISOString() });
    });
  }
  return open;
}
