/**
 * Pictures of the demonstration's events: plain drawings of a street with what was reported, and of the same street when it is done. Nobody
 * takes them for photographs: a hatched border marks them.
 */
import { crc32, deflateSync } from 'node:zlib';

/** What lies in the street. */
export type Thing = 'waste' | 'water' | 'pit' | 'vehicles' | 'tree' | 'stall' | 'smoke' | 'sign';

const things: Readonly<Record<string, Thing>> = {
  'exposed-garbage': 'waste',
  'construction-waste': 'waste',
  'dirty-road': 'waste',
  'dirty-water': 'water',
  ponding: 'water',
  sewer: 'water',
  'pipe-burst': 'water',
  'water-level': 'water',
  'road-collapse': 'pit',
  'road-broken': 'pit',
  'manhole-cover': 'pit',
  'vehicle-parking': 'vehicles',
  'bicycle-parking': 'vehicles',
  'traffic-accident': 'vehicles',
  'tree-fallen': 'tree',
  greenery: 'tree',
  'street-vendor': 'stall',
  'shop-outside': 'stall',
  fire: 'smoke',
  'site-dust': 'smoke',
  'air-pollution': 'smoke',
};

/** The thing that a matter of the catalogue is drawn as. */
export const thingOf = (matter: string | null): Thing => things[matter ?? ''] ?? 'sign';

/** Colours by number: sky, wall, roof, pavement, road, line, dark, waste, water, leaf, wood, warning, light. */
const palette = [
  [201, 221, 233],
  [222, 210, 190],
  [150, 92, 78],
  [190, 190, 184],
  [96, 100, 106],
  [236, 232, 214],
  [38, 40, 44],
  [84, 76, 66],
  [74, 126, 168],
  [76, 126, 70],
  [122, 88, 56],
  [214, 118, 38],
  [248, 246, 240],
] as const;
type Paint = (x: number, y: number) => number | undefined;

const round =
  (cx: number, cy: number, rx: number, ry: number, colour: number): Paint =>
  (x, y) =>
    ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 <= 1 ? colour : undefined;
const box =
  (x0: number, y0: number, x1: number, y1: number, colour: number): Paint =>
  (x, y) =>
    x >= x0 && x <= x1 && y >= y0 && y <= y1 ? colour : undefined;

/** What is drawn over the street, the last above; positions from 0 to 1. */
function drawn(thing: Thing, n: number): Paint[] {
  const shift = ((n * 37) % 40) / 100 - 0.2;
  const at = (x: number) => x + shift;
  switch (thing) {
    case 'waste':
      return [0, 1, 2, 3, 4].map((i) =>
        round(at(0.42 + i * 0.05), 0.68 - (i % 2) * 0.03, 0.05, 0.05, i % 3 === 1 ? 6 : 7),
      );
    case 'water':
      return [round(at(0.5), 0.82, 0.3, 0.1, 8), round(at(0.55), 0.8, 0.1, 0.02, 12)];
    case 'pit':
      return [
        round(at(0.5), 0.82, 0.12, 0.06, 11),
        round(at(0.5), 0.82, 0.1, 0.045, 6),
        box(at(0.34), 0.68, at(0.36), 0.8, 11),
      ];
    case 'vehicles':
      return [0, 1, 2].flatMap((i) => {
        const x = at(0.22 + i * 0.2);
        return [
          box(x, 0.66, x + 0.16, 0.74, i === 1 ? 2 : 12),
          box(x + 0.03, 0.61, x + 0.12, 0.66, 8),
          round(x + 0.04, 0.75, 0.02, 0.025, 6),
          round(x + 0.13, 0.75, 0.02, 0.025, 6),
        ];
      });
    case 'tree':
      return [
        (x, y) => (Math.abs(y - 0.84 + (x - at(0.5)) * 0.12) < 0.02 && Math.abs(x - at(0.5)) < 0.26 ? 10 : undefined),
        round(at(0.72), 0.8, 0.14, 0.1, 9),
      ];
    case 'stall':
      return [
        box(at(0.4), 0.62, at(0.62), 0.7, 10),
        box(at(0.38), 0.52, at(0.64), 0.56, 11),
        box(at(0.42), 0.56, at(0.43), 0.62, 6),
        box(at(0.59), 0.56, at(0.6), 0.62, 6),
      ];
    case 'smoke':
      return [0, 1, 2, 3].map((i) => round(at(0.46 + i * 0.05), 0.55 - i * 0.11, 0.07 + i * 0.02, 0.06 + i * 0.015, 3));
    case 'sign':
      return [
        box(at(0.5), 0.4, at(0.515), 0.7, 6),
        (x, y) => (Math.abs(x - at(0.55) + (y - 0.42) * 0.5) < 0.1 && y > 0.36 && y < 0.46 ? 11 : undefined),
      ];
  }
}

function colourAt(over: readonly Paint[], x: number, y: number, n: number, edge: number): number {
  // The border says that this is drawn.
  if (x < edge || y < edge * 1.33 || x > 1 - edge || y > 1 - edge * 1.33)
    return Math.floor((x * 4 + y * 3) * 20) % 2 ? 11 : 12;
  for (let i = over.length - 1; i >= 0; i--) {
    const c = over[i]!(x, y);
    if (c !== undefined) return c;
  }
  if (y < 0.6) {
    const house = Math.floor(x * 5 + n * 0.37);
    const top = 0.22 + ((house * 7 + n) % 5) * 0.05;
    if (y < top) return 0;
    if (y < top + 0.025) return 2;
    return (x * 40) % 4 < 1.6 && (y * 30) % 3 < 1.4 ? 8 : 1;
  }
  if (y < 0.72) return 3;
  return Math.abs(y - 0.86) < 0.008 && (x * 12) % 2 < 1.2 ? 5 : 4;
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}

/** A drawing as PNG: `n` varies it, `done` shows the street without the thing. The same arguments give the same bytes. */
export function drawing(thing: Thing, n: number, done: boolean, width = 320, height = 240): Buffer {
  const over = done ? [] : drawn(thing, n);
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) rows[y * (width + 1) + 1 + x] = colourAt(over, x / width, y / height, n, 0.022);
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  // Eight bits, by palette.
  head.set([8, 3], 8);
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', head),
    chunk('PLTE', Buffer.from(palette.flat())),
    chunk('IDAT', deflateSync(rows, { level: 6 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
