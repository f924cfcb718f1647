/**
 * Whether two reports speak of one event (同一事件识别): evidence by time, place, class, names, numbers and words, weighed into a
 * probability. Each piece of evidence is told with its weight. Pure.
 */
import { type Gazetteer, metresBetween, metresSaid, metresTo, type Said } from './gazetteer.ts';
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
  /** Grams of what is said beside the names: what has happened, not where. */
  what: ReadonlySet<string>;
  /** Where the text says that it is, by the names that the city knows. */
  said: readonly Said[];
  /** Codes of towns that it names. */
  towns: readonly string[];
  /** Whether its position agrees with what it says, contradicts it, or stands alone. */
  trust: 'agrees' | 'doubted' | 'alone';
  names: readonly Named[];
  numbers: Numbers;
}

/** Makes a report ready for comparing. */
export function ready(r: Reported, gazetteer?: Gazetteer): Ready {
  const where = r.address && !plain(r.text).includes(plain(r.address)) ? `${r.address}，${r.text}` : r.text;
  const found = gazetteer?.find(where) ?? { said: [], rest: where, towns: [] };
  const said = found.said.map((s) => nearby(r, s));
  // What the city knows by name is that name; where it knows none, names are read by their form.
  const known = said.filter((s) => !s.name.includes('/')).map((s): Named => ({ kind: kindOf(s), core: s.name }));
  const own = known.length ? [...new Map(known.map((n) => [`${n.kind}${n.core}`, n])).values()] : names(found.rest);
  const apart = r.lon === null || r.lat === null ? null : metresSaid(r.lon, r.lat, said);
  const trust = !apart ? 'alone' : apart.d <= AGREES ? 'agrees' : apart.d > DOUBTED ? 'doubted' : 'alone';
  return {
    ...r,
    grams: grams(where),
    what: grams(found.rest),
    said,
    trust,
    towns: found.towns,
    names: own,
    numbers: numbers(where),
  };
}

const kindOf = (s: Said): Named['kind'] => (s.options[0]!.kind === 'road' ? 'road' : 'site');
/** Metres up to which a position and what is said with it agree, and beyond which the position is doubted. */
const AGREES = 350;
const DOUBTED = 900;
/** A name that several places have is most likely the one nearby: others are left out that are much farther. */
const NEARBY = 400;
function nearby(r: Reported, s: Said): Said {
  if (r.lon === null || r.lat === null || s.options.length === 1) return s;
  const apart = s.options.map((k) => metresTo(r.lon!, r.lat!, k));
  const reach = Math.max(NEARBY, 2 * Math.min(...apart));
  return { ...s, options: s.options.filter((_, i) => apart[i]! <= reach) };
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
  'near-30',
  'near-60',
  'near-100',
  'near-150',
  'near-220',
  'near-400',
  'far',
  'far-sure',
  'far-doubted',
  'place-missing',
  'spot-60',
  'spot-150',
  'spot-300',
  'spot-far',
  'line-60',
  'line-200',
  'line-500',
  'line-far',
  'said-same',
  'said-other',
  'town-same',
  'town-other',
  'names-same',
  'names-none',
  'names-other',
  'far-but-named',
  'number-same',
  'number-other',
  'code-same',
  'words',
  'words-what',
  'words-little',
  'minutes-30',
  'minutes-60',
  'minutes-120',
  'minutes-180',
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
  const { feature, x, d } = placed(a, b);
  // Two positions that stand, so far apart and without a name in common, are two events whatever the words: few words say much the same.
  const apart = d !== null && d > APART && !shared.length && (feature === 'far' || feature === 'far-sure');
  see(feature, apart ? 4 : x, d === null ? null : Math.round(d));
  if (feature.startsWith('far') && named) see('far-but-named', named, shared[0]!.core);
  if (a.towns.length && b.towns.length) see(a.towns.some((t) => b.towns.includes(t)) ? 'town-same' : 'town-other', 1);
  if (shared.length) see('names-same', named, [...new Set(shared.map((n) => n.core))].join('、'));
  else if (a.names.length && b.names.length) see('names-other', 1, `${a.names[0]!.core} / ${b.names[0]!.core}`);
  else see('names-none', 1);
  const { numbers: p } = a;
  const { numbers: q } = b;
  if (p.codes.some((c) => q.codes.includes(c))) see('code-same', 1, p.codes.find((c) => q.codes.includes(c))!);
  // Numbers of one street only: neighbours count as the same, since people read the nearest plate.
  if (p.house.length && q.house.length && shared.some((n) => n.kind === 'road')) {
    const apart = Math.min(...p.house.flatMap((h) => q.house.map((o) => Math.abs(h - o))));
    if (apart <= NEIGHBOURS) see('number-same', 1, `${p.house[0]} / ${q.house[0]}`);
    else see('number-other', Math.min(1, apart / 60), `${p.house[0]} / ${q.house[0]}`);
  }
  const likeness = cosine(a.grams, b.grams, rarity);
  see('words', Math.sqrt(likeness), Math.round(likeness * 100) / 100);
  if (likeness < 0.02) see('words-little', 1);
  const what = cosine(a.what, b.what, rarity);
  see('words-what', Math.sqrt(what), Math.round(what * 100) / 100);
  const minutes = Math.abs(a.at - b.at) / 60_000;
  const bucket = LATER.find(([most]) => minutes <= most)?.[1] ?? 'later';
  see(bucket, bucket === 'later' ? Math.min(3, minutes / 600) : 1, Math.round(minutes));
  if (a.channel === b.channel) see('channel-same', 1, a.channel);
  return seen;
}

