import { join } from 'node:path';
import { expect, test } from 'vitest';
import { defineRecordViews } from '../../libraries/index.ts';
import { checkModelSql, type Model, readModel, readModels } from './model.ts';
import { modelFolder, scoring, sourcesLake } from './testing.ts';

const YAML = `model: small
title: { zh: 小, en: Small }
edition: '1'
population: population.sql
scale: { min: 0, max: 100, base: 50 }
grades:
  - { grade: A, from: 60, title: { zh: 甲, en: A } }
  - { grade: B, from: 0, title: { zh: 乙, en: B } }
dimensions:
  - { id: one, title: { zh: 一, en: One }, floor: -10, ceiling: 10 }
indicators:
  - id: age
    dimension: one
    title: { zh: 年限, en: Age }
    unit: 年
    direction: higher
    weight: 10
    missing: neutral
    curve: [[0, -1], [10, 1]]
`;
const SQL = 'SELECT entity, 1 AS value, NULL::BIGINT[] AS facts, 0 AS n FROM v.legal_person_v1';
const FILES = { 'population.sql': 'SELECT entity FROM v.legal_person_v1', 'indicators/age.sql': SQL };

/** Code and line of every mistake. */
const faults = (yaml: string, files: Record<string, string> = FILES) =>
  readModel(modelFolder(yaml, files), 'scoring/small').problems.map((p) => [p.kind.code, p.place?.line]);

test('the declared models hold and can be asked of the declared sources, every indicator of them', async () => {
  const { lake } = await sourcesLake();
  const loaded = readModels(scoring);
  expect(loaded.length).toBeGreaterThan(0);
  expect(loaded.flatMap((l) => l.problems)).toEqual([]);
  await lake.session(async (s) => {
    await defineRecordViews(s);
    for (const { model } of loaded) {
      const { unavailable } = await checkModelSql(s, model!);
      expect([...unavailable]).toEqual([]);
    }
  });
  const main = loaded.find((l) => l.model?.model === 'enterprise-credit')!.model!;
  expect(main.indicators.length).toBeGreaterThanOrEqual(25);
  // Every dimension has an indicator.
  expect(new Set(main.indicators.map((i) => i.dimension))).toEqual(new Set(main.dimensions.map((d) => d.id)));
  await lake.close();
});

test('a small model holds', () => {
  expect(faults(YAML)).toEqual([]);
});

test.each([
  ['not YAML', YAML.replace('scale: {', 'scale: {{'), 'declared.yaml.syntax', 6],
  ['an unknown key', YAML.replace("edition: '1'", "edition: '1'\nedition2: x"), 'declared.yaml.unknown-key', 4],
  [
    'a curve against its direction',
    YAML.replace('[10, 1]', '[10, -2]').replace('-2', '-1.0').replace('[0, -1]', '[0, 0]'),
    'credit.declaration.curve-direction',
    19,
  ],
  ['a curve that goes back', YAML.replace('[10, 1]', '[0, 1]'), 'credit.declaration.curve-order', 19],
  ['an unknown dimension', YAML.replace('dimension: one', 'dimension: two'), 'credit.declaration.unknown', 13],
  ['grades that rise', YAML.replace('grade: A, from: 60', 'grade: A, from: -5'), 'credit.declaration.grades', 7],
  ['a weight that is no number', YAML.replace('weight: 10', 'weight: much'), 'declared.yaml.schema', 17],
])('%s is refused with its line', (_, yaml, code, line) => {
  expect(faults(yaml)).toContainEqual([code, line]);
});

test('a missing SQL file is named', () => {
  expect(faults(YAML, { 'population.sql': FILES['population.sql'] })).toEqual([['credit.declaration.sql-missing', 12]]);
});

/** The code with which the engine's check refuses an indicator's SQL. */
async function refusal(sql: string): Promise<string> {
  const { lake } = await sourcesLake();
  try {
    const { model } = readModel(modelFolder(YAML, { ...FILES, 'indicators/age.sql': sql }), 'scoring/small');
    return await lake.session(async (s) => {
      await defineRecordViews(s);
      const answer = await checkModelSql(s, model as Model).catch((e) => e.kind?.code ?? String(e));
      return typeof answer === 'string' ? answer : 'none';
    });
  } finally {
    await lake.close();
  }
}

test.each([
  ['SELECT entity, 1 AS value, NULL::BIGINT[] AS facts, 0 AS n FROM fx.legal_person_v1', 'declared.sql.forbidden'],
  [
    "SELECT entity, 1 AS value, NULL::BIGINT[] AS facts, 0 AS n FROM read_csv('/etc/passwd') t(entity)",
    'declared.sql.forbidden',
  ],
  [
    'SELECT entity, 1 AS value, NULL::BIGINT[] AS facts, 0 AS n FROM (SELECT * FROM duckdb_settings())',
    'declared.sql.forbidden',
  ],
  ['DROP TABLE fx.legal_person_v1', 'declared.sql.select'],
  [`${SQL}; ${SQL}`, 'declared.sql.select'],
  ['SELECT entity, 1 AS value FROM v.legal_person_v1', 'declared.sql.columns'],
  ['SELECT entity, nothing AS value, NULL::BIGINT[] AS facts, 0 AS n FROM v.legal_person_v1', 'declared.sql.compile'],
  ['WITH a AS (FROM v.legal_person_v1) SELECT entity, 1 AS value, NULL::BIGINT[] AS facts, 0 AS n FROM a', 'none'],
])('SQL is looked at before it is asked: %s', async (sql, code) => {
  expect(await refusal(sql)).toBe(code);
});

test('a class that a city does not have makes its indicators unavailable, not the model wrong', async () => {
  const { lake } = await sourcesLake();
  const { model } = readModel(join(scoring, 'enterprise-credit'), 'scoring/enterprise-credit');
  await lake.define([`DELETE FROM fx.class_v1 WHERE source = 'sw.tax-arrears'`]);
  await lake.session(async (s) => {
    await defineRecordViews(s);
    const { unavailable } = await checkModelSql(s, model!);
    expect([...unavailable]).toEqual(['tax-arrears']);
  });
  await lake.close();
});
