/**
 * The yardstick of the library bench: what DuckDB alone needs to load the same files, typed, in order, on disk, with two
 * threads, into one plain table per class. Rows with a value that its type refuses are left out (which only makes the
 * yardstick faster). Prints one JSON line.
 *
 *   node --import tsx bench/cixi/yardstick.ts <city folder> <database file>
 */
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { parse } from 'yaml';

const TYPES: Record<string, string> = {
  text: 'VARCHAR',
  integer: 'BIGINT',
  decimal: 'DECIMAL(18,2)',
  date: 'DATE',
  datetime: 'TIMESTAMP',
  boolean: 'BOOLEAN',
};

interface Declared {
  id: string;
  mode: string;
  fields: { name: string; column?: string; type: string }[];
}

/** The delivered CSV files of a generated city with their declarations, the largest first. */
export function delivered(city: string, sources: string): { source: Declared; file: string; bytes: number }[] {
  const found: { source: Declared; file: string; bytes: number }[] = [];
  for (const owner of readdirSync(sources)) {
    for (const resource of readdirSync(join(sources, owner))) {
      const folder = join(city, owner, resource);
      if (!existsSync(folder)) continue;
      const source = parse(readFileSync(join(sources, owner, resource, 'source.yaml'), 'utf8')) as Declared;
      for (const name of readdirSync(folder).filter((n) => n.endsWith('.csv'))) {
        const file = join(folder, name);
        found.push({ source, file, bytes: statSync(file).size });
      }
    }
  }
  return found.sort((a, b) => b.bytes - a.bytes);
}

async function main(city: string, database: string): Promise<void> {
  rmSync(database, { force: true });
  rmSync(`${database}.wal`, { force: true });
  const instance = await DuckDBInstance.create(database, { threads: '2', memory_limit: '4096MiB' });
  const c = await instance.connect();
  const files = delivered(city, 'sources');
  const start = performance.now();
  let rows = 0;
  for (const { source, file } of files) {
    const columns = source.fields.map((f) => [f.column ?? f.name, TYPES[f.type] ?? 'VARCHAR'] as const);
    if (source.mode === 'changes') columns.push(['dsc_biz_operation', 'VARCHAR'], ['dsc_biz_timestamp', 'TIMESTAMP']);
    const spec = columns.map(([n, t]) => `'${n}': '${t}'`).join(', ');
    const table = source.id.replaceAll(/[.-]/g, '_');
    const result = await c.run(
      `CREATE OR REPLACE TABLE ${table} AS SELECT * FROM read_csv('${file}', header = true, columns = {${spec}}, auto_detect = false, delim = ',', quote = '"', ignore_errors = true)`,
    );
    rows += Number((await result.getRows())[0]?.[0] ?? 0);
  }
  await c.run('CHECKPOINT');
  const seconds = (performance.now() - start) / 1000;
  c.closeSync();
  instance.closeSync();
  const bytes = files.reduce((n, f) => n + f.bytes, 0);
  process.stdout.write(
    `${JSON.stringify({ seconds, rows, bytes, classes: files.length, cpuSeconds: (process.cpuUsage().user + process.cpuUsage().system) / 1e6, peakMiB: process.resourceUsage().maxRSS / 1024, databaseMiB: statSync(database).size / 2 ** 20 })}\n`,
  );
}

if (process.argv[1]?.endsWith('yardstick.ts')) {
  const [city, database] = process.argv.slice(2);
  if (!city || !database) throw new Error('usage: yardstick.ts <city folder> <database file>');
  await main(city, database);
}
