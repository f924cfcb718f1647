/**
 * Changes as one grant may see them, made into messages by the engine: granted items only, rows of its filter (a record that comes into the
 * filter is added, one that leaves it is removed), masked values masked, record numbers of this recipient. A change that touches nothing of
 * what may be seen is no event. Bodies come out of the engine as bytes; no row passes through JavaScript.
 */
import { catalogueOf } from '../../catalogue/index.ts';
import {
  foldSql,
  ident,
  type Lake,
  type LakeParam,
  type LakeSession,
  literal,
  maskSql,
} from '../../platform/lake/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { Deps } from '../../platform/room.ts';
import {
  columnOf,
  type DeliveredItem,
  deliveredItems,
  filterSql,
  type SharedEntry,
  type ShareRow,
  typeOf,
} from '../../sharing/index.ts';
import { pushProblems } from '../problems.ts';
import { shapeOf } from './detect.ts';
import { BATCH_TYPE, type ChangeKind, changeKinds, type Message, recordType, SINGLE_TYPE } from './events.ts';
import { BUCKETS, type Stream } from './tables.ts';

/** Most bytes of a message, about: one event more may be in it. */
export const MESSAGE_BYTES = 1 << 20;

/** What is made for whom. */
export interface View {
  share: ShareRow;
  shared: SharedEntry;
  stream: Stream;
  /** Items out of the grant's, or all. */
  items: readonly string[] | null;
  changes: readonly ChangeKind[];
  batch: number;
  partitions: number;
  partition: number;
  /** `source` attribute of its events. */
  source: string;
  /** What message ids begin with: subscription, partition, replay and version of what is shown. */
  prefix: string;
}

type Ports = Pick<Deps, 'lake'>;
type Value = 'text' | 'integer' | 'boolean';
interface Item extends DeliveredItem {
  /** How the value stands in JSON: decimals are texts, since they are exact. */
  json: Value;
  index: number;
  format: string | undefined;
  /** Its values are tokens of the vault, which keeps their masks. */
  token: boolean;
}

const declaredOf = (ports: Ports, source: string) =>
  new Map(
    catalogueOf(ports.lake)
      .sources.get(source)
      ?.declaration.fields.map((f) => [f.name, f]),
  );

/** The items that a subscription shows: granted, still declared by the source, and chosen. */
export function shownItems(ports: Ports, v: Pick<View, 'share' | 'shared' | 'items'>, source: string): DeliveredItem[] {
  const declared = declaredOf(ports, source);
  return (
    deliveredItems(v.share, v.shared)
      .filter((i) => declared.has(i.name) && (!v.items || v.items.includes(i.name)))
      // What the source keeps in the vault is a token: it is never handed out, whatever the entry says of it.
      .map((i) => (declared.get(i.name)?.protection === 'sensitive' ? { ...i, shown: 'masked' as const } : i))
  );
}

const CASTS: Readonly<Record<string, string>> = {
  integer: 'BIGINT',
  decimal: 'DECIMAL(18,4)',
  date: 'DATE',
  boolean: 'BOOLEAN',
};

/** Changes after one sequence up to another, as messages; empty where none of them is to be seen. */
export function renderChanges(
  ports: Ports,
  v: View,
  range: { after: number; upto: number; previous: number | null; whole?: boolean },
): Promise<Message[]> {
  return ports.lake.session(async (s) => {
    const from = `SELECT seq AS _seq, found AS _at, change AS _change, record AS _record, shape AS _shape, before AS _b, after AS _a FROM sub.change
      WHERE stream = $stream AND seq > $after AND seq <= $upto${bucketSql(v)}`;
    const params = { stream: v.stream.stream, after: range.after, upto: range.upto };
    const shapes = await s.query<{ shape: number }>(`SELECT DISTINCT _shape AS shape FROM (${from})`, params);
    if (!shapes.length) return [];
    const parts: string[] = [];
    const bound: Record<string, LakeParam> = { ...params, mark: v.share.mark };
    for (const { shape } of shapes) {
      const items = await itemsIn(ports, s, v, Number(shape));
      const inside = await insideSql(ports, s, v, Number(shape));
      Object.assign(bound, inside.params);
      parts.push(changesSql(`SELECT * FROM (${from}) WHERE _shape = ${Number(shape)}`, items, inside));
    }
    const kinds = v.changes.map((k) => literal(k)).join(', ') || `''`;
    const events = `SELECT _seq, _at, _kind, _subject, _data, lag(_seq, 1, ${range.previous === null ? 'NULL' : Number(range.previous)}) OVER (ORDER BY _seq) AS _previous
      FROM (${parts.join(' UNION ALL ')}) WHERE _kind IN (${kinds})`;
    const type = `CASE _kind ${changeKinds.map((k) => `WHEN '${k}' THEN '${recordType(k)}'`).join(' ')} END`;
    const seq = `lpad(_seq::VARCHAR, 16, '0')`;
    const rows = await s.query<Row>(messagesSql(v, events, seq, type, { whole: range.whole ?? false }), bound);
    return rows.map((r) => messageOf(v, r, `${r.first}-${r.last}`));
  });
}

