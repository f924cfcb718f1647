/**
 * Blocking: which pairs are compared at all. Declared rules make a block of the records that agree on all their parts. Beside them the engine finds
 * blocks of its own: every record has keys (values, words, parts of values, sounds); a key whose block is small enough is used as it
 * is, and a key whose block is too large is refined, record by record, with the record's other large keys, two and then three columns
 * together. So rare values are enough by themselves, common ones only in company, and the number of pairs stays within a budget, which
 * a histogram of block sizes settles before any pair is made.
 *
 * What is too large is kept (`big`), so that a later run with more records finds the same candidates among the records of before.
 */
import type { Dialect } from './dialect.ts';
import type { Pipeline } from './engine.ts';
import { fail } from './errors.ts';
import type { BlockingRule, Model } from './model.ts';
import { type Prepared, preparedColumns, wordsOf } from './prepare.ts';

/** A key that records can share. */
export interface Key {
  id: number;
  name: string;
  column: number;
  sql: string;
  /** The expression is a list, each element a key. */
  list: boolean;
}

/** Pairs that a rule made: those of its own, and those that no rule before it made. */
export interface RuleCount {
  rule: string;
  pairs: number;
  added: number;
  cumulative: number;
}

/** A part of a column by its name in a rule. */
export function partSql(d: Dialect, c: Prepared, part: string | undefined): { sql: string; list: boolean } {
  const v = `c${c.index}`;
  const one = (sql: string) => ({ sql, list: false });
  if (part === undefined) return one(v);
  const figure = Number(part.slice(-1));
  // Two characters of a Chinese name say as much as three letters. Thirty-odd keys a value at most.
  if (part === 'skipgrams') return { sql: d.skipGrams(v, c.model.chinese ? 2 : 3, 12), list: true };
  if (part === 'year') return one(`nullif(substr(${v}, 1, 4), '')`);
  if (part === 'month') return one(`nullif(substr(${v}, 5, 2), '')`);
  if (part === 'day') return one(`nullif(substr(${v}, 7, 2), '')`);
  if (part === 'pinyin') return one(c.sounds ? `p${c.index}` : v);
  if (part === 'initials') return one(c.sounds ? `n${c.index}` : v);
  if (part === 'trade') return one(c.company ? `k${c.index}` : v);
  if (part === 'user') return one(`nullif(split_part(${v}, '@', 1), '')`);
  if (part.startsWith('start')) return one(`CASE WHEN length(${v}) >= ${figure} THEN substr(${v}, 1, ${figure}) END`);
  if (part.startsWith('end'))
    return one(`CASE WHEN length(${v}) >= ${figure} THEN substr(${v}, length(${v}) - ${figure - 1}) END`);
  return { sql: wordsOf(d, c), list: true };
}

/** A declared rule as keys of its parts. */
export function ruleParts(d: Dialect, model: Model, on: readonly string[]): { sql: string; list: boolean }[] {
  const columns = preparedColumns(model);
  return on.map((text) => {
    const whole = columns.find((c) => c.name === text);
    if (whole) return partSql(d, whole, undefined);
    const dot = text.lastIndexOf('.');
    return partSql(d, columns.find((c) => c.name === text.slice(0, dot))!, text.slice(dot + 1));
  });
}

/** What a declared rule is called. */
export const ruleName = (rule: BlockingRule): string =>
  `${rule.on.join(' + ')}${rule.window === undefined ? '' : `, neighbours in a window of ${rule.window}`}`;

/** Fills `${s}.rule<id>(rid, src, o)`: the places of records in the order of a rule's parts; a record that lacks one has none. */
async function neighbourhood(
  p: Pipeline,
  s: string,
  rec: string,
  id: number,
  name: string,
  parts: readonly { sql: string }[],
): Promise<void> {
  const keys = parts.map((e, i) => `${e.sql} AS k${i}`).join(', ');
  const all = parts.map((_, i) => `k${i}`);
  await p.run(
    `order of rule ${name}`,
    `CREATE OR REPLACE TABLE ${s}.rule${id} AS SELECT rid, src, row_number() OVER (ORDER BY ${all.join(', ')}, tie, rid) AS o FROM (SELECT rid, src, tie, ${keys} FROM ${rec}) WHERE ${all.map((k) => `${k} IS NOT NULL`).join(' AND ')}`,
  );
}

