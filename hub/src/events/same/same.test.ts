import { expect, test } from 'vitest';
import { Gazetteer } from './gazetteer.ts';
import { Recent } from './recent.ts';
import { type Reported, ready } from './score.ts';
import { names } from './text.ts';

const towns = [
  { code: '330282004', name: '浒山街道' },
  { code: '330282121', name: '周巷镇' },
];
const gazetteer = new Gazetteer(
  [
    {
      name: '解放街',
      kind: 'road',
      town: '330282004',
      line: [
        [121.24, 30.16],
        [121.24, 30.18],
      ],
    },
    {
      name: '三北大街',
      kind: 'road',
      town: '330282004',
      line: [
        [121.23, 30.17],
        [121.25, 30.17],
      ],
    },
    {
      name: '解放街',
      kind: 'road',
      town: '330282121',
      line: [
        [121.12, 30.17],
        [121.13, 30.19],
      ],
    },
    { name: '慈溪市浒山街道中心小学', kind: 'site', town: '330282004', line: [[121.245, 30.171]] },
  ],
  towns,
);
const report = (over: Partial<Reported>): Reported => ({
  ...{ at: 0, lon: null, lat: null, matter: 'exposed-garbage', group: 'appearance', channel: 'hotline', address: null },
  ...{ text: '', ...over },
});

test('names are read with their town; two roads make a crossing; a position that the words contradict is doubted', () => {
  const crossing = ready(report({ text: '浒山街道解放街与三北大街路口一堆垃圾' }), gazetteer);
  expect(crossing.said[0]).toMatchObject({ name: '解放街/三北大街', spot: true });
  expect(crossing.said.find((s) => s.name === '解放街')!.options).toHaveLength(1);
  expect(gazetteer.find('中心小学门口垃圾乱倒').said[0]!.spot).toBe(true);
  expect(ready(report({ text: '解放街垃圾', lon: 121.241, lat: 30.17 }), gazetteer).trust).toBe('agrees');
  expect(ready(report({ text: '浒山街道解放街垃圾', lon: 121.3, lat: 30.17 }), gazetteer).trust).toBe('doubted');
  expect(names('甲路1号路灯不亮')).toEqual([{ kind: 'road', core: '甲路' }]);
});

test('a report without a place joins what it names; far positions without a common name do not, however alike the words', () => {
  const recent = new Recent();
  recent.add(1, 1, report({ text: '多个黑色垃圾袋堆放，气味很大', lon: 121.2402, lat: 30.1699 }));
  // What was held before the names were known is read again.
  recent.know(gazetteer);
  const named = recent.likely(
    report({ at: 600_000, channel: 'open311', text: '解放街与三北大街路口一堆黑色垃圾袋没人管，气味很大' }),
  );
  expect(named[0]).toMatchObject({ event: 1, join: true });
  expect(named[0]!.why.some((w) => w.name.startsWith('spot-'))).toBe(true);
  const far = recent.likely(report({ at: 600_000, text: '多个黑色垃圾袋堆放，气味很大', lon: 121.3, lat: 30.2 }));
  expect(far.every((l) => !l.join)).toBe(true);
});
