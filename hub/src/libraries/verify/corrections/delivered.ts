/**
 * Corrections of what was delivered: a recipient doubts one item of one record, of which the source and the received row are
 * known; and what sources have answered to be wrong, for those who must be told.
 */

import { sql } from 'kysely';
import type { Principal } from '../../../platform/auth/principal.ts';
import type { Db } from '../../../platform/db/index.ts';
import { cityDay } from '../../../platform/law/index.ts';
import type { Deps } from '../../../platform/room.ts';
import { correctionDue } from './clock.ts';
import { tellOwners } from './raise.ts';

/** A doubt about one item of a delivered record. */
export interface DeliveredDoubt {
  delivery: number;
  /** Name of the item: the field of the source. */
  item: string;
  source: string;
  owner: string;
  /** Number of the fact: run and row of what was received. */
  fact: bigint;
  entity: number | null;
}

/** Asks the source about a delivered record; answers the correction's number, or that of the same doubt that is open already. */
export async function raiseDelivered(
  ports: Pick<Deps, 'db' | 'clock' | 'audit' | 'notices'>,
  d: DeliveredDoubt,
  comment: string,
  p: Principal,
): Promise<{ id: number; raised: boolean }> {
  const at = ports.clock.now();
  const { due, missingYear } = correctionDue(cityDay(at));
  return ports.db.tx(async (trx) => {
    const made = await sql<{
      id: number;
    }>`INSERT INTO libraries.correction (delivery, subject, entity, field, source, owner,
        fact, raised_by, raised_organisation, raised_at, due, missing_year, comment, by_login, at)
      VALUES (${d.delivery}, 'legal-person', ${d.entity}, ${d.item}, ${d.source}, ${d.owner}, ${d.fact.toString()}::bigint,
        ${p.login}, ${p.organisation}, ${at}, ${due}::date, ${missingYear}::integer, ${comment}, ${p.login}, ${at})
      ON CONFLICT DO NOTHING RETURNING id`.execute(trx);
    const id = made.rows[0]?.id;
    if (id === undefined) {
      const known = await sql<{ id: number }>`SELECT id FROM libraries.correction WHERE delivery = ${d.delivery}
        AND fact = ${d.fact.toString()}::bigint AND field = ${d.item} AND state <> 'settled'`.execute(trx);
      return { id: known.rows[0]!.id, raised: false };
    }
    await sql`INSERT INTO libraries.correction_entry (correction, state, comment, by_login, organisation, at)
      VALUES (${id}, 'open', ${comment}, ${p.login}, ${p.organisation}, ${at})`.execute(trx);
    await tellOwners(ports, trx, [{ id, owner: d.owner }]);
    const object = `delivery/${d.delivery}`;
    const detail = { raised: 1, known: 0, correction: id };
    await ports.audit.append({ actor: p, action: 'correction.raise', object, outcome: 'ok', detail }, trx);
    return { id, raised: true };
  });
}

/** A value that its source answered to be wrong. */
export interface WrongValue {
  /** Grows with every answer: where to go on from. */
  entry: number;
  correction: number;
  field: string;
  /** `field` is one of the source, not a word of lists. */
  item: boolean;
  source: string;
  fact: string;
}

/** Values that sources answered to be wrong after an entry, in order, at most `limit`. */
export const wrongValues = (db: Db, after: number, limit = 500): Promise<WrongValue[]> =>
  db.query<WrongValue & Record<string, unknown>>(
    `SELECT e.seq AS entry, c.id AS correction, c.field, c.source,
       (c.library IS NOT NULL OR c.delivery IS NOT NULL) AS item, c.fact::text AS fact
     FROM libraries.correction_entry e JOIN libraries.correction c ON c.id = e.correction
     WHERE e.seq > $1 AND e.state = 'source-wrong' AND c.fact IS NOT NULL AND c.source IS NOT NULL ORDER BY e.seq LIMIT $2`,
    [after, limit],
  );
