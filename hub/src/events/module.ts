/** How events joins the hub. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { alertChanged } from '../alerts/index.ts';
import { organisationsNow } from '../catalogue/index.ts';
import { CityCalendar, CityHours } from '../platform/law/index.ts';
import { peopleOf } from '../platform/people/index.ts';
import { Repeated } from '../platform/repeat.ts';
import type { Deps, RoomModule } from '../platform/room.ts';
import { catchUp, takeAlert } from './alerts.ts';
import { Rates } from './clients.ts';
import { eventsHolder } from './erase.ts';
import { eventsHoldings } from './holdings.ts';
import { fillRecent } from './intake.ts';
import { likelyRoutes } from './likely.ts';
import { Matters } from './matters.ts';
import { open311Routes } from './open311.ts';
import { phoneRoutes } from './phone-routes.ts';
import { clearLoose } from './pictures.ts';
import { Places } from './place.ts';
import type { EventPorts } from './ports.ts';
import { eventRoutes } from './routes.ts';
import { Recent } from './same/recent.ts';
import { eventLayer, eventMirrors } from './shown.ts';
import { sweep } from './sweep.ts';
import { eventsTurned } from './turned.ts';
import { upkeep } from './upkeep.ts';

/** Milliseconds between two looks at limits and at alerts. */
const LOOK = 30_000;

/** What the services of a hub stand on. */
export function eventPorts(deps: Deps): EventPorts {
  const { db, lake, clock, audit, vault, blobs, bus, log, folders, config, http, notices } = deps;
  const calendar = new CityCalendar(folders.cities, config.city);
  const hours = new CityHours(folders.cities, config.city);
  const named = () => new Map(organisationsNow(deps).map((o) => [o.id, o.name]));
  let organisations = named();
  peopleOf(db)?.changed(() => {
    organisations = named();
  });
  return {
    ...{ db, lake, clock, audit, vault, blobs, bus, log, folders, config, http, notices },
    matters: new Matters(
      join(folders.sources, '..', 'matters'),
      db,
      () => new Set(organisations.keys()),
      () => clock.now(),
    ),
    places: new Places(deps),
    recent: new Recent(),
    organisations: () => organisations,
    calendar: () => calendar.current(),
    hours: () => hours.current(),
  };
}

const known = new WeakMap<object, EventPorts>();
/** What the services of a hub's events stand on; the hub is named by its `db`. Undefined before its routes are made. */
export const eventPortsOf = (db: object): EventPorts | undefined => known.get(db);

/** The room. */
export function eventsRoom(): RoomModule {
  let ports: EventPorts | undefined;
  let rates: Rates | undefined;
  let looking: Repeated | undefined;
  const ends: (() => void)[] = [];
  const of = (deps: Deps): EventPorts => {
    ports ??= eventPorts(deps);
    known.set(deps.db, ports);
    return ports;
  };
  return {
    name: 'events',
    personal: eventsHolder,
    turned: eventsTurned,
    files: [
      {
        table: 'events.picture',
        column: 'blob',
        store: 'blobs',
        title: { zh: '事件照片', en: 'a picture of an event' },
      },
    ],
    holdings: eventsHoldings,
    migrations: fileURLToPath(new URL('./migrations', import.meta.url)),
    mirrors: eventMirrors,
    routes(deps) {
      rates ??= new Rates(deps.clock);
      return [
        ...likelyRoutes(of(deps)),
        ...eventRoutes(of(deps)),
        ...phoneRoutes(of(deps), rates),
        ...open311Routes(of(deps), rates),
      ];
    },
    async start(deps) {
      const own = of(deps);
      await own.matters
        .current()
        .catch((error: unknown) => deps.log.error({ err: error }, 'the catalogue of matters does not hold'));
      // A catalogue that never held leaves the hub running: reports are refused with its fault until it is mended.
      await fillRecent(own).catch((error: unknown) =>
        deps.log.error({ err: error }, 'no reports to recognise events by'),
      );
      await clearLoose(own);
      eventLayer(deps, own);
      ends.push(deps.bus.on(alertChanged, ({ alert }) => takeAlert(own, alert)));
      looking = new Repeated(
        async () => {
          await sweep(own);
          await catchUp(own);
          await upkeep(own);
        },
        (error) => deps.log.error({ err: error }, 'events could not be looked through'),
      );
      looking.start(LOOK);
      void looking.look();
    },
    async stop() {
      for (const end of ends.splice(0)) end();
      await looking?.stop();
    },
  };
}
