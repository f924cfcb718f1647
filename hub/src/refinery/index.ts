/** The refinery's door: profile, clean, quality, match. */
export * from './api.ts';
export { FLAG, SEPARATOR } from './clean.ts';
export { comparedWords, reviewCompared, sampleCompared } from './compared.ts';
export { failingRows, ruleInWords } from './failing.ts';
export type { Matcher } from './match.ts';
export { room } from './module.ts';
export type { Batch } from './pairs.ts';
export { nameKey } from './pairs.ts';
export {
  type ClassPlan,
  FACT,
  hasRecords,
  inRuns,
  isFlagged,
  linkedFactSql,
  ofPlan,
  pieceAt,
  planOf,
  receivedTable,
  recordHash,
  type VersionedDeclaration,
} from './plan.ts';
export { noRows, notRefined, unknownEntity, unknownField, unknownReview, unknownSource } from './problems.ts';
export { assess, type FactsOfRuns, linkBits } from './quality.ts';
export { type RefineOptions, refine } from './refine.ts';
export { planById } from './routes.ts';
export { Shower } from './shown.ts';
export { refineryTables } from './tables.ts';
export { refineryViews } from './views.ts';
