/**
 * The reference code of an archive (档号) by DA/T 13-2022 and DA/T 22-2015: fonds, category, year, retention period, organisational unit or
 * subject, item, as in `0057-WS·2026-Y-BGS-0012`. Elements of one level are joined by `·`, levels by `-`.
 */

/** Categories (档案门类代码). */
export const categories = {
  WS: { zh: '文书档案', en: 'Administrative records' },
  KJ: { zh: '科技档案', en: 'Scientific and technical records' },
  ZY: { zh: '专业档案', en: 'Records of a profession' },
  KU: { zh: '会计档案', en: 'Accounting records' },
  ZP: { zh: '照片档案', en: 'Photographs' },
  LY: { zh: '录音档案', en: 'Sound recordings' },
  LX: { zh: '录像档案', en: 'Video recordings' },
  SJ: { zh: '业务数据', en: 'Business data' },
} as const;
export type Category = keyof typeof categories;

/** Retention periods (保管期限) and the years after which an archive may be appraised; null: kept for ever. */
export const retentions = {
  Y: { zh: '永久', en: 'Permanent', years: null },
  D30: { zh: '定期30年', en: '30 years', years: 30 },
  D10: { zh: '定期10年', en: '10 years', years: 10 },
} as const;
export type Retention = keyof typeof retentions;

/** What a reference code is made of. */
export interface Reference {
  /** 全宗号: four digits, or a capital letter and three digits. */
  fonds: string;
  category: Category;
  /** 归档年度. */
  year: number;
  retention: Retention;
  /** 机构（问题）代码: two to six capital letters or digits. */
  unit: string;
  /** 件号: 1 to 99999, written with four digits at least. */
  item: number;
}

/** The forms of the elements, for schemas and screens. */
export const patterns = {
  fonds: /^([0-9]{4}|[A-Z][0-9]{3})$/,
  unit: /^[A-Z0-9]{2,6}$/,
} as const;
export const LEAST_YEAR = 1949;
export const MOST_ITEMS = 99_999;

const has = <T extends object>(table: T, key: string): key is Extract<keyof T, string> => Object.hasOwn(table, key);

/** Why elements make no code; undefined when they do. Answers the name of the first wrong element. */
export function faultOf(r: Reference): keyof Reference | undefined {
  if (!patterns.fonds.test(r.fonds)) return 'fonds';
  if (!has(categories, r.category)) return 'category';
  if (!Number.isInteger(r.year) || r.year < LEAST_YEAR || r.year > 9999) return 'year';
  if (!has(retentions, r.retention)) return 'retention';
  if (!patterns.unit.test(r.unit)) return 'unit';
  if (!Number.isInteger(r.item) || r.item < 1 || r.item > MOST_ITEMS) return 'item';
  return undefined;
}

/** The folder that items are numbered in: everything of the code but the item. */
export const folderOf = (r: Omit<Reference, 'item'>): string =>
  `${r.fonds}-${r.category}·${r.year}-${r.retention}-${r.unit}`;

/** The code of elements that have no fault. */
export const formReference = (r: Reference): string => `${folderOf(r)}-${String(r.item).padStart(4, '0')}`;

const form = /^([0-9A-Z]{4})-([A-Z]{2})·(\d{4})-(Y|D30|D10)-([A-Z0-9]{2,6})-(\d{4,5})$/;

/** The elements of a code; undefined when the text is none, or not the one way of writing it. */
export function parseReference(text: string): Reference | undefined {
  // Middle dots of other code points are what keyboards give for the same sign.
  const found = form.exec(text.trim().replace(/[・•．]/g, '·'));
  if (!found) return undefined;
  const [, fonds, category, year, retention, unit, item] = found as unknown as string[];
  const read = { fonds, category, year: Number(year), retention, unit, item: Number(item) } as Reference;
  return faultOf(read) === undefined && item === String(read.item).padStart(4, '0') ? read : undefined;
}
