/** Drawing geometries without map tiles: WKT read, put on a plane of pixels, labels kept apart. Pure functions. */

export type Window = readonly [west: number, south: number, east: number, north: number];
export type Pixel = readonly [x: number, y: number];

/** A geometry's kind and its rings or lines as pairs of longitude and latitude. */
export interface Drawn {
  kind: 'point' | 'line' | 'area';
  parts: [number, number][][];
}

/** Reads WKT (POINT, LINESTRING, POLYGON and their multiples); nothing for anything else. */
export function readWkt(wkt: string): Drawn | null {
  const kind = /^(MULTI)?(POINT|LINESTRING|POLYGON)/.exec(wkt)?.[2];
  if (!kind) return null;
  const parts = [...wkt.matchAll(/\(([^()]+)\)/g)].map((ring) =>
    ring[1]!.split(',').map((p): [number, number] => {
      const [x, y] = p.trim().split(' ').map(Number);
      return [x ?? Number.NaN, y ?? Number.NaN];
    }),
  );
  return { kind: kind === 'POINT' ? 'point' : kind === 'POLYGON' ? 'area' : 'line', parts };
}

/** The plane: where a place is drawn, and how many metres a pixel is. North is up, shapes keep their proportions. */
export function plane(
  window: Window,
  width: number,
  height: number,
): { at: (p: readonly [number, number]) => Pixel; metres: number } {
  const [west, south, east, north] = window;
  const shrink = Math.cos((((south + north) / 2) * Math.PI) / 180);
  const scale = Math.min(width / ((east - west) * shrink), height / (north - south));
  const [mx, my] = [(west + east) / 2, (south + north) / 2];
  return {
    at: ([x, y]) => [width / 2 + (x - mx) * shrink * scale, height / 2 - (y - my) * scale],
    metres: 111_000 / scale,
  };
}

/** The path of a line or an area. */
export function pathOf(drawn: Drawn, at: (p: readonly [number, number]) => Pixel): string {
  return drawn.parts
    .map((part) => {
      const points = part.map((p) =>
        at(p)
          .map((n) => n.toFixed(1))
          .join(' '),
      );
      return `M${points.join('L')}${drawn.kind === 'area' ? 'Z' : ''}`;
    })
    .join('');
}

/** A round length for a scale bar of at most so many pixels: metres and pixels. */
export function scaleBar(metres: number, most: number): { metres: number; pixels: number } {
  const reach = metres * most;
  const power = 10 ** Math.floor(Math.log10(reach));
  const round = [5, 2, 1].map((n) => n * power).find((n) => n <= reach) ?? power;
  return { metres: round, pixels: round / metres };
}

/** Where a geometry is named: a point itself, the middle of a line's part that is seen, the middle of an area's box. */
export function anchorOf(
  drawn: Drawn,
  at: (p: readonly [number, number]) => Pixel,
  width: number,
  height: number,
): Pixel | null {
  const points = (drawn.parts[0] ?? []).map(at);
  const seen = points.filter(([x, y]) => x > 8 && x < width - 8 && y > 8 && y < height - 8);
  if (seen.length === 0) return null;
  if (drawn.kind !== 'area') return seen[Math.floor(seen.length / 2)]!;
  const [xs, ys] = [points.map((p) => p[0]), points.map((p) => p[1])];
  const middle: Pixel = [(Math.min(...xs) + Math.max(...xs)) / 2, (Math.min(...ys) + Math.max(...ys)) / 2];
  return middle[0] > 0 && middle[0] < width && middle[1] > 0 && middle[1] < height ? middle : null;
}

/**
 * Of texts with their places, in the order of their importance, those that do not lie on one before them, on a box that is taken, or
 * across the edge. `size`: height of a letter in pixels.
 */
export function apart<T extends { at: Pixel; text: string }>(
  labels: readonly T[],
  size: number,
  width = Number.POSITIVE_INFINITY,
  taken: readonly (readonly [number, number, number, number])[] = [],
): T[] {
  const boxes = [...taken];
  return labels.filter(({ at: [x, y], text }) => {
    const wide = [...text].reduce((w, c) => w + (c.charCodeAt(0) > 255 ? size : size * 0.58), 0);
    const box = [x - wide / 2 - 4, y - size, x + wide / 2 + 4, y + size * 0.6] as const;
    if (box[0] < 0 || box[2] > width || box[1] < 0) return false;
    if (boxes.some((b) => box[0] < b[2] && box[2] > b[0] && box[1] < b[3] && box[3] > b[1])) return false;
    boxes.push(box);
    return true;
  });
}
