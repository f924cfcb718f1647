/**
 * What is open, and its rows: the only way from anywhere to opened data. Only columns of the edition that is open can be named; every
 * value is a parameter; few queries run at once and none for long.
 */
import { sql } from 'kysely';
import type { Bilingual } from '../platform/i18n/index.ts';
import { ident, type LakeParam, type LakeRow } from '../platform/lake/index.ts';
import { Problem } from '../platform/problem.ts';
import type { Deps } from '../platform/room.ts';
import { type EditionFile, tableOf } from './editions.ts';
import type { OpenField, Plan } from './plan.ts';
import { busy, filterWrong, tooMuch, unknownDataset, unknownField } from './problems.ts';

type Ports = Pick<Deps, 'db' | 'lake'>;

/** An open dataset as others read it. */
export interface OpenDataset {
  /** Number of the dataset, and its name in addresses (`id`). */
  number: number;
  id: string;
  entry: string;
  provider: string;
  title: Bilingual;
  abstract: Bilingual;
  items: OpenField[];
  files: EditionFile[];
  rows: number;
  edition: { id: number; number: number };
  plan: Pick<Plan, 'licence' | 'cycle' | 'ground' | 'keywords' | 'aggregate'>;
  opened: Date;
  updated: Date;
}

interface Row {
  id: number;
  slug: string;
  entry: string;
  provider: string;
  title: Bilingual;
  abstract: Bilingual;
  plan: Plan;
  opened_at: Date;
  edition: number;
  number: number;
  rows: number;
  fields: OpenField[];
  files: EditionFile[];
  updated: Date;
}

/** Everything that is open now, or the one of this name (or number). */
export async function openDatasets(ports: Pick<Ports, 'db'>, only?: string): Promise<OpenDataset[]> {
  const found =
    await sql<Row>`SELECT d.id, d.slug, d.entry, d.provider, d.title, d.abstract, d.plan, d.opened_at, d.edition,
      e.number, e.rows, e.fields, e.files, e.opened_at AS updated
    FROM publishing.dataset d JOIN publishing.edition e ON e.id = d.edition
    WHERE d.state = 'open' AND (${only ?? null}::text IS NULL OR d.slug = ${only ?? null}) ORDER BY d.slug LIMIT 10000`.execute(
      ports.db.kysely,
    );
  return found.rows.map((r) => ({
    ...{ number: r.id, id: r.slug, entry: r.entry, provider: r.provider, title: r.title, abstract: r.abstract },
    ...{ items: r.fields, files: r.files, rows: r.rows, edition: { id: r.edition, number: r.number } },
    ...{ plan: r.plan, opened: r.opened_at, updated: r.updated },
  }));
}

/** One open dataset by its name; a Problem where there is none, or it is open no more. */
export async function openDataset(ports: Pick<Ports, 'db'>, id: string): Promise<OpenDataset> {
  const [found] = await openDatasets(ports, id);
  if (!found) throw new Problem(unknownDataset, { id });
  return found;
}

export const rowOperators = [
  'eq',
  'ne',
  'in',
  'ge',
  'gt',
  'le',
  'lt',
  'prefix',
  'contains',
  'present',
  'absent',
] as const;

/** One condition; all hold together. */
export interface OpenFilter {
  item: string;
  is: (typeof rowOperators)[number];
  values: readonly string[];
}

/** What is asked of a dataset's rows. */
export interface RowsQuery {
  /** Columns; all of them where none is named. */
  fields?: readonly string[] | undefined;
  filters?: readonly OpenFilter[] | undefined;
  /** Words that all occur in some text column. */
  q?: string | undefined;
  sort?: readonly { item: string; descending: boolean }[] | undefined;
  limit: number;
  offset: number;
  /** Whether the rows that match are counted; true unless told otherwise. */
  count?: boolean;
}

/** Bounds of one call. */
export const ROWS = {
  limit: 1_000,
  offset: 1_000_000,
  filters: 10,
  values: 100,
  text: 200,
  words: 5,
  sorts: 3,
} as const;

const FORMS: Readonly<Record<string, RegExp>> = {
  integer: /^-?\d{1,18}$/,
  decimal: /^-?\d{1,14}(\.\d{1,4})?$/,
  date: /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/,
  boolean: /^(true|false)$/,
};
const CASTS = {
  text: 'VARCHAR',
  integer: 'BIGINT',
  decimal: 'DECIMAL(38,4)',
  date: 'DATE',
  boolean: 'BOOLEAN',
} as const;

