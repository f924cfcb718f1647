/**
 * Makes a lake of invented enterprises in the engine and measures credit look-up on it without a server: how long the
 * index takes and how much memory, how long searches and panoramas take one after another and fifty a second.
 *
 *   node --import tsx bench/credit-lake.ts --file /path/to/lake.duckdb [--enterprises 300000] [--facts 150] [--make]
 *
 * `--make` creates the file (at 300,000 × 150 facts about 2 GB); without it an existing one is measured.
 */
import { parseArgs } from 'node:util';
import { pinyin } from 'pinyin-pro';
import { defineViews } from '../hub/src/credit/fixture.ts';
import type { EngineQuery } from '../hub/src/credit/search/engine.ts';
import { SearchIndex } from '../hub/src/credit/search/index.ts';
import { readQuery } from '../hub/src/credit/search/text.ts';
import { systemClock } from '../hub/src/platform/clock.ts';
import { type Lake, openDuckDbLake } from '../hub/src/platform/lake/index.ts';

const { values: options } = parseArgs({
  options: {
    file: { type: 'string' },
    enterprises: { type: 'string', default: '300000' },
    facts: { type: 'string', default: '150' },
    make: { type: 'boolean', default: false },
  },
});
if (!options.file) throw new Error('--file is needed');
const N = Number(options.enterprises);
const FACTS = Number(options.facts);
const CLASSES = 111;

/** An element of a SQL list picked by a hash of the row and a salt. */
const pick = (list: string, salt: number, of = 'e') =>
  `list_extract(${list}, 1 + CAST(hash(${of}, ${salt}) % len(${list}) AS INTEGER))`;
const chars = (text: string) => `[${[...text].map((c) => `'${c}'`).join(',')}]`;
const words = (text: string) =>
  `[${text
    .split(' ')
    .map((c) => `'${c}'`)
    .join(',')}]`;

const TRADE = chars(
  '公牛方太海天金龙永新宏达兴隆恒泰华联美佳瑞丰盛源鑫诚信德仁和平安康宁大中小东南西北春夏秋冬日月星辰山水林木火土云雨风雷电光明亮辉煌腾飞翔凤鹏程万里长江黄河泰岳昆仑天地人杰智慧博学创富国强民益利众合作友谊志远航凯旋胜捷顺通畅达先锋前进步高升伟业宇宙环球世纪时代未来科技文化艺术灵秀雅致逸乐福禄寿喜吉祥如意锦绣绮丽珍宝玉石翡翠珠玑琳琅',
);
const PLACES = words('慈溪市 宁波市 慈溪 余姚市 宁波 浙江 宁波慈溪 慈溪市浒山 慈溪市周巷');
const TRADES = words(
  '电器 机械 模具 塑料 轴承 化纤 纺织 服饰 贸易 电子 五金 汽车配件 建筑工程 物流 食品 农业开发 信息技术 环保科技 文化传媒 餐饮管理 进出口 家居用品 装饰材料 包装 水产养殖',
);
const FORMS = words('有限公司 有限公司 有限公司 股份有限公司 厂 经营部 商行 有限责任公司 合伙企业 店');
const SURNAMES = chars(
  '王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤单查解仇',
);
const GIVEN = chars(
  '伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红建国志永文辉鹏飞宇浩然子涵欣怡梓轩诗雨佳琪思源博雅俊熙君昊晨曦海燕春梅冬雪夏荷秋菊',
);
const TOWNS = words(
  '330282001 330282002 330282003 330282004 330282101 330282103 330282104 330282105 330282107 330282108 330282109 330282110 330282111',
);
const ROADS = words('工业路 新兴路 解放路 三北大街 青少年宫路 北三环 海天路 长丰路 孙塘路 浒崇公路 明州路 慈甬路');

const company = (salt: number) =>
  `${pick(PLACES, salt)} || ${pick(TRADE, salt + 1)} || ${pick(TRADE, salt + 2)} || ${pick(TRADES, salt + 3)} || ${pick(FORMS, salt + 4)}`;
const personName = (salt: number, of = 'e') =>
  `${pick(SURNAMES, salt, of)} || ${pick(GIVEN, salt + 1, of)} || CASE WHEN hash(${of}, ${salt + 2}) % 3 = 0 THEN '' ELSE ${pick(GIVEN, salt + 3, of)} END`;

