/** What of sharing comes to people's inboxes: notices of organisations, and whose decision a request waits for. */
import type { KindName, Notice, NoticePort, Recipient, Urgency } from '../platform/notices/index.ts';
import type { Trx } from '../platform/notices/port.ts';
import { AUTHORITY, type NoticeKind, noticeTitles, type RequestRow } from './matters.ts';

/** What telling stands on. */
export interface Tellers {
  notices: NoticePort;
}

/** How kinds of this room come to people; what is not here waits for somebody's decision and comes as such, or is the normal course. */
const told: Readonly<Partial<Record<NoticeKind, { kind: KindName; urgency?: Urgency }>>> = {
  granted: { kind: 'sharing.matter' },
  refused: { kind: 'sharing.matter' },
  'extension-asked': { kind: 'sharing.matter', urgency: 'normal' },
  extended: { kind: 'sharing.matter' },
  warning: { kind: 'sharing.deadline' },
  'ends-soon': { kind: 'sharing.deadline' },
  overdue: { kind: 'sharing.overdue' },
  'not-brought': { kind: 'sharing.delivery' },
  mismatch: { kind: 'sharing.delivery' },
  corrected: { kind: 'sharing.delivery' },
  suspended: { kind: 'sharing.matter', urgency: 'normal' },
  resumed: { kind: 'sharing.matter' },
  ended: { kind: 'sharing.matter', urgency: 'normal' },
  change: { kind: 'sharing.matter', urgency: 'normal' },
  renewal: { kind: 'sharing.matter', urgency: 'normal' },
  disposal: { kind: 'sharing.matter' },
  dispute: { kind: 'sharing.matter', urgency: 'normal' },
  delivered: { kind: 'sharing.matter' },
  'push-failing': { kind: 'subscription.dead' },
  'push-paused': { kind: 'subscription.dead' },
};

/** Who of an organisation hears of its matters; the authority is who oversees sharing. */
const officersOf = (organisation: string): Recipient =>
  organisation === AUTHORITY ? { role: 'data-steward' } : { role: 'data-officer', organisation };

/** What a matter's notices are about. */
export const aboutRequest = (request: number): string => `sharing-request/${request}`;

/** An organisation's notice, as its people get it; undefined where they get it otherwise. `seq` is the notice's own number. */
export function noticeOf(to: string, kind: NoticeKind, request: number, seq: number): Notice | undefined {
  const as = told[kind];
  if (!as) return undefined;
  const title = noticeTitles[kind];
  return {
    ...{ key: `sharing.notice/${seq}`, kind: as.kind, ...(as.urgency ? { urgency: as.urgency } : {}) },
    ...{ to: [officersOf(to)], link: `/sharing/requests/${request}`, about: aboutRequest(request) },
    title: { zh: `${title.zh}：共享申请 ${request}`, en: `${title.en}: request ${request}` },
    text: {
      zh: `${title.zh}。请打开共享申请 ${request} 查看。`,
      en: `${title.en}. Open request ${request} to see it.`,
    },
  };
}

/** Whose turn it is in a state of a request. */
const turns: Readonly<Record<string, (r: RequestRow) => { to: Recipient; zh: string; en: string }>> = {
  agreeing: (r) => ({
    to: { role: 'department-head', organisation: r.requester },
    ...{ zh: '待您同意本部门提出的共享申请', en: "Your department's request waits for your agreement" },
  }),
  received: (r) => ({
    to: { role: 'data-officer', organisation: r.provider },
    ...{ zh: '收到共享申请，待办理', en: 'A request for sharing arrived and waits for you' },
  }),
  supplement: (r) => ({
    to: { role: 'data-officer', organisation: r.requester },
    ...{ zh: '共享申请需补充材料', en: 'Your request is to be supplemented' },
  }),
  deciding: (r) => ({
    to: { role: 'department-head', organisation: r.provider },
    ...{ zh: '共享申请待您审定', en: 'A request for sharing waits for your decision' },
  }),
};

/** A request moved: whoever's turn it was need not act any more, whoever's turn it is hears. */
export async function tellTurn(ports: Tellers, trx: Trx, r: RequestRow, state: string, step: number): Promise<void> {
  const about = aboutRequest(r.id);
  await ports.notices.withdraw(trx, { kind: 'sharing.approval', about });
  const turn = turns[state]?.(r);
  if (!turn) return;
  await ports.notices.tell(trx, {
    ...{ key: `sharing.approval/${r.id}/${step}`, kind: 'sharing.approval', to: [turn.to], about },
    ...{ link: `/sharing/requests/${r.id}` },
    title: { zh: `${turn.zh}（${r.id}）`, en: `${turn.en} (${r.id})` },
    text: { zh: `共享申请 ${r.id}：${turn.zh}。`, en: `Request ${r.id}: ${turn.en}.` },
  });
}

/** A clock of a request ended: what was told of its end is over. */
export async function clockMet(ports: Tellers, trx: Trx, request: number): Promise<void> {
  for (const kind of ['sharing.deadline', 'sharing.overdue'] as const)
    await ports.notices.withdraw(trx, { kind, about: aboutRequest(request) });
}
