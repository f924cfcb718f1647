/**
 * Detection by the anomaly benchmark's own rules beside its windowed Gaussian in the same run; forecasts of four public data sets beside
 * persistence and seasonal-naive, rolling origin over the last fifth; speed and memory of a series.
 *
 *   nice -n 5 node --import tsx bench/warning.ts <folder of reference data> [detect|forecast|speed …] [--out bench/results/warning.json]
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { Detector, detector, forecaster } from '@jingwei/warning';
import { alternatives } from '../packages/warning/bench/alternatives.ts';
import * as nab from '../packages/warning/bench/nab.ts';
import { air, type Dataset, type Measured, parking, visitors, water } from '../packages/warning/bench/series.ts';

const args = process.argv.slice(2);
const out = args.includes('--out') ? args.splice(args.indexOf('--out'), 2)[1]! : undefined;
const root = args[0]!;
const parts = args.length > 1 ? args.slice(1) : ['detect', 'forecast', 'speed'];
const round = (x: number, digits = 3) => Math.round(x * 10 ** digits) / 10 ** digits;
const load = () => loadavg().map((x) => round(x, 1));
const HORIZONS = [1, 6, 24];
const kept: Record<string, unknown> = out && existsSync(out) ? JSON.parse(readFileSync(out, 'utf8')) : {};

function detect() {
  const corpus = nab.readCorpus(join(root, 'nab'));
  const windows = corpus.reduce((n, s) => n + s.windows.length, 0);
  const methods: Record<string, (s: nab.Series) => Float64Array> = {
    ours: (s) => {
      const d = detector({ utcOffset: 0 });
      return Float64Array.from(s.value, (x, i) => d.push(s.at[i]!, x).score);
    },
    windowedGaussian: (s) => nab.windowedGaussian(s.value),
  };
  const result = Object.entries(methods).map(([name, score]) => {
    const runs = corpus.map((series) => ({ series, scores: score(series) }));
    const left = nab.leaveOneFolderOut(runs);
    const best = nab.bestThreshold(runs);
    const total = (threshold: number) =>
      nab.normalised(
        runs.reduce((sum, r) => sum + nab.rawScore(r.series, r.scores, threshold), 0),
        windows,
      );
    return {
      name,
      leaveOneFolderOut: round(left.score, 1),
      oneThreshold: { score: round(nab.normalised(best.raw, windows), 1), threshold: best.threshold },
      ...(name === 'ours' ? { atDefaultThreshold: round(total(0.5), 1) } : {}),
      lowFalsePositives: round(nab.leaveOneFolderOut(runs, nab.LOW_FP).score, 1),
      lowFalseNegatives: round(nab.leaveOneFolderOut(runs, nab.LOW_FN).score, 1),
      folders: left.folders.map((f) => ({
        ...f,
        threshold: round(f.threshold, 4),
        raw: round(f.raw, 2),
        ...(f.windows ? { score: round(nab.normalised(f.raw, f.windows), 1) } : {}),
      })),
    };
  });
  return { series: corpus.length, windows, load: load(), result };
}

/** Mean absolute errors per horizon, in the data's unit and in mean changes of a step of the first four fifths (mean over series). */
function measure(set: Dataset, make: (s: Measured) => { push(i: number): void; at(h: number): Said }) {
  const sums = HORIZONS.map(() => ({ error: 0, n: 0, in80: 0, in95: 0, scaled: 0, series: 0 }));
  for (const s of set.series) {
    const start = Math.floor(s.at.length * 0.8);
    const unit = change(s, start);
    const method = make(s);
    const own = HORIZONS.map(() => ({ error: 0, n: 0 }));
    for (let i = 0; i < s.at.length; i++) {
      method.push(i);
      if (Number.isNaN(s.value[i]!)) continue;
      HORIZONS.forEach((h, k) => {
        const x = s.value[i + h] ?? Number.NaN;
        if (i + h < start || Number.isNaN(x)) return;
        const said = method.at(h);
        const sum = sums[k]!;
        own[k]!.error += Math.abs(said.median - x);
        own[k]!.n++;
        sum.in80 += said.in80 && x >= said.in80[0] && x <= said.in80[1] ? 1 : 0;
        sum.in95 += said.in95 && x >= said.in95[0] && x <= said.in95[1] ? 1 : 0;
      });
    }
    HORIZONS.forEach((_, k) => {
      const sum = sums[k]!;
      if (!own[k]!.n) return;
      sum.error += own[k]!.error;
      sum.n += own[k]!.n;
      sum.scaled += own[k]!.error / own[k]!.n / unit;
      sum.series++;
    });
  }
  return sums.map((s) => ({
    n: s.n,
    mae: s.error / s.n,
    mase: s.scaled / s.series,
    in80: s.in80 / s.n,
    in95: s.in95 / s.n,
  }));
}
interface Said {
  median: number;
  in80?: [number, number];
  in95?: [number, number];
}

