import { afterAll, beforeAll, expect, test } from 'vitest';
import { ManualClock } from '../../platform/clock.ts';
import type { Lake } from '../../platform/lake/index.ts';
import { fixtureLake, insert } from '../fixture.ts';
import type { EngineQuery } from './engine.ts';
import { searchLake } from './fallback.ts';
import { SearchIndex } from './index.ts';
import { readQuery } from './text.ts';

let lake: Lake;
let index: SearchIndex;
beforeAll(async () => {
  lake = await fixtureLake();
  index = new SearchIndex(lake, new ManualClock());
  await index.rebuild();
});
afterAll(async () => {
  await index.close();
  await lake.close();
});

const all = { name: true, pinyin: true, code: true, address: true, person: true };
const question = (q: string, more: Partial<EngineQuery> = {}): EngineQuery => ({
  query: readQuery(q),
  ways: all,
  entities: [],
  status: [],
  town: [],
  industry: [],
  offset: 0,
  size: 20,
  ...more,
});
const found = async (q: string, more: Partial<EngineQuery> = {}) =>
  (await index.search(question(q, more))).hits.map((h) => [h.entity, h.route]);
const marked = async (q: string, entity: number) =>
  (await index.search(question(q))).hits
    .find((h) => h.entity === entity)!
    .highlights.map((h) => [h.field, ...h.ranges.map(([a, b]) => h.text.slice(a, b))]);

test('a part of a name finds beginning, trade name, former name and address in this order', async () => {
  expect(await found('公牛')).toEqual([
    [7, 'prefix'],
    [1, 'trade-name'],
    [8, 'part'],
    [6, 'former-name'],
  ]);
  expect(await found('公牛巷')).toEqual([[8, 'address']]);
});

test('a whole name comes before longer ones, with brackets, width and case ignored', async () => {
  expect(await found('重庆长江轴承(慈溪)有限公司')).toEqual([[2, 'name']]);
  expect((await found('ＴＣＬ'))[0]).toEqual([9, 'trade-name']);
  expect((await found('tcl电子'))[0]).toEqual([9, 'trade-name']);
});

test('former names and variants are found and told apart', async () => {
  expect(await found('金狮插座')).toEqual([[1, 'former-name']]);
  expect(await found('公牛电气')).toEqual([[1, 'variant']]);
  expect(await marked('金狮插座', 1)).toEqual([['former-name', '金狮插座']]);
});

test('an abbreviation is found and its parts are marked', async () => {
  expect((await found('慈溪公牛电器'))[0]).toEqual([1, 'abbreviation']);
  expect(await marked('慈溪公牛电器', 1)).toEqual([['name', '慈溪', '公牛电器']]);
});

test('words in any order, over name, address and person', async () => {
  expect(await found('电器 公牛')).toEqual([[1, 'words']]);
  expect(await found('观海卫 公牛')).toEqual([
    [7, 'address'],
    [1, 'address'],
  ]);
  expect(await found('王芳 贸易')).toEqual([[3, 'person']]);
});

test('a code is found whole or by its beginning, and an organisation code inside the unified code', async () => {
  expect(await found('91330282000000001A')).toEqual([[1, 'code']]);
  expect((await found('9133028200000000')).length).toBe(6);
  expect(await found('330282-0000000-11')).toEqual([[1, 'code']]);
  expect(await found('00000000-1')).toEqual([[1, 'code']]);
  // O and I are not in the alphabet of the unified code.
  expect(await found('9133O282OOOOOOO0IA')).toEqual([[1, 'code']]);
});

test('pinyin: whole, unfinished, initials and mixed', async () => {
  expect(await found('gongniu')).toEqual([
    [7, 'pinyin'],
    [1, 'pinyin'],
    [8, 'pinyin'],
    [6, 'former-name'],
  ]);
  expect((await found('gongni'))[0]).toEqual([7, 'pinyin']);
  expect((await found('gnjt'))[0]).toEqual([7, 'initials']);
  expect((await found('gongnjt'))[0]).toEqual([7, 'pinyin']);
  expect((await found('cxstcldz'))[0]).toEqual([9, 'initials']);
  expect(await marked('gongniu', 1)).toEqual([['name', '公牛']]);
});

