/**
 * The shapes of every credit route: what is asked and what is answered, as the schemas that validate and from which
 * the OpenAPI description is made. Conventions: days are 'YYYY-MM-DD', instants ISO 8601 in UTC, amounts exact decimal
 * strings, `fact` a decimal string (run × 2³² + row), entities positive integers. Several values of one filter are
 * given by repeating its key. Every value that protection applies to travels as a `cell`.
 */
export { type Category, type Cell, category, cell, classRef, hint } from './api-base.ts';
export * from './api-class.ts';
export * from './api-enterprise.ts';
export * from './api-persons.ts';
export * from './api-search.ts';
