import { describe, expect, it } from 'vitest';
import { Detector, detector, Forecaster, forecaster, type Judgement, WarningError } from './index.ts';

const STEP = 300_000;
const START = Date.UTC(2026, 0, 5);

/** Numbers between 0 and 1 from a seed. */
function random(seed: number): () => number {
  let s = seed >>> 0;
  return () => {
    s = (Math.imul(s, 1664525) + 1013904223) >>> 0;
    return s / 2 ** 32;
  };
}
/** A day's wave with noise, every five minutes. */
function wave(n: number, seed = 1): number[] {
  const r = random(seed);
  return Array.from({ length: n }, (_, i) => 20 + 5 * Math.sin((2 * Math.PI * i) / 288) + (r() + r() + r() - 1.5));
}
const judge = (values: readonly number[], d = detector(), from = 0): Judgement[] =>
  values.map((x, i) => d.push(START + (from + i) * STEP, x));

describe('detector', () => {
  it('tells a spike, a missed rise and a shift, and is quiet on what is usual', () => {
    const usual = wave(3000);
    expect(judge(usual).filter((j) => j.anomalous).length).toBeLessThanOrEqual(3);
    const spiked = usual.map((x, i) => (i === 2500 ? x + 15 : x));
    const spike = judge(spiked)[2500]!;
    expect(spike.anomalous && spike.outside).toBe(true);
    expect(spike.reason).toBe('unseen-high');
    expect(spike.high!).toBeLessThan(spiked[2500]!);
    // the value is one that every day has, at the wrong time
    const still = usual.map((x, i) => (i >= 2664 && i < 2760 ? 20 : x));
    expect(
      judge(still)
        .slice(2664, 2760)
        .some((j) => j.anomalous),
    ).toBe(true);
    const shifted = usual.map((x, i) => (i >= 2500 ? x + 40 : x));
    const after = judge(shifted);
    expect(after[2500]!.anomalous).toBe(true);
    // and the new level becomes the rule
    expect(Math.abs(after[2999]!.expected! - shifted[2999]!)).toBeLessThan(5);
    expect(after.slice(2800).filter((j) => j.anomalous).length).toBeLessThanOrEqual(2);
  });

  it('learns first, then expects', () => {
    const all = judge(wave(130));
    expect(all[119]).toMatchObject({ learning: true, score: 0, anomalous: false, expected: null });
    expect(all[120]!.learning).toBe(false);
    expect(all[120]!.low!).toBeLessThan(all[120]!.high!);
  });

  it('a constant series is never anomalous, its first change is', () => {
    const d = detector();
    expect(judge(Array(1000).fill(7), d).some((j) => j.anomalous || j.outside || j.flat)).toBe(false);
    expect(d.push(START + 1000 * STEP, 8).anomalous).toBe(true);
  });

  it('tells a stuck sensor from a constant one, once, until it moves again', () => {
    const stuck = wave(1200, 11).map((x, i) => (i >= 900 && i < 1100 ? 20 : x));
    const all = judge(stuck);
    const found = all.findIndex((j) => j.flat);
    expect(found).toBeGreaterThan(905);
    expect(found).toBeLessThan(930);
    expect(all[found]).toMatchObject({ anomalous: true, reason: 'flat' });
    expect(all.slice(found, 1100).every((j) => j.flat)).toBe(true);
    expect(all.slice(found + 1, 1100).some((j) => j.anomalous && j.reason === 'flat')).toBe(false);
    expect(all.slice(1100).some((j) => j.flat)).toBe(false);
    // a gauge that reads whole steps repeats itself: no run of its own kind is called stuck
    const r = random(12);
    let level = 5;
    const coarse = Array.from({ length: 3000 }, () => {
      if (r() < 0.1) level += r() < 0.5 ? -1 : 1;
      return level;
    });
    const told = judge(coarse).filter((j, i, js) => j.flat && !js[i - 1]!.flat).length;
    expect(told).toBeLessThanOrEqual(1);
  });

  it('refuses what cannot be judged, with a verdict, and counts it', () => {
    const d = detector();
    judge(wave(200), d);
    const before = d.toBytes();
    for (const x of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e31, '5' as unknown as number]) {
      expect(d.push(START + 200 * STEP, x)).toMatchObject({ taken: false, refused: 'not-finite', score: 0 });
    }
    expect(d.push(START + 199 * STEP, 20)).toMatchObject({ taken: false, refused: 'late' });
    expect(d.push(Number.NaN, 20).refused).toBe('bad-time');
    expect(d.push(-1, 20).refused).toBe('bad-time');
    expect(d.push(9e15, 20).refused).toBe('bad-time');
    expect([d.count, d.refused]).toEqual([200, 9]);
    const after = d.toBytes();
    // nothing but the count of refused points is another
    expect(after.filter((b, i) => b !== before[i]).length).toBeLessThanOrEqual(8);
  });

  it('goes on from a kept state as if nothing had happened', () => {
    const values = wave(1500, 3).map((x, i) => (i % 400 === 399 ? x + 9 : x));
    const whole = judge(values);
    const first = detector({ threshold: 0.4, utcOffset: 60 });
    const reference = judge(values, detector({ threshold: 0.4, utcOffset: 60 }));
    judge(values.slice(0, 700), first);
    const json = Detector.fromJSON(JSON.parse(JSON.stringify(first.toJSON())));
    const bytes = Detector.fromBytes(first.toBytes(), { threshold: 0.4, utcOffset: 60 });
    expect(judge(values.slice(700), json, 700)).toEqual(reference.slice(700));
    expect(judge(values.slice(700), bytes, 700)).toEqual(reference.slice(700));
    expect(json.toBytes().length).toBe(Detector.stateBytes);
    expect(whole.length).toBe(1500);
  });

  it('says the same of a series in another unit', () => {
    const values = wave(1200, 5).map((x, i) => (i === 1000 ? x + 12 : x));
    const scores = judge(values).map((j) => j.score);
    // a power of two is exact in floating point, and so must the scores be
    expect(judge(values.map((x) => x * 1024)).map((j) => j.score)).toEqual(scores);
    const moved = judge(values.map((x) => x * 3.7 + 1000)).map((j) => j.score);
    moved.forEach((s, i) => {
      expect(Math.abs(s - scores[i]!)).toBeLessThan(0.01);
    });
  });

  it('takes gaps, irregular times and extreme values', () => {
    const d = detector();
    const r = random(9);
    let at = START;
    for (let i = 0; i < 2000; i++) {
      at += Math.ceil(r() * 2 * STEP) + (i % 500 === 499 ? 40 * STEP : 0);
      const j = d.push(at, i % 97 === 0 ? (r() - 0.5) * 1e29 : r());
      expect(j.taken && Number.isFinite(j.score) && j.score >= 0 && j.score <= 1).toBe(true);
      if (j.low !== null) expect(Number.isFinite(j.low) && j.low <= j.expected! && j.expected! <= j.high!).toBe(true);
    }
  });

  it('does not take bad options or states', () => {
    expect(() => detector({ threshold: 0 })).toThrow(WarningError);
    expect(() => detector({ utcOffset: Number.NaN })).toThrow(WarningError);
    expect(() => Detector.fromBytes(new Uint8Array(3))).toThrow(WarningError);
    const json = detector().toJSON();
    expect(() => Detector.fromJSON({ ...json, version: 1 })).toThrow(WarningError);
    expect(() => Detector.fromJSON({ ...json, state: '?' })).toThrow(WarningError);
    expect(() => Forecaster.fromJSON(json)).toThrow(WarningError);
  });
});

