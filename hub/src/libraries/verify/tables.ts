/** What verifications leave in the lake (schema `vfy`): for each row its outcome, never a value of the list. */
import { outcomes } from './outcome.ts';

const names = outcomes.map((o, i) => `WHEN ${i + 1} THEN '${o}'`).join(' ');

/**
 * `vfy.row`: outcome as its number (outcome.ts), `entity` when one was found, `differs` a bit per field that differs,
 * `candidates` how many came into question.
 */
export const verifyTables: readonly string[] = [
  'CREATE SCHEMA IF NOT EXISTS vfy',
  'CREATE SCHEMA IF NOT EXISTS v',
  `CREATE TABLE IF NOT EXISTS vfy.row (
     verification INTEGER, row INTEGER, outcome TINYINT, entity INTEGER, differs TINYINT, candidates INTEGER)`,
  `CREATE OR REPLACE VIEW v.verification_row_v1 AS
     SELECT verification, row, CASE outcome ${names} END AS outcome, entity, differs, candidates FROM vfy.row`,
];