/** How much blocking may cost for so many records. */
export interface Budget {
  /** Largest block. */
  cap: number;
  pairs: number;
  /** 1: whole values and sounds; 2: words and parts of values too; 3: fragments of words and neighbours in order too. */
  depth: 1 | 2 | 3;
}

/** The default budget: generous where records are few, some pairs a record where they are many. */
export function budgetOf(model: Model, records: number): Budget {
  const depth = records <= 20_000 ? 3 : records <= 300_000 ? 2 : 1;
  const per = model.blocking.pairsPerRecord ?? (depth === 3 ? 100 : depth === 2 ? 200 : 6);
  return { cap: depth === 3 ? 100 : depth === 2 ? 60 : 40, pairs: Math.max(200_000, Math.ceil(per * records)), depth };
}

/** The keys that a model's columns offer. */
export function keysOf(d: Dialect, model: Model, depth: 1 | 2 | 3): Key[] {
  const keys: Key[] = [];
  const add = (c: Prepared, name: string, sql: string, list = false) =>
    keys.push({ id: keys.length, name: `${c.name}${name}`, column: c.index, sql, list });
  for (const c of preparedColumns(model)) {
    const v = `c${c.index}`;
    const part = (p: string) => partSql(d, c, p).sql;
    const { kind, chinese } = c.model;
    if (kind === 'text') {
      add(c, '.words', wordsOf(d, c), true);
      if (depth === 3) add(c, '.start6', `CASE WHEN length(${v}) >= 6 THEN substr(${v}, 1, 6) END`);
      continue;
    }
    // Among many records a category parts blocks so little that its pairs are not worth their time.
    if (kind === 'category' && depth === 1) continue;
    if (kind === 'array') {
      add(c, '.values', `l${c.index}`, true);
      continue;
    }
    if (c.company) {
      add(c, '.trade', part('trade'));
      if (depth > 1) add(c, '.pinyin', part('pinyin'));
      if (depth > 1) add(c, '.initials', part('initials'));
      continue;
    }
    if (kind === 'name' && c.sounds) add(c, '.pinyin', part('pinyin'));
    else add(c, '', v);
    if (depth === 1) continue;
    if (kind === 'name' && !chinese) {
      add(c, '.words', `CASE WHEN ${v} LIKE '% %' THEN ${d.words(v)} END`, true);
      add(c, '.consonants', skeleton(d, v));
      add(c, '.start3', part('start3'));
    }
    if (kind === 'date') {
      add(c, '.month-day', `CASE WHEN length(${v}) = 8 THEN substr(${v}, 5) END`);
      add(c, '.year-month', `CASE WHEN length(${v}) = 8 THEN substr(${v}, 1, 6) END`);
      add(c, '.year-day', `CASE WHEN length(${v}) = 8 THEN substr(${v}, 1, 4) || substr(${v}, 7) END`);
    }
    if (kind === 'code' || kind === 'phone') {
      add(c, '.first-half', `CASE WHEN length(${v}) >= 4 THEN substr(${v}, 1, CAST(length(${v}) / 2 AS INTEGER)) END`);
      add(
        c,
        '.second-half',
        `CASE WHEN length(${v}) >= 4 THEN substr(${v}, CAST(length(${v}) / 2 AS INTEGER) + 1) END`,
      );
    }
    if (kind === 'email') add(c, '.user', part('user'));
    if (kind === 'address') {
      if (c.address) add(c, '.road', `r${c.index}`);
      else add(c, '.words', d.words(v), true);
    }
    if (depth === 3 && (kind === 'name' || kind === 'email') && !chinese)
      add(c, '.fragments', `CASE WHEN length(${v}) >= 4 THEN ${d.grams(v, 3)} END`, true);
  }
  return keys;
}

/** First letter and the consonants after it, doubled ones once: alike for most misspellings of a name. */
const skeleton = (d: Dialect, v: string): string =>
  `CASE WHEN length(${v}) >= 4 THEN substr(${v}, 1, 1) || ${d.replaceAll(`substr(${v}, 2)`, '[aeiouyhw ]', '')} END`;

/** SQL condition on two sides `a`, `b` with `src`: pairs that the topology allows. */
export function topologySql(model: Model, a = 'a', b = 'b'): string {
  const out: string[] = [];
  if (model.tables.length > 1 && model.topology === 'dedupe') out.push(`${a}.src = ${b}.src`);
  if (model.topology === 'link') out.push(`${a}.src <> ${b}.src`);
  const unique = model.tables.flatMap((t, i) => (t.unique ? [i] : []));
  if (unique.length > 0 && model.topology !== 'link')
    out.push(`NOT (${a}.src = ${b}.src AND ${a}.src IN (${unique.join(', ')}))`);
  return out.length > 0 ? ` AND ${out.join(' AND ')}` : '';
}

