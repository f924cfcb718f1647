/**
 * What the names in a text say of where: roads, waters and places that the libraries know, with their shapes. A report whose position is
 * wrong or missing still says where it is; two names of one spot are held together by the ground between them. Pure.
 */
import { plain } from './text.ts';

/** A known name with its shape: a point has one pair, a line several. WGS 84 degrees. `town`: code of its town, where it has one. */
export interface Place {
  name: string;
  kind: 'road' | 'water' | 'site' | 'area';
  town: string | null;
  line: readonly (readonly [number, number])[];
  /** House numbers of a road whose places are known, in order of the numbers; those between are reckoned. */
  numbers?: readonly HouseNumber[] | undefined;
}
/** A house number and where it is. */
export type HouseNumber = readonly [number: number, lon: number, lat: number];

interface Known extends Place {
  box: readonly [number, number, number, number];
}

/** Where a text says that something is. `spot`: known to some hundred metres (a place, a crossing, a house number), not only along a line. */
export interface Said {
  name: string;
  /** What sort of spot it is; undefined for lines and areas as a whole. */
  sort?: 'site' | 'crossing' | 'number';
  spot: boolean;
  options: readonly Known[];
}

const METRES = 111_320;
/** Metres between points of a road that are looked at, at which two roads still are said to meet, and reach of what is looked at closely. */
const STEP = 120;
const CROSSING = 450;
const NEAR = 0.06;
/** Numbers beyond the last known one that are still reckoned. */
const BEYOND = 60;
/** Names in a text that are looked at, and shapes of one name. */
const NAMES = 6;
const OPTIONS = 40;

/** Metres from a point to a shape. */
export function metresTo(lon: number, lat: number, k: Pick<Known, 'line' | 'box'>): number {
  const { box, line } = k;
  if (lon < box[0] - NEAR || lon > box[2] + NEAR || lat < box[1] - NEAR || lat > box[3] + NEAR) return 10_000;
  const scale = Math.cos((lat * Math.PI) / 180);
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < line.length; i++) {
    const [ax, ay] = [(line[i]![0] - lon) * scale, line[i]![1] - lat];
    const next = line[i + 1] ?? line[i]!;
    const [bx, by] = [(next[0] - lon) * scale, next[1] - lat];
    const [dx, dy] = [bx - ax, by - ay];
    const long = dx * dx + dy * dy;
    const t = long === 0 ? 0 : Math.max(0, Math.min(1, -(ax * dx + ay * dy) / long));
    const d = (ax + t * dx) ** 2 + (ay + t * dy) ** 2;
    if (d < best) best = d;
  }
  return Math.sqrt(best) * METRES;
}

const boxOf = (line: Place['line']): Known['box'] => {
  const box: [number, number, number, number] = [180, 90, -180, -90];
  for (const [x, y] of line) {
    box[0] = Math.min(box[0], x);
    box[1] = Math.min(box[1], y);
    box[2] = Math.max(box[2], x);
    box[3] = Math.max(box[3], y);
  }
  return box;
};

/** What a text says of where. */
export interface Found {
  said: Said[];
  /** The text without these names. */
  rest: string;
  /** Codes of the towns that it names. */
  towns: string[];
  /** Names of places that only other towns have: places of this town that are not registered. */
  unknown: string[];
}

/** Names of a city. */
export class Gazetteer {
  readonly #byName = new Map<string, Known[]>();
  readonly #towns: readonly { code: string; name: string }[];
  #longest = 0;

  constructor(places: readonly Place[], towns: readonly { code: string; name: string }[]) {
    this.#towns = towns;
    const city = /^.{2,4}[市县区](?=.{3})/;
    for (const p of places) {
      if (!p.line.length) continue;
      const known = { ...p, box: boxOf(p.line) };
      // A place is called by its whole name, without its city, and without its town.
      const bare = p.name.replace(city, '');
      const town = towns.find((t) => bare.startsWith(t.name))?.name ?? '';
      for (const name of new Set([p.name, bare, bare.slice(town.length)].map(plain))) {
        if ([...name].length < 2) continue;
        const list = this.#byName.get(name);
        if (list) list.push(known);
        else this.#byName.set(name, [known]);
        this.#longest = Math.max(this.#longest, name.length);
      }
    }
  }

