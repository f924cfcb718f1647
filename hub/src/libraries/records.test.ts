import { expect, test } from 'vitest';
import { openLibraries } from './fixture.ts';
import { defineRecordViews, recordSelect, recordView } from './records.ts';

test('a view of records names fields with their types, leaves out flagged values, and reads each version where it stood', async () => {
  const lake = await openLibraries();
  await lake.session(async (s) => {
    const u = 'chr(31)';
    await s.run(`INSERT INTO lib.fact (entity, class, day, fact, payload) VALUES
      (1, 77, '2026-01-01', (1::BIGINT << 32) + 1, '5' || ${u} || '2026-01-02'),
      (2, 77, '2026-01-01', (2::BIGINT << 32) + 1, '2026-01-03' || ${u} || '7' || ${u} || 'x'),
      (3, 77, '2026-01-01', (2::BIGINT << 32) + 2, '' || ${u} || chr(24) || 'seven' || ${u} || ''),
      (4, 78, '2026-01-01', (2::BIGINT << 32) + 3, 'of another class')`);
    await s.run(`CREATE OR REPLACE VIEW v.refined_run_v1 AS
      SELECT * FROM (VALUES (1, 1), (2, 2)) t(run, version)`);
  });
  const field = (name: string, type: string, position: number, version: number) => ({ name, type, position, version });
  const cls = {
    ...{ class: 77, source: 'scjg.sample-class' },
    fields: [
      ...[field('count', 'integer', 1, 1), field('day', 'date', 2, 1)],
      ...[field('day', 'date', 1, 2), field('count', 'integer', 2, 2), field('added', 'text', 3, 2)],
    ],
  };
  expect(recordView(cls.source)).toBe('record_scjg_sample_class_v1');
  expect(
    await lake.query(
      `SELECT entity, day, amount, day_, count, added FROM (${recordSelect(cls, 'v.legal_person_fact_v1')}) ORDER BY 1`,
    ),
  ).toEqual([
    { entity: 1, day: '2026-01-01', amount: null, day_: '2026-01-02', count: 5, added: null },
    { entity: 2, day: '2026-01-01', amount: null, day_: '2026-01-03', count: 7, added: 'x' },
    { entity: 3, day: '2026-01-01', amount: null, day_: null, count: null, added: null },
  ]);
  // The same rows of a class about persons or places: all that stand, whether or not somebody knows whose they are.
  await lake.session((s) =>
    s.run(
      'INSERT INTO lib.fact (entity, class, day, fact, payload) SELECT 0, class, day, fact + 10, payload FROM lib.fact WHERE entity = 1',
    ),
  );
  const whose = 'SELECT (1::BIGINT << 32) + 11 AS fact, 9 AS entity';
  const records = (whose: string | null) =>
    lake.query(`SELECT entity, count FROM (${recordSelect(cls, 'v.legal_person_fact_v1', undefined, { whose })})`);
  expect(await records(null)).toEqual([{ entity: null, count: 5 }]);
  expect(await records(whose)).toEqual([{ entity: 9, count: 5 }]);
  await lake.close();
});

test('lists, themes and scores that ask for the views at once get them without a conflict', async () => {
  const lake = await openLibraries();
  await lake.session(async (s) => {
    await s.run(`CREATE OR REPLACE VIEW v.class_v1 AS
      SELECT i::SMALLINT AS class, 'aa.class-' || i AS source, 'legal-person' AS subject FROM range(60) t(i)`);
    await s.run(`CREATE OR REPLACE VIEW v.class_field_v1 AS
      SELECT i::SMALLINT AS class, 'name' AS name, 'text' AS type, 1 AS position, 1 AS version FROM range(60) t(i)`);
    await s.run('CREATE OR REPLACE VIEW v.refined_run_v1 AS SELECT 1 AS run, 1 AS version');
  });
  const all = await Promise.all(Array.from({ length: 6 }, () => lake.session((s) => defineRecordViews(s))));
  expect(all.map((classes) => classes.length)).toEqual([60, 60, 60, 60, 60, 60]);
  expect(
    await lake.first("SELECT count(*)::INTEGER AS n FROM duckdb_views() WHERE view_name LIKE 'record_aa_class_%'"),
  ).toEqual({ n: 60 });
  await lake.close();
});
