/**
 * Metadata of an archive (DA/T 46-2009, by its elements' names): what is asked for, in what form, and which of it must be there. Kept as given;
 * whether it will do is for the checks to say, so that a draft may be unfinished.
 */
import { z } from 'zod';
import type { Bilingual } from '../platform/i18n/index.ts';
import { message } from '../platform/i18n/validation.ts';
import { categories, LEAST_YEAR, MOST_ITEMS, patterns, retentions } from './reference.ts';

/** Secrecy (密级). This network takes nothing that is a state secret: the grades above `internal` are named to be refused. */
export const secrecies = {
  public: { zh: '公开', en: 'Public' },
  internal: { zh: '内部', en: 'Internal' },
  confidential: { zh: '秘密', en: 'Confidential (state secret)' },
  secret: { zh: '机密', en: 'Secret (state secret)' },
  'top-secret': { zh: '绝密', en: 'Top secret (state secret)' },
} as const;
export const STATE_SECRETS: readonly string[] = ['confidential', 'secret', 'top-secret'];

/** Who may know of an archive: of a controlled one (控制) other organisations do not see even the title. */
export const openings = {
  open: { zh: '开放', en: 'Open' },
  controlled: { zh: '控制', en: 'Controlled' },
} as const;

const keys = <T extends object>(table: T) => Object.keys(table) as [Extract<keyof T, string>];
const text = (most: number) => z.string().trim().min(1).max(most);
const day = z.iso.date();

/** All elements. */
export const metadataSchema = z.strictObject({
  fonds: z
    .string()
    .regex(
      patterns.fonds,
      message('应为四位数字，或一位大写字母加三位数字', 'four digits, or a capital letter and three digits'),
    ),
  category: z.enum(keys(categories)),
  year: z.number().int().min(LEAST_YEAR).max(9999),
  retention: z.enum(keys(retentions)),
  unit: z.string().regex(patterns.unit, message('应为二至六位大写字母或数字', 'two to six capital letters or digits')),
  unitName: text(80),
  item: z.number().int().min(1).max(MOST_ITEMS),
  title: text(300),
  documentNumber: text(100),
  responsible: text(200),
  date: day,
  secrecy: z.enum(keys(secrecies)),
  opening: z.enum(keys(openings)),
  genre: text(40),
  keywords: z.array(text(40)).max(30),
  summary: text(2000),
  /** Number of files that the archive has, as its maker counted them. */
  files: z.number().int().min(1).max(10_000),
  /** Names of the attachments that the main document speaks of. */
  attachments: z.array(text(200)).max(500),
  software: text(200),
  /** Reference codes or numbers of records that belong to it. */
  relations: z.array(text(200)).max(100),
  note: text(1000),
});

/** Metadata of a draft: any of the elements. */
export const metadataPartial = metadataSchema.partial();
export type Metadata = z.output<typeof metadataPartial>;
export type MetadataKey = keyof typeof metadataSchema.shape;

/** What the elements are called. */
export const metadataTitles: Readonly<Record<MetadataKey, Bilingual>> = {
  fonds: { zh: '全宗号', en: 'Fonds' },
  category: { zh: '档案门类', en: 'Category' },
  year: { zh: '归档年度', en: 'Year' },
  retention: { zh: '保管期限', en: 'Retention period' },
  unit: { zh: '机构（问题）代码', en: 'Code of unit or subject' },
  unitName: { zh: '机构或问题', en: 'Unit or subject' },
  item: { zh: '件号', en: 'Item' },
  title: { zh: '题名', en: 'Title' },
  documentNumber: { zh: '文号', en: 'Document number' },
  responsible: { zh: '责任者', en: 'Author' },
  date: { zh: '日期', en: 'Date' },
  secrecy: { zh: '密级', en: 'Secrecy' },
  opening: { zh: '开放状态', en: 'Openness' },
  genre: { zh: '文种', en: 'Kind of document' },
  keywords: { zh: '主题词', en: 'Keywords' },
  summary: { zh: '摘要', en: 'Summary' },
  files: { zh: '文件数', en: 'Number of files' },
  attachments: { zh: '附件题名', en: 'Attachments' },
  software: { zh: '生成软件', en: 'Creating software' },
  relations: { zh: '关联档案', en: 'Related records' },
  note: { zh: '附注', en: 'Note' },
};

/** What must be there before an archive can be taken in; the item is given by the hub where it is missing. */
export const mandatory: readonly MetadataKey[] = [
  'fonds',
  'category',
  'year',
  'retention',
  'unit',
  'title',
  'responsible',
  'date',
  'secrecy',
  'opening',
];

const named = new Map<string, MetadataKey>(
  Object.entries(metadataTitles).flatMap(([key, title]) => [
    [key.toLowerCase(), key as MetadataKey],
    [title.zh, key as MetadataKey],
  ]),
);
for (const [alias, key] of [
  ['机构', 'unitName'],
  ['问题', 'unitName'],
  ['年度', 'year'],
  ['关键词', 'keywords'],
  ['门类', 'category'],
] as const)
  named.set(alias, key);

const lists: readonly MetadataKey[] = ['keywords', 'attachments', 'relations'];
const numbers: readonly MetadataKey[] = ['year', 'item', 'files'];
const tables: Partial<Record<MetadataKey, Record<string, Bilingual>>> = {
  category: categories,
  retention: retentions,
  secrecy: secrecies,
  opening: openings,
};

/**
 * Metadata out of names and texts as packages bring them: names in English or Chinese, codes or the words for them (`永久`, `30年`). Values are
 * put into their types only; names that nobody knows come back as `unknown`.
 */
export function metadataFrom(pairs: Iterable<readonly [string, unknown]>): {
  values: Record<string, unknown>;
  unknown: string[];
} {
  const values: Record<string, unknown> = {};
  const unknown: string[] = [];
  for (const [name, given] of pairs) {
    const key = named.get(name.trim().toLowerCase()) ?? named.get(name.trim());
    if (!key) {
      unknown.push(name);
      continue;
    }
    if (given === null || given === undefined || given === '') continue;
    if (lists.includes(key)) {
      const list = Array.isArray(given) ? given : String(given).split(/[;；|]/);
      const before = (values[key] as unknown[] | undefined) ?? [];
      values[key] = [...before, ...list.map((one) => String(one).trim()).filter(Boolean)];
    } else if (numbers.includes(key)) values[key] = /^\d{1,6}$/.test(String(given)) ? Number(given) : given;
    else if (key === 'date') values[key] = String(given).replace(/^(\d{4})(\d{2})(\d{2})$/, '$1-$2-$3');
    else values[key] = codeOf(key, String(given).trim());
  }
  return { values, unknown };
}

function codeOf(key: MetadataKey, given: string): string {
  const table = tables[key];
  if (!table || Object.hasOwn(table, given)) return given;
  const bare = given.replace('定期', '');
  return Object.entries(table).find(([, title]) => title.zh.replace('定期', '') === bare)?.[0] ?? given;
}
