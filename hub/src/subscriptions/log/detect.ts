/**
 * Finds what an integration changed of a source and appends it to the log, in one transaction of the lake: after a kill either all of it
 * stands there or nothing, and then it is found again. Everything is done by the engine; only counts come back.
 */
import { recordView } from '../../libraries/index.ts';
import { ident, type Lake, type LakeSession } from '../../platform/lake/index.ts';
import type { Stream } from './tables.ts';

/** Lane of the lake in which the log is written. */
export const LANE = 'subscriptions';

/** What a look found. */
export interface Detected {
  added: number;
  changed: number;
  removed: number;
  head: number;
}

/** Columns of the records' view that are no fields of the source. */
const OWN = new Set(['entity', 'day', 'fact', 'amount']);
const fieldOf = (column: string): string =>
  column.endsWith('_') && OWN.has(column.slice(0, -1)) ? column.slice(0, -1) : column;

/** The source's stream, or undefined where it is not watched yet. */
export async function streamOf(s: Pick<LakeSession, 'first'>, source: string): Promise<Stream | undefined> {
  return s.first<Stream & Record<string, unknown>>(
    'SELECT stream, source, head, floor, shape FROM sub.stream WHERE source = $source',
    { source },
  );
}

/** Fields of the source as its view has them now: name and column. */
async function columnsOf(s: LakeSession, source: string): Promise<{ field: string; column: string }[]> {
  const rows = await s.query<{ name: string }>(
    `SELECT column_name AS name FROM information_schema.columns WHERE table_schema = 'v' AND table_name = $view
     ORDER BY ordinal_position`,
    { view: recordView(source) },
  );
  return rows.filter((r) => !OWN.has(r.name)).map((r) => ({ field: fieldOf(r.name), column: ident(r.name) }));
}

/**
 * What names a record over time: its business key, else the received row itself. A row whose key could not be read is its own record.
 * 128 bits of SHA-256 as hexadecimal text; recipients never see it.
 */
function recordSql(key: readonly string[], columns: readonly { field: string; column: string }[]): string {
  const parts = key.map((name) => columns.find((c) => c.field === name)?.column);
  const own = `'fact:' || fact::VARCHAR`;
  if (!parts.length || parts.includes(undefined)) return `substr(sha256(${own}), 1, 32)`;
  const joined = parts.map((c) => `${c}::VARCHAR`).join(` || chr(31) || `);
  // A key of which a part is missing makes the whole NULL.
  return `substr(sha256(coalesce('key:' || ${joined}, ${own})), 1, 32)`;
}

/**
 * Looks at a source. The first look only takes down what stands: nothing changed yet. Answers undefined where the source has no records.
 * `again` looks at the values although no record came or went (after a rebuild, which may clean otherwise).
 */
export function detect(
  lake: Lake,
  source: string,
  key: readonly string[],
  at: Date,
  again = false,
): Promise<Detected | undefined> {
  return lake.write(LANE, async (s) => {
    const columns = await columnsOf(s, source);
    if (!columns.length) return undefined;
    const view = `v.${ident(recordView(source))}`;
    const known = await streamOf(s, source);
    const print = (await s.first<{ print: string }>(
      `SELECT count(*)::VARCHAR || ':' || coalesce(bit_xor(hash(fact)), 0)::VARCHAR AS print FROM ${view}`,
    ))!.print;
    const fields = columns.map((c) => c.field);
    const stream = known ?? (await begin(s, source, fields, at));
    const same = known ? await sameShape(s, stream, fields) : true;
    const before = await s.first<{ print: string | null }>('SELECT print FROM sub.stream WHERE stream = $stream', {
      stream: stream.stream,
    });
    if (known && same && !again && before?.print === print) {
      await s.run('UPDATE sub.stream SET looked = $at WHERE stream = $stream', { at, stream: stream.stream });
      return { added: 0, changed: 0, removed: 0, head: Number(stream.head) };
    }
    if (!same) await reshape(s, stream, fields);
    const found = await differences(
      s,
      stream,
      view,
      recordSql(key, columns),
      columns.map((c) => c.column),
    );
    // What stood before anybody watched is no change.
    const head = known ? await append(s, stream, at) : Number(stream.head);
    await hold(s, stream.stream);
    await s.run('UPDATE sub.stream SET head = $head, print = $print, looked = $at WHERE stream = $stream', {
      ...{ head, print, at, stream: stream.stream },
    });
    for (const name of ['sub_now', 'sub_diff', 'sub_new']) await s.run(`DROP TABLE IF EXISTS temp.${name}`);
    return known ? { ...found, head } : { added: 0, changed: 0, removed: 0, head };
  });
}

async function begin(s: LakeSession, source: string, fields: string[], at: Date): Promise<Stream> {
  const next = await s.first<{ n: number }>('SELECT coalesce(max(stream), 0) + 1 AS n FROM sub.stream');
  const stream = Number(next!.n);
  await s.run('INSERT INTO sub.stream VALUES ($stream, $source, 0, 0, 1, NULL, $at)', { stream, source, at });
  await s.run('INSERT INTO sub.shape VALUES ($stream, 1, $fields)', { stream, fields });
  return { stream, source, head: 0, floor: 0, shape: 1 };
}

