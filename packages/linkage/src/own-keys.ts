/**
 * Blocks that the engine finds by itself. Every record has keys (values, words, parts of values, sounds, places in an order); a key whose block is small
 * enough is used as it is, and a key whose block is too large is refined, record by record, with the record's other large keys, two and
 * then three columns together. So rare values are enough by themselves, common ones only in company, and the number of pairs stays within a
 * budget, which a histogram of block sizes settles before any pair is made.
 *
 * What is too large is kept (`big`), so that a later run with more records finds the same candidates among the records of before; `spent` keys are beyond
 * the budget and not refined.
 */
import type { Dialect } from './dialect.ts';
import type { Pipeline } from './engine.ts';
import { type Key, keySource } from './keys.ts';
import type { Model } from './model.ts';
import { NEAR } from './places.ts';
import { blocksSql } from './topology.ts';

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

/** A key of a run before that has come to hold so many times the largest block is taken for large from then on. */
export const OUTGROWN = 50;

/** SQL of the keys that are refined. */
export const largeKeys = (s: string): string => `SELECT h FROM ${s}.big WHERE NOT spent`;

/** Names of the rules that keys make, alone, two and three together, by number from `base` on. */
export function ownRules(keys: readonly Key[], base: number): string[] {
  const names: string[] = [];
  for (const k of keys) names[base + k.id] = k.name;
  for (const a of keys)
    for (const b of keys) names[base + keys.length + a.id * keys.length + b.id] = `${a.name} + ${b.name}`;
  names[base + keys.length * (keys.length + 1)] = 'three columns together';
  return names;
}

/** SQL of whether a key is a neighbourhood: those are not refined where they are too large. */
export const isNear = (keys: readonly Key[], key: string): string => {
  const near = keys.flatMap((k) => (k.near === undefined ? [] : [k.id]));
  return near.length > 0 ? `${key} IN (${near.join(', ')})` : 'FALSE';
};

/** SQL of a key's hash, of the SQL of its value. */
export const keyHash = (d: Dialect, k: Key, v: string): string => d.hash64(String(k.id + 1000), v);

/** SQL of all keys of `rec`: rid, src, key, col, h. `only`: a relation of the values of h that are wanted. */
export function keyRows(d: Dialect, model: Model, keys: readonly Key[], rec: string, only?: string): string {
  return keys
    .map((k) => {
      const value = `SELECT rid, src, ${k.list ? d.unnest(k.sql) : k.sql} AS v FROM ${keySource(d, model, k, rec)}`;
      const rows = `SELECT rid, src, CAST(${k.id} AS SMALLINT) AS key, CAST(${k.column} AS SMALLINT) AS col, ${keyHash(d, k, 'v')} AS h FROM (${value}) WHERE v IS NOT NULL`;
      return only === undefined ? rows : `SELECT * FROM (${rows}) WHERE h IN (SELECT h FROM ${only})`;
    })
    .join(' UNION ALL ');
}

/** SQL of keys of one more column: `over` are a record's large keys (with rule where they are of two columns already), `first` those of one column. */
export function refined(d: Dialect, keys: readonly Key[], level: 1 | 2, over: string, first: string): string {
  const rule = level === 1 ? `${keys.length} + a.key * ${keys.length} + b.key` : `${keys.length * (keys.length + 1)}`;
  return `SELECT a.rid, a.src, b.key, b.col, ${rule} AS rule, ${d.hash64('a.h', 'b.h')} AS h FROM ${over} AS a JOIN ${first} AS b ON a.rid = b.rid AND a.col < b.col`;
}

