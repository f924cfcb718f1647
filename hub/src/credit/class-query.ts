/**
 * Records of a class or category over all enterprises. The keys of a page are found first, over the narrow columns; the
 * wide payloads are then read for that page only.
 */
import type { z } from 'zod';
import type { Lake, LakeParams } from '../platform/lake/index.ts';
import { Problem } from '../platform/problem.ts';
import type { classQuery, classQueryAnswer, exportQuery } from './api.ts';
import { type ClassMeta, guardOf, type Metadata, withFields } from './metadata.ts';
import { classNeeded, classProtected, fieldUnknown, filterProtected } from './problems.ts';
import { type FactRow, fieldWithRole, fromCursor, PART, recordOf, seesRoles, toCursor } from './records.ts';
import type { Viewer } from './view.ts';

type Filters = Omit<z.output<typeof classQuery>, 'limit' | 'cursor'> & Pick<z.output<typeof exportQuery>, 'entity'>;

/** A checked filter as SQL over `f`, a view of facts. */
export interface Condition {
  classes: ClassMeta[];
  where: string;
  /** The same without the text filter, for estimating. */
  whereWithoutText: string;
  params: LakeParams;
  /** Sort key and direction. */
  key: string;
  direction: 'ASC' | 'DESC';
}

const KEYS = {
  'day-desc': ["coalesce(f.day, DATE '0001-01-01')", 'DESC'],
  'day-asc': ["coalesce(f.day, DATE '9999-12-31')", 'ASC'],
  'amount-desc': ["coalesce(f.amount, CAST('-9999999999999999' AS DECIMAL(18,2)))", 'DESC'],
  'amount-asc': ["coalesce(f.amount, CAST('9999999999999999' AS DECIMAL(18,2)))", 'ASC'],
} as const;

const SAMPLE = 20_000;

/** Checks what may be filtered by and makes SQL of it. Only fields seen plain may be filtered or sorted by. */
export async function conditionOf(
  lake: Lake,
  metadata: Metadata,
  viewer: Viewer,
  filters: Filters,
): Promise<Condition> {
  if (!filters.class && !filters.category) throw new Problem(classNeeded);
  const wanted = filters.class ? [await metadata.class(filters.class)] : await metadata.ofCategory(filters.category!);
  const classes = wanted.filter((c) => seesRoles(viewer, c).day);
  if (filters.class && classes.length === 0) throw new Problem(classProtected, { class: wanted[0]!.title.zh });
  const byAmount = filters.minAmount !== undefined || filters.maxAmount !== undefined || /^amount/.test(filters.sort);
  for (const c of classes) {
    if (byAmount && !seesRoles(viewer, c).amount) {
      throw new Problem(filterProtected, { field: fieldWithRole(c, 'amount')?.title.zh ?? 'amount' });
    }
  }
  const params: Record<string, LakeParams[string]> = {};
  const and = [`f.class IN (${classes.map((c) => c.class).join(', ') || 'NULL'})`];
  const put = (name: string, value: string | undefined, sql: string) => {
    if (value === undefined) return;
    params[name] = value;
    and.push(sql);
  };
  put('from', filters.from, 'f.day >= CAST($from AS DATE)');
  put('to', filters.to, 'f.day <= CAST($to AS DATE)');
  put('min', filters.minAmount, 'f.amount >= CAST($min AS DECIMAL(18,2))');
  put('max', filters.maxAmount, 'f.amount <= CAST($max AS DECIMAL(18,2))');
  if (filters.entity !== undefined) and.push(`f.entity = ${filters.entity}`);
  if (filters.unmatched === 'only') and.push('coalesce(f.entity, 0) = 0');
  if (filters.unmatched === 'no') and.push('f.entity > 0');
  const of: string[] = [];
  filters.status?.forEach((value, i) => {
    params[`status${i}`] = value;
  });
  filters.town?.forEach((value, i) => {
    params[`town${i}`] = value;
  });
  if (filters.status?.length) of.push(`p.status IN (${filters.status.map((_, i) => `$status${i}`).join(', ')})`);
  if (filters.town?.length) {
    const list = filters.town.map((_, i) => `$town${i}`).join(', ');
    of.push(`(p.division IN (${list}) OR left(p.division, 9) IN (${list}))`);
  }
  if (of.length > 0) and.push(`f.entity IN (SELECT p.entity FROM v.legal_person_v1 p WHERE ${of.join(' AND ')})`);
  const whereWithoutText = and.join(' AND ');
  if (filters.contains !== undefined) {
    and.push(await textCondition(lake, viewer, classes, filters));
    params.contains = filters.contains;
  }
  const [key, direction] = KEYS[filters.sort];
  return { classes, where: and.join(' AND '), whereWithoutText, params, key, direction };
}

/** `contains` on one field, whose place in the payload depends on the version that cleaned its run. */
async function textCondition(lake: Lake, viewer: Viewer, classes: ClassMeta[], filters: Filters): Promise<string> {
  const meta = classes[0];
  if (!filters.class || !meta) throw new Problem(classNeeded);
  const field = meta.fields.find((f) => f.name === filters.field);
  if (!field) throw new Problem(fieldUnknown, { class: meta.title.zh, field: filters.field ?? '' });
  if (viewer.see(guardOf(meta, field)) !== 'plain' || field.protection === 'sensitive') {
    throw new Problem(filterProtected, { field: field.title.zh });
  }
  const at = (place: number) => `contains(split_part(f.payload, chr(31), ${place}), $contains)`;
  const places = new Map(
    [...meta.versions].map(([v, fields]) => [v, 1 + fields.findIndex((f) => f.name === field.name)]),
  );
  const newest = places.get(Math.max(...places.keys()))!;
  if (new Set(places.values()).size === 1) return at(newest);
  const runs = await lake.query<{ run: number; version: number }>(
    'SELECT run, version FROM v.refined_run_v1 WHERE class = $class',
    { class: meta.class },
  );
  const byPlace = new Map<number, number[]>();
  for (const r of runs) {
    const place = places.get(r.version) ?? newest;
    byPlace.set(place, [...(byPlace.get(place) ?? []), r.run]);
  }
  const any = [...byPlace]
    .filter(([place]) => place > 0)
    .map(([place, list]) => `(f.run IN (${list}) AND ${at(place)})`);
  return any.length > 0 ? `(${any.join(' OR ')})` : 'false';
}

