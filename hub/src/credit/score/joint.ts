/**
 * Protection of several tables of the same enterprises at once: counts by each grouping, and by each two of them. Each table
 * by itself is protected exactly (suppress.ts); but tables share their totals, so that what each leaves open may be closed by
 * all of them together. Here the equations of all tables are solved as an attacker would who knows everything told, and more
 * is withheld until he finds nothing that must not be known (linked tables: Willenborg & de Waal 2001, ch. 6.4).
 */
import { suppress } from './suppress.ts';

/** Tables of the same enterprises: sizes of the groupings, and counts of every cell. */
export interface Linked {
  /** How many members each grouping has. */
  sizes: readonly number[];
  /** Enterprises in all. */
  total: number;
  /** By grouping and member. */
  ones: readonly (readonly number[])[];
  /** By pair of groupings (0-1, 0-2, 1-2 … as {@link pairsOf}), member of the first, member of the second. */
  twos: readonly (readonly (readonly number[])[])[];
}

/** The same shape with one truth value a cell. */
export interface Marks {
  total: boolean;
  ones: boolean[][];
  twos: boolean[][][];
}

/** Pairs of groupings in the order of {@link Linked.twos}. */
export function pairsOf(groupings: number): [number, number][] {
  const pairs: [number, number][] = [];
  for (let a = 0; a < groupings; a++) for (let b = a + 1; b < groupings; b++) pairs.push([a, b]);
  return pairs;
}

/** Marks of a shape, all false. */
export function noMarks(sizes: readonly number[]): Marks {
  return {
    total: false,
    ones: sizes.map((n) => new Array<boolean>(n).fill(false)),
    twos: pairsOf(sizes.length).map(([a, b]) =>
      Array.from({ length: sizes[a]! }, () => new Array<boolean>(sizes[b]!).fill(false)),
    ),
  };
}

/** A sum that everybody knows to hold: the parts make the whole. Cells by their place in {@link flat}. */
interface Equation {
  whole: number;
  parts: number[];
}

/** Cells of all tables in one list, and every sum between them. */
function system(sizes: readonly number[]): { equations: Equation[]; one(g: number, i: number): number; cells: number } {
  const oneAt: number[] = [];
  let next = 1;
  for (const n of sizes) {
    oneAt.push(next);
    next += n;
  }
  const one = (g: number, i: number) => oneAt[g]! + i;
  const equations: Equation[] = sizes.map((n, g) => ({
    whole: 0,
    parts: Array.from({ length: n }, (_, i) => one(g, i)),
  }));
  for (const [a, b] of pairsOf(sizes.length)) {
    const at = next;
    const cell = (i: number, j: number) => at + i * sizes[b]! + j;
    for (let i = 0; i < sizes[a]!; i++) {
      equations.push({ whole: one(a, i), parts: Array.from({ length: sizes[b]! }, (_, j) => cell(i, j)) });
    }
    for (let j = 0; j < sizes[b]!; j++) {
      equations.push({ whole: one(b, j), parts: Array.from({ length: sizes[a]! }, (_, i) => cell(i, j)) });
    }
    next += sizes[a]! * sizes[b]!;
  }
  return { equations, one, cells: next };
}

/** Everything of a shape in the order of {@link system}. */
const flat = <T>(t: {
  total: T;
  ones: readonly (readonly T[])[];
  twos: readonly (readonly (readonly T[])[])[];
}): T[] => [t.total, ...t.ones.flat(), ...t.twos.flat(2)];

function unflat(list: readonly boolean[], sizes: readonly number[]): Marks {
  let at = 1;
  const take = (n: number) => {
    at += n;
    return list.slice(at - n, at);
  };
  return {
    total: list[0]!,
    ones: sizes.map((n) => take(n)),
    twos: pairsOf(sizes.length).map(([a, b]) => Array.from({ length: sizes[a]! }, () => take(sizes[b]!))),
  };
}

/**
 * What must be withheld of linked tables so that no count below `k`, and no count of a place in `moved`, can be reckoned.
 * Places of `moved` are those of which so few have changed since something was told of them before that the difference would
 * tell of these few.
 */
