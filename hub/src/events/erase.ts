/** Events as holders of a person's data: reports of citizens by their telephone, and texts in which a number or, there, their name stands. */
import { sql } from 'kysely';
import type { PersonalHolder } from '../platform/personal.ts';
import type { Deps } from '../platform/room.ts';

const TITLE = { zh: '群众诉求中的来电号码与文字', en: "Reports: the reporter's telephone and words" };

/** The room as a holder. */
export function eventsHolder({ db }: Pick<Deps, 'db'>): PersonalHolder {
  return {
    async find({ own }) {
      if (own.length === 0) return [];
      const { rows } = await sql<{
        n: number;
      }>`SELECT count(*)::int AS n FROM events.report WHERE phone IN (${sql.join(own.map((t) => sql`${t}`))})`.execute(
        db.kysely,
      );
      return rows[0]!.n > 0
        ? [{ place: 'reports', title: TITLE, count: rows[0]!.n, action: 'blank', link: '/events' }]
        : [];
    },
    async erase({ subject, plain, names }) {
      const needles = [...new Set([...plain, ...names])].filter((n) => n.length > 1);
      const count = await db.tx(async (trx) => {
        const mine =
          subject.own.length > 0 ? sql`phone IN (${sql.join(subject.own.map((t) => sql`${t}`))})` : sql`false`;
        const numbered =
          plain.length > 0
            ? sql.join(
                plain.map((n) => sql`text LIKE ${`%${n}%`}`),
                sql` OR `,
              )
            : sql`false`;
        const { rows } = await sql<{
          id: string;
          event: string;
        }>`SELECT id, event FROM events.report WHERE ${mine} OR ${numbered} FOR UPDATE`.execute(trx);
        for (const r of rows) {
          for (const n of needles) {
            await sql`UPDATE events.report SET text = replace(text, ${n}, '***'), address = replace(address, ${n}, '***') WHERE id = ${r.id}`.execute(
              trx,
            );
            await sql`UPDATE events.event SET text = replace(text, ${n}, '***'), address = replace(address, ${n}, '***') WHERE id = ${r.event}`.execute(
              trx,
            );
            await sql`UPDATE events.said SET text = replace(text, ${n}, '***'), address = replace(address, ${n}, '***') WHERE id = ${r.event}`.execute(
              trx,
            );
          }
          await sql`UPDATE events.report SET phone = NULL, token = NULL WHERE id = ${r.id}`.execute(trx);
        }
        return rows.length;
      });
      return { done: count > 0 ? [{ place: 'reports', title: TITLE, count, action: 'blank' }] : [], rewrite: [] };
    },
  };
}