/** Fields of a shape, in the order of the logged values. */
export async function shapeOf(s: Pick<LakeSession, 'first'>, stream: number, shape: number): Promise<string[]> {
  const row = await s.first<{ fields: string[] }>(
    'SELECT fields FROM sub.shape WHERE stream = $stream AND shape = $shape',
    { stream, shape },
  );
  return row?.fields ?? [];
}

async function sameShape(s: LakeSession, { stream, shape }: Stream, fields: readonly string[]): Promise<boolean> {
  const old = await shapeOf(s, stream, shape);
  return old.length === fields.length && old.every((f, i) => f === fields[i]);
}

/** What is held takes the new fields' order; a new field is unknown of every record until its row says otherwise. */
async function reshape(s: LakeSession, stream: Stream, fields: string[]): Promise<void> {
  const old = await shapeOf(s, stream.stream, stream.shape);
  const list = fields.map((f) => (old.includes(f) ? `"values"[${old.indexOf(f) + 1}]` : 'NULL::VARCHAR')).join(', ');
  await s.run(`UPDATE sub.held SET "values" = [${list}], digest = hash([${list}]) WHERE stream = $stream`, {
    stream: stream.stream,
  });
  stream.shape = Number(stream.shape) + 1;
  await s.run('INSERT INTO sub.shape VALUES ($stream, $shape, $fields)', {
    ...{ stream: stream.stream, shape: stream.shape, fields },
  });
  await s.run('UPDATE sub.stream SET shape = $shape WHERE stream = $stream', {
    ...{ stream: stream.stream, shape: stream.shape },
  });
}

/** Temporary tables: `sub_diff` what differs, `sub_new` the values of records that came or changed. */
async function differences(
  s: LakeSession,
  { stream }: Stream,
  view: string,
  record: string,
  columns: readonly string[],
): Promise<Omit<Detected, 'head'>> {
  const list = `[${columns.map((c) => `${c}::VARCHAR`).join(', ')}]`;
  // Digests first: values are fetched only for what differs. The latest row speaks for a key that stands twice.
  await s.run(
    `CREATE OR REPLACE TEMP TABLE sub_now AS SELECT record, max(fact) AS fact, arg_max(digest, fact) AS digest
     FROM (SELECT ${record} AS record, fact, hash(${list}) AS digest FROM ${view}) GROUP BY record`,
  );
  await s.run(
    `CREATE OR REPLACE TEMP TABLE sub_diff AS
     SELECT coalesce(n.record, h.record) AS record, n.fact, n.digest, h.fact IS NOT NULL AND n.digest IS NOT DISTINCT FROM h.digest AS moved,
       (CASE WHEN h.record IS NULL THEN 1 WHEN n.record IS NULL THEN -1 ELSE 0 END)::TINYINT AS change
     FROM sub_now n FULL JOIN (SELECT record, fact, digest FROM sub.held WHERE stream = $stream) h ON n.record = h.record
     WHERE h.record IS NULL OR n.record IS NULL OR n.digest <> h.digest OR n.fact <> h.fact`,
    { stream },
  );
  await s.run(
    `CREATE OR REPLACE TEMP TABLE sub_new AS SELECT DISTINCT ON (fact) fact, ${list} AS "values" FROM ${view}
     WHERE fact IN (SELECT fact FROM sub_diff WHERE fact IS NOT NULL)`,
  );
  const counts = await s.first<{ added: number; changed: number; removed: number }>(
    `SELECT count(*) FILTER (change = 1) AS added, count(*) FILTER (change = 0) AS changed,
       count(*) FILTER (change = -1) AS removed FROM sub_diff WHERE NOT moved`,
  );
  return { added: Number(counts!.added), changed: Number(counts!.changed), removed: Number(counts!.removed) };
}

/** Bucket of a record, 0 to 15: its first hexadecimal digit. */
const BUCKET = `(strpos('0123456789abcdef', d.record[1]) - 1)::TINYINT`;

/** Appends what differs; the same row received again under another number is none. Answers the new head. */
async function append(s: LakeSession, stream: Stream, at: Date): Promise<number> {
  const count = await s.run(
    `INSERT INTO sub.change
     SELECT $stream, $head + row_number() OVER (ORDER BY d.record), $at, d.change, d.record, ${BUCKET}, d.fact, $shape, h."values",
       n."values"
     FROM sub_diff d LEFT JOIN sub_new n ON n.fact = d.fact
       LEFT JOIN (SELECT record, "values" FROM sub.held WHERE stream = $stream) h ON h.record = d.record
     WHERE NOT d.moved ORDER BY d.record`,
    { stream: stream.stream, head: stream.head, at, shape: stream.shape },
  );
  return Number(stream.head) + count;
}

/** What is held now. */
async function hold(s: LakeSession, stream: number): Promise<void> {
  await s.run('DELETE FROM sub.held WHERE stream = $stream AND record IN (SELECT record FROM sub_diff)', { stream });
  await s.run(
    `INSERT INTO sub.held SELECT $stream, d.record, d.fact, d.digest, ${BUCKET}, n."values"
     FROM sub_diff d JOIN sub_new n ON n.fact = d.fact WHERE d.change >= 0 ORDER BY d.record`,
    { stream },
  );
}
