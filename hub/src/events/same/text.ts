/** What a report's words say of which thing and where: n-grams, names of roads and places, numbers. Pure. */

/** Words that stand in every report and tell nothing apart. */
const FILLER =
  /你好|您好|请问|麻烦|尽快|赶紧|赶快|处理一下|派人|来看看|看一下|市民|来电|反映|反应|投诉|举报|称|发现|附近|旁边|门口|这里|那边|这边|有人|有个|一下|谢谢|希望|相关部门|网格员|巡查|视频|分析|预警|报警|系统|自动|识别/g;

/** One spelling: full width to half, traditional brackets and blanks away, Chinese numerals of house numbers as digits. */
export function plain(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[一二两三四五六七八九十百]+(?=[号幢栋弄])/g, (s) => String(numeral(s)))
    .replace(/[\s，。！？、；：,.!?;:"'“”‘’（）()【】[\]《》<>~\-—_/\\|]+/g, '');
}

const digits: Readonly<Record<string, number>> = {
  一: 1,
  二: 2,
  两: 2,
  三: 3,
  四: 4,
  五: 5,
  六: 6,
  七: 7,
  八: 8,
  九: 9,
};
function numeral(text: string): number {
  let sum = 0;
  let last = 0;
  for (const c of text) {
    if (c === '百') {
      sum += (last || 1) * 100;
      last = 0;
    } else if (c === '十') {
      sum += (last || 1) * 10;
      last = 0;
    } else last = digits[c]!;
  }
  return sum + last;
}

/** Pairs and triples of characters, each once. */
export function grams(text: string): Set<string> {
  const own = [...plain(text).replace(FILLER, '')];
  const found = new Set<string>();
  for (let i = 0; i + 1 < own.length; i++) {
    found.add(own[i]! + own[i + 1]!);
    if (i + 2 < own.length) found.add(own[i]! + own[i + 1]! + own[i + 2]!);
  }
  return found;
}

const ROAD = /[\u4e00-\u9fff]{1,6}?(?:大道|公路|路(?![灯面])|街(?!道)|巷|弄|线(?![缆头])|堤|塘)/g;
const SITE =
  /[\u4e00-\u9fff]{1,8}?(?:小区|花园|新村|公寓|家园|广场|市场|超市|公园|学校|小学|中学|幼儿园|医院|卫生院|车站|公交站|大桥|桥|工地|工业园|产业园|大厦|村委会|社区|村|苑|庭|府|湾|厂|河|江|浦|水库|泵站|停车场|银行|酒店|寺|避难场所|敬老院|养老院|公司|派出所|消防站|变电站|故居|景区|产业基地)/g;
/** What may stand before a name without being part of it. */
const BEFORE =
  /^.*(?:位于|就在|发生在|来自|靠近|经过|路过|沿着|走到|对面的|在|到|从|于|和|与|是|我家|我们|市|镇|街道|靠|往|离|的)(?=[\u4e00-\u9fff]{2})/;

/** A name said in a text: `core` without what may precede it. */
export interface Named {
  kind: 'road' | 'site';
  core: string;
}

/** Names of roads and sites. */
export function names(text: string): Named[] {
  const own = plain(text);
  const found = new Map<string, Named>();
  for (const [kind, pattern] of [
    ['road', ROAD],
    ['site', SITE],
  ] as const)
    for (const m of own.matchAll(pattern)) {
      const core = m[0].replace(BEFORE, '');
      // What follows a number (12号路) begins with it and is no name.
      if ([...core].length >= 2 && !/^[号幢栋弄]/.test(core)) found.set(`${kind}${core}`, { kind, core });
    }
  return [...found.values()];
}

/** Whether two names are one: the same, or one is the end of the other (what stood before was no part of it). */
export const sameName = (a: Named, b: Named): boolean =>
  a.kind === b.kind &&
  (a.core === b.core ||
    (Math.min(a.core.length, b.core.length) >= 3 && (a.core.endsWith(b.core) || b.core.endsWith(a.core))));

/** Numbers that identify: house and building numbers, and codes of poles, covers, plates. */
export interface Numbers {
  house: number[];
  codes: string[];
}

export function numbers(text: string): Numbers {
  const own = plain(text);
  const house = [...own.matchAll(/(\d{1,4})(?=号|弄|幢|栋)/g)].map((m) => Number(m[1]));
  const codes = [...own.matchAll(/[\u4e00-\u9fff]?[a-z]{1,3}\d{3,8}|\d{5,8}(?=号杆|号井)/g)].map((m) => m[0]);
  return { house: [...new Set(house)], codes: [...new Set(codes)] };
}
