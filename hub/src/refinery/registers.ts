/**
 * Legal persons become known by the registers (market, civil affairs, institutions). A unified code is a legal person. A
 * row without one belongs to whom its registration number, then its organisation code, names alone; a number that nobody
 * has makes a legal person of its own, which the unified code takes over when it comes. A number that several have is
 * nobody's. Whose such rows are is settled anew from all of them whenever a register brings rows, so that it does not
 * matter in which order they came. Integer ids are given once and never again, also over a rebuild.
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

/** What registers say of a legal person, one alias a line, out of rows with the columns of `register_row`. */
const saidOf = (rows: string, integration: number) => `
  SELECT entity, kind, value, hash(value) AS value_hash, fact, ${integration}::INTEGER AS integration FROM (
    SELECT entity, fact, unnest(['uscc', 'orgcode', 'orgcode', 'regno', 'name', 'address', 'person', 'person-id', 'phone']) AS kind,
      unnest([k_uscc, k_orgcode, substr(k_uscc, 9, 9), k_regno, ${nameKey('clean_name')}, address, person, person_id, phone]) AS value
    FROM ${rows} WHERE entity IS NOT NULL) WHERE value IS NOT NULL`;

const nextEntity = `(SELECT coalesce(max(entity), 0) FROM rf.entity) + row_number() OVER (ORDER BY fact)`;

/** Steps that make new entities and what they are known by; they read `pair_in` and rf.pair and fill `alias_news`. */
export function registerSteps(batches: readonly Batch[], integration: number): LakeStep[] {
  const registers = batches.filter((b) => b.plan.declaration.register && b.plan.matched && b.runs.length > 0);
  const forget: LakeStep[] = [
    {
      name: 'what registers call nobody yet',
      sql: `CREATE OR REPLACE TEMP TABLE alias_news AS SELECT * FROM rf.alias WHERE false`,
    },
    // After a rebuild has begun, integrations are counted from one again.
    { name: 'rows of forgotten integrations', sql: `DELETE FROM rf.register_row WHERE integration >= ${integration}` },
  ];
  if (registers.length === 0) return forget;
  const rows = registers
    .map(
      ({ plan, runs }) =>
        `SELECT ${pairHash(plan)} AS pair, ${FACT} AS fact, ${plan.number}::SMALLINT AS class, ${evidenceColumns(plan)}
         FROM ${plan.table} WHERE ${inRuns(runs)}`,
    )
    .join('\nUNION ALL\n');
  const known = `SELECT pair, clean_name, k_uscc, k_orgcode, k_regno FROM pair_in
    UNION ALL SELECT pair, clean_name, k_uscc, k_orgcode, k_regno FROM rf.pair`;
  return [
    ...forget,
    {
      name: 'rows of registers',
      sql: `CREATE OR REPLACE TEMP TABLE register_row AS
        SELECT r.*, k.clean_name, k.k_uscc, k.k_orgcode, k.k_regno, NULL::INTEGER AS entity
        FROM (${rows}) r JOIN (${known}) k ON k.pair = r.pair`,
    },
    ...codedSteps(integration),
    ...uncodedSteps(integration),
  ];
}

