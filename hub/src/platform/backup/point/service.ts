/**
 * Point in time for a PostgreSQL server (按时间点恢复): its log is received over a slot, kept in the repository every minute, and base backups are
 * made at intervals, so that the store can be put back to any instant of the last days. Gaps are found and told, never passed over.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { JobContext, JobKind } from '../../jobs/index.ts';
import { Problem } from '../../problem.ts';
import { Repeated } from '../../repeat.ts';
import type { Deps } from '../../room.ts';
import type { BaseView, Writer } from '../writer.ts';
import { Archive, NotKept } from './archive.ts';
import { needsLevel, needsServer } from './problems.ts';
import { Receiver } from './receiver.ts';
import { isSegmentSize, placeOf, segmentAt } from './segments.ts';
import type { Kept } from './shelf.ts';
import type { LogMark } from './shelf-worker.ts';
import { forgottenOf, reachOf, spansOf } from './spans.ts';
import { type PointState, statement } from './state.ts';
import { environmentOf, findTool } from './tools.ts';

const DAY = 86_400_000;
/** Milliseconds for which a tick waits until the receiver has what was committed before it. */
const CAUGHT_UP = 10_000;

/** What the service is given. */
export interface PointOptions {
  deps: Deps;
  /** The repository and its key; a Problem where there is none. */
  repository(): { folder: string; dataKey: Buffer };
  withWriter<T>(work: (writer: Writer) => Promise<T>): Promise<T>;
}

/** The server as it says of itself. */
interface Server {
  version: number;
  system: string;
  segmentSize: number;
  level: string;
  database: string;
  role: string;
  /** Bytes that slots may hold back; -1: without bound. */
  slotMiB: number;
}

/** Keeps the server's log, makes base backups, knows which instants can be restored. */
export class PointInTime {
  readonly #o: PointOptions;
  readonly #looks: Repeated;
  #archive: Archive | undefined;
  #receiver: Receiver | undefined;
  #server: Server | undefined;
  #bases: { at: number; list: BaseView[] } | undefined;
  #segments: Kept[] = [];
  #problem: Problem | undefined;
  #waiting = 0;
  #lost: Date | undefined;
  /** The last instant up to which everything is kept. */
  #reached: number | undefined;
  #retained = 0;
  /** The slot was given up: what was received before is kept first, then its folder goes and everything begins anew. */
  #anew = false;

