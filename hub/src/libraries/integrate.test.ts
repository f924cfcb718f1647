import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Lake } from '../platform/lake/index.ts';
import { receive } from '../refinery/testing.ts';
import { codeOf, market, openLibraries, penalty, settle, tax } from './fixture.ts';

let lake: Lake;
beforeEach(async () => {
  lake = await openLibraries();
});
afterEach(async () => {
  await lake.close();
});

const entity = (n: number, name: string, more: Record<string, string | null> = {}) => ({
  id: `M${n}`,
  code: codeOf(n),
  name,
  status: '在业',
  addr: `浙江省慈溪市浒山街道新城路${n}号`,
  person: '张三',
  capital: '100万人民币',
  est: '2010-03-01',
  ...more,
});

test('a register makes legal persons known and other classes find them', async () => {
  await receive(lake, [
    { run: 1, source: market, rows: [entity(1, '慈溪市宏达电器有限公司'), entity(2, '慈溪市公牛塑料制品有限公司')] },
    {
      run: 2,
      source: penalty,
      rows: [
        { no: '1', code: codeOf(1), name: '慈溪市宏达电器有限公司', fine: '1,000元', day: '20210304', grade: '轻微' },
        { no: '2', name: '慈溪市公牛塑料制品有限公司', fine: '2', day: '2021年3月5日', grade: '9' },
        { no: '3', code: codeOf(99), name: '杭州别处贸易有限公司', fine: '3', day: '20210231', grade: '3' },
      ],
    },
  ]);
  await settle(lake);
  const golden = await lake.query(
    'SELECT entity, name, uscc, status, capital, established FROM v.legal_person_v1 ORDER BY entity',
  );
  expect(golden).toEqual([
    {
      entity: 1,
      name: '慈溪市宏达电器有限公司',
      uscc: codeOf(1),
      status: '存续',
      capital: '100.00',
      established: '2010-03-01',
    },
    {
      entity: 2,
      name: '慈溪市公牛塑料制品有限公司',
      uscc: codeOf(2),
      status: '存续',
      capital: '100.00',
      established: '2010-03-01',
    },
  ]);
  const facts = await lake.query<{ payload: string }>(
    'SELECT entity, day, amount, payload FROM v.legal_person_fact_v1 WHERE class = 40 ORDER BY fact',
  );
  expect(facts.map((f) => ({ ...f, payload: f.payload.split('\x1f') }))).toEqual([
    {
      entity: 1,
      day: '2021-03-04',
      amount: '1000.00',
      payload: ['1', codeOf(1), '慈溪市宏达电器有限公司', '', '', '1000', '2021-03-04', '1'],
    },
    {
      entity: 2,
      day: '2021-03-05',
      amount: '2.00',
      payload: ['2', '', '慈溪市公牛塑料制品有限公司', '', '', '2', '2021-03-05', '\x189'],
    },
    {
      entity: 0,
      day: null,
      amount: '3.00',
      payload: ['3', codeOf(99), '杭州别处贸易有限公司', '', '', '3', '\x1820210231', '3'],
    },
  ]);
});

test('the more trusted source is believed, the other is kept as a contradiction', async () => {
  await receive(lake, [
    { run: 1, source: market, rows: [entity(1, '慈溪市宏达电器有限公司')] },
    {
      run: 2,
      source: tax,
      rows: [
        {
          no: 'T1',
          code: codeOf(1),
          name: '慈溪市宏达电器有限公司',
          addr: '慈溪市周巷镇开发路9号',
          person: '李四',
          day: '2025-01-01',
        },
      ],
    },
  ]);
  await settle(lake);
  expect(
    await lake.first('SELECT address, legal_representative AS person, contradictions FROM v.legal_person_v1'),
  ).toEqual({
    address: '浙江省慈溪市浒山街道新城路1号',
    person: '张三',
    contradictions: 2,
  });
  expect(
    await lake.query(
      "SELECT value, class, chosen FROM v.legal_person_contradiction_v1 WHERE attribute = 'address' ORDER BY rank",
    ),
  ).toEqual([
    { value: '浙江省慈溪市浒山街道新城路1号', class: 1, chosen: true },
    { value: '慈溪市周巷镇开发路9号', class: 31, chosen: false },
  ]);
});
