/** The trie of all words with what each of them says: made once, at the first parse. */

import { type Division, divisionPeriods, stemOf } from '@jingwei/codes';
import { Trie } from './trie.ts';
import {
  ASSIST,
  ASSIST_WORDS,
  COUNTRY,
  COUNTRY_WORDS,
  DIVISION,
  ENDING_WORDS,
  LINK,
  LINK_WORDS,
  PART,
  PART_WORDS,
  REMARK,
  REMARK_WORDS,
} from './words.ts';

/** What one word says; a word may say several things. */
export interface Entry {
  kind: number;
  weight: number;
  /** Of divisions: level (1 province, 2 city, 3 county, 5 town: places in LABELS), codes that bear the name, whether the name is whole. */
  level: number;
  codes: readonly string[];
  /** The first four digits of the codes, as numbers. */
  fours: readonly number[];
  whole: boolean;
  /** Of divisions: the same number for 慈溪 and 慈溪市, to see repetitions. */
  stem: number;
}

/** The words of addresses. */
export interface Lexicon {
  trie: Trie;
  /** By payload of the trie. */
  words: readonly (readonly Entry[])[];
}

/** Municipalities (直辖市) are cities by the label set. */
const MUNICIPALITIES = new Set(['11', '12', '31', '50']);

/** Stems that are everyday words of addresses: only the whole name is a division. */
const EVERYDAY = new Set(
  '城区 郊区 矿区 新区 市区 东区 西区 南区 北区 城中 城东 城西 城南 城北 城关 江北 江东 江南 江西 河东 河西 河南 河北 东城 西城 南城 北城 中山 朝阳 和平 新城 新华 桥东 桥西 桥头 长安 振兴 建设 解放 光明 文化 胜利 向阳 东风 人民 海港 开发 大同 三元 鼓楼 长江 黄河 南山 西山 东山 北山 宝山 东湖 西湖 南湖 北湖 古城 青山 龙山 工农 红旗 前进 新市 站前 友谊 金山 中原 滨江 滨海 东海 南海 长沙 平安 兴隆 安宁 吉祥 太和 太平 永安 永定 永宁 新兴 复兴 兴庆 广场 临江 沿河 沿江 路桥 龙门 凤凰 花园 花山 金湾 银海 福田 龙华 中心 大学 农场 林场 国际 工业 商城 商河 大洼 秀山'.split(
    ' ',
  ),
);

const LEVEL: Readonly<Record<Division['level'], number>> = { province: 1, city: 2, county: 3, town: 5 };

function* allDivisions(): Generator<Division> {
  for (let province = 11; province <= 82; province++) {
    if (divisionPeriods(`${province}0000`).length === 0) continue;
    yield* divisionPeriods(`${province}0000`);
    for (let city = 0; city < 100; city++) {
      const prefix = `${province}${String(city).padStart(2, '0')}`;
      for (let county = city === 0 ? 1 : 0; county < 100; county++) {
        const code = prefix + String(county).padStart(2, '0');
        const periods = divisionPeriods(code);
        yield* periods;
        // Towns are known for some counties only.
        if (periods.length > 0 && divisionPeriods(`${code}001`).length + divisionPeriods(`${code}100`).length > 0)
          for (let town = 1; town < 500; town++) yield* divisionPeriods(code + String(town).padStart(3, '0'));
      }
    }
  }
}

/** Short forms that people use beside the plain stem. */
const ALIASES: readonly (readonly [name: string, code: string])[] = [
  ['内蒙', '150000'],
  ['广西壮族', '450000'],
  ['新疆维吾尔', '650000'],
  ['宁夏回族', '640000'],
];

/** How much the name of a division tells: the rarer such a name among all names of its level, the more. */
function weightOf(division: Division, whole: boolean, length: number): number {
  const level = division.level;
  if (whole) return { province: 17, city: 15, county: 12, town: 15 }[level] + (length > 3 ? 2 : 0);
  const base = { province: 9.5, city: 8.5, county: 4.8, town: 3.4 }[level];
  return base + (length > 2 ? 3 : 0);
}

function build(): Lexicon {
  const trie = new Trie();
  const words: Entry[][] = [];
  const stems = new Map<string, number>();
  const put = (word: string, entry: Entry): void => {
    const at = trie.add(word, () => words.push([]) - 1);
    const list = words[at]!;
    const same = list.find((one) => one.kind === entry.kind && one.level === entry.level && entry.kind === DIVISION);
    if (!same) list.push(entry);
    else if (!same.codes.includes(entry.codes[0]!)) {
      same.codes = [...same.codes, ...entry.codes];
      same.fours = [...same.fours, ...entry.fours];
    }
  };
  const plain = (kind: number, weighted: Readonly<Record<string, string>>): void => {
    for (const [weight, text] of Object.entries(weighted)) {
      for (const word of text.split(' '))
        put(word, { kind, weight: Number(weight), level: 0, codes: [], fours: [], whole: true, stem: -1 });
    }
  };
  const divisionWord = (name: string, division: Division, whole: boolean): void => {
    const stem = stemOf(division.name);
    if (!stems.has(stem)) stems.set(stem, stems.size);
    const municipality = division.level === 'province' && MUNICIPALITIES.has(division.code.slice(0, 2));
    put(name, {
      kind: DIVISION,
      weight: weightOf(division, whole, name.length),
      level: municipality ? 2 : LEVEL[division.level],
      codes: [division.code],
      fours: [Number(division.code.slice(0, 4))],
      whole,
      stem: stems.get(stem)!,
    });
  };
  // Those in force first, so that the first code of a name is today's.
  const divisions = [...allDivisions()].filter(
    // Zones that only the statistics bureau counts among the counties are development zones in an address.
    (one) => !one.collective && !(one.statistical && one.level === 'county'),
  );
  for (const current of [true, false]) {
    for (const one of divisions) {
      if ((one.to === undefined) !== current) continue;
      divisionWord(one.name, one, true);
      const stem = stemOf(one.name);
      // 景宁畲族自治县 is also 景宁县, 红河哈尼族彝族自治州 also 红河州.
      const autonomous = /自治([县旗州])$/.exec(one.name);
      if (autonomous && stem !== one.name) divisionWord(stem + autonomous[1], one, true);
      if (stem !== one.name && !EVERYDAY.has(stem)) divisionWord(stem, one, false);
    }
  }
  for (const [name, code] of ALIASES) divisionWord(name, divisionPeriods(code).at(-1)!, true);
  for (const [kind, weighted] of ENDING_WORDS) plain(kind, weighted);
  plain(PART, PART_WORDS);
  plain(ASSIST, ASSIST_WORDS);
  plain(LINK, LINK_WORDS);
  plain(REMARK, REMARK_WORDS);
  plain(COUNTRY, COUNTRY_WORDS);
  trie.freeze();
  return { trie, words };
}

let made: Lexicon | undefined;

/** The lexicon; about a tenth of a second at the first call. */
export function lexicon(): Lexicon {
  made ??= build();
  return made;
}
