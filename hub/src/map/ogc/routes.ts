/**
 * OGC API – Features – Part 1: Core 1.0.1 (OGC 17-069r4, ISO 19168-1) over the layers: landing page, conformance, collections, items with
 * bbox, datetime, limit, offset and exact values of properties. Classes: core and geojson. (The description of the API is OpenAPI 3.1, so
 * that the class oas30 is not claimed.) Without an account: public fields of open layers.
 */
import { z } from 'zod';
import type { Principal } from '../../platform/auth/index.ts';
import { defineRoute, type RouteDefinition } from '../../platform/http/index.ts';
import { Problem } from '../../platform/problem.ts';
import { features } from '../feature/ask.ts';
import { boxOfText, CRS84, checkCrs, timeOfText } from '../feature/parse.ts';
import { plainFields, seenLayer } from '../layer/rights.ts';
import type { LayerDefinition, MapFeature } from '../layer/types.ts';
import * as k from '../problems.ts';
import type { LayerState, OneMap } from '../service.ts';

const room = 'map';
const base = '/api/v1/map/ogc';
const GEOJSON = 'application/geo+json';
const MOST = 10_000;
/** Numbers beyond this are mistakes: nothing has so many features. */
const MOST_OFFSET = 100_000_000;

const link = z.object({
  href: z.string(),
  rel: z.string(),
  type: z.string().optional(),
  title: z.string().optional(),
});
const landing = z.object({ title: z.string(), description: z.string(), links: z.array(link) });
const collection = z.object({
  id: z.string(),
  title: z.string(),
  description: z.string().optional(),
  itemType: z.literal('feature'),
  crs: z.array(z.string()),
  extent: z
    .object({
      spatial: z.object({ bbox: z.array(z.array(z.number())), crs: z.string() }).optional(),
      temporal: z.object({ interval: z.array(z.array(z.string().nullable())) }).optional(),
    })
    .optional(),
  links: z.array(link),
});
const params = z.object({ collection: z.string().max(60) });
const itemParams = params.extend({ item: z.string().min(1).max(300) });
/** Any further parameter is the name of a property; the handler refuses what is none. */
const itemsQuery = z
  .object({ bbox: z.string().max(160).optional(), datetime: z.string().max(80).optional() })
  .catchall(z.union([z.string().max(500), z.array(z.string().max(500))]));
const OWN = new Set(['bbox', 'datetime', 'limit', 'offset', 'crs', 'bbox-crs', 'f']);

const say = (t: { zh: string; en: string }): string => `${t.zh} ${t.en}`;

/** A whole number of a parameter. Above the most of `limit` the most is taken (requirement /req/core/fc-limit-response-1). */
function whole(name: string, text: unknown, low: number, high: number, otherwise: number, clamp = false): number {
  if (text === undefined) return otherwise;
  const n = typeof text === 'string' && /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN;
  if (!(n >= low) || (n > high && !clamp))
    throw new Problem(k.wrongNumber, { name, low, high }, { pointer: `/query/${name}` });
  return Math.min(n, high);
}

function collectionOf(url: string, { layer, copy }: LayerState): z.input<typeof collection> {
  const at = `${url}${base}/collections/${layer.id}`;
  return {
    ...{ id: layer.id, title: say(layer.title), itemType: 'feature', crs: [CRS84] },
    ...(layer.abstract ? { description: say(layer.abstract) } : {}),
    ...(copy?.box
      ? {
          extent: {
            spatial: { bbox: [[...copy.box]], crs: CRS84 },
            ...(copy.times ? { temporal: { interval: [[...copy.times]] } } : {}),
          },
        }
      : {}),
    links: [
      { href: at, rel: 'self', type: 'application/json' },
      { href: `${at}/items`, rel: 'items', type: GEOJSON, title: say(layer.title) },
      {
        ...{ href: `${url}/api/v1/map/tiles/${layer.id}/{z}/{x}/{y}`, rel: 'item' },
        ...{ type: 'application/vnd.mapbox-vector-tile', title: 'vector tiles (EPSG:3857, template)' },
      },
    ],
  };
}

const chunk = async function* (text: string) {
  yield text;
};

const asGeoJson = (f: MapFeature) => ({
  type: 'Feature',
  id: f.id,
  geometry: f.geometry,
  properties: f.properties,
});

function query(layer: LayerDefinition, who: Principal | null, q: Record<string, unknown>) {
  const known = new Map(plainFields(layer, who).map((f) => [f.name, f]));
  const where = Object.entries(q).flatMap(([name, value]) => {
    if (OWN.has(name)) {
      if (typeof value !== 'string')
        throw new Problem(k.unknownParameter, { name: `${name} (2)` }, { pointer: `/query/${name}` });
      return [];
    }
    const field = known.get(name);
    if (!field || typeof value !== 'string')
      throw new Problem(k.unknownParameter, { name: name.slice(0, 60) }, { pointer: `/query/${name.slice(0, 60)}` });
    return [{ field, is: value }];
  });
  checkCrs(q.crs as string | undefined);
  checkCrs(q['bbox-crs'] as string | undefined);
  if (q.f !== undefined && q.f !== 'json' && q.f !== 'geojson')
    throw new Problem(k.unknownParameter, { name: 'f' }, { pointer: '/query/f' });
  return {
    bbox: typeof q.bbox === 'string' ? boxOfText(q.bbox) : null,
    time: typeof q.datetime === 'string' ? timeOfText(q.datetime) : null,
    where,
    limit: whole('limit', q.limit, 1, MOST, 10, true),
    offset: whole('offset', q.offset, 0, MOST_OFFSET, 0),
  };
}

