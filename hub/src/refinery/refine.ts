/**
 * Matching what new runs brought, as one transaction: identifications, entities out of registers, names that became known,
 * and again the older identifications that this touches. Integrating day by day gives the same links as all at once.
 */
import { fewKeys, type LakeSession, type LakeStep, type StepTiming } from '../platform/lake/index.ts';
import { evidenceSteps, stirSteps } from './evidence.ts';
import { formerNameSteps, keyMatcher, knownStep, type Matcher, ORGCODE, placeBeforeStep, placeStep } from './match.ts';
import { type Batch, pairSteps } from './pairs.ts';
import { FACT, inRuns, pairHash } from './plan.ts';
import { evidenceColumns, registerSteps } from './registers.ts';

/** What matching is given. */
export interface RefineOptions {
  integration: number;
  /** The new runs by class. */
  fresh: readonly Batch[];
  /** All classes with the runs of earlier integrations. */
  earlier: readonly Batch[];
  matcher?: Matcher;
  /**
   * SQL of the facts (fact, class, entity) for which a condition on `entity` holds, from whoever keeps facts: rows of earlier
   * runs are then found by their legal person. Without it every row of every class is looked at.
   */
  factsOf?: (where: string) => string;
  onStep?: (timing: StepTiming) => void;
}

/**
 * Kept identifications that `alias_news` may give another answer: those that bear a name or a code that came or went, and
 * those that bear a code of somebody who is called otherwise than before, unless they are settled by an equal name.
 * Narrow scans of rf.pair, one for each condition. `unsettled`, `among`: conditions on the latter and on all of them.
 */
const touched = (unsettled: string, among = 'true'): string[] => {
  const names = "SELECT value_hash FROM alias_news WHERE kind IN ('name', 'former')";
  const codes = (kind: string) => `SELECT value FROM alias_news WHERE kind = '${kind}'`;
  const renamed = (kind: string) => `SELECT value FROM rf.alias WHERE kind = '${kind}'
    AND entity IN (SELECT entity FROM alias_news WHERE kind IN ('name', 'former'))`;
  const byCode = [
    ['uscc', 'k_uscc'],
    ['regno', 'k_regno'],
    ['orgcode', ORGCODE],
  ] as const;
  return [
    `SELECT pair FROM rf.pair WHERE ${among} AND h_name IN (${names})`,
    `SELECT pair FROM rf.pair WHERE ${among} AND h_former IN (${names})`,
    ...byCode.flatMap(([kind, column]) => [
      `SELECT pair FROM rf.pair WHERE ${among} AND ${column} IN (${codes(kind)})`,
      `SELECT pair FROM rf.pair WHERE ${unsettled} AND ${column} IN (${renamed(kind)})`,
    ]),
    `SELECT pair FROM rf.pair WHERE ${unsettled} AND (SELECT turned FROM name_place)`,
  ];
};

/** Takes older identifications back into `pair_in`, which news may resolve in another way. */
const takeBack = (which: string): LakeStep[] => [
  {
    name: 'identifications to be looked at again',
    sql: `CREATE OR REPLACE TEMP TABLE again AS SELECT p.* FROM rf.pair p
      WHERE p.pair IN (${which}) AND p.pair NOT IN (SELECT pair FROM before)`,
  },
  { name: 'remember how they were resolved', sql: 'INSERT INTO before SELECT pair, entity FROM again' },
  {
    name: 'take them in',
    sql: `INSERT INTO pair_in BY NAME SELECT pair, clean_uscc, clean_orgcode, clean_regno, clean_name, clean_former, changed,
      k_uscc, k_orgcode, k_regno, h_name, h_former, rows, fact FROM again`,
  },
];

/** Those that tell former names come first: what they tell is news for the others. */
const formerAgain = takeBack(touched('h_former IS NOT NULL', 'h_former IS NOT NULL').join(' UNION '));

/** New names, codes and decisions; open ones that have new rows, or for which evidence.ts could find another candidate. */
const againSteps: LakeStep[] = [
  ...stirSteps,
  ...takeBack(
    [
      ...touched("(method IS NULL OR method IN ('code-and-similar-name', 'name-despite-code'))"),
      'SELECT pair FROM stirred',
      'SELECT pair FROM met',
      'SELECT d.pair FROM latest_decision d JOIN rf.pair p ON p.pair = d.pair WHERE p.method IS DISTINCT FROM d.wanted OR p.entity IS DISTINCT FROM d.entity',
    ].join(' UNION '),
  ),
];

