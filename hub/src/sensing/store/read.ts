/** Reads of what the lake keeps of readings. */
import type { Lake, LakeParam } from '../../platform/lake/index.ts';
import type { Point, Rollup } from '../readings.ts';
import type { SeriesRow } from '../registry/book.ts';
import { dayTables } from './tables.ts';

const iso = (ms: number): string => new Date(Math.max(-8.64e15, Math.min(8.64e15, ms))).toISOString();

/** Single readings in [from, to), oldest first; the newest `limit` of them. */
export async function history(lake: Lake, series: number, from: number, to: number, limit: number): Promise<Point[]> {
  const [first, last] = [iso(from).slice(0, 10), iso(to).slice(0, 10)];
  // Only tables of the days that are asked for.
  const tables = [...(await dayTables(lake))].filter(([day]) => day >= first && day <= last).map(([, name]) => name);
  const each = [...tables, 'hot'].map(
    (t) =>
      `SELECT "at", value FROM sns.${t} WHERE series = $series AND "at" >= $from::TIMESTAMP AND "at" < $to::TIMESTAMP`,
  );
  const rows = await lake.query<{ at: string; value: number }>(
    `SELECT "at", value FROM (${each.join(' UNION ALL ')}) ORDER BY "at" DESC LIMIT ${Math.max(1, Math.floor(limit))}`,
    { series, from: iso(from), to: iso(to) },
  );
  return rows.reverse().map((r) => ({ at: Date.parse(r.at), value: r.value }));
}

/** Hours or days (of Asia/Shanghai) whose start lies in [from, to), oldest first. */
export async function rollups(
  lake: Lake,
  series: number,
  by: 'hour' | 'day',
  from: number,
  to: number,
): Promise<Rollup[]> {
  const start = by === 'hour' ? 'hour' : '(day::TIMESTAMP - INTERVAL 8 HOUR)';
  const rows = await lake.query<{ at: string; n: number; least: number; most: number; mean: number }>(
    `SELECT ${start} AS "at", n, least, most, mean FROM v.reading_${by}_v1
     WHERE series = $series AND ${start} >= $from::TIMESTAMP AND ${start} < $to::TIMESTAMP ORDER BY 1`,
    { series, from: iso(from), to: iso(to) },
  );
  return rows.map((r) => ({ at: Date.parse(r.at), count: Number(r.n), least: r.least, most: r.most, mean: r.mean }));
}

/** The newest reading of every series, out of the sums of days. */
export async function latestOf(lake: Lake): Promise<{ series: number; at: number; value: number }[]> {
  const rows = await lake.query<{ series: number; at: string; value: number }>(
    `SELECT series, max(last_at) AS "at", arg_max(last, last_at) AS value FROM sns.day GROUP BY series`,
  );
  return rows.map((r) => ({ series: r.series, at: Date.parse(r.at), value: r.value }));
}

/** Writes the registry anew into the lake, for its view. */
export async function writeSeries(lake: Lake, rows: Iterable<SeriesRow>): Promise<void> {
  await lake.write('sensing-series', async (s) => {
    await s.run('DELETE FROM sns.series');
    await s.append(
      'sns.series',
      (function* (): Generator<LakeParam[]> {
        for (const r of rows)
          yield [
            ...[r.number, r.entity, r.type, r.property, r.unit, r.lon, r.lat, r.owner, r.label.zh, r.label.en],
            ...[r.interval, r.active],
          ];
      })(),
    );
  });
}
