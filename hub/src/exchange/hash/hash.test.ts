import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalRow } from './canonical.ts';
import { LeafForest } from './forest.ts';
import { follow, proofAmong, rootOf, type TreeNode } from './tree.ts';

const sha = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest();

/** The tree written another way: split at the largest power of two below the number of leaves. */
function oracle(leaves: Buffer[]): { digest: Buffer; level: number } {
  if (leaves.length === 1) return { digest: leaves[0]!, level: 0 };
  let half = 1;
  while (half * 2 < leaves.length) half *= 2;
  const l = oracle(leaves.slice(0, half));
  const r = oracle(leaves.slice(half));
  const level = Math.max(l.level, r.level) + 1;
  return { digest: sha(Buffer.of(1), l.digest, Buffer.of(1), r.digest, Buffer.of(level)), level };
}
const leavesOf = (n: number) => Array.from({ length: n }, (_, i) => sha(Buffer.from(`leaf ${i}`)));

test('the canonical text of a row is what RFC 8785 says: JSON.stringify agrees on every well-formed text', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.string({ unit: 'grapheme' }))), (values) => {
      expect(canonicalRow(values)).toBe(JSON.stringify(values));
    }),
  );
});

test('every control character, quote and backslash is escaped as RFC 8785 section 3.2.2.2 says', () => {
  const all = Array.from({ length: 256 }, (_, c) => String.fromCharCode(c)).join('');
  expect(canonicalRow([all, '', null, '\u2028'])).toBe(JSON.stringify([all, '', null, '\u2028']));
  expect(canonicalRow(['\u0001\b\t\n\u000b\f\r\u001f"\\/\u007f'])).toBe(
    '["\\u0001\\b\\t\\n\\u000b\\f\\r\\u001f\\"\\\\/\u007f"]',
  );
});

test('four hashes at a time are the hashes of a library, whatever the lengths', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 700 }), { minLength: 1, maxLength: 40 }), (texts) => {
      const forest = new LeafForest();
      for (const t of texts) {
        forest.bytes.set(t, forest.text);
        forest.end(forest.text + t.length);
      }
      forest.settle();
      texts.forEach((t, i) => {
        const at = forest.leafAt(i) * 4;
        expect(Buffer.from(forest.bytes.subarray(at, at + 32))).toEqual(sha(t));
      });
      expect(Buffer.from(forest.finish().root!.digest)).toEqual(oracle(texts.map((t) => sha(t))).digest);
    }),
    { numRuns: Number(process.env.JINGWEI_TEST_RUNS ?? 12) },
  );
});

test('a text too long for the lanes is hashed all the same', () => {
  const forest = new LeafForest();
  const text = Buffer.alloc(10_000, 'x');
  forest.bytes.set(text, forest.text);
  forest.end(forest.text + text.length);
  forest.endLong(Buffer.alloc(5));
  forest.settle();
  const leaf = (i: number) => Buffer.from(forest.bytes.subarray(forest.leafAt(i) * 4, forest.leafAt(i) * 4 + 32));
  expect(leaf(0)).toEqual(sha(text));
  expect(leaf(1)).toEqual(sha(Buffer.alloc(5)));
});

test('the stack makes the tree of an independent definition for every number of leaves up to 70', () => {
  for (let n = 1; n <= 70; n++) {
    const leaves = leavesOf(n);
    const root = rootOf(leaves)!;
    expect(Buffer.from(root.digest)).toEqual(oracle(leaves).digest);
    expect(root.level).toBe(oracle(leaves).level);
  }
});

test('whole blocks and a rest make the same root as one stack, and the roots of blocks are kept', () => {
  for (const n of [65_535, 65_536, 131_075]) {
    const forest = new LeafForest();
    for (let i = 0; i < n; i++) {
      forest.bytes.set(Buffer.from(`leaf ${i}`), forest.text);
      forest.end(forest.text + `leaf ${i}`.length);
      if (forest.full) {
        forest.settle();
        forest.advance();
      }
    }
    const end = forest.finish();
    expect(Buffer.from(end.root!.digest)).toEqual(Buffer.from(rootOf(leavesOf(n))!.digest));
    expect(forest.blocks.length).toBe(Math.floor(n / 65_536));
    expect(end.tail === null).toBe(n % 65_536 === 0);
  }
});

test('the way of every row leads to the root, alone and with a finished tail', () => {
  for (let n = 1; n <= 33; n++) {
    const leaves = leavesOf(n);
    const nodes: TreeNode[] = leaves.map((digest) => ({ digest, level: 0 }));
    for (let i = 0; i < n; i++) {
      expect(Buffer.from(follow(leaves[i]!, proofAmong(nodes, i, null)))).toEqual(oracle(leaves).digest);
    }
  }
  // 5 blocks of 4 leaves and a tail of 3: the way of a block's root, the tail standing as one node
  const leaves = leavesOf(23);
  const blocks = [0, 1, 2, 3, 4].map((b) => rootOf(leaves.slice(b * 4, b * 4 + 4))!);
  const tail = rootOf(leaves.slice(20))!;
  blocks.forEach((block, i) => {
    expect(Buffer.from(follow(block.digest, proofAmong(blocks, i, tail)))).toEqual(oracle(leaves).digest);
  });
});
