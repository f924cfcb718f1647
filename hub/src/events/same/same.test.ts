import { expect, test } from 'vitest';
import { Gazetteer, metresSaid } from './gazetteer.ts';
import { fits, Recent } from './recent.ts';
import { compare, direction, features, model, type Reported, ready } from './score.ts';
import { names } from './text.ts';
import { weigh } from './trees.ts';

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
      numbers: [
        [1, 121.23, 30.17],
        [201, 121.25, 30.17],
      ],
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
const city = { gazetteer };

test('names are read with their town; two roads make a crossing; a house number has its place between known ones', () => {
  const crossing = ready(report({ text: '浒山街道解放街与三北大街路口一堆垃圾' }), city);
  expect(crossing.said[0]).toMatchObject({ name: '解放街/三北大街', spot: true });
  expect(crossing.said.find((s) => s.name === '解放街')!.options).toHaveLength(1);
  expect(gazetteer.find('中心小学门口垃圾乱倒').said[0]!.spot).toBe(true);
  const house = gazetteer.find('三北大街101号门前').said.find((s) => s.sort === 'number')!;
  expect(metresSaid(121.24, 30.17, [house])!.d).toBeLessThan(1);
  expect(gazetteer.find('三北大街999号').said.map((s) => s.name)).toEqual(['三北大街']);
  expect(names('甲路1号路灯不亮')).toEqual([{ kind: 'road', core: '甲路' }]);
});

test("a place that only another town has of that name is this town's own, which is not registered", () => {
  const found = gazetteer.find('周巷镇中心小学门口');
  expect(found.said).toEqual([]);
  expect(found.unknown).toEqual(['周巷镇中心小学']);
  const named = (text: string) => ready(report({ text }), city);
  const seen = compare(named('周巷镇中心小学旁边垃圾'), named('周巷镇中心小学对面垃圾'), () => 4);
  expect(seen.why.find((w) => w.name === 'names-same')?.value).toBe('周巷镇中心小学');
});

test('a position that the words contradict is told by its distance', () => {
  expect(ready(report({ text: '解放街垃圾', lon: 121.241, lat: 30.17 }), city).apart).toBeLessThan(150);
  expect(ready(report({ text: '浒山街道解放街垃圾', lon: 121.3, lat: 30.17 }), city).apart).toBeGreaterThan(900);
  expect(ready(report({ text: '解放街垃圾' }), city).apart).toBe(null);
});

test('a report without a place joins what it names; far positions without a common name do not, however alike the words', () => {
  const recent = new Recent();
  recent.add(1, 1, report({ text: '多个黑色垃圾袋堆放，气味很大', lon: 121.2402, lat: 30.1699 }));
  // What was held before the names were known is read again.
  recent.know(city);
  const named = recent.likely(
    report({ at: 600_000, channel: 'open311', text: '解放街与三北大街路口一堆黑色垃圾袋没人管，气味很大' }),
  );
  expect(named[0]).toMatchObject({ event: 1, join: true });
  expect(named[0]!.why.some((w) => w.name === 'spot' && Number(w.value) < 100)).toBe(true);
  const far = recent.likely(report({ at: 600_000, text: '多个黑色垃圾袋堆放，气味很大', lon: 121.3, lat: 30.2 }));
  expect(far.every((l) => !l.join)).toBe(true);
});

test('the class that was chosen wrongly does not hide what the words say; another state of the same matter speaks against it', () => {
  const matters = [
    {
      ...{ id: 'tree-fallen', group: 'emergency', title: { zh: '树木倒伏' }, words: ['树倒', '树枝'] },
      states: [
        { id: 'road', words: ['横在马路'] },
        { id: 'branch', words: ['挂在半空'] },
      ],
    },
  ];
  const say = (text: string, matter: string | null) =>
    ready(report({ text, matter, group: null, lon: 121.24, lat: 30.17 }), { ...city, matters });
  const first = say('树倒了，横在马路中间', 'tree-fallen');
  const why = (other: ReturnType<typeof say>) => compare(first, other, () => 4).why;
  expect(why(say('树倒横在马路上', 'noise')).map((w) => w.name)).toContain('matter-spoken');
  const state = why(say('树枝断了挂在半空', 'tree-fallen')).find((w) => w.name === 'state-other')!;
  expect(state.value).toBe('横在马路 / 挂在半空');
  expect(state.weight).toBeLessThan(0);
});

test('the evidence that is told adds up to how sure it is', () => {
  const recent = new Recent();
  recent.know(city);
  recent.add(1, 1, report({ text: '解放街5号一堆垃圾', lon: 121.2402, lat: 30.1699 }));
  recent.add(2, 1, report({ at: 60_000, text: '解放街5号垃圾没人管', channel: 'grid', lon: 121.2401, lat: 30.17 }));
  const [best] = recent.likely(report({ at: 120_000, text: '解放街5号垃圾成堆', lon: 121.2403, lat: 30.17 }));
  const odds = best!.why.reduce((sum, w) => sum + w.weight, 0);
  // Small pieces are left out, and each is rounded.
  expect(Math.abs(odds - Math.log(best!.probability / (1 - best!.probability)))).toBeLessThan(0.8);
});

test('the model belongs to the program, and a direction that a feature has holds in all of it', () => {
  expect(model.features).toEqual(features);
  expect(model.fits).toEqual(fits);
  expect(model.join).toBeGreaterThan(model.ask);
  let seed = 7;
  const random = () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return seed / 2 ** 32;
  };
  const ranges: Partial<Record<(typeof features)[number], [number, number]>> = {
    ...{ number: [0, 400], names: [-1, 3], town: [-1, 1], placeless: [0, 2], matter: [0, 3], state: [-1, 1] },
    ...{ words: [0, 1], what: [0, 1], minutes: [0, 2_000], channel: [0, 1], code: [-1, 1] },
  };
  for (let n = 0; n < 2_000; n++) {
    const x = Float64Array.from(features, (f) => {
      const [from, to] = ranges[f] ?? [0, 5_000];
      return random() < 0.25 ? Number.NaN : from + (to - from) * random() ** 2;
    });
    const i = Math.floor(random() * features.length);
    const way = direction[features[i]!];
    if (!way || Number.isNaN(x[i]!)) continue;
    const more = Float64Array.from(x);
    more[i]! += 1 + 500 * random();
    const [before, after] = [weigh(model.pair, x), weigh(model.pair, more)];
    expect(way * (after.odds - before.odds)).toBeGreaterThanOrEqual(-1e-9);
    expect(before.base + before.parts.reduce((a, b) => a + b, 0)).toBeCloseTo(before.odds, 9);
  }
});
