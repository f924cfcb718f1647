/** Why two records are one, or are not, or were never compared. */

import { type Comparison, codeOf, patternSql } from './compare.ts';
import { literal } from './dialect.ts';
import { fail } from './errors.ts';
import { posterior, priorWeight, weightOf } from './evidence.ts';
import { keySource, ruleName, ruleParts, ruleSource } from './keys.ts';
import type { Linkage } from './linker.ts';
import type { RecordRef } from './model.ts';
import { type NeededRule, neededBlocking } from './needed.ts';

/** One bar of a waterfall: what a comparison adds, in bits. */
export interface Bar {
  name: string;
  /** The level that held. */
  level: string;
  left: string | null;
  right: string | null;
  /** Probability of this level among matches and among others. */
  m: number;
  u: number;
  bits: number;
  /** Sum up to here. */
  total: number;
}

/** An explained pair. */
export interface Explanation {
  left: RecordRef;
  right: RecordRef;
  bars: Bar[];
  bits: number;
  probability: number;
  /** Whether they were candidates, and by which rule. */
  compared: boolean;
  rule: string | null;
  /** Every blocking rule with whether the two records share its key, and what each has. */
  blocking: {
    rule: string;
    shared: boolean;
    reason: 'shared' | 'different' | 'missing' | 'too-large';
    left: string | null;
    right: string | null;
  }[];
  /** Rules that would have compared them, where none did. */
  needed: NeededRule[];
  sameCluster: boolean;
  clusters: [string, string];
  /** One sentence of the outcome. */
  zh: string;
  en: string;
}

/** Finds a record's number. Throws `linkage.unknown-record`. */
export async function ridOf(l: Linkage, ref: RecordRef): Promise<number> {
  const table = ref.table === undefined ? '' : ` AND src = ${l.model.tables.findIndex((t) => t.name === ref.table)}`;
  const rows = await l.engine.rows<{ rid: number }>(
    `SELECT rid FROM ${l.schema}.rec WHERE uid = ${literal(ref.id)}${table}`,
  );
  if (rows.length === 0)
    fail('unknown-record', `没有记录“${ref.id}”`, `there is no record '${ref.id}'`, { record: ref.id });
  if (rows.length > 1)
    fail(
      'ambiguous-record',
      `多张表有记录“${ref.id}”，请写明 table`,
      `several tables hold record '${ref.id}': name one`,
      { record: ref.id },
    );
  return rows[0]!.rid;
}

