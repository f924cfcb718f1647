/** Images and recordings looked into: whether their headers hold together and their ends are there. */
import { type Finding, finding } from './findings.ts';
import type { Sample } from './sample.ts';

const cut = (what: string): Finding =>
  finding('U02', `${what} 被截断，打不开`, `the ${what} was cut and cannot be opened`);
const wrong = (what: string): Finding =>
  finding('U02', `${what} 文件头不合规，打不开`, `the header of the ${what} is wrong: it cannot be opened`);

/** Width and height of an image that its header tells, undefined where it does not. */
export function sizeOf(id: string, head: Buffer): { width: number; height: number } | undefined {
  if (id === 'png' && head.length >= 24 && head.toString('latin1', 12, 16) === 'IHDR')
    return { width: head.readUInt32BE(16), height: head.readUInt32BE(20) };
  if (id === 'gif' && head.length >= 10) return { width: head.readUInt16LE(6), height: head.readUInt16LE(8) };
  if (id === 'bmp' && head.length >= 26) return { width: head.readInt32LE(18), height: Math.abs(head.readInt32LE(22)) };
  if (id !== 'jpeg') return undefined;
  for (let at = 2; at + 9 < head.length; ) {
    if (head[at] !== 0xff) return undefined;
    const marker = head[at + 1]!;
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker))
      return { width: head.readUInt16BE(at + 7), height: head.readUInt16BE(at + 5) };
    at += 2 + head.readUInt16BE(at + 2);
  }
  return undefined;
}

/** What is wrong with an image. */
export function inspectImage(id: string, title: string, { head, tail, bytes }: Sample): Finding[] {
  if (id === 'tiff') {
    const little = head[0] === 0x49;
    const at = head.length < 8 ? 0 : little ? head.readUInt32LE(4) : head.readUInt32BE(4);
    return at >= 8 && at + 2 <= bytes ? [] : [wrong(title)];
  }
  const size = sizeOf(id, head);
  if (!size || size.width < 1 || size.height < 1) return [wrong(title)];
  const ended =
    (id === 'png' && tail.subarray(-12).includes('IEND')) ||
    (id === 'jpeg' && tail.subarray(-1024).lastIndexOf(Buffer.from([0xff, 0xd9])) >= 0) ||
    (id === 'gif' && tail.at(-1) === 0x3b) ||
    (id === 'bmp' && head.readUInt32LE(2) <= bytes);
  return ended ? [] : [cut(title)];
}

/** What is wrong with a recording. */
export function inspectMedia(id: string, title: string, { head, bytes }: Sample): Finding[] {
  if (id === 'wav') {
    if (head.length < 44 || head.toString('latin1', 12, 16) !== 'fmt ') return [wrong(title)];
    return head.readUInt32LE(4) + 8 <= bytes ? [] : [cut(title)];
  }
  if (id === 'mp4') {
    // Boxes follow each other; the first ones that the head holds must.
    for (let at = 0; at + 8 <= head.length; ) {
      const size = head.readUInt32BE(at);
      if (size === 0 || size === 1) return [];
      if (size < 8) return [wrong(title)];
      if (at + size > bytes) return [cut(title)];
      at += size;
    }
  }
  return bytes < 128 ? [cut(title)] : [];
}
