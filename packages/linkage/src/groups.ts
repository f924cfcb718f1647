/** From scored pairs to clusters of records: components, completion of what was not compared inside them, agglomeration. */
import { apartValues } from './apart.ts';
import { agglomerate, UnionFind } from './cluster.ts';
import type { Pipeline } from './engine.ts';
import type { Model } from './model.ts';

/** A component larger than this is not completed: its pairs that were no candidates count as evidence against. */
const COMPLETE = 400;
/** Evidence of one pair in bits at most, for or against: one pair never outvotes several. */
export const CLIP = 10;

/** Labels by record number. */
export interface Constraints {
  must: [number, number][];
  cannot: [number, number][];
}

/** Pairs of record numbers. */
export interface Links {
  left: ArrayLike<number>;
  right: ArrayLike<number>;
}

/** Which records to group: whole components, with the links among them. */
export interface Scope {
  /** One more than the greatest record number. */
  span: number;
  /** The records. */
  rids: Int32Array;
  links: Links;
  /** A relation of the scored pairs among these records. */
  scored: string;
}

/** Number of clusters by number of records. */
export type Sizes = Record<number, number>;

/** Clusters: the representative (smallest record number) of every record of the scope. */
export interface Grouping {
  rid: Int32Array;
  /** Representative, by position in `rid`. */
  first: Int32Array;
  /** Clusters by their number of records. */
  sizes: Sizes;
  /** Largest connected component before splitting. */
  component: number;
}

/** Compares pairs of a table (l, r, rule) and adds them to the scored ones, and to a further table where one is named. */
export type Score = (pairs: string, also?: string) => Promise<void>;

/** SQL of links (l, r) of a table of scored pairs: candidates at least as strong as the threshold in bits. */
export const linkSql = (scored: string, threshold: number): string =>
  `SELECT l, r FROM ${scored} WHERE w >= ${threshold} AND rule >= 0`;

/** The scope of all records; fills `${s}.links(l, r)`. */
export async function everything(p: Pipeline, s: string, threshold: number): Promise<Scope> {
  const { n, top } = await p.one<{ n: number; top: number }>(
    'records to group',
    `SELECT count(*) AS n, coalesce(max(rid), -1) AS top FROM ${s}.rec`,
  );
  const rids =
    n === top + 1
      ? Int32Array.from({ length: n }, (_, i) => i)
      : Int32Array.from((await p.numbers('numbers of records', `SELECT rid FROM ${s}.rec ORDER BY rid`))[0]!);
  await p.run('links', `CREATE OR REPLACE TABLE ${s}.links AS ${linkSql(`${s}.scored`, threshold)}`);
  const [left, right] = (await p.numbers('links', `SELECT l, r FROM ${s}.links`)) as [Float64Array, Float64Array];
  return { span: top + 1, rids, links: { left, right }, scored: `${s}.scored` };
}

/** Groups the records of a scope. `threshold` in bits: links at least so strong make components and joins. */
export async function group(
  p: Pipeline,
  s: string,
  model: Model,
  scope: Scope,
  threshold: number,
  constraints: Constraints,
  score: Score,
): Promise<Grouping> {
  const { rids, links, span, scored } = scope;
  const union = new UnionFind(span);
  for (let i = 0; i < links.left.length; i++) union.union(links.left[i]!, links.right[i]!);
  for (const [a, b] of constraints.must) union.union(a, b);
  const size = new Int32Array(span);
  for (let i = 0; i < rids.length; i++) size[union.find(rids[i]!)]!++;
  const limited = model.tables.some((t) => t.unique) || constraints.cannot.length > 0 || model.apart.length > 0;
  const of = new Int32Array(span);
  const rid: number[] = [];
  const comp: number[] = [];
  let component = 1;
  for (let i = 0; i < rids.length; i++) {
    const root = union.find(rids[i]!);
    const n = size[root]!;
    of[rids[i]!] = root;
    component = Math.max(component, n);
    if (n > 2 || (n === 2 && limited)) {
      rid.push(rids[i]!);
      comp.push(root);
    }
  }
  if (rid.length > 0) {
    await p.time('records of components', '', () =>
      p.engine.create(`${s}.comp`, [
        { name: 'rid', type: 'INTEGER', values: rid },
        { name: 'comp', type: 'INTEGER', values: comp },
        { name: 'n', type: 'INTEGER', values: comp.map((root) => size[root]!) },
      ]),
    );
    await p.run(
      'pairs inside components that were not compared',
      `CREATE OR REPLACE TABLE ${s}.inner_pairs AS SELECT a.rid AS l, b.rid AS r, -1 AS rule FROM ${s}.comp AS a JOIN ${s}.comp AS b ON a.comp = b.comp AND a.rid < b.rid
       WHERE a.n <= ${COMPLETE} AND NOT EXISTS (SELECT 1 FROM ${scored} AS x WHERE x.l = a.rid AND x.r = b.rid)`,
    );
    await score(`${s}.inner_pairs`, scored === `${s}.scored` ? undefined : scored);
    await split(p, s, model, scored, of, rid, comp, threshold, constraints, limited);
    await p.run('drop pairs inside components', `DROP TABLE ${s}.inner_pairs`);
    await p.run('drop records of components', `DROP TABLE ${s}.comp`);
  }
  const count = new Int32Array(span);
  const first = new Int32Array(rids.length);
  for (let i = 0; i < rids.length; i++) {
    first[i] = of[rids[i]!]!;
    count[first[i]!]!++;
  }
  const sizes: Sizes = {};
  for (let i = 0; i < rids.length; i++) {
    const n = count[rids[i]!]!;
    if (n > 0) sizes[n] = (sizes[n] ?? 0) + 1;
  }
  return { rid: rids, first, sizes, component };
}

