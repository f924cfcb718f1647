/** The map of a hub: what its routes ask. */
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { integrationFinished } from '../libraries/index.ts';
import type { Principal } from '../platform/auth/index.ts';
import { readYaml } from '../platform/declared/index.ts';
import type { Problem } from '../platform/problem.ts';
import type { Deps } from '../platform/room.ts';
import { CityMap } from './basemap.ts';
import { type Copy, LayerCopies } from './layer/copy.ts';
import { checkLayer, readLayers } from './layer/files.ts';
import { peopleLayer } from './layer/people.ts';
import { type LayerRegistry, layersOf } from './layer/registry.ts';
import { maySee, plainFields } from './layer/rights.ts';
import type { LayerDefinition } from './layer/types.ts';
import { Archive } from './pmtiles/archive.ts';
import { Tiles } from './tile/tiles.ts';

const cityFile = z.looseObject({
  name: z.object({ zh: z.string(), en: z.string() }),
  centre: z.object({ longitude: z.number(), latitude: z.number() }).optional(),
});

/** The name under which all layers of the base map come in one tile. */
export const BASE = 'base';

/** A layer with its data as they are now; `copy` null: live, or its views are not there (then `fault` says why). */
export interface LayerState {
  layer: LayerDefinition;
  copy: Copy | null;
  fault: Problem | null;
}

export class OneMap {
  readonly deps: Deps;
  readonly registry: LayerRegistry;
  readonly copies: LayerCopies;
  readonly tiles: Tiles;
  readonly city: CityMap;
  readonly archive: Archive;
  /** What is wrong with declared files. */
  faults: Problem[] = [];
  #declared: string[] = [];
  #off: (() => void) | undefined;

  constructor(deps: Deps) {
    this.deps = deps;
    this.registry = layersOf(deps);
    this.copies = new LayerCopies(deps.lake, deps.clock, deps.log);
    this.tiles = new Tiles(deps.lake);
    this.city = new CityMap(deps.folders.cities, deps.config);
    this.archive = new Archive(deps.folders.data);
    this.registry.add(peopleLayer(deps.config.credit.leastCell));
  }

  /** What the city is called and where its middle is (`cities/<city>/city.yaml`). */
  cityFacts(): { name: { zh: string; en: string }; centre: [number, number] } {
    if (this.#facts) return this.#facts;
    const { city } = this.deps.config;
    const { value } = readYaml(join(this.deps.folders.cities, city, 'city.yaml'), `cities/${city}/city.yaml`, cityFile);
    const { longitude, latitude } = value?.centre ?? { longitude: 116.4, latitude: 39.9 };
    this.#facts = { name: value?.name ?? { zh: city, en: city }, centre: [longitude, latitude] };
    return this.#facts;
  }
  #facts: ReturnType<OneMap['cityFacts']> | undefined;

  get lake() {
    return this.deps.lake;
  }

  /** Reads the declared layers and begins to follow the libraries. */
  async start(): Promise<void> {
    await this.read();
    this.#off = this.deps.bus.on(integrationFinished, () => this.copies.changed());
  }

  /** Reads `layers/` and the scenarios' layers anew. */
  async read(): Promise<void> {
    const root = dirname(this.deps.folders.sources);
    const files = readLayers(root);
    for (const id of this.#declared) this.registry.remove(id);
    this.#declared = [];
    const faults: Problem[] = [];
    for (const file of files) {
      const problems = await this.lake.session((s) => checkLayer(s, file));
      faults.push(...problems);
      if (!file.layer || problems.length > 0) continue;
      this.registry.add(file.layer);
      this.#declared.push(file.layer.id);
    }
    this.faults = faults;
    for (const p of faults) this.deps.log.warn({ code: p.kind.code, place: p.place }, 'a declared layer has a mistake');
  }

  async stop(): Promise<void> {
    this.#off?.();
    await this.tiles.thread.stop();
  }

  /** Layers that somebody sees, in their order. */
  seen(who: Principal | null): LayerDefinition[] {
    return this.registry.all().filter((l) => maySee(l, who));
  }

  async state(layer: LayerDefinition): Promise<LayerState> {
    if (!('select' in layer.source)) return { layer, copy: null, fault: null };
    try {
      return { layer, copy: await this.copies.of(layer), fault: null };
    } catch (error) {
      return { layer, copy: null, fault: error as Problem };
    }
  }

  /** The layers of the base map with their data, for one tile of them all. Those without data are left out. */
  async base(who: Principal | null): Promise<{ layer: LayerDefinition; copy: Copy; fields: string[] }[]> {
    const layers = this.seen(who).filter((l) => l.group === 'base' && 'select' in l.source);
    const states = await Promise.all(layers.map((l) => this.state(l)));
    return states.flatMap(({ layer, copy }) =>
      copy ? [{ layer, copy, fields: plainFields(layer, who).map((f) => f.name) }] : [],
    );
  }
}

/** What of several layers together is shown now: changes when any of their data does. */
export const versionOf = (
  layers: readonly { layer: LayerDefinition; copy: Copy; fields: readonly string[] }[],
): string => layers.map((l) => `${l.layer.id}@${l.copy.version}:${l.fields.length}`).join(' ');
