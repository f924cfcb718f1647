/**
 * Golden records. Every class with golden fields says something of a legal person; what it says is its latest current
 * fact that gives the attribute. Among classes the one with the most trusted rank is believed, among equal ranks the
 * latest. What the others say otherwise is kept as a contradiction. The same SQL answers "why" for one legal person.
 */
import { goldenAttribute } from '../catalogue/index.ts';
import { type LakeStep, literal } from '../platform/lake/index.ts';
import { type ClassPlan, FLAG, ofPlan, SEPARATOR } from '../refinery/index.ts';

/** Golden attributes in the order of the declaration, and their columns. */
export const attributes = goldenAttribute.options;
export const attributeColumn = (attribute: string): string => attribute.replaceAll('-', '_');

/** A number that orders claims by their day, then by when they came. */
const RECENCY = `(greatest(0, coalesce("day" - DATE '1800-01-01', 0))::HUGEINT * 9223372036854775808 + fact)`;

/** Facts of the classes that speak of golden attributes; with closed ones the column `closed_run` tells. */
export type FactSource = (classes: readonly number[]) => string;

/**
 * What current facts claim: entity, attribute, class, rank, day, fact, value; flagged values are no claims. `facts`: SQL of
 * facts (entity, class, day, fact, payload) limited to the given classes.
 */
export function claimSql(plans: readonly ClassPlan[], facts: FactSource): string {
  const speaking = plans.filter(
    (p) => p.declaration.subject === 'legal-person' && p.declaration.fields.some((f) => f.golden),
  );
  const lists = speaking.map((p) => {
    const said = p.declaration.fields.flatMap((f, i) =>
      f.golden ? [`{'a': ${literal(f.golden)}, 'v': p[${i + 1}]}`] : [],
    );
    return `WHEN ${ofPlan(p)} THEN [${said.join(', ')}]`;
  });
  const ranks = speaking.map((p) => `WHEN ${ofPlan(p)} THEN ${p.declaration.rank}`);
  if (speaking.length === 0) {
    return `SELECT 0 AS entity, '' AS attribute, 0::SMALLINT AS class, 0::SMALLINT AS rank, NULL::DATE AS "day", 0::BIGINT AS fact, '' AS value WHERE false`;
  }
  return `SELECT entity, c.a AS attribute, class, (CASE ${ranks.join(' ')} END)::SMALLINT AS rank, "day", fact, c.v AS value
    FROM (SELECT entity, class, "day", fact, unnest(CASE ${lists.join(' ')} END) AS c
          FROM (SELECT entity, class, "day", fact, string_split(payload, ${SEPARATOR}) AS p FROM (${facts(speaking.map((p) => p.number))})))
    WHERE c.v <> '' AND NOT starts_with(c.v, ${FLAG})`;
}

/** The latest claim of each class on each attribute. */
export function saidSql(claims: string): string {
  return `SELECT entity, attribute, class, any_value(rank) AS rank, unnest(arg_max({'value': value, 'day': "day", 'fact': fact}, ${RECENCY}))
    FROM (${claims}) GROUP BY entity, attribute, class`;
}

/** Two values of an attribute say the same when this is equal. */
export function sameKey(attribute: string, value: string): string {
  const address = `regexp_replace(${value}, '^(中国)?([^省市区县]{2,3}省)?([^省市区县]{2,4}市)?([^省市区县]{2,4}[市区县])?', '')`;
  const capital = `coalesce(try_cast(split_part(${value}, ' ', 1) AS DECIMAL(18,2))::VARCHAR, ${value})`;
  return `CASE ${attribute} WHEN 'address' THEN ${address} WHEN 'capital' THEN ${capital} ELSE ${value} END`;
}

/** Attributes that change from class to class by nature are no contradictions. */
const SERIES = `('employees')`;

/** Which claim of an attribute is believed, and whether classes contradict each other. `said`: a table like saidSql's. */
export function believedSql(said: string): string {
  return `SELECT entity, attribute, unnest(arg_max({'value': value, 'class': class, 'fact': fact},
      (100 - rank)::HUGEINT * 1180591620717411303424000000 + ${RECENCY})),
    min(${sameKey('attribute', 'value')}) <> max(${sameKey('attribute', 'value')}) AND attribute NOT IN ${SERIES} AS contradicted
  FROM ${said} GROUP BY entity, attribute`;
}

