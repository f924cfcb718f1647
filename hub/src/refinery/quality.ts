/**
 * The six dimensions of GB/T 36344 as A / B per run, field and rule. A flagged value (U+0018 in the payload) is one that broke
 * a rule; which one is told from the value itself by one expression, so that the number and the rows behind it always agree.
 */
import type { SourceField } from '../catalogue/index.ts';
import { ident, type LakeSession, literal, type StepTiming } from '../platform/lake/index.ts';
import type { Dimension, QualityRule } from './api.ts';
import { dayOf, FLAG, isFilled, SEPARATOR } from './clean.ts';
import type { Batch } from './pairs.ts';
import { type ClassPlan, inRuns } from './plan.ts';
import { profile } from './profile.ts';

/** Which dimension a rule belongs to. */
export const ruleDimension: Readonly<Record<QualityRule, Dimension>> = {
  format: 'conformance',
  codes: 'conformance',
  required: 'completeness',
  filled: 'completeness',
  check: 'accuracy',
  bounds: 'accuracy',
  unique: 'accuracy',
  golden: 'consistency',
  order: 'consistency',
  future: 'timeliness',
  cadence: 'timeliness',
  accepted: 'accessibility',
  linked: 'accessibility',
};

/** Bits of lib.fact.link: what the row gave and whether it agrees with its legal person. */
export const linkBits = { codeGiven: 1, codeAgrees: 2, nameGiven: 4, nameAgrees: 8 } as const;

/** How the values of a field are judged when they are flagged. */
type Judged = 'codes' | 'date' | 'number' | 'code' | 'shape' | 'none';

/** How a field is judged. */
export function judgedAs(f: SourceField): Judged {
  if (f.protection === 'sensitive') return 'none';
  if (f.codes) return 'codes';
  if (f.type === 'date' || f.type === 'datetime') return 'date';
  if (f.type === 'integer' || f.type === 'decimal') return 'number';
  if (f.format && ['uscc', 'orgcode', 'regno', 'citizen-id'].includes(f.format)) return 'code';
  return f.type === 'boolean' || f.format ? 'shape' : 'none';
}

/** Rules that a flagged value of a field may have broken. */
export function flagRules(f: SourceField): QualityRule[] {
  const bounded = f.min !== undefined || f.max !== undefined;
  switch (judgedAs(f)) {
    case 'codes':
      return ['codes'];
    case 'date':
      return bounded ? ['format', 'check', 'bounds'] : ['format', 'check'];
    case 'number':
      return bounded ? ['format', 'bounds'] : ['format'];
    case 'code':
      return ['format', 'check'];
    case 'shape':
      return ['format'];
    default:
      return [];
  }
}

/** The rule that a flagged value broke, as SQL: `judged` one of Judged, `v` the value without its marker. */
export function brokenRule(judged: string, v: string): string {
  const day = dayOf(v);
  return `CASE ${judged} WHEN 'codes' THEN 'codes'
    WHEN 'date' THEN CASE WHEN (${day}) IS NOT NULL THEN 'bounds'
      WHEN regexp_full_match(trim(${v}), '[0-9]{4}([-/.年]?)[0-9]{1,2}([-/.月]?)[0-9]{1,2}日?([ T].*)?') THEN 'check' ELSE 'format' END
    WHEN 'number' THEN CASE WHEN regexp_full_match(trim(${v}), '[-+]?[0-9]+([.][0-9]+)?') THEN 'bounds' ELSE 'format' END
    WHEN 'code' THEN CASE WHEN regexp_full_match(trim(${v}), '[0-9A-Z]{18}|[0-9]{15}|[0-9A-Z]{8}-?[0-9X]') THEN 'check' ELSE 'format' END
    ELSE 'format' END`;
}

/** A pair of dates that must not be the wrong way round. */
export function orderOf(plan: ClassPlan): { from: SourceField; to: SourceField } | null {
  const from = plan.declaration.fields.find((f) => f.fact === 'date');
  const to = plan.declaration.fields.find((f) => f.fact === 'valid-to');
  return from && to ? { from, to } : null;
}

/** Condition on a received row that its dates are the wrong way round. */
export const wrongOrder = (o: { from: SourceField; to: SourceField }): string =>
  `(${dayOf(ident(o.from.name))}) > (${dayOf(ident(o.to.name))})`;

/** Days within which the next delivery is in time (half as much again as the cadence). */
const cadenceDays: Record<string, number> = {
  realtime: 2,
  daily: 2,
  weekly: 11,
  'half-monthly': 23,
  monthly: 46,
  quarterly: 138,
  yearly: 548,
};

