/**
 * The published views: the contract with every later room. A column's name, type and meaning never change under the same
 * version; a change makes a `_v2` beside it.
 *
 * Look-ups of one entity (`WHERE entity = $entity`) are answered in a few milliseconds: the integer entity prunes the
 * sorted tables. The facts' views therefore use an outer join and IS NULL to leave out closed facts: through an anti join
 * the condition on the entity does not reach the closed table.
 *
 * Unmatched rows are facts of entity 0.
 */

const everyFact = `(SELECT entity, class, day, fact, record, amount, payload FROM lib.fact
     UNION ALL SELECT entity, class, day, fact, record, amount, payload FROM lib.fact_delta)`;

/** Separator of a payload's values (U+001F) as SQL. */
export const SEPARATOR = 'chr(31)';
/** Marker of a value that could not be cleaned and is kept as it came (U+0018) as SQL. */
export const FLAG = 'chr(24)';

/**
 * Claims: what every fact of a class with golden fields says of an attribute. `clean` is false for flagged values, which
 * never become golden. The version of the declaration that cleaned the run decides what a position means.
 */
const claim = `
  SELECT f.entity, g.golden AS attribute, f.class, c.rank, f.day, f.fact, f.closed_run, r.run, r.finished AS recorded_at,
         ltrim(split_part(f.payload, ${SEPARATOR}, g.position), ${FLAG}) AS value,
         NOT starts_with(split_part(f.payload, ${SEPARATOR}, g.position), ${FLAG}) AS clean
  FROM v.legal_person_fact_all_v1 f
  JOIN v.refined_run_v1 r ON r.run = f.run
  JOIN v.class_v1 c ON c.class = f.class
  JOIN v.class_field_v1 g ON g.class = f.class AND g.version = r.version AND g.golden IS NOT NULL
  WHERE f.entity > 0 AND split_part(f.payload, ${SEPARATOR}, g.position) <> ''`;

/** Statements that create or replace the libraries' views; they stand on libraryTables, the catalogue's and the refinery's views. */
export const libraryViews: readonly string[] = [
  `CREATE OR REPLACE VIEW v.legal_person_fact_v1 AS
     SELECT f.entity, f.class, f.day, f.fact, f.record, f.amount, f.payload,
            (f.fact >> 32)::INTEGER AS run, (f.fact & 4294967295)::BIGINT AS row
     FROM ${everyFact} f
     LEFT JOIN lib.fact_closed x ON x.entity = f.entity AND x.fact = f.fact
     WHERE x.fact IS NULL`,
  `CREATE OR REPLACE VIEW v.legal_person_fact_all_v1 AS
     SELECT f.entity, f.class, f.day, f.fact, f.record, f.amount, f.payload,
            (f.fact >> 32)::INTEGER AS run, (f.fact & 4294967295)::BIGINT AS row,
            x.closed_run, x.by_fact AS closed_by, x.reason AS closed_reason
     FROM ${everyFact} f
     LEFT JOIN lib.fact_closed x ON x.entity = f.entity AND x.fact = f.fact`,
  `CREATE OR REPLACE VIEW v.legal_person_v1 AS
     SELECT entity, name, uscc, orgcode, regno, kind, status, legal_representative, legal_representative_id, capital,
            currency, established, closed, address, division, industry, scope, phone, authority, employees, facts,
            sources, contradictions, quality, first_run, last_run, recorded_at
     FROM lib.golden`,
  `CREATE OR REPLACE VIEW v.legal_person_alias_v1 AS
     SELECT entity, name, kind, first_seen, last_seen, fact FROM lib.alias`,
  `CREATE OR REPLACE VIEW v.legal_person_relation_v1 AS
     SELECT entity, kind, person_name, person_token, other_entity, other_name, position, amount, share, valid_from,
            valid_to, class, fact
     FROM lib.relation`,
  `CREATE OR REPLACE VIEW v.legal_person_contradiction_v1 AS
     SELECT entity, attribute, value, class, rank, day, fact, chosen FROM lib.contradiction`,
  `CREATE OR REPLACE VIEW v.legal_person_claim_v1 AS ${claim}`,
  // One line per stretch in which a class said the same value: valid time by the fact's day, record time by its run.
  `CREATE OR REPLACE VIEW v.legal_person_history_v1 AS
     WITH ordered AS (
       SELECT *, lag(value) OVER w IS DISTINCT FROM value AS starts FROM v.legal_person_claim_v1 WHERE clean
       WINDOW w AS (PARTITION BY entity, attribute, class ORDER BY day NULLS FIRST, fact)
     ), stretches AS (
       SELECT *, count(*) FILTER (WHERE starts) OVER (
                   PARTITION BY entity, attribute, class ORDER BY day NULLS FIRST, fact) AS stretch
       FROM ordered
     ), merged AS (
       SELECT entity, attribute, class, stretch, any_value(value) AS value, min(day) AS valid_from,
              min(recorded_at) AS recorded_at, min(fact) AS fact, max(closed_run) AS closed_run,
              bool_and(closed_run IS NOT NULL) AS over
       FROM stretches GROUP BY entity, attribute, class, stretch
     )
     SELECT m.entity, m.attribute, m.value, m.valid_from,
            lead(m.valid_from) OVER (PARTITION BY m.entity, m.attribute, m.class ORDER BY m.stretch) AS valid_to,
            m.recorded_at, CASE WHEN m.over THEN r.finished END AS superseded_at, m.class, m.fact
     FROM merged m LEFT JOIN v.refined_run_v1 r ON r.run = m.closed_run`,
];
