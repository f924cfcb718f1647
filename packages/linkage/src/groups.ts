/** From scored pairs to clusters of records: components, completion of what was not compared inside them, agglomeration. */
import { agglomerate, UnionFind } from './cluster.ts';
import type { Pipeline } from './engine.ts';

/** A component larger than this is not completed: its pairs that were no candidates count as evidence against. */
const COMPLETE = 400;
/** Evidence of one pair in bits at most, for or against: one pair never outvotes several. */
export const CLIP = 10;

/** Labels by record number. */
export interface Constraints {
  must: [number, number][];
  cannot: [number, number][];
  /** By table number: whether it holds no two records of one entity. */
  unique: boolean[];
  /** Values by record that keep apart where both are there (> 0) and differ; one array for each such column. */
  apart: Int32Array[];
}

/** Clusters: the representative (smallest record number) of every record. */
export interface Grouping {
  /** Representative by record. */
  of: Int32Array;
  clusters: number;
  /** Clusters of more than one record. */
  multiple: number;
  largest: number;
  /** Largest connected component before splitting. */
  component: number;
}

/** Compares pairs of a table (l, r) and adds them to the scored ones. */
export type Score = (pairs: string) => Promise<void>;

/**
 * Groups the records 0 … records-1. `threshold` in bits: links at least so strong make components and joins. `touched` limits the work to components
 * that hold one of these records; others keep `before`.
 */
export async function group(
  p: Pipeline,
  s: string,
  records: number,
  threshold: number,
  constraints: Constraints,
  score: Score,
): Promise<Grouping> {
  const components = async () => {
    const [left, right] = (await p.numbers('links', `SELECT l, r FROM ${s}.scored WHERE w >= ${threshold}`)) as [
      Float64Array,
      Float64Array,
    ];
    const union = new UnionFind(records);
    for (let i = 0; i < left.length; i++) union.union(left[i]!, right[i]!);
    for (const [a, b] of constraints.must) union.union(a, b);
    const size = new Int32Array(records);
    for (let i = 0; i < records; i++) size[union.find(i)]!++;
    return { union, size };
  };
  const { union, size } = await components();
  const limited = constraints.unique.some(Boolean) || constraints.cannot.length > 0 || constraints.apart.length > 0;
  const rid: number[] = [];
  const comp: number[] = [];
  let component = 1;
  for (let i = 0; i < records; i++) {
    const root = union.find(i);
    const n = size[root]!;
    component = Math.max(component, n);
    if (n > 2 || (n === 2 && limited)) {
      rid.push(i);
      comp.push(root);
    }
  }
  const of = new Int32Array(records);
  for (let i = 0; i < records; i++) of[i] = union.find(i);
  if (rid.length > 0) {
    await p.time('records of components', '', () =>
      p.engine.create(`${s}.comp`, [
        { name: 'rid', type: 'INTEGER', values: rid },
        { name: 'comp', type: 'INTEGER', values: comp },
      ]),
    );
    await p.run(
      'pairs inside components that were not compared',
      `CREATE OR REPLACE TABLE ${s}.inner_pairs AS SELECT a.rid AS l, b.rid AS r, -1 AS rule FROM ${s}.comp AS a JOIN ${s}.comp AS b ON a.comp = b.comp AND a.rid < b.rid
       WHERE a.comp IN (SELECT comp FROM ${s}.comp GROUP BY comp HAVING count(*) <= ${COMPLETE}) AND NOT EXISTS (SELECT 1 FROM ${s}.scored AS x WHERE x.l = a.rid AND x.r = b.rid)`,
    );
    await score(`${s}.inner_pairs`);
    await split(p, s, of, rid, comp, threshold, constraints);
  }
  const count = new Int32Array(records);
  let clusters = 0;
  let multiple = 0;
  let largest = 0;
  for (let i = 0; i < records; i++) {
    const n = ++count[of[i]!]!;
    if (n === 1) clusters++;
    if (n === 2) multiple++;
    if (n > largest) largest = n;
  }
  return { of, clusters, multiple, largest, component };
}

