/**
 * Whether a request is complete (articles 20 and 21): everything that is missing or does not hold is told at once, each with its
 * code and its field. What is not shared, or cannot be delivered by this hub, is told in the same breath.
 */
import { Problem, type ProblemKind, problemKind } from '../platform/problem.ts';
import type { Content } from './content.ts';
import type { SharedEntry } from './entries.ts';
import { filterFaults } from './filter.ts';
import { incomplete, refusedType } from './problems.ts';

const k = (code: string, zh: string, en: string) => problemKind(`sharing.missing.${code}`, 422, zh, en);

const ground = k('ground', '缺少使用依据（至少 4 个字）', 'the ground of the use is missing (4 characters at least)');
const scene = k('scene', '缺少使用场景', 'the scene of the use is missing');
const scope = k('scope', '缺少使用范围', 'the scope of the use is missing');
const mode = k('mode', '缺少共享方式', 'the mode of sharing is missing');
const until = k('until', '缺少使用时限', 'the time limit of the use is missing');
const untilPast = k('until-past', '使用时限应晚于今天', 'the time limit must be after today');
const untilFar = k('until-far', '使用时限最长五年', 'the time limit is five years at most');
const items = k('items', '没有选择数据项', 'no items are chosen');
const itemUnknown = k('item-unknown', '目录中没有数据项“{item}”', 'the entry has no item "{item}"');
const necessity = k(
  'necessity',
  '“{item}”属于个人信息，须逐项说明必要性（至少 4 个字）',
  '"{item}" is personal: say why it is needed (4 characters at least)',
);
const conditions = k(
  'conditions',
  '有条件共享（{condition}），须说明如何满足',
  'sharing is conditional ({condition}): say how the condition is met',
);
const contact = k('contact', '缺少联系人', 'a contact is missing');
const own = k('own', '不能向本部门申请', 'a department does not ask itself');
const uncollected = k(
  'not-collected',
  '该资源未接入本平台，暂不能由本平台交付',
  'this resource is not collected here: the hub cannot deliver it',
);
const once = k(
  'frequency',
  '文件下载只交付一次，周期交付请选批量交换',
  'a file is delivered once: choose batch for a period',
);

const short = (text: string, least = 2): boolean => [...text].length < least;
const FIVE_YEARS = 5 * 366 * 86_400_000;

/** Everything that is missing or does not hold, in the order of the form; empty: the request is complete. */
export function missingOf(
  { entry, items: known }: SharedEntry,
  c: Content,
  asked: { requester: string; today: string; typed: (item: string) => string },
): Problem[] {
  const found: Problem[] = [];
  const say = (kind: ProblemKind, field: string, params = {}) => found.push(new Problem(kind, params, { field }));
  if (entry.sharing.type === 'refused') say(refusedType, 'entry', { ground: entry.sharing.ground });
  if (entry.provider === asked.requester) say(own, 'entry');
  if (entry.source === null) say(uncollected, 'entry');
  if (short(c.ground, 4)) say(ground, 'ground');
  if (short(c.scene)) say(scene, 'scene');
  if (short(c.scope)) say(scope, 'scope');
  if (c.mode === null) say(mode, 'mode');
  if (c.mode === 'file' && c.frequency !== 'once') say(once, 'frequency');
  if (c.until === null) say(until, 'until');
  else if (c.until <= asked.today) say(untilPast, 'until');
  else if (Date.parse(c.until) - Date.parse(asked.today) > FIVE_YEARS) say(untilFar, 'until');
  if (c.items.length === 0) say(items, 'items');
  for (const name of new Set(c.items)) {
    const item = known.find((i) => i.name === name);
    if (!item) say(itemUnknown, 'items', { item: name });
    else if (isPersonal(item.protection) && short(c.necessity[name] ?? '', 4))
      say(necessity, `necessity.${name}`, { item: item.title.zh });
  }
  if (entry.sharing.type === 'conditional' && short(c.conditions, 4))
    say(conditions, 'conditions', { condition: entry.sharing.condition });
  found.push(...filterFaults(c.filter, known, asked.typed));
  if (short(c.contact)) say(contact, 'contact');
  return found;
}

/** Whether an item's values are personal data, which are asked for one by one. */
export const isPersonal = (protection: string): boolean => protection === 'personal' || protection === 'sensitive';

/** Refuses what is not complete, with all of it. */
export function needComplete(missing: Problem[]): void {
  if (missing.length === 1 && missing[0]!.kind === refusedType) throw missing[0]!;
  if (missing.length) throw new Problem(incomplete, {}, undefined, missing);
}
