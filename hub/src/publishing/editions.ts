/** Editions (版本) in the lake: one table each, kept, so that a new one can be held against what earlier ones told. */
import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import type { AnyTables } from '../platform/db/index.ts';
import type { Bilingual } from '../platform/i18n/index.ts';
import type { OpenField } from './plan.ts';

export const editionTables: readonly string[] = ['CREATE SCHEMA IF NOT EXISTS pub'];

/** Table of an edition. */
export const tableOf = (edition: number): string => `pub.e${Math.trunc(edition)}`;

/** How many earlier editions a new one is held against. */
export const COMPARED = 12;

/** A file of an edition. */
export interface EditionFile {
  format: 'csv' | 'parquet' | 'json' | 'ndjson' | 'xlsx';
  sha256: string;
  bytes: number;
  seal: number;
}

/** An edition as it is kept. */
export interface EditionRow {
  id: number;
  dataset: number;
  number: number;
  state: 'making' | 'open' | 'held' | 'failed' | 'withdrawn';
  rows: number | null;
  fields: OpenField[];
  files: EditionFile[];
  changes: { added: number; removed: number; note: Bilingual | null } | null;
  check_run: number | null;
  made_at: Date;
  opened_at: Date | null;
}

/** Nobody has the editions of a dataset any more; what they told is still known, so they stay in the lake. */
export const withdrawEditions = (trx: Kysely<AnyTables>, dataset: number): Promise<unknown> =>
  sql`UPDATE publishing.edition SET state = 'withdrawn' WHERE dataset = ${dataset} AND state = 'open'`.execute(trx);

/** Editions of a dataset, the newest first. */
export const editionsOf = async (
  db: Kysely<AnyTables>,
  dataset: number,
  state: EditionRow['state'] | null = null,
  limit = 100,
): Promise<EditionRow[]> =>
  (
    await sql<EditionRow>`SELECT id, dataset, number, state, rows, fields, files, changes, check_run, made_at, opened_at
      FROM publishing.edition WHERE dataset = ${dataset} AND (${state}::text IS NULL OR state = ${state})
      ORDER BY number DESC LIMIT ${limit}`.execute(db)
  ).rows;