export function protect(tables: Linked, k: number, moved: Marks = noMarks(tables.sizes)): Marks {
  const { sizes, total, ones, twos } = tables;
  if (total < k) return unflat(new Array<boolean>(flat(tables).length).fill(true), sizes);
  const hide = noMarks(sizes);
  for (const [g, counts] of ones.entries()) {
    const marks = [...counts.map((_, i) => [moved.ones[g]![i]!, moved.ones[g]![i]!]), [moved.total, moved.total]];
    const told = suppress(
      counts.map((n) => [n]),
      k,
      undefined,
      marks,
    );
    hide.ones[g] = counts.map((_, i) => told[i]![0] === null);
  }
  hide.total = moved.total;
  for (const [p, [a, b]] of pairsOf(sizes.length).entries()) {
    const marks = [
      ...twos[p]!.map((row, i) => [...row.map((_, j) => moved.twos[p]![i]![j]!), moved.ones[a]![i]!]),
      [...ones[b]!.map((_, j) => moved.ones[b]![j]!), moved.total],
    ];
    const totals = { rows: hide.ones[a]!.map((h) => !h), columns: hide.ones[b]!.map((h) => !h) };
    const told = suppress(twos[p]!, k, totals, marks);
    hide.twos[p] = twos[p]!.map((row, i) => row.map((_, j) => told[i]![j] === null));
  }
  const counts = flat<number>(tables);
  const mark = flat<boolean>(moved);
  const secret = counts.map((n, c) => (n > 0 && n < k) || mark[c]!);
  const wide = (c: number, low: number, high: number) => (mark[c] ? high - low >= k : high >= k);
  return unflat(close(sizes, counts, flat<boolean>(hide), secret, wide), sizes);
}

/**
 * What must be withheld of sums over the same cells (of scores, for their means), where `hidden` are withheld already and the
 * places of `secret` must not be known exactly.
 */
export function protectSums(sizes: readonly number[], hidden: Marks, secret: Marks): Marks {
  const hide = flat<boolean>(hidden).map((h, c) => h || flat<boolean>(secret)[c]!);
  const counts = hide.map(() => 1);
  return unflat(
    close(sizes, counts, hide, flat<boolean>(secret), () => true),
    sizes,
  );
}

/** Withholds further cells until no secret is found by solving, nor bounded too closely by adding up. */
function close(
  sizes: readonly number[],
  counts: readonly number[],
  start: readonly boolean[],
  secret: readonly boolean[],
  wide: (cell: number, low: number, high: number) => boolean,
): boolean[] {
  const hide = [...start];
  const { equations } = system(sizes);
  for (;;) {
    const solved = determined(equations, hide);
    const bounds = bounded(equations, hide, counts);
    const weak = hide.findIndex(
      (h, c) => h && secret[c]! && (solved.has(c) || !wide(c, bounds.low[c]!, bounds.high[c]!)),
    );
    if (weak < 0) return hide;
    const more = companion(equations, hide, counts, weak);
    if (more === null) return hide.map(() => true);
    hide[more] = true;
  }
}

/** The next cell to withhold for a weak one: of its own sums first, the cheapest, parts before wholes and never the total. */
function companion(equations: readonly Equation[], hide: readonly boolean[], counts: readonly number[], weak: number) {
  const mine = equations.filter((e) => e.whole === weak || e.parts.includes(weak));
  // Sums that hold the fewest withheld cells give the most away.
  const open = (e: Equation) => [...e.parts, e.whole].filter((c) => !hide[c] && c !== 0);
  const tight = [...mine].sort(
    (a, b) => [...a.parts, a.whole].filter((c) => hide[c]).length - [...b.parts, b.whole].filter((c) => hide[c]).length,
  );
  for (const e of [...tight, ...equations]) {
    const candidates = open(e).sort((a, b) => price(e, counts, a) - price(e, counts, b) || a - b);
    if (candidates.length > 0) return candidates[0]!;
  }
  return null;
}

