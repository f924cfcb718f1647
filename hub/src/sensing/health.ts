/**
 * Sensors that drift (漂移): a series is held against its like (same type and property). What counts is how its distance to their median
 * moved: the mean of the last day against the week before it. One that moved by more than four times what is usual among them, and by
 * more than a tenth of the values' own spread, drifts. Fewer than five of a kind say nothing.
 */
import type { Lake } from '../platform/lake/index.ts';

const DAY = 86_400_000;

/** Numbers of series that drift at a moment (ms). */
export async function findDrifting(lake: Lake, now: number): Promise<number[]> {
  const at = (days: number) => new Date(Math.floor(now / 3_600_000) * 3_600_000 - days * DAY).toISOString();
  const rows = await lake.query<{ series: number }>(
    `WITH hours AS (SELECT h.series, h.hour, h.mean, s.type, s.property FROM v.reading_hour_v1 h JOIN v.series_v1 s ON s.series = h.series
       WHERE s.active AND h.hour >= $week::TIMESTAMP AND h.hour < $now::TIMESTAMP),
     away AS (SELECT *, mean - median(mean) OVER (PARTITION BY type, property, hour) AS d FROM hours),
     moved AS (SELECT series, type, property,
         avg(d) FILTER (WHERE hour >= $day::TIMESTAMP) - avg(d) FILTER (WHERE hour < $day::TIMESTAMP) AS shift,
         count(*) FILTER (WHERE hour >= $day::TIMESTAMP) AS fresh, count(*) FILTER (WHERE hour < $day::TIMESTAMP) AS before
       FROM away GROUP BY ALL HAVING fresh >= 6 AND before >= 24),
     kind AS (SELECT type, property, median(shift) AS middle, mad(shift) AS usual, count(*) AS n FROM moved GROUP BY ALL),
     spread AS (SELECT type, property, stddev_pop(mean) AS spread FROM hours GROUP BY ALL)
     SELECT series FROM moved JOIN kind USING (type, property) JOIN spread USING (type, property)
     WHERE n >= 5 AND abs(shift - middle) > 4 * greatest(usual, 1e-9) AND abs(shift - middle) > 0.1 * spread ORDER BY series`,
    { now: at(0), day: at(1), week: at(8) },
  );
  return rows.map((r) => r.series);
}
