/**
 * Whose every mention is. All is decided by what is known now, never by the order in which it came: registers' rows name
 * entities by their first key; other rows are given by a key that a current register row has and agrees with, else by the declared
 * rules, only where exactly one entity answers; the rest stays open. An integration decides again only mentions that share a key
 * or what a rule looks for with a register row that came or ended.
 */
import { type LakeSession, type LakeStep, literal } from '../../platform/lake/index.ts';
import { addressSteps, type BaseStep, reread } from './addresses.ts';
import { legalPersonFields } from './check.ts';
import { type LibraryPlan, mentionSql } from './plan.ts';
import { forgottenTables } from './tables.ts';

/** Facts that an integration brought: a range of fact numbers, and its number. */
export interface News {
  integration: number;
  /** SQL condition on `fact`; 'false' when no run brought rows. */
  brought: string;
  /** The library is made for the first time (or anew): every fact is news. */
  first: boolean;
  /** Facts of persons are let go of: `lib.erased_fact` names them. */
  erased?: boolean;
}

/**
 * A seam for probabilistic linkage (../linkage). Its answers must be the same for the same current rows, whatever the order in which
 * those came.
 */
export interface Proposer {
  /** Steps that fill the temporary table `b_asked (source, fact)`: mentions to decide again beside those that keys and rules stir. */
  stir(library: LibraryPlan, news: News): BaseStep[];
  /**
   * Steps that look at the temporary table `b_open (source, fact)` of mentions that keys and rules left open or ambiguous and change
   * `b_linked (source, fact, entity, method, candidates)`, in which the ambiguous ones stand already.
   */
  propose(library: LibraryPlan, news: News): BaseStep[];
}

const facts = (where: string): string =>
  `SELECT class, fact, "day", payload FROM lib.fact WHERE entity = 0 AND ${where} UNION ALL SELECT class, fact, "day", payload FROM lib.fact_delta WHERE entity = 0 AND ${where}`;

const legal = legalPersonFields.map((f) => `${f}::VARCHAR AS ${f}`).join(', ');
const legalValue = `concat_ws(chr(31), ${legalPersonFields.map((f) => `coalesce(${f}::VARCHAR, '')`).join(', ')})`;

