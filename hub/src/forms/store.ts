/** Rows of the store and how they are read; writing is the services'. */
import { sql } from 'kysely';
import { Problem } from '../platform/problem.ts';
import type { Design, Values } from './design.ts';
import type { Trx } from './ports.ts';
import { unknownForm, unknownVersion } from './problems.ts';

export type State = 'draft' | 'submitted' | 'checked' | 'accepted' | 'returned' | 'withdrawn';

export interface FormRow {
  id: number;
  organisation: string;
  name: string;
  state: 'draft' | 'published' | 'retired';
  published: number | null;
  draft: Design | null;
  revision: number;
  source: string | null;
  updated_at: Date;
}

export interface RecordRow {
  id: string;
  form: number;
  version: number;
  state: State;
  values: Values;
  caption: string;
  revision: number;
  cursor: number;
  filled_by: string;
  filled_name: string;
  collected_at: Date | null;
  received_at: Date;
  updated_at: Date;
  conflicts: number;
  due: string | null;
  reason: string | null;
  known: boolean;
}

export interface ChangeRow {
  seq: number;
  record: string;
  revision: number;
  action: string;
  by_login: string;
  by_name: string;
  at: Date;
  device_at: Date | null;
  device: string | null;
  operation: string | null;
  from_state: State | null;
  to_state: State | null;
  reason: string | null;
  version: number;
  values: Values | null;
  base: number | null;
  conflict: boolean;
  settled_by: string | null;
  settled_at: Date | null;
}

/** A form; an unknown one is a Problem. */
export async function formOf(db: Trx, id: number): Promise<FormRow> {
  const found = await sql<FormRow>`SELECT * FROM forms.form WHERE id = ${id}`.execute(db);
  if (!found.rows[0]) throw new Problem(unknownForm, { form: id });
  return found.rows[0];
}

/** The design of a version; an unknown one is a Problem. */
export async function designOf(db: Trx, form: number, version: number): Promise<Design> {
  const found = await sql<{ design: Design }>`SELECT design FROM forms.version
    WHERE form = ${form} AND version = ${version}`.execute(db);
  if (!found.rows[0]) throw new Problem(unknownVersion, { version });
  return found.rows[0].design;
}

/** A record, or undefined. */
export async function recordOf(db: Trx, id: string): Promise<RecordRow | undefined> {
  return (await sql<RecordRow>`SELECT * FROM forms.record WHERE id = ${id}::uuid`.execute(db)).rows[0];
}

/** The next place in the order of changes; only while the room's lock is held. */
export async function nextCursor(trx: Trx): Promise<number> {
  return (await sql<{ n: number }>`SELECT nextval('forms.cursor') AS n`.execute(trx)).rows[0]!.n;
}
