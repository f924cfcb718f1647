/**
 * Composes the hub: takes the data folder, opens the stores, brings them up to date, puts the platform and the rooms
 * together and listens. No business logic here.
 */
import { createHmac } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Server as TlsServer } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';
import { readOrganisations } from './catalogue/index.ts';
import type { Config } from './config.ts';
import { addFigures } from './figures.ts';
import { migrationSets } from './migrations.ts';
import { Audit, auditRoutes } from './platform/audit/index.ts';
import { Auth, accountRoutes, administrationRoutes, type FirstAccount, revealRoutes } from './platform/auth/index.ts';
import { afterRestore, Backups, backupRoutes, Together } from './platform/backup/index.ts';
import { type BlobCipher, type BlobStore, FolderBlobs, S3Blobs } from './platform/blobs/index.ts';
import { Bus } from './platform/bus/index.ts';
import { type Clock, systemClock } from './platform/clock.ts';
import { type Db, openDb } from './platform/db/index.ts';
import { createHttp, createMetrics, type Ending, gauge, type HttpServer, Tls } from './platform/http/index.ts';
import { Jobs, jobBackfills, jobRoutes, tellFailed } from './platform/jobs/index.ts';
import { Keys, keyRoutes } from './platform/keys/index.ts';
import { type Lake, openDuckDbLake } from './platform/lake/index.ts';
import { lockFolder } from './platform/lock/index.ts';
import { createLogger, type Logger } from './platform/log/index.ts';
import { Mirrors, mirrorJob, mirrorRoutes } from './platform/mirror/index.ts';
import { deliveryCounts, Notices, noticeBackfills, noticeRoutes, vaultPhones } from './platform/notices/index.ts';
import { DiskGuard, MemoryGuard, Observed, Operations, operationsRoutes } from './platform/operations/index.ts';
import { ownHoldings, People, peopleRoutes } from './platform/people/index.ts';
import type { Deps, RoomModule } from './platform/room.ts';
import { type SealPart, sealPart } from './platform/seal/index.ts';
import { Exporter, Tracer } from './platform/telemetry/index.ts';
import { Backfills, upgrade } from './platform/upgrade/index.ts';
import { fileCipher, openGuard, rotationJob, Vault, vaultTables } from './platform/vault/index.ts';
import { verifyFolder } from './rehearse.ts';
import { allRooms } from './rooms.ts';

/** The repository's own folders: declarations, cities, code tables, the built console. */
const repository = fileURLToPath(new URL('../..', import.meta.url));

/** What may differ from a hub as it is started from the command line. */
export interface AppOptions {
  clock?: Clock;
  logger?: Logger;
  /** The rooms; all of them by default. */
  rooms?: RoomModule[];
  /** Where sources, cities and standards are; the repository by default. */
  repository?: string;
  /** log2 of the cost of passwords' hashes (scrypt); the default is what a hub needs, tests of other things lower it. */
  scryptCost?: number;
  /**
   * Told when an embedded engine has given up (a disk that fails). What was acknowledged is on disk; nothing more can be, so that a process of its
   * own ends and is started again (`main.ts`). Without it the hub stands and says in /health/ready that it is not ready.
   */
  broken?: (part: 'store' | 'lake', error: Error) => void;
  /** Whether answers are checked strictly against their schemas; outside production by default. */
  checkResponses?: boolean;
}

/** A running hub. */
export interface App {
  /** Where it listens: `http://127.0.0.1:8420`. */
  url: string;
  http: HttpServer;
  db: Db;
  lake: Lake;
  jobs: Jobs;
  deps: Deps;
  seal: SealPart;
  rooms: RoomModule[];
  /** What the lake shows of PostgreSQL's tables; `drain()` brings it up to now. */
  mirrors: Mirrors;
  /** Accounts that this start made, with their one-time passwords: to be printed once and kept nowhere. */
  firstAccounts: FirstAccount[];
  /** Whether the data folder was begun as a demonstration: its data is synthetic for ever. */
  synthetic: boolean;
  /** Ends everything in the opposite order; may be called twice. */
  close(): Promise<void>;
}

