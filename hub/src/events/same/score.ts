/**
 * Whether two reports speak of one event (同一事件识别): what is seen of the two by place, time, matter, state, names, numbers and words,
 * weighed by learnt trees (trees.ts, model.json) into log-odds. Each thing seen is told with its weight; they add up. Pure.
 */
import { readFileSync } from 'node:fs';
import { type Gazetteer, metresSaid, metresTo, type Said } from './gazetteer.ts';
import { classify, type State, statesOf, type Worded } from './spoken.ts';
import { grams, type Named, type Numbers, names, numbers, plain, sameName } from './text.ts';
import { readModel, weigh } from './trees.ts';

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

/** What the city knows: names of places, and how people speak of its matters. */
export interface Known {
  gazetteer?: Gazetteer | undefined;
  matters?: readonly (Worded & { group: string })[] | undefined;
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
  /** Metres between its position and the nearest that it names, spots before lines; null where it lacks either. */
  apart: number | null;
  names: readonly Named[];
  numbers: Numbers;
  /** The matter that its words speak of, which a wrongly chosen class may contradict, and the states that they tell. */
  spoken: string | null;
  states: readonly State[];
}

/** Makes a report ready for comparing. */
export function ready(r: Reported, city: Known = {}): Ready {
  const where = r.address && !plain(r.text).includes(plain(r.address)) ? `${r.address}，${r.text}` : r.text;
  const found = city.gazetteer?.find(where) ?? { said: [], rest: where, towns: [], unknown: [] };
  const said = found.said.map((s) => nearby(r, s));
  // What the city knows by name is that name; where it knows none, names are read by their form.
  const known = said
    .filter((s) => s.sort !== 'crossing' && s.sort !== 'number')
    .map((s): Named => ({ kind: s.options[0]!.kind === 'road' ? 'road' : 'site', core: s.name }));
  for (const core of found.unknown) known.push({ kind: 'site', core });
  const own = known.length ? [...new Map(known.map((n) => [`${n.kind}${n.core}`, n])).values()] : names(found.rest);
  const spoken = city.matters ? (classify({ matters: city.matters }, r.text)?.matter ?? null) : null;
  const spots = said.filter((s) => s.spot);
  return {
    ...r,
    grams: grams(where),
    what: grams(found.rest),
    said,
    apart: r.lon === null || r.lat === null ? null : (metresSaid(r.lon, r.lat, spots.length ? spots : said)?.d ?? null),
    towns: found.towns,
    names: own,
    numbers: numbers(where),
    spoken,
    states: city.matters ? statesOf({ matters: city.matters }, [r.matter, spoken], r.text) : [],
  };
}

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
  /** A feature; with `-same`, `-other` … behind what is the same or not; `base` is what stands before any evidence. */
  name: string;
  /** What was seen, in the feature's own measure: metres, minutes, likeness. */
  value: number | string | null;
  weight: number;
}

/**
 * What is looked at, in the order of the model. Metres: `positions` of the two; `spot`, `line` from the position or spot of one to the
 * spots or lines that the other names, the nearest, `spot-most` and `line-most` the farthest of those that can be trusted; `located` between the
 * best that each says. `doubt`, `doubt-least`: metres between own position and own words, of the less and the more certain one.
 */
export const features = [
  ...([
    'positions',
    'spot',
    'spot-most',
    'line',
    'line-most',
    'located',
    'doubt',
    'doubt-least',
    'number',
    'names',
  ] as const),
  ...(['town', 'placeless', 'matter', 'state', 'words', 'what', 'minutes', 'channel', 'code'] as const),
] as const;
export type Feature = (typeof features)[number];

/** Whether more of a feature can only speak for one event (1), only against it (-1), or either (0): holds for every tree. */
export const direction: Readonly<Record<Feature, -1 | 0 | 1>> = {
  ...{
    positions: -1,
    spot: -1,
    'spot-most': -1,
    line: -1,
    'line-most': -1,
    located: -1,
    doubt: 0,
    'doubt-least': 0,
    number: -1,
    names: 1,
  },
  ...{ town: 1, placeless: 0, matter: 1, state: 1, words: 1, what: 1, minutes: -1, channel: 0, code: 1 },
};

/** Seen of two reports: a number for each feature, NaN where it cannot be seen; `told` is what a person is shown of it. */
export interface Seen {
  x: Float64Array;
  told: Partial<Record<Feature, { name?: string; value: number | string | null }>>;
}

type Point = readonly [number, number];
/** Metres between two near points. */
function metres(a: Point, b: Point): number {
  const k = Math.cos(((a[1] + b[1]) / 2) * (Math.PI / 180));
  return Math.hypot((a[0] - b[0]) * k, a[1] - b[1]) * 111_320;
}

