/**
 * The declared libraries' tables in the lake (schema `lib`) and their published views.
 *
 * - `lib.base_library`  libraries as they were last made: a changed declaration makes its library anew
 * - `lib.base_entity`   entities that registers made known, by their first key; numbers are given once and never again
 * - `lib.base_mention`  what a row says of an entity: keys, evidence (hashed), what rules look for (blocks), values. A fact below
 *                       zero is a legal person's golden record
 * - `lib.base_link`     whose each mention is, by which rule; without an entity it is open, with its candidates
 * - `lib.base_value`, `lib.base_contradiction`, `lib.base_record`  golden records
 * - `lib.base_relation` relations that rows name, `lib.base_touched` facts whose relations are to be made again
 * - `lib.base_seat`     what was last read of legal persons
 * - `lib.base_shape`    geometries of golden records with their box, middle (degrees), area and length (m², m);
 *                       `lib.base_shape_touched` whose positions are to be related again
 * - `lib.base_address`  how addresses were read against the standard addresses; `lib.base_address_table` which those were
 */
import { ident, literal } from '../../platform/lake/index.ts';
import { areaTables } from './areas.ts';
import type { LibraryDeclaration } from './declaration.ts';

export const baseTables: readonly string[] = [
  'CREATE SCHEMA IF NOT EXISTS lib',
  'CREATE SCHEMA IF NOT EXISTS v',
  'CREATE TABLE IF NOT EXISTS lib.base_library (library SMALLINT, name VARCHAR, sha256 VARCHAR)',
  'CREATE TABLE IF NOT EXISTS lib.base_entity (library SMALLINT, entity INTEGER, "key" VARCHAR, fact BIGINT)',
  `CREATE TABLE IF NOT EXISTS lib.base_mention (library SMALLINT, source SMALLINT, class SMALLINT, fact BIGINT, day DATE, anchor BOOLEAN,
     keys VARCHAR[], evidence UBIGINT[], blocks UBIGINT[], said VARCHAR[])`,
  `CREATE TABLE IF NOT EXISTS lib.base_link (library SMALLINT, source SMALLINT, fact BIGINT, entity INTEGER, method VARCHAR,
     candidates INTEGER[], closed_run INTEGER)`,
  `CREATE TABLE IF NOT EXISTS lib.base_value (library SMALLINT, entity INTEGER, attribute SMALLINT, value VARCHAR, class SMALLINT,
     fact BIGINT, disputed BOOLEAN)`,
  `CREATE TABLE IF NOT EXISTS lib.base_contradiction (library SMALLINT, entity INTEGER, attribute SMALLINT, value VARCHAR, class SMALLINT,
     rank SMALLINT, day DATE, fact BIGINT, chosen BOOLEAN)`,
  `CREATE TABLE IF NOT EXISTS lib.base_record (library SMALLINT, entity INTEGER, facts INTEGER, sources SMALLINT,
     contradictions SMALLINT, quality DOUBLE, first_run INTEGER, last_run INTEGER)`,
  `CREATE TABLE IF NOT EXISTS lib.base_relation (library SMALLINT, kind VARCHAR, entity INTEGER, to_library SMALLINT, to_entity INTEGER,
     to_code VARCHAR, qualifier VARCHAR, rank SMALLINT, class SMALLINT, fact BIGINT, day DATE)`,
  'CREATE TABLE IF NOT EXISTS lib.base_touched (library SMALLINT, fact BIGINT)',
  'CREATE TABLE IF NOT EXISTS lib.base_seat (library SMALLINT, entity INTEGER, value VARCHAR)',
  'ALTER TABLE lib.base_mention ADD COLUMN IF NOT EXISTS place VARCHAR',
  `CREATE TABLE IF NOT EXISTS lib.base_shape (library SMALLINT, entity INTEGER, wkt VARCHAR, fact BIGINT, min_lon DOUBLE, min_lat DOUBLE,
     max_lon DOUBLE, max_lat DOUBLE, lon DOUBLE, lat DOUBLE, area DOUBLE, length DOUBLE)`,
  'CREATE TABLE IF NOT EXISTS lib.base_shape_touched (library SMALLINT, entity INTEGER)',
  `CREATE TABLE IF NOT EXISTS lib.base_address (text VARCHAR, entity INTEGER, canonical VARCHAR, level VARCHAR, score DOUBLE, candidates INTEGER[])`,
  'CREATE TABLE IF NOT EXISTS lib.base_address_table (library SMALLINT, fingerprint VARCHAR, integration INTEGER)',
  `CREATE OR REPLACE VIEW v.base_shape_v1 AS SELECT library, entity, wkt, fact, min_lon, min_lat, max_lon, max_lat, lon, lat, area, length FROM lib.base_shape`,
  ...areaTables,
  'CREATE OR REPLACE VIEW v.base_library_v1 AS SELECT library, name FROM lib.base_library',
  'CREATE OR REPLACE VIEW v.base_entity_v1 AS SELECT library, entity, "key", fact FROM lib.base_entity',
  `CREATE OR REPLACE VIEW v.base_mention_v1 AS
     SELECT l.library, l.source, m.class, l.fact, m.day, l.entity, l.method, l.candidates, l.closed_run,
       (l.fact >> 32)::INTEGER AS run, (l.fact & 4294967295)::BIGINT AS row
     FROM lib.base_link l JOIN lib.base_mention m ON m.library = l.library AND m.source = l.source AND m.fact = l.fact`,
];

