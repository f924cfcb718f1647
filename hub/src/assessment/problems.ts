/** The problems of the assessment: of declared formulas (with file and line), of months and of objections. */
import { problemKind } from '../platform/problem.ts';

const k = (code: string, status: number, zh: string, en: string) => problemKind(`assessment.${code}`, status, zh, en);

export const weightsNotWhole = k(
  'formula.weights',
  422,
  '各指标权重之和应为 100，现为 {sum}',
  'The weights must sum up to 100; they are {sum}',
);
export const declaredTwice = k('formula.twice', 422, '“{id}”声明了两次', '"{id}" is declared twice');
export const targetsAgainst = k(
  'formula.targets',
  422,
  '满分值与零分值应符合方向“{direction}”，且不相等',
  'Full and zero marks contradict the direction "{direction}", or are equal',
);
export const countsHigher = k(
  'formula.count-higher',
  422,
  '按件数计的指标只能越少越好：没有发生的事无从追溯到记录',
  'What is counted can only be better when lower: what did not happen has no records to be traced to',
);
export const nameWrong = k(
  'formula.name',
  422,
  '文件应在 {expected} 文件夹，名为 {edition}.yaml',
  'The file belongs into {expected} and is called {edition}.yaml',
);
export const changedInPlace = k(
  'formula.changed',
  422,
  '{edition} 版已登记，不能改动：请另写一版，写明理由和启用月份；现仍按登记的内容计分',
  'Edition {edition} is registered and cannot change: write another one with its reason and first month; scores still follow what was registered',
);
export const tooEarly = k(
  'formula.too-early',
  422,
  '{edition} 版自 {from} 启用，但 {closed} 已封账：新版须从其后的月份启用',
  'Edition {edition} begins with {from}, but {closed} is closed: it must begin with a later month',
);
export const firstReason = k(
  'formula.reason',
  422,
  '{edition} 版改变了计分办法，须写明理由（reason）',
  'Edition {edition} changes the formula: its reason must be given',
);
export const recordTwice = k(
  'measure.twice',
  422,
  '指标“{indicator}”两次给出同一记录 {record}',
  'The indicator "{indicator}" answers the same record twice: {record}',
);
export const recordWrong = k(
  'measure.wrong',
  422,
  '指标“{indicator}”的记录 {record} 不成立：分母不能为负，按占比计时分子不能大于分母',
  'The record {record} of the indicator "{indicator}" does not hold: no negative base, and no value greater than its base',
);
export const tooManyRecords = k(
  'measure.too-many',
  422,
  '指标“{indicator}”给出的记录超过 {limit} 条，请在 SQL 中合并',
  'The indicator "{indicator}" answers more than {limit} records; group them in its SQL',
);
export const unknownScheme = k('scheme.unknown', 404, '没有考核方案“{scheme}”', 'There is no scheme "{scheme}"');
export const unknownMonth = k(
  'month.unknown',
  404,
  '{month} 没有考核结果：本平台的记录尚未到这个月，或尚未计算',
  'There is no result of {month}: the hub has no records of that month, or it was not computed yet',
);
export const unknownUnit = k('unit.unknown', 404, '该月没有单位“{unit}”', 'There is no unit "{unit}" in that month');
export const unknownIndicator = k(
  'indicator.unknown',
  404,
  '没有指标“{indicator}”',
  'There is no indicator "{indicator}"',
);
export const unknownObjection = k('objection.unknown', 404, '没有编号为 {id} 的异议', 'There is no objection {id}');
export const notYourUnit = k(
  'objection.not-yours',
  403,
  '只能对本单位的得分提出异议',
  'One can object to the own unit’s points only',
);
export const nothingLost = k(
  'objection.nothing-lost',
  422,
  '该处没有失分，没有可异议的内容',
  'No points were lost there: there is nothing to object to',
);
export const objectionOpen = k(
  'objection.open',
  409,
  '对同一处的异议正在办理',
  'An objection to the same is being handled already',
);
export const objectionLate = k(
  'objection.late',
  422,
  '异议期已于 {due} 届满（公布后 {days} 个工作日）',
  'The time for objections ended on {due} ({days} working days after publication)',
);
export const objectionEnded = k('objection.ended', 409, '该异议已经办结', 'The objection has been decided');
export const ownObjection = k(
  'objection.own',
  403,
  '提出异议的人不能自行裁定',
  'Who objects does not decide on the objection',
);
export const notAuthority = k(
  'objection.not-authority',
  403,
  '异议由不属于任何部门的主管部门人员裁定',
  'Objections are decided by the authority, which belongs to no department',
);
export const conflict = k(
  'objection.conflict',
  409,
  '内容已被他人更改，请刷新后再办',
  'It was changed by somebody else: look at it again first',
);
export const fontsMissing = k(
  'report.glyph',
  500,
  '字体中没有字符“{characters}”，报告无法生成',
  'The fonts lack "{characters}": the report cannot be made',
);
