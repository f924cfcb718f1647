/**
 * Cell suppression for tables of counts with totals. A count of fewer than k is never told (primary suppression), and
 * further cells are withheld until nobody who knows the totals and the told cells can do better than "it might be k or
 * more" for any cell withheld for being small (complementary suppression). The reckoning that an attacker could do is done
 * here exactly: a table with totals is a network, and the most that a withheld cell can be is a maximum flow
 * (Willenborg & de Waal, Elements of Statistical Disclosure Control, 2001, ch. 6; Cox 1995).
 */

/** A table of counts: `counts[r][c]`, without totals. */
export type Counts = readonly (readonly number[])[];

/** The table as it may be told: one more line and column for totals; null is withheld. */
export type Told = (number | null)[][];

/** A range that the totals leave for a withheld cell. */
export interface Range {
  low: number;
  high: number;
}

/** Adds the line and the column of totals. */
export function withTotals(counts: Counts): number[][] {
  const rows = counts.map((row) => [...row, row.reduce((a, b) => a + b, 0)]);
  const width = (rows[0]?.length ?? 1) || 1;
  rows.push(Array.from({ length: width }, (_, c) => rows.reduce((n, row) => n + row[c]!, 0)));
  return rows;
}

/**
 * What may be told of a table. `totals` may fix which totals are told (by the suppression of one-way tables), so that one
 * total is never told in one table and withheld in another. `moved` marks further places (lines and columns with their
 * totals) that must not be told: what is left of them then is a range at least `k` wide.
 */
export function suppress(
  counts: Counts,
  k: number,
  totals?: { rows: readonly boolean[]; columns: readonly boolean[] },
  moved?: readonly (readonly boolean[])[],
): Told {
  const full = withTotals(counts);
  const R = full.length - 1;
  const C = full[0]!.length - 1;
  const hide = full.map((row) => row.map(() => false));
  const fixed = (r: number, c: number) => totals !== undefined && (r === R || c === C);
  for (let r = 0; r <= R; r++) {
    for (let c = 0; c <= C; c++) {
      if (fixed(r, c))
        hide[r]![c] = r === R && c === C ? full[R]![C]! < k : r === R ? !totals!.columns[c] : !totals!.rows[r];
      else hide[r]![c] = (full[r]![c]! > 0 && full[r]![c]! < k) || (moved?.[r]?.[c] ?? false);
    }
  }
  for (;;) {
    const weak = firstWeak(full, hide, k, moved);
    if (!weak) break;
    const next = companion(full, hide, weak, fixed);
    if (!next) {
      // Nothing is left in its line: the whole of the inside is withheld, and totals with it where they may be.
      for (let r = 0; r <= R; r++) for (let c = 0; c <= C; c++) if (!fixed(r, c)) hide[r]![c] = true;
      break;
    }
    hide[next[0]]![next[1]] = true;
  }
  return full.map((row, r) => row.map((n, c) => (hide[r]![c] ? null : n)));
}

/** A withheld small cell that an attacker knows to be small, or a moved one that he knows too well. */
function firstWeak(
  full: number[][],
  hide: boolean[][],
  k: number,
  moved: readonly (readonly boolean[])[] | undefined,
): [number, number] | null {
  for (let r = 0; r < full.length; r++) {
    for (let c = 0; c < full[r]!.length; c++) {
      const n = full[r]![c]!;
      if (!hide[r]![c]) continue;
      if (n > 0 && n < k && rangeOf(full, hide, r, c, k).high < k) return [r, c];
      if (!moved?.[r]?.[c]) continue;
      const { low, high } = rangeOf(full, hide, r, c, n + k);
      if (high - low < k) return [r, c];
    }
  }
  return null;
}

