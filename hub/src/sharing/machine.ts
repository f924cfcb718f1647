/**
 * Every state and every step of sharing, declared as one table (decree 809, articles 20 to 28). Nothing moves a matter but a
 * row of this table; the service looks the row up, asks its conditions and keeps the step. Pure data.
 */
import type { Bilingual } from '../platform/i18n/index.ts';

/** In which capacity somebody acts. `hub`: the hub itself, when a day comes. */
export const capacities = [
  'requester-officer',
  'requester-head',
  'provider-officer',
  'provider-head',
  'authority',
  'hub',
] as const;
export type Capacity = (typeof capacities)[number];

export const machines = ['request', 'share', 'dispute'] as const;
export type MachineName = (typeof machines)[number];

/** What a step asks of the matter; each is a function of conditions.ts. */
export type Condition =
  | 'complete'
  | 'not-own-work'
  | 'not-told-before'
  | 'unconditional'
  | 'conditional'
  | 'mend-over'
  | 'renewal-waits'
  | 'renewal-agreed'
  | 'no-renewal'
  | 'change-ends'
  | 'change-alters'
  | 'other-side';

/** What happens to clocks: `reply` is the period of the entry's sharing type, `deliver` that of article 22. */
export type ClockEffect =
  | { start: 'reply' | 'deliver' }
  | { meet: 'reply' | 'deliver' }
  | { stop: 'all' | 'reply'; ground: Bilingual };

/** What a step must bring with it. */
export type Needs =
  | 'comment'
  | 'share'
  | 'ground'
  | 'missing'
  | 'mendBy'
  | 'change'
  | 'until'
  | 'disposal'
  | 'why'
  | 'outcome'
  | 'document';

/** One row of the table. */
export interface Transition {
  action: string;
  title: Bilingual;
  from: readonly string[];
  to: string;
  by: readonly Capacity[];
  article: number | null;
  when?: readonly Condition[];
  needs?: readonly Needs[];
  clocks?: readonly ClockEffect[];
}

/** A kind of matter: its states and its rows. */
export interface Machine {
  states: Readonly<Record<string, Bilingual>>;
  /** State in which a matter begins. */
  initial: string;
  /** States that nothing leaves. */
  final: readonly string[];
  rows: readonly Transition[];
}

const t = (zh: string, en: string): Bilingual => ({ zh, en });
const bothHeads = ['requester-head', 'provider-head'] as const;
const keepers = ['provider-head', 'authority'] as const;

const request: Machine = {
  states: {
    draft: t('起草', 'Draft'),
    agreeing: t('待本部门负责人同意', "Waiting for the own department's head"),
    received: t('待提供部门办理', 'With the provider'),
    supplement: t('待补充材料', 'To be supplemented'),
    deciding: t('待提供部门负责人审定', "Waiting for the provider's head"),
    granted: t('同意共享', 'Granted'),
    refused: t('不同意共享', 'Refused'),
    withdrawn: t('已撤回', 'Withdrawn'),
  },
  initial: 'draft',
  final: ['granted', 'withdrawn'],
  rows: [
    {
      ...{ action: 'propose', title: t('提请本部门负责人同意', 'Ask the own head'), article: 20 },
      ...{ from: ['draft'], to: 'agreeing', by: ['requester-officer'], when: ['complete'] },
    },
    {
      ...{ action: 'return-own', title: t('退回修改', 'Return for changes'), article: 20 },
      ...{ from: ['agreeing'], to: 'draft', by: ['requester-head'], needs: ['comment'] },
    },
    {
      ...{ action: 'agree-own', title: t('同意提出申请', 'Agree to the request'), article: 20 },
      ...{ from: ['agreeing'], to: 'received', by: ['requester-head'], when: ['complete', 'not-own-work'] },
      clocks: [{ start: 'reply' }],
    },
    {
      ...{ action: 'ask-supplement', title: t('一次性告知补充材料', 'Tell once what is missing'), article: 21 },
      ...{ from: ['received', 'deciding'], to: 'supplement', by: ['provider-officer'] },
      ...{ when: ['not-told-before'], needs: ['missing'] },
      clocks: [
        {
          stop: 'reply',
          ground: t('第二十一条：申请材料不全，一次性告知补充', 'Article 21: what is missing was told once'),
        },
      ],
    },
    {
      ...{ action: 'resubmit', title: t('补齐后重新提交', 'Submit the supplement'), article: 21 },
      ...{ from: ['supplement'], to: 'received', by: ['requester-officer'], when: ['complete'] },
      clocks: [{ start: 'reply' }],
    },
    {
      ...{ action: 'advise', title: t('提出办理意见', 'Advise'), article: 20 },
      ...{ from: ['received'], to: 'deciding', by: ['provider-officer'], needs: ['share', 'comment'] },
    },
    {
      ...{ action: 'return-officer', title: t('退回经办', 'Return to the officer'), article: 20 },
      ...{ from: ['deciding'], to: 'received', by: ['provider-head'], needs: ['comment'] },
    },
    {
      ...{ action: 'grant', title: t('同意共享', 'Grant'), article: 21 },
      ...{ from: ['deciding'], to: 'granted', by: ['provider-head'] },
      clocks: [{ meet: 'reply' }, { start: 'deliver' }],
    },
    {
      // Nothing is to be judged of what every department may have: the head may agree at once.
      ...{ action: 'grant', title: t('同意共享', 'Grant'), article: 21 },
      ...{ from: ['received'], to: 'granted', by: ['provider-head'], when: ['unconditional'] },
      clocks: [{ meet: 'reply' }, { start: 'deliver' }],
    },
    {
      ...{ action: 'refuse', title: t('不同意共享', 'Refuse'), article: 21 },
      ...{ from: ['deciding'], to: 'refused', by: ['provider-head'] },
      ...{ when: ['conditional'], needs: ['comment', 'ground'] },
      clocks: [{ meet: 'reply' }],
    },
    {
      ...{ action: 'withdraw', title: t('撤回申请', 'Withdraw'), article: null },
      ...{ from: ['draft', 'agreeing', 'received', 'supplement', 'deciding'], to: 'withdrawn' },
      ...{ by: ['requester-officer'], needs: ['comment'] },
      clocks: [{ stop: 'all', ground: t('申请部门撤回申请', 'The requester withdrew') }],
    },
    {
      ...{
        action: 'reopen',
        title: t('按争议处理结果重新办理', 'Opened again by the outcome of a dispute'),
        article: 28,
      },
      ...{ from: ['refused'], to: 'received', by: ['hub'] },
      clocks: [{ start: 'reply' }],
    },
  ],
};

