import { createHash } from 'node:crypto';
import { TreeBuilder } from '@jingwei/keyless';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lake, openDuckDbLake } from '../platform/lake/index.ts';
import { NotedSeals } from '../platform/seal/testing.ts';
import { goldenRootTables, rootOfChanges, rootOfLeaves } from './golden-root.ts';
import { sealGolden } from './sealing.ts';

let lake: Lake;
beforeAll(async () => {
  lake = await openDuckDbLake({ path: ':memory:', threads: 1 });
  await lake.define(['CREATE SCHEMA lib', 'CREATE SCHEMA v', ...goldenRootTables]);
});
afterAll(() => lake.close());

const sha256 = (text: string) => createHash('sha256').update(text).digest();
const tree = (leaves: readonly Uint8Array[]) => {
  const builder = new TreeBuilder(1);
  for (const leaf of leaves) builder.add(Uint8Array.of(1, ...leaf));
  return builder.close();
};

test('the root that the engine makes is that of the tree over the same leaves, at any number of them', async () => {
  for (const n of [1, 2, 3, 7, 8, 100]) {
    const leaves = Array.from({ length: n }, (_, i) => sha256(`${i}`));
    const made = await lake.session((s) =>
      rootOfLeaves(s, `SELECT range AS place, unhex(sha256(range::VARCHAR)) AS leaf FROM range(${n})`, 2),
    );
    expect(made).toEqual({ ...tree(leaves), leaves: n });
  }
  expect(await lake.session((s) => rootOfLeaves(s, 'SELECT 0 AS place, NULL::BLOB AS leaf WHERE false'))).toBeNull();
});

test('an integration has a root over the records that it changed, and none where it changed nothing', async () => {
  const integrate = (integration: number, records: string) =>
    lake.session((s) => rootOfChanges(s, { integration, library: 0, name: 'legal-person', records }));
  const rows = (second: string) => `SELECT * FROM (VALUES (7, ['甲', NULL]), (9, ['乙', '${second}'])) t(entity, said)`;
  await integrate(1, rows('x'));
  await integrate(2, rows('x'));
  await integrate(3, rows('y'));
  const seal = new NotedSeals();
  await sealGolden({ lake, seal });
  const leaf = (entity: number, ...said: (string | null)[]) =>
    sha256(JSON.stringify(['legal-person', String(entity), ...said]));
  const first = tree([leaf(7, '甲', null), leaf(9, '乙', 'x')]);
  const third = tree([leaf(9, '乙', 'y')]);
  expect(seal.asked).toMatchObject([
    { kind: 'golden', subject: '1/legal-person', imprint: first.root, level: first.level, facts: { changes: 2 } },
    { kind: 'golden', subject: '3/legal-person', imprint: third.root, level: 0, facts: { changes: 1 } },
  ]);
});
