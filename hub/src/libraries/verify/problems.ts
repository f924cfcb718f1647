/** What a verification may be refused with. */
import { problemKind } from '../../platform/problem.ts';

const k = (code: string, status: number, zh: string, en: string) =>
  problemKind(`libraries.verify.${code}`, status, zh, en);

export const verificationUnknown = k('unknown', 404, '没有这次校核：{id}', 'there is no such verification: {id}');
export const rowUnknown = k(
  'row-unknown',
  404,
  '这一行不存在或不需要处理',
  'there is no such row, or it needs no correction',
);
export const notWhole = k('not-done', 409, '校核尚未完成', 'the verification has not ended');
export const unreadable = k('unreadable', 422, '文件无法读取：{reason}', 'the file cannot be read: {reason}');
export const noColumns = k(
  'columns',
  422,
  '找不到可核对的列，至少需要号码或姓名（名称）。文件的列：{headers}',
  'no column to verify by was found: a number or a name is needed. Columns of the file: {headers}',
);
export const notYours = k(
  'not-yours',
  403,
  '只能校核和查看本单位的名单',
  'only lists of your own organisation are verified and seen',
);
export const sourceUnfit = k(
  'source',
  422,
  '来源 {source} 没有可核对的字段或批次',
  'the source {source} has no field to verify by, or no such run',
);
