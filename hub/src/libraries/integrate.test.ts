import { afterEach, beforeEach, expect, test } from 'vitest';
import { ManualClock } from '../platform/clock.ts';
import type { Lake } from '../platform/lake/index.ts';
import { planOf } from '../refinery/index.ts';
import { decide, receive, reviews } from '../refinery/testing.ts';
import { compactFacts } from './facts.ts';
import {
  codeOf,
  declarations,
  former,
  holder,
  market,
  openLibraries,
  penalty,
  regnoOf,
  settle,
  tax,
} from './fixture.ts';
import { rebuild } from './integrate.ts';
import { neighbours, personRelations } from './persons.ts';
import { sayOf, whyValue } from './why.ts';

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

const facts = (where = 'true') =>
  lake.query<{ entity: number; payload: string }>(
    `SELECT entity, class, fact::VARCHAR AS fact, payload FROM v.legal_person_fact_v1 WHERE ${where} ORDER BY fact`,
  );
const entityOf = async (name: string) =>
  (await lake.first<{ entity: number }>('SELECT entity FROM v.entity_v1 WHERE name = $name', { name }))?.entity;
const fine = (no: string, more: Record<string, string | null>) => ({
  no,
  fine: '1',
  day: '2024-01-02',
  grade: '1',
  ...more,
});

test("another enterprise's valid code is not believed against a name that is clearly someone's", async () => {
  await receive(lake, [
    { run: 1, source: market, rows: [entity(1, '慈溪市宏达电器有限公司'), entity(2, '慈溪市公牛塑料制品有限公司')] },
    { run: 2, source: penalty, rows: [fine('1', { code: codeOf(1), name: '慈溪市公牛塑料制品有限公司' })] },
  ]);
  await settle(lake);
  const [fact] = await facts('class = 40');
  expect(fact?.entity).toBe(await entityOf('慈溪市公牛塑料制品有限公司'));
  expect(await lake.first('SELECT method, other FROM rf.pair WHERE fact = (2::BIGINT << 32) | 1')).toEqual({
    method: 'name-despite-code',
    other: await entityOf('慈溪市宏达电器有限公司'),
  });
});

test('a code finds the legal person of a mistyped, a shortened and a former name', async () => {
  await receive(lake, [
    { run: 1, source: market, rows: [entity(1, '慈溪市宏达电器有限公司'), entity(2, '慈溪市公牛塑料制品有限公司')] },
    {
      run: 2,
      source: former,
      rows: [{ id: 'C1', code: codeOf(1), was: '慈溪市老牌灯具厂', name: '慈溪市宏达电器有限公司', day: '2015-01-01' }],
    },
    {
      run: 3,
      source: penalty,
      rows: [
        fine('1', { code: codeOf(1), name: '慈溪市宏大电器有限公司' }),
        fine('2', { code: codeOf(2), name: '公牛塑料' }),
        fine('3', { code: codeOf(1), name: '慈溪市老牌灯具厂' }),
        fine('4', { name: '慈溪市老牌灯具厂' }),
        fine('5', { code: codeOf(2), name: '慈溪市毫不相干饭店' }),
      ],
    },
  ]);
  await settle(lake);
  expect((await facts('class = 40')).map((f) => f.entity)).toEqual([1, 2, 1, 1, 0]);
  expect(await lake.query('SELECT name, kind FROM v.legal_person_alias_v1 WHERE entity = 1 ORDER BY kind')).toEqual([
    { name: '慈溪市宏达电器有限公司', kind: 'current' },
    { name: '慈溪市老牌灯具厂', kind: 'former' },
  ]);
});

test('a shared name is decided by address or person, and left to a person without them', async () => {
  await receive(lake, [
    {
      run: 1,
      source: market,
      rows: [
        entity(1, '慈溪市小吃店', { addr: '慈溪市浒山街道新城路1号', person: '张三' }),
        entity(2, '慈溪市小吃店', { addr: '慈溪市周巷镇开发路2号', person: '李四' }),
      ],
    },
    {
      run: 2,
      source: penalty,
      rows: [
        fine('1', { name: '慈溪市小吃店', addr: '浙江省慈溪市周巷镇开发路２号' }),
        fine('2', { name: '慈溪市小吃店', person: '张三' }),
        fine('3', { name: '慈溪市小吃店' }),
      ],
    },
  ]);
  await settle(lake);
  expect((await facts('class = 40')).map((f) => f.entity)).toEqual([2, 1, 0]);
  const open = await lake.query<{ reason: string; candidates: string }>(
    'SELECT reason, rows, candidates FROM v.link_review_v1',
  );
  expect(open).toHaveLength(1);
  expect(open[0]).toMatchObject({ reason: 'shared-name', rows: 1 });
  expect((JSON.parse(open[0]!.candidates) as { entity: number }[]).map((c) => c.entity).sort()).toEqual([1, 2]);
});

