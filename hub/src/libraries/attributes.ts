/** Golden attributes on the screens: titles, units, and which field's protection applies to them. */
import type { GoldenAttribute, SourceDeclaration, SourceField } from '../catalogue/index.ts';

/** What each attribute is called. */
export const attributeTitles: Readonly<Record<GoldenAttribute, { zh: string; en: string }>> = {
  name: { zh: '名称', en: 'Name' },
  uscc: { zh: '统一社会信用代码', en: 'Unified social credit code' },
  orgcode: { zh: '组织机构代码', en: 'Organisation code' },
  regno: { zh: '注册号', en: 'Registration number' },
  kind: { zh: '类型', en: 'Kind' },
  status: { zh: '状态', en: 'Status' },
  'legal-representative': { zh: '法定代表人', en: 'Legal representative' },
  'legal-representative-id': { zh: '法定代表人证件号码', en: 'Identity number of the legal representative' },
  capital: { zh: '注册资本', en: 'Capital' },
  currency: { zh: '币种', en: 'Currency' },
  established: { zh: '成立日期', en: 'Established' },
  closed: { zh: '注销吊销日期', en: 'Closed' },
  address: { zh: '住所', en: 'Address' },
  division: { zh: '行政区划', en: 'Division' },
  industry: { zh: '行业', en: 'Industry' },
  scope: { zh: '经营范围', en: 'Scope' },
  phone: { zh: '电话', en: 'Telephone' },
  authority: { zh: '登记机关', en: 'Authority' },
  employees: { zh: '从业人数', en: 'Employees' },
};

/** Units that an attribute is told in. */
export const attributeUnits: Partial<Record<GoldenAttribute, string>> = { capital: '万元', employees: '人' };

const strictness = ['public', 'internal', 'personal', 'sensitive'] as const;

/** The class and field whose protection applies to a golden attribute: the strictest that speaks of it. */
export function guardOf(
  declarations: readonly SourceDeclaration[],
  attribute: GoldenAttribute,
): { declaration: Pick<SourceDeclaration, 'level' | 'owner'>; field: Pick<SourceField, 'protection' | 'format'> } {
  let best: { declaration: SourceDeclaration; field: SourceField } | undefined;
  for (const declaration of declarations) {
    for (const field of declaration.fields) {
      if (field.golden !== attribute) continue;
      if (!best || strictness.indexOf(field.protection) > strictness.indexOf(best.field.protection))
        best = { declaration, field };
    }
  }
  return best ?? { declaration: { level: 'general', owner: '' }, field: { protection: 'internal' } };
}

/** The same for a room that knows an attribute by its name alone, with what it is called. */
export function legalGuard(declarations: readonly SourceDeclaration[], attribute: string) {
  const name = attribute as GoldenAttribute;
  return { ...guardOf(declarations, name), title: attributeTitles[name] };
}
