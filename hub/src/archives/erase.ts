/**
 * Archives as holders of a person's data: kept by the law on archives (档案法: what is archived is not changed before it is appraised), and
 * restricted: the person is no longer found by searching.
 */
import { sql } from 'kysely';
import type { PersonalHolder } from '../platform/personal.ts';
import type { Deps } from '../platform/room.ts';

const TITLE = { zh: '电子档案', en: 'Electronic archives' };
const GROUND = {
  zh: '《中华人民共和国档案法》：归档材料在鉴定销毁前不得更改；限制检索',
  en: 'Archives Law: what is archived is not changed before it is appraised; taken out of the search',
};

/** The room as a holder. */
export function archivesHolder({ db }: Pick<Deps, 'db'>): PersonalHolder {
  const mine = (tokens: readonly string[]) => sql`tokens && ${[...tokens]}::text[]`;
  return {
    async find({ citizen, own }) {
      const { rows } = await sql<{
        n: number;
      }>`SELECT count(*)::int AS n FROM archives.archive WHERE ${mine([...citizen, ...own])}`.execute(db.kysely);
      return rows[0]!.n > 0
        ? [{ place: 'archives', title: TITLE, count: rows[0]!.n, action: 'keep', ground: GROUND, link: '/archives' }]
        : [];
    },
    async erase({ subject, names }) {
      const tokens = [...subject.citizen, ...subject.own];
      const count = await db.tx(async (trx) => {
        const { rows } = await sql<{
          id: number;
        }>`SELECT id FROM archives.archive WHERE ${mine(tokens)} FOR UPDATE`.execute(trx);
        for (const { id } of rows) {
          for (const name of names)
            await sql`UPDATE archives.archive SET haystack = replace(haystack, ${name}, '') WHERE id = ${id}`.execute(
              trx,
            );
          await sql`UPDATE archives.archive SET tokens = (SELECT coalesce(array_agg(t), '{}') FROM unnest(tokens) AS t
            WHERE t <> ALL (${tokens}::text[])) WHERE id = ${id}`.execute(trx);
        }
        return rows.length;
      });
      return {
        done: count > 0 ? [{ place: 'archives', title: TITLE, count, action: 'keep', ground: GROUND }] : [],
        rewrite: [],
      };
    },
  };
}
