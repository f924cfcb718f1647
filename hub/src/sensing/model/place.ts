/** Places of sensors: whatever system they are given in, they are kept in WGS 84. */
import module from 'gcoord';
import { Problem, problemKind } from '../../platform/problem.ts';

export const badPlace = problemKind(
  'sensing.place',
  422,
  '位置 {lon}, {lat} 不合理：{zh}',
  'the place {lon}, {lat} cannot be: {en}',
);

// Its types describe another build than the one that Node loads.
const gcoord = module as unknown as typeof module.default;

/** Systems that places may come in: CGCS2000 differs from WGS 84 by less than a metre; GCJ-02 and BD-09 are shifted by hundreds. */
export const coordinateSystems = ['WGS84', 'CGCS2000', 'GCJ02', 'BD09'] as const;
export type CoordinateSystem = (typeof coordinateSystems)[number];

/** A position in WGS 84, rounded to a tenth of a metre or so. Problem `sensing.place` for what is no place on earth, or turned round. */
export function wgs84(lon: number, lat: number, system: CoordinateSystem): { lon: number; lat: number } {
  const bad = (zh: string, en: string) => new Problem(badPlace, { lon, lat, zh, en });
  if (!Number.isFinite(lon) || !Number.isFinite(lat)) throw bad('不是数字', 'not numbers');
  if (lon === 0 && lat === 0) throw bad('0, 0 表示设备未定位', '0, 0 is what a device without a fix sends');
  if (Math.abs(lat) > 90 && Math.abs(lon) <= 90) throw bad('经纬度写反', 'longitude and latitude are swapped');
  if (Math.abs(lon) > 180 || Math.abs(lat) > 90) throw bad('超出范围', 'out of range');
  if (system === 'WGS84' || system === 'CGCS2000') return { lon, lat };
  const from = system === 'GCJ02' ? gcoord.GCJ02 : gcoord.BD09;
  const [x, y] = gcoord.transform([lon, lat], from, gcoord.WGS84) as [number, number];
  return { lon: Math.round(x * 1e6) / 1e6, lat: Math.round(y * 1e6) / 1e6 };
}

/** Metres between two positions, good enough within a city. */
export function metresBetween(lon1: number, lat1: number, lon2: number, lat2: number): number {
  const rad = Math.PI / 180;
  const x = (lon2 - lon1) * rad * Math.cos(((lat1 + lat2) / 2) * rad);
  const y = (lat2 - lat1) * rad;
  return Math.hypot(x, y) * 6_371_008.8;
}
