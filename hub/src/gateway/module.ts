/** How gateway joins the hub. */
import { fileURLToPath } from 'node:url';
import type { Db } from '../platform/db/index.ts';
import type { Deps, RoomModule } from '../platform/room.ts';
import { sharingPorts } from '../sharing/index.ts';
import { gatewayHolder } from './erase.ts';
import { Gateway } from './gateway.ts';
import { gatewayHoldings } from './holdings.ts';
import { gatewayHandlers } from './http/handler.ts';
import { gatewayRoutes } from './routes.ts';
import { gatewayTables } from './tables.ts';
import { gatewayTurned } from './turned.ts';

const made = new WeakMap<Db, Gateway>();

/** The gateway of a hub, for what composes it; undefined before its routes are known. */
export const gatewayOf = (db: Db): Gateway | undefined => made.get(db);

/** The room. */
export function gatewayRoom(): RoomModule {
  let gateway: Gateway | undefined;
  const of = (deps: Deps): Gateway => {
    gateway ??= new Gateway(deps);
    made.set(deps.db, gateway);
    return gateway;
  };
  return {
    name: 'gateway',
    turned: gatewayTurned,
    holdings: gatewayHoldings,
    migrations: fileURLToPath(new URL('./migrations', import.meta.url)),
    defineLake: (lake) => lake.define(gatewayTables),
    retention: ({ lake }) => [
      {
        ...{
          id: 'usage',
          title: { zh: '数据服务使用记录', en: 'Records of use of data services' },
          days: null,
          least: 1096,
          setting: null,
        },
        ground: {
          zh: '政务数据共享条例（国务院令第809号）第二十九条：不少于三年',
          en: 'Decree 809 art. 29: three years at least',
        },
        oldest: async () => {
          const row = await lake.first<{ at: string | null }>(
            `SELECT strftime(min(day), '%Y-%m-%d') AS at FROM gw.day`,
          );
          return row?.at ? new Date(row.at) : null;
        },
      },
    ],
    personal: (deps) =>
      gatewayHolder(sharingPorts(deps), deps.config.erasure.receiverDays, () => of(deps).usage.take()),
    routes: (deps) => gatewayRoutes(of(deps)),
    lean: (deps) => gatewayHandlers(of(deps)),
    start: (deps) => of(deps).start(),
    stop: async () => gateway?.stop(),
  };
}