const todo = (where: string): LakeStep => ({
  name: 'identifications to resolve',
  sql: `CREATE OR REPLACE TEMP TABLE todo AS SELECT * FROM pair_in WHERE ${where}`,
});

/** Runs the match inside the given transaction and answers the steps' timings. */
export async function refine(session: LakeSession, options: RefineOptions): Promise<StepTiming[]> {
  const { integration, fresh, earlier, onStep } = options;
  const matcher = options.matcher ?? keyMatcher;
  const run = (steps: LakeStep[]) => session.steps(steps, onStep);
  const timings: StepTiming[] = [];
  timings.push(
    ...(await run([
      ...pairSteps(fresh),
      placeBeforeStep,
      ...registerSteps(fresh, integration),
      {
        name: 'decisions of persons',
        sql: `CREATE OR REPLACE TEMP TABLE latest_decision AS
          SELECT pair, decision, entity, CASE decision WHEN 'none' THEN 'refused' ELSE 'decided' END AS wanted FROM rf.decision
          QUALIFY row_number() OVER (PARTITION BY pair ORDER BY decided_at DESC) = 1`,
      },
      { name: 'what was resolved before', sql: 'CREATE OR REPLACE TEMP TABLE before (pair UBIGINT, entity INTEGER)' },
      placeStep,
      ...formerAgain,
      knownStep('registered'),
      todo('h_former IS NOT NULL'),
      ...matcher.steps(),
      ...formerNameSteps(integration),
      ...againSteps,
      knownStep('all'),
      todo('true'),
      ...matcher.steps(),
      ...decisionSteps,
    ])),
  );
  timings.push(...(await run(leavingSteps)));
  timings.push(...(await run(await leavingRowSteps(session, earlier, options.factsOf))));
  timings.push(...(await run([...evidenceSteps(fresh, integration), ...keepSteps(integration)])));
  return timings;
}

/** Fills `leaving (pair, was, entity)`: identifications that were somebody's and are now another's or open (entity 0). */
const leavingSteps: LakeStep[] = [
  {
    name: 'identifications that turned to another legal person',
    sql: `CREATE OR REPLACE TEMP TABLE leaving AS SELECT b.pair, b.entity AS was, coalesce(r.entity, 0) AS entity
      FROM before b JOIN resolved r ON r.pair = b.pair WHERE b.entity IS NOT NULL AND r.entity IS DISTINCT FROM b.entity`,
  },
  {
    name: 'none of their rows yet',
    sql: `CREATE OR REPLACE TEMP TABLE leaving_row (fact BIGINT, pair UBIGINT, class SMALLINT, address VARCHAR, person VARCHAR,
      person_id VARCHAR, phone VARCHAR)`,
  },
];

/**
 * Steps that fill `leaving_row` with the rows of earlier runs that bear an identification of `leaving`. Their facts stand under
 * the legal person that they leave; rows that delete are no facts and are few.
 */
async function leavingRowSteps(
  session: LakeSession,
  earlier: readonly Batch[],
  factsOf: RefineOptions['factsOf'],
): Promise<LakeStep[]> {
  const known = earlier.filter((b) => b.plan.matched && b.runs.length > 0);
  if (known.length === 0 || !(await session.first('SELECT 1 AS one FROM leaving LIMIT 1'))) return [];
  const rowsOf = ({ plan, runs }: Batch, where: string) =>
    `SELECT ${FACT} AS fact, ${pairHash(plan)} AS pair, ${plan.number}::SMALLINT AS class, ${evidenceColumns(plan)}
     FROM ${plan.table} WHERE ${inRuns(runs)} AND ${where} AND ${pairHash(plan)} IN (SELECT pair FROM leaving)`;
  const all = (scans: string[]): LakeStep => ({
    name: 'their rows',
    sql: `${fewKeys.begin}; INSERT INTO leaving_row ${scans.join('\nUNION ALL\n')}; ${fewKeys.end}`,
  });
  if (!factsOf) return [all(known.map((b) => rowsOf(b, 'true')))];
  await session.run(`CREATE OR REPLACE TEMP TABLE suspect AS SELECT DISTINCT class, fact
    FROM ${factsOf('entity IN (SELECT was FROM leaving)')} WHERE class IN (${known.map((b) => b.plan.number).join(', ')})`);
  const classes = new Set(
    (await session.query<{ class: number }>('SELECT DISTINCT class FROM suspect')).map((r) => r.class),
  );
  const scans = known.flatMap((b) => {
    const facts = `SELECT fact FROM suspect WHERE class = ${b.plan.number}`;
    // Their places by two narrow columns; only there the wide ones are read.
    const mine = `rowid IN (SELECT rowid FROM ${b.plan.table}
      WHERE _row IN (SELECT (fact & 4294967295)::INTEGER FROM (${facts})) AND ${FACT} IN (${facts}))`;
    const deletions = b.plan.declaration.mode === 'changes' ? [rowsOf(b, "_op = 'D'")] : [];
    return classes.has(b.plan.number) ? [rowsOf(b, mine), ...deletions] : deletions;
  });
  return scans.length > 0 ? [all(scans)] : [];
}

