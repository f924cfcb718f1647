/**
 * How the index is fed from the published views. The engine joins the columns of many enterprises into one binary
 * value, so that the main thread only hands memory on; the worker splits it. Fields are separated by U+001F, rows by
 * U+001E; both are taken out of the texts.
 */
import type { Lake } from '../../platform/lake/index.ts';
import type { Changed } from './engine.ts';
import type { FeedEnterprise, SegmentBuilder } from './segment.ts';

/** The three streams of the feed. */
export type FeedPart = 'enterprises' | 'aliases' | 'persons';

const FIELD = '\u001f';
const ROW = '\u001e';
/** Enterprises a batch: about 3 MB of text. */
const BATCH = 25_000;

const text = (column: string) => `translate(coalesce(${column}, ''), chr(30) || chr(31), '')`;
const number = (column: string) => `coalesce(CAST(${column} AS VARCHAR), '')`;
const row = (...columns: string[]) => `encode(string_agg(${columns.join(` || chr(31) || `)}, chr(30)))`;

/** The SQL of a part; `where` limits entities. */
function sql(part: FeedPart, where: string): string {
  if (part === 'enterprises') {
    const columns = row(
      number('entity'),
      text('name'),
      text('uscc'),
      text('orgcode'),
      text('regno'),
      text('status'),
      text('legal_representative'),
      number('capital'),
      number("date_diff('day', DATE '1970-01-01', established)"),
      text('address'),
      text('division'),
      text('industry'),
      number('facts'),
    );
    return `SELECT ${columns} AS data FROM v.legal_person_v1 WHERE ${where}`;
  }
  if (part === 'aliases') {
    return `SELECT ${row(number('entity'), 'substr(kind, 1, 1)', text('name'))} AS data
      FROM (SELECT DISTINCT entity, kind, name FROM v.legal_person_alias_v1
            WHERE kind IN ('former', 'variant') AND name IS NOT NULL AND ${where})`;
  }
  return `SELECT ${row(number('entity'), text('person_name'))} AS data
    FROM (SELECT DISTINCT entity, person_name FROM v.legal_person_relation_v1
          WHERE person_name IS NOT NULL AND ${where})`;
}

const PARTS: readonly FeedPart[] = ['enterprises', 'aliases', 'persons'];

/** Streams everything, batch by batch; within a batch enterprises come before their names and persons. */
export async function* feedAll(lake: Lake): AsyncIterable<{ part: FeedPart; data: Uint8Array }> {
  const span = await lake.first<{ low: number | null; high: number | null; n: number }>(
    'SELECT min(entity) AS low, max(entity) AS high, count(*) AS n FROM v.legal_person_v1 WHERE entity > 0',
  );
  if (!span || span.low === null || span.high === null || span.n === 0) return;
  const last = span.high;
  const step = Math.ceil((last - span.low + 1) / Math.ceil(span.n / BATCH));
  for (let low = span.low; low <= last; low += step) {
    for (const part of PARTS) {
      // In a session of its own, which makes way for look-ups.
      const from = low;
      const found = await lake.session((s) =>
        s.first<{ data: Uint8Array | null }>(sql(part, 'entity BETWEEN $low AND $high'), {
          low: from,
          high: Math.min(last, from + step - 1),
        }),
      );
      if (found?.data) yield { part, data: found.data };
    }
  }
}

/** The same for some enterprises. */
export async function feedSome(lake: Lake, entities: readonly number[]): Promise<Record<FeedPart, Uint8Array | null>> {
  const where = 'entity IN (SELECT unnest(CAST($entities AS INTEGER[])))';
  const [enterprises, aliases, persons] = await Promise.all(
    PARTS.map(async (part) => (await lake.first<{ data: Uint8Array | null }>(sql(part, where), { entities }))?.data),
  );
  return { enterprises: enterprises ?? null, aliases: aliases ?? null, persons: persons ?? null };
}

function* rows(data: Uint8Array | null): Iterable<string[]> {
  if (!data || data.length === 0) return;
  for (const line of new TextDecoder().decode(data).split(ROW)) yield line.split(FIELD);
}

function enterprise(f: string[]): FeedEnterprise {
  const optional = (value: string | undefined) => (value ? Number(value) : Number.NaN);
  return {
    entity: Number(f[0]),
    name: f[1] ?? '',
    uscc: f[2] ?? '',
    orgcode: f[3] ?? '',
    regno: f[4] ?? '',
    status: f[5] ?? '',
    legalRepresentative: f[6] ?? '',
    capital: optional(f[7]),
    established: optional(f[8]),
    address: f[9] ?? '',
    division: f[10] ?? '',
    industry: f[11] ?? '',
    facts: Number(f[12] || 0),
  };
}

/** Adds one batch of the feed to a segment. */
export function load(builder: SegmentBuilder, part: FeedPart, data: Uint8Array): void {
  for (const f of rows(data)) {
    if (part === 'enterprises') builder.enterprise(enterprise(f));
    else if (part === 'aliases') builder.alias(Number(f[0]), f[1] === 'f' ? 'former' : 'variant', f[2] ?? '');
    else builder.person(Number(f[0]), f[1] ?? '');
  }
}

/** What changed, by enterprise; one that the views no longer have is null inside. */
export function changes(entities: readonly number[], parts: Record<FeedPart, Uint8Array | null>): Map<number, Changed> {
  const map = new Map<number, Changed>(entities.map((e) => [e, { enterprise: null, aliases: [], persons: [] }]));
  for (const f of rows(parts.enterprises)) {
    const e = enterprise(f);
    const change = map.get(e.entity);
    if (change) change.enterprise = e;
  }
  for (const f of rows(parts.aliases)) {
    map.get(Number(f[0]))?.aliases.push({ kind: f[1] === 'f' ? 'former' : 'variant', name: f[2] ?? '' });
  }
  for (const f of rows(parts.persons)) map.get(Number(f[0]))?.persons.push(f[1] ?? '');
  return map;
}
