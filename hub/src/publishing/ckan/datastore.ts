/** datastore_search over the rows of open datasets, which the engine answers: only opened items, nothing else. */
import type { CkanBook, CkanPorts } from './book.ts';
import { invalid, notFound } from './errors.ts';
import { rowsResource } from './packages.ts';
import type { Parameters } from './parameters.ts';

/** What is asked of the rows of an open dataset. */
export interface RowsQuery {
  fields?: string[];
  /** Values by field: any of a list. */
  filters: Record<string, string[]>;
  q?: string;
  sort: { field: string; desc: boolean }[];
  limit: number;
  offset: number;
}

/** Open datasets by entry. */
export type OpenNow = ReadonlyMap<string, readonly { id: string; title: string; dataset: unknown }[]>;

/** Open datasets as this interface needs them. */
export interface OpenDataPort {
  /** Datasets that are open now by their entries, with what `rows` knows them by. */
  open(): Promise<OpenNow>;
  /** Most rows of one answer. */
  most: number;
  /** Rows of one of them; `type` is PostgreSQL's word for it: text, numeric, timestamp, bool. */
  rows(
    dataset: unknown,
    query: RowsQuery,
  ): Promise<{
    fields: { id: string; type: string; info?: { label: string } }[];
    rows: readonly Record<string, unknown>[];
    total: number;
  }>;
}

/** Answers datastore_search. */
export async function searchRows(
  ports: CkanPorts,
  book: CkanBook,
  open: OpenDataPort | undefined,
  p: Parameters,
): Promise<Record<string, unknown>> {
  const id = p.needed('resource_id');
  const told = new Set(book.docs.map((d) => d.entry.id));
  // What is open of an entry that is told to nobody here is not there.
  const found = [...((await open?.open()) ?? new Map())]
    .filter(([entry]) => told.has(entry))
    .flatMap(([, list]) => list)
    .find((d) => rowsResource(ports.config.city, d.id) === id);
  if (!found || !open) throw notFound(`Resource "${id.slice(0, 60)}" was not found.`);
  const filters = filtersOf(p);
  const limit = p.whole('limit', 100, open.most);
  const offset = p.whole('offset', 0, 1_000_000_000);
  const fields = p.list('fields', 500);
  const q = p.json('q');
  const answer = await open.rows(found.dataset, {
    ...(fields.length ? { fields } : {}),
    ...(q === undefined || q === '' ? {} : { q: words(q) }),
    ...{ filters, sort: sortOf(p), limit, offset },
  });
  const link = (at: number) =>
    `/api/3/action/datastore_search?resource_id=${id}&limit=${limit}&offset=${Math.max(0, at)}`;
  return {
    ...{ include_total: true, limit, offset, records_format: 'objects', resource_id: id },
    ...{ total_estimation_threshold: null, total_was_estimated: false, total: answer.total },
    ...{ fields: answer.fields, records: answer.rows, filters },
    _links: { start: link(0), next: link(offset + limit), ...(offset ? { prev: link(offset - limit) } : {}) },
  };
}

function words(q: unknown): string {
  if (typeof q === 'string' && q.length <= 400) return q;
  throw invalid({ q: ['Only a text is searched for'] });
}

function filtersOf(p: Parameters): Record<string, string[]> {
  const given = p.json('filters');
  if (given === undefined || given === '') return {};
  if (typeof given !== 'object' || given === null || Array.isArray(given) || Object.keys(given).length > 20)
    throw invalid({ filters: ['Not a json string'] });
  return Object.fromEntries(
    Object.entries(given).map(([field, value]) => {
      const list: unknown[] = Array.isArray(value) ? value : [value];
      if (list.length > 200 || list.some((v) => typeof v === 'object'))
        throw invalid({ filters: [`invalid ${field}`] });
      return [field, list.map(String)];
    }),
  );
}

function sortOf(p: Parameters): RowsQuery['sort'] {
  // `_id` is the order in which rows stand anyway.
  const parts = p.list('sort', 10).filter((part) => !/^"?_id"?(\s+asc)?$/i.test(part.trim()));
  return parts.map((part) => {
    const match = /^"?([A-Za-z_]\w{0,62})"?(?:\s+(asc|desc))?(?:\s+nulls\s+(?:first|last))?$/i.exec(part.trim());
    if (!match) throw invalid({ sort: [`invalid sort '${part.slice(0, 60)}'`] });
    return { field: match[1]!, desc: match[2]?.toLowerCase() === 'desc' };
  });
}
