/** The routes of the map for the console: what there is to draw, tiles, features, cards, search, what lies inside. */
import { gunzipSync } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { defineRoute, type RouteDefinition } from '../platform/http/index.ts';
import { Problem } from '../platform/problem.ts';
import * as api from './api.ts';
import { features, liveFeatures } from './feature/ask.ts';
import { card } from './feature/card.ts';
import { boxOfText } from './feature/parse.ts';
import { search } from './feature/search.ts';
import { within } from './feature/within.ts';
import { plainFields, seenLayer } from './layer/rights.ts';
import type { Box } from './layer/types.ts';
import { shortOf } from './pmtiles/archive.ts';
import { BUILD_JOB } from './pmtiles/build.ts';
import * as k from './problems.ts';
import { BASE, type LayerState, type OneMap, versionOf } from './service.ts';
import { latitude, longitude } from './tile/geometry.ts';
import { MOST_ZOOM } from './tile/tiles.ts';

const room = 'map';
const base = '/api/v1/map';
/** A page of tiles is dozens of requests; somebody who pans for a minute asks for thousands. */
const TILES_A_MINUTE = 20_000;
const MVT = 'application/vnd.mapbox-vector-tile';

const once = async function* (bytes: Uint8Array) {
  yield bytes;
};

/** What is wrong, as the list of layers tells it. */
export const faultOf = (p: Problem) => {
  const { code, title } = p.toJSON();
  return { code, title, file: p.place?.file ?? null, line: p.place?.line ?? null };
};

/** A layer as it is told. */
function layerView(
  { layer, copy, fault }: LayerState,
  who: Parameters<typeof plainFields>[1],
): z.input<typeof api.layer> {
  const live = 'features' in layer.source;
  return {
    ...{ id: layer.id, title: layer.title, abstract: layer.abstract ?? null, group: layer.group, owner: layer.owner },
    ...{ geometry: layer.geometry, live, refresh: layer.source.refresh ?? (live ? 10 : null) },
    ...{ version: copy?.version ?? null, count: copy?.count ?? null, left: copy?.left ?? null, box: copy?.box ?? null },
    times: copy?.times ?? null,
    time: layer.time ? { from: layer.time.from, to: layer.time.to ?? null } : null,
    ...{ zooms: layer.zooms ?? { min: 0, max: 22 }, shown: layer.shown ?? false, search: layer.search ?? false },
    ...{ label: layer.label ?? null, style: layer.style },
    fields: plainFields(layer, who).map((f) => ({
      ...{ name: f.name, title: f.title, type: f.type ?? 'text', unit: f.unit ?? null },
    })),
    fault: fault ? faultOf(fault) : null,
  };
}

/** The box of a tile in degrees. */
const boxOfTile = (z: number, x: number, y: number): Box => [
  longitude(x / 2 ** z),
  latitude((y + 1) / 2 ** z),
  longitude((x + 1) / 2 ** z),
  latitude(y / 2 ** z),
];

/** Refuses a tile that does not exist. */
function checkTile(z: number, x: number, y: number, most: number): void {
  if (z > most || x >= 2 ** z || y >= 2 ** z) throw new Problem(k.noTile, { z, x, y, most });
}

/** Answers bytes with a mark of their version; 304 where the asker has them already. True: nothing more is to be sent. */
function marked(request: FastifyRequest, reply: FastifyReply, tag: string, forever: boolean): boolean {
  const etag = `"${shortOf(tag)}"`;
  reply.header('etag', etag);
  reply.header('vary', 'accept-encoding, cookie');
  reply.header('cache-control', forever ? 'private, max-age=3600' : 'private, no-cache');
  if (request.headers['if-none-match'] !== etag) return false;
  reply.code(304).send();
  return true;
}

/** A gzipped tile as the asker can read it. */
function sent(request: FastifyRequest, reply: FastifyReply, tile: Uint8Array) {
  const gzip = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
  if (tile.length > 0 && gzip) reply.header('content-encoding', 'gzip');
  return { chunks: once(tile.length > 0 && !gzip ? gunzipSync(tile) : tile) };
}

