/** ZIP files for tests: made with every field in hand, and read back. */
import { crc32, deflateRawSync } from 'node:zlib';
import { sourceOf, unpack, zipFiles } from './zip.ts';

/** A file to be packed; what is given beside name and content goes into the headers as it is. */
export interface Packed {
  name: string;
  content: Buffer | string;
  /** Size that the directory claims. */
  claims?: number;
  flags?: number;
  /** Unix mode, for links. */
  mode?: number;
}

/** The bytes of a ZIP. */
export function zipOf(files: readonly Packed[]): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content, claims, flags = 0x0800, mode = 0o100644 } of files) {
    const plain = Buffer.from(content as string);
    const packed = deflateRawSync(plain);
    const raw = Buffer.from(name);
    const head = Buffer.alloc(26);
    for (const [value, at] of [
      [20, 0],
      [flags, 2],
      [8, 4],
      [raw.length, 22],
    ] as const)
      head.writeUInt16LE(value, at);
    head.writeUInt32LE(crc32(plain), 10);
    head.writeUInt32LE(packed.length, 14);
    head.writeUInt32LE(claims ?? plain.length, 18);
    bodies.push(Buffer.from('504b0304', 'hex'), head, raw, packed);
    const tail = Buffer.alloc(14);
    tail.writeUInt16LE(0, 0);
    tail.writeUInt32LE((mode << 16) >>> 0, 6);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.from('504b01021403', 'hex'), head, tail, raw);
    offset += 30 + raw.length + packed.length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(list.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...bodies, list, end]);
}

/** The files of a ZIP by their names. */
export async function unzipped(bytes: Buffer): Promise<Map<string, Buffer>> {
  const source = sourceOf(bytes);
  const found = new Map<string, Buffer>();
  for (const file of await zipFiles(source, { files: 1000, bytes: 2 ** 26, ratio: 1000 })) {
    const parts: Buffer[] = [];
    for await (const part of unpack(source, file)) parts.push(part);
    found.set(file.name, Buffer.concat(parts));
  }
  return found;
}
