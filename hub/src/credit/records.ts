/**
 * Records as they are shown: the payload of a fact taken apart by the fields of the version that cleaned it, laid
 * out by the fields of its class, every value protected.
 */
import { Problem } from '../platform/problem.ts';
import type { Cell, CreditRecord, FieldRef } from './api.ts';
import { type ClassMeta, guardOf, type Metadata } from './metadata.ts';
import { cursorInvalid } from './problems.ts';
import type { Viewer } from './view.ts';

/** U+001F stands between the values of a payload. */
export const SEPARATOR = '\u001f';

/** A fact as the views hold it. */
export type FactRow = {
  entity: number | null;
  class: number;
  day: string | null;
  fact: number | bigint;
  amount: string | null;
  payload: string;
  run: number;
  row: number;
};

/** The values of a payload in the order of the fields; null where it is blank or shorter. Marks are kept. */
export function decode(payload: string, fields: readonly FieldRef[]): (string | null)[] {
  const values = payload.split(SEPARATOR);
  return fields.map((_, i) => values[i] || null);
}

/** A payload's values laid out by the fields that the class shows. */
export function layOut(metadata: Metadata, meta: ClassMeta, run: number, payload: string): (string | null)[] {
  const received = metadata.fieldsOf(meta, run);
  const values = decode(payload, received);
  if (received === meta.fields) return values;
  const byName = new Map(received.map((f, i) => [f.name, values[i] ?? null]));
  return meta.fields.map((f) => byName.get(f.name) ?? null);
}

/** The first field of a class with a role, of the most telling of the roles given. */
export function fieldWithRole(meta: ClassMeta, ...roles: string[]): FieldRef | undefined {
  for (const role of roles) {
    const found = meta.fields.find((f) => f.role === role);
    if (found) return found;
  }
  return undefined;
}

/** Whether this person may see the days and the amounts of a class, which stand outside the payload too. */
export function seesRoles(viewer: Viewer, meta: ClassMeta): { day: boolean; amount: boolean } {
  const sees = (role: string) => {
    const field = fieldWithRole(meta, role) ?? { protection: 'public' as const };
    return viewer.see(guardOf(meta, field)) === 'plain';
  };
  return { day: sees('date'), amount: sees('amount') };
}

/** A fact as a protected record. Runs must have been learnt before. */
export function recordOf(viewer: Viewer, metadata: Metadata, meta: ClassMeta, fact: FactRow): CreditRecord {
  const values = layOut(metadata, meta, fact.run, fact.payload);
  const sees = seesRoles(viewer, meta);
  return {
    fact: String(fact.fact),
    class: fact.class,
    day: sees.day ? fact.day : null,
    amount: sees.amount ? fact.amount : null,
    run: fact.run,
    row: fact.row,
    cells: meta.fields.map((f, i) => viewer.cell(guardOf(meta, f), f.format, values[i] ?? null)),
  };
}

/** One line that stands for a record: its title, else its number, status or authority. */
export function headline(
  viewer: Viewer,
  metadata: Metadata,
  meta: ClassMeta,
  fact: Pick<FactRow, 'run' | 'payload'>,
): Cell {
  const values = layOut(metadata, meta, fact.run, fact.payload);
  for (const role of ['title', 'number', 'status', 'authority']) {
    const at = meta.fields.findIndex((f) => f.role === role);
    if (at >= 0 && values[at]) {
      return viewer.cell(guardOf(meta, meta.fields[at]!), meta.fields[at]!.format, values[at]!);
    }
  }
  return { value: null, shown: 'plain' };
}

/** A place in a sorted list as an opaque text. */
export const toCursor = (...parts: (string | number | bigint | null)[]): string =>
  Buffer.from(JSON.stringify(parts.map((p) => (typeof p === 'bigint' ? String(p) : p)))).toString('base64url');

/** Reads a cursor of so many parts; each is null or a text that its pattern describes. */
export function fromCursor(cursor: string, patterns: readonly RegExp[]): (string | null)[] {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    throw new Problem(cursorInvalid);
  }
  if (!Array.isArray(parts) || parts.length !== patterns.length) throw new Problem(cursorInvalid);
  return parts.map((part: unknown, i) => {
    if (part === null) return null;
    const text = typeof part === 'number' ? String(part) : part;
    if (typeof text !== 'string' || !patterns[i]!.test(text)) throw new Problem(cursorInvalid);
    return text;
  });
}

/** Patterns of the parts of cursors. */
export const PART = { day: /^\d{4,6}-\d{2}-\d{2}$/, number: /^-?\d{1,19}$/, decimal: /^-?\d{1,16}(\.\d+)?$/ };