async function make(lake: Lake): Promise<void> {
  await defineViews(lake);
  const token = "'c~' || left(translate(md5(CAST(p AS VARCHAR)), '0189', 'ghij'), 26)";
  await lake.define([
    `INSERT INTO fx.legal_person_v1 SELECT e, ${company(10)}, '9133028' || lpad(CAST(e AS VARCHAR), 10, '0') || 'X',
      lpad(CAST(e AS VARCHAR), 9, '0'), '3302' || lpad(CAST(e * 7 AS VARCHAR), 11, '0'), '有限责任公司',
      CASE hash(e, 1) % 8 WHEN 0 THEN '注销' WHEN 1 THEN '吊销' ELSE '存续' END, ${personName(20)}, NULL,
      CAST(hash(e, 2) % 5000 AS DECIMAL(18,2)), '人民币', DATE '1990-01-01' + CAST(hash(e, 3) % 12000 AS INTEGER), NULL,
      '浙江省慈溪市' || ${pick(ROADS, 5)} || CAST(hash(e, 6) % 900 AS VARCHAR) || '号', ${pick(TOWNS, 7)},
      CAST(1300 + hash(e, 8) % 8000 AS VARCHAR), '生产、销售', NULL, '慈溪市市场监督管理局', 10,
      CASE WHEN e % 10000 = 0 THEN 5000 ELSE ${FACTS} END, 20, 1, 0.95, 1, 2, TIMESTAMP '2026-01-01'
      FROM range(1, ${N + 1}) r(e)`,
    `INSERT INTO fx.legal_person_alias_v1 SELECT e, ${company(30)}, CASE WHEN k = 0 THEN 'former' ELSE 'variant' END,
      DATE '2000-01-01', DATE '2010-01-01', 1 FROM range(1, ${N + 1}) r(e), range(2) s(k) WHERE hash(e, k) % 10 < 5 - k`,
    `INSERT INTO fx.legal_person_relation_v1 SELECT e, list_extract(['shareholder','executive','supervisor'], 1 + k % 3),
      ${personName(40, 'p')}, ${token}, NULL, NULL, NULL, 10, 20, DATE '2001-01-01', NULL, 1, 1
      FROM (SELECT e, k, hash(e, k, 9) % ${N * 3} AS p FROM range(1, ${N + 1}) r(e), range(5) s(k)) ORDER BY e`,
    `INSERT INTO fx.class_v1 SELECT c, 'dept' || (c % 28) || '.class-' || c, 'dept' || (c % 28),
      list_extract(['registration','permit','penalty','asset','honour','tax','social-insurance','utility','operation','court','dishonesty','bad-loan','other'], CAST(1 + c % 13 AS INTEGER)),
      '记录类' || c, 'Class ' || c, 'general', 'legal-person', 50 FROM range(1, ${CLASSES + 1}) r(c)`,
    `INSERT INTO fx.class_field_v1 SELECT c, 1, p, 'f' || p, '字段' || p, 'Field ' || p, CASE WHEN p = 4 THEN 'decimal' ELSE 'text' END,
      CASE WHEN p = 3 THEN 'person-name' END, CASE WHEN p = 4 THEN '元' END, CASE WHEN p = 3 THEN 'personal' ELSE 'public' END,
      CASE p WHEN 1 THEN 'number' WHEN 2 THEN 'title' WHEN 4 THEN 'amount' WHEN 5 THEN 'date' END, NULL
      FROM range(1, ${CLASSES + 1}) r(c), range(1, 6) s(p)`,
    `INSERT INTO fx.run_v1 SELECT c, 'dept' || (c % 28) || '.class-' || c, c, 'c.csv', NULL, 1, now(), now(), 1, 1, 0, 0, NULL, 1, 1, NULL
      FROM range(1, ${CLASSES + 1}) r(c)`,
    `INSERT INTO fx.refined_run_v1 (run, source, class, version) SELECT run, source, number, declaration FROM fx.run_v1`,
    `INSERT INTO fx.legal_person_contradiction_v1 SELECT e, 'capital', CAST(k AS VARCHAR), k + 1, 10, DATE '2020-01-01', 1, k = 0
      FROM range(1, ${N + 1}) r(e), range(2) s(k)`,
    `INSERT INTO fx.legal_person_history_v1 SELECT e, list_extract(['name','uscc','status','capital','address','legal-representative'], 1 + k),
      'x', DATE '2020-01-01', NULL, TIMESTAMP '2026-01-01', NULL, 1, 1 FROM range(1, ${N + 1}) r(e), range(6) s(k)`,
  ]);
  // In slices, so that nothing has to be sorted and the log stays small.
  const slice = Math.max(1, Math.floor(3_000_000 / FACTS));
  for (let low = 1; low <= N; low += slice) {
    await lake.define([
      `INSERT INTO fx.legal_person_fact_all_v1
       SELECT e, c, day, (c::BIGINT << 32) | (e * ${FACTS} + k), hash(e, k), amount,
         concat_ws(chr(31), 'NO-' || e || '-' || k, '事项' || hash(e, k, 3) % 1000, '张三', amount, day), c, (e * ${FACTS} + k) & 2147483647, NULL
       FROM (SELECT e, k, CAST(1 + k % ${CLASSES} AS SMALLINT) AS c,
                    DATE '2005-01-01' + CAST(hash(e, k, 1) % 7600 AS INTEGER) AS day,
                    CAST(hash(e, k, 2) % 100000 AS DECIMAL(18,2)) AS amount
             FROM range(${low}, ${Math.min(N + 1, low + slice)}) r(e),
                  range(5000) s(k) WHERE k < CASE WHEN e % 10000 = 0 THEN 5000 ELSE ${FACTS} END)
       ORDER BY e, c, day`,
    ]);
    process.stderr.write(`\rfacts up to enterprise ${Math.min(N, low + slice - 1)} `);
  }
  await lake.define(['CHECKPOINT']);
  process.stderr.write('\n');
}

