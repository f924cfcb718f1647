import { expect, test } from 'vitest';
import { apart, plane, readWkt, scaleBar } from './sketch.ts';

test('WKT is read with its rings; anything else is nothing', () => {
  expect(readWkt('POINT (121.2 30.1)')).toEqual({ kind: 'point', parts: [[[121.2, 30.1]]] });
  expect(readWkt('POLYGON ((0 0, 2 0, 2 2, 0 0), (1 0.5, 1.5 0.5, 1.5 1, 1 0.5))')!.parts).toHaveLength(2);
  expect(readWkt('MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), ((5 5, 6 5, 6 6, 5 5)))')).toMatchObject({ kind: 'area' });
  expect(readWkt('nothing')).toBeNull();
});

test('north is up, the window fits, and a degree of longitude is shorter than one of latitude', () => {
  const { at } = plane([121, 30, 121.1, 30.1], 400, 300);
  const [x0, y0] = at([121, 30]);
  const [x1, y1] = at([121.1, 30.1]);
  expect([x1 > x0, y1 < y0]).toEqual([true, true]);
  expect(Math.abs(y1 - y0)).toBeCloseTo(300, 6);
  expect((x1 - x0) / (y0 - y1)).toBeCloseTo(Math.cos((30.05 * Math.PI) / 180), 6);
});

test('a scale bar is a round length that fits', () => {
  expect(scaleBar(3.7, 100)).toEqual({ metres: 200, pixels: 200 / 3.7 });
  expect(scaleBar(0.5, 100).metres).toBe(50);
});

test('labels that would lie on a more important one are left out', () => {
  const kept = apart(
    [
      { at: [50, 50], text: '新城大道' },
      { at: [60, 52], text: '文化路' },
      { at: [200, 50], text: '府前路' },
    ],
    11,
  );
  expect(kept.map((l) => l.text)).toEqual(['新城大道', '府前路']);
});