/** Pairs among counts of records by table, as the topology allows. */
export function allowedPairs(model: Model, counts: readonly number[]): number {
  let pairs = 0;
  for (let i = 0; i < counts.length; i++) {
    if (model.topology !== 'link' && !model.tables[i]!.unique) pairs += (counts[i]! * (counts[i]! - 1)) / 2;
    if (model.topology !== 'dedupe') for (let k = i + 1; k < counts.length; k++) pairs += counts[i]! * counts[k]!;
  }
  return pairs;
}

/** SQL of the number of pairs of a block with n records, of which `same` (sum of squares by table) are of one table. */
function pairsOfBlock(model: Model): string {
  if (model.topology === 'link') return '(CAST(n AS DOUBLE) * n - same) / 2';
  if (model.topology === 'dedupe') return '(same - n) / 2.0';
  return '(CAST(n AS DOUBLE) * n - n) / 2';
}

function blockCounts(model: Model, keys: string, rules = false): string {
  const rule = rules ? ', any_value(rule) AS rule' : '';
  if (model.tables.length === 1)
    return `SELECT h${rule}, count(*) AS n, CAST(count(*) AS DOUBLE) * count(*) AS same FROM ${keys} GROUP BY h`;
  return `SELECT h${rule}, sum(k) AS n, sum(CAST(k AS DOUBLE) * k) AS same FROM (SELECT h, src${rule}, count(*) AS k FROM ${keys} GROUP BY h, src) GROUP BY h`;
}

/** What blocking made. */
export interface Blocked {
  rules: string[];
  counts: RuleCount[];
  pairs: number;
  cap: number;
}

/**
 * Fills `${s}.cand(l, r, rule)` with candidate pairs of `${s}.${rec}`, l < r. With `since`, only pairs that touch a record with rid >= since
 * (the new ones), among all. `frozen`: keys too large are those of `${s}.big` and are not counted anew.
 */