const price = (e: Equation, counts: readonly number[], c: number): number =>
  (counts[c] === 0 ? 1e6 : counts[c]!) + (c === e.whole ? 1e9 : 0);

/** A prime whose square a number holds exactly. */
const P = 67_108_859;

/** Withheld cells that follow exactly from what is told: sums solved by elimination (over a prime field). */
export function determined(equations: readonly Equation[], hide: readonly boolean[]): Set<number> {
  const unknown = hide.flatMap((h, c) => (h ? [c] : []));
  const column = new Map(unknown.map((c, n) => [c, n]));
  const rows: number[][] = [];
  for (const e of equations) {
    const row = new Array<number>(unknown.length).fill(0);
    let any = false;
    for (const [c, sign] of [[e.whole, P - 1] as const, ...e.parts.map((p) => [p, 1] as const)]) {
      const n = column.get(c);
      if (n === undefined) continue;
      row[n] = sign;
      any = true;
    }
    if (any) rows.push(row);
  }
  let rank = 0;
  for (let c = 0; c < unknown.length && rank < rows.length; c++) {
    const pivot = rows.findIndex((row, r) => r >= rank && row[c] !== 0);
    if (pivot < 0) continue;
    [rows[rank], rows[pivot]] = [rows[pivot]!, rows[rank]!];
    const row = rows[rank]!;
    const inverse = power(row[c]!, P - 2);
    for (let j = c; j < row.length; j++) row[j] = (row[j]! * inverse) % P;
    for (const [r, other] of rows.entries()) {
      const by = other[c]!;
      if (r === rank || by === 0) continue;
      for (let j = c; j < row.length; j++) if (row[j]) other[j] = (other[j]! + (P - by) * row[j]!) % P;
    }
    rank += 1;
  }
  const found = new Set<number>();
  for (const row of rows.slice(0, rank)) {
    const used = row.flatMap((v, n) => (v === 0 ? [] : [n]));
    if (used.length === 1) found.add(unknown[used[0]!]!);
  }
  return found;
}

function power(base: number, exponent: number): number {
  let answer = 1;
  for (let b = base, e = exponent; e > 0; e = Math.floor(e / 2), b = (b * b) % P) if (e % 2) answer = (answer * b) % P;
  return answer;
}

/** Ranges that follow from adding up what is told, counts never being negative; passes until nothing narrows. */
function bounded(equations: readonly Equation[], hide: readonly boolean[], counts: readonly number[]) {
  const low = counts.map((n, c) => (hide[c] ? 0 : n));
  const high = counts.map((n, c) => (hide[c] ? Number.POSITIVE_INFINITY : n));
  for (let changed = true, pass = 0; changed && pass < 60; pass++) {
    changed = false;
    const narrow = (c: number, from: number, to: number) => {
      if (from > low[c]!) low[c] = from;
      else if (to >= high[c]!) return;
      if (to < high[c]!) high[c] = to;
      changed = true;
    };
    for (const { whole, parts } of equations) {
      const least = parts.reduce((n, c) => n + low[c]!, 0);
      const endless = parts.filter((c) => high[c] === Number.POSITIVE_INFINITY).length;
      const most = parts.reduce((n, c) => n + (high[c] === Number.POSITIVE_INFINITY ? 0 : high[c]!), 0);
      narrow(whole, least, endless > 0 ? Number.POSITIVE_INFINITY : most);
      for (const c of parts) {
        if (!hide[c]) continue;
        const others = endless - (high[c] === Number.POSITIVE_INFINITY ? 1 : 0);
        const rest = most - (high[c] === Number.POSITIVE_INFINITY ? 0 : high[c]!);
        narrow(c, others > 0 ? 0 : low[whole]! - rest, high[whole]! - (least - low[c]!));
      }
    }
  }
  return { low, high };
}

/** The sums between cells, for who wants to attack. */
export const sumsOf = (sizes: readonly number[]): Equation[] => system(sizes).equations;
/** Cells of linked tables in the order of {@link sumsOf}. */
export const cellsOf = flat;
