/**
 * Which events fit a list, and how many, without a scan: cells (migration `events-cells`) count events that are alike in everything that lists
 * narrow by, but days and words. What fits few is read cell by cell, what fits many from the newest on until a page is full.
 */
import { type RawBuilder, sql } from 'kysely';
import type { Principal } from '../platform/auth/principal.ts';
import type { ListQuery } from './list.ts';

/** Most that is counted of what fits: beyond it there is "more than". */
export const COUNTED = 1000;
/** Up to so many that fit are read cell by cell. More lie close enough together that a page is full soon, from the newest on. */
const FEW = 3000;

type Sql = RawBuilder<unknown>;
const and = (all: readonly Sql[]): Sql => sql.join(all, sql` AND `);

/** What cells and events call alike. */
const marks = {
  cell: { late: sql`late`, supervised: sql`supervised`, asked: sql`asked` },
  event: { late: sql`late_at IS NOT NULL`, supervised: sql`supervised > 0`, asked: sql`asked IS NOT NULL` },
} as const;

const OPEN = sql`state NOT IN ('closed', 'void', 'merged')`;

/**
 * What a list narrows by, but days, words and numbers, as conditions over cells or events; the viewer's rights among them. Empty where all but
 * merged events are asked for, which is a condition that both callers add.
 */
export function narrowed(q: ListQuery, p: Principal, over: keyof typeof marks): Sql[] {
  const all: Sql[] = [];
  const mark = marks[over];
  if (q.state?.length) all.push(sql`state = ANY(${q.state}::text[])`);
  if (q.open || q.asked) all.push(OPEN);
  if (q.organisation) all.push(sql`organisation = ${q.organisation}`);
  if (q.matter) all.push(sql`matter = ${q.matter}`);
  if (q.group) all.push(sql`"group" = ${q.group}`);
  if (q.town) all.push(sql`town = ${q.town}`);
  if (q.channel) all.push(sql`channel = ${q.channel}`);
  if (q.late) all.push(mark.late);
  if (q.supervised) all.push(mark.supervised);
  if (q.asked) all.push(mark.asked);
  if (q.urgent) all.push(sql`urgency = 'urgent'`);
  // Who does not read all events sees those of the own organisation; who has none sees none ('' is what cells call none).
  if (!p.permissions.has('event.read'))
    all.push(p.organisation ? sql`(organisation = ${p.organisation} OR ${p.organisation} = ANY(joint))` : sql`false`);
  return all;
}

/** Days of the first report, both included; empty without any. */
function days(q: ListQuery): Sql[] {
  return [...(q.from ? [sql`day >= ${q.from}::date`] : []), ...(q.until ? [sql`day <= ${q.until}::date`] : [])];
}

/** Parts of a statement: `ids` answers ids of a page in any order, `counted` how many fit (exact, or any number above COUNTED). */
interface Found {
  with: Sql | undefined;
  ids: Sql;
  counted: Sql;
}

const notMerged = (q: ListQuery): Sql[] => (q.state?.length ? [] : [sql`state <> 'merged'`]);
/** A condition that the planner does not estimate by: what is alike in town is often alike in matter, and it would take few for none. */
const unread = (conditions: readonly Sql[]): Sql => sql`CASE WHEN ${and(conditions)} THEN true ELSE false END`;
const within = (period: readonly Sql[]): Sql[] =>
  period.length
    ? [
        sql`id >= (SELECT min(first) FROM events.day WHERE ${and(period)}) AND id <= (SELECT max(last) FROM events.day WHERE ${and(period)})`,
        ...period,
      ]
    : [];

/** Everything but merged events, of a period or at all. */
function everything(q: ListQuery, behind: readonly Sql[], most: number): Found {
  const period = days(q);
  const where = and([unread(notMerged(q)), ...within(period), ...behind]);
  return {
    with: undefined,
    ids: sql`SELECT id FROM events.event WHERE ${where} ORDER BY id DESC LIMIT ${most}`,
    counted: period.length
      ? sql`(SELECT coalesce(sum(total), 0) FROM events.tally WHERE kind = 'all' AND key = '' AND ${and(period)})`
      : sql`(SELECT coalesce(sum(total), 0) FROM events.tally_month WHERE kind = 'all' AND key = '')`,
  };
}

