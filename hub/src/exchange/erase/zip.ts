/** Reads what stands in a zip file (a workbook), one entry after another, without unpacking it anywhere. */
import type { FileHandle } from 'node:fs/promises';
import { createInflateRaw } from 'node:zlib';

const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
/** End record and the longest comment behind it. */
const TAIL = 22 + 0xffff;

/** What is no zip file, or one that cannot be looked into (encrypted, of more than one part, of a kind that is not known). */
export class NoZip extends Error {}

async function at(file: FileHandle, from: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await file.read(bytes, 0, length, from);
  if (bytesRead < length) throw new NoZip('it ends too early');
  return bytes;
}

/** The bytes of every entry, in the order of the directory; `entry` is told where one ends. */
export async function* entriesOf(file: FileHandle, size: number): AsyncGenerator<AsyncIterable<Uint8Array>> {
  const tail = await at(file, Math.max(0, size - TAIL), Math.min(size, TAIL));
  let end = tail.length - 22;
  while (end >= 0 && tail.readUInt32LE(end) !== END) end--;
  if (end < 0) throw new NoZip('it has no directory');
  const [count, length, start] = [
    tail.readUInt16LE(end + 10),
    tail.readUInt32LE(end + 12),
    tail.readUInt32LE(end + 16),
  ];
  if (count === 0xffff || start === 0xffffffff || start + length > size) throw new NoZip('its directory is elsewhere');
  const directory = await at(file, start, length);
  let place = 0;
  for (let n = 0; n < count; n++) {
    if (place + 46 > length || directory.readUInt32LE(place) !== CENTRAL) throw new NoZip('its directory is damaged');
    const flags = directory.readUInt16LE(place + 8);
    const method = directory.readUInt16LE(place + 10);
    const packed = directory.readUInt32LE(place + 20);
    const local = directory.readUInt32LE(place + 42);
    place +=
      46 + directory.readUInt16LE(place + 28) + directory.readUInt16LE(place + 30) + directory.readUInt16LE(place + 32);
    if (flags & 1 || (method !== 0 && method !== 8) || packed === 0xffffffff)
      throw new NoZip('an entry cannot be read');
    const head = await at(file, local, 30);
    if (head.readUInt32LE(0) !== LOCAL) throw new NoZip('an entry is not where it should be');
    const from = local + 30 + head.readUInt16LE(26) + head.readUInt16LE(28);
    if (from + packed > size) throw new NoZip('an entry ends too late');
    if (packed === 0) continue;
    const raw = file.createReadStream({ start: from, end: from + packed - 1, autoClose: false });
    yield method === 0 ? raw : raw.pipe(createInflateRaw()).on('close', () => raw.destroy());
  }
}