  constructor(options: PointOptions) {
    this.#o = options;
    this.#looks = new Repeated(
      () => this.tick(),
      (error) => options.deps.log.error({ err: error }, "the server's log could not be kept"),
    );
  }

  get enabled(): boolean {
    const { backup } = this.#o.deps.config;
    return Boolean(backup.folder) && backup.pointInTime;
  }

  start(): void {
    if (!this.enabled) return;
    this.#looks.start(this.#o.deps.config.backup.archiveSeconds * 1000);
    void this.#looks.look();
  }

  /** Looks now; resolves when it has. */
  look(): Promise<void> {
    return this.#looks.look();
  }

  async stop(): Promise<void> {
    await this.#looks.stop();
    await this.#receiver?.stop();
    this.#receiver = undefined;
    await this.#archive?.close();
    this.#archive = undefined;
  }

  /** Where the log of a server is received: what another cluster wrote is never taken for this one's. */
  #folder(system: string): string {
    return join(this.#o.deps.folders.data, 'wal', system);
  }

  /** The slot of this hub's database on its server. */
  slot(database: string): string {
    return `jingwei_${database.toLowerCase().replace(/[^a-z0-9_]/g, '_')}`.slice(0, 60);
  }

  /** One look: the receiver runs, what it wrote is kept, a base is asked for where one is due. Faults stand in `state()`. */
  async tick(): Promise<void> {
    try {
      const server = await this.#prepare();
      await this.#keep(server);
      await this.#dueBase();
      if (this.#problem === undefined || this.#receiver?.running) this.#problem = this.#receiver?.problem;
    } catch (error) {
      if (error instanceof NotKept) {
        this.#problem = error.problem;
        this.#waiting = error.waiting;
        await this.#keepBounds();
      } else if (error instanceof Problem) this.#problem = error;
      else throw error;
    }
  }

  /** Makes what is missing: knowledge of the server, thread, slot, receiver. */
  async #prepare(): Promise<Server> {
    const { deps, repository } = this.#o;
    const { config, db, log } = deps;
    const url = config.backup.serverUrl ?? config.db.url;
    if (db.kind !== 'postgres' || !url) throw new Problem(needsServer);
    this.#archive ??= (() => {
      const { folder, dataKey } = repository();
      return new Archive(folder, dataKey);
    })();
    const server = await this.#ask();
    if (server.level === 'minimal') throw new Problem(needsLevel, { found: server.level });
    if (!isSegmentSize(server.segmentSize)) throw new RangeError(`segments of ${server.segmentSize} bytes`);
    this.#server = server;
    if (!this.#receiver) {
      const file = await findTool('pg_receivewal', config.backup.serverTools, server.version);
      await findTool('pg_basebackup', config.backup.serverTools, server.version);
      const slot = this.slot(server.database);
      this.#receiver = new Receiver({ file, folder: this.#folder(server.system), slot, env: environmentOf(url), log });
    }
    await this.#mindSlot(server);
    return server;
  }

  async #ask(): Promise<Server> {
    const [row] = await this.#o.deps.db.query<Record<string, unknown>>(`
      SELECT current_setting('server_version_num')::int AS version, s.system_identifier::text AS system,
             pg_size_bytes(current_setting('wal_segment_size')) AS size, current_setting('wal_level') AS level,
             current_database()::text AS database, current_user::text AS role,
             (SELECT setting::bigint FROM pg_settings WHERE name = 'max_slot_wal_keep_size') AS slot
        FROM pg_control_system() s`);
    const r = row!;
    return {
      ...{ version: Number(r.version), system: String(r.system), segmentSize: Number(r.size), level: String(r.level) },
      ...{ database: String(r.database), role: String(r.role), slotMiB: Number(r.slot) },
    };
  }

  /** A slot that the server gave up is made anew, and a receiver that runs is left alone. */
  async #mindSlot(server: Server): Promise<void> {
    const receiver = this.#receiver!;
    const [slot] = await this.#o.deps.db.query<{ status: string | null; retained: number | null }>(
      `SELECT wal_status AS status, pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::bigint AS retained
         FROM pg_replication_slots WHERE slot_name = $1`,
      [this.slot(server.database)],
    );
    this.#retained = Number(slot?.retained ?? 0);
    const left = existsSync(this.#folder(server.system)) && readdirSync(this.#folder(server.system)).length > 0;
    if (slot?.status === 'lost') {
      await receiver.stop();
      await receiver.dropSlot();
      this.#gaveUp('the server gave the slot up: the log has a gap');
    } else if (!slot && left && !receiver.running) {
      // Another server of the cluster, or a slot that somebody took away: behind what is here something may be missing.
      this.#gaveUp('the slot is not on the server any more: the log has a gap');
    }
    if (this.#anew) return;
    if (!slot) await receiver.createSlot();
    receiver.start();
  }

  #gaveUp(what: string): void {
    this.#anew = true;
    this.#lost = this.#o.deps.clock.now();
    this.#o.deps.log.error({}, what);
  }

  /** While nothing can be kept: neither this machine's disk nor the server's is filled without bound. */
  async #keepBounds(): Promise<void> {
    const most = this.#o.deps.config.backup.serverKeepsMiB * 1_048_576;
    // Half for this machine; then the server keeps the rest.
    if (this.#waiting > most / 2) await this.#receiver?.stop();
    if (this.#waiting + this.#retained <= most || this.#anew) return;
    await this.#receiver?.stop();
    await this.#receiver?.dropSlot();
    this.#gaveUp('too much log waits: the slot was given up, the log has a gap');
  }

  /**
   * Notes an instant of the server, sees that everything committed before it has been received, and keeps it. The commit that follows the instant
   * is there for the server that is put back: it stops at the first commit behind the instant that it is told, and must find one.
   */
  async #keep(server: Server): Promise<void> {
    const { db, log } = this.#o.deps;
    const marks: LogMark[] = [];
    if (this.#receiver?.running) {
      const [before] = await db.query<{ ms: number }>(
        'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS ms',
      );
      await db.query('UPDATE backup.mark SET at = clock_timestamp()');
      const [at] = await db.query<{ place: string; file: string }>(
        'SELECT pg_current_wal_flush_lsn()::text AS place, pg_walfile_name(pg_current_wal_flush_lsn()) AS file',
      );
      const mark = {
        at: Math.floor(before!.ms),
        timeline: Number.parseInt(at!.file.slice(0, 8), 16),
        place: placeOf(at!.place),
      };
      if (await this.#received(server, mark.place)) marks.push(mark);
      else log.warn({ place: at!.place }, 'the receiver of the log is behind');
    }
    const size = server.segmentSize;
    const all = join(this.#o.deps.folders.data, 'wal');
    for (const system of existsSync(all) ? readdirSync(all) : []) {
      const folder = this.#folder(system);
      const own = system === server.system;
      await this.#archive!.archive({ system, size, folder, marks: own ? marks : [] });
      // What another cluster, or a slot that is no more, had received: it is kept, nothing follows it.
      if (!own || this.#anew) await rm(folder, { recursive: true, force: true });
    }
    this.#waiting = 0;
    if (this.#anew) {
      this.#anew = false;
      await this.#mindSlot(server);
    }
    this.#segments = await this.#archive!.list();
    if (marks[0]) this.#reached = marks[0].at;
  }

  async #received(server: Server, place: bigint): Promise<boolean> {
    const until = performance.now() + CAUGHT_UP;
    for (;;) {
      const [slot] = await this.#o.deps.db.query<{ at: string | null }>(
        'SELECT restart_lsn::text AS at FROM pg_replication_slots WHERE slot_name = $1',
        [this.slot(server.database)],
      );
      if (slot?.at && placeOf(slot.at) >= place) return true;
      if (performance.now() > until || !this.#receiver?.running) return false;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async #known(anew = false): Promise<BaseView[]> {
    const now = performance.now();
    if (anew || !this.#bases || now - this.#bases.at > 600_000)
      this.#bases = { at: now, list: await this.#o.withWriter((writer) => writer.bases()) };
    return this.#bases.list;
  }

  /** Asks for a base where none leads to today, or the newest is old. */
  async #dueBase(): Promise<void> {
    const { deps } = this.#o;
    const bases = await this.#known();
    const server = this.#server!;
    const [now] = await deps.db.query<{ file: string }>('SELECT pg_walfile_name(pg_current_wal_flush_lsn()) AS file');
    const timeline = Number.parseInt(now!.file.slice(0, 8), 16);
    const newest = bases.filter((b) => b.system === server.system && b.timeline === timeline).at(-1);
    const span = newest && spansOf([newest], this.#segments)[0];
    const own = this.#segments.filter((s) => s.system === server.system && s.timeline === timeline);
    const last = Math.max(-1, ...own.map((s) => s.number));
    const old = newest && deps.clock.now().getTime() - newest.endedAt > deps.config.backup.baseDays * DAY;
    // A base of just now may wait for its first mark; one behind which segments are missing leads nowhere.
    const fresh = newest && segmentAt(placeOf(newest.end), newest.segmentSize, true) >= last;
    if (newest && !old && (fresh || (span && span.upto >= last))) return;
    const [open] = await deps.jobs.list({ kind: 'backup.base', limit: 1 });
    // One that failed is tried again after ten minutes.
    if (open?.state === 'failed' && deps.clock.now().getTime() - Date.parse(open.submittedAt) < 600_000) return;
    await deps.jobs.submit('backup.base', {}, { unique: 'backup-base' });
  }

  /** The job that makes a base backup. */
  job(): JobKind<never> {
    const base: JobKind<Record<string, never>> = {
      kind: 'backup.base',
      title: { zh: '数据库基础备份', en: 'Base backup of the server' },
      params: z.strictObject({}),
      lane: 'backup',
      run: (context) => this.#base(context),
    };
    return base as unknown as JobKind<never>;
  }

  async #base(context: JobContext): Promise<unknown> {
    const { deps } = this.#o;
    const { config, db } = deps;
    if (!this.enabled) throw new Problem(needsServer);
    const server = this.#server ?? (await this.#prepare());
    const file = await findTool('pg_basebackup', config.backup.serverTools, server.version);
    const clock = async () =>
      (await db.query<{ ms: number }>('SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS ms'))[0]!.ms;
    const startedAt = Math.floor(await clock());
    const id = `${new Date(startedAt).toISOString().replace(/[-:]/g, '').slice(0, 15)}Z-${randomBytes(4).toString('hex')}`;
    const env = { ...environmentOf(config.backup.serverUrl ?? config.db.url!), LC_ALL: 'C' };
    const args = [
      '--pgdata=-',
      '--format=tar',
      '--wal-method=none',
      '--checkpoint=fast',
      '--no-manifest',
      '--no-password',
      '--verbose',
    ];
    const kept = await this.#o.withWriter(async (writer) => {
      const { system, segmentSize, version, database } = server;
      const own = await writer.base(
        {
          tool: { file, args, env },
          manifest: { id, system, segmentSize, startedAt, server: version, database },
        },
        (bytes) => context.progress({ done: bytes, note: { zh: '基础备份', en: 'base backup' } }),
      );
      context.signal.throwIfAborted();
      // A little later than the end: what is told as possible is.
      const [end] = await db.query<{ place: string }>('SELECT pg_current_wal_flush_lsn()::text AS place');
      const manifest = { ...own, end: end!.place, endedAt: Math.ceil(await clock()) };
      await writer.keepBase(manifest);
      return { ...manifest, files: manifest.files.length, folders: manifest.folders.length };
    });
    const bases = await this.#known(true);
    const since = Date.now() - config.backup.pointInTimeDays * DAY;
    const gone = forgottenOf(bases, this.#segments, since);
    if (gone.bases.length) await this.#o.withWriter((writer) => writer.prune([], gone.bases));
    if (gone.segments.length) await this.#archive!.forget(gone.segments as Kept[]);
    await this.#known(true);
    await deps.audit.append({
      ...{ actor: null, action: 'backup.base', object: `base/${id}`, outcome: 'ok' },
      detail: { bytes: kept.bytes, added: kept.added, forgotten: gone.bases, segments: gone.segments.length },
    });
    // What the base waits for is looked at now, not in a minute.
    void this.#looks.look();
    return kept;
  }

  /** How it stands; cheap. */
  async state(): Promise<PointState> {
    const { deps } = this.#o;
    const { config } = deps;
    if (!this.enabled) return { enabled: false };
    const bases = this.#bases?.list ?? [];
    const spans = spansOf(bases, this.#segments);
    const { ranges, gaps } = reachOf(spans);
    return {
      enabled: true,
      problem: this.#problem ?? null,
      oldest: ranges[0]?.from ?? null,
      newest: ranges.at(-1)?.to ?? null,
      behind: this.#reached === undefined ? null : Math.max(0, deps.clock.now().getTime() - this.#reached),
      gaps,
      bases: bases.length,
      segments: this.#segments.length,
      bytes: this.#segments.reduce((sum, s) => sum + s.bytes, 0),
      waiting: this.#waiting,
      retained: this.#retained,
      most: config.backup.serverKeepsMiB * 1_048_576,
      unbounded: this.#server ? this.#server.slotMiB < 0 : false,
      lost: this.#lost?.getTime() ?? null,
      restarts: this.#receiver?.restarts ?? 0,
      every: config.backup.archiveSeconds * 1000,
      days: config.backup.pointInTimeDays,
    };
  }

  /** One line for the page of operations; undefined where it is not asked for. */
  async standing() {
    const state = await this.state();
    return statement(state);
  }
}