/** By cells. */
function byCells(q: ListQuery, p: Principal, behind: readonly Sql[], most: number, atMost: number): Found {
  const period = days(q);
  const cells = and([sql`n > 0`, ...notMerged(q), ...narrowed(q, p, 'cell')]);
  const one = unread([...notMerged(q), ...narrowed(q, p, 'event')]);
  // How many are to be expected of a period: as large a share as it has of all.
  const share = sql`(SELECT coalesce(sum(total) FILTER (WHERE ${and(period.length ? period : [sql`true`])}), 0)::float8 / greatest(sum(total), 1)
    FROM events.tally WHERE kind = 'all' AND key = '')`;
  const expected = period.length ? sql`coalesce(sum(n), 0) * ${share}` : sql`coalesce(sum(n), 0)::float8`;
  const here = sql`cell = ANY((SELECT ids FROM fits)::int[])`;
  const few = sql`(SELECT expected + ${period.length ? sql`cells` : sql`0`} <= ${atMost} FROM fits)`;
  const bounded = (where: Sql) =>
    sql`(SELECT count(*) FROM (SELECT 1 FROM events.event WHERE ${where} LIMIT ${COUNTED + 1}) x)`;
  return {
    with: sql`cells AS MATERIALIZED (SELECT id, n, last FROM events.cell WHERE ${cells}),
      fits AS MATERIALIZED (SELECT coalesce(sum(n), 0) AS n, ${expected} AS expected, count(*) AS cells, max(last) AS last, array_agg(id) AS ids FROM cells)`,
    // OFFSET 0: all of the few are found first and the newest taken then, in whatever way the planner would rather go.
    ids: sql`(SELECT id FROM (SELECT id FROM events.event WHERE ${few} AND ${and([here, ...period, ...behind])} OFFSET 0) x
        ORDER BY id DESC LIMIT ${most})
      UNION ALL (SELECT id FROM events.event WHERE NOT ${few} AND id <= (SELECT last FROM fits) AND ${and([one, ...within(period), ...behind])}
        ORDER BY id DESC LIMIT ${most})`,
    counted: period.length
      ? sql`CASE WHEN ${few} OR (SELECT expected > ${atMost} FROM fits) THEN ${bounded(and([here, ...period]))}
          ELSE ${bounded(and([one, ...within(period)]))} END`
      : sql`(SELECT n FROM fits)`,
  };
}

/** By words of open events. */
function byWords(q: ListQuery, p: Principal, behind: readonly Sql[], most: number): Found {
  const like = `%${q.q!.replace(/[\\%_]/g, (c) => `\\${c}`)}%`;
  const own = narrowed({ ...q, open: undefined }, p, 'cell');
  // Not a plain IN: that would be a join, and the words are read once in any case.
  const fits = own.length ? [sql`(cell IN (SELECT id FROM events.cell WHERE ${and([OPEN, ...own])})) IS TRUE`] : [];
  const where = and([sql`(text LIKE ${like} OR address LIKE ${like})`, ...fits, ...days(q), ...behind]);
  return {
    with: sql`spoken AS MATERIALIZED (SELECT id FROM events.said WHERE ${where})`,
    ids: sql`SELECT id FROM spoken ORDER BY id DESC LIMIT ${most}`,
    counted: sql`(SELECT count(*) FROM spoken)`,
  };
}

/** By a number, which one event has. */
function byNumber(q: ListQuery, p: Principal, behind: readonly Sql[], most: number): Found {
  const where = and([sql`number = ${q.q}`, ...notMerged(q), ...narrowed(q, p, 'event'), ...days(q), ...behind]);
  return {
    with: sql`named AS MATERIALIZED (SELECT id FROM events.event WHERE ${where})`,
    ids: sql`SELECT id FROM named LIMIT ${most}`,
    counted: sql`(SELECT count(*) FROM named)`,
  };
}

/**
 * The statement of one page, newest first, in one snapshot: `columns` of the events and `counted` beside each of them. `most`: rows at most.
 * `counted` is exact, or some number above COUNTED; it is null on later pages (`q.after`). `few`: up to so many are read cell by cell.
 */
export function found<Row>(
  q: ListQuery,
  p: Principal,
  columns: Sql,
  most: number,
  few = FEW,
): RawBuilder<Row & { counted: number | null }> {
  const behind = q.after ? [sql`id < ${q.after}`] : [];
  const by =
    q.q !== undefined && q.q !== ''
      ? /^\d{8}-\d+$/.test(q.q)
        ? byNumber(q, p, behind, most)
        : byWords(q, p, behind, most)
      : narrowed(q, p, 'cell').length
        ? byCells(q, p, behind, most, few)
        : everything(q, behind, most);
  return sql<Row & { counted: number | null }>`${by.with ? sql`WITH ${by.with}` : sql``}
    SELECT ${columns}, ${q.after ? sql`NULL::float8` : sql`${by.counted}::float8`} AS counted
    FROM (${by.ids}) page JOIN events.event USING (id) ORDER BY id DESC LIMIT ${most}`;
}
