/** A synthetic city with known truth, at any size, from a seed. */
export { classes } from './classes/index.ts';
export { cityCommand } from './cli.ts';
export { type Defect, defectNames, defectsOf } from './defects.ts';
export {
  defaultEconomyRates,
  type EconomyModel,
  type EconomyRates,
  economyClasses,
  economyDefectNames,
} from './economy/index.ts';
export { generateCity } from './generate.ts';
export * from './live/index.ts';
export type { ClassModel, FileKind, Rows } from './model.ts';
export {
  type CityOptions,
  type CityReport,
  type ClassReport,
  type DefectRates,
  defaultDefects,
  noDefects,
  type Progress,
  SynthcityError,
  type Target,
} from './options.ts';
export { fullSize, sizeOf } from './plan.ts';
export { type PopulationModel, populationClasses } from './population/classes.ts';
export {
  defaultPopulationRates,
  noPopulationDefects,
  type PopulationRates,
  populationDefectNames,
} from './population/rates.ts';
export { dayTwo, traceColumns } from './rows.ts';
export { divisions } from './vocabulary/places.ts';
