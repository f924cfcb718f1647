/** Matching addresses to a table of standard addresses (标准地址): the smallest level that is certain. */

import { agreementOf, type Comparison, compare, stemOfNumber } from './compare.ts';
import { AddressError } from './errors.ts';
import { KeyIndex } from './index-table.ts';
import { numberOf, placesOf } from './keys.ts';
import type { Element, Label } from './labels.ts';
import { type NormaliseOptions, normalise, type Parts } from './normalise.ts';
import { parse } from './parse.ts';

/** A standard address. Coordinates in degrees, in whatever system the table is kept. */
export interface StandardAddress {
  id: string;
  /** The address as text, or its parts. */
  text?: string;
  parts?: Parts;
  longitude?: number;
  latitude?: number;
  /** The building in which it is; addresses of one building do not contradict each other. Default: the id. */
  building?: string;
}

/** How far down an address was found. */
export type MatchLevel = 'room' | 'building' | 'number' | 'poi' | 'road' | 'community' | 'town' | 'none';

/** One standard address that may be meant. */
export interface MatchCandidate {
  id: string;
  building: string;
  longitude?: number;
  latitude?: number;
}

/** The answer of a {@link Matcher}. */
export interface Match {
  level: MatchLevel;
  /** The one that is meant; undefined where several are equally good or only a road, village or town was found. */
  match?: MatchCandidate;
  /** How well it agrees, 0 … 1 (see `compare`); 0 without a match. */
  score: number;
  /** True when several buildings are equally good: none is guessed. */
  ambiguous: boolean;
  /** Those that are equally good (at most 20), and how many there are. */
  candidates: MatchCandidate[];
  count: number;
  /** Element by element, for the match. */
  why?: Comparison;
}

const COLUMNS = [
  'district',
  'town',
  'community',
  'road',
  'roadno',
  'poi',
  'houseno',
  'cellno',
  'floorno',
  'roomno',
] as const;
type Column = (typeof COLUMNS)[number];
/** What must not contradict. Names of points of interest may: what stands at a number changes. */
const BINDING: readonly Column[] = ['district', 'town', 'roadno', 'houseno', 'cellno', 'roomno'];
const MOST = 5000;
const LISTED = 20;

/** A table of standard addresses in memory. */
export class Matcher {
  readonly #ids: string[] = [];
  readonly #buildings: string[] = [];
  readonly #points: Float64Array;
  readonly #values = new Map<string, number>();
  readonly #texts: string[] = [''];
  readonly #columns: Record<Column, Int32Array>;
  readonly #index = new KeyIndex();
  readonly #options: NormaliseOptions;

  /** Builds the index. Throws an {@link AddressError} for an address without id or content, an id given twice, impossible coordinates. */
  constructor(addresses: readonly StandardAddress[], options: NormaliseOptions = {}) {
    this.#options = options;
    const n = addresses.length;
    this.#points = new Float64Array(n * 2);
    this.#columns = Object.fromEntries(COLUMNS.map((one) => [one, new Int32Array(n)])) as Record<Column, Int32Array>;
    const seen = new Set<string>();
    addresses.forEach((one, row) => {
      if (typeof one.id !== 'string' || one.id === '') throw new AddressError('addresses.id-missing', { at: row + 1 });
      if (seen.has(one.id)) throw new AddressError('addresses.id-twice', { at: row + 1, got: one.id });
      seen.add(one.id);
      this.#add(one, row);
    });
    this.#index.seal();
  }

