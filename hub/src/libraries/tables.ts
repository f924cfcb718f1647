/**
 * The libraries' tables in the lake (schema `lib`). Other rooms read them only through the views of views.ts.
 *
 * - `lib.fact`         every refined row as a fact, in a few runs sorted by (entity, class, day): one look-up per entity;
 *                      `link` tells by bits what identified the row and whether it agrees with its legal person
 * - `lib.fact_delta`   later facts until compaction, sorted in the same way per integration
 * - `lib.fact_closed`  facts that are over: superseded, deleted or vanished; sorted by entity per integration
 * - `lib.golden`       one row per legal person: the chosen values
 * - `lib.contradiction` attributes on which current claims differ, with every claim
 * - `lib.alias`, `lib.relation`  names and relations out of current facts
 */
import { erasedTables } from './erased.ts';
import { goldenRootTables } from './golden-root.ts';

/**
 * Columns of a table of facts. How payloads and record numbers are stored is said beforehand: trying every way of compressing
 * them costs more than making the facts.
 */
export const factColumns = `entity INTEGER, class SMALLINT, day DATE, fact BIGINT, record UBIGINT USING COMPRESSION uncompressed,
     amount DECIMAL(18,2), payload VARCHAR USING COMPRESSION fsst, link TINYINT`;

export const libraryTables: readonly string[] = [
  ...['CREATE SCHEMA IF NOT EXISTS lib', 'CREATE SCHEMA IF NOT EXISTS v'],
  ...goldenRootTables,
  `CREATE TABLE IF NOT EXISTS lib.fact (${factColumns})`,
  `CREATE TABLE IF NOT EXISTS lib.fact_delta (${factColumns})`,
  `CREATE TABLE IF NOT EXISTS lib.fact_closed (
     entity INTEGER, class SMALLINT, fact BIGINT, closed_run INTEGER, by_fact BIGINT, reason VARCHAR)`,
  `CREATE TABLE IF NOT EXISTS lib.golden (
     entity INTEGER, name VARCHAR, uscc VARCHAR, orgcode VARCHAR, regno VARCHAR, kind VARCHAR, status VARCHAR,
     legal_representative VARCHAR, legal_representative_id VARCHAR, capital DECIMAL(18,2), currency VARCHAR,
     established DATE, closed DATE, address VARCHAR, division VARCHAR, industry VARCHAR, scope VARCHAR, phone VARCHAR,
     authority VARCHAR, employees VARCHAR, facts INTEGER, sources SMALLINT, contradictions SMALLINT, quality DOUBLE,
     first_run INTEGER, last_run INTEGER, recorded_at TIMESTAMP)`,
  `CREATE TABLE IF NOT EXISTS lib.contradiction (
     entity INTEGER, attribute VARCHAR, value VARCHAR, class SMALLINT, rank SMALLINT, day DATE, fact BIGINT,
     chosen BOOLEAN)`,
  `CREATE TABLE IF NOT EXISTS lib.alias (
     entity INTEGER, name VARCHAR, kind VARCHAR, first_seen DATE, last_seen DATE, fact BIGINT)`,
  `CREATE TABLE IF NOT EXISTS lib.relation (
     entity INTEGER, kind VARCHAR, person_name VARCHAR, person_token VARCHAR, other_entity INTEGER, other_name VARCHAR,
     position VARCHAR, amount DECIMAL(18,2), share DECIMAL(9,4), valid_from DATE, valid_to DATE, class SMALLINT,
     fact BIGINT)`,
  ...erasedTables,
];
