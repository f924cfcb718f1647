/**
 * The journal of readings: what makes a reading durable. Groups of readings are written as frames to one file, with one fsync each, before
 * anybody is told that they are kept; the lake takes them over in the background. Frames stay for a while after that, so that who was not
 * there can catch up in the order of keeping.
 *
 * A frame: 'JWR1', bytes of the notes, readings, CRC-32 of everything behind these 24 bytes, sequence of the first reading (double); then
 * the columns time and value (double), series (int32), flag (uint8), and the notes as JSON. Little endian. A frame that is not whole was
 * never acknowledged.
 */
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { type FileHandle, open, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { ReadingsBatch } from '../readings.ts';

const MAGIC = 0x3152574a;
const HEAD = 24;
/** Bytes of a segment before the next begins. */
const SEGMENT = 64 * 1024 * 1024;

/** Readings of one group with what is to be counted of it. */
export interface Frame<N> {
  batch: ReadingsBatch;
  notes: N;
}

interface Segment {
  name: string;
  /** Sequence before its first reading. */
  after: number;
  bytes: number;
  /** When it was begun, ms. */
  begun: number;
}

const nameOf = (after: number, serial: number): string =>
  `${String(after).padStart(16, '0')}-${String(serial).padStart(6, '0')}.jwr`;

export class Journal<N> {
  readonly #folder: string;
  #file: FileHandle | undefined;
  #segments: Segment[];
  #serial = 0;

  /** @param folder made when it is not there */
  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#segments = readdirSync(folder)
      .filter((n) => /^\d{16}-\d{6}\.jwr$/.test(n))
      .sort()
      .map((name) => {
        const { size, mtimeMs } = statSync(join(folder, name));
        return { name, after: Number(name.slice(0, 16)), bytes: size, begun: mtimeMs };
      });
    this.#serial = this.#segments.reduce((most, s) => Math.max(most, Number(s.name.slice(17, 23))), 0);
  }

  /** Sequence before the oldest reading that is still here. */
  get after(): number {
    return this.#segments[0]?.after ?? 0;
  }

  get bytes(): number {
    return this.#segments.reduce((sum, s) => sum + s.bytes, 0);
  }

  /** Writes a frame; on disk when it resolves. Never called while a call runs. `now`: ms, for the age of segments. */
  async write(frame: Frame<N>, now: number): Promise<void> {
    const bytes = encode(frame);
    try {
      if (!this.#file || this.#segments.at(-1)!.bytes >= SEGMENT) await this.#next(frame.batch.sequence - 1, now);
      await this.#file!.appendFile(bytes);
      await this.#file!.datasync();
      this.#segments.at(-1)!.bytes += bytes.length;
    } catch (error) {
      // A frame may be there in part, or whole without being acknowledged: the segment is cut back to what is.
      const segment = this.#segments.at(-1);
      await this.#file?.truncate(segment?.bytes ?? 0).catch(() => undefined);
      await this.#file?.close().catch(() => undefined);
      this.#file = undefined;
      throw error;
    }
  }

  async #next(after: number, now: number): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
    this.#serial += 1;
    const name = nameOf(after, this.#serial);
    this.#file = await open(join(this.#folder, name), 'ax', 0o600);
    // The name itself must be on disk, too.
    const folder = await open(this.#folder, 'r');
    await folder.sync().finally(() => folder.close());
    this.#segments.push({ name, after, bytes: 0, begun: now });
  }

  /** Frames with readings behind a sequence number (and those without readings between them), in order. */
  async *read(after: number): AsyncGenerator<Frame<N>> {
    const from = Math.max(
      0,
      this.#segments.findLastIndex((s) => s.after <= after),
    );
    const segments = this.#segments.slice(from);
    for (const [i, segment] of segments.entries()) {
      const bytes = await readFile(join(this.#folder, segment.name)).catch((error: NodeJS.ErrnoException) => {
        // Removed in the meantime: the caller sees the gap in the sequence.
        if (error.code === 'ENOENT') return Buffer.alloc(0);
        throw error;
      });
      // What a failing disk left unacknowledged at the end of a segment had its numbers given again by the next one.
      const until = segments[i + 1]?.after ?? Number.POSITIVE_INFINITY;
      for (const frame of decode<N>(bytes)) {
        const end = frame.batch.sequence + frame.batch.series.length - 1;
        if (end > until) break;
        if (end >= after + 1 || frame.batch.series.length === 0) yield frame;
      }
    }
  }

  /** Removes whole segments whose readings are all at or before a sequence and that are old, or too many. */
  async trim(done: number, olderThan: number, mostBytes: number): Promise<void> {
    while (this.#segments.length > 1) {
      const [first, second] = this.#segments as [Segment, Segment];
      if (second.after > done) return;
      if (second.begun > olderThan && this.bytes <= mostBytes) return;
      this.#segments.shift();
      await unlink(join(this.#folder, first.name));
    }
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
  }
}

function encode<N>({ batch, notes }: Frame<N>): Buffer {
  const n = batch.series.length;
  const text = Buffer.from(JSON.stringify(notes));
  const bytes = Buffer.allocUnsafe(HEAD + n * 21 + text.length);
  const raw = (a: Float64Array | Int32Array | Uint8Array) => new Uint8Array(a.buffer, a.byteOffset, a.byteLength);
  bytes.writeUInt32LE(MAGIC, 0);
  bytes.writeUInt32LE(text.length, 4);
  bytes.writeUInt32LE(n, 8);
  bytes.writeDoubleLE(batch.sequence, 16);
  bytes.set(raw(batch.at), HEAD);
  bytes.set(raw(batch.value), HEAD + n * 8);
  bytes.set(raw(batch.series), HEAD + n * 16);
  bytes.set(raw(batch.flag), HEAD + n * 20);
  bytes.set(text, HEAD + n * 21);
  bytes.writeUInt32LE(crc32(bytes.subarray(16)), 12);
  return bytes;
}

function* decode<N>(bytes: Buffer): Generator<Frame<N>> {
  let at = 0;
  while (at + HEAD <= bytes.length && bytes.readUInt32LE(at) === MAGIC) {
    const text = bytes.readUInt32LE(at + 4);
    const n = bytes.readUInt32LE(at + 8);
    const end = at + HEAD + n * 21 + text;
    if (end > bytes.length || crc32(bytes.subarray(at + 16, end)) !== bytes.readUInt32LE(at + 12)) return;
    // Copied: columns must begin at a multiple of their width.
    const part = (from: number, length: number) =>
      bytes.buffer.slice(bytes.byteOffset + at + from, bytes.byteOffset + at + from + length) as ArrayBuffer;
    yield {
      batch: {
        sequence: bytes.readDoubleLE(at + 16),
        at: new Float64Array(part(HEAD, n * 8)),
        value: new Float64Array(part(HEAD + n * 8, n * 8)),
        series: new Int32Array(part(HEAD + n * 16, n * 4)),
        flag: new Uint8Array(part(HEAD + n * 20, n)),
      },
      notes: JSON.parse(bytes.toString('utf8', end - text, end)) as N,
    };
    at = end;
  }
}
