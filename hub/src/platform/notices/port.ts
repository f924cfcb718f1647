/** What rooms know of notices: one call in the transaction of what happens, one when the matter is over. */
import type { Kysely } from 'kysely';
import type { Permission, Role } from '../auth/principal.ts';
import type { AnyTables } from '../db/index.ts';
import type { Bilingual } from '../i18n/index.ts';
import type { KindName } from './kinds.ts';

/** A transaction, or the store itself. */
export type Trx = Kysely<AnyTables>;

/** How much it matters: `info` may wait for a digest, `urgent` breaks through quiet hours. */
export const urgencies = ['info', 'normal', 'urgent'] as const;
export type Urgency = (typeof urgencies)[number];

/** Whom a notice is for; found out when it is dispatched. An organisation alone: all of it who may open where the notice leads. */
export type Recipient = { account: string } | { role: Role; organisation?: string | null } | { organisation: string };

/** Where a notice leads, for who holds the permission; null: for everybody. */
export interface Link {
  needs: Permission | null;
  to: string;
}

/** Whom it goes to when nobody heard it for so long (`4 working-hours`, see platform/law). */
export interface EscalationStep {
  within: string;
  to: readonly Recipient[];
}

/** Something to be told. Titles and texts hold no personal data: they leave the hub by mail and messages. */
export interface Notice {
  /** Names it for ever: told twice to the same person it is one notice. */
  key: string;
  kind: KindName;
  urgency?: Urgency;
  to: readonly Recipient[];
  title: Bilingual;
  text: Bilingual;
  /** A path of the console; several where people of different permissions handle it on different pages. */
  link: string | readonly Link[];
  /** The thing that it is about: `sharing-request/12`. */
  about: string;
  /** After this instant nobody new is told and nothing is sent any more. */
  expires?: Date;
  /** The kind's own steps by default; empty: none. */
  escalate?: readonly EscalationStep[] | undefined;
}

/** Somebody stands in for somebody, by logins; `kinds`: beginnings of the kinds of notices that it holds for. */
export interface Deputyship {
  head: string;
  deputy: string;
  kinds: readonly string[];
}

/** Notices as rooms see them. */
export interface NoticePort {
  /** Tells in the caller's transaction: kept with it or not at all. The same key with another text changes what was not delivered yet. */
  tell(trx: Trx, notices: Notice | readonly Notice[]): Promise<void>;
  /** The matter is over: its notices are settled, nothing waiting is sent, nothing escalates. By key, or of a kind about a thing. */
  withdraw(trx: Trx, which: string | { kind: KindName; about: string }): Promise<void>;
  /** What open matters of a kind are about. */
  open(kind: KindName, trx?: Trx): Promise<Set<string>>;
  /** A room that knows deputies of its own tells of those in force on a day. */
  deputies(source: (trx: Trx, day: string) => Promise<Deputyship[]>): void;
}
