/**
 * Business registration number 工商注册号 (GS 15-2006), 15 digits, used until 2015: 6 digits of the registering authority, 8 of
 * sequence, 1 check digit by ISO 7064 MOD 11,10.
 */

import { digitLike, digitsAt } from './characters.ts';
import { divisionKnown } from './division-known.ts';
import { type CodeKind, type Outcome, outcome, type Reason, reason } from './kind.ts';
import { letters, randomOf } from './random.ts';

/** The parts of a registration number. */
export interface Regno {
  code: string;
  /** Registering authority: mostly a division of GB/T 2260; 100000 is the State Administration. */
  authority: string;
  sequence: string;
  /** By the first digit of the sequence: 0-3 domestic, 4-5 foreign-invested, 6-9 individual business. */
  kind: 'domestic' | 'foreign' | 'individual';
  check: string;
}

/** One step of MOD 11,10 for every state p (1-10) and digit: a look-up is faster than two divisions that wait for each other. */
const STEP = new Uint8Array(110);
for (let p = 1; p <= 10; p++) {
  for (let digit = 0; digit < 10; digit++) STEP[p * 10 + digit] = (((p + digit) % 10 || 10) * 2) % 11;
}

/** Check digit of the 14 digits at the start of `text` (which must be digits). */
function checkDigit(text: string): number {
  let p = 10;
  for (let i = 0; i < 14; i++) p = STEP[p * 10 + text.charCodeAt(i) - 48] as number;
  return (11 - p) % 10;
}

/** The check digit of 14 digits, or undefined where they are not 14 digits. */
export function regnoCheckDigit(first14: string): string | undefined {
  return first14.length === 14 && digitsAt(first14, 0, 14) ? String(checkDigit(first14)) : undefined;
}

function check(text: string): boolean {
  return text.length === 15 && digitsAt(text, 0, 15) && checkDigit(text) === text.charCodeAt(14) - 48;
}

function explain(text: string): Reason[] {
  if (text === '') return [reason('codes.empty')];
  if (text.length !== 15) {
    return [reason('codes.length', { part: 'length', expected: '15', got: String(text.length) })];
  }
  const reasons: Reason[] = [];
  for (let i = 0; i < 15; i++) {
    const got = text[i] as string;
    if (!(got >= '0' && got <= '9')) {
      const part = i < 6 ? 'authority' : i < 14 ? 'sequence' : 'check';
      reasons.push(reason('codes.character', { part, at: i + 1, expected: '0-9', got }));
    }
  }
  if (reasons.length > 0) return reasons;
  const expected = String(checkDigit(text));
  if (expected !== text[14]) {
    reasons.push(reason('codes.check-digit', { part: 'check', at: 15, expected, got: text[14] as string }));
  }
  const authority = text.slice(0, 6);
  if (!divisionKnown(authority)) {
    reasons.push(reason('codes.division', { part: 'authority', at: 1, got: authority, severity: 'warning' }));
  }
  return reasons;
}

/** Business registration number of 15 digits. Errors: length, digits, check digit. Warning: an unknown authority. */
export const regno: CodeKind<Regno, { authority?: string; kind?: Regno['kind'] }> = {
  name: 'regno',
  title: { zh: '工商注册号', en: 'business registration number' },
  check,
  explain,
  parse(text): Outcome<Regno> {
    return outcome(explain(text), () => {
      const first = text.charCodeAt(6) - 48;
      const kind = first <= 3 ? 'domestic' : first <= 5 ? 'foreign' : 'individual';
      return { code: text, authority: text.slice(0, 6), sequence: text.slice(6, 14), kind, check: text[14] as string };
    });
  },
  normalise: (text) => digitLike.normalise(text),
  format: (value) => value.authority + value.sequence + value.check,
  generate(seed, wishes = {}) {
    const random = randomOf(seed);
    const lead = { domestic: '0123', foreign: '45', individual: '6789' }[wishes.kind ?? 'domestic'];
    const first14 = (wishes.authority ?? '330282') + letters(random, lead, 1) + letters(random, '0123456789', 7);
    return first14 + regnoCheckDigit(first14);
  },
};
