/** What a class of the economy is to the generator, and how often its rows are wrong. */
import type { FileKind } from '../model.ts';

/** A record class of the economy: where its rows come from on a day, and what each column says. */
export interface EconomyModel {
  /** `<owner>.<resource>`, as the folder under `sources/`. */
  id: string;
  mode: 'changes' | 'snapshot';
  file?: FileKind;
  key: readonly string[];
  /** SQL of the true records of a day: `rec` (a number that stays), `e` (enterprise or NULL), then whatever columns use. */
  rows: (day: 1 | 2) => string;
  /** SQL of each column over the record. `x(…)` values are figures that unit and sign defects spoil. */
  columns: Readonly<Record<string, string>>;
  /** Columns with amounts that a wrong unit or sign spoils; none where the class has no figures. */
  figures: readonly string[];
}

/** Shares of rows with a defect (0 … 1); several may meet in one row. */
export interface EconomyRates {
  /** Every figure of the row a thousand times too large: 元 written where 千元 is asked. */
  unitLarge: number;
  /** Every figure ten times too small: 万元 written where 千元 is asked. */
  unitSmall: number;
  /** The first figure with a minus. */
  negative: number;
  /** The report of a period does not come. */
  missingPeriod: number;
  /** No code, and a code with one wrong character. */
  codeMissing: number;
  codeWrong: number;
}

/** The usual rates. */
export const defaultEconomyRates: EconomyRates = {
  unitLarge: 0.003,
  unitSmall: 0.003,
  negative: 0.003,
  missingPeriod: 0.012,
  codeMissing: 0.02,
  codeWrong: 0.01,
};

/** Defects in the order of their bits in the truth tables of the economy: the first is 1, the second 2 … */
export const economyDefectNames = [
  'unit-large',
  'unit-small',
  'negative',
  'missing-period',
  'code-missing',
  'code-wrong',
] as const;
