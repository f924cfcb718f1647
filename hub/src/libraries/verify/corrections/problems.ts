/** What corrections may be refused with. */
import { problemKind } from '../../../platform/problem.ts';

const k = (code: string, status: number, zh: string, en: string) =>
  problemKind(`libraries.correction.${code}`, status, zh, en);

export const correctionUnknown = k('unknown', 404, '没有这条核实事项：{id}', 'there is no such correction: {id}');
export const notYours = k(
  'not-yours',
  403,
  '由数据来源部门核实，提请部门可以办结',
  'corrections are answered by the department of the source and settled by who asked',
);
export const stateRefused = k(
  'state',
  409,
  '不能从“{from}”改为“{to}”',
  'a correction cannot go from "{from}" to "{to}"',
);
export const tooMany = k(
  'too-many',
  422,
  '一次最多提请 {max} 条，选中的有更多；请先按结果筛选',
  'at most {max} are sent at a time and there are more; choose fewer by their outcome',
);
export const nothingToRaise = k('nothing', 422, '没有可以提请核实的项', 'there is nothing to be sent');
