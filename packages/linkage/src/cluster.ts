/**
 * Clusters: records that are one entity. Connected components over the links are only where clusters may be; inside a component
 * clusters grow by agglomeration (Sokal & Michener's average linkage): the two groups whose records, taken pair by pair, speak most strongly for one entity are
 * joined first, and groups whose average evidence is against it never are. A chain of weak links through thousands of records
 * therefore falls into pieces. What must not be together (labels, tables without duplicates) never is.
 */

/** Scored pairs of records: numbers of records and weight of evidence in bits, prior included (0: even odds). */
export interface Edges {
  left: ArrayLike<number>;
  right: ArrayLike<number>;
  weight: ArrayLike<number>;
}

/** Union-find over integers. */
export class UnionFind {
  readonly #parent: Int32Array;

  constructor(n: number) {
    this.#parent = new Int32Array(n);
    for (let i = 0; i < n; i++) this.#parent[i] = i;
  }

  /** The representative of x: the smallest member. */
  find(x: number): number {
    const p = this.#parent;
    let root = x;
    while (p[root] !== root) root = p[root]!;
    while (p[x] !== root) {
      const next = p[x]!;
      p[x] = root;
      x = next;
    }
    return root;
  }

  union(a: number, b: number): void {
    const [x, y] = [this.find(a), this.find(b)];
    if (x < y) this.#parent[y] = x;
    else if (y < x) this.#parent[x] = y;
  }
}

/** What agglomeration may not do and how it weighs. */
export interface AgglomerationOptions {
  /** Average bits from which two groups are joined. */
  threshold: number;
  /** Evidence of one pair counts at most so many bits, for or against. */
  clip: number;
  /** Weight of a pair that was not scored. */
  unscored: number;
  /** Order of records where all else is equal; independent of their numbers. */
  tie: (record: number) => number;
  /** Pairs that must be one. */
  must?: readonly (readonly [number, number])[];
  /** Whether two records may not be one. */
  cannot?: (a: number, b: number) => boolean;
}

interface Candidate {
  average: number;
  a: number;
  b: number;
  tieA: number;
  tieB: number;
}

/**
 * Agglomerates one component: `members` are its records, edges among them are given by position in `members`. Answers groups of positions.
 */
export function agglomerate(members: readonly number[], edges: Edges, options: AgglomerationOptions): number[][] {
  const n = members.length;
  // In steps of 2^-24 bits: sums are exact then, whatever the order of edges, and equal averages are equal.
  const clip = (w: number) => Math.round(Math.max(-options.clip, Math.min(options.clip, w)) * 16777216) / 16777216;
  const groups: (number[] | undefined)[] = members.map((_, i) => [i]);
  const ties = members.map((m) => options.tie(m));
  // links[a].get(b): sum of clipped weights and number of scored pairs between groups.
  const links: Map<number, [number, number]>[] = members.map(() => new Map());
  for (let i = 0; i < edges.left.length; i++) {
    const [a, b] = [edges.left[i]!, edges.right[i]!];
    const w = clip(edges.weight[i]!);
    links[a]!.set(b, [w, 1]);
    links[b]!.set(a, [w, 1]);
  }
  const heap = new Heap();
  const offer = (a: number, b: number) => {
    const link = links[a]!.get(b)!;
    const pairs = groups[a]!.length * groups[b]!.length;
    const average = (link[0] + (pairs - link[1]) * options.unscored) / pairs;
    if (average < options.threshold) return;
    const [x, y] = ties[a]! < ties[b]! ? [a, b] : [b, a];
    heap.push({ average, a: x, b: y, tieA: ties[x]!, tieB: ties[y]! });
  };
  const join = (a: number, b: number) => {
    for (const x of groups[b]!) groups[a]!.push(x);
    ties[a] = Math.min(ties[a]!, ties[b]!);
    groups[b] = undefined;
    for (const [c, [sum, count]] of links[b]!) {
      links[c]!.delete(b);
      if (c === a) continue;
      const old = links[a]!.get(c);
      const now: [number, number] = old ? [old[0] + sum, old[1] + count] : [sum, count];
      links[a]!.set(c, now);
      links[c]!.set(a, now);
    }
    links[a]!.delete(b);
    links[b]!.clear();
  };
  const at = new Map(members.map((m, i) => [m, i]));
  const home = members.map((_, i) => i);
  const root = (i: number): number => {
    let x = i;
    while (home[x] !== x) x = home[x]!;
    return x;
  };
  for (const [x, y] of options.must ?? []) {
    const [i, k] = [at.get(x), at.get(y)];
    if (i === undefined || k === undefined) continue;
    const [a, b] = [root(i), root(k)];
    if (a === b) continue;
    join(a, b);
    home[b] = a;
  }
  for (let a = 0; a < n; a++) if (groups[a]) for (const b of links[a]!.keys()) if (a < b) offer(a, b);
  for (;;) {
    const best = heap.pop();
    if (!best) break;
    const { a, b } = best;
    if (!groups[a] || !groups[b]) continue;
    const link = links[a]!.get(b);
    if (!link) continue;
    const pairs = groups[a]!.length * groups[b]!.length;
    const average = (link[0] + (pairs - link[1]) * options.unscored) / pairs;
    if (average !== best.average) continue;
    if (options.cannot && groups[a]!.some((x) => groups[b]!.some((y) => options.cannot!(members[x]!, members[y]!))))
      continue;
    join(a, b);
    for (const c of links[a]!.keys()) offer(a, c);
  }
  return groups.filter((g): g is number[] => g !== undefined);
}

/** A binary heap: the greatest average first, then the smallest ties. */
class Heap {
  readonly #items: Candidate[] = [];

  static #before(x: Candidate, y: Candidate): boolean {
    if (x.average !== y.average) return x.average > y.average;
    if (x.tieA !== y.tieA) return x.tieA < y.tieA;
    return x.tieB < y.tieB;
  }

  push(x: Candidate): void {
    const h = this.#items;
    let i = h.length;
    h.push(x);
    while (i > 0) {
      const up = (i - 1) >> 1;
      if (!Heap.#before(x, h[up]!)) break;
      h[i] = h[up]!;
      i = up;
    }
    h[i] = x;
  }

  pop(): Candidate | undefined {
    const h = this.#items;
    const top = h[0];
    const last = h.pop();
    if (!top || !last || h.length === 0) return top;
    let i = 0;
    for (;;) {
      let down = 2 * i + 1;
      if (down >= h.length) break;
      if (down + 1 < h.length && Heap.#before(h[down + 1]!, h[down]!)) down++;
      if (!Heap.#before(h[down]!, last)) break;
      h[i] = h[down]!;
      i = down;
    }
    h[i] = last;
    return top;
  }
}