describe('forecaster', () => {
  const fed = (values: readonly number[], f = forecaster(), from = 0): Forecaster => {
    values.forEach((x, i) => {
      f.push(START + (from + i) * STEP, x);
    });
    return f;
  };

  it('beats staying and covers what it says on a daily wave', () => {
    const values = wave(288 * 9, 2);
    const f = fed(values.slice(0, 288 * 7));
    let own = 0;
    let stay = 0;
    let inside = 0;
    let n = 0;
    for (let i = 288 * 7; i < values.length - 24; i++) {
      f.push(START + i * STEP, values[i]!);
      const p = f.forecastStep(24, 0.8)!;
      const x = values[i + 24]!;
      own += Math.abs(p.median - x);
      stay += Math.abs(values[i]! - x);
      inside += x >= p.low && x <= p.high ? 1 : 0;
      n++;
    }
    expect(own).toBeLessThan(0.6 * stay);
    expect(inside / n).toBeGreaterThan(0.72);
    expect(inside / n).toBeLessThan(0.9);
  });

  it('gives as many steps as asked, in time, in order, within bounds, wider for more coverage', () => {
    const f = fed(wave(600, 4), forecaster({ min: 14, max: 24 }));
    const narrow = f.forecast(24, 0.8);
    const wide = f.forecast(24, 0.95);
    expect(narrow.map((p) => p.at)).toEqual(Array.from({ length: 24 }, (_, i) => START + (600 + i) * STEP));
    narrow.forEach((p, i) => {
      expect(p.low <= p.median && p.median <= p.high && p.low >= 14 && p.high <= 24).toBe(true);
      expect(wide[i]!.high - wide[i]!.low).toBeGreaterThanOrEqual(p.high - p.low - 1e-9);
      expect(f.forecastStep(i + 1, 0.8)).toEqual(p);
    });
  });

  it('a constant series stays', () => {
    const p = fed(Array(300).fill(5)).forecast(3);
    for (const { median, low, high } of p) {
      expect(median).toBeCloseTo(5, 6);
      expect(high - low).toBeLessThan(1e-3);
    }
  });

  it('goes on from a kept state as if nothing had happened', () => {
    const values = wave(900, 6);
    const whole = fed(values);
    const half = fed(values.slice(0, 400));
    const json = fed(values.slice(400), Forecaster.fromJSON(JSON.parse(JSON.stringify(half.toJSON()))), 400);
    expect(json.forecast(24, 0.95)).toEqual(whole.forecast(24, 0.95));
    const bytes = fed(values.slice(400), Forecaster.fromBytes(half.toBytes()), 400);
    expect(bytes.toBytes()).toEqual(whole.toBytes());
    expect(whole.toBytes().length).toBe(whole.stateBytes);
  });

  it('takes gaps, double points, extreme values and refuses what is none', () => {
    const f = forecaster({ light: true });
    const r = random(8);
    let at = START;
    for (let i = 0; i < 1500; i++) {
      at += Math.ceil((r() < 0.1 ? 0.2 : 1) * STEP) + (i % 400 === 399 ? 60 * STEP : 0);
      f.push(at, i % 101 === 0 ? (r() - 0.5) * 1e29 : 10 + r());
      f.push(at, 5);
      f.push(at + 1, Number.NaN);
    }
    expect([f.count, f.refused]).toEqual([1500, 3000]);
    for (const p of f.forecast(24)) {
      expect(Number.isFinite(p.median) && p.low <= p.median && p.median <= p.high).toBe(true);
    }
  });

  it('follows a shift', () => {
    const values = wave(1500, 7).map((x, i) => (i >= 1000 ? x + 100 : x));
    const p = fed(values).forecast(12);
    for (const { median } of p) expect(Math.abs(median - 120)).toBeLessThan(10);
  });

  it('does not take bad options', () => {
    expect(forecaster().forecast()).toEqual([]);
    for (const o of [
      { coverages: [] },
      { coverages: [1] },
      { step: 0 },
      { steps: 169 },
      { min: 1, max: 1 },
      { utcOffset: 1e9 },
    ]) {
      expect(() => forecaster(o)).toThrow(WarningError);
    }
    expect(() => forecaster().forecast(25)).toThrow(WarningError);
    expect(() => forecaster().forecast(1, 0.7)).toThrow(WarningError);
  });
});
