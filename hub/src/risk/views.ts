/** What the page of risk is shown: lists ranked, and the tree of inputs behind a number. */
import type { z } from 'zod';
import type { Lake } from '../platform/lake/index.ts';
import { Problem } from '../platform/problem.ts';
import type { detailAnswer, listAnswer } from './api.ts';
import type { RiskModel } from './declaration.ts';
import * as k from './problems.ts';
import { alertsOf, byId, type Names, tellOf } from './tell.ts';

/** The lake tells instants as ISO texts in UTC. */
const iso = (v: unknown): string | null => (typeof v === 'string' ? new Date(v).toISOString() : null);

export interface Asked {
  model: string;
  kind: string;
  horizon: number;
  limit: number;
  offset: number;
}

/** Objects by their score, the worst first; with the score at every horizon. */
export async function listOf(
  lake: Lake,
  model: RiskModel,
  asked: Asked,
  at: Date,
  names: Names = byId,
): Promise<z.input<typeof listAnswer>> {
  const p = { model: asked.model, kind: asked.kind, horizon: asked.horizon, limit: asked.limit, offset: asked.offset };
  const rows = await lake.query<{
    id: string;
    name: string;
    lon: number;
    lat: number;
    exposure: number;
    h: number;
    score: number;
    at: unknown;
    later: number | null;
  }>(
    `SELECT o.id, o.name, o.lon, o.lat, o.exposure, s.h, s.score, s."at",
       (SELECT max(x.score) FROM risk.score x WHERE x.model = s.model AND x.kind = s.kind AND x.id = s.id AND x.horizon > 0) AS later
     FROM risk.score s JOIN risk.object o USING (model, kind, id)
     WHERE s.model = $model AND s.kind = $kind AND s.horizon = $horizon ORDER BY s.score DESC, o.id LIMIT $limit OFFSET $offset`,
    p,
  );
  const all = await lake.first<{ n: number; hit: number; exposed: number | null; at: unknown }>(
    `SELECT count(*)::INTEGER AS n, count(*) FILTER (WHERE s.score >= 20)::INTEGER AS hit, sum(o.exposure) FILTER (WHERE s.score >= 20) AS exposed, max(s."at") AS "at"
     FROM risk.score s JOIN risk.object o USING (model, kind, id) WHERE s.model = $model AND s.kind = $kind AND s.horizon = $horizon`,
    { model: asked.model, kind: asked.kind, horizon: asked.horizon },
  );
  const objects = await lake.first<{ n: number }>(
    'SELECT count(*)::INTEGER AS n FROM risk.object WHERE model = $model AND kind = $kind',
    {
      model: asked.model,
      kind: asked.kind,
    },
  );
  const stations = await lake.first<{ n: number }>(
    'SELECT count(DISTINCT series)::INTEGER AS n FROM risk.hazard WHERE model = $model AND horizon = 0',
    { model: asked.model },
  );
  const own = model.objects.find((o) => o.kind === asked.kind);
  const needs = own !== undefined && (own.ground.length > 0 || own.sql.includes('v.terrain_v1'));
  const land = needs ? await lake.first('SELECT 1 AS one FROM risk.terrain_of') : undefined;
  return {
    terrain: needs ? (land ? 'used' : 'none') : 'not-needed',
    tell: await tellOf(lake, model, at, names),
    alerts: await alertsOf(lake, model),
    ...{
      title: model.title,
      note: model.note,
      at: iso(all?.at),
      total: all?.n ?? 0,
      objects: objects?.n ?? 0,
      stations: stations?.n ?? 0,
    },
    ...{ hit: all?.hit ?? 0, exposed: all?.exposed ?? 0 },
    items: rows.map((r) => ({
      id: r.id,
      name: r.name,
      lon: r.lon,
      lat: r.lat,
      exposure: r.exposure,
      h: r.h,
      score: r.score,
      later: r.later,
    })),
  };
}

