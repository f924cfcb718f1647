/** Features of a layer as GeoJSON: out of the copy of a layer over lake views, or of a live layer's own answer. */
import type { Principal } from '../../platform/auth/index.ts';
import { ident, type Lake, type LakeParams } from '../../platform/lake/index.ts';
import { copyTable, type LayerCopies, shownSql } from '../layer/copy.ts';
import { plainFields } from '../layer/rights.ts';
import type { Box, LayerDefinition, LayerField, LiveAsk, MapFeature } from '../layer/types.ts';
import { geoJsonOfWkt } from './geojson.ts';

/** What is asked of a layer. */
export interface FeatureQuery {
  bbox: Box | null;
  /** Features that are there at some instant from … to; null: whenever. */
  time: { from: Date | null; to: Date | null } | null;
  /** Exact values of fields. */
  where: { field: LayerField; is: string }[];
  ids?: readonly string[];
  limit: number;
  offset: number;
  zoom?: number;
}

export interface FeaturePage {
  features: MapFeature[];
  /** How many there are in all; null where a live layer did not say. */
  matched: number | null;
  more: boolean;
}

/** What features are asked of. */
export interface FeatureDeps {
  lake: Lake;
  copies: LayerCopies;
}

/** Most features of a live layer that are looked at for one question. */
const MOST_LIVE = 20_000;
/** Who is asked for by an open live layer without an account. */
const stranger: Principal = {
  ...{ userId: '', login: '', name: '', organisation: null, roles: [], permissions: new Set<never>() },
  ...{ sessionId: '', purpose: null },
};

/** Features of a layer that `who` sees, with the fields that they see plain, in the order of ids. */
export async function features(
  deps: FeatureDeps,
  layer: LayerDefinition,
  who: Principal | null,
  query: FeatureQuery,
): Promise<FeaturePage> {
  const fields = plainFields(layer, who);
  return 'select' in layer.source ? ofCopy(deps, layer, fields, query) : ofLive(layer, fields, who, query);
}

async function ofCopy(
  deps: FeatureDeps,
  layer: LayerDefinition,
  fields: readonly LayerField[],
  q: FeatureQuery,
): Promise<FeaturePage> {
  const copy = await deps.copies.of(layer);
  const params: LakeParams = {};
  const where: string[] = [];
  if (q.bbox) {
    where.push('east >= $w AND west <= $e AND north >= $s AND south <= $n');
    Object.assign(params, { w: q.bbox[0], s: q.bbox[1], e: q.bbox[2], n: q.bbox[3] });
  }
  if (q.time && layer.time) {
    const until = layer.time.to ? 'coalesce(at_to, 253402300799000)' : 'at_from';
    if (q.time.from) where.push(`${until} >= ${q.time.from.getTime()}`);
    if (q.time.to) where.push(`at_from <= ${q.time.to.getTime()}`);
  }
  for (const [i, { field, is }] of q.where.entries()) {
    where.push(`${shownSql(field)}::VARCHAR = $v${i}`);
    params[`v${i}`] = is;
  }
  if (q.ids) {
    where.push('list_contains($ids::VARCHAR[], id)');
    params.ids = [...q.ids];
  }
  const condition = where.length > 0 ? `WHERE ${where.join(' AND ')}` : '';
  const table = copyTable(layer);
  const rows = await deps.lake.query<Record<string, unknown>>(
    `SELECT id, lon, lat, wkt${fields.map((f) => `, ${shownSql(f)} AS ${ident(f.name)}`).join('')} FROM ${table} ${condition}
     ORDER BY id LIMIT ${q.limit + 1} OFFSET ${q.offset}`,
    params,
  );
  const more = rows.length > q.limit;
  const matched =
    where.length === 0
      ? copy.count
      : !more && q.offset === 0
        ? rows.length
        : (await deps.lake.first<{ n: number }>(`SELECT count(*) AS n FROM ${table} ${condition}`, params))!.n;
  const found = rows.slice(0, q.limit).map((r): MapFeature => {
    const geometry = r.wkt === null ? null : geoJsonOfWkt(r.wkt as string);
    return {
      id: r.id as string,
      geometry: geometry ?? { type: 'Point', coordinates: [r.lon as number, r.lat as number] },
      properties: propertiesOf(fields, r),
    };
  });
  return { features: found, matched, more };
}

function propertiesOf(fields: readonly LayerField[], row: Record<string, unknown>): MapFeature['properties'] {
  const out: MapFeature['properties'] = {};
  for (const f of fields) {
    const v = row[f.name];
    out[f.name] =
      v === null || v === undefined
        ? null
        : typeof v === 'bigint'
          ? Number(v)
          : typeof v === 'number' || typeof v === 'boolean'
            ? v
            : String(v);
  }
  return out;
}

async function ofLive(
  layer: LayerDefinition,
  fields: readonly LayerField[],
  who: Principal | null,
  q: FeatureQuery,
): Promise<FeaturePage> {
  const wanted = Math.min(MOST_LIVE, q.offset + q.limit + 1);
  const filtered = q.where.length > 0 || q.time?.from != null;
  const all = await liveFeatures(layer, {
    ...{ bbox: q.bbox, zoom: q.zoom ?? null, at: q.time?.to ?? null, id: q.ids?.length === 1 ? q.ids[0]! : null },
    ...{ limit: filtered ? MOST_LIVE : wanted, who: who ?? stranger },
  });
  const kept = all
    .filter((f) => !q.ids || q.ids.includes(f.id))
    .filter((f) => q.where.every(({ field, is }) => String(f.properties[field.name] ?? '') === is))
    .filter((f) => !q.time || isThere(layer, f, q.time))
    .sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  const page = kept.slice(q.offset, q.offset + q.limit);
  return {
    features: page.map((f) => ({ id: f.id, geometry: f.geometry, properties: propertiesOf(fields, f.properties) })),
    matched: all.length < (filtered ? MOST_LIVE : wanted) ? kept.length : null,
    more: kept.length > q.offset + q.limit,
  };
}

function isThere(layer: LayerDefinition, f: MapFeature, time: { from: Date | null; to: Date | null }): boolean {
  if (!layer.time) return true;
  const ms = (name: string) => {
    const v = f.properties[name];
    return v === null || v === undefined ? null : new Date(typeof v === 'number' ? v : String(v)).getTime();
  };
  const from = ms(layer.time.from);
  if (from === null) return true;
  const to = layer.time.to ? (ms(layer.time.to) ?? Number.POSITIVE_INFINITY) : from;
  return (!time.from || to >= time.from.getTime()) && (!time.to || from <= time.to.getTime());
}

/** What a live layer answers, without features that have no place on earth. */
export async function liveFeatures(layer: LayerDefinition, ask: LiveAsk): Promise<MapFeature[]> {
  if (!('features' in layer.source)) throw new Error(`${layer.id} is not live`);
  const found = await layer.source.features(ask);
  return found.filter((f) => f.id !== '' && onEarth(f.geometry.coordinates));
}

function onEarth(c: unknown): boolean {
  if (!Array.isArray(c) || c.length === 0) return false;
  if (typeof c[0] === 'number')
    return Number.isFinite(c[0]) && Number.isFinite(c[1]) && Math.abs(c[0]) <= 180 && Math.abs(c[1] as number) <= 90;
  return c.every(onEarth);
}
