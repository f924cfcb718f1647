/**
 * Precision and recall of matching against the city's truth, over every accepted row of every class about legal persons,
 * beside a naive exact join (code, else name, as written).
 *
 *   node --import tsx bench/cixi/accuracy.ts <city folder> <data folder> [truth]
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { openDuckDbLake } from '../../hub/src/platform/lake/index.ts';

const [city, data, truth = 'truth'] = process.argv.slice(2);
if (!city || !data) throw new Error('usage: accuracy.ts <city folder> <data folder>');

interface Declared {
  id: string;
  number: number;
  subject: string;
  fields: { name: string; role?: string }[];
}

const sources = readdirSync('sources')
  .flatMap((owner) => readdirSync(join('sources', owner)).map((r) => join('sources', owner, r, 'source.yaml')))
  .map((f) => parse(readFileSync(f, 'utf8')) as Declared)
  .filter((d) => d.subject === 'legal-person' && d.number <= 199);

const lake = await openDuckDbLake({ path: join(data, 'lake', 'lake.duckdb'), memoryMiB: 5000 });
const enterprises = `read_parquet('${join(city, truth, 'enterprises.parquet')}')`;
const total = { rows: 0, about: 0, linked: 0, right: 0, naive: 0, naiveRight: 0 };
await lake.session(async (s) => {
  // Which true enterprise an entity is: by the code that its golden record bears.
  await s.run(
    `CREATE TEMP TABLE e AS SELECT g.entity, t.enterprise FROM v.legal_person_v1 g JOIN ${enterprises} t ON t.uscc = g.uscc`,
  );
  await s.run(`CREATE TEMP TABLE codes AS SELECT uscc AS code, enterprise FROM ${enterprises}`);
  await s.run(
    `CREATE TEMP TABLE names AS SELECT name, min(enterprise) AS enterprise FROM ${enterprises} GROUP BY name HAVING count(*) = 1`,
  );
  for (const d of sources) {
    const code = d.fields.find((f) => f.role === 'uscc')?.name;
    const name = d.fields.find((f) => f.role === 'name')?.name;
    const t = `read_parquet('${join(city, truth, `${d.id}.parquet`)}')`;
    const first = `(SELECT min(run) FROM v.run_v1 WHERE source = '${d.id}')`;
    const r = await s.first<Record<string, number>>(
      `SELECT count(*) AS rows, count(t.enterprise) AS about, count(*) FILTER (f.entity > 0) AS linked,
              count(*) FILTER (f.entity > 0 AND e.enterprise = t.enterprise) AS right
       FROM (SELECT entity, (fact & 4294967295)::BIGINT AS row FROM v.legal_person_fact_all_v1
             WHERE class = ${d.number} AND (fact >> 32) = ${first}) f
       JOIN ${t} t ON t.row = f.row LEFT JOIN e ON e.entity = f.entity`,
    );
    const n = await s.first<Record<string, number>>(
      `SELECT count(*) FILTER (coalesce(c.enterprise, m.enterprise) IS NOT NULL) AS naive,
              count(*) FILTER (coalesce(c.enterprise, m.enterprise) = t.enterprise) AS right
       FROM raw.${d.id.replaceAll(/[.-]/g, '_')} x JOIN ${t} t ON t.row = x._row
       LEFT JOIN codes c ON c.code = ${code ? `x."${code}"` : 'NULL'} LEFT JOIN names m ON m.name = ${name ? `x."${name}"` : 'NULL'}
       WHERE x._run = ${first}`,
    );
    total.rows += r!.rows!;
    total.about += r!.about!;
    total.linked += r!.linked!;
    total.right += r!.right!;
    total.naive += n!.naive!;
    total.naiveRight += n!.right!;
  }
});
await lake.close();
process.stdout.write(
  `${JSON.stringify({
    classes: sources.length,
    ...total,
    precision: total.right / total.linked,
    recall: total.right / total.about,
    naivePrecision: total.naiveRight / total.naive,
    naiveRecall: total.naiveRight / total.about,
  })}\n`,
);