  /** Names in a text, the longest first; those of a town that the text names are its own. */
  find(text: string): Found {
    const own = plain(text);
    const towns = this.#towns.filter((t) => own.includes(t.name)).map((t) => t.code);
    const said: Said[] = [];
    const unknown = new Set<string>();
    let rest = '';
    for (let i = 0; i < own.length; ) {
      const found = this.#at(own, i);
      if (!found || said.length >= NAMES) {
        rest += own[i++];
        continue;
      }
      const all = this.#byName.get(found)!;
      const inTown = towns.length ? all.filter((k) => k.town && towns.includes(k.town)) : [];
      // A place of another town that bears such a name (中心小学) is not the one that is meant: that one is not registered.
      const other = towns.length && !inTown.length && all.every((k) => k.kind === 'site' && k.town);
      const options = other ? [] : (inTown.length ? inTown : all).slice(0, OPTIONS);
      if (!options.length) {
        unknown.add(`${this.#towns.find((t) => t.code === towns[0])!.name}${found}`);
        i += found.length;
        continue;
      }
      const spot = options[0]!.line.length === 1;
      said.push({
        name: found,
        spot,
        ...(spot && options[0]!.kind === 'site' ? { sort: 'site' as const } : {}),
        options,
      });
      i += found.length;
      const number = /^(\d{1,4})(?=号(?!线|楼|地))/.exec(own.slice(i))?.[1];
      const houses = number ? houseOf(found, Number(number), options) : undefined;
      if (houses) said.push(houses);
    }
    for (const t of this.#towns) rest = rest.replaceAll(t.name, '');
    const once = [...new Map(said.map((s) => [s.name, s])).values()];
    const crossing = crossingOf(once);
    return { said: crossing ? [crossing, ...once] : once, rest, towns, unknown: [...unknown] };
  }

  #at(own: string, i: number): string | undefined {
    for (let n = Math.min(this.#longest, own.length - i); n >= 2; n--) {
      const name = own.substr(i, n);
      if (this.#byName.has(name)) return name;
    }
    return undefined;
  }
}

/** Points of a line so near each other that none of it is far from one. */
function* along(line: Place['line']): Generator<readonly [number, number]> {
  for (let i = 0; i < line.length; i++) {
    const [a, b] = [line[i]!, line[i + 1] ?? line[i]!];
    const steps = Math.max(1, Math.ceil((Math.hypot(b[0] - a[0], b[1] - a[1]) * METRES) / STEP));
    for (let k = 0; k < steps; k++) yield [a[0] + ((b[0] - a[0]) * k) / steps, a[1] + ((b[1] - a[1]) * k) / steps];
  }
}

/** Where a house number of a road is, by the known ones on either side. */
function houseOf(name: string, number: number, roads: readonly Known[]): Said | undefined {
  const options: Known[] = [];
  for (const road of roads) {
    const known = road.numbers;
    if (!known || known.length < 2) continue;
    let i = known.findIndex(([n]) => n >= number);
    if (i < 0) i = known.length - 1;
    const [before, after] = [known[Math.max(0, i - 1)]!, known[Math.max(1, i)]!];
    if (number < before[0] - BEYOND || number > after[0] + BEYOND) continue;
    const t = after[0] === before[0] ? 0 : Math.max(-0.5, Math.min(1.5, (number - before[0]) / (after[0] - before[0])));
    const at = [before[1] + t * (after[1] - before[1]), before[2] + t * (after[2] - before[2])] as const;
    options.push({ name: `${road.name}${number}号`, kind: 'site', town: road.town, line: [at], box: boxOf([at]) });
  }
  return options.length ? { name: `${name}${number}号`, sort: 'number', spot: true, options } : undefined;
}

/** Where two named roads meet, or come nearest to each other. */
function crossingOf(said: readonly Said[]): Said | undefined {
  const [first, second] = said.filter((s) => s.options[0]!.kind === 'road');
  if (!first || !second) return undefined;
  const options: Known[] = [];
  for (const a of first.options)
    for (const b of second.options) {
      let best: { at: readonly [number, number]; d: number } | undefined;
      for (const at of along(a.line)) {
        const d = metresTo(at[0], at[1], b);
        if (!best || d < best.d) best = { at, d };
      }
      if (best && best.d < CROSSING)
        options.push({
          name: `${a.name}/${b.name}`,
          kind: 'site',
          town: a.town,
          line: [best.at],
          box: boxOf([best.at]),
        });
    }
  return options.length ? { name: `${first.name}/${second.name}`, sort: 'crossing', spot: true, options } : undefined;
}

/** Metres between a position and what a text says, the nearest of all; null where it says nothing. */
export function metresSaid(lon: number, lat: number, said: readonly Said[]): { d: number; spot: boolean } | null {
  let best: { d: number; spot: boolean } | null = null;
  for (const s of said)
    for (const k of s.options) {
      const d = metresTo(lon, lat, k);
      if (!best || d < best.d) best = { d, spot: s.spot };
    }
  return best;
}

/** Metres between what two texts say: from spots of one to shapes of the other. */
export function metresBetween(a: readonly Said[], b: readonly Said[]): { d: number; spot: boolean } | null {
  let best: { d: number; spot: boolean } | null = null;
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const)
    for (const s of from)
      if (s.spot)
        for (const k of s.options) {
          const found = metresSaid(k.line[0]![0], k.line[0]![1], to);
          if (found && (!best || found.d < best.d)) best = { d: found.d, spot: true };
        }
  return best;
}
