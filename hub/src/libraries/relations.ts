/** Names and relations out of facts, by what the declarations say. */
import { type LakeStep, literal } from '../platform/lake/index.ts';
import { type ClassPlan, FLAG, nameKey, ofPlan, pieceAt } from '../refinery/index.ts';
import type { FactSource } from './golden.ts';

/** The value of a field in a payload; NULL when absent. Flagged values are told without their marker. */
function value(plan: ClassPlan, field: string | undefined): string {
  if (!field) return 'NULL::VARCHAR';
  const position = plan.declaration.fields.findIndex((f) => f.name === field) + 1;
  return `nullif(ltrim(${pieceAt('payload', position)}, ${FLAG}), '')`;
}

const columns = [
  'person_name',
  'person_token',
  'org_name',
  'org_code',
  'position',
  'amount',
  'share',
  'valid_from',
  'valid_to',
] as const;
const keys = [
  'person',
  'personId',
  'organisation',
  'organisationCode',
  'position',
  'amount',
  'share',
  'from',
  'to',
] as const;

/** Steps that replace the relations of the legal persons in `touched`. */
export function relationSteps(plans: readonly ClassPlan[], facts: FactSource): LakeStep[] {
  const related = plans.filter((p) => p.declaration.relations.length > 0);
  const lists = related.map((plan) => {
    const each = plan.declaration.relations.map(
      (r) => `{'kind': ${literal(r.kind)}, ${keys.map((k, i) => `'${columns[i]}': ${value(plan, r[k])}`).join(', ')}}`,
    );
    return `WHEN ${ofPlan(plan)} THEN [${each.join(', ')}]`;
  });
  const rows = related.length
    ? `SELECT entity, class, fact, unnest(r) FROM (SELECT entity, class, fact, unnest(CASE ${lists.join(' ')} END) AS r
         FROM (${facts(related.map((p) => p.number))}))`
    : `SELECT 0 AS entity, 0::SMALLINT AS class, 0::BIGINT AS fact, '' AS kind, ${columns.map((c) => `'' AS ${c}`).join(', ')} WHERE false`;
  return [
    { name: 'forget relations', sql: 'DELETE FROM lib.relation WHERE entity IN (SELECT entity FROM touched)' },
    {
      name: 'keep relations',
      sql: `INSERT INTO lib.relation
        WITH r AS (${rows}),
        code AS (SELECT value, min(entity) AS entity FROM v.known_as_v1 WHERE kind = 'uscc' GROUP BY value HAVING count(DISTINCT entity) = 1),
        named AS (SELECT value, min(entity) AS entity FROM v.known_as_v1 WHERE kind IN ('name', 'former') GROUP BY value HAVING count(DISTINCT entity) = 1)
        SELECT r.entity, r.kind, r.person_name, r.person_token, coalesce(c.entity, n.entity), r.org_name, r.position,
          try_cast(split_part(r.amount, ' ', 1) AS DECIMAL(18,2)), try_cast(r.share AS DECIMAL(9,4)), try_cast(r.valid_from AS DATE),
          try_cast(r.valid_to AS DATE), r.class, r.fact
        FROM (SELECT *, ${nameKey('org_name')} AS org_key FROM r) r LEFT JOIN code c ON c.value = r.org_code LEFT JOIN named n ON n.value = r.org_key
        WHERE r.entity > 0 AND coalesce(r.person_name, r.person_token, r.org_name, r.org_code) IS NOT NULL ORDER BY r.entity, r.kind, r.fact`,
    },
  ];
}

/**
 * Steps that replace the names of the legal persons in `touched`: the golden name is current, names told as former or by
 * facts that are over are former, other spellings of golden sources are variants. `all`: facts with closed ones and `over`.
 */
export function aliasSteps(plans: readonly ClassPlan[], all: FactSource): LakeStep[] {
  const naming = plans.flatMap((plan) => {
    const pieces = plan.declaration.fields.flatMap((f, i) =>
      plan.declaration.subject === 'legal-person' && (f.golden === 'name' || f.role === 'former-name')
        ? [`{'name': ${pieceAt('payload', i + 1)}, 'former': ${f.role === 'former-name' ? 'true' : 'over'}}`]
        : [],
    );
    return pieces.length ? [{ plan, list: `WHEN ${ofPlan(plan)} THEN [${pieces.join(', ')}]` }] : [];
  });
  const none = `SELECT 0 AS entity, '' AS name, false AS former, NULL::DATE AS "day", 0::BIGINT AS fact WHERE false`;
  const said = naming.length
    ? `SELECT entity, n.name, n.former, "day", fact FROM (SELECT entity, "day", fact, unnest(CASE ${naming.map((n) => n.list).join(' ')} END) AS n
         FROM (${all(naming.map((n) => n.plan.number))}))`
    : none;
  return [
    { name: 'forget names', sql: 'DELETE FROM lib.alias WHERE entity IN (SELECT entity FROM touched)' },
    {
      name: 'keep names',
      sql: `INSERT INTO lib.alias
        WITH said AS (${said}),
        one AS (SELECT entity, name, bool_or(former) AS former, bool_or(NOT former) AS told, min("day") AS first_seen, max("day") AS last_seen, min(fact) AS fact
                FROM said WHERE entity > 0 AND name <> '' AND NOT starts_with(name, ${FLAG}) GROUP BY entity, name),
        g AS (SELECT entity, name FROM lib.golden WHERE entity IN (SELECT entity FROM touched) AND name IS NOT NULL)
        SELECT g.entity, g.name, 'current', o.first_seen, o.last_seen, coalesce(o.fact, e.fact)
        FROM g JOIN v.entity_v1 e ON e.entity = g.entity LEFT JOIN one o ON o.entity = g.entity AND o.name = g.name
        UNION ALL
        SELECT o.entity, o.name, CASE WHEN o.former THEN 'former' ELSE 'variant' END, o.first_seen, o.last_seen, o.fact
        FROM one o JOIN g ON g.entity = o.entity AND g.name <> o.name ORDER BY 1`,
    },
  ];
}