/** Metres beyond which a position that its own words contradict is doubted. */
const DOUBTED = 900;
const position = (r: Ready): Point | null => (r.lon === null || r.lat === null ? null : [r.lon, r.lat]);
const spotsOf = (r: Ready): Said[] => r.said.filter((s) => s.spot);
const linesOf = (r: Ready): Said[] => r.said.filter((s) => !s.spot);
const pointsOf = (said: readonly Said[]): Point[] => said.flatMap((s) => s.options.map((k) => k.line[0]!));
/** Metres from the nearest of some points to what is said. */
function toSaid(from: readonly Point[], said: readonly Said[]): number {
  let best = Number.NaN;
  if (said.length)
    for (const [lon, lat] of from) {
      const d = metresSaid(lon, lat, said)!.d;
      if (!(best <= d)) best = d;
    }
  return best;
}
const least = (...list: number[]): number => list.reduce((m, x) => (m <= x || Number.isNaN(x) ? m : x), Number.NaN);
const most = (...list: number[]): number => list.reduce((m, x) => (m >= x || Number.isNaN(x) ? m : x), Number.NaN);

interface Placed {
  positions: number;
  spot: number;
  spotMost: number;
  line: number;
  lineMost: number;
  located: number;
}

/** How far apart two reports are, by everything that each says. */
function placed(a: Ready, b: Ready): Placed {
  const [p, q] = [position(a), position(b)];
  const [sa, sb, la, lb] = [spotsOf(a), spotsOf(b), linesOf(a), linesOf(b)];
  const trusted = (r: Ready, at: Point | null): Point[] => (at && !(r.apart !== null && r.apart > DOUBTED) ? [at] : []);
  const [tp, tq, pa, pb] = [trusted(a, p), trusted(b, q), pointsOf(sa), pointsOf(sb)];
  const between = sa.length && sb.length ? toSaid(pa, sb) : Number.NaN;
  const [pSpot, qSpot] = [toSaid(p ? [p] : [], sb), toSaid(q ? [q] : [], sa)];
  const [pLine, qLine] = [toSaid(p ? [p] : [], lb), toSaid(q ? [q] : [], la)];
  const [aLine, bLine] = [toSaid(pa, lb), toSaid(pb, la)];
  const sure = (r: readonly Point[], d: number): number => (r.length ? d : Number.NaN);
  const [fromA, fromB] = [tp.length ? tp : pa, tq.length ? tq : pb];
  let located = Number.NaN;
  for (const x of fromA) for (const y of fromB) located = least(located, metres(x, y));
  return {
    positions: p && q ? metres(p, q) : Number.NaN,
    spot: least(between, pSpot, qSpot),
    spotMost: most(between, sure(tp, pSpot), sure(tq, qSpot)),
    line: least(pLine, qLine, aLine, bLine),
    lineMost: most(sure(tp, pLine), sure(tq, qLine), aLine, bLine),
    located,
  };
}

/** What is seen of two reports, whichever comes first. */
export function observe(a: Ready, b: Ready, rarity: Rarity): Seen {
  const x = new Float64Array(features.length).fill(Number.NaN);
  const told: Seen['told'] = {};
  const see = (feature: Feature, value: number, shown: number | string | null = value, name?: string) => {
    if (Number.isNaN(value)) return;
    x[features.indexOf(feature)] = value;
    told[feature] = {
      value: typeof shown === 'number' ? Math.round(shown * 100) / 100 : shown,
      ...(name ? { name } : {}),
    };
  };
  const at = placed(a, b);
  for (const [feature, d] of [
    ...([
      ['positions', at.positions],
      ['spot', at.spot],
      ['spot-most', at.spotMost],
    ] as const),
    ...([
      ['line', at.line],
      ['line-most', at.lineMost],
      ['located', at.located],
    ] as const),
    ...([['doubt', most(a.apart ?? Number.NaN, b.apart ?? Number.NaN)]] as const),
    ...([['doubt-least', a.apart === null || b.apart === null ? Number.NaN : Math.min(a.apart, b.apart)]] as const),
  ])
    see(feature, Math.min(d, 9_999), Math.round(d));
  sameMatter(a, b, see);
  named(a, b, rarity, see);
  const likeness = cosine(a.grams, b.grams, rarity);
  see('words', Math.sqrt(likeness), likeness);
  const what = cosine(a.what, b.what, rarity);
  see('what', Math.sqrt(what), what);
  see('minutes', Math.abs(a.at - b.at) / 60_000, Math.round(Math.abs(a.at - b.at) / 60_000));
  see(
    'channel',
    a.channel === b.channel ? 1 : 0,
    a.channel,
    a.channel === b.channel ? 'channel-same' : 'channel-other',
  );
  return { x, told };
}

