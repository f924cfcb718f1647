/**
 * Blocking: which pairs are compared at all. Declared rules make a block of the records that agree on all their parts, or compare neighbours in an
 * order; beside them the engine finds blocks of its own (own-keys.ts). `block` makes the candidates of all records, `blockNew` those of records that came later.
 */
import type { Dialect } from './dialect.ts';
import type { Pipeline } from './engine.ts';
import { fail } from './errors.ts';
import { keysOf, ruleName, ruleParts, ruleSource } from './keys.ts';
import type { Model } from './model.ts';
import { NEW_KEYS, newOwnPairs } from './new-keys.ts';
import { type Budget, ownKeys, ownRules } from './own-keys.ts';
import { blocksSql, topologySql } from './topology.ts';

/** Pairs that a rule made: those of its own, and those that no rule before it made. */
export interface RuleCount {
  rule: string;
  pairs: number;
  added: number;
  cumulative: number;
}

/** What blocking made. */
export interface Blocked {
  rules: string[];
  counts: RuleCount[];
  pairs: number;
  cap: number;
}

/** Fills `${s}.rule<id>(rid, src, o)`: the places of records in the order of a rule's parts; a record that lacks one has none. */
async function neighbourhood(p: Pipeline, s: string, model: Model, id: number): Promise<void> {
  const rule = model.blocking.rules[id]!;
  const parts = ruleParts(p.engine.dialect, model, rule.on);
  const keys = parts.map((e, i) => `${e.sql} AS k${i}`).join(', ');
  const all = parts.map((_, i) => `k${i}`);
  await p.run(
    `order of rule ${ruleName(rule)}`,
    `CREATE OR REPLACE TABLE ${s}.rule${id} AS SELECT rid, src, row_number() OVER (ORDER BY ${all.join(', ')}, tie, rid) AS o FROM (SELECT rid, src, tie, ${keys} FROM ${s}.rec) WHERE ${all.map((k) => `${k} IS NOT NULL`).join(' AND ')}`,
  );
}

/** SQL of the pairs of neighbours (l, r, rule) of a rule; with `since` those that touch a record from this number on. */
function neighbourPairs(d: Dialect, s: string, model: Model, id: number, since?: number): string {
  const [l, r] = ['least(a.rid, b.rid)', 'greatest(a.rid, b.rid)'];
  const recent = since === undefined ? '' : ` AND ${r} >= ${since}`;
  return `SELECT ${l} AS l, ${r} AS r, ${id} AS rule FROM (SELECT *, ${d.unnest(d.range('1', String(model.blocking.rules[id]!.window!)))} AS step FROM ${s}.rule${id}) AS a JOIN ${s}.rule${id} AS b ON b.o = a.o + a.step WHERE true${topologySql(model)}${recent}`;
}

/** SQL of the keys (rid, src, h) of a declared rule. */
function ruleKeys(p: Pipeline, model: Model, id: number, rec: string): string {
  const d = p.engine.dialect;
  const { on } = model.blocking.rules[id]!;
  const parts = ruleParts(d, model, on);
  const inner = parts.map((e, i) => `${e.list ? d.unnest(e.sql) : e.sql} AS k${i}`).join(', ');
  const all = parts.map((_, i) => `k${i}`);
  return `SELECT DISTINCT rid, src, ${d.hash64(String(id), ...all)} AS h FROM (SELECT rid, src, ${inner} FROM ${ruleSource(d, model, on, rec)}) WHERE ${all.map((k) => `${k} IS NOT NULL`).join(' AND ')}`;
}

/** Refuses a rule that makes more pairs than the model's limit, telling their number. */
function refuse(model: Model, id: number, pairs: number, records: number): void {
  const most = model.blocking.maxPairsPerRule ?? Math.max(10_000_000, 1000 * records);
  if (pairs <= most) return;
  const name = ruleName(model.blocking.rules[id]!);
  const count = Math.round(pairs).toLocaleString('en');
  fail(
    'too-many-pairs',
    `分块规则“${name}”会产生 ${count} 对记录，超过上限 ${most.toLocaleString('en')}`,
    `blocking rule '${name}' would make ${count} pairs, more than the limit of ${most.toLocaleString('en')}`,
    { path: `blocking.rules[${id}]` },
  );
}

/**
 * Fills `${s}.cand(l, r, rule)` with candidate pairs of `${s}.rec`, l < r. `frozen`: keys too large are those of `${s}.big` and are not counted anew.
 * Declared rules are counted first and refused where they would make too many pairs.
 */
