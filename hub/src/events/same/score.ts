/**
 * Whether two reports speak of one event (同一事件识别): evidence by time, place, class, names, numbers and words, weighed into a
 * probability. Each piece of evidence is told with its weight. Pure.
 */
import { grams, type Named, type Numbers, names, numbers, plain, sameName } from './text.ts';
import { weights } from './weights.ts';

/** A report as it is compared. Instants in milliseconds, WGS 84 degrees. */
export interface Reported {
  at: number;
  lon: number | null;
  lat: number | null;
  matter: string | null;
  group: string | null;
  channel: string;
  text: string;
  address: string | null;
}

/** A report made ready once. */
export interface Ready extends Reported {
  grams: ReadonlySet<string>;
  names: readonly Named[];
  numbers: Numbers;
}

/** Makes a report ready for comparing. */
export function ready(r: Reported): Ready {
  const where = r.address && !plain(r.text).includes(plain(r.address)) ? `${r.address}，${r.text}` : r.text;
  return { ...r, grams: grams(where), names: names(where), numbers: numbers(where) };
}

/** How rare a gram or a name is among what was reported: natural logarithm of (n + 1) / (df + 1). */
export type Rarity = (term: string) => number;

/** One piece of evidence: `weight` in log-odds, positive for one event. */
export interface Evidence {
  name: Feature;
  /** What was seen, in the feature's own measure: metres, minutes, likeness. */
  value: number | string | null;
  weight: number;
}

export const features = [
  'matter-same',
  'matter-group',
  'matter-other',
  'near-50',
  'near-120',
  'near-220',
  'near-400',
  'far',
  'place-missing',
  'names-same',
  'names-none',
  'names-other',
  'far-but-named',
  'number-same',
  'number-other',
  'code-same',
  'words',
  'words-little',
  'minutes-30',
  'minutes-120',
  'minutes-300',
  'later',
  'channel-same',
] as const;
export type Feature = (typeof features)[number];

/** Metres between two near points. */
function metres(a: Reported, b: Reported): number | null {
  if (a.lon === null || a.lat === null || b.lon === null || b.lat === null) return null;
  const k = Math.cos(((a.lat + b.lat) / 2) * (Math.PI / 180));
  return Math.hypot((a.lon - b.lon) * k, a.lat - b.lat) * 111_320;
}

/** What is seen of two reports: features and how strongly, 0 … some 3. */
export function observe(
  a: Ready,
  b: Ready,
  rarity: Rarity,
): Map<Feature, { x: number; value: number | string | null }> {
  const seen = new Map<Feature, { x: number; value: number | string | null }>();
  const see = (name: Feature, x: number, value: number | string | null = null) => seen.set(name, { x, value });
  if (a.matter && b.matter) {
    if (a.matter === b.matter) see('matter-same', 1, a.matter);
    else if (a.group && a.group === b.group) see('matter-group', 1, `${a.matter} / ${b.matter}`);
    else see('matter-other', 1, `${a.matter} / ${b.matter}`);
  }
  const shared = a.names.flatMap((n) =>
    b.names.filter((o) => sameName(n, o)).map((o) => (n.core.length < o.core.length ? n : o)),
  );
  const named = Math.min(
    3,
    Math.max(0, ...shared.map((n) => Math.min(1.6, rarity(n.core) / 4))) +
      0.4 * Math.max(0, new Set(shared.map((n) => n.core)).size - 1),
  );
  const d = metres(a, b);
  if (d === null) see('place-missing', 1);
  else if (d < 50) see('near-50', 1, Math.round(d));
  else if (d < 120) see('near-120', 1, Math.round(d));
  else if (d < 220) see('near-220', 1, Math.round(d));
  else if (d < 400) see('near-400', 1, Math.round(d));
  else {
    see('far', Math.min(2, 0.6 + Math.log10(d / 400)), Math.round(d));
    if (named) see('far-but-named', named, shared[0]!.core);
  }
  if (shared.length) see('names-same', named, [...new Set(shared.map((n) => n.core))].join('、'));
  else if (a.names.length && b.names.length) see('names-other', 1, `${a.names[0]!.core} / ${b.names[0]!.core}`);
  else see('names-none', 1);
  const { numbers: p } = a;
  const { numbers: q } = b;
  if (p.codes.some((c) => q.codes.includes(c))) see('code-same', 1, p.codes.find((c) => q.codes.includes(c))!);
  if (p.house.length && q.house.length) {
    const same = p.house.find((h) => q.house.includes(h));
    if (same !== undefined) see('number-same', 1, same);
    else {
      const apart = Math.min(...p.house.flatMap((h) => q.house.map((o) => Math.abs(h - o))));
      see('number-other', Math.min(1, apart / 20), `${p.house[0]} / ${q.house[0]}`);
    }
  }
  const likeness = cosine(a.grams, b.grams, rarity);
  see('words', Math.sqrt(likeness), Math.round(likeness * 100) / 100);
  if (likeness < 0.02) see('words-little', 1);
  const minutes = Math.abs(a.at - b.at) / 60_000;
  see(
    minutes <= 30 ? 'minutes-30' : minutes <= 120 ? 'minutes-120' : minutes <= 300 ? 'minutes-300' : 'later',
    minutes > 300 ? Math.min(3, minutes / 600) : 1,
    Math.round(minutes),
  );
  if (a.channel === b.channel) see('channel-same', 1, a.channel);
  return seen;
}

function cosine(a: ReadonlySet<string>, b: ReadonlySet<string>, rarity: Rarity): number {
  const [few, many] = a.size < b.size ? [a, b] : [b, a];
  const square = (s: ReadonlySet<string>) => {
    let sum = 0;
    for (const g of s) sum += rarity(g) ** 2;
    return sum;
  };
  let dot = 0;
  for (const g of few) if (many.has(g)) dot += rarity(g) ** 2;
  return dot === 0 ? 0 : dot / Math.sqrt(square(a) * square(b));
}

/** How sure it is that two reports are one event, and why. */
export function compare(a: Ready, b: Ready, rarity: Rarity): { probability: number; odds: number; why: Evidence[] } {
  let odds = weights.bias;
  const why: Evidence[] = [];
  for (const [name, { x, value }] of observe(a, b, rarity)) {
    const weight = weights[name] * x;
    odds += weight;
    why.push({ name, value, weight: Math.round(weight * 100) / 100 });
  }
  why.sort((p, q) => Math.abs(q.weight) - Math.abs(p.weight));
  return { probability: 1 / (1 + Math.exp(-odds)), odds, why };
}
