/**
 * A semi-Markov model over the lattice of candidates (Sarawagi and Cohen 2004), decoded by Viterbi from left to right: every place
 * that can be reached gets its candidates, every candidate is joined to every state in which the place was reached.
 */

import { CLOSE, NUMERAL, OPEN } from '../characters.ts';
import { LABELS } from '../labels.ts';
import { propose } from './candidates.ts';
import type { Entry } from './lexicon.ts';
import { Scan } from './scan.ts';
import { ENDS, START, STATES, TRANSITIONS } from './weights.ts';

/** The label of what says nothing: it leaves the state as it was. */
export const REDUNDANT = LABELS.indexOf('redundant');

const POI = LABELS.indexOf('poi');
const SUBPOI = LABELS.indexOf('subpoi');

/** One piece of the best reading. */
export interface Piece {
  start: number;
  end: number;
  /** Place in {@link LABELS}. */
  label: number;
  entry: Entry | undefined;
  /** By how much the best reading with this piece beats the best one without it. */
  margin: number;
}

const LOW = -1e8;
/** The largest margin that is told: beyond it a piece is as good as certain. */
const CLEAR = 12;
/** How far behind the best reading of a place another one is still followed. */
const BEAM = 9;

/** Decodes texts one after the other; keeps its buffers. Not to be shared between threads. */
export class Decoder {
  readonly scan = new Scan();
  #best = new Float64Array(0);
  #active = new Uint8Array(0);
  #counts = new Uint8Array(0);
  #backEdge = new Int32Array(0);
  /** Codes of the division that the best reading of a state named last: the first four digits, 0 for none. */
  #context = new Int32Array(0);
  #edges = 0;
  #from = new Int32Array(4096);
  #to = new Int32Array(4096);
  #score = new Float64Array(4096);
  #label = new Uint8Array(4096);
  #entries: (Entry | undefined)[] = [];
  #beta = new Float64Array(0);
  #at = 0;

  /** True when some reading reaches place `i`. */
  reached(i: number): boolean {
    return this.#counts[i]! > 0;
  }

  /** Adds a candidate [current place, end) with its own weight. */
  add(end: number, label: number, weight: number, entry?: Entry): void {
    const at = this.#at;
    const base = at * STATES;
    const count = this.#counts[at]!;
    for (let k = 0; k < count; k++) {
      const state = this.#active[base + k]!;
      const step = TRANSITIONS[state * STATES + label]!;
      if (step < -8.9) continue;
      this.#join(base + state, end, label, label, weight + step, entry);
    }
  }

  /** Adds a division: as {@link add}, and what was named before must not contradict it. */
  addDivision(end: number, label: number, weight: number, entry: Entry): void {
    const at = this.#at;
    const base = at * STATES;
    const count = this.#counts[at]!;
    for (let k = 0; k < count; k++) {
      const state = this.#active[base + k]!;
      const step = TRANSITIONS[state * STATES + label]!;
      if (step < -8.9) continue;
      const before = this.#context[base + state]!;
      this.#join(base + state, end, label, label, weight + step + agreement(before, entry), entry);
    }
  }

  /** Adds a piece that says nothing: every state goes on behind it. */
  skip(end: number, weight: number): void {
    const base = this.#at * STATES;
    const count = this.#counts[this.#at]!;
    for (let k = 0; k < count; k++) {
      const state = this.#active[base + k]!;
      this.#join(base + state, end, state, REDUNDANT, weight, undefined);
    }
  }

  #join(from: number, end: number, state: number, label: number, weight: number, entry: Entry | undefined): void {
    const to = end * STATES + state;
    const edge = this.#edges++;
    if (edge >= this.#from.length) this.#growEdges();
    this.#from[edge] = from;
    this.#to[edge] = to;
    this.#score[edge] = weight;
    this.#label[edge] = label;
    this.#entries[edge] = entry;
    const total = this.#best[from]! + weight;
    const best = this.#best[to]!;
    if (best <= LOW) this.#active[end * STATES + this.#counts[end]!++] = state;
    if (total > best) {
      this.#best[to] = total;
      this.#backEdge[to] = edge;
      this.#context[to] = entry ? narrower(entry, this.#context[from]!) : this.#context[from]!;
    }
  }

