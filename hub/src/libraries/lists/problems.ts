/** What may be wrong with a declared list, and what a question about lists may be refused with. */
import { problemKind } from '../../platform/problem.ts';

const k = (code: string, zh: string, en: string, status = 422) => problemKind(`libraries.list.${code}`, status, zh, en);

export const folder = k(
  'folder',
  '清单标识应与目录名相同：{expected}',
  "The list's id must be its folder's name: {expected}",
);
export const owner = k('owner', '机构目录中没有“{owner}”。', 'There is no organisation "{owner}".');
export const entitledTwice = k('entitled-twice', '机构“{id}”写了两次。', 'The organisation "{id}" is named twice.');
export const noJurisdiction = k(
  'no-jurisdiction',
  '机构“{id}”没有登记{level}级辖区（lists/jurisdictions.yaml）。',
  'The organisation "{id}" has no jurisdiction of the level {level} (lists/jurisdictions.yaml).',
);
export const statesOpen = k(
  'states',
  '办理状态应以 open 开头且不重复。',
  'The states must begin with "open" and be distinct.',
);

export const listUnknown = k('unknown', '没有这份清单：{list}', 'there is no such list: {list}', 404);
export const memberUnknown = k('member-unknown', '清单中没有这个对象', 'the list has no such member', 404);
export const stateUnknown = k('state-unknown', '清单没有这种办理状态：{state}', 'the list has no such state: {state}');
export const fieldUnknown = k('field-unknown', '没有这一项：{field}', 'there is no such field: {field}');
export const notYours = k(
  'not-yours',
  '只有本辖区的数据专员和数据管理员可以办理',
  'members are followed up by data officers of their division and by data stewards',
  403,
);
export const dayBefore = k(
  'day',
  '清单已算到 {last}，不能再算更早的一天',
  'the list stands at {last}: an earlier day cannot be computed',
  409,
);
export const tooSlow = k(
  'time',
  '清单 {list} 超过 {seconds} 秒未算完，已停止',
  'the list {list} did not end within {seconds} seconds and was stopped',
);
export const notReady = k('not-ready', '清单尚未载入，请稍候', 'the lists are not loaded yet; try again shortly', 503);
