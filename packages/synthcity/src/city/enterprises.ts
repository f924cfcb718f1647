/** Enterprises, social organisations and public institutions, with everything that is true of them. */
import type { Step } from '../engine.ts';
import { hashOf, list, permuted, pickOf, saltOf, text, weighted } from '../sql.ts';
import { tradeCharacters } from '../vocabulary/names.ts';
import { cityCode, cityName } from '../vocabulary/places.ts';
import { bodies, trades } from '../vocabulary/trades.ts';
import { population } from './people.ts';

/** How the enterprises of a city are divided. Indexes: market entities, social bodies, institutions, newcomers of day two, outsiders. */
export interface Census {
  market: number;
  social: number;
  institutions: number;
  /** 1 … enterprises are the city's on day one. */
  enterprises: number;
  /** Entities founded on day two; their indexes follow. */
  newcomers: number;
  /** Entities of other cities, which departments write down too; their indexes follow. */
  outsiders: number;
  total: number;
}

/** Divides a number of enterprises. */
export function census(enterprises: number): Census {
  const social = Math.max(3, Math.round(enterprises * 0.022));
  const institutions = Math.max(2, Math.round(enterprises * 0.006));
  const newcomers = Math.ceil(enterprises * 0.006) + 4;
  const outsiders = Math.max(20, Math.round(enterprises * 0.02));
  return {
    market: enterprises - social - institutions,
    social,
    institutions,
    enterprises,
    newcomers,
    outsiders,
    total: enterprises + newcomers + outsiders,
  };
}

const limited = ['有限公司', '有限公司', '有限公司', '有限公司', '有限公司', '有限公司', '有限责任公司'];
/** Kinds of market entity: code, text, code prefix, weight in a thousand. */
const kinds: readonly (readonly [string, string, string, number])[] = [
  ['individual', '个体工商户', '92', 480],
  ['company', '有限责任公司(自然人投资或控股)', '91', 290],
  ['company', '有限责任公司(自然人独资)', '91', 95],
  ['company', '有限责任公司(法人独资)', '91', 20],
  ['stock', '股份有限公司(非上市)', '91', 5],
  ['foreign', '有限责任公司(港澳台投资、非独资)', '91', 6],
  ['foreign', '有限责任公司(外国法人独资)', '91', 4],
  ['sole', '个人独资企业', '91', 45],
  ['partnership', '普通合伙企业', '91', 12],
  ['collective', '股份合作制', '91', 9],
  ['branch', '有限责任公司分公司', '91', 22],
  ['coop', '农民专业合作社', '93', 12],
];
const outsideCities = ['余姚市', '宁波市镇海区', '宁波市北仑区', '绍兴市上虞区', '上海市', '杭州市'];
const outsideCodes = ['330281', '330211', '330206', '330604', '310115', '330109'];

