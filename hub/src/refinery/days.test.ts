import fc from 'fast-check';
import { expect, test } from 'vitest';
import { codes, type Day, matched, orgcodes, regnos, runsOf } from './fixture.ts';

const maybe = <T>(values: readonly T[], no: number) =>
  fc.oneof({ weight: 10 - no, arbitrary: fc.constantFrom(...values) }, { weight: no, arbitrary: fc.constant(null) });
// One mistake apart, shortened, without the place, shared, of nobody.
const names = [
  '慈溪市宏达电器有限公司',
  '慈溪市宏大电器有限公司',
  '慈溪市宏达电器厂',
  '慈溪市宏达家用电器有限公司',
  '宏达电器有限公司',
  '慈溪市小吃店',
  '慈溪市老牌灯具厂',
  '慈溪市老牌灯饰厂',
  '杭州小吃店',
];
const nearCodes = codes.slice(0, 2).map((c) => `${c.slice(0, 16)}${c[16] === '7' ? '8' : '7'}${c[17]}`);
const name = maybe(names, 1);
const addr = maybe(['慈溪市浒山街道新城路1号', '慈溪市周巷镇开发路2号'], 5);
const person = maybe(['张三', '李四'], 5);
const registered = fc.record({
  code: maybe([...codes.slice(0, 3), codes[4]!], 2),
  org: maybe(orgcodes, 8),
  reg: maybe(regnos, 6),
  name,
  addr,
  person,
});
const written = { code: maybe([...codes, ...nearCodes], 4), org: maybe(orgcodes, 9), reg: maybe(regnos, 9), name };
const changed = fc.record({ ...written, addr: fc.constant(null), person: fc.constant(null), was: name });
const fined = fc.record({ ...written, addr, person });
const rows = <T>(row: fc.Arbitrary<T>) => fc.array(row, { maxLength: 4 });
const day = fc.record({ market: rows(registered), change: rows(changed), penalty: rows(fined) });

// A search for further faults: SAME_RUNS=500 npx vitest run hub/src/refinery/days.test.ts
test('matching day by day, in any grouping, leaves what matching all days at once leaves', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(day, { minLength: 2, maxLength: 3 }), fc.boolean(), async (days, pairwise) => {
      const runs = days.map((d, i) => runsOf(d as Day, i));
      const groups = pairwise && runs.length > 2 ? [runs.slice(0, 2).flat(), ...runs.slice(2)] : runs;
      expect(await matched(groups)).toEqual(await matched([runs.flat()]));
    }),
    { numRuns: Number(process.env.SAME_RUNS ?? 4), endOnFailure: true },
  );
}, 3_000_000);
