/** For tests: a small city of people and places at random, and what a reader could tell two of its libraries apart by. */
import { citizenId } from '@jingwei/codes';
import fc from 'fast-check';
import { ManualClock } from '../../platform/clock.ts';
import type { Lake } from '../../platform/lake/index.ts';
import type { TestRun } from '../../refinery/testing.ts';
import { codeOf, market } from '../fixture.ts';
import { declared, openBase, seal, tokenOf } from './testing.ts';

const all = await declared();
// Of the libraries those that these days feed or that their relations lead to: one without a row is the same however it is made.
const fed = new Set(['person', 'household', 'building', 'dwelling', 'division', 'grid', 'road']);
export const of = { ...all, libraries: all.libraries.filter((l) => fed.has(l.declaration.library)) };
const source = (id: string) => of.sources.find((s) => s.declaration.id === id)!;
export const residents = source('gaj.resident-register');
const floating = source('gaj.floating-population');
export const insured = source('ybj.insured-person');
export const visits = source('mzj.grid-visit');
export const deaths = source('wjj.death');
const dwellings = source('zjj.dwelling');
const addresses = source('gaj.standard-address');
const marriages = source('mzj.marriage');
const buildings = source('zjj.building');
export const used = [market, ...of.sources.filter((s) => s.declaration.id !== market.declaration.id)];

/** Everything that a reader could tell two libraries apart by; entities by their key, since numbers follow arrival. */
export async function library(lake: Lake): Promise<unknown> {
  const who = (alias: string, entity: string, of: string) =>
    `LEFT JOIN lib.base_entity ${alias} ON ${alias}.library = ${of} AND ${alias}.entity = ${entity}`;
  const by = (sql: string) => lake.query(sql);
  const legal = '(SELECT entity, coalesce(uscc, key) AS who FROM rf.entity)';
  // A legal person's record is mentioned under a number that follows arrival.
  const fact = (t: string) =>
    `CASE WHEN ${t}.fact < 0 THEN (SELECT who FROM ${legal} w WHERE w.entity = -${t}.fact) ELSE ${t}.fact::VARCHAR END`;
  return {
    links: await by(
      `SELECT l.library, l.source, ${fact('l')} AS fact, e."key" AS who, l.method, l.closed_run,
         (SELECT list(c."key" ORDER BY c."key") FROM lib.base_entity c WHERE c.library = l.library AND list_contains(l.candidates, c.entity)) AS candidates
       FROM lib.base_link l ${who('e', 'l.entity', 'l.library')} ORDER BY ALL`,
    ),
    values: await by(
      `SELECT v.library, e."key" AS who, v.attribute, v.value, v.class, v.fact::VARCHAR AS fact, v.disputed FROM lib.base_value v ${who('e', 'v.entity', 'v.library')} ORDER BY ALL`,
    ),
    contradictions: await by(
      `SELECT v.library, e."key" AS who, v.* EXCLUDE (library, entity, fact), v.fact::VARCHAR AS fact FROM lib.base_contradiction v ${who('e', 'v.entity', 'v.library')} ORDER BY ALL`,
    ),
    records: await by(
      `SELECT r.library, e."key" AS who, r.* EXCLUDE (library, entity) FROM lib.base_record r ${who('e', 'r.entity', 'r.library')} ORDER BY ALL`,
    ),
    relations: await by(
      `SELECT r.library, r.kind, e."key" AS who, t."key" AS other, r.to_library, r.to_code, r.qualifier, r.class, ${fact('r')} AS fact FROM lib.base_relation r
       ${who('e', 'r.entity', 'r.library')} ${who('t', 'r.to_entity', 'r.to_library')} ORDER BY ALL`,
    ),
    shapes: await by(
      `SELECT s.library, e."key" AS who, s.* EXCLUDE (library, entity) FROM lib.base_shape s ${who('e', 's.entity', 's.library')} ORDER BY ALL`,
    ),
    areas: await by(
      `SELECT a.library, e."key" AS who, a.* EXCLUDE (library, entity) FROM lib.base_area a ${who('e', 'a.entity', 'a.library')} ORDER BY ALL`,
    ),
  };
}

export const numbers = [1, 2, 3, 4].map((n) => citizenId.generate(n));
export const odd = [
  ...numbers,
  `${numbers[0]!.slice(0, 6)}${numbers[0]!.slice(8, 17)}`,
  `${numbers[1]!.slice(0, 16)}XX`,
  '330282199001011234',
];
const id = (kept: readonly string[]) =>
  fc.option(fc.constantFrom(...kept.map((n) => tokenOf('citizen-id', n))), { nil: null, freq: 4 });
const nm = fc.constantFrom('张三', '李四', '王五');
const birth = fc.constantFrom('1990-01-01', '1985-05-05', '19900101', '20210231');
const sex = fc.constantFrom('男', '女', null);
const room = fc.constantFrom(
  '慈溪市浒山街道新城路1号金色家园1幢101室',
  '浒山街道新城路１号金色家园１号楼101',
  '慈溪市周巷镇新城路1号金色家园1幢101室',
  '新城路1号1栋101室',
  '慈溪市周巷镇开发路2号201室',
  '浒山新城路1号金色家园一号楼101',
  '慈溪市周巷镇开发路2-201（请电话联系）',
  null,
);
const op = fc.constantFrom('I', 'U', 'U', 'D');
const standard = fc.constantFrom('DZ1', 'DZ2', 'DZ3', null);

