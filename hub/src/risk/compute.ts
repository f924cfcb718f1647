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

/** Objects with their factors, and the stations near them; made anew when the model, the library, the sensors or the land have changed. */
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
    await s.run(`CREATE OR REPLACE TEMP TABLE taken AS SELECT * FROM (${select.sql}) WHERE id IS NOT NULL AND lon IS NOT NULL AND lat IS NOT NULL
      AND exposure IS NOT NULL QUALIFY row_number() OVER (PARTITION BY id) = 1 LIMIT ${OBJECTS + 1}`);
    const n = Number((await s.first<{ n: number }>('SELECT count(*) AS n FROM taken'))?.n ?? 0);
    if (n > OBJECTS) throw new Problem(k.modelObjects, { limit: OBJECTS, kind: objects.kind });
    const half = await halfOf(s, objects);
    for (const g of objects.ground) await takeGround(s, g);
    // Of what is not known the middle between the factor's ends is taken, and the tree says so.
    // Asked first, since the engine's least and greatest leave out what is NULL.
    const factor = (v: RiskObjects['vulnerability'][number]) =>
      `CASE WHEN "${v.id}" IS NULL THEN ${(1 + v.least) / 2} ELSE ${v.least} + (1 - ${v.least}) * ${onScale(`"${v.id}"`, v.scale)} END`;
    const ground = (g: RiskObjects['ground'][number]) =>
      `(${g.least} + (1 - ${g.least}) * ${onScale(`ground_${g.id}.found`, g.scale)})`;
    const product = (list: readonly string[]) => list.join(' * ') || '1.0';
    const inputs = [
      ...objects.vulnerability.map((v) => `'${v.id}': "${v.id}"`),
      ...objects.ground.map((g) => `'${g.id}': ground_${g.id}.found`),
    ].join(', ');
    for (const table of ['object', 'near', 'score', 'mark'])
      await s.run(`DELETE FROM risk.${table} WHERE model = $model AND kind = $kind`, p);
    // Objects whose ground nobody knows are left out: without the land such a model says nothing.
    await s.run(
      `INSERT INTO risk.object (model, kind, id, name, town, lon, lat, exposure, e, v, g, inputs)
       SELECT $model, $kind, id, name, town, lon, lat, exposure, exposure / (exposure + $half), ${product(objects.vulnerability.map(factor))},
         ${product(objects.ground.map(ground))}, ${inputs ? `to_json({${inputs}})` : `'{}'`}
       FROM taken ${objects.ground.map((g) => `JOIN ground_${g.id} USING (id)`).join(' ')}`,
      { ...p, half },
    );
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
    await s.run(
      'INSERT INTO risk.mark (model, kind, hash, made, n, half) VALUES ($model, $kind, $hash, $at, $n, $half)',
      {
        ...{ ...p, hash, at, n, half },
      },
    );
    return n;
  });
}

/** What half of the worst exposure is: as declared, or the usual one of those that are exposed at all. */
async function halfOf(s: LakeSession, { exposure }: RiskObjects): Promise<number> {
  if (exposure.half !== 'median') return exposure.half;
  const found = await s.first<{ half: number | null }>('SELECT median(exposure) AS half FROM taken WHERE exposure > 0');
  return Number(found?.half ?? 1);
}

/** The most or least of the land's cells round every taken object: `ground_<id> (id, found)`. */
async function takeGround(s: LakeSession, g: RiskObjects['ground'][number]): Promise<void> {
  const land = await s.first<{ west: number; south: number; cell: number }>(
    'SELECT west, south, cell FROM risk.terrain_of',
  );
  const { west, south, cell } = land ?? { west: 0, south: 0, cell: 1 };
  const [up, along] = [Math.round(g.within / 110_900 / cell), Math.round(g.within / 96_000 / cell)];
  await s.run(
    `CREATE OR REPLACE TEMP TABLE ground_${g.id} AS SELECT t.id, ${g.take === 'most' ? 'max' : 'min'}(c.${g.of}) AS found
     FROM (SELECT id, floor((lon - ${west}) / ${cell})::INTEGER + x.x AS col, floor((lat - ${south}) / ${cell})::INTEGER + y.y AS "row"
       FROM taken, range(${-along}, ${along + 1}) x(x), range(${-up}, ${up + 1}) y(y)) t
     JOIN risk.terrain c ON c.col = t.col AND c."row" = t."row" GROUP BY t.id`,
  );
}

interface Station extends Record<string, unknown> {
  series: number;
  /** An ISO instant. */
  at: string;
  value: number;
  mean: number | null;
}

