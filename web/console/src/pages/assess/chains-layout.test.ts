import fc from 'fast-check';
import { expect, test } from 'vitest';
import { layersOf, place } from './chains-layout.ts';

const ids = ['r', 'a', 'b', 'c', 'd'];
const edges = fc.array(fc.record({ from: fc.constantFrom(...ids), to: fc.constantFrom(...ids) }), { maxLength: 14 });

test('holders stand above, what is held below', () => {
  const layers = layersOf('r', [
    { from: 'a', to: 'r' },
    { from: 'b', to: 'a' },
    { from: 'r', to: 'c' },
  ]);
  expect([...layers].sort()).toEqual([
    ['a', -1],
    ['b', -2],
    ['c', 1],
    ['r', 0],
  ]);
});

test('on any graph, circles or not, every placed node stands inside the drawing and alone on its place', () => {
  fc.assert(
    fc.property(edges, (list) => {
      const { placed, size } = place(layersOf('r', list));
      expect(new Set(placed.map((p) => `${p.x} ${p.y}`)).size).toBe(placed.length);
      for (const p of placed) {
        expect(p.x).toBeGreaterThan(0);
        expect(p.x).toBeLessThan(size.width);
        expect(p.y).toBeLessThan(size.height);
      }
    }),
  );
});
