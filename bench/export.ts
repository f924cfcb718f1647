/**
 * Exports (and deliveries) of a grant with millions of rows, in turns with a bare COPY of the same columns of the same view to the
 * same format in the same process: seconds, processor seconds (minimum and median of several) and how far the process grows. Persons of
 * a resident register. Hardest case: every item, names and addresses masked by SQL, identity numbers joined with the vault's masks.
 * Ordinary case: public and internal items only, as most grants are.
 *
 *   node --import tsx bench/export.ts <folder> [--rows 5000000] [--memory 1024] [--times 3] [--cases csv-hardest,csv-ordinary] [--deliveries] [--out bench/results/export.json]
 *
 * Every case runs in a process of its own, first an export on a lake just opened.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import {
  Catalogue,
  EntryBook,
  entry,
  itemsOf,
  sourceDeclaration,
  takeOver,
  useCatalogue,
  useEntries,
} from '../hub/src/catalogue/index.ts';
import { libraryTables, recordSelect, recordView } from '../hub/src/libraries/index.ts';
import { auditMigrations } from '../hub/src/platform/audit/index.ts';
import { FolderBlobs } from '../hub/src/platform/blobs/index.ts';
import { systemClock } from '../hub/src/platform/clock.ts';
import { testPglite } from '../hub/src/platform/db/testing.ts';
import { ident, type Lake, literal, openDuckDbLake } from '../hub/src/platform/lake/index.ts';
import { deliverySelect, stageRows } from '../hub/src/sharing/delivery/rows.ts';
import { deliveryTables } from '../hub/src/sharing/delivery/tables.ts';
import { type ExportFormat, exportFormats, streamExport } from '../hub/src/sharing/index.ts';

const { values: options, positionals } = parseArgs({
  options: {
    rows: { type: 'string', default: '5000000' },
    memory: { type: 'string', default: '1024' },
    times: { type: 'string', default: '3' },
    out: { type: 'string' },
    only: { type: 'string' },
    cases: { type: 'string' },
    deliveries: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
const folder = positionals[0];
if (!folder) throw new Error('a folder is needed');
const ROWS = Number(options.rows);
const root = fileURLToPath(new URL('..', import.meta.url));
const declaration = sourceDeclaration.parse(
  parse(readFileSync(join(root, 'sources/gaj/resident-register/source.yaml'), 'utf8')),
);
const view = `v.${ident(recordView(declaration.id))}`;
const path = join(folder, 'export.duckdb');
const cls = {
  ...{ class: declaration.number, source: declaration.id, subject: declaration.subject },
  fields: declaration.fields.map((f, i) => ({ name: f.name, type: f.type, position: i + 1, version: 1 })),
};

const openLake = (): Promise<Lake> =>
  openDuckDbLake({ path, memoryMiB: Number(options.memory), tempDirectory: join(folder!, 'temp') });

/** The lake: facts as the libraries keep them, and what the vault knows of their identity numbers. */
async function make(): Promise<void> {
  const lake = await openLake();
  const said: Record<string, string> = {
    hk_id: `'HK' || i`,
    hh_no: `'H' || (i // 3)`,
    nm: `substr('赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨', (i % 16 + 1)::INTEGER, 1) || substr('建国志明丽华晓东海燕', (i % 9 + 1)::INTEGER, 2)`,
    id_no: `'c~' || translate(substr(md5(i::VARCHAR), 1, 26), '0189', 'wxyz')`,
    sex: `CASE WHEN i % 2 = 0 THEN '男' ELSE '女' END`,
    birth_dt: `(DATE '1940-01-01' + (i % 28000)::INTEGER)::VARCHAR`,
    relation: `CASE WHEN i % 3 = 0 THEN '户主' ELSE '子女' END`,
    hk_addr: `'浙江省慈溪市浒山街道新城大道' || (i % 900) || '号' || (i % 40) || '幢' || (i % 500) || '室'`,
    division: `'330282001'`,
    addr_cd: `'A' || (i // 4)`,
    stat: `'正常'`,
    reg_dt: `(DATE '1990-01-01' + (i % 12000)::INTEGER)::VARCHAR`,
  };
  const payload = declaration.fields.map((f) => said[f.name] ?? `''`).join(', ');
  await lake.define([
    ...libraryTables,
    ...deliveryTables,
    'CREATE SCHEMA vault',
    `INSERT INTO lib.fact SELECT 0, ${cls.class}, DATE '2026-01-01', (7::BIGINT << 32) + i, i, NULL, concat_ws(chr(31), ${payload}), 0 FROM range(1, ${ROWS + 1}) r(i)`,
    `CREATE TABLE vault.value AS SELECT ${said.id_no} AS token, '330282**********' || (i % 90 + 10) AS mask FROM range(1, ${ROWS + 1}) r(i)`,
    'CREATE VIEW v.identity_v1 AS SELECT token, mask FROM vault.value',
    `CREATE VIEW v.legal_person_fact_v1 AS SELECT f.entity, f.class, f.day, f.fact, f.record, f.amount, f.payload, (f.fact >> 32)::INTEGER AS run
       FROM (SELECT entity, class, day, fact, record, amount, payload FROM lib.fact UNION ALL SELECT entity, class, day, fact, record, amount, payload FROM lib.fact_delta) f
       LEFT JOIN lib.fact_closed x ON x.entity = f.entity AND x.fact = f.fact WHERE x.fact IS NULL`,
    `CREATE VIEW ${view} AS ${recordSelect(cls, 'v.legal_person_fact_v1', undefined, { whose: null })}`,
    'CHECKPOINT',
  ]);
  await lake.close();
}

