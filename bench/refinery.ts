/**
 * Measures refinery and libraries on a generated city: a plain load of the same files into typed tables (the yardstick, in the same
 * run), then match, facts, golden records and quality; precision and recall of the match against the city's truth; the
 * day after. Received rows are put into place without the exchange (its part has a bench of its own).
 *
 *   node --import tsx bench/refinery.ts --city <folder> [--next <folder of day two>] [--memory 4096] [--lake <file>] [--plain-join]
 *
 * The folders are made by `jingwei city generate --formats csv`.
 */
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import { catalogueTables, record, type SourceDeclaration, sourceDeclaration } from '../hub/src/catalogue/index.ts';
import { integrate, libraryTables, libraryViews } from '../hub/src/libraries/index.ts';
import { systemClock } from '../hub/src/platform/clock.ts';
import { ident, type Lake, literal, openDuckDbLake } from '../hub/src/platform/lake/index.ts';
import { receivedTable, refineryTables, refineryViews, type VersionedDeclaration } from '../hub/src/refinery/index.ts';
import { receivedTables } from '../hub/src/refinery/testing.ts';

const { values: options } = parseArgs({
  options: {
    city: { type: 'string' },
    next: { type: 'string' },
    memory: { type: 'string', default: '4096' },
    lake: { type: 'string', default: 'refinery-bench.duckdb' },
    'plain-join': { type: 'boolean', default: false },
    steps: { type: 'string', default: '20' },
  },
});
if (!options.city) throw new Error('--city is needed');

const sources = new URL('../sources/', import.meta.url).pathname;
const declarations: VersionedDeclaration[] = readdirSync(sources)
  .flatMap((owner) => readdirSync(join(sources, owner)).map((r) => join(sources, owner, r, 'source.yaml')))
  .filter((f) => existsSync(f))
  .map((f) => ({ version: 1, declaration: sourceDeclaration.parse(parse(readFileSync(f, 'utf8'))) }));

const fileOf = (folder: string, d: SourceDeclaration): string | null => {
  const at = join(folder, ...d.id.split('.'));
  const name = existsSync(at) ? readdirSync(at).find((f) => f.endsWith('.csv')) : undefined;
  return name ? join(at, name) : null;
};

/** The first line of a file. */
function headOf(file: string): string {
  const handle = openSync(file, 'r');
  const bytes = Buffer.alloc(8192);
  const n = readSync(handle, bytes, 0, bytes.length, 0);
  closeSync(handle);
  return bytes.toString('utf8', 0, n).split('\n')[0]!;
}

/** Seconds that something took, and what it answered. */
async function seconds<T>(work: () => Promise<T>): Promise<[number, T]> {
  const start = performance.now();
  const cpu = process.cpuUsage();
  const answer = await work();
  const used = process.cpuUsage(cpu);
  const wall = (performance.now() - start) / 1000;
  console.log(`    wall ${wall.toFixed(2)} s, processor ${((used.user + used.system) / 1e6).toFixed(2)} s`);
  return [wall, answer];
}

/** The yardstick: the same files into plain typed tables. */
async function plainLoad(folder: string): Promise<number> {
  const path = `${options.lake}.plain`;
  const lake = await openDuckDbLake({ path, memoryMiB: Number(options.memory) });
  const [wall] = await seconds(async () => {
    for (const { declaration: d } of declarations) {
      const file = fileOf(folder, d);
      if (file)
        await lake.define([
          `CREATE TABLE ${ident(d.id)} AS SELECT * FROM read_csv(${literal(file)}, header = true, sample_size = 20480, ignore_errors = false)`,
        ]);
    }
    await lake.define(['CHECKPOINT']);
  });
  await lake.close();
  rmSync(path);
  return wall;
}

