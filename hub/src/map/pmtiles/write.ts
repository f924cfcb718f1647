/**
 * Writes PMTiles archives, version 3 (https://github.com/protomaps/PMTiles/blob/main/spec/v3/spec.md): header of 127 bytes, root
 * directory, metadata, leaf directories, tiles in the order of their ids along the Hilbert curve, equal tiles once. The whole archive is
 * made in memory: a base map of a county is some megabytes.
 */
import { gzipSync } from 'node:zlib';

/** A tile as it is to be written: gzipped MVT. */
export interface ArchiveTile {
  z: number;
  x: number;
  y: number;
  data: Uint8Array;
}

export interface ArchiveFacts {
  /** West, south, east, north in degrees. */
  box: [number, number, number, number];
  minZoom: number;
  maxZoom: number;
  centreZoom: number;
  /** TileJSON-like metadata: name, vector_layers, attribution. */
  metadata: Record<string, unknown>;
}

/** Number of a tile: those of all lower zooms come first, those of its own along the Hilbert curve. */
export function tileId(z: number, x: number, y: number): number {
  if (z > 26) throw new RangeError('zoom beyond 26');
  let id = (4 ** z - 1) / 3;
  let [cx, cy] = [x, y];
  for (let s = 2 ** z / 2; s >= 1; s /= 2) {
    const rx = Math.floor(cx / s) % 2;
    const ry = Math.floor(cy / s) % 2;
    id += s * s * ((3 * rx) ^ ry);
    if (ry === 0) {
      if (rx === 1) {
        cx = s - 1 - (cx % s);
        cy = s - 1 - (cy % s);
      } else {
        cx %= s;
        cy %= s;
      }
      [cx, cy] = [cy, cx];
    } else {
      cx %= s;
      cy %= s;
    }
  }
  return id;
}

interface Entry {
  id: number;
  offset: number;
  length: number;
  run: number;
}

/** Bytes with variable-length integers. */
class Bytes {
  readonly #bytes: number[] = [];
  varint(n: number): void {
    let left = n;
    while (left >= 0x80) {
      this.#bytes.push((left % 0x80) | 0x80);
      left = Math.floor(left / 0x80);
    }
    this.#bytes.push(left);
  }
  done(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}

function directory(entries: readonly Entry[]): Uint8Array {
  const out = new Bytes();
  out.varint(entries.length);
  let last = 0;
  for (const e of entries) {
    out.varint(e.id - last);
    last = e.id;
  }
  for (const e of entries) out.varint(e.run);
  for (const e of entries) out.varint(e.length);
  for (const [i, e] of entries.entries()) {
    const before = entries[i - 1];
    out.varint(before && e.offset === before.offset + before.length ? 0 : e.offset + 1);
  }
  return gzipSync(out.done());
}

/** Root and header together must lie in the first 16 KiB. */
const MOST_ROOT = 16_384 - 127;

function directories(entries: readonly Entry[]): { root: Uint8Array; leaves: Uint8Array } {
  const whole = directory(entries);
  if (whole.length <= MOST_ROOT) return { root: whole, leaves: new Uint8Array(0) };
  for (let size = 2_048; ; size *= 2) {
    const parts: Uint8Array[] = [];
    const pointers: Entry[] = [];
    let offset = 0;
    for (let i = 0; i < entries.length; i += size) {
      const leaf = directory(entries.slice(i, i + size));
      pointers.push({ id: entries[i]!.id, offset, length: leaf.length, run: 0 });
      parts.push(leaf);
      offset += leaf.length;
    }
    const root = directory(pointers);
    if (root.length <= MOST_ROOT) return { root, leaves: Buffer.concat(parts) };
  }
}

/** The archive's bytes. Empty tiles are left out; tiles may come in any order, each at most once. */
export function writeArchive(tiles: readonly ArchiveTile[], facts: ArchiveFacts): Uint8Array {
  const ordered = tiles
    .filter((t) => t.data.length > 0)
    .map((t) => ({ id: tileId(t.z, t.x, t.y), data: t.data }))
    .sort((a, b) => a.id - b.id);
  const entries: Entry[] = [];
  const parts: Uint8Array[] = [];
  const known = new Map<string, { offset: number; length: number }>();
  let end = 0;
  for (const { id, data } of ordered) {
    const key = Buffer.from(data).toString('latin1');
    let at = known.get(key);
    if (!at) {
      at = { offset: end, length: data.length };
      known.set(key, at);
      parts.push(data);
      end += data.length;
    }
    const last = entries.at(-1);
    if (last && last.offset === at.offset && last.id + last.run === id) last.run++;
    else entries.push({ id, ...at, run: 1 });
  }
  const { root, leaves } = directories(entries);
  const metadata = gzipSync(JSON.stringify(facts.metadata));
  const header = Buffer.alloc(127);
  header.write('PMTiles', 0, 'latin1');
  header.writeUInt8(3, 7);
  const rootAt = 127;
  const metadataAt = rootAt + root.length;
  const leavesAt = metadataAt + metadata.length;
  const dataAt = leavesAt + leaves.length;
  const numbers = [rootAt, root.length, metadataAt, metadata.length, leavesAt, leaves.length, dataAt, end];
  numbers.push(ordered.length, entries.length, parts.length);
  for (const [i, n] of numbers.entries()) header.writeBigUInt64LE(BigInt(n), 8 + 8 * i);
  // Clustered; directories and tiles gzipped; tiles are MVT.
  for (const [i, b] of [1, 2, 2, 1, facts.minZoom, facts.maxZoom].entries()) header.writeUInt8(b, 96 + i);
  const degrees = (v: number, at: number) => header.writeInt32LE(Math.round(v * 1e7), at);
  const [west, south, east, north] = facts.box;
  degrees(west, 102);
  degrees(south, 106);
  degrees(east, 110);
  degrees(north, 114);
  header.writeUInt8(facts.centreZoom, 118);
  degrees((west + east) / 2, 119);
  degrees((south + north) / 2, 123);
  return Buffer.concat([header, root, metadata, leaves, ...parts]);
}
