/**
 * Facts: every refined row, sorted by (entity, class, day) so that all that is known about a legal person is one look-up.
 * The first load and large ones become sorted runs of lib.fact; what comes later waits in lib.fact_delta for compaction.
 */
import { fewKeys, type LakeSession, type LakeStep, type StepTiming } from '../platform/lake/index.ts';
import {
  type Batch,
  FACT,
  type FactsOfRuns,
  hasRecords,
  inRuns,
  linkBits,
  linkedFactSql,
  recordHash,
} from '../refinery/index.ts';
import { factColumns } from './tables.ts';

/** Rows that are sorted at a time: as many as fit in memory beside the rest. */
export const CHUNK_ROWS = 6_000_000;

/** SQL of all facts of some runs with some columns. */
export const factsOfRuns: FactsOfRuns = (runs, columns) => {
  const low = Math.min(...runs);
  const high = Math.max(...runs) + 1;
  const where = `fact >= (${low}::BIGINT << 32) AND fact < (${high}::BIGINT << 32)`;
  return `(SELECT ${columns} FROM lib.fact WHERE ${where} UNION ALL SELECT ${columns} FROM lib.fact_delta WHERE ${where})`;
};

/** One sort key of 63 bits (entity, class, day): much cheaper to sort by than three columns. */
export const sortKey = (entity: string, cls: string, day: string): string =>
  `((${entity}::BIGINT << 32) | (${cls}::BIGINT << 17) | greatest(0, least(131071, coalesce(${day} - DATE '1900-01-01', 0)))::BIGINT)`;

/** Classes and runs with how many rows they bring. */
export interface SizedBatch extends Batch {
  rows: number;
}

/** Groups classes so that each group is sorted in memory. */
export function chunksOf(batches: readonly SizedBatch[], limit = CHUNK_ROWS): SizedBatch[][] {
  const chunks: SizedBatch[][] = [];
  let room = 0;
  for (const batch of batches.filter((b) => b.rows > 0)) {
    if (chunks.length === 0 || room < batch.rows) {
      chunks.push([]);
      room = limit;
    }
    chunks.at(-1)!.push(batch);
    room -= batch.rows;
  }
  return chunks;
}

/** What an identification gave and whether it agrees with the legal person that it was resolved to (see linkBits). */
const linkExpression = `(CASE WHEN clean_uscc <> '' THEN ${linkBits.codeGiven} ELSE 0 END
    | CASE WHEN k_uscc IS NOT NULL AND method IN ('register', 'code-and-name', 'code-and-former-name', 'code-and-similar-name', 'code-alone') THEN ${linkBits.codeAgrees} ELSE 0 END
    | CASE WHEN h_name IS NOT NULL THEN ${linkBits.nameGiven} ELSE 0 END
    | CASE WHEN h_name IS NOT NULL AND agrees THEN ${linkBits.nameAgrees} ELSE 0 END)`;

/** Views of what the match left, as linkedFactSql joins them. */
const linkViews: LakeStep[] = [
  {
    name: 'links of identifications',
    sql: `CREATE OR REPLACE TEMP VIEW pair_map AS SELECT pair, entity, changed,
      CASE WHEN changed THEN clean_uscc END AS clean_uscc, CASE WHEN changed THEN clean_orgcode END AS clean_orgcode,
      CASE WHEN changed THEN clean_regno END AS clean_regno, CASE WHEN changed THEN clean_name END AS clean_name,
      CASE WHEN changed THEN clean_former END AS clean_former, ${linkExpression} AS link FROM rf.pair`,
  },
  {
    name: 'links of rows',
    sql: `CREATE OR REPLACE TEMP VIEW row_map AS SELECT fact, entity FROM rf.row_link WHERE entity IS NOT NULL`,
  },
];

/** Steps that make the facts of a group of classes. */
export function factSteps(chunk: readonly Batch[], into: 'lib.fact' | 'lib.fact_delta', byRow: boolean): LakeStep[] {
  return [
    ...linkViews,
    {
      name: `facts of ${chunk.length} classes`,
      sql: `INSERT INTO ${into} SELECT entity, class, "day", fact, record, amount, payload, link
        FROM (${linkedFactSql(chunk, byRow)}) ORDER BY ${sortKey('entity', 'class', '"day"')}`,
    },
  ];
}

/**
 * Facts for which `where` holds, whether over or not. The condition stands beside each table's scan, where the engine turns a
 * set of keys into a filter of the scan itself; behind an outer join it would read every fact whole.
 */
export const factsWhere = (columns: string, where: string): string =>
  `(SELECT ${columns} FROM lib.fact WHERE ${where} UNION ALL SELECT ${columns} FROM lib.fact_delta WHERE ${where})`;

