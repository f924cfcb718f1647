import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compile, Engine, type ModelOf, type RuleInput, ruleSchema, type Transition } from './index.ts';

const runs = { numRuns: Number(process.env.JINGWEI_TEST_RUNS ?? 30) };
/** A model that answers the value itself: what models must do is keep their state. */
const modelOf: ModelOf = (_program, bytes) => {
  let n = bytes ? bytes[0]! : 0;
  return {
    push: (_at, value) => {
      n = (n + 1) % 200;
      return value + (n % 3);
    },
    bytes: () => Uint8Array.of(n),
  };
};
const T0 = Date.parse('2026-06-01T00:00:00Z');
const rule = (over: Partial<RuleInput> = {}) =>
  ruleSchema.parse({
    ...{ rule: 'river', title: { zh: '水位', en: 'River' }, text: { zh: '注意', en: 'Beware' }, category: 'Met' },
    ...{ series: { type: 'WaterObserved', property: 'waterLevel' }, levels: { blue: 3, orange: 5 }, ...over },
  });
interface Reading {
  series: number;
  at: number;
  value: number;
}
function engineOf(rules: ReturnType<typeof rule>[], series = [1, 2, 3]): Engine {
  const engine = new Engine(modelOf);
  for (const r of rules) {
    engine.add(compile(r, '1'));
    engine.watch(`${r.rule}@1`, { series, partners: series.map(() => r.together.map(() => [9])) }, T0);
  }
  return engine;
}
function push(engine: Engine, readings: readonly Reading[], out: Transition[]): void {
  engine.push(
    Int32Array.from(readings, (r) => r.series),
    Float64Array.from(readings, (r) => r.at),
    Float64Array.from(readings, (r) => r.value),
    out,
  );
}
const run = (r: ReturnType<typeof rule>, values: [number, number][], until = 0): [number, number][] => {
  const engine = engineOf([r], [1]);
  const out: Transition[] = [];
  for (const [second, value] of values) push(engine, [{ series: 1, at: T0 + second * 1000, value }], out);
  engine.advance(T0 + until * 1000, out);
  return out.filter((t) => t.kind === 'level').map((t) => [(t.at - T0) / 1000, t.level]);
};

test('levels rise and fall with their hysteresis', () => {
  expect(
    run(rule({ hysteresis: 0.5 }), [
      [1, 2],
      [2, 3.1],
      [3, 2.8],
      [4, 5.2],
      [5, 4.6],
      [6, 4.4],
      [7, 2.4],
    ]),
  ).toEqual([
    [2, 1],
    [4, 3],
    [6, 1],
    [7, 0],
  ]);
});

test('below is above the other way round', () => {
  const r = rule({ direction: 'below', levels: { blue: 10, red: 5 }, hysteresis: 1 });
  expect(
    run(r, [
      [1, 12],
      [2, 9],
      [3, 4],
      [4, 5.5],
      [5, 6.5],
      [6, 11.5],
    ]),
  ).toEqual([
    [2, 1],
    [3, 4],
    [5, 1],
    [6, 0],
  ]);
});

test('pending and keep end at their exact instant, with no reading at it', () => {
  const r = rule({ pending: '10s', keep: '5s' });
  expect(
    run(
      r,
      [
        [1, 4],
        [14, 2],
      ],
      60,
    ),
  ).toEqual([
    [11, 1],
    [19, 0],
  ]);
  expect(
    run(
      r,
      [
        [1, 4],
        [9, 2],
        [10, 4],
      ],
      60,
    ),
  ).toEqual([[20, 1]]);
});

