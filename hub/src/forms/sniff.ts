/** What a file is, by its bytes; and what a photograph says of place and camera, taken out of it. Pure. */

/** Media types of the kinds that a form may take. */
export const TYPES: Readonly<Record<string, string>> = {
  jpeg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  pdf: 'application/pdf',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  txt: 'text/plain',
  csv: 'text/csv',
};

const begins = (b: Buffer, hex: string): boolean => b.subarray(0, hex.length / 2).toString('hex') === hex;

/** The kind of a file by its content; null: none that is taken. `name` only tells texts apart (txt, csv). */
export function kindOfFile(b: Buffer, name: string): string | null {
  if (begins(b, 'ffd8ff')) return 'jpeg';
  if (begins(b, '89504e470d0a1a0a')) return 'png';
  if (begins(b, '52494646') && b.subarray(8, 12).toString('latin1') === 'WEBP') return 'webp';
  if (b.subarray(0, 5).toString('latin1') === '%PDF-') return 'pdf';
  if (begins(b, '504b0304')) {
    // The directory of the package names its parts; only these two kinds are known. Macros are not taken.
    if (b.includes('vbaProject.bin')) return null;
    if (b.includes('word/document.xml')) return 'docx';
    return b.includes('xl/workbook.xml') ? 'xlsx' : null;
  }
  const text = b.subarray(0, 65_536);
  if (text.includes(0)) return null;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(b);
  } catch {
    return null;
  }
  if (/^\s*(<!doctype|<html|<svg|<\?xml)/i.test(text.toString('utf8'))) return null;
  return name.toLowerCase().endsWith('.csv') ? 'csv' : 'txt';
}

/**
 * A JPEG without its application segments (EXIF with place, camera and time; XMP; comments), and those segments apart. The colour profile and Adobe's
 * marker stay, since the picture needs them. Null where the structure does not hold.
 */
export function withoutExif(b: Buffer): { picture: Buffer; apart: Buffer | null; orientation: number | null } | null {
  if (!begins(b, 'ffd8')) return null;
  const kept: Buffer[] = [b.subarray(0, 2)];
  const apart: Buffer[] = [];
  let orientation: number | null = null;
  let at = 2;
  while (at + 4 <= b.length) {
    if (b[at] !== 0xff) return null;
    const marker = b[at + 1]!;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (marker === 0xda || marker === 0xd9) {
      kept.push(b.subarray(at));
      return {
        picture: Buffer.concat([kept[0]!, ...turned(orientation), ...kept.slice(1)]),
        apart: apart.length ? Buffer.concat(apart) : null,
        orientation,
      };
    }
    const length = b.readUInt16BE(at + 2);
    const end = at + 2 + length;
    if (length < 2 || end > b.length) return null;
    const segment = b.subarray(at, end);
    const application = (marker >= 0xe1 && marker <= 0xef) || marker === 0xfe;
    const needed = marker === 0xe2 || marker === 0xee;
    if (application && !needed) {
      apart.push(segment);
      if (marker === 0xe1) orientation ??= orientationOf(segment);
    } else kept.push(segment);
    at = end;
  }
  return null;
}

/** The way up of a picture (EXIF 0x0112): without it, phones' pictures would lie on their side. */
function orientationOf(segment: Buffer): number | null {
  if (segment.subarray(4, 10).toString('latin1') !== 'Exif\0\0') return null;
  const t = segment.subarray(10);
  if (t.length < 14) return null;
  const little = t.subarray(0, 2).toString('latin1') === 'II';
  const u16 = (at: number) => (little ? t.readUInt16LE(at) : t.readUInt16BE(at));
  const u32 = (at: number) => (little ? t.readUInt32LE(at) : t.readUInt32BE(at));
  const start = u32(4);
  if (start + 2 > t.length) return null;
  const entries = u16(start);
  for (let i = 0; i < entries && start + 2 + 12 * (i + 1) <= t.length; i++) {
    const at = start + 2 + 12 * i;
    if (u16(at) === 0x0112) {
      const value = u16(at + 8);
      return value >= 1 && value <= 8 ? value : null;
    }
  }
  return null;
}

/** A smallest EXIF segment that says the way up and nothing else. */
function turned(orientation: number | null): Buffer[] {
  if (orientation === null || orientation === 1) return [];
  const tiff = Buffer.alloc(26);
  tiff.write('MM', 0, 'latin1');
  tiff.writeUInt16BE(42, 2);
  tiff.writeUInt32BE(8, 4);
  tiff.writeUInt16BE(1, 8);
  tiff.writeUInt16BE(0x0112, 10);
  tiff.writeUInt16BE(3, 12);
  tiff.writeUInt32BE(1, 14);
  tiff.writeUInt16BE(orientation, 18);
  const head = Buffer.from([0xff, 0xe1, 0, 0]);
  head.writeUInt16BE(2 + 6 + tiff.length, 2);
  return [Buffer.concat([head, Buffer.from('Exif\0\0', 'latin1'), tiff])];
}
