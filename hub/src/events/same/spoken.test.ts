import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { readMatters } from '../matters.ts';
import { classify, statesOf } from './spoken.ts';

const root = new URL('../../../../', import.meta.url);
const { organisations } = parse(readFileSync(new URL('cities/cixi/organisations.yaml', root), 'utf8')) as {
  organisations: { id: string }[];
};
const catalogue = readMatters(new URL('matters', root).pathname, new Set(organisations.map((o) => o.id)));
const sentences = JSON.parse(readFileSync(new URL('spoken.sentences.json', import.meta.url), 'utf8')) as Record<
  string,
  string[]
>;
const matterOf = (text: string) => classify(catalogue, text)?.matter ?? null;

test('sentences as citizens say them at the hotline, of every matter, are classed; a wrong class is rarer than none', () => {
  expect(catalogue.problems).toEqual([]);
  expect(Object.keys(sentences).sort()).toEqual(catalogue.matters.map((m) => m.id).sort());
  const asked = Object.entries(sentences).flatMap(([matter, list]) => list.map((text) => ({ matter, text })));
  const wrong = asked.filter((a) => ![a.matter, null].includes(matterOf(a.text)));
  const none = asked.filter((a) => matterOf(a.text) === null);
  expect(asked.length).toBeGreaterThan(360);
  expect(wrong.length / asked.length, wrong.map((a) => a.text).join('\n')).toBeLessThan(0.015);
  expect(none.length / asked.length, none.map((a) => a.text).join('\n')).toBeLessThan(0.015);
});

test('what something does to people, or lies on, does not say what it is', () => {
  expect(matterOf('树倒了压住非机动车道')).toBe('tree-fallen');
  expect(matterOf('井盖破损，电动车差点摔倒')).toBe('manhole-cover');
  expect(matterOf('绿化带里被扔了十几袋垃圾')).toBe('exposed-garbage');
  expect(matterOf('请来看一下')).toBe(null);
});

test('a state is told by its words, of the matters that are asked for', () => {
  expect(statesOf(catalogue, ['tree-fallen'], '香樟树压到车了')).toEqual([{ id: 'tree-fallen/car', words: '压到车' }]);
  expect(statesOf(catalogue, ['tree-fallen', null], '断了的树枝挂在半空').map((s) => s.id)).toEqual([
    'tree-fallen/branch',
  ]);
  expect(statesOf(catalogue, ['fire'], '断了的树枝挂在半空')).toEqual([]);
});

test('a phrase reaches over its gap within a clause, not beyond it', () => {
  const of = { matters: [{ id: 'deep', title: { zh: '水深' }, words: [], phrases: ['水…膝盖'] }] };
  expect(classify(of, '桥洞里水已经到膝盖了')).toEqual({ matter: 'deep', words: ['水已经到膝盖'] });
  expect(classify(of, '水关了，我的膝盖疼')).toBe(null);
});
