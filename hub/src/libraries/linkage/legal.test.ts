import { afterAll, beforeAll, expect, test } from 'vitest';
import { ManualClock } from '../../platform/clock.ts';
import type { Lake } from '../../platform/lake/index.ts';
import { Problem } from '../../platform/problem.ts';
import { receive, reviews, type TestRun } from '../../refinery/testing.ts';
import { codeOf, declarations, market, openLibraries, penalty, tax } from '../fixture.ts';
import { integrate } from '../integrate.ts';
import { LEGAL_NUMBER, learnLegal, loadLegal, weighReview } from './legal.ts';
import { plansOf } from './plans.ts';
import { proposer } from './propose.ts';
import { linkageTables } from './tables.ts';
import { drawing } from './testing.ts';
import { inForce, putInForce, versionsOf } from './versions.ts';

const clock = new ManualClock('2026-11-21T00:00:00Z');
const { legal, problems } = loadLegal(new URL('../../../../libraries', import.meta.url).pathname);

const draw = drawing(3);
const pick = (list: string) => list[draw(list.length)]!;
const trade = () => pick('公牛德天方太卓力先锋沁园欧琳月立') + pick('宁波海通银河星辰金桥兴业惠康永发');
const what = ['电器', '塑料制品', '轴承', '模具', '五金工具', '服饰'];
const enterprises = Array.from({ length: 150 }, (_, i) => ({
  code: codeOf(1000 + i),
  name: `慈溪市${trade()}${pick('甲乙丙丁戊己庚辛壬癸')}${what[draw(what.length)]}有限公司`,
  person: pick('王李张刘陈杨黄赵吴周') + pick('伟芳娜敏静丽强磊军洋') + pick('勇艳杰娟涛明超秀霞平'),
  addr: `慈溪市浒山街道${['新城路', '开发路', '孙塘北路'][draw(3)]}${1 + draw(90)}号`,
}));
// Two that a shortened name may mean, the likelier one registered later; two of one name; an owner of a code.
const near = [
  { code: codeOf(2), name: '慈溪市宏大灯具有限公司', person: '钱一', addr: '慈溪市周巷镇大塘街7号' },
  { code: codeOf(3), name: '慈溪市宏达灯具有限公司', person: '孙二', addr: '慈溪市观海卫镇卫山路88号' },
  { code: codeOf(4), name: '慈溪市老字号小吃店', person: '周三', addr: '慈溪市周巷镇大塘街9号' },
  { code: codeOf(5), name: '慈溪市老字号小吃店', person: '吴四', addr: '慈溪市周巷镇大塘街11号' },
  { code: codeOf(6), name: '慈溪市别家货运有限公司', person: '郑五', addr: '慈溪市龙山镇海港路1号' },
];
const day: TestRun[] = [
  {
    run: 1,
    source: market,
    rows: [...near, ...enterprises].map((e, i) => ({ id: `M${i}`, ...e, status: '存续', est: '2010-01-01' })),
  },
  {
    run: 2,
    source: tax,
    rows: enterprises.map((e, i) => ({
      no: `T${i}`,
      code: e.code,
      name: i % 10 === 0 ? e.name.replace('有限公司', '') : e.name,
      addr: i % 4 === 0 ? `${e.addr}2幢` : e.addr,
      person: i % 7 === 0 ? null : e.person,
      day: '2024-01-01',
    })),
  },
  {
    run: 3,
    source: penalty,
    rows: [
      { no: '1', name: '慈溪市宏灯具有限公司', addr: '慈溪市观海卫镇卫山路88号3幢', fine: '1' },
      { no: '2', code: codeOf(6), name: '慈溪市老字号小吃店', fine: '1' },
    ],
  },
];

let lake: Lake;
const settle = () =>
  integrate({ lake, clock, declarations: async () => declarations, base: [], propose: proposer([]) });
const open = async (name: string) =>
  (await reviews(lake, { state: 'open', page: 1, size: 10 })).items.find((r) => r.given.name === name)!;
const entityOf = async (code: string) =>
  (await lake.first<{ entity: number }>('SELECT entity FROM v.entity_v1 WHERE uscc = $code', { code }))!.entity;
const links = () => lake.query('SELECT pair::VARCHAR AS pair, entity, method FROM rf.pair ORDER BY ALL');

beforeAll(async () => {
  lake = await openLibraries();
  await lake.define(linkageTables);
  await receive(lake, day);
  await settle();
}, 60_000);
afterAll(() => lake?.close());

test('before a version is in force a review has no weights', async () => {
  const review = await open('慈溪市宏灯具有限公司');
  expect(await weighReview(lake, review.review)).toEqual({ version: null, thresholds: null, candidates: [] });
});

test('parameters are learned from rows whose code and name agree, and judge those rightly without their codes', async () => {
  expect(problems).toEqual([]);
  const plans = await plansOf(lake, declarations);
  const { version, measure } = await learnLegal({ lake, clock, legal: legal!, plans, by: null });
  expect(measure.held).toBe(150);
  expect(measure.precision).toBe(1);
  expect(measure.recall).toBeGreaterThan(0.5);
  expect((await versionsOf(lake, LEGAL_NUMBER)).map((v) => v.state)).toEqual(['proposed']);
  const before = await links();
  await putInForce(lake, clock, LEGAL_NUMBER, version, null, false);
  expect((await inForce(lake, LEGAL_NUMBER))?.version).toBe(version);
  // A version of legal persons asks for no integration and changes no link.
  expect(await settle()).toBeNull();
  expect(await links()).toEqual(before);
});

test('the candidate whose address is nearer comes first, whatever the order of the match, and its bars add up', async () => {
  const review = await open('慈溪市宏灯具有限公司');
  expect(review.candidates.map((c) => c.entity)).toEqual([await entityOf(codeOf(2)), await entityOf(codeOf(3))]);
  const { version, candidates } = await weighReview(lake, review.review);
  expect(version).toBe(1);
  expect(candidates.map((c) => c.entity)).toEqual([await entityOf(codeOf(3)), await entityOf(codeOf(2))]);
  for (const c of candidates) {
    expect(c.bars.map((b) => b.name).slice(0, 4)).toEqual(['prior', 'name', 'person', 'address']);
    expect(c.bars.at(-1)!.total).toBeCloseTo(c.bits, 6);
    expect(c.against).toBe(false);
  }
});

test('a valid code of another known legal person speaks against every candidate but its owner, however alike', async () => {
  const review = await open('慈溪市老字号小吃店');
  const { candidates } = await weighReview(lake, review.review);
  const owner = await entityOf(codeOf(6));
  expect(candidates.map((c) => c.entity)).toContain(owner);
  expect(candidates.length).toBeGreaterThan(1);
  for (const c of candidates) expect(c.against).toBe(c.entity !== owner);
  expect(candidates.some((c) => c.against && c.clear)).toBe(false);
});

test('a review that there is not is refused', async () => {
  const refused = await weighReview(lake, '1').catch((e: unknown) => e);
  expect(refused).toBeInstanceOf(Problem);
  expect((refused as Problem).kind.code).toBe('refinery.review.unknown');
});
