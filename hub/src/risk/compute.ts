/**
 * Reckoning risk, in the engine: objects when their library changed, then step by step what the stations say now and in the next
 * hours. A step touches the objects near stations whose hazard changed, and no others.
 */
import { forecaster } from '@jingwei/warning';
import { readSelect } from '../platform/declared/index.ts';
import type { Lake, LakeSession } from '../platform/lake/index.ts';
import { Problem } from '../platform/problem.ts';
import type { RiskModel, RiskObjects } from './declaration.ts';
import * as k from './problems.ts';

/** Hours ahead that are told besides now. */
export const horizons = [1, 3, 6] as const;
/** Objects of one kind in one model. */
export const OBJECTS = 300_000;
/** Days of hours from which a series is forecast. */
const DAYS = 14;

/** 0 to 1 on a scale, which may fall. */
const onScale = (value: string, [from, to]: readonly [number, number]): string =>
  `greatest(0, least(1, ((${value}) - (${from})) / ((${to}) - (${from}))))`;
const SIX = 6;

/** Objects with their factors, and the stations near them; made anew when the model or the library has changed. */
export async function takeObjects(
  lake: Lake,
  model: RiskModel,
  objects: RiskObjects,
  hash: string,
  at: Date,
): Promise<number> {
  return lake.write('risk', async (s) => {
    const select = await readSelect(s, objects.sql, `risk/${model.model}.yaml`);
    const p = { model: model.model, kind: objects.kind };
    const factor = (v: RiskObjects['vulnerability'][number]) =>
      // Of what is not known the middle between the factor's ends is taken, and the tree says so.
      // Asked first, since the engine's least and greatest leave out what is NULL.
      `CASE WHEN "${v.id}" IS NULL THEN ${(1 + v.least) / 2} ELSE ${v.least} + (1 - ${v.least}) * ${onScale(`"${v.id}"`, v.scale)} END`;
    const product = objects.vulnerability.map(factor).join(' * ') || '1.0';
    const inputs = objects.vulnerability.map((v) => `'${v.id}': "${v.id}"`).join(', ');
    await s.run('DELETE FROM risk.object WHERE model = $model AND kind = $kind', p);
    await s.run('DELETE FROM risk.near WHERE model = $model AND kind = $kind', p);
    await s.run('DELETE FROM risk.score WHERE model = $model AND kind = $kind', p);
    await s.run(
      `INSERT INTO risk.object SELECT $model, $kind, id, name, town, lon, lat, exposure, exposure / (exposure + ${objects.exposure.half}),
         ${product}, ${inputs ? `to_json({${inputs}})` : `'{}'`} FROM (${select.sql}) WHERE lon IS NOT NULL AND lat IS NOT NULL AND exposure IS NOT NULL
         LIMIT ${OBJECTS + 1}`,
      p,
    );
    const n = Number(
      (await s.first<{ n: number }>('SELECT count(*) AS n FROM risk.object WHERE model = $model AND kind = $kind', p))
        ?.n ?? 0,
    );
    if (n > OBJECTS) throw new Problem(k.modelObjects, { limit: OBJECTS, kind: objects.kind });
    // Equirectangular metres: exact to a thousandth over a county.
    for (const h of model.hazards)
      await s.run(
        `INSERT INTO risk.near SELECT $model, $kind, id, $hazard, series, metres FROM (
           SELECT o.id, r.series, 111195 * sqrt((r.lat - o.lat) ** 2 + ((r.lon - o.lon) * cos(radians(o.lat))) ** 2) AS metres
           FROM risk.object o JOIN v.series_v1 r ON r.type = $type AND r.property = $property AND r.active AND r.lon IS NOT NULL
             AND abs(r.lat - o.lat) < ${h.within / 111_195} AND abs(r.lon - o.lon) < ${(h.within / 111_195) * 1.4}
           WHERE o.model = $model AND o.kind = $kind)
         WHERE metres <= ${h.within}
         QUALIFY row_number() OVER (PARTITION BY id ORDER BY metres, series) <= ${h.stations}`,
        { ...p, hazard: h.id, type: h.series.type, property: h.series.property },
      );
    await s.run('DELETE FROM risk.mark WHERE model = $model AND kind = $kind', p);
    await s.run('INSERT INTO risk.mark VALUES ($model, $kind, $hash, $at, $n)', { ...p, hash, at, n });
    return n;
  });
}

interface Station extends Record<string, unknown> {
  series: number;
  /** An ISO instant. */
  at: string;
  value: number;
  mean: number | null;
}

