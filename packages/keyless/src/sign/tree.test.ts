import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aggregate, readAggregationChain, shapeOf } from '../format/aggregation.ts';
import { readSignature } from '../format/signature.ts';
import { readOnly } from '../format/tlv.ts';
import { equal, imprint } from '../hash/imprint.ts';
import { verifyInternal } from '../verify/internal.ts';
import { chainHead } from './chain.ts';
import { TreeBuilder } from './tree.ts';
import { prependChain, writeAggregationChain, writeSignature } from './write.ts';

const document = (i: number) => imprint([1, 11, 5][i % 3]!, new TextEncoder().encode(`document ${i}`));
const seed = new Uint8Array(32).fill(7);

describe('a tree', () => {
  it('gives every leaf a chain to its root, with origins and masks or without', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 70 }), fc.boolean(), fc.boolean(), (n, masks, origins) => {
        const tree = new TreeBuilder(1, masks ? { blinding: { seed, previous: document(999) } } : {});
        for (let i = 0; i < n; i++)
          tree.add(document(i), origins && i % 2 ? { origin: { clientId: '慈溪市', sequence: BigInt(i) } } : {});
        const { root, level } = tree.close();
        for (let i = 0; i < n; i++) {
          const links = tree.chainOf(i);
          const end =
            links.length > 0 ? aggregate({ links, algorithm: 1 }, document(i), 0) : { root: document(i), level: 0 };
          let written = true;
          if (links.length > 0) {
            const chain = { time: 17n, index: [5n, shapeOf(links)], inputHash: document(i), algorithm: 1, links };
            written = equal(tree.writeChainOf(i, chainHead(17n, [5n])), writeAggregationChain(chain));
          }
          expect([equal(end.root, root), end.level, written]).toEqual([true, level, true]);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('whose root was signed above gives signatures of its leaves that verify, and none of anything else', () => {
    const tree = new TreeBuilder(1);
    for (let i = 0; i < 9; i++) tree.add(document(i), i === 4 ? { origin: { clientId: '市监局' } } : {});
    const { root, level } = tree.close();
    const links = [
      { left: true, levelCorrection: level, sibling: document(100), kind: 'imprint' as const },
      { left: false, levelCorrection: 0, sibling: document(101), kind: 'imprint' as const },
    ];
    const above = readSignature(
      writeSignature([
        writeAggregationChain({ time: 1_700_000_000n, index: [shapeOf(links)], inputHash: root, algorithm: 1, links }),
      ]),
    );
    expect(verifyInternal(above, { hash: root, level }).verdict).toEqual({ outcome: 'ok' });
    for (let i = 0; i < 9; i++) {
      const own = prependChain(above, { hash: document(i), links: tree.chainOf(i), algorithm: 1 });
      expect(verifyInternal(readSignature(own), { hash: document(i) }).verdict).toEqual({ outcome: 'ok' });
      const other = verifyInternal(readSignature(own), { hash: document(i + 3) }).verdict;
      expect(other).toMatchObject({ outcome: 'failed', code: 'GEN-01' });
    }
    expect(() =>
      prependChain(readSignature(prependChain(above, { hash: document(0), links: tree.chainOf(0), algorithm: 1 })), {
        hash: document(1),
        links: tree.chainOf(1),
        algorithm: 1,
      }),
    ).toThrow('level');
  });

  it('is the tree of its definition at any size and height of its leaves, whichever way it is computed', () => {
    for (const [n, levels, algorithm] of [
      [5000, 1, 1],
      [4097, 3, 1],
      [300, 2, 11],
      [300, 40, 1],
    ] as const) {
      const tree = new TreeBuilder(algorithm, { expected: 100 });
      const slots: ({ value: Uint8Array; level: number } | undefined)[] = [];
      const above = (l: { value: Uint8Array; level: number }, r: { value: Uint8Array; level: number }) => {
        const level = Math.max(l.level, r.level) + 1;
        return { value: imprint(algorithm, l.value, r.value, Uint8Array.of(level)), level };
      };
      for (let i = 0; i < n; i++) {
        const leaf = { value: document(i % 50), level: (i * 7) % levels };
        tree.add(leaf.value, leaf);
        let own = leaf;
        for (let slot = slots[own.level]; slot; slot = slots[own.level]) {
          slots[own.level] = undefined;
          own = above(slot, own);
        }
        slots[own.level] = own;
      }
      let root: { value: Uint8Array; level: number } | undefined;
      for (const slot of slots) if (slot) root = root ? above(slot, root) : slot;
      const { root: made, level } = tree.close();
      expect([level, equal(made, root!.value)]).toEqual([root!.level, true]);
      for (const i of [0, n >> 1, n - 1]) {
        const links = tree.chainOf(i);
        const written = readAggregationChain(readOnly(tree.writeChainOf(i, chainHead(9n))));
        expect(equal(aggregate(written, written.inputHash, 0).root, made)).toBe(true);
        expect(written.index).toEqual([shapeOf(links)]);
      }
    }
  });

  it('refuses leaves after its end, no leaves at all and more levels than allowed', () => {
    expect(() => new TreeBuilder(1).close()).toThrow('without leaves');
    const closed = new TreeBuilder(1);
    closed.add(document(1));
    closed.close();
    expect(() => closed.add(document(2))).toThrow('closed');
    const low = new TreeBuilder(1, { maxLevel: 1 });
    low.add(document(1));
    low.add(document(2));
    low.add(document(3));
    expect(() => low.close()).toThrow('higher than 1');
  });
});
