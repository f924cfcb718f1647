/** The words of one text: which names end where, which words begin where. Buffers are kept between texts. */

import { CLOSE, classOf, DIGIT, foldCode, LETTER, NUMERAL, OPEN } from '../characters.ts';
import { type Entry, lexicon } from './lexicon.ts';
import { NO_UNIT, numberRecord, readNumber } from './numbers.ts';
import { DIVISION, ENDINGS, INNER, POI, ROAD, WHOLE } from './words.ts';

const number = numberRecord();

/** What an ending says against the name going on; rings and parts of roads (西二环中路) say little. */
function innerOf(entry: Entry): number {
  if (entry.kind === ROAD && entry.weight < 6) return entry.weight < 5 ? 0 : 1.2;
  return INNER[entry.kind]!;
}

/** The weight of an ending that is not there. */
export const NOTHING = -1e9;

/** The bit of {@link Scan.masks} for places where a name may end though nothing ends it. */
export const NATURAL = 128;

/** What {@link Scan.read} found in a text. */
export class Scan {
  /** Length of the text. */
  n = 0;
  /** Folded code units and their classes. */
  codes = new Uint16Array(0);
  classes = new Uint8Array(0);
  /** `[kind * stride + end]`: weight of the best ending of a kind at an end, and its length. */
  weights = new Float64Array(0);
  lengths = new Uint8Array(0);
  stride = 0;
  /** Sums of what speaks against names going on: endings of places, endings of points of interest, numbers and letters. */
  innerPlaces = new Float64Array(0);
  innerPois = new Float64Array(0);
  digits = new Int32Array(0);
  letters = new Int32Array(0);
  /** Words that stand for themselves, as lists by start: first of a start, next of a list, the word, its end. */
  first = new Int32Array(0);
  next: number[] = [];
  entry: Entry[] = [];
  ends: number[] = [];
  /** 1 where a word that stands for itself begins, so that a name may end there. */
  begins = new Uint8Array(0);
  /** What may end at a place: bit `kind` for every kind of ending, {@link NATURAL} where a name may end without any. */
  masks = new Uint8Array(0);
  /** How far a name that begins somewhere may go: to the next separator. */
  limits = new Int32Array(0);
  /** End of the bracket that opens here, 0 for none. */
  brackets = new Int32Array(0);

