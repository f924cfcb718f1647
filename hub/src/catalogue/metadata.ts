/**
 * The national core metadata of an information resource (政务信息资源目录编制指南（试行）, 发改高技术〔2017〕1272号): the code is a
 * classification code (类 1 digit, 项 2, 目 3, 细目 free) and a sequence code, written with `/` between.
 */
import type { SourceDeclaration } from './declaration.ts';
import type { Organisation } from './organisations.ts';

/**
 * 类: 1 基础信息资源, 2 主题信息资源, 3 部门信息资源. Registrations of legal persons belong to the base library 法人单位
 * (项 02); dishonesty and bad loans to 社会信用 (项 04); everything else to its department (项 07, departments of provinces
 * and below).
 */
function classification(d: SourceDeclaration): { code: string; words: [string, string, string] } {
  if (d.category === 'registration' && d.subject === 'legal-person')
    return { code: '102001', words: ['基础信息资源', '法人单位基础信息资源', '登记信息'] };
  if (d.subject === 'natural-person' && d.category === 'registration')
    return { code: '101001', words: ['基础信息资源', '国家人口基础信息资源', '登记信息'] };
  if (d.category === 'dishonesty' || d.category === 'bad-loan' || d.category === 'court')
    return { code: '104001', words: ['基础信息资源', '社会信用基础信息资源', '失信信息'] };
  return { code: '307001', words: ['部门信息资源', '省（自治区、直辖市）及其下各级政务部门', '市级部门'] };
}

/** The classification code that a declaration is put into. */
export const classificationOf = (d: SourceDeclaration): string => classification(d).code;

/** The resource's code: 分类码/顺序码. The sequence is the source's number, which is never used again. */
export const resourceCode = (d: SourceDeclaration): string =>
  `${classification(d).code}/${String(d.number).padStart(6, '0')}`;

const sharing = { unconditional: '无条件共享', conditional: '有条件共享', refused: '不予共享' };
const cadences = {
  realtime: '实时',
  daily: '每日',
  weekly: '每周',
  'half-monthly': '每半月',
  monthly: '每月',
  quarterly: '每季度',
  yearly: '每年',
};
const types = {
  text: ['C', '字符型'],
  integer: ['I', '整型'],
  decimal: ['N', '数值型'],
  date: ['D', '日期型'],
  datetime: ['T', '日期时间型'],
  boolean: ['L', '逻辑型'],
} as const;

/** The catalogue's letter of a field's type; amounts of money are Y (货币型). */
export const nationalType = (field: SourceDeclaration['fields'][number]): string =>
  field.format === 'amount' ? 'Y' : types[field.type][0];

/** The format that a resource comes in (信息资源格式). */
export function formatOf(d: SourceDeclaration): string {
  const t = d.transport;
  if (t.kind === 'file') return t.format;
  if (t.kind === 'postgres' || t.kind === 'mysql') return t.kind;
  return t.kind === 'unavailable' ? '—' : 'json';
}

/** The core metadata in the guide's order. */
export function coreMetadata(
  d: SourceDeclaration,
  owner: Organisation | undefined,
): { name: string; en: string; value: string | null }[] {
  const { words } = classification(d);
  const way = d.sharing.type === 'refused' ? null : d.transport.kind === 'file' ? '下载' : '系统对接';
  const condition =
    d.sharing.type === 'unconditional'
      ? '无条件'
      : d.sharing.type === 'conditional'
        ? d.sharing.condition
        : d.sharing.ground;
  return [
    { name: '信息资源分类', en: 'Classification', value: words.join(' / ') },
    { name: '信息资源名称', en: 'Name', value: d.title.zh },
    { name: '信息资源代码', en: 'Code', value: resourceCode(d) },
    { name: '信息资源提供方', en: 'Provider', value: owner?.name.zh ?? d.owner },
    { name: '信息资源提供方代码', en: "Provider's code", value: owner?.code ?? null },
    { name: '信息资源摘要', en: 'Abstract', value: d.abstract.zh },
    { name: '信息资源格式', en: 'Format', value: formatOf(d) },
    { name: '信息项信息', en: 'Items', value: d.fields.map((f) => `${f.title.zh}（${types[f.type][1]}）`).join('、') },
    { name: '共享类型', en: 'Sharing', value: sharing[d.sharing.type] },
    { name: '共享条件', en: 'Condition of sharing', value: condition ?? null },
    { name: '共享方式', en: 'Way of sharing', value: way },
    { name: '是否向社会开放', en: 'Open to society', value: d.open ? '是' : '否' },
    { name: '更新周期', en: 'Cadence', value: cadences[d.cadence] },
    { name: '关联资源代码', en: 'Related resources', value: null },
  ];
}
