/** The libraries' door: golden records, facts, history, relations and the views that every later room reads. */
export * from './api.ts';
export { type AssessedCorrection, assessedCorrections } from './assessed.ts';
export { legalGuard } from './attributes.ts';
export { integrationFinished } from './automatic.ts';
export { baseLibraries, type LibraryDeclaration, loadLibraries } from './base/index.ts';
export { economyTables, loadEconomy, runEconomy } from './economy/index.ts';
export { locateLinked, personEntity } from './erase.ts';
export { type IntegrateOptions, type IntegrationResult, integrate, rebuild } from './integrate.ts';
export { room } from './module.ts';
export { neighbours, type PersonKey, type PersonRelation, personRelations } from './persons.ts';
export {
  type ClassFields,
  classFields,
  defineRecordViews,
  type FieldPlace,
  recordSelect,
  recordView,
} from './records.ts';
export { libraryTables } from './tables.ts';
export { loadThemes, runTheme, themeTables } from './themes/index.ts';
export {
  computeCorrectionDues,
  type DeliveredDoubt,
  type OpenCorrection,
  openCorrections,
  raiseDelivered,
  type WrongValue,
  wrongValues,
} from './verify/index.ts';
export { FLAG, libraryViews, SEPARATOR } from './views.ts';
export { type Claim, whyValue } from './why.ts';