export async function block(
  p: Pipeline,
  s: string,
  model: Model,
  records: number,
  options: { rec?: string; frozen?: boolean; since?: number; budget?: Budget } = {},
): Promise<Blocked> {
  const d = p.engine.dialect;
  const rec = `${s}.${options.rec ?? 'rec'}`;
  const topology = topologySql(model);
  const isNew = options.since === undefined ? '' : ` AND b.rid >= ${options.since}`;
  const rules: string[] = [];
  const parts: string[] = [];
  // Declared rules: counted first, refused where they would make too many pairs.
  const most = model.blocking.maxPairsPerRule ?? Math.max(10_000_000, 1000 * records);
  for (const rule of model.blocking.rules) {
    const id = rules.length;
    const name = ruleName(rule);
    const exprs = ruleParts(d, model, rule.on);
    const refuse = (pairs: number): void => {
      if (pairs <= most) return;
      const count = Math.round(pairs).toLocaleString('en');
      fail(
        'too-many-pairs',
        `分块规则“${name}”会产生 ${count} 对记录，超过上限 ${most.toLocaleString('en')}`,
        `blocking rule '${name}' would make ${count} pairs, more than the limit of ${most.toLocaleString('en')}`,
        { path: `blocking.rules[${id}]` },
      );
    };
    if (rule.window !== undefined) {
      refuse(records * (rule.window - 1));
      await neighbourhood(p, s, rec, id, name, exprs);
      const [l, r] = ['least(a.rid, b.rid)', 'greatest(a.rid, b.rid)'];
      const recent = options.since === undefined ? '' : ` AND ${r} >= ${options.since}`;
      parts.push(
        `SELECT ${l} AS l, ${r} AS r, ${id} AS rule FROM (SELECT *, unnest(range(1, ${rule.window})) AS step FROM ${s}.rule${id}) AS a JOIN ${s}.rule${id} AS b ON b.o = a.o + a.step WHERE true${topology}${recent}`,
      );
      rules.push(name);
      continue;
    }
    const inner = exprs.map((e, i) => `${e.list ? d.unnest(e.sql) : e.sql} AS k${i}`).join(', ');
    const all = exprs.map((_, i) => `k${i}`);
    const source = `(SELECT DISTINCT rid, src, ${d.hash64(String(id), ...all)} AS h FROM (SELECT rid, src, ${inner} FROM ${rec}) WHERE ${all.map((k) => `${k} IS NOT NULL`).join(' AND ')})`;
    await p.run(`keys of rule ${name}`, `CREATE OR REPLACE TABLE ${s}.rule${id} AS SELECT * FROM ${source}`);
    const { pairs } = await p.one<{ pairs: number | null }>(
      `pairs of rule ${name}`,
      `SELECT sum(${pairsOfBlock(model)}) AS pairs FROM (${blockCounts(model, `${s}.rule${id}`)})`,
    );
    refuse(pairs ?? 0);
    rules.push(name);
    parts.push(
      `SELECT a.rid AS l, b.rid AS r, ${id} AS rule FROM ${s}.rule${id} AS a JOIN ${s}.rule${id} AS b ON a.h = b.h AND a.rid < b.rid${topology}${isNew}`,
    );
  }
  const budget = options.budget ?? budgetOf(model, records);
  let cap = budget.cap;
  if (model.blocking.auto) {
    const found = await ownKeys(p, s, model, rec, budget, options.frozen ?? false, rules);
    cap = found.cap;
    parts.push(
      `SELECT a.rid AS l, b.rid AS r, a.rule FROM ${s}.keys AS a JOIN ${s}.keys AS b ON a.h = b.h AND a.rid < b.rid${topology}${isNew}`,
    );
  }
  await p.run(
    'candidate pairs',
    `CREATE OR REPLACE TABLE ${s}.cand AS SELECT l, r, min(rule) AS rule FROM (${parts.join(' UNION ALL ')}) GROUP BY l, r`,
  );
  const added = await p.rows<{ rule: number; n: number }>(
    'pairs by rule',
    `SELECT rule, count(*) AS n FROM ${s}.cand GROUP BY rule ORDER BY rule`,
  );
  const own = new Map<number, number>();
  if (options.since === undefined) {
    for (let id = 0; id < model.blocking.rules.length; id++) {
      if (model.blocking.rules[id]!.window !== undefined) continue;
      const { n } = await p.one<{ n: number }>(
        'pairs of a rule',
        `SELECT coalesce(sum(${pairsOfBlock(model)}), 0) AS n FROM (${blockCounts(model, `${s}.rule${id}`)})`,
      );
      own.set(id, n);
    }
    if (model.blocking.auto) {
      const rows = await p.rows<{ rule: number; n: number }>(
        'pairs of own rules',
        `SELECT rule, sum(${pairsOfBlock(model)}) AS n FROM (SELECT any_value(rule) AS rule, h, count(*) AS n, sum(1) * sum(1) AS same FROM ${s}.keys GROUP BY h) GROUP BY rule`,
      );
      for (const r of rows) own.set(r.rule, r.n);
    }
  }
  let cumulative = 0;
  const counts = added.map((a): RuleCount => {
    cumulative += a.n;
    return {
      rule: rules[a.rule] ?? `rule ${a.rule}`,
      pairs: Math.max(own.get(a.rule) ?? a.n, a.n),
      added: a.n,
      cumulative,
    };
  });
  return { rules, counts, pairs: cumulative, cap };
}

