/** Measures that learn: how surprising a reading is, and what a series will reach. One model a series, its state bounded. */
import { Detector, Forecaster, WarningError } from '@jingwei/warning';
import type { ModelOf } from '../pure/index.ts';

/** Steps that a forecast looks ahead at most. */
const STEPS = 48;

/** A kept state of another layout is begun anew: what it learnt is lost, nothing else. */
function kept<T>(read: () => T, fresh: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof WarningError) return fresh();
    throw error;
  }
}

/** Models of rules that measure `anomaly` (score 0 … 1) or `forecast` (the median's gravest value within `ahead`). */
export const modelOf: ModelOf = (program, bytes) => {
  if (program.measure === 'anomaly') {
    const fresh = () => new Detector();
    const detector = bytes ? kept(() => Detector.fromBytes(bytes), fresh) : fresh();
    return {
      push(at, value) {
        const judged = detector.push(at, value);
        return judged.learning || !judged.taken ? Number.NaN : judged.score;
      },
      bytes: () => detector.toBytes(),
    };
  }
  const options = { steps: STEPS };
  const fresh = () => new Forecaster(options);
  const forecaster = bytes ? kept(() => Forecaster.fromBytes(bytes, options), fresh) : fresh();
  return {
    push(at, value) {
      forecaster.push(at, value);
      let gravest = Number.NEGATIVE_INFINITY;
      for (const p of forecaster.forecast(STEPS)) {
        if (p.at > at + program.ahead) break;
        gravest = Math.max(gravest, program.sign * p.median);
      }
      return Number.isFinite(gravest) ? program.sign * gravest : Number.NaN;
    },
    bytes: () => forecaster.toBytes(),
  };
};
