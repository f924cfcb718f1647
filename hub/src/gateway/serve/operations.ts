/**
 * What a service answers: one record by its number or key, several, those that a filter lets through, how many they are. The same functions
 * serve live calls, the sandbox and the console's trial; what they are given is the served table and the items that the caller may see.
 */
import { z } from 'zod';
import { ident, type Lake } from '../../platform/lake/index.ts';
import { Problem } from '../../platform/problem.ts';
import { filterFaults, filterSql, operators, type RowCondition } from '../../sharing/index.ts';
import * as k from '../problems.ts';
import { fingerprintOfKey, numberOfRecord, type ServiceItem } from './items.ts';
import type { Lookups } from './lookups.ts';
import { SCAN_ROWS, type Served } from './served.ts';

/** Bounds of what is asked at once. */
export const MOST = { keys: 100, page: 200, conditions: 8, values: 200, text: 100, sameKey: 100 } as const;

/** Who asks, and of what. */
export interface Asking {
  served: Served;
  /** Items that the caller may see; null: all of the service. */
  fields: ReadonlySet<string> | null;
  lookups: Lookups;
  heavy: Heavy;
  lake: Pick<Lake, 'query'>;
}

/** An answer: its JSON text, and what records of use say of it. */
export interface Outcome {
  text: string;
  rows: number;
  units: number;
  key: string | null;
  fields: string | null;
  /** 404 where one record was asked for and is not there. */
  problem?: Problem;
}

const item = z.string().regex(/^[a-z][a-z0-9_]{0,62}$/);
const fields = z.array(item).min(1).max(500).optional();
const key = z.record(item, z.string().max(200));
const filter = z
  .array(
    z.strictObject({
      item,
      is: z.enum(operators),
      values: z.array(z.string().max(MOST.text)).max(MOST.values).default([]),
    }),
  )
  .max(MOST.conditions)
  .default([]);
/** Bodies of the operations. */
export const bodies = {
  lookup: z
    .strictObject({
      records: z.array(z.string().max(64)).min(1).max(MOST.keys).optional(),
      keys: z.array(key).min(1).max(MOST.keys).optional(),
      fields,
    })
    .refine((b) => (b.records === undefined) !== (b.keys === undefined)),
  search: z.strictObject({
    filter,
    limit: z.number().int().min(1).max(MOST.page).default(50),
    cursor: z.string().max(40).optional(),
    fields,
  }),
  count: z.strictObject({ filter }),
};

