/** package_search: predicate, order, page, facets. */
import type { Bilingual } from '../../platform/i18n/index.ts';
import { type CkanBook, licence, type PackageDoc } from './book.ts';
import { badQuery } from './errors.ts';
import type { Parameters } from './parameters.ts';
import { type Predicate, parseQuery } from './query.ts';

/** Most packages of one answer. */
export const ROWS = 1000;

/** What was found; `docs` is the page. */
export interface Found {
  count: number;
  docs: PackageDoc[];
  sort: string;
  facets: Record<string, Record<string, number>>;
  searchFacets: Record<string, { title: string; items: { name: string; display_name: string; count: number }[] }>;
}

const RELEVANCE = 'score desc, metadata_modified desc';
const sortable: Record<string, (d: PackageDoc) => string> = {
  id: (d) => d.id,
  name: (d) => d.name,
  title_string: (d) => d.title,
  title: (d) => d.title,
  metadata_modified: (d) => d.modified,
  metadata_created: (d) => d.created,
  organization: (d) => d.organisation,
};

/** Searches the book by CKAN's parameters. */
export function searchPackages(book: CkanBook, p: Parameters, now: number): Found {
  const q = p.text('q')?.trim() ?? '';
  const filters = [...[p.text('fq') ?? ''], ...p.list('fq_list', 20)].map((f) => f.trim()).filter(Boolean);
  const predicates: Predicate[] = filters.map((f) => parseQuery(f, now));
  if (q && q !== '*:*') predicates.push(parseQuery(q, now));
  const docs = predicates.length ? book.docs.filter((d) => predicates.every((test) => test(d))) : [...book.docs];
  const sort = p.text('sort', 400)?.trim() || RELEVANCE;
  order(docs, sort, q);
  const start = p.whole('start', 0, Number.MAX_SAFE_INTEGER);
  const rows = p.whole('rows', 10, ROWS);
  const wanted = p.list('facet.field', 20);
  const limit = p.whole('facet.limit', 50, 1000, -1);
  const least = p.whole('facet.mincount', 1, 1_000_000);
  const facets: Found['facets'] = {};
  const searchFacets: Found['searchFacets'] = {};
  for (const field of wanted) {
    const counts = countsOf(docs, field)
      .filter(([, n]) => n >= least)
      .slice(0, limit < 0 ? undefined : limit);
    facets[field] = Object.fromEntries(counts);
    searchFacets[field] = {
      title: field,
      items: counts.map(([name, count]) => ({ name, display_name: titleOf(book, field, name), count })),
    };
  }
  return { count: docs.length, docs: docs.slice(start, start + rows), sort, facets, searchFacets };
}

/** Orders documents; what is alike stands by id, so that pages never overlap. */
function order(docs: PackageDoc[], sort: string, q: string): void {
  const words = q.toLowerCase().replaceAll('"', '');
  const score = (d: PackageDoc) => (words && d.title.toLowerCase().includes(words) ? 1 : 0);
  const keys = sort.split(',').map((part) => {
    const match = /^\s*([\w.]+)(?:\s+(asc|desc))?\s*$/i.exec(part);
    const name = match?.[1] ?? '';
    const desc = (match?.[2] ?? 'asc').toLowerCase() === 'desc' ? -1 : 1;
    if (name === 'score') return (a: PackageDoc, b: PackageDoc) => desc * (score(a) - score(b));
    const of = sortable[name];
    // What only a portal with counts of views has is no reason to answer nothing.
    if (!of && name === 'views_recent') return () => 0;
    if (!of) throw badQuery(`Can't determine a Sort Order (asc or desc) in sort spec '${sort.slice(0, 100)}'`);
    return (a: PackageDoc, b: PackageDoc) => desc * (of(a) < of(b) ? -1 : of(a) > of(b) ? 1 : 0);
  });
  docs.sort((a, b) => {
    for (const key of keys) {
      const by = key(a, b);
      if (by) return by;
    }
    return a.id < b.id ? -1 : 1;
  });
}

function countsOf(docs: readonly PackageDoc[], field: string): [string, number][] {
  const counts = new Map<string, number>();
  const values =
    field === 'tags' ? (d: PackageDoc) => d.tags : field === 'res_format' ? (d: PackageDoc) => d.formats : null;
  for (const doc of docs)
    for (const value of (values ? values(doc) : doc.values(field)) ?? [])
      counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}

function titleOf(book: CkanBook, field: string, value: string): string {
  const said = (t: Bilingual | undefined) => t?.zh ?? value;
  if (field === 'organization') return said(book.organisations.get(value)?.title);
  if (field === 'groups') return said(book.group(value)?.title);
  return field === 'license_id' && value === licence.id ? licence.title : value;
}
