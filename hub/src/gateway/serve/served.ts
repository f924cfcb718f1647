/**
 * Served tables: for every grant its rows as they may be seen, ready to be answered, found by their number or key. They are staged by the
 * function that stages deliveries, so that what a caller gets and what a file holds are the same; whatever is not granted is not in them.
 * A table is made anew when the data, the grant or the entry changed, and takes the place of the one before in one step.
 */

import { recordView } from '../../libraries/index.ts';
import { ident, type LakeSession, literal } from '../../platform/lake/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { Deps } from '../../platform/room.ts';
import {
  maskItem,
  recordNumber,
  type SharedEntry,
  type ShareRow,
  shownRows,
  stageGranted,
} from '../../sharing/index.ts';
import { contentOf, keyOf, type ServiceItem, servedColumn, serviceItems } from './items.ts';
import { sandboxRows } from './sandbox.ts';

type Ports = Pick<Deps, 'lake' | 'vault' | 'clock'>;

/** A table that serves. */
export interface Served {
  /** Table within schema `gw`. */
  name: string;
  share: number;
  sandbox: boolean;
  content: string;
  /** Says whether the data behind it is still the same. */
  digest: string;
  rows: number;
  madeAt: Date;
  items: ServiceItem[];
  key: string[] | null;
  mark: string;
}

/** Rows up to which a filter may look at all of them: some milliseconds. */
export const SCAN_ROWS = 200_000;

interface Kept extends Record<string, unknown> {
  share: number;
  sandbox: boolean;
  name: string;
  content: string;
  digest: string;
  rows: number;
  made_at: string;
}

/**
 * What identifies the data behind a grant: the records of its class, which never change themselves, and the items that they have. Null:
 * nothing is collected.
 */
async function dataOf(
  ports: Ports,
  share: ShareRow,
  shared: SharedEntry,
): Promise<{ digest: string; items: ReadonlySet<string> } | null> {
  let items: Set<string>;
  try {
    items = new Set((await shownRows(ports.lake, ports, share, shared)).items.map((i) => i.name));
  } catch (error) {
    if (error instanceof Problem) return null;
    throw error;
  }
  const row = await ports.lake.first<{ d: string }>(
    `SELECT count(*) || '-' || coalesce(bit_xor(hash(fact)), 0) || '-' || coalesce(sum(fact % 1000003), 0) AS d
     FROM v.${ident(recordView(shared.entry.source!))}`,
  );
  return { digest: `${row!.d} ${[...items].join(',')}`, items };
}

/** The table that a grant is served from now, made where it is missing or old; null: its data is not collected. */
export async function ensureServed(
  ports: Ports,
  share: ShareRow,
  shared: SharedEntry,
  sandbox: boolean,
): Promise<Served | null> {
  const declared = serviceItems(ports, share, shared);
  const content = contentOf(share, shared, declared);
  const data = sandbox ? { digest: 'sandbox-1', items: null } : await dataOf(ports, share, shared);
  const items = declared.filter((i) => !data?.items || data.items.has(i.name));
  if (data === null || !items.length) return null;
  const { digest } = data;
  const mark = sandbox ? `sandbox:${share.id}:${content}` : share.mark;
  const base = { share: share.id, sandbox, content, items, key: keyOf(items, shared), mark };
  const kept = await ports.lake.first<Kept>(
    `SELECT s.share, s.sandbox, s.name, s.content, s.digest, s.rows, s.made_at FROM gw.served s
     JOIN duckdb_tables() t ON t.schema_name = 'gw' AND t.table_name = s.name
     WHERE s.share = $share AND s.sandbox = $sandbox`,
    { share: share.id, sandbox },
  );
  if (kept?.content === content && kept.digest === digest)
    return { ...base, digest, name: kept.name, rows: Number(kept.rows), madeAt: new Date(kept.made_at) };
  const madeAt = ports.clock.now();
  const name = `${sandbox ? 'x' : 's'}${share.id}_${Date.now().toString(36)}_${content.slice(0, 6)}`;
  return ports.lake.write('gateway', async (s) => {
    if (sandbox) await stageSandbox(s, ports, shared, items, mark);
    else await stageGranted(s, ports, share, shared);
    const rows = await build(s, name, items, base.key, mark);
    await s.run('DELETE FROM gw.served WHERE share = $share AND sandbox = $sandbox', { share: share.id, sandbox });
    await s.run(`INSERT INTO gw.served VALUES ($share, $sandbox, $name, $content, $digest, $rows, $at::TIMESTAMP)`, {
      ...{ share: share.id, sandbox, name, content, digest, rows, at: madeAt.toISOString().slice(0, 23) },
    });
    return { ...base, digest, name, rows, madeAt };
  });
}

const TYPES: Readonly<Record<string, string>> = {
  integer: 'BIGINT',
  decimal: 'DECIMAL(18,4)',
  date: 'DATE',
  boolean: 'BOOLEAN',
};

