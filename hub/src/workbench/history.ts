/** What everybody asked lately: their own only, for some time and so many. Numbers of persons are masked before they are kept. */
import { sql } from 'kysely';
import { keepable, keepableDetail } from '../platform/audit/chain.ts';
import type { Db } from '../platform/db/index.ts';
import { Problem } from '../platform/problem.ts';
import type { Deps } from '../platform/room.ts';
import type { Parameter } from './run.ts';

/** One query as it is remembered. */
export interface Asked {
  statement: string;
  parameters: readonly Parameter[];
  rows: number | null;
  ms: number;
  views: readonly string[];
  problem: unknown;
}

interface Row {
  id: number;
  at: Date;
  statement: string;
  parameters: Parameter[];
  problem: string | null;
  rows: number | null;
  ms: number;
  views: string[];
}

/** Keeps one; the person's oldest beyond the limit go. */
export async function remember(
  { db, clock, config }: Pick<Deps, 'db' | 'clock' | 'config'>,
  account: string,
  asked: Asked,
): Promise<void> {
  const problem =
    asked.problem === undefined ? null : asked.problem instanceof Problem ? asked.problem.kind.code : 'http.internal';
  const parameters = JSON.stringify(keepableDetail(asked.parameters));
  await db.tx(async (trx) => {
    await sql`INSERT INTO workbench.history (account, at, statement, parameters, problem, rows, ms, views)
      VALUES (${account}::uuid, ${clock.now()}, ${keepable(asked.statement)}, ${parameters}::jsonb, ${problem},
        ${asked.rows}, ${Math.min(Math.round(asked.ms), 2_147_483_647)}, ${[...asked.views]}::text[])`.execute(trx);
    await sql`DELETE FROM workbench.history WHERE account = ${account}::uuid AND id < (
        SELECT min(id) FROM (SELECT id FROM workbench.history WHERE account = ${account}::uuid
          ORDER BY id DESC LIMIT ${config.workbench.historyPerPerson}) kept)`.execute(trx);
  });
}

/** A page of somebody's own, the newest first. */
export async function historyOf(db: Db, account: string, asked: { before?: number | undefined; limit: number }) {
  const { rows } = await sql<Row>`SELECT id, at, statement, parameters, problem, rows, ms, views FROM workbench.history
    WHERE account = ${account}::uuid AND ${asked.before === undefined ? sql`true` : sql`id < ${asked.before}`}
    ORDER BY id DESC LIMIT ${asked.limit + 1}`.execute(db.kysely);
  const items = rows.slice(0, asked.limit).map((r) => ({ ...r, id: Number(r.id), at: r.at.toISOString() }));
  return { items, next: rows.length > asked.limit ? items.at(-1)!.id : null };
}

/** Forgets what was kept long enough. */
export async function forget({ db, clock, config }: Pick<Deps, 'db' | 'clock' | 'config'>): Promise<void> {
  const before = new Date(clock.now().getTime() - config.workbench.historyDays * 86_400_000);
  await sql`DELETE FROM workbench.history WHERE at < ${before}`.execute(db.kysely);
}
