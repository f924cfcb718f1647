/**
 * ZIP files read from their central directory (APPNOTE 6.3, with the 64-bit extensions), with limits on everything that a hostile file could
 * choose: number and length of names, sizes, ratios, overlaps, places outside the folder. Nothing is written by the names inside.
 */
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import type { Bilingual } from '../../platform/i18n/index.ts';

/** Bytes that can be read anywhere. */
export interface ByteSource {
  size: number;
  read(offset: number, length: number): Promise<Buffer>;
}

/** A file inside. */
export interface ZipFile {
  /** With `/` between folders; checked to stay inside. */
  name: string;
  packed: number;
  size: number;
  crc: number;
  method: 0 | 8;
  offset: number;
}

/** What is taken at most. */
export interface ZipLimits {
  files: number;
  /** Bytes of all files together, unpacked. */
  bytes: number;
  /** Unpacked bytes for each packed one, of files above a MiB. */
  ratio: number;
}

/** Why a ZIP file is not taken. */
export type ZipFaultCode = 'broken' | 'encrypted' | 'traversal' | 'bomb' | 'link' | 'method' | 'twice';

/** A fault of a ZIP file, in words. */
export class ZipFault extends Error {
  readonly code: ZipFaultCode;
  readonly title: Bilingual;

  constructor(code: ZipFaultCode, zh: string, en: string) {
    super(`${code}: ${en}`);
    this.name = 'ZipFault';
    this.code = code;
    this.title = { zh, en };
  }
}

const broken = (zh: string, en: string): never => {
  throw new ZipFault('broken', zh, en);
};

/** A buffer as a source. */
export const sourceOf = (bytes: Buffer): ByteSource => ({
  size: bytes.length,
  read: async (offset, length) => bytes.subarray(offset, offset + length),
});

/** A local file as a source while `use` works. */
export async function withFile<T>(path: string, use: (source: ByteSource) => Promise<T>): Promise<T> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    return await use({
      size,
      async read(offset, length) {
        const buffer = Buffer.alloc(Math.max(0, Math.min(length, size - offset)));
        const { bytesRead } = await file.read(buffer, 0, buffer.length, offset);
        return buffer.subarray(0, bytesRead);
      },
    });
  } finally {
    await file.close();
  }
}

const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
/** Bytes of a central directory at most: a thousand names of some length per MiB. */
const DIRECTORY = 32 * 2 ** 20;

/** Where the central directory is and how many entries it has. */
async function directoryOf(source: ByteSource): Promise<{ offset: number; size: number; count: number }> {
  const start = Math.max(0, source.size - 65_557);
  const tail = await source.read(start, source.size - start);
  for (let at = tail.length - 22; at >= 0; at--) {
    if (tail.readUInt32LE(at) !== END || at + 22 + tail.readUInt16LE(at + 20) !== tail.length) continue;
    const plain = {
      offset: tail.readUInt32LE(at + 16),
      size: tail.readUInt32LE(at + 12),
      count: tail.readUInt16LE(at + 10),
    };
    const locator = at - 20;
    if (locator < 0 || tail.readUInt32LE(locator) !== LOCATOR_64) return plain;
    const record = await source.read(Number(tail.readBigUInt64LE(locator + 8)), 56);
    if (record.length < 56 || record.readUInt32LE(0) !== END_64)
      return broken('64 位目录记录损坏', 'the 64-bit end record is damaged');
    return {
      offset: Number(record.readBigUInt64LE(48)),
      size: Number(record.readBigUInt64LE(40)),
      count: Number(record.readBigUInt64LE(32)),
    };
  }
  return broken('找不到中央目录：文件被截断或不是 ZIP', 'no central directory: the file was cut or is no ZIP');
}

/** The files of a ZIP in their order, folders left out. Throws {@link ZipFault}. */
export async function zipFiles(source: ByteSource, limits: ZipLimits): Promise<ZipFile[]> {
  const end = await directoryOf(source);
  if (end.count > limits.files * 2 + 100)
    throw new ZipFault(
      'bomb',
      `文件数 ${end.count} 超过上限 ${limits.files}`,
      `${end.count} files, more than ${limits.files}`,
    );
  if (end.size > DIRECTORY || end.offset + end.size > source.size)
    return broken('中央目录超出文件', 'the central directory lies outside the file');
  const bytes = await source.read(end.offset, end.size);
  const found: ZipFile[] = [];
  const names = new Set<string>();
  let total = 0;
  let at = 0;
  for (let i = 0; i < end.count; i++) {
    if (at + 46 > bytes.length || bytes.readUInt32LE(at) !== 0x02014b50)
      return broken('中央目录损坏', 'the central directory is damaged');
    const [name, extra, comment] = [28, 30, 32].map((o) => bytes.readUInt16LE(at + o)) as [number, number, number];
    const file = entryOf(bytes.subarray(at, at + 46 + name + extra), name);
    at += 46 + name + extra + comment;
    if (!file) continue;
    if (names.has(file.name.toLowerCase()))
      throw new ZipFault('twice', `文件名重复：${file.name}`, `the name stands twice: ${file.name}`);
    names.add(file.name.toLowerCase());
    total += file.size;
    if (file.size > 2 ** 20 && file.size > file.packed * limits.ratio)
      throw new ZipFault('bomb', `${file.name} 的压缩比异常`, `${file.name} is packed beyond reason`);
    found.push(file);
  }
  if (found.length > limits.files)
    throw new ZipFault('bomb', `文件数超过上限 ${limits.files}`, `more than ${limits.files} files`);
  if (total > limits.bytes) throw new ZipFault('bomb', '解包后大小超过上限', 'unpacked it is larger than allowed');
  // Entries that share bytes unpack to far more than the file holds.
  if (found.reduce((n, f) => n + f.packed, 0) > source.size)
    throw new ZipFault('bomb', '各文件的数据相互重叠', 'the data of files overlap');
  return found;
}