/** Explains any two records, candidates or not. */
export async function explain(l: Linkage, left: RecordRef, right: RecordRef): Promise<Explanation> {
  const s = l.schema;
  const [x, y] = [await ridOf(l, left), await ridOf(l, right)];
  if (x === y) fail('same-record', '两条是同一记录', 'both are the same record', { record: left.id });
  const [a, b] = x < y ? [x, y] : [y, x];
  const pair = `(SELECT CAST(${a} AS INTEGER) AS l, CAST(${b} AS INTEGER) AS r)`;
  const [row] = await l.engine.rows<{ pat: number }>(
    `SELECT CAST(pat AS DOUBLE) AS pat FROM (${patternSql(l.engine.dialect, l.model, l.comparisons, pair, `${s}.rec`)})`,
  );
  const [va, vb] = [await valuesOf(l, x), await valuesOf(l, y)];
  const e = l.estimate;
  const bars: Bar[] = [];
  let total = priorWeight(e.lambda);
  bars.push({ name: 'prior', level: '', left: null, right: null, m: e.lambda, u: 1 - e.lambda, bits: total, total });
  const codes = l.comparisons.map((c) => codeOf(row!.pat, c));
  l.comparisons.forEach((c, k) => {
    const q = e.comparisons[k]!;
    const code = codes[k]!;
    const bits = weightOf(q, code);
    total += bits;
    const value = (v: Record<string, string | null>) => (c.index < 0 ? null : (v[c.name] ?? null));
    bars.push({
      name: c.name,
      level: c.labels[code]!,
      left: value(va),
      right: value(vb),
      m: q.m[code]!,
      u: q.u[code]!,
      bits,
      total,
    });
  });
  for (const t of e.interactions) {
    const [p, q] = [e.comparisons[t.a]!.classes[codes[t.a]!]!, e.comparisons[t.b]!.classes[codes[t.b]!]!];
    if (p < 0 || q < 0) continue;
    const at = p * 3 + q;
    const bits = Math.log2(t.m[at]! / t.u[at]!);
    if (Math.abs(bits) < 0.005) continue;
    total += bits;
    bars.push({
      name: `${l.comparisons[t.a]!.name} ~ ${l.comparisons[t.b]!.name}`,
      level: 'go together by chance',
      left: null,
      right: null,
      m: t.m[at]!,
      u: t.u[at]!,
      bits,
      total,
    });
  }
  const scored = await l.engine.rows<{ rule: number }>(
    `SELECT rule FROM ${s}.scored WHERE l = ${a} AND r = ${b} ORDER BY rule DESC`,
  );
  const rule = scored[0]?.rule;
  const clusters = await l.engine.rows<{ rid: number; cluster: string }>(
    `SELECT rid, cluster FROM ${s}.clusters WHERE rid IN (${x}, ${y})`,
  );
  const clusterOf = (r: number) => clusters.find((c) => c.rid === r)!.cluster;
  const same = clusterOf(x) === clusterOf(y);
  const compared = rule !== undefined && rule >= 0;
  const blocking = await whyBlocked(l, x, y);
  const probability = posterior(total);
  return {
    left,
    right,
    bars,
    bits: total,
    probability,
    compared,
    rule: rule === undefined ? null : rule < 0 ? 'inside a component' : (l.rules[rule] ?? null),
    blocking,
    needed: compared ? [] : await neededBlocking(l, x, y),
    sameCluster: same,
    clusters: [clusterOf(x), clusterOf(y)],
    ...sentence(
      probability,
      compared,
      same,
      total >= l.summary.thresholdBits,
      blocking.some((r) => r.reason === 'too-large'),
    ),
  };
}

function sentence(
  p: number,
  compared: boolean,
  same: boolean,
  linked: boolean,
  large: boolean,
): { zh: string; en: string } {
  const share = `${(100 * p).toFixed(p > 0.999 || p < 0.001 ? 3 : 1)} %`;
  if (same && linked) return { zh: `同一实体：为同一的概率 ${share}`, en: `one entity: probability ${share}` };
  if (same)
    return {
      zh: `经由其他记录归为同一实体；单看这一对，概率 ${share}`,
      en: `one entity through other records; by itself this pair has probability ${share}`,
    };
  if (!compared) {
    return large
      ? {
          zh: `从未比较：共有的键过于常见；若比较，概率为 ${share}`,
          en: `never compared: the keys that they share are too common; compared, the probability would be ${share}`,
        }
      : {
          zh: `从未比较：没有共同的分块键；若比较，概率为 ${share}`,
          en: `never compared: they share no blocking key; compared, the probability would be ${share}`,
        };
  }
  return linked
    ? {
        zh: `这一对概率 ${share}，但所在的两组整体不像同一实体，或受约束限制`,
        en: `the pair has probability ${share}, but their groups as a whole do not look like one, or a constraint forbids it`,
      }
    : { zh: `不是同一实体：概率 ${share}`, en: `not one entity: probability ${share}` };
}

async function valuesOf(l: Linkage, rid: number): Promise<Record<string, string | null>> {
  const columns = Object.keys(l.model.columns);
  const [row] = await l.engine.rows<Record<string, string | null>>(
    `SELECT ${columns.map((_, i) => `CAST(c${i} AS VARCHAR) AS c${i}`).join(', ')} FROM ${l.schema}.rec WHERE rid = ${rid}`,
  );
  return Object.fromEntries(columns.map((c, i) => [c, row![`c${i}`] ?? null]));
}

