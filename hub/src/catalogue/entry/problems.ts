/** Problems of the catalogue's entries. */
import { problemKind } from '../../platform/problem.ts';

const k = (code: string, status: number, zh: string, en: string) =>
  problemKind(`catalogue.entry.${code}`, status, zh, en);

export const entryUnknown = k('unknown', 404, '目录里没有条目“{id}”。', 'The catalogue has no entry "{id}".');
export const versionUnknown = k(
  'version-unknown',
  404,
  '条目“{id}”没有第 {version} 版。',
  'The entry "{id}" has no version {version}.',
);
export const providerUnknown = k('provider-unknown', 422, '没有机构“{id}”。', 'There is no organisation "{id}".');
export const notYours = k(
  'not-yours',
  403,
  '只能办理本部门的目录条目。',
  'Only entries of your own department are yours to work on.',
);
export const noDraft = k('no-draft', 409, '条目“{id}”没有在编的版本。', 'No version of "{id}" is being worked on.');
export const draftThere = k(
  'draft-there',
  409,
  '条目“{id}”已有在编的第 {version} 版。',
  'Version {version} of "{id}" is being worked on already.',
);
export const changedMeanwhile = k(
  'changed-meanwhile',
  409,
  '{who} 已在您编辑期间修改了此条目，请重新打开后再改。',
  '{who} has changed this entry while you worked on it: open it again.',
);
export const wrongState = k(
  'wrong-state',
  409,
  '条目“{id}”现为“{state}”，不能这样办理。',
  'The entry "{id}" is {state}: this cannot be done now.',
);
export const hasErrors = k(
  'has-errors',
  422,
  '有 {n} 处错误须先改正。',
  '{n} errors are to be mended before it goes on.',
);
export const retired = k('retired', 409, '条目“{id}”已注销。', 'The entry "{id}" was retired.');
export const dutyUnknown = k('duty-unknown', 404, '没有更新事项 {id}。', 'There is no duty to update {id}.');
export const dutyEnded = k('duty-ended', 409, '更新事项 {id} 已办结。', 'The duty to update {id} has ended.');
export const dutyExtended = k(
  'duty-extended',
  409,
  '更新事项 {id} 已延长过一次。',
  'The duty to update {id} was extended already.',
);
export const dutyFuture = k('duty-future', 422, '发生日期不能晚于今天。', 'What asks for an update cannot lie ahead.');
export const itemUnshared = k(
  'item-unshared',
  422,
  '“{item}”不是多个部门共有的信息项，或“{organisation}”没有此项。',
  '"{item}" is no item that departments share, or "{organisation}" does not have it.',
);
export const pairUnknown = k('pair-unknown', 422, '这两个条目没有疑似重复。', 'These two entries repeat nothing.');
export const reasonsMissing = k(
  'reasons-missing',
  422,
  '退回须一次写明全部理由。',
  'A return states all of its reasons at once.',
);