/** Steps that bring mentions up to date: `b_new (source, fact)` are those that came, `b_over (fact, closed_run)` those that ended. */
export function mentionSteps(library: LibraryPlan, news: News): LakeStep[] {
  const n = library.number;
  const classes = library.classes.join(', ') || 'NULL';
  const range = news.first ? 'true' : news.brought;
  const rows = library.reads.filter((r) => r.plan).map((r) => mentionSql(library, r, 'FROM b_fact'));
  const seats = library.reads.filter((r) => !r.plan).map((r) => mentionSql(library, r, 'FROM b_legal'));
  const columns = 'source, class, fact, "day", anchor, keys, evidence, blocks, said, place';
  const gone = `SELECT m.source, m.fact, l.entity, m.anchor, m.keys, m.blocks FROM lib.base_mention m
    LEFT JOIN lib.base_link l ON l.library = m.library AND l.source = m.source AND l.fact = m.fact WHERE m.library = ${n} AND ${news.erased ? 'm.fact IN (SELECT fact FROM lib.erased_fact)' : 'false'}`;
  return [
    {
      name: `${library.declaration.library}: rows of erased persons`,
      sql: `CREATE OR REPLACE TEMP TABLE b_gone AS ${gone}${
        news.erased
          ? `; DELETE FROM lib.base_mention WHERE library = ${n} AND fact IN (SELECT fact FROM b_gone);
             DELETE FROM lib.base_link WHERE library = ${n} AND fact IN (SELECT fact FROM b_gone)`
          : ''
      }`,
    },
    {
      name: `${library.declaration.library}: facts that came`,
      sql: `CREATE OR REPLACE TEMP TABLE b_fact AS ${facts(`class IN (${classes}) AND ${range}`)}`,
    },
    {
      name: `${library.declaration.library}: what they say`,
      sql: `CREATE OR REPLACE TEMP TABLE b_said AS ${[...rows].join(' UNION ALL ') || `SELECT 0::SMALLINT AS source, 0::SMALLINT AS class, 0::BIGINT AS fact, NULL::DATE AS "day", false AS anchor, []::VARCHAR[] AS keys, []::UBIGINT[] AS evidence, []::UBIGINT[] AS blocks, []::VARCHAR[] AS said, NULL::VARCHAR AS place WHERE false`}`,
    },
    ...(seats.length > 0
      ? [
          {
            name: `${library.declaration.library}: legal persons that changed`,
            sql: `CREATE OR REPLACE TEMP TABLE b_seat AS SELECT entity, ${legalValue} AS value FROM v.legal_person_v1;
              CREATE OR REPLACE TEMP TABLE b_moved AS ${
                news.first
                  ? 'SELECT entity FROM b_seat'
                  : `SELECT coalesce(s.entity, o.entity) AS entity FROM b_seat s FULL JOIN (FROM lib.base_seat WHERE library = ${n}) o ON o.entity = s.entity WHERE s.value IS DISTINCT FROM o.value`
              };
              CREATE OR REPLACE TEMP TABLE b_legal AS SELECT 0::SMALLINT AS class, -entity::BIGINT AS fact, NULL::DATE AS "day", ${legal} FROM v.legal_person_v1
                WHERE entity IN (SELECT entity FROM b_moved);
              INSERT INTO b_said SELECT ${columns} FROM (${seats.join(' UNION ALL ')});
              CREATE OR REPLACE TEMP TABLE b_left AS SELECT source, fact, entity FROM lib.base_link WHERE library = ${n} AND fact < 0 AND -fact IN (SELECT entity FROM b_moved);
              DELETE FROM lib.base_mention WHERE library = ${n} AND fact < 0 AND -fact IN (SELECT entity FROM b_moved);
              DELETE FROM lib.base_link WHERE library = ${n} AND fact < 0 AND -fact IN (SELECT entity FROM b_moved);
              DELETE FROM lib.base_seat WHERE library = ${n} AND entity IN (SELECT entity FROM b_moved);
              INSERT INTO lib.base_seat SELECT ${n}, entity, value FROM b_seat WHERE entity IN (SELECT entity FROM b_moved)`,
          },
        ]
      : [
          {
            name: 'no legal persons',
            sql: 'CREATE OR REPLACE TEMP TABLE b_left AS SELECT 0::SMALLINT AS source, 0::BIGINT AS fact, 0 AS entity WHERE false',
          },
        ]),
    {
      name: 'whose the rows of erased persons were',
      sql: 'INSERT INTO b_left SELECT source, fact, entity FROM b_gone',
    },
    {
      name: `${library.declaration.library}: keep what they say`,
      sql: `INSERT INTO lib.base_mention SELECT ${n}, ${columns} FROM b_said ORDER BY source, fact`,
    },
    {
      name: `${library.declaration.library}: rows that ended`,
      sql: `CREATE OR REPLACE TEMP TABLE b_ended AS SELECT fact, min(closed_run) AS closed_run FROM lib.fact_closed WHERE entity = 0 AND class IN (${classes}) GROUP BY fact;
        CREATE OR REPLACE TEMP TABLE b_over AS SELECT fact, closed_run FROM b_ended
          WHERE fact IN (SELECT fact FROM lib.base_link WHERE library = ${n} AND closed_run IS NULL) OR fact IN (SELECT fact FROM b_said)`,
    },
  ];
}