/** What every station says now and ahead; answers the series whose hazard is not what it was. */
async function takeHazards(s: LakeSession, model: RiskModel, at: Date): Promise<void> {
  await s.run('CREATE OR REPLACE TEMP TABLE hazard_now AS FROM risk.hazard LIMIT 0');
  for (const h of model.hazards) {
    const stations = await s.query<Station>(
      `SELECT l.series, l."at", l."value" AS "value", (SELECT avg(r.mean) FROM v.reading_hour_v1 r WHERE r.series = l.series AND r.hour > $week) AS mean
       FROM v.latest_v1 l JOIN v.series_v1 r ON r.series = l.series AND r.type = $type AND r.property = $property
       WHERE l.series IN (SELECT series FROM risk.near WHERE model = $model AND hazard = $hazard) AND l."at" > $stale ORDER BY l.series`,
      {
        ...{ type: h.series.type, property: h.series.property, model: model.model, hazard: h.id },
        // A station that says nothing for two hours tells nothing of now.
        ...{ week: new Date(at.getTime() - 7 * 86_400_000), stale: new Date(at.getTime() - 2 * 3_600_000) },
      },
    );
    const rows: (string | number | Date | null)[][] = [];
    for (const one of stations) {
      const base = h.over === 'mean' ? (one.mean ?? one.value) : 0;
      rows.push([model.model, h.id, one.series, 0, new Date(one.at), one.value, base, null, null, 0]);
      for (const f of await ahead(s, one.series, at))
        rows.push([model.model, h.id, one.series, f.hours, new Date(one.at), f.median, base, f.low, f.high, 0]);
    }
    await s.append('hazard_now', rows);
    await s.run(`UPDATE hazard_now SET h = ${onScale('"value" - base', h.scale)} WHERE hazard = $hazard`, {
      hazard: h.id,
    });
  }
}

/** The next hours of one series: of its hours of two weeks. Tens of stations, so that rows come here one series at a time. */
async function ahead(
  s: LakeSession,
  series: number,
  at: Date,
): Promise<{ hours: number; median: number; low: number; high: number }[]> {
  const hours = await s.query<{ hour: string; mean: number }>(
    'SELECT hour, mean FROM v.reading_hour_v1 WHERE series = $series AND hour > $from ORDER BY hour',
    { series, from: new Date(at.getTime() - DAYS * 86_400_000) },
  );
  if (hours.length < 24) return [];
  const own = forecaster({ step: 3_600_000, steps: SIX });
  for (const { hour, mean } of hours) own.push(Date.parse(hour), mean);
  const found = own.forecast(SIX);
  return horizons.flatMap((n) => {
    const f = found[n - 1];
    return f ? [{ hours: n, median: f.median, low: f.low, high: f.high }] : [];
  });
}

/** One step of a model; answers how many scores were reckoned anew. */
export async function step(lake: Lake, model: RiskModel, at: Date): Promise<number> {
  return lake.write('risk', async (s) => {
    await takeHazards(s, model, at);
    const p = { model: model.model };
    // Stations whose hazard changed or went silent, at any horizon.
    await s.run(
      `CREATE OR REPLACE TEMP TABLE moved AS SELECT DISTINCT hazard, series FROM (
         (SELECT hazard, series, horizon, round(h, 4) AS h FROM hazard_now EXCEPT SELECT hazard, series, horizon, round(h, 4) FROM risk.hazard WHERE model = $model)
         UNION ALL
         (SELECT hazard, series, horizon, round(h, 4) AS h FROM risk.hazard WHERE model = $model EXCEPT SELECT hazard, series, horizon, round(h, 4) FROM hazard_now))`,
      p,
    );
    await s.run('DELETE FROM risk.hazard WHERE model = $model', p);
    await s.run('INSERT INTO risk.hazard FROM hazard_now');
    await s.run(
      `CREATE OR REPLACE TEMP TABLE touched AS SELECT DISTINCT n.kind, n.id FROM risk.near n JOIN moved m USING (hazard, series) WHERE n.model = $model
       UNION SELECT o.kind, o.id FROM risk.object o WHERE o.model = $model AND NOT EXISTS (FROM risk.score x WHERE x.model = o.model AND x.kind = o.kind AND x.id = o.id)
         AND EXISTS (FROM risk.near n JOIN hazard_now h USING (hazard, series) WHERE n.model = o.model AND n.kind = o.kind AND n.id = o.id)`,
      p,
    );
    await s.run(
      'DELETE FROM risk.score x WHERE model = $model AND EXISTS (FROM touched t WHERE t.kind = x.kind AND t.id = x.id)',
      p,
    );
    const weights = model.hazards.map((h) => `WHEN '${h.id}' THEN ${h.weight}`).join(' ');
    const sum = model.hazards.reduce((n, h) => n + h.weight, 0);
    // A hazard is the nearer stations' mean, weighed by one over their distance; hazards that nobody measures count nothing.
    return s.run(
      `INSERT INTO risk.score SELECT $model, o.kind, o.id, w.horizon, $at, w.h, 100 * w.h * o.e * o.v FROM (
         SELECT kind, id, horizon, sum(h * CASE hazard ${weights} END) / ${sum} AS h FROM (
           SELECT n.kind, n.id, n.hazard, z.horizon, sum(z.h / (n.metres + 200)) / sum(1 / (n.metres + 200)) AS h
           FROM risk.near n JOIN touched t ON t.kind = n.kind AND t.id = n.id JOIN hazard_now z ON z.hazard = n.hazard AND z.series = n.series
           WHERE n.model = $model GROUP BY ALL) GROUP BY ALL) w
       JOIN risk.object o ON o.model = $model AND o.kind = w.kind AND o.id = w.id`,
      { ...p, at },
    );
  });
}
