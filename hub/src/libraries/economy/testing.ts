/** For tests: a lake with the views that the economy stands on, over tables that tests fill, and a declaration of two sources. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SourceDeclaration } from '../../catalogue/index.ts';
import { type Lake, openDuckDbLake } from '../../platform/lake/index.ts';
import { economyTables } from './tables.ts';

const field = (name: string, type: string, unit?: string) => ({
  name,
  title: { zh: name, en: name },
  type,
  ...(unit ? { unit } : {}),
});
/** Sources 1 (monthly, 千元) and 2 (yearly, 元) about legal persons, and 3 about persons. */
export const sources = new Map(
  [
    {
      id: 'tj.monthly',
      number: 1,
      subject: 'legal-person',
      fields: [field('month', 'text'), field('sales', 'decimal', '千元'), field('land', 'decimal', '平方米')],
    },
    {
      id: 'sw.yearly',
      number: 2,
      subject: 'legal-person',
      fields: [field('year', 'integer'), field('sales', 'decimal', '元'), field('note', 'text')],
    },
    { id: 'ga.people', number: 3, subject: 'natural-person', fields: [field('n', 'integer')] },
  ].map((s) => [s.id, s as unknown as SourceDeclaration]),
);

/** A lake with everything that runEconomy reads; rows are put in by `say`. */
export async function openEconomyLake(path = ':memory:'): Promise<Lake> {
  const lake = await openDuckDbLake({ path });
  await lake.define([
    ...economyTables,
    'CREATE SCHEMA f',
    'CREATE TABLE f.fact (entity INTEGER, class SMALLINT, day DATE, fact BIGINT, amount DECIMAL(18,2), payload VARCHAR, closed_run INTEGER)',
    'CREATE TABLE f.run (run INTEGER, integration INTEGER, version INTEGER)',
    'CREATE TABLE f.firm (entity INTEGER, name VARCHAR, division VARCHAR, industry VARCHAR, kind VARCHAR)',
    `CREATE TABLE f.field (class SMALLINT, version INTEGER, name VARCHAR, type VARCHAR, position INTEGER)`,
    `INSERT INTO f.field VALUES (1, 1, 'month', 'text', 1), (1, 1, 'sales', 'decimal', 2), (1, 1, 'land', 'decimal', 3),
       (2, 1, 'year', 'integer', 1), (2, 1, 'sales', 'decimal', 2), (2, 1, 'note', 'text', 3)`,
    "CREATE VIEW v.class_v1 AS FROM (VALUES (1::SMALLINT, 'tj.monthly', 'legal-person'), (2::SMALLINT, 'sw.yearly', 'legal-person')) t(class, source, subject)",
    'CREATE VIEW v.class_field_v1 AS FROM f.field',
    'CREATE VIEW v.legal_person_fact_all_v1 AS SELECT *, (fact >> 32)::INTEGER AS run FROM f.fact',
    'CREATE VIEW v.legal_person_fact_v1 AS SELECT * EXCLUDE (closed_run) FROM v.legal_person_fact_all_v1 WHERE closed_run IS NULL',
    'CREATE VIEW v.refined_run_v1 AS FROM f.run',
    "CREATE VIEW v.run_v1 AS SELECT run, 'file.csv' AS input, TIMESTAMP '2026-01-01' AS finished FROM f.run",
    "CREATE VIEW v.integration_v1 AS SELECT DISTINCT integration, TIMESTAMP '2026-01-01' AS finished FROM f.run",
    'CREATE VIEW v.fact_move_v1 AS SELECT 0 AS integration, 0::BIGINT AS fact, 0 AS entity, 0 AS was WHERE false',
    'CREATE VIEW v.legal_person_v1 AS FROM f.firm',
  ]);
  return lake;
}

/** One delivery, integrated: rows of [class, entity, ...values]; what a class said of the same first value is over. */
export async function say(
  lake: Lake,
  run: number,
  rows: readonly (readonly [number, number, ...(string | null)[]])[],
): Promise<void> {
  await lake.write('test', async (s) => {
    await s.run(`INSERT INTO f.run VALUES (${run}, ${run}, 1)`);
    for (const [i, [cls, entity, ...values]] of rows.entries()) {
      const given = { entity, cls, first: values[0] ?? '' };
      await s.run(
        `UPDATE f.fact SET closed_run = ${run} WHERE entity = $entity AND class = $cls AND split_part(payload, chr(31), 1) = $first AND closed_run IS NULL`,
        given,
      );
      await s.run(
        `INSERT INTO f.fact VALUES ($entity, $cls, DATE '2026-01-01' + ${run}, ${BigInt(run) << 32n} + ${i + 1}, NULL, $payload, NULL)`,
        {
          ...{ entity, cls, payload: values.map((v) => v ?? '').join('\u001f') },
        },
      );
    }
  });
}

/** A declaration that holds. */
export const economyYaml = `economy: test
title: { zh: 经济, en: Economy }
abstract: { zh: 经济, en: Economy }
owner: tj
level: general
measures:
  - id: sales
    title: { zh: 销售, en: Sales }
    unit: 万元
    sources:
      - { source: tj.monthly, field: sales, period: { field: month, form: yyyymm, grain: month }, rank: 10, valid: { min: 0, spike: 6 } }
      - { source: sw.yearly, field: sales, period: { field: year, form: year, grain: year }, rank: 20, valid: { min: 0 } }
  - id: land
    title: { zh: 用地, en: Land }
    unit: 亩
    over: last
    carry: true
    sources: [{ source: tj.monthly, field: land, period: { field: month, form: yyyymm, grain: month } }]
indicators:
  - { id: per-mu, title: { zh: 亩均, en: Per mu }, unit: 万元/亩, formula: 'sales / nullif(land, 0)' }
gradings:
  - id: mu
    title: { zh: 评价, en: Grading }
    ground: { zh: 依据, en: Ground }
    measures: [sales, land]
    score: '100 * per_mu / city_per_mu'
    grades: [{ grade: A, share: 50 }, { grade: B, share: 50 }]
    rules: [{ when: 'per_mu < 1', grade: B, title: { zh: 低, en: Low } }]
`;

/** A folder with the declaration (and files beside it), ended by `end`. */
export function economyFolder(yaml: string, files: Record<string, string> = {}): { folder: string; end(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'jingwei-economy-'));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'economy.yaml'), yaml);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return { folder, end: () => rmSync(folder, { recursive: true, force: true }) };
}
