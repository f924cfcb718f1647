/**
 * Integration: from received rows to the libraries, as steps of which each is one transaction that also writes its mark.
 * After a kill the same integration goes on with the steps that have no mark; nothing is done twice.
 */
import type { Clock } from '../platform/clock.ts';
import type { Lake, LakeSession, LakeStep, StepTiming } from '../platform/lake/index.ts';
import { assess, type ClassPlan, planOf, refine, type VersionedDeclaration } from '../refinery/index.ts';
import { baseSteps, forgetLibraries, type LoadedLibrary, type Proposer } from './base/index.ts';
import { eraseFactSteps, erasing } from './erased.ts';
import {
  chunksOf,
  closeSteps,
  endingColumns,
  endingSteps,
  factSteps,
  factsOfRuns,
  factsWhere,
  type SizedBatch,
} from './facts.ts';
import { attributeColumn, attributes, type FactSource, goldenSteps, statSql } from './golden.ts';
import { rootOfChanges } from './golden-root.ts';
import { pendingRuns, vanishedSql } from './received.ts';
import { aliasSteps, relationSteps } from './relations.ts';

/** What integrating needs. */
export interface IntegrateOptions {
  lake: Lake;
  clock: Clock;
  /** Every version of every declaration that a run may refer to. */
  declarations: () => Promise<readonly VersionedDeclaration[]>;
  signal?: AbortSignal;
  onProgress?: (done: number, total: number, name: string) => void;
  onStep?: (timing: StepTiming) => void;
  /** Rows sorted at a time; smaller in tests. */
  chunkRows?: number;
  /** The libraries beside that of legal persons, as they are declared. */
  base?: readonly LoadedLibrary[];
  /** Integrates also when nothing waits: libraries whose declaration changed are made anew. */
  always?: boolean;
  /** Links rows that keys and rules of a declared library leave open (see base/link.ts). */
  propose?: Proposer;
}

/** What an integration did. */
export interface IntegrationResult {
  integration: number;
  runs: number;
  rows: number;
  steps: StepTiming[];
}

interface Work {
  integration: number;
  target: 'lib.fact' | 'lib.fact_delta';
  fresh: SizedBatch[];
  earlier: SizedBatch[];
  plans: ClassPlan[];
  rows: number;
  /** Whether facts of persons are to be let go of (erased.ts). */
  erased: boolean;
}

/** All writers of the libraries wait for each other. */
export const LANE = 'libraries';

/** Integrates what is pending (or goes on with what was broken off). Answers null when nothing waits. */
export async function integrate(options: IntegrateOptions): Promise<IntegrationResult | null> {
  const { lake } = options;
  const declarations = await options.declarations();
  await begin(options);
  const work = await readWork(lake, declarations);
  if (!work) return null;
  const timings: StepTiming[] = [];
  const onStep = (t: StepTiming) => {
    timings.push(t);
    options.onStep?.(t);
  };
  const steps = stepsOf(work, options, onStep);
  const marks = new Set(
    (
      await lake.query<{ step: string }>('SELECT step FROM rf.step WHERE integration = $i', { i: work.integration })
    ).map((r) => r.step),
  );
  for (const [i, step] of steps.entries()) {
    options.signal?.throwIfAborted();
    options.onProgress?.(i, steps.length, step.name);
    if (marks.has(step.name)) continue;
    const started = performance.now();
    let done = started;
    await lake.write(LANE, async (session) => {
      const stop = () => session.interrupt();
      options.signal?.addEventListener('abort', stop, { once: true });
      try {
        await step.run(session);
      } finally {
        options.signal?.removeEventListener('abort', stop);
      }
      await session.run('INSERT INTO rf.step VALUES ($i, $step, NULL, $ms, $at)', {
        i: work.integration,
        step: step.name,
        ms: performance.now() - started,
        at: options.clock.now(),
      });
      done = performance.now();
    });
    onStep({ name: `commit ${step.name}`, ms: performance.now() - done, rows: 0 });
  }
  options.onProgress?.(steps.length, steps.length, 'done');
  return {
    integration: work.integration,
    runs: work.fresh.reduce((n, b) => n + b.runs.length, 0),
    rows: work.rows,
    steps: timings,
  };
}

