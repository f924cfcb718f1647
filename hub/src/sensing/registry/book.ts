/** The registry in memory: series by number, by entity and property, by place. */

import { metresBetween } from '../model/place.ts';
import type { Area, Health, Series, SeriesBook } from '../readings.ts';
import { SeriesState } from './state.ts';

/** What of a series other rooms do not need. */
export interface SeriesRow extends Series {
  /** Least milliseconds between two readings. */
  gap: number;
  /** Calibration: kept = sent * scale + shift. */
  scale: number;
  shift: number;
  /** Health that a look over the store found: drifting. */
  drifting: boolean;
  /** Seconds without a change of value after which it is flat; 0: never. */
  flatAfter: number;
}

/** Degrees of latitude of a cell of the index by place (about 1.1 km). */
const CELL = 0.01;
const cellOf = (lon: number, lat: number): string => `${Math.floor(lon / CELL)},${Math.floor(lat / CELL)}`;

/** Without an expected interval a series is silent after so many seconds. */
const SILENT = 86_400;

export class Book implements SeriesBook {
  readonly state = new SeriesState();
  readonly #rows: (SeriesRow | undefined)[] = [undefined];
  readonly #entities = new Map<string, Map<string, number>>();
  readonly #cells = new Map<string, Set<number>>();

  get size(): number {
    return this.#rows.length - 1;
  }

  /** Puts or replaces a series. */
  put(row: SeriesRow): void {
    const n = row.number;
    const old = this.#rows[n];
    if (old && old.lon !== null && old.lat !== null) this.#cells.get(cellOf(old.lon, old.lat))?.delete(n);
    while (this.#rows.length <= n) this.#rows.push(undefined);
    this.#rows[n] = row;
    let properties = this.#entities.get(row.entity);
    if (!properties) {
      properties = new Map();
      this.#entities.set(row.entity, properties);
    }
    properties.set(row.property, n);
    if (row.lon !== null && row.lat !== null) {
      const cell = cellOf(row.lon, row.lat);
      const set = this.#cells.get(cell) ?? new Set();
      this.#cells.set(cell, set.add(n));
    }
    this.state.ensure(n);
    this.state.least[n] = row.least;
    this.state.most[n] = row.most;
    this.state.gap[n] = row.gap;
    this.state.scale[n] = row.scale;
    this.state.shift[n] = row.shift;
    this.state.active[n] = row.active ? 1 : 0;
  }

  get(number: number): SeriesRow | undefined {
    return this.#rows[number];
  }

  /** The number of a series; 0: there is none. */
  number(entity: string, property: string): number {
    return this.#entities.get(entity)?.get(property) ?? 0;
  }

  has(entity: string): boolean {
    return this.#entities.has(entity);
  }

  find(entity: string, property: string): SeriesRow | undefined {
    return this.#rows[this.number(entity, property)];
  }

  of(entity: string): SeriesRow[] {
    return [...(this.#entities.get(entity)?.values() ?? [])].map((n) => this.#rows[n]!);
  }

  /** Every series, also of entities that are out of service. */
  *all(): Generator<SeriesRow> {
    for (const row of this.#rows) if (row) yield row;
  }

  select(by: { type?: string; property?: string; owner?: string }): SeriesRow[] {
    return [...this.all()].filter((r) => r.active && fits(r, by));
  }

  near(lon: number, lat: number, metres: number, by: { type?: string; property?: string } = {}) {
    const found: (SeriesRow & { metres: number })[] = [];
    const dy = metres / 111_000 + 1e-9;
    const dx = dy / Math.max(0.01, Math.cos((lat * Math.PI) / 180));
    for (const row of this.#box(lon - dx, lat - dy, lon + dx, lat + dy, by)) {
      const away = metresBetween(lon, lat, row.lon!, row.lat!);
      if (away <= metres) found.push({ ...row, metres: away });
    }
    return found.sort((a, b) => a.metres - b.metres || a.number - b.number);
  }

  within(area: Area, by: { type?: string; property?: string } = {}): SeriesRow[] {
    const polygons = area.type === 'Polygon' ? [area.coordinates] : area.coordinates;
    const points = polygons.flatMap((p) => p[0] ?? []);
    if (!points.length) return [];
    let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
    for (const [x, y] of points) {
      west = Math.min(west, x);
      south = Math.min(south, y);
      east = Math.max(east, x);
      north = Math.max(north, y);
    }
    const rows = this.#box(west, south, east, north, by).filter((r) =>
      polygons.some(
        (rings) => rings.length > 0 && rings.every((ring, i) => inRing(ring, r.lon!, r.lat!) === (i === 0)),
      ),
    );
    return rows.sort((a, b) => a.number - b.number);
  }

  #box(
    west: number,
    south: number,
    east: number,
    north: number,
    by: { type?: string; property?: string },
  ): SeriesRow[] {
    const found: SeriesRow[] = [];
    const take = (n: number) => {
      const r = this.#rows[n]!;
      if (!r.active || !fits(r, by) || r.lon === null || r.lat === null) return;
      if (r.lon >= west && r.lon <= east && r.lat >= south && r.lat <= north) found.push(r);
    };
    const columns = Math.floor(east / CELL) - Math.floor(west / CELL) + 1;
    const rows = Math.floor(north / CELL) - Math.floor(south / CELL) + 1;
    if (columns * rows > this.#cells.size) for (const set of this.#cells.values()) for (const n of set) take(n);
    else
      for (let x = Math.floor(west / CELL); x <= Math.floor(east / CELL); x++)
        for (let y = Math.floor(south / CELL); y <= Math.floor(north / CELL); y++)
          for (const n of this.#cells.get(`${x},${y}`) ?? []) take(n);
    return found;
  }

  /** Health of a series at a moment (ms). */
  health(n: number, now: number): Health {
    const row = this.#rows[n];
    if (!row?.active) return 'retired';
    const { at, heard, sameSince, same } = this.state;
    if (at[n] === Number.NEGATIVE_INFINITY) return 'new';
    const last = Math.max(at[n]!, heard[n]!);
    if (now - last > (row.interval > 0 ? Math.max(3 * row.interval, 60) : SILENT) * 1000) return 'silent';
    if (row.flatAfter > 0 && same[n]! >= 10 && at[n]! - sameSince[n]! > row.flatAfter * 1000) return 'flat';
    return row.drifting ? 'drifting' : 'ok';
  }
}

const fits = (r: SeriesRow, by: { type?: string; property?: string; owner?: string }): boolean =>
  (by.type === undefined || r.type === by.type) &&
  (by.property === undefined || r.property === by.property) &&
  (by.owner === undefined || r.owner === by.owner);

/** Whether a position lies inside a ring (even-odd rule). */
function inRing(ring: readonly (readonly [number, number])[], x: number, y: number): boolean {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [xi, yi] = ring[i]!;
    const [xj, yj] = ring[j]!;
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}
