/**
 * Character repair shared by all codes: full width → half width, case, spaces, hyphens, look-alike letters.
 *
 * Every repair is a map from one character to one character or to nothing, so that the same map drives the JavaScript
 * function (a table look-up per character) and the SQL expression (one `translate` call); see sql.ts.
 */

import type { Change, Normalised } from './kind.ts';

/** Spaces of all widths, line ends, tabs, zero-width characters and the byte-order mark. */
export const SPACES =
  '\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u200c\u200d\u2028\u2029\u202f\u205f\u2060\u3000\ufeff';

/** Hyphens, dashes and minus signs as people and fonts write them. */
export const HYPHENS = '-\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d';

const UNTOUCHED = 0;
const DROPPED = 0xffff;

/** How a `CharMap` is made. */
export interface CharRules {
  /** ASCII and full-width letters become upper case. */
  upper?: boolean;
  /** Characters that are removed. */
  drop?: string;
  /** Replacements after width and case: `{ O: '0', I: '1' }`; keys and values are single ASCII characters. */
  alike?: Readonly<Record<string, string>>;
  /** Other replacements, one character (BMP) to one character; they win over everything above. */
  map?: Readonly<Record<string, string>>;
}

/** A compiled map of characters; immutable. */
export class CharMap {
  readonly #table = new Uint16Array(65536);
  /** Two equally ordered lists for SQL's `translate(text, from, to)`: characters beyond the end of `to` are removed. */
  readonly from: string;
  readonly to: string;

  constructor(rules: CharRules) {
    const set = (from: number, to: string) => {
      const code = to.charCodeAt(0);
      this.#table[from] = code === from ? UNTOUCHED : code;
    };
    const final = (char: string): string => {
      const cased = rules.upper && char >= 'a' && char <= 'z' ? char.toUpperCase() : char;
      return rules.alike?.[cased] ?? cased;
    };
    for (let code = 0x21; code <= 0x7e; code++) {
      const char = final(String.fromCharCode(code));
      set(code, char);
      set(code + 0xfee0, char);
    }
    set(0x3000, ' ');
    for (const char of rules.drop ?? '') {
      this.#table[char.charCodeAt(0)] = DROPPED;
      const code = char.charCodeAt(0);
      if (code >= 0x21 && code <= 0x7e) this.#table[code + 0xfee0] = DROPPED;
    }
    const map = Object.entries(rules.map ?? {});
    // The full-width form of a mapped character goes the same way, unless it has an entry of its own.
    for (const [char, target] of map) {
      const code = char.charCodeAt(0);
      if (code >= 0x21 && code <= 0x7e) set(code + 0xfee0, target);
    }
    for (const [char, target] of map) set(char.charCodeAt(0), target);
    let from = '';
    let to = '';
    let dropped = '';
    for (let code = 0; code < 65536; code++) {
      const target = this.#table[code];
      if (target === DROPPED) dropped += String.fromCharCode(code);
      else if (target !== UNTOUCHED) {
        from += String.fromCharCode(code);
        to += String.fromCharCode(target as number);
      }
    }
    this.from = from + dropped;
    this.to = to;
  }

  /** The repaired text only; answers the same string when nothing had to change. */
  apply(text: string): string {
    const table = this.#table;
    let first = 0;
    while (first < text.length && table[text.charCodeAt(first)] === UNTOUCHED) first++;
    if (first === text.length) return text;
    let result = text.slice(0, first);
    for (let i = first; i < text.length; i++) {
      const code = text.charCodeAt(i);
      const target = table[code] as number;
      if (target === UNTOUCHED) result += text[i];
      else if (target !== DROPPED) result += String.fromCharCode(target);
    }
    return result;
  }

  /** The repaired text and what was changed, character by character. */
  normalise(text: string): Normalised {
    const value = this.apply(text);
    if (value === text) return { value, changes: [] };
    const changes: Change[] = [];
    for (let i = 0; i < text.length; i++) {
      const target = this.#table[text.charCodeAt(i)] as number;
      if (target === UNTOUCHED) continue;
      const from = text[i] as string;
      const to = target === DROPPED ? '' : String.fromCharCode(target);
      changes.push({ kind: kindOf(from, to), at: i + 1, from, to });
    }
    return { value, changes };
  }
}

function kindOf(from: string, to: string): Change['kind'] {
  if (to === '') return HYPHENS.includes(from) ? 'separator' : SPACES.includes(from) ? 'space' : 'form';
  const half = halfWidthCode(from.charCodeAt(0));
  const plain = String.fromCharCode(half);
  if (plain.toUpperCase() !== to.toUpperCase()) return /^[A-Za-z]$/.test(plain) ? 'look-alike' : 'form';
  return half !== from.charCodeAt(0) ? 'full-width' : 'case';
}

function halfWidthCode(code: number): number {
  if (code >= 0xff01 && code <= 0xff5e) return code - 0xfee0;
  return code === 0x3000 ? 0x20 : code;
}

const widths = new CharMap({});

/** Full-width ASCII (Ａ, １, （, ＋, 　) → half width; nothing else changes. */
export function halfWidth(text: string): string {
  return widths.apply(text);
}

/** Half-width ASCII → full width (the space becomes U+3000); for tests and for generating defects. */
export function fullWidth(text: string): string {
  return text.replace(/[!-~ ]/g, (char) =>
    char === ' ' ? '\u3000' : String.fromCharCode(char.charCodeAt(0) + 0xfee0),
  );
}

/** For codes of digits and letters without I and O: full width, case, spaces, hyphens, O → 0, I → 1. */
export const digitLike = new CharMap({ upper: true, drop: SPACES + HYPHENS, alike: { O: '0', I: '1' } });

/** For codes that use every letter (organisation codes): full width, case, spaces, hyphens. */
export const letterLike = new CharMap({ upper: true, drop: SPACES + HYPHENS });

/** True when the text is `length` ASCII digits from `start`. No allocation. */
export function digitsAt(text: string, start: number, length: number): boolean {
  for (let i = start; i < start + length; i++) {
    const code = text.charCodeAt(i);
    if (!(code >= 48 && code <= 57)) return false;
  }
  return true;
}

/** Table for char code → value of `alphabet` (its index), -1 elsewhere; index it with codes below 128 only. */
export function valueTable(alphabet: string): Int8Array {
  const table = new Int8Array(128).fill(-1);
  for (let i = 0; i < alphabet.length; i++) table[alphabet.charCodeAt(i)] = i;
  return table;
}
