/**
 * Readings in the lake. New ones go to a hot table in the order of keeping; when it is large or its hour is over it is emptied into one table
 * a day, sorted by series and time, so that the history of a series is a few blocks and the retention drops whole tables. Hours and days
 * are kept as parts that add up: every emptying adds a row for what it brought, and a day that is over is put together.
 */
import type { Lake, LakeSession } from '../../platform/lake/index.ts';

const READING = 'series INTEGER NOT NULL, "at" TIMESTAMP NOT NULL, value DOUBLE NOT NULL, flag UTINYINT NOT NULL';
const PART = `n BIGINT NOT NULL, least DOUBLE NOT NULL, most DOUBLE NOT NULL, total DOUBLE NOT NULL, last_at TIMESTAMP NOT NULL,
  last DOUBLE NOT NULL`;

/** SELECT of parts: `slot` is an expression over "at". */
const partsOf = (slot: string, from: string): string =>
  `SELECT series, ${slot} AS slot, count(*) AS n, min(value) AS least, max(value) AS most, sum(value) AS total,
     max("at") AS last_at, arg_max(value, "at") AS last FROM ${from} GROUP BY ALL`;
/** An hour of UTC is an hour of the city. */
export const HOUR = `date_trunc('hour', "at")`;
/** Days of Asia/Shanghai. */
export const DAY = `("at" + INTERVAL 8 HOUR)::DATE`;
export { partsOf };

/** Statements that create what is missing. */
export const sensingTables: readonly string[] = [
  'CREATE SCHEMA IF NOT EXISTS sns',
  'CREATE SCHEMA IF NOT EXISTS v',
  `CREATE TABLE IF NOT EXISTS sns.hot (${READING})`,
  // How far the journal is taken over.
  'CREATE TABLE IF NOT EXISTS sns.mark (frame BIGINT NOT NULL, sequence BIGINT NOT NULL)',
  'INSERT INTO sns.mark SELECT 0, 0 WHERE NOT EXISTS (FROM sns.mark)',
  `CREATE TABLE IF NOT EXISTS sns.hour (series INTEGER NOT NULL, slot TIMESTAMP NOT NULL, ${PART})`,
  `CREATE TABLE IF NOT EXISTS sns.day (series INTEGER NOT NULL, slot DATE NOT NULL, ${PART})`,
  // What came in, by minute and gateway, and why what was refused was.
  `CREATE TABLE IF NOT EXISTS sns.intake (minute TIMESTAMP NOT NULL, gateway VARCHAR NOT NULL, received BIGINT NOT NULL, kept BIGINT NOT NULL,
     late BIGINT NOT NULL, repeated BIGINT NOT NULL, converted BIGINT NOT NULL, refused BIGINT NOT NULL)`,
  'CREATE TABLE IF NOT EXISTS sns.refusal (minute TIMESTAMP NOT NULL, gateway VARCHAR NOT NULL, reason VARCHAR NOT NULL, n BIGINT NOT NULL)',
  `CREATE TABLE IF NOT EXISTS sns.refused (received TIMESTAMP NOT NULL, gateway VARCHAR NOT NULL, reason VARCHAR NOT NULL, entity VARCHAR NOT NULL,
     property VARCHAR NOT NULL, "at" VARCHAR NOT NULL, value VARCHAR NOT NULL, unit VARCHAR NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS sns.series (series INTEGER NOT NULL, entity VARCHAR NOT NULL, type VARCHAR NOT NULL, property VARCHAR NOT NULL,
     unit VARCHAR NOT NULL, lon DOUBLE, lat DOUBLE, owner VARCHAR, label_zh VARCHAR NOT NULL, label_en VARCHAR NOT NULL,
     "interval" INTEGER NOT NULL, active BOOLEAN NOT NULL)`,
  'CREATE TABLE IF NOT EXISTS sns.latest (series INTEGER NOT NULL, "at" TIMESTAMP NOT NULL, value DOUBLE NOT NULL)',
  `CREATE OR REPLACE VIEW v.series_v1 AS SELECT * FROM sns.series`,
  `CREATE OR REPLACE VIEW v.latest_v1 AS SELECT * FROM sns.latest`,
  `CREATE OR REPLACE VIEW v.intake_v1 AS SELECT minute, gateway, sum(received)::BIGINT AS received, sum(kept)::BIGINT AS kept, sum(late)::BIGINT AS late,
     sum(repeated)::BIGINT AS repeated, sum(refused)::BIGINT AS refused FROM sns.intake GROUP BY ALL`,
  ...(['hour', 'day'] as const).map(
    (
      by,
    ) => `CREATE OR REPLACE VIEW v.reading_${by}_v1 AS SELECT series, slot AS ${by}, sum(n)::BIGINT AS n, min(least) AS least,
       max(most) AS most, sum(total) / sum(n) AS mean, arg_max(last, last_at) AS last
     FROM (SELECT * FROM sns.${by} UNION ALL ${partsOf(by === 'hour' ? HOUR : DAY, 'sns.hot')}) GROUP BY series, slot`,
  ),
];

/** Name of the table of a day of UTC, `2026-11-21`. */
export const dayTable = (day: string): string => `r_${day.replaceAll('-', '')}`;

/** Tables of days that are there, by their day. */
export async function dayTables(s: Pick<LakeSession | Lake, 'query'>): Promise<Map<string, string>> {
  const rows = await s.query<{ name: string }>(
    `SELECT table_name AS name FROM duckdb_tables() WHERE schema_name = 'sns' AND regexp_matches(table_name, '^r_[0-9]{8}$') ORDER BY 1`,
  );
  return new Map(rows.map(({ name }) => [`${name.slice(2, 6)}-${name.slice(6, 8)}-${name.slice(8, 10)}`, name]));
}

/** Makes tables of days that are missing and, when one was, the views over all. */
export async function makeDays(s: LakeSession, days: readonly string[]): Promise<void> {
  const there = await dayTables(s);
  const missing = days.filter((d) => !there.has(d));
  for (const day of missing) await s.run(`CREATE TABLE sns.${dayTable(day)} (${READING})`);
  if (missing.length) await makeViews(s);
}

/** The view over all single readings. */
export async function makeViews(s: LakeSession): Promise<void> {
  const tables = [...(await dayTables(s)).values(), 'hot'];
  await s.run(
    `CREATE OR REPLACE VIEW v.reading_v1 AS ${tables.map((t) => `SELECT * FROM sns.${t}`).join(' UNION ALL ')}`,
  );
}
