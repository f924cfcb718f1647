/**
 * What the city says of its map (`cities/<city>/map.yaml`): the approval number of its own map, and services such as Tianditu (天地图)
 * that may lie below the layers. The hub asks them, so that browsers speak to the hub alone and keys stay here.
 */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Config } from '../platform/config/index.ts';
import { readYaml } from '../platform/declared/index.ts';
import { Problem } from '../platform/problem.ts';
import { basemapFailed, unknownBasemap } from './problems.ts';

const two = z.strictObject({ zh: z.string().min(1).max(200), en: z.string().min(1).max(200) });
const service = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/),
  title: two,
  url: z
    .url({ protocol: /^https?$/ })
    .refine((u) => ['{z}', '{x}', '{y}'].every((part) => u.includes(part)), '{z}, {x} and {y} must stand in it'),
  key: z.string().max(60).optional(),
  approval: z.string().min(1).max(60).nullable(),
  attribution: two,
  maxZoom: z.number().int().min(0).max(22).default(18),
});
const file = z.strictObject({
  own: z.strictObject({ approval: z.string().min(1).max(60).nullable(), note: two }),
  services: z.array(service).max(20).default([]),
});
export type MapService = z.output<typeof service>;

const nothing: z.output<typeof file> = {
  own: { approval: null, note: { zh: '城市自有数据，供内部使用', en: "The city's own data, for internal use" } },
  services: [],
};

/** Most bytes of one tile of a service, and how long it may take. */
const MOST_BYTES = 2 * 2 ** 20;
const PATIENCE = 8_000;
const KEPT = 1_000;

/** The map of a city as it is declared now. */
export class CityMap {
  readonly #path: string;
  readonly #shown: string;
  readonly #secrets: Config['secrets'];
  readonly #tiles = new Map<string, { type: string; bytes: Uint8Array }>();
  readonly #fetch: typeof fetch;
  #read: { changed: number; value: z.output<typeof file>; problems: Problem[] } | undefined;

  /** @param ask for tests: how a service is asked */
  constructor(cities: string, config: Pick<Config, 'city' | 'secrets'>, ask: typeof fetch = fetch) {
    this.#path = join(cities, config.city, 'map.yaml');
    this.#shown = `cities/${config.city}/map.yaml`;
    this.#secrets = config.secrets;
    this.#fetch = ask;
  }

  #now(): { value: z.output<typeof file>; problems: Problem[] } {
    const changed = existsSync(this.#path) ? statSync(this.#path).mtimeMs : 0;
    if (this.#read?.changed === changed) return this.#read;
    const { value, problems } = changed ? readYaml(this.#path, this.#shown, file) : { value: nothing, problems: [] };
    this.#read = { changed, value: value ?? nothing, problems };
    return this.#read;
  }

  /** What is wrong with the file. */
  faults(): Problem[] {
    return this.#now().problems;
  }

  own() {
    return this.#now().value.own;
  }

  /** Services that may be shown: their approval number is stated and their key, where they need one, is configured. */
  services(): MapService[] {
    return this.#now().value.services.filter((s) => s.approval !== null && (!s.key || this.#secrets[s.key]));
  }

  /** A tile of a service. @throws Problem where there is no such service or it does not answer with a picture */
  async tile(id: string, z: number, x: number, y: number): Promise<{ type: string; bytes: Uint8Array }> {
    const found = this.services().find((s) => s.id === id);
    if (!found) throw new Problem(unknownBasemap, { id });
    const name = `${id}/${z}/${x}/${y}`;
    const kept = this.#tiles.get(name);
    if (kept) return kept;
    const secret = found.key ? this.#secrets[found.key] : undefined;
    const parts: Record<string, string> = { z: String(z), x: String(x), y: String(y) };
    parts.key = secret?.kind === 'bearer' ? secret.token : '';
    const url = found.url.replace(/\{(z|x|y|key)\}/g, (_, part: string) => encodeURIComponent(parts[part]!));
    const failed = () => new Problem(basemapFailed, { id });
    // The address may hold the key: no message of the failed call is passed on.
    const answer = await this.#fetch(url, { signal: AbortSignal.timeout(PATIENCE), redirect: 'error' }).catch(() => {
      throw failed();
    });
    const type = answer.headers.get('content-type')?.split(';')[0] ?? '';
    if (!answer.ok || !/^image\/(png|jpeg|webp)$/.test(type)) throw failed();
    if (Number(answer.headers.get('content-length') ?? 0) > MOST_BYTES) throw failed();
    const bytes = new Uint8Array(await answer.arrayBuffer());
    if (bytes.length > MOST_BYTES) throw failed();
    const tile = { type, bytes };
    this.#tiles.set(name, tile);
    if (this.#tiles.size > KEPT) this.#tiles.delete(this.#tiles.keys().next().value!);
    return tile;
  }
}
