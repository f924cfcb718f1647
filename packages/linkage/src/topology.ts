/** Which pairs of tables may hold one entity, as SQL and as numbers. */
import type { Model } from './model.ts';

/** Whether records of table i may be records of table k (i = k: of one and the same table). */
export function mayMatch(model: Model, i: number, k: number): boolean {
  if (i === k && model.tables[i]!.unique) return false;
  if (model.topology === 'pairs') return model.between.some(([x, y]) => (x === i && y === k) || (x === k && y === i));
  return i === k ? model.topology !== 'link' : model.topology !== 'dedupe';
}

/** Pairs of tables, the smaller number first, that may match. */
function tablePairs(model: Model): [number, number][] {
  const out: [number, number][] = [];
  for (let i = 0; i < model.tables.length; i++)
    for (let k = i; k < model.tables.length; k++) if (mayMatch(model, i, k)) out.push([i, k]);
  return out;
}

/** SQL condition on two sides `a`, `b` with `src`: pairs that the topology allows. Begins with AND, or is empty. */
export function topologySql(model: Model, a = 'a', b = 'b'): string {
  if (model.topology === 'pairs') {
    const places = tablePairs(model).flatMap(([i, k]) => (i === k ? [i * 1000 + k] : [i * 1000 + k, k * 1000 + i]));
    return ` AND (${a}.src * 1000 + ${b}.src) IN (${places.length > 0 ? places.join(', ') : '-1'})`;
  }
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
  for (const [i, k] of tablePairs(model))
    pairs += i === k ? (counts[i]! * (counts[i]! - 1)) / 2 : counts[i]! * counts[k]!;
  return pairs;
}

/**
 * SQL of blocks with their sizes and pairs: (k0, n, pairs) and the columns `more`, of a relation with `src`. `key` is a select expression; columns of
 * `more` have one value in a block.
 */
export function blocksSql(model: Model, source: string, key: string, more: readonly string[] = []): string {
  const kept = more.map((c) => `, min(${c}) AS ${c}`).join('');
  const square = '(CAST(n AS DOUBLE) * n - n) / 2';
  if (model.tables.length === 1)
    return `SELECT *, ${square} AS pairs FROM (SELECT ${key} AS k0${kept}, count(*) AS n FROM ${source} GROUP BY 1)`;
  const byTable = `SELECT ${key} AS k0, src${kept}, count(*) AS k FROM ${source} GROUP BY 1, src`;
  const whole = (sums: string, formula: string) =>
    `SELECT *, ${formula} AS pairs FROM (SELECT k0${kept}, CAST(sum(k) AS BIGINT) AS n${sums} FROM (${byTable}) GROUP BY k0)`;
  if (model.topology === 'link-and-dedupe') return whole('', square);
  const same = ', sum(CAST(k AS DOUBLE) * k) AS same';
  if (model.topology === 'dedupe') return whole(same, '(same - n) / 2');
  if (model.topology === 'link') return whole(same, '(CAST(n AS DOUBLE) * n - same) / 2');
  const one = (i: number) => `, CAST(sum(CASE WHEN src = ${i} THEN k ELSE 0 END) AS DOUBLE) AS n${i}`;
  const terms = tablePairs(model).map(([i, k]) => (i === k ? `n${i} * (n${i} - 1) / 2` : `n${i} * n${k}`));
  return whole(model.tables.map((_, i) => one(i)).join(''), terms.length > 0 ? terms.join(' + ') : '0');
}