/**
 * Steps that compute golden records of the legal persons in the temporary table `touched (entity)` out of the temporary
 * table `said`, and replace them.
 */
export function goldenSteps(plans: readonly ClassPlan[], facts: FactSource, stats: string): LakeStep[] {
  const pick = (a: string) => `max(value) FILTER (attribute = ${literal(a)})`;
  const column = (a: string) => {
    const name = attributeColumn(a);
    if (a === 'capital') return `try_cast(split_part(${pick(a)}, ' ', 1) AS DECIMAL(18,2)) AS capital`;
    if (a === 'currency') return `coalesce(${pick(a)}, nullif(split_part(${pick('capital')}, ' ', 2), '')) AS currency`;
    if (a === 'established' || a === 'closed') return `try_cast(${pick(a)} AS DATE) AS ${name}`;
    return `${pick(a)} AS ${name}`;
  };
  const names = attributes.map(attributeColumn);
  return [
    { name: 'what classes say', sql: `CREATE OR REPLACE TEMP TABLE said AS ${saidSql(claimSql(plans, facts))}` },
    { name: 'whom to believe', sql: `CREATE OR REPLACE TEMP TABLE believed AS ${believedSql('said')}` },
    {
      name: 'forget contradictions',
      sql: 'DELETE FROM lib.contradiction WHERE entity IN (SELECT entity FROM touched)',
    },
    {
      name: 'keep contradictions',
      sql: `INSERT INTO lib.contradiction
        SELECT s.entity, s.attribute, s.value, s.class, s.rank, s."day", s.fact, s.fact = b.fact AS chosen
        FROM said s JOIN believed b ON b.entity = s.entity AND b.attribute = s.attribute WHERE b.contradicted
        ORDER BY s.entity, s.attribute, s.rank`,
    },
    { name: 'counts of facts', sql: `CREATE OR REPLACE TEMP TABLE stat AS ${stats}` },
    { name: 'forget golden records', sql: 'DELETE FROM lib.golden WHERE entity IN (SELECT entity FROM touched)' },
    {
      name: 'keep golden records',
      sql: `INSERT INTO lib.golden
        WITH g AS (
          SELECT entity, ${attributes.map(column).join(', ')}, count(*) FILTER (contradicted) AS contradictions,
                 count(*) FILTER (NOT contradicted)::DOUBLE / ${attributes.length} AS quality
          FROM believed GROUP BY entity)
        SELECT e.entity, coalesce(g.name, e.name), coalesce(g.uscc, e.uscc), coalesce(g.orgcode, e.orgcode, substr(coalesce(g.uscc, e.uscc), 9, 9)),
          coalesce(g.regno, e.regno), ${names
            .slice(4)
            .map((n) => `g.${n}`)
            .join(', ')},
          coalesce(s.facts, 0), coalesce(s.sources, 0), coalesce(g.contradictions, 0), round(coalesce(g.quality, 0), 4),
          coalesce(s.first_run, (e.fact >> 32)::INTEGER), coalesce(s.last_run, (e.fact >> 32)::INTEGER), r.finished
        FROM v.entity_v1 e LEFT JOIN g ON g.entity = e.entity LEFT JOIN stat s ON s.entity = e.entity
        LEFT JOIN v.refined_run_v1 r ON r.run = coalesce(s.last_run, (e.fact >> 32)::INTEGER)
        WHERE e.entity IN (SELECT entity FROM touched) ORDER BY e.entity`,
    },
  ];
}

/** Counts per legal person: facts, sources (bits of class numbers), first and last run. `facts`: SQL of (entity, class, fact). */
export function statSql(facts: string, largestClass: number): string {
  const words = Array.from({ length: Math.floor(largestClass / 64) + 1 }, (_, w) => {
    const bit = `CASE WHEN class >= ${w * 64} AND class < ${w * 64 + 64} THEN 1::UBIGINT << (class - ${w * 64}) ELSE 0::UBIGINT END`;
    return `bit_count(bit_or(${bit}))`;
  });
  return `SELECT entity, count(*)::INTEGER AS facts, (${words.join(' + ')})::SMALLINT AS sources,
      (min(fact) >> 32)::INTEGER AS first_run, (max(fact) >> 32)::INTEGER AS last_run
    FROM (${facts}) GROUP BY entity`;
}
