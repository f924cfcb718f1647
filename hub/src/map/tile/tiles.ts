/**
 * Vector tiles of layers: stores in the tile thread are filled from the copies when first asked for, tiles are kept (within bounds) by
 * the versions of the data that they show, and by which fields their viewer may see.
 */
import { ident, type Lake } from '../../platform/lake/index.ts';
import { type Copy, copyTable, shownSql } from '../layer/copy.ts';
import { copiedFields, drawnFields } from '../layer/rights.ts';
import type { LayerDefinition, MapFeature } from '../layer/types.ts';
import type { Shape } from './geometry.ts';
import type { StoreRows } from './store.ts';
import { TileThread } from './thread.ts';
import type { ToldLayer } from './worker.ts';

/** The last zoom of tiles; browsers magnify these for what is closer. */
export const MOST_ZOOM = 15;
/** Bytes of tiles that are kept. */
const KEPT_BYTES = 64 * 2 ** 20;
/** Features in the thread before the layer that was used longest ago is dropped. */
const KEPT_FEATURES = 3_000_000;

interface Held {
  version: string;
  epoch: number;
  size: number;
  used: number;
  ready: Promise<void>;
}

/** The tiles of a hub. */
export class Tiles {
  readonly thread = new TileThread();
  readonly #lake: Lake;
  readonly #held = new Map<string, Held>();
  readonly #tiles = new Map<string, Uint8Array>();
  #bytes = 0;
  #turn = 0;

  constructor(lake: Lake) {
    this.#lake = lake;
  }

