/**
 * Learning: a sample of the library's registers and of the rows whose number says whom they mean goes through the engine as if no number were known; EM finds how
 * often matches and others agree on each level, without looking at the numbers. The numbers then tell how well it would have judged. Verdicts of
 * people go in as known pairs. The answer is a version that is proposed; a steward puts it in force.
 */
import { frequencyTables, type Label, link, type Parameters, usualOf } from '@jingwei/linkage';
import type { Clock } from '../../platform/clock.ts';
import type { Lake, LakeSession } from '../../platform/lake/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { LibraryPlan } from '../base/index.ts';
import { type LinkageDeclaration, type LoadedLinkage, modelOf } from './declaration.ts';
import { LakeEngine, SCHEMA } from './engine.ts';
import { keptFrequency } from './forget.ts';
import { tooFew } from './problems.ts';
import { verdictSql } from './tables.ts';
import { keysSql, textStep } from './texts.ts';
import type { Measure } from './versions.ts';

/** Fewer records than this teach nothing. */
const LEAST = 50;

interface LearnBase {
  lake: Lake;
  clock: Clock;
  by: string | null;
  onProgress?: (done: number, total: number, zh: string, en: string) => void;
  signal?: AbortSignal;
}

/** What learning is given. */
export interface LearnOptions extends LearnBase {
  library: LibraryPlan;
  linkage: LoadedLinkage;
}

/** What learning is given where a library keeps its records elsewhere than in the base libraries. */
export interface LearnFrom extends LearnBase {
  /** Number under which versions are kept. */
  number: number;
  declaration: LinkageDeclaration;
  /** SHA-256 of linkage.yaml. */
  sha256: string;
  /** Fills `lk_text (source, fact, t)` and `lk_link (source, fact, entity, anchor)`. */
  sample(s: LakeSession): Promise<void>;
  /** How many entities the library knows. */
  known(s: LakeSession): Promise<number>;
}

/** Learns and keeps a proposed version of a base library; answers its number. */
export function learn(options: LearnOptions): Promise<{ version: number; measure: Measure }> {
  const { library, linkage } = options;
  const n = library.number;
  return learnFrom({
    ...options,
    number: n,
    declaration: linkage.declaration,
    sha256: linkage.sha256,
    sample: (s) => sample(s, library, linkage.declaration),
    known: async (s) =>
      (await s.first<{ n: number }>(
        'SELECT count(DISTINCT entity) AS n FROM lib.base_link WHERE library = $n AND method = $m AND closed_run IS NULL',
        { n, m: 'register' },
      ))!.n,
  });
}

