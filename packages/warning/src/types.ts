/** What goes in and what comes out; the same for every detector and forecaster of this package. */

/** Why a pushed point was not taken in. A refused point changes nothing in the state but its count. */
export type Refusal =
  /** the value is NaN, infinite or not a number: counts as missing */
  | 'not-finite'
  /** the time is not a finite number of milliseconds between the years 1970 and 9999 */
  | 'bad-time'
  /** the time is not after the last one taken in: late or repeated; one pass cannot look back */
  | 'late';

/**
 * What an anomaly looks like (异常类型).
 * `high`, `low`: one value far from what was expected; `shift-up`, `shift-down`: values stay above or below what was expected (水平突变);
 * `restless`: values vary more than they used to; `flat`: they stopped varying; `unseen-high`, `unseen-low`: beyond everything seen so far.
 */
export type Reason = 'high' | 'low' | 'shift-up' | 'shift-down' | 'restless' | 'flat' | 'unseen-high' | 'unseen-low';

/** The verdict on one pushed point (判定). */
export interface Judgement {
  /** was the point taken in? When false, `refused` says why and nothing below means anything (score 0, no expectation) */
  readonly taken: boolean;
  readonly refused?: Refusal;
  /** too little was seen to judge: the score is 0, never anomalous */
  readonly learning: boolean;
  /** surprise between 0 and 1 (异常分数), comparable between series of any unit; 0.5 is the default threshold. One event is surprising once:
   * while it lasts, its further points score low unless it grows */
  readonly score: number;
  /** score ≥ threshold: a new event begins (or a running one grows) at this point */
  readonly anomalous: boolean;
  /** what was expected at this time before the value was seen; null while learning */
  readonly expected: number | null;
  /** bounds of what is usual at this time (99 % of points by what was seen so far); null while learning */
  readonly low: number | null;
  readonly high: number | null;
  /** the value lies outside low … high, whether or not that is news */
  readonly outside: boolean;
  /** the value has not moved for longer than chance and the series' own past explain: stuck (读数不变). Holds until it moves again; the point
   * at which it is found scores 0.6, those after it nothing more */
  readonly flat: boolean;
  /** what is the matter; only where it is flat, or where the score is above half of the threshold */
  readonly reason?: Reason;
}

export interface DetectorOptions {
  /** score from which a point is called anomalous, over 0 up to 1; default 0.5. Lower: more and earlier warnings, more false ones */
  readonly threshold?: number;
  /** local time of the series in minutes east of UTC, for days and weeks; default 480 (Asia/Shanghai) */
  readonly utcOffset?: number;
}

/** What became of a point pushed to a forecaster. */
export interface Taken {
  readonly taken: boolean;
  readonly refused?: Refusal;
}

/** A forecast for one time (预测). */
export interface Prediction {
  /** time that it is for, ms UTC: the last time taken in plus so many steps */
  readonly at: number;
  /** the middle: as likely to be passed as not */
  readonly median: number;
  /** the interval that holds the value with the asked coverage (预测区间) */
  readonly low: number;
  readonly high: number;
}

export interface ForecasterOptions {
  /** coverages that intervals can be asked for, each between 0.5 and 0.99, at most four; default [0.8, 0.95] */
  readonly coverages?: readonly number[];
  /** the step in ms; default: learnt from the points, the median distance of the first ones */
  readonly step?: number;
  /** how many steps ahead forecasts are asked for at most, 1 to 168; default 24. The state grows with its logarithm */
  readonly steps?: number;
  /** leave the regression on logarithms out: a third less memory, half the time, a few per cent less exact where values swing in proportion */
  readonly light?: boolean;
  /** bounds that no value can pass (0 for counts and levels, the capacity of a car park): intervals are cut there */
  readonly min?: number;
  readonly max?: number;
  /** local time in minutes east of UTC; default 480 (Asia/Shanghai) */
  readonly utcOffset?: number;
}

/** State as JSON: what it is, the version of its layout, the options, and the numbers in base64 (little endian). */
export interface StateJson {
  readonly kind: 'detector' | 'forecaster';
  readonly version: number;
  readonly options: Record<string, unknown>;
  readonly state: string;
}

/** Options or a kept state that cannot be used; `code` is stable. */
export class WarningError extends Error {
  readonly code: 'bad-option' | 'bad-state';
  constructor(code: 'bad-option' | 'bad-state', message: string) {
    super(message);
    this.name = 'WarningError';
    this.code = code;
  }
}