/** Opens an integration over all pending runs, unless one is open. */
async function begin({ lake, clock, always, propose }: IntegrateOptions): Promise<void> {
  await lake.write(LANE, async (s) => {
    if (await s.first('SELECT 1 AS one FROM rf.integration WHERE finished IS NULL')) return;
    const runs = await pendingRuns(s);
    const decided = await s.first<{ n: number }>(
      `SELECT count(*) AS n FROM (SELECT pair, decision, entity FROM rf.decision QUALIFY row_number() OVER (PARTITION BY pair ORDER BY decided_at DESC) = 1) d
       JOIN rf.pair p ON p.pair = d.pair
       WHERE p.method IS DISTINCT FROM CASE d.decision WHEN 'none' THEN 'refused' ELSE 'decided' END OR p.entity IS DISTINCT FROM d.entity`,
    );
    const due = propose && (await s.first('SELECT 1 AS one FROM lib.linkage_due LIMIT 1'));
    if (runs.length === 0 && !decided?.n && !always && !due && !(await erasing(s))) return;
    const rows = runs.reduce((n, r) => n + r.accepted, 0);
    const before = (await s.first<{ n: number }>('SELECT count(*) AS n FROM lib.fact'))!.n;
    // A load that is large beside what is there becomes a sorted run of the base table.
    const target = rows * 5 >= before ? 'lib.fact' : 'lib.fact_delta';
    const next = (await s.first<{ n: number }>('SELECT coalesce(max(integration), 0) + 1 AS n FROM rf.integration'))!.n;
    await s.run('INSERT INTO rf.integration VALUES ($next, $at, NULL, $target, $runs, $rows)', {
      next,
      at: clock.now(),
      target,
      runs: runs.length,
      rows,
    });
    if (runs.length > 0) {
      await s.run(
        `INSERT INTO rf.run SELECT r.run, r.source, NULL, r.declaration, r.accepted, r.finished, $next, NULL, NULL, NULL FROM v.run_v1 r
         WHERE r.run IN (${runs.map((r) => r.run).join(', ')})`,
        { next },
      );
    }
  });
}

async function readWork(lake: Lake, declarations: readonly VersionedDeclaration[]): Promise<Work | null> {
  const open = await lake.first<{ integration: number; target: Work['target'] }>(
    'SELECT integration, target FROM rf.integration WHERE finished IS NULL',
  );
  if (!open) return null;
  const runs = await lake.query<{
    run: number;
    source: string;
    version: number;
    accepted: number;
    integration: number;
  }>(
    'SELECT run, source, version, accepted, integration FROM rf.run WHERE integration <= $i ORDER BY source, version, run',
    { i: open.integration },
  );
  const byKey = new Map(declarations.map((d) => [`${d.declaration.id} ${d.version}`, d]));
  const latest = new Map<string, VersionedDeclaration>();
  for (const d of declarations) {
    if ((latest.get(d.declaration.id)?.version ?? -1) < d.version) latest.set(d.declaration.id, d);
  }
  const groups = new Map<string, { declared: VersionedDeclaration; fresh: typeof runs; earlier: typeof runs }>();
  for (const run of runs) {
    const declared = byKey.get(`${run.source} ${run.version}`) ?? latest.get(run.source);
    if (!declared) continue;
    const key = `${declared.declaration.id} ${declared.version}`;
    const group = groups.get(key) ?? { declared, fresh: [], earlier: [] };
    (run.integration === open.integration ? group.fresh : group.earlier).push(run);
    groups.set(key, group);
  }
  const versions = new Map<string, number>();
  for (const g of groups.values())
    versions.set(g.declared.declaration.id, (versions.get(g.declared.declaration.id) ?? 0) + 1);
  const fresh: SizedBatch[] = [];
  const earlier: SizedBatch[] = [];
  const plans: ClassPlan[] = [];
  for (const g of groups.values()) {
    const plan = planOf(g.declared);
    if (versions.get(plan.source)! > 1) plan.only = [...g.fresh, ...g.earlier].map((r) => r.run);
    plans.push(plan);
    const size = (rs: typeof runs) => rs.reduce((n, r) => n + r.accepted, 0);
    const some = (rs: typeof runs) => rs.filter((r) => r.accepted > 0).map((r) => r.run);
    if (some(g.fresh).length) fresh.push({ plan, runs: some(g.fresh), rows: size(g.fresh) });
    if (some(g.earlier).length) earlier.push({ plan, runs: some(g.earlier), rows: size(g.earlier) });
  }
  const rows = fresh.reduce((n, b) => n + b.rows, 0);
  const erased = await erasing(lake);
  return { integration: open.integration, target: open.target, fresh, earlier, plans, rows, erased };
}