/** Learns and keeps a proposed version; answers its number. A Problem where the sample is too small. */
export async function learnFrom(options: LearnFrom): Promise<{ version: number; measure: Measure }> {
  const { lake, number, declaration: d, signal } = options;
  const tell = options.onProgress ?? (() => undefined);
  return lake.session(async (s) => {
    const stop = () => s.interrupt();
    signal?.addEventListener('abort', stop, { once: true });
    try {
      tell(0, 4, '取样', 'taking a sample');
      await options.sample(s);
      const counts = await records(s, d);
      if (counts.known < LEAST || counts.rows < LEAST) throw new Problem(tooFew, { ...counts, least: LEAST });
      const labels = await labelled(s, number, d);
      tell(1, 4, '学习参数', 'learning parameters');
      const engine = new LakeEngine(s);
      const model = modelOf(d, 'lk_rows', 'lk_known', {
        labels,
        blocking: { auto: true, pairsPerRecord: 20 },
      });
      const linkageRun = await link(model, { engine, schema: SCHEMA });
      signal?.throwIfAborted();
      tell(2, 4, '检验', 'testing');
      const learned = linkageRun.parameters;
      const parameters = settled(learned, await options.known(s));
      const shift =
        Math.log2(parameters.lambda / (1 - parameters.lambda)) - Math.log2(learned.lambda / (1 - learned.lambda));
      const measure = await measured(s, d, shift, labels);
      const blocking = await blockingOf(s, d);
      tell(3, 4, '保存', 'keeping');
      const version = await keep(s, options, parameters, await usualOf(engine, SCHEMA, model), {
        counts,
        labels: labels.length,
        measure,
        blocking,
      });
      return { version, measure };
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  });
}

/** Fills lk_text and lk_link out of a base library. */
async function sample(s: LakeSession, library: LibraryPlan, d: LinkageDeclaration): Promise<void> {
  const n = library.number;
  await s.run(
    `CREATE OR REPLACE TEMP TABLE lk_entity AS SELECT entity FROM lib.base_link WHERE library = ${n} AND method = 'register' AND closed_run IS NULL
       GROUP BY entity ORDER BY hash(entity::VARCHAR), entity LIMIT ${d.learn.sample};
     CREATE OR REPLACE TEMP TABLE lk_link AS SELECT source, fact, entity, method = 'register' AS anchor FROM lib.base_link
       WHERE library = ${n} AND closed_run IS NULL AND fact > 0 AND (method = 'register' OR method LIKE 'key %') AND entity IN (SELECT entity FROM lk_entity);
     CREATE OR REPLACE TEMP TABLE lk_need AS SELECT source, fact FROM lk_link
       QUALIFY row_number() OVER (PARTITION BY anchor ORDER BY hash(source || '.' || fact), fact) <= ${2 * d.learn.sample}`,
  );
  const step = textStep(library, d, 'lk_need', 'lk_text');
  await s.run(step.sql);
}

/** Fills lk_known and lk_rows (id and columns) and `lk_truth (id, entity)`; answers how many there are. */
async function records(s: LakeSession, d: LinkageDeclaration): Promise<{ known: number; rows: number }> {
  const columns = Object.keys(d.columns).map((c, i) => `t[${i + 1}] AS ${c}`);
  await s.run(
    `CREATE OR REPLACE TEMP TABLE lk_known AS SELECT 'k' || t.source || '.' || t.fact AS id, ${columns.join(', ')} FROM lk_text t JOIN lk_link l ON l.source = t.source AND l.fact = t.fact WHERE l.anchor;
     CREATE OR REPLACE TEMP TABLE lk_rows AS SELECT 'r' || t.source || '.' || t.fact AS id, ${columns.join(', ')} FROM lk_text t JOIN lk_link l ON l.source = t.source AND l.fact = t.fact WHERE NOT l.anchor;
     CREATE OR REPLACE TEMP TABLE lk_truth AS SELECT CASE WHEN anchor THEN 'k' ELSE 'r' END || source || '.' || fact AS id, entity FROM lk_link`,
  );
  const counts = await s.first<{ known: number; rows: number }>(
    'SELECT (SELECT count(*) FROM lk_known) AS known, (SELECT count(*) FROM lk_rows) AS rows',
  );
  return counts!;
}

/** Adds judged pairs to the sample, as they were when they were judged, and answers them as labels. */
async function labelled(s: LakeSession, library: number, d: LinkageDeclaration): Promise<Label[]> {
  const columns = Object.keys(d.columns);
  // A library whose linkage needs one person only may have labels of one: what counts is the verdict, however it came about.
  const rows = await s.query<{ pair: string; verdict: string; says: (string | null)[]; known: (string | null)[] }>(
    `SELECT v.pair, v.verdict, l.says, l.known FROM (${verdictSql(library, d.review.second)}) v
     JOIN (FROM lib.linkage_label WHERE library = ${library} QUALIFY row_number() OVER (PARTITION BY pair ORDER BY judged_at DESC, rowid DESC) = 1) l ON l.pair = v.pair
     WHERE v.verdict IN ('same', 'different') AND l.columns = $columns ORDER BY v.pair`,
    { columns },
  );
  if (rows.length > 0) {
    await s.append(
      'lk_rows',
      rows.map((r) => [`L${r.pair}`, ...columns.map((_, i) => r.says[i] ?? null)]),
    );
    await s.append(
      'lk_known',
      rows.map((r) => [`M${r.pair}`, ...columns.map((_, i) => r.known[i] ?? null)]),
    );
  }
  return rows.map((r) => ({
    left: { table: 'rows', id: `L${r.pair}` },
    right: { table: 'known', id: `M${r.pair}` },
    match: r.verdict === 'same',
  }));
}

/**
 * Parameters for the whole library: an open row means somebody known as likely as not, whoever it may be; and a value that the sample did not hold weighs like one that it held
 * a few times, since the sample cannot tell them apart.
 */
function settled(p: Parameters, known: number): Parameters {
  const comparisons = p.comparisons.map((c) => {
    const exact = c.labels.flatMap((label, i) => (label.startsWith('exact, ') ? [i] : []));
    const best = exact.slice(1).find((i) => c.u[i]! > 1e-11 && c.m[i]! > 1e-4);
    if (exact.length < 2 || best === undefined) return c;
    const [m, u] = [[...c.m], [...c.u]];
    for (const i of exact) {
      if (i >= best) break;
      m[i] = c.m[best]!;
      u[i] = c.u[best]!;
    }
    return { ...c, m, u };
  });
  return { ...p, comparisons, lambda: 0.5 / Math.max(2, known) };
}

/** How rows of known numbers would have been judged without them. */
async function measured(
  s: LakeSession,
  d: LinkageDeclaration,
  shift: number,
  labels: readonly Label[],
): Promise<Measure> {
  const { link: from, lead } = d.thresholds;
  await s.run(
    `CREATE OR REPLACE TEMP TABLE lk_weighed AS SELECT a.uid AS l, b.uid AS r, x.w + ${shift} AS w FROM ${SCHEMA}.scored x JOIN ${SCHEMA}.rec a ON a.rid = x.l JOIN ${SCHEMA}.rec b ON b.rid = x.r`,
  );
  const held = await s.first<{ held: number; linked: number; right: number }>(
    `WITH b AS (SELECT x.l, k.entity, max(x.w) AS w FROM lk_weighed x JOIN lk_truth k ON k.id = x.r WHERE starts_with(x.l, 'r') GROUP BY x.l, k.entity),
      r AS (SELECT *, row_number() OVER (PARTITION BY l ORDER BY w DESC, entity) AS place, lead(w) OVER (PARTITION BY l ORDER BY w DESC, entity) AS next FROM b),
      c AS (SELECT l, entity FROM r WHERE place = 1 AND w >= ${from} AND (next IS NULL OR w - next >= ${lead}))
     SELECT (SELECT count(*) FROM lk_rows WHERE starts_with(id, 'r')) AS held, count(*) AS linked, count(*) FILTER (t.entity = c.entity) AS "right" FROM c JOIN lk_truth t ON t.id = c.l`,
  );
  const agreeing =
    labels.length === 0
      ? 0
      : await s
          .query<{ l: string; w: number }>(
            "SELECT l, w FROM lk_weighed WHERE starts_with(l, 'L') AND r = 'M' || substr(l, 2)",
          )
          .then((rows) => {
            const by = new Map(rows.map((r) => [r.l, r.w]));
            return labels.filter((x) => (by.get(x.left.id) ?? -99) >= 0 === x.match).length;
          });
  const { linked, right, held: n } = held!;
  return {
    held: n,
    linked,
    right,
    precision: linked > 0 ? right / linked : null,
    recall: n > 0 ? right / n : null,
    labels: labels.length,
    agreeing,
  };
}

/** What each declared blocking rule brings together in the sample: pairs, and rows that meet whom they mean. */
async function blockingOf(
  s: LakeSession,
  d: LinkageDeclaration,
): Promise<{ rule: string; pairs: number; matches: number }[]> {
  const out: { rule: string; pairs: number; matches: number }[] = [];
  for (const rule of [...d.blocking.map((x) => [x]), d.blocking]) {
    const row = await s.first<{ pairs: number; matches: number }>(
      `WITH k AS (${keysSql({ ...d, blocking: rule }, 'lk_text')}), x AS (SELECT k.*, l.entity, l.anchor FROM k JOIN lk_link l ON l.source = k.source AND l.fact = k.fact),
        a AS (FROM x WHERE anchor QUALIFY count(*) OVER (PARTITION BY k) <= ${d.largestBlock}),
        p AS (SELECT DISTINCT r.source, r.fact, r.entity, a.entity AS other FROM x r JOIN a ON a.k = r.k WHERE NOT r.anchor)
       SELECT count(*) AS pairs, count(*) FILTER (entity = other) AS matches FROM p`,
    );
    out.push({ rule: rule.length === 1 ? rule[0]!.join(' + ') : '', ...row! });
  }
  return out;
}

async function keep(
  s: LakeSession,
  options: LearnFrom,
  parameters: Parameters,
  usual: string[][],
  more: { counts: { known: number; rows: number }; labels: number; measure: Measure; blocking: unknown },
): Promise<number> {
  const { number: n, declaration, sha256, clock, by } = options;
  await s.run('BEGIN TRANSACTION');
  try {
    const { version } = (await s.first<{ version: number }>(
      `SELECT coalesce(max(version), 0) + 1 AS version FROM lib.linkage_version WHERE library = ${n}`,
    ))!;
    await s.run(
      `INSERT INTO lib.linkage_version VALUES (${n}, $version, 'proposed', $sha, $declaration, $parameters, $usual, $known, $rows, $labels, $measure, $blocking, $at, $by, NULL, NULL)`,
      {
        version,
        sha: sha256,
        declaration: JSON.stringify(declaration),
        parameters: JSON.stringify(parameters),
        usual: JSON.stringify(usual),
        known: more.counts.known,
        rows: more.counts.rows,
        labels: more.labels,
        measure: JSON.stringify(more.measure),
        blocking: JSON.stringify(more.blocking),
        at: clock.now(),
        by,
      },
    );
    for (const name of frequencyTables(modelOf(declaration, 'x', 'y')))
      await s.run(
        `INSERT INTO lib.linkage_frequency SELECT ${n}, ${version}, '${name}', ${name.startsWith('tok') ? 'w' : 'v'}, n FROM ${SCHEMA}.${name}
         WHERE ${keptFrequency(`'${name}'`, 'n')}`,
      );
    await s.run('COMMIT');
    return version;
  } catch (error) {
    await s.run('ROLLBACK').catch(() => undefined);
    throw error;
  }
}
