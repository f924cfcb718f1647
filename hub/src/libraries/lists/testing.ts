/** A small lake and declared lists for tests: views of the shape that the libraries publish, over tables that tests fill. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Lake, openDuckDbLake } from '../../platform/lake/index.ts';
import { verifyTables } from '../verify/tables.ts';
import { listTables } from './tables.ts';

/** A lake with v.legal_person_v1, v.person_v1 (over schema `f`), v.should_v1 and v.has_v1, v.excused_v1. */
export async function openListLake(): Promise<Lake> {
  const lake = await openDuckDbLake({ path: ':memory:', threads: 1 });
  await lake.define([
    ...listTables,
    ...verifyTables,
    'CREATE SCHEMA f',
    'CREATE TABLE f.firm (entity INTEGER, name VARCHAR, uscc VARCHAR, division VARCHAR, address VARCHAR, status VARCHAR)',
    `CREATE TABLE f.person (entity INTEGER, name VARCHAR, id_token VARCHAR, sex VARCHAR, birth DATE, status VARCHAR,
       household VARCHAR, dwelling VARCHAR, division VARCHAR, address VARCHAR)`,
    'CREATE TABLE f.should (entity INTEGER, division VARCHAR, reason VARCHAR, due DATE)',
    'CREATE TABLE f.has (entity INTEGER)',
    'CREATE TABLE f.excused (entity INTEGER)',
    `CREATE VIEW v.legal_person_v1 AS SELECT *, NULL::VARCHAR AS orgcode, NULL::VARCHAR AS regno,
       NULL::VARCHAR AS legal_representative, NULL::DATE AS established FROM f.firm`,
    'CREATE VIEW v.person_v1 AS FROM f.person',
    'CREATE VIEW v.should_v1 AS FROM f.should',
    'CREATE VIEW v.has_v1 AS FROM f.has',
    'CREATE VIEW v.excused_v1 AS FROM f.excused',
  ]);
  return lake;
}

/** A declaration that holds; `more` replaces lines by their keys. */
export const listYaml = (id: string, more: Record<string, string> = {}): string =>
  Object.entries({
    id,
    title: '{ zh: 应检未检, en: Unchecked }',
    purpose: '{ zh: 用途, en: Purpose }',
    ground: '{ zh: 依据, en: Ground }',
    owner: 'scjg',
    subject: 'legal-person',
    cadence: 'daily',
    level: 'general',
    entitled: '{ county: [scjg], town: all }',
    ...more,
  })
    .map(([k, v]) => `${k}: ${v}`)
    .join('\n');

/** The SELECTs of a list over the test's views. */
export const listSql = {
  who: 'SELECT entity, division, reason, due FROM v.should_v1 WHERE due IS NULL OR due <= $day::DATE;',
  done: '-- who has\nSELECT entity FROM v.has_v1',
  except: 'SELECT entity FROM v.excused_v1',
};

/** The organisations of the tests' catalogue. */
export const organisations = new Set(['scjg', 'wjj', 'sw']);

export const jurisdictionsYaml = `jurisdictions:
  - { organisation: scjg, division: '330282' }
  - { organisation: sw, division: '330282' }
  - { organisation: zonghan, division: '330282002', name: { zh: 宗汉街道办事处, en: Zonghan Subdistrict Office } }
  - { organisation: kandun, division: '330282003', name: { zh: 坎墩街道办事处, en: Kandun Subdistrict Office } }
`;

/** A folder of lists: file name -> text; ended by `end`. */
export function listFolder(files: Record<string, string>): { folder: string; end(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'jingwei-lists-'));
  for (const [name, text] of Object.entries({ 'jurisdictions.yaml': jurisdictionsYaml, ...files })) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return { folder, end: () => rmSync(folder, { recursive: true, force: true }) };
}

/** The files of a list that holds. */
export const goodList = (id: string, more: Record<string, string> = {}): Record<string, string> => ({
  [`${id}/list.yaml`]: listYaml(id, more),
  [`${id}/who.sql`]: listSql.who,
  [`${id}/done.sql`]: listSql.done,
  [`${id}/except.sql`]: listSql.except,
});
