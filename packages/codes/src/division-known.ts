/** Which six-digit codes ever were in the division table: a bit set, built at the first question, cheap enough for `explain`. */

import { DIVISION_LINES } from './division-data.ts';

let bits: Uint8Array | undefined;

function build(): Uint8Array {
  const set = new Uint8Array(125000);
  const add = (code: number) => {
    set[code >> 3] = (set[code >> 3] as number) | (1 << (code & 7));
  };
  // 100000 stands for the state itself: codes registered by the State Administration carry it.
  add(100000);
  for (const line of DIVISION_LINES) {
    let prefecture = '';
    for (const entry of line.slice(3).split(',')) {
      const four = entry.charCodeAt(2) >= 48 && entry.charCodeAt(2) <= 57;
      if (four) prefecture = entry.slice(0, 2);
      add(Number(line.slice(0, 2) + prefecture + (four ? entry.slice(2, 4) : entry.slice(0, 2))));
    }
  }
  return set;
}

/** True when the code is, or was in any year since 1980, a division (or 100000, the state). */
export function divisionKnown(code: string): boolean {
  if (code.length !== 6) return false;
  const number = Number(code);
  if (!Number.isInteger(number)) return false;
  bits ??= build();
  return ((bits[number >> 3] as number) & (1 << (number & 7))) !== 0;
}

/** First two digits of every province, municipality, region, and of the residence permits of Hong Kong, Macao and Taiwan (83). */
const PROVINCES = new Uint8Array(100);
for (const code of [
  11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52, 53, 54, 61, 62, 63,
  64, 65, 71, 81, 82, 83,
]) {
  PROVINCES[code] = 1;
}

/** True when `code` (0-99) is the number of a province. */
export function provinceKnown(code: number): boolean {
  return PROVINCES[code] === 1;
}

/** The provinces as two-digit texts, for SQL. */
export function provinceCodes(): string[] {
  return [...PROVINCES.keys()].filter((code) => PROVINCES[code] === 1).map(String);
}
