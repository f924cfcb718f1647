/** Archives in the operational store. */
import { type Kysely, sql } from 'kysely';
import type { AnyTables, Db } from '../platform/db/index.ts';
import { Problem } from '../platform/problem.ts';
import type { Outcome, Phase } from './checks.ts';
import { type Metadata, metadataTitles } from './metadata.ts';
import { unknownArchive } from './problems.ts';

export const states = {
  draft: { zh: '草稿', en: 'Draft' },
  submitted: { zh: '检测中', en: 'Being checked' },
  failed: { zh: '检测未通过', en: 'Checks failed' },
  passed: { zh: '待归档', en: 'To be archived' },
  archived: { zh: '签封中', en: 'Being sealed' },
  preserved: { zh: '在库', en: 'Kept' },
  destroyed: { zh: '已销毁', en: 'Destroyed' },
} as const;
export type State = keyof typeof states;
/** States in which an archive is one: it has its code and seal. */
export const kept: readonly State[] = ['archived', 'preserved'];

/** An archive as it is kept. */
export interface ArchiveRow {
  id: number;
  state: State;
  condition: 'unknown' | 'sound' | 'damaged';
  organisation: string;
  depositor: string;
  depositor_id: string;
  package: boolean;
  metadata: Metadata;
  reference: string | null;
  folder: string | null;
  item: number | null;
  personal: boolean;
  controlled: boolean;
  created_at: Date;
  archived_at: Date | null;
  verified_at: Date | null;
  destroyed_at: Date | null;
  steps: number;
  head: Uint8Array;
}

/** A file of an archive. */
export interface FileRow {
  archive: number;
  no: number;
  name: string;
  role: 'main' | 'attachment';
  bytes: number;
  sha256: string;
  declared_sha256: string | null;
  declared_bytes: number | null;
  software: string | null;
  format: string | null;
  removed: boolean;
}

/** An examination. */
export interface ExaminationRow {
  id: number;
  archive: number;
  phase: Phase;
  at: Date;
  by_login: string | null;
  outcome: 'passed' | 'warned' | 'failed';
  items: Outcome[];
  grounds: Record<string, string>;
}

/** A seal of an archive; the highest number is the one in force. */
export interface GenerationRow {
  archive: number;
  no: number;
  seal: number;
  algorithm: number;
  leaves: string[];
  metadata: string;
  level: number;
  root: string;
  at: Date;
}

const columns = `id, state, condition, organisation, depositor, depositor_id, package, metadata, reference, folder, item, personal,
  controlled, created_at, archived_at, verified_at, destroyed_at, steps, head`;

/** The archive of a number; Problem `archives.unknown`. */
export async function archiveRow(db: Db, id: number): Promise<ArchiveRow> {
  const rows = await db.query<ArchiveRow>(`SELECT ${columns} FROM archives.archive WHERE id = $1`, [id]);
  if (!rows[0]) throw new Problem(unknownArchive, { id });
  return rows[0];
}

/** The same inside a transaction, locked until its end. */
export async function lockedRow(trx: Kysely<AnyTables>, id: number): Promise<ArchiveRow> {
  const found = await sql<ArchiveRow>`
    SELECT ${sql.raw(columns)} FROM archives.archive WHERE id = ${id} FOR UPDATE`.execute(trx);
  if (!found.rows[0]) throw new Problem(unknownArchive, { id });
  return found.rows[0];
}

/** The files of an archive by their numbers. */
export const filesOf = (db: Db, archive: number): Promise<FileRow[]> =>
  db.query<FileRow>('SELECT * FROM archives.file WHERE archive = $1 ORDER BY no', [archive]);

/** Its examinations, the newest first. */
export const examinationsOf = (db: Db, archive: number, limit = 20): Promise<ExaminationRow[]> =>
  db.query<ExaminationRow>('SELECT * FROM archives.examination WHERE archive = $1 ORDER BY id DESC LIMIT $2', [
    archive,
    limit,
  ]);

/** Its seals, the newest first. */
export const generationsOf = (db: Db, archive: number): Promise<GenerationRow[]> =>
  db.query<GenerationRow>('SELECT * FROM archives.generation WHERE archive = $1 ORDER BY no DESC', [archive]);

/** Pairs of characters of a text in lower case without white space: what makes a search by any part of a word fast. */
export function pairsOf(text: string): string[] {
  const found = new Set<string>();
  for (const word of text.toLowerCase().split(/\s+/u)) {
    const characters = [...word];
    for (let i = 0; i + 1 < characters.length; i++) found.add(characters[i]! + characters[i + 1]!);
  }
  return [...found];
}

/** What of metadata is searched: every text in it. */
export function searchable(metadata: Metadata, reference: string | null, files: readonly string[]): string {
  const values = Object.keys(metadataTitles).flatMap((key) => metadata[key as keyof Metadata] ?? []);
  return [reference ?? '', ...values, ...files].map(String).join(' ').toLowerCase();
}

/** Writes what follows from metadata, code and files: the search text and the mark of control. A restricted one is found by its code only. */
export async function refresh(trx: Kysely<AnyTables>, id: number): Promise<void> {
  const { metadata, reference } = await lockedRow(trx, id);
  const { rows } = await sql<{ restricted: boolean }>`SELECT restricted FROM archives.archive WHERE id = ${id}`.execute(
    trx,
  );
  const restricted = rows[0]?.restricted === true;
  const names = await sql<{ name: string }>`SELECT name FROM archives.file WHERE archive = ${id} ORDER BY no`.execute(
    trx,
  );
  const haystack = restricted
    ? (reference ?? '').toLowerCase()
    : searchable(
        metadata,
        reference,
        names.rows.map((f) => f.name),
      );
  await sql`UPDATE archives.archive SET haystack = ${haystack}, tokens = ${pairsOf(haystack)}::text[],
    controlled = ${restricted || metadata.opening === 'controlled'} WHERE id = ${id}`.execute(trx);
}
