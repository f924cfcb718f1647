/** What may be wrong with a declared theme, and what a question about themes may be refused with. */
import { problemKind } from '../../platform/problem.ts';

const k = (code: string, zh: string, en: string, status = 422) =>
  problemKind(`libraries.theme.${code}`, status, zh, en);

export const folder = k(
  'folder',
  '主题标识应与目录名相同：{expected}。',
  'The theme must be named as its folder: {expected}.',
);
export const ownerUnknown = k('owner', '机构目录中没有“{owner}”。', 'There is no organisation "{owner}".');
export const libraryUnknown = k('library', '没有基础库“{library}”。', 'There is no library "{library}".');
export const attributeUnknown = k(
  'attribute',
  '基础库 {library} 没有属性“{name}”。',
  'The library {library} has no attribute "{name}".',
);
export const twice = k('twice', '“{name}”写了两次。', '"{name}" is declared twice.');
export const nobody = k(
  'access',
  '须写明可以查看的角色或机构。',
  'It must say which roles or organisations may see it.',
);
export const tooSlow = k(
  'time',
  '主题 {theme} 超过 {seconds} 秒未算完，已停止。',
  'The theme {theme} did not end within {seconds} seconds and was stopped.',
);
export const runFailed = k('run', '主题 {theme} 未能计算：{message}', 'The theme {theme} could not be made: {message}');
export const dayBefore = k(
  'day',
  '主题已算到 {last}，不能再算更早的一天。',
  'The theme stands at {last}: an earlier day cannot be made.',
  409,
);

export const unknown = k('unknown', '没有这个专题库：{theme}', 'There is no such theme: {theme}', 404);
export const memberUnknown = k('member', '专题库中没有这个对象', 'The theme has no such member', 404);
export const forbidden = k(
  'forbidden',
  '查看人员专题须有人口信息权限',
  'Themes of persons need the right to personal data',
  403,
);
export const notReady = k(
  'not-ready',
  '专题库尚未载入，请稍候',
  'The themes are not loaded yet; try again shortly',
  503,
);