/** One page of records, with the count on the first page. */
export async function queryByClass(
  lake: Lake,
  metadata: Metadata,
  viewer: Viewer,
  query: z.output<typeof classQuery>,
): Promise<z.input<typeof classQueryAnswer>> {
  const condition = await conditionOf(lake, metadata, viewer, query);
  const { where, params, key, direction } = condition;
  const isDay = query.sort.startsWith('day');
  const after = query.cursor ? fromCursor(query.cursor, [isDay ? PART.day : PART.decimal, PART.number]) : null;
  const beyond = direction === 'DESC' ? '<' : '>';
  const type = isDay ? 'DATE' : 'DECIMAL(18,2)';
  const [keys, count] = await Promise.all([
    lake.query<Omit<FactRow, 'payload'> & { place: string }>(
      `SELECT f.entity, f.class, f.day, f.fact, f.amount, f.run, f.row, CAST(${key} AS VARCHAR) AS place
       FROM v.legal_person_fact_v1 f WHERE ${where}
       ${after ? `AND (${key} ${beyond} CAST($place AS ${type}) OR (${key} = CAST($place AS ${type}) AND f.fact ${beyond} CAST($after AS BIGINT)))` : ''}
       ORDER BY ${key} ${direction}, f.fact ${direction} LIMIT ${query.limit + 1}`,
      { ...params, ...(after ? { place: after[0], after: after[1] } : {}) },
    ),
    after ? null : countOf(lake, condition, query.contains !== undefined),
  ]);
  const page = keys.slice(0, query.limit);
  const [payloads, enterprises] = await Promise.all([payloadsOf(lake, page), enterprisesOf(lake, page)]);
  await metadata.learnRuns(page.map((r) => r.run));
  const byClass = new Map(condition.classes.map((c) => [c.class, c]));
  const records = page.map((r) => {
    const fact: FactRow = { ...r, payload: payloads.get(String(r.fact)) ?? '' };
    return {
      ...recordOf(viewer, metadata, byClass.get(r.class)!, fact),
      enterprise: enterprises.get(r.entity ?? 0) ?? null,
    };
  });
  const occurring = new Set(page.map((r) => r.class));
  await viewer.finish('credit.class-query', `class/${query.class ?? query.category}`, { n: records.length });
  const last = page.at(-1);
  return {
    classes: condition.classes.filter((c) => occurring.has(c.class) || c.class === query.class).map(withFields),
    records,
    count: keys.length <= query.limit && !after ? { value: keys.length, exact: true } : count,
    next: keys.length > query.limit && last ? toCursor(last.place, last.fact) : null,
    hints: [],
  };
}

/** How many records answer: exact, or with a text filter on very many records estimated from the first of them. */
async function countOf(lake: Lake, c: Condition, hasText: boolean): Promise<{ value: number; exact: boolean }> {
  const { contains: _, ...params } = c.params;
  const all = await lake.first<{ n: number }>(
    `SELECT count(*) AS n FROM v.legal_person_fact_v1 f WHERE ${c.whereWithoutText}`,
    params,
  );
  const n = all?.n ?? 0;
  if (!hasText) return { value: n, exact: true };
  const seen = await lake.first<{ n: number; m: number }>(
    `SELECT count(*) AS n, count(*) FILTER (WHERE ${c.where.slice(c.whereWithoutText.length + 5)}) AS m
     FROM (SELECT * FROM v.legal_person_fact_v1 f WHERE ${c.whereWithoutText} LIMIT ${SAMPLE}) f`,
    c.params,
  );
  if (!seen || seen.n === 0) return { value: 0, exact: true };
  return seen.n >= n ? { value: seen.m, exact: true } : { value: Math.round((seen.m / seen.n) * n), exact: false };
}

type Key = Pick<FactRow, 'entity' | 'fact'>;

async function payloadsOf(lake: Lake, keys: readonly Key[]): Promise<Map<string, string>> {
  if (keys.length === 0) return new Map();
  const entities = [...new Set(keys.map((k) => k.entity ?? 0))];
  const rows = await lake.query<{ fact: number | bigint; payload: string }>(
    `SELECT fact, payload FROM v.legal_person_fact_v1
     WHERE (entity IN (${entities.join(', ')}) ${keys.some((k) => k.entity === null) ? 'OR entity IS NULL' : ''})
       AND fact IN (${keys.map((k) => k.fact).join(', ')})`,
  );
  return new Map(rows.map((r) => [String(r.fact), r.payload]));
}

type Enterprise = NonNullable<z.input<typeof classQueryAnswer>['records'][number]['enterprise']>;

async function enterprisesOf(lake: Lake, keys: readonly Key[]): Promise<Map<number, Enterprise>> {
  const entities = [...new Set(keys.map((k) => k.entity ?? 0))].filter((e) => e > 0);
  if (entities.length === 0) return new Map();
  const rows = await lake.query<Enterprise & Record<string, unknown>>(
    `SELECT entity, name, uscc, status, division FROM v.legal_person_v1 WHERE entity IN (${entities.join(', ')})`,
  );
  return new Map(rows.map((r) => [r.entity, r]));
}