function drawing(map: OneMap): RouteDefinition[] {
  return [
    defineRoute({
      ...{ method: 'GET', path: base, room, access: 'map.read', response: api.mapAnswer },
      summary: { zh: '一张图：底图、图层与样式', en: 'The one map: base, layers, styles' },
      async handler({ principal }) {
        const states = await Promise.all(map.seen(principal).map((l) => map.state(l)));
        const boxes = states.flatMap((s) => (s.copy?.box ? [s.copy.box] : []));
        const box: Box | null = boxes.length
          ? [
              Math.min(...boxes.map((b) => b[0])),
              Math.min(...boxes.map((b) => b[1])),
              Math.max(...boxes.map((b) => b[2])),
              Math.max(...boxes.map((b) => b[3])),
            ]
          : null;
        const note = await map.archive.note();
        const now = versionOf(await map.base(null));
        return {
          city: { ...map.cityFacts(), box },
          own: map.city.own(),
          services: map.city.services().map((s) => ({
            ...{ id: s.id, title: s.title, approval: s.approval!, attribution: s.attribution, maxZoom: s.maxZoom },
          })),
          layers: states.map((s) => layerView(s, principal)),
          archive:
            note && note.version === now
              ? { version: shortOf(now), minZoom: note.minZoom, maxZoom: note.maxZoom }
              : null,
          faults: [...map.faults, ...map.city.faults()].map(faultOf),
        };
      },
    }),
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/tiles/{layer}/{z}/{x}/{y}`,
        room,
        access: 'public',
        rateLimit: TILES_A_MINUTE,
      },
      ...{ params: api.tileParams, query: api.tileQuery, response: { stream: MVT } },
      summary: { zh: '矢量瓦片（base 为全部底图图层）', en: 'Vector tile (base: all layers of the base map)' },
      description: {
        zh: 'Mapbox Vector Tile 2.1，EPSG:3857，级别 0 至 15；无账号者只得开放图层的公开字段。',
        en: 'Mapbox Vector Tile 2.1, EPSG:3857, zooms 0 to 15. Without an account: public fields of open layers.',
      },
      problems: [k.unknownLayer, k.layerForbidden, k.layerAbsent, k.noTile],
      async handler({ params, query, principal, request, reply }) {
        const { z, x, y } = params;
        checkTile(z, x, y, MOST_ZOOM);
        if (params.layer === BASE) {
          const layers = await map.base(principal);
          const forever = query.v !== undefined;
          if (marked(request, reply, `${versionOf(layers)} ${z}/${x}/${y}`, forever)) return [] as never;
          return sent(request, reply, await map.tiles.tile(layers, z, x, y));
        }
        const layer = seenLayer(map.registry, params.layer, principal);
        const fields = plainFields(layer, principal).map((f) => f.name);
        if ('select' in layer.source) {
          const copy = await map.copies.of(layer);
          const one = [{ layer, copy, fields }];
          if (marked(request, reply, `${versionOf(one)} ${z}/${x}/${y}`, query.v !== undefined)) return [] as never;
          return sent(request, reply, await map.tiles.tile(one, z, x, y));
        }
        if (!principal) throw new Problem(k.unknownLayer, { layer: layer.id });
        const at = query.at ? new Date(query.at) : null;
        const ask = { bbox: boxOfTile(z, x, y), zoom: z, at, id: null, limit: 20_000, who: principal };
        reply.header('cache-control', 'no-store');
        return sent(request, reply, await map.tiles.once(layer, await liveFeatures(layer, ask), fields, z, x, y));
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/archive/base.pmtiles`, room, access: 'map.read', rateLimit: TILES_A_MINUTE },
      response: { stream: 'application/vnd.pmtiles' },
      summary: { zh: '底图瓦片包（PMTiles，按字节范围读取）', en: 'Archive of the base map (PMTiles, read by ranges)' },
      problems: [k.noArchive, k.wrongRange],
      async handler({ request, reply }) {
        const note = await map.archive.note();
        if (!note) throw new Problem(k.noArchive);
        const range = /^bytes=(\d{1,15})-(\d{0,15})$/.exec(String(request.headers.range ?? ''));
        if (request.headers.range !== undefined && !range) throw new Problem(k.wrongRange);
        const etag = `"${shortOf(note.version + note.made)}"`;
        reply.header('etag', etag).header('accept-ranges', 'bytes').header('cache-control', 'private, no-cache');
        const from = range ? Number(range[1]) : 0;
        const read = await map.archive.read(from, range?.[2] ? Number(range[2]) : null);
        if (!read) throw new Problem(k.wrongRange);
        if (range) reply.code(206).header('content-range', `bytes ${from}-${read.end}/${read.size}`);
        return { chunks: once(read.bytes) };
      },
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/archive`,
        room,
        access: 'system.manage',
        response: api.jobAnswer,
        status: 202,
      },
      summary: { zh: '生成底图瓦片包', en: 'Make the archive of the base map' },
      handler: async ({ principal }) => ({
        job: await map.deps.jobs.submit(BUILD_JOB, {}, { by: principal.userId, unique: 'base' }),
      }),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/services/{service}/{z}/{x}/{y}`, room, access: 'map.read' },
      ...{ params: api.serviceTileParams, response: { stream: 'image/png' }, rateLimit: TILES_A_MINUTE },
      summary: { zh: '底图服务的瓦片（由平台转取）', en: 'A tile of a map service, fetched by the hub' },
      problems: [k.unknownBasemap, k.basemapFailed, k.noTile],
      async handler({ params, reply }) {
        checkTile(params.z, params.x, params.y, 22);
        const tile = await map.city.tile(params.service, params.z, params.x, params.y);
        reply.header('cache-control', 'private, max-age=86400');
        return { chunks: once(tile.bytes), contentType: tile.type };
      },
    }),
  ];
}