/** Tables that are forgotten before everything is made again; entities keep their numbers. */
export const forgottenTables: readonly string[] = [
  ...[
    'library',
    'mention',
    'link',
    'value',
    'contradiction',
    'record',
    'relation',
    'touched',
    'seat',
    'shape',
    'shape_touched',
    'area',
  ].map((t) => `lib.base_${t}`),
];

/** Column of a view for an attribute, a key or a single relation. */
export const columnOf = (name: string): string => name.replaceAll('-', '_');

/**
 * The view of a library: one row per entity with current facts. Columns: `entity`, `id_token` (citizen-id) or the first key's name,
 * every attribute, the other end of every single relation, of a library with a geometry min_lon, min_lat, max_lon, max_lat, lon, lat, area, length, `facts`, `sources`, `contradictions`, `quality`, `first_run`, `last_run`.
 */
function libraryView(d: LibraryDeclaration): string {
  const key = d.keys[0]!;
  const name = key.form === 'citizen-id' ? 'id_token' : columnOf(key.name);
  const typed = (a: LibraryDeclaration['attributes'][number], x: string) =>
    a.type === 'date'
      ? `try_cast(${x} AS DATE)`
      : a.type === 'integer'
        ? `try_cast(${x} AS BIGINT)`
        : a.type === 'decimal'
          ? `try_cast(${x} AS DECIMAL(18,6))`
          : x;
  const attributes = d.attributes.map(
    (a, i) => `${typed(a, `max(value) FILTER (attribute = ${i + 1})`)} AS ${ident(columnOf(a.name))}`,
  );
  const single = d.relations.filter((r) => r.single && r.to !== 'legal-person');
  const ends = single.map(
    (r) =>
      `LEFT JOIN (SELECT entity, to_entity FROM v.base_relation_v1 WHERE library = ${d.number} AND kind = ${literal(r.kind)} AND chosen) ${ident(`r_${r.kind}`)} ON ${ident(`r_${r.kind}`)}.entity = r.entity`,
  );
  const shaped = d.attributes.some((a) => a.type === 'geometry');
  const shape = shaped
    ? ['min_lon', 'min_lat', 'max_lon', 'max_lat', 'lon', 'lat', 'area', 'length']
        .filter((c) => d.attributes.every((a) => columnOf(a.name) !== c))
        .map((c) => `s.${c}, `)
        .join('')
    : '';
  return `CREATE OR REPLACE VIEW ${ident('v')}.${ident(`${columnOf(d.library)}_v1`)} AS
    SELECT r.entity, e."key" AS ${ident(name)}, ${d.attributes.map((a) => `g.${ident(columnOf(a.name))}`).join(', ')},
      ${single.map((r) => `${ident(`r_${r.kind}`)}.to_entity AS ${ident(columnOf(r.kind))}, `).join('')}${shape}r.facts, r.sources, r.contradictions, r.quality, r.first_run, r.last_run
    FROM lib.base_record r JOIN lib.base_entity e ON e.library = ${d.number} AND e.entity = r.entity
    LEFT JOIN (SELECT entity, ${attributes.join(', ')} FROM lib.base_value WHERE library = ${d.number} GROUP BY entity) g ON g.entity = r.entity
    ${shaped ? `LEFT JOIN lib.base_shape s ON s.library = ${d.number} AND s.entity = r.entity` : ''} ${ends.join(' ')} WHERE r.library = ${d.number}`;
}

/** Statements that create or replace the views of the declared libraries: v.base_relation_v1 and v.<library>_v1. */
export function baseViews(libraries: readonly LibraryDeclaration[]): string[] {
  const single = libraries.flatMap((d) =>
    d.relations.filter((r) => r.single).map((r) => `(${d.number}, ${literal(r.kind)})`),
  );
  const offices = libraries.flatMap((d) =>
    d.relations
      .filter((r) => r.offices)
      .map(
        (
          r,
        ) => `UNION ALL SELECT e.library, ${literal(r.kind)}, e.entity, 0::SMALLINT, o.entity, coalesce(o.position, o.kind), o.class, o.fact, o.valid_from, true
        FROM lib.base_entity e JOIN v.identity_v1 i ON i.norm = e."key" JOIN v.legal_person_relation_v1 o ON o.person_token = i.token
        WHERE e.library = ${d.number}`,
      ),
  );
  // To legal persons: 0. Among relations of which there is one at a time the most trusted, then the latest, is chosen.
  const relations = `CREATE OR REPLACE VIEW v.base_relation_v1 AS
    SELECT r.library, r.kind, r.entity, r.to_library, coalesce(r.to_entity, p.entity) AS to_entity, r.qualifier, r.class, r.fact, r.day,
      ${
        single.length > 0
          ? `CASE WHEN (r.library, r.kind) IN (${single.join(', ')}) THEN row_number() OVER (PARTITION BY r.library, r.kind, r.entity
          ORDER BY r.rank, r.day DESC NULLS LAST, r.fact DESC) = 1 ELSE true END`
          : 'true'
      } AS chosen
    FROM lib.base_relation r LEFT JOIN v.legal_person_v1 p ON p.uscc = r.to_code WHERE r.to_entity IS NOT NULL OR p.entity IS NOT NULL
    ${offices.join(' ')}`;
  return [relations, ...libraries.map(libraryView)];
}
