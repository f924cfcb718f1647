/** How sharing joins the hub. */
import { fileURLToPath } from 'node:url';
import { addUses } from '../catalogue/index.ts';
import { CityCalendar, openLaw } from '../platform/law/index.ts';
import { Networks } from '../platform/networks/index.ts';
import { Repeated } from '../platform/repeat.ts';
import type { Deps, RoomModule } from '../platform/room.ts';
import type { SharingPorts } from './act.ts';
import { deliverJob } from './delivery/make.ts';
import { clearExports } from './delivery/stream.ts';
import { deliveryTables } from './delivery/tables.ts';
import { sharingHolder } from './erase.ts';
import { sharingHoldings } from './holdings.ts';
import { deliveredUses } from './lineage.ts';
import { deputiesOn } from './people.ts';
import { sharingRoutes } from './routes.ts';
import { sweep } from './sweep.ts';
import { transmitJob } from './target/send.ts';
import { sharingTurned } from './turned.ts';

/** A demonstration may bring data to this machine itself. */
const LOOPBACK = ['127.0.0.0/8', '::1/128'];

/** Milliseconds between two looks at clocks and days. */
const LOOK = 60_000;

/** What the service stands on, of a hub. The law is read once; the calendar is asked each time, since the city may add a year. */
export function sharingPorts(deps: Deps): SharingPorts {
  const law = openLaw(deps.folders.standards);
  const calendar = new CityCalendar(deps.folders.cities, deps.config.city);
  const { db, lake, clock, audit, jobs, blobs, bus, vault, seal, log, folders, notices } = deps;
  const { subscriptions, demo } = deps.config;
  const networks = new Networks([...subscriptions.networks, ...(demo.enabled ? LOOPBACK : [])]);
  const stores = { db, lake, jobs, blobs, vault, folders };
  return { ...stores, clock, audit, bus, seal, log, notices, networks, law, calendar: () => calendar.current() };
}

/** The room. */
export function sharingRoom(): RoomModule {
  let ports: SharingPorts | undefined;
  let looking: Repeated | undefined;
  const of = (deps: Deps): SharingPorts => {
    ports ??= sharingPorts(deps);
    return ports;
  };
  return {
    name: 'sharing',
    turned: sharingTurned,
    files: [
      {
        table: 'sharing.delivery',
        column: 'sha256',
        store: 'blobs',
        title: { zh: '交付文件', en: 'a delivered file' },
        except: "state <> 'ready' OR id IN (SELECT delivery FROM sharing.cut_file)",
      },
      {
        table: 'sharing.cut_file',
        column: 'replacement',
        store: 'blobs',
        title: { zh: '裁剪后的交付文件', en: 'a delivered file without erased persons' },
        except:
          'replacement IS NULL OR turn < (SELECT max(c.turn) FROM sharing.cut_file AS c WHERE c.delivery = cut_file.delivery)',
      },
    ],
    holdings: sharingHoldings,
    migrations: fileURLToPath(new URL('./migrations', import.meta.url)),
    defineLake: (lake) => lake.define(deliveryTables),
    jobs: (deps) => [deliverJob(of(deps)), transmitJob(of(deps))],
    routes(deps) {
      addUses(deps.db, () => deliveredUses(of(deps)));
      // Who decides for a head of sharing hears for the head as well.
      deps.notices.deputies(async (trx, day) =>
        (await deputiesOn(trx, day)).map(({ head, deputy }) => ({
          head,
          deputy,
          kinds: ['sharing.', 'subscription.'],
        })),
      );
      return sharingRoutes(of(deps));
    },
    personal: (deps) => sharingHolder(of(deps), deps.config.erasure.receiverDays),
    async start(deps) {
      clearExports(deps);
      looking = new Repeated(
        () => sweep(of(deps)),
        (error) => deps.log.error({ err: error }, 'the clocks of sharing could not be looked through'),
      );
      looking.start(LOOK);
      await looking.look();
    },
    async stop() {
      await looking?.stop();
    },
  };
}
