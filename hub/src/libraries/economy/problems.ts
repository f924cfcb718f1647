/** What may be wrong with the declared economy, and what a question about it may be refused with. */
import { problemKind } from '../../platform/problem.ts';

const k = (code: string, zh: string, en: string, status = 422) =>
  problemKind(`libraries.economy.${code}`, status, zh, en);

export const twice = k('twice', '“{id}”声明了两次。', '"{id}" is declared twice.');
export const sourceUnknown = k('source-unknown', '没有来源“{source}”。', 'There is no source "{source}".');
export const fieldUnknown = k(
  'field-unknown',
  '来源 {source} 没有字段“{field}”。',
  'The source {source} has no field "{field}".',
);
export const fieldNumber = k(
  'field-number',
  '字段 {source}.{field} 不是数值。',
  'The field {source}.{field} is not a number.',
);
export const subject = k(
  'subject',
  '来源 {source} 说的不是法人，不能作为企业指标。',
  'The source {source} is not about legal persons.',
);
export const unitUnknown = k(
  'unit',
  '不能把“{from}”换算成“{to}”。',
  'There is no way from the unit "{from}" to "{to}".',
);
export const measureUnknown = k('measure-unknown', '没有指标“{id}”。', 'There is no measure "{id}".');
export const againstLater = k(
  'against-later',
  '“{id}”须声明在用它核对的指标之前，且不是它自己。',
  '"{id}" must be declared before the measure that is held against it.',
);
export const formulaWrong = k(
  'formula',
  '公式“{formula}”有误：{message}',
  'The formula "{formula}" is wrong: {message}',
);
export const formulaForbidden = k(
  'formula-forbidden',
  '公式“{formula}”不得使用：{what}',
  'The formula "{formula}" must not use: {what}',
);
export const sharesWrong = k(
  'shares',
  '各等级比例合计应为 100，现为 {sum}。',
  'The shares of the grades must make 100; they make {sum}.',
);
export const ownerUnknown = k('owner', '机构目录中没有“{owner}”。', 'There is no organisation "{owner}".');

export const dimensionFailed = k(
  'dimension',
  '维度“{id}”未能生成：{message}',
  'The dimension "{id}" could not be made: {message}',
);

export const unknownAsked = k('unknown', '没有声明“{id}”。', '"{id}" is not declared.', 404);
export const periodWrong = k('period', '“{period}”不是有效的报告期。', '"{period}" is not a period.', 400);
export const enterpriseUnknown = k(
  'enterprise',
  '没有这家企业：{entity}',
  'There is no such enterprise: {entity}',
  404,
);
export const notReady = k(
  'not-ready',
  '产业经济库尚未载入，请稍候',
  'The economy is not loaded yet; try again shortly',
  503,
);
