import { expect, test } from 'vitest';
import { declare } from '../../refinery/testing.ts';
import { openLibraries } from '../fixture.ts';
import { classView, classViewSql } from './classes.ts';

test('a class view names fields with their types, leaves out flagged values, and reads each version where it stood', async () => {
  const lake = await openLibraries();
  const source = declare('scjg.sample-class', 77, [
    { name: 'day', type: 'date' },
    { name: 'count', type: 'integer' },
    { name: 'added' },
  ]);
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
  await lake.define([classViewSql({ ...source, version: 2 }, new Map([[1, ['count', 'day']]]))]);
  expect(classView('scjg.sample-class')).toBe('v.class_scjg_sample_class_v1');
  expect(
    await lake.query(`SELECT entity, day, day_, count, added FROM ${classView('scjg.sample-class')} ORDER BY 1`),
  ).toEqual([
    { entity: 1, day: '2026-01-01', day_: '2026-01-02', count: 5, added: null },
    { entity: 2, day: '2026-01-01', day_: '2026-01-03', count: 7, added: 'x' },
    { entity: 3, day: '2026-01-01', day_: null, count: null, added: null },
  ]);
  await lake.close();
});