/** Statements that look through many rows: few at once, the others wait in a short line. */
export class Heavy {
  #running = 0;
  readonly #line: (() => void)[] = [];
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= 2) {
      if (this.#line.length >= 40) throw new Problem(k.busy);
      await new Promise<void>((resolve) => this.#line.push(resolve));
    } else this.#running += 1;
    try {
      return await work();
    } finally {
      const next = this.#line.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }
}

/** Items that an answer has: what was asked for, within what the caller may see. The same words for unknown and not granted. */
function chosen({ served, fields: may }: Asking, asked: readonly string[] | undefined): ReadonlySet<string> | null {
  const names = new Set(served.items.map((i) => i.name));
  if (asked === undefined) {
    if (may === null) return null;
    // What the grant no longer has is no longer answered, whatever the token says.
    return new Set([...may].filter((f) => names.has(f)));
  }
  if (asked.some((f) => !names.has(f) || (may !== null && !may.has(f)))) throw new Problem(k.fieldNotGranted);
  return new Set(asked);
}

/** A row's JSON with the chosen items only. */
function cut(row: string, keep: ReadonlySet<string> | null): string {
  if (keep === null) return row;
  const all = JSON.parse(row) as Record<string, unknown>;
  const some: Record<string, unknown> = { _record: all._record };
  for (const name of Object.keys(all)) if (keep.has(name)) some[name] = all[name];
  return JSON.stringify(some);
}

const said = (keep: ReadonlySet<string> | null): string | null => (keep === null ? null : [...keep].join(','));
const tail = ({ served }: Asking): string =>
  `"updatedAt":${JSON.stringify(served.madeAt.toISOString())}${served.sandbox ? ',"sandbox":true' : ''}}`;

/** One record by its number. */
export async function oneRecord(asking: Asking, record: string, fieldsAsked?: readonly string[]): Promise<Outcome> {
  const keep = chosen(asking, fieldsAsked);
  // What is no number may be anything, somebody's name too: it is not kept.
  const base = { units: 1, key: numberOfRecord(record) === null ? null : record, fields: said(keep) };
  const row = await byRecord(asking, record);
  if (row === null) return { ...base, text: '', rows: 0, problem: new Problem(k.unknownRecord) };
  return { ...base, text: `{"record":${cut(row, keep)},${tail(asking)}`, rows: 1 };
}

async function byRecord({ served, lookups }: Asking, record: string): Promise<string | null> {
  const number = numberOfRecord(record);
  // What cannot be a number is looked for like any other, so that both take as long.
  const rows = await lookups.find(served.name, '_n', number ?? '-1');
  const start = `{"_record":${JSON.stringify(record)}`;
  return rows.find((r) => r.startsWith(start)) ?? null;
}

/** The values of a key in its order; a Problem where it is not the whole key. */
function keyValues({ served, fields: may }: Asking, given: Readonly<Record<string, string>>): string[] {
  if (!served.key || (may !== null && served.key.some((n) => !may.has(n)))) throw new Problem(k.noKey);
  const names = Object.keys(given);
  if (names.length !== served.key.length || served.key.some((n) => given[n] === undefined || given[n] === ''))
    throw invalid(`主键须为 ${served.key.join('、')}`, `the key is ${served.key.join(', ')}`);
  return served.key.map((n) => given[n]!);
}

async function byKey({ served, lookups }: Asking, values: readonly string[], number: string): Promise<string[]> {
  const rows = await lookups.find(served.name, '_k', number);
  // An index of 60 bits finds; the value itself decides.
  return rows
    .filter((r) => {
      const row = JSON.parse(r) as Record<string, unknown>;
      return served.key!.every((name, i) => String(row[name]) === values[i]);
    })
    .slice(0, MOST.sameKey);
}

/** The records of a key: one, but for entries whose key is not unique. */
export async function oneKey(
  asking: Asking,
  given: Readonly<Record<string, string>>,
  fieldsAsked?: readonly string[],
): Promise<Outcome> {
  const keep = chosen(asking, fieldsAsked);
  const values = keyValues(asking, given);
  const { fingerprint, number } = fingerprintOfKey(asking.served.mark, values);
  const rows = await byKey(asking, values, number);
  const base = { units: 1, key: fingerprint, fields: said(keep) };
  if (!rows.length) return { ...base, text: '', rows: 0, problem: new Problem(k.unknownRecord) };
  return {
    ...base,
    text: `{"records":[${rows.map((r) => cut(r, keep)).join(',')}],${tail(asking)}`,
    rows: rows.length,
  };
}

/** Up to a hundred records by numbers or keys, in the order in which they were asked for; each counts as a call. */
export async function manyRecords(asking: Asking, body: z.output<typeof bodies.lookup>): Promise<Outcome> {
  const keep = chosen(asking, body.fields);
  const keyed = body.keys?.map((given) => keyValues(asking, given));
  const found = keyed
    ? await Promise.all(keyed.map((v) => byKey(asking, v, fingerprintOfKey(asking.served.mark, v).number)))
    : await Promise.all(body.records!.map(async (r) => [await byRecord(asking, r)].filter((x) => x !== null)));
  const rows = found.reduce((n, some) => n + some.length, 0);
  const results = found.map((some) => `{"records":[${some.map((r) => cut(r, keep)).join(',')}]}`);
  const text = `{"results":[${results.join(',')}],${tail(asking)}`;
  return { text, rows, units: found.length, key: `${found.length}`, fields: said(keep) };
}

const invalid = (zh: string, en: string): Problem => new Problem(k.badRequest, { zh, en });

/** The WHERE of a caller's filter: over what the caller sees plain, and never a scan of everything. */
function where({ served, fields: may }: Asking, conditions: readonly RowCondition[]) {
  const open = served.items.filter((i) => i.filterable && (may === null || may.has(i.name)));
  const byName = new Map(open.map((i) => [i.name, i]));
  const unknown = conditions.findIndex((c) => !byName.has(c.item));
  const names = (items: readonly ServiceItem[]) => items.map((i) => i.name).join(', ') || '—';
  if (unknown >= 0) throw new Problem(k.filterItem, { n: unknown + 1, items: names(open) }, { row: unknown + 1 });
  const typed = (name: string) => byName.get(name)!.type;
  // A grant may cover personal values: what the caller reads plain it may ask by.
  const items = open.map((i) => ({ name: i.name, title: i.title, protection: 'public' }) as never);
  const fault = filterFaults(conditions, items, typed)[0];
  if (fault) throw new Problem(k.filterValue, { n: fault.place?.row ?? 1 }, { row: fault.place?.row ?? 1 });
  const quick = (c: RowCondition) => c.is === 'eq' && byName.get(c.item)!.indexed;
  if (conditions.length && served.rows > SCAN_ROWS && !conditions.some(quick)) {
    const ways = open.filter((i) => i.indexed);
    throw new Problem(k.filterScan, { rows: served.rows, items: names(ways) });
  }
  return filterSql(conditions, items, typed);
}

/** Records that a filter lets through, in the order of their numbers, from a cursor on. */
export async function list(asking: Asking, body: z.output<typeof bodies.search>): Promise<Outcome> {
  const keep = chosen(asking, body.fields);
  const { where: condition, params } = where(asking, body.filter);
  const from = body.cursor === undefined ? '-1' : numberOfCursor(body.cursor);
  const rows = await asking.heavy.run(() =>
    asking.lake.query<{ n: number | bigint; r: string }>(
      `SELECT _n AS n, _row AS r FROM gw.${ident(asking.served.name)} WHERE ${condition} AND _n > $from::BIGINT
       ORDER BY _n LIMIT ${body.limit + 1}`,
      { ...params, from },
    ),
  );
  const page = rows.slice(0, body.limit);
  const next = rows.length > body.limit ? JSON.stringify(cursorOf(page.at(-1)!.n)) : 'null';
  const text = `{"records":[${page.map((r) => cut(r.r, keep)).join(',')}],"next":${next},${tail(asking)}`;
  return { text, rows: page.length, units: 1, key: asked(body.filter), fields: said(keep) };
}

/** How many records a filter lets through. */
export async function count(asking: Asking, body: z.output<typeof bodies.count>): Promise<Outcome> {
  const { where: condition, params } = where(asking, body.filter);
  const table = `gw.${ident(asking.served.name)}`;
  const n = body.filter.length
    ? await asking.heavy.run(() =>
        asking.lake.query<{ n: number }>(`SELECT count(*) AS n FROM ${table} WHERE ${condition}`, params),
      )
    : [{ n: asking.served.rows }];
  return {
    text: `{"count":${Number(n[0]!.n)},${tail(asking)}`,
    rows: 0,
    units: 1,
    key: asked(body.filter),
    fields: null,
  };
}

/** What records of use say of a filter: the items and operators, never the values. */
const asked = (conditions: readonly RowCondition[]): string | null =>
  conditions.length
    ? conditions
        .map((c) => `${c.item}:${c.is}`)
        .join(' ')
        .slice(0, 200)
    : null;

const cursorOf = (n: number | bigint): string => `c${BigInt(n).toString(36)}`;
function numberOfCursor(cursor: string): string {
  const text = /^c([0-9a-z]{1,13})$/.exec(cursor)?.[1];
  if (text === undefined) throw new Problem(k.badCursor);
  let n = 0n;
  for (const digit of text) n = n * 36n + BigInt(Number.parseInt(digit, 36));
  if (n >= 1n << 60n) throw new Problem(k.badCursor);
  return n.toString();
}
