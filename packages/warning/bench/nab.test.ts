import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { detector } from '../src/index.ts';
import {
  bestThreshold,
  erfc,
  leaveOneFolderOut,
  normalised,
  probation,
  rawScore,
  readCorpus,
  type Series,
  windowedGaussian,
} from './nab.ts';

const series = (rows: number, windows: [number, number][], folder = 'a'): Series => ({
  folder,
  name: 's',
  at: Float64Array.from({ length: rows }, (_, i) => i),
  value: new Float64Array(rows),
  windows,
});
const alarms = (rows: number, ...at: number[]) => {
  const scores = new Float64Array(rows);
  for (const i of at) scores[i] = 1;
  return scores;
};

describe('rules of the anomaly benchmark', () => {
  const s = series(100, [[40, 49]]);

  it('reckons what was reckoned by hand', () => {
    expect(probation(100)).toBe(15);
    expect(probation(20_000)).toBe(750);
    expect(rawScore(s, alarms(100), 0.5)).toBe(-1);
    // the first row of the window stands at −1: the full point
    expect(rawScore(s, alarms(100, 40), 0.5)).toBeCloseTo(1, 12);
    // row 45 stands at −(49 − 45 + 1) / 10 = −0.5: (2σ(2.5) − 1) / 0.98661 = 0.84828 / 0.98661
    expect(rawScore(s, alarms(100, 45), 0.5)).toBeCloseTo(0.8598, 4);
    // the best of a window only
    expect(rawScore(s, alarms(100, 41, 45, 49), 0.5)).toBe(rawScore(s, alarms(100, 41), 0.5));
    // before any window a false alarm costs all of 0.11; far behind one, too; on probation nothing
    expect(rawScore(s, alarms(100, 30), 0.5)).toBeCloseTo(-1.11, 12);
    expect(rawScore(s, alarms(100, 90), 0.5)).toBeCloseTo(-1.11, 12);
    expect(rawScore(s, alarms(100, 14), 0.5)).toBe(-1);
    // three rows behind: (52 − 49) / 9 = 1/3, 2σ(−5/3) − 1 = −0.68228, times 0.11
    expect(rawScore(s, alarms(100, 52), 0.5)).toBeCloseTo(-1 - 0.11 * 0.68228, 4);
  });

  it('goes from 0 for silence to 100 for perfection', () => {
    expect(normalised(-1, 1)).toBe(0);
    expect(normalised(rawScore(s, alarms(100, 40), 0.5), 1)).toBeCloseTo(100, 10);
  });

  it('finds the threshold by the other folders only', () => {
    const good = alarms(100, 40).map((x) => x * 0.3);
    good[70] = 0.2;
    const runs = [
      { series: s, scores: good },
      { series: series(100, [[60, 69]], 'b'), scores: alarms(100, 60).map((x) => x * 0.8) },
    ];
    expect(bestThreshold(runs)).toEqual({ threshold: 0.3, raw: 2 });
    const left = leaveOneFolderOut(runs);
    expect(left.folders.map((f) => f.threshold)).toEqual([0.8, 0.3]);
    expect(left.score).toBeCloseTo(50, 10);
  });

  it('has the baseline as published', () => {
    expect(erfc(0.5)).toBeCloseTo(0.4795001221869535, 14);
    expect(erfc(3) / 2.209049699858544e-5).toBeCloseTo(1, 12);
    // mean 2, deviation 1 after 1 and 3: the value 4 is two deviations off
    expect(windowedGaussian([1, 3, 4])[2]).toBeCloseTo(0.97725, 5);
  });
});

const corpus = fileURLToPath(new URL('../../../../shared/data/nab', import.meta.url));
// the public series are not part of the project: skipped without them, but not where everything must run
describe.skipIf(!existsSync(corpus) && process.env.CI !== 'true')('the public series', () => {
  it('two folders score as they did at the default threshold', () => {
    const runs = readCorpus(corpus)
      .filter((s) => s.folder === 'realTraffic' || s.folder === 'artificialNoAnomaly')
      .map((s) => {
        const d = detector({ utcOffset: 0 });
        return { series: s, scores: Float64Array.from(s.value, (x, i) => d.push(s.at[i]!, x).score) };
      });
    const raw = runs.reduce((sum, r) => sum + rawScore(r.series, r.scores, 0.5), 0);
    expect(normalised(raw, 14)).toBeGreaterThan(45);
    for (const r of runs.filter((x) => x.series.folder === 'artificialNoAnomaly')) {
      expect(rawScore(r.series, r.scores, 0.5)).toBeGreaterThanOrEqual(-0.22);
    }
  });
});
