/** @jingwei/linkage: the public face. */
export { budgetOf, type RuleCount } from './blocking.ts';
export { simplify } from './chinese.ts';
export { type Dialect, duckdbDialect } from './dialect.ts';
export { DuckDBEngine, type DuckDBOptions } from './duckdb.ts';
export type { BulkColumn, Engine, FileSource, Progress, Row, Step, StepRun } from './engine.ts';
export { LinkageError, type Mistake, type Place } from './errors.ts';
export { type Evaluation, evaluate, type Quality } from './evaluate.ts';
export { type Bar, type Explanation, explain, parameterChart } from './explain.ts';
export { Linkage, link } from './linker.ts';
export * from './model.ts';
export { type ClusterEvent, tableName } from './names.ts';
export { type Parameters, parseParameters } from './parameters.ts';
export { type ColumnProfile, profileTable, type Suggestion, suggestModel } from './profile.ts';
export { type ReportOptions, report } from './report.ts';
export { agreed, disagreements, nextPairs, type ReviewPair } from './review.ts';
export type { LinkOptions, Summary } from './summary.ts';
export { parseModel } from './validate.ts';