/** What something took: seconds, processor seconds, how far the process grew. */
async function measured<T>(work: () => Promise<T>) {
  const before = process.memoryUsage.rss();
  let peak = before;
  const look = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 20);
  const cpu = process.cpuUsage();
  const start = performance.now();
  const answer = await work();
  const used = process.cpuUsage(cpu);
  clearInterval(look);
  const MB = 1 << 20;
  peak = Math.max(peak, process.memoryUsage.rss());
  return {
    answer,
    peak,
    seconds: Number(((performance.now() - start) / 1000).toFixed(2)),
    processor: Number(((used.user + used.system) / 1e6).toFixed(2)),
    grownMB: Math.round((peak - before) / MB),
  };
}

type Measure<T> = Awaited<ReturnType<typeof measured<T>>>;

function spread(values: number[]): { min: number; median: number } {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1]!, sorted[sorted.length >> 1]!];
  return { min: sorted[0]!, median: Number(((low + high) / 2).toFixed(2)) };
}

const items = declaration.fields.map((f) => f.name);
/** What most grants are of: public and internal items. */
const open = (all: readonly { name: string; protection: string }[]): string[] =>
  all.filter((i) => i.protection === 'public' || i.protection === 'internal').map((i) => i.name);
const grant = { id: 1, mark: 'ab'.repeat(16), items, plain: ['sex', 'relation', 'birth_dt'], filter: [] };
const bare: Record<ExportFormat, string> = {
  csv: 'FORMAT csv, HEADER',
  ndjson: 'FORMAT json',
  parquet: 'FORMAT parquet, COMPRESSION zstd',
};

async function one(what: string): Promise<object> {
  const lake = await openLake();
  const store = await testPglite([
    auditMigrations,
    { room: 'catalogue', folder: join(root, 'hub/src/catalogue/migrations') },
  ]);
  const sources = [{ declaration, version: 1, sha256: 'x', folder: '' }];
  const book = await new EntryBook(store.db).load();
  useEntries(store.db, book);
  useCatalogue(lake, new Catalogue(sources, [], []));
  await takeOver({ db: store.db, clock: systemClock }, book, sources);
  const shared = { entry: entry(store.db, declaration.id)!, items: itemsOf(store.db, declaration.id)! };
  const ports = { lake, folders: { data: folder } } as never;
  const copy = join(folder!, `bare.${what}`);
  try {
    if (what === 'delivery') return await deliveries(lake, ports, shared as never);
    const [format, kind] = what.split('-') as [ExportFormat, 'hardest' | 'ordinary'];
    const asked = kind === 'hardest' ? grant : { ...grant, items: open(itemsOf(store.db, declaration.id)!) };
    const run = async () => {
      let bytes = 0;
      const { chunks } = await streamExport(ports, asked, shared, format);
      for await (const chunk of chunks) bytes += chunk.length;
      return bytes;
    };
    const columns = asked.items.map((i) => ident(i)).join(', ');
    const yardstick = () =>
      lake.session((s) =>
        s.run(`COPY (SELECT ${columns} FROM ${view}) TO ${literal(copy)} (${bare[format]}, USE_TMP_FILE false)`),
      );
    const before = process.memoryUsage.rss();
    // What the engine works with, beside the blocks of the database that it keeps as long as there is room for them.
    let working = 0;
    const look = setInterval(async () => {
      const used = await lake.first<{ bytes: number }>(
        `SELECT sum(memory_usage_bytes)::BIGINT AS bytes FROM duckdb_memory() WHERE tag <> 'BASE_TABLE'`,
      );
      working = Math.max(working, Number(used?.bytes ?? 0));
    }, 200);
    const worked = () => {
      const most = Math.round(working / (1 << 20));
      working = 0;
      return most;
    };
    const workedMB = { export: 0, bare: 0 };
    const exports: Measure<number>[] = [];
    const bares: Measure<unknown>[] = [];
    // In turns, so that what else the machine does befalls both alike; the export first, on a lake just opened.
    for (let n = 0; n < Number(options.times); n += 1) {
      exports.push(await measured(run));
      workedMB.export = Math.max(workedMB.export, worked());
      bares.push(await measured(yardstick));
      workedMB.bare = Math.max(workedMB.bare, worked());
    }
    clearInterval(look);
    const told = (all: Measure<unknown>[]) => ({
      seconds: spread(all.map((m) => m.seconds)),
      processor: spread(all.map((m) => m.processor)),
    });
    const [mine, theirs] = [told(exports), told(bares)];
    const ratio = (of: 'seconds' | 'processor', by: 'min' | 'median') =>
      Number((theirs[of][by] / mine[of][by]).toFixed(2));
    return {
      ...{ format, kind, items: asked.items.length, rows: ROWS, times: exports.length },
      ...{ bytes: exports[0]!.answer, bareBytes: statSync(copy).size, export: mine, bare: theirs },
      ratio: {
        seconds: { min: ratio('seconds', 'min'), median: ratio('seconds', 'median') },
        processor: { min: ratio('processor', 'min'), median: ratio('processor', 'median') },
      },
      grownMB: {
        first: exports[0]!.grownMB,
        most: Math.round((Math.max(...exports.map((m) => m.peak)) - before) / (1 << 20)),
        bareMost: Math.round((Math.max(...bares.map((m) => m.peak)) - before) / (1 << 20)),
      },
      workedMB,
      load: loadavg().map((l) => Number(l.toFixed(1))),
    };
  } finally {
    rmSync(copy, { force: true });
    await lake.close();
    await store.end();
  }
}

