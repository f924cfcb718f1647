/**
 * What departments write down of people and places. A class is where its rows come from (`rows`: SQL of the day, with a
 * number of the record and who and what it is about) and what each column says. `x_id`, `x_name`, `x_birth`, `x_addr`,
 * `x_lon`, `x_lat` and `x_wkt` are the true values with the row's defects.
 */
import { welfareClasses } from '../economy/people.ts';
import { geographyClasses } from '../geography/classes.ts';
import type { FileKind } from '../model.ts';

/** What a record is about, as SQL: `day` is 1 or 2. Columns: rec, p, h, w, g (any may be NULL), id, name, birth, address, before, division_name, gone and more. */
export type PopulationRows = (day: 1 | 2) => string;

/** A record class of the population. */
export interface PopulationModel {
  /** `<owner>.<resource>`, as the folder under `sources/`. */
  id: string;
  mode: 'changes' | 'snapshot';
  file?: FileKind;
  /** A register numbers people and places itself: numbers are never missing or wrong in it. */
  register?: boolean;
  key: readonly string[];
  rows: PopulationRows;
  /** SQL of each column over the row `x`. */
  columns: Readonly<Record<string, string>>;
}

/** The first day of delivery; a variable of the engine. */
const today = "getvariable('population_today')";
const lives = (day: 1 | 2): string => `lives${day}`;
const died = (day: 1 | 2): string => `died${day}`;
/** People who are there on a day, with where they live. */
const present = (day: 1 | 2): string => (day === 1 ? 'NOT m.arrives' : 'true');
const man = 'm.p, m.h, m.id, m.name, m.birth, m.male, m.phone, m.floating, m.relation, m.number';
const at = (day: 1 | 2): string => `JOIN pop_dwelling w ON w.w = m.${lives(day)} JOIN pop_building g ON g.g = w.g`;
const serialOf = (prefix: string, digits: number): string =>
  `'${prefix}' || lpad(((rec * 7919 + 104729) % 1${'0'.repeat(digits)})::VARCHAR, ${digits}, '0')`;
const sex = "CASE WHEN male THEN '男' ELSE '女' END";
/** A day that belongs to the record. */
const dated = (span: number): string => `(${today} - 1 - (hash(rec * 31 + 7) % ${span})::INTEGER)::VARCHAR`;