/** SQL of the facts (entity, class, fact and more) that are still open among few chosen ones. */
const open = (few: string): string =>
  `SELECT f.* FROM ${few} f LEFT JOIN lib.fact_closed x ON x.entity = f.entity AND x.fact = f.fact WHERE x.fact IS NULL`;

/** Columns of the temporary table `ending`; entity and class are NULL until they are looked up. */
export const endingColumns =
  'fact BIGINT, entity INTEGER, class SMALLINT, closed_run INTEGER, by_fact BIGINT, reason VARCHAR';

/**
 * Steps that find which facts are over because a later row names the same record; they add to the temporary table
 * `ending`. Rows of one record follow each other by run, by their own time, by row.
 * `earlier`: whether facts of these classes were there before.
 */
export function endingSteps(chunk: readonly Batch[], earlier: boolean): LakeStep[] {
  const kept = chunk.filter((b) => hasRecords(b.plan));
  if (kept.length === 0) return [];
  const rows = kept
    .map(
      ({ plan, runs }) =>
        `SELECT ${recordHash(plan)} AS record, ${FACT} AS fact, _ts AS ts, _op = 'D' AS deletes FROM ${plan.table} WHERE ${inRuns(runs)}`,
    )
    .join('\nUNION ALL\n');
  return [
    { name: 'records of new rows', sql: `CREATE OR REPLACE TEMP TABLE record_new AS ${rows}` },
    {
      name: 'records named more than once',
      sql: `CREATE OR REPLACE TEMP TABLE record_again AS SELECT record FROM record_new GROUP BY record HAVING count(*) > 1`,
    },
    ...(earlier
      ? [
          {
            name: 'records known before',
            sql: `CREATE OR REPLACE TEMP TABLE record_old AS
              WITH few AS MATERIALIZED (FROM ${factsWhere('entity, class, fact, record', 'record IN (SELECT record FROM record_new)')})
              SELECT entity, class, record, fact FROM (${open('few')}) WHERE fact NOT IN (SELECT fact FROM record_new)`,
          },
        ]
      : [
          {
            name: 'no records before',
            sql: `CREATE OR REPLACE TEMP TABLE record_old AS
              SELECT NULL::INTEGER AS entity, NULL::SMALLINT AS class, record, fact FROM record_new WHERE false`,
          },
        ]),
    {
      name: 'facts that are over',
      sql: `INSERT INTO ending
        SELECT fact, entity, class, (next_fact >> 32)::INTEGER, next_fact, CASE WHEN next_deletes THEN 'deleted' ELSE 'superseded' END
        FROM (SELECT fact, entity, class, deletes, lead(fact) OVER w AS next_fact, lead(deletes) OVER w AS next_deletes
              FROM (SELECT record, fact, NULL::INTEGER AS entity, NULL::SMALLINT AS class, ts, coalesce(deletes, false) AS deletes FROM record_new
                      WHERE record IN (SELECT record FROM record_again) OR record IN (SELECT record FROM record_old)
                    UNION ALL SELECT record, fact, entity, class, NULL, false FROM record_old)
              WINDOW w AS (PARTITION BY record ORDER BY fact >> 32, ts NULLS FIRST, fact))
        WHERE next_fact IS NOT NULL AND NOT deletes`,
    },
    {
      name: 'repeated keys',
      sql: `INSERT INTO repeated SELECT (fact >> 32)::INTEGER AS run, sum(n - 1)::BIGINT FROM (
          SELECT min(fact) AS fact, count(*) AS n FROM record_new WHERE record IN (SELECT record FROM record_again) GROUP BY record, fact >> 32)
        GROUP BY 1`,
    },
  ];
}

/**
 * Steps that close what ended, what vanished from a snapshot, and what moved to another legal person.
 * `moves`: whether the match of this integration left any.
 */
export function closeSteps(integration: number, vanished: string | null, moves: boolean): LakeStep[] {
  return [
    ...(vanished
      ? [
          {
            name: 'rows that vanished',
            sql: `INSERT INTO ending SELECT v.fact, NULL, NULL, v.run, NULL, 'vanished' FROM (${vanished}) v WHERE v.fact NOT IN (SELECT fact FROM ending)`,
          },
        ]
      : []),
    {
      // Whose the others are is known; only new and vanished facts must be looked up.
      name: 'whose ending facts are',
      sql: `CREATE OR REPLACE TEMP TABLE ending_of AS
        WITH few AS MATERIALIZED (FROM ${factsWhere('entity, class, fact', 'fact IN (SELECT fact FROM ending WHERE entity IS NULL)')})
        SELECT entity, class, fact FROM (${open('few')})
        UNION SELECT entity, class, fact FROM ending WHERE entity IS NOT NULL`,
    },
    {
      name: 'close facts',
      sql: `INSERT INTO lib.fact_closed SELECT f.entity, f.class, e.fact, e.closed_run, e.by_fact, e.reason
        FROM (SELECT fact, min(closed_run) AS closed_run, arg_min(by_fact, closed_run) AS by_fact, arg_min(reason, closed_run) AS reason
              FROM ending GROUP BY fact) e
        JOIN ending_of f ON f.fact = e.fact ORDER BY f.entity, e.fact`,
    },
    ...(moves ? turningSteps(integration) : []),
  ];
}

