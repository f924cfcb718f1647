/** Figures of /metrics that tell of several parts at once; each room adds its own beside them. */
import type { Config } from './config.ts';
import type { Backups } from './platform/backup/index.ts';
import type { Db } from './platform/db/index.ts';
import { gauge, type Metrics } from './platform/http/index.ts';
import type { Lake } from './platform/lake/index.ts';
import { matterCounts } from './platform/notices/index.ts';
import type { DiskGuard, Operations } from './platform/operations/index.ts';
import type { Exporter } from './platform/telemetry/index.ts';

/** Milliseconds for which what is costly to ask is remembered between two readings. */
const REMEMBERED = 60_000;
const MEMORY = 5_000;

/** What figures are read from. */
export interface FigureSources {
  metrics: Metrics;
  db: Db;
  lake: Lake;
  config: Config;
  backups: Backups;
  operations: Operations;
  guard: DiskGuard;
  exporter: Exporter | undefined;
  /** Names of the rooms of this hub. */
  rooms: readonly string[];
}

/** Adds the figures. One that cannot be read is left out of the answer, and everything else is told. */
export function addFigures({
  metrics,
  db,
  lake,
  config,
  backups,
  operations,
  guard,
  exporter,
  rooms,
}: FigureSources): void {
  gauge(metrics, 'jingwei_disk_free_ratio', 'Share of the disk of the data that is free, 0 to 1', () => {
    const { space } = guard;
    return space && space.total > 0 ? space.free / space.total : Number.NaN;
  });
  gauge(
    metrics,
    'jingwei_lake_memory_bytes',
    'What the engine of the lake holds in memory, by what it holds it for',
    remembered(
      async () =>
        Object.fromEntries(
          (
            await lake.query<{ tag: string; bytes: number }>(
              'SELECT lower(tag) AS tag, memory_usage_bytes::DOUBLE AS bytes FROM duckdb_memory() WHERE memory_usage_bytes > 0',
            )
          ).map(({ tag, bytes }) => [tag, bytes]),
        ),
      {},
      MEMORY,
    ),
    'tag',
  );
  gauge(
    metrics,
    'jingwei_store_memory_bytes',
    'What the embedded operational store holds in memory: the database, and JavaScript around it',
    async () => ({ ...(await db.memory().catch(() => undefined)) }),
    'part',
  );
  gauge(
    metrics,
    'jingwei_part_standing',
    'How each part of the hub stands: 0 fine, 1 look at it today, 2 now',
    remembered(async () => {
      const parts = await operations.parts();
      return Object.fromEntries(parts.map((part) => [part.id, { ok: 0, warn: 1, bad: 2 }[part.standing]]));
    }, {}),
    'part',
  );
  if (config.backup.folder)
    gauge(
      metrics,
      'jingwei_backup_newest_seconds',
      'When the newest backup was taken, in Unix seconds; 0: there is none',
      remembered(async () => {
        const newest = backups.standing() ? undefined : (await backups.list()).at(-1);
        return newest ? Date.parse(newest.at) / 1000 : 0;
      }, Number.NaN),
    );
  gauge(
    metrics,
    'jingwei_notice_matters',
    'Open matters of notices: all, not dispatched yet, without anybody to tell',
    async () => ({ ...(await matterCounts(db)) }),
    'state',
  );
  if (rooms.includes('exchange')) {
    gauge(
      metrics,
      'jingwei_exchange_rows',
      'Rows received so far by what became of them',
      remembered(async () => {
        const row = await lake.first<Record<string, number>>(
          `SELECT coalesce(sum(accepted), 0)::DOUBLE AS accepted, coalesce(sum(quarantined), 0)::DOUBLE AS quarantined,
             coalesce(sum(duplicate), 0)::DOUBLE AS duplicate FROM v.run_v1`,
        );
        return row ?? {};
      }, {}),
      'outcome',
    );
    gauge(
      metrics,
      'jingwei_exchange_newest_run_seconds',
      'When the newest run was finished, in Unix seconds; 0: there is none',
      remembered(async () => {
        const row = await lake.first<{ at: number | null }>('SELECT epoch(max(finished))::DOUBLE AS at FROM v.run_v1');
        return row?.at ?? 0;
      }, Number.NaN),
    );
  }
  if (exporter)
    gauge(
      metrics,
      'jingwei_trace_spans',
      'Spans since the start by what became of them',
      () => ({ ...exporter.counts }),
      'outcome',
    );
}

/** Reads at most once in a while; what fails tells `otherwise`, and is tried again the next time. */
function remembered<T>(read: () => Promise<T>, otherwise: T, during = REMEMBERED): () => Promise<T> {
  let known: { at: number; value: T } | undefined;
  return async () => {
    if (known && performance.now() - known.at < during) return known.value;
    try {
      known = { at: performance.now(), value: await read() };
      return known.value;
    } catch {
      known = undefined;
      return otherwise;
    }
  };
}
