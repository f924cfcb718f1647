/**
 * Organisation code 组织机构代码 (GB 11714): 8 characters out of 0-9 A-Z and one check character out of 0-9 X, printed with a
 * hyphen before it: `D2143569-X`. check = 11 − Σ weight·value mod 11, where 10 is written X and 11 is written 0.
 */

import { letterLike, valueTable } from './characters.ts';
import { type Change, type CodeKind, type Outcome, outcome, type Reason, reason } from './kind.ts';
import { letters, randomOf } from './random.ts';

/** The parts of an organisation code. `code` is the standard form without hyphen. */
export interface Orgcode {
  code: string;
  body: string;
  check: string;
  /** As printed: body, hyphen, check. */
  printed: string;
  /** True when the parsed text carried the hyphen. */
  hyphen: boolean;
}

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const VALUES = valueTable(ALPHABET);
const WEIGHTS = new Uint8Array([3, 7, 9, 10, 5, 8, 4, 2]);
const CHECKS = '0X987654321';
const CHECK_CODES = new Uint8Array([...CHECKS].map((char) => char.charCodeAt(0)));

/** Char code of the check character for the 8 characters that begin at `start`, or -1 where one of them is not allowed. */
function checkCodeAt(text: string, start: number): number {
  let sum = 0;
  for (let i = 0; i < 8; i++) {
    const code = text.charCodeAt(start + i);
    const value = code < 128 ? (VALUES[code] as number) : -1;
    if (value < 0) return -1;
    sum += value * (WEIGHTS[i] as number);
  }
  return CHECK_CODES[sum % 11] as number;
}

/** The check character of an 8-character body, or undefined where the body is not 8 characters of the alphabet. */
export function orgcodeCheckCharacter(body: string): string | undefined {
  const code = body.length === 8 ? checkCodeAt(body, 0) : -1;
  return code < 0 ? undefined : String.fromCharCode(code);
}

/** True when the 9 characters of `text` at `start` (no hyphen) are a valid organisation code. No allocation. */
export function orgcodeValidAt(text: string, start: number): boolean {
  return text.length >= start + 9 && checkCodeAt(text, start) === text.charCodeAt(start + 8);
}

function check(text: string): boolean {
  if (text.length === 9) return checkCodeAt(text, 0) === text.charCodeAt(8);
  return text.length === 10 && text.charCodeAt(8) === 45 && checkCodeAt(text, 0) === text.charCodeAt(9);
}

function explain(text: string): Reason[] {
  if (text === '') return [reason('codes.empty')];
  const bare = text.length === 10 && text[8] === '-' ? text.slice(0, 8) + text[9] : text;
  if (bare.length !== 9) return [reason('codes.length', { part: 'length', expected: '9', got: String(bare.length) })];
  const reasons: Reason[] = [];
  for (let i = 0; i < 9; i++) {
    const got = bare[i] as string;
    const expected = i < 8 ? '0-9 A-Z' : '0-9 X';
    if (!(i < 8 ? ALPHABET : CHECKS).includes(got)) {
      reasons.push(reason('codes.character', { part: i < 8 ? 'body' : 'check', at: i + 1, expected, got }));
    }
  }
  const expected = orgcodeCheckCharacter(bare.slice(0, 8));
  if (reasons.length === 0 && expected !== bare[8]) {
    reasons.push(
      reason('codes.check-digit', { part: 'check', at: 9, expected: expected ?? '', got: bare[8] as string }),
    );
  }
  return reasons;
}

/**
 * Organisation code. O and I are letters of its alphabet, so `normalise` turns them into 0 and 1 only in the check
 * position, where the standard has no letter but X. `normalise` answers the 9 characters without hyphen.
 */
export const orgcode: CodeKind<Orgcode> = {
  name: 'orgcode',
  title: { zh: '组织机构代码', en: 'organisation code' },
  check,
  explain,
  parse(text): Outcome<Orgcode> {
    return outcome(explain(text), () => {
      const body = text.slice(0, 8);
      const last = text[text.length - 1] as string;
      return { code: body + last, body, check: last, printed: `${body}-${last}`, hyphen: text.length === 10 };
    });
  },
  normalise(text) {
    const result = letterLike.normalise(text);
    const last = result.value.length === 9 ? result.value[8] : '';
    if (last !== 'O' && last !== 'I') return result;
    const to = last === 'O' ? '0' : '1';
    const change: Change = { kind: 'look-alike', at: text.length, from: last, to };
    return { value: result.value.slice(0, 8) + to, changes: [...result.changes, change] };
  },
  format: (value) => (value.hyphen ? value.printed : value.code),
  generate(seed) {
    const body = letters(randomOf(seed), ALPHABET, 8);
    return body + orgcodeCheckCharacter(body);
  },
};

/** Letters that a unified social credit code leaves out are also left out here, so that one can stand inside the other. */
export function generateOrgcodeWithin(alphabet: string, random: () => number): string {
  const body = letters(random, alphabet, 8);
  return body + orgcodeCheckCharacter(body);
}