/** Puts the made-up rows where the real ones are staged, typed alike and masked by the same function. */
async function stageSandbox(
  s: LakeSession,
  ports: Ports,
  { entry }: SharedEntry,
  items: readonly ServiceItem[],
  mark: string,
): Promise<void> {
  await s.run(`CREATE TEMP TABLE made (n VARCHAR, ${items.map((i) => `${ident(i.name)} VARCHAR`).join(', ')})`);
  const rows = sandboxRows(items, mark).map((row, n) => [String(n + 1), ...row]);
  await s.append('made', rows);
  const typed = items.map((i) => `${ident(i.name)}::${TYPES[i.type] ?? 'VARCHAR'} AS ${ident(i.name)}`);
  await s.run(
    `CREATE TEMP TABLE d AS SELECT ${recordNumber('n')} AS _record, n::BIGINT AS _fact, ${typed.join(', ')} FROM made`,
    { mark },
  );
  for (const item of items) if (item.shown === 'masked') await maskItem(s, ports, entry.source ?? '', item.name);
}

/** First 60 bits of a hexadecimal text: what an index holds. */
const bits = (hex: string): string => `('0x' || substr(${hex}, 1, 15))::BIGINT`;

/** JSON of an item: exact numbers are texts, days as they are written. */
const json = (i: ServiceItem): string => {
  const column = ident(i.name);
  const plain = i.shown === 'plain' && (i.type === 'integer' || i.type === 'boolean');
  return `${column} := ${plain ? column : `${column}::VARCHAR`}`;
};

/** Makes the table out of `d`; answers its rows. */
async function build(
  s: LakeSession,
  name: string,
  items: readonly ServiceItem[],
  key: readonly string[] | null,
  mark: string,
): Promise<number> {
  const table = `gw.${ident(name)}`;
  const keyed = key?.map((k) => `${ident(k)}::VARCHAR`) ?? [];
  const hashed = `${bits(`sha256(${literal(`${mark}:k:`)} || concat_ws(chr(31), ${keyed.join(', ')}))`)}`;
  const k = key ? `CASE WHEN ${keyed.map((c) => `${c} IS NOT NULL`).join(' AND ')} THEN ${hashed} END` : 'NULL::BIGINT';
  const asked = items.filter((i) => i.filterable).map((i) => `${ident(i.name)} AS ${servedColumn(i.name)}`);
  const row = `to_json(struct_pack(_record := _record, ${items.map(json).join(', ')}))::VARCHAR`;
  await s.run(
    `CREATE TABLE ${table} AS SELECT ${[`${bits('_record')} AS _n`, `${k} AS _k`, `${row} AS _row`, ...asked].join(', ')}
     FROM d ORDER BY _n`,
  );
  const rows = Number((await s.first<{ n: number }>(`SELECT count(*) AS n FROM ${table}`))!.n);
  await s.run(`CREATE INDEX ${ident(`${name}_n`)} ON ${table} (_n)`);
  if (key) await s.run(`CREATE INDEX ${ident(`${name}_k`)} ON ${table} (_k)`);
  // Few rows are looked through faster than an index is kept.
  if (rows > SCAN_ROWS)
    for (const [n, i] of items.filter((x) => x.indexed).entries())
      await s.run(`CREATE INDEX ${ident(`${name}_i${n}`)} ON ${table} (${servedColumn(i.name)})`);
  for (const temporary of ['d', 'made']) await s.run(`DROP TABLE IF EXISTS temp.${ident(temporary)}`);
  return rows;
}

/**
 * A serving table without some records, under its own name, so that calls go on: what is left is written anew, since a row that is only deleted
 * keeps its bytes in the table's blocks. The next look at the data makes it anew in any case.
 */
export async function withoutRecords(s: LakeSession, name: string, records: readonly string[]): Promise<void> {
  const [table, rest] = [`gw.${ident(name)}`, `gw.${ident(`${name}_rest`)}`];
  const indexes = await s.query<{ sql: string }>(
    "SELECT sql FROM duckdb_indexes() WHERE schema_name = 'gw' AND table_name = $name ORDER BY index_name",
    { name },
  );
  await s.run(
    `CREATE TABLE ${rest} AS SELECT * FROM ${table} WHERE NOT list_contains($records::VARCHAR[], json_extract_string(_row, '$._record')) ORDER BY _n`,
    { records },
  );
  await s.run(`DROP TABLE ${table}`);
  await s.run(`ALTER TABLE ${rest} RENAME TO ${ident(name)}`);
  for (const { sql } of indexes) await s.run(sql);
  await s.run(`UPDATE gw.served SET digest = '', rows = (SELECT count(*) FROM ${table}) WHERE name = $name`, { name });
}

/** Drops tables that serve nothing any more, but for those that calls may still be reading. */
export async function dropUnserved(ports: Pick<Deps, 'lake'>, except: ReadonlySet<string>): Promise<void> {
  const old = await ports.lake.query<{ name: string }>(
    `SELECT table_name AS name FROM duckdb_tables() WHERE schema_name = 'gw' AND regexp_matches(table_name, '^[sx][0-9]+_')
       AND table_name NOT IN (SELECT name FROM gw.served)`,
  );
  for (const { name } of old)
    if (!except.has(name)) await ports.lake.write('gateway', (s) => s.run(`DROP TABLE IF EXISTS gw.${ident(name)}`));
}

/** Forgets what served grants that have ended. */
export async function forgetEnded(ports: Pick<Deps, 'lake'>, shares: readonly number[]): Promise<void> {
  const known = await ports.lake.query<{ share: number }>('SELECT DISTINCT share FROM gw.served');
  for (const { share } of known)
    if (!shares.includes(share))
      await ports.lake.write('gateway', (s) => s.run('DELETE FROM gw.served WHERE share = $share', { share }));
}
