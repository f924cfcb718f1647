/** Rows over the open API: filters in an address, a cursor that ends with its edition, JSON, CSV or NDJSON. */
import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { Problem } from '../../platform/problem.ts';
import { csvLine } from '../../platform/sheet/index.ts';
import type { PublishingPorts } from '../ports.ts';
import { cursorStale, filterWrong } from '../problems.ts';
import { type OpenDataset, type OpenFilter, openDataset, openRows, type RowsQuery, rowOperators } from '../rows.ts';
import type { rowsQuery } from './api.ts';

type Query = z.output<typeof rowsQuery>;

/** `item:operator:value` as a condition. */
export function filterIn(text: string): OpenFilter {
  const [item = '', is = '', ...rest] = text.split(':');
  if (!(rowOperators as readonly string[]).includes(is))
    throw new Problem(filterWrong, { what: text.slice(0, 60) }, { field: 'filter' });
  const value = rest.join(':');
  const none = is === 'present' || is === 'absent';
  return { item, is: is as OpenFilter['is'], values: none ? [] : is === 'in' ? value.split('|') : [value] };
}

const list = (text: string | undefined): string[] =>
  (text ?? '')
    .split(',')
    .map((t) => t.trim())
    .filter(Boolean);

/** What a query asks for, but for its place. */
const wanted = (q: Query): Omit<RowsQuery, 'offset'> => ({
  fields: list(q.fields),
  filters: (q.filter ?? []).map(filterIn),
  ...(q.q === undefined ? {} : { q: q.q }),
  sort: list(q.sort).map((s) =>
    s.startsWith('-') ? { item: s.slice(1), descending: true } : { item: s, descending: false },
  ),
  limit: q.limit,
});

/** A cursor holds the edition, what was asked and how far it came: nothing that one could not have asked for. */
function cursorFor(d: OpenDataset, q: Query, offset: number): string {
  return Buffer.from(`${d.edition.id}.${asked(q)}.${offset}`).toString('base64url');
}
const asked = (q: Query): string =>
  createHash('sha256')
    .update(JSON.stringify([q.fields, q.filter, q.q, q.sort]))
    .digest('hex')
    .slice(0, 12);

function offsetIn(d: OpenDataset, q: Query): number {
  if (q.cursor === undefined) return 0;
  const [edition, hash, offset, more] = Buffer.from(q.cursor, 'base64url').toString().split('.');
  if (Number(edition) !== d.edition.id || hash !== asked(q) || !/^\d{1,7}$/.test(offset ?? '') || more !== undefined)
    throw new Problem(cursorStale);
  return Number(offset);
}

/** An answer of rows with the mark of its state. */
export interface Page {
  dataset: OpenDataset;
  etag: string;
  type: string;
  text: string;
}

/** The mark of what a query answers as long as the edition stands. */
const etagOf = (d: OpenDataset, q: Query): string =>
  `"${createHash('sha256')
    .update(JSON.stringify([d.edition.id, q]))
    .digest('base64url')
    .slice(0, 22)}"`;

/** One page of rows; null where the reader has it already (`If-None-Match`). */
export async function page(
  ports: PublishingPorts,
  id: string,
  q: Query,
  known: string | undefined,
): Promise<Page | { dataset: OpenDataset; etag: string; text: null }> {
  const dataset = await openDataset(ports, id);
  const etag = etagOf(dataset, q);
  if (known?.split(',').some((e) => e.trim().replace(/^W\//, '') === etag)) return { dataset, etag, text: null };
  const offset = offsetIn(dataset, q);
  const found = await openRows(ports, dataset, { ...wanted(q), offset });
  const end = offset + found.rows.length;
  const next = end < found.total && found.rows.length > 0 ? cursorFor(dataset, q, end) : null;
  const names = found.fields.map((f) => f.name);
  if (q.format === 'csv') {
    const lines = [names, ...found.rows.map((r) => names.map((n) => text(r[n])))];
    return { dataset, etag, type: 'text/csv; charset=utf-8', text: lines.map((l) => csvLine(l)).join('') };
  }
  if (q.format === 'ndjson')
    return {
      dataset,
      etag,
      type: 'application/x-ndjson',
      text: found.rows.map((r) => `${JSON.stringify(r, plain)}\n`).join(''),
    };
  const body = {
    ...{
      dataset: dataset.id,
      edition: dataset.edition.number,
      updated: dataset.updated.toISOString(),
      total: found.total,
    },
    ...{ fields: found.fields, rows: found.rows, next },
  };
  return { dataset, etag, type: 'application/json; charset=utf-8', text: JSON.stringify(body, plain) };
}

const text = (v: unknown): string => (v === null || v === undefined ? '' : String(v));
const plain = (_: string, v: unknown): unknown => (typeof v === 'bigint' ? v.toString() : v);
