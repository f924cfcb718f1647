/** Sensing when store and lake were found of different moments: series are in the store, their readings in the lake under the series' number. */
import type { Deps, TurnStep } from '../platform/room.ts';

/** Tells of series that the lake has readings of and the store does not know. Their numbers are passed over: nothing is mixed with them. */
export async function sensingTurned({ db, lake }: Pick<Deps, 'db' | 'lake'>): Promise<TurnStep[]> {
  const own = new Set((await db.query<{ n: number }>('SELECT number AS n FROM sensing.series')).map((r) => r.n));
  const kept = await lake.query<{ series: number }>('SELECT series FROM sns.series');
  return [
    {
      ...{ id: 'series', count: kept.filter((k) => !own.has(k.series)).length, left: true },
      text: {
        zh: '数据湖中有读数、业务库中没有登记的监测序列：读数保留，重新登记后从新序列开始',
        en: 'series of which the lake has readings and the store knows nothing: the readings stay, a series registered again begins anew',
      },
    },
  ];
}
