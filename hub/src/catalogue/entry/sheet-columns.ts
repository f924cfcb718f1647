/**
 * The form in which departments fill in their catalogue (政务信息资源目录编制指南 2017 and the forms that provinces made of it):
 * what each column means by its heading, and how the words in it are read. One row is one information item; the columns of the
 * resource stand in its first row (merged or not) or are repeated in every row.
 */
import type { Cadence } from '../api.ts';
import { classList, classOf } from './classes.ts';
import { type ItemType, itemTypes, sharingWays } from './content.ts';
import { cycleWords, levelWords } from './views.ts';

/** What a column may mean. */
export type Meaning =
  | 'class'
  | 'part'
  | 'section'
  | 'subsection'
  | 'classification'
  | 'title'
  | 'titleEn'
  | 'code'
  | 'provider'
  | 'providerCode'
  | 'abstract'
  | 'format'
  | 'subject'
  | 'item'
  | 'itemEn'
  | 'itemList'
  | 'itemField'
  | 'itemType'
  | 'itemLength'
  | 'itemUnit'
  | 'itemProtection'
  | 'itemRequired'
  | 'itemKey'
  | 'itemNote'
  | 'sharing'
  | 'condition'
  | 'ground'
  | 'ways'
  | 'open'
  | 'openCondition'
  | 'cycle'
  | 'published'
  | 'related'
  | 'level'
  | 'tags';

/** Headings by what they mean; the first is the one that exports are written with. */
export const headings: Readonly<Record<Meaning, readonly string[]>> = {
  class: ['类'],
  part: ['项'],
  section: ['目'],
  subsection: ['细目'],
  classification: ['信息资源分类码', '分类码', '信息资源分类', '资源分类'],
  title: ['信息资源名称', '资源名称', '数据目录名称', '目录名称', '数据项名称', '数据集名称', '数据资源名称'],
  titleEn: ['英文名称'],
  code: ['信息资源代码', '资源代码', '目录代码'],
  provider: ['信息资源提供方', '资源提供方', '提供方', '提供单位', '提供部门', '来源部门', '数源部门', '责任部门'],
  providerCode: ['信息资源提供方代码', '资源提供方代码', '提供方代码', '提供单位代码'],
  abstract: ['信息资源摘要', '资源摘要', '摘要', '数据项描述', '资源描述', '数据描述'],
  format: ['信息资源格式', '资源格式', '数据格式', '格式', '信息资源格式类型', '格式类型'],
  subject: ['数据主体'],
  item: ['信息项名称', '信息项', '数据项', '字段名称', '字段中文名'],
  itemEn: ['信息项英文名称'],
  itemList: ['数据项内容', '信息项内容', '数据内容', '主要内容'],
  itemField: ['字段名', '字段英文名', '字段代码'],
  itemType: ['数据类型', '字段类型'],
  itemLength: ['数据长度', '字段长度', '长度'],
  itemUnit: ['计量单位'],
  itemProtection: ['保护级别', '字段级别'],
  itemRequired: ['是否必填'],
  itemKey: ['是否主键'],
  itemNote: ['信息项说明', '备注'],
  sharing: ['共享类型', '共享属性'],
  condition: ['共享条件', '使用条件'],
  ground: ['不予共享依据', '共享依据'],
  ways: ['共享方式'],
  open: ['是否向社会开放', '是否开放', '开放类型', '开放属性'],
  openCondition: ['开放条件'],
  cycle: ['更新周期', '更新频率', '数据更新频率'],
  published: ['发布日期', '发布时间'],
  related: ['关联资源代码', '关联资源', '关联信息资源'],
  level: ['数据分级', '数据级别', '数据分类分级'],
  tags: ['标签', '领域', '主题', '所属领域', '所属主题'],
};

/** Columns that belong to an item; all others belong to its resource. */
export const itemMeanings: ReadonlySet<Meaning> = new Set<Meaning>([
  ...(['item', 'itemEn', 'itemField', 'itemType', 'itemLength', 'itemUnit', 'itemProtection'] as const),
  ...(['itemRequired', 'itemKey', 'itemNote'] as const),
]);

/** A cell's text as it is compared: half width, no blanks, no remark in brackets, no star of a compulsory column. */
export const bare = (text: string): string =>
  text
    .normalize('NFKC')
    .replace(/[(（【[].*?[)）】\]]/gu, '')
    .replace(/[\s*:：]/gu, '')
    .toLowerCase();