/** A whole delivery, then changes after one row in a hundred came anew, in the engine and in the store of files. */
async function deliveries(lake: Lake, ports: never, shared: never): Promise<object> {
  const blobs = new FolderBlobs(join(folder!, 'blobs'));
  const file = join(folder!, 'delivery.csv');
  const deliver = (id: number, kind: 'full' | 'changes') =>
    measured(() =>
      lake.write('sharing', async (s) => {
        const staged = await stageRows(s, ports, grant as never, { id, kind }, shared);
        const select = deliverySelect(kind, staged.shown);
        await s.run(`COPY (${select.sql}) TO ${literal(file)} (FORMAT csv, HEADER)`, select.params);
        await s.run('INSERT INTO shr.delivered SELECT 1, $id, fact, digest, change FROM diff', { id });
        await s.run('DROP TABLE temp.d; DROP TABLE temp.diff');
        const { createReadStream } = await import('node:fs');
        await blobs.put(createReadStream(file) as AsyncIterable<Uint8Array>);
        rmSync(file);
        return { rows: staged.rows, added: staged.added, removed: staged.removed };
      }),
    );
  const full = await deliver(1, 'full');
  await lake.define([
    `INSERT INTO lib.fact_delta SELECT entity, class, day, fact + (1::BIGINT << 32), record, amount, payload, link FROM lib.fact WHERE fact % 100 = 0`,
    `INSERT INTO lib.fact_closed SELECT 0, ${cls.class}, fact, 8, fact + (1::BIGINT << 32), 'superseded' FROM lib.fact WHERE fact % 100 = 0`,
  ]);
  const changes = await deliver(2, 'changes');
  await lake.define(['DELETE FROM lib.fact_delta', 'DELETE FROM lib.fact_closed', 'DELETE FROM shr.delivered']);
  rmSync(join(folder!, 'blobs'), { recursive: true, force: true });
  const told = ({ answer, peak: _, ...rest }: Awaited<ReturnType<typeof deliver>>) => ({ ...rest, ...answer });
  return { deliveries: { full: told(full), changes: told(changes) } };
}

if (options.only) {
  console.log(JSON.stringify(await one(options.only)));
  process.exit(0);
}
mkdirSync(folder, { recursive: true });
if (!existsSync(path)) await make();
const results: object[] = [];
const cases = options.cases?.split(',') ?? exportFormats.flatMap((f) => [`${f}-hardest`, `${f}-ordinary`]);
for (const what of [...cases, ...(options.deliveries ? ['delivery'] : [])]) {
  const child = spawnSync(
    process.execPath,
    [
      '--import',
      'tsx',
      fileURLToPath(import.meta.url),
      folder,
      '--only',
      what,
      '--rows',
      String(ROWS),
      '--memory',
      options.memory,
      '--times',
      options.times,
    ],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const line = child.stdout.trim().split('\n').at(-1) ?? '';
  console.log(line);
  results.push(JSON.parse(line));
  // After every case: what was measured stays when a later one is ended.
  if (options.out)
    writeFileSync(
      options.out,
      `${JSON.stringify({ at: new Date().toISOString(), machine: `${cpus().length} × ${cpus()[0]?.model}`, memoryMiB: Number(options.memory), results }, null, 2)}\n`,
    );
}