/** Fills `${s}.keys(rid, src, h, rule)`; rules are numbered from `base`. With `frozen`, large keys are those of `${s}.big`, but for what has outgrown all measure. */
export async function ownKeys(
  p: Pipeline,
  s: string,
  model: Model,
  rec: string,
  keys: readonly Key[],
  base: number,
  budget: Budget,
  frozen: boolean,
): Promise<{ cap: number }> {
  const d = p.engine.dialect;
  await p.run('keys of records', `CREATE OR REPLACE TABLE ${s}.key1 AS ${keyRows(d, model, keys, rec)}`);
  if (!frozen) await p.run('no key is known to be large', `CREATE OR REPLACE TABLE ${s}.big (h BIGINT, spent BOOLEAN)`);
  const most = frozen ? OUTGROWN * budget.cap : budget.cap;
  const limit = frozen ? most : `CASE WHEN ${isNear(keys, 'b.key')} THEN ${NEAR} ELSE ${most} END`;
  const known = frozen ? ` AND k.h NOT IN (SELECT h FROM ${s}.big)` : '';
  for (const level of [1, 2, 3] as const) {
    const table = `${s}.key${level}`;
    await p.run(
      `blocks of ${level} keys`,
      `CREATE OR REPLACE TABLE ${s}.blk AS SELECT h, min(key) AS key, count(*) AS n FROM ${table} GROUP BY h HAVING count(*) > 1`,
    );
    const rule = level === 1 ? `${base} + k.key` : `${base} + k.rule`;
    const usable = `SELECT k.rid, k.src, k.h, ${rule} AS rule FROM ${table} AS k JOIN ${s}.blk AS b ON b.h = k.h AND b.n <= ${limit} WHERE true${known}`;
    await p.run(
      `keys of ${level} that make pairs`,
      level === 1 ? `CREATE OR REPLACE TABLE ${s}.keys AS ${usable}` : `INSERT INTO ${s}.keys ${usable}`,
    );
    await p.run(
      `large blocks of ${level} keys`,
      `INSERT INTO ${s}.big SELECT h, ${isNear(keys, 'key')} FROM ${s}.blk AS b WHERE n > ${limit}${frozen ? ` AND h NOT IN (SELECT h FROM ${s}.big)` : ''}`,
    );
    if (level === 3) break;
    // Keys too large, refined by the record's other large keys of later columns.
    await p.run(
      `large keys of ${level}`,
      `CREATE OR REPLACE TABLE ${s}.over${level} AS SELECT * FROM ${table} WHERE h IN (${largeKeys(s)})`,
    );
    await p.run(`drop keys of ${level}`, `DROP TABLE ${table}`);
    await p.run(
      `keys of ${level + 1} columns`,
      `CREATE OR REPLACE TABLE ${s}.key${level + 1} AS ${refined(d, keys, level, `${s}.over${level}`, `${s}.over1`)}`,
    );
  }
  const cap = frozen ? budget.cap : await withinBudget(p, s, model, budget);
  for (const t of ['key3', 'over1', 'over2', 'blk']) await p.run(`drop ${t}`, `DROP TABLE ${s}.${t}`);
  return { cap };
}

/** The budget: for every rule the largest block size at which its pairs stay within its share, then for all rules together. */
async function withinBudget(p: Pipeline, s: string, model: Model, budget: Budget): Promise<number> {
  const sizes = await p.rows<{ rule: number; n: number; pairs: number }>(
    'pairs by rule and size of block',
    `SELECT rule, n, sum(pairs) AS pairs FROM (${blocksSql(model, `${s}.keys`, 'h', ['rule'])}) GROUP BY rule, n ORDER BY n, rule`,
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
    const own = sizes.filter((r) => r.rule === rule);
    limits.set(rule, within(own, budget.pairs / 4));
  }
  const small = sizes.filter((r) => r.n <= limits.get(r.rule)!);
  const cap = within(small, budget.pairs);
  const tight = [...limits]
    .map(([rule, limit]) => [rule, Math.min(limit, cap)] as const)
    .filter(([, limit]) => limit < budget.cap);
  if (tight.length === 0) return cap;
  const limit = `CASE rule ${tight.map(([rule, n]) => `WHEN ${rule} THEN ${n}`).join(' ')} ELSE ${cap} END`;
  await p.run(
    'blocks beyond the budget',
    `INSERT INTO ${s}.big SELECT h, TRUE FROM ${s}.keys GROUP BY h, rule HAVING count(*) > ${limit}`,
  );
  await p.run(
    'keys within the budget',
    `CREATE OR REPLACE TABLE ${s}.keys AS SELECT * FROM ${s}.keys WHERE h NOT IN (SELECT h FROM ${s}.big)`,
  );
  return cap;
}