async function split(
  p: Pipeline,
  s: string,
  of: Int32Array,
  rid: number[],
  comp: number[],
  threshold: number,
  constraints: Constraints,
): Promise<void> {
  const [left, right, weight] = (await p.numbers(
    'evidence inside components',
    `SELECT x.l, x.r, x.w FROM ${s}.scored AS x JOIN ${s}.comp AS a ON a.rid = x.l JOIN ${s}.comp AS b ON b.rid = x.r WHERE a.comp = b.comp AND x.w > ${-CLIP}`,
  )) as [Float64Array, Float64Array, Float64Array];
  const [tieOf, tie, src] = (await p.numbers(
    'order of records',
    `SELECT r.rid, r.tie, r.src FROM ${s}.rec AS r JOIN ${s}.comp AS c ON c.rid = r.rid`,
  )) as [Float64Array, Float64Array, Float64Array];
  const ties = new Map<number, number>();
  const table = new Map<number, number>();
  for (let i = 0; i < tieOf.length; i++) {
    ties.set(tieOf[i]!, tie[i]!);
    table.set(tieOf[i]!, src[i]!);
  }
  await p.time('agglomeration', '', async () => {
    const members = new Map<number, number[]>();
    const at = new Map<number, number>();
    for (let i = 0; i < rid.length; i++) {
      const list = members.get(comp[i]!);
      if (list) {
        at.set(rid[i]!, list.length);
        list.push(rid[i]!);
      } else {
        at.set(rid[i]!, 0);
        members.set(comp[i]!, [rid[i]!]);
      }
    }
    // Edges by component, by counting sort.
    const begin = new Map<number, number>();
    const perComponent = new Map<number, number>();
    const home = new Int32Array(of.length);
    for (let i = 0; i < rid.length; i++) home[rid[i]!] = comp[i]!;
    const edgeHome = new Int32Array(left.length);
    for (let i = 0; i < left.length; i++) {
      const c = home[left[i]!]!;
      edgeHome[i] = c;
      perComponent.set(c, (perComponent.get(c) ?? 0) + 1);
    }
    let offset = 0;
    for (const [c, n] of perComponent) {
      begin.set(c, offset);
      offset += n;
    }
    const order = new Int32Array(left.length);
    const next = new Map(begin);
    for (let i = 0; i < left.length; i++) {
      const c = edgeHome[i]!;
      const k = next.get(c)!;
      order[k] = i;
      next.set(c, k + 1);
    }
    const cannot = new Set(constraints.cannot.flatMap(([a, b]) => [`${a},${b}`, `${b},${a}`]));
    const anyUnique = constraints.unique.some(Boolean);
    const forbids = (a: number, b: number) =>
      (anyUnique && table.get(a) === table.get(b) && constraints.unique[table.get(a)!]!) ||
      (cannot.size > 0 && cannot.has(`${a},${b}`)) ||
      constraints.apart.some((of) => of[a]! > 0 && of[b]! > 0 && of[a] !== of[b]);
    const limited = anyUnique || cannot.size > 0 || constraints.apart.length > 0;
    for (const [c, list] of members) {
      const from = begin.get(c) ?? 0;
      const n = perComponent.get(c) ?? 0;
      const edges = { left: new Int32Array(n), right: new Int32Array(n), weight: new Float64Array(n) };
      let least = Number.POSITIVE_INFINITY;
      for (let k = 0; k < n; k++) {
        const i = order[from + k]!;
        edges.left[k] = at.get(left[i]!)!;
        edges.right[k] = at.get(right[i]!)!;
        edges.weight[k] = weight[i]!;
        least = Math.min(least, weight[i]!);
      }
      const whole = n === (list.length * (list.length - 1)) / 2 && least >= threshold;
      if (whole && !limited) continue;
      const groups = agglomerate(list, edges, {
        threshold,
        clip: CLIP,
        unscored: -CLIP,
        tie: (r) => ties.get(r)!,
        must: constraints.must.length > 0 ? constraints.must : [],
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
