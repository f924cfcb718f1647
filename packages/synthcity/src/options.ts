/** What a city is made from. */
import type { EconomyRates } from './economy/model.ts';
import type { PopulationRates } from './population/rates.ts';

/** Shares of rows with a defect (0 … 1). Several may meet in one row. */
export interface DefectRates {
  /** Rows whose code columns are all blank. */
  noCode: number;
  /** Rows with a wrong code: half have one character wrong, three of ten two neighbours exchanged, the rest another enterprise's code. */
  wrongCode: number;
  /** Rows that bear a former name. */
  formerName: number;
  /** Rows whose name has a typing error (seven of ten) or is abbreviated. */
  nameError: number;
  /** Rows with the code in full-width characters, in lower case, and with a space inside. */
  fullWidth: number;
  lowerCase: number;
  spaces: number;
  /** Rows whose date does not exist (20210231, 0000-00-00), and rows whose date is written another way. */
  wrongDate: number;
  dateStyle: number;
  /** Rows with an identity number of the old form with 15 digits, where the person has one. */
  oldIdentity: number;
  /** Rows without the value that names the record. */
  missingKey: number;
  /** Rows that repeat an earlier row of the file in every character (at most 0.06). */
  duplicate: number;
  /** Rows that say what was true earlier (address, representative, status, capital). */
  stale: number;
  /** Pairs of department and enterprise that disagree with the register in one attribute. */
  contradiction: number;
  /** Rows about enterprises of other cities. */
  outsider: number;
}

/** The usual rates. */
export const defaultDefects: DefectRates = {
  noCode: 0.05,
  wrongCode: 0.02,
  formerName: 0.03,
  nameError: 0.04,
  fullWidth: 0.003,
  lowerCase: 0.005,
  spaces: 0.005,
  wrongDate: 0.002,
  dateStyle: 0.01,
  oldIdentity: 0.02,
  missingKey: 0.001,
  duplicate: 0.002,
  stale: 0.01,
  contradiction: 0.03,
  outsider: 0.005,
};

/** Rates of a city without any defect. */
export const noDefects: DefectRates = Object.fromEntries(
  Object.keys(defaultDefects).map((k) => [k, 0]),
) as unknown as DefectRates;

/** Where rows go. */
export type Target =
  | { kind: 'files'; formats?: 'declared' | 'csv' }
  | { kind: 'postgres' | 'mysql'; url: string; schema?: string };

/** Progress of a generation. */
export interface Progress {
  /** What is being made: a step of the city or a class. */
  step: string;
  /** Rows written so far, and in all. */
  rows: number;
  total: number;
}

/** Options of {@link generateCity}. */
export interface CityOptions {
  /** Any number or text: the same one gives the same city, to the byte (with the same version of the engine). */
  seed?: number | string;
  /** Rows over all classes; default from `enterprises` at full-size density. Given neither: 20,000. */
  rows?: number;
  /** Enterprises of the city; default from `rows`. */
  enterprises?: number;
  /** Folder into which files and truth are written; it is made when absent. */
  out: string;
  /** Where rows go; default files as the classes declare them. `formats: 'csv'` writes every class as UTF-8 CSV. */
  target?: Target;
  /** Only these classes (ids). The rows of a class do not depend on which others are made. */
  classes?: readonly string[];
  /** Departures from {@link defaultDefects}. */
  defects?: Partial<DefectRates>;
  /** Also what departments know of people and places (classes beyond the 111, which stay as they are). Default false. */
  population?: boolean;
  /** Departures from the usual rates of the population's records. */
  populationDefects?: Partial<PopulationRates>;
  /** Also the economy: statistics, parks, land, the year's taxes. Default false. */
  economy?: boolean;
  /** Departures from the usual rates of the economy's records. */
  economyDefects?: Partial<EconomyRates>;
  /** Date of the first delivery, ISO; default 2026-11-20. Day two is the day after. */
  today?: string;
  /** 1: the city. 2: what has changed a day later. */
  day?: 1 | 2;
  /** On day two: deliver only changed rows (I, U, D) for classes that otherwise deliver snapshots, too. */
  changesOnly?: boolean;
  /** Write truth tables; default true. */
  truth?: boolean;
  memoryMiB?: number;
  threads?: number;
  onProgress?: (progress: Progress) => void;
}

/** What was made of one class. */
export interface ClassReport {
  id: string;
  rows: number;
  /** File written, relative to `out`; or the table. */
  file: string;
  bytes: number;
}

/** What was made. */
export interface CityReport {
  seed: string;
  day: 1 | 2;
  enterprises: number;
  people: number;
  rows: number;
  bytes: number;
  classes: ClassReport[];
  /** Folder of the truth tables, relative to `out`. */
  truth: string | null;
  seconds: number;
}

/** Something that cannot be generated: a stable code with a sentence in Chinese and English. */
export class SynthcityError extends Error {
  readonly code: string;
  readonly zh: string;

  constructor(code: string, zh: string, en: string) {
    super(en);
    this.name = 'SynthcityError';
    this.code = code;
    this.zh = zh;
  }
}