/** Order by component: positions sorted by the number that `home` gives, and where each number's begin. */
function bucket(home: Int32Array, buckets: number): { order: Int32Array; begin: Int32Array } {
  const begin = new Int32Array(buckets + 1);
  for (let i = 0; i < home.length; i++) begin[home[i]! + 1]!++;
  for (let k = 0; k < buckets; k++) begin[k + 1]! += begin[k]!;
  const next = begin.slice();
  const order = new Int32Array(home.length);
  for (let i = 0; i < home.length; i++) order[next[home[i]!]!++] = i;
  return { order, begin };
}

/** Splits the components of the table `comp` by agglomeration; writes representatives into `of`. */
async function split(
  p: Pipeline,
  s: string,
  model: Model,
  scored: string,
  of: Int32Array,
  rid: readonly number[],
  comp: readonly number[],
  threshold: number,
  constraints: Constraints,
  limited: boolean,
): Promise<void> {
  // Pairs inside components that have grown too large to be completed do not count, as if they had never been completed.
  const [left, right, weight] = (await p.numbers(
    'evidence inside components',
    `SELECT x.l, x.r, x.w FROM ${scored} AS x JOIN ${s}.comp AS a ON a.rid = x.l JOIN ${s}.comp AS b ON b.rid = x.r WHERE a.comp = b.comp AND x.w > ${-CLIP} AND (x.rule >= 0 OR a.n <= ${COMPLETE})`,
  )) as [Float64Array, Float64Array, Float64Array];
  const [tieOf, tie, src] = (await p.numbers(
    'order of records',
    `SELECT r.rid, r.tie, r.src FROM ${s}.rec AS r JOIN ${s}.comp AS c ON c.rid = r.rid`,
  )) as [Float64Array, Float64Array, Float64Array];
  const apart = await apartValues(p, s, model, `${s}.comp`, of.length);
  await p.time('agglomeration', '', async () => {
    // Everything by position in `rid`; components are numbered in the order of their first record.
    const at = new Int32Array(of.length);
    for (let i = 0; i < rid.length; i++) at[rid[i]!] = i;
    const number = new Int32Array(of.length).fill(-1);
    const home = new Int32Array(rid.length);
    let components = 0;
    for (let i = 0; i < rid.length; i++) {
      const root = comp[i]!;
      if (number[root] === -1) number[root] = components++;
      home[i] = number[root]!;
    }
    const ties = new Float64Array(rid.length);
    const table = new Int32Array(rid.length);
    for (let i = 0; i < tieOf.length; i++) {
      ties[at[tieOf[i]!]!] = tie[i]!;
      table[at[tieOf[i]!]!] = src[i]!;
    }
    const edgeHome = new Int32Array(left.length);
    for (let i = 0; i < left.length; i++) edgeHome[i] = home[at[left[i]!]!]!;
    const members = bucket(home, components);
    const edgesOf = bucket(edgeHome, components);
    const place = new Int32Array(rid.length);
    for (let c = 0; c < components; c++)
      for (let k = members.begin[c]!; k < members.begin[c + 1]!; k++) place[members.order[k]!] = k - members.begin[c]!;
    const cannot = new Set(constraints.cannot.flatMap(([a, b]) => [`${a},${b}`, `${b},${a}`]));
    const unique = model.tables.map((t) => t.unique ?? false);
    const forbids = (a: number, b: number) => {
      const t = table[at[a]!]!;
      return (
        (unique[t]! && t === table[at[b]!]) ||
        (cannot.size > 0 && cannot.has(`${a},${b}`)) ||
        apart.some((value) => value[a]! > 0 && value[b]! > 0 && value[a] !== value[b])
      );
    };
    for (let c = 0; c < components; c++) {
      const list = Array.from(members.order.subarray(members.begin[c]!, members.begin[c + 1]!), (i) => rid[i]!);
      const from = edgesOf.begin[c]!;
      const n = edgesOf.begin[c + 1]! - from;
      const edges = { left: new Int32Array(n), right: new Int32Array(n), weight: new Float64Array(n) };
      let least = Number.POSITIVE_INFINITY;
      for (let k = 0; k < n; k++) {
        const i = edgesOf.order[from + k]!;
        edges.left[k] = place[at[left[i]!]!]!;
        edges.right[k] = place[at[right[i]!]!]!;
        edges.weight[k] = weight[i]!;
        least = Math.min(least, weight[i]!);
      }
      const whole = n === (list.length * (list.length - 1)) / 2 && least >= threshold;
      if (whole && !limited) continue;
      const groups = agglomerate(list, edges, {
        threshold,
        clip: CLIP,
        unscored: -CLIP,
        tie: (r) => ties[at[r]!]!,
        must: constraints.must,
        ...(limited ? { cannot: forbids } : {}),
      });
      for (const g of groups) {
        let smallest = list[g[0]!]!;
        for (const i of g) smallest = Math.min(smallest, list[i]!);
        for (const i of g) of[list[i]!] = smallest;
      }
    }
  });
}
