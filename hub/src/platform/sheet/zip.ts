/**
 * A ZIP file (APPNOTE 6.3) written as it comes: each entry is deflated while its parts arrive, with its sizes and CRC in
 * a data descriptor after it. No entry and no file may reach 4 GiB.
 */
import { Readable } from 'node:stream';
import { crc32, createDeflateRaw } from 'node:zlib';

/** A file inside: its name and its parts. */
export interface ZipEntry {
  name: string;
  parts: Iterable<string> | AsyncIterable<string>;
}

const LIMIT = 0xffff_ffff;
/** 1980-01-01 00:00, the first day that the format knows: equal content gives equal bytes. */
const DOS_TIME = 0x0021_0000;
/** Sizes follow the data (bit 3), names are UTF-8 (bit 11). */
const FLAGS = 0x0808;

interface Written {
  name: Buffer;
  crc: number;
  packed: number;
  size: number;
  offset: number;
}

/** Fields of so many bytes each, little endian. */
function fields(...list: [value: number, bytes: 2 | 4][]): Buffer {
  const out = Buffer.alloc(list.reduce((n, [, bytes]) => n + bytes, 0));
  let at = 0;
  for (const [value, bytes] of list) {
    if (bytes === 2) out.writeUInt16LE(value, at);
    else out.writeUInt32LE(value, at);
    at += bytes;
  }
  return out;
}

/** The bytes of the file, entry by entry; a slow reader slows the parts down. */
export async function* zip(entries: Iterable<ZipEntry> | AsyncIterable<ZipEntry>): AsyncGenerator<Buffer> {
  const written: Written[] = [];
  let offset = 0;
  for await (const entry of entries) {
    const name = Buffer.from(entry.name);
    const record: Written = { name, crc: 0, packed: 0, size: 0, offset };
    const head = Buffer.concat([
      fields(
        [0x04034b50, 4],
        [20, 2],
        [FLAGS, 2],
        [8, 2],
        [DOS_TIME, 4],
        [0, 4],
        [0, 4],
        [0, 4],
        [name.length, 2],
        [0, 2],
      ),
      name,
    ]);
    offset += head.length;
    yield head;
    const source = Readable.from(measured(entry.parts, record));
    const deflate = createDeflateRaw({ level: 6 });
    source.on('error', (error) => deflate.destroy(error));
    try {
      for await (const chunk of source.pipe(deflate) as AsyncIterable<Buffer>) {
        record.packed += chunk.length;
        offset += chunk.length;
        yield chunk;
      }
    } finally {
      source.destroy();
      deflate.destroy();
    }
    if (record.size >= LIMIT || offset >= LIMIT) throw new Error('a ZIP file without extensions ends at 4 GiB');
    const tail = fields([0x08074b50, 4], [record.crc, 4], [record.packed, 4], [record.size, 4]);
    offset += tail.length;
    yield tail;
    written.push(record);
  }
  const start = offset;
  for (const w of written) {
    const head = fields(
      [0x02014b50, 4],
      [20, 2],
      [20, 2],
      [FLAGS, 2],
      [8, 2],
      [DOS_TIME, 4],
      [w.crc, 4],
      [w.packed, 4],
      [w.size, 4],
      [w.name.length, 2],
      [0, 2],
      [0, 2],
      [0, 2],
      [0, 2],
      [0, 4],
      [w.offset, 4],
    );
    offset += head.length + w.name.length;
    yield Buffer.concat([head, w.name]);
  }
  const count = written.length;
  yield fields([0x06054b50, 4], [0, 2], [0, 2], [count, 2], [count, 2], [offset - start, 4], [start, 4], [0, 2]);
}

/** Passes parts on as bytes, gathered into pieces of some size, and keeps their length and CRC. */
async function* measured(parts: ZipEntry['parts'], record: Written): AsyncGenerator<Buffer> {
  let pending = '';
  const take = (): Buffer => {
    const bytes = Buffer.from(pending);
    pending = '';
    record.size += bytes.length;
    record.crc = crc32(bytes, record.crc);
    return bytes;
  };
  for await (const part of parts) {
    pending += part;
    if (pending.length >= 1 << 16) yield take();
  }
  if (pending.length > 0) yield take();
}
