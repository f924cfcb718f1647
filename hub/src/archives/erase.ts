/**
 * Archives as holders of a person's data: kept by the law on archives (档案法: what is archived is not changed before it is appraised), and
 * restricted: found by their code only, and seen by nobody but their organisation and the archivists. An archive says a person by a number in
 * what describes it; its contents are sealed and searched by nobody.
 */
import { type Kysely, sql } from 'kysely';
import type { AnyTables } from '../platform/db/index.ts';
import { type PersonalHolder, saysNumber } from '../platform/personal.ts';
import type { Deps } from '../platform/room.ts';
import { refresh } from './store.ts';

const TITLE = { zh: '电子档案', en: 'Electronic archives' };
const GROUND = {
  zh: '《中华人民共和国档案法》：归档材料在鉴定销毁前不得更改；限制检索',
  en: 'Archives Law: what is archived is not changed before it is appraised; taken out of the search',
};

/** Archives that say one of the numbers, in what describes them or in the names of their files. */
async function saying(db: Kysely<AnyTables>, plain: readonly string[]): Promise<{ id: number; restricted: boolean }[]> {
  if (plain.length === 0) return [];
  const { rows } = await sql<{ id: number; restricted: boolean; said: string }>`SELECT id, restricted, said FROM
    (SELECT a.id, a.restricted, a.metadata::text || ' ' || coalesce((SELECT string_agg(f.name, ' ') FROM archives.file f WHERE f.archive = a.id), '')
       AS said FROM archives.archive a) x
    WHERE ${sql.join(
      plain.map((n) => sql`strpos(said, ${n}) > 0`),
      sql` OR `,
    )} ORDER BY id`.execute(db);
  return rows.filter((r) => saysNumber(r.said, plain));
}

/** The room as a holder. */
export function archivesHolder({ db }: Pick<Deps, 'db'>): PersonalHolder {
  return {
    async find(_subject, { plain }) {
      const found = await saying(db.kysely, plain);
      return found.length > 0
        ? [{ place: 'archives', title: TITLE, count: found.length, action: 'keep', ground: GROUND, link: '/archives' }]
        : [];
    },
    async erase({ plain }) {
      const count = await db.tx(async (trx) => {
        const found = await saying(trx, plain);
        for (const { id, restricted } of found) {
          if (restricted) continue;
          await sql`UPDATE archives.archive SET restricted = true WHERE id = ${id}`.execute(trx);
          await refresh(trx, id);
        }
        return found.length;
      });
      return {
        done: count > 0 ? [{ place: 'archives', title: TITLE, count, action: 'keep', ground: GROUND }] : [],
        rewrite: [],
      };
    },
  };
}