test('a decision links the rows of a review, and stands over a rebuild', async () => {
  await receive(lake, [
    { run: 1, source: market, rows: [entity(1, '慈溪市小吃店'), entity(2, '慈溪市小吃店')] },
    { run: 2, source: penalty, rows: [fine('1', { name: '慈溪市小吃店' })] },
  ]);
  await settle(lake);
  const open = await reviews(lake, { state: 'open', page: 1, size: 10 });
  expect(open.total).toBe(1);
  const clock = new ManualClock();
  await expect(decide(lake, clock, open.items[0]!.review, { decision: 'link' }, 'u1')).rejects.toMatchObject({
    kind: { code: 'refinery.review.entity-needed' },
  });
  await expect(
    decide(lake, clock, open.items[0]!.review, { decision: 'link', entity: 77 }, 'u1'),
  ).rejects.toMatchObject({
    kind: { code: 'refinery.entity.unknown' },
  });
  await decide(lake, clock, open.items[0]!.review, { decision: 'link', entity: 2 }, 'u1');
  await settle(lake);
  expect((await facts('class = 40')).map((f) => f.entity)).toEqual([2]);
  await rebuild({ lake, clock, declarations: async () => declarations });
  expect((await facts('class = 40')).map((f) => f.entity)).toEqual([2]);
  expect((await reviews(lake, { state: 'open', page: 1, size: 10 })).total).toBe(0);
});

test('later rows of a record supersede earlier ones, D ends it, and what a snapshot lost has vanished', async () => {
  await receive(lake, [
    { run: 1, source: market, rows: [entity(1, '慈溪市宏达电器有限公司'), entity(2, '慈溪市公牛塑料制品有限公司')] },
    {
      run: 2,
      source: tax,
      rows: [
        { no: 'T1', code: codeOf(1), name: '慈溪市宏达电器有限公司', paid: '1' },
        { no: 'T2', code: codeOf(2), name: '慈溪市公牛塑料制品有限公司', paid: '2' },
      ],
    },
  ]);
  await settle(lake);
  await receive(lake, [
    {
      run: 3,
      source: market,
      rows: [
        {
          ...entity(1, '慈溪市宏达电器有限公司', { addr: '慈溪市观海卫镇三北路3号' }),
          _op: 'U',
          _ts: '2026-01-03T00:00:00Z',
        },
        {
          ...entity(1, '慈溪市宏达电器有限公司', { addr: '慈溪市龙山镇四海路4号' }),
          _op: 'U',
          _ts: '2026-01-02T00:00:00Z',
        },
        { ...entity(2, '慈溪市公牛塑料制品有限公司'), _op: 'D', _ts: '2026-01-02T00:00:00Z' },
      ],
    },
    { run: 4, source: tax, rows: [], vanished: [{ run: 2, row: 2 }] },
  ]);
  await settle(lake);
  expect(await lake.query('SELECT entity, address, facts FROM v.legal_person_v1 ORDER BY entity')).toEqual([
    { entity: 1, address: '慈溪市观海卫镇三北路3号', facts: 2 },
    { entity: 2, address: null, facts: 0 },
  ]);
  expect(
    await lake.query(
      'SELECT (fact >> 32)::INTEGER AS run, row, closed_run, closed_reason AS why FROM v.legal_person_fact_all_v1 WHERE closed_run IS NOT NULL ORDER BY fact',
    ),
  ).toEqual([
    { run: 1, row: 1, closed_run: 3, why: 'superseded' },
    { run: 1, row: 2, closed_run: 3, why: 'deleted' },
    { run: 2, row: 2, closed_run: 4, why: 'vanished' },
    { run: 3, row: 2, closed_run: 3, why: 'superseded' },
  ]);
});