  #growEdges(): void {
    const grow = <T extends Int32Array | Float64Array | Uint8Array>(old: T, made: T): T => {
      made.set(old as never);
      return made;
    };
    const size = this.#from.length * 2;
    this.#from = grow(this.#from, new Int32Array(size));
    this.#to = grow(this.#to, new Int32Array(size));
    this.#score = grow(this.#score, new Float64Array(size));
    this.#label = grow(this.#label, new Uint8Array(size));
  }

  /** The best reading of a text as pieces that cover it. With `margins`, how clearly each piece wins is told, too. */
  decode(text: string, margins: boolean): Piece[] {
    const scan = this.scan;
    scan.read(text);
    const n = scan.n;
    const cells = (n + 1) * STATES;
    if (this.#best.length < cells) {
      const size = Math.max(cells * 2, 64 * STATES);
      this.#best = new Float64Array(size);
      this.#beta = new Float64Array(size);
      this.#active = new Uint8Array(size);
      this.#backEdge = new Int32Array(size);
      this.#context = new Int32Array(size);
      this.#counts = new Uint8Array(size);
    }
    this.#best.fill(LOW * 2, 0, cells);
    this.#counts.fill(0, 0, n + 1);
    this.#edges = 0;
    this.#best[START] = 0;
    this.#active[0] = START;
    this.#counts[0] = 1;
    this.#context[START] = 0;
    for (let i = 0; i < n; i++) {
      if (this.#counts[i] === 0) continue;
      this.#at = i;
      this.#prune(i);
      const here = scan.classes[i]!;
      if (here > NUMERAL) {
        this.#separator(i, here);
        continue;
      }
      propose(this, scan, i);
    }
    return this.#trace(n, margins);
  }

  /** Drops states so far behind the best one of the place that they cannot win. */
  #prune(i: number): void {
    const base = i * STATES;
    const count = this.#counts[i]!;
    let top = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < count; k++) top = Math.max(top, this.#best[base + this.#active[base + k]!]!);
    let kept = 0;
    for (let k = 0; k < count; k++) {
      const state = this.#active[base + k]!;
      if (this.#best[base + state]! >= top - BEAM) this.#active[base + kept++] = state;
    }
    this.#counts[i] = kept;
  }

  #separator(i: number, here: number): void {
    const scan = this.scan;
    let end = i + 1;
    if (here === OPEN) {
      const close = scan.brackets[i]!;
      // What stands in brackets is often a remark; it may also be read as part of the address.
      if (close > 0) this.skip(close, -1.5 - 0.45 * (close - i));
    } else if (here !== CLOSE) {
      while (end < scan.n && scan.codes[end] === scan.codes[i]) end++;
    }
    this.skip(end, 0);
  }

  #trace(n: number, margins: boolean): Piece[] {
    let state = -1;
    let total = Number.NEGATIVE_INFINITY;
    const base = n * STATES;
    for (let k = 0; k < this.#counts[n]!; k++) {
      const one = this.#active[base + k]!;
      const score = this.#best[base + one]! + ENDS[one]!;
      if (score > total) {
        total = score;
        state = one;
      }
    }
    const pieces: Piece[] = [];
    for (let cell = base + state; cell >= STATES && state >= 0; ) {
      const edge = this.#backEdge[cell]!;
      const from = this.#from[edge]!;
      pieces.push({
        start: (from / STATES) | 0,
        end: (cell / STATES) | 0,
        label: this.#label[edge]!,
        entry: this.#entries[edge],
        margin: CLEAR,
      });
      cell = from;
    }
    pieces.reverse();
    parts(pieces);
    if (margins && state >= 0) this.#margins(pieces, n, total);
    return pieces;
  }

  /** Max-marginals: the best total through every edge, and for every piece the best of those that read its first character otherwise. */
  #margins(pieces: readonly Piece[], n: number, total: number): void {
    const beta = this.#beta;
    beta.fill(LOW * 2, 0, (n + 1) * STATES);
    for (let state = 0; state < STATES; state++) beta[n * STATES + state] = ENDS[state]!;
    const others = new Float64Array(pieces.length).fill(LOW);
    const pieceAt = new Int32Array(n + 1);
    for (let k = 0; k < pieces.length; k++) pieceAt.fill(k, pieces[k]!.start, pieces[k]!.end);
    // Edges were made in the order of their starts: backwards, every end is known before its start.
    for (let edge = this.#edges - 1; edge >= 0; edge--) {
      const from = this.#from[edge]!;
      const to = this.#to[edge]!;
      const after = beta[to]!;
      if (after <= LOW) continue;
      const onward = this.#score[edge]! + after;
      if (onward > beta[from]!) beta[from] = onward;
      const through = this.#best[from]! + onward;
      if (through < total - CLEAR) continue;
      const start = (from / STATES) | 0;
      const end = (to / STATES) | 0;
      for (let k = pieceAt[start]!; k < pieces.length && pieces[k]!.start < end; k++) {
        const piece = pieces[k]!;
        if (piece.start === start && piece.end === end && piece.label === this.#label[edge]) continue;
        if (piece.start >= start && through > others[k]!) others[k] = through;
      }
    }
    for (let k = 0; k < pieces.length; k++) pieces[k]!.margin = Math.max(0, Math.min(CLEAR, total - others[k]!));
  }
}

/** A point of interest named after another one is a part of it (or stands by it), whatever stands between them. */
function parts(pieces: readonly Piece[]): void {
  let seen = false;
  for (const piece of pieces) {
    if (piece.label !== POI) continue;
    if (seen) piece.label = SUBPOI;
    seen = true;
  }
}

/** The narrowest of what is known: the first four digits of a county's or city's code, two digits and 00 of a province's. */
function narrower(entry: Entry, before: number): number {
  const { fours } = entry;
  if (fours.length === 0) return before;
  for (const four of fours) {
    if (before === 0 || four === before || (before % 100 === 0 && Math.floor(four / 100) * 100 === before)) return four;
  }
  return before;
}

/** What the division named before says of one: more than 0 where one of its codes lies within, less where none does. */
function agreement(before: number, entry: Entry): number {
  if (before === 0) return 0;
  let within = -2.5;
  for (const four of entry.fours) {
    if (four === before) return 2.5;
    if (Math.floor(four / 100) === Math.floor(before / 100)) within = before % 100 === 0 || four % 100 === 0 ? 2 : -0.5;
  }
  return within;
}
