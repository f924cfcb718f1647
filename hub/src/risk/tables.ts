/** Tables of risk in the lake. Horizon 0 is now; 1, 3, 6 are hours ahead. */
export const riskTables: readonly string[] = [
  'CREATE SCHEMA IF NOT EXISTS risk',
  'CREATE SCHEMA IF NOT EXISTS v',
  // What may be hit, with exposure and vulnerability as factors from 0 to 1, and what they follow from.
  `CREATE TABLE IF NOT EXISTS risk.object (model VARCHAR, kind VARCHAR, id VARCHAR, name VARCHAR, town VARCHAR, lon DOUBLE, lat DOUBLE,
     exposure DOUBLE, e DOUBLE, v DOUBLE, inputs VARCHAR)`,
  // Which stations count for what, the nearest first.
  'CREATE TABLE IF NOT EXISTS risk.near (model VARCHAR, kind VARCHAR, id VARCHAR, hazard VARCHAR, series INTEGER, metres DOUBLE)',
  // Hazard of a station at a horizon: value as measured or forecast, the base it lies over, 0 to 1 on the model's scale.
  `CREATE TABLE IF NOT EXISTS risk.hazard (model VARCHAR, hazard VARCHAR, series INTEGER, horizon SMALLINT, "at" TIMESTAMP, "value" DOUBLE,
     base DOUBLE, low DOUBLE, high DOUBLE, h DOUBLE)`,
  `CREATE TABLE IF NOT EXISTS risk.score (model VARCHAR, kind VARCHAR, id VARCHAR, horizon SMALLINT, "at" TIMESTAMP, h DOUBLE, score DOUBLE)`,
  'CREATE TABLE IF NOT EXISTS risk.mark (model VARCHAR, kind VARCHAR, hash VARCHAR, made TIMESTAMP, n BIGINT)',
  // Factor of the ground, 1 where the model asks for none; what half of the worst exposure is in this city.
  'ALTER TABLE risk.object ADD COLUMN IF NOT EXISTS g DOUBLE DEFAULT 1',
  'ALTER TABLE risk.mark ADD COLUMN IF NOT EXISTS half DOUBLE',
  // The land: cells of the grid, rows from the south, heights in metres, slopes in degrees (terrain.ts).
  'CREATE TABLE IF NOT EXISTS risk.terrain (col INTEGER, "row" INTEGER, lon DOUBLE, lat DOUBLE, height DOUBLE, slope DOUBLE)',
  'CREATE TABLE IF NOT EXISTS risk.terrain_of (hash VARCHAR, cols INTEGER, "rows" INTEGER, west DOUBLE, south DOUBLE, cell DOUBLE)',
  // What a model's SQL joins with: col = floor((lon - west) / cell), row = floor((lat - south) / cell).
  'CREATE OR REPLACE VIEW v.terrain_v1 AS SELECT col, "row", lon, lat, height, slope FROM risk.terrain',
  'CREATE OR REPLACE VIEW v.terrain_grid_v1 AS SELECT west, south, cell FROM risk.terrain_of',
  // Everything that may lie in a path (exposed.ts); n: people, pupils, or 1.
  'CREATE TABLE IF NOT EXISTS risk.exposed (kind VARCHAR, id VARCHAR, name VARCHAR, lon DOUBLE, lat DOUBLE, n DOUBLE)',
  'CREATE TABLE IF NOT EXISTS risk.exposed_of (hash VARCHAR, made TIMESTAMP)',
  `CREATE OR REPLACE VIEW v.risk_v1 AS SELECT s.model, s.kind, s.id, o.name, o.town, o.lon, o.lat, o.exposure, o.e, o.v, o.g, s.horizon, s."at", s.h, s.score
     FROM risk.score s JOIN risk.object o USING (model, kind, id)`,
];
