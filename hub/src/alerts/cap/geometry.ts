/** Areas of messages: rings and circles as CAP writes them, judged before anybody is warned by them. */
import type { Ring } from './model.ts';

/** Most corners of one polygon. */
export const MOST_CORNERS = 5_000;
const number = /^[+-]?\d{1,3}(?:\.\d{1,12})?$/;

/** A polygon out of `lat,lon lat,lon …`; a sentence of what is wrong instead. */
export function ringOf(text: string): Ring | { zh: string; en: string } {
  const pairs = text.trim().split(/\s+/);
  if (pairs.length < 4) return { zh: '至少需要四个点', en: 'four points are needed at least' };
  if (pairs.length > MOST_CORNERS) return { zh: `多于 ${MOST_CORNERS} 个点`, en: `more than ${MOST_CORNERS} points` };
  const ring: Ring = [];
  for (const [n, pair] of pairs.entries()) {
    const parts = pair.split(',');
    if (parts.length !== 2 || !parts.every((p) => number.test(p)))
      return {
        zh: `第 ${n + 1} 个点“${pair.slice(0, 40)}”不是“纬度,经度”`,
        en: `point ${n + 1} "${pair.slice(0, 40)}" is not "latitude,longitude"`,
      };
    const [lat, lon] = parts.map(Number) as [number, number];
    if (Math.abs(lat) > 90 || Math.abs(lon) > 180)
      return {
        zh: `第 ${n + 1} 个点超出范围（纬度在前）`,
        en: `point ${n + 1} is out of range (latitude comes first)`,
      };
    ring.push([lon, lat]);
  }
  return wrongRing(ring) ?? ring;
}

/** What is wrong with a ring; undefined where nothing is. */
export function wrongRing(ring: Ring): { zh: string; en: string } | undefined {
  const [first, last] = [ring[0]!, ring.at(-1)!];
  if (first[0] !== last[0] || first[1] !== last[1])
    return { zh: '首尾两点不相同，没有闭合', en: 'it is not closed: the first and last points differ' };
  const at = crossing(ring);
  if (at)
    return { zh: `第 ${at[0] + 1} 条边与第 ${at[1] + 1} 条边相交`, en: `side ${at[0] + 1} crosses side ${at[1] + 1}` };
  if (Math.abs(areaOf(ring)) < 1e-10) return { zh: '面积为零', en: 'it has no area' };
  return undefined;
}

/** Signed area in square degrees. */
export function areaOf(ring: Ring): number {
  let sum = 0;
  for (let i = 0; i + 1 < ring.length; i++) sum += ring[i]![0] * ring[i + 1]![1] - ring[i + 1]![0] * ring[i]![1];
  return sum / 2;
}

const side = (a: Ring[0], b: Ring[0], c: Ring[0]) => (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);

/** Two sides that properly cross each other; sides that only touch are left to pass. Swept by longitude. */
export function crossing(ring: Ring): [number, number] | undefined {
  const n = ring.length - 1;
  const order = Array.from({ length: n }, (_, i) => i).sort((a, b) => west(ring, a) - west(ring, b));
  for (let x = 0; x < n; x++) {
    const i = order[x]!;
    const [a, b] = [ring[i]!, ring[i + 1]!];
    const east = Math.max(a[0], b[0]);
    for (let y = x + 1; y < n; y++) {
      const j = order[y]!;
      if (west(ring, j) > east) break;
      const [c, d] = [ring[j]!, ring[j + 1]!];
      if (side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0)
        return [Math.min(i, j), Math.max(i, j)];
    }
  }
  return undefined;
}
const west = (ring: Ring, i: number) => Math.min(ring[i]![0], ring[i + 1]![0]);

/** A circle out of `lat,lon km`; undefined where it is none. */
export function circleOf(text: string): { lon: number; lat: number; km: number } | undefined {
  const m = /^([+-]?\d{1,2}(?:\.\d{1,12})?),([+-]?\d{1,3}(?:\.\d{1,12})?)\s+(\d{1,5}(?:\.\d{1,6})?)$/.exec(text.trim());
  if (!m) return undefined;
  const [lat, lon, km] = m.slice(1).map(Number) as [number, number, number];
  return Math.abs(lat) <= 90 && Math.abs(lon) <= 180 ? { lat, lon, km } : undefined;
}

/** A circle as a ring of 48 sides, for maps. */
export function circleRing({ lon, lat, km }: { lon: number; lat: number; km: number }): Ring {
  const ring: Ring = [];
  const dLat = km / 111.32;
  const dLon = dLat / Math.max(0.01, Math.cos((lat * Math.PI) / 180));
  for (let i = 0; i <= 48; i++) {
    const a = ((i % 48) / 24) * Math.PI;
    ring.push([round(lon + dLon * Math.cos(a)), round(lat + dLat * Math.sin(a))]);
  }
  return ring;
}
const round = (n: number) => Math.round(n * 1e6) / 1e6;