test('characters with several readings: the one that the context has comes first', async () => {
  expect((await found('chongqing'))[0]).toEqual([2, 'pinyin']);
  // 中庆 reads zhongqing; 重庆 would only by another reading of 重, and comes last.
  expect(await found('zhongqing')).toEqual([
    [3, 'pinyin'],
    [2, 'pinyin'],
  ]);
  expect((await found('changxing'))[0]).toEqual([4, 'pinyin']);
  expect((await found('yinhang'))[0]).toEqual([5, 'pinyin']);
  expect((await found('xingzhi'))[0]).toEqual([10, 'pinyin']);
});

test('surnames with readings of their own', async () => {
  expect(await found('shanyun')).toEqual([[2, 'person']]);
  expect(await found('zengguoqiang')).toEqual([[4, 'person']]);
  expect(await found('zhaliang')).toEqual([[5, 'person']]);
});

test('a person is found by whole name before the beginning of longer names', async () => {
  expect(await found('张伟')).toEqual([
    [7, 'person'],
    [1, 'person'],
    [6, 'person'],
    [3, 'person'],
    [10, 'person'],
  ]);
  expect(await found('张伟', { ways: { ...all, person: false } })).toEqual([]);
});

test('a name with a typing error finds what resembles it, only when nothing else does', async () => {
  expect(await found('慈溪市海天机械治造有限公司')).toEqual([[6, 'similar']]);
});

test('status and size decide among equals', async () => {
  const hits = await found('慈溪市', { ways: { ...all, address: false } });
  expect(hits.map(([e]) => e)).toEqual([1, 10, 6, 3, 8, 9]);
});

test('facets count what the other filters leave', async () => {
  const answer = await index.search(question('慈溪', { status: ['存续'], industry: ['C'] }));
  expect(answer.hits.map((h) => h.entity).sort()).toEqual([1, 2, 6, 7]);
  expect(answer.total).toBe(4);
  expect(answer.facets.status).toEqual([
    ['存续', 4],
    ['注销', 1],
  ]);
  expect(Object.fromEntries(answer.facets.industry)).toEqual({ C: 4, F: 2, I: 1, J: 1 });
});

test('pages follow each other without gap or repetition', async () => {
  const whole = (await found('慈溪')).map(([e]) => e);
  const pages: unknown[] = [];
  for (let offset = 0; offset < whole.length; offset += 3) {
    pages.push(...(await found('慈溪', { offset, size: 3 })).map(([e]) => e));
  }
  expect(whole.length).toBeGreaterThan(8);
  expect(pages).toEqual(whole);
});

test('strange queries are answered cleanly', async () => {
  for (const q of [
    "'; DROP TABLE x;--",
    '%',
    '_',
    '😀',
    '[a-z]+',
    '\u0000公\u200b牛',
    '𠮷',
    'a'.repeat(100),
    '公'.repeat(100),
    '（）',
  ]) {
    const answer = await index.search(question(q));
    expect(answer.total).toBeGreaterThanOrEqual(0);
    expect((await searchLake(lake, question(q))).total).toBeGreaterThanOrEqual(0);
  }
  expect((await found('\u0000公\u200b牛'))[0]?.[0]).toBe(7);
});