test('no data is a state of its own: nothing fires and nothing ends in it', () => {
  const r = rule({ pending: '10s', keep: '5s', silent: '30s' });
  const engine = engineOf([r], [1]);
  const out: Transition[] = [];
  push(
    engine,
    [
      { series: 1, at: T0 + 1000, value: 4 },
      { series: 1, at: T0 + 12_000, value: 1 },
    ],
    out,
  );
  push(engine, [{ series: 1, at: T0 + 14_000, value: 4 }], out);
  engine.advance(T0 + 100_000, out);
  expect(out.map((t) => [(t.at - T0) / 1000, t.kind, t.level])).toEqual([
    [11, 'level', 1],
    [44, 'no-data', 1],
  ]);
  expect([...engine.standing('river@1')]).toMatchObject([{ series: 1, level: 1, noData: true }]);
  push(engine, [{ series: 1, at: T0 + 101_000, value: 1 }], out);
  engine.advance(T0 + 200_000, out);
  expect(out.slice(2).map((t) => [(t.at - T0) / 1000, t.kind, t.level])).toEqual([
    [101, 'data', 1],
    [106, 'level', 0],
    [131, 'no-data', 0],
  ]);
});

test('silence has levels by its length, also of a series that was never heard', () => {
  const r = rule({ measure: 'silence', levels: { blue: '30s', red: '2m' } });
  const engine = engineOf([r], [1, 2]);
  const out: Transition[] = [];
  push(engine, [{ series: 1, at: T0 + 20_000, value: 1 }], out);
  engine.advance(T0 + 130_000, out);
  push(engine, [{ series: 1, at: T0 + 135_000, value: 1 }], out);
  expect(out.map((t) => [t.series, (t.at - T0) / 1000, t.level])).toEqual([
    [1, 50, 1],
    [2, 30, 1],
    [2, 120, 4],
    [1, 135, 0],
  ]);
});

test('several series together: a further condition must hold and be fresh', () => {
  const r = rule({ together: [{ property: 'windSpeed', than: 8, age: '60s' }] });
  const engine = engineOf([r], [1]);
  const out: Transition[] = [];
  push(
    engine,
    [
      { series: 1, at: T0 + 1000, value: 4 },
      { series: 9, at: T0 + 2000, value: 7 },
    ],
    out,
  );
  expect(out).toEqual([]);
  push(engine, [{ series: 9, at: T0 + 3000, value: 9 }], out);
  push(engine, [{ series: 1, at: T0 + 100_000, value: 4 }], out);
  expect(out.map((t) => [(t.at - T0) / 1000, t.level])).toEqual([
    [3, 1],
    [100, 0],
  ]);
});

test('what is impossible, late or no number is left out and counted', () => {
  const r = rule({ plausible: { min: -2, max: 30 } });
  const engine = engineOf([r], [1]);
  const out: Transition[] = [];
  const at = T0 + 5000;
  push(
    engine,
    [4, Number.NaN, Number.POSITIVE_INFINITY, 99].map((value, i) => ({ series: 1, at: at + i, value })),
    out,
  );
  push(
    engine,
    [
      { series: 1, at, value: 1 },
      { series: 1, at: at - 1, value: 1 },
    ],
    out,
  );
  expect(out).toHaveLength(1);
  expect(engine.counts.notFinite).toBe(2);
  expect(engine.told('river@1')).toEqual({ watched: 1, late: 2, implausible: 1 });
});

test('a series that flaps is held on', () => {
  const values = Array.from({ length: 40 }, (_, i): [number, number] => [i * 10, i % 2 ? 4 : 1]);
  expect(run(rule(), values).length).toBe(11);
});

const arbReading = fc.record({
  series: fc.constantFrom(1, 2, 3, 9),
  step: fc.integer({ min: 0, max: 25 }),
  value: fc.constantFrom(1, 2.4, 2.8, 3.2, 4.4, 4.9, 5.5),
});
const variants: Partial<RuleInput>[] = [
  { hysteresis: 0.5, pending: '20s', keep: '15s', silent: '60s' },
  { pending: '7s', together: [{ property: 'x', than: 4, age: '30s' }] },
  { measure: 'silence', levels: { blue: '20s', yellow: '45s', red: '90s' }, pending: '5s' },
  { measure: 'mean', window: '2m', hysteresis: 0.2 },
  { measure: 'rate', window: '1m', levels: { blue: 60, red: 300 }, keep: '10s' },
  { measure: 'sum', window: '1m', levels: { blue: 12, yellow: 20 }, silent: '40s' },
  { measure: 'rise', window: '1m', levels: { blue: 1, yellow: 2 } },
  { measure: 'anomaly', levels: { blue: 5, red: 7 }, pending: '3s' },
];
const key = (t: Transition) => JSON.stringify([t.at, t.rule, t.series, t.kind, t.level, t.from, t.measure]);

