/** Verification (数据校核): a department's list held against a library, row by row. */
export { compare } from './compare.ts';
export {
  computeCorrectionDues,
  correctionRoutes,
  type DeliveredDoubt,
  type OpenCorrection,
  openCorrections,
  raiseDelivered,
  type WrongValue,
  wrongValues,
} from './corrections/index.ts';
export { stageFile, verifyJob } from './job.ts';
export { verifyRoutes } from './routes.ts';
export { verifyTables } from './tables.ts';
