/** What can be wrong with notices, their settings and their ways out. */
import { problemKind } from '../problem.ts';

export const noticeUnknown = problemKind('notices.unknown', 404, '没有这条通知', 'there is no such notice');
export const channelUnknown = problemKind(
  'notices.channel.unknown',
  404,
  '没有通知渠道 {channel}',
  'there is no channel {channel}',
);
export const deliveryUnknown = problemKind(
  'notices.delivery.unknown',
  404,
  '没有这次投递，或它并未终止',
  'there is no such delivery, or it has not been given up',
);
export const deputyUnknown = problemKind(
  'notices.deputy.unknown',
  422,
  '没有可代理的账号 {login}：须为本单位在用账号，且不是本人',
  'no account {login} to stand in: one in use, of the same organisation, not oneself',
);
export const leavePeriod = problemKind(
  'notices.leave.period',
  422,
  '请假起止日期不正确，或已经过去',
  'the days of leave are in the wrong order or over',
);
export const leaveOverlap = problemKind(
  'notices.leave.overlap',
  409,
  '与已登记的请假时段重叠',
  'it overlaps with a leave that is known already',
);
export const leaveUnknown = problemKind('notices.leave.unknown', 404, '没有这段请假', 'there is no such leave');
export const mailDomain = problemKind(
  'notices.mail.domain',
  422,
  '只能使用以下域名的邮箱：{domains}',
  'only addresses of these domains: {domains}',
);
export const addressNeeded = problemKind(
  'notices.address.needed',
  422,
  '请先填写该渠道的接收地址',
  'give the address for this channel first',
);
export const tooManyListeners = problemKind(
  'notices.listeners',
  503,
  '实时连接已满，请稍后再试',
  'too many live connections: try again later',
);
export const templateWrong = problemKind(
  'notices.channel.template',
  422,
  '模板中有未知的占位符 {name}',
  'the template names something unknown: {name}',
);
export const secretMissing = problemKind(
  'notices.channel.secret',
  422,
  '渠道引用的密钥 {secret} 未在配置 secrets 中给出',
  'the channel refers to the secret {secret}, which the configuration does not give',
);

const push = (name: string, zh: string, en: string) => problemKind(`notices.send.${name}`, 502, zh, en);

/** Why a try did not arrive; kept with it. Never what the other side wrote, which may quote the message. */
export const sendProblems = {
  unreachable: push('unreachable', '无法连接接收方', 'the receiver cannot be reached'),
  timeout: push('timeout', '接收方未在时限内答复', 'the receiver did not answer in time'),
  refused: push('refused', '接收方拒绝（{status}）', 'the receiver refused ({status})'),
  busy: push('busy', '接收方暂时不能接收（{status}）', 'the receiver cannot take it now ({status})'),
  auth: push('auth', '登录邮件服务器失败', 'signing in to the mail server failed'),
  tls: push('tls', '加密连接未能建立', 'no encrypted connection could be made'),
  inside: push('inside', '地址位于未获准的内部网络', 'the address lies in an inside network that is not allowed'),
  broken: push('broken', '连接中断，是否送达不明', 'the connection broke: whether it arrived is not known'),
  interrupted: push('interrupted', '发送中程序中断', 'the program ended while it was being sent'),
  absent: push('absent', '接收人没有该渠道的地址', 'the person has no address for this channel'),
  large: push('large', '内容超过渠道上限', "the message is larger than the channel's bound"),
  unset: push('unset', '渠道配置不完整', 'the channel is not set up completely'),
} as const;
