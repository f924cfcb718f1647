/**
 * Citizen identity number 公民身份号码 (GB 11643-1999): 6 digits division, 8 birth date, 3 sequence (odd: male), 1 check character
 * out of `10X98765432`[Σ weight·digit mod 11]. Numbers of the old form (until 1999) have 15 digits: two digits of the year, no check.
 */

import { digitLike, digitsAt } from './characters.ts';
import { divisionKnown, provinceKnown } from './division-known.ts';
import { divisionAt } from './divisions.ts';
import { type CodeKind, type Normalised, type Outcome, outcome, type Reason, reason } from './kind.ts';
import { below, pick, type Random, randomOf } from './random.ts';

/** The parts of an identity number. */
export interface CitizenId {
  /** The 18-character form. */
  code: string;
  /** The text that was parsed: 18 characters, or 15 digits of the old form. */
  form: 'current' | 'old';
  division: string;
  /** Name of the division on the day of birth (or, where the code came later, its first name); undefined when unknown. */
  divisionName: string | undefined;
  /** ISO date, `1949-12-31`. */
  birth: string;
  sex: 'male' | 'female';
  sequence: string;
  check: string;
}

/** Options of `explain` and `parse`: with `today` (ISO date) a birth date after it is an error. */
export interface CitizenIdOptions {
  today?: string;
}

const WEIGHTS = new Uint8Array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]);
const CHECKS = '10X98765432';
const CHECK_CODES = new Uint8Array([...CHECKS].map((char) => char.charCodeAt(0)));
const MONTH_DAYS = new Uint8Array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]);

/** Years of birth that a number may carry; the standard's own example is of 1880. */
export const BIRTH_YEARS = { first: 1800, last: 2099 } as const;

function number(text: string, start: number, length: number): number {
  let value = 0;
  for (let i = start; i < start + length; i++) value = value * 10 + text.charCodeAt(i) - 48;
  return value;
}

function dateExists(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return day <= (MONTH_DAYS[month] as number) + (leap ? 1 : 0);
}

/** Char code of the check character of 17 digits at the start of the text (which must be digits). */
function checkCode(text: string): number {
  let sum = 0;
  for (let i = 0; i < 17; i++) sum += (text.charCodeAt(i) - 48) * (WEIGHTS[i] as number);
  return CHECK_CODES[sum % 11] as number;
}

/** The check character of the first 17 digits, or undefined where they are not 17 digits. */
export function citizenIdCheckCharacter(first17: string): string | undefined {
  return first17.length === 17 && digitsAt(first17, 0, 17) ? String.fromCharCode(checkCode(first17)) : undefined;
}

function check(text: string): boolean {
  if (text.length !== 18 || !digitsAt(text, 0, 17)) return false;
  if (checkCode(text) !== text.charCodeAt(17) || !provinceKnown(number(text, 0, 2))) return false;
  const year = number(text, 6, 4);
  return (
    year >= BIRTH_YEARS.first && year <= BIRTH_YEARS.last && dateExists(year, number(text, 10, 2), number(text, 12, 2))
  );
}

function checkOld(text: string): boolean {
  return (
    text.length === 15 &&
    digitsAt(text, 0, 15) &&
    provinceKnown(number(text, 0, 2)) &&
    dateExists(oldYear(text), number(text, 8, 2), number(text, 10, 2))
  );
}

/** Sequences 996-999 of the old form were kept for people who were over a hundred: born in the 1800s. */
function oldYear(text: string): number {
  return (number(text, 12, 3) >= 996 ? 1800 : 1900) + number(text, 6, 2);
}

/** 15 digits of the old form → 18 characters; undefined where the old number itself is not valid. */
export function upgradeCitizenId(old: string): string | undefined {
  if (!checkOld(old)) return undefined;
  const first17 = `${old.slice(0, 6)}${oldYear(old)}${old.slice(8)}`;
  return first17 + String.fromCharCode(checkCode(first17));
}

function wrongCharacters(text: string): Reason[] {
  const reasons: Reason[] = [];
  for (let i = 0; i < text.length; i++) {
    const got = text[i] as string;
    const last = i === 17;
    if ((got >= '0' && got <= '9') || (last && got === 'X')) continue;
    const birthEnd = text.length === 18 ? 14 : 12;
    const part = i < 6 ? 'division' : i < birthEnd ? 'birth' : last ? 'check' : 'sequence';
    reasons.push(reason('codes.character', { part, at: i + 1, expected: last ? '0-9 X' : '0-9', got }));
  }
  return reasons;
}

function explainParts(text: string, year: number, monthAt: number, options: CitizenIdOptions): Reason[] {
  const reasons: Reason[] = [];
  const birth = `${year}-${text.slice(monthAt, monthAt + 2)}-${text.slice(monthAt + 2, monthAt + 4)}`;
  if (
    year < BIRTH_YEARS.first ||
    year > BIRTH_YEARS.last ||
    !dateExists(year, number(text, monthAt, 2), number(text, monthAt + 2, 2))
  ) {
    reasons.push(reason('codes.birth-date', { part: 'birth', at: 7, got: birth }));
  } else if (options.today !== undefined && birth > options.today) {
    reasons.push(reason('codes.birth-in-future', { part: 'birth', at: 7, got: birth, expected: options.today }));
  }
  const division = text.slice(0, 6);
  if (!provinceKnown(number(text, 0, 2))) {
    reasons.push(reason('codes.province', { part: 'division', at: 1, got: text.slice(0, 2) }));
  } else if (!divisionKnown(division) && !['81', '82', '83', '71'].includes(text.slice(0, 2))) {
    reasons.push(reason('codes.division', { part: 'division', at: 1, got: division, severity: 'warning' }));
  }
  return reasons;
}