type See = (feature: Feature, value: number, shown?: number | string | null, name?: string) => void;

/** The class that was chosen, the one that the words speak of, and the states that they tell. */
function sameMatter(a: Ready, b: Ready, see: See): void {
  const [p, q] = [new Set([a.matter, a.spoken]), new Set([b.matter, b.spoken])];
  for (const s of [p, q]) s.delete(null);
  if (p.size && q.size) {
    const both = `${a.matter ?? a.spoken} / ${b.matter ?? b.spoken}`;
    if (a.matter && a.matter === b.matter) see('matter', 3, a.matter, 'matter-same');
    else if ([...p].some((m) => q.has(m))) see('matter', 2, [...p].find((m) => q.has(m))!, 'matter-spoken');
    else if (a.group && a.group === b.group) see('matter', 1, both, 'matter-group');
    else see('matter', 0, both, 'matter-other');
  }
  if (!a.states.length || !b.states.length) return;
  const [own, other] = [new Set(a.states.map((s) => s.id)), new Set(b.states.map((s) => s.id))];
  const shared = [...own].filter((s) => other.has(s));
  const words = (list: readonly State[]) => list.map((s) => s.words).join('、');
  const both = `${words(a.states)} / ${words(b.states)}`;
  if (shared.length) see('state', shared.length / new Set([...own, ...other]).size, both, 'state-same');
  else if ([...own].some((s) => [...other].some((o) => o.split('/')[0] === s.split('/')[0])))
    see('state', -1, both, 'state-other');
}

/** House numbers so near each other are told as neighbours. */
const NEIGHBOURS = 8;

/** Names, towns, house numbers and codes. */
function named(a: Ready, b: Ready, rarity: Rarity, see: See): void {
  const shared = a.names.flatMap((n) =>
    b.names.filter((o) => sameName(n, o)).map((o) => (n.core.length < o.core.length ? n : o)),
  );
  const cores = [...new Set(shared.map((n) => n.core))];
  if (cores.length) {
    const rare = Math.max(...cores.map((c) => Math.min(1.6, rarity(c) / 4))) + 0.4 * (cores.length - 1);
    see('names', Math.min(3, rare), cores.join('、'), 'names-same');
  } else if (a.names.length && b.names.length)
    see('names', -1, `${a.names[0]!.core} / ${b.names[0]!.core}`, 'names-other');
  see('placeless', Number(!a.names.length) + Number(!b.names.length));
  if (a.towns.length && b.towns.length) {
    const same = a.towns.some((t) => b.towns.includes(t));
    see('town', same ? 1 : -1, null, same ? 'town-same' : 'town-other');
  }
  const { numbers: p } = a;
  const { numbers: q } = b;
  // Numbers of one street only.
  if (p.house.length && q.house.length && shared.some((n) => n.kind === 'road')) {
    const apart = Math.min(...p.house.flatMap((h) => q.house.map((o) => Math.abs(h - o))));
    see(
      'number',
      apart,
      `${p.house[0]} / ${q.house[0]}`,
      apart === 0 ? 'number-same' : apart <= NEIGHBOURS ? 'number-near' : 'number-other',
    );
  }
  if (p.codes.length && q.codes.length) {
    const code = p.codes.find((c) => q.codes.includes(c));
    see('code', code ? 1 : -1, code ?? `${p.codes[0]} / ${q.codes[0]}`, code ? 'code-same' : 'code-other');
  }
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

/** What was learnt, by `bench/events-same.ts --fit`. */
export const model = readModel(readFileSync(new URL('./model.json', import.meta.url), 'utf8'));

/** How sure it is that two reports are one event, and why: the weights of the evidence add up to the log-odds. */
export function compare(a: Ready, b: Ready, rarity: Rarity): { odds: number; why: Evidence[] } {
  const { x, told } = observe(a, b, rarity);
  const { odds, base, parts } = weigh(model.pair, x);
  const why: Evidence[] = [{ name: 'base', value: null, weight: base }];
  features.forEach((f, i) => {
    const [shown, weight] = [told[f], parts[i]!];
    // What cannot be seen is no evidence: what it changes belongs to what stands before any.
    if (!shown) why[0]!.weight += weight;
    else if (weight) why.push({ name: shown.name ?? f, value: shown.value, weight });
  });
  return { odds, why };
}
