/**
 * Who sees what of an archive. Its organisation and the archivists see all of it; others see code and title of what is kept and not controlled,
 * and the whole of what they have borrowed, as long as they have.
 */
import type { Principal } from '../platform/auth/principal.ts';
import type { Db } from '../platform/db/index.ts';
import { Problem } from '../platform/problem.ts';
import { borrowFirst, gone, notYours, unknownArchive, wrongState } from './problems.ts';
import { type ArchiveRow, archiveRow, kept, type State, states } from './store.ts';

/** How much of an archive somebody sees. */
export type Sight = 'whole' | 'title';

export const isArchivist = (principal: Principal): boolean => principal.permissions.has('archive.manage');
export const isOwn = (principal: Principal, row: Pick<ArchiveRow, 'organisation'>): boolean =>
  principal.organisation !== null && principal.organisation === row.organisation;

/** The borrowing that somebody holds of an archive now: of the content to look at, or to take home. */
export async function loanOf(
  db: Db,
  now: Date,
  principal: Principal,
  archive: number,
): Promise<{ id: number; kind: 'view' | 'download'; purpose: string; until: Date } | undefined> {
  const rows = await db.query<{ id: number; kind: 'view' | 'download'; purpose: string; until: Date }>(
    `SELECT id, kind, purpose, until FROM archives.borrowing
     WHERE archive = $1 AND user_id = $2 AND state = 'lent' AND until > $3 ORDER BY kind LIMIT 1`,
    [archive, principal.userId, now],
  );
  return rows[0];
}

/** The archive as somebody may see it; what they may not is as unknown as what is not there. */
export async function seen(
  db: Db,
  now: Date,
  principal: Principal,
  id: number,
): Promise<{ row: ArchiveRow; sight: Sight }> {
  const row = await archiveRow(db, id);
  if (isArchivist(principal) || isOwn(principal, row)) return { row, sight: 'whole' };
  if (await loanOf(db, now, principal, id)) return { row, sight: 'whole' };
  const shown = kept.includes(row.state) || row.state === 'destroyed';
  if (!shown || row.controlled) throw new Problem(unknownArchive, { id });
  return { row, sight: 'title' };
}

/** An archive that somebody may work on; Problem `archives.not-yours`. */
export async function workable(db: Db, principal: Principal, id: number): Promise<ArchiveRow> {
  const row = await archiveRow(db, id);
  if (isArchivist(principal) || isOwn(principal, row)) return row;
  if (row.controlled || !kept.includes(row.state)) throw new Problem(unknownArchive, { id });
  throw new Problem(notYours);
}

/**
 * Whether somebody may have the content: to look at it, its organisation and archivists at any time; to take it away, archivists, and all others
 * after an archivist has agreed. Answers the borrowing under which it is handed out. Problems `archives.borrow-first`, `archives.gone`.
 */
export async function mayHandOut(db: Db, now: Date, principal: Principal, row: ArchiveRow, kind: 'view' | 'download') {
  if (row.state === 'destroyed') throw new Problem(gone);
  const loan = await loanOf(db, now, principal, row.id);
  if (isArchivist(principal)) return loan;
  if (kind === 'view' && isOwn(principal, row)) return loan;
  // What is not archived yet is still its maker's own.
  if (isOwn(principal, row) && !kept.includes(row.state)) return loan;
  if (loan && (kind === 'view' || loan.kind === 'download')) return loan;
  throw new Problem(borrowFirst);
}

/** Refuses what is in none of the states. */
export function needState(row: ArchiveRow, ...allowed: State[]): void {
  if (row.state === 'destroyed' && !allowed.includes('destroyed')) throw new Problem(gone);
  if (!allowed.includes(row.state)) throw new Problem(wrongState, { ...states[row.state] });
}