/** What a person decided stands above what keys say. */
const decisionSteps: LakeStep[] = [
  {
    name: 'follow decisions',
    sql: `UPDATE resolved SET entity = d.entity, method = d.wanted, score = 1, agrees = false, reason = NULL
      FROM latest_decision d WHERE d.pair = resolved.pair`,
  },
];

function keepSteps(integration: number): LakeStep[] {
  const moves: LakeStep[] = [
    {
      name: 'rows that were open and found their legal person, or another',
      sql: `INSERT INTO rf.move
        SELECT ${integration}, o.fact, coalesce(n.entity, r.entity, 0), coalesce(o.entity, 0)
        FROM rf.row_link o JOIN before b ON b.pair = o.pair JOIN resolved r ON r.pair = o.pair LEFT JOIN row_resolved n ON n.fact = o.fact
        WHERE coalesce(o.entity, 0) <> coalesce(n.entity, r.entity, 0)`,
    },
    {
      name: 'rows that turned to another legal person',
      sql: `INSERT INTO rf.move SELECT ${integration}, s.fact, coalesce(n.entity, t.entity), t.was
        FROM leaving_row s JOIN leaving t ON t.pair = s.pair LEFT JOIN row_resolved n ON n.fact = s.fact`,
    },
    {
      name: 'legal persons whom facts leave',
      sql: `INSERT INTO rf.move SELECT DISTINCT ${integration}, NULL::BIGINT, was, NULL::INTEGER FROM rf.move
        WHERE integration = ${integration} AND fact IS NOT NULL AND was > 0`,
    },
  ];
  return [
    ...moves,
    { name: 'replace what is looked at again', sql: 'DELETE FROM rf.pair WHERE pair IN (SELECT pair FROM before)' },
    { name: 'replace their rows', sql: 'DELETE FROM rf.row_link WHERE pair IN (SELECT pair FROM before)' },
    { name: 'replace their reviews', sql: 'DELETE FROM rf.review WHERE pair IN (SELECT pair FROM before)' },
    {
      name: 'keep identifications',
      sql: `INSERT INTO rf.pair
        SELECT p.pair, p.clean_uscc, p.clean_orgcode, p.clean_regno, p.clean_name, p.clean_former, p.changed, p.k_uscc, p.k_orgcode,
          p.k_regno, p.h_name, p.h_former, p.rows, p.fact, r.entity, r.method, r.score, r.other, coalesce(r.agrees, false), ${integration}
        FROM pair_in p JOIN resolved r ON r.pair = p.pair`,
    },
    {
      name: 'keep rows resolved one by one',
      sql: `INSERT INTO rf.row_link
        SELECT o.fact, o.pair, o.class, o.address, o.person, o.person_id, o.phone, r.entity, r.method, r.score, r.evidence, ${integration}
        FROM open_row o LEFT JOIN row_resolved r ON r.fact = o.fact`,
    },
    {
      name: 'keep reviews',
      sql: `INSERT INTO rf.review SELECT review, pair, fact, class, rows, reason, candidates, integration FROM review_new
        WHERE pair NOT IN (SELECT pair FROM latest_decision)`,
    },
    {
      name: 'free working tables',
      sql: [
        'again',
        'todo',
        'pair_in',
        'resolved',
        'open_row',
        'open_pair',
        'weighed',
        'pointed',
        'code_owner',
        'name_owner',
        'leaving_row',
      ]
        .map((t) => `DROP TABLE IF EXISTS ${t}`)
        .join(';'),
    },
  ];
}
