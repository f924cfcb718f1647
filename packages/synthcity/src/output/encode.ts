/** Encodings that the engine does not write: GB18030 and UTF-16, as streams over UTF-8. */
import { Transform, type TransformCallback } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

let table: Map<number, Buffer> | undefined;

/** GB18030 bytes of every code point of the Basic Multilingual Plane, read off the platform's own decoder. */
function gbTable(): Map<number, Buffer> {
  if (table) return table;
  const decoder = new TextDecoder('gb18030', { fatal: true });
  const decode = (bytes: Buffer): string => {
    try {
      return decoder.decode(bytes);
    } catch {
      return ''; // bytes that stand for nothing
    }
  };
  const made = new Map<number, Buffer>();
  for (let lead = 0x81; lead <= 0xfe; lead += 1)
    for (let trail = 0x40; trail <= 0xfe; trail += 1) {
      if (trail === 0x7f) continue;
      const bytes = Buffer.from([lead, trail]);
      const decoded = decode(bytes);
      const point = decoded.codePointAt(0);
      if (decoded.length === 1 && point !== undefined && !made.has(point)) made.set(point, bytes);
    }
  for (let n = 0; n < 39_420; n += 1) {
    const bytes = Buffer.from([
      0x81 + Math.floor(n / 12_600),
      0x30 + (Math.floor(n / 1260) % 10),
      0x81 + (Math.floor(n / 10) % 126),
      0x30 + (n % 10),
    ]);
    const point = decode(bytes).codePointAt(0);
    if (point !== undefined && !made.has(point)) made.set(point, bytes);
  }
  table = made;
  return made;
}

/** Encodes text as GB18030 (GB 18030-2005, as the platform decodes it). */
export function encodeGb18030(text: string): Buffer {
  const known = gbTable();
  const out: Buffer[] = [];
  let ascii = '';
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    if (point < 0x80) {
      ascii += character;
      continue;
    }
    if (ascii) {
      out.push(Buffer.from(ascii, 'latin1'));
      ascii = '';
    }
    if (point > 0xffff) {
      const n = point - 0x10000;
      out.push(
        Buffer.from([
          0x90 + Math.floor(n / 12_600),
          0x30 + (Math.floor(n / 1260) % 10),
          0x81 + (Math.floor(n / 10) % 126),
          0x30 + (n % 10),
        ]),
      );
    } else out.push(known.get(point) ?? Buffer.from('?'));
  }
  if (ascii) out.push(Buffer.from(ascii, 'latin1'));
  return Buffer.concat(out);
}

/** A stream that takes UTF-8 and gives GB18030, or UTF-16 (little endian, with a byte order mark). */
export function transcoder(encoding: 'gb18030' | 'utf-16'): Transform {
  const decoder = new StringDecoder('utf8');
  const encode = (text: string): Buffer =>
    encoding === 'gb18030' ? encodeGb18030(text) : Buffer.from(text, 'utf16le');
  let first = encoding === 'utf-16';
  const give = (text: string): Buffer => {
    const bytes = encode(first ? `\ufeff${text}` : text);
    first = false;
    return bytes;
  };
  return new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      done(null, give(decoder.write(chunk)));
    },
    flush(done: TransformCallback) {
      done(null, give(decoder.end()));
    },
  });
}
