import fc from 'fast-check';
import { expect, test } from 'vitest';
import { circles, controlChain, effectiveOwners, type Holding } from './graph.ts';

const h = (holder: string, of: string, share: number): Holding => ({ holder, of, share });

test('shares are multiplied along paths and added over them', () => {
  const { owners, unknown } = effectiveOwners('a', [
    h('b', 'a', 0.6),
    h('p', 'a', 0.4),
    h('p', 'b', 0.5),
    h('q', 'b', 0.5),
  ]);
  const p = owners.find((o) => o.id === 'p')!;
  expect(p.share).toBeCloseTo(0.7, 9);
  expect(p.ultimate).toBe(true);
  expect(owners.find((o) => o.id === 'b')).toMatchObject({ share: 0.6, ultimate: false, depth: 1 });
  expect(unknown).toBeCloseTo(0, 9);
});

test('cross holdings are a geometric series: the outsiders share the whole', () => {
  // a is half b's and half p's; b is half a's and half q's: p = 1/2 + 1/8 + … = 2/3, q = 1/3.
  const { owners } = effectiveOwners('a', [h('b', 'a', 0.5), h('p', 'a', 0.5), h('a', 'b', 0.5), h('q', 'b', 0.5)]);
  expect(owners.find((o) => o.id === 'p')!.share).toBeCloseTo(2 / 3, 4);
  expect(owners.find((o) => o.id === 'q')!.share).toBeCloseTo(1 / 3, 4);
});

test('two that hold all of each other have no owner: everything is unknown, and it ends', () => {
  const { owners, unknown } = effectiveOwners('a', [h('b', 'a', 1), h('a', 'b', 1)]);
  expect(owners.filter((o) => o.ultimate)).toEqual([]);
  expect(unknown).toBe(1);
  expect(controlChain('a', [h('b', 'a', 1), h('a', 'b', 1)]).map((s) => s.holder)).toEqual(['b']);
});

const ids = ['a', 'b', 'c', 'd', 'e', 'p', 'q'];
const holdings = fc.array(
  fc.record({
    holder: fc.constantFrom(...ids),
    of: fc.constantFrom(...ids.slice(0, 5)),
    share: fc.integer({ min: 0, max: 120 }).map((n) => n / 100),
  }),
  { maxLength: 18 },
);

test('on any graph, circles or not: it ends, shares are within 0…1, and ultimate owners and the unknown make the whole', () => {
  fc.assert(
    fc.property(holdings, (list) => {
      const { owners, unknown } = effectiveOwners('a', list);
      for (const o of owners) {
        expect(o.share).toBeGreaterThan(0);
        expect(o.share).toBeLessThanOrEqual(1);
      }
      const ultimate = owners.filter((o) => o.ultimate).reduce((n, o) => n + o.share, 0);
      if (list.some((x) => x.of === 'a')) expect(ultimate + unknown).toBeCloseTo(1, 3);
      expect(controlChain('a', list).length).toBeLessThanOrEqual(ids.length);
    }),
  );
});

/** The reference: shares over all paths are A + A² + … = (I − A)⁻¹ − I, by elimination; null where that series has no sum. */
function byElimination(root: string, list: readonly Holding[]): Map<string, number> | null {
  const n = ids.length;
  const a = ids.map(() => new Array<number>(n).fill(0));
  for (const [c, of] of ids.entries()) {
    const into = list.filter((x) => x.of === of);
    const stated = into.reduce((sum, x) => sum + x.share, 0);
    for (const x of into) a[ids.indexOf(x.holder)]![c]! += x.share / Math.max(1, stated);
  }
  // Solve (I − A) s = e of the root: s is the root's column.
  const rows = a.map((row, i) => [...row.map((v, j) => (i === j ? 1 : 0) - v), ids[i] === root ? 1 : 0]);
  for (let c = 0; c < n; c++) {
    const pivot = rows
      .slice(c)
      .reduce((best, row, k) => (Math.abs(row[c]!) > Math.abs(rows[best]![c]!) ? c + k : best), c);
    if (Math.abs(rows[pivot]![c]!) < 1e-3) return null;
    [rows[c], rows[pivot]] = [rows[pivot]!, rows[c]!];
    for (const [r, row] of rows.entries()) {
      if (r === c) continue;
      const by = row[c]! / rows[c]![c]!;
      for (let j = c; j <= n; j++) row[j]! -= by * rows[c]![j]!;
    }
  }
  return new Map(ids.map((id, i) => [id, rows[i]![n]! / rows[i]![i]!]));
}

test('shares through circles are what solving the equations of all holdings says', () => {
  let compared = 0;
  fc.assert(
    fc.property(holdings, (list) => {
      const exact = byElimination('a', list);
      if (!exact) return;
      compared += 1;
      const { owners } = effectiveOwners('a', list);
      for (const id of ids) {
        if (id === 'a') continue;
        const told = owners.find((o) => o.id === id)?.share ?? 0;
        expect(Math.abs(told - Math.min(1, exact.get(id)!))).toBeLessThan(2e-3);
      }
    }),
    { numRuns: 300, examples: [[[h('d', 'a', 0.01), h('b', 'b', 0.98), h('b', 'd', 0.23)]]] },
  );
  expect(compared).toBeGreaterThan(150);
});

const edges = fc.array(fc.record({ from: fc.constantFrom(...ids), to: fc.constantFrom(...ids) }), { maxLength: 20 });

test('what is told as a circle is one, and a graph without told circles has none', () => {
  fc.assert(
    fc.property(edges, (list) => {
      const has = (from: string, to: string) => list.some((e) => e.from === from && e.to === to);
      const told = circles(list);
      for (const circle of told) {
        expect(new Set(circle).size).toBe(circle.length);
        circle.forEach((id, n) => {
          expect(has(id, circle[(n + 1) % circle.length]!)).toBe(true);
        });
      }
      // Plain closure as the judge: who can come back to itself stands in a strongly connected part with a told circle.
      const reach = new Map(ids.map((id) => [id, new Set(list.filter((e) => e.from === id).map((e) => e.to))]));
      for (const k of ids)
        for (const i of ids) if (reach.get(i)!.has(k)) for (const j of reach.get(k)!) reach.get(i)!.add(j);
      for (const id of ids) {
        const cyclic = reach.get(id)!.has(id);
        const near = told.some((c) => c.some((o) => o === id || (reach.get(id)!.has(o) && reach.get(o)!.has(id))));
        expect(near).toBe(cyclic);
      }
    }),
  );
});

test('a chain of a hundred thousand does not exhaust the stack', () => {
  const long = Array.from({ length: 100_000 }, (_, n) => ({ from: `${n}`, to: `${n + 1}` }));
  expect(circles(long)).toEqual([]);
  expect(circles([...long, { from: '100000', to: '99998' }])).toEqual([['99998', '99999', '100000']]);
});
