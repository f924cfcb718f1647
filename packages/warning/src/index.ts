/** @jingwei/warning: streaming anomaly detection and forecasting with intervals, per series, without tuning by hand. */
export { Detector, detector } from './detector.ts';
export { Forecaster, forecaster } from './forecaster.ts';
export {
  type DetectorOptions,
  type ForecasterOptions,
  type Judgement,
  type Prediction,
  type Reason,
  type Refusal,
  type StateJson,
  type Taken,
  WarningError,
} from './types.ts';
