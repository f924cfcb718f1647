/** A ZIP archive of a few small files, made in the browser: stored as they are, not compressed (APPNOTE 6.3.3, method 0). */

const table = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});

/** CRC-32 of bytes (polynomial of ISO 3309). */
export function crc32(bytes: Uint8Array): number {
  let c = 0xffffffff;
  for (const byte of bytes) c = table[(c ^ byte) & 0xff]! ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}

/** Names are UTF-8. */
const UTF8 = 0x0800;
const VERSION = 20;

/** MS-DOS date and time of an instant, in the device's own zone as the format has it; two seconds are its finest. */
function dosTime(at: Date): [time: number, date: number] {
  const time = (at.getHours() << 11) | (at.getMinutes() << 5) | (at.getSeconds() >> 1);
  return [time, ((at.getFullYear() - 1980) << 9) | ((at.getMonth() + 1) << 5) | at.getDate()];
}

/** Puts files together. Names with folders use `/`. */
export function zipOf(files: readonly { name: string; bytes: Uint8Array }[], at: Date): Uint8Array {
  const [time, date] = dosTime(at);
  const parts: Uint8Array[] = [];
  const central: Uint8Array[] = [];
  let offset = 0;
  for (const { name, bytes } of files) {
    const encoded = new TextEncoder().encode(name);
    const crc = crc32(bytes);
    // What the local header and the entry of the directory have in common.
    const common: Field[] = [UTF8, 0, time, date, [crc], [bytes.length], [bytes.length], encoded.length, 0];
    const local = fields([[0x04034b50], VERSION, ...common]);
    central.push(fields([[0x02014b50], VERSION, VERSION, ...common, 0, 0, 0, [0], [offset]]), encoded);
    parts.push(local, encoded, bytes);
    offset += local.length + encoded.length + bytes.length;
  }
  const size = central.reduce((n, part) => n + part.length, 0);
  const end = fields([[0x06054b50], 0, 0, files.length, files.length, [size], [offset], 0]);
  return joined([...parts, ...central, end]);
}

type Field = number | readonly [number];

/** Little-endian fields: a number is two bytes, a number in brackets four. */
function fields(values: readonly Field[]): Uint8Array {
  const out = new Uint8Array(values.reduce<number>((n, value) => n + (typeof value === 'number' ? 2 : 4), 0));
  const view = new DataView(out.buffer);
  let at = 0;
  for (const value of values) {
    if (typeof value === 'number') view.setUint16(at, value, true);
    else view.setUint32(at, value[0], true);
    at += typeof value === 'number' ? 2 : 4;
  }
  return out;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
