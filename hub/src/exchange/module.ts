/** How the exchange joins the hub. */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { sourceDeclared } from '../catalogue/index.ts';
import { Repeated } from '../platform/repeat.ts';
import type { Deps, RoomModule } from '../platform/room.ts';
import { exchangeBackfills } from './backfills.ts';
import { cutAgain, exchangeHolder } from './erase/holder.ts';
import { exchangeRoutes, rowSealRoutes } from './routes.ts';
import { RunSeals } from './sealing.ts';
import { Exchange } from './service.ts';
import { exchangeTables } from './tables.ts';
import { deliverWith, pushRoutes, transportTables } from './transport/index.ts';
import { uploadRoutes } from './upload.ts';

/** The room. */
export function exchangeRoom(): RoomModule {
  let own: Exchange | undefined;
  let seals: RunSeals | undefined;
  let cutting: Repeated | undefined;
  let stopListening: (() => void) | undefined;
  const exchange = (deps: Deps): Exchange => {
    own ??= new Exchange(deps);
    return own;
  };
  return {
    name: 'exchange',
    defineLake: (lake) => lake.define([...exchangeTables, ...transportTables]),
    backfills: exchangeBackfills,
    jobs: (deps) => exchange(deps).jobs(),
    routes: (deps) => [
      ...exchangeRoutes(() => exchange(deps), deps),
      ...rowSealRoutes(() => exchange(deps), deps),
      ...uploadRoutes(() => exchange(deps), deps),
      ...pushRoutes(() => exchange(deps).pushing()),
    ],
    async start(deps) {
      // Hand-overs of a process that was killed: their runs are not in the lake, their files are still in the inbox.
      rmSync(join(deps.folders.data, 'work'), { recursive: true, force: true });
      await exchange(deps).start();
      deliverWith(deps.lake, () => exchange(deps).pushing());
      stopListening = deps.bus.on(sourceDeclared, () => exchange(deps).prepare());
      seals = new RunSeals(deps, exchange(deps));
      // The file of a run is kept a moment after its rows: what came of an erased person again is cut out at the next look.
      cutting = new Repeated(
        async () => void (await cutAgain(deps, exchange(deps).catalogue)),
        (error) => deps.log.error({ err: error }, 'received files could not be cut'),
      );
      cutting.start(60_000);
    },
    personal: (deps) => exchangeHolder(deps, exchange(deps).catalogue),
    retention: ({ lake }) => [
      {
        ...{
          id: 'received',
          title: { zh: '接收的数据行与原始文件', en: 'Rows and files received' },
          days: null,
          setting: null,
        },
        ground: { zh: '接收即成为证据：可追溯、可证明', en: 'What was received is evidence: traceable, provable' },
        oldest: async () => {
          const row = await lake.first<{ at: string | null }>('SELECT min(started)::VARCHAR AS at FROM v.run_v1');
          return row?.at ? new Date(`${row.at.replace(' ', 'T')}Z`) : null;
        },
      },
    ],
    async standing(deps) {
      const sources = await exchange(deps).overview.sources();
      const count = (state: string) => sources.filter((s) => s.state === state).length;
      const [overdue, failed] = [count('overdue'), count('failed')];
      const open = sources.reduce((sum, s) => sum + s.open, 0);
      return [
        {
          ...{ id: 'sources', title: { zh: '数据来源', en: 'Sources' }, link: '/exchange/sources' },
          standing: overdue + failed > 0 ? 'warn' : 'ok',
          text: {
            zh: `${sources.length} 个，逾期 ${overdue}，最近一次失败 ${failed}，待处理的隔离 ${open} 行`,
            en: `${sources.length}, ${overdue} overdue, ${failed} failed last, ${open} rows in quarantine`,
          },
        },
      ];
    },
    async stop() {
      stopListening?.();
      await cutting?.stop();
      await own?.stop();
      await seals?.stop();
    },
  };
}
