/**
 * Opens a restored data folder in a process of its own and checks it: every receipt, every tree of received rows, every seal, every table of
 * the operational store. No room is started: nothing is sent, collected or changed. The settings come as one line of JSON on standard
 * input, the report goes as one line of JSON to standard output. When standard input ends before, whoever asked is gone, and so is this.
 *
 *   node --import tsx hub/src/rehearse-main.ts <folder>
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { checkExchange, className } from './exchange/index.ts';
import { migrationSets } from './migrations.ts';
import { Audit } from './platform/audit/index.ts';
import { restoreRows, type Verified } from './platform/backup/index.ts';
import { systemClock } from './platform/clock.ts';
import { configSchema } from './platform/config/index.ts';
import { migrate, openDb } from './platform/db/index.ts';
import { createMetrics } from './platform/http/index.ts';
import { Jobs } from './platform/jobs/index.ts';
import { openDuckDbLake } from './platform/lake/index.ts';
import { createLogger } from './platform/log/index.ts';
import { Problem } from './platform/problem.ts';
import { checkSeals, sealPart } from './platform/seal/index.ts';

/** Checks a restored folder. `config` is the hub's own; of it only what sealing and the lake need is used. */
async function rehearse(folder: string, given: unknown): Promise<Verified> {
  const config = configSchema.parse(given);
  const log = createLogger({ level: 'fatal' });
  const problems: Problem[] = [];
  // Rows of a server are loaded into the embedded engine of the folder: nothing outside is touched.
  if (existsSync(join(folder, 'rows'))) await restoreRows(folder, { folder }, (db) => migrate(db, migrationSets()));
  const db = await openDb({ kind: 'pglite', folder: join(folder, 'pg') });
  const lake = await openDuckDbLake({
    ...{ path: join(folder, 'lake', 'lake.duckdb'), tempDirectory: join(folder, 'lake', 'temp') },
    ...{ memoryMiB: Math.min(1024, config.lake.memoryMiB), threads: 1 },
  });
  try {
    const tables = new Set(
      (
        await lake.query<{ name: string }>("SELECT table_name AS name FROM duckdb_tables() WHERE schema_name = 'raw'")
      ).map((t) => t.name),
    );
    const received = tables.size
      ? await checkExchange(lake, { sources: { has: (id: string) => tables.has(className(id)) } }, { trees: true })
      : { runs: 0, rows: 0, problems: [] };
    problems.push(...received.problems);
    const jobs = new Jobs({ db, clock: systemClock, log });
    const part = sealPart({
      ...{ db, clock: systemClock, log, jobs, audit: new Audit(db, systemClock), metrics: createMetrics() },
      ...{ data: folder, keys: join(folder, 'keys'), config: { ...config.seal, signing: false } },
      ...{ city: config.city, cityName: undefined, publicUrl: null, secretKey: Buffer.alloc(32) },
    });
    let seals = 0;
    try {
      const checked = await checkSeals({
        ...{ data: folder, store: part.seals.store, anchors: () => part.seals.anchors(), mend: true },
        email: config.seal.parent?.email ?? config.seal.email,
      });
      seals = checked.seals;
      problems.push(...checked.problems);
    } finally {
      await part.stop();
    }
    const own = await db.query<{ schema: string; name: string }>(
      `SELECT schemaname AS schema, tablename AS name FROM pg_tables
        WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2`,
    );
    let records = 0;
    for (const { schema, name } of own)
      records += (await db.query<{ n: number }>(`SELECT count(*)::int AS n FROM "${schema}"."${name}"`))[0]!.n;
    const shown = problems.map((p) => ({ code: p.kind.code, ...p.toJSON().title }));
    return { runs: received.runs, rows: received.rows, seals, records, problems: shown };
  } finally {
    await db.close();
    await lake.close();
  }
}

const settings = await new Promise<string>((resolve) => {
  const lines = createInterface({ input: process.stdin });
  lines.once('line', resolve);
  lines.once('close', () => process.exit(1));
});
const report = await rehearse(process.argv[2]!, JSON.parse(settings)).catch((error: unknown) => {
  const title = error instanceof Problem ? error.toJSON().title : undefined;
  const { message } = error as Error;
  const problem = {
    code: error instanceof Problem ? error.kind.code : 'backup.unreadable',
    zh: title?.zh ?? `恢复出的数据打不开：${message}`,
    en: title?.en ?? `the restored data cannot be opened: ${message}`,
  };
  return { runs: 0, rows: 0, seals: 0, records: 0, problems: [problem] } satisfies Verified;
});
process.stdout.write(`${JSON.stringify(report)}\n`);
process.exit(0);
