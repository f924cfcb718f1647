import { afterAll, beforeAll, expect, test } from 'vitest';
import { ManualClock } from '../../platform/clock.ts';
import type { Lake } from '../../platform/lake/index.ts';
import { fixtureLake } from '../fixture.ts';
import type { EngineQuery } from './engine.ts';
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
const ask = (q: string, more: Partial<EngineQuery> = {}, on = index) =>
  on.search({
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
  (await ask(q, more)).hits.map((h) => [h.entity, h.route]);

test('a part of a name finds prefix before trade name before inner part before abbreviation, former name, address', async () => {
  expect(await found('公牛')).toEqual([
    [7, 'prefix'],
    [1, 'trade-name'],
    [8, 'part'],
    [6, 'former-name'],
  ]);
});