/** One entry of the central directory; undefined for a folder. */
function entryOf(bytes: Buffer, nameLength: number): ZipFile | undefined {
  const flags = bytes.readUInt16LE(8);
  const utf8 = (flags & 0x0800) !== 0;
  const raw = bytes.subarray(46, 46 + nameLength);
  const name = (utf8 ? raw.toString('utf8') : decodeName(raw)).replaceAll('\\', '/');
  if (/(^|\/)\.\.(\/|$)|^\/|^[A-Za-z]:|\0/.test(name) || name === '')
    throw new ZipFault('traversal', `文件名指向包外：${name}`, `a name leads outside the package: ${name}`);
  const madeBy = bytes.readUInt8(5);
  const mode = bytes.readUInt32LE(38) >>> 16;
  if (madeBy === 3 && (mode & 0xf000) === 0xa000)
    throw new ZipFault('link', `${name} 是符号链接`, `${name} is a symbolic link`);
  if (name.endsWith('/')) return undefined;
  if (flags & 1) throw new ZipFault('encrypted', `${name} 已加密`, `${name} is encrypted`);
  const method = bytes.readUInt16LE(10);
  if (method !== 0 && method !== 8)
    throw new ZipFault(
      'method',
      `${name} 的压缩方式 ${method} 不支持`,
      `${name} is packed by method ${method}, which is not read`,
    );
  let [packed, size, offset] = [20, 24, 42].map((o) => bytes.readUInt32LE(o)) as [number, number, number];
  for (let at = 46 + nameLength; at + 4 <= bytes.length; ) {
    const [id, length] = [bytes.readUInt16LE(at), bytes.readUInt16LE(at + 2)];
    let value = at + 4;
    if (id === 1) {
      const take = (now: number): number => {
        if (now !== 0xffffffff || value + 8 > at + 4 + length) return now;
        value += 8;
        return Number(bytes.readBigUInt64LE(value - 8));
      };
      size = take(size);
      packed = take(packed);
      offset = take(offset);
    }
    at += 4 + length;
  }
  return { name, packed, size, crc: bytes.readUInt32LE(16), method, offset };
}

/** Names without the mark of UTF-8: UTF-8 when they are, else GB 18030, which Chinese systems write. */
function decodeName(raw: Buffer): string {
  for (const label of ['utf-8', 'gb18030']) {
    try {
      return new TextDecoder(label, { fatal: true }).decode(raw);
    } catch {
      // The next encoding.
    }
  }
  return raw.toString('latin1');
}

/** The content of a file inside, checked against its size and CRC. Throws {@link ZipFault}. */
export async function* unpack(source: ByteSource, file: ZipFile): AsyncGenerator<Buffer> {
  const head = await source.read(file.offset, 30);
  if (head.length < 30 || head.readUInt32LE(0) !== 0x04034b50)
    broken(`${file.name} 的文件头损坏`, `the header of ${file.name} is damaged`);
  let at = file.offset + 30 + head.readUInt16LE(26) + head.readUInt16LE(28);
  const end = at + file.packed;
  async function* packed(): AsyncGenerator<Buffer> {
    while (at < end) {
      const part = await source.read(at, Math.min(1 << 18, end - at));
      if (part.length === 0) broken(`${file.name} 被截断`, `${file.name} is cut short`);
      at += part.length;
      yield part;
    }
  }
  let size = 0;
  let crc = 0;
  const input = Readable.from(packed());
  const inflate = createInflateRaw();
  input.on('error', (error) => inflate.destroy(error));
  const plain: AsyncIterable<Buffer> = file.method === 0 ? input : input.pipe(inflate);
  try {
    for await (const chunk of plain) {
      size += chunk.length;
      if (size > file.size)
        throw new ZipFault('bomb', `${file.name} 比声明的大`, `${file.name} is larger than it says`);
      crc = crc32(chunk, crc);
      yield chunk;
    }
  } catch (error) {
    if (error instanceof ZipFault) throw error;
    broken(`${file.name} 无法解压`, `${file.name} cannot be unpacked`);
  } finally {
    input.destroy();
    inflate.destroy();
  }
  if (size !== file.size || crc !== file.crc)
    broken(`${file.name} 与其校验值不符`, `${file.name} does not fit its check`);
}
