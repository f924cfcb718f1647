/** Truth tables beside the files: who is there, and which rows are about whom. */
import { join } from 'node:path';
import { census } from './city/enterprises.ts';
import { defectNames } from './defects.ts';
import type { Engine } from './engine.ts';
import type { ClassModel } from './model.ts';
import type { ClassSql } from './rows.ts';
import { list, text } from './sql.ts';

/** What the truth depends on. */
export interface TruthOptions {
  enterprises: number;
  day: 1 | 2;
  /** ISO date of the delivery. */
  delivered: string;
}

/**
 * Writes the truth of the city: `enterprises`, `people`, `households`, `buildings`, `roads`, `former-names`,
 * `shareholders`, `officers`, `branches`, `duplicates`, `defects` (bit, name) as Parquet. The truth of every class is there already.
 */
export async function writeTruth(
  engine: Engine,
  o: TruthOptions,
  folder: string,
  jobs: readonly { model: ClassModel; sql: ClassSql }[],
): Promise<void> {
  const n = census(o.enterprises);
  const last = o.day === 1 ? n.enterprises : n.enterprises + n.newcomers;
  const save = (name: string, select: string): Promise<void> =>
    engine.run(`COPY (${select}) TO ${text(join(folder, `${name}.parquet`))} (FORMAT parquet)`);
  await engine.run('CREATE OR REPLACE TABLE moved (e INTEGER, attribute VARCHAR)');
  if (o.day === 2)
    for (const { model, sql } of jobs)
      if (model.register)
        await engine.run(`INSERT INTO moved SELECT e, ${list(sql.attributes)}[attribute + 1] FROM (${sql.updates})`);
  const moved = (attribute: string): string =>
    `EXISTS (SELECT 1 FROM moved m WHERE m.e = e.e AND m.attribute = '${attribute}')`;
  await save(
    'enterprises',
    `SELECT e.e AS enterprise, name, uscc, orgcode, regno, kind, kind_text,
      CASE WHEN ${moved('status')} THEN '注销' ELSE status END AS status,
      CASE WHEN ${moved('representative')} THEN lr_alt_name ELSE lr_name END AS legal_representative,
      CASE WHEN ${moved('representative')} THEN lr_alt_id ELSE lr_id END AS legal_representative_id,
      CASE WHEN ${moved('representative')} THEN lr_alt ELSE lr END AS legal_representative_person, lr_phone AS phone,
      CASE WHEN ${moved('capital')} THEN (capital * 2)::DECIMAL(18,2) ELSE capital END AS capital, currency, established, CASE WHEN ${moved('status')} THEN DATE ${text(o.delivered)} ELSE closed END AS closed,
      CASE WHEN ${moved('address')} THEN address_alt ELSE address END AS address, division, industry, scope, former AS former_name, head, scale
     FROM ent e WHERE e.e <= ${last} ORDER BY e.e`,
  );
  await save(
    'people',
    'SELECT p AS person, h AS household, member, name, male, birth, id, phone, address, division FROM person ORDER BY p',
  );
  await save('households', 'SELECT h AS household, size, b AS building, division, address FROM household ORDER BY h');
  await save(
    'buildings',
    'SELECT b AS building, road, division, place AS address, no AS number, floors, setting, lon, lat FROM building ORDER BY b',
  );
  await save(
    'roads',
    'SELECT r.road, v.code AS division, v.name AS division_name, r.kind, r.name FROM road r JOIN division v USING (d) ORDER BY r.road',
  );
  await save('former-names', 'SELECT e AS enterprise, j AS sequence, name, until FROM former ORDER BY e, j');
  await save(
    'shareholders',
    'SELECT e AS enterprise, j AS sequence, p AS person, company, share, amount FROM holder ORDER BY e, j',
  );
  await save('officers', 'SELECT e AS enterprise, j AS sequence, p AS person, position FROM officer ORDER BY e, j');
  await save('branches', 'SELECT e AS enterprise, branch FROM branch ORDER BY e, branch');
  await save(
    'defects',
    `SELECT bit, name FROM (SELECT unnest(${list(defectNames)}) AS name, unnest(range(0, ${defectNames.length}))::INTEGER AS bit) ORDER BY bit`,
  );
  const bit = 1 << defectNames.indexOf('duplicate');
  // On day one the record's number is the number of the row that is repeated; later, rows before it may have gone.
  const parts = jobs.map(({ model }) => {
    const rows = `read_parquet(${text(join(folder, `${model.id}.parquet`))})`;
    const repeats = `SELECT row, record FROM ${rows} WHERE defects & ${bit} <> 0`;
    return o.day === 1
      ? `SELECT '${model.id}' AS source, row, record AS of_row FROM (${repeats})`
      : `SELECT '${model.id}' AS source, t.row, f.row AS of_row FROM ${rows} f JOIN (${repeats}) t ON f.record = t.record WHERE f.defects & ${bit} = 0`;
  });
  await save(
    'duplicates',
    parts.length
      ? `SELECT * FROM (${parts.join(' UNION ALL ')}) ORDER BY source, row`
      : "SELECT '' AS source, 0 AS row, 0 AS of_row WHERE false",
  );
}