test('why: every claim with the rule that chose or left it, and the way back to its row', async () => {
  await receive(lake, [
    { run: 1, source: market, rows: [entity(1, '慈溪市宏达电器有限公司')] },
    {
      run: 2,
      source: tax,
      rows: [
        { no: 'T1', code: codeOf(1), name: '慈溪市宏达电器有限公司', addr: '慈溪市周巷镇开发路9号', day: '2025-01-01' },
      ],
    },
    {
      run: 3,
      source: market,
      rows: [{ ...entity(1, '慈溪市宏达电器有限公司', { addr: '慈溪市龙山镇四海路4号' }), _op: 'U' }],
    },
  ]);
  await settle(lake);
  const claims = await whyValue(lake, declarations.map(planOf), 1, 'address');
  const chosen = claims.find((c) => c.chosen);
  expect(claims.map((c) => [c.value, c.run, c.row, c.input, sayOf(c, chosen).en])).toEqual([
    [
      '慈溪市龙山镇四海路4号',
      3,
      1,
      'scjg.market-entity-3.csv',
      'chosen: the most trusted source, among equals the latest',
    ],
    [
      '慈溪市周巷镇开发路9号',
      2,
      1,
      'sw.tax-registration-2.csv',
      'its source is less trusted than that of the chosen value',
    ],
    ['浙江省慈溪市浒山街道新城路1号', 1, 1, 'scjg.market-entity-1.csv', 'superseded, deleted or vanished'],
  ]);
  expect(chosen?.value).toBe((await lake.first('SELECT address FROM v.legal_person_v1'))?.address);
});

test('relations name persons by the token of the vault and legal persons by their id', async () => {
  const token = `c~${'a'.repeat(26)}`;
  await receive(lake, [
    { run: 1, source: market, rows: [entity(1, '慈溪市宏达电器有限公司'), entity(2, '慈溪市公牛塑料制品有限公司')] },
    {
      run: 2,
      source: holder,
      rows: [
        {
          id: 'S1',
          code: codeOf(1),
          name: '慈溪市宏达电器有限公司',
          person: '王五',
          cer: token,
          amount: '60',
          share: '60',
          day: '2012-05-06',
        },
        {
          id: 'S2',
          code: codeOf(1),
          name: '慈溪市宏达电器有限公司',
          corp: '慈溪市公牛塑料制品有限公司',
          amount: '40万元',
          share: '40%',
        },
        { id: 'S3', code: codeOf(2), name: '慈溪市公牛塑料制品有限公司', person: '王五', cer: token, share: '100' },
      ],
    },
  ]);
  await settle(lake);
  expect(await neighbours(lake, 2)).toMatchObject([
    { entity: 2, person_name: '王五', share: '100.0000' },
    { entity: 1, other_entity: 2, amount: '40.00', share: '40.0000' },
  ]);
  expect((await personRelations(lake, { entity: 1, name: '王五' })).map((r) => r.entity)).toEqual([1, 2]);
  expect((await personRelations(lake, { token })).map((r) => [r.entity, r.valid_from])).toEqual([
    [1, '2012-05-06'],
    [2, null],
  ]);
});

test('compaction keeps what every view answers', async () => {
  await receive(lake, [
    {
      run: 1,
      source: market,
      rows: [entity(1, '慈溪市小吃店'), entity(2, '慈溪市小吃店'), entity(3, '慈溪市宏达电器有限公司')],
    },
    {
      run: 2,
      source: penalty,
      rows: [...Array(20).keys()].map((n) => fine(`${n}`, { name: n % 2 ? '慈溪市小吃店' : '慈溪市宏达电器有限公司' })),
    },
  ]);
  await settle(lake);
  await receive(lake, [
    { run: 3, source: market, rows: [{ ...entity(3, '慈溪市宏达电器有限公司', { capital: '9' }), _op: 'U' }] },
  ]);
  const [open] = (await reviews(lake, { state: 'open', page: 1, size: 10 })).items;
  await decide(lake, new ManualClock(), open!.review, { decision: 'link', entity: 2 }, 'u1');
  await settle(lake);
  expect((await lake.first<{ n: number }>('SELECT count(*) AS n FROM lib.fact_delta'))!.n).toBeGreaterThan(0);
  const look = async () => ({
    current: await lake.query(
      'SELECT * EXCLUDE (fact, record), fact::VARCHAR AS fact FROM v.legal_person_fact_v1 ORDER BY fact',
    ),
    all: await lake.query(`SELECT entity, fact::VARCHAR AS fact, closed_run, closed_reason FROM v.legal_person_fact_all_v1
      WHERE closed_reason IS DISTINCT FROM 'relinked' ORDER BY fact, entity`),
    history: await lake.query('SELECT * EXCLUDE (fact) FROM v.legal_person_history_v1 ORDER BY ALL'),
  });
  const before = await look();
  await lake.write('libraries', (s) => compactFacts(s));
  expect(await look()).toEqual(before);
  expect(await lake.first('SELECT count(*) AS n FROM lib.fact_delta')).toEqual({ n: 0 });
});