/** What stands now, record by record after another one, as messages; `end` says that nothing follows. */
export function renderSnapshot(
  ports: Ports,
  v: View,
  page: { seq: number; after: string; limit: number; at: Date },
): Promise<{ messages: (Message & { after: string })[]; after: string; end: boolean }> {
  return ports.lake.session(async (s) => {
    const from = `SELECT record FROM sub.held WHERE stream = $stream AND record > $after${bucketSql(v)} ORDER BY record LIMIT $limit`;
    const last = await s.first<{ n: number; last: string | null }>(
      `SELECT count(*) AS n, max(record) AS last FROM (${from})`,
      { stream: v.stream.stream, after: page.after, limit: page.limit },
    );
    if (!last?.last) return { messages: [], after: page.after, end: true };
    const params = { stream: v.stream.stream, after: page.after, upto: last.last };
    const rowsSql = `SELECT row_number() OVER (ORDER BY record) AS _seq, $at::TIMESTAMP AS _at, 1::TINYINT AS _change, record AS _record,
      NULL::VARCHAR[] AS _b, "values" AS _a FROM sub.held WHERE stream = $stream AND record > $after AND record <= $upto${bucketSql(v)}`;
    const items = await itemsIn(ports, s, v, v.stream.shape);
    const inside = await insideSql(ports, s, v, v.stream.shape);
    const events = `SELECT _seq, _at, _kind, _subject, _data, _record, NULL::BIGINT AS _previous FROM (${changesSql(rowsSql, items, inside, true)})
      WHERE _kind = 'added'`;
    const seq = literal(String(page.seq).padStart(16, '0'));
    const rows = await s.query<Row & { after: string; tail: string }>(
      messagesSql(v, events, seq, literal(recordType('snapshot')), {
        id: `${seq} || '-' || _subject`,
        more: 'max(_record) AS after, arg_max(_subject, _seq) AS tail,',
      }),
      { ...params, ...inside.params, at: page.at, mark: v.share.mark },
    );
    const messages = rows.map((r) => ({
      ...messageOf(v, r, `${page.seq}-${r.tail}-${r.events}`),
      ...{ first: page.seq, last: page.seq, after: r.after },
    }));
    return { messages, after: last.last, end: Number(last.n) < page.limit };
  });
}

interface Row extends Record<string, unknown> {
  first: number;
  last: number;
  events: number;
  subject: string | null;
  kind: string | null;
  body: Uint8Array;
}

const messageOf = (v: View, r: Row, place: string): Message => ({
  ...{ id: `${v.prefix}-${place}`, first: Number(r.first), last: Number(r.last), events: Number(r.events) },
  ...{ contentType: v.batch === 1 ? SINGLE_TYPE : BATCH_TYPE, body: r.body, partition: v.partition },
  ...{ subject: v.batch === 1 ? r.subject : null, kind: v.batch === 1 ? r.kind : null },
});

const bucketSql = (v: View): string =>
  v.partitions === 1 ? '' : ` AND bucket % ${v.partitions} = ${Math.min(v.partition, BUCKETS - 1)}`;

/** Items with their place in a shape; NULL in events from before the source had them. */
async function itemsIn(ports: Ports, s: LakeSession, v: View, shape: number): Promise<Item[]> {
  const fields = await shapeOf(s, v.stream.stream, shape);
  const there = await shapeOf(s, v.stream.stream, v.stream.shape);
  const declared = declaredOf(ports, v.stream.source);
  const items = shownItems(ports, v, v.stream.source).filter((i) => there.includes(i.name));
  if (!items.length || v.share.filter.some((c) => !declared.has(c.item) || !there.includes(c.item)))
    throw new Problem(pushProblems.render);
  return items.map((i) => {
    const field = declared.get(i.name)!;
    const json = i.shown === 'plain' && (field.type === 'integer' || field.type === 'boolean') ? field.type : 'text';
    return {
      ...i,
      json,
      index: fields.indexOf(i.name) + 1,
      format: field.format,
      token: field.protection === 'sensitive',
    };
  });
}

/** A value of a shape's list, by its place. */
const at = (list: string, index: number): string => (index > 0 ? `${list}[${index}]` : 'NULL::VARCHAR');

/** The filter of the grant: its columns out of a list, and its condition. */
async function insideSql(ports: Ports, s: LakeSession, v: View, shape: number) {
  const fields = await shapeOf(s, v.stream.stream, shape);
  const typed = (item: string) => typeOf(ports, v.stream.source, item);
  const { where, params } = filterSql(v.share.filter, v.shared.items, typed);
  const names = [...new Set(v.share.filter.map((c) => c.item))];
  const columns = (list: string) =>
    names
      .map((n) => {
        const cast = CASTS[typed(n)];
        const value = at(list, fields.indexOf(n) + 1);
        return `, ${cast ? `try_cast(${value} AS ${cast})` : value} AS ${columnOf(n)}`;
      })
      .join('');
  return { where, params, columns, names: names.map(columnOf) };
}