const ofPeople: readonly PopulationModel[] = [
  {
    id: 'gaj.floating-population',
    mode: 'changes',
    register: true,
    key: ['lz_id'],
    rows: (
      day,
    ) => `SELECT m.p AS rec, ${man}, w.w, g.g, w.address, w.address AS before, g.division_name, w.standard, e.name AS unit, ${day} AS d
      FROM pop_person m ${at(day)} JOIN ent e ON e.e = coalesce(m.employer, 1) WHERE m.floating AND ${present(day)}`,
    columns: {
      lz_id: serialOf('LZ', 9),
      nm: 'x_name',
      id_no: 'x_id',
      sex,
      birth_dt: 'x_birth',
      origin_div: 'left(id, 6)',
      cur_addr: 'x_addr',
      addr_cd: 'CASE WHEN hash(rec * 3) % 10 < 6 THEN standard END',
      tel_num: 'phone',
      arr_dt: dated(2500),
      stat: "CASE WHEN hash(rec * 5) % 100 < 95 THEN '在住' ELSE '注销' END",
    },
  },
  {
    id: 'gaj.resident-register',
    mode: 'changes',
    register: true,
    key: ['hk_id'],
    rows: (
      day,
    ) => `SELECT m.p AS rec, ${man}, w.w, g.g, w.address, w.address AS before, g.division_name, g.division, w.standard,
        m.${died(day)} IS NOT NULL AS over FROM pop_person m JOIN pop_dwelling w ON w.w = m.registered JOIN pop_building g ON g.g = w.g WHERE NOT m.floating`,
    columns: {
      hk_id: serialOf('HK', 9),
      hh_no: 'number',
      nm: 'x_name',
      id_no: 'x_id',
      sex,
      birth_dt: 'x_birth',
      relation: 'relation',
      hk_addr: 'x_addr',
      division: 'division',
      addr_cd: 'CASE WHEN hash(rec * 3) % 10 < 8 THEN standard END',
      stat: "CASE WHEN over AND NOT k_status THEN '死亡注销' ELSE '正常' END",
      reg_dt: `greatest(birth, ${today} - 1 - (hash(rec * 31 + 7) % 12000)::INTEGER)::VARCHAR`,
    },
  },
  {
    id: 'gaj.standard-address',
    mode: 'snapshot',
    register: true,
    key: ['addr_cd'],
    rows: () => `SELECT g AS rec, NULL::INTEGER AS p, NULL::INTEGER AS h, NULL::INTEGER AS w, g, address, address AS before, division_name, standard, code AS building_code, NULL AS house_code,
        'building' AS level, division, road_name, no, lon, lat, grid FROM pop_building
      UNION ALL SELECT 100000000 + w.w, NULL, NULL, w.w, w.g, w.address, w.address, g.division_name, w.standard, g.code, w.code, 'room', g.division, g.road_name, g.no, g.lon, g.lat, g.grid
      FROM pop_dwelling w JOIN pop_building g USING (g)`,
    columns: {
      addr_cd: 'standard',
      addr_level: "CASE level WHEN 'building' THEN '楼栋' ELSE '户室' END",
      addr: 'x_addr',
      division: 'division',
      road_nm: 'road_name',
      road_no: "no || '号'",
      bld_cd: 'building_code',
      house_cd: 'house_code',
      lon: 'x_lon',
      lat: 'x_lat',
      grid_cd: 'grid',
      upd_dt: dated(900),
    },
  },
  {
    id: 'jyj.pupil',
    mode: 'snapshot',
    key: ['stu_no'],
    rows: (
      day,
    ) => `SELECT m.p AS rec, ${man}, w.w, g.g, w.address, r.address AS before, g.division_name, coalesce(k.name, '') AS guardian, coalesce(k.phone, '') AS guardian_phone, year(m.birth) AS born, m.birth < ${today} - 4565 AS senior
      FROM pop_person m ${at(day)} JOIN pop_dwelling r ON r.w = m.registered LEFT JOIN pop_person k ON k.h = m.h AND k.member = 1 AND k.p <> m.p
      WHERE ${present(day)} AND m.birth BETWEEN ${today} - 5660 AND ${today} - 2375`,
    columns: {
      stu_no: serialOf('G3302', 10),
      nm: 'x_name',
      id_no: 'x_id',
      sex,
      birth_dt: 'x_birth',
      school_nm: "'慈溪市' || division_name || CASE WHEN senior THEN '初级中学' ELSE '中心小学' END",
      grade: "CASE WHEN senior THEN '初中' ELSE '小学' END",
      home_addr: 'x_addr',
      guardian_nm: "nullif(guardian, '')",
      guardian_tel: "nullif(guardian_phone, '')",
      enrol_dt: "(born + CASE WHEN senior THEN 13 ELSE 7 END)::VARCHAR || '-09-01'",
    },
  },
  {
    id: 'mzj.grid-visit',
    mode: 'changes',
    key: ['visit_no'],
    rows: (day) => `SELECT m.p AS rec, ${man}, w.w, g.g, w.address, r.address AS before, g.division_name, g.grid
      FROM pop_person m ${at(day)} JOIN pop_dwelling r ON r.w = m.registered WHERE ${present(day)} AND m.died1 IS NULL AND hash(m.p * 11) % 100 < 22`,
    columns: {
      visit_no: serialOf('ZF', 9),
      grid_cd: 'grid',
      addr: 'x_addr',
      nm: 'x_name',
      id_no: 'CASE WHEN hash(rec * 13) % 10 < 3 THEN x_id END',
      birth_dt: 'CASE WHEN hash(rec * 17) % 10 < 8 THEN x_birth END',
      tel_num: 'phone',
      finding:
        "['正常', '正常', '正常', '独居老人', '租住', '无人在家', '困难家庭'][1 + (hash(rec * 19) % 7)::INTEGER]",
      visit_dt: dated(120),
    },
  },
  {
    id: 'mzj.marriage',
    mode: 'changes',
    key: ['marr_no'],
    rows: (
      day,
    ) => `SELECT m.h AS rec, ${man}, w.w, g.g, w.address, w.address AS before, g.division_name, k.p AS q, k.name AS other_name, k.id AS other_id
      FROM pop_person m ${at(day)} JOIN pop_person k ON k.h = m.h AND k.member = 2 AND k.male <> m.male WHERE m.member = 1 AND ${present(day)}`,
    columns: {
      marr_no: serialOf('J330282', 9),
      man_nm: 'CASE WHEN male THEN x_name ELSE other_name END',
      man_id: 'CASE WHEN male THEN x_id ELSE other_id END',
      woman_nm: 'CASE WHEN male THEN other_name ELSE x_name END',
      woman_id: 'CASE WHEN male THEN other_id ELSE x_id END',
      kind: "CASE WHEN hash(rec * 23) % 10 < 9 THEN '结婚' ELSE '离婚' END",
      reg_dt: "greatest(birth + 7670, DATE '1985-01-01' + (hash(rec * 31 + 7) % 9000)::INTEGER)::VARCHAR",
    },
  },
  {
    id: 'wjj.death',
    mode: 'changes',
    key: ['death_no'],
    rows: (
      day,
    ) => `SELECT m.p AS rec, ${man}, w.w, g.g, w.address, w.address AS before, g.division_name, m.${died(day)} AS died
      FROM pop_person m JOIN pop_dwelling w ON w.w = m.registered JOIN pop_building g ON g.g = w.g WHERE m.${died(day)} IS NOT NULL`,
    columns: {
      death_no: serialOf('SW', 9),
      nm: 'x_name',
      id_no: 'x_id',
      sex,
      birth_dt: 'x_birth',
      addr: 'x_addr',
      death_dt: 'died::VARCHAR',
      cause: "['循环系统疾病', '肿瘤', '呼吸系统疾病', '其他'][1 + (hash(rec * 29) % 4)::INTEGER]",
      report_dt: '(died + 2)::VARCHAR',
    },
  },
  {
    id: 'ybj.insured-person',
    mode: 'changes',
    key: ['ins_no'],
    rows: (
      day,
    ) => `SELECT m.p AS rec, ${man}, w.w, g.g, w.address, r.address AS before, g.division_name, m.employer, e.name AS unit, e.uscc, m.${died(day)} IS NOT NULL AS over
      FROM pop_person m ${at(day)} JOIN pop_dwelling r ON r.w = m.registered JOIN ent e ON e.e = coalesce(m.employer, 1) WHERE ${present(day)} AND hash(m.p * 37) % 100 < 92`,
    columns: {
      ins_no: serialOf('YB', 10),
      nm: 'x_name',
      id_no: 'x_id',
      sex,
      birth_dt: 'x_birth',
      ins_kind: "CASE WHEN employer IS NULL THEN '城乡居民' ELSE '职工' END",
      unit_nm: 'CASE WHEN employer IS NOT NULL THEN unit END',
      uni_social_crd_cd: 'CASE WHEN employer IS NOT NULL THEN uscc END',
      tel_num: 'phone',
      addr: 'x_addr',
      stat: "CASE WHEN over AND NOT k_status THEN '终止' ELSE '正常参保' END",
      start_dt: dated(4000),
    },
  },
  {
    id: 'zjj.building',
    mode: 'snapshot',
    register: true,
    key: ['bld_cd'],
    rows: () =>
      `SELECT g AS rec, NULL::INTEGER AS p, NULL::INTEGER AS h, NULL::INTEGER AS w, g, address, address AS before, division_name, code, division, floors, built, residential, lon, lat, estate, block, grid FROM pop_building`,
    columns: {
      bld_cd: 'code',
      bld_nm: "coalesce(estate || block || '幢', '')",
      addr: 'x_addr',
      division: 'division',
      floors: 'floors::VARCHAR',
      built_year: 'built::VARCHAR',
      use_kind: "CASE WHEN residential THEN '住宅' ELSE '工业商业' END",
      lon: 'x_lon',
      lat: 'x_lat',
      grid_cd: 'grid',
      upd_dt: dated(900),
    },
  },
  {
    id: 'zjj.dwelling',
    mode: 'snapshot',
    register: true,
    key: ['house_cd'],
    rows: () => `SELECT w.w AS rec, NULL::INTEGER AS p, NULL::INTEGER AS h, w.w, w.g, w.address, w.address AS before, g.division_name, w.code, g.code AS building_code, g.division, w.room, w.area
      FROM pop_dwelling w JOIN pop_building g USING (g)`,
    columns: {
      house_cd: 'code',
      bld_cd: 'building_code',
      room_no: 'room::VARCHAR',
      addr: 'x_addr',
      division: 'division',
      area: "area || '.' || lpad((hash(rec * 41) % 100)::VARCHAR, 2, '0')",
      use_kind: "'住宅'",
      upd_dt: dated(900),
    },
  },
  {
    id: 'zrzy.dwelling-ownership',
    mode: 'changes',
    key: ['cert_no'],
    rows: () => `SELECT w.w AS rec, ${man}, w.w, g.g, w.address, w.address AS before, g.division_name, w.area FROM pop_dwelling w
      JOIN pop_building g USING (g) JOIN pop_person m ON m.h = w.h0 AND m.member = 1 WHERE NOT m.floating AND hash(w.w * 43) % 100 < 80`,
    columns: {
      cert_no: serialOf('ZJ', 10),
      owner_nm: 'x_name',
      owner_id: 'x_id',
      addr: 'x_addr',
      area: "area || '.' || lpad((hash(rec * 41) % 100)::VARCHAR, 2, '0')",
      share_kind: "CASE WHEN hash(rec * 47) % 10 < 7 THEN '单独所有' ELSE '共同共有' END",
      reg_dt: dated(5500),
      stat: "'现势'",
    },
  },
  ...welfareClasses,
];

/** Classes of people and places, in the order of their folders. */
export const populationClasses: readonly PopulationModel[] = [...ofPeople, ...geographyClasses].sort((a, b) =>
  a.id < b.id ? -1 : 1,
);
