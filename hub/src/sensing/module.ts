/** How sensing joins the hub. */
import { fileURLToPath } from 'node:url';
import { addLayers } from '../map/index.ts';
import { gauge } from '../platform/http/index.ts';
import type { Deps, RoomModule } from '../platform/room.ts';
import { sensingHoldings } from './holdings.ts';
import { readingsHandler } from './http/handler.ts';
import { sensingLayers } from './layers.ts';
import type { Health } from './readings.ts';
import { SensingRoom } from './room.ts';
import { entityRoutes } from './routes/entities.ts';
import { intakeRoutes } from './routes/intake.ts';
import { ngsiRoutes } from './routes/ngsi.ts';
import { videoRoutes } from './routes/video.ts';
import { offer } from './service.ts';
import { sensingTables } from './store/tables.ts';
import { sensingTurned } from './turned.ts';

/** Series by their health. */
function heard(r: SensingRoom): Record<string, number> {
  const counts: Record<Health, number> = { ok: 0, new: 0, silent: 0, flat: 0, drifting: 0, retired: 0 };
  for (const { number } of r.book.select({})) {
    counts[r.health(number)]++;
  }
  return counts;
}

/** The room. */
export function sensingRoom(): RoomModule {
  let room: SensingRoom | undefined;
  const of = (deps: Deps): SensingRoom => {
    if (!room) {
      room = new SensingRoom(deps);
      offer(deps.lake, room);
    }
    return room;
  };
  return {
    name: 'sensing',
    turned: sensingTurned,
    holdings: sensingHoldings,
    migrations: fileURLToPath(new URL('./migrations', import.meta.url)),
    defineLake: (lake) => lake.define(sensingTables),
    routes(deps) {
      const r = of(deps);
      return [...entityRoutes(r), ...intakeRoutes(r), ...videoRoutes(r), ...ngsiRoutes(r)];
    },
    lean(deps) {
      const r = of(deps);
      return [
        {
          takesIn: 'sensing',
          ...readingsHandler({
            ...{ gateways: r.gateways, log: deps.log, now: () => r.now() },
            door: { take: (...of) => r.door.take(...of) },
          }),
        },
      ];
    },
    async start(deps) {
      const r = of(deps);
      addLayers(deps, sensingLayers(r));
      await r.begin();
      await r.open();
      gauge(deps.metrics, 'jingwei_sensing_readings', 'Readings kept since the first', () => r.sequence);
      gauge(deps.metrics, 'jingwei_sensing_series', 'Series by whether they are heard', () => heard(r), 'health');
    },
    retention({ lake, config: { sensing } }) {
      const oldest = (sql: string) => async () => {
        const row = await lake.first<{ at: string | null }>(
          `SELECT strftime(min(t.at), '%Y-%m-%dT%H:%M:%SZ') AS at FROM (${sql}) t`,
        );
        return row?.at ? new Date(row.at) : null;
      };
      const ground = { zh: '按用途的最短必要期限', en: 'As long as their use needs' };
      return [
        {
          ...{ id: 'readings', title: { zh: '传感器单次读数', en: 'Single readings' }, ground },
          ...{
            days: sensing.readingDays,
            setting: 'sensing.readingDays',
            oldest: oldest('SELECT min("at") AS at FROM v.reading_v1'),
          },
        },
        {
          ...{ id: 'hours', title: { zh: '读数的小时汇总', en: 'Hours of readings' }, ground },
          ...{
            days: sensing.hourDays,
            setting: 'sensing.hourDays',
            oldest: oldest('SELECT min(slot)::TIMESTAMP AS at FROM sns.hour'),
          },
        },
        {
          ...{ id: 'days', title: { zh: '读数的每日汇总', en: 'Days of readings' }, ground },
          ...{
            days: sensing.dayDays,
            setting: 'sensing.dayDays',
            oldest: oldest('SELECT min(slot)::TIMESTAMP AS at FROM sns.day'),
          },
        },
      ];
    },
    async standing(deps) {
      const r = of(deps);
      const all = r.book.select({});
      const silent = all.filter((s) => r.health(s.number) === 'silent').length;
      return [
        {
          ...{ id: 'sensing', title: { zh: '感知', en: 'Sensing' }, link: '/sensing' },
          standing: all.length > 0 && silent > all.length / 5 ? 'warn' : 'ok',
          text: {
            zh: `${all.length} 个序列，${silent} 个没有声音，已接收到第 ${r.sequence} 个读数`,
            en: `${all.length} series, ${silent} silent, ${r.sequence} readings kept so far`,
          },
        },
      ];
    },
    async stop() {
      await room?.stop();
    },
  };
}