const resident = fc.record({
  hk_id: fc.constantFrom('H1', 'H2', 'H3', 'H4'),
  hh_no: fc.constantFrom('F1', 'F2', null),
  nm,
  id_no: id(numbers),
  sex,
  birth_dt: birth,
  relation: fc.constantFrom('户主', '配偶'),
  hk_addr: room,
  addr_cd: standard,
  stat: fc.constantFrom('正常', '死亡注销'),
  reg_dt: fc.constantFrom('2010-01-01', '2020-01-01', null),
  _op: op,
});
const stranger = fc.record({
  lz_id: fc.constantFrom('L1', 'L2'),
  nm,
  id_no: id(numbers),
  sex,
  birth_dt: birth,
  cur_addr: room,
  stat: fc.constant('在住'),
  _op: op,
});
const person = fc.record({
  ins_no: fc.constantFrom('Y1', 'Y2', 'Y3'),
  nm,
  id_no: id(odd),
  sex,
  birth_dt: birth,
  addr: room,
  uni_social_crd_cd: fc.constantFrom(codeOf(1), codeOf(2), null),
  start_dt: fc.constantFrom('2015-01-01', '2016-01-01'),
  _op: op,
});
const visit = fc.record({
  visit_no: fc.constantFrom('V1', 'V2', 'V3'),
  nm,
  id_no: id(odd),
  birth_dt: fc.option(birth, { nil: null }),
  addr: room,
  visit_dt: fc.constantFrom('2026-01-01', '2026-02-02'),
  _op: op,
});
const death = fc.record({
  death_no: fc.constantFrom('T1', 'T2'),
  nm,
  id_no: id(odd),
  birth_dt: birth,
  addr: room,
  death_dt: fc.constant('2025-12-01'),
  _op: op,
});
const couple = fc.record({
  marr_no: fc.constantFrom('J1', 'J2'),
  man_nm: nm,
  man_id: id(odd),
  woman_nm: nm,
  woman_id: id(numbers),
  kind: fc.constantFrom('结婚', '离婚'),
  _op: op,
});
const flat = fc.record({
  house_cd: fc.constantFrom('W1', 'W2', 'W3'),
  bld_cd: fc.constantFrom('B1', 'B2'),
  addr: room,
  area: fc.constantFrom('90', '91.5', 'x'),
  upd_dt: fc.constant('2020-01-01'),
});
const block = fc.record({
  bld_cd: fc.constantFrom('B1', 'B2', 'B3'),
  addr: fc.constantFrom('慈溪市浒山街道新城路1号金色家园1幢', '慈溪市周巷镇开发路2号', '慈溪市浒山街道新城路1号'),
  floors: fc.constantFrom('3', '6'),
  ...{ lon: fc.constantFrom('121.2', '30.1', null), lat: fc.constantFrom('30.1', '121.2') },
});
const place = fc.record({
  addr_cd: fc.constantFrom('DZ1', 'DZ2', 'DZ3'),
  addr_level: fc.constantFrom('户室', '楼栋'),
  addr: room,
  bld_cd: fc.constantFrom('B1', 'B2'),
  house_cd: fc.constantFrom('W1', 'W2', null),
  upd_dt: fc.constantFrom('2020-01-01', '2021-01-01'),
});
const firm = fc.record({
  id: fc.constantFrom('M1', 'M2'),
  code: fc.constantFrom(codeOf(1), codeOf(2)),
  name: fc.constantFrom('慈溪市宏达电器有限公司', '慈溪市公牛塑料制品有限公司'),
  addr: fc.constantFrom('慈溪市浒山街道新城路1号3楼', '慈溪市周巷镇开发路2号', '周巷开发路二号', null),
  est: fc.constant('2010-01-01'),
  _op: op,
});
const rows = <T>(row: fc.Arbitrary<T>, most = 4) => fc.array(row, { minLength: 0, maxLength: most });
export const day = fc.tuple(
  rows(resident),
  rows(stranger, 2),
  rows(person),
  rows(visit),
  rows(death, 2),
  rows(flat),
  rows(place),
  rows(couple, 2),
  rows(block, 3),
  rows(firm, 2),
);
export const order = [residents, floating, insured, visits, deaths, dwellings, addresses, marriages, buildings, market];
export const runsOf = (d: readonly unknown[][], first: number): TestRun[] =>
  order.map((s, i) => ({ run: first + i, source: s, rows: d[i] as Record<string, string | null>[] }) as TestRun);

export const options = (more = {}) => ({
  clock: new ManualClock('2026-02-01T00:00:00Z'),
  declarations: async () => used,
  base: of.libraries,
  ...more,
});
export const open = async (path?: string) => {
  const lake = await openBase(of, path);
  await seal(lake, 'citizen-id', odd);
  return lake;
};
