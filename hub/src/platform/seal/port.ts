/**
 * Seals (签封) as rooms see them: whatever must be provable later is handed in as an imprint, in the same transaction as the thing itself, and gets a
 * keyless signature within seconds; a hub that stops in between signs it after its next start. Bytes never come here, only their imprints.
 */
import type { AggregationLink, Origin } from '@jingwei/keyless';
import type { Kysely } from 'kysely';
import type { AnyTables } from '../db/index.ts';
import type { Bilingual } from '../i18n/index.ts';

/** What kinds of things are sealed. */
export const sealKinds = [
  'run',
  'delivery',
  'export',
  'audit',
  'golden',
  'rule',
  'archive',
  'archive-step',
  'file',
] as const;
export type SealKind = (typeof sealKinds)[number];

/** Something to be sealed. */
export interface SealSubject {
  kind: SealKind;
  /** Which one within its kind: the number of a run, the id of a delivery, `1-5000` of a stretch of the audit. */
  subject: string;
  /** What it is called on certificates; no personal data. */
  title: Bilingual;
  /** Organisation whose it is; null for the city's own. Becomes the origin in the signature. */
  organisation: string | null;
  /** Imprint (algorithm's number and digest) of the content, or of the root of a tree over it. */
  imprint: Uint8Array;
  /** Height of the tree of which the imprint is the root; 0 for a document. */
  level?: number;
  /** What else a certificate tells, without personal data: counts, names of files, versions. */
  facts?: Record<string, string | number>;
}

/** A seal as it is kept. */
export interface Seal extends Required<SealSubject> {
  id: number;
  /** Unguessable number of its certificate, for links that need no account (`/verify?ref=…`). */
  reference: string;
  state: 'pending' | 'sealed';
  requestedAt: Date;
  /** Signing time that the signature proves; null while pending. */
  signedAt: Date | null;
  /** Second of the publication to which the signature was extended; null before. */
  publishedAt: Date | null;
  /** The signature's bytes; null while pending. */
  signature: Uint8Array | null;
}

/** What rooms may ask of the sealing part of the platform. */
export interface SealPort {
  /**
   * Asks for a seal; durable together with the transaction whose handle is given. The same kind, subject and imprint is one seal however
   * often it is asked for. Answers its id.
   */
  request(subject: SealSubject, trx?: Kysely<AnyTables>): Promise<number>;
  /** Asks for many seals at once, outside of a transaction; those that were asked for before stay as they are. */
  requestAll(subjects: readonly SealSubject[]): Promise<void>;
  get(id: number): Promise<Seal | undefined>;
  /** All seals of one thing, the newest first. */
  of(kind: SealKind, subject: string): Promise<Seal[]>;
  /** Which of these subjects of a kind were asked for already: how what stands elsewhere is held against it. */
  known(kind: SealKind, subjects: readonly string[]): Promise<Set<string>>;
  /** Waits until it is sealed. Problem `seal.pending` when it is not in time. */
  sealed(id: number, timeoutMs?: number): Promise<Seal>;
  /** Signature of one leaf under a sealed root: a record taken out of its tree. Problems `seal.pending`, `seal.unknown`. */
  proofOf(id: number, leaf: { imprint: Uint8Array; links: AggregationLink[]; algorithm: number }): Promise<Uint8Array>;
  /** A signature at once, kept nowhere. */
  sign(imprint: Uint8Array, options?: { level?: number; origin?: Origin }): Promise<Uint8Array>;
  /** What signatures are verified against where this hub is not at hand: its publications file and the root certificate (PEM). */
  anchors(): Promise<{ publicationsFile: Uint8Array; root: string }>;
}
