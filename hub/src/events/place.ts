/**
 * Where something is: town and grid of a point by the shapes of the base libraries (区划、网格), and by the nearest town's centre where there
 * are no shapes, or the point lies beside all of them.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Deps } from '../platform/room.ts';
import { Gazetteer, type HouseNumber, type Place } from './same/gazetteer.ts';

/** A town (镇街). */
export interface Town {
  code: string;
  name: string;
  longitude: number;
  latitude: number;
}
interface Shape {
  key: string;
  box: [number, number, number, number];
  rings: [number, number][][];
}

/** Metres between two points near each other. */
export function metres(aLon: number, aLat: number, bLon: number, bLat: number): number {
  const k = Math.cos(((aLat + bLat) / 2) * (Math.PI / 180));
  return Math.hypot((aLon - bLon) * k, aLat - bLat) * 111_320;
}

/** Metres beyond the farthest town's centre that still are this city. */
const REACH = 30_000;
/** Milliseconds until shapes are read again: libraries are made anew now and then, and a young hub has none yet. */
const AGAIN = 600_000;
const SOON = 60_000;
/** Digits of a town's code (乡级): counties have fewer, villages and communities more. */
const TOWN = 9;

/** Places of one city. */
export class Places {
  readonly #deps: Pick<Deps, 'lake' | 'clock' | 'log' | 'folders' | 'config'>;
  readonly #file: string;
  #towns: Town[] = [];
  #changed = -1;
  #shapes: { divisions: Shape[]; grids: Shape[] } = { divisions: [], grids: [] };
  #names: Gazetteer | undefined;
  #looked = Number.NEGATIVE_INFINITY;
  #loading: Promise<void> = Promise.resolve();

  constructor(deps: Pick<Deps, 'lake' | 'clock' | 'log' | 'folders' | 'config'>) {
    this.#deps = deps;
    this.#file = join(deps.folders.cities, deps.config.city, 'divisions.csv');
  }

