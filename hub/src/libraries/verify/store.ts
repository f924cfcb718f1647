/** Verifications in the operational store. */
import { sql } from 'kysely';
import type { Principal } from '../../platform/auth/principal.ts';
import type { Db } from '../../platform/db/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { Counts } from './compare.ts';
import type { FileFormat } from './files.ts';
import type { Columns, VerifySubject } from './outcome.ts';
import { verificationUnknown } from './problems.ts';

/** A verification as it is kept. */
export interface Verification {
  id: number;
  title: string;
  subject: VerifySubject;
  organisation: string | null;
  by_login: string;
  purpose: string | null;
  at: Date;
  file_name: string | null;
  format: FileFormat | null;
  blob: string | null;
  source: string | null;
  run: number | null;
  columns: Columns;
  state: 'waiting' | 'done' | 'failed';
  job: string | null;
  problem: { code: string; title: { zh: string; en: string } } | null;
  counts: Counts | null;
  finished: Date | null;
}

/** Whose verifications somebody sees: those of the own organisation; who belongs to none, the own ones. */
const own = (principal: Principal) =>
  principal.organisation === null
    ? sql`organisation IS NULL AND by_login = ${principal.login}`
    : sql`organisation = ${principal.organisation}`;

/** Keeps a new one; answers its number. */
export async function addVerification(
  db: Db,
  v: Pick<
    Verification,
    'title' | 'subject' | 'purpose' | 'at' | 'file_name' | 'format' | 'blob' | 'source' | 'run' | 'columns'
  >,
  principal: Principal,
): Promise<number> {
  const rows = await db.query<{ id: number }>(
    `INSERT INTO libraries.verification (title, subject, organisation, by_login, purpose, at, file_name, format, blob, source, run, columns)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::jsonb) RETURNING id`,
    [
      ...[v.title, v.subject, principal.organisation, principal.login, v.purpose, v.at, v.file_name, v.format, v.blob],
      ...[v.source, v.run, JSON.stringify(v.columns)],
    ],
  );
  return rows[0]!.id;
}

/** The newest verifications of somebody. */
export async function listVerifications(db: Db, principal: Principal): Promise<Verification[]> {
  const found = await sql<Verification>`SELECT * FROM libraries.verification WHERE ${own(principal)}
    ORDER BY id DESC LIMIT 200`.execute(db.kysely);
  return found.rows;
}

/** One of somebody's; another organisation's is as unknown as one that is not there. */
export async function oneVerification(db: Db, id: number, principal: Principal): Promise<Verification> {
  const found =
    await sql<Verification>`SELECT * FROM libraries.verification WHERE id = ${id} AND ${own(principal)}`.execute(
      db.kysely,
    );
  if (!found.rows[0]) throw new Problem(verificationUnknown, { id });
  return found.rows[0];
}

/** For the job, which works for whoever asked. */
export async function verificationById(db: Db, id: number): Promise<Verification> {
  const rows = await db.query<Verification>('SELECT * FROM libraries.verification WHERE id = $1', [id]);
  if (!rows[0]) throw new Problem(verificationUnknown, { id });
  return rows[0];
}

/** Says how it ended. */
export async function endVerification(
  db: Db,
  id: number,
  end: { counts: Counts; columns: Columns } | { problem: Verification['problem'] },
  at: Date,
): Promise<void> {
  if ('counts' in end)
    await db.query(
      `UPDATE libraries.verification SET state = 'done', counts = $2::jsonb, columns = $3::jsonb, finished = $4, problem = NULL WHERE id = $1`,
      [id, JSON.stringify(end.counts), JSON.stringify(end.columns), at],
    );
  else
    await db.query(
      `UPDATE libraries.verification SET state = 'failed', problem = $2::jsonb, finished = $3 WHERE id = $1`,
      [id, JSON.stringify(end.problem), at],
    );
}
