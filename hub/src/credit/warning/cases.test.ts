import { afterAll, beforeAll, expect, test } from 'vitest';
import { defineRecordViews } from '../../libraries/index.ts';
import type { Lake } from '../../platform/lake/index.ts';
import { insert } from '../fixture.ts';
import { withDay } from '../score/sql-check.ts';
import { enterprises, record, type SourceClass, scoring, sourcesLake } from '../score/testing.ts';
import { readRules } from './rules.ts';

/**
 * Cases made by hand: enterprises in trouble, and beside each a sound one that looks like it (settled, too long ago, a
 * season's dip, small from the start). A rule must find all of the first and none of the others.
 */
const DAY = '2026-11-20';
const TROUBLED = 100;

let town: { lake: Lake; classes: Map<string, SourceClass> };
let lake: Lake;
const months = (values: readonly (number | null)[]) =>
  values.flatMap((v, n) => {
    const at = new Date(Date.UTC(2026, 10 - values.length + n + 1, 5)).toISOString().slice(0, 10);
    return v === null ? [] : [[at, v] as const];
  });
type Put = (entity: number, values: Record<string, string | number>, day?: string) => Promise<unknown>;
const of =
  (source: string): Put =>
  (entity, values, day = '2026-09-10') =>
    record(town, entity, source, day, values);

/** By rule: puts the records of the troubled enterprise `bad` and of sound ones from `fine` on. */
const cases: Record<string, (bad: number, fine: number) => Promise<void>> = {
  'wage-arrears': async (bad, fine) => {
    const put = of('rsj.wage-arrears');
    await put(bad, { owe_amt: 50_000 });
    await put(fine, { owe_amt: 50_000, val_to: '2026-10-01' });
  },
  'insurance-stopped': async (bad, fine) => {
    const put = of('sw.social-insurance-payment');
    for (const [day] of months([1, 1, 1, 1, 1, 1, 1, 1, null, null, null, null])) await put(bad, {}, day);
    for (const [day] of months([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1])) await put(fine, {}, day);
    // Never a regular payer.
    for (const [day] of months([1, 1, null, null, null, null, null, null])) await put(fine + 1, {}, day);
  },
  'power-fall': async (bad, fine) => {
    const put = of('gysy.electricity-use');
    for (const [day, v] of months([900, 950, 900, 920, 900, 910, 900, 930, 200, 150, 100]))
      await put(bad, { elec_qty: v }, day);
    for (const [day, v] of months([900, 950, 900, 920, 900, 910, 900, 930, 700, 650, 600]))
      await put(fine, { elec_qty: v }, day);
    for (const [day, v] of months([90, 95, 90, 92, 90, 91, 90, 93, 2, 1, 1])) await put(fine + 1, { elec_qty: v }, day);
  },
  'staff-fall': async (bad, fine) => {
    const put = of('rsj.insured-count');
    for (const [day, v] of months([40, 40, 41, 40, 40, 40, 40, 39, 15, 12, 10]))
      await put(bad, { mon_insurd_prsons: v }, day);
    for (const [day, v] of months([40, 40, 41, 40, 40, 40, 40, 39, 36, 35, 34]))
      await put(fine, { mon_insurd_prsons: v }, day);
    for (const [day, v] of months([3, 3, 3, 3, 3, 3, 3, 3, 1, 1, 1]))
      await put(fine + 1, { mon_insurd_prsons: v }, day);
  },
  enforcement: async (bad, fine) => {
    const put = of('fy.enforcement');
    await put(bad, { stat: '执行中', execute_amt: 9000 });
    await put(fine, { stat: '执行完毕', execute_amt: 9000 });
    await put(fine + 1, { stat: '执行中', execute_amt: 9000 }, '2025-09-10');
  },
  lawsuits: async (bad, fine) => {
    const put = of('fy.judgment');
    for (const case_no of ['甲1', '甲2']) await put(bad, { case_no, party_role: '被告' });
    for (const case_no of ['乙1', '乙2']) await put(fine, { case_no, party_role: '原告' });
    // One case, told twice.
    for (const case_no of ['丙1', '丙1']) await put(fine + 1, { case_no, party_role: '被告' });
  },
  'dishonest-debtor': async (bad, fine) => {
    const put = of('fy.dishonest-debtor');
    await put(bad, { executed_perfor: '全部未履行' });
    await put(fine, { executed_perfor: '全部已履行' });
  },
  'address-gone': async (bad, fine) => {
    const put = of('scjg.abnormal-list');
    await put(bad, { inclu_reason: '通过登记的住所无法联系' });
    await put(fine, { inclu_reason: '通过登记的住所无法联系', remove_dt: '2026-10-01' });
  },
  'tax-arrears': async (bad, fine) => {
    const put = of('sw.tax-arrears');
    await put(bad, { cumu_own_amt: 700 });
    await put(fine, { cumu_own_amt: 700 }, '2024-01-01');
    await put(fine + 1, { cumu_own_amt: 0 });
  },
  'supply-cut': async (bad, fine) => {
    const put = of('gysy.payment-arrears');
    await put(bad, { stat: '停供', arrear_amt: 800 });
    await put(fine, { stat: '已结清', arrear_amt: 800 });
  },
  'bad-loan': async (bad, fine) => {
    const put = of('jrb.bad-loan');
    await put(bad, { stat: '正常', loan_bal: 300 });
    await put(fine, { stat: '已核销', loan_bal: 300 });
  },
  'relative-dishonest': async (bad, fine) => {
    await insert(lake, 'legal_person_relation_v1', [
      { entity: bad, kind: 'guarantee', other_entity: 900, class: 3, fact: 1 },
      { entity: fine, kind: 'guarantee', other_entity: 901, class: 3, fact: 2 },
      // A contact in common is no tie.
      { entity: fine + 1, kind: 'contact', other_entity: 900, class: 3, fact: 3 },
    ]);
    await of('fy.dishonest-debtor')(900, { executed_perfor: '全部未履行' });
    await of('fy.dishonest-debtor')(901, { executed_perfor: '全部未履行' }, '2024-01-01');
  },
};

beforeAll(async () => {
  town = await sourcesLake();
  lake = town.lake;
  const list = Object.keys(cases).flatMap((_, n) => [TROUBLED + n, 200 + 10 * n, 201 + 10 * n]);
  await enterprises(
    lake,
    [...list, 900, 901].map((entity) => ({ entity })),
  );
  for (const [n, put] of Object.values(cases).entries()) await put(TROUBLED + n, 200 + 10 * n);
  await lake.session((s) => defineRecordViews(s));
}, 60_000);
afterAll(() => lake.close());

test.each(Object.keys(cases).map((rule, n) => [rule, n] as const))(
  '%s is found where it is, and not where it only looks so',
  async (id, n) => {
    const rule = readRules(scoring).rules.find((r) => r.id === id)!;
    const rows = await lake.query<{ entity: number }>(`SELECT entity FROM (${withDay(rule.sql, DAY)}) ORDER BY 1`);
    const own = rows.map((r) => r.entity).filter((e) => e === TROUBLED + n || Math.floor((e - 200) / 10) === n);
    expect(own).toEqual([TROUBLED + n]);
  },
);