interface Line {
  run: number;
  field: string;
  rule: QualityRule;
  a: number;
  b: number;
}

/** SQL of the facts of the given runs with the given columns out of: fact, entity, day, payload, link. Given by the libraries, who keep facts. */
export type FactsOfRuns = (runs: readonly number[], columns: string) => string;

/** Assesses the given runs: replaces their lines in rf.quality and rf.profile. */
export async function assess(
  session: LakeSession,
  batches: readonly Batch[],
  factsOf: FactsOfRuns,
  onStep?: (t: StepTiming) => void,
): Promise<void> {
  const runs = batches.flatMap((b) => [...b.runs]);
  if (runs.length === 0) return;
  const lines: Line[] = [];
  const filled = new Map<string, number>();
  const rowsOf = new Map<number, number>();
  const timed = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const start = performance.now();
    const answer = await work();
    onStep?.({ name, ms: performance.now() - start, rows: 0 });
    return answer;
  };
  await timed('count values', async () => {
    for (const { plan, runs: mine } of batches) {
      const fields = plan.declaration.fields;
      const order = orderOf(plan);
      const counts = fields.map((f, i) => `count(*) FILTER (${isFilled(f, ident(f.name))}) AS f${i}`);
      const scanned = await session.query<Record<string, number>>(
        `SELECT _run AS run, count(*) AS rows, ${counts.join(', ')},
           ${order ? `count(*) FILTER (${wrongOrder(order)})` : '0'} AS disordered
         FROM ${plan.table} WHERE ${inRuns(mine)} GROUP BY _run`,
      );
      for (const row of scanned) {
        const run = row.run!;
        rowsOf.set(run, row.rows!);
        for (const [i, f] of fields.entries()) {
          filled.set(`${run} ${i}`, row[`f${i}`]!);
          lines.push({ run, field: f.name, rule: f.required ? 'required' : 'filled', a: row[`f${i}`]!, b: row.rows! });
        }
        if (order)
          lines.push({ run, field: order.to.name, rule: 'order', a: row.rows! - row.disordered!, b: row.rows! });
      }
    }
  });
  await timed('count flagged values', async () =>
    lines.push(...(await flagLines(session, batches, runs, filled, factsOf))),
  );
  await timed('count links', async () => lines.push(...(await linkLines(session, batches, runs, factsOf))));
  lines.push(...(await runLines(session, batches, runs, rowsOf)));
  const sourceOf = new Map(batches.flatMap((b) => b.runs.map((r) => [r, b.plan] as const)));
  await session.run(`DELETE FROM rf.quality WHERE run IN (${runs.join(', ')})`);
  await session.append(
    'rf.quality',
    lines.map((l) => [
      sourceOf.get(l.run)!.source,
      sourceOf.get(l.run)!.number,
      l.run,
      l.field,
      ruleDimension[l.rule],
      l.rule,
      BigInt(l.a),
      BigInt(l.b),
    ]),
  );
  await timed('profile', () => profile(session, batches, rowsOf, filled));
}

async function flagLines(
  session: LakeSession,
  batches: readonly Batch[],
  runs: readonly number[],
  filled: Map<string, number>,
  factsOf: FactsOfRuns,
): Promise<Line[]> {
  const judged = batches.flatMap(({ plan, runs: mine }) =>
    plan.declaration.fields.flatMap((f, i) =>
      judgedAs(f) === 'none' ? [] : mine.map((r) => `(${r}, ${i + 1}, ${literal(judgedAs(f))})`),
    ),
  );
  const counts = new Map<string, number>();
  if (judged.length > 0) {
    const rows = await session.query<{ run: number; position: number; rule: string; n: number }>(
      `WITH p AS (SELECT (fact >> 32)::INTEGER AS run, string_split(payload, ${SEPARATOR}) AS p
          FROM ${factsOf(runs, 'fact, payload')} WHERE contains(payload, ${FLAG})),
        v AS (SELECT run, unnest(p) AS v, generate_subscripts(p, 1) AS position FROM p),
        j(run, position, judged) AS (VALUES ${judged.join(', ')})
       SELECT v.run, v.position, ${brokenRule('j.judged', 'substr(v.v, 2)')} AS rule, count(*) AS n
       FROM v JOIN j ON j.run = v.run AND j.position = v.position WHERE starts_with(v.v, ${FLAG}) GROUP BY ALL`,
    );
    for (const r of rows) counts.set(`${r.run} ${r.position - 1} ${r.rule}`, r.n);
  }
  return batches.flatMap(({ plan, runs: mine }) =>
    plan.declaration.fields.flatMap((f, i) =>
      mine.flatMap((run) =>
        flagRules(f).map((rule): Line => {
          const b = filled.get(`${run} ${i}`) ?? 0;
          return { run, field: f.name, rule, a: b - (counts.get(`${run} ${i} ${rule}`) ?? 0), b };
        }),
      ),
    ),
  );
}