/** Puts received rows into place as the exchange keeps them; sensitive values become tokens. */
async function receive(lake: Lake, folder: string, firstRun: number): Promise<number> {
  let run = firstRun;
  let rows = 0;
  for (const { declaration: d } of declarations) {
    const file = fileOf(folder, d);
    if (!file) continue;
    const table = receivedTable(d.id);
    const columns = d.fields.map((f) => {
      const c = ident(f.column ?? f.name);
      return `${f.protection === 'sensitive' ? `CASE WHEN ${c} <> '' THEN 'c~' || left(md5(${c}), 26) END` : c} AS ${ident(f.name)}`;
    });
    const changes = headOf(file).includes('dsc_biz_operation');
    await lake.define([
      `CREATE TABLE IF NOT EXISTS ${table} (_run INTEGER, _row INTEGER, _op VARCHAR, _ts TIMESTAMP, _leaf BLOB,
         ${d.fields.map((f) => `${ident(f.name)} VARCHAR USING COMPRESSION uncompressed`).join(', ')})`,
      `INSERT INTO ${table} SELECT ${run}, row_number() OVER (), ${changes ? 'dsc_biz_operation, try_cast(dsc_biz_timestamp AS TIMESTAMP)' : `'I', TIMESTAMP '2026-11-20'`}, NULL,
         ${columns.join(', ')} FROM read_csv(${literal(file)}, header = true, all_varchar = true, nullstr = '')${changes && d.mode === 'snapshot' ? " WHERE dsc_biz_operation <> 'D'" : ''}`,
      `INSERT INTO ex.run SELECT ${run}, ${literal(d.id)}, ${d.number}, ${literal(file)}, NULL, 0, now()::TIMESTAMP, now()::TIMESTAMP, count(*), count(*), 0, 0,
         NULL, 0, 1, '[]', 'collect', 0 FROM ${table} WHERE _run = ${run}`,
    ]);
    rows += (await lake.first<{ n: number }>(`SELECT accepted AS n FROM ex.run WHERE run = ${run}`))!.n;
    run += 1;
  }
  return rows;
}

/** Links against the truth: precision over linked rows, recall over rows of the city's enterprises; by defect. */
async function judge(lake: Lake, folder: string): Promise<void> {
  const truths = declarations
    .filter(
      ({ declaration: d }) => d.subject === 'legal-person' && existsSync(join(folder, 'truth', `${d.id}.parquet`)),
    )
    .map(
      ({ declaration: d }) =>
        `SELECT ${d.number}::SMALLINT AS class, * FROM read_parquet(${literal(join(folder, 'truth', `${d.id}.parquet`))}, union_by_name = true)`,
    );
  await lake.session(async (s) => {
    await s.run(
      `CREATE TEMP TABLE kinds AS SELECT x, (SELECT coalesce(string_agg(d, '+' ORDER BY i), 'none') FROM (SELECT unnest(['no-code','character','transposed','another','former','typed','short']) AS d, generate_subscripts([1,2,3,4,5,6,7], 1) AS i) WHERE (x >> (i - 1)) & 1 = 1) AS kind FROM range(128) r(x)`,
    );
    const names = (await s.query<{ column_name: string }>(`DESCRIBE ${truths[0]}`)).map((r) => r.column_name);
    const row = ident(names[1]!);
    await s.run(
      `CREATE TEMP TABLE truth AS SELECT class, ${row} AS "row", enterprise, defects FROM (${truths.join(' UNION ALL BY NAME ')})`,
    );
    await s.run(`CREATE TEMP TABLE same AS SELECT e.entity, t.enterprise FROM rf.entity e
      JOIN read_parquet(${literal(join(folder, 'truth', 'enterprises.parquet'))}) t ON t.uscc = e.uscc`);
    await s.run(`CREATE TEMP TABLE judged AS SELECT t.class, t."row", t.enterprise, t.defects, f.entity, s.enterprise AS given, f.fact
      FROM truth t JOIN ex.run r ON r.number = t.class AND r.run <= ${declarations.length}
      JOIN lib.fact f ON f.fact = (r.run::BIGINT << 32) | t."row" LEFT JOIN same s ON s.entity = f.entity`);
    const q = async (title: string, by: string, where = 'true') => {
      const rows = await s.query(
        `SELECT ${by}, count(*) AS rows, count(*) FILTER (entity > 0) AS linked, count(*) FILTER (entity > 0 AND given = enterprise) AS right,
           round(count(*) FILTER (entity > 0 AND given = enterprise) / greatest(1, count(*) FILTER (entity > 0)), 6) AS precision,
           round(count(*) FILTER (given = enterprise) / greatest(1, count(enterprise)), 6) AS recall FROM judged WHERE ${where} GROUP BY 1 ORDER BY rows DESC LIMIT 40`,
      );
      console.log(title);
      console.table(rows);
    };
    await q('all', "'all' AS what");
    await q('by defect', '(SELECT kind FROM kinds WHERE x = judged.defects & 127) AS defect');
    await q('rows of strangers', "'stranger' AS what", 'enterprise IS NULL');
  });
}