/** The next cell to withhold for the sake of a weak one: the smallest of its line or column, filled ones first. */
function companion(
  full: number[][],
  hide: boolean[][],
  [r, c]: [number, number],
  fixed: (r: number, c: number) => boolean,
): [number, number] | null {
  const last: [number, number] = [full.length - 1, full[0]!.length - 1];
  const line = full[r]!.map((_, j): [number, number] => [r, j]);
  const column = full.map((_, i): [number, number] => [i, c]);
  const open = (cells: [number, number][]) => cells.filter(([i, j]) => !hide[i]![j] && !fixed(i, j));
  const lonely = (cells: [number, number][]) => cells.filter(([i, j]) => hide[i]![j]).length;
  // First the direction in which it stands alone; then any cell at all, those that share a line with withheld ones first.
  const first = lonely(line) <= lonely(column) ? [line, column] : [column, line];
  const anywhere = full.flatMap((row, i) => row.map((_, j): [number, number] => [i, j]));
  for (const cells of [...first, anywhere]) {
    const candidates = open(cells).sort((a, b) => cost(full, hide, a, last) - cost(full, hide, b, last));
    if (candidates.length > 0) return candidates[0]!;
  }
  return null;
}

/** What withholding a cell costs the reader: its count, more for empty ones and totals, less beside withheld ones. */
function cost(full: number[][], hide: boolean[][], [r, c]: [number, number], last: [number, number]): number {
  const n = full[r]![c]!;
  const total = r === last[0] || c === last[1] ? 1e9 : 0;
  const near = hide.some((row, i) => i !== r && row[c]) && hide[r]!.some((h, j) => j !== c && h) ? 0 : 0.5;
  return total + (n === 0 ? 1e6 : n) + near * Math.max(1, n);
}

/**
 * The exact range of a withheld cell for somebody who knows everything told and that counts are not negative. `enough`
 * stops the search when the upper end has reached it.
 */
export function rangeOf(
  full: number[][],
  hide: boolean[][],
  r: number,
  c: number,
  enough = Number.POSITIVE_INFINITY,
): Range {
  const R = full.length - 1;
  const C = full[0]!.length - 1;
  // Nodes: lines 0…R, columns R+1…R+1+C. A cell inside (or the grand total) runs from its line to its column, a total back:
  // then every node passes on what it gets, and withheld cells may change only along circles.
  const nodes = R + C + 2;
  const capacity: number[][] = Array.from({ length: nodes }, () => new Array<number>(nodes).fill(0));
  const unlimited = 1e12;
  const ends = (i: number, j: number): [number, number] => ((i === R) === (j === C) ? [i, R + 1 + j] : [R + 1 + j, i]);
  for (let i = 0; i <= R; i++) {
    for (let j = 0; j <= C; j++) {
      if (!hide[i]![j] || (i === r && j === c)) continue;
      const [from, to] = ends(i, j);
      capacity[from]![to]! += unlimited;
      capacity[to]![from]! += full[i]![j]!;
    }
  }
  const [from, to] = ends(r, c);
  const n = full[r]![c]!;
  const up = maxFlow(
    capacity.map((row) => [...row]),
    to,
    from,
    Math.max(0, enough - n),
  );
  const down = Math.min(n, maxFlow(capacity, from, to, n));
  return { low: n - down, high: n + up };
}

/** Maximum flow by shortest augmenting paths (Edmonds & Karp 1972), up to a limit. */
function maxFlow(capacity: number[][], source: number, sink: number, limit: number): number {
  let flow = 0;
  while (flow < limit) {
    const before = new Array<number>(capacity.length).fill(-1);
    before[source] = source;
    const queue = [source];
    for (let head = 0; head < queue.length && before[sink] === -1; head++) {
      const u = queue[head]!;
      for (let v = 0; v < capacity.length; v++) {
        if (before[v] === -1 && capacity[u]![v]! > 0) {
          before[v] = u;
          queue.push(v);
        }
      }
    }
    if (before[sink] === -1) return flow;
    let push = limit - flow;
    for (let v = sink; v !== source; v = before[v]!) push = Math.min(push, capacity[before[v]!]![v]!);
    for (let v = sink; v !== source; v = before[v]!) {
      capacity[before[v]!]![v]! -= push;
      capacity[v]![before[v]!]! += push;
    }
    flow += push;
  }
  return flow;
}
