/**
 * What a room says of the data of one natural person that it holds, and how it lets go of it (个人信息保护法第四十七条). The room of
 * erasure asks every room; nobody else does. A person is known here by tokens only: their number is said once and never kept.
 */
import type { Bilingual } from './i18n/index.ts';

/** Whom it is about. */
export interface PersonSubject {
  /** The matter of erasure; rows that are about the person stand under it in `v.subject_row_v1`. */
  erasure: number;
  /** Token of the normal form of the identity number. */
  norm: string;
  /** Tokens of every spelling of the identity number that the hub has. */
  citizen: readonly string[];
  /** Tokens of telephone and account numbers that stand as the person's own in rows about them, in every spelling. What is no number is none. */
  own: readonly string[];
}

/** What is done with what a room holds: deleted, emptied of the person, kept under restriction because a law says so, or nothing at all. */
export type HoldingAction = 'delete' | 'blank' | 'keep' | 'none';

/** Data of the person in one place of a room, as counts. */
export interface PersonalHolding {
  /** Stable name of the place within the room: `raw:gaj.resident-register`, `delivery:12`. */
  place: string;
  title: Bilingual;
  count: number;
  action: HoldingAction;
  /** Why it is kept, or why nothing is done. */
  ground?: Bilingual;
  /** Where an officer sees it. */
  link: string | null;
  /** The source whose class it is; decided by class. */
  source?: string;
}

/** What erasing is given. What is plain lives in memory only, for as long as a step runs. */
export interface ErasureWork {
  subject: PersonSubject;
  /** Numbers as written (identity, own telephones and accounts), for finding them in texts (see `telling`). Empty once the vault let go of them. */
  plain: readonly string[];
  /** Names under which the person stands in their own rows. Empty once those are gone. */
  names: readonly string[];
  at: Date;
  signal: AbortSignal;
}

/** What was done in one place. */
export interface ErasedPlace {
  place: string;
  title: Bilingual;
  count: number;
  action: HoldingAction;
  ground?: Bilingual;
}

/** How a room takes part. */
export interface PersonalHolder {
  /** What it holds of a person; changes nothing. */
  find(subject: PersonSubject, told: Pick<ErasureWork, 'plain' | 'names'>): Promise<PersonalHolding[]>;
  /** Lets go of it. Idempotent: broken off at any point it is called again, and what is done is not done twice. */
  erase(work: ErasureWork): Promise<{
    done: ErasedPlace[] /** Tables of the lake that hold former values in their blocks. */;
    rewrite: string[];
  }>;
}

/** Condition that a text holds one of the needles; they are given as parameters `n0 … n<k>` to the engine of the lake. */
export function containsAny(
  column: string,
  needles: readonly string[],
): { sql: string; params: Record<string, string> } {
  if (needles.length === 0) return { sql: 'false', params: {} };
  return {
    sql: `(${needles.map((_, i) => `contains(${column}, $n${i})`).join(' OR ')})`,
    params: Object.fromEntries(needles.map((n, i) => [`n${i}`, n])),
  };
}

/** A list for a parameter of the lake, which takes no empty one: then one of something that no value is. */
export const listed = (values: readonly string[]): readonly string[] => (values.length > 0 ? values : ['\u0001']);

/** What stands where a number was. */
export const GONE = '***';

/** A shorter number (a landline without its area code) is the same as many that mean something else: in texts it tells nobody. */
const TELLING = 11;

/** Of some originals those that tell a person wherever they stand in a text; an identity number also with its other `x`. */
export const telling = (originals: readonly string[]): string[] => [
  ...new Set(
    originals
      .filter((o) => o.length >= TELLING && /\d{7}/.test(o.replaceAll(/[\s-]/g, '')))
      .flatMap((o) => (/^\d{17}x$/i.test(o) ? [o, `${o.slice(0, 17)}x`, `${o.slice(0, 17)}X`] : [o])),
  ),
];

const numbersIn = (plain: readonly string[]): RegExp =>
  new RegExp(
    `(?<![0-9])(?:${plain.map((n) => n.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|')})(?![0-9])`,
    'g',
  );

/** Whether one of the numbers stands in a text by itself, not as a part of a longer one. */
export const saysNumber = (text: string, plain: readonly string[]): boolean =>
  plain.length > 0 && numbersIn(plain).test(text);

/** A text without the numbers, and without the names where it is known to be about the person. */
export function withoutWords(text: string, plain: readonly string[], names: readonly string[] = []): string {
  const rest = plain.length > 0 ? text.replaceAll(numbersIn(plain), GONE) : text;
  return names.filter((n) => n.length > 1).reduce((t, n) => t.replaceAll(n, GONE), rest);
}

/** The same in everything that a JSON value says. */
export function withoutWordsIn<T>(value: T, plain: readonly string[], names: readonly string[] = []): T {
  if (typeof value === 'string') return withoutWords(value, plain, names) as T;
  if (typeof value === 'number') return (saysNumber(String(value), plain) ? null : value) as T;
  if (Array.isArray(value)) return value.map((v) => withoutWordsIn(v, plain, names)) as T;
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, withoutWordsIn(v, plain, names)])) as T;
}
