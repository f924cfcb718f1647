/**
 * Synthetic persons of a Chinese city with known truth, made by SQL from a seed. Every person has one record; 30 % have a second and a third. A further
 * record repeats the person with errors: 5 % in the name (a homophone, a character lost or another one), 10 % no or a wrong identity number, 8 % a
 * wrong birth date (a digit, day and month swapped), 20 % another address, 25 % another telephone; the first record has the same rates of
 * missing and wrong values but for address and telephone, which are what others differ from.
 */
import type { Engine } from '../../packages/linkage/src/index.ts';

const SURNAMES =
  '王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤';
const GIVEN =
  '伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红梅建国文志海波宇浩然子轩梓涵欣怡雨晨思远佳慧琳俊峰鹏飞雪婷晓东春燕凤琴淑珍福生金龙永康立新宏伟少卿家豪一诺若曦景行书瑶嘉懿可馨沐宸博雅清妍正阳瑞祥忠良德胜光辉荣庆利民友谊保全长安月娥翠莲素贞小红大海天佑如意';
/** Characters that sound alike, for errors of hearing. */
const ALIKE = [
  '伟玮维',
  '静敬靖',
  '丽莉利',
  '军俊君',
  '艳燕彦',
  '娟涓鹃',
  '明鸣铭',
  '华桦骅',
  '玉钰裕',
  '红宏鸿',
  '志智治',
  '宇羽雨',
  '欣新馨',
  '慧惠卉',
  '琳霖林',
  '峰锋丰',
  '建健剑',
  '文雯闻',
  '子紫梓',
  '涵含函',
];
const ROADS =
  '人民中山解放建设和平胜利新华文化北京上海环城滨江学院教场青年团圈三北寺山浒山白沙古塘宗汉坎墩掌起龙山观海卫周巷逍林胜山新浦桥头匡堰附海崇寿天元长河庵东';

const pick = (chars: string, by: string) => `substr('${chars}', 1 + CAST(${by} % ${[...chars].length} AS INTEGER), 1)`;
/** Skewed choice: small numbers are likelier, as surnames are. */
const skewed = (chars: string, u: string) =>
  `substr('${chars}', 1 + CAST(floor(power(${u}, 2.2) * ${[...chars].length}) AS INTEGER), 1)`;

/** Makes `persons(id, person, name, sex, idno, birth, address, phone)` of so many persons. */
export async function makePersons(engine: Engine, table: string, persons: number, seed: number): Promise<void> {
  // One text is hashed: engines combine the hashes of several values so simply that their figures hang together.
  const h = (...parts: string[]) => `(hash(concat_ws('|', ${seed}, ${parts.join(', ')})) >> 1)::BIGINT`;
  const u = (...parts: string[]) => `((hash(concat_ws('|', ${seed}, ${parts.join(', ')})) >> 11) / 9007199254740992.0)`;
  const road = [...ROADS];
  const roads = road.filter((_, i) => i % 2 === 0).map((c, i) => `${c}${road[2 * i + 1] ?? ''}`);
  await engine.run(`CREATE OR REPLACE TABLE ${table}_truth AS
    SELECT p, sex, surname || g1 || CASE WHEN ${u('p', "'two'")} < 0.82 THEN g2 ELSE '' END AS name, birth, town, phone, address,
      '3302' || lpad(CAST(1 + ${h('p', "'county'")} % 12 AS VARCHAR), 2, '0') || strftime(birth, '%Y%m%d') || lpad(CAST(2 * (${h('p', "'serial'")} % 500) + CASE WHEN sex = '男' THEN 1 ELSE 0 END AS VARCHAR), 3, '0') AS id17, id17 || substr('10X98765432', 1 + (${[7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2].map((w, i) => `${w} * CAST(substr(id17, ${i + 1}, 1) AS INTEGER)`).join(' + ')}) % 11, 1) AS idno
    FROM (SELECT i AS p, CASE WHEN ${u('i', "'sex'")} < 0.5 THEN '男' ELSE '女' END AS sex, ${skewed(SURNAMES, u('i', "'s'"))} AS surname,
      ${skewed(GIVEN, u('i', "'g1'"))} AS g1, ${skewed(GIVEN, u('i', "'g2'"))} AS g2,
      DATE '1935-01-01' + CAST(floor(${u('i', "'birth'")} * 31000) AS INTEGER) AS birth, '' AS town,
      '1' || substr('3578', 1 + CAST(${h('i', "'op'")} % 4 AS INTEGER), 1) || lpad(CAST(${h('i', "'phone'")} % 1000000000 AS VARCHAR), 9, '0') AS phone,
      ${addressSql(h, 'i', "'home'", roads)} AS address
      FROM range(${persons}) AS t(i))`);
  const alikeFrom = ALIKE.map((g) => g[0]!).join('');
  const alikeTo = ALIKE.map((g) => g[1]!).join('');
  const digitError = (text: string, at: string, by: string) =>
    `substr(${text}, 1, CAST(${at} AS INTEGER) - 1) || CAST((CAST(CASE WHEN substr(${text}, CAST(${at} AS INTEGER), 1) = 'X' THEN '7' ELSE substr(${text}, CAST(${at} AS INTEGER), 1) END AS INTEGER) + 1 + ${by} % 9) % 10 AS VARCHAR) || substr(${text}, CAST(${at} AS INTEGER) + 1)`;
  const r = (what: string) => u('p', 'k', `'${what}'`);
  const n = (what: string) => h('p', 'k', `'${what}'`);
  await engine.run(`CREATE OR REPLACE TABLE ${table} AS
    SELECT 'r' || lpad(CAST(${h('p', 'k', "'id'")} % 100000000000 AS VARCHAR), 11, '0') || '-' || CAST(p * 3 + k AS VARCHAR) AS id, p AS person,
      CASE WHEN ${r('name')} >= 0.05 THEN name
        WHEN translate(name, '${alikeFrom}', '${alikeTo}') <> name AND ${r('name kind')} < 0.6 THEN translate(name, '${alikeFrom}', '${alikeTo}')
        WHEN length(name) = 3 AND ${r('name kind')} < 0.75 THEN substr(name, 1, 2)
        ELSE substr(name, 1, length(name) - 1) || ${pick(GIVEN, n('other'))} END AS name,
      sex,
      CASE WHEN ${r('id')} >= 0.10 THEN idno WHEN ${r('id kind')} < 0.6 THEN NULL ELSE ${digitError('idno', `7 + ${n('id at')} % 11`, n('id by'))} END AS idno,
      CASE WHEN ${r('birth')} >= 0.08 THEN strftime(birth, '%Y-%m-%d')
        WHEN ${r('birth kind')} < 0.3 AND day(birth) <= 12 THEN strftime(birth, '%Y-%d-%m')
        WHEN ${r('birth kind')} < 0.7 THEN strftime(birth + CAST(1 + ${n('days')} % 28 AS INTEGER), '%Y-%m-%d')
        ELSE strftime(birth + INTERVAL 1 YEAR * (1 + CAST(${n('years')} % 9 AS INTEGER)), '%Y-%m-%d') END AS birth,
      CASE WHEN k > 0 AND ${r('moved')} < 0.20 THEN ${addressSql(h, 'p', 'k', roads)} ELSE address END AS address,
      CASE WHEN k > 0 AND ${r('phone')} < 0.25 THEN '1' || substr('3578', 1 + CAST(${n('op')} % 4 AS INTEGER), 1) || lpad(CAST(${n('number')} % 1000000000 AS VARCHAR), 9, '0') ELSE phone END AS phone
    FROM (SELECT * FROM ${table}_truth, range(3) AS t(k)) WHERE k = 0 OR ${u('p', "'more'")} < 0.30`);
  await engine.run(`DROP TABLE ${table}_truth`);
}

