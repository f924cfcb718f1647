/** What a figure says when it was computed: one object for all viewers of the same rights. Instants are ISO 8601 in UTC. */
import type { Problem } from '../platform/problem.ts';

/**
 * `ready`: computed; `empty`: computed, nothing there; `waiting`: a source that it reads is not published yet; `failed`: the last try
 * failed, what is shown is older; `pending`: not computed yet.
 */
export type State = 'ready' | 'empty' | 'waiting' | 'failed' | 'pending';

/** A text or a number of a row; instants and days as texts. */
export type Scalar = string | number | boolean | null;

/** A row as the panels draw it; which names it has depends on the kind. */
export type Row = Record<string, Scalar>;

/** One computed figure. */
export interface Result {
  key: string;
  state: State;
  value: number | null;
  /** What the answer itself says is aimed at; else the declared target holds. */
  target: number | null;
  /** The same at the end of the period before, where the answer says it. */
  before: number | null;
  rows: Row[];
  /** Cells that were left out because too few persons or enterprises stand behind them. */
  suppressed: number;
  /** Part of what it says comes of an exercise (演练): marked readings, or rows that the answer itself calls so. */
  exercise: boolean;
  /** When it was computed. */
  at: string | null;
  /** Of when the newest data behind it is. */
  asOf: string | null;
  problem: { code: string; zh: string; en: string } | null;
  /** What computing took. */
  ms: number;
  /** Counts up with every change of what is said. */
  version: number;
}

/** A figure that was not computed yet. */
export const pending = (key: string): Result => ({
  ...{ key, state: 'pending', value: null, target: null, before: null, rows: [], suppressed: 0, exercise: false },
  ...{ at: null, asOf: null, problem: null, ms: 0, version: 0 },
});

/** The problem as it is shown in the figure's place. */
export const shown = (problem: Problem): NonNullable<Result['problem']> => {
  const { code, title } = problem.toJSON();
  return { code, ...title };
};
