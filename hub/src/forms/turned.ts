/** Forms when store and lake were found of different moments: accepted records go to the exchange by an outbox in the store. */
import { sql } from 'kysely';
import { ownBatches } from '../exchange/index.ts';
import type { Deps, TurnStep } from '../platform/room.ts';

/** Batches that the exchange does not have (any more) are sent again; those that it has and the store knows nothing of are told. */
export async function formsTurned({ db, lake }: Pick<Deps, 'db' | 'lake'>): Promise<TurnStep[]> {
  const { rows: sources } = await sql<{ id: number; source: string }>`
    SELECT id, source FROM forms.form WHERE source IS NOT NULL`.execute(db.kysely);
  let [again, ahead] = [0, 0];
  for (const { id, source } of sources) {
    const there = await ownBatches(lake, source);
    const { rows } = await sql`UPDATE forms.outbox SET sent_at = NULL, run = NULL, batch = NULL
      WHERE form = ${id} AND sent_at IS NOT NULL AND batch <> ALL (${there}::text[]::uuid[]) RETURNING id`.execute(
      db.kysely,
    );
    again += rows.length;
    const known = await sql<{ batch: string }>`SELECT DISTINCT batch::text AS batch FROM forms.outbox
      WHERE form = ${id} AND batch IS NOT NULL`.execute(db.kysely);
    const own = new Set(known.rows.map((r) => r.batch));
    ahead += there.filter((b) => !own.has(b)).length;
  }
  return [
    {
      ...{ id: 'again', count: again, left: false },
      text: {
        zh: '已受理而归集中没有的表单记录将重新归集',
        en: 'accepted records of forms that the exchange does not have are handed over again',
      },
    },
    {
      ...{ id: 'ahead', count: ahead, left: true },
      text: {
        zh: '归集中有、业务库中已没有的表单批次：记录本身须由填报人重新提交，或按归集的行补录',
        en: 'batches of forms that the exchange has and the store has not: the records themselves have to be handed in again or made from the collected rows',
      },
    },
  ];
}
