/** Borrowing (借阅): asked for with a purpose and days, agreed to by an archivist, given back or run out. */
import { sql } from 'kysely';
import type { Principal } from '../platform/auth/principal.ts';
import { Problem } from '../platform/problem.ts';
import { isArchivist, needState, seen } from './access.ts';
import type { ArchiveDeps } from './deps.ts';
import * as kinds from './problems.ts';
import { addStep } from './steps.ts';

/** A borrowing as it is kept, with what it is of. */
export interface BorrowingRow {
  id: number;
  archive: number;
  user_id: string;
  login: string;
  organisation: string | null;
  kind: 'view' | 'download';
  purpose: string;
  days: number;
  state: 'requested' | 'lent' | 'refused' | 'returned';
  at: Date;
  decided_by: string | null;
  decided_at: Date | null;
  reason: string | null;
  until: Date | null;
  returned_at: Date | null;
  reference: string | null;
  title: string | null;
}

const shown = `SELECT b.*, a.reference, a.metadata->>'title' AS title
  FROM archives.borrowing b JOIN archives.archive a ON a.id = b.archive`;

/** Borrowings: one's own, or all of them at the archivist's desk; open ones first. */
export async function borrowings(
  deps: Pick<ArchiveDeps, 'db'>,
  principal: Principal,
  filter: { mine: boolean; archive?: number | undefined; limit: number },
): Promise<BorrowingRow[]> {
  const mine = filter.mine || !isArchivist(principal);
  return deps.db.query<BorrowingRow>(
    `${shown} WHERE ($1::text IS NULL OR b.user_id = $1) AND ($2::integer IS NULL OR b.archive = $2)
     ORDER BY b.state = 'requested' DESC, b.state = 'lent' DESC, b.id DESC LIMIT $3`,
    [mine ? principal.userId : null, filter.archive ?? null, filter.limit],
  );
}

async function oneBorrowing(deps: Pick<ArchiveDeps, 'db'>, id: number): Promise<BorrowingRow> {
  const rows = await deps.db.query<BorrowingRow>(`${shown} WHERE b.id = $1`, [id]);
  if (!rows[0]) throw new Problem(kinds.unknownBorrowing);
  return rows[0];
}

/** Asks for an archive. */
export async function askFor(
  deps: ArchiveDeps,
  principal: Principal,
  archive: number,
  asked: { kind: 'view' | 'download'; purpose: string; days: number },
): Promise<BorrowingRow> {
  const most = deps.config.archives.borrowDays;
  if (asked.days > most) throw new Problem(kinds.borrowDays, { most });
  const now = deps.clock.now();
  const { row } = await seen(deps.db, now, principal, archive);
  needState(row, 'archived', 'preserved');
  const id = await deps.db.tx(async (trx) => {
    const open = await sql`SELECT 1 FROM archives.borrowing WHERE archive = ${archive} AND user_id = ${principal.userId}
      AND kind = ${asked.kind} AND (state = 'requested' OR (state = 'lent' AND until > ${now}))`.execute(trx);
    if (open.rows.length > 0) throw new Problem(kinds.borrowOpen);
    const made = await sql<{ id: number }>`INSERT INTO archives.borrowing
        (archive, user_id, login, organisation, kind, purpose, days, at)
      VALUES (${archive}, ${principal.userId}, ${principal.login}, ${principal.organisation}, ${asked.kind},
        ${asked.purpose}, ${asked.days}, ${now}) RETURNING id`.execute(trx);
    const borrowing = made.rows[0]!.id;
    await addStep(deps, trx, archive, 'borrow-requested', principal, { borrowing, kind: asked.kind, days: asked.days });
    await audited(deps, trx, principal, 'archives.borrow', archive, { borrowing, ...asked });
    return borrowing;
  });
  return oneBorrowing(deps, id);
}

/** Agrees to a request or refuses it; nobody decides upon their own. */
export async function decide(
  deps: ArchiveDeps,
  principal: Principal,
  id: number,
  decision: { approve: boolean; reason?: string | undefined },
): Promise<BorrowingRow> {
  const asked = await oneBorrowing(deps, id);
  if (asked.user_id === principal.userId) throw new Problem(kinds.ownRequest);
  await deps.db.tx(async (trx) => {
    const now = deps.clock.now();
    const until = decision.approve ? new Date(now.getTime() + asked.days * 86_400_000) : null;
    const done = await sql`UPDATE archives.borrowing SET state = ${decision.approve ? 'lent' : 'refused'},
        decided_by = ${principal.login}, decided_at = ${now}, reason = ${decision.reason ?? null}, until = ${until}
      WHERE id = ${id} AND state = 'requested' RETURNING id`.execute(trx);
    if (done.rows.length === 0) throw new Problem(kinds.decided);
    const action = decision.approve ? ('lent' as const) : ('borrow-refused' as const);
    const detail = { borrowing: id, to: asked.login, until: until?.toISOString() ?? null };
    await addStep(deps, trx, asked.archive, action, principal, detail);
    await audited(deps, trx, principal, `archives.${action}`, asked.archive, detail);
  });
  return oneBorrowing(deps, id);
}

/** Gives an archive back, by who has it or by an archivist. */
export async function giveBack(deps: ArchiveDeps, principal: Principal, id: number): Promise<BorrowingRow> {
  const lent = await oneBorrowing(deps, id);
  if (lent.user_id !== principal.userId && !isArchivist(principal)) throw new Problem(kinds.unknownBorrowing);
  await deps.db.tx(async (trx) => {
    const done = await sql`UPDATE archives.borrowing SET state = 'returned', returned_at = ${deps.clock.now()}
      WHERE id = ${id} AND state IN ('lent', 'requested') RETURNING id`.execute(trx);
    if (done.rows.length === 0) throw new Problem(kinds.decided);
    await addStep(deps, trx, lent.archive, 'borrow-returned', principal, { borrowing: id });
    await audited(deps, trx, principal, 'archives.borrow-returned', lent.archive, { borrowing: id });
  });
  return oneBorrowing(deps, id);
}

const audited = (
  deps: ArchiveDeps,
  trx: Parameters<typeof addStep>[1],
  actor: Principal,
  action: string,
  archive: number,
  detail: Record<string, unknown>,
) => deps.audit.append({ actor, action, object: `archive/${archive}`, outcome: 'ok', detail }, trx);