async function linkLines(
  session: LakeSession,
  batches: readonly Batch[],
  runs: readonly number[],
  factsOf: FactsOfRuns,
): Promise<Line[]> {
  const { codeGiven, codeAgrees, nameGiven, nameAgrees } = linkBits;
  const bit = (n: number) => `(link & ${n}) > 0`;
  const rows = await session.query<Record<string, number>>(
    `SELECT (f.fact >> 32)::INTEGER AS run, count(*) AS rows, count(*) FILTER (f.entity > 0) AS linked, count(f."day") AS days,
       count(*) FILTER (f."day" > r.finished::DATE + 1) AS future,
       count(*) FILTER (f.entity > 0 AND ${bit(codeGiven)}) AS codes, count(*) FILTER (f.entity > 0 AND ${bit(codeAgrees)}) AS codes_agree,
       count(*) FILTER (f.entity > 0 AND ${bit(nameGiven)}) AS names, count(*) FILTER (f.entity > 0 AND ${bit(nameAgrees)}) AS names_agree
     FROM ${factsOf(runs, 'fact, entity, "day", link')} f JOIN rf.run r ON r.run = f.fact >> 32 GROUP BY 1`,
  );
  const byRun = new Map(rows.map((r) => [r.run!, r]));
  return batches.flatMap(({ plan, runs: mine }) => {
    const date = plan.declaration.fields.find((f) => f.fact === 'date');
    const { uscc, name } = plan.identity;
    return mine.flatMap((run) => {
      const r = byRun.get(run);
      if (!r) return [];
      const lines: Line[] = [];
      if (date) lines.push({ run, field: date.name, rule: 'future', a: r.days! - r.future!, b: r.days! });
      if (!plan.matched) return lines;
      lines.push({ run, field: '', rule: 'linked', a: r.linked!, b: r.rows! });
      if (uscc) lines.push({ run, field: uscc.name, rule: 'golden', a: r.codes_agree!, b: r.codes! });
      if (name) lines.push({ run, field: name.name, rule: 'golden', a: r.names_agree!, b: r.names! });
      return lines;
    });
  });
}

/** What is known of a run as a whole: acceptance, keys, whether it came in time. */
async function runLines(
  session: LakeSession,
  batches: readonly Batch[],
  runs: readonly number[],
  rowsOf: Map<number, number>,
): Promise<Line[]> {
  const list = runs.join(', ');
  const rows = await session.query<{ run: number; received: number; fine: number; days: number | null }>(
    `SELECT run, received, accepted + duplicate AS fine, days FROM (
       SELECT run, received, accepted, duplicate, date_diff('day', lag(finished) OVER (PARTITION BY source ORDER BY run), finished) AS days FROM v.run_v1)
     WHERE run IN (${list})`,
  );
  const repeated = new Map(
    (
      await session.query<{ run: number; rows: number }>(`SELECT run, rows FROM rf.repeated WHERE run IN (${list})`)
    ).map((r) => [r.run, r.rows]),
  );
  const byRun = new Map(rows.map((r) => [r.run, r]));
  return batches.flatMap(({ plan, runs: mine }) =>
    mine.flatMap((run) => {
      const r = byRun.get(run);
      const lines: Line[] = [];
      if (r) {
        lines.push({ run, field: '', rule: 'accepted', a: r.fine, b: r.received });
        const inTime = r.days === null || r.days <= cadenceDays[plan.declaration.cadence]!;
        lines.push({ run, field: '', rule: 'cadence', a: inTime ? 1 : 0, b: 1 });
      }
      if (plan.declaration.mode === 'snapshot' && plan.declaration.key.length > 0) {
        const n = rowsOf.get(run) ?? 0;
        lines.push({
          run,
          field: plan.declaration.key.join('+'),
          rule: 'unique',
          a: n - (repeated.get(run) ?? 0),
          b: n,
        });
      }
      return lines;
    }),
  );
}