  /** Towns of the city, as it declares them. */
  towns(): readonly Town[] {
    const changed = existsSync(this.#file) ? statSync(this.#file).mtimeMs : 0;
    if (changed === this.#changed) return this.#towns;
    this.#changed = changed;
    const rows = changed
      ? readFileSync(this.#file, 'utf8')
          .trim()
          .split(/\r?\n/)
          .slice(1)
          .map((line) => line.split(','))
      : [];
    this.#towns = rows
      .filter((r) => r[0]!.length === TOWN)
      .map((r) => ({ code: r[0]!, name: r[1]!, longitude: Number(r[2]), latitude: Number(r[3]) }));
    return this.#towns;
  }

  /** Whether a point can be in this city. */
  inside(longitude: number, latitude: number): boolean {
    const towns = this.towns();
    return !towns.length || towns.some((t) => metres(t.longitude, t.latitude, longitude, latitude) < REACH);
  }

  /** Town and grid of a point. */
  async areasOf(longitude: number, latitude: number): Promise<{ town: string | null; grid: string | null }> {
    await this.#load();
    const within = (shapes: Shape[]) =>
      shapes.find(
        ({ box, rings }) =>
          longitude >= box[0] &&
          longitude <= box[2] &&
          latitude >= box[1] &&
          latitude <= box[3] &&
          inRings(rings, longitude, latitude),
      );
    const town = within(this.#shapes.divisions);
    const nearest = [...this.towns()].sort(
      (a, b) =>
        metres(a.longitude, a.latitude, longitude, latitude) - metres(b.longitude, b.latitude, longitude, latitude),
    )[0];
    return { town: town?.key ?? nearest?.code ?? null, grid: within(this.#shapes.grids)?.key ?? null };
  }

  /** The town that a text names; null where it names none or several. */
  townIn(text: string): string | null {
    const short = (name: string) => name.replace(/(街道|镇|乡|开发区|园区)$/, '');
    const found = this.towns().filter(
      (t) => text.includes(t.name) || ([...short(t.name)].length >= 2 && text.includes(short(t.name))),
    );
    return found.length === 1 ? found[0]!.code : null;
  }

  /** Names of roads, waters, places and villages that the libraries know; undefined while there are none. */
  async names(): Promise<Gazetteer | undefined> {
    await this.#load();
    return this.#names;
  }

  #load(): Promise<void> {
    const now = this.#deps.clock.now().getTime();
    const wait = this.#shapes.divisions.length && this.#shapes.grids.length ? AGAIN : SOON;
    if (now - this.#looked < wait) return this.#loading;
    this.#looked = now;
    // Everybody waits for the first shapes; later ones are read behind those that are known.
    const reading = this.#read();
    if (!this.#shapes.divisions.length) this.#loading = reading;
    return this.#loading;
  }

  async #read(): Promise<void> {
    const shapes = async (select: string): Promise<Shape[]> =>
      (await this.#deps.lake.query<{ key: string; wkt: string }>(select)).map((r) => shapeOf(String(r.key), r.wkt));
    try {
      this.#shapes = {
        divisions: await shapes(
          `SELECT division AS key, boundary AS wkt FROM v.division_v1
           WHERE boundary LIKE '%POLYGON%' AND length(division) = ${TOWN} LIMIT 2000`,
        ),
        grids: await shapes(
          "SELECT grid AS key, outline AS wkt FROM v.grid_v1 WHERE outline LIKE '%POLYGON%' LIMIT 20000",
        ),
      };
      this.#names = await this.#gazetteer();
    } catch (error) {
      // A hub without libraries has no shapes: centres of towns are what there is.
      this.#deps.log.debug({ err: error }, 'no shapes of divisions');
    }
  }

  async #gazetteer(): Promise<Gazetteer> {
    const read = async (kind: Place['kind'], select: string): Promise<Place[]> =>
      (await this.#deps.lake.query<{ name: string; town: string | null; wkt: string }>(select)).map((r) => ({
        ...{ name: r.name, kind, town: r.town?.slice(0, TOWN) ?? null, line: shapeOf('', r.wkt).rings.flat() },
      }));
    const point = "'POINT (' || lon || ' ' || lat || ')' AS wkt";
    const numbers = await this.#houseNumbers();
    const roads = await this.#deps.lake.query<{ entity: number; name: string; town: string | null; wkt: string }>(
      'SELECT entity, name, division AS town, line AS wkt FROM v.road_v1 WHERE name IS NOT NULL AND line IS NOT NULL LIMIT 50000',
    );
    const places: Place[] = [
      ...roads.map(
        (r): Place => ({
          ...{
            name: r.name,
            kind: 'road',
            town: r.town?.slice(0, TOWN) ?? null,
            line: shapeOf('', r.wkt).rings.flat(),
          },
          numbers: numbers.get(Number(r.entity)),
        }),
      ),
      ...(await read(
        'water',
        "SELECT name, NULL AS town, shape AS wkt FROM v.water_v1 WHERE name IS NOT NULL AND shape LIKE '%LINE%' LIMIT 20000",
      )),
      ...(await read(
        'site',
        `SELECT name, division AS town, ${point} FROM v.place_v1 WHERE name IS NOT NULL AND lon IS NOT NULL LIMIT 100000`,
      )),
      ...(await read(
        'area',
        `SELECT name, division AS town, ${point} FROM v.division_v1 WHERE name IS NOT NULL AND lon IS NOT NULL AND length(division) > ${TOWN} LIMIT 20000`,
      )),
    ];
    return new Gazetteer(places, this.towns());
  }

  /** Places of house numbers along each road, of every twenty one; empty where the city keeps no buildings. */
  async #houseNumbers(): Promise<Map<number, HouseNumber[]>> {
    const found = new Map<number, HouseNumber[]>();
    try {
      const rows = await this.#deps.lake.query<{ road: number; number: number; lon: number; lat: number }>(
        `SELECT road, number, avg(lon) AS lon, avg(lat) AS lat FROM (
           SELECT road, try_cast(regexp_extract(address, '([0-9]{1,4})号', 1) AS INTEGER) AS number, lon, lat
           FROM v.building_v1 WHERE road IS NOT NULL AND lon IS NOT NULL)
         WHERE number IS NOT NULL GROUP BY road, number
         QUALIFY row_number() OVER (PARTITION BY road, number // 20 ORDER BY number) = 1 ORDER BY road, number LIMIT 200000`,
      );
      for (const r of rows) {
        const one: HouseNumber = [Number(r.number), Number(r.lon), Number(r.lat)];
        const list = found.get(Number(r.road));
        if (list) list.push(one);
        else found.set(Number(r.road), [one]);
      }
    } catch (error) {
      this.#deps.log.debug({ err: error }, 'no places of house numbers');
    }
    return found;
  }
}

function shapeOf(key: string, wkt: string): Shape {
  const rings = [...wkt.matchAll(/\(([^()]+)\)/g)].map((m) =>
    m[1]!.split(',').map((pair) => pair.trim().split(/\s+/).map(Number) as [number, number]),
  );
  const lons = rings.flat().map((p) => p[0]);
  const lats = rings.flat().map((p) => p[1]);
  const least = (a: number[]) => a.reduce((m, x) => Math.min(m, x), Number.POSITIVE_INFINITY);
  const most = (a: number[]) => a.reduce((m, x) => Math.max(m, x), Number.NEGATIVE_INFINITY);
  return { key, box: [least(lons), least(lats), most(lons), most(lats)], rings };
}

/** Even-odd over all rings: holes and parts come right. */
function inRings(rings: readonly [number, number][][], x: number, y: number): boolean {
  let inside = false;
  for (const ring of rings)
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const [xi, yi] = ring[i]!;
      const [xj, yj] = ring[j]!;
      if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
    }
  return inside;
}