for (const suffix of ['', '.wal', '.plain', '.plain.wal']) rmSync(`${options.lake}${suffix}`, { force: true });
console.log('plain load');
const yardstick = await plainLoad(options.city);
const lake = await openDuckDbLake({
  path: options.lake,
  memoryMiB: Number(options.memory),
  tempDirectory: `${options.lake}.tmp`,
});
await lake.define([
  ...catalogueTables,
  ...receivedTables,
  ...refineryTables,
  ...refineryViews,
  ...libraryTables,
  ...libraryViews,
]);
await record(
  lake,
  systemClock,
  declarations.map(({ declaration }) => ({ declaration, sha256: declaration.id, folder: '' })),
);
console.log('receive');
const [, rows] = await seconds(() => receive(lake, options.city!, 1));
await lake.define(['CHECKPOINT']);
const million = rows / 1e6;
let used = process.cpuUsage();
const processor = new Map<string, number>();
/** Wall time tells little on a busy machine: the processor's time is kept beside it. */
const onStep = ({ name }: { name: string }): void => {
  const now = process.cpuUsage();
  processor.set(name, (processor.get(name) ?? 0) + (now.user + now.system - used.user - used.system) / 1000);
  used = now;
};
const run = () => {
  used = process.cpuUsage();
  processor.clear();
  return integrate({ lake, clock: systemClock, declarations: async () => declarations, onStep });
};
console.log(`integrate ${rows} rows`);
const [wall, result] = await seconds(run);
for (const s of [...result!.steps].sort((a, b) => b.ms - a.ms).slice(0, Number(options.steps)))
  console.log(
    `    ${s.ms.toFixed(0).padStart(7)} ms ${(processor.get(s.name) ?? 0).toFixed(0).padStart(7)} processor ms  ${s.name}`,
  );
console.table(await lake.query('SELECT step, round(ms)::INTEGER AS ms FROM rf.step ORDER BY finished'));
console.log(
  `plain ${(yardstick / million).toFixed(2)} s a million rows; integrate ${(wall / million).toFixed(2)} s a million rows; ratio ${(wall / yardstick).toFixed(2)}; resident ${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MiB now, ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB at most`,
);
await judge(lake, options.city);
console.table(
  await lake.query(
    `SELECT coalesce(method, 'open') AS method, count(*) AS pairs, sum(rows)::BIGINT AS rows FROM rf.pair GROUP BY 1 ORDER BY 3 DESC`,
  ),
);
console.table(
  await lake.query(
    `SELECT coalesce(method, 'open') AS method, count(*) AS rows FROM rf.row_link GROUP BY 1 ORDER BY 2 DESC`,
  ),
);
console.table(
  await lake.query('SELECT reason, count(*) AS reviews, sum(rows)::BIGINT AS rows FROM rf.review GROUP BY 1'),
);
console.table(
  await lake.query(
    'SELECT count(*) AS entities, avg(facts) AS facts, avg(quality) AS quality, sum(contradictions)::BIGINT AS contradictions FROM v.legal_person_v1',
  ),
);
for (let i = 0; i < 3; i++) {
  const start = performance.now();
  const n = (await lake.query('SELECT * FROM v.legal_person_fact_v1 WHERE entity = $e', { e: 100 + i * 777 })).length;
  console.log(`look-up of ${n} facts: ${(performance.now() - start).toFixed(1)} ms`);
}
if (options.next) {
  console.log('the day after');
  const [, changed] = await seconds(() => receive(lake, options.next!, declarations.length + 1));
  console.log(`integrate ${changed} rows`);
  const [again, second] = await seconds(run);
  for (const s of [...second!.steps].sort((a, b) => b.ms - a.ms).slice(0, Number(options.steps)))
    console.log(
      `    ${s.ms.toFixed(0).padStart(7)} ms ${(processor.get(s.name) ?? 0).toFixed(0).padStart(7)} processor ms  ${s.name}`,
    );
  console.log(`the day after took ${((100 * again) / wall).toFixed(1)} % of the full time`);
}
await lake.close();