/** A factor with the value that it follows from; of what is not known the middle of its factor. */
function partOf(
  v: { id: string; title: { zh: string; en: string }; scale: readonly [number, number]; least: number },
  known: Readonly<Record<string, number | null>>,
) {
  const value = known[v.id] ?? null;
  const t = value === null ? null : Math.max(0, Math.min(1, (value - v.scale[0]) / (v.scale[1] - v.scale[0])));
  return {
    ...{ id: v.id, title: v.title, value, scale: [...v.scale], known: value !== null },
    factor: t === null ? (1 + v.least) / 2 : v.least + (1 - v.least) * t,
  };
}

/** One number with everything that it follows from. Problem `risk.object.unknown`. */
export async function detailOf(
  lake: Lake,
  model: RiskModel,
  kind: string,
  id: string,
): Promise<z.input<typeof detailAnswer>> {
  const p = { model: model.model, kind, id };
  const o = await lake.first<{
    name: string;
    lon: number;
    lat: number;
    exposure: number;
    e: number;
    v: number;
    g: number;
    inputs: string;
  }>(
    'SELECT name, lon, lat, exposure, e, v, g, inputs FROM risk.object WHERE model = $model AND kind = $kind AND id = $id',
    p,
  );
  const objects = model.objects.find((x) => x.kind === kind);
  if (!o || !objects) throw new Problem(k.objectUnknown);
  const scores = await lake.query<{ horizon: number; h: number; score: number; at: unknown }>(
    'SELECT horizon, h, score, "at" FROM risk.score WHERE model = $model AND kind = $kind AND id = $id ORDER BY horizon',
    p,
  );
  const inputs = await lake.query<{
    hazard: string;
    series: number;
    metres: number;
    horizon: number;
    value: number;
    base: number;
    low: number | null;
    high: number | null;
    h: number;
    at: unknown;
    entity: string;
    zh: string;
    en: string;
  }>(
    `SELECT n.hazard, n.series, n.metres, z.horizon, z."value" AS "value", z.base, z.low, z.high, z.h, z."at", r.entity, r.label_zh AS zh, r.label_en AS en
     FROM risk.near n JOIN risk.hazard z ON z.model = n.model AND z.hazard = n.hazard AND z.series = n.series JOIN v.series_v1 r ON r.series = n.series
     WHERE n.model = $model AND n.kind = $kind AND n.id = $id ORDER BY n.hazard, n.metres, z.horizon`,
    p,
  );
  const mark = await lake.first<{ half: number | null }>(
    'SELECT half FROM risk.mark WHERE model = $model AND kind = $kind',
    { model: model.model, kind },
  );
  const known = JSON.parse(o.inputs) as Record<string, number | null>;
  return {
    ...{ id, kind, name: o.name, lon: o.lon, lat: o.lat, title: model.title },
    scores: scores.map((s) => ({ horizon: s.horizon, h: s.h, score: s.score, at: iso(s.at) })),
    exposure: {
      ...{ title: objects.exposure.title, value: o.exposure, half: Number(mark?.half ?? 1), factor: o.e },
      median: objects.exposure.half === 'median',
    },
    vulnerability: { factor: o.v, parts: objects.vulnerability.map((v) => partOf(v, known)) },
    ground: { factor: o.g, parts: objects.ground.map((g) => partOf(g, known)) },
    hazards: model.hazards.map((h) => ({
      ...{
        id: h.id,
        title: h.title,
        unit: h.unit,
        weight: h.weight,
        scale: h.scale,
        over: h.over ?? null,
        sum: h.sum ?? null,
      },
      stations: inputs
        .filter((i) => i.hazard === h.id)
        .map((i) => ({
          ...{
            series: i.series,
            entity: i.entity,
            label: { zh: i.zh, en: i.en },
            metres: Math.round(i.metres),
            horizon: i.horizon,
          },
          ...{ value: i.value, base: i.base, low: i.low, high: i.high, h: i.h, at: iso(i.at) },
        })),
    })),
  };
}
