/** Gathers how the hub stands: the platform's own parts and what rooms say of theirs. */
import { statSync } from 'node:fs';
import type { Backups, Together } from '../backup/index.ts';
import type { Mirrors } from '../mirror/index.ts';
import type { Deps } from '../room.ts';
import type { SealPart } from '../seal/index.ts';
import type { DiskGuard } from './guard.ts';
import type { MemoryGuard } from './memory.ts';
import type { Observed } from './observed.ts';
import { answering, diskPart, type Part, size, spaceOf } from './parts.ts';
import { type Kept, type KeptView, keptView, ownRetention } from './retention.ts';

const HOUR = 3_600_000;

/** What the service is given. */
export interface OperationsOptions {
  deps: Deps;
  backups: Backups;
  together: Together;
  mirrors: Mirrors;
  seal: SealPart;
  observed: Observed;
  guard: DiskGuard;
  memory: MemoryGuard;
  /** What rooms say of themselves. */
  rooms: readonly { standing?(deps: Deps): Promise<Part[]>; retention?(deps: Deps): Kept[] }[];
}

/** A table by what it takes. */
export interface LargeTable {
  engine: 'lake' | 'store';
  name: string;
  rows: number;
  /** Bytes; null where the engine does not tell of single tables. */
  bytes: number | null;
}

/** The hub as its administrator sees it. */
export class Operations {
  readonly #o: OperationsOptions;

  constructor(options: OperationsOptions) {
    this.#o = options;
  }

  /** Every part, the worst first. A part that fails to say how it is, is bad. */
  async parts(): Promise<Part[]> {
    const { deps, rooms } = this.#o;
    const { db, lake, config } = deps;
    const marks = { warn: config.operations.diskWarnPercent, stop: config.operations.diskStopPercent };
    const repository = config.backup.folder;
    const own: Promise<Part | Part[]>[] = [
      answering('store', { zh: '业务库', en: 'Operational store' }, () => db.query('SELECT 1')),
      answering('lake', { zh: '数据湖', en: 'Lake' }, () => lake.query('SELECT 1')),
      Promise.resolve(diskPart('disk', { zh: '数据磁盘', en: 'Disk of the data' }, this.#o.guard.space, marks)),
      ...(repository
        ? [
            spaceOf(repository).then((space) =>
              diskPart('backup-disk', { zh: '备份磁盘', en: 'Disk of the backups' }, space, { ...marks, stop: 2 }),
            ),
          ]
        : []),
      Promise.resolve(this.#o.memory.part(config.operations.memoryWarnPercent)),
      Promise.resolve(this.#process()),
      this.#jobs(),
      this.#backups(),
      this.#o.together.standing(),
      this.#o.backups.point.standing().then((part) => part ?? []),
      this.#seals(),
      this.#mirrors(),
      this.#retention(),
      ...rooms.flatMap((room) => (room.standing ? [room.standing(deps)] : [])),
    ];
    const parts = (await Promise.allSettled(own)).flatMap((r): Part[] => {
      if (r.status === 'fulfilled') return Array.isArray(r.value) ? r.value : [r.value];
      deps.log.error({ err: r.reason }, 'a part could not say how it is');
      const title = { zh: '某一部分', en: 'A part' };
      return [
        {
          id: 'unknown',
          title,
          standing: 'bad',
          text: { zh: '无法得知情况，见日志', en: 'cannot say how it is, see the log' },
          link: null,
        },
      ];
    });
    const order = { bad: 0, warn: 1, ok: 2 };
    return parts.sort((a, b) => order[a.standing] - order[b.standing]);
  }

  #process(): Part {
    const { p99, max } = this.#o.observed.delay();
    const { rss } = process.memoryUsage();
    return {
      ...{ id: 'process', title: { zh: '进程', en: 'Process' }, link: null },
      standing: p99 > 500 ? 'bad' : p99 > 150 ? 'warn' : 'ok',
      text: {
        zh: `内存 ${size(rss)}，响应延迟 p99 ${p99} 毫秒（最大 ${max}）`,
        en: `${size(rss)} of memory, late by p99 ${p99} ms (most ${max})`,
      },
    };
  }

  async #jobs(): Promise<Part> {
    const { jobs, clock } = this.#o.deps;
    const failed = (await jobs.list({ state: 'failed', limit: 200 })).filter(
      (j) => clock.now().getTime() - Date.parse(j.finishedAt ?? j.submittedAt) < 24 * HOUR,
    );
    const [running, queued] = [
      await jobs.list({ state: 'running', limit: 200 }),
      await jobs.list({ state: 'queued', limit: 1000 }),
    ];
    return {
      ...{ id: 'jobs', title: { zh: '任务', en: 'Jobs' }, link: '/system/jobs' },
      standing: failed.length > 0 ? 'warn' : queued.length >= 1000 ? 'bad' : 'ok',
      text: {
        zh: `运行 ${running.length}，排队 ${queued.length}，24 小时内失败 ${failed.length}`,
        en: `${running.length} running, ${queued.length} waiting, ${failed.length} failed in 24 hours`,
      },
    };
  }

  async #backups(): Promise<Part> {
    const { backups, deps } = this.#o;
    const base = { id: 'backup', title: { zh: '备份', en: 'Backups' }, link: '/system/backups' };
    const fault = backups.standing();
    if (fault) {
      // A demonstration need not be backed up.
      const { title } = fault.toJSON();
      return { ...base, standing: 'warn', text: title };
    }
    const newest = (await backups.list()).at(-1);
    const age = newest ? deps.clock.now().getTime() - Date.parse(newest.at) : Number.POSITIVE_INFINITY;
    const [rehearsal] = await deps.jobs.list({ kind: 'backup.rehearse', limit: 1 });
    const failed = rehearsal?.state === 'failed';
    const hours = Math.round(age / HOUR);
    return {
      ...base,
      standing: failed || age > 72 * HOUR ? 'bad' : age > 26 * HOUR ? 'warn' : 'ok',
      text: failed
        ? { zh: '最近一次恢复演练没有通过', en: 'the last rehearsal of a restore failed' }
        : newest
          ? { zh: `最近一次在 ${hours} 小时前`, en: `the last one ${hours} hours ago` }
          : { zh: '还没有备份', en: 'there is none yet' },
    };
  }

  async #seals(): Promise<Part> {
    const { pending, sealed } = await this.#o.seal.seals.store.counts();
    const signing = this.#o.deps.config.seal.signing;
    const { fault } = this.#o.seal.seals;
    return {
      ...{ id: 'seal', title: { zh: '签封', en: 'Seals' }, link: '/trust' },
      standing: fault || pending > 100_000 ? 'bad' : pending > 10_000 || !signing ? 'warn' : 'ok',
      text: fault
        ? { zh: `待签 ${pending}，签名停止：${fault.zh}`, en: `${pending} wait, nothing is signed: ${fault.en}` }
        : { zh: `已签 ${sealed}，待签 ${pending}`, en: `${sealed} sealed, ${pending} wait` },
    };
  }

