import { expect, test } from 'vitest';
import { crc32, zipOf } from './zip.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

test('the check value of CRC-32 is the published one', () => {
  expect(crc32(bytes('123456789'))).toBe(0xcbf43926);
});

test('every file stands at the place that the directory names, with its name, length and sum', () => {
  const files = [
    { name: '签名/a.ksig', bytes: bytes('one') },
    { name: 'root.pem', bytes: new Uint8Array(0) },
  ];
  const zip = zipOf(files, new Date(2026, 10, 21, 9, 30, 4));
  const view = new DataView(zip.buffer);
  const end = zip.length - 22;
  expect([view.getUint32(end, true), view.getUint16(end + 10, true)]).toEqual([0x06054b50, 2]);
  let at = view.getUint32(end + 16, true);
  for (const file of files) {
    expect(view.getUint32(at, true)).toBe(0x02014b50);
    const [crc, size, length] = [
      view.getUint32(at + 16, true),
      view.getUint32(at + 24, true),
      view.getUint16(at + 28, true),
    ];
    const local = view.getUint32(at + 42, true);
    expect(new TextDecoder().decode(zip.subarray(at + 46, at + 46 + length))).toBe(file.name);
    expect([crc, size]).toEqual([crc32(file.bytes), file.bytes.length]);
    expect(view.getUint32(local, true)).toBe(0x04034b50);
    expect(zip.subarray(local + 30 + length, local + 30 + length + size)).toEqual(file.bytes);
    at += 46 + length;
  }
  expect(at).toBe(end);
  // 2026-11-21 09:30:04 as MS-DOS writes it.
  expect([view.getUint16(10, true), view.getUint16(12, true)]).toEqual([0x4bc2, 0x5d75]);
});
