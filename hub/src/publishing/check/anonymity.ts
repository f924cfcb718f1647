/**
 * Uniqueness in the engine: k-anonymity (Sweeney 2002) over quasi-identifiers, l-diversity (Machanavajjhala 2007) of what must not be
 * learned, and what the difference of two editions gives away. Reads temporary table `out`.
 */
import { ident, type LakeSession } from '../../platform/lake/index.ts';
import { named } from '../generalise.ts';

/** How rows stand towards the least group. */
export interface Uniqueness {
  /** Rows in combinations of fewer than k. */
  rows: number;
  /** Rows that are alone. */
  unique: number;
  /** Combinations that are too small, by their size: `1 × 37`. */
  sizes: string[];
}

const WHO = 'count(DISTINCT coalesce(_entity, -_id))';

/** Rows of `table` whose combination of `quasi` (names, or SQL with `AS`) is of fewer than k. */
export async function uniqueness(
  s: LakeSession,
  quasi: readonly { name: string; sql: string }[],
  k: number,
  table = 'out',
): Promise<Uniqueness> {
  if (quasi.length === 0) return { rows: 0, unique: 0, sizes: [] };
  const columns = quasi.map((q) => `${q.sql} AS ${ident(q.name)}`).join(', ');
  const sizes = await s.query<{ size: number; groups: number; n: number }>(
    `SELECT size, count(*) AS groups, sum(n)::BIGINT AS n
     FROM (SELECT ${WHO} AS size, count(*) AS n FROM (SELECT _id, _entity, ${columns} FROM ${table})
       GROUP BY ${named(quasi.map((q) => q.name))} HAVING ${WHO} < ${k}) GROUP BY size ORDER BY size`,
  );
  const rows = sizes.reduce((n, r) => n + Number(r.n), 0);
  return {
    rows,
    unique: sizes.filter((r) => Number(r.size) === 1).reduce((n, r) => n + Number(r.n), 0),
    sizes: sizes.slice(0, 5).map((r) => `${r.size} × ${r.groups}`),
  };
}

/** Groups in which an item has fewer than l values. */
export async function poorGroups(s: LakeSession, quasi: readonly string[], item: string, l: number): Promise<number> {
  const by = quasi.length ? `GROUP BY ${named(quasi)}` : '';
  const values = `count(DISTINCT ${ident(item)}) + max((${ident(item)} IS NULL)::INT)`;
  const found = await s.first<{ n: number }>(
    `SELECT count(*) AS n FROM (SELECT 1 FROM out ${by} HAVING ${values} < ${l} AND count(*) > 0)`,
  );
  return Number(found!.n);
}

/**
 * Rows that came or went between an earlier edition's table and `out`, where so few did within a combination that they can be told
 * apart: how many rows. `columns` are those that both have.
 */
export async function fewChanged(
  s: LakeSession,
  earlier: string,
  columns: readonly string[],
  quasi: readonly string[],
  k: number,
): Promise<number> {
  const all = named(columns);
  const by = quasi.filter((q) => columns.includes(q));
  const group = by.length ? `GROUP BY ${named(by)}` : '';
  const one = (a: string, b: string) => `SELECT coalesce(sum(n), 0)::BIGINT AS n FROM (SELECT count(*) AS n
    FROM (SELECT ${all} FROM ${a} EXCEPT ALL SELECT ${all} FROM ${b}) ${group} HAVING count(*) BETWEEN 1 AND ${k - 1})`;
  const came = await s.first<{ n: number }>(one('out', earlier));
  const went = await s.first<{ n: number }>(one(earlier, 'out'));
  return Number(came!.n) + Number(went!.n);
}
