/** What departments deliver of the city's geography, each as it would: outlines as WKT or coordinates in columns, in WGS 84, CGCS2000 or GCJ-02. */
import type { PopulationModel } from '../population/classes.ts';

const nobody = 'NULL::INTEGER AS p, NULL::INTEGER AS h, NULL::INTEGER AS w';
const day = "getvariable('population_today')";
const dated = (span: number): string => `(${day} - 1 - (hash(rec * 31 + 7) % ${span})::INTEGER)::VARCHAR`;
const person = (salt: number): string =>
  `['陈', '胡', '沈', '徐', '罗', '岑', '施', '孙', '陆', '叶', '周', '潘'][1 + (hash(rec * ${salt}) % 12)::INTEGER] || ['建国', '丽娜', '海波', '亚萍', '立峰', '杏芬', '建明', '珊珊', '国平', '央儿'][1 + (hash(rec * ${salt} + 1) % 10)::INTEGER]`;

/** Classes of the geography, in the order of their folders. */
export const geographyClasses: readonly PopulationModel[] = [
  {
    id: 'jtj.road',
    mode: 'snapshot',
    register: true,
    key: ['road_cd'],
    rows: () =>
      `SELECT road AS rec, ${nobody}, NULL::INTEGER AS g, '' AS address, '' AS before, division_name, code, name, division, wkt, width FROM geo_road`,
    columns: {
      road_cd: 'code',
      road_nm: 'name',
      division: 'division',
      road_level: "CASE WHEN name LIKE '%大道' THEN '主干路' WHEN width >= 24 THEN '次干路' ELSE '支路' END",
      width: 'width::VARCHAR',
      lanes: '(2 * (width // 12))::VARCHAR',
      geom: 'x_wkt',
      upd_dt: dated(700),
    },
  },
  {
    id: 'mzj.division',
    mode: 'snapshot',
    register: true,
    key: ['div_cd'],
    rows: () =>
      `SELECT n AS rec, ${nobody}, NULL::INTEGER AS g, '' AS address, '' AS before, '' AS division_name, code, name, level, parent FROM geo_division`,
    columns: {
      div_cd: 'code',
      div_nm: 'name',
      div_level: 'level',
      parent_cd: 'parent',
      kind: "CASE WHEN level <> '村级' THEN level WHEN name LIKE '%村' THEN '行政村' ELSE '社区' END",
      head_nm: `CASE WHEN level = '村级' THEN ${person(61)} END`,
      upd_dt: dated(900),
    },
  },
  {
    id: 'slj.water',
    mode: 'snapshot',
    register: true,
    key: ['water_cd'],
    rows: () =>
      `SELECT n AS rec, ${nobody}, NULL::INTEGER AS g, '' AS address, '' AS before, '' AS division_name, code, name, kind, division, wkt, width FROM geo_water`,
    columns: {
      water_cd: 'code',
      water_nm: 'name',
      kind: 'kind',
      division: 'division',
      width: 'width',
      quality: "['Ⅱ类', 'Ⅲ类', 'Ⅲ类', 'Ⅳ类'][1 + (hash(rec * 67) % 4)::INTEGER]",
      chief_nm: person(71),
      geom: 'x_wkt',
      upd_dt: dated(500),
    },
  },
  {
    id: 'zhzf.grid',
    mode: 'changes',
    register: true,
    key: ['grid_cd'],
    rows: () =>
      `SELECT grid AS rec, ${nobody}, NULL::INTEGER AS g, '' AS address, '' AS before, '' AS division_name, code, name, community, division, gcj AS wkt FROM geo_grid`,
    columns: {
      grid_cd: 'code',
      grid_nm: 'name',
      comm_cd: 'community',
      division: 'division',
      worker_nm: person(73),
      worker_tel: "'138' || lpad((hash(rec * 79) % 100000000)::VARCHAR, 8, '0')",
      geom: 'x_wkt',
      upd_dt: dated(300),
    },
  },
  {
    id: 'zrzy.division-boundary',
    mode: 'snapshot',
    register: true,
    key: ['div_cd'],
    rows: () =>
      `SELECT n AS rec, ${nobody}, NULL::INTEGER AS g, '' AS address, '' AS before, '' AS division_name, code, name, level, wkt FROM geo_division`,
    columns: {
      div_cd: 'code',
      div_nm: 'name',
      div_level: 'level',
      geom: 'x_wkt',
      survey_dt: dated(1500),
    },
  },
  {
    id: 'zrzy.place-name',
    mode: 'snapshot',
    key: ['place_cd'],
    rows: () =>
      `SELECT n AS rec, ${nobody}, g, address, address AS before, division_name, code, name, kind, division, gcj.x AS lon, gcj.y AS lat FROM geo_place`,
    columns: {
      place_cd: 'code',
      place_nm: 'name',
      kind: 'kind',
      division: 'division',
      addr: 'x_addr',
      lon: 'x_lon',
      lat: 'x_lat',
      upd_dt: dated(1200),
    },
  },
];
