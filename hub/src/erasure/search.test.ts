import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDb, testStore } from '../platform/db/testing.ts';
import { type Lake, openDuckDbLake } from '../platform/lake/index.ts';
import { telling } from '../platform/personal.ts';
import { together } from './run.ts';
import { searchAll } from './search.ts';

const token = `c~${'a'.repeat(26)}`;
const plain = telling(['33028219900307123X', '0574-63981234(8801)']);
const signal = new AbortController().signal;
let store: TestDb;
let lake: Lake;
beforeAll(async () => {
  store = await testStore();
  lake = await openDuckDbLake({ path: ':memory:', threads: 1 });
  await store.db.query('CREATE SCHEMA city');
  await store.db.query('CREATE TABLE city.words (note text, more jsonb)');
  await lake.define([
    'CREATE SCHEMA raw',
    'CREATE SCHEMA vault',
    'CREATE TABLE raw.rows (v VARCHAR, l VARCHAR[], j JSON, n INTEGER)',
    'CREATE TABLE vault.value (token VARCHAR)',
  ]);
}, 60_000);
afterAll(async () => {
  await lake.close();
  await store.end();
});

const found = async (note: string) => {
  await store.db.query('DELETE FROM city.words');
  await store.db.query('INSERT INTO city.words VALUES ($1, $2)', ['x', JSON.stringify({ deep: [note] })]);
  await lake.write('test', async (s) => {
    await s.run('DELETE FROM raw.rows; DELETE FROM vault.value');
    await s.run(
      `INSERT INTO raw.rows VALUES ('x', [$note], '{}', 1), ('x', [], json_object('a', $note), 1), ($note, [], '{}', 1)`,
      { note },
    );
    await s.run('INSERT INTO vault.value VALUES ($note)', { note });
  });
  return (await searchAll(store.db, lake, { tokens: [token], plain }, signal)).found;
};

test('tokens anywhere and numbers that stand by themselves are found in every table of both stores, digits of longer numbers are not', async () => {
  const everywhere = [
    { place: 'store:city.words', count: 1 },
    { place: 'lake:raw.rows', count: 3 },
  ];
  for (const note of [token, `见${token}。`, '证号33028219900307123x，', '33028219900307123X', '拨0574-63981234(8801)'])
    expect([note, await found(note)]).toEqual([note, everywhere]);
  for (const note of ['133028219900307123X', '33028219900307123', '0574-63981234(8802)', '0574-63981234', 'c~b'])
    expect([note, await found(note)]).toEqual([note, []]);
  const nothing = await searchAll(store.db, lake, { tokens: [], plain: [] }, signal);
  expect(nothing.found).toEqual([]);
  expect(nothing.storeTables).toBeGreaterThan(0);
}, 60_000);

test('what was done before and after a break stands together: by place the most, as it was done at last', () => {
  const title = { zh: '甲', en: 'a' };
  const d = (place: string, count: number, action: 'delete' | 'keep' = 'delete') => ({ place, title, count, action });
  const before = { done: [d('a', 34, 'keep'), d('b', 1)], rewrite: ['x'] };
  expect(together(before, { done: [d('a', 4), d('c', 2)], rewrite: ['y', 'x'] })).toEqual({
    done: [d('a', 34), d('b', 1), d('c', 2)],
    rewrite: ['x', 'y'],
  });
  expect(together(undefined, { done: [d('a', 4)] })).toEqual({ done: [d('a', 4)] });
});
