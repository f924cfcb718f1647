import { expect, test } from 'vitest';
import { areaOf, areaText, lengthOf, lengthText, shapeOf, shapeText } from './measure.ts';

test('lengths and areas near what the ellipsoid says', () => {
  // A degree of latitude at 30° is 110,852 m; a square of 0.01° there 1,108.5 m × 964.9 m.
  expect(
    lengthOf([
      [121, 30],
      [121, 31],
    ]) / 110_852,
  ).toBeCloseTo(1, 2);
  const ring = [
    [121, 30],
    [121.01, 30],
    [121.01, 30.01],
    [121, 30.01],
    [121, 30],
  ] as [number, number][];
  expect(areaOf(ring) / (1_108.5 * 964.9)).toBeCloseTo(1, 2);
  expect([lengthText(849.6), lengthText(12_345), areaText(1_069_000)]).toEqual(['850 m', '12.3 km', '1.07 km²']);
});

test('shapes survive the way through an address; what is none is null', () => {
  const ring = [
    [121, 30],
    [121.5, 30],
    [121.5, 30.5],
    [121, 30],
  ] as [number, number][];
  for (const shape of [
    { type: 'Point', coordinates: [121.2, 30.1] },
    {
      type: 'LineString',
      coordinates: [
        [121, 30],
        [121.2, 30.3],
      ],
    },
    { type: 'Polygon', coordinates: [ring] },
  ] as const)
    expect(shapeOf(shapeText(shape as never))).toEqual(shape);
  for (const text of ['', 'p', 'x1,2', 'l1,2', 'p1,2;3,4', 'p999,0', 'p1,2;<script>', 'pNaN,1'])
    expect(shapeOf(text)).toBeNull();
});
