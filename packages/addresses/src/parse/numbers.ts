/** Numbers in addresses: 129号, 29-37号, A座, 十二幢, 负一层, 第八栋, 3单元 … */

import { classOf, DIGIT, LETTER, NUMERAL } from '../characters.ts';
import { Trie } from './trie.ts';
import { UNIT_WORDS } from './weights.ts';

const ORDINAL = '第'.charCodeAt(0);
const NEGATIVE = '负'.charCodeAt(0);
const APPENDED = '附'.charCodeAt(0);
const OF = '之'.charCodeAt(0);
const GROUND = '地'.charCodeAt(0);
const BELOW = '下'.charCodeAt(0);
const HASH = '#'.charCodeAt(0);
const HAO = '号'.charCodeAt(0);
const DASH_CODE = '-'.charCodeAt(0);
const TILDE = '~'.charCodeAt(0);
const COMMA = '、'.charCodeAt(0);
const DOT = '.'.charCodeAt(0);
const STEMS = '甲乙丙丁戊东西南北中前后'.split('').map((char) => char.charCodeAt(0));

const units = new Trie();
for (let unit = 1; unit < UNIT_WORDS.length; unit++)
  for (const word of UNIT_WORDS[unit]!.split(' ')) units.add(word, () => unit);
units.freeze();

/** No unit follows. */
export const NO_UNIT = 0;

/** What stands at a place as a number; filled by {@link readNumber}. */
export interface NumberHere {
  /** End of the bare number, without its unit; `start` when there is none. */
  bareEnd: number;
  /** End with the longest unit, and which unit (0 none). */
  end: number;
  unit: number;
  /** End of digits joined by dashes (29-37, 3-2-101), and of the unit behind them; 0 when there is no dash. */
  joinedEnd: number;
  joinedUnitEnd: number;
  joinedUnit: number;
  /** Written with Arabic digits or letters (a numeral or 甲 is no number without its unit). */
  arabic: boolean;
  /** Number of characters of the bare number. */
  length: number;
  letters: boolean;
}

/** A record for {@link readNumber} to fill. */
export function numberRecord(): NumberHere {
  return {
    bareEnd: 0,
    end: 0,
    unit: 0,
    joinedEnd: 0,
    joinedUnitEnd: 0,
    joinedUnit: 0,
    arabic: false,
    length: 0,
    letters: false,
  };
}

let unitEnd = 0;

/** The longest unit at `i`: its kind, its end in `unitEnd`. */
function unitAt(codes: Uint16Array, n: number, i: number): number {
  unitEnd = i;
  if (i >= n) return NO_UNIT;
  let node = units.roots[codes[i]!]!;
  let unit = NO_UNIT;
  for (let at = i + 1; node !== 0; at++) {
    const payload = units.payload[node]!;
    if (payload !== 0) {
      unit = payload - 1;
      unitEnd = at;
    }
    if (at >= n) break;
    node = units.child(node, codes[at]!);
  }
  return unit;
}

const MAX_DIGITS = 8;

/** End of digits and letters (B12, 12A) or of numerals from `i`. */
function coreEnd(codes: Uint16Array, n: number, i: number): number {
  let at = i;
  const first = classOf(codes[i]!);
  if (first === NUMERAL) {
    while (at < n && at - i < 5 && classOf(codes[at]!) === NUMERAL) at++;
    return at;
  }
  while (at < n && at - i < MAX_DIGITS) {
    const here = classOf(codes[at]!);
    if (here !== DIGIT && here !== LETTER) break;
    at++;
  }
  return at;
}

/** Reads the number at `i` into `into`; false when none stands there. */
export function readNumber(codes: Uint16Array, n: number, i: number, into: NumberHere): boolean {
  let at = i;
  const first = codes[i]!;
  if (first === ORDINAL || first === NEGATIVE || first === APPENDED || first === OF || first === HASH) at++;
  else if (first === DASH_CODE && (i === 0 || classOf(codes[i - 1]!) !== DIGIT)) at++;
  else if (first === GROUND && codes[i + 1] === BELOW) at += 2;
  if (at >= n) return false;
  const start = at;
  const kind = classOf(codes[at]!);
  let end = at;
  if (kind === DIGIT || kind === LETTER || kind === NUMERAL) end = coreEnd(codes, n, at);
  else if (at === i && STEMS.includes(codes[at]!)) end = at + 1;
  else return false;
  let unit = unitAt(codes, n, end);
  // F is a unit of floors and a letter: 11F.
  if (unit === NO_UNIT && end - start > 1 && codes[end - 1] === 70 && classOf(codes[end - 2]!) === DIGIT) {
    unit = unitAt(codes, n, end - 1);
  }
  const arabic = kind === DIGIT || kind === LETTER;
  if (!arabic && unit === NO_UNIT) return false;
  if (at > i && unit === NO_UNIT && first !== HASH) return false;
  if (first === DASH_CODE && unit !== 6) return false;
  into.bareEnd = end;
  into.unit = unit;
  into.end = unitEnd;
  into.arabic = arabic;
  into.letters = kind === LETTER;
  into.length = end - start;
  // 5号附3 and 5号之1 are one number.
  if (unit === 1 && codes[unitEnd - 1] === HAO && unitEnd + 1 < n) {
    const next = codes[unitEnd]!;
    if ((next === APPENDED || next === OF) && classOf(codes[unitEnd + 1]!) === DIGIT) {
      const stop = coreEnd(codes, n, unitEnd + 1);
      into.end = stop < n && codes[stop] === HAO ? stop + 1 : stop;
    }
  }
  into.joinedEnd = 0;
  into.joinedUnitEnd = 0;
  into.joinedUnit = NO_UNIT;
  if (arabic && unit === NO_UNIT) {
    let joined = end;
    while (joined + 1 < n && joined - i < 24) {
      const by = codes[joined]!;
      if (by !== DASH_CODE && by !== TILDE && by !== COMMA && by !== DOT && by !== OF) break;
      const next = classOf(codes[joined + 1]!);
      if (next !== DIGIT && next !== LETTER) break;
      joined = coreEnd(codes, n, joined + 1);
    }
    if (joined > end) {
      into.joinedEnd = joined;
      into.joinedUnit = unitAt(codes, n, joined);
      into.joinedUnitEnd = unitEnd;
    }
  }
  return true;
}
