/**
 * Who and what there is in every area: buildings, dwellings, enterprises, places, and persons by age band and sex, counted along the
 * relations of buildings to other libraries (grid, community, town, road) and up their parents. Counted once after every integration
 * that changed anything; a page reads a few rows. Ages are those on the day of the latest delivery.
 */
import type { LakeStep } from '../../platform/lake/index.ts';
import type { LibraryPlan } from './plan.ts';

/** Lower ends of the age bands. */
export const bands = [0, 7, 18, 35, 60, 80] as const;

/** Tables and views of the counts: `v.area_count_v1` (library, entity, measure: building, dwelling, enterprise, place, person; sex, band, n). */
export const areaTables: readonly string[] = [
  'CREATE TABLE IF NOT EXISTS lib.base_area (library SMALLINT, entity INTEGER, measure VARCHAR, sex VARCHAR, band SMALLINT, n INTEGER)',
  'CREATE OR REPLACE VIEW v.area_count_v1 AS SELECT library, entity, measure, sex, band, n FROM lib.base_area',
];

/** Steps that count everything again; none where there are no buildings. */
export function areaSteps(libraries: readonly LibraryPlan[]): LakeStep[] {
  const named = (name: string) => libraries.find((l) => l.declaration.library === name);
  const [building, dwelling, person, place] = ['building', 'dwelling', 'person', 'place'].map(named);
  if (!building) return [];
  const attribute = (l: LibraryPlan, name: string) => l.declaration.attributes.findIndex((a) => a.name === name) + 1;
  const chosen = (l: LibraryPlan, kinds: string) =>
    `SELECT entity, kind, to_library, to_entity FROM lib.base_relation WHERE library = ${l.number} AND kind IN (${kinds})
       QUALIFY row_number() OVER (PARTITION BY kind, entity ORDER BY rank, "day" DESC NULLS LAST, fact DESC) = 1`;
  const areas = building.declaration.relations.filter((r) => r.single && named(r.to)).map((r) => r.kind);
  if (areas.length === 0) return [];
  const parents = libraries.flatMap((l) =>
    l.declaration.relations.some((r) => r.kind === 'parent' && r.to === l.declaration.library)
      ? [`SELECT ${l.number}::SMALLINT AS library, entity, to_entity FROM (${chosen(l, "'parent'")})`]
      : [],
  );
  const value = (l: LibraryPlan, name: string, alias: string) =>
    `LEFT JOIN lib.base_value ${alias} ON ${alias}.library = ${l.number} AND ${alias}.entity = p.entity AND ${alias}.attribute = ${attribute(l, name)}`;
  const count = (measure: string, from: string, sex = "''", band = '-1') =>
    `SELECT a.library, a.entity, '${measure}', ${sex}, ${band}::SMALLINT, count(*)::INTEGER FROM b_area a ${from} GROUP BY ALL`;
  const counts = [count('building', '')];
  if (dwelling) {
    counts.push(count('dwelling', 'JOIN b_home h ON h.building = a.building'));
    if (person) counts.push(count('person', 'JOIN b_person p ON p.building = a.building', 'p.sex', 'p.band'));
  }
  const enterprise = building.declaration.relations.find((r) => r.to === 'legal-person');
  if (enterprise)
    counts.push(
      count(
        'enterprise',
        `JOIN (SELECT DISTINCT entity, to_entity FROM lib.base_relation WHERE library = ${building.number} AND kind = '${enterprise.kind}' AND to_entity IS NOT NULL) e ON e.entity = a.building`,
      ),
    );
  if (place?.declaration.relations.some((r) => r.kind === 'building'))
    counts.push(
      count(
        'place',
        `JOIN (SELECT entity, to_entity FROM (${chosen(place, "'building'")})) e ON e.to_entity = a.building`,
      ),
    );
  const ages = bands.map((from, i) => `WHEN age < ${bands[i + 1] ?? 999} THEN ${from}`).join(' ');
  return [
    {
      name: 'areas: buildings in them',
      sql: `CREATE OR REPLACE TEMP TABLE b_area AS
        WITH RECURSIVE p AS (${parents.join(' UNION ALL ') || 'SELECT 0::SMALLINT AS library, 0 AS entity, 0 AS to_entity WHERE false'}),
        a AS (SELECT to_library AS library, to_entity AS entity, entity AS building FROM (${chosen(building, areas.map((k) => `'${k}'`).join(', '))})
          UNION SELECT a.library, p.to_entity, a.building FROM a JOIN p ON p.library = a.library AND p.entity = a.entity)
        SELECT a.library, a.entity, a.building FROM a JOIN lib.base_record r ON r.library = ${building.number} AND r.entity = a.building`,
    },
    {
      name: 'areas: homes',
      sql: dwelling
        ? `CREATE OR REPLACE TEMP TABLE b_home AS SELECT h.entity AS dwelling, h.to_entity AS building FROM (${chosen(dwelling, "'building'")}) h
            JOIN lib.base_record r ON r.library = ${dwelling.number} AND r.entity = h.entity`
        : 'SELECT 1',
    },
    {
      name: 'areas: people',
      sql:
        dwelling && person
          ? `CREATE OR REPLACE TEMP TABLE b_person AS SELECT building, sex, CASE WHEN age IS NULL THEN -1 ${ages} END AS band FROM (
              SELECT h.building, coalesce(s.value, '') AS sex, date_sub('year', try_cast(b.value AS DATE), (SELECT max(finished)::DATE FROM v.run_v1)) AS age
              FROM (${chosen(person, "'dwelling'")}) p JOIN b_home h ON h.dwelling = p.to_entity JOIN lib.base_record r ON r.library = ${person.number} AND r.entity = p.entity
              ${value(person, 'sex', 's')} ${value(person, 'birth', 'b')} ${value(person, 'status', 't')} WHERE coalesce(t.value, '') NOT IN ('死亡', '已离开'))`
          : 'SELECT 1',
    },
    {
      name: 'areas: counts',
      sql: `DELETE FROM lib.base_area; INSERT INTO lib.base_area ${counts.join(' UNION ALL ')}`,
    },
  ];
}
