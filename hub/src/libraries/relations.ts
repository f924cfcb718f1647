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

const NONE = `SELECT 0 AS entity, '' AS kind, '' AS person_name, '' AS person_token, '' AS org_name, '' AS org_code, '' AS position,
  '' AS amount, '' AS share, '' AS valid_from, '' AS valid_to, 0::SMALLINT AS class, 0::BIGINT AS fact WHERE false`;

/** Steps that replace the relations of the legal persons in `touched`. */
export function relationSteps(plans: readonly ClassPlan[], facts: FactSource): LakeStep[] {
  const selects = plans.flatMap((plan) =>
    plan.declaration.relations.map(
      (
        r,
      ) => `SELECT entity, ${literal(r.kind)} AS kind, ${value(plan, r.person)} AS person_name, ${value(plan, r.personId)} AS person_token,
        ${value(plan, r.organisation)} AS org_name, ${value(plan, r.organisationCode)} AS org_code, ${value(plan, r.position)} AS position,
        ${value(plan, r.amount)} AS amount, ${value(plan, r.share)} AS share, ${value(plan, r.from)} AS valid_from,
        ${value(plan, r.to)} AS valid_to, class, fact FROM (${facts([plan.number])}) WHERE ${ofPlan(plan)}`,
    ),
  );
  return [
    { name: 'forget relations', sql: 'DELETE FROM lib.relation WHERE entity IN (SELECT entity FROM touched)' },
    {
      name: 'keep relations',
      sql: `INSERT INTO lib.relation
        WITH r AS (${selects.join('\nUNION ALL\n') || NONE}),
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