function change(s: Measured, end: number): number {
  let sum = 0;
  let n = 0;
  let last = Number.NaN;
  for (let i = 0; i < end; i++) {
    const x = s.value[i]!;
    if (Number.isNaN(x)) continue;
    if (!Number.isNaN(last)) {
      sum += Math.abs(x - last);
      n++;
    }
    last = x;
  }
  return sum / n;
}

function forecasts() {
  const rows: unknown[] = [];
  for (const read of [visitors, parking, water, air]) {
    const set = read(root);
    const bounds = set.min === undefined ? {} : { min: set.min };
    const using = (light: boolean) => (s: Measured) => {
      const f = forecaster({ ...bounds, light });
      return {
        push: (i: number) => void f.push(s.at[i]!, s.value[i]!),
        at: (h: number): Said => {
          const a = f.forecastStep(h, 0.8)!;
          const b = f.forecastStep(h, 0.95)!;
          return { median: a.median, in80: [a.low, a.high], in95: [b.low, b.high] };
        },
      };
    };
    const ours = measure(set, using(false));
    const light = measure(set, using(true));
    const stay = measure(set, (s) => {
      let last = 0;
      return {
        push: (i) => {
          if (!Number.isNaN(s.value[i]!)) last = s.value[i]!;
        },
        at: () => ({ median: last }),
      };
    });
    const seasonal = measure(set, (s) => {
      let now = 0;
      return {
        push: (i) => {
          now = i;
        },
        at: (h) => {
          for (let k = now + h - set.season * Math.ceil(h / set.season); k >= 0; k -= set.season) {
            if (!Number.isNaN(s.value[k]!)) return { median: s.value[k]! };
          }
          return { median: s.value[now]! };
        },
      };
    });
    const others = alternatives(set, HORIZONS);
    HORIZONS.forEach((steps, k) => {
      const percent = (key: 'mae' | 'mase', value: number) => {
        const base = Math.min(stay[k]![key], seasonal[k]![key]);
        return round((100 * (base - value)) / base, 1);
      };
      const better = (key: 'mae' | 'mase') => percent(key, ours[k]![key]);
      const row = {
        data: set.name,
        unit: set.unit,
        series: set.series.length,
        steps,
        n: ours[k]!.n,
        mae: {
          ours: round(ours[k]!.mae),
          light: round(light[k]!.mae),
          persistence: round(stay[k]!.mae),
          seasonalNaive: round(seasonal[k]!.mae),
        },
        mase: {
          ours: round(ours[k]!.mase),
          light: round(light[k]!.mase),
          persistence: round(stay[k]!.mase),
          seasonalNaive: round(seasonal[k]!.mase),
        },
        betterPercent: { mae: better('mae'), mase: better('mase') },
        alternatives: others.map((o) => ({
          name: o.name,
          ...(o.hindsight ? { parametersChosenInHindsight: true } : {}),
          betterPercent: { mae: percent('mae', o.mae[k]!), mase: percent('mase', o.mase[k]!) },
        })),
        someForecasterReaches5Percent:
          better('mae') >= 5 || others.some((o) => !o.hindsight && percent('mae', o.mae[k]!) >= 5),
        covered: { of80: round(100 * ours[k]!.in80, 1), of95: round(100 * ours[k]!.in95, 1) },
      };
      rows.push(row);
      console.log(JSON.stringify(row));
    });
  }
  return { measure: 'mae pooled in the unit; mase: mean over series, in mean changes of one step', load: load(), rows };
}

function speed() {
  const n = 300_000;
  const value = Float64Array.from({ length: n }, (_, i) => 20 + 5 * Math.sin(i / 45.8) + Math.sin(i * 12.9898) * 2);
  const time = (push: (at: number, x: number) => unknown) => {
    const before = process.cpuUsage().user;
    for (let i = 0; i < n; i++) push(i * 300_000, value[i]!);
    return Math.round(n / ((process.cpuUsage().user - before) / 1e6));
  };
  const [d, f, l] = [detector(), forecaster(), forecaster({ light: true })];
  return {
    unit: 'points a second of processor time, one thread',
    load: load(),
    detector: { pointsPerSecond: time((at, x) => d.push(at, x)), stateBytes: Detector.stateBytes },
    forecaster: { pointsPerSecond: time((at, x) => f.push(at, x)), stateBytes: f.stateBytes },
    lightForecaster: { pointsPerSecond: time((at, x) => l.push(at, x)), stateBytes: l.stateBytes },
  };
}

const { complete: _, missing: __, ...before } = kept;
const result = {
  ...before,
  measured: new Date().toISOString().slice(0, 16),
  machine: `one thread of ${cpus().length}, Node ${process.versions.node}, ${Math.round(totalmem() / 2 ** 30)} GiB, other work beside it (see load)`,
  ...(parts.includes('detect') ? { detect: detect() } : {}),
  ...(parts.includes('forecast') ? { forecast: forecasts() } : {}),
  ...(parts.includes('speed') ? { speed: speed() } : {}),
};
if (out) writeFileSync(out, `${JSON.stringify(result, null, 2)}\n`);
else console.log(JSON.stringify(result, null, 2));
