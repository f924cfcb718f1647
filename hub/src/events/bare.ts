/** What PNG and WebP carry beside the picture (place, camera, texts), taken out. Pure; null where the file is not whole. */

/** Chunks of PNG that are no part of the picture. */
const PNG_DROPPED = new Set(['eXIf', 'tEXt', 'zTXt', 'iTXt', 'tIME']);

/** A PNG without texts and EXIF. */
export function barePng(content: Buffer): Buffer | null {
  const parts = [content.subarray(0, 8)];
  for (let at = 8; at + 12 <= content.length; ) {
    const end = at + 12 + content.readUInt32BE(at);
    const type = content.toString('latin1', at + 4, at + 8);
    if (end > content.length) return null;
    if (!PNG_DROPPED.has(type)) parts.push(content.subarray(at, end));
    // What follows the end is no part of it either.
    if (type === 'IEND') return Buffer.concat(parts);
    at = end;
  }
  return null;
}

/** Flags of VP8X that tell of EXIF and XMP. */
const WEBP_FLAGS = 0x08 | 0x04;

/** A WebP without EXIF and XMP. */
export function bareWebp(content: Buffer): Buffer | null {
  const end = 8 + content.readUInt32LE(4);
  if (end > content.length) return null;
  const parts: Buffer[] = [];
  for (let at = 12; at + 8 <= end; ) {
    const size = content.readUInt32LE(at + 4);
    const next = at + 8 + size + (size % 2);
    if (at + 8 + size > end) return null;
    const type = content.toString('latin1', at, at + 4);
    if (type !== 'EXIF' && type !== 'XMP ') {
      const chunk = Buffer.from(content.subarray(at, Math.min(next, end)));
      if (type === 'VP8X' && size >= 1) chunk[8] = chunk[8]! & ~WEBP_FLAGS;
      parts.push(chunk);
    }
    at = next;
  }
  if (!parts.length) return null;
  const body = Buffer.concat(parts);
  const head = Buffer.from(content.subarray(0, 12));
  head.writeUInt32LE(4 + body.length, 4);
  return Buffer.concat([head, body]);
}
