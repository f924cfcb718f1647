import { expect, test } from 'vitest';
import { barePng, bareWebp } from './bare.ts';

const chunk = (type: string, data: string): Buffer => {
  const out = Buffer.alloc(12 + data.length);
  out.writeUInt32BE(data.length, 0);
  out.write(type + data, 4, 'latin1');
  return out;
};
const signature = Buffer.from('89504e470d0a1a0a', 'hex');

test('texts and EXIF leave a PNG, and what follows its end; a cut one is none', () => {
  const [head, data, end] = [chunk('IHDR', 'h'), chunk('IDAT', 'd'), chunk('IEND', '')];
  const full = Buffer.concat([
    signature,
    head,
    chunk('tEXt', 'GPS 30.1'),
    chunk('eXIf', 'place'),
    data,
    end,
    Buffer.from('more'),
  ]);
  expect(barePng(full)).toEqual(Buffer.concat([signature, head, data, end]));
  expect(barePng(full.subarray(0, 40))).toBeNull();
});

test('EXIF and XMP leave a WebP, its size and flags fit', () => {
  const riff = (type: string, data: string) => {
    const out = Buffer.alloc(8 + data.length + (data.length % 2));
    out.write(type, 0, 'latin1');
    out.writeUInt32LE(data.length, 4);
    out.write(data, 8, 'latin1');
    return out;
  };
  const file = (...chunks: Buffer[]) => {
    const body = Buffer.concat(chunks);
    const head = Buffer.from('RIFF\0\0\0\0WEBP', 'latin1');
    head.writeUInt32LE(4 + body.length, 4);
    return Buffer.concat([head, body]);
  };
  const full = file(riff('VP8X', '\x1c123456789'), riff('VP8 ', 'picture'), riff('EXIF', 'place'), riff('XMP ', 'x'));
  expect(bareWebp(full)).toEqual(file(riff('VP8X', '\x10123456789'), riff('VP8 ', 'picture')));
  expect(bareWebp(full.subarray(0, 30))).toBeNull();
});