/** The hub's version, from its package. */
export function version(): string {
  const file = new URL('../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

/** Starts a hub. When a step fails, everything opened before is closed again and the fault is thrown. */
export async function createApp(config: Config, options: AppOptions = {}): Promise<App> {
  const closers: (() => Promise<void> | void)[] = [];
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= (async () => {
      const faults: unknown[] = [];
      // Each is closed even when one before it fails: the lock must not outlive the stores, nor they it.
      for (const closer of closers.reverse()) await Promise.resolve(closer()).catch((error) => faults.push(error));
      if (faults.length > 0) throw new AggregateError(faults, 'the hub did not stop cleanly');
    })();
    return closing;
  };
  try {
    return await compose(config, options, closers, close);
  } catch (error) {
    await close().catch(() => undefined);
    throw error;
  }
}

async function compose(
  config: Config,
  options: AppOptions,
  closers: (() => Promise<void> | void)[],
  close: () => Promise<void>,
): Promise<App> {
  const clock = options.clock ?? systemClock;
  const log = options.logger ?? createLogger({ level: config.log.level });
  const rooms = options.rooms ?? allRooms();
  const folders = makeFolders(config, options.repository ?? repository);

  const lock = lockFolder(folders.data);
  closers.push(() => lock.release());
  // A demonstration's data stays a demonstration: the mark tells every later start, however it is configured.
  const mark = join(folders.data, 'demo');
  if (config.demo.enabled) writeFileSync(mark, '');
  const synthetic = existsSync(mark);
  const observed = new Observed(() => clock.now().getTime());
  closers.push(() => observed.stop());
  const guard = new DiskGuard(folders.data, config.operations.diskStopPercent, (error) =>
    log.error({ err: error }, 'the disk could not be looked at'),
  );
  closers.push(() => guard.stop());
  const memory = new MemoryGuard(config.operations.memoryStopPercent, (error) =>
    log.error({ err: error }, 'the memory could not be looked at'),
  );
  closers.push(() => memory.stop());
  const { tracer, exporter } = tracing(config, clock, log);
  if (exporter) closers.push(() => exporter.stop());
  const { db, lake } = await openStores(config, folders.data, closers, {
    told: (engine, sql, ms) => {
      observed.statement(engine, sql, ms);
      tracer?.statement(engine, sql, ms);
    },
    broken: (engine, error) => {
      log.fatal(
        { err: error, engine },
        'an embedded engine has given up; what was acknowledged is on disk, the hub must start again',
      );
      options.broken?.(engine, error);
    },
  });
  const upgraded = await upgrade({
    ...{ db, lake, clock, folder: folders.data, sets: migrationSets(rooms), version: version() },
    async define(definer) {
      await definer.define(vaultTables);
      for (const room of rooms) await room.defineLake?.(definer);
    },
  });
  if (upgraded.applied.length > 0) log.info(upgraded, 'the stores were brought up to date');

  // Before anything gives a number: whether store and lake are of one moment.
  const together = new Together({ db, lake, clock, log });
  await together.compare();

  const audit = new Audit(db, clock);
  openGuard(folders.keys, config.vault.pkcs11);
  const vault = await Vault.open({ lake, keys: folders.keys, audit, clock });
  closers.push(() => vault.close());
  const auth = new Auth({
    db,
    clock,
    audit,
    config: config.auth,
    demo: config.demo.enabled,
    synthetic,
    city: cityName(folders.cities, config.city),
    publicUrl: config.http.publicUrl,
    secretKey: createHmac('sha256', vault.ring.token!).update('jingwei account secrets').digest(),
    ...(options.scryptCost === undefined ? {} : { scryptCost: options.scryptCost }),
  });
  const firstAccounts = await auth.firstAccounts();

  const metrics = createMetrics();
  let url = '';
  const notices = new Notices({
    ...{ db, clock, log, audit, config },
    folders: { cities: folders.cities, channels: join(folders.sources, '..', 'channels') },
    secretKey: createHmac('sha256', vault.ring.token!).update('jingwei notice addresses').digest(),
    phones: vaultPhones(lake, vault),
    url: () => (config.http.publicUrl ?? url).replace(/\/$/, ''),
  });
  const restored = await afterRestore(folders.data, { db, clock, audit, notices: notices.port });
  if (restored !== undefined) log.warn({ sessions: restored }, 'restored from a backup: every session was ended');
  const { organisations } = readOrganisations(folders.cities, config.city);
  const declared = organisations.map((o) => ({ ...o, code: o.id, uscc: o.code ?? null, kind: o.kind ?? null }));
  const people = new People({
    ...{ db, clock, log, audit, notices: notices.port, config: config.people, declared: () => declared },
    holdings: [...ownHoldings, ...rooms.flatMap((room) => room.holdings ?? [])],
    accounts: {
      endSessions: (account, trx) => auth.sessions.endAll(account, trx),
      keepsAdministrators: (account, after, trx) => auth.users.keepsAdministrators(account, after, trx),
      forget: () => auth.sessions.forget(),
    },
  });
  // What fell due while the hub was down holds before anything reads who belongs where.
  closers.push(() => people.stop());
  await people.start();
  const jobs = new Jobs({
    ...{ db, clock, log, tracer, most: config.operations.queueStop, hold: () => memory.short },
    failed: (trx, job, at) => tellFailed(notices.port, trx, job, at),
  });
  const seal: SealPart = sealPart({
    ...{ db, clock, log, audit, jobs, metrics, data: folders.data, keys: folders.keys, config: config.seal },
    city: config.city,
    cityName: cityName(folders.cities, config.city),
    publicUrl: config.http.publicUrl ?? null,
    secretKey: createHmac('sha256', vault.ring.token!).update('jingwei seal clients').digest(),
  });
  closers.push(() => seal.stop());
  const deps: Deps = {
    config,
    folders,
    clock,
    log,
    db,
    lake,
    jobs,
    blobs: new FolderBlobs(folders.blobs, fileCipher(vault.ring)),
    archiveBlobs: archiveStore(config, clock, fileCipher(vault.ring)),
    bus: new Bus((event, error) => log.error({ err: error, event }, 'a listener failed')),
    audit,
    vault,
    seal: seal.seals,
    notices: notices.port,
    metrics,
    http: { url: () => config.http.publicUrl ?? url },
  };
  const noJobs = { queued: 0, running: 0, done: 0, failed: 0, cancelled: 0 };
  gauge(metrics, 'jingwei_jobs', 'Jobs by state', async () => ({ ...noJobs, ...(await jobs.counts()) }), 'state');
  gauge(metrics, 'jingwei_notice_deliveries', 'Deliveries of notices by state', () => deliveryCounts(db), 'state');
  gauge(metrics, 'jingwei_lake_bytes', 'Size of the lake on disk, its log included', () => sizeOf(lake.path));

  const mirrored = rooms.flatMap((room) => room.mirrors ?? []);
  const mirrors = new Mirrors({ db, lake, log, bus: deps.bus }, mirrored);
  await mirrors.define();
  closers.push(() => mirrors.stop());
  jobs.define(mirrorJob(mirrors));
  jobs.define(rotationJob(vault, audit));
  for (const room of rooms) for (const kind of room.jobs?.(deps) ?? []) jobs.define(kind);
  const backups = new Backups({
    ...{ deps, version: version(), synthetic },
    verify: (folder, _manifest, signal) => verifyFolder(folder, config, signal),
  });
  for (const kind of backups.jobs()) jobs.define(kind);
  const backfills = new Backfills<Deps>({ db, clock, jobs, deps: () => deps }, [
    { room: 'jobs', backfills: jobBackfills },
    { room: 'notices', backfills: noticeBackfills },
    ...rooms.map((room) => ({ room: room.name, backfills: room.backfills ?? [] })),
  ]);
  jobs.define(backfills.job());
  await together.settle({
    ...{ deps, rooms },
    lastSigned: async () => (config.seal.signing ? ((await seal.signer.call('status', null)).last ?? 0) * 1000 : null),
  });
  const keys = new Keys(deps, vault);
  const tls = await openTls(config, folders.data, clock, log);
  if (tls) closers.push(() => tls.close());
  const operations = new Operations({
    deps,
    backups,
    together,
    mirrors,
    seal,
    observed,
    guard,
    memory,
    rooms: [...rooms, keys, people, { standing: () => backfills.standing() }, ...(tls ? [tls] : [])],
  });
  addFigures({
    ...{ metrics, db, lake, config, backups, operations, guard, exporter },
    rooms: rooms.map((room) => room.name),
  });
  const routes = [
    ...backupRoutes(backups, together, deps, jobs),
    ...operationsRoutes(operations),
    ...accountRoutes(auth),
    ...peopleRoutes(people, auth.sessions),
    ...administrationRoutes(auth),
    ...revealRoutes(vault, audit, jobs),
    ...keyRoutes(keys, jobs, audit),
    ...auditRoutes(audit),
    ...seal.routes,
    ...mirrorRoutes(mirrors, jobs, audit),
    ...noticeRoutes(notices),
    ...jobRoutes(jobs, async (id, principal) => {
      await audit.append({ actor: principal, action: 'jobs.cancel', object: `job/${id}`, outcome: 'ok' });
    }),
    ...rooms.flatMap((room) => room.routes?.(deps) ?? []),
  ];
  const http = await createHttp({
    config: config.http,
    tls,
    tracer,
    clock,
    log,
    metrics,
    routes,
    lean: [...seal.lean, ...rooms.flatMap((room) => room.lean?.(deps) ?? [])],
    version: version(),
    console: join(repository, 'web', 'console', 'dist'),
    verifier: { file: join(repository, 'web', 'verify', 'dist', 'verify.html'), anchors: seal.believed },
    checkResponses: options.checkResponses ?? process.env.NODE_ENV !== 'production',
    authenticate: auth.authenticate,
    refused: auth.refused,
    admits: (intake) => {
      guard.admit(intake);
      memory.admit(intake.heavy);
    },
    answered: (request) => observed.request(request),
    ready: { store: () => db.query('SELECT 1'), lake: () => lake.query('SELECT 1') },
  });
  for (const room of rooms) {
    // Pushed before it starts: what began and then failed is ended as well.
    if (room.stop) closers.push(() => room.stop!());
    await room.start?.(deps);
  }
  closers.push(() => notices.stop());
  await notices.start();
  closers.push(() => jobs.stop());
  await jobs.start();
  await backfills.start(upgraded.fresh);
  seal.start();
  mirrors.start();
  closers.push(() => together.stop());
  together.start();
  closers.push(() => backups.stop());
  backups.start();
  closers.push(() => keys.stop());
  keys.start();
  closers.push(() => http.close());
  await guard.start();
  memory.start();
  url = await http.listen();
  // The command line believes a certificate for the name that stands in it.
  lock.setUrl(tls ? config.http.publicUrl! : url);
  tls?.start(http.fastify.server as unknown as TlsServer, (ending) => tellEnding(notices.port, db, ending));
  return { url, http, db, lake, jobs, deps, seal, rooms, mirrors, firstAccounts, synthetic, close };
}

/** Traces of this hub's work, where a collector is configured. */
function tracing({ telemetry, city }: Config, clock: Clock, log: Logger): { tracer?: Tracer; exporter?: Exporter } {
  const { otlp } = telemetry;
  if (!otlp) return {};
  const headers = { ...otlp.headers, ...(otlp.authorization ? { authorization: otlp.authorization } : {}) };
  const resource = { 'service.name': 'jingwei', 'service.version': version(), 'service.namespace': city };
  const exporter = new Exporter({ endpoint: otlp.endpoint, headers, queue: otlp.queue }, resource, log);
  return { exporter, tracer: new Tracer({ clock, sampling: otlp.sampling, add: (span) => exporter.add(span) }) };
}

/** TLS of the hub itself, where it is configured; ended before the stores are. */
async function openTls({ http }: Config, data: string, clock: Clock, log: Logger): Promise<Tls | undefined> {
  if (!http.tls) return undefined;
  // The schema has seen to it that there is a public address.
  const publicUrl = http.publicUrl!;
  return Tls.open({ config: http.tls, host: http.host, publicUrl, folder: join(data, 'tls'), clock, log });
}

/** Tells the system administrators of a certificate that ends, once for each mark. */
function tellEnding(notices: Deps['notices'], db: Db, { fingerprint, mark, until }: Ending): Promise<void> {
  const day = until.toISOString().slice(0, 10);
  return notices.tell(db.kysely, {
    key: `tls.ending/${fingerprint}/${mark}`,
    kind: 'tls.ending',
    urgency: mark > 7 ? 'normal' : 'urgent',
    to: [{ role: 'system-admin' }],
    title: { zh: `TLS 证书将于 ${day} 到期`, en: `The TLS certificate ends on ${day}` },
    text: { zh: `不足 ${mark} 天，请更换`, en: `Within ${mark} ${mark === 1 ? 'day' : 'days'}: replace it` },
    link: '/system/operations',
    about: `certificate/${fingerprint}`,
  });
}

/** The stores are opened side by side: each takes its second. */
async function openStores(
  config: Config,
  data: string,
  closers: (() => Promise<void> | void)[],
  {
    told,
    broken,
  }: {
    told: (engine: 'store' | 'lake', sql: string, ms: number) => void;
    broken: (engine: 'store' | 'lake', error: Error) => void;
  },
) {
  const opening = [
    openDb(
      config.db.url
        ? { kind: 'postgres', url: config.db.url, connections: config.db.connections }
        : { kind: 'pglite', folder: join(data, 'pg') },
      (sql, ms) => told('store', sql, ms),
      (error) => broken('store', error),
    ),
    openDuckDbLake({
      path: join(data, 'lake', 'lake.duckdb'),
      tempDirectory: join(data, 'lake', 'temp'),
      memoryMiB: config.lake.memoryMiB,
      threads: config.lake.threads,
      onStatement: (sql, ms) => told('lake', sql, ms),
      onBroken: (error) => broken('lake', error),
    }),
  ] as const;
  const [db, lake] = await Promise.allSettled(opening);
  if (db.status === 'fulfilled') closers.push(() => db.value.close());
  if (lake.status === 'fulfilled') closers.push(() => lake.value.close());
  if (db.status === 'rejected') throw db.reason;
  if (lake.status === 'rejected') throw lake.reason;
  return { db: db.value, lake: lake.value };
}

const cityFile = z.object({ name: z.object({ zh: z.string(), en: z.string() }) });

/** The name that cities/<city>/city.yaml gives; undefined when there is no such file (the catalogue tells of that). */
function cityName(cities: string, city: string): z.infer<typeof cityFile>['name'] | undefined {
  const file = join(cities, city, 'city.yaml');
  return existsSync(file) ? cityFile.parse(parse(readFileSync(file, 'utf8'))).name : undefined;
}

/** Where the files of archives are kept, as it is configured. */
function archiveStore(config: Config, clock: Clock, cipher: BlobCipher): BlobStore {
  const { kind, region, endpoint, bucket, accessKey, secretKey } = config.archives.store;
  const folder = join(config.dataFolder, 'archives');
  if (kind === 'folder') return new FolderBlobs(folder, cipher);
  const drafts = join(folder, 'drafts');
  // The schema has seen to it that none of these is missing.
  const place = { endpoint: endpoint!, bucket: bucket!, accessKey: accessKey!, secretKey: secretKey! };
  return new S3Blobs({ ...place, region, drafts, clock }, cipher);
}

/** Bytes of the database file and its write-ahead log. */
function sizeOf(path: string): number {
  return [path, `${path}.wal`].reduce((n, file) => n + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0);
}

function makeFolders(config: Config, root: string): Deps['folders'] {
  const data = config.dataFolder;
  const folders = {
    data,
    inbox: join(data, 'inbox'),
    blobs: join(data, 'blobs'),
    keys: config.vault.keyFolder ?? join(data, 'keys'),
    sources: join(root, 'sources'),
    cities: join(root, 'cities'),
    standards: join(root, 'standards'),
  };
  for (const folder of [data, folders.inbox, folders.blobs, folders.keys, join(data, 'lake')]) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }
  return folders;
}
