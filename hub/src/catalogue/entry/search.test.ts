import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EntrySearch } from './search.ts';
import { content, entryBench, who } from './testing.ts';
import { create, save } from './workflow.ts';

let bench: Awaited<ReturnType<typeof entryBench>>;
let search: EntrySearch;
const steward = who('data-steward', null);
const titles = ['企业不动产抵押登记', '社会保险缴费明细', '行政处罚决定', '停车场名录'];
beforeAll(async () => {
  bench = await entryBench();
  search = bench.context.search;
  const abstract = { zh: '办理业务形成' };
  const drafts = titles.map((zh, i) => ({
    provider: i % 2 ? 'rsj' : 'scjg',
    origin: 'form' as const,
    content: content({ title: { zh }, abstract, items: [{ title: { zh: i === 2 ? '联系电话' : '编号' }, type: 'C' }] }),
  }));
  await create(bench.context, drafts, steward);
});
afterAll(() => bench.end());

const ask = (words: string | undefined, chosen = {}) =>
  search.find({ words, chosen, offset: 0, limit: 10, sort: 'relevance', visible: () => true });
const found = (words: string) => ask(words).hits.map((h) => h.entry.open!.content.title.zh);

test('a word finds what means the same, and says by what', () => {
  expect(found('房产')).toEqual(['企业不动产抵押登记']);
  expect(found('社保')).toEqual(['社会保险缴费明细']);
  expect(found('罚款')).toEqual(['行政处罚决定']);
  expect(ask('房产').understood).toEqual([{ word: '房产', meaning: '不动产' }]);
});

test('items are found by another name, and told', () => {
  expect(ask('手机号').hits.map((h) => h.items)).toEqual([['联系电话']]);
});

test('initials and whole pinyin find', () => {
  expect([found('tcc'), found('tingche'), found('xzcf')]).toEqual([['停车场名录'], ['停车场名录'], ['行政处罚决定']]);
});

test('words that never stand together find what has most of them, and that is said', () => {
  expect(ask('房产 停车')).toMatchObject({ relaxed: true, total: 2 });
  expect(ask('企业 房产')).toMatchObject({ relaxed: false, total: 1 });
  expect(ask('没有这样的词语').total).toBe(0);
});

test('facets count as if each alone were let go', () => {
  const answer = ask(undefined, { provider: ['rsj'] });
  expect([answer.total, answer.facets.provider]).toEqual([
    2,
    [
      { value: 'rsj', count: 2 },
      { value: 'scjg', count: 2 },
    ],
  ]);
  expect(answer.facets.state).toEqual([{ value: 'draft', count: 2 }]);
  expect(ask(undefined, { provider: ['nobody'] }).total).toBe(0);
});

test('a changed entry is found by what it says now', async () => {
  const entry = ask('停车').hits[0]!.entry;
  await save(bench.context, entry.id, { revision: 1, content: content({ title: { zh: '养老机构名录' } }) }, steward);
  expect([found('停车'), found('老人')]).toEqual([[], ['养老机构名录']]);
});

test('what somebody may not see is neither found nor counted', () => {
  const answer = search.find({ chosen: {}, offset: 0, limit: 10, sort: 'code', visible: (e) => e.provider === 'rsj' });
  expect([answer.total, answer.facets.provider]).toEqual([2, [{ value: 'rsj', count: 2 }]]);
});
