import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { combine, type Share, split } from './shares.ts';

test('any of so many custodians put the secret together, whatever the order', () => {
  for (const [needed, count] of [
    [2, 2],
    [2, 3],
    [3, 5],
    [5, 9],
    [255, 255],
  ] as const) {
    const secret = randomBytes(32);
    const shares = split(secret, needed, count);
    for (let i = 0; i < 20; i++) {
      const some = [...shares].sort(() => Math.random() - 0.5).slice(0, needed);
      expect(combine(some)).toEqual(secret);
    }
    expect(combine([...shares, ...shares])).toEqual(secret);
    expect(combine(shares.slice(0, needed - 1))).toBeUndefined();
    expect(combine(Array<Share>(count).fill(shares[0]!))).toBeUndefined();
  }
});

test('shares of two splits do not belong together', () => {
  const secret = randomBytes(32);
  const [a, b] = [split(secret, 2, 3), split(secret, 2, 3)];
  if (a[0]!.set !== b[0]!.set) expect(combine([a[0]!, b[1]!])).toBeUndefined();
  expect(combine([])).toBeUndefined();
});

test('a share below the number tells nothing: every secret is as likely', () => {
  // With one of two shares known, for each possible secret there is exactly one other share: 256 secrets, 256 shares.
  const [known] = split(Buffer.from([0x5a]), 2, 2) as [Share];
  const secrets = new Set<number>();
  for (let y = 0; y < 256; y++) secrets.add(combine([known, { ...known, index: 2, bytes: Uint8Array.from([y]) }])![0]!);
  expect(secrets.size).toBe(256);
});

test('only numbers that make sense are taken', () => {
  for (const [needed, count] of [
    [1, 3],
    [4, 3],
    [2, 256],
    [0, 0],
    [Number.NaN, 3],
  ] as const)
    expect(() => split(randomBytes(4), needed, count)).toThrow(RangeError);
});

test('known answer: the polynomial 0x42 + 0x07·x over the field of AES', () => {
  // 7·1 = 7, 7·2 = 14, 7·3 = 9: below 2^8 no reduction is needed, so that it can be checked by hand.
  const shares = split(Buffer.from([0x42]), 2, 3, ((n: number) => Buffer.alloc(n, 7)) as typeof randomBytes);
  expect(shares.map((s) => s.bytes[0])).toEqual([0x42 ^ 7, 0x42 ^ 14, 0x42 ^ 9]);
  expect(combine(shares.slice(1))).toEqual(Buffer.from([0x42]));
});
