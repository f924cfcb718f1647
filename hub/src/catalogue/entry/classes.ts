/**
 * The classification code of a resource: 类 of one digit, 项 of two, 目 of three, 细目 of any length; the code of a resource is
 * it, a `/` and its sequence code. 类 and 项 are those of the guide (发改高技术〔2017〕1272号); the 目 below them are each city's
 * own, of which only those are named here that declarations are put into.
 */
import type { Bilingual } from '../../platform/i18n/index.ts';

interface Class {
  code: string;
  title: Bilingual;
  parts: readonly Bilingual[];
}
const b = (zh: string, en: string): Bilingual => ({ zh, en });

const classes: readonly Class[] = [
  {
    ...{ code: '1', title: b('基础信息资源', 'Base resources') },
    parts: [
      b('国家人口基础信息资源', 'Population'),
      b('法人单位基础信息资源', 'Legal persons'),
      b('自然资源和空间地理基础信息资源', 'Natural resources and geography'),
      b('社会信用基础信息资源', 'Social credit'),
      b('电子证照基础信息资源', 'Electronic licences'),
    ],
  },
  {
    ...{ code: '2', title: b('主题信息资源', 'Thematic resources') },
    parts: [
      b('公共服务', 'Public services'),
      b('健康保障', 'Health'),
      b('社会保障', 'Social security'),
      b('食品药品安全', 'Food and drug safety'),
      b('安全生产', 'Work safety'),
      b('价格监管', 'Prices'),
      b('能源安全', 'Energy'),
      b('信用体系', 'Credit'),
      b('城乡建设', 'Construction'),
      b('社区治理', 'Communities'),
      b('生态环保', 'Environment'),
      b('应急维稳', 'Emergencies'),
    ],
  },
  {
    ...{ code: '3', title: b('部门信息资源', "Departments' resources") },
    parts: [
      b('党中央', 'Central committee of the party'),
      b('全国人大常委会', 'Standing committee of the congress'),
      b('国务院', 'State council'),
      b('全国政协', 'Consultative conference'),
      b('最高人民法院', 'Supreme court'),
      b('最高人民检察院', 'Supreme procuratorate'),
      b('省（自治区、直辖市）及其下各级政务部门', 'Departments of provinces and below'),
      b('计划单列市及其下各级政务部门', 'Departments of cities with plans of their own'),
    ],
  },
];

const subdivisions: Readonly<Record<string, Bilingual>> = {
  '101001': b('登记信息', 'Registration'),
  '102001': b('登记信息', 'Registration'),
  '104001': b('失信信息', 'Dishonesty'),
  '307001': b('市级部门', 'Departments of the city'),
};

/** All 项 with their 类: what a form offers. */
export const classList = (): { code: string; title: Bilingual; class: string; classTitle: Bilingual }[] =>
  classes.flatMap((c) =>
    c.parts.map((title, i) => ({
      ...{ code: `${c.code}${String(i + 1).padStart(2, '0')}`, title, class: c.code, classTitle: c.title },
    })),
  );

/** Words of a classification code, or what is wrong with it: its form, its 类, or its 项. */
export function classOf(code: string): { words: Bilingual[] } | { wrong: 'form' | 'class' | 'part' } {
  const match = /^(\d)(\d\d)(\d{3})(\d{0,14})$/.exec(code);
  if (!match || match[3] === '000') return { wrong: 'form' };
  const own = classes.find((c) => c.code === match[1]);
  if (!own) return { wrong: 'class' };
  const part = own.parts[Number(match[2]) - 1];
  if (!part) return { wrong: 'part' };
  const subdivision = subdivisions[code.slice(0, 6)] ?? b(`目${match[3]}`, `Section ${match[3]}`);
  const rest = match[4] ? [b(`细目${match[4]}`, `Subsection ${match[4]}`)] : [];
  return { words: [own.title, part, subdivision, ...rest] };
}

/** The resource's code: 分类码/顺序码, the sequence of at least six digits. */
export const codeOf = (classification: string, sequence: number): string =>
  `${classification}/${String(sequence).padStart(6, '0')}`;

/** Takes a resource's code apart; undefined where it is none. */
export function parseCode(code: string): { classification: string; sequence: number } | undefined {
  const match = /^(\d{6,20})\/(\d{1,9})$/.exec(code.normalize('NFKC').trim());
  if (!match || 'wrong' in classOf(match[1]!)) return undefined;
  return { classification: match[1]!, sequence: Number(match[2]) };
}