function asking(map: OneMap): RouteDefinition[] {
  return [
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/layers/{layer}/features`,
        room,
        access: 'map.read',
        rateLimit: TILES_A_MINUTE,
      },
      ...{ params: api.layerParams, query: api.featuresQuery, response: api.featuresAnswer },
      summary: { zh: '图层在范围内的要素（GeoJSON）', en: 'Features of a layer inside a box (GeoJSON)' },
      problems: [k.unknownLayer, k.layerForbidden, k.layerAbsent, k.wrongBox],
      async handler({ params, query, principal }) {
        const layer = seenLayer(map.registry, params.layer, principal);
        const at = query.at ? new Date(query.at) : null;
        const page = await features(map, layer, principal, {
          bbox: query.bbox === undefined ? null : boxOfText(query.bbox),
          time: at ? { from: at, to: at } : null,
          ...{ where: [], limit: query.limit, offset: 0 },
          ...(query.zoom === undefined ? {} : { zoom: query.zoom }),
        });
        return {
          type: 'FeatureCollection' as const,
          features: page.features.map((f) => ({ type: 'Feature' as const, ...f })),
          ...{ matched: page.matched, more: page.more },
        };
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/layers/{layer}/features/{id}`, room, access: 'map.read' },
      ...{ params: api.featureParams, response: api.cardAnswer },
      summary: { zh: '一个要素的信息卡', en: 'The card of a feature' },
      problems: [k.unknownLayer, k.layerForbidden, k.layerAbsent, k.unknownFeature],
      handler: ({ params, principal, purpose }) =>
        card(
          { ...map.deps, copies: map.copies },
          seenLayer(map.registry, params.layer, principal),
          params.id,
          purpose === undefined ? principal : { ...principal, purpose },
        ),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/search`, room, access: 'map.read', query: api.searchQuery },
      ...{ response: api.searchAnswer, summary: { zh: '在图上查找', en: 'Find on the map' } },
      handler: ({ query, principal }) => search(map, map.registry, query.q, principal, query.limit),
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/within`, reads: true, room, access: 'map.read', body: api.withinBody },
      ...{ response: api.withinAnswer, problems: [k.unknownLayer, k.layerForbidden, k.layerAbsent, k.wrongShape] },
      summary: { zh: '框选或缓冲区内有什么', en: 'What lies inside a drawn area or around a shape' },
      async handler({ body, principal }) {
        const layers = [...new Set(body.layers)].map((id) => seenLayer(map.registry, id, principal));
        const found = await within(map, layers, body.geometry, body.metres, body.list, principal);
        return { layers: found };
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/layers/reload`, room, access: 'system.manage', status: 204 },
      ...{ response: api.two.optional(), summary: { zh: '重新读取图层声明', en: 'Read the declared layers anew' } },
      async handler() {
        await map.read();
        return undefined;
      },
    }),
  ];
}

/** All routes of the console. */
export const mapRoutes = (map: OneMap): RouteDefinition[] => [...drawing(map), ...asking(map)];