/** The routes of the service. */
export function ogcRoutes(map: OneMap): RouteDefinition[] {
  const url = () => map.deps.http.url();
  return [
    defineRoute({
      ...{ method: 'GET', path: base, room, access: 'public', response: landing },
      summary: { zh: 'OGC API 要素服务：首页', en: 'OGC API Features: landing page' },
      async handler() {
        const at = `${url()}${base}`;
        const { name } = map.cityFacts();
        return {
          title: `${name.zh}一张图要素服务 ${name.en}: features of the one map`,
          description:
            '开放图层无需账号，其余按登录者的权限。Open layers need no account, all others the rights of whoever is signed in.',
          links: [
            { href: at, rel: 'self', type: 'application/json', title: 'this document' },
            {
              href: `${url()}/api/openapi.json`,
              rel: 'service-desc',
              type: 'application/vnd.oai.openapi+json;version=3.1',
            },
            { href: `${url()}/api/docs`, rel: 'service-doc', type: 'text/html' },
            { href: `${at}/conformance`, rel: 'conformance', type: 'application/json' },
            { href: `${at}/collections`, rel: 'data', type: 'application/json' },
          ],
        };
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/conformance`, room, access: 'public' },
      response: z.object({ conformsTo: z.array(z.string()) }),
      summary: { zh: 'OGC API 要素服务：符合的类', en: 'OGC API Features: conformance' },
      handler: async () => ({
        conformsTo: ['core', 'geojson'].map((c) => `http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/${c}`),
      }),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/collections`, room, access: 'public' },
      response: z.object({ links: z.array(link), collections: z.array(collection) }),
      summary: { zh: 'OGC API 要素服务：图层', en: 'OGC API Features: collections' },
      async handler({ principal }) {
        const states = await Promise.all(map.seen(principal).map((l) => map.state(l)));
        return {
          links: [{ href: `${url()}${base}/collections`, rel: 'self', type: 'application/json' }],
          collections: states.filter((s) => !s.fault).map((s) => collectionOf(url(), s)),
        };
      },
    }),
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/collections/{collection}`,
        room,
        access: 'public',
        params,
        response: collection,
      },
      ...{
        summary: { zh: 'OGC API 要素服务：一个图层', en: 'OGC API Features: a collection' },
        problems: [k.unknownLayer],
      },
      handler: async (c) =>
        collectionOf(url(), await map.state(seenLayer(map.registry, c.params.collection, c.principal))),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/collections/{collection}/items`, room, access: 'public', params },
      ...{ query: itemsQuery, response: { stream: GEOJSON } },
      summary: { zh: 'OGC API 要素服务：要素', en: 'OGC API Features: items' },
      description: {
        zh: 'bbox、datetime、limit（至多 10000）、offset，以及按字段名的精确取值；bbox 按要素的外接矩形判断。',
        en: 'bbox, datetime, limit (10000 at most), offset, and exact values by the names of properties. bbox is held against the boxes of features.',
      },
      problems: [
        k.unknownLayer,
        k.layerForbidden,
        k.wrongBox,
        k.wrongTime,
        k.wrongCrs,
        k.wrongNumber,
        k.unknownParameter,
      ],
      async handler({ params: p, query: q, principal, clock, reply }) {
        const layer = seenLayer(map.registry, p.collection, principal);
        const asked = query(layer, principal, q);
        const page = await features(map, layer, principal, asked);
        const at = `${url()}${base}/collections/${layer.id}`;
        const again = (offset: number) => {
          const rest = Object.entries(q).filter(([name]) => name !== 'offset' && name !== 'limit') as [
            string,
            string,
          ][];
          const own = new URLSearchParams([...rest, ['limit', String(asked.limit)], ['offset', String(offset)]]);
          return `${at}/items?${own}`;
        };
        const links = [
          { href: again(asked.offset), rel: 'self', type: GEOJSON },
          { href: at, rel: 'collection', type: 'application/json' },
          ...(page.more ? [{ href: again(asked.offset + asked.limit), rel: 'next', type: GEOJSON }] : []),
          ...(asked.offset > 0
            ? [{ href: again(Math.max(0, asked.offset - asked.limit)), rel: 'prev', type: GEOJSON }]
            : []),
        ];
        reply.header('content-crs', `<${CRS84}>`);
        const answer = {
          type: 'FeatureCollection',
          ...(page.matched === null ? {} : { numberMatched: page.matched }),
          ...{ numberReturned: page.features.length, timeStamp: clock.now().toISOString(), links },
          features: page.features.map(asGeoJson),
        };
        return { chunks: chunk(JSON.stringify(answer)) };
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/collections/{collection}/items/{item}`, room, access: 'public' },
      ...{ params: itemParams, response: { stream: GEOJSON }, problems: [k.unknownLayer, k.unknownFeature] },
      summary: { zh: 'OGC API 要素服务：一个要素', en: 'OGC API Features: an item' },
      async handler({ params: p, principal, reply }) {
        const layer = seenLayer(map.registry, p.collection, principal);
        const asked = { bbox: null, time: null, where: [], ids: [p.item], limit: 1, offset: 0 };
        const found = (await features(map, layer, principal, asked)).features[0];
        if (!found) throw new Problem(k.unknownFeature, { layer: layer.id, id: p.item });
        const at = `${url()}${base}/collections/${layer.id}`;
        const links = [
          { href: `${at}/items/${encodeURIComponent(found.id)}`, rel: 'self', type: GEOJSON },
          { href: at, rel: 'collection', type: 'application/json' },
        ];
        reply.header('content-crs', `<${CRS84}>`);
        return { chunks: chunk(JSON.stringify({ ...asGeoJson(found), links })) };
      },
    }),
  ];
}
