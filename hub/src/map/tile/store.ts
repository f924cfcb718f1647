/**
 * The features of one layer in the tile thread: coordinates in flat arrays, an R-tree over their boxes, and the properties that tiles
 * may carry. Built once per version of the layer's data, read for every tile.
 */
import Flatbush from 'flatbush';
import { boxOf, mercatorX, mercatorY, near, type Shape, shapeOfWkt } from './geometry.ts';

/** Rows as they come from the engine, in batches: a shape in WKT, or a place. */
export interface StoreRows {
  ids: string[];
  lon: (number | null)[];
  lat: (number | null)[];
  wkt: (string | null)[];
  /** By field, in the order of the rows. */
  values: Record<string, (string | number | boolean | null)[]>;
}

/** What may stand in a property of a tile. */
export type TileValue = string | number | boolean;

/** One layer's features. */
export class LayerStore {
  readonly ids: string[] = [];
  readonly columns: Record<string, (TileValue | null)[]> = {};
  /** Shapes of lines and polygons; points have none. */
  readonly #shapes: (Shape | null)[] = [];
  readonly #boxes: number[] = [];
  /** Places: of points where they are, of shapes the middle that the engine said. */
  readonly #x: number[] = [];
  readonly #y: number[] = [];
  #index: Flatbush | null = null;
  /** Rows whose shape could not be read. */
  left = 0;

  readonly fields: readonly string[];

  constructor(fields: readonly string[]) {
    this.fields = fields;
    for (const f of fields) this.columns[f] = [];
  }

  add(rows: StoreRows): void {
    for (const [i, id] of rows.ids.entries()) {
      const wkt = rows.wkt[i];
      const shape = typeof wkt === 'string' ? shapeOfWkt(wkt) : null;
      const [lon, lat] = [rows.lon[i], rows.lat[i]];
      const point = shape === null || shape.type === 1;
      if ((typeof wkt === 'string' && !shape) || (point && !shape && (lon === null || lat === null))) {
        this.left++;
        continue;
      }
      const box = shape ? boxOf(shape) : ([0, 0, 0, 0] as [number, number, number, number]);
      const single = shape?.type === 1 && shape.rings.length === 1 && shape.rings[0]!.length === 2;
      const x = typeof lon === 'number' ? mercatorX(lon) : (box[0] + box[2]) / 2;
      const y = typeof lat === 'number' ? mercatorY(lat) : (box[1] + box[3]) / 2;
      this.ids.push(id);
      this.#x.push(single ? shape.rings[0]![0]! : x);
      this.#y.push(single ? shape.rings[0]![1]! : y);
      if (shape && !single) this.#boxes.push(...box);
      else {
        const n = this.#x.length - 1;
        this.#boxes.push(this.#x[n]!, this.#y[n]!, this.#x[n]!, this.#y[n]!);
      }
      this.#shapes.push(single ? null : shape);
      for (const f of this.fields) this.columns[f]!.push(rows.values[f]?.[i] ?? null);
    }
  }

  /** Builds the index; call it once after the last rows. */
  close(): void {
    const n = this.ids.length;
    if (n === 0) return;
    const index = new Flatbush(n);
    for (let i = 0; i < n; i++)
      index.add(this.#boxes[4 * i]!, this.#boxes[4 * i + 1]!, this.#boxes[4 * i + 2]!, this.#boxes[4 * i + 3]!);
    index.finish();
    this.#boxes.length = 0;
    this.#index = index;
  }

  get size(): number {
    return this.ids.length;
  }

  /** Numbers of the features whose box meets the box, ascending. */
  search(x0: number, y0: number, x1: number, y1: number): number[] {
    return this.#index?.search(x0, y0, x1, y1).sort((a, b) => a - b) ?? [];
  }

  shape(i: number): Shape {
    return this.#shapes[i] ?? { type: 1, rings: [[this.#x[i]!, this.#y[i]!]], outer: [true] };
  }

  place(i: number): [x: number, y: number] {
    return [this.#x[i]!, this.#y[i]!];
  }

  /** Features whose place lies inside a polygon or within `distance` (world units) of a shape: all their number, the first ids. */
  within(shape: Shape, distance: number, limit: number): { count: number; ids: string[] } {
    const [x0, y0, x1, y1] = boxOf(shape);
    let count = 0;
    const ids: string[] = [];
    for (const i of this.search(x0 - distance, y0 - distance, x1 + distance, y1 + distance)) {
      if (!near(shape, this.#x[i]!, this.#y[i]!, distance)) continue;
      count++;
      if (ids.length < limit) ids.push(this.ids[i]!);
    }
    return { count, ids };
  }
}