/** House numbers so near each other are one place. */
const NEIGHBOURS = 8;
const LATER: readonly (readonly [number, Feature])[] = [
  [30, 'minutes-30'],
  [60, 'minutes-60'],
  [120, 'minutes-120'],
  [180, 'minutes-180'],
  [300, 'minutes-300'],
];

/** Metres beyond which positions without a common name are not one event. */
const APART = 1_500;
const NEAR: readonly (readonly [number, Feature])[] = [
  [30, 'near-30'],
  [60, 'near-60'],
  [100, 'near-100'],
  [150, 'near-150'],
  [220, 'near-220'],
  [400, 'near-400'],
];
const SPOT: readonly (readonly [number, Feature])[] = [
  [60, 'spot-60'],
  [150, 'spot-150'],
  [300, 'spot-300'],
];
const LINE: readonly (readonly [number, Feature])[] = [
  [60, 'line-60'],
  [200, 'line-200'],
  [500, 'line-500'],
];
const farther = (d: number, from: number): number => Math.min(2, 0.6 + Math.log10(d / from));
const step = (d: number, steps: readonly (readonly [number, Feature])[], beyond: Feature) => {
  const found = steps.find(([most]) => d <= most);
  return found ? { feature: found[1], x: 1, d } : { feature: beyond, x: farther(d, steps.at(-1)![0]), d };
};

/** Where a report is by its own position, unless its words contradict it. */
const own = (r: Ready): [number, number] | null =>
  r.lon === null || r.lat === null || r.trust === 'doubted' ? null : [r.lon, r.lat];
/** What it says that is as good as a position. */
const spots = (r: Ready): Said[] => r.said.filter((s) => s.spot);

/**
 * How far apart two reports are by the best that each says: positions that stand; else what is named (a place, a crossing) against the
 * other's; else along which road; else whether they name the same at all.
 */
function placed(a: Ready, b: Ready): { feature: Feature; x: number; d: number | null } {
  const [p, q] = [own(a), own(b)];
  if (p && q) {
    const d = metres(a, b)!;
    return step(d, NEAR, a.trust === 'agrees' && b.trust === 'agrees' ? 'far-sure' : 'far');
  }
  const bySpot = [
    p && metresSaid(p[0], p[1], spots(b)),
    q && metresSaid(q[0], q[1], spots(a)),
    p || q ? null : metresBetween(spots(a), spots(b)),
  ].filter((x) => x !== null);
  if (bySpot.length) return step(Math.min(...bySpot.map((x) => x.d)), SPOT, 'spot-far');
  const byLine = [
    p && metresSaid(p[0], p[1], b.said),
    q && metresSaid(q[0], q[1], a.said),
    p || q ? null : metresBetween(a.said, b.said),
  ].filter((x) => x !== null);
  if (byLine.length) return step(Math.min(...byLine.map((x) => x.d)), LINE, 'line-far');
  if (a.said.length && b.said.length) {
    const same = a.said.some((s) => b.said.some((o) => o.name === s.name));
    return { feature: same ? 'said-same' : 'said-other', x: 1, d: null };
  }
  const d = metres(a, b);
  return d === null || d < 400
    ? { feature: 'place-missing', x: 1, d }
    : { feature: 'far-doubted', x: farther(d, 400), d };
}

function cosine(a: ReadonlySet<string>, b: ReadonlySet<string>, rarity: Rarity): number {
  const [few, many] = a.size < b.size ? [a, b] : [b, a];
  const square = (s: ReadonlySet<string>) => {
    let sum = 0;
    for (const g of s) sum += rarity(g) ** 2;
    return sum;
  };
  if (few.size === 0) return 0;
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