const quantile = (sorted: number[], q: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0;
function report(name: string, ms: number[]): void {
  const s = [...ms].sort((a, b) => a - b);
  const f = (q: number) => quantile(s, q).toFixed(1).padStart(7);
  console.log(
    `${name.padEnd(34)} n=${String(s.length).padStart(5)}  p50 ${f(0.5)}  p95 ${f(0.95)}  p99 ${f(0.99)}  max ${f(1)} ms`,
  );
}

const lake = await openDuckDbLake({ path: options.file, memoryMiB: 1500, threads: 2 });
if (options.make) await make(lake);

const lag: number[] = [];
let last = performance.now();
const timer = setInterval(() => {
  lag.push(Math.max(0, performance.now() - last - 5));
  last = performance.now();
}, 5);
const index = new SearchIndex(lake, systemClock);
const before = process.memoryUsage().rss;
await index.rebuild();
clearInterval(timer);
const state = index.state();
console.log(
  `index: ${state.enterprises} enterprises, ${state.names} names, ${state.persons} persons, ${state.codes} codes`,
);
console.log(
  `built in ${state.buildMs} ms; arrays ${(state.bytes / 1048576).toFixed(0)} MiB; process grew by ${((process.memoryUsage().rss - before) / 1048576).toFixed(0)} MiB`,
);
report('main thread delay while building', lag);

const ways = { name: true, pinyin: true, code: true, address: true, person: true };
let asked = 0;
// Each question differs in its offset, so that none is answered from memory.
const ask = (q: string): EngineQuery => ({
  query: readQuery(q),
  ways,
  entities: [],
  status: [],
  town: [],
  industry: [],
  offset: asked++ % 9000,
  size: 20,
});
const queries = [
  '公牛',
  '公',
  '有限公司',
  '慈溪公牛',
  '慈溪市方太电器有限公司',
  'gongniu',
  'gndq',
  'cixi',
  'yxgs',
  'zhangwei',
  '张伟',
  '王',
  '9133028',
  '91330280000123456X',
  '3302',
  '新兴路12',
  '浒山 机械',
  '张伟 电器',
  'cixignd',
  '海天塑料模具',
  '不存在的名字啊',
  '重庆长城',
  'cx',
  '永新 有限公司',
];
for (const q of queries) {
  const times: number[] = [];
  let total = 0;
  for (let i = 0; i < 7; i++) {
    const t = performance.now();
    total = (await index.search(ask(q))).total;
    times.push(performance.now() - t);
  }
  report(`${q} (${total})`, times);
}
// Fifty a second, each started on time whether or not the one before has ended: names, parts, pinyin, codes, persons and
// addresses drawn from the lake, and one in fifty of the broad questions above.
const sample = await lake.query<{ name: string; uscc: string; address: string; person: string }>(
  `SELECT name, uscc, address, legal_representative AS person FROM v.legal_person_v1 USING SAMPLE 400 ROWS (reservoir, 7)`,
);
const kinds: ((s: (typeof sample)[number]) => string)[] = [
  (s) => s.name,
  (s) => s.name.replace(/^[^省市县区]+[省市县区]/, '').slice(0, 4),
  (s) => s.name.slice(0, 6),
  (s) => s.uscc,
  (s) => s.uscc.slice(0, 14),
  (s) => s.person,
  (s) => s.address.slice(6),
  (s) => pinyin(s.name.slice(2, 6), { toneType: 'none', type: 'array' }).join(''),
  (s) => pinyin(s.name.slice(0, 7), { pattern: 'first', toneType: 'none', type: 'array' }).join(''),
];
const mixed: number[] = [];
const waiting: Promise<void>[] = [];
for (let i = 0; i < 1500; i++) {
  const one = sample[i % sample.length]!;
  const q = i % 50 === 0 ? queries[(i / 50) % queries.length]! : kinds[i % kinds.length]!(one);
  const due = performance.now();
  waiting.push(index.search(ask(q)).then(() => void mixed.push(performance.now() - due)));
  await new Promise((r) => setTimeout(r, 20));
}
await Promise.all(waiting);
report('mixed, 50 a second', mixed);
await index.close();
await lake.close();
