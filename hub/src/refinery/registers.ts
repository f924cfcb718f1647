/**
 * Legal persons become known by the registers (market, civil affairs, institutions). An entity is found again by its
 * unified code, then by its registration number, then by its organisation code; only what none of them knows becomes a
 * new entity. Integer ids are given once and never again, also over a rebuild.
 */
import { ident, type LakeStep } from '../platform/lake/index.ts';
import { cleanAddress, cleanPersonName } from './clean.ts';
import type { Batch } from './pairs.ts';
import { nameKey } from './pairs.ts';
import { type ClassPlan, FACT, inRuns, pairHash } from './plan.ts';

/** What an address is compared by: without province, city and county, so that long and short forms agree. */
export function addressKey(clean: string): string {
  return `nullif(upper(regexp_replace(${clean}, '^(中国)?([^省市区县]{2,3}省)?([^省市区县]{2,4}市)?([^省市区县]{2,4}[市区县])?', '')), '')`;
}

/** Evidence of a received row, cleaned: address key, person, identity token, telephone token. */
export function evidenceColumns(plan: ClassPlan): string {
  const { address, person, 'person-id': personId, phone } = plan.evidence;
  const text = (f: { name: string } | undefined, make: (x: string) => string) =>
    f ? `nullif(${make(ident(f.name))}, '')` : 'NULL::VARCHAR';
  return `${text(address, (x) => addressKey(`(${cleanAddress(x)})`))} AS address, ${text(person, cleanPersonName)} AS person,
    ${text(personId, (x) => x)} AS person_id, ${text(phone, (x) => x)} AS phone`;
}

