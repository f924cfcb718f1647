/** The layers of a hub, in the order in which they were declared; rooms add theirs when they start. */
import type { Db } from '../../platform/db/index.ts';
import type { Deps } from '../../platform/room.ts';
import type { LayerDefinition } from './types.ts';

/** All layers of one hub. */
export class LayerRegistry {
  readonly #layers = new Map<string, LayerDefinition>();

  /** Adds a layer, or puts it in the place of the one with its id. @throws Error when the declaration cannot be drawn */
  add(layer: LayerDefinition): void {
    const fault = faultOf(layer);
    if (fault) throw new Error(`layer ${layer.id}: ${fault}`);
    this.#layers.set(layer.id, layer);
  }

  /** Forgets layers, for those that are read from files again. */
  remove(id: string): void {
    this.#layers.delete(id);
  }

  get(id: string): LayerDefinition | undefined {
    return this.#layers.get(id);
  }

  all(): LayerDefinition[] {
    return [...this.#layers.values()];
  }
}

/** What keeps a declaration from being drawn: names that nothing has, or undefined. */
export function faultOf(layer: LayerDefinition): string | undefined {
  if (!/^[a-z][a-z0-9-]{0,59}$/.test(layer.id)) return 'its id is no name';
  const names = new Set(layer.fields.map((f) => f.name));
  if (names.size !== layer.fields.length) return 'a field is named twice';
  for (const name of names) {
    if (!/^[a-z][a-z0-9_]{0,59}$/.test(name) || RESERVED.has(name)) return `"${name}" cannot be a field's name`;
  }
  const { style } = layer;
  const colour = typeof style.colour === 'string' ? [] : ['by' in style.colour ? style.colour.by : style.colour.steps];
  const size = typeof style.size === 'object' ? [style.size.by] : [];
  const time = layer.time ? [layer.time.from, ...(layer.time.to ? [layer.time.to] : [])] : [];
  const used = [...colour, ...size, ...time, style.height, style.label, layer.label];
  const absent = used.find((name) => name !== undefined && !names.has(name));
  if (absent) return `there is no field "${absent}"`;
  if (style.draw === 'circle' && layer.geometry !== 'point') return 'only points are drawn as circles';
  if (style.draw === 'extrusion' && layer.geometry !== 'polygon') return 'only polygons are raised';
  return undefined;
}

/** Names that the map's own columns have. */
const RESERVED = new Set(['id', 'lon', 'lat', 'wkt', 'west', 'south', 'east', 'north', 'at']);

const registries = new WeakMap<Db, LayerRegistry>();

/** The registry of a hub. */
export function layersOf(deps: Pick<Deps, 'db'>): LayerRegistry {
  let found = registries.get(deps.db);
  if (!found) {
    found = new LayerRegistry();
    registries.set(deps.db, found);
  }
  return found;
}

/**
 * Declares layers of a later room; call it in the room's `start` (or before). A layer with an id that is there already takes its place.
 * @throws Error for a declaration that names fields which it does not have: a programming error that stops the start
 */
export function addLayers(deps: Pick<Deps, 'db'>, layers: readonly LayerDefinition[]): void {
  const registry = layersOf(deps);
  for (const layer of layers) registry.add(layer);
}
