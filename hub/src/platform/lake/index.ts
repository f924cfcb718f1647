export * from './dialect.ts';
export { type DuckDbLakeOptions, openDuckDbLake } from './duckdb.ts';
export * from './lake.ts';
export { foldSql, maskSql, usualSql } from './masks.ts';
export { lakeMemory } from './problems.ts';
