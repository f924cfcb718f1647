import { afterAll, expect, it } from 'vitest';
import { aggregate } from '../format/aggregation.ts';
import { equal, imprint } from '../hash/imprint.ts';
import { TreeThreads } from './threads.ts';
import { TreeBuilder } from './tree.ts';

const threads = new Map([1, 11].map((algorithm) => [algorithm, new TreeThreads(2, algorithm)]));
afterAll(() => Promise.all([...threads.values()].map((one) => one.close())));

it('threads build the tree that one thread builds, and every chain leads to its root', async () => {
  for (const [size, algorithm] of [
    [1, 1],
    [2, 11],
    [7, 1],
    [3001, 11],
    [40_003, 1],
  ] as const) {
    const leaves = Array.from({ length: size }, (_, i) =>
      imprint(i % 3 ? 1 : 11, Uint8Array.of(i & 255, (i >> 8) & 255, i >> 16)),
    );
    const builder = new TreeBuilder(algorithm, { expected: size });
    for (const leaf of leaves) builder.add(leaf);
    const { root, level } = builder.close();
    const tree = await threads.get(algorithm)!.build(new Uint8Array(Buffer.concat(leaves)));
    expect([tree.level, equal(tree.root, root)]).toEqual([level, true]);
    for (const i of [0, 1, size >> 1, size - 3, size - 2, size - 1].filter((place) => place >= 0 && place < size)) {
      const links = tree.chainOf(i);
      expect(links).toEqual(builder.chainOf(i));
      if (links.length > 0) expect(equal(aggregate({ links, algorithm }, tree.leaf(i), 0).root, root)).toBe(true);
    }
  }
});

it('what is no row of imprints is refused', async () => {
  const one = threads.get(1)!;
  await expect(one.build(new Uint8Array())).rejects.toThrow('without leaves');
  await expect(one.build(new Uint8Array(34))).rejects.toThrow('33 bytes');
  expect(() => new TreeThreads(1, 5)).toThrow('32 bytes');
});
