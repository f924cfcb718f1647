/** How publishing joins the hub. */
import { fileURLToPath } from 'node:url';
import { Repeated } from '../platform/repeat.ts';
import type { Deps, RoomModule } from '../platform/room.ts';
import { ckanRoutes } from './ckan/index.ts';
import { deskRoutes } from './desk/routes.ts';
import { checkJob, editionJob } from './edition.ts';
import { editionTables } from './editions.ts';
import { publishingHoldings } from './holdings.ts';
import { type PublishingPorts, publishingPorts } from './ports.ts';
import { corsHandler } from './public/cors.ts';
import { Limits } from './public/limits.ts';
import { publicRoutes } from './public/routes.ts';
import { UseCounts } from './public/use.ts';
import { sweep } from './sweep.ts';

/** Milliseconds between two looks at days, and between two writings of the counts of use. */
const LOOK = 60_000;

/** The room. */
export function publishingRoom(): RoomModule {
  let ports: PublishingPorts | undefined;
  let counts: UseCounts | undefined;
  let looking: Repeated | undefined;
  const of = (deps: Deps): PublishingPorts => {
    ports ??= publishingPorts(deps);
    return ports;
  };
  const counting = (deps: Deps): UseCounts => {
    counts ??= new UseCounts(of(deps));
    return counts;
  };
  return {
    name: 'publishing',
    holdings: publishingHoldings,
    migrations: fileURLToPath(new URL('./migrations', import.meta.url)),
    defineLake: (lake) => lake.define(editionTables),
    jobs: (deps) => [checkJob(of(deps)), editionJob(of(deps))],
    routes: (deps) => [
      ...publicRoutes(of(deps), new Limits(deps.clock), counting(deps)),
      ...deskRoutes(of(deps)),
      ...ckanRoutes(deps),
    ],
    lean: () => [corsHandler],
    async start(deps) {
      looking = new Repeated(
        async () => {
          await sweep(of(deps));
          await counting(deps).write();
        },
        (error) => deps.log.error({ err: error }, 'open data could not be looked through'),
      );
      looking.start(LOOK);
      await looking.look();
    },
    async stop() {
      await looking?.stop();
      await counts?.write();
    },
  };
}