const share: Machine = {
  states: {
    active: t('使用中', 'Active'),
    consulting: t('协商变更或终止', 'A change is being agreed'),
    suspended: t('已暂停', 'Suspended'),
    ended: t('已终止，待处置', 'Ended, to be disposed of'),
    disposing: t('待确认处置', 'Disposal to be confirmed'),
    disposed: t('已处置', 'Disposed of'),
  },
  initial: 'active',
  final: ['disposed'],
  rows: [
    {
      ...{ action: 'suspend', title: t('暂停共享并限期整改', 'Suspend, to be mended in a term'), article: 27 },
      ...{ from: ['active', 'consulting'], to: 'suspended', by: keepers, needs: ['comment', 'mendBy'] },
    },
    {
      ...{ action: 'report-mended', title: t('报告整改情况', 'Report what was mended'), article: 27 },
      ...{ from: ['suspended'], to: 'suspended', by: ['requester-officer'], needs: ['comment'] },
    },
    {
      ...{ action: 'resume', title: t('恢复共享', 'Resume'), article: 27 },
      ...{ from: ['suspended'], to: 'active', by: keepers, needs: ['comment'] },
    },
    {
      ...{ action: 'terminate', title: t('终止共享', 'End for misuse'), article: 27 },
      ...{ from: ['suspended'], to: 'ended', by: keepers, when: ['mend-over'], needs: ['comment'] },
    },
    {
      ...{ action: 'propose-change', title: t('协商变更或终止', 'Propose a change or an end'), article: 27 },
      ...{ from: ['active'], to: 'consulting', by: ['provider-head'], needs: ['comment', 'change'] },
    },
    {
      ...{ action: 'accept-change', title: t('同意终止（报备案）', 'Agree to the end; filed'), article: 27 },
      ...{ from: ['consulting'], to: 'ended', by: ['requester-head'], when: ['change-ends'] },
    },
    {
      ...{ action: 'accept-change', title: t('同意变更（报备案）', 'Agree to the change; filed'), article: 27 },
      ...{ from: ['consulting'], to: 'active', by: ['requester-head'], when: ['change-alters'] },
    },
    {
      ...{ action: 'decline-change', title: t('不同意变更或终止', 'Decline the change'), article: 27 },
      ...{ from: ['consulting'], to: 'active', by: ['requester-head'], needs: ['comment'] },
    },
    {
      ...{ action: 'ask-renewal', title: t('申请续期', 'Ask for renewal'), article: 20 },
      ...{ from: ['active'], to: 'active', by: ['requester-officer'] },
      ...{ when: ['no-renewal'], needs: ['until', 'comment'] },
    },
    {
      ...{ action: 'agree-renewal', title: t('同意提出续期', 'Agree to the renewal'), article: 20 },
      ...{ from: ['active'], to: 'active', by: ['requester-head'], when: ['renewal-waits', 'not-own-work'] },
    },
    {
      ...{ action: 'grant-renewal', title: t('同意续期', 'Renew'), article: 20 },
      ...{ from: ['active'], to: 'active', by: ['provider-head'], when: ['renewal-agreed'] },
    },
    {
      ...{ action: 'decline-renewal', title: t('不同意续期', 'Decline the renewal'), article: 20 },
      ...{ from: ['active'], to: 'active', by: bothHeads, when: ['renewal-waits'], needs: ['comment'] },
    },
    {
      ...{ action: 'release', title: t('不再需要，结束使用', 'No longer needed'), article: 27 },
      ...{ from: ['active', 'suspended'], to: 'ended', by: ['requester-officer'], needs: ['why', 'comment'] },
    },
    {
      ...{ action: 'expire', title: t('使用时限届满', 'The time limit is over'), article: 27 },
      ...{ from: ['active', 'consulting', 'suspended'], to: 'ended', by: ['hub'] },
    },
    {
      ...{ action: 'report-disposal', title: t('报告数据处置', 'Report the disposal'), article: 27 },
      ...{ from: ['ended'], to: 'disposing', by: ['requester-officer'], needs: ['disposal'] },
    },
    {
      ...{ action: 'confirm-disposal', title: t('确认处置', 'Confirm the disposal'), article: 27 },
      ...{ from: ['disposing'], to: 'disposed', by: ['provider-officer'] },
    },
    {
      ...{ action: 'reject-disposal', title: t('处置不符合要求', 'The disposal is not as asked for'), article: 27 },
      ...{ from: ['disposing'], to: 'ended', by: ['provider-officer'], needs: ['comment'] },
    },
  ],
};