interface Step {
  name: string;
  run(session: LakeSession): Promise<void>;
}

function stepsOf(work: Work, options: IntegrateOptions, onStep: (t: StepTiming) => void): Step[] {
  const { integration, fresh, earlier, target } = work;
  const steps: Step[] = [
    ...(work.erased
      ? [{ name: 'erase', run: async (s: LakeSession) => void (await s.steps(eraseFactSteps(work.plans), onStep)) }]
      : []),
    {
      name: 'match',
      run: async (s) => {
        const factsOf = (where: string) => factsWhere('fact, class, entity', where);
        await refine(s, { integration, fresh, earlier, factsOf, onStep });
      },
    },
  ];
  const chunks = chunksOf(fresh, options.chunkRows);
  for (const [k, chunk] of chunks.entries()) {
    steps.push({
      name: `facts ${k + 1}/${chunks.length}`,
      run: async (s) => {
        const byRow =
          (await s.first('SELECT 1 AS one FROM rf.row_link WHERE entity IS NOT NULL LIMIT 1')) !== undefined;
        await s.steps(factSteps(chunk, target, byRow), onStep);
      },
    });
  }
  steps.push({
    name: 'close',
    run: async (s) => {
      await s.run(`CREATE OR REPLACE TEMP TABLE ending (${endingColumns});
        CREATE OR REPLACE TEMP TABLE repeated (run INTEGER, rows BIGINT)`);
      const known = new Set(earlier.map((b) => b.plan.number));
      for (const chunk of chunks) {
        const first = chunk.filter((b) => !known.has(b.plan.number));
        await s.steps(endingSteps(first, false), onStep);
        await s.steps(
          endingSteps(
            chunk.filter((b) => known.has(b.plan.number)),
            true,
          ),
          onStep,
        );
      }
      // A run that brought no row may still say that rows vanished.
      const runs = await s.query<{ run: number }>(`SELECT run FROM rf.run WHERE integration = ${integration}`);
      const vanished = await vanishedSql(
        s,
        runs.map((r) => r.run),
      );
      const moves = await s.first('SELECT 1 AS one FROM rf.move WHERE integration = $i LIMIT 1', { i: integration });
      await s.steps(closeSteps(integration, vanished, moves !== undefined), onStep);
      await s.run(
        'DELETE FROM rf.repeated WHERE run IN (SELECT run FROM repeated); INSERT INTO rf.repeated SELECT * FROM repeated',
      );
    },
  });
  steps.push({
    name: 'golden',
    run: async (s) => {
      await s.steps(goldenWork(work), onStep);
      const began = performance.now();
      await rootOfChanges(s, { integration, library: 0, name: 'legal-person', records: touchedGolden });
      onStep?.({ name: 'root of golden records', ms: performance.now() - began, rows: 0 });
    },
  });
  const brought = fresh.flatMap((b) => b.runs);
  const propose = options.propose ? { propose: options.propose } : {};
  const { plans, erased } = work;
  steps.push(...baseSteps(options.base ?? [], { integration, runs: brought, plans, erased, onStep, ...propose }));
  steps.push({ name: 'quality', run: (s) => assess(s, fresh, factsOfRuns, onStep) });
  steps.push({
    name: 'finish',
    run: async (s) => {
      const at = options.clock.now();
      await s.run(
        `UPDATE rf.run SET class = c.class, refined_at = $at, linked = q.a, unlinked = q.b - q.a
         FROM v.class_v1 c, (SELECT r.run, coalesce(max(x.a), 0) AS a, coalesce(max(x.b), 0) AS b FROM rf.run r
            LEFT JOIN rf.quality x ON x.run = r.run AND x.rule = 'linked' WHERE r.integration = ${integration} GROUP BY r.run) q
         WHERE c.source = rf.run.source AND q.run = rf.run.run AND rf.run.integration = ${integration}`,
        { at },
      );
      if (work.erased) await s.run('DELETE FROM lib.erased_fact; DELETE FROM lib.erased_touched');
      await s.run(`UPDATE rf.integration SET finished = $at WHERE integration = ${integration}`, { at });
    },
  });
  return steps;
}