/** What every station says now and ahead; answers the series whose hazard is not what it was. */
async function takeHazards(s: LakeSession, model: RiskModel, at: Date, known: Series): Promise<void> {
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
      const { now, later } = await ahead(s, one, at, h.sum, known);
      rows.push([model.model, h.id, one.series, 0, new Date(one.at), now ?? one.value, base, null, null, 0]);
      for (const f of later)
        rows.push([model.model, h.id, one.series, f.hours, new Date(one.at), f.median, base, f.low, f.high, 0]);
    }
    await s.append('hazard_now', rows);
    await s.run(`UPDATE hazard_now SET h = ${onScale('"value" - base', h.scale)} WHERE hazard = $hazard`, {
      hazard: h.id,
    });
  }
}

interface Ahead {
  hours: number;
  median: number;
  low: number;
  high: number;
}

/** Hours of series and what is forecast of them, kept for one pass over all models: they share their stations. */
export type Series = Map<number, { hours: { at: number; mean: number }[]; found: Omit<Ahead, 'hours'>[] | null }>;

async function seriesOf(s: LakeSession, { series, value, at: told }: Station, at: Date, known: Series) {
  const there = known.get(series);
  if (there) return there;
  const rows = await s.query<{ hour: string; mean: number }>(
    'SELECT hour, mean FROM v.reading_hour_v1 WHERE series = $series AND hour > $from ORDER BY hour',
    { series, from: new Date(at.getTime() - DAYS * 86_400_000) },
  );
  const hours = rows.map((r) => ({ at: Date.parse(r.hour), mean: r.mean }));
  const own: ReturnType<Series['get']> & object = { hours, found: null };
  if (hours.length >= 24) {
    const engine = forecaster({ step: 3_600_000, steps: SIX });
    // The present hour is not over: its mean lags behind what a station says now, most of all when something comes.
    const present = Math.floor(Date.parse(told) / 3_600_000) * 3_600_000;
    for (const h of hours) if (h.at < present) engine.push(h.at, h.mean);
    engine.push(present, value);
    own.found = engine.forecast(SIX);
  }
  known.set(series, own);
  return own;
}

/**
 * The next hours of one series, of its hours of two weeks. Tens of stations, so that rows come here one series at a time. `sum`: hours
 * that are added up, behind now and ahead together; then `now` is their sum until now.
 */
async function ahead(
  s: LakeSession,
  station: Station,
  at: Date,
  sum: number | undefined,
  known: Series,
): Promise<{ now: number | undefined; later: Ahead[] }> {
  const { hours, found } = await seriesOf(s, station, at, known);
  const past = (n: number): number =>
    hours.reduce((all, h) => (h.at > at.getTime() - n * 3_600_000 ? all + h.mean : all), 0);
  const now = sum ? past(sum) : undefined;
  if (!found) return { now, later: [] };
  const later = horizons.flatMap((n) => {
    const f = found[n - 1];
    if (!f) return [];
    if (!sum) return [{ hours: n, median: f.median, low: f.low, high: f.high }];
    // The hours ahead move together at worst: their lows and highs are added as they are.
    const kept = past(Math.max(0, sum - n));
    const add = (of: 'median' | 'low' | 'high') =>
      found.slice(Math.max(0, n - sum), n).reduce((all, one) => all + one[of], kept);
    return [{ hours: n, median: add('median'), low: add('low'), high: add('high') }];
  });
  return { now, later };
}

/** One step of a model; answers how many scores were reckoned anew. `known`: series of this pass. */
export async function step(lake: Lake, model: RiskModel, at: Date, known: Series = new Map()): Promise<number> {
  return lake.write('risk', async (s) => {
    await takeHazards(s, model, at, known);
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
      `INSERT INTO risk.score SELECT $model, o.kind, o.id, w.horizon, $at, w.h, 100 * w.h * o.g * o.e * o.v FROM (
         SELECT kind, id, horizon, sum(h * CASE hazard ${weights} END) / ${sum} AS h FROM (
           SELECT n.kind, n.id, n.hazard, z.horizon, sum(z.h / (n.metres + 200)) / sum(1 / (n.metres + 200)) AS h
           FROM risk.near n JOIN touched t ON t.kind = n.kind AND t.id = n.id JOIN hazard_now z ON z.hazard = n.hazard AND z.series = n.series
           WHERE n.model = $model GROUP BY ALL) GROUP BY ALL) w
       JOIN risk.object o ON o.model = $model AND o.kind = w.kind AND o.id = w.id`,
      { ...p, at },
    );
  });
}