/** Steps that make new entities and what they are known by; they read `pair_in` and rf.pair. */
export function registerSteps(batches: readonly Batch[], integration: number): LakeStep[] {
  const registers = batches.filter((b) => b.plan.declaration.register && b.plan.matched && b.runs.length > 0);
  if (registers.length === 0) return [{ name: 'no register', sql: emptyAlias }];
  const rows = registers
    .map(
      ({ plan, runs }) =>
        `SELECT ${pairHash(plan)} AS pair, ${FACT} AS fact, ${plan.number}::SMALLINT AS class, ${evidenceColumns(plan)}
         FROM ${plan.table} WHERE ${inRuns(runs)}`,
    )
    .join('\nUNION ALL\n');
  const known = `SELECT pair, clean_name, k_uscc, k_orgcode, k_regno, h_name FROM pair_in
    UNION ALL SELECT pair, clean_name, k_uscc, k_orgcode, k_regno, h_name FROM rf.pair`;
  const fresh = (kind: string, code: string, where: string) => `
    INSERT INTO rf.entity
    SELECT (SELECT coalesce(max(entity), 0) FROM rf.entity) + row_number() OVER (ORDER BY fact), ${code}_key, k_uscc, k_regno, k_orgcode,
           clean_name, class, fact, ${integration}
    FROM (SELECT ${kind} || ${code} AS ${code}_key, * FROM register_row WHERE entity IS NULL AND ${where}
          QUALIFY row_number() OVER (PARTITION BY ${code} ORDER BY fact) = 1) r
    WHERE NOT EXISTS (FROM rf.entity e WHERE e.key = r.${code}_key)`;
  const find = (kind: string, code: string) => `
    UPDATE register_row SET entity = a.entity
    FROM (SELECT value, min(entity) AS entity FROM code_known WHERE kind = '${kind}' GROUP BY value) a
    WHERE register_row.entity IS NULL AND register_row.${code} = a.value`;
  const adopt = (key: string, code: string) => `
    UPDATE register_row SET entity = e.entity FROM rf.entity e
    WHERE register_row.entity IS NULL AND e.key = ${key} || register_row.${code}`;
  const learn = `INSERT INTO code_known
    SELECT DISTINCT kind, value, entity FROM (
      SELECT entity, unnest(['uscc', 'orgcode', 'orgcode', 'regno']) AS kind,
             unnest([k_uscc, k_orgcode, substr(k_uscc, 9, 9), k_regno]) AS value FROM register_row WHERE entity IS NOT NULL)
    WHERE value IS NOT NULL EXCEPT SELECT kind, value, entity FROM code_known`;
  return [
    {
      name: 'rows of registers',
      sql: `CREATE OR REPLACE TEMP TABLE register_row AS
        SELECT r.*, k.clean_name, k.k_uscc, k.k_orgcode, k.k_regno, k.h_name, NULL::INTEGER AS entity
        FROM (${rows}) r JOIN (${known}) k ON k.pair = r.pair`,
    },
    {
      name: 'codes known already',
      sql: `CREATE OR REPLACE TEMP TABLE code_known AS
        SELECT kind, value, entity FROM rf.alias WHERE kind IN ('uscc', 'orgcode', 'regno')
        UNION SELECT 'uscc', uscc, entity FROM rf.entity WHERE uscc IS NOT NULL
        UNION SELECT 'regno', regno, entity FROM rf.entity WHERE regno IS NOT NULL`,
    },
    { name: 'entities by unified code', sql: find('uscc', 'k_uscc') },
    // A registration number finds an entity that had no unified code yet; one with another code is somebody else.
    {
      name: 'entities that gained a unified code',
      sql: `UPDATE register_row SET entity = e.entity FROM rf.entity e
        WHERE register_row.entity IS NULL AND register_row.k_uscc IS NOT NULL AND e.uscc IS NULL AND e.regno = register_row.k_regno`,
    },
    { name: 'new entities by unified code', sql: fresh(`'U:'`, 'k_uscc', 'k_uscc IS NOT NULL') },
    { name: 'their ids', sql: adopt(`'U:'`, 'k_uscc') },
    { name: 'their codes', sql: learn },
    { name: 'entities by registration number', sql: `${find('regno', 'k_regno')} AND register_row.k_uscc IS NULL` },
    { name: 'entities by organisation code', sql: `${find('orgcode', 'k_orgcode')} AND register_row.k_uscc IS NULL` },
    {
      name: 'new entities by registration number',
      sql: fresh(`'R:'`, 'k_regno', 'k_uscc IS NULL AND k_regno IS NOT NULL'),
    },
    { name: 'their ids', sql: `${adopt(`'R:'`, 'k_regno')} AND register_row.k_uscc IS NULL` },
    {
      name: 'new entities by organisation code',
      sql: fresh(`'O:'`, 'k_orgcode', 'k_uscc IS NULL AND k_regno IS NULL AND k_orgcode IS NOT NULL'),
    },
    { name: 'their ids', sql: `${adopt(`'O:'`, 'k_orgcode')} AND register_row.k_uscc IS NULL` },
    {
      name: 'unified codes gained',
      sql: `UPDATE rf.entity SET uscc = r.k_uscc FROM (SELECT entity, min(k_uscc) AS k_uscc FROM register_row
        WHERE k_uscc IS NOT NULL GROUP BY entity) r WHERE rf.entity.entity = r.entity AND rf.entity.uscc IS NULL`,
    },
    {
      name: 'what registers call them',
      sql: `CREATE OR REPLACE TEMP TABLE alias_news AS
        SELECT n.* FROM (
          SELECT entity, kind, value, hash(value) AS value_hash, min(fact) AS fact, ${integration}::INTEGER AS integration FROM (
            SELECT entity, fact, unnest(['uscc', 'orgcode', 'orgcode', 'regno', 'name', 'address', 'person', 'person-id', 'phone']) AS kind,
              unnest([k_uscc, k_orgcode, substr(k_uscc, 9, 9), k_regno, ${nameKey('clean_name')}, address, person, person_id, phone]) AS value
            FROM register_row WHERE entity IS NOT NULL)
          WHERE value IS NOT NULL GROUP BY entity, kind, value) n
        WHERE NOT EXISTS (FROM rf.alias a WHERE a.entity = n.entity AND a.kind = n.kind AND a.value_hash = n.value_hash)`,
    },
    { name: 'keep what they are called', sql: 'INSERT INTO rf.alias SELECT * FROM alias_news' },
  ];
}

const emptyAlias = `CREATE OR REPLACE TEMP TABLE alias_news AS SELECT * FROM rf.alias WHERE false`;
