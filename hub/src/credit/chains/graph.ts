/**
 * Reckoning on chains of control, apart from any store: shares multiplied along paths, circles, both safe on cycles.
 */

/** Somebody holds a share (0 to 1) of an enterprise. Holders and enterprises are ids. */
export interface Holding {
  holder: string;
  of: string;
  share: number;
}

/** A holder's share of the root over all paths. */
export interface Effective {
  id: string;
  share: number;
  /** Nobody is known to hold it (a person, or an enterprise without known holders): the chain ends here. */
  ultimate: boolean;
  /** The least number of steps from the root. */
  depth: number;
}

/** Shares below this are not followed further. */
export const LEAST_SHARE = 1e-6;
/** Passes around circles at most: the rest is told as circling. */
const PASSES = 2000;

/**
 * Who holds the root in the end. A share is the sum over all paths of the product along each; around a circle of cross
 * holdings that is a geometric series, which is followed until what is left is below `LEAST_SHARE`. What is stated of one
 * enterprise is taken for at most 100 %: more is scaled down. `unknown` is what ends in nobody known: shares not stated,
 * or circling without end.
 */
export function effectiveOwners(root: string, holdings: readonly Holding[]): { owners: Effective[]; unknown: number } {
  const of = new Map<string, Holding[]>();
  for (const h of holdings) {
    const list = of.get(h.of) ?? [];
    list.push(h);
    of.set(h.of, list);
  }
  const held = new Map<string, number>();
  const depth = new Map<string, number>([[root, 0]]);
  let unknown = 0;
  let frontier = new Map<string, number>([[root, 1]]);
  for (let pass = 0; pass < PASSES && frontier.size > 0; pass++) {
    const next = new Map<string, number>();
    for (const [id, share] of frontier) {
      const list = of.get(id) ?? [];
      const stated = list.reduce((n, h) => n + Math.max(0, h.share), 0);
      const scale = stated > 1 ? 1 / stated : 1;
      if (list.length > 0 && stated < 1) unknown += share * (1 - stated);
      for (const h of list) {
        const part = share * Math.max(0, h.share) * scale;
        if (!depth.has(h.holder)) depth.set(h.holder, depth.get(id)! + 1);
        if (part < LEAST_SHARE) {
          unknown += part;
          continue;
        }
        held.set(h.holder, (held.get(h.holder) ?? 0) + part);
        if (of.has(h.holder)) next.set(h.holder, (next.get(h.holder) ?? 0) + part);
      }
    }
    frontier = next;
  }
  for (const share of frontier.values()) unknown += share;
  const owners = [...held]
    .filter(([id]) => id !== root)
    .map(([id, share]) => ({ id, share: Math.min(1, share), ultimate: !of.has(id), depth: depth.get(id)! }));
  return {
    owners: owners.sort((a, b) => b.share - a.share || a.id.localeCompare(b.id)),
    unknown: Math.min(1, unknown),
  };
}

/** The chain of control upwards: at each step the holder of more than half, until there is none or it comes back. */
export function controlChain(root: string, holdings: readonly Holding[]): Holding[] {
  const chain: Holding[] = [];
  const seen = new Set([root]);
  for (let at = root; ; ) {
    const sums = new Map<string, number>();
    for (const h of holdings) if (h.of === at) sums.set(h.holder, (sums.get(h.holder) ?? 0) + h.share);
    const best = [...sums].sort((a, b) => b[1] - a[1])[0];
    if (!best || best[1] <= 0.5 || seen.has(best[0])) return chain;
    chain.push({ holder: best[0], of: at, share: Math.min(1, best[1]) });
    seen.add(best[0]);
    at = best[0];
  }
}

/**
 * Circles of a directed graph: one shortest circle out of every strongly connected part (Tarjan 1972, without recursion, so
 * that long chains do not exhaust the stack). A node that points at itself is a circle of one.
 */
export function circles(edges: readonly { from: string; to: string }[], limit = 500): string[][] {
  const next = new Map<string, string[]>();
  for (const { from, to } of edges) {
    const list = next.get(from) ?? [];
    list.push(to);
    next.set(from, list);
  }
  const found: string[][] = [];
  for (const part of stronglyConnected(next)) {
    if (found.length >= limit) break;
    const own = new Set(part);
    if (part.length === 1 && !next.get(part[0]!)?.includes(part[0]!)) continue;
    found.push(shortestCircle(part[0]!, own, next));
  }
  return found;
}

function stronglyConnected(next: ReadonlyMap<string, string[]>): string[][] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const on = new Set<string>();
  const stack: string[] = [];
  const parts: string[][] = [];
  let counter = 0;
  for (const start of next.keys()) {
    if (index.has(start)) continue;
    const work: { id: string; at: number }[] = [{ id: start, at: 0 }];
    while (work.length > 0) {
      const top = work.at(-1)!;
      if (top.at === 0) {
        index.set(top.id, counter);
        low.set(top.id, counter);
        counter += 1;
        stack.push(top.id);
        on.add(top.id);
      }
      const to = next.get(top.id)?.[top.at];
      if (to !== undefined) {
        top.at += 1;
        if (!index.has(to)) work.push({ id: to, at: 0 });
        else if (on.has(to)) low.set(top.id, Math.min(low.get(top.id)!, index.get(to)!));
        continue;
      }
      work.pop();
      const above = work.at(-1);
      if (above) low.set(above.id, Math.min(low.get(above.id)!, low.get(top.id)!));
      if (low.get(top.id) !== index.get(top.id)) continue;
      const part: string[] = [];
      for (let id = ''; id !== top.id; ) {
        id = stack.pop()!;
        on.delete(id);
        part.push(id);
      }
      parts.push(part.reverse());
    }
  }
  return parts;
}

function shortestCircle(start: string, own: ReadonlySet<string>, next: ReadonlyMap<string, string[]>): string[] {
  const before = new Map<string, string>();
  const queue = [start];
  for (let head = 0; head < queue.length; head++) {
    const id = queue[head]!;
    for (const to of next.get(id) ?? []) {
      if (to === start) {
        const path = [id];
        while (path[0] !== start) path.unshift(before.get(path[0]!)!);
        return path;
      }
      if (!own.has(to) || before.has(to)) continue;
      before.set(to, id);
      queue.push(to);
    }
  }
  return [start];
}
