import { createHmac, getHashes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { hashAlgorithms } from './algorithms.ts';
import * as browser from './browser.ts';
import { Hasher } from './hasher.ts';
import { imprint } from './imprint.ts';
import * as node from './node.ts';
import { sm3 } from './sm3.ts';

const text = (value: string) => new TextEncoder().encode(value);
const hex = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString('hex');

/** Bytes that are not all alike, in every length that matters to padding. */
const message = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 131 + length) & 255);
const lengths = [0, 1, 55, 56, 63, 64, 65, 111, 119, 120, 127, 128, 129, 135, 136, 143, 144, 1000];

describe('digests', () => {
  it('of SM3 are those of GB/T 32905', () => {
    expect(hex(sm3(text('abc')))).toBe('66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0');
    expect(hex(sm3(text('abcd'.repeat(16))))).toBe('debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732');
  });

  it.each(hashAlgorithms.map(({ name }) => name))('of %s are the same in the browser and on Node', (name) => {
    if (!getHashes().includes(name)) return;
    for (const length of lengths) {
      const data = message(length);
      expect(hex(browser.digest(name, data))).toBe(hex(node.digest(name, data)));
      const pieces = browser.incremental(name)!;
      for (let at = 0; at < length; at += 37) pieces.update(data.subarray(at, at + 37));
      expect(hex(pieces.digest())).toBe(hex(node.digest(name, data)));
      expect(hex(browser.hmac(name, message(length), data))).toBe(
        createHmac(name, message(length)).update(data).digest('hex'),
      );
    }
  });

  it('of an unknown algorithm are none', () => {
    for (const platform of [browser, node]) {
      expect(platform.digest('md17', message(3))).toBeUndefined();
      expect(platform.incremental('md17')).toBeUndefined();
      expect(platform.hmac('md17', message(3), message(3))).toBeUndefined();
    }
  });

  it('piece by piece are the imprint of the whole, once', () => {
    const hasher = new Hasher(0x0b).update(text('a')).update(text('bc'));
    expect(hasher.digest()).toEqual(imprint(0x0b, text('abc')));
    expect(() => hasher.update(text('d'))).toThrow('ended');
    expect(() => new Hasher(0x03)).toThrow('cannot be computed');
  });
});