/** Fills `${s}.keys(rid, src, h, rule)`. Extends `rules` with the names of what was found. */
async function ownKeys(
  p: Pipeline,
  s: string,
  model: Model,
  rec: string,
  budget: Budget,
  frozen: boolean,
  rules: string[],
): Promise<{ cap: number }> {
  const d = p.engine.dialect;
  const keys = keysOf(d, model, budget.depth);
  const base = rules.length;
  for (const k of keys) rules.push(k.name);
  const one = keys.map((k) => {
    const value = k.list
      ? `SELECT rid, src, ${d.unnest(k.sql)} AS v FROM ${rec}`
      : `SELECT rid, src, ${k.sql} AS v FROM ${rec}`;
    return `SELECT rid, src, CAST(${k.id} AS SMALLINT) AS key, CAST(${k.column} AS SMALLINT) AS col, ${d.hash64(String(k.id + 1000), 'v')} AS h FROM (${value}) WHERE v IS NOT NULL`;
  });
  await p.run('keys of records', `CREATE OR REPLACE TABLE ${s}.key1 AS ${one.join(' UNION ALL ')}`);
  if (!frozen) await p.run('no key is known to be large', `CREATE OR REPLACE TABLE ${s}.big (h BIGINT)`);
  const emitted: string[] = [];
  for (let level = 1; level <= 3; level++) {
    const table = `${s}.key${level}`;
    await p.run(
      `blocks of ${level} keys`,
      `CREATE OR REPLACE TABLE ${s}.blk${level} AS SELECT h, count(*) AS n FROM ${table} GROUP BY h HAVING count(*) > 1`,
    );
    if (!frozen)
      await p.run(
        `large blocks of ${level} keys`,
        `INSERT INTO ${s}.big SELECT h FROM ${s}.blk${level} WHERE n > ${budget.cap}`,
      );
    const rule = level === 1 ? `${base} + k.key` : `${base} + k.rule`;
    emitted.push(
      `SELECT k.rid, k.src, k.h, ${rule} AS rule FROM ${table} AS k JOIN ${s}.blk${level} AS b ON b.h = k.h WHERE k.h NOT IN (SELECT h FROM ${s}.big)`,
    );
    if (level === 3) break;
    // Keys too large, refined by the record's other large keys of later columns.
    await p.run(
      `large keys of ${level}`,
      `CREATE OR REPLACE TABLE ${s}.over${level} AS SELECT k.* FROM ${table} AS k WHERE k.h IN (SELECT h FROM ${s}.big)`,
    );
    const next = level === 1 ? 'over1' : 'over2';
    const numbers =
      level === 1 ? `${keys.length} + a.key * ${keys.length} + b.key` : `${keys.length * (keys.length + 1)}`;
    await p.run(
      `keys of ${level + 1} columns`,
      `CREATE OR REPLACE TABLE ${s}.key${level + 1} AS SELECT a.rid, a.src, b.key, b.col, ${numbers} AS rule, ${d.hash64('a.h', 'b.h')} AS h FROM ${s}.${next} AS a JOIN ${s}.over1 AS b ON a.rid = b.rid AND a.col < b.col`,
    );
  }
  for (const a of keys)
    for (const b of keys) rules[base + keys.length + a.id * keys.length + b.id] = `${a.name} + ${b.name}`;
  rules[base + keys.length * (keys.length + 1)] = 'three columns together';
  await p.run('keys that make pairs', `CREATE OR REPLACE TABLE ${s}.keys AS ${emitted.join(' UNION ALL ')}`);
  let cap = budget.cap;
  if (!frozen) {
    // The budget: for every rule the largest block size at which its pairs stay within its share, then for all rules together.
    const sizes = await p.rows<{ rule: number; n: number; pairs: number }>(
      'pairs by rule and size of block',
      `SELECT rule, n, sum(${pairsOfBlock(model)}) AS pairs FROM (${blockCounts(model, `${s}.keys`, true)}) GROUP BY rule, n ORDER BY n, rule`,
    );
    const within = (rows: typeof sizes, most: number): number => {
      let total = 0;
      let at = 2;
      for (const row of rows) {
        total += row.pairs;
        if (total > most && row.n > 2) break;
        at = row.n;
      }
      return at;
    };
    const limits = new Map<number, number>();
    for (const rule of new Set(sizes.map((r) => r.rule))) {
      limits.set(
        rule,
        within(
          sizes.filter((r) => r.rule === rule),
          budget.pairs / 4,
        ),
      );
    }
    cap = within(
      sizes.filter((r) => r.n <= limits.get(r.rule)!),
      budget.pairs,
    );
    const tight = [...limits]
      .map(([rule, limit]) => [rule, Math.min(limit, cap)] as const)
      .filter(([, limit]) => limit < budget.cap);
    if (tight.length > 0) {
      const limit = `CASE rule ${tight.map(([rule, n]) => `WHEN ${rule} THEN ${n}`).join(' ')} ELSE ${cap} END`;
      await p.run(
        'blocks beyond the budget',
        `INSERT INTO ${s}.big SELECT h FROM ${s}.keys GROUP BY h, rule HAVING count(*) > ${limit}`,
      );
      await p.run(
        'keys within the budget',
        `CREATE OR REPLACE TABLE ${s}.keys AS SELECT * FROM ${s}.keys WHERE h NOT IN (SELECT h FROM ${s}.big)`,
      );
    }
  }
  for (const t of ['key2', 'key3', 'over1', 'over2', 'blk1', 'blk2', 'blk3', 'key1'])
    await p.run(`drop ${t}`, `DROP TABLE IF EXISTS ${s}.${t}`);
  return { cap };
}