test('while the index is not there the lake gives the same enterprises for names, codes, persons, addresses and pinyin', async () => {
  for (const q of [
    '公牛',
    '公牛集团股份有限公司',
    '91330282000000001A',
    '9133028',
    '张伟',
    '海天路',
    'gongniu',
    'gnjt',
    '金狮插座',
    '电器 公牛',
  ]) {
    const [a, b] = [await index.search(question(q)), await searchLake(lake, question(q))];
    expect([q, ...b.hits.map((h) => h.entity).sort()]).toEqual([q, ...a.hits.map((h) => h.entity).sort()]);
    expect([q, b.total]).toEqual([q, a.total]);
    expect([q, Object.fromEntries(b.facets.industry)]).toEqual([q, Object.fromEntries(a.facets.industry)]);
    expect([q, b.hits[0]?.entity]).toEqual([q, a.hits[0]?.entity]);
  }
});

test('a refresh of changed enterprises answers as a rebuild does', async () => {
  const own = await fixtureLake();
  const refreshed = new SearchIndex(own, new ManualClock());
  const rebuilt = new SearchIndex(own, new ManualClock());
  try {
    await refreshed.rebuild();
    // A new name, an enterprise that vanishes, one that is new, and a new person.
    await own.define([
      `UPDATE fx.legal_person_v1 SET name = '慈溪市雄狮电器有限公司', status = '注销', recorded_at = TIMESTAMP '2026-02-01' WHERE entity = 1`,
      `DELETE FROM fx.legal_person_v1 WHERE entity = 8`,
    ]);
    await insert(own, 'legal_person_alias_v1', [{ entity: 1, name: '慈溪市公牛电器有限公司', kind: 'former' }]);
    await insert(own, 'legal_person_v1', [
      {
        entity: 11,
        name: '慈溪市犇犇公牛养殖场',
        status: '存续',
        legal_representative: '牛大力',
        facts: 2,
        recorded_at: '2026-02-01',
      },
    ]);
    await insert(own, 'legal_person_relation_v1', [{ entity: 11, kind: 'shareholder', person_name: '翟小川' }]);
    await refreshed.refresh([1, 8, 11]);
    await rebuilt.rebuild();
    for (const q of [
      '公牛',
      'gongniu',
      '雄狮',
      '张伟',
      '翟小川',
      'zhaixiaochuan',
      'benben',
      '慈溪',
      '公牛巷',
      '91330282000000001A',
      'gnjt',
      '慈溪公牛电器',
    ]) {
      const [a, b] = [await refreshed.search(question(q)), await rebuilt.search(question(q))];
      expect([q, a]).toEqual([q, b]);
    }
    expect(refreshed.state().enterprises).toBe(rebuilt.state().enterprises);
    expect((await refreshed.search(question('公牛'))).hits.map((h) => h.entity)).toEqual([7, 11, 6, 1]);
  } finally {
    await refreshed.close();
    await rebuilt.close();
    await own.close();
  }
});

test('catching up finds by itself what was recorded since, and what vanished', async () => {
  const own = await fixtureLake();
  const mine = new SearchIndex(own, new ManualClock());
  try {
    await mine.rebuild();
    await own.define([
      `UPDATE fx.legal_person_v1 SET name = '慈溪市麒麟电器有限公司', recorded_at = TIMESTAMP '2026-02-01' WHERE entity = 1`,
    ]);
    await mine.catchUp();
    expect((await mine.search(question('麒麟'))).total).toBe(1);
    await own.define(['DELETE FROM fx.legal_person_v1 WHERE entity = 7']);
    await mine.catchUp();
    expect((await mine.search(question('公牛集团'))).total).toBe(0);
    expect(mine.state().refreshed).toBe(0);
  } finally {
    await mine.close();
    await own.close();
  }
});

test('an empty lake gives an empty index', async () => {
  const own = await fixtureLake();
  const mine = new SearchIndex(own, new ManualClock());
  try {
    await own.define(['DELETE FROM fx.legal_person_v1']);
    await mine.rebuild();
    expect((await mine.search(question('公牛'))).total).toBe(0);
    expect(mine.state()).toMatchObject({ state: 'ready', enterprises: 0 });
  } finally {
    await mine.close();
    await own.close();
  }
});