/** Which rules the two records share, and why not the others. */
async function whyBlocked(l: Linkage, x: number, y: number): Promise<Explanation['blocking']> {
  const s = l.schema;
  const d = l.engine.dialect;
  const out: Explanation['blocking'] = [];
  const ask = async (name: string, parts: { sql: string; list: boolean }[], source: string, id?: string) => {
    const select = parts.map((p, i) => `${p.list ? d.unnest(p.sql) : p.sql} AS k${i}`).join(', ');
    const keys = parts.map((_, i) => `CAST(k${i} AS VARCHAR)`).join(` || ' + ' || `);
    const hash = id === undefined ? '0' : d.hash64(id, 'k0');
    const rows = await l.engine.rows<{ rid: number; key: string | null; large: boolean }>(
      `SELECT rid, ${keys} AS key, ${hash} IN (SELECT h FROM ${s}.big) AS large FROM (SELECT rid, ${select} FROM ${source} WHERE rid IN (${x}, ${y}))`,
    );
    const of = (r: number) => rows.filter((k) => k.rid === r && k.key !== null);
    const common = of(x).filter((k) => of(y).some((o) => o.key === k.key));
    const show = (list: typeof rows) =>
      list.length > 0
        ? list
            .slice(0, 6)
            .map((k) => k.key)
            .join(', ')
        : null;
    const usable = common.some((k) => !k.large);
    out.push({
      rule: name,
      shared: usable,
      reason: usable
        ? 'shared'
        : common.length > 0
          ? 'too-large'
          : of(x).length === 0 || of(y).length === 0
            ? 'missing'
            : 'different',
      left: show(of(x)),
      right: show(of(y)),
    });
  };
  const hasBig = l.model.blocking.auto;
  if (!hasBig) await l.engine.run(`CREATE TABLE IF NOT EXISTS ${s}.big (h BIGINT)`);
  for (const [id, rule] of l.model.blocking.rules.entries()) {
    if (rule.window === undefined)
      await ask(ruleName(rule), ruleParts(d, l.model, rule.on), ruleSource(d, l.model, rule.on, `${s}.rec`));
    else out.push(await neighbours(l, x, y, id, ruleName(rule), rule.window));
  }
  if (hasBig)
    for (const key of l.keys)
      await ask(
        key.name,
        [{ sql: key.sql, list: key.list }],
        keySource(d, l.model, key, `${s}.rec`),
        String(key.id + 1000),
      );
  return out;
}

/** Learned parameters as data of a chart: by comparison and level m, u and weight. */
export function parameterChart(
  l: Linkage,
): { comparison: string; level: string; m: number; u: number; bits: number }[] {
  return l.comparisons.flatMap((c: Comparison, k: number) =>
    c.labels.slice(1).map((level, i) => {
      const q = l.parameters.comparisons[k]!;
      return { comparison: c.name, level, m: q.m[i + 1]!, u: q.u[i + 1]!, bits: weightOf(q, i + 1) };
    }),
  );
}

/** Whether two records stand near each other in the order of a rule; what each has is its place. */
async function neighbours(
  l: Linkage,
  x: number,
  y: number,
  id: number,
  rule: string,
  window: number,
): Promise<Explanation['blocking'][number]> {
  const rows = await l.engine.rows<{ rid: number; o: number }>(
    `SELECT rid, o FROM ${l.schema}.rule${id} WHERE rid IN (${x}, ${y})`,
  );
  const [a, b] = [x, y].map((rid) => rows.find((r) => r.rid === rid)?.o ?? null);
  const shared = a != null && b != null && Math.abs(a - b) < window;
  return {
    rule,
    shared,
    reason: shared ? 'shared' : a == null || b == null ? 'missing' : 'different',
    left: a == null ? null : String(a),
    right: b == null ? null : String(b),
  };
}
