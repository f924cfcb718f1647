/** What comes of a row, in the codes and the words in which departments get it, and the fields that may be compared. */
import type { Bilingual } from '../../platform/i18n/index.ts';

/** Outcomes in the order of their numbers in the lake (from 1). Every row has exactly one. */
export const outcomes = [
  'agreed',
  'differs',
  'unknown',
  'deceased',
  'moved',
  'closed',
  'ambiguous',
  'incomplete',
] as const;
export type Outcome = (typeof outcomes)[number];

/** The number of an outcome in the lake. */
export const outcomeNumber = (o: Outcome): number => outcomes.indexOf(o) + 1;

export const outcomeTitles: Readonly<Record<Outcome, Bilingual>> = {
  agreed: { zh: '一致', en: 'Agrees' },
  differs: { zh: '不一致', en: 'Differs' },
  unknown: { zh: '库中查无', en: 'Not known' },
  deceased: { zh: '已死亡', en: 'Deceased' },
  moved: { zh: '已迁出', en: 'Moved away' },
  closed: { zh: '已注销或吊销', en: 'Closed' },
  ambiguous: { zh: '无法唯一确定', en: 'Cannot be told apart' },
  incomplete: { zh: '缺少核对项', en: 'Nothing to look for' },
};

/** What is looked up. */
export const subjects = ['person', 'legal-person'] as const;
export type VerifySubject = (typeof subjects)[number];

/** A field that a list may have: its title, the headers by which it is known, how the library says it. */
export interface VerifyField {
  name: string;
  title: Bilingual;
  /** Headers, compared without blanks and case. */
  headers: readonly string[];
}

/** The fields of each subject; the place (from 0) is the bit by which a difference is kept. */
export const verifyFields: Readonly<Record<VerifySubject, readonly VerifyField[]>> = {
  person: [
    {
      name: 'number',
      title: { zh: '公民身份号码', en: 'Identity number' },
      headers: ['公民身份号码', '身份证号', '身份证号码', '身份号码', '证件号码', '证件号', 'idno', 'id_no', 'number'],
    },
    { name: 'name', title: { zh: '姓名', en: 'Name' }, headers: ['姓名', '名字', '人员姓名', 'name', 'nm'] },
    {
      name: 'birth',
      title: { zh: '出生日期', en: 'Date of birth' },
      headers: ['出生日期', '出生年月日', '生日', 'birth', 'birth_dt'],
    },
    { name: 'sex', title: { zh: '性别', en: 'Sex' }, headers: ['性别', 'sex'] },
    {
      name: 'address',
      title: { zh: '住址', en: 'Address' },
      headers: ['住址', '地址', '现住址', '家庭住址', '户籍地址', '居住地址', 'address', 'addr'],
    },
  ],
  'legal-person': [
    {
      name: 'number',
      title: { zh: '统一社会信用代码', en: 'Unified social credit code' },
      headers: ['统一社会信用代码', '社会信用代码', '信用代码', '纳税人识别号', 'uscc', 'number'],
    },
    {
      name: 'name',
      title: { zh: '名称', en: 'Name' },
      headers: ['名称', '企业名称', '单位名称', '机构名称', '公司名称', 'name', 'comp_nm'],
    },
    {
      name: 'established',
      title: { zh: '成立日期', en: 'Established on' },
      headers: ['成立日期', '设立日期', '注册日期', 'established'],
    },
    {
      name: 'representative',
      title: { zh: '法定代表人', en: 'Legal representative' },
      headers: ['法定代表人', '法人代表', '负责人', 'legal_repre'],
    },
    {
      name: 'address',
      title: { zh: '地址', en: 'Address' },
      headers: ['地址', '住所', '注册地址', '经营地址', 'address', 'addr'],
    },
  ],
};

/** Which column says what: the name of a field -> a column of the list. */
export type Columns = Record<string, string>;

const bare = (text: string): string => text.replace(/[\s\ufeff_]/g, '').toLowerCase();

/** The columns that headers name by themselves. */
export function guessColumns(subject: VerifySubject, headers: readonly string[]): Columns {
  const out: Columns = {};
  for (const field of verifyFields[subject]) {
    const found = field.headers.map((h) => headers.find((own) => bare(own) === bare(h))).find((h) => h !== undefined);
    if (found !== undefined) out[field.name] = found;
  }
  return out;
}

/** The fields that a mask of differences names. */
export const fieldsOf = (subject: VerifySubject, mask: number): VerifyField[] =>
  verifyFields[subject].filter((_, i) => mask & (1 << i));
