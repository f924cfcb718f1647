/** How subscriptions joins the hub. */
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { integrationFinished } from '../libraries/index.ts';
import type { Db } from '../platform/db/index.ts';
import { Networks } from '../platform/networks/index.ts';
import { Repeated } from '../platform/repeat.ts';
import type { Deps, RoomModule } from '../platform/room.ts';
import { grantChanged, sharingPorts } from '../sharing/index.ts';
import { subscriptionHolder } from './erase.ts';
import { subscriptionsHoldings } from './holdings.ts';
import { logTables } from './log/tables.ts';
import { Watch } from './log/watch.ts';
import { pauseBecause, sweep } from './manage/sweep.ts';
import { Arrivals, type SubscriptionPorts } from './ports.ts';
import { Mqtt, type MqttTarget } from './push/mqtt.ts';
import type { Transport } from './push/outcome.ts';
import { Pusher } from './push/pusher.ts';
import { Webhook } from './push/webhook.ts';
import { subscriptionRoutes } from './routes.ts';
import { Secrets, type SubscriptionRow } from './store.ts';
import { subscriptionsTurned } from './turned.ts';

/** Milliseconds between two looks at clocks and days. */
const LOOK = 60_000;
/** This machine, which a demonstration may push to. */
const LOOPBACK = ['127.0.0.0/8', '::1/128'];

/** What the service stands on, of a hub. */
export function subscriptionPorts(deps: Deps): SubscriptionPorts {
  const { db, lake, clock, audit, blobs, seal, log, vault, notices, config } = deps;
  const networks = new Networks([...config.subscriptions.networks, ...(config.demo.enabled ? LOOPBACK : [])]);
  const secrets = Secrets.of(deps.folders.keys);
  const pusher = new Pusher({
    ...{ db, lake, clock, vault, log, city: config.city, secrets, random: Math.random },
    concurrency: config.subscriptions.concurrency,
    transport: (sub, password) => transportOf(sub, password, networks, clock),
    pause: (sub, reason) => pauseBecause({ db, clock, audit, notices }, sub, reason),
  });
  return {
    db,
    lake,
    clock,
    audit,
    blobs,
    seal,
    log,
    vault,
    notices,
    city: config.city,
    networks,
    secrets,
    pusher,
    arrivals: new Arrivals(),
  };
}

/** The way to a subscription's target. */
export function transportOf(
  sub: SubscriptionRow,
  password: string | null,
  networks: Networks,
  clock: Deps['clock'],
): Transport {
  if (sub.kind === 'webhook') return new Webhook(sub.target as { url: string; ca: string | null }, networks, clock);
  const of = { subscription: sub.id, source: sub.source };
  return new Mqtt({ ...(sub.target as MqttTarget), password }, of, networks);
}

const made = new WeakMap<Db, SubscriptionPorts>();

/** What the service of a hub stands on, for what composes it; undefined before its routes are known. */
export const subscriptionPortsOf = (db: Db): SubscriptionPorts | undefined => made.get(db);

/** The room. */
export function subscriptionsRoom(): RoomModule {
  let ports: SubscriptionPorts | undefined;
  let watch: Watch | undefined;
  let looking: Repeated | undefined;
  const ends: (() => void)[] = [];
  const of = (deps: Deps): SubscriptionPorts => {
    ports ??= subscriptionPorts(deps);
    made.set(deps.db, ports);
    return ports;
  };
  return {
    name: 'subscriptions',
    turned: subscriptionsTurned,
    holdings: subscriptionsHoldings,
    migrations: fileURLToPath(new URL('./migrations', import.meta.url)),
    defineLake: (lake) => lake.define(logTables),
    personal: (deps) => subscriptionHolder(sharingPorts(deps), deps.config.erasure.receiverDays),
    routes: (deps) => subscriptionRoutes(of(deps)),
    async start(deps) {
      const own = of(deps);
      watch = new Watch(deps, async (source) => {
        own.arrivals.tell(source);
        await own.pusher.wakeAll(source);
      });
      const looks = watch;
      ends.push(
        deps.bus.on(integrationFinished, async ({ job }) => {
          const { params } = await deps.jobs.get(job).catch(() => ({ params: null }));
          // Not waited for: whoever tells of an integration has its own work to end.
          void looks.lookAll((params as { rebuild?: boolean } | null)?.rebuild === true);
        }),
        deps.bus.on(grantChanged, async ({ share }) => {
          const { rows } = await sql<{ id: number }>`SELECT id FROM subscriptions.subscription WHERE share = ${share}
            AND state = 'active'`.execute(deps.db.kysely);
          for (const { id } of rows) await own.pusher.reload(id);
        }),
      );
      // Events of the process may have been missed: what changed meanwhile is found at first, after the hub has begun to answer.
      let first = true;
      looking = new Repeated(
        async () => {
          if (first) await looks.lookAll();
          first = false;
          await sweep(own);
          await own.pusher.wakeAll();
        },
        (error) => deps.log.error({ err: error }, 'subscriptions could not be looked through'),
      );
      looking.start(LOOK);
      void looking.look();
    },
    async stop() {
      for (const end of ends.splice(0)) end();
      ports?.arrivals.tell();
      await watch?.stop();
      await looking?.stop();
      await ports?.pusher.stop();
    },
  };
}
