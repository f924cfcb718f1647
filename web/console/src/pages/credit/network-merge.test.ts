import { expect, test } from 'vitest';
import { mergeNetworks } from './network-merge.ts';
import type { NetworkAnswer } from './types.ts';

const node = (id: string, complete: boolean): NetworkAnswer['nodes'][number] => ({
  id,
  kind: 'person',
  label: { value: id, shown: 'plain' },
  entity: null,
  status: null,
  depth: 1,
  walkable: true,
  complete,
});
const edge = (from: string, to: string, position: string | null = null): NetworkAnswer['edges'][number] => ({
  from,
  to,
  kind: 'executive',
  title: { zh: '高级管理人员', en: 'Executive' },
  position,
  amount: null,
  share: null,
  validFrom: null,
  validTo: null,
  fact: '1',
});

test('walking adds nodes and edges once and remembers which nodes are complete', () => {
  const first = { root: 'a', nodes: [node('a', true), node('b', false)], edges: [edge('a', 'b')], cut: false };
  const second = {
    root: 'b',
    nodes: [node('a', false), node('b', true), node('c', false)],
    edges: [edge('a', 'b'), edge('b', 'c')],
    cut: false,
  };
  const merged = mergeNetworks('a', [first, second]);
  expect(merged.nodes.map((n) => [n.id, n.complete])).toEqual([
    ['a', true],
    ['b', true],
    ['c', false],
  ]);
  expect(merged.edges).toHaveLength(2);
});

test('two offices of one person in one enterprise are two edges', () => {
  const merged = mergeNetworks('a', [
    {
      root: 'a',
      nodes: [node('a', true), node('b', true)],
      edges: [edge('a', 'b', '经理'), edge('a', 'b', '执行董事')],
      cut: false,
    },
  ]);
  expect(merged.edges).toHaveLength(2);
});
