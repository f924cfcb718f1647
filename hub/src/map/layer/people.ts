/**
 * People on the map (人口密度): only as a density of grid cells, never as persons. Cells of fewer than `least` persons are kept back, and
 * with them the smallest other cell of their community wherever the community's total would give them away; what is shown is rounded to
 * tens of persons, so that no difference of two figures tells of one.
 */
import type { LayerDefinition } from './types.ts';

/** The layer; `least`: credit.leastCell of the configuration. */
export function peopleLayer(least: number): LayerDefinition {
  if (!Number.isInteger(least) || least < 1) throw new Error('leastCell must be a whole number');
  const select = `
    WITH counted AS (
      SELECT a.entity, sum(a.n) AS n FROM v.area_count_v1 a JOIN v.base_library_v1 l ON l.library = a.library
      WHERE l.name = 'grid' AND a.measure = 'person' GROUP BY a.entity
    ), cell AS (
      SELECT g.entity, g.name, g.community, g.outline, g.area, coalesce(c.n, 0) AS n FROM v.grid_v1 g LEFT JOIN counted c ON c.entity = g.entity
      WHERE g.outline IS NOT NULL AND g.area > 0
    ), judged AS (
      SELECT *, n > 0 AND n < ${least} AS small,
        row_number() OVER (PARTITION BY community, n >= ${least} ORDER BY n, entity) AS rank,
        count(*) FILTER (n > 0 AND n < ${least}) OVER (PARTITION BY community) AS hidden,
        coalesce(sum(n) FILTER (n > 0 AND n < ${least}) OVER (PARTITION BY community), 0) AS held
      FROM cell
    ), shown AS (
      SELECT *, small OR (n >= ${least} AND rank = 1 AND hidden > 0 AND (hidden < 2 OR held < ${least})) AS back FROM judged
    )
    SELECT entity::VARCHAR AS id, name, CASE WHEN NOT back THEN round(n / 10.0) * 10 END AS persons,
      CASE WHEN NOT back THEN round(round(n / 10.0) * 10 / (area / 1000000.0), -1) END AS density,
      CASE WHEN back THEN '不显示' ELSE '' END AS note, outline AS wkt
    FROM shown`;
  const zh = `网格内人口密度；不足 ${least} 人的网格不显示，人数取整到十位。`;
  const en = `Persons per square kilometre by grid cell; cells of fewer than ${least} are kept back, figures rounded to tens.`;
  return {
    id: 'people-density',
    title: { zh: '人口密度', en: 'Density of people' },
    abstract: { zh, en },
    group: 'people',
    geometry: 'polygon',
    owner: 'gaj',
    fields: [
      { name: 'name', title: { zh: '网格', en: 'Grid cell' }, protection: 'public' },
      {
        name: 'density',
        title: { zh: '人口密度', en: 'Density' },
        type: 'decimal',
        unit: '人/km²',
        protection: 'internal',
      },
      { name: 'persons', title: { zh: '人数（约）', en: 'Persons (about)' }, type: 'integer', protection: 'internal' },
      { name: 'note', title: { zh: '说明', en: 'Note' }, protection: 'public' },
    ],
    label: 'name',
    zooms: { min: 9, max: 22 },
    style: {
      draw: 'fill',
      colour: { steps: 'density', breaks: [100, 500, 2000, 5000, 10000], ramp: 'weft', unit: '人/km²' },
      opacity: 0.6,
    },
    link: '/libraries/grid/{id}',
    source: { select },
  };
}
