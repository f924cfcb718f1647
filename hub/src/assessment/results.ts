/** Results as they are kept: written whole in one transaction, read back, and their digest reckoned from what is kept. */
import { createHash } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import { canonicalJson } from '../platform/audit/index.ts';
import type { AnyTables } from '../platform/db/index.ts';
import type { Counted, Point, PointState } from './score.ts';

type Executor = Kysely<AnyTables>;

/** One result of a month. Version 0 is provisional, 1 closed, later ones corrected. */
export interface ResultRow {
  id: number;
  scheme: string;
  month: string;
  version: number;
  formula: number;
  day: string;
  made_at: Date;
  objection: number | null;
  digest: string;
  seal: number | null;
}

/** A unit of a result. */
export interface UnitRow {
  unit: string;
  name: { zh: string; en: string };
  score: number | null;
  rank: number | null;
  weight: number;
}

/** A point of a result. */
export type PointRow = Omit<Point, 'lost'> & { unit: string; state: PointState };
/** A record of a result. */
export interface RecordRow extends Counted {
  unit: string;
  indicator: string;
  seq: number;
  lost: number;
}

/** Everything of a result. */
export interface ResultContent {
  units: UnitRow[];
  points: PointRow[];
  records: RecordRow[];
}

const columns = sql`id, scheme, month, version, formula, day::text AS day, made_at, objection, digest, seal`;

/** All results of a scheme, the oldest month first, its versions in order. */
export async function resultsOf(db: Executor, scheme: string): Promise<ResultRow[]> {
  const found =
    await sql<ResultRow>`SELECT ${columns} FROM assessment.result WHERE scheme = ${scheme} ORDER BY month, version`.execute(
      db,
    );
  return found.rows;
}

/** The newest result of a month, or one version of it. */
export async function resultOf(
  db: Executor,
  scheme: string,
  month: string,
  version?: number,
): Promise<ResultRow | undefined> {
  const found =
    await sql<ResultRow>`SELECT ${columns} FROM assessment.result WHERE scheme = ${scheme} AND month = ${month}
    AND ${version === undefined ? sql`true` : sql`version = ${version}`} ORDER BY version DESC LIMIT 1`.execute(db);
  return found.rows[0];
}

/** Units of results. */
export async function unitsIn(db: Executor, results: readonly number[]): Promise<(UnitRow & { result: number })[]> {
  const found = await sql<UnitRow & { result: number }>`SELECT result, unit, name, score, rank, weight
    FROM assessment.unit_score WHERE result = ANY(${[...results]}::int[]) ORDER BY result, unit`.execute(db);
  return found.rows;
}

/** Points of a result, of one unit or all. */
export async function pointsIn(db: Executor, result: number, unit?: string): Promise<PointRow[]> {
  const found = await sql<PointRow>`SELECT unit, indicator, state, weight, points, base, value, measure, cases
    FROM assessment.point WHERE result = ${result} AND ${unit === undefined ? sql`true` : sql`unit = ${unit}`}
    ORDER BY unit, indicator`.execute(db);
  return found.rows;
}

/** Which records: of a unit, of an indicator, those that cost points first. */
export interface RecordsAsked {
  unit?: string | undefined;
  indicator?: string | undefined;
  lost?: boolean | undefined;
  offset?: number;
  limit?: number;
}

const where = (result: number, a: RecordsAsked) => sql`result = ${result}
  AND ${a.unit === undefined ? sql`true` : sql`unit = ${a.unit}`}
  AND ${a.indicator === undefined ? sql`true` : sql`indicator = ${a.indicator}`}
  AND ${a.lost ? sql`lost > 0` : sql`true`}`;

/** Records of a result: those that cost most first where a part is asked for, in their own order otherwise. */
export async function recordsIn(db: Executor, result: number, asked: RecordsAsked = {}): Promise<RecordRow[]> {
  const page = asked.limit === undefined ? sql`` : sql`LIMIT ${asked.limit} OFFSET ${asked.offset ?? 0}`;
  const order = asked.limit === undefined ? sql`unit, indicator, seq` : sql`lost DESC, unit, indicator, seq`;
  const found = await sql<RecordRow>`SELECT unit, indicator, seq, kind, ref, title, note, base, value, lost, objection
    FROM assessment.record WHERE ${where(result, asked)} ORDER BY ${order} ${page}`.execute(db);
  return found.rows;
}

