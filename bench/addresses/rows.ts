/**
 * Rows with nothing but an address, on the known truth of a synthetic city: how many find their dwelling or building by the keys of places,
 * how many more by reading the address, and how many of both wrongly. Rows that still say where somebody lived before are left out.
 * Run: `node --import tsx bench/addresses/rows.ts <folder of a city generated with --population --formats csv> [--write]`; `--write` keeps the
 * figures in bench/results/address-rows.json.
 */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { declared, openBase, receiveFile } from '../../hub/src/libraries/base/testing.ts';
import { integrate } from '../../hub/src/libraries/integrate.ts';
import { ManualClock } from '../../hub/src/platform/clock.ts';
import { populationClasses, populationDefectNames } from '../../packages/synthcity/src/index.ts';

const out = process.argv[2];
if (!out) throw new Error('which folder of a city?');
const of = await declared();
const lake = await openBase(of);
let run = 0;
for (const id of ['scjg.market-entity', ...populationClasses.map((c) => c.id)]) {
  const folder = join(out, ...id.split('.'));
  if (!existsSync(folder)) continue;
  const { declaration } = of.sources.find((s) => s.declaration.id === id)!;
  await receiveFile(lake, declaration, ++run, join(folder, readdirSync(folder)[0]!));
}
const before = process.cpuUsage();
const done = await integrate({
  lake,
  clock: new ManualClock('2026-11-21T00:00:00Z'),
  declarations: async () => of.sources,
  base: of.libraries,
});
const used = process.cpuUsage(before);
const truth = (name: string) => `read_parquet('${join(out, 'truth', `${name}.parquet`).replaceAll("'", "''")}')`;
const stale = 1 << populationDefectNames.indexOf('address-stale');
const asked = [
  ['dwelling', 'gaj.floating-population'],
  ['dwelling', 'gaj.resident-register'],
  ['dwelling', 'ybj.insured-person'],
  ['dwelling', 'jyj.pupil'],
  ['dwelling', 'mzj.grid-visit'],
  ['dwelling', 'zrzy.dwelling-ownership'],
  ['building', 'zrzy.place-name'],
] as const;
const rows: Record<string, unknown>[] = [];
for (const [library, id] of asked) {
  const d = of.libraries.find((l) => l.declaration.library === library)!.declaration;
  const source = d.sources.findIndex((s) => s.source === id) + 1;
  rows.push({
    library,
    source: id,
    ...(await lake.first<Record<string, number>>(
      `WITH x AS (SELECT e.entity, t.${library} AS truth FROM lib.base_entity e JOIN ${truth(`population-${library}s`)} t ON t.code = e."key" WHERE e.library = ${d.number}),
       l AS (SELECT b.*, b.method LIKE 'address-model%' AS read FROM lib.base_link b WHERE b.library = ${d.number} AND b.source = ${source} AND b.closed_run IS NULL)
       SELECT count(*)::INTEGER AS rows, count(*) FILTER (l.entity IS NOT NULL AND NOT read)::INTEGER AS "byKeys", count(*) FILTER (NOT read AND x.truth <> t.${library})::INTEGER AS "byKeysWrong",
         count(*) FILTER (read)::INTEGER AS "byReading", count(*) FILTER (read AND x.truth <> t.${library})::INTEGER AS "byReadingWrong", count(*) FILTER (l.entity IS NULL)::INTEGER AS open
       FROM l JOIN ${truth(id)} t ON t.row = l.fact & 4294967295 LEFT JOIN x ON x.entity = l.entity WHERE t.defects & ${stale} = 0`,
    )),
  });
}
const sum = (name: string) => rows.reduce((n, r) => n + Number(r[name]), 0);
const seats = await lake.first(
  `SELECT count(*)::INTEGER AS enterprises, count(entity)::INTEGER AS "inABuilding", count(*) FILTER (method LIKE 'address-model%')::INTEGER AS "byReading", count(*) FILTER (method LIKE '%ambiguous')::INTEGER AS ambiguous
   FROM lib.base_link WHERE library = 3 AND fact < 0`,
);
const texts = await lake.first(
  'SELECT count(*)::INTEGER AS read, count(entity)::INTEGER AS found FROM lib.base_address',
);
const report = {
  measured: new Date().toISOString().slice(0, 10),
  machine: `${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version.slice(1)}`,
  rows,
  inAll: {
    ...Object.fromEntries(
      ['rows', 'byKeys', 'byKeysWrong', 'byReading', 'byReadingWrong', 'open'].map((n) => [n, sum(n)]),
    ),
    wrongShareOfReadings: sum('byReading') ? sum('byReadingWrong') / sum('byReading') : 0,
  },
  enterprises: seats,
  distinctTexts: texts,
  cpuSeconds: Math.round((used.user + used.system) / 1e4) / 100,
  steps: (done?.steps ?? [])
    .filter((s) => /read|within|inside|areas|measure/.test(s.name))
    .map((s) => ({ step: s.name, ms: Math.round(s.ms) })),
};
await lake.close();
console.log(JSON.stringify(report, null, 2));
if (process.argv.includes('--write'))
  writeFileSync(new URL('../results/address-rows.json', import.meta.url), `${JSON.stringify(report, null, 2)}\n`);