  #add(one: StandardAddress, row: number): void {
    if (one.text === undefined && one.parts === undefined) {
      throw new AddressError('addresses.no-content', { at: row + 1, got: one.id });
    }
    const { longitude = Number.NaN, latitude = Number.NaN } = one;
    const stated = one.longitude !== undefined || one.latitude !== undefined;
    if (stated && !(Math.abs(longitude) <= 180 && Math.abs(latitude) <= 90)) {
      throw new AddressError('addresses.coordinates', { at: row + 1, got: one.id });
    }
    const parts = one.parts ?? this.#read(one.text!);
    this.#ids.push(one.id);
    this.#buildings.push(one.building ?? one.id);
    this.#points[row * 2] = longitude;
    this.#points[row * 2 + 1] = latitude;
    for (const column of COLUMNS) this.#columns[column][row] = this.#intern(parts[column]);
    for (const key of keysOf(parts)) this.#index.add(key, row);
  }

  #read(text: string): Parts {
    return normalise(parse(text, { confidence: false }), this.#options).parts;
  }

  #intern(value: string | undefined): number {
    if (value === undefined) return 0;
    let number = this.#values.get(value);
    if (number === undefined) {
      number = this.#texts.push(value) - 1;
      this.#values.set(value, number);
    }
    return number;
  }

  /** Number of standard addresses. */
  get size(): number {
    return this.#ids.length;
  }

  /** Bytes of the typed arrays of the index and the columns. */
  get bytes(): number {
    return this.#index.bytes + this.#points.byteLength + COLUMNS.length * 4 * this.#ids.length;
  }

  /** The parts of a row. */
  #partsOf(row: number): Parts {
    const parts: Parts = {};
    for (const column of COLUMNS) {
      const value = this.#columns[column][row]!;
      if (value !== 0) parts[column] = this.#texts[value]!;
    }
    return parts;
  }

  /** Finds an address given as text, as elements, or as canonical parts. */
  match(address: string | readonly Element[] | Parts): Match {
    const parts =
      typeof address === 'string'
        ? this.#read(address)
        : Array.isArray(address)
          ? normalise(address as readonly Element[], this.#options).parts
          : (address as Parts);
    for (const { level, keys } of stepsOf(parts)) {
      const rows = this.#compatible(parts, keys, level);
      if (rows.length > 0) return this.#answer(parts, level, rows);
    }
    return { level: 'none', score: 0, ambiguous: false, candidates: [], count: 0 };
  }

  #compatible(parts: Parts, keys: readonly string[], level: MatchLevel): number[] {
    const rows = new Set<number>();
    const numbered = level === 'number' || level === 'building';
    const binding = numbered || level === 'poi' ? BINDING : BINDING.slice(0, 2);
    for (const key of keys) {
      for (const row of this.#index.find(key, MOST)) {
        const fits = binding.every((column) => {
          const value = this.#columns[column][row]!;
          // The number may be marked as a building's on one side: the key has compared it.
          if (value === 0 || parts[column] === undefined) return true;
          if (this.#texts[value] === parts[column]) return true;
          return agreementOf(column, parts[column], this.#texts[value]) !== 'different';
        });
        if (fits) rows.add(row);
      }
    }
    return [...rows];
  }

  #answer(parts: Parts, level: MatchLevel, found: readonly number[]): Match {
    let best = level;
    let rows = found;
    if (level === 'number' || level === 'building' || level === 'poi') {
      const room = found.filter((row) => this.#same(row, parts, 'roomno') && this.#same(row, parts, 'houseno', true));
      const house = found.filter((row) => this.#same(row, parts, 'houseno'));
      if (room.length > 0) [best, rows] = ['room', room];
      else if (house.length > 0) [best, rows] = ['building', house];
      // Of equally good ones those of the same village or estate come first.
      for (const column of ['town', 'community', 'poi'] as const) {
        const nearer = rows.filter((row) => this.#same(row, parts, column));
        if (nearer.length > 0 && nearer.length < rows.length) rows = nearer;
      }
    }
    const buildings = new Set(rows.map((row) => this.#buildings[row]!));
    const precise = best === 'room' || best === 'building' || best === 'number' || best === 'poi';
    const candidates = rows.slice(0, LISTED).map((row) => this.#candidate(row));
    const certain = precise && buildings.size === 1;
    if (!certain) return { level: best, score: 0, ambiguous: precise, candidates, count: rows.length };
    // Several addresses of one building (its rooms): the one that says least stands for the building.
    const row = rows.reduce((a, b) => (this.#said(b) < this.#said(a) ? b : a));
    const why = compare(parts, this.#partsOf(row));
    return {
      level: best,
      match: this.#candidate(row),
      score: why.score,
      ambiguous: false,
      candidates,
      count: rows.length,
      why,
    };
  }

  #said(row: number): number {
    return COLUMNS.reduce((sum, column) => sum + (this.#columns[column][row] === 0 ? 0 : 1), 0);
  }

  #same(row: number, parts: Parts, column: Column, orAbsent = false): boolean {
    const value = this.#columns[column][row]!;
    const wanted = parts[column];
    if (value === 0 || wanted === undefined) return orAbsent && value === 0 && wanted === undefined;
    return agreementOf(column as Label, wanted, this.#texts[value]) !== 'different';
  }

  #candidate(row: number): MatchCandidate {
    const longitude = this.#points[row * 2]!;
    const latitude = this.#points[row * 2 + 1]!;
    return {
      id: this.#ids[row]!,
      building: this.#buildings[row]!,
      ...(Number.isNaN(longitude) ? {} : { longitude, latitude }),
    };
  }
}

/** The steps of looking something up, from the most precise: level and keys. */
function stepsOf(parts: Parts): { level: MatchLevel; keys: string[] }[] {
  const steps: { level: MatchLevel; keys: string[] }[] = [];
  const number = numberOf(parts);
  const places = placesOf(parts);
  if (number) steps.push({ level: 'number', keys: places.map((place) => `n|${place}|${number.number}`) });
  if (parts.poi !== undefined) {
    if (parts.houseno !== undefined) {
      steps.push({ level: 'building', keys: [`h|${parts.poi}|${stemOfNumber(parts.houseno)}`] });
    }
    // A road with a number that is not in the table says that the estate of this name is another one.
    if (!number || parts.road === undefined) steps.push({ level: 'poi', keys: [`p|${parts.poi}`] });
  }
  if (parts.road !== undefined) steps.push({ level: 'road', keys: [`r|${parts.road}`] });
  if (parts.community !== undefined) steps.push({ level: 'community', keys: [`c|${parts.community}`] });
  if (parts.town !== undefined) steps.push({ level: 'town', keys: [`t|${parts.town}`] });
  return steps;
}

/** Every key under which a standard address is found. */
function keysOf(parts: Parts): Set<string> {
  return new Set(stepsOf(parts).flatMap((step) => step.keys));
}
