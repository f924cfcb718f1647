/** Which open alerts are not told of: silences (静默) that people made, and graver alerts that hold others back (抑制). Pure. */
import type { Rule } from '../pure/index.ts';
import type { AlertRow } from './alert.ts';

/** A silence in force. */
export interface Silence {
  id: number;
  rules: string[] | null;
  types: string[] | null;
  entities: string[] | null;
  /** Ring of a polygon, WGS 84. */
  area: [number, number][] | null;
  level: number;
  from_at: Date;
  until_at: Date;
}

/** Whether a position lies in a ring (even-odd rule). */
export function inRing(lon: number, lat: number, ring: readonly (readonly [number, number])[]): boolean {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [xi, yi] = ring[i]!;
    const [xj, yj] = ring[j]!;
    if (yi > lat !== yj > lat && lon < ((xj - xi) * (lat - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

/** Metres between two positions (haversine). */
export function metresBetween(lon1: number, lat1: number, lon2: number, lat2: number): number {
  const rad = Math.PI / 180;
  const a =
    Math.sin(((lat2 - lat1) * rad) / 2) ** 2 +
    Math.cos(lat1 * rad) * Math.cos(lat2 * rad) * Math.sin(((lon2 - lon1) * rad) / 2) ** 2;
  return 12_742_000 * Math.asin(Math.min(1, Math.sqrt(a)));
}

/** The silence that holds for an alert, the one that holds longest; null where none does. */
export function silenceOf(a: AlertRow, silences: readonly Silence[], now: number): number | null {
  let best: Silence | null = null;
  for (const s of silences) {
    if (now < s.from_at.getTime() || now >= s.until_at.getTime() || a.level > s.level) continue;
    if (s.rules && !s.rules.includes(a.rule)) continue;
    if (s.types && !(a.type && s.types.includes(a.type))) continue;
    if (s.entities && !(a.entity && s.entities.includes(a.entity))) continue;
    if (s.area && !(a.lon !== null && a.lat !== null && inRing(a.lon, a.lat, s.area))) continue;
    if (!best || s.until_at > best.until_at) best = s;
  }
  return best?.id ?? null;
}

/** The open alert that holds another back; null where none does. `ruleOf` answers the rule of an alert's name. */
export function inhibitorOf(
  a: AlertRow,
  open: Iterable<AlertRow>,
  ruleOf: (name: string) => Rule | undefined,
): number | null {
  for (const b of open) {
    if (b.id === a.id || b.state !== 'firing' || b.inhibited === a.id) continue;
    for (const i of ruleOf(b.rule)?.inhibits ?? []) {
      if (i.rule !== a.rule) continue;
      const near =
        a.lon !== null && a.lat !== null && b.lon !== null && b.lat !== null
          ? metresBetween(a.lon, a.lat, b.lon, b.lat) <= i.metres
          : false;
      if (i.where === 'everywhere' || (i.where === 'entity' ? a.entity !== null && a.entity === b.entity : near))
        return b.id;
    }
  }
  return null;
}
