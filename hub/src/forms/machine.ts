/** The way of a record as its design declares it: which step leads where, who may take it, and by when. Pure. */
import type { WorkingCalendar } from '@jingwei/codes';
import { dueOf } from '../platform/law/index.ts';
import type { May } from './access.ts';
import type { Design } from './design.ts';
import type { State } from './store.ts';

export type Step = 'submit' | 'check' | 'accept' | 'return' | 'withdraw' | 'reopen';

export const stateTitles: Readonly<Record<State, { zh: string; en: string }>> = {
  draft: { zh: '草稿', en: 'draft' },
  submitted: { zh: '已提交', en: 'handed in' },
  checked: { zh: '已核查', en: 'checked' },
  accepted: { zh: '已采纳', en: 'accepted' },
  returned: { zh: '退回修改', en: 'returned' },
  withdrawn: { zh: '已撤回', en: 'withdrawn' },
};

/** What entries of the history are called. */
export const actionTitles: Readonly<Record<string, { zh: string; en: string }>> = {
  create: { zh: '填报', en: 'Filled in' },
  change: { zh: '修改', en: 'Changed' },
  submit: { zh: '提交', en: 'Handed in' },
  check: { zh: '核查通过', en: 'Checked' },
  accept: { zh: '采纳', en: 'Accepted' },
  return: { zh: '退回', en: 'Returned' },
  withdraw: { zh: '撤回', en: 'Withdrawn' },
  reopen: { zh: '退回更正', en: 'Opened again' },
  comment: { zh: '留言', en: 'Remark' },
  conflict: { zh: '冲突的修改（待处理）', en: 'Conflicting change' },
  settle: { zh: '处理冲突', en: 'Conflict settled' },
  carry: { zh: '转到新版表单', en: 'Carried to a new version' },
  import: { zh: '表格导入', en: 'Taken in from a spreadsheet' },
  repeat: { zh: '重复操作（无变化）', en: 'Repeated (nothing changed)' },
};

/** Steps that need their reason. */
export const reasoned: ReadonlySet<Step> = new Set(['return', 'withdraw', 'reopen']);

/** Where a record stands that was just handed in, checked … by the design's flow. */
export function after(design: Pick<Design, 'flow'>, step: Step): State {
  const { check, accept } = design.flow;
  if (step === 'submit') return check || accept ? 'submitted' : 'accepted';
  if (step === 'check') return accept ? 'checked' : 'accepted';
  if (step === 'accept') return 'accepted';
  return step === 'withdraw' ? 'withdrawn' : 'returned';
}

/** Whether a step can be taken in a state, by anybody. */
export function leads(design: Pick<Design, 'flow'>, state: State, step: Step): boolean {
  const { check, accept } = design.flow;
  switch (step) {
    case 'submit':
      return state === 'draft' || state === 'returned';
    case 'check':
      return check !== null && state === 'submitted';
    case 'accept':
      return accept !== null && state === (check ? 'checked' : 'submitted');
    case 'return':
      return state === 'submitted' || state === 'checked';
    case 'reopen':
      return state === 'accepted';
    case 'withdraw':
      return state !== 'withdrawn';
  }
}

/** Whether somebody may take it: `own`: who filled it in. Four eyes are looked at apart. */
export function allowed(may: May, own: boolean, state: State, step: Step): boolean {
  if (step === 'submit') return own && may.fill;
  if (step === 'withdraw') return may.handle || (own && may.fill && state !== 'accepted' && state !== 'checked');
  return may.handle;
}

/** Whether the design forbids that who filled a record in takes this step. */
export const needsOther = (design: Pick<Design, 'flow'>, step: Step): boolean =>
  design.flow.fourEyes && (step === 'check' || step === 'accept');

/** Last working day for what has to be done in a state; null: no clock, or the holidays of that time are not announced. */
export function dueIn(
  design: Pick<Design, 'flow'>,
  state: State,
  calendar: WorkingCalendar,
  today: string,
): string | null {
  const { check, accept, mendDays } = design.flow;
  const days =
    state === 'submitted'
      ? (check ?? accept)?.days
      : state === 'checked'
        ? accept?.days
        : state === 'returned'
          ? mendDays
          : null;
  return days ? dueOf(calendar, today, days).due : null;
}