/** Steps that make enterprise (`ent`), former names, holders, officers and branches. */
export function enterpriseSteps(seed: number | string, enterprises: number, today: string): Step[] {
  const n = census(enterprises);
  const size = population(enterprises);
  const salt = saltOf(seed, 'enterprise');
  const h = (column: number): string => hashOf('e', salt, column);
  const chars = list(tradeCharacters);
  const char = (hash: string): string => `${chars}[1 + (${hash} % ${tradeCharacters.length})::INTEGER]`;
  const kindIndex = weighted(kinds.map(([, , , w], i) => [i + 1, w / 1] as const));
  const companyTrades = weighted(trades.map(([, , , , , w], i) => [i + 1, w] as const));
  const individualTrades = weighted(trades.map(([, , , , , , w], i) => [i + 1, w] as const));
  const farmTrades = trades.flatMap(([s], i) => (s === 'farm' ? [i + 1] : []));
  const form = (
    c: number,
  ): string => `CASE kind WHEN 'company' THEN ${pickOf(limited, h(c))} WHEN 'stock' THEN '股份有限公司' WHEN 'foreign' THEN '有限公司'
    WHEN 'sole' THEN CASE sector WHEN 'factory' THEN '厂' ELSE '经营部' END WHEN 'partnership' THEN CASE sector WHEN 'factory' THEN '厂（普通合伙）' ELSE '商行（普通合伙）' END
    WHEN 'collective' THEN CASE sector WHEN 'factory' THEN '厂' ELSE '服务部' END WHEN 'coop' THEN '专业合作社' WHEN 'branch' THEN '有限公司'
    WHEN 'individual' THEN CASE sector WHEN 'factory' THEN ${pickOf(['厂', '加工厂', '加工场'], h(c))} ELSE '' END ELSE '' END`;
  const market = `e <= ${n.market} OR e > ${n.enterprises}`;
  const building = (c: number): string => `1 + ${h(c)} % ${size.buildings}`;
  const prefix = `CASE WHEN ${h(21)} % 100 < 55 THEN '浙江省慈溪市' WHEN ${h(21)} % 100 < 85 THEN '慈溪市' ELSE '浙江省宁波市慈溪市' END`;
  const room = (c: number): string =>
    `CASE WHEN ${h(c)} % 10 < 4 THEN '' WHEN ${h(c)} % 10 < 7 THEN (1 + ${h(c + 1)} % 6)::VARCHAR || '楼' ELSE (101 + (${h(c + 1)} % 9)::INTEGER * 100 + (${h(c + 2)} % 20)::INTEGER)::VARCHAR || '室' END`;
  const steps: Step[] = [
    {
      name: 'trades',
      sql: `CREATE TABLE trade AS SELECT * FROM (VALUES ${trades
        .map(([s, c, i, w, scope], k) => `(${k + 1}, ${text(s)}, ${text(c)}, ${text(i)}, ${text(w)}, ${text(scope)})`)
        .join(', ')}, ${bodies
        .map(
          ([s, k, w, scope, c, i], x) =>
            `(${trades.length + x + 1}, ${text(s)}, ${text(c)}, ${text(i)}, ${text(w)}, ${text(scope)})/* ${k} */`,
        )
        .join(', ')}) AS t(trade, sector, industry, industry_name, word, scope)`,
    },
    {
      name: 'kinds',
      sql: `CREATE TABLE kind AS SELECT * FROM (VALUES ${kinds
        .map(([k, t, p], i) => `(${i + 1}, ${text(k)}, ${text(t)}, ${text(p)})`)
        .join(', ')}, ${bodies
        .map(
          ([s, t], i) =>
            `(${kinds.length + i + 1}, ${text(s)}, ${text(t)}, ${text(s === 'institution' ? '12' : t === '社会团体' ? '51' : t === '基金会' ? '53' : '52')})`,
        )
        .join(', ')}) AS t(kind_no, kind, kind_text, prefix)`,
    },
    {
      name: 'enterprises: what they are',
      sql: `CREATE TABLE ent1 AS
        WITH a AS (SELECT range AS e FROM range(1, ${n.total + 1})),
        b AS (SELECT e, CASE WHEN ${market} THEN ${pickOf(kindIndex, h(1))}
            WHEN e <= ${n.market + n.social} THEN ${kinds.length} + 1 + (${h(1)} % 7)::INTEGER ELSE ${kinds.length} + 8 + (${h(1)} % 5)::INTEGER END AS kind_no FROM a),
        c AS (SELECT b.*, k.kind, k.kind_text, k.prefix FROM b JOIN kind k USING (kind_no)),
        d AS (SELECT *, CASE kind WHEN 'individual' THEN ${pickOf(individualTrades, h(2))} WHEN 'coop' THEN ${pickOf(farmTrades, h(2))}
            WHEN 'social' THEN ${trades.length - kinds.length} + kind_no WHEN 'institution' THEN ${trades.length - kinds.length} + kind_no ELSE ${pickOf(companyTrades, h(2))} END AS trade FROM c)
        SELECT d.e::INTEGER AS e, kind, kind_text, prefix, d.trade, t.sector, t.industry, t.industry_name, t.word, t.scope, g.division, g.division_name,
          regexp_replace(g.division_name, '(街道|镇|经济开发区|高新技术产业园区|创新中心|农业开发区|商贸园区)$', '') AS town,
          ${prefix} || g.place || ${room(22)} AS address,
          CASE WHEN e > ${n.enterprises} AND e <= ${n.enterprises + n.newcomers} THEN DATE ${text(today)} + 1 ELSE DATE ${text(today)} - (1 + (pow(${h(3)} % 10000 / 10000.0, 2) * CASE WHEN kind = 'individual' THEN 7300 ELSE 12400 END)::INTEGER) END AS established,
          CASE WHEN kind = 'individual' THEN 1 ELSE 2 END * greatest(1, (1 / (${h(4)} % 10000 / 10000.0 + 0.012))::INTEGER) AS scale,
          CASE WHEN e > ${n.enterprises} THEN '存续' WHEN ${h(5)} % 1000 < 150 THEN '注销' WHEN ${h(5)} % 1000 < 190 THEN '吊销' ELSE '存续' END AS status
        FROM d JOIN trade t ON t.trade = d.trade JOIN building g ON g.b = ${building(6)} ORDER BY e`,
    },
    {
      name: 'enterprises: names',
      sql: `CREATE TABLE naming AS
        SELECT e, CASE WHEN e > ${n.enterprises + n.newcomers} THEN ${pickOf(outsideCities, h(30))}
            WHEN kind IN ('social', 'institution') THEN ${text(cityName)} || town WHEN kind = 'individual' THEN ${text(cityName)} || town
            WHEN ${h(7)} % 100 < 72 THEN ${text(cityName)} WHEN ${h(7)} % 100 < 82 THEN '宁波' WHEN ${h(7)} % 100 < 88 THEN '浙江' WHEN ${h(7)} % 100 < 94 THEN '慈溪' ELSE '' END AS pre,
          ${char(h(8))} || ${char(h(9))} || CASE WHEN ${h(10)} % 100 < 45 THEN ${char(h(11))} ELSE '' END AS trade_name,
          word || CASE WHEN kind <> 'individual' AND kind NOT IN ('social', 'institution') AND ${h(7)} % 100 >= 94 THEN '（慈溪）' ELSE '' END || ${form(12)} AS post
        FROM ent1 ORDER BY e`,
    },
  ];
  for (const pass of [1, 2]) {
    // A register refuses a name that is taken: the later one adds a character.
    steps.push({
      name: 'enterprises: names are taken once',
      sql: `CREATE OR REPLACE TABLE naming AS
        SELECT e, pre, CASE WHEN rn > 1 THEN trade_name || ${chars}[1 + ((rn * 7 + ${h(12 + pass)} % 89) % ${tradeCharacters.length})::INTEGER] ELSE trade_name END AS trade_name, post
        FROM (SELECT *, row_number() OVER (PARTITION BY pre || trade_name || post ORDER BY e) AS rn FROM naming) ORDER BY e`,
    });
  }
  const [adults, firms] = ["getvariable('adults')", "getvariable('firms')"];
  const people = (c: number, alias: string): string =>
    `JOIN adult ${alias}k ON ${alias}k.k = 1 + CASE WHEN ${h(c)} % 100 < 25 THEN ${h(c + 1)} % greatest(1, ${adults} // 20) ELSE ${h(c + 1)} % ${adults} END JOIN person ${alias} ON ${alias}.p = ${alias}k.p`;
  steps.push(
    {
      name: 'enterprises: what is registered',
      sql: `CREATE TABLE ent2 AS
        WITH x AS (SELECT e1.*, pre, trade_name, post, pre || trade_name || post AS name,
            CASE WHEN status = '存续' THEN NULL ELSE established + 1 + ((${h(15)} % 10000) * (DATE ${text(today)} - established) // 10001)::INTEGER END AS closed,
            CASE WHEN kind = 'individual' THEN ${pickOf([1, 2, 3, 5, 5, 10, 20], h(16))} WHEN kind IN ('social', 'institution') THEN ${pickOf([3, 5, 10, 30, 50], h(16))}
              WHEN kind = 'foreign' THEN ${pickOf([200, 500, 1000, 3000], h(16))} ELSE ${pickOf([10, 50, 50, 50, 100, 100, 108, 200, 200, 300, 500, 500, 800, 1000, 1008, 2000, 5000], h(16))} END::DECIMAL(18,2) AS capital
          FROM ent1 e1 JOIN naming USING (e)),
        y AS (SELECT x.*, ${permuted('e', 100_000_000, saltOf(seed, 'organisation code'))} AS old_body, ${permuted('e', 887_503_681, saltOf(seed, 'new organisation code'))} AS new_body,
            CASE WHEN e > ${n.enterprises + n.newcomers} THEN ${pickOf(outsideCodes, h(30))} ELSE ${text(cityCode)} END AS place FROM x),
        z AS (SELECT y.*, with_org_check(CASE WHEN established < DATE '2015-10-01' THEN lpad(old_body::VARCHAR, 8, '0') ELSE 'MA' || base31(new_body) END) AS org FROM y)
        SELECT z.* EXCLUDE (old_body, new_body, place, org), org AS orgcode, with_uscc_check(prefix || place || org) AS uscc,
          CASE WHEN kind IN ('social', 'institution') THEN NULL ELSE with_regno_check(place || lpad(${permuted('e', 100_000_000, saltOf(seed, 'registration number'))}::VARCHAR, 8, '0')) END AS regno,
          CASE WHEN kind = 'foreign' AND ${h(17)} % 2 = 0 THEN '美元' ELSE '人民币' END AS currency,
          (scale * 3 + ${h(18)} % 5)::INTEGER AS staff
        FROM z ORDER BY e`,
    },
    { name: 'adults', sql: 'SET VARIABLE adults = (SELECT count(*) FROM adult)' },
    {
      name: 'former names',
      sql: `CREATE TABLE former AS
        WITH f AS (SELECT e, j, CASE WHEN ${h(40)} % 3 = 0 AND kind <> 'individual' THEN CASE WHEN pre = ${text(cityName)} THEN '慈溪' ELSE ${text(cityName)} END ELSE pre END
            || CASE WHEN j = 2 OR ${h(41)} % 3 > 0 THEN ${char(hashOf('e * 4 + j', salt, 42))} || ${char(hashOf('e * 4 + j', salt, 43))} ELSE trade_name END
            || CASE WHEN ${h(41)} % 3 = 0 OR ${h(44)} % 3 = 0 THEN CASE WHEN kind = 'individual' THEN ${pickOf(weighted(trades.map((t) => [t[3], t[6]] as const)), hashOf('e * 4 + j', salt, 45))}
                ELSE ${pickOf(weighted(trades.map((t) => [t[3], t[5]] as const)), hashOf('e * 4 + j', salt, 45))} END ELSE word END
            || ${form(46)} AS name,
            established + 30 + ((${hashOf('e * 4 + j', salt, 47)} % 10000) * greatest(1, DATE ${text(today)} - established - 60) // 10001)::INTEGER AS until
          FROM ent2, (SELECT unnest([1, 2]) AS j) WHERE e <= ${n.market} AND kind <> 'branch' AND ${h(48)} % 1000 < CASE j WHEN 1 THEN 150 ELSE 18 END AND established < DATE ${text(today)} - 120)
        SELECT row_number() OVER (ORDER BY ${hashOf('e * 4 + j', salt, 49)}, e, j)::INTEGER AS k, e, j, name, until
        FROM (SELECT * FROM f WHERE name NOT IN (SELECT name FROM ent2) QUALIFY row_number() OVER (PARTITION BY name ORDER BY e) = 1) ORDER BY k`,
    },
    {
      name: 'enterprises: who and where',
      sql: `CREATE TABLE ent3 AS
        SELECT x.*, l.p AS lr, l.name AS lr_name, l.id AS lr_id, l.phone AS lr_phone, o.p AS lr_old, o.name AS lr_old_name, o.id AS lr_old_id, a.p AS lr_alt, a.name AS lr_alt_name, a.id AS lr_alt_id,
          ${prefix} || g.place || ${room(25)} AS address_old, ${prefix} || w.place AS address_alt,
          f.name AS former,
          CASE WHEN length(trade_name || word) < length(x.name) THEN trade_name || word || CASE WHEN kind IN ('sole', 'partnership', 'collective') AND ${h(50)} % 2 = 0 THEN '厂' ELSE '' END ELSE left(x.name, length(x.name) - 1) END AS short
        FROM ent2 x
        ${people(51, 'l')} ${people(54, 'o')} ${people(57, 'a')}
        JOIN building g ON g.b = ${building(60)} JOIN building w ON w.b = ${building(61)}
        LEFT JOIN former f ON f.e = x.e AND f.j = 1 ORDER BY x.e`.replaceAll('hash((e)', 'hash((x.e)'),
    },
    {
      name: 'companies',
      sql: `CREATE TABLE firm AS SELECT row_number() OVER (ORDER BY ${h(63)}, e)::INTEGER AS k, e FROM ent2 WHERE kind IN ('company', 'stock', 'foreign', 'sole', 'partnership', 'collective', 'coop') AND e <= ${n.market} ORDER BY k`,
    },
    { name: 'companies', sql: 'SET VARIABLE firms = (SELECT count(*) FROM firm)' },
    {
      name: 'enterprises: branches bear the name of their head',
      sql: `CREATE TABLE ent AS
        WITH z AS (SELECT x.*, CASE WHEN kind = 'branch' AND e <= ${n.market} THEN 1 + ${h(64)} % ${firms} END AS hk FROM ent3 x)
        SELECT z.* EXCLUDE (name, hk, short), m.e AS head, CASE WHEN m.e IS NULL THEN z.name ELSE replace(m.name, '（普通合伙）', '') || z.town || (z.e % 97 + 1)::VARCHAR || '分公司' END AS name,
          CASE WHEN m.e IS NULL THEN z.short ELSE m.short || z.town || '分公司' END AS short,
          other.uscc AS other_code, other.name AS other_name
        FROM z LEFT JOIN firm f ON f.k = z.hk LEFT JOIN ent3 m ON m.e = f.e
        JOIN ent2 other ON other.e = 1 + CASE WHEN (${hashOf('z.e', salt, 65)} % ${n.enterprises}) + 1 = z.e THEN z.e % ${n.enterprises} ELSE ${hashOf('z.e', salt, 65)} % ${n.enterprises} END ORDER BY z.e`,
    },
    {
      name: 'holders',
      sql: `CREATE TABLE holder AS
        WITH s AS (SELECT e, capital, lr, j, 1 + (${h(66)} % 3)::INTEGER AS m, 30 + (${h(67)} % 60)::INTEGER AS first, ${hashOf('e * 4 + j', salt, 68)} AS hj
            FROM ent, (SELECT unnest([1, 2, 3]) AS j) WHERE kind IN ('company', 'stock', 'foreign', 'sole', 'partnership', 'collective', 'coop') AND e <= ${n.market}),
        t AS (SELECT *, CASE WHEN m = 1 THEN 100 WHEN j = 1 THEN first WHEN m = 2 THEN 100 - first WHEN j = 2 THEN (100 - first) // 2 ELSE 100 - first - (100 - first) // 2 END AS share FROM s WHERE j <= m)
        SELECT row_number() OVER (ORDER BY hj, t.e, j)::INTEGER AS k, t.e, j, share, round(t.capital * share / 100, 2)::DECIMAL(18,2) AS amount,
          CASE WHEN j = 1 THEN t.lr WHEN hj % 100 < 12 THEN NULL ELSE a.p END AS p, CASE WHEN j > 1 AND hj % 100 < 12 THEN f.e END AS company
        FROM t JOIN adult a ON a.k = 1 + (hj // 128) % ${adults} JOIN firm f ON f.k = 1 + (hj // 512) % ${firms} ORDER BY k`,
    },
    {
      name: 'officers',
      sql: `CREATE TABLE officer AS
        WITH s AS (SELECT e, lr, j, ${hashOf('e * 4 + j', salt, 70)} AS hj FROM ent, (SELECT unnest([1, 2, 3]) AS j)
            WHERE kind IN ('company', 'stock', 'foreign') AND e <= ${n.market} AND j <= 2 + (${h(71)} % 2)::INTEGER)
        SELECT row_number() OVER (ORDER BY hj, s.e, j)::INTEGER AS k, s.e, j, CASE j WHEN 1 THEN '执行董事兼总经理' WHEN 2 THEN '监事' ELSE '财务负责人' END AS position,
          CASE WHEN j = 1 THEN s.lr ELSE a.p END AS p
        FROM s JOIN adult a ON a.k = 1 + (hj // 128) % ${adults} ORDER BY k`,
    },
    {
      name: 'branches',
      sql: 'CREATE TABLE branch AS SELECT row_number() OVER (ORDER BY head, e)::INTEGER AS k, head AS e, e AS branch FROM ent WHERE head IS NOT NULL ORDER BY k',
    },
    ...['ent1', 'ent2', 'ent3', 'naming'].map((t) => ({ name: 'tidy', sql: `DROP TABLE ${t}` })),
  );
  return steps;
}