/** Golden records that this integration may have changed, with their values as text. */
const touchedGolden = `SELECT entity, [${attributes.map((a) => `${attributeColumn(a)}::VARCHAR`).join(', ')}] AS said
  FROM lib.golden WHERE entity IN (SELECT entity FROM touched)`;

/** Golden records, names, relations of whom this integration touches; only counts for the others that have new facts. */
function goldenWork({ integration, fresh, plans }: Work): LakeStep[] {
  const speaking = plans.filter(
    (p) =>
      p.declaration.subject === 'legal-person' &&
      (p.declaration.fields.some((f) => f.golden || f.role === 'former-name') || p.declaration.relations.length > 0),
  );
  const classes = [...new Set(speaking.map((p) => p.number))].join(', ') || 'NULL';
  const runs = `(SELECT run FROM rf.run WHERE integration = ${integration})`;
  // As numbers, so that the scan passes over whatever stands outside.
  const brought = fresh.flatMap((b) => b.runs);
  const mine = brought.length
    ? `fact >= ${BigInt(Math.min(...brought)) << 32n} AND fact < ${BigInt(Math.max(...brought) + 1) << 32n}`
    : 'false';
  const first = integration === 1;
  // At first every legal person is made: facts are read where they are. Later few are: their facts are set aside once.
  const from = first
    ? `(SELECT entity, class, "day", fact, payload, closed_run, closed_reason FROM v.legal_person_fact_all_v1)`
    : 'spoken';
  const all: FactSource = (cs) =>
    `SELECT entity, class, "day", fact, payload, closed_run IS NOT NULL AS over FROM ${from}
     WHERE class IN (${cs.join(', ')}) AND entity > 0 AND closed_reason IS DISTINCT FROM 'relinked'`;
  const facts: FactSource = (cs) =>
    `SELECT entity, class, "day", fact, payload FROM ${from} WHERE class IN (${cs.join(', ')}) AND entity > 0 AND closed_run IS NULL`;
  const stats = statSql(
    `SELECT entity, class, fact FROM v.legal_person_fact_v1 WHERE entity > 0${first ? '' : ' AND entity IN (SELECT entity FROM counted)'}`,
    Math.max(0, ...plans.map((p) => p.number)),
  );
  return [
    {
      name: 'legal persons with news',
      sql: first
        ? `CREATE OR REPLACE TEMP TABLE counted AS SELECT entity FROM v.entity_v1`
        : `CREATE OR REPLACE TEMP TABLE news AS
          SELECT entity, class FROM ${factsWhere('entity, class, fact', mine)} WHERE (fact >> 32) IN ${runs}
          UNION ALL SELECT entity, class FROM lib.fact_closed WHERE closed_run IN ${runs}
          UNION ALL SELECT x.entity, x.class FROM lib.fact_closed x WHERE x.fact IN (SELECT fact FROM v.fact_move_v1 WHERE integration = ${integration})
          UNION ALL SELECT m.entity, (SELECT min(class) FROM v.class_v1 WHERE class IN (${classes})) FROM v.fact_move_v1 m WHERE m.integration = ${integration}
          UNION ALL SELECT entity, class FROM v.entity_v1 WHERE integration = ${integration}
          UNION ALL SELECT entity, class FROM lib.erased_touched;
        CREATE OR REPLACE TEMP TABLE counted AS SELECT DISTINCT entity FROM news WHERE entity > 0`,
    },
    {
      name: 'legal persons whose record is made again',
      sql: first
        ? 'CREATE OR REPLACE TEMP TABLE touched AS SELECT entity FROM counted'
        : `CREATE OR REPLACE TEMP TABLE touched AS SELECT DISTINCT entity FROM news WHERE entity > 0 AND class IN (${classes})`,
    },
    ...(first
      ? []
      : [
          {
            name: 'set their facts aside',
            sql: `CREATE OR REPLACE TEMP TABLE spoken AS
              WITH few AS MATERIALIZED (FROM ${factsWhere('entity, class, "day", fact, payload', `class IN (${classes}) AND entity IN (SELECT entity FROM touched)`)})
              SELECT f.*, x.closed_run, x.reason AS closed_reason
              FROM few f LEFT JOIN lib.fact_closed x ON x.entity = f.entity AND x.fact = f.fact`,
          },
        ]),
    ...goldenSteps(plans, facts, stats),
    {
      name: 'counts of the others',
      sql: `UPDATE lib.golden SET facts = s.facts, sources = s.sources, first_run = s.first_run, last_run = s.last_run, recorded_at = r.finished
        FROM stat s JOIN v.refined_run_v1 r ON r.run = s.last_run
        WHERE s.entity = lib.golden.entity AND s.entity NOT IN (SELECT entity FROM touched)`,
    },
    {
      name: 'legal persons left without facts',
      // As it would be made anew: what its register said last.
      sql: `UPDATE lib.golden SET facts = 0, sources = 0, first_run = (e.fact >> 32)::INTEGER, last_run = (e.fact >> 32)::INTEGER, recorded_at = r.finished
        FROM v.entity_v1 e LEFT JOIN v.refined_run_v1 r ON r.run = e.fact >> 32
        WHERE e.entity = lib.golden.entity AND e.entity IN (SELECT entity FROM counted) AND e.entity NOT IN (SELECT entity FROM stat)`,
    },
    ...aliasSteps(plans, all),
    ...relationSteps(plans, facts),
  ];
}

/** Everything that was made of received rows is forgotten, except the ids of legal persons and what persons decided. */
export async function forgetAll(lake: Lake): Promise<void> {
  const tables = [
    ...[
      'run',
      'integration',
      'alias',
      'pair',
      'row_link',
      'register_row',
      'core',
      'review',
      'quality',
      'profile',
      'move',
      'repeated',
      'step',
    ].map((t) => `rf.${t}`),
    ...['fact', 'fact_delta', 'fact_closed', 'golden', 'contradiction', 'alias', 'relation'].map((t) => `lib.${t}`),
    ...['lib.golden_leaf', 'lib.golden_root'],
  ];
  await lake.write(LANE, async (s) => {
    for (const t of tables) await s.run(`DELETE FROM ${t}`);
    await forgetLibraries(s);
  });
}

/** Makes the libraries again out of the received rows. */
export async function rebuild(options: IntegrateOptions): Promise<IntegrationResult | null> {
  await forgetAll(options.lake);
  return integrate(options);
}
