/**
 * How far the linkage engine gets with what keys and rules leave open: precision and recall of the library of persons on a generated city, before and after.
 *
 *   npx tsx bench/linkage/library.ts [seed] [rows] [enterprises]
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateCity, populationClasses } from '@jingwei/synthcity';
import { libraryPlan } from '../../hub/src/libraries/base/index.ts';
import { declared, openBase, receiveFile } from '../../hub/src/libraries/base/testing.ts';
import { integrate } from '../../hub/src/libraries/integrate.ts';
import { loadLinkages } from '../../hub/src/libraries/linkage/declaration.ts';
import { learn } from '../../hub/src/libraries/linkage/learn.ts';
import { plansOf } from '../../hub/src/libraries/linkage/plans.ts';
import { proposer } from '../../hub/src/libraries/linkage/propose.ts';
import { linkageTables } from '../../hub/src/libraries/linkage/tables.ts';
import { putInForce } from '../../hub/src/libraries/linkage/versions.ts';
import { ManualClock } from '../../hub/src/platform/clock.ts';

const [seed, rows, enterprises] = [11, 20_000, 3_000].map((d, i) => Number(process.argv[2 + i] ?? d)) as [
  number,
  number,
  number,
];
const out = mkdtempSync(join(tmpdir(), 'jingwei-linkage-'));
const classes = ['scjg.market-entity', ...populationClasses.map((c) => c.id)];
await generateCity({
  seed,
  rows,
  enterprises,
  out,
  population: true,
  target: { kind: 'files', formats: 'csv' },
  classes,
});
const of = await declared();
const lake = await openBase(of, ':memory:', 2);
await lake.define(linkageTables);
for (const [i, id] of classes.entries()) {
  const folder = join(out, ...id.split('.'));
  await receiveFile(
    lake,
    of.sources.find((s) => s.declaration.id === id)!.declaration,
    i + 1,
    join(folder, readdirSync(folder)[0]!),
  );
}
const folder = new URL('../../libraries', import.meta.url).pathname;
const linkage = loadLinkages(
  folder,
  of.libraries.map((l) => l.declaration),
).linkages[0]!;
const clock = new ManualClock('2026-11-21T00:00:00Z');
const options = { lake, clock, declarations: async () => of.sources, base: of.libraries, propose: proposer([linkage]) };
const truth = (name: string) => `read_parquet('${out}/truth/${name}.parquet')`;
const known = `SELECT DISTINCT l.entity, t.person AS truth FROM lib.base_link l JOIN lib.base_mention m USING (library, source, fact)
  JOIN (SELECT row, person, 302 AS class FROM ${truth('gaj.resident-register')} UNION ALL SELECT row, person, 301 FROM ${truth('gaj.floating-population')}) t
    ON t.row = l.fact & 4294967295 AND t.class = m.class WHERE l.library = 1 AND m.anchor`;

/** Rows of sources that speak of one person: how many were given, and rightly. Marriages are left out: their truth is by couple. */
async function measure() {
  const all = { rows: 0, linked: 0, right: 0, model: 0, modelRight: 0 };
  for (const [i, s] of linkage.library.sources.entries()) {
    if (s.mention !== 'self') continue;
    const r = await lake.first<typeof all>(
      `WITH ent AS (${known}) SELECT count(*) AS rows, count(l.entity) AS linked, count(*) FILTER (x.truth = t.person) AS "right",
         count(*) FILTER (l.method LIKE 'model %') AS model, count(*) FILTER (l.method LIKE 'model %' AND x.truth = t.person) AS "modelRight"
       FROM lib.base_link l LEFT JOIN ent x ON x.entity = l.entity JOIN ${truth(s.source)} t ON t.row = l.fact & 4294967295 WHERE l.library = 1 AND l.source = ${i + 1}`,
    );
    for (const k of Object.keys(all) as (keyof typeof all)[]) all[k] += r![k];
  }
  return { ...all, precision: all.right / all.linked, recall: all.right / all.rows };
}

await integrate(options);
const before = await measure();
const library = libraryPlan(
  of.libraries.find((l) => l.declaration.library === 'person')!,
  await plansOf(lake, of.sources),
);
const { version, measure: expected } = await learn({ lake, clock, library, linkage, by: null });
await putInForce(lake, clock, library.number, version, null);
await integrate(options);
process.stdout.write(
  `${JSON.stringify({ seed, rows, enterprises, before, after: await measure(), expected }, null, 2)}\n`,
);
await lake.close();
rmSync(out, { recursive: true });