const sides = ['requester-officer', 'provider-officer'] as const;
const answering = ['proposed', 'accepted-requester', 'accepted-provider'] as const;
const dispute: Machine = {
  states: {
    consulting: t('协商中', 'Consultation'),
    offered: t('一方已提出和解方案', 'A settlement was offered'),
    coordinating: t('主管部门协调中', 'With the authority'),
    proposed: t('主管部门已提出协调意见', 'The authority has proposed'),
    'accepted-requester': t('需求部门已接受', 'Accepted by the requester'),
    'accepted-provider': t('提供部门已接受', 'Accepted by the provider'),
    government: t('待本级人民政府决定', 'Before the government'),
    settled: t('已达成一致', 'Settled'),
    decided: t('政府已决定', 'Decided'),
  },
  initial: 'consulting',
  final: ['settled', 'decided'],
  rows: [
    {
      ...{ action: 'state', title: t('陈述意见', 'State a view'), article: 28 },
      ...{ from: ['consulting', 'coordinating'], to: 'same', by: sides, needs: ['comment'] },
    },
    {
      ...{ action: 'offer', title: t('提出和解方案', 'Offer a settlement'), article: 28 },
      ...{ from: ['consulting'], to: 'offered', by: bothHeads, needs: ['outcome', 'comment'] },
    },
    {
      ...{ action: 'accept-offer', title: t('接受和解方案', 'Accept the offer'), article: 28 },
      ...{ from: ['offered'], to: 'settled', by: bothHeads, when: ['other-side'] },
    },
    {
      ...{ action: 'decline-offer', title: t('不接受和解方案', 'Decline the offer'), article: 28 },
      ...{ from: ['offered'], to: 'consulting', by: bothHeads, when: ['other-side'], needs: ['comment'] },
    },
    {
      ...{ action: 'to-authority', title: t('协商不成，提请主管部门协调', 'Ask the authority'), article: 28 },
      ...{ from: ['consulting'], to: 'coordinating', by: bothHeads, needs: ['comment'] },
    },
    {
      ...{ action: 'coordinate', title: t('提出协调意见', 'Propose as the authority'), article: 28 },
      ...{ from: ['coordinating'], to: 'proposed', by: ['authority'], needs: ['outcome', 'comment'] },
    },
    {
      ...{ action: 'accept', title: t('接受协调意见', 'Accept the proposal'), article: 28 },
      ...{ from: ['proposed'], to: 'accepted-requester', by: ['requester-head'] },
    },
    {
      ...{ action: 'accept', title: t('接受协调意见', 'Accept the proposal'), article: 28 },
      ...{ from: ['proposed'], to: 'accepted-provider', by: ['provider-head'] },
    },
    {
      ...{ action: 'accept', title: t('接受协调意见', 'Accept the proposal'), article: 28 },
      ...{ from: ['accepted-requester'], to: 'settled', by: ['provider-head'] },
    },
    {
      ...{ action: 'accept', title: t('接受协调意见', 'Accept the proposal'), article: 28 },
      ...{ from: ['accepted-provider'], to: 'settled', by: ['requester-head'] },
    },
    {
      ...{ action: 'decline', title: t('不接受，报政府决定', 'Decline: to the government'), article: 28 },
      ...{ from: answering, to: 'government', by: bothHeads, needs: ['comment'] },
    },
    {
      ...{ action: 'decide', title: t('登记人民政府决定', "Enter the government's decision"), article: 28 },
      ...{ from: ['government'], to: 'decided', by: ['authority'], needs: ['outcome', 'comment', 'document'] },
    },
  ],
};

/** The table. A step to `same` leaves the state as it is. */
export const machine: Readonly<Record<MachineName, Machine>> = { request, share, dispute };