test('however the stream is cut and wherever the state is kept, the same transitions come out', () => {
  const rules = variants.map((v, i) => rule({ ...v, rule: `r${i}` }));
  fc.assert(
    fc.property(
      fc.array(arbReading, { maxLength: 80 }),
      fc.array(fc.record({ cut: fc.nat(79), kept: fc.boolean(), tick: fc.boolean() }), { maxLength: 12 }),
      (steps, cuts) => {
        let at = T0;
        const readings = steps.map(({ series, step, value }) => {
          at += step * 1000;
          return { series, at, value };
        });
        const whole: Transition[] = [];
        const one = engineOf(rules);
        push(one, readings, whole);
        one.advance(at + 600_000, whole);

        const parts: Transition[] = [];
        let engine = engineOf(rules);
        let from = 0;
        for (const { cut, kept, tick } of [...cuts].sort((a, b) => a.cut - b.cut)) {
          const to = Math.max(from, Math.min(cut, readings.length));
          push(engine, readings.slice(from, to), parts);
          from = to;
          // Time may be told up to the last reading at any moment: nothing may come of it but what would come anyway.
          if (tick && to > 0) engine.advance(readings[to - 1]!.at, parts);
          if (!kept) continue;
          const bytes = engine.snapshot();
          engine = new Engine(modelOf);
          for (const r of rules) engine.add(compile(r, '1'));
          expect(engine.restore(bytes)).toHaveLength(rules.length);
          for (const r of rules)
            engine.watch(
              `${r.rule}@1`,
              { series: [1, 2, 3], partners: [1, 2, 3].map(() => r.together.map(() => [9])) },
              T0,
            );
        }
        push(engine, readings.slice(from), parts);
        // A stream that comes once more does nothing more.
        const before = parts.length;
        push(
          engine,
          readings.filter((r) => r.series !== 9),
          parts,
        );
        expect(parts.length).toBe(before);
        engine.advance(at + 600_000, parts);
        expect(parts.map(key).sort()).toEqual(whole.map(key).sort());
      },
    ),
    runs,
  );
});

test('durations and hysteresis agree with their definition, second by second', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 12 }), fc.constantFrom(1, 2.4, 2.6, 3.2, 3.4)), { maxLength: 40 }),
      fc.integer({ min: 0, max: 15 }),
      fc.integer({ min: 0, max: 15 }),
      fc.constantFrom(0, 0.5),
      (steps, pending, keep, hysteresis) => {
        const r = rule({ levels: { blue: 3 }, pending: `${pending}s`, keep: `${keep}s`, hysteresis });
        let second = 0;
        const values = steps.map(([step, v]): [number, number] => {
          second += step;
          return [second, v];
        });
        const end = second + 60;
        const expected: [number, number][] = [];
        let [held, since, on, i, begun, from] = [false, 0, false, 0, 0, Number.NEGATIVE_INFINITY];
        const decide = (s: number) => {
          const wait = held ? pending : begun >= 6 && expected.length ? Math.max(keep, 900) : keep;
          if (held === on || s - since < wait) return;
          on = held;
          expected.push([s, on ? 1 : 0]);
          if (!on) return;
          if (s - from > 3600) [from, begun] = [s, 0];
          begun++;
        };
        for (let s = 0; s <= end; s++) {
          decide(s);
          if (values[i]?.[0] !== s) continue;
          const v = values[i++]![1];
          const now = held ? v > 3 - hysteresis || v >= 3 : v >= 3;
          if (now !== held) [held, since] = [now, s];
          decide(s);
        }
        expect(run(r, values, end + 1).filter(([s]) => s <= end)).toEqual(expected);
        // Between a beginning and its end stands a value behind the hysteresis: it never flaps inside of it.
        for (const [n, [s, level]] of expected.entries())
          if (level === 0)
            expect(
              values.some(
                ([at, v]) => at > expected[n - 1]![0] - pending - 1 && at <= s && v <= 3 - hysteresis && v < 3,
              ),
            ).toBe(true);
      },
    ),
    runs,
  );
});
