/** How peers joins the hub. */
import { fileURLToPath } from 'node:url';
import { useReader } from '../catalogue/index.ts';
import { Problem, problemKind } from '../platform/problem.ts';
import { Repeated } from '../platform/repeat.ts';
import type { Deps, RoomModule } from '../platform/room.ts';
import { addNames, grantChanged, sharingPorts } from '../sharing/index.ts';
import type { PeersContext } from './context.ts';
import { fetchJob, fetchWaiting } from './delivery/take.ts';
import { harvestDue, harvestJob } from './harvest/harvest.ts';
import { peersHoldings } from './holdings.ts';
import { tellStates } from './matters/in.ts';
import { postWaiting } from './matters/outbox.ts';
import { forgetNonces, readerOf } from './protocol/gate.ts';
import { openIdentity } from './protocol/identity.ts';
import { peersRoutes } from './routes.ts';
import { PeerNames } from './store.ts';

const notReady = problemKind('peers.not-ready', 503, '平台互联尚未就绪，请稍候。', 'Other hubs are not ready yet.');

/** Milliseconds between two looks at what is to be sent, told and read. */
const LOOK = 15_000;

/** One look: what changed is put down, what waits is sent, what is due is read. */
async function lookRound(c: PeersContext): Promise<void> {
  await tellStates(c);
  await postWaiting(c);
  await harvestDue(c);
  await forgetNonces(c);
}

/** The room. `every`: milliseconds between two looks; `look` is one of them now. */
export function peersRoom(every = LOOK): RoomModule & { look(): Promise<void> } {
  let own: PeersContext | undefined;
  let stopListening: (() => void) | undefined;
  let looking: Repeated | undefined;
  const of = (deps: Deps): PeersContext => {
    own ??= { deps, sharing: sharingPorts(deps), identity: openIdentity(deps.folders.keys), names: new PeerNames() };
    return own;
  };
  const context = (): PeersContext => {
    if (!own) throw new Problem(notReady);
    return own;
  };
  return {
    name: 'peers',
    holdings: peersHoldings,
    migrations: fileURLToPath(new URL('./migrations', import.meta.url)),
    look: () => lookRound(context()),
    jobs: (deps) => [harvestJob(of(deps)), fetchJob(of(deps))],
    routes: (deps) => {
      of(deps);
      return peersRoutes(context, deps.folders, deps.config.city);
    },
    async start(deps) {
      const c = of(deps);
      await c.names.load(deps.db);
      addNames(deps.lake, c.names.of);
      useReader(deps.db, (request) => readerOf(c, request));
      await fetchWaiting(c);
      const own = new Repeated(
        () => lookRound(c),
        (error) => deps.log.error({ err: error }, 'other hubs could not be looked after'),
      );
      looking = own;
      stopListening = deps.bus.on(grantChanged, () => void own.look());
      own.start(every);
    },
    async stop() {
      stopListening?.();
      await looking?.stop();
    },
  };
}