const byHeading = new Map(
  (Object.entries(headings) as [Meaning, readonly string[]][]).flatMap(([meaning, names]) =>
    names.map((name) => [bare(name), meaning] as const),
  ),
);

/** What a heading means; undefined for one that is not known. */
export const meaningOf = (heading: string): Meaning | undefined => byHeading.get(bare(heading));

const words = <T extends string>(table: Readonly<Record<T, readonly string[]>>) => {
  const known = new Map<string, T>();
  for (const [value, names] of Object.entries(table) as [T, readonly string[]][])
    for (const name of [value, ...names]) known.set(bare(name), value);
  return (text: string): T | undefined => known.get(bare(text));
};

/** Readers of words; undefined where the word is none of theirs. */
export const readSharing = words({
  unconditional: ['无条件共享', '无条件', '无条件共享类', '普遍共享'],
  conditional: ['有条件共享', '有条件', '有条件共享类', '条件共享'],
  refused: ['不予共享', '不共享', '不予共享类'],
});
export const readCycle = words<Cadence>({
  ...{ realtime: [cycleWords.realtime], daily: [cycleWords.daily, '每天', '日', '天'] },
  ...{ weekly: [cycleWords.weekly, '周'], 'half-monthly': [cycleWords['half-monthly'], '半月'] },
  ...{ monthly: [cycleWords.monthly, '月'], quarterly: [cycleWords.quarterly, '季度', '每季', '季'] },
  yearly: [cycleWords.yearly, '年', '每年度', '年度'],
});
export const readLevel = words({
  core: [levelWords.core, '核心'],
  important: [levelWords.important, '重要'],
  general: [levelWords.general, '一般'],
});
export const readProtection = words({
  public: ['公开'],
  internal: ['内部'],
  personal: ['个人信息'],
  sensitive: ['敏感个人信息', '敏感'],
});
export const readSubject = words({
  'legal-person': ['法人', '企业', '市场主体'],
  'natural-person': ['自然人', '人口', '个人'],
  place: ['地点', '空间', '场所'],
  none: ['无', '其他'],
});
export const readYes = words({
  true: ['是', '开放', '向社会开放', '有条件开放', '无条件开放', 'y', 'yes', '1'],
  false: ['否', '不开放', '不予开放', 'n', 'no', '0'],
});

const typeWords = words(
  Object.fromEntries(
    Object.entries(itemTypes).map(([letter, { zh }]) => [
      letter,
      [zh, `${zh}${letter}`, `${letter}${zh}`, zh.replace('型', '')],
    ]),
  ) as unknown as Record<ItemType, string[]>,
);
/** A data type by its letter, its Chinese name, or both: `C`, `字符型`, `字符型C`, `字符型（C）`. */
export const readType = (text: string): ItemType | undefined =>
  typeWords(text) ?? typeWords(text.replace(/[()（）]/gu, ''));

/** Ways of sharing, several with 、 or a comma between. */
export function readWays(text: string): (typeof sharingWays)[number][] | undefined {
  const given = split(text);
  const known = given.map((g) => sharingWays.find((w) => bare(w) === bare(g)));
  return known.every((k) => k !== undefined) ? (known as (typeof sharingWays)[number][]) : undefined;
}

/** Parts of a list written into one cell. A trailing 等 says nothing. */
export const split = (text: string): string[] =>
  text
    .normalize('NFKC')
    .split(/[、,;，；\n]/u)
    .map((part) => part.trim().replace(/等$/u, '').trim())
    .filter(Boolean);

/** Digits of 类 and 项 by digits or by name, 目 and 细目 by digits; undefined where a word is not known. */
export function readClass(parts: {
  class: string;
  part: string;
  section: string;
  subsection: string;
}): string | undefined {
  const [own, part, section, rest] = [parts.class, parts.part, parts.section, parts.subsection].map(bare) as [
    string,
    string,
    string,
    string,
  ];
  const found = classList().find(
    (c) =>
      (own === c.class || own === bare(c.classTitle.zh) || own === '') &&
      (part.padStart(2, '0') === c.code.slice(1) || part === bare(c.title.zh)),
  );
  if (!found) return undefined;
  const digits = section === '' ? '001' : /^\d{1,3}$/.test(section) ? section.padStart(3, '0') : undefined;
  if (digits === undefined || !/^\d{0,14}$/.test(rest)) return undefined;
  const code = found.code + digits + rest;
  return 'words' in classOf(code) ? code : undefined;
}