  async #mirrors(): Promise<Part> {
    const states = await this.#o.mirrors.states();
    const waiting = states.reduce((sum, m) => sum + m.waiting, 0);
    const broken = states.filter((m) => !m.whole).length;
    return {
      ...{ id: 'mirrors', title: { zh: '镜像', en: 'Mirrors' }, link: null },
      standing: broken > 0 || waiting > 100_000 ? 'warn' : 'ok',
      text: { zh: `${states.length} 个，待同步 ${waiting} 行`, en: `${states.length}, ${waiting} rows wait` },
    };
  }

  /** How long what is kept, and whether it is so: the platform's own records, then those of rooms. */
  async retention(): Promise<KeptView[]> {
    const { deps, rooms } = this.#o;
    const all = [...ownRetention(deps), ...rooms.flatMap((room) => room.retention?.(deps) ?? [])];
    return Promise.all(all.map((kept) => keptView(kept, deps.clock.now())));
  }

  /** What is kept longer or shorter than it may be, as one line. */
  async #retention(): Promise<Part> {
    const all = await this.retention();
    const wrong = all.filter((kept) => kept.standing !== 'ok');
    return {
      ...{ id: 'retention', title: { zh: '保存期限', en: 'Retention' }, link: null },
      standing: wrong.length > 0 ? 'warn' : 'ok',
      text: wrong.length
        ? {
            zh: `与期限不符：${wrong.map((w) => w.title.zh).join('、')}`,
            en: `not as it should be: ${wrong.map((w) => w.title.en).join(', ')}`,
          }
        : { zh: `${all.length} 类记录均按期限保存`, en: `${all.length} kinds of records are kept as they should be` },
    };
  }

  /** The tables that take most, of both engines. */
  async tables(limit = 15): Promise<LargeTable[]> {
    const { db, lake } = this.#o.deps;
    const store = await db.query<{ name: string; rows: number; bytes: number }>(
      `SELECT n.nspname || '.' || c.relname AS name, greatest(c.reltuples, 0)::bigint AS rows, pg_total_relation_size(c.oid)::bigint AS bytes
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') ORDER BY 3 DESC LIMIT $1`,
      [limit],
    );
    const own = await lake.query<{ name: string; rows: number }>(
      `SELECT schema_name || '.' || table_name AS name, estimated_size AS rows FROM duckdb_tables() WHERE NOT temporary
        ORDER BY estimated_size DESC LIMIT ${limit}`,
    );
    return [
      ...store.map((t): LargeTable => ({ ...t, engine: 'store' })),
      ...own.map((t): LargeTable => ({ ...t, engine: 'lake', bytes: null })),
    ];
  }

  /** Bytes of the lake's file and of its log. */
  lakeBytes(): { file: number; log: number } {
    const of = (path: string) => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    const { path } = this.#o.deps.lake;
    return { file: of(path), log: of(`${path}.wal`) };
  }

  /** Who is signed in: how many people and sessions; never who. */
  async present(): Promise<{ accounts: number; sessions: number }> {
    const { db, clock } = this.#o.deps;
    const [row] = await db.query<{ accounts: number; sessions: number }>(
      `SELECT count(DISTINCT account)::int AS accounts, count(*)::int AS sessions FROM auth.session
        WHERE ended_at IS NULL AND ends_at > $1 AND last_seen > $1::timestamptz - interval '30 minutes'`,
      [clock.now()],
    );
    return row!;
  }

  get observed(): Observed {
    return this.#o.observed;
  }
}
