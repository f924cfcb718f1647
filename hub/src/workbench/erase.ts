/** The query workbench as a holder of a person's data: statements and parameters in which a number or a token was written. */
import { type Kysely, sql } from 'kysely';
import type { AnyTables } from '../platform/db/index.ts';
import { type PersonalHolder, saysNumber } from '../platform/personal.ts';
import type { Deps } from '../platform/room.ts';

const TITLE = { zh: '查询工作台的历史与保存的查询', en: 'History and saved queries of the workbench' };
const TABLES = ['history', 'saved'] as const;

/** Queries that say the person. */
async function look(db: Kysely<AnyTables>, tokens: readonly string[], plain: readonly string[]) {
  const found: { table: (typeof TABLES)[number]; id: number }[] = [];
  const needles = [...tokens, ...plain];
  if (needles.length === 0) return found;
  for (const table of TABLES) {
    const words =
      table === 'saved'
        ? sql`name || ' ' || description || ' ' || statement || coalesce(chart::text, '')`
        : sql`statement`;
    const { rows } = await sql<{ id: number; said: string }>`SELECT id, said FROM
      (SELECT id, ${words} || ' ' || parameters::text AS said FROM ${sql.table(`workbench.${table}`)}) q
      WHERE ${sql.join(
        needles.map((n) => sql`strpos(said, ${n}) > 0`),
        sql` OR `,
      )} ORDER BY id`.execute(db);
    for (const r of rows)
      if (tokens.some((t) => r.said.includes(t)) || saysNumber(r.said, plain)) found.push({ table, id: r.id });
  }
  return found;
}

/** The room as a holder. What a query answered is kept nowhere. */
export function workbenchHolder({ db }: Pick<Deps, 'db'>): PersonalHolder {
  return {
    async find({ citizen, own }, { plain }) {
      const found = await look(db.kysely, [...citizen, ...own], plain);
      return found.length > 0
        ? [{ place: 'queries', title: TITLE, count: found.length, action: 'blank', link: '/workbench' }]
        : [];
    },
    async erase({ subject, plain }) {
      const count = await db.tx(async (trx) => {
        const found = await look(trx, [...subject.citizen, ...subject.own], plain);
        for (const { table, id } of found)
          if (table === 'history') await sql`DELETE FROM workbench.history WHERE id = ${id}`.execute(trx);
          // Somebody's saved query stays theirs, under a name that says why it is empty; its chart drew what is gone.
          else
            await sql`UPDATE workbench.saved SET name = ${EMPTIED}, description = '', statement = 'SELECT 1', parameters = '[]'::jsonb,
              chart = NULL, version = version + 1 WHERE id = ${id}`.execute(trx);
        return found.length;
      });
      return { done: count > 0 ? [{ place: 'queries', title: TITLE, count, action: 'blank' }] : [], rewrite: [] };
    },
  };
}

/** What an emptied query is called. */
const EMPTIED = '（因个人信息删除已清空 / emptied: a person was erased）';
