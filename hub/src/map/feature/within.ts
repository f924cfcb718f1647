/** What lies inside a drawn area, or within a distance of a drawn line or place (缓冲区): counts by layer, and the first of each. */
import type { Principal } from '../../platform/auth/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { LayerDefinition, MapGeometry } from '../layer/types.ts';
import { wrongShape } from '../problems.ts';
import { boxOf, latitude, longitude, metresPerUnit, near, shapeOfGeoJson } from '../tile/geometry.ts';
import type { Tiles } from '../tile/tiles.ts';
import { type FeatureDeps, features, liveFeatures } from './ask.ts';

/** Vertices of a drawn shape at most; a thousand is more than anybody draws. */
const MOST_VERTICES = 2_000;
/** Of live layers so many are looked at. */
const MOST_LIVE = 20_000;

/** What of each layer has its place inside the shape (or within `metres` of it). `list`: how many of each are named. */
export async function within(
  deps: FeatureDeps & { tiles: Tiles },
  layers: readonly LayerDefinition[],
  geometry: MapGeometry,
  metres: number,
  list: number,
  who: Principal,
) {
  const shape = shapeOfGeoJson(geometry);
  const vertices = shape.rings.reduce((n, r) => n + r.length / 2, 0);
  const wrong = (zh: string, en: string) => new Problem(wrongShape, { zh, en }, { pointer: '/body/geometry' });
  if (vertices > MOST_VERTICES)
    throw wrong(`顶点多于 ${MOST_VERTICES} 个`, `it has more than ${MOST_VERTICES} vertices`);
  if (shape.type === 3 && shape.rings.some((r) => r.length < 8 || r[0] !== r.at(-2) || r[1] !== r.at(-1)))
    throw wrong('面的边界没有闭合', 'the ring of a polygon is not closed');
  if (shape.type === 2 && shape.rings.some((r) => r.length < 4))
    throw wrong('线至少要有两个点', 'a line has two points at least');
  if (shape.type !== 3 && metres <= 0) throw wrong('点和线须给出缓冲距离', 'a place or a line needs a distance');
  const box = boxOf(shape);
  const distance = metres / metresPerUnit((box[1] + box[3]) / 2);
  return Promise.all(
    layers.map(async (layer) => {
      const base = { layer: layer.id, title: layer.title };
      if ('select' in layer.source) {
        const copy = await deps.copies.of(layer);
        const found = await deps.tiles.within(layer, copy, shape, distance, list);
        const page = found.ids.length
          ? await features(deps, layer, who, {
              bbox: null,
              time: null,
              where: [],
              ids: found.ids,
              limit: list,
              offset: 0,
            })
          : { features: [] };
        return { ...base, count: found.count, atLeast: false, items: page.features.map((f) => itemOf(layer, f)) };
      }
      const bbox: [number, number, number, number] = [
        longitude(box[0] - distance),
        latitude(box[3] + distance),
        longitude(box[2] + distance),
        latitude(box[1] - distance),
      ];
      const ask = { bbox, zoom: null, at: null, id: null, limit: MOST_LIVE, who };
      const all = await liveFeatures(layer, ask);
      const inside = all.filter((f) => {
        const b = boxOf(shapeOfGeoJson(f.geometry));
        return near(shape, (b[0] + b[2]) / 2, (b[1] + b[3]) / 2, distance);
      });
      const named = inside.slice(0, list).map((f) => f.id);
      const page = named.length
        ? await features(deps, layer, who, { bbox, time: null, where: [], ids: named, limit: list, offset: 0 })
        : { features: [] };
      return {
        ...{ ...base, count: inside.length, atLeast: all.length >= MOST_LIVE },
        items: page.features.map((f) => itemOf(layer, f)),
      };
    }),
  );
}

/** A feature in a list: its id, what it is called, where it is. */
export function itemOf(
  layer: LayerDefinition,
  f: { id: string; geometry: MapGeometry; properties: Record<string, unknown> },
) {
  const b = boxOf(shapeOfGeoJson(f.geometry));
  const label = layer.label ? f.properties[layer.label] : null;
  return {
    id: f.id,
    label: label === null || label === undefined ? null : String(label),
    lon: longitude((b[0] + b[2]) / 2),
    lat: latitude((b[1] + b[3]) / 2),
  };
}