/** Rows with a unified code. */
function codedSteps(integration: number): LakeStep[] {
  const find = `UPDATE register_row SET entity = e.entity
    FROM (SELECT uscc, min(entity) AS entity FROM rf.entity WHERE uscc IS NOT NULL GROUP BY uscc) e
    WHERE register_row.entity IS NULL AND register_row.k_uscc = e.uscc`;
  return [
    { name: 'entities by unified code', sql: find },
    {
      // Known by a number until now: the one that alone names it takes it over with its id.
      name: 'entities that gain a unified code',
      sql: `CREATE OR REPLACE TEMP TABLE gained AS
        WITH c AS (SELECT DISTINCT k_uscc, unnest(['R:' || k_regno, 'O:' || substr(k_uscc, 9, 9), 'O:' || k_orgcode]) AS key
                   FROM register_row WHERE k_uscc IS NOT NULL AND entity IS NULL),
             e AS (SELECT c.k_uscc, e.entity FROM c JOIN rf.entity e ON e.key = c.key WHERE e.uscc IS NULL
                   UNION SELECT r.k_uscc, e.entity FROM register_row r JOIN rf.entity e ON e.regno = r.k_regno
                     WHERE r.k_uscc IS NOT NULL AND r.entity IS NULL AND e.uscc IS NULL AND starts_with(e.key, 'D:'))
        SELECT k_uscc, min(entity) AS entity FROM (SELECT min(k_uscc) AS k_uscc, entity FROM e GROUP BY entity HAVING count(DISTINCT k_uscc) = 1)
        GROUP BY k_uscc`,
    },
    {
      name: 'unified codes gained',
      sql: `UPDATE rf.entity SET uscc = f.k_uscc, regno = f.k_regno, orgcode = f.k_orgcode, name = f.clean_name, class = f.class, fact = f.fact, integration = ${integration},
          key = CASE WHEN starts_with(rf.entity.key, 'D:') THEN rf.entity.key ELSE 'U:' || f.k_uscc END
        FROM (SELECT g.entity, r.* EXCLUDE (entity) FROM gained g JOIN register_row r ON r.k_uscc = g.k_uscc
              QUALIFY row_number() OVER (PARTITION BY g.entity ORDER BY r.fact) = 1) f
        WHERE f.entity = rf.entity.entity`,
    },
    { name: 'entities that gained a unified code', sql: find },
    {
      name: 'new entities by unified code',
      sql: `INSERT INTO rf.entity
        SELECT ${nextEntity}, 'U:' || k_uscc, k_uscc, k_regno, k_orgcode, clean_name, class, fact, ${integration}
        FROM (SELECT * FROM register_row WHERE entity IS NULL AND k_uscc IS NOT NULL
              QUALIFY row_number() OVER (PARTITION BY k_uscc ORDER BY fact) = 1)`,
    },
    { name: 'their ids', sql: find },
    {
      name: 'what registers call them',
      sql: `INSERT INTO alias_news
        SELECT n.* FROM (SELECT entity, kind, value, value_hash, min(fact) AS fact, any_value(integration) AS integration
          FROM (${saidOf('(FROM register_row WHERE k_uscc IS NOT NULL)', integration)}) GROUP BY entity, kind, value, value_hash) n
        WHERE NOT EXISTS (FROM rf.alias a WHERE a.entity = n.entity AND a.kind = n.kind AND a.value_hash = n.value_hash
          AND a.fact NOT IN (SELECT fact FROM rf.register_row))`,
    },
    { name: 'keep what they are called', sql: 'INSERT INTO rf.alias SELECT * FROM alias_news' },
  ];
}

/**
 * Rows without a unified code. They stay in rf.register_row; each has lines of its own in rf.alias (with its `fact`), which
 * follow it when it turns out to be somebody else's.
 */
