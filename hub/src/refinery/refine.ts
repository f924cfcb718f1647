/**
 * Matching what new runs brought, as one transaction: identifications, entities out of registers, names that became known,
 * and again the older identifications that this touches. Integrating day by day gives the same links as all at once.
 */
import type { LakeSession, LakeStep, StepTiming } from '../platform/lake/index.ts';
import { evidenceSteps, stirSteps } from './evidence.ts';
import { formerNameSteps, keyMatcher, knownStep, type Matcher, ORGCODE, placeBeforeStep, placeStep } from './match.ts';
import { type Batch, pairSteps } from './pairs.ts';
import { FACT, inRuns, pairHash } from './plan.ts';
import { registerSteps } from './registers.ts';

/** What matching is given. */
export interface RefineOptions {
  integration: number;
  /** The new runs by class. */
  fresh: readonly Batch[];
  /** All classes with the runs of earlier integrations. */
  earlier: readonly Batch[];
  matcher?: Matcher;
  onStep?: (timing: StepTiming) => void;
}

/**
 * Kept identifications that `alias_news` may give another answer: those that bear a name or a code that came or went, and
 * those that bear a code of somebody who is called otherwise than before, unless they are settled by an equal name.
 * Narrow scans of rf.pair, one for each condition. `or`: further conditions for those with such a code.
 */
const touched = (unsettled: string): string[] => {
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
    `SELECT pair FROM rf.pair WHERE h_name IN (${names})`,
    `SELECT pair FROM rf.pair WHERE h_former IN (${names})`,
    ...byCode.flatMap(([kind, column]) => [
      `SELECT pair FROM rf.pair WHERE ${column} IN (${codes(kind)})`,
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
const formerAgain = takeBack(
  `SELECT pair FROM rf.pair WHERE h_former IS NOT NULL AND pair IN (${touched('h_former IS NOT NULL').join(' UNION ')})`,
);

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
  // Rows of open identifications: scanned in the new runs, remembered from the earlier ones, unless one has just been opened.
  const opened = await session.first<{ n: number }>(
    `SELECT count(*) AS n FROM before b JOIN resolved r ON r.pair = b.pair WHERE b.entity IS NOT NULL AND r.entity IS NULL`,
  );
  const scanned = opened?.n ? [...fresh, ...earlier] : fresh;
  timings.push(...(await run(evidenceSteps(scanned, integration, !opened?.n))));
  timings.push(...(await run(await keepSteps(session, integration, earlier))));
  return timings;
}

/** What a person decided stands above what keys say. */
const decisionSteps: LakeStep[] = [
  {
    name: 'follow decisions',
    sql: `UPDATE resolved SET entity = d.entity, method = d.wanted, score = 1, agrees = false, reason = NULL
      FROM latest_decision d WHERE d.pair = resolved.pair`,
  },
];

async function keepSteps(session: LakeSession, integration: number, earlier: readonly Batch[]): Promise<LakeStep[]> {
  const changed = await session.first<{ n: number }>(
    `SELECT count(*) AS n FROM before b JOIN resolved r ON r.pair = b.pair WHERE b.entity IS NOT NULL AND r.entity IS DISTINCT FROM b.entity`,
  );
  const scan = earlier
    .filter((b) => b.plan.matched && b.runs.length > 0)
    .map(
      ({ plan, runs }) => `SELECT ${FACT} AS fact, ${pairHash(plan)} AS pair FROM ${plan.table}
        WHERE ${inRuns(runs)} AND ${pairHash(plan)} IN (SELECT pair FROM turned)`,
    );
  const moves: LakeStep[] = [
    {
      name: 'rows that were open and found their legal person, or another',
      sql: `INSERT INTO rf.move
        SELECT ${integration}, o.fact, coalesce(n.entity, r.entity, 0)
        FROM rf.row_link o JOIN before b ON b.pair = o.pair JOIN resolved r ON r.pair = o.pair LEFT JOIN row_resolved n ON n.fact = o.fact
        WHERE coalesce(o.entity, 0) <> coalesce(n.entity, r.entity, 0)`,
    },
  ];
  if ((changed?.n ?? 0) > 0 && scan.length > 0) {
    moves.push(
      {
        name: 'identifications that turned to another legal person',
        sql: `CREATE OR REPLACE TEMP TABLE turned AS SELECT b.pair, coalesce(r.entity, 0) AS entity FROM before b JOIN resolved r ON r.pair = b.pair
          WHERE b.entity IS NOT NULL AND r.entity IS DISTINCT FROM b.entity`,
      },
      {
        name: 'their rows',
        sql: `INSERT INTO rf.move SELECT ${integration}, s.fact, coalesce(n.entity, t.entity)
          FROM (${scan.join('\nUNION ALL\n')}) s JOIN turned t ON t.pair = s.pair LEFT JOIN row_resolved n ON n.fact = s.fact`,
      },
    );
  }
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
      ]
        .map((t) => `DROP TABLE IF EXISTS ${t}`)
        .join(';'),
    },
  ];
}
