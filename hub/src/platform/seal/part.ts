/** Puts the sealing part together: what app.ts starts, stops and gives the rooms. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Audit } from '../audit/index.ts';
import { type Clock, systemClock } from '../clock.ts';
import type { Config } from '../config/index.ts';
import type { Db } from '../db/index.ts';
import { gauge, type LeanHandler, type Metrics, type RouteDefinition } from '../http/index.ts';
import { type Bilingual, both } from '../i18n/index.ts';
import type { Jobs } from '../jobs/index.ts';
import type { Logger } from '../log/index.ts';
import { Problem } from '../problem.ts';
import { AuditStretches } from './audit-stretches.ts';
import { Clients } from './clients.ts';
import { unavailable } from './problems.ts';
import { protocolHandler, protocolPaths } from './protocol.ts';
import { Publisher } from './publisher.ts';
import { sealRoutes } from './routes.ts';
import { Seals } from './seals.ts';
import { Signer, type SignerSetup } from './signer.ts';
import { Trust } from './trust.ts';
import { trustRoutes } from './trust-routes.ts';

/** What the part is given. */
export interface SealPartHost {
  config: Config['seal'];
  /** Id and name of the city. */
  city: string;
  cityName: Bilingual | undefined;
  /** The data folder and the folder of keys. */
  data: string;
  keys: string;
  db: Db;
  clock: Clock;
  log: Logger;
  audit: Audit;
  jobs: Jobs;
  metrics: Metrics;
  publicUrl: string | null;
  /** 32 bytes under which keys of clients are kept. */
  secretKey: Uint8Array;
}

/** The part as app.ts uses it. */
export interface SealPart {
  /** What rooms are given. */
  seals: Seals;
  signer: Signer;
  publisher: Publisher;
  routes: RouteDefinition[];
  lean: readonly LeanHandler[];
  /** Whom the offline verifier that this hub hands out believes from the start. */
  believed(): Promise<{ name: string; root: string; email: string }>;
  start(): void;
  stop(): Promise<void>;
}

/** Milliseconds between two messages to the thread of a time that is not the machine's. */
const TICK = 50;

/** Composes the part. Nothing runs yet; the thread starts with the first thing to be signed. */
export function sealPart(host: SealPartHost): SealPart {
  const { config, db, clock, log, audit, jobs } = host;
  const own = clock !== systemClock;
  let ticking: NodeJS.Timeout | undefined;
  const signer: Signer = new Signer(
    async () => {
      const setup = await setupOf(host, clients);
      if (own) ticking ??= setInterval(() => void signer.tell(clock.now().getTime()), TICK).unref();
      return own ? { ...setup, time: clock.now().getTime() } : setup;
    },
    async () => {
      const status = await signer.call('status', null);
      if (status.mended.length > 0) log.warn({ mended: status.mended }, 'the calendar was mended at its opening');
      await publisher.note((await signer.call('anchors', null)).publications);
    },
    (error) => log.error({ err: error }, 'the signing thread ended'),
    (alarm) => void seals.alarmed(alarm),
  );
  const seals: Seals = new Seals({ db, clock, log, audit, signer, city: host.city, signing: config.signing });
  const trust = new Trust(signer);
  const clients: Clients = new Clients({
    ...{ db, clock, audit, secretKey: host.secretKey },
    changed: async () => {
      if (signer.running) await signer.call('clients', await clients.opened());
    },
  });
  const publisher: Publisher = new Publisher({
    ...{ store: seals.store, signer, trust, jobs, clock, log, signing: config.signing },
    ...{ hours: config.publishHours, parent: config.parent !== undefined },
  });
  const { auditEntries: entries, auditMinutes: minutes } = config;
  const stretches = new AuditStretches({ audit, seals, clock, log, entries, minutes });
  jobs.define(publisher.job());
  measure(host.metrics, seals, signer);
  const city = host.cityName ?? { zh: host.city, en: host.city };
  const name = { zh: `${city.zh}无钥签名服务`, en: `Keyless signing service of ${city.en}` };
  return {
    seals,
    signer,
    publisher,
    routes: [
      ...sealRoutes({ seals, trust, clients, signer, audit }),
      ...trustRoutes({ seals, trust, signer, config, name, publicUrl: host.publicUrl }),
    ],
    lean: [
      {
        paths: protocolPaths,
        handle: protocolHandler({ signer, signing: config.signing, perSecond: config.requestsPerSecond }),
      },
    ],
    async believed() {
      const { root } = await trust.anchors();
      return { name: both(name), root, email: config.parent?.email ?? config.email };
    },
    start() {
      seals.start();
      publisher.start();
      stretches.start();
    },
    async stop() {
      await publisher.stop();
      await stretches.stop(signer.running && config.signing);
      await seals.stop();
      await signer.close();
      clearInterval(ticking);
    },
  };
}

async function setupOf({ config, data, keys, city, cityName }: SealPartHost, clients: Clients): Promise<SignerSetup> {
  const folders = { folder: join(data, 'seal'), keys: join(keys, 'seal') };
  for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { algorithm, authority, email, roundDays, parent } = config;
  if (parent && !existsSync(parent.root)) {
    const [zh, en] = [`没有上级根证书文件 ${parent.root}`, `there is no file ${parent.root} with the root certificate`];
    throw new Problem(unavailable, { zh, en }, { setting: 'seal.parent.root' });
  }
  return {
    ...folders,
    ...{ algorithm, authority, email, roundDays },
    name: `${cityName?.zh ?? city} 无钥签名`,
    clients: await clients.opened(),
    parent: parent ? { ...parent, root: readFileSync(parent.root, 'utf8') } : null,
    time: null,
  };
}

/** Figures for Prometheus; asking for them does not start the thread. */
function measure(metrics: Metrics, seals: Seals, signer: Signer): void {
  const ofThread = async (read: 'seconds' | 'requests' | 'refused' | 'last'): Promise<number> =>
    signer.running ? ((await signer.call('status', null))[read] ?? 0) : 0;
  gauge(metrics, 'jingwei_seals', 'Seals by state', () => seals.store.counts(), 'state');
  gauge(metrics, 'jingwei_seal_seconds', 'Signed seconds of the calendar', () => ofThread('seconds'));
  gauge(metrics, 'jingwei_seal_requests', 'Requests signed since the start', () => ofThread('requests'));
  gauge(metrics, 'jingwei_seal_refused', 'Requests refused since the start', () => ofThread('refused'));
  gauge(metrics, 'jingwei_seal_waiting', 'Messages of clients that wait', () => signer.waiting);
  gauge(metrics, 'jingwei_seal_last_second', 'The last second of the calendar, in Unix seconds', () =>
    ofThread('last'),
  );
  gauge(metrics, 'jingwei_seal_alarm', '1 when nothing is signed because something is wrong', () =>
    seals.fault ? 1 : 0,
  );
}
