/** The query workbench as a holder of a person's data: statements and parameters in which a number or a token was written. */
import { sql } from 'kysely';
import type { PersonalHolder } from '../platform/personal.ts';
import type { Deps } from '../platform/room.ts';

const TITLE = { zh: '查询工作台的历史与保存的查询', en: 'History and saved queries of the workbench' };

/** The room as a holder. What a query answered is kept nowhere. */
export function workbenchHolder({ db }: Pick<Deps, 'db'>): PersonalHolder {
  const where = (needles: readonly string[]) =>
    needles.length === 0
      ? sql`false`
      : sql`(${sql.join(
          needles.map((n) => sql`statement LIKE ${`%${n}%`} OR parameters::text LIKE ${`%${n}%`}`),
          sql` OR `,
        )})`;
  return {
    async find({ citizen, own }) {
      const needles = [...citizen, ...own];
      const { rows } = await sql<{
        n: number;
      }>`SELECT (SELECT count(*) FROM workbench.history WHERE ${where(needles)})::int
        + (SELECT count(*) FROM workbench.saved WHERE ${where(needles)})::int AS n`.execute(db.kysely);
      return rows[0]!.n > 0
        ? [{ place: 'queries', title: TITLE, count: rows[0]!.n, action: 'blank', link: '/workbench' }]
        : [];
    },
    async erase({ subject, plain }) {
      const needles = [...subject.citizen, ...subject.own, ...plain];
      const count = await db.tx(async (trx) => {
        let n = 0;
        for (const table of ['history', 'saved']) {
          const done =
            await sql`UPDATE ${sql.table(`workbench.${table}`)} SET statement = 'SELECT 1', parameters = '{}'::jsonb
            WHERE ${where(needles)}`.execute(trx);
          n += Number(done.numAffectedRows ?? 0);
        }
        return n;
      });
      return { done: count > 0 ? [{ place: 'queries', title: TITLE, count, action: 'blank' }] : [], rewrite: [] };
    },
  };
}
