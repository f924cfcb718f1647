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
  /** Tokens of telephone and account numbers that stand as the person's own in rows about them. */
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
  /** Numbers as written (identity, own telephones and accounts), for finding them in texts. Empty once the vault let go of them. */
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
  find(subject: PersonSubject): Promise<PersonalHolding[]>;
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
