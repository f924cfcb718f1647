/** Names of divisions, industries, attributes and relations for the screens. */
import { divisionFullName, industryAt } from '@jingwei/codes';
import { englishIndustry, englishPlace, englishSection } from './english.ts';

type Title = { zh: string; en: string };

/** Full name of a division or town, or null when the code is not known. */
export function divisionTitle(code: string | null): string | null {
  return code ? (divisionFullName(code) ?? null) : null;
}

/** Short name of a division or town in both languages (周巷镇, Zhouxiang Town), or null when the code is not known. */
export function divisionName(code: string | null): Title | null {
  const full = divisionTitle(code);
  if (!full) return null;
  const zh = full.replace(/^.*[省市区县](?=.{2,}$)/, '');
  return { zh, en: englishPlace(zh) };
}

/** Name of a section letter (门类) in both languages, or null. */
export function sectionName(letter: string | null): Title | null {
  const zh = letter ? industryAt(letter)?.name : undefined;
  return zh ? { zh, en: englishSection(letter!) ?? zh } : null;
}

/** Name of an industry in both languages; the English one is of its two-digit division. */
export function industryName(code: string | null): Title | null {
  const zh = industryTitle(code);
  return zh ? { zh, en: englishIndustry(code!) ?? zh } : null;
}

/** Name of an industry by its code, with or without the section letter. */
export function industryTitle(code: string | null): string | null {
  if (!code) return null;
  return industryAt(code)?.name ?? industryAt(code.replace(/^[A-T](?=\d)/, ''))?.name ?? null;
}

/** The attributes of a golden record in the order in which they are shown; `column` is their column in the view. */
export const ATTRIBUTES: readonly { attribute: string; column: string; title: Title; unit: string | null }[] = [
  ['name', '名称', 'Name'],
  ['uscc', '统一社会信用代码', 'Unified social credit code'],
  ['orgcode', '组织机构代码', 'Organisation code'],
  ['regno', '注册号', 'Registration number'],
  ['kind', '类型', 'Type'],
  ['status', '登记状态', 'Status'],
  ['legal-representative', '法定代表人', 'Legal representative'],
  ['legal-representative-id', '法定代表人证件号码', "Legal representative's identity number"],
  ['capital', '注册资本', 'Registered capital', '万元'],
  ['currency', '币种', 'Currency'],
  ['established', '成立日期', 'Established'],
  ['closed', '注销日期', 'Closed'],
  ['address', '住所', 'Address'],
  ['division', '行政区划', 'Division'],
  ['industry', '行业', 'Industry'],
  ['scope', '经营范围', 'Scope of business'],
  ['phone', '联系电话', 'Telephone'],
  ['authority', '登记机关', 'Authority'],
  ['employees', '从业人数', 'Employees', '人'],
].map(([attribute, zh, en, unit]) => ({
  attribute: attribute!,
  column: attribute!.replaceAll('-', '_'),
  title: { zh: zh!, en: en! },
  unit: unit ?? null,
}));

/** An attribute's name as declarations write it, whatever separator it came with. */
export const attributeName = (name: string): string => name.replaceAll('_', '-');

/** Title of an attribute; its own name when it is not one of the list. */
export function attributeTitle(attribute: string): Title {
  return ATTRIBUTES.find((a) => a.attribute === attribute)?.title ?? { zh: attribute, en: attribute };
}

const RELATIONS: Readonly<Record<string, Title>> = {
  shareholder: { zh: '股东', en: 'Shareholder' },
  executive: { zh: '高级管理人员', en: 'Executive' },
  supervisor: { zh: '监事', en: 'Supervisor' },
  'legal-representative': { zh: '法定代表人', en: 'Legal representative' },
  branch: { zh: '分支机构', en: 'Branch' },
  guarantee: { zh: '担保', en: 'Guarantee' },
  contact: { zh: '联系人', en: 'Contact' },
};

/** Title of a kind of relation. */
export const relationTitle = (kind: string): Title => RELATIONS[kind] ?? { zh: kind, en: kind };