  #grow(n: number): void {
    const size = Math.max(64, 2 * n);
    this.stride = size + 1;
    this.codes = new Uint16Array(size + 1);
    this.classes = new Uint8Array(size + 1);
    this.weights = new Float64Array(ENDINGS * (size + 1));
    this.lengths = new Uint8Array(ENDINGS * (size + 1));
    this.innerPlaces = new Float64Array(size + 2);
    this.innerPois = new Float64Array(size + 2);
    this.digits = new Int32Array(size + 2);
    this.letters = new Int32Array(size + 2);
    this.first = new Int32Array(size + 2);
    this.begins = new Uint8Array(size + 2);
    this.masks = new Uint8Array(size + 2);
    this.limits = new Int32Array(size + 2);
    this.brackets = new Int32Array(size + 2);
  }

  /** Reads a text. */
  read(text: string): void {
    const n = text.length;
    if (n + 1 > this.stride) this.#grow(n);
    this.n = n;
    const { codes, classes, weights, lengths, stride, first, begins, masks } = this;
    for (let i = 0; i < n; i++) {
      const code = foldCode(text.charCodeAt(i));
      codes[i] = code;
      classes[i] = classOf(code);
    }
    for (let kind = 0; kind < ENDINGS; kind++) {
      weights.fill(NOTHING, kind * stride, kind * stride + n + 1);
      lengths.fill(0, kind * stride, kind * stride + n + 1);
    }
    this.innerPlaces.fill(0, 0, n + 2);
    this.innerPois.fill(0, 0, n + 2);
    first.fill(-1, 0, n + 2);
    begins.fill(0, 0, n + 2);
    masks.fill(0, 0, n + 2);
    let count = 0;
    const { trie, words } = lexicon();
    const { roots, payload } = trie;
    for (let i = 0; i < n; i++) {
      let node = roots[codes[i]!]!;
      for (let end = i + 1; node !== 0; end++) {
        const word = payload[node]!;
        if (word !== 0) {
          for (const entry of words[word - 1]!) {
            if (entry.kind < WHOLE) {
              const at = entry.kind * stride + end;
              masks[end] = masks[end]! | (1 << entry.kind);
              // A longer ending says more: 东路 before 路.
              if (
                entry.weight > weights[at]! &&
                (weights[at] === NOTHING || end - i >= lengths[at]! || entry.weight > weights[at]! + 1)
              ) {
                weights[at] = entry.weight;
                lengths[at] = end - i;
              }
              if (entry.kind === POI) {
                if (entry.weight > 4 && end - i > 1) this.innerPois[end] = Math.max(this.innerPois[end]!, 1.6);
              } else {
                this.innerPlaces[end] = Math.max(this.innerPlaces[end]!, innerOf(entry));
              }
            } else {
              this.next[count] = first[i]!;
              this.entry[count] = entry;
              this.ends[count] = end;
              first[i] = count++;
              if (entry.kind !== DIVISION) begins[i] = 1;
            }
          }
        }
        if (end >= n) break;
        node = trie.child(node, codes[end]!);
      }
    }
    // 三楼, 二幢 inside a name speak against the name.
    for (let i = 1; i < n; i++) {
      if (classes[i] !== NUMERAL || classes[i - 1] === NUMERAL) continue;
      if (readNumber(codes, n, i, number) && number.unit >= 4) {
        this.innerPlaces[number.end] = Math.max(this.innerPlaces[number.end]!, 2);
      }
    }
    for (let end = 1; end <= n; end++) if (this.#endsNaturally(end)) masks[end] = masks[end]! | NATURAL;
    this.#sums(n);
  }

  /** At a separator, a number, a word of position or a remark a name may end without an ending. */
  #endsNaturally(end: number): boolean {
    if (end === this.n) return true;
    const kind = this.classes[end]!;
    if (kind > NUMERAL) return true;
    const before = this.classes[end - 1]!;
    if (kind === DIGIT || kind === LETTER) return before !== kind;
    if (this.begins[end] === 1) return true;
    return (
      kind === NUMERAL && before !== NUMERAL && readNumber(this.codes, this.n, end, number) && number.unit !== NO_UNIT
    );
  }

  #sums(n: number): void {
    const { classes, innerPlaces, innerPois, digits, letters, limits, brackets } = this;
    digits[0] = 0;
    letters[0] = 0;
    for (let i = 1; i <= n; i++) {
      innerPlaces[i] = innerPlaces[i]! + innerPlaces[i - 1]!;
      innerPois[i] = innerPois[i]! + innerPois[i - 1]!;
      const here = classes[i - 1]!;
      const before = i > 1 ? classes[i - 2]! : -1;
      digits[i] = digits[i - 1]! + (here === DIGIT && before !== DIGIT ? 1 : 0);
      letters[i] = letters[i - 1]! + (here === LETTER && before !== LETTER ? 1 : 0);
    }
    let limit = n;
    let close = -1;
    brackets[n] = 0;
    for (let i = n - 1; i >= 0; i--) {
      const here = classes[i]!;
      brackets[i] = 0;
      if (here > NUMERAL) limit = i;
      if (here === CLOSE) close = i;
      else if (here === OPEN && close > i && close - i <= 24) {
        brackets[i] = close + 1;
        close = -1;
      }
      limits[i] = limit;
    }
    limits[n] = n;
  }

  /** Weight of the best ending of a kind at an end. */
  ending(kind: number, end: number): number {
    return this.weights[kind * this.stride + end]!;
  }

  /** What speaks against a name of [start, end) whose own ending has `own` characters: endings of places inside. */
  placesInside(start: number, end: number, own: number): number {
    const to = Math.max(end - Math.max(own, 1), start + 1);
    return to > start + 1 ? this.innerPlaces[to]! - this.innerPlaces[start + 1]! : 0;
  }

  /** The same of endings of points of interest. */
  poisInside(start: number, end: number, own: number): number {
    const to = Math.max(end - Math.max(own, 1), start + 1);
    return to > start + 1 ? this.innerPois[to]! - this.innerPois[start + 1]! : 0;
  }

  /** Runs of digits and of letters within [start, end). */
  digitRuns(start: number, end: number): number {
    return this.digits[end]! - this.digits[start]! + (start > 0 && this.#runsOn(start, DIGIT) ? 1 : 0);
  }

  /** Runs of letters within [start, end). */
  letterRuns(start: number, end: number): number {
    return this.letters[end]! - this.letters[start]! + (start > 0 && this.#runsOn(start, LETTER) ? 1 : 0);
  }

  #runsOn(start: number, kind: number): boolean {
    return this.classes[start] === kind && this.classes[start - 1] === kind;
  }

  /** True when a road's ending stands right at `start` (中路, 大道): a stem before it is then part of the road's name. */
  endingStartsAt(start: number): boolean {
    for (let end = start + 1; end <= Math.min(start + 2, this.n); end++) {
      const at = ROAD * this.stride + end;
      if (this.weights[at]! > 3.5 && this.lengths[at] === end - start) return true;
    }
    return false;
  }
}
