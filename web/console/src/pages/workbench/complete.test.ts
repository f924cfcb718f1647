import { expect, test } from 'vitest';
import { suggest, wordBefore } from './complete.ts';

const views = [
  {
    name: 'legal_person_v1',
    title: '法人',
    columns: [
      { name: 'name', title: '名称', type: 'VARCHAR' },
      { name: 'kind', title: '类型', type: 'VARCHAR' },
    ],
  },
  { name: 'road_v1', title: '道路', columns: [{ name: 'width', title: '宽度', type: 'DOUBLE' }] },
];
const texts = (text: string, at = text.length) => suggest(text, at, views).map((s) => s.text);

test('behind v. views are offered, by a part of their name or by what they are called', () => {
  expect(texts('SELECT * FROM v.')).toEqual(['legal_person_v1', 'road_v1']);
  expect(texts('SELECT * FROM v.person')).toEqual(['legal_person_v1']);
  expect(texts('SELECT * FROM v.道路')).toEqual(['road_v1']);
});

test('columns are those of the views that the statement names, behind an alias of that view alone', () => {
  expect(texts('SELECT na FROM v.legal_person_v1', 9)).toContain('name');
  expect(texts('SELECT wid FROM v.legal_person_v1', 10)).not.toContain('width');
  expect(texts('SELECT l. FROM v.legal_person_v1 l, v.road_v1 AS r', 9)).toEqual(['name', 'kind']);
  expect(texts('SELECT r. FROM v.legal_person_v1 l, v.road_v1 AS r', 9)).toEqual(['width']);
});

test('a whole word and an empty place offer nothing', () => {
  expect(texts('SELECT r.width FROM v.road_v1 r', 14)).toEqual([]);
  expect(texts('SELECT ')).toEqual([]);
  expect(wordBefore('SELECT a.b', 10)).toBe('a.b');
});