/** Steps that decide: `b_linked (source, fact, entity, method, candidates)` for `b_affected`, then kept in lib.base_link. */
export function linkSteps(library: LibraryPlan, news: News, propose?: Proposer): BaseStep[] {
  const { declaration: d, number: n } = library;
  const title = (what: string) => `${d.library}: ${what}`;
  const at = (name: string) => d.evidence.findIndex((e) => e.name === name) + 1;
  const shares = d.agree.map((name) => `(a.evidence[${at(name)}] IS NOT NULL AND x.evidence[${at(name)}] IS NOT NULL)`);
  const agrees = d.agree.map((name) => `coalesce(a.evidence[${at(name)}] = x.evidence[${at(name)}], false)`);
  const fits = d.agree.length > 0 ? `bool_or(${agrees.join(' OR ')}) OR NOT bool_or(${shares.join(' OR ')})` : 'true';
  const positions = d.keys.map((_, i) => i + 1).join(', ');
  const ruleNumbers = d.match.map((_, i) => i + 1).join(', ');
  const differing = (rule: (typeof d.match)[number]) =>
    rule.consistent.map((name) => ` AND coalesce(a.evidence[${at(name)}] = x.evidence[${at(name)}], true)`).join('');
  const keyed = (table: string) =>
    `SELECT source, fact, evidence, j, keys[j] AS k${table === 'b_anchor' ? ', entity' : ''} FROM ${table}, (SELECT unnest([${positions}]) AS j) WHERE keys[j] IS NOT NULL`;
  const exclusive = d.keys.flatMap((k, i) => (k.exclusive ? [i + 1] : []));
  const keyName = `CASE j ${d.keys.map((k, i) => `WHEN ${i + 1} THEN ${literal(k.name)}`).join(' ')} END`;
  const ruleName = `CASE r ${d.match.map((m, i) => `WHEN ${i + 1} THEN ${literal(m.rule)}`).join(' ')} ELSE '' END`;
  const current = `m.library = ${n} AND m.anchor AND m.fact NOT IN (SELECT fact FROM b_ended)`;
  const asked = propose ? ' UNION SELECT source, fact FROM b_asked' : '';
  return [
    {
      name: title('entities that registers made known'),
      sql: `INSERT INTO lib.base_entity
        SELECT ${n}, (SELECT coalesce(max(entity), 0) FROM lib.base_entity WHERE library = ${n}) + row_number() OVER (ORDER BY fact), k, fact
        FROM (SELECT keys[1] AS k, min(fact) AS fact FROM b_said WHERE anchor GROUP BY keys[1]) WHERE k NOT IN (SELECT "key" FROM lib.base_entity WHERE library = ${n})`,
    },
    ...(propose?.stir(library, news) ?? []),
    {
      name: title('mentions to decide'),
      sql: news.first
        ? `CREATE OR REPLACE TEMP TABLE b_affected AS SELECT source, fact, anchor, keys, evidence, blocks FROM lib.base_mention WHERE library = ${n}`
        : `CREATE OR REPLACE TEMP TABLE b_stirred AS SELECT keys, blocks FROM b_said WHERE anchor
            UNION ALL SELECT keys, blocks FROM lib.base_mention WHERE library = ${n} AND anchor AND fact IN (SELECT fact FROM b_over)
            UNION ALL SELECT keys, blocks FROM b_gone WHERE anchor;
          CREATE OR REPLACE TEMP TABLE b_key AS SELECT DISTINCT k FROM (SELECT unnest(keys) AS k FROM b_stirred) WHERE k IS NOT NULL;
          CREATE OR REPLACE TEMP TABLE b_block AS SELECT DISTINCT k FROM (SELECT unnest(blocks) AS k FROM b_stirred) WHERE k IS NOT NULL;
          CREATE OR REPLACE TEMP TABLE b_chosen AS
            SELECT source, fact FROM b_said
            UNION SELECT source, fact FROM (SELECT source, fact, unnest(keys) AS k FROM lib.base_mention WHERE library = ${n}) WHERE k IN (SELECT k FROM b_key)
            UNION SELECT source, fact FROM (SELECT source, fact, unnest(blocks) AS k FROM lib.base_mention WHERE library = ${n}) WHERE k IN (SELECT k FROM b_block)
            UNION SELECT source, fact FROM lib.base_link WHERE library = ${n} AND fact IN (SELECT fact FROM b_over)${reread(library, news.integration)}${asked};
          CREATE OR REPLACE TEMP TABLE b_affected AS SELECT m.source, m.fact, m.anchor, m.keys, m.evidence, m.blocks FROM lib.base_mention m
            SEMI JOIN b_chosen c ON c.source = m.source AND c.fact = m.fact WHERE m.library = ${n}`,
    },
    {
      name: title('register rows beside them'),
      sql: `CREATE OR REPLACE TEMP TABLE b_anchor AS
        ${
          news.first
            ? ''
            : `WITH k AS (SELECT DISTINCT unnest(keys) AS k FROM b_affected WHERE NOT anchor), b AS (SELECT DISTINCT unnest(blocks) AS k FROM b_affected WHERE NOT anchor),
        near AS (SELECT source, fact FROM (SELECT source, fact, unnest(keys) AS k FROM lib.base_mention WHERE library = ${n} AND anchor) WHERE k IN (SELECT k FROM k)
          UNION SELECT source, fact FROM (SELECT source, fact, unnest(blocks) AS k FROM lib.base_mention WHERE library = ${n} AND anchor) WHERE k IN (SELECT k FROM b))`
        }
        SELECT m.source, m.fact, m.keys, m.evidence, m.blocks, e.entity FROM lib.base_mention m
        ${news.first ? '' : 'SEMI JOIN near ON near.source = m.source AND near.fact = m.fact'}
        JOIN lib.base_entity e ON e.library = ${n} AND e."key" = m.keys[1] WHERE ${current}`,
    },
    {
      name: title('who has their keys'),
      sql: `CREATE OR REPLACE TEMP TABLE b_by_key AS
        WITH a AS (${keyed('(FROM b_affected WHERE NOT anchor)')}), x AS (${keyed('b_anchor')}),
        met AS (SELECT a.source, a.fact, a.j, x.entity, ${fits} AS fits FROM a JOIN x ON x.j = a.j AND x.k = a.k GROUP BY ALL),
        gone AS (SELECT a.source, a.fact, a.j, e.entity, true AS fits FROM a JOIN lib.base_entity e ON e.library = ${n} AND e."key" = a.k
          WHERE a.j = 1 AND NOT EXISTS (SELECT 1 FROM met WHERE met.source = a.source AND met.fact = a.fact AND met.j = 1))
        SELECT a.source, a.fact, a.j, count(m.entity) AS n, any_value(m.entity) AS entity, coalesce(bool_and(m.fits), false) AS fits
        FROM a LEFT JOIN (FROM met UNION ALL FROM gone) m ON m.source = a.source AND m.fact = a.fact AND m.j = a.j GROUP BY a.source, a.fact, a.j`,
    },
    {
      name: title('given by a key'),
      sql: `CREATE OR REPLACE TEMP TABLE b_linked AS
        SELECT a.source, a.fact, e.entity, 'register' AS method, NULL::INTEGER[] AS candidates FROM b_affected a
          JOIN lib.base_entity e ON e.library = ${n} AND e."key" = a.keys[1] WHERE a.anchor
        UNION ALL SELECT source, fact, entity, 'key ' || ${keyName}, NULL FROM (
          SELECT source, fact, j, entity FROM b_by_key WHERE n = 1 AND fits QUALIFY row_number() OVER (PARTITION BY source, fact ORDER BY j) = 1)
        ${
          exclusive.length > 0
            ? `UNION ALL SELECT source, fact, NULL, 'unknown-key', NULL FROM b_by_key k WHERE n = 0 AND j IN (${exclusive.join(', ')})
          AND NOT EXISTS (SELECT 1 FROM b_by_key o WHERE o.source = k.source AND o.fact = k.fact AND o.n = 1 AND o.fits) GROUP BY source, fact`
            : ''
        }`,
    },
    ...(d.match.length > 0
      ? [
          {
            name: title('who answers the rules'),
            sql: `CREATE OR REPLACE TEMP TABLE b_by_rule AS
              WITH a AS (SELECT source, fact, evidence, blocks FROM b_affected WHERE NOT anchor AND (source, fact) NOT IN (SELECT (source, fact) FROM b_linked)),
              al AS (SELECT source, fact, evidence, r, blocks[r] AS k FROM a, (SELECT unnest([${ruleNumbers}]) AS r) WHERE blocks[r] IS NOT NULL),
              xl AS (SELECT entity, evidence, r, blocks[r] AS k FROM b_anchor, (SELECT unnest([${ruleNumbers}]) AS r) WHERE blocks[r] IS NOT NULL)
              SELECT a.source, a.fact, a.r, list(DISTINCT x.entity ORDER BY x.entity) AS entities
              FROM al a JOIN xl x ON x.r = a.r AND x.k = a.k
              WHERE CASE a.r ${d.match.map((rule, i) => `WHEN ${i + 1} THEN true${differing(rule)}`).join(' ')} END
              GROUP BY a.source, a.fact, a.r QUALIFY row_number() OVER (PARTITION BY a.source, a.fact ORDER BY a.r) = 1`,
          },
          {
            name: title('given by a rule'),
            sql: `INSERT INTO b_linked SELECT source, fact, CASE WHEN len(entities) = 1 THEN entities[1] END,
                CASE WHEN len(entities) = 1 THEN ${ruleName} ELSE 'ambiguous' END, CASE WHEN len(entities) > 1 THEN entities[:20] END FROM b_by_rule`,
          },
        ]
      : []),
    ...addressSteps(library, news),
    ...(propose
      ? [
          {
            name: title('what is open'),
            sql: `CREATE OR REPLACE TEMP TABLE b_open AS SELECT source, fact FROM b_affected WHERE NOT anchor
              AND (source, fact) NOT IN (SELECT (source, fact) FROM b_linked WHERE method <> 'ambiguous')`,
          },
          ...propose.propose(library, news),
        ]
      : []),
    {
      // A row that has neither a key nor what a rule looks for mentions nobody.
      name: title('open mentions'),
      sql: `INSERT INTO b_linked SELECT a.source, a.fact, NULL,
          CASE WHEN EXISTS (SELECT 1 FROM b_by_key k WHERE k.source = a.source AND k.fact = a.fact AND k.n = 1 AND NOT k.fits) THEN 'key-contradicted'
            WHEN len(list_filter(a.keys, lambda k: k IS NOT NULL)) + len(list_filter(a.blocks, lambda k: k IS NOT NULL)) > 0 THEN 'nobody' ELSE 'nothing-said' END, NULL
        FROM b_affected a ANTI JOIN b_linked l ON l.source = a.source AND l.fact = a.fact`,
    },
    {
      name: title('entities and rows with news'),
      sql: `CREATE OR REPLACE TEMP TABLE b_was AS SELECT l.source, l.fact, l.entity FROM lib.base_link l SEMI JOIN b_affected a ON a.source = l.source AND a.fact = l.fact WHERE l.library = ${n}
          UNION ALL FROM b_left;
        CREATE OR REPLACE TEMP TABLE b_turned AS
          SELECT coalesce(l.fact, w.fact) AS fact, l.entity, w.entity AS was FROM b_linked l FULL JOIN b_was w ON w.source = l.source AND w.fact = l.fact
          WHERE w.fact IS NULL OR l.fact IS NULL OR l.entity IS DISTINCT FROM w.entity OR w.fact < 0 OR w.fact IN (SELECT fact FROM b_over)
             OR w.fact IN (SELECT fact FROM b_gone);
        CREATE OR REPLACE TEMP TABLE b_touched AS
          SELECT DISTINCT entity FROM (SELECT entity FROM b_turned UNION ALL SELECT was FROM b_turned) WHERE entity IS NOT NULL;
        INSERT INTO lib.base_touched SELECT DISTINCT ${n}, fact FROM b_turned`,
    },
    {
      name: title('keep whose they are'),
      sql: `DELETE FROM lib.base_link WHERE library = ${n} AND ${news.first ? 'true' : '(source, fact) IN (SELECT (source, fact) FROM b_affected)'};
        INSERT INTO lib.base_link SELECT ${n}, l.source, l.fact, l.entity, l.method, l.candidates, o.closed_run
        FROM b_linked l LEFT JOIN b_ended o ON o.fact = l.fact ORDER BY l.entity, l.fact`,
    },
  ];
}

/** Forgets what a library was made of, except its entities' numbers. */
export async function forgetLibrary(session: LakeSession, library: number): Promise<void> {
  for (const t of forgottenTables) await session.run(`DELETE FROM ${t} WHERE library = ${library}`);
}

/** Forgets what all libraries were made of, except their entities' numbers; a lake without declared libraries has nothing to forget. */
export async function forgetLibraries(session: LakeSession): Promise<void> {
  const there = await session.first(
    "SELECT 1 AS one FROM information_schema.tables WHERE table_schema = 'lib' AND table_name = 'base_library'",
  );
  if (there) for (const t of forgottenTables) await session.run(`DELETE FROM ${t}`);
}
