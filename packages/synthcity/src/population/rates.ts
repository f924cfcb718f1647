/** How often what departments write down of people and places is wrong. */

/** Shares of rows with a defect (0 … 1); several may meet in one row. Registers of residents number people rightly. */
export interface PopulationRates {
  /** Rows without the identity number. */
  idMissing: number;
  /** One digit of the identity number is another one: its check digit no longer fits. */
  idWrong: number;
  /** The valid identity number of somebody else. */
  idOfAnother: number;
  /** Numbers of the old form with 15 digits, of people born before 2000. */
  idOld: number;
  /** One character of the name is mistaken for another one. */
  nameError: number;
  /** The day of birth is another one. */
  wrongBirth: number;
  /** Another spelling of the address. */
  addressVariant: number;
  /** Rows that still say where somebody lived before, of those who moved. */
  addressStale: number;
  /** Rows that still say how somebody was registered before, of those who died or left. */
  statusStale: number;
  /** The row repeats another one in every character. */
  duplicate: number;
  /** The value that names the record is blank. */
  missingKey: number;
  /** Longitude and latitude exchanged, in columns or in a geometry. */
  swapped: number;
  /** No coordinates at all. */
  unplaced: number;
  /** Coordinates far outside the city. */
  outside: number;
}

/** The usual rates. */
export const defaultPopulationRates: PopulationRates = {
  idMissing: 0.04,
  idWrong: 0.015,
  idOfAnother: 0.005,
  idOld: 0.02,
  nameError: 0.02,
  wrongBirth: 0.01,
  addressVariant: 0.2,
  addressStale: 0.3,
  statusStale: 0.1,
  duplicate: 0.002,
  missingKey: 0.001,
  swapped: 0.012,
  unplaced: 0.01,
  outside: 0.006,
};

/** Rates of records without any defect. */
export const noPopulationDefects: PopulationRates = Object.fromEntries(
  Object.keys(defaultPopulationRates).map((k) => [k, 0]),
) as unknown as PopulationRates;

/** Defects in the order of their bits in the truth tables of the population: the first is 1, the second 2 … */
export const populationDefectNames = [
  'id-missing',
  'id-wrong',
  'id-of-another',
  'id-15',
  'name-error',
  'wrong-birth',
  'address-variant',
  'address-stale',
  'status-stale',
  'duplicate',
  'missing-key',
  'coordinates-swapped',
  'coordinates-missing',
  'coordinates-outside',
] as const;