test('a mistyped name without a code is linked when the row corroborates the one known name that is that near, and else waits for a person', async () => {
  await receive(lake, [
    {
      run: 1,
      source: market,
      rows: [
        entity(1, '慈溪市宏达电器有限公司'),
        entity(2, '慈溪市公牛塑料制品有限公司'),
        entity(3, '慈溪市公羊塑料制品有限公司'),
      ],
    },
    {
      run: 2,
      source: penalty,
      rows: [
        fine('1', { name: '慈溪市宏大电器有限公司' }),
        fine('2', { name: '慈溪市公马塑料制品有限公司' }),
        fine('3', { name: '慈溪市宏大电器有限公司', person: '别人' }),
        fine('4', { name: '慈溪市宏大电器有限公司', code: codeOf(50) }),
        fine('5', { name: '慈溪市宏大电器有限公司', addr: '慈溪市浒山街道新城路1号' }),
      ],
    },
  ]);
  await settle(lake);
  expect((await facts('class = 40')).map((f) => f.entity)).toEqual([0, 0, 0, 0, 1]);
  const waiting = await reviews(lake, { state: 'open', page: 1, size: 10 });
  expect(waiting.items.map((r) => [r.given.name, r.rows, r.candidates.map((c) => c.entity)])).toEqual([
    ['慈溪市宏大电器有限公司', 2, [1]],
    ['慈溪市公马塑料制品有限公司', 1, [2, 3]],
    ['慈溪市宏大电器有限公司', 1, [1]],
  ]);
});

test('the record of a legal person that turns out to be another goes, with or without facts', async () => {
  const registered = (n: number, more: Record<string, string | null>) => ({
    ...entity(n, `慈溪市第${n}电器厂`),
    ...more,
  });
  await receive(lake, [
    {
      run: 1,
      source: market,
      rows: [
        registered(1, {}),
        registered(2, { code: null, regno: regnoOf(1) }),
        registered(3, { code: null, regno: regnoOf(2), _op: 'D' }),
      ],
    },
  ]);
  await settle(lake);
  expect((await lake.query<{ name: string }>('SELECT name FROM v.legal_person_v1 ORDER BY entity')).length).toBe(3);
  await receive(lake, [
    {
      run: 2,
      source: market,
      rows: [
        registered(4, { code: codeOf(1), regno: regnoOf(1) }),
        registered(5, { code: codeOf(1), regno: regnoOf(2) }),
      ],
    },
  ]);
  await settle(lake);
  expect(await lake.query('SELECT entity, uscc, facts FROM v.legal_person_v1')).toEqual([
    { entity: 1, uscc: codeOf(1), facts: 4 },
  ]);
});

test('a legal person whom its only fact leaves stands as when it was registered', async () => {
  const closed = (n: number) => entity(n, '慈溪市宏达电器有限公司', { addr: null, person: null, _op: 'D' });
  await receive(lake, [
    { run: 1, source: market, rows: [closed(1)] },
    { run: 2, source: penalty, rows: [fine('1', { name: '慈溪市宏达电器有限公司' })] },
  ]);
  await settle(lake);
  const record = () => lake.first('SELECT facts, first_run, last_run FROM v.legal_person_v1 WHERE entity = 1');
  expect(await record()).toEqual({ facts: 1, first_run: 2, last_run: 2 });
  await receive(lake, [{ run: 3, source: market, rows: [closed(2)] }]);
  await settle(lake);
  expect(await record()).toEqual({ facts: 0, first_run: 1, last_run: 1 });
});