  /** Fills the thread's store of a layer, if it does not have this version already. */
  async hold(layer: LayerDefinition, copy: Copy): Promise<void> {
    const held = this.#held.get(layer.id);
    if (held && held.version === copy.version && (held.epoch === this.thread.epoch || held.epoch === 0)) {
      held.used = ++this.#turn;
      return held.ready;
    }
    const own: Held = {
      version: copy.version,
      epoch: 0,
      size: copy.count,
      used: ++this.#turn,
      ready: Promise.resolve(),
    };
    own.ready = this.#fill(layer, copy, own);
    this.#held.set(layer.id, own);
    try {
      await own.ready;
    } catch (error) {
      if (this.#held.get(layer.id) === own) this.#held.delete(layer.id);
      throw error;
    }
    this.#dropOld();
  }

  async #fill(layer: LayerDefinition, copy: Copy, held: Held): Promise<void> {
    const key = keyOf(layer, copy);
    const drawn = drawnFields(layer);
    const fields = copiedFields(layer).filter((f) => drawn.has(f.name));
    const times = layer.time ? ['at_from', 'at_to'] : [];
    await this.thread.ask({ kind: 'open', key, fields: [...fields.map((f) => f.name), ...times] });
    held.epoch = this.thread.epoch;
    const columns = [...fields.map((f) => `${shownSql(f)} AS ${ident(f.name)}`), ...times];
    const sql = `SELECT id, lon, lat, wkt${columns.map((c) => `, ${c}`).join('')} FROM ${copyTable(layer)} ORDER BY id`;
    for await (const batch of this.#lake.stream<Record<string, unknown>>(sql)) {
      const rows: StoreRows = {
        ids: batch.map((r) => r.id as string),
        lon: batch.map((r) => r.lon as number),
        lat: batch.map((r) => r.lat as number),
        wkt: batch.map((r) => r.wkt as string | null),
        values: Object.fromEntries(
          [...fields.map((f) => f.name), ...times].map((name) => [name, batch.map((r) => plain(r[name]))]),
        ),
      };
      await this.thread.ask({ kind: 'rows', key, rows });
    }
    await this.thread.ask({ kind: 'close', key });
    // The version before goes only now: tiles of it may have been under way.
    const before = [...this.#keys].find(([k, id]) => id === layer.id && k !== key)?.[0];
    this.#keys.set(key, layer.id);
    if (before) {
      this.#keys.delete(before);
      await this.thread.ask({ kind: 'drop', key: before });
    }
  }

  readonly #keys = new Map<string, string>();

  #dropOld(): void {
    const all = [...this.#held].sort((a, b) => a[1].used - b[1].used);
    let sum = all.reduce((n, [, h]) => n + h.size, 0);
    for (const [id, held] of all) {
      if (sum <= KEPT_FEATURES || all.length === 1) return;
      sum -= held.size;
      this.#held.delete(id);
      for (const [key, of] of this.#keys)
        if (of === id) {
          this.#keys.delete(key);
          void this.thread.ask({ kind: 'drop', key }).catch(() => undefined);
        }
    }
  }

  /**
   * A tile of layers over lake views, gzipped (empty where nothing is). `fields` says which of a layer's fields its viewer sees.
   */
  async tile(
    layers: readonly { layer: LayerDefinition; copy: Copy; fields: readonly string[] }[],
    z: number,
    x: number,
    y: number,
  ): Promise<Uint8Array> {
    const drawn = layers.filter(({ layer }) => z >= Math.floor(layer.zooms?.min ?? 0));
    const name = `${z}/${x}/${y} ${drawn.map((l) => `${keyOf(l.layer, l.copy)}:${l.fields.join(',')}`).join(' ')}`;
    const kept = this.#tiles.get(name);
    if (kept) {
      this.#tiles.delete(name);
      this.#tiles.set(name, kept);
      return kept;
    }
    await Promise.all(drawn.map(({ layer, copy }) => this.hold(layer, copy)));
    const tile = await this.thread.ask<Uint8Array>({
      ...{ kind: 'tile', z, x, y },
      layers: drawn.map(({ layer, copy, fields }) => ({ key: keyOf(layer, copy), ...told(layer, fields, z) })),
    });
    this.#keep(name, tile);
    return tile;
  }

  #keep(name: string, tile: Uint8Array): void {
    this.#tiles.set(name, tile);
    this.#bytes += tile.length + name.length;
    for (const [oldest, bytes] of this.#tiles) {
      if (this.#bytes <= KEPT_BYTES) break;
      this.#tiles.delete(oldest);
      this.#bytes -= bytes.length + oldest.length;
    }
  }

  /** A tile of features that are not kept: those of a live layer. */
  async once(
    layer: LayerDefinition,
    features: readonly MapFeature[],
    fields: readonly string[],
    z: number,
    x: number,
    y: number,
  ): Promise<Uint8Array> {
    const drawn = drawnFields(layer);
    const own = fields.filter((f) => drawn.has(f));
    return this.thread.ask<Uint8Array>({
      ...{ kind: 'once', z, x, y, rows: rowsOf(features, own), layer: told(layer, own, z) },
    });
  }

  /** What of a layer lies inside a polygon or within a distance (world units) of a shape. */
  async within(layer: LayerDefinition, copy: Copy, shape: Shape, distance: number, limit: number) {
    await this.hold(layer, copy);
    return this.thread.ask<{ count: number; ids: string[] }>({
      ...{ kind: 'within', key: keyOf(layer, copy), shape, distance, limit },
    });
  }
}

const keyOf = (layer: LayerDefinition, copy: Copy): string => `${layer.id}@${copy.version}`;

/** What the thread must know of a layer at a zoom. */
function told(layer: LayerDefinition, fields: readonly string[], z: number): Omit<ToldLayer, 'key'> {
  return {
    name: layer.id,
    fields: layer.time ? [...fields, 'at_from', 'at_to'] : fields,
    clusterBelow: layer.style.clusterBelow ?? 0,
    exact: z >= MOST_ZOOM,
    // Buildings of less than two pixels are dust; what divides the county is drawn however small.
    least: layer.style.draw === 'extrusion' ? 2 : 0,
    named: layer.geometry === 'polygon' && layer.style.label !== undefined,
  };
}

const plain = (v: unknown): string | number | boolean | null =>
  v === null || v === undefined
    ? null
    : typeof v === 'bigint'
      ? Number(v)
      : typeof v === 'number' || typeof v === 'boolean'
        ? v
        : String(v);

/** Features as rows of a store: points by place, all else as WKT. */
export function rowsOf(features: readonly MapFeature[], fields: readonly string[]): StoreRows {
  const point = (f: MapFeature) => (f.geometry.type === 'Point' ? f.geometry.coordinates : null);
  return {
    ids: features.map((f) => f.id),
    lon: features.map((f) => point(f)?.[0] ?? null),
    lat: features.map((f) => point(f)?.[1] ?? null),
    wkt: features.map((f) => (f.geometry.type === 'Point' ? null : wktOf(f.geometry))),
    values: Object.fromEntries(fields.map((name) => [name, features.map((f) => plain(f.properties[name]))])),
  };
}

/** WKT of a GeoJSON geometry: its brackets are those of the coordinates. */
export function wktOf(g: MapFeature['geometry']): string {
  const text = JSON.stringify(g.coordinates)
    .replace(/\[(-?[\d.eE+-]+),(-?[\d.eE+-]+)(?:,[^\]]*)?\]/g, '$1 $2')
    .replaceAll('[', '(')
    .replaceAll(']', ')');
  const kind = g.type.toUpperCase();
  return text.startsWith('(') ? `${kind} ${text}` : `${kind} (${text})`;
}