function explain(text: string, options: CitizenIdOptions = {}): Reason[] {
  if (text === '') return [reason('codes.empty')];
  const upgraded = upgradeCitizenId(text);
  if (upgraded) return [reason('codes.old-form', { part: 'length', expected: upgraded, got: text })];
  if (text.length !== 18) {
    return [reason('codes.length', { part: 'length', expected: '18', got: String(text.length) })];
  }
  const reasons = wrongCharacters(text);
  if (reasons.length > 0) return reasons;
  reasons.push(...explainParts(text, number(text, 6, 4), 10, options));
  const expected = String.fromCharCode(checkCode(text));
  if (expected !== text[17]) {
    reasons.push(reason('codes.check-digit', { part: 'check', at: 18, expected, got: text[17] as string }));
  }
  return reasons;
}

function explainOld(text: string, options: CitizenIdOptions = {}): Reason[] {
  if (text === '') return [reason('codes.empty')];
  if (text.length !== 15) {
    return [reason('codes.length', { part: 'length', expected: '15', got: String(text.length) })];
  }
  const reasons = wrongCharacters(text);
  return reasons.length > 0 ? reasons : explainParts(text, oldYear(text), 8, options);
}

/** Takes a valid 18-character number apart. */
function parts(code: string, form: CitizenId['form']): CitizenId {
  const division = code.slice(0, 6);
  const year = number(code, 6, 4);
  return {
    code,
    form,
    division,
    divisionName: (divisionAt(division, year) ?? divisionAt(division))?.name,
    birth: `${code.slice(6, 10)}-${code.slice(10, 12)}-${code.slice(12, 14)}`,
    sex: (code.charCodeAt(16) & 1) === 1 ? 'male' : 'female',
    sequence: code.slice(14, 17),
    check: code[17] as string,
  };
}

/** What `citizenId.generate` can be asked for. `birth` is an ISO date. */
export interface CitizenIdWishes {
  division?: string;
  birth?: string;
  sex?: 'male' | 'female';
}

function first17(random: Random, wishes: CitizenIdWishes): string {
  const division = wishes.division ?? pick(random, ['330282', '330281', '330203', '330211', '330227', '371302']);
  const birth =
    wishes.birth?.replaceAll('-', '') ??
    new Date(Date.UTC(1940, 0, 1) + below(random, 28000) * 86400000).toISOString().slice(0, 10).replaceAll('-', '');
  // 996-999 are left to people who were over a hundred when the old numbers were given.
  let sequence = below(random, 994) + 1;
  if (wishes.sex !== undefined && (sequence % 2 === 1) !== (wishes.sex === 'male')) sequence++;
  return division + birth + String(sequence).padStart(3, '0');
}

/**
 * Identity number of 18 characters. Errors: length (a valid old 15-digit number says its new form), characters, birth date, province,
 * check character. Warning: a division that no table knows.
 */
export const citizenId: CodeKind<CitizenId, CitizenIdWishes, CitizenIdOptions> = {
  name: 'citizen-id',
  title: { zh: '公民身份号码', en: 'citizen identity number' },
  check,
  explain,
  parse(text, options): Outcome<CitizenId> {
    return outcome(explain(text, options), () => parts(text, 'current'));
  },
  normalise: (text): Normalised => digitLike.normalise(text),
  format: (value) => value.division + value.birth.replaceAll('-', '') + value.sequence + value.check,
  generate(seed, wishes = {}) {
    const first = first17(randomOf(seed), wishes);
    return first + citizenIdCheckCharacter(first);
  },
};

/** Identity number of the old form, 15 digits; `parse` answers the parts with the 18-character form in `code`. */
export const citizenId15: CodeKind<CitizenId, CitizenIdWishes, CitizenIdOptions> = {
  name: 'citizen-id-15',
  title: { zh: '15位身份证号码', en: 'identity number of 15 digits' },
  check: checkOld,
  explain: explainOld,
  parse(text, options): Outcome<CitizenId> {
    return outcome(explainOld(text, options), () => parts(upgradeCitizenId(text) as string, 'old'));
  },
  normalise: (text): Normalised => digitLike.normalise(text),
  format: (value) => value.division + value.birth.replaceAll('-', '').slice(2) + value.sequence,
  generate(seed, wishes = {}) {
    const random = randomOf(seed);
    const birth = wishes.birth ?? `19${40 + below(random, 59)}-0${1 + below(random, 9)}-${10 + below(random, 19)}`;
    const first = first17(random, { ...wishes, birth });
    return first.slice(0, 6) + first.slice(8);
  },
};
