/** Sharing when store and lake were found of different moments: what every recipient has stands in the lake, deliveries in the store. */
import type { Deps, TurnStep } from '../platform/room.ts';

/** Tells of deliveries of which the lake does not know what was delivered: their recipients get it again. */
export async function sharingTurned({ db, lake }: Pick<Deps, 'db' | 'lake'>): Promise<TurnStep[]> {
  const known = new Set(
    (await lake.query<{ delivery: number }>('SELECT DISTINCT delivery FROM shr.delivered')).map((r) => r.delivery),
  );
  const made = await db.query<{ id: number }>(
    `SELECT id FROM sharing.delivery WHERE state = 'ready' AND coalesce(rows, 0) > 0 AND coalesce(removed, 0) < rows`,
  );
  const own = await db.query<{ id: number }>('SELECT id FROM sharing.delivery');
  const ids = new Set(own.map((d) => d.id));
  return [
    {
      ...{ id: 'delivered', count: made.filter((d) => !known.has(d.id)).length, left: true },
      text: {
        zh: '数据湖中没有明细的交付：下一次增量会再次交付这些记录；其中已撤回的，请核对接收方',
        en: 'deliveries whose records the lake does not know: the next changes deliver them again; ask recipients about those that were withdrawn since',
      },
    },
    {
      ...{ id: 'ahead', count: [...known].filter((d) => !ids.has(d)).length, left: true },
      text: {
        zh: '接收方已得到、业务库中没有登记的交付：其记录仍计入接收方所持有的数据',
        en: 'deliveries that recipients have and the store knows nothing of: their records still count as what the recipients hold',
      },
    },
  ];
}