/** Steps by which facts leave one legal person for another. Those that are over turn as well, so that history stands right. */
function turningSteps(integration: number): LakeStep[] {
  return [
    {
      name: 'facts that turn to another legal person',
      sql: `CREATE OR REPLACE TEMP TABLE moving AS SELECT DISTINCT fact, entity, was FROM v.fact_move_v1 WHERE integration = ${integration} AND fact IS NOT NULL;
        ${fewKeys.begin};
        CREATE OR REPLACE TEMP TABLE moving_row AS ${['lib.fact', 'lib.fact_delta']
          .map(
            (t) =>
              `SELECT '${t}' AS place, rowid AS r FROM ${t} WHERE entity IN (SELECT was FROM moving) AND fact IN (SELECT fact FROM moving)`,
          )
          .join(' UNION ALL ')};
        CREATE OR REPLACE TEMP TABLE turning AS
        WITH few AS MATERIALIZED (${['lib.fact', 'lib.fact_delta']
          .map((t) => `FROM ${t} WHERE rowid IN (SELECT r FROM moving_row WHERE place = '${t}')`)
          .join(' UNION ALL ')})
        SELECT f.*, m.entity AS to_entity, b.fact IS NOT NULL AS returns FROM (
          SELECT a.*, x.closed_run, x.by_fact, x.reason FROM few a
          LEFT JOIN lib.fact_closed x ON x.entity = a.entity AND x.fact = a.fact WHERE x.reason IS DISTINCT FROM 'relinked') f
        JOIN moving m ON m.fact = f.fact
        LEFT JOIN lib.fact_closed b ON b.entity = m.entity AND b.fact = f.fact AND b.reason = 'relinked'
        WHERE m.entity <> f.entity;
        ${fewKeys.end}`,
    },
    {
      name: 'forget how they stood',
      sql: `DELETE FROM lib.fact_closed USING turning t WHERE lib.fact_closed.fact = t.fact AND lib.fact_closed.entity IN (t.entity, t.to_entity)`,
    },
    {
      name: 'leave the former legal person',
      sql: `INSERT INTO lib.fact_closed SELECT entity, class, fact, (SELECT max(run) FROM v.refined_run_v1 WHERE integration <= ${integration}), fact, 'relinked'
        FROM turning ORDER BY entity, fact`,
    },
    {
      name: 'keep that they are over',
      sql: `INSERT INTO lib.fact_closed SELECT to_entity, class, fact, closed_run, by_fact, reason FROM turning WHERE closed_run IS NOT NULL
        ORDER BY to_entity, fact`,
    },
    {
      name: 'come to the other',
      sql: `INSERT INTO lib.fact_delta SELECT to_entity, class, "day", fact, record, amount, payload, link FROM turning WHERE NOT returns
        ORDER BY ${sortKey('to_entity', 'class', '"day"')}`,
    },
  ];
}

/** Puts all facts into one sorted table again; those that only moved away are left out, closed ones stay for history. */
export async function compactFacts(session: LakeSession, onStep?: (t: StepTiming) => void): Promise<StepTiming[]> {
  return session.steps(
    [
      { name: 'a new table', sql: `CREATE TABLE lib.fact_sorted (${factColumns})` },
      {
        name: 'sort all facts',
        sql: `INSERT INTO lib.fact_sorted SELECT f.* FROM (SELECT * FROM lib.fact UNION ALL SELECT * FROM lib.fact_delta) f
          LEFT JOIN (FROM lib.fact_closed WHERE reason = 'relinked') x ON x.entity = f.entity AND x.fact = f.fact WHERE x.fact IS NULL
          ORDER BY ${sortKey('f.entity', 'f.class', 'f."day"')}`,
      },
      {
        name: 'sort closed facts',
        sql: "CREATE TABLE lib.closed_sorted AS SELECT * FROM lib.fact_closed WHERE reason <> 'relinked' ORDER BY entity, fact",
      },
      { name: 'replace facts', sql: 'DROP TABLE lib.fact; ALTER TABLE lib.fact_sorted RENAME TO fact' },
      {
        name: 'replace closed facts',
        sql: 'DROP TABLE lib.fact_closed; ALTER TABLE lib.closed_sorted RENAME TO fact_closed',
      },
      { name: 'empty the delta', sql: 'DELETE FROM lib.fact_delta' },
    ],
    onStep,
  );
}
