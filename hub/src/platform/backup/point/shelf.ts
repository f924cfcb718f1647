/**
 * The server's log in the repository: segments as files of their own beside the packs, each with a small head of what is known of it, both encrypted
 * and bound to their name. A segment that is not complete is kept as `.part` and replaced as it grows; a complete one never changes.
 *
 *   log/<system>/<segment>.seg | .part     head and content of a segment
 *   log/<system>/<timeline>.history        where a timeline left another
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { z } from 'zod';
import { Problem } from '../../problem.ts';
import { place, readPart } from '../files.ts';
import { damaged } from '../problems.ts';
import { type ChunkKeys, chunkKeys, seal, unseal } from '../secret.ts';
import { isHistory, nameOfSegment, readSegmentName } from './segments.ts';
import type { SegmentSpot } from './spans.ts';

const head = z.object({
  /** Bytes of a whole segment; bytes that are kept of it, the rest is zeros. */
  size: z.number(),
  kept: z.number(),
  /** Everything committed up to these instants (milliseconds of the server's clock) stands in the log up to somewhere in this segment. */
  first: z.number().nullable(),
  last: z.number().nullable(),
});
export type SegmentHead = z.infer<typeof head>;

/** A kept segment and what is known of it. */
export interface Kept extends SegmentSpot, SegmentHead {
  file: string;
  /** Bytes in the repository. */
  bytes: number;
}

const SYSTEM = /^[0-9]{1,20}$/;

/** The log of servers in one repository. Synchronous: it is used in a thread, or by the command line. */
export class Shelf {
  readonly #root: string;
  readonly #keys: ChunkKeys;
  /** Heads by file, with the size and time that it had when it was read. */
  readonly #known = new Map<string, { face: string; kept: Kept }>();

  constructor(folder: string, dataKey: Uint8Array) {
    this.#root = join(folder, 'log');
    this.#keys = chunkKeys(dataKey);
  }

  /**
   * Keeps a segment as it is in a file. What was known of it by an earlier, shorter state stays known. Answers whether anything was written.
   * A Problem `backup.damaged` when what is kept already is not readable.
   */
  put(
    system: string,
    name: string,
    source: string,
    size: number,
    marks: { first: number | null; last: number | null },
  ): boolean {
    const own = readSegmentName(name, size);
    if (!own || !SYSTEM.test(system)) throw new RangeError(`not a segment: ${system}/${name}`);
    const whole = nameOfSegment(own.timeline, own.number, size);
    const [complete, part] = [`${whole}.seg`, `${whole}.part`];
    const folder = join(this.#root, system);
    if (existsSync(join(folder, complete))) return false;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const before = existsSync(join(folder, part)) ? this.#read(system, part) : undefined;
    const content = readFileSync(source);
    const kept = withoutZeros(content);
    const [first, last] = [least(before?.first, marks.first), greatest(before?.last, marks.last)];
    if (own.partial && before && before.last === last && before.kept === kept) return false;
    const file = own.partial ? part : complete;
    const about = Buffer.from(`log head ${system}/${file}`);
    const top = seal(this.#keys, about, Buffer.from(JSON.stringify({ size, kept, first, last } satisfies SegmentHead)));
    const body = seal(
      this.#keys,
      Buffer.from(`log ${system}/${file}`),
      deflateRawSync(content.subarray(0, kept), { level: 1 }),
    );
    const length = Buffer.alloc(4);
    length.writeUInt32LE(top.length);
    place(join(folder, file), Buffer.concat([length, top, body]));
    if (!own.partial) rmSync(join(folder, part), { force: true });
    return true;
  }

  /** Keeps a history of timelines. */
  putHistory(system: string, name: string, source: string): void {
    if (!isHistory(name) || !SYSTEM.test(system)) throw new RangeError(`not a history: ${system}/${name}`);
    const folder = join(this.#root, system);
    if (existsSync(join(folder, name))) return;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    place(join(folder, name), seal(this.#keys, Buffer.from(`log ${system}/${name}`), readFileSync(source)));
  }

  /** All segments that are kept, by system, timeline and number. */
  list(): Kept[] {
    const out: Kept[] = [];
    for (const system of folders(this.#root))
      for (const file of readdirSync(join(this.#root, system)))
        if (file.endsWith('.seg') || file.endsWith('.part')) out.push(this.#read(system, file));
    return out.sort((a, b) =>
      a.system === b.system ? a.timeline - b.timeline || a.number - b.number : a.system < b.system ? -1 : 1,
    );
  }

  #read(system: string, file: string): Kept {
    const path = join(this.#root, system, file);
    const s = statSync(path);
    const face = `${s.size} ${s.mtimeMs} ${s.ino}`;
    const known = this.#known.get(`${system}/${file}`);
    if (known?.face === face) return known.kept;
    const what = `log/${system}/${file}`;
    const length = readPart(path, 0, 4).readUInt32LE();
    if (length > 4096) throw new Problem(damaged, { what });
    const text = unseal(this.#keys, Buffer.from(`log head ${system}/${file}`), readPart(path, 4, length), what);
    const own = head.parse(JSON.parse(text.toString('utf8')));
    const name = readSegmentName(file.replace(/\.seg$/, '').replace(/\.part$/, '.partial'), own.size);
    if (!name) throw new Problem(damaged, { what });
    const kept = { system, ...name, ...own, file, bytes: s.size };
    this.#known.set(`${system}/${file}`, { face, kept });
    return kept;
  }

  /** A segment's whole content, as long as the server wants it. */
  content(kept: Kept): Buffer {
    const { system, file } = kept;
    const what = `log/${system}/${file}`;
    const box = readFileSync(join(this.#root, system, file));
    const from = 4 + box.readUInt32LE();
    const plain = inflateRawSync(unseal(this.#keys, Buffer.from(`log ${system}/${file}`), box.subarray(from), what));
    if (plain.length !== kept.kept) throw new Problem(damaged, { what });
    return Buffer.concat([plain, Buffer.alloc(kept.size - kept.kept)]);
  }

  /** Takes segments away. */
  forget(segments: readonly { system: string; file: string }[]): void {
    for (const { system, file } of segments) {
      rmSync(join(this.#root, system, file), { force: true });
      this.#known.delete(`${system}/${file}`);
    }
  }
}

const folders = (root: string): string[] =>
  existsSync(root)
    ? readdirSync(root, { withFileTypes: true })
        .filter((e) => e.isDirectory() && SYSTEM.test(e.name))
        .map((e) => e.name)
    : [];

/** Bytes up to the last that is not zero: a segment is as long from its beginning as it will be. */
function withoutZeros(bytes: Buffer): number {
  let end = bytes.length;
  const zeros = Buffer.alloc(65_536);
  while (end >= zeros.length && bytes.subarray(end - zeros.length, end).equals(zeros)) end -= zeros.length;
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  return end;
}

const least = (a: number | null | undefined, b: number | null): number | null =>
  a == null ? b : b === null ? a : Math.min(a, b);
const greatest = (a: number | null | undefined, b: number | null): number | null =>
  a == null ? b : b === null ? a : Math.max(a, b);
