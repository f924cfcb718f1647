import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Lake } from '../../platform/lake/index.ts';
import { divisionFor, loadLists } from './load.ts';
import { goodList, listFolder, listYaml, openListLake, organisations } from './testing.ts';

let lake: Lake;
const ends: (() => void)[] = [];
beforeEach(async () => {
  lake = await openListLake();
});
afterEach(async () => {
  for (const end of ends.splice(0)) end();
  await lake.close();
});

const load = (files: Record<string, string>) => {
  const { folder, end } = listFolder(files);
  ends.push(end);
  return loadLists(folder, lake, organisations);
};
const codes = async (files: Record<string, string>) => {
  const { problems } = await load(files);
  return problems.map((p) => [p.kind.code, p.place?.file, p.place?.line]);
};

test('a list that holds is read with its views and the usual states', async () => {
  const { lists, problems } = await load(goodList('checked'));
  expect(problems).toEqual([]);
  const list = lists.get('checked')!;
  expect(list.declaration.states.map((s) => s.id)).toEqual(['open', 'contacted', 'done', 'cannot']);
  expect(list.who).toMatchObject({ views: ['v.should_v1'], usesDay: true });
  expect(list.missing).toEqual([]);
});

test('every mistake of a declaration has a code, the file and the line', async () => {
  expect(await codes({ ...goodList('a'), 'a/list.yaml': listYaml('b', { owner: 'nobody' }) })).toEqual([
    ['libraries.list.folder', 'lists/a/list.yaml', 1],
    ['libraries.list.owner', 'lists/a/list.yaml', 5],
  ]);
  expect(await codes({ ...goodList('a'), 'a/list.yaml': listYaml('a', { cadence: 'never' }) })).toEqual([
    ['declared.yaml.schema', 'lists/a/list.yaml', 7],
  ]);
  expect(
    await codes({ ...goodList('a'), 'a/list.yaml': listYaml('a', { entitled: '{ town: [scjg, scjg] }' }) }),
  ).toEqual([
    ['libraries.list.no-jurisdiction', 'lists/a/list.yaml', 9],
    ['libraries.list.entitled-twice', 'lists/a/list.yaml', 9],
    ['libraries.list.no-jurisdiction', 'lists/a/list.yaml', 9],
  ]);
  const states = '[{ id: shut, title: { zh: 关, en: Shut } }, { id: open, title: { zh: 开, en: Open } }]';
  expect(await codes({ ...goodList('a'), 'a/list.yaml': listYaml('a', { states }) })).toEqual([
    ['libraries.list.states', 'lists/a/list.yaml', 10],
  ]);
  expect(await codes({ 'a/list.yaml': 'id: [' })).toMatchObject([['declared.yaml.syntax', 'lists/a/list.yaml', 1]]);
  expect(await codes({ 'a/list.yaml': listYaml('a') })).toEqual([
    ['declared.file.unreadable', 'lists/a/who.sql', undefined],
    ['declared.file.unreadable', 'lists/a/done.sql', undefined],
  ]);
});

test('SQL that does not compile or lacks a column is told of with its line', async () => {
  const bad = async (who: string) => codes({ ...goodList('a'), 'a/who.sql': who });
  expect(await bad('SELECT entity,\n  FROM FROM v.should_v1')).toEqual([
    ['declared.sql.compile', 'lists/a/who.sql', 2],
  ]);
  expect(await bad('SELECT entity, division, reason, nothing FROM v.should_v1')).toMatchObject([
    ['declared.sql.compile', 'lists/a/who.sql', 1],
  ]);
  expect(await bad('SELECT entity, division FROM v.should_v1')).toEqual([
    ['declared.sql.columns', 'lists/a/who.sql', 1],
  ]);
  expect(await bad('SELECT 1; SELECT 2')).toEqual([['declared.sql.select', 'lists/a/who.sql', 1]]);
  expect(await bad('DELETE FROM v.should_v1')).toEqual([['declared.sql.select', 'lists/a/who.sql', 1]]);
});

test('a list that reads a view nobody publishes yet waits for it and is no mistake', async () => {
  const { lists, problems } = await load({ ...goodList('a'), 'a/done.sql': 'SELECT entity FROM v.later_v1' });
  expect(problems).toEqual([]);
  expect(lists.get('a')!.missing).toEqual(['v.later_v1']);
});

test('an organisation receives a list for its own division when it is named, or as any town', async () => {
  const { lists, jurisdictions } = await load(goodList('a'));
  const of = (id: string) => divisionFor(lists.get('a')!.declaration, jurisdictions, id);
  expect([of('scjg'), of('zonghan'), of('sw'), of('wjj')]).toEqual(['330282', '330282002', undefined, undefined]);
});
