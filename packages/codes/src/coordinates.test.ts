import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bd09ToGcj02,
  convertPoint,
  gcj02ToBd09,
  gcj02ToWgs84,
  outsideChina,
  type Point,
  wgs84ToGcj02,
} from './coordinates.ts';

const inChina = fc.tuple(fc.double({ min: 73, max: 135, noNaN: true }), fc.double({ min: 4, max: 53, noNaN: true }));
const systems = fc.constantFrom('wgs84' as const, 'cgcs2000' as const, 'gcj02' as const, 'bd09' as const);

function near(a: Point, b: Point, degrees: number): void {
  expect(Math.abs(a[0] - b[0])).toBeLessThan(degrees);
  expect(Math.abs(a[1] - b[1])).toBeLessThan(degrees);
}

describe('coordinates', () => {
  it('gives the published values for Tiananmen', () => {
    near(wgs84ToGcj02([116.404, 39.915]), [116.41024449916938, 39.91640428150164], 1e-9);
    near(gcj02ToBd09([116.404, 39.915]), [116.41036949371029, 39.92133699351021], 1e-9);
  });

  it('shifts by 50 to 1,500 metres inside China', () => {
    fc.assert(
      fc.property(inChina, (point) => {
        const [x, y] = wgs84ToGcj02(point);
        const metres = Math.hypot((x - point[0]) * Math.cos((point[1] * Math.PI) / 180), y - point[1]) * 111_320;
        expect(metres).toBeGreaterThan(30);
        expect(metres).toBeLessThan(1500);
      }),
    );
  });

  it('comes back to the same point within a millionth of a degree, on every way', () => {
    fc.assert(
      fc.property(inChina, (point) => {
        near(gcj02ToWgs84(wgs84ToGcj02(point)), point, 1e-9);
        near(bd09ToGcj02(gcj02ToBd09(point)), point, 1e-9);
      }),
      { numRuns: 1000 },
    );
    fc.assert(
      fc.property(inChina, systems, systems, (point, from, to) => {
        near(convertPoint(convertPoint(point, from, to), to, from), point, 1e-6);
      }),
      { numRuns: 500 },
    );
  });

  it('takes CGCS2000 for WGS 84', () => {
    expect(convertPoint([121.27, 30.17], 'cgcs2000', 'wgs84')).toEqual([121.27, 30.17]);
    expect(convertPoint([121.27, 30.17], 'cgcs2000', 'gcj02')).toEqual(wgs84ToGcj02([121.27, 30.17]));
  });

  it('does not shift other continents', () => {
    expect(wgs84ToGcj02([2.35, 48.85])).toEqual([2.35, 48.85]);
    expect(gcj02ToWgs84([2.35, 48.85])).toEqual([2.35, 48.85]);
  });

  it.each([
    ['慈溪', 121.27, 30.17],
    ['喀什', 75.99, 39.47],
    ['漠河', 122.5, 53.5],
    ['抚远', 134.3, 48.37],
    ['三亚', 109.5, 18.25],
    ['三沙', 112.33, 16.83],
    ['台北', 121.5, 25.05],
    ['香港', 114.17, 22.3],
    ['墨脱', 95.3, 29.3],
    ['瑞丽', 97.85, 24.01],
  ])('finds %s inside China', (_, longitude, latitude) => {
    expect(outsideChina([longitude, latitude])).toBe(false);
  });

  it.each([
    ['swapped axes', 30.17, 121.27],
    ['zeros', 0, 0],
    ['not a number', Number.NaN, 30],
    ['Seoul', 126.98, 37.57],
    ['Hanoi', 105.85, 21.03],
    ['Ulaanbaatar', 106.9, 47.9],
    ['Kathmandu', 85.3, 27.7],
    ['Almaty', 76.9, 43.25],
    ['Tokyo', 139.7, 35.7],
  ])('finds %s outside China', (_, longitude, latitude) => {
    expect(outsideChina([longitude, latitude])).toBe(true);
  });
});
