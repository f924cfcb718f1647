/** Every kind of notice: what it is called, who may have it, how much it matters and how it goes out unless a person wants otherwise. */
import type { Permission, Role } from '../auth/principal.ts';
import type { Bilingual } from '../i18n/index.ts';
import type { Urgency } from './port.ts';

/** How a kind leaves the hub by mail: at once, in the digest, or not. */
export const mailModes = ['now', 'digest', 'off'] as const;
export type MailMode = (typeof mailModes)[number];

/** A step of escalation as a kind declares it: to the heads of the organisations that were told, or to holders of a role. */
export interface KindStep {
  within: string;
  to: 'heads' | Role;
}

/** A kind of notice. */
export interface Kind {
  title: Bilingual;
  /** Needed to have it, where a notice's links say nothing else; null: nothing. */
  needs: Permission | null;
  urgency: Urgency;
  mail: MailMode;
  /** Whether messages (SMS, work chat) carry it by default. */
  messages: boolean;
  escalation: readonly KindStep[];
}

const kind = (
  zh: string,
  en: string,
  needs: Permission | null,
  urgency: Urgency,
  mail: MailMode,
  escalation: readonly KindStep[] = [],
): Kind => ({ title: { zh, en }, needs, urgency, mail, messages: urgency === 'urgent', escalation });

const heads = (within: string): KindStep => ({ within, to: 'heads' });

/** The registry. */
export const kinds = {
  'sharing.approval': kind('共享事项待办', 'Sharing: your decision', 'sharing.read', 'normal', 'now', [
    heads('8 working-hours'),
    { within: '8 working-hours', to: 'data-steward' },
  ]),
  'sharing.matter': kind('共享事项进展', 'Sharing: progress', 'sharing.read', 'info', 'digest'),
  'sharing.deadline': kind('共享时限将至', 'Sharing: a period ends soon', 'sharing.read', 'normal', 'now', [
    heads('4 working-hours'),
  ]),
  'sharing.overdue': kind('共享事项超期', 'Sharing: overdue', 'sharing.read', 'urgent', 'now', [
    heads('4 working-hours'),
    { within: '8 working-hours', to: 'data-steward' },
  ]),
  'sharing.delivery': kind('数据交付异常', 'Deliveries: something is wrong', 'sharing.read', 'normal', 'now'),
  'erasure.approval': kind('个人信息删除待审批', 'Erasure: waits for approval', 'erasure.approve', 'normal', 'now'),
  'erasure.matter': kind('个人信息删除进展', 'Erasure: progress', 'erasure.handle', 'normal', 'now'),
  'erasure.overdue': kind('个人信息删除超期', 'Erasure: overdue', null, 'urgent', 'now'),
  'erasure.receiver': kind('须删除已接收的记录', 'Delivered records to be deleted', 'sharing.read', 'normal', 'now', [
    heads('16 working-hours'),
  ]),
  'subscription.dead': kind('变更推送失败', 'Subscriptions: pushing fails', 'sharing.read', 'normal', 'now', [
    heads('8 working-hours'),
  ]),
  'source.overdue': kind('数据源逾期未报送', 'Sources: overdue', 'exchange.read', 'normal', 'now', [
    heads('8 working-hours'),
    { within: '16 working-hours', to: 'data-steward' },
  ]),
  'catalogue.overdue': kind('目录事项超期', 'Catalogue: overdue', 'catalogue.read', 'normal', 'now', [
    heads('8 working-hours'),
  ]),
  'correction.assigned': kind('疑义数据待核查', 'Corrections: to be checked', 'lists.read', 'normal', 'now', [
    { within: '16 working-hours', to: 'data-steward' },
  ]),
  'event.dispatched': kind('事件派遣', 'Events: dispatched to you', 'event.handle', 'normal', 'now', [
    heads('2 working-hours'),
  ]),
  'event.late': kind('事件超时', 'Events: late', 'event.read', 'normal', 'now', [heads('2 working-hours')]),
  'alert.opened': kind('橙色、红色预警', 'Alerts: orange and red', 'alert.read', 'urgent', 'now', [
    { within: '30 minutes', to: 'leader' },
  ]),
  'command.task': kind('指挥任务', 'Command: tasks', 'command.read', 'urgent', 'now', [heads('30 minutes')]),
  'command.message': kind('指挥通知', 'Command: messages', 'command.read', 'normal', 'now'),
  'assessment.answered': kind('考核异议答复', 'Assessment: objection answered', 'assessment.read', 'normal', 'now'),
  'job.failed': kind('后台任务失败', 'System: a job failed', 'jobs.read', 'normal', 'now'),
  'backup.turned': kind(
    '业务库与其余数据不在同一时刻',
    'System: store and lake are of different moments',
    'system.read',
    'urgent',
    'now',
  ),
  'tls.ending': kind('TLS 证书将到期', 'System: the TLS certificate ends soon', 'system.read', 'normal', 'now'),
  'people.delegation': kind('职权委托', 'A role is lent', null, 'normal', 'now'),
  'people.organisation': kind('机构变动', 'Your organisation changes', null, 'normal', 'now'),
  'people.mover': kind('人员调动：待授角色', 'Somebody moved: roles are to be given', 'roles.manage', 'normal', 'now'),
  'people.leaver': kind('离岗人员待交接', 'Somebody left: what they hold', null, 'normal', 'now'),
  'people.handover': kind('工作交接', 'Work is handed to you', null, 'normal', 'now'),
  'people.recertify': kind('权限复核', 'Roles to be reviewed', null, 'normal', 'now'),
  'people.suspended': kind('角色停用', 'A role of yours rests', null, 'normal', 'now'),
  'backup.restored': kind('系统已从备份恢复', 'The hub was restored', null, 'urgent', 'now'),
  'keys.due': kind('密钥应更换', 'Security: a key is due to be replaced', 'system.read', 'normal', 'now'),
  'notice.test': kind('测试通知', 'Test message', 'system.read', 'normal', 'now'),
} as const satisfies Record<string, Kind>;

/** The name of a kind. */
export type KindName = keyof typeof kinds;

/** Their names, in the order in which pages show them. */
export const kindNames = Object.keys(kinds) as KindName[];

/** A kind by its name; one that a former version knew is shown under its name. */
export const kindOf = (name: string): Kind =>
  (kinds as Record<string, Kind>)[name] ?? kind(name, name, 'system.read', 'info', 'off');
