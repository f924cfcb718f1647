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
export const recordUnknown = k('record-unknown', 404, '没有这条记录', 'there is no such record');
export const recordOver = k(
  'record-over',
  409,
  '这条记录已被来源取代、删除或撤回，请对现行记录提出校核',
  'the source has superseded, deleted or withdrawn this record; ask about the current one',
);
export const fieldUnseen = k(
  'field-unknown',
  422,
  '没有可校核的“{field}”',
  'there is no "{field}" that could be corrected',
);
export const alreadyOpen = k(
  'already-open',
  409,
  '该项已在校核中（第 {id} 号），不必重复提出',
  'this is being corrected already (no. {id})',
);
export const libraryUnknown = k('library-unknown', 404, '没有基础库“{library}”', 'there is no library "{library}"');
export const libraryNotYours = k(
  'library-forbidden',
  403,
  '您没有查看基础库的权限',
  'you may not look into the libraries',
);
export const tooMany = k(
  'too-many',
  422,
  '一次最多提请 {max} 条，选中的有更多；请先按结果筛选',
  'at most {max} are sent at a time and there are more; choose fewer by their outcome',
);
export const nothingToRaise = k('nothing', 422, '没有可以提请核实的项', 'there is nothing to be sent');
