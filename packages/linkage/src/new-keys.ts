/** Keys of their own of records that came later: brought together with the records of before without making everybody's keys again. */
import type { Dialect } from './dialect.ts';
import type { Pipeline } from './engine.ts';
import { type Key, keySource } from './keys.ts';
import type { Model } from './model.ts';
import { type Budget, isNear, keyHash, keyRows, largeKeys, OUTGROWN, refined } from './own-keys.ts';

/** Tables that `newOwnPairs` leaves until its pairs are made. */
export const NEW_KEYS = [
  'key1',
  'key2',
  'key3',
  'known1',
  'known2',
  'known3',
  'newover1',
  'newover2',
  'allover1',
  'allover2',
];

/** More combinations of keys than this are not looked for one by one. */
const ONE_BY_ONE = 16;

/** SQL of the records (rid, src, h) of `rec` that have these keys together with a hash that is in `wanted`: one pass over their columns. */
function together(d: Dialect, rec: string, keys: readonly Key[], wanted: string): string {
  const hash = keys.map((k, i) => keyHash(d, k, `v${i}`)).reduce((a, b) => d.hash64(a, b));
  const values = keys.map((k, i) => `${k.sql} AS v${i}`).join(', ');
  const there = keys.map((_, i) => `v${i} IS NOT NULL`).join(' AND ');
  return `SELECT rid, src, h FROM (SELECT rid, src, ${hash} AS h FROM (SELECT rid, src, ${values} FROM ${rec}) WHERE ${there}) WHERE h IN (SELECT h FROM ${wanted})`;
}

/**
 * SQL of the pairs (l, r, rule) that keys of their own make of new records (`${s}.rec_new`) with all; `on` joins a (any record) and b (new). Large keys
 * are those of before, but for what has outgrown all measure.
 */
export async function newOwnPairs(
  p: Pipeline,
  s: string,
  model: Model,
  keys: readonly Key[],
  base: number,
  budget: Budget,
  on: string,
): Promise<string> {
  const d = p.engine.dialect;
  const rec = `${s}.rec`;
  const pairs: string[] = [];
  let generic = false;
  const table = (name: string, step: string, sql: string) =>
    p.run(step, `CREATE OR REPLACE TABLE ${s}.${name} AS ${sql}`);
  await table('key1', 'keys of new records', keyRows(d, model, keys, `${s}.rec_new`));
  await table(
    'known1',
    'records with keys of new ones',
    keyRows(d, model, keys, rec, `(SELECT h FROM ${s}.key1 WHERE h NOT IN (SELECT h FROM ${s}.big))`),
  );
  for (const level of [1, 2, 3] as const) {
    const [mine, all] = [`${s}.key${level}`, `${s}.known${level}`];
    await p.run(
      `keys of ${level} that have outgrown`,
      `INSERT INTO ${s}.big SELECT h, ${level === 1 ? isNear(keys, 'min(key)') : 'FALSE'} FROM ${all} WHERE h NOT IN (SELECT h FROM ${s}.big) GROUP BY h HAVING count(*) > ${OUTGROWN * budget.cap}`,
    );
    const rule = level === 1 ? `${base} + b.key` : `${base} + b.rule`;
    pairs.push(
      `SELECT a.rid AS l, b.rid AS r, ${rule} AS rule FROM ${all} AS a JOIN ${mine} AS b ON ${on} WHERE b.h NOT IN (SELECT h FROM ${s}.big)`,
    );
    if (level === 3) break;
    await table(`newover${level}`, `large keys of ${level}`, `SELECT * FROM ${mine} WHERE h IN (${largeKeys(s)})`);
    // Which keys stand together: few combinations of plain values are looked for one by one, others by joining the keys of every record.
    const lists = await p.rows<{ rule: number; key: number }>(
      `combinations of ${level + 1} keys`,
      `SELECT DISTINCT ${level === 1 ? 'a.key' : 'a.rule'} AS rule, b.key FROM ${s}.newover${level} AS a JOIN ${s}.newover1 AS b ON a.rid = b.rid AND a.col < b.col LIMIT ${ONE_BY_ONE + 1}`,
    );
    const combinations = lists.map((x) => {
      const first = level === 1 ? [x.rule] : [Math.floor(x.rule / keys.length) - 1, x.rule % keys.length];
      return [...first, x.key].map((id) => keys[id]!);
    });
    generic ||=
      combinations.length > ONE_BY_ONE ||
      combinations.flat().some((k) => k.list || keySource(d, model, k, rec) !== rec);
    const next = `${s}.key${level + 1}`;
    await table(
      `key${level + 1}`,
      `new keys of ${level + 1} columns`,
      `SELECT * FROM (${refined(d, keys, level, `${s}.newover${level}`, `${s}.newover1`)}) WHERE h NOT IN (SELECT h FROM ${s}.big WHERE spent)`,
    );
    if (generic) {
      await table('allover1', 'records with large keys', keyRows(d, model, keys, rec, `${s}.newover1`));
      if (level === 2) {
        const two = refined(d, keys, 1, `${s}.allover1`, `${s}.allover1`);
        await table(
          'allover2',
          'records with large keys of 2',
          `SELECT * FROM (${two}) WHERE h IN (SELECT h FROM ${s}.newover2)`,
        );
      }
      await table(
        `known${level + 1}`,
        `records with new keys of ${level + 1} columns`,
        `SELECT * FROM (${refined(d, keys, level, `${s}.allover${level}`, `${s}.allover1`)}) WHERE h IN (SELECT h FROM ${next})`,
      );
    } else {
      const parts = combinations.map((list) => together(d, rec, list, next));
      await table(
        `known${level + 1}`,
        `records with new keys of ${level + 1} columns`,
        parts.length > 0 ? parts.join(' UNION ALL ') : `SELECT rid, src, h FROM ${s}.known1 WHERE FALSE`,
      );
    }
  }
  return pairs.join(' UNION ALL ');
}