export async function countRecords(db: Executor, result: number, asked: RecordsAsked): Promise<number> {
  const found = await sql<{
    n: number;
  }>`SELECT count(*) AS n FROM assessment.record WHERE ${where(result, asked)}`.execute(db);
  return Number(found.rows[0]?.n ?? 0);
}

/** Everything of a result, in a fixed order. */
export async function contentIn(db: Executor, result: number): Promise<ResultContent> {
  const units = (await unitsIn(db, [result])).map(({ result: _, ...u }) => u);
  return { units, points: await pointsIn(db, result), records: await recordsIn(db, result) };
}

const order = <T>(list: readonly T[], key: (one: T) => string): T[] =>
  [...list].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));

/** SHA-256 over the canonical form (RFC 8785) of a result with the hash of its formula: what is sealed. */
export function digestOf(
  head: Pick<ResultRow, 'scheme' | 'month' | 'version' | 'day'> & { formulaHash: string },
  content: ResultContent,
): string {
  const plain = {
    ...{ scheme: head.scheme, month: head.month, version: head.version, day: head.day, formula: head.formulaHash },
    units: order(content.units, (u) => u.unit).map((u) => [u.unit, u.score, u.rank, u.weight]),
    points: order(content.points, (p) => `${p.unit} ${p.indicator}`).map((p) => [
      ...[p.unit, p.indicator, p.state, p.weight, p.points, p.base, p.value, p.measure, p.cases],
    ]),
    records: order(content.records, (r) => `${r.unit} ${r.indicator} ${String(r.seq).padStart(7, '0')}`).map((r) => [
      ...[r.unit, r.indicator, r.seq, r.kind, r.ref, r.base, r.value, r.lost, r.objection],
    ]),
  };
  return createHash('sha256').update(canonicalJson(plain)).digest('hex');
}

/** Rows of one statement. */
const BATCH = 2_000;

/** Writes a result whole, in a transaction. A provisional one takes the place of the one before. Answers its number. */
export async function writeResult(trx: Executor, head: Omit<ResultRow, 'id'>, content: ResultContent): Promise<number> {
  await sql`DELETE FROM assessment.result WHERE scheme = ${head.scheme} AND month = ${head.month} AND version = 0`.execute(
    trx,
  );
  const made = await sql<{ id: number }>`INSERT INTO assessment.result
      (scheme, month, version, formula, day, made_at, objection, digest, seal)
    VALUES (${head.scheme}, ${head.month}, ${head.version}, ${head.formula}, ${head.day}::date, ${head.made_at},
      ${head.objection}, ${head.digest}, ${head.seal}) RETURNING id`.execute(trx);
  const { id } = made.rows[0]!;
  const put = async (rows: readonly object[], table: string, list: string, types: string) => {
    for (let at = 0; at < rows.length; at += BATCH)
      await sql`INSERT INTO ${sql.raw(`assessment.${table} (result, ${list})`)}
        SELECT ${id}::int, ${sql.raw(list)} FROM jsonb_to_recordset(${JSON.stringify(rows.slice(at, at + BATCH))}::jsonb)
        AS r(${sql.raw(types)})`.execute(trx);
  };
  await put(
    content.units,
    'unit_score',
    'unit, name, score, rank, weight',
    'unit text, name jsonb, score int, rank int, weight int',
  );
  await put(
    content.points,
    'point',
    'unit, indicator, state, weight, points, base, value, measure, cases',
    'unit text, indicator text, state text, weight int, points int, base float8, value float8, measure float8, cases int',
  );
  await put(
    content.records,
    'record',
    'unit, indicator, seq, kind, ref, title, note, base, value, lost, objection',
    'unit text, indicator text, seq int, kind text, ref text, title jsonb, note jsonb, base float8, value float8, lost int, objection int',
  );
  return id;
}
