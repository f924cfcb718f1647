/** The refinery's published views; they stand on refineryTables. */
export const refineryViews: readonly string[] = [
  // Which runs are refined, by which version of the declaration, and how many of their rows found their legal person.
  `CREATE OR REPLACE VIEW v.refined_run_v1 AS
     SELECT run, source, class, version, accepted, finished, integration, linked, unlinked, refined_at FROM rf.run`,
  `CREATE OR REPLACE VIEW v.quality_v1 AS
     SELECT source, class, run, field, dimension, rule, a, b FROM rf.quality`,
  `CREATE OR REPLACE VIEW v.profile_v1 AS
     SELECT source, class, run, field, rows, sampled, filled, distinct_values, min, max, min_length, max_length, flagged,
            patterns, top, drift
     FROM rf.profile`,
  'CREATE OR REPLACE VIEW v.integration_step_v1 AS SELECT integration, step, rows, ms, finished FROM rf.step',
  // Facts that turned to another legal person in an integration.
  'CREATE OR REPLACE VIEW v.integration_v1 AS SELECT integration, started, finished, target, runs, rows FROM rf.integration',
  'CREATE OR REPLACE VIEW v.fact_move_v1 AS SELECT integration, fact, entity, was FROM rf.move',
  // What the matcher knows of legal persons: codes, names (current and former), evidence.
  `CREATE OR REPLACE VIEW v.known_as_v1 AS SELECT entity, kind, value, value_hash, fact FROM rf.alias`,
  // A key with a mark before it: one that turned out to be somebody else; its id is not given again.
  `CREATE OR REPLACE VIEW v.entity_v1 AS SELECT entity, uscc, regno, orgcode, name, class, fact, integration FROM rf.entity
     WHERE NOT starts_with(key, '-')`,
  // A review is open until a person decided it.
  `CREATE OR REPLACE VIEW v.link_review_v1 AS
     SELECT r.review, r.pair, r.fact, r.class, r.rows, r.reason, r.candidates, r.integration,
            p.clean_uscc AS uscc, p.clean_orgcode AS orgcode, p.clean_regno AS regno, p.clean_name AS name,
            p.clean_former AS former,
            d.decision, d.entity AS decided_entity, d.by_user, d.decided_at, d.comment
     FROM rf.review r
     LEFT JOIN rf.pair p ON p.pair = r.pair
     LEFT JOIN (SELECT * FROM rf.decision QUALIFY row_number() OVER (PARTITION BY review ORDER BY decided_at DESC) = 1) d
       ON d.review = r.review`,
];
