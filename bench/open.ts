/**
 * How well personal data is found in values: every text and number column of the synthetic city's departments is looked through by the
 * check before opening, without its declaration, and held against what the declarations say that it is.
 *
 *   node --import tsx bench/open.ts [rows]
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generateCity } from '@jingwei/synthcity';
import { loadSources } from '../hub/src/catalogue/index.ts';
import { ident, literal, openDuckDbLake } from '../hub/src/platform/lake/index.ts';
import type { PersonalKind } from '../hub/src/publishing/check/patterns.ts';
import { ColumnJudge } from '../hub/src/publishing/check/scan.ts';

const rows = Number(process.argv[2] ?? 20_000);
const out = mkdtempSync(join(tmpdir(), 'jingwei-bench-open-'));
/** What a declared format is found as. */
const TRUTH: Record<string, PersonalKind[]> = {
  ...{
    'citizen-id': ['citizen-id'],
    phone: ['phone', 'fixed-phone'],
    'person-name': ['name'],
    email: ['email'],
    address: ['door'],
  },
};
const judged: PersonalKind[] = ['citizen-id', 'phone', 'name', 'door', 'email', 'bank-card', 'plate', 'passport'];

try {
  await generateCity({
    out,
    rows,
    seed: 1,
    today: '2026-11-21',
    truth: false,
    population: true,
    economy: true,
    memoryMiB: 1024,
  });
  const { sources } = await loadSources(fileURLToPath(new URL('../sources', import.meta.url)));
  const lake = await openDuckDbLake({ path: ':memory:' });
  const tally = new Map(judged.map((k) => [k, { hit: 0, missed: [] as string[], wrong: [] as string[] }]));
  let columns = 0;
  let values = 0;
  let ms = 0;
  for (const { declaration: d } of sources) {
    const folder = join(out, ...d.id.split('.'));
    let files: string[] = [];
    try {
      files = readdirSync(folder).filter((f) => f.endsWith('.csv'));
    } catch {
      continue;
    }
    // GB 18030 files are left to the exchange; the engine reads UTF-8.
    if (files.length === 0 || (d.transport.kind === 'file' && d.transport.encoding !== 'utf-8')) continue;
    const from = `read_csv(${literal(join(folder, '*.csv'))}, all_varchar = true, header = true, union_by_name = true, ignore_errors = true)`;
    const there = new Set(
      (await lake.query<{ column_name: string }>(`DESCRIBE SELECT * FROM ${from}`)).map((c) => c.column_name),
    );
    for (const f of d.fields) {
      const column = [f.column, f.name, f.title.zh].find((c) => c !== undefined && there.has(c));
      if (column === undefined || f.type === 'date' || f.type === 'datetime' || f.type === 'boolean' || f.unit)
        continue;
      if (['wkt', 'longitude', 'latitude', 'amount'].includes(f.format ?? '')) continue;
      const judge = new ColumnJudge(
        `${f.title.zh} ${f.title.en}`,
        f.format === 'company-name' || f.format === 'uscc' || f.format === 'division' ? f.format : undefined,
      );
      const begun = performance.now();
      let any = 0;
      for await (const batch of lake.stream<{ v: string; c: number }>(
        `SELECT ${ident(column)} AS v, count(*)::INTEGER AS c FROM ${from} WHERE ${ident(column)} <> '' GROUP BY 1`,
      ))
        for (const { v, c } of batch) {
          judge.take(v, c, 0);
          any++;
        }
      ms += performance.now() - begun;
      if (any === 0) continue;
      columns++;
      values += any;
      const found = new Set(judge.findings().map((x) => x.kind));
      const truth = TRUTH[f.format ?? ''] ?? [];
      for (const kind of judged) {
        const own = tally.get(kind)!;
        const is = truth.includes(kind) || (kind === 'phone' && truth.includes('phone') && found.has('fixed-phone'));
        const was = found.has(kind) || (kind === 'phone' && truth.includes('phone') && found.has('fixed-phone'));
        if (is && was) own.hit++;
        else if (is) own.missed.push(`${d.id}.${f.name}`);
        else if (was) own.wrong.push(`${d.id}.${f.name}`);
      }
    }
  }
  console.log(
    `columns ${columns}, distinct values ${values}, ${Math.round(values / (ms / 1000))} values a second (wall clock, reading included)`,
  );
  for (const [kind, { hit, missed, wrong }] of tally) {
    if (hit + missed.length + wrong.length === 0) continue;
    const recall = hit + missed.length ? (hit / (hit + missed.length)).toFixed(3) : '-';
    const precision = hit + wrong.length ? (hit / (hit + wrong.length)).toFixed(3) : '-';
    console.log(
      `${kind.padEnd(12)} recall ${recall}  precision ${precision}  found ${hit}  missed ${missed.join(' ') || 0}  beside ${wrong.join(' ') || 0}`,
    );
  }
  await lake.close();
} finally {
  rmSync(out, { recursive: true, force: true });
}
