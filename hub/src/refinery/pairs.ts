/**
 * Identifications: the distinct combinations of codes and names as written. Heavy work on text happens here, once per
 * distinct code and name; rows only carry a 64-bit number of their identification.
 */
import type { LakeStep } from '../platform/lake/index.ts';
import { cleanCompanyName, cleanOrgcode, cleanRegno, cleanUscc, FLAG } from './clean.ts';
import { type ClassPlan, identificationSql } from './plan.ts';

/** Classes and the runs of each that are refined together. */
export interface Batch {
  plan: ClassPlan;
  runs: readonly number[];
}

/** A code in its clean form, or NULL when it was flagged or absent. */
const usable = (clean: string) => `CASE WHEN ${clean} <> '' AND NOT starts_with(${clean}, ${FLAG}) THEN ${clean} END`;

/**
 * The key under which spellings of a company's name are equal: no brackets, dots and quotation marks, letters upper case.
 * NULL for what is no name (one character, N/A).
 */
export function nameKey(clean: string): string {
  const key = `CASE WHEN regexp_matches(${clean}, '[（）()·.、,，"“”a-z\\-]')
    THEN upper(regexp_replace(${clean}, '[（）()·.、,，"“”\\-]', '', 'g')) ELSE ${clean} END`;
  return `CASE WHEN length(${clean}) > 1 AND NOT starts_with(${clean}, ${FLAG}) AND ${clean} NOT IN ('N/A', 'NULL', '不详', '未知', '暂无') THEN ${key} END`;
}

/**
 * Steps that fill the temporary table `pair_in` with the identifications that were never seen before: cleaned strings,
 * codes usable for matching (an old registration number or an organisation code written into the field of the unified
 * code counts as what it is), name keys, how many rows carry it and the first of them.
 */
export function pairSteps(batches: readonly Batch[]): LakeStep[] {
  const all = batches.filter((b) => b.plan.matched && b.runs.length > 0);
  const rows = all.map((b) => identificationSql(b.plan, b.runs)).join('\nUNION ALL\n');
  const none = `SELECT 0::UBIGINT AS pair, '' AS uscc, '' AS orgcode, '' AS regno, '' AS name, '' AS former, 0::BIGINT AS fact WHERE false`;
  const distinct = (column: string) => `(SELECT DISTINCT ${column} AS w FROM pair_new WHERE ${column} <> '')`;
  return [
    {
      name: 'distinct identifications',
      sql: `CREATE OR REPLACE TEMP TABLE pair_new AS
        SELECT pair, any_value(uscc) AS uscc, any_value(orgcode) AS orgcode, any_value(regno) AS regno,
               any_value(name) AS name, any_value(former) AS former, count(*) AS rows, min(fact) AS fact
        FROM (${rows || none}) GROUP BY pair`,
    },
    {
      name: 'open identifications that came again',
      sql: `CREATE OR REPLACE TEMP TABLE met AS SELECT pair FROM rf.pair WHERE entity IS NULL AND method IS NULL
        AND pair IN (SELECT pair FROM pair_new)`,
    },
    {
      name: 'identifications seen before',
      sql: `DELETE FROM pair_new WHERE pair IN (SELECT pair FROM rf.pair)`,
    },
    {
      name: 'clean unified codes',
      sql: `CREATE OR REPLACE TEMP TABLE uscc_map AS
        SELECT w, clean, ${usable('clean')} AS k_uscc, CASE WHEN starts_with(clean, ${FLAG}) THEN ${usable('old')} END AS k_regno,
          CASE WHEN starts_with(clean, ${FLAG}) THEN ${usable('org')} END AS k_orgcode
        FROM (SELECT w, clean,
                CASE WHEN starts_with(clean, ${FLAG}) AND length(w) BETWEEN 15 AND 20 THEN ${cleanRegno('w')} END AS old,
                CASE WHEN starts_with(clean, ${FLAG}) AND length(w) BETWEEN 9 AND 10 THEN ${cleanOrgcode('w')}
                     WHEN starts_with(clean, ${FLAG}) AND length(w) = 15 THEN ${cleanOrgcode('substr(w, 7)')} END AS org
              FROM (SELECT w, ${cleanUscc('w')} AS clean FROM ${distinct('uscc')}))`,
    },
    {
      name: 'clean organisation codes',
      sql: `CREATE OR REPLACE TEMP TABLE orgcode_map AS SELECT w, clean, ${usable('clean')} AS k_orgcode
        FROM (SELECT w, ${cleanOrgcode('w')} AS clean FROM ${distinct('orgcode')})`,
    },
    {
      name: 'clean registration numbers',
      sql: `CREATE OR REPLACE TEMP TABLE regno_map AS SELECT w, clean, ${usable('clean')} AS k_regno
        FROM (SELECT w, ${cleanRegno('w')} AS clean FROM ${distinct('regno')})`,
    },
    {
      name: 'clean names',
      sql: `CREATE OR REPLACE TEMP TABLE name_map AS SELECT w, clean, hash(${nameKey('clean')}) AS h, ${nameKey('clean')} IS NULL AS nameless
        FROM (SELECT w, ${cleanCompanyName('w')} AS clean
              FROM (SELECT name AS w FROM pair_new WHERE name <> '' UNION SELECT former FROM pair_new WHERE former <> ''))`,
    },
    {
      name: 'cleaned identifications',
      sql: `CREATE OR REPLACE TEMP TABLE pair_in AS
        SELECT p.pair, coalesce(u.clean, '') AS clean_uscc, coalesce(o.clean, '') AS clean_orgcode,
          coalesce(r.clean, '') AS clean_regno, coalesce(n.clean, '') AS clean_name, coalesce(f.clean, '') AS clean_former,
          (coalesce(u.clean <> u.w, false) OR coalesce(o.clean <> o.w, false) OR coalesce(r.clean <> r.w, false)
            OR coalesce(n.clean <> n.w, false) OR coalesce(f.clean <> f.w, false)) AS changed,
          u.k_uscc, coalesce(o.k_orgcode, u.k_orgcode) AS k_orgcode, coalesce(r.k_regno, u.k_regno) AS k_regno,
          CASE WHEN NOT n.nameless THEN n.h END AS h_name, CASE WHEN NOT f.nameless THEN f.h END AS h_former, p.rows, p.fact
        FROM pair_new p
        LEFT JOIN uscc_map u ON u.w = p.uscc LEFT JOIN orgcode_map o ON o.w = p.orgcode
        LEFT JOIN regno_map r ON r.w = p.regno LEFT JOIN name_map n ON n.w = p.name LEFT JOIN name_map f ON f.w = p.former`,
    },
    { name: 'free identifications', sql: 'DROP TABLE pair_new; DROP TABLE name_map; DROP TABLE uscc_map' },
  ];
}