type Inside = Awaited<ReturnType<typeof insideSql>>;

/** SELECT of the events of some rows: _seq, _at, _kind, _subject, _data. */
function changesSql(from: string, items: readonly Item[], inside: Inside, keepRecord = false): string {
  // Names of the filter's columns are those of items, which never begin with an underscore.
  const except = inside.names.length ? ` EXCLUDE (${inside.names.join(', ')})` : '';
  const ia = `SELECT *${except}, _change >= 0 AND coalesce((${inside.where}), false) AS _ia FROM (SELECT *${inside.columns('_a')} FROM (${from}))`;
  const ib = `SELECT *${except}, _change <= 0 AND coalesce((${inside.where}), false) AS _ib FROM (SELECT *${inside.columns('_b')} FROM (${ia}))`;
  const folded: string[] = [];
  const joins: string[] = [];
  const shown: string[] = [];
  items.forEach((item, n) => {
    for (const side of ['a', 'b'] as const) {
      const value = at(`_${side}`, item.index);
      const name = `_${side}${n}`;
      folded.push(`${item.shown === 'masked' ? foldSql(value) : value} AS _f${name}`);
      const masked = maskSql(item.format, `r._f${name}`);
      if (item.shown === 'plain') shown.push(`r._f${name} AS ${name}`);
      else if (!item.token) shown.push(`${masked} AS ${name}`);
      else {
        joins.push(`LEFT JOIN v.identity_v1 i${name} ON i${name}.token = r._f${name}`);
        shown.push(`coalesce(i${name}.mask, ${masked}) AS ${name}`);
      }
    }
  });
  const rows = `SELECT r._seq, r._at, r._record, r._ia, r._ib, ${shown.join(', ')} FROM (SELECT *, ${folded.join(', ')} FROM (${ib})) r
    ${joins.join(' ')}`;
  const all = (side: 'a' | 'b') => `[${items.map((_, n) => `_${side}${n}`).join(', ')}]`;
  const cast = (item: Item, n: number) =>
    ({ integer: `try_cast(_a${n} AS BIGINT)`, boolean: `try_cast(_a${n} AS BOOLEAN)`, text: `_a${n}` })[item.json];
  const data = items.map((item, n) => `${ident(item.name)} := ${cast(item, n)}`).join(', ');
  return `SELECT _seq, _at, ${keepRecord ? '_record, ' : ''}CASE WHEN _ia AND NOT _ib THEN 'added' WHEN _ib AND NOT _ia THEN 'removed'
      WHEN _ia AND ${all('a')} IS DISTINCT FROM ${all('b')} THEN 'changed' END AS _kind,
    substr(sha256($mark || ':' || _record), 1, 20) AS _subject,
    CASE WHEN _ia THEN to_json(struct_pack(${data}))::VARCHAR END AS _data FROM (${rows})`;
}

/** Messages out of events: contiguous, of at most so many events and about so many bytes; `whole`: one message, as it was tried before. */
function messagesSql(
  v: View,
  events: string,
  seq: string,
  type: string,
  { id = seq, more = '', whole = false }: { id?: string; more?: string; whole?: boolean },
): string {
  const event = `'{"specversion":"1.0","id":"' || ${id} || ${literal(`","source":${JSON.stringify(v.source)},"type":"`)} || ${type}
    || '","subject":"' || _subject || '","partitionkey":"' || _subject || '","time":"' || strftime(_at, '%Y-%m-%dT%H:%M:%S.%gZ')
    || '","sequence":"' || ${seq} || CASE WHEN _previous IS NULL THEN '' ELSE '","previous":"' || lpad(_previous::VARCHAR, 16, '0') END
    || CASE WHEN _data IS NULL THEN '"}' ELSE '","datacontenttype":"application/json","data":' || _data || '}' END`;
  const own = more ? '_record, ' : '';
  const open = v.batch === 1 ? '' : `'[' || `;
  const close = v.batch === 1 ? '' : ` || ']'`;
  return `WITH e AS MATERIALIZED (SELECT _seq, _kind, _subject, ${own}${event} AS _e FROM (${events})),
    n AS (SELECT *, (row_number() OVER (ORDER BY _seq) - 1) // ${v.batch} AS _n FROM e),
    g AS (SELECT *, ${whole ? '0' : `sum(strlen(_e)) OVER (PARTITION BY _n ORDER BY _seq ROWS UNBOUNDED PRECEDING) // ${MESSAGE_BYTES}`} AS _m FROM n)
    SELECT min(_seq) AS first, max(_seq) AS last, count(*) AS events, ${more} any_value(_subject) AS subject, any_value(_kind) AS kind,
      encode(${open}string_agg(_e, ',' ORDER BY _seq)${close}) AS body FROM g GROUP BY _n, _m ORDER BY first`;
}

/** The log's state of a stream: head and floor. */
export const headOf = (lake: Lake, stream: number) =>
  lake.first<{ head: number; floor: number; shape: number }>(
    'SELECT head, floor, shape FROM sub.stream WHERE stream = $stream',
    { stream },
  );