function uncodedSteps(integration: number): LakeStep[] {
  /** Whose a number is, by the rows that already belong to somebody. */
  const owners = (kind: 'regno' | 'orgcode') => `
    SELECT value, count(DISTINCT entity) AS owners, min(entity) AS entity FROM (
      SELECT value, entity FROM rf.alias WHERE kind = '${kind}' AND value IN (SELECT k_${kind} FROM uncoded) AND fact NOT IN (SELECT fact FROM uncoded)
      UNION ALL SELECT k_${kind}, entity FROM uncoded WHERE entity IS NOT NULL AND k_${kind} IS NOT NULL) GROUP BY value`;
  const find = (kind: 'regno' | 'orgcode'): LakeStep => ({
    name: kind === 'regno' ? 'entities by registration number' : 'entities by organisation code',
    sql: `UPDATE uncoded SET entity = o.entity FROM (${owners(kind)}) o
      WHERE uncoded.entity IS NULL AND o.value = uncoded.k_${kind} AND o.owners = 1`,
  });
  const make = (kind: 'regno' | 'orgcode', letter: string, where: string): LakeStep[] => [
    {
      name: 'numbers that nobody has',
      sql: `CREATE OR REPLACE TEMP TABLE unowned AS
        SELECT '${letter}:' || k_${kind} AS key, * FROM uncoded WHERE entity IS NULL AND k_${kind} IS NOT NULL AND ${where}
          AND k_${kind} NOT IN (SELECT value FROM (${owners(kind)}))
        QUALIFY row_number() OVER (PARTITION BY k_${kind} ORDER BY fact) = 1`,
    },
    {
      name: kind === 'regno' ? 'new entities by registration number' : 'new entities by organisation code',
      sql: `INSERT INTO rf.entity SELECT ${nextEntity}, key, NULL, k_regno, k_orgcode, clean_name, class, fact, ${integration}
        FROM unowned n WHERE NOT EXISTS (FROM rf.entity e WHERE ltrim(e.key, '-') = n.key)`,
    },
    {
      name: 'who they are',
      sql: `UPDATE rf.entity SET key = n.key, regno = n.k_regno, orgcode = n.k_orgcode, name = n.clean_name, class = n.class, fact = n.fact,
          integration = ${integration}
        FROM unowned n WHERE ltrim(rf.entity.key, '-') = n.key AND (rf.entity.key <> n.key OR rf.entity.fact <> n.fact)`,
    },
    {
      name: 'their ids',
      sql: `UPDATE uncoded SET entity = e.entity FROM unowned n JOIN rf.entity e ON e.key = n.key
        WHERE uncoded.entity IS NULL AND n.k_${kind} = uncoded.k_${kind}`,
    },
  ];
  return [
    {
      name: 'rows of registers without a unified code',
      sql: `INSERT INTO rf.register_row SELECT fact, pair, class, clean_name, k_orgcode, k_regno, address, person, person_id, phone, NULL, ${integration}
        FROM register_row WHERE k_uscc IS NULL AND coalesce(k_regno, k_orgcode) IS NOT NULL`,
    },
    {
      name: 'whose they are is open again',
      sql: `CREATE OR REPLACE TEMP TABLE uncoded AS SELECT * EXCLUDE (entity, integration), NULL::VARCHAR AS k_uscc, entity AS was, NULL::INTEGER AS entity
        FROM rf.register_row`,
    },
    find('regno'),
    find('orgcode'),
    find('regno'),
    ...make('regno', 'R', 'true'),
    find('orgcode'),
    ...make('orgcode', 'O', 'k_regno IS NULL'),
    {
      name: 'rows that found another',
      sql: 'CREATE OR REPLACE TEMP TABLE uncoded_turned AS SELECT * FROM uncoded WHERE entity IS DISTINCT FROM was',
    },
    {
      name: 'what they said before',
      sql: `INSERT INTO alias_news SELECT * FROM rf.alias WHERE kind <> 'former' AND fact IN (SELECT fact FROM uncoded_turned)`,
    },
    {
      name: 'is said no longer',
      sql: `DELETE FROM rf.alias WHERE kind <> 'former' AND fact IN (SELECT fact FROM uncoded_turned)`,
    },
    {
      name: 'but of the other',
      sql: `INSERT INTO rf.alias ${saidOf('uncoded_turned', integration)}`,
    },
    {
      name: 'which is news',
      sql: `INSERT INTO alias_news SELECT * FROM rf.alias WHERE kind <> 'former' AND fact IN (SELECT fact FROM uncoded_turned)`,
    },
    {
      name: 'keep whose they are',
      sql: `UPDATE rf.register_row SET entity = t.entity FROM uncoded_turned t WHERE t.fact = rf.register_row.fact`,
    },
    {
      // The id stays theirs, should a row stand alone again.
      name: 'entities that were somebody else',
      sql: `UPDATE rf.entity SET key = '-' || key, integration = ${integration} WHERE (starts_with(key, 'R:') OR starts_with(key, 'O:'))
        AND entity NOT IN (SELECT entity FROM rf.register_row WHERE entity IS NOT NULL)`,
    },
    {
      name: 'their records go',
      sql: `INSERT INTO rf.move SELECT ${integration}, NULL, entity, NULL FROM rf.entity WHERE integration = ${integration} AND starts_with(key, '-')`,
    },
  ];
}