function addressSql(h: (...parts: string[]) => string, a: string, b: string, roads: readonly string[]): string {
  const road = `CASE CAST(${h(a, b, "'road'")} % ${roads.length} AS INTEGER) ${roads.map((x, i) => `WHEN ${i} THEN '${x}'`).join(' ')} END`;
  return `'慈溪市' || ${road} || substr('东西南北中', 1 + CAST(${h(a, b, "'side'")} % 5 AS INTEGER), 1) || '路' || CAST(1 + ${h(a, b, "'no'")} % 400 AS VARCHAR) || '号' || CAST(1 + ${h(a, b, "'building'")} % 30 AS VARCHAR) || '幢' || CAST(101 + 100 * (${h(a, b, "'floor'")} % 6) + ${h(a, b, "'door'")} % 4 AS VARCHAR) || '室'`;
}

/** The model: what the columns are, nothing else. */
export const personsModel = (table: string) => ({
  id: 'id',
  tables: [{ name: 'persons', relation: table }],
  columns: {
    name: { kind: 'name', chinese: true },
    sex: 'category',
    idno: 'code',
    birth: 'date',
    address: { kind: 'address', chinese: true },
    phone: 'phone',
  },
});

/** The naive baseline: one person where identity numbers agree, else where name and birth date agree. Pairs found, right and true. */
export async function naive(
  engine: Engine,
  table: string,
): Promise<{ precision: number; recall: number; f1: number; seconds: number }> {
  const start = performance.now();
  const row = (
    await engine.rows<{ found: number; right: number; all: number }>(`WITH pairs AS (
      SELECT a.id AS l, b.id AS r, a.person = b.person AS ok FROM ${table} AS a JOIN ${table} AS b ON a.idno = b.idno AND a.id < b.id
      UNION SELECT a.id, b.id, a.person = b.person FROM ${table} AS a JOIN ${table} AS b ON a.name = b.name AND a.birth = b.birth AND a.id < b.id)
      SELECT (SELECT count(*) FROM pairs) AS found, (SELECT count(*) FROM pairs WHERE ok) AS "right", (SELECT sum(n * (n - 1) / 2) FROM (SELECT count(*) AS n FROM ${table} GROUP BY person)) AS "all"`)
  )[0]!;
  return {
    precision: row.right / row.found,
    recall: row.right / row.all,
    f1: (2 * row.right) / (row.found + row.all),
    seconds: (performance.now() - start) / 1000,
  };
}