/** WHERE of a query and its parameters; Problems name what does not hold. */
export function whereOf(
  items: readonly OpenField[],
  q: Pick<RowsQuery, 'filters' | 'q'>,
): { where: string; params: Record<string, LakeParam> } {
  const params: Record<string, LakeParam> = {};
  const parts: string[] = [];
  const filters = q.filters ?? [];
  if (filters.length > ROWS.filters) throw new Problem(tooMuch);
  for (const [n, f] of filters.entries()) {
    const field = fieldOf(items, f.item);
    const column = ident(field.name);
    const wrong = (what: string) =>
      new Problem(filterWrong, { what: `${f.item} ${what}` }, { field: 'filter', row: n + 1 });
    if (f.is === 'present' || f.is === 'absent') {
      parts.push(`${column} IS ${f.is === 'present' ? 'NOT ' : ''}NULL`);
      continue;
    }
    const text = f.is === 'prefix' || f.is === 'contains';
    if (text && field.type !== 'text') throw wrong(f.is);
    if (f.values.length === 0 || f.values.length > (f.is === 'in' ? ROWS.values : 1))
      throw wrong(`(${f.values.length})`);
    const bad = f.values.find(
      (v) =>
        v.length > ROWS.text ||
        (FORMS[field.type] && !FORMS[field.type]!.test(v)) ||
        (field.type === 'date' && !isDay(v)),
    );
    if (bad !== undefined) throw wrong(bad.slice(0, 40));
    if (f.is === 'in') {
      params[`f${n}`] = [...f.values];
      parts.push(`${column} IN (SELECT unnest($f${n}::VARCHAR[])::${CASTS[field.type]})`);
    } else {
      params[`f${n}`] = f.values[0]!;
      const value = `$f${n}::${CASTS[field.type]}`;
      const operator = { eq: '=', ne: 'IS DISTINCT FROM', ge: '>=', gt: '>', le: '<=', lt: '<' }[f.is as 'eq'];
      parts.push(
        f.is === 'prefix'
          ? `starts_with(${column}, ${value})`
          : f.is === 'contains'
            ? `contains(${column}, ${value})`
            : `${column} ${operator} ${value}`,
      );
    }
  }
  const words = (q.q ?? '').normalize('NFKC').toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length > ROWS.words || words.some((w) => w.length > ROWS.text)) throw new Problem(tooMuch);
  const texts = items.filter((i) => i.type === 'text');
  for (const [n, word] of words.entries()) {
    params[`q${n}`] = word;
    parts.push(
      texts.length ? `(${texts.map((t) => `contains(lower(${ident(t.name)}), $q${n})`).join(' OR ')})` : 'false',
    );
  }
  return { where: parts.join(' AND ') || 'true', params };
}

const isDay = (text: string): boolean => {
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
};

/** A column that is open; what is not is as unknown as what does not exist. */
export function fieldOf(items: readonly OpenField[], name: string): OpenField {
  const field = items.find((i) => i.name === name);
  if (!field) throw new Problem(unknownField, { field: name.slice(0, 64) }, { field: name.slice(0, 64) });
  return field;
}

/** Rows of an open dataset: `fields` describes the columns, `total` how many match (-1 where it was not asked for). */
export async function openRows(
  ports: Ports,
  dataset: OpenDataset | string,
  q: RowsQuery,
): Promise<{ fields: OpenField[]; rows: LakeRow[]; total: number; dataset: OpenDataset }> {
  const d = typeof dataset === 'string' ? await openDataset(ports, dataset) : dataset;
  if (q.limit < 0 || q.limit > ROWS.limit || q.offset < 0 || q.offset > ROWS.offset) throw new Problem(tooMuch);
  const fields = q.fields?.length ? [...new Set(q.fields)].map((f) => fieldOf(d.items, f)) : d.items;
  const { where, params } = whereOf(d.items, q);
  const sorts = q.sort ?? [];
  if (sorts.length > ROWS.sorts) throw new Problem(tooMuch);
  const order = [
    ...sorts.map((s) => `${ident(fieldOf(d.items, s.item).name)} ${s.descending ? 'DESC' : 'ASC'} NULLS LAST`),
    '_id',
  ];
  const table = tableOf(d.edition.id);
  const columns = fields.map((f) => ident(f.name)).join(', ');
  return guarded(ports, async (query) => {
    const total =
      q.count === false
        ? -1
        : where === 'true'
          ? d.rows
          : Number((await query(`SELECT count(*) AS n FROM ${table} WHERE ${where}`, params))[0]!.n);
    const rows = q.limit
      ? await query(
          `SELECT ${columns} FROM ${table} WHERE ${where} ORDER BY ${order.join(', ')} LIMIT ${Math.trunc(q.limit)} OFFSET ${Math.trunc(q.offset)}`,
          params,
        )
      : [];
    return { fields, rows, total, dataset: d };
  });
}

/** Queries of the public at once, waiting ones, and the longest that one may take. */
const AT_ONCE = 4;
const WAITING = 40;
const LONGEST = 10_000;
let running = 0;
const waiting: (() => void)[] = [];

/** Runs queries of the public: few at once, each interrupted when it takes too long. */
export async function guarded<T>(
  ports: Pick<Deps, 'lake'>,
  work: (query: (text: string, params?: Record<string, LakeParam>) => Promise<LakeRow[]>) => Promise<T>,
): Promise<T> {
  if (running >= AT_ONCE) {
    if (waiting.length >= WAITING) throw new Problem(busy);
    await new Promise<void>((go) => waiting.push(go));
  } else running++;
  try {
    return await ports.lake.session(async (s) => {
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        s.interrupt();
      }, LONGEST);
      try {
        return await work((text, params) => s.query(text, params));
      } catch (error) {
        throw late ? new Problem(tooMuch) : error;
      } finally {
        clearTimeout(timer);
      }
    });
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running--;
  }
}