export async function block(
  p: Pipeline,
  s: string,
  model: Model,
  records: number,
  budget: Budget,
  frozen: boolean,
): Promise<Blocked> {
  const rec = `${s}.rec`;
  const topology = topologySql(model);
  const rules = model.blocking.rules.map(ruleName);
  const parts: string[] = [];
  const own = new Map<number, number>();
  for (const [id, rule] of model.blocking.rules.entries()) {
    if (rule.window !== undefined) {
      refuse(model, id, records * (rule.window - 1), records);
      await neighbourhood(p, s, model, id);
      parts.push(neighbourPairs(p.engine.dialect, s, model, id));
      continue;
    }
    await p.run(
      `keys of rule ${rules[id]}`,
      `CREATE OR REPLACE TABLE ${s}.rule${id} AS ${ruleKeys(p, model, id, rec)}`,
    );
    const { pairs } = await p.one<{ pairs: number }>(
      `pairs of rule ${rules[id]}`,
      `SELECT coalesce(sum(pairs), 0) AS pairs FROM (${blocksSql(model, `${s}.rule${id}`, 'h')})`,
    );
    refuse(model, id, pairs, records);
    own.set(id, pairs);
    parts.push(
      `SELECT a.rid AS l, b.rid AS r, ${id} AS rule FROM ${s}.rule${id} AS a JOIN ${s}.rule${id} AS b ON a.h = b.h AND a.rid < b.rid${topology}`,
    );
  }
  let cap = budget.cap;
  if (model.blocking.auto) {
    const keys = keysOf(p.engine.dialect, model, budget.depth);
    const found = await ownKeys(p, s, model, rec, keys, rules.length, budget, frozen);
    cap = found.cap;
    ownRules(keys, rules.length).forEach((name, id) => {
      rules[id] = name;
    });
    parts.push(
      `SELECT a.rid AS l, b.rid AS r, a.rule FROM ${s}.keys AS a JOIN ${s}.keys AS b ON a.h = b.h AND a.rid < b.rid${topology}`,
    );
    const rows = await p.rows<{ rule: number; n: number }>(
      'pairs of own rules',
      `SELECT rule, sum(pairs) AS n FROM (${blocksSql(model, `${s}.keys`, 'h', ['rule'])}) GROUP BY rule`,
    );
    for (const r of rows) own.set(r.rule, r.n);
  }
  const counts = await candidates(p, s, parts, rules, own);
  for (const [id, rule] of model.blocking.rules.entries())
    if (rule.window === undefined) await p.run('drop keys of a rule', `DROP TABLE ${s}.rule${id}`);
  if (model.blocking.auto) await p.run('drop keys', `DROP TABLE ${s}.keys`);
  return { rules, counts, pairs: counts.at(-1)?.cumulative ?? 0, cap };
}

async function candidates(
  p: Pipeline,
  s: string,
  parts: readonly string[],
  rules: readonly string[],
  own: ReadonlyMap<number, number>,
): Promise<RuleCount[]> {
  await p.run(
    'candidate pairs',
    `CREATE OR REPLACE TABLE ${s}.cand AS SELECT l, r, CAST(min(rule) AS INTEGER) AS rule FROM (${parts.join(' UNION ALL ')}) GROUP BY l, r`,
  );
  const added = await p.rows<{ rule: number; n: number }>(
    'pairs by rule',
    `SELECT rule, count(*) AS n FROM ${s}.cand GROUP BY rule ORDER BY rule`,
  );
  let cumulative = 0;
  return added.map((a): RuleCount => {
    cumulative += a.n;
    const pairs = Math.max(own.get(a.rule) ?? a.n, a.n);
    return { rule: rules[a.rule] ?? `rule ${a.rule}`, pairs, added: a.n, cumulative };
  });
}

/**
 * Fills `${s}.cand(l, r, rule)` with the candidate pairs of which at least one record has rid >= `since`: what `block` with frozen keys would find
 * beyond the pairs of before. Records of before are looked at once, for the keys that new records have; `${s}.rec_new` holds the new ones.
 */
export async function blockNew(
  p: Pipeline,
  s: string,
  model: Model,
  records: number,
  budget: Budget,
  since: number,
): Promise<number> {
  const on = `a.h = b.h AND a.rid < b.rid${topologySql(model)}`;
  const parts: string[] = [];
  for (const [id, rule] of model.blocking.rules.entries()) {
    if (rule.window !== undefined) {
      refuse(model, id, records * (rule.window - 1), records);
      await neighbourhood(p, s, model, id);
      parts.push(neighbourPairs(p.engine.dialect, s, model, id, since));
      continue;
    }
    const name = ruleName(rule);
    await p.run(
      `new keys of rule ${name}`,
      `CREATE OR REPLACE TABLE ${s}.rule${id} AS ${ruleKeys(p, model, id, `${s}.rec_new`)}`,
    );
    await p.run(
      `known keys of rule ${name}`,
      `CREATE OR REPLACE TABLE ${s}.known${id} AS SELECT * FROM (${ruleKeys(p, model, id, `${s}.rec`)}) WHERE h IN (SELECT h FROM ${s}.rule${id})`,
    );
    const pairs = `SELECT a.rid AS l, b.rid AS r, ${id} AS rule FROM ${s}.known${id} AS a JOIN ${s}.rule${id} AS b ON ${on}`;
    const { n } = await p.one<{ n: number }>(`pairs of rule ${name}`, `SELECT count(*) AS n FROM (${pairs})`);
    refuse(model, id, n, records);
    parts.push(pairs);
  }
  if (model.blocking.auto) {
    const keys = keysOf(p.engine.dialect, model, budget.depth);
    parts.push(await newOwnPairs(p, s, model, keys, model.blocking.rules.length, budget, on));
  }
  await p.run(
    'candidate pairs of new records',
    `CREATE OR REPLACE TABLE ${s}.cand AS SELECT l, r, CAST(min(rule) AS INTEGER) AS rule FROM (${parts.join(' UNION ALL ')}) GROUP BY l, r`,
  );
  const drop = model.blocking.rules.flatMap((r, id) => (r.window === undefined ? [`rule${id}`, `known${id}`] : []));
  if (model.blocking.auto) drop.push(...NEW_KEYS);
  for (const t of drop) await p.run(`drop ${t}`, `DROP TABLE IF EXISTS ${s}.${t}`);
  return (await p.one<{ n: number }>('candidate pairs', `SELECT count(*) AS n FROM ${s}.cand`)).n;
}
