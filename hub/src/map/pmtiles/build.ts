/** The job that makes the archive of the base map: every tile over the county, from the whole of it down to houses. */
import { z } from 'zod';
import type { JobKind } from '../../platform/jobs/index.ts';
import { plainFields } from '../layer/rights.ts';
import type { Box } from '../layer/types.ts';
import { type OneMap, versionOf } from '../service.ts';
import { mercatorX, mercatorY } from '../tile/geometry.ts';
import { MOST_ZOOM } from '../tile/tiles.ts';
import { type ArchiveTile, writeArchive } from './write.ts';

export const BUILD_JOB = 'map.archive';
const LEAST_ZOOM = 6;

/** Columns and rows of a box's tiles at a zoom. */
export function tilesOf(box: Box, z: number): { x0: number; y0: number; x1: number; y1: number } {
  const n = 2 ** z;
  const at = (v: number) => Math.max(0, Math.min(n - 1, Math.floor(v * n)));
  return { x0: at(mercatorX(box[0])), y0: at(mercatorY(box[3])), x1: at(mercatorX(box[2])), y1: at(mercatorY(box[1])) };
}

/** The job; its layers are those that everybody with `map.read` sees, with their public fields. */
export function buildJob(map: () => OneMap): JobKind<Record<string, never>> {
  return {
    kind: BUILD_JOB,
    params: z.strictObject({}),
    title: { zh: '生成底图瓦片包', en: 'Make the tile archive of the base map' },
    async run(ctx) {
      const one = map();
      const layers = one.registry.all().filter((l) => l.group === 'base' && 'select' in l.source && !l.permission);
      const states = await Promise.all(layers.map((l) => one.state(l)));
      const drawn = states.flatMap(({ layer, copy }) =>
        copy ? [{ layer, copy, fields: plainFields(layer, null).map((f) => f.name) }] : [],
      );
      const boxes = drawn.flatMap((d) => (d.copy.box ? [d.copy.box] : []));
      if (boxes.length === 0) return { tiles: 0, bytes: 0 };
      const box: Box = [
        Math.min(...boxes.map((b) => b[0])),
        Math.min(...boxes.map((b) => b[1])),
        Math.max(...boxes.map((b) => b[2])),
        Math.max(...boxes.map((b) => b[3])),
      ];
      const wanted: [number, number, number][] = [];
      for (let zoom = LEAST_ZOOM; zoom <= MOST_ZOOM; zoom++) {
        const { x0, y0, x1, y1 } = tilesOf(box, zoom);
        for (let x = x0; x <= x1; x++) for (let y = y0; y <= y1; y++) wanted.push([zoom, x, y]);
      }
      const tiles: ArchiveTile[] = [];
      for (const [i, [zoom, x, y]] of wanted.entries()) {
        if (i % 64 === 0) {
          ctx.signal.throwIfAborted();
          ctx.progress({ done: i, total: wanted.length });
        }
        tiles.push({ z: zoom, x, y, data: await one.tiles.tile(drawn, zoom, x, y) });
      }
      const bytes = writeArchive(tiles, {
        ...{ box, minZoom: LEAST_ZOOM, maxZoom: MOST_ZOOM, centreZoom: 11 },
        metadata: {
          name: one.deps.config.city,
          format: 'pbf',
          vector_layers: drawn.map((d) => ({
            id: d.layer.id,
            fields: Object.fromEntries(d.fields.map((f) => [f, 'String'])),
          })),
        },
      });
      const kept = tiles.filter((t) => t.data.length > 0).length;
      await one.archive.put(bytes, {
        ...{ version: versionOf(drawn), tiles: kept, bytes: bytes.length, made: one.deps.clock.now().toISOString() },
        ...{ minZoom: LEAST_ZOOM, maxZoom: MOST_ZOOM },
      });
      return { tiles: kept, bytes: bytes.length };
    },
  };
}
