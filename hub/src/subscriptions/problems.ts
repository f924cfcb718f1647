/** What subscriptions may refuse, and why a push failed: every code with its sentence. */
import { fill, type ProblemKind, problemKind } from '../platform/problem.ts';

const k = (code: string, status: number, zh: string, en: string) =>
  problemKind(`subscriptions.${code}`, status, zh, en);

export const unknownSubscription = k('unknown', 404, '没有这项订阅：{id}', 'there is no such subscription: {id}');
export const notYours = k(
  'not-yours',
  403,
  '只有接收部门可以办理：{action}',
  'only the recipient may do this: {action}',
);
export const grantNotGiving = k(
  'grant-not-giving',
  409,
  '授权当前不可供数（{state}），订阅不能推送',
  'the grant gives no data now ({state})',
);
export const grantMode = k(
  'grant-mode',
  422,
  '该授权约定以文件方式一次交付，不含持续推送',
  'the grant is for files: it covers no continuous supply',
);
export const noRecords = k(
  'no-records',
  422,
  '该目录条目在本平台没有归集数据，无法订阅变更',
  'the hub has no collected records of this entry: there are no changes to subscribe to',
);
export const itemNotGranted = k(
  'item-not-granted',
  422,
  '“{item}”不在授权的数据项内',
  'the item "{item}" was not granted',
);
export const badAddress = k('address', 422, '推送地址不合规：{reason}', 'the address cannot be pushed to: {reason}');
export const badTopic = k('topic', 422, '主题模板不合规：{reason}', 'the topic template is not right: {reason}');
export const secretKind = k(
  'no-secret',
  409,
  '拉取方式的订阅没有签名密钥',
  'a subscription that is fetched has no signing secret',
);
export const rotating = k(
  'rotating',
  409,
  '上一次轮换尚未结束：旧密钥到 {until} 失效',
  'the last rotation has not ended: the old secret holds until {until}',
);
export const stateNow = k(
  'state',
  409,
  '订阅当前为“{state}”，不能办理',
  'the subscription is {state}: this cannot be done',
);
export const conflict = k(
  'conflict',
  409,
  '别人刚刚改过，请刷新后再看',
  'somebody else has just changed it: look again',
);
export const tooOld = k(
  'replay-too-old',
  410,
  '该位置的变更已过 7 天保留期：最早可从序号 {first} 重放，或改为重新全量推送',
  'those changes are past the seven days: replay from {first} at the earliest, or send everything anew',
);
export const ahead = k(
  'replay-ahead',
  422,
  '序号 {seq} 尚未产生，最新为 {head}',
  'there is no change {seq} yet, the last is {head}',
);
export const signIn = k('sign-in', 401, '请登录或出示访问令牌', 'sign in, or show an access token');
export const slowDown = k('waiting', 429, '同时等待的拉取请求过多', 'too many requests are waiting for events');
export const unknownCursor = k(
  'cursor-unknown',
  409,
  '游标无效：请不带 after 重新拉取尚未确认的事件',
  'the cursor is not the last one: fetch without "after" what was not confirmed yet',
);
export const noDayLog = k('no-day-log', 404, '{day} 没有推送日志', 'there is no log of {day}');

/** Why a push failed, or why a subscription is paused; kept by their code. */
export const pushProblems = {
  unreachable: k('push.unreachable', 502, '连接不上接收端', 'the receiver cannot be reached'),
  timeout: k('push.timeout', 504, '接收端在 15 秒内没有应答', 'the receiver did not answer in 15 seconds'),
  broken: k('push.broken', 502, '连接中断', 'the connection broke'),
  tls: k('push.tls', 502, '接收端证书不可信', "the receiver's certificate is not trusted"),
  inside: k(
    'push.inside',
    403,
    '接收端解析到未放行的内部地址，已拒绝连接',
    'the address leads into an inside network that is not allowed',
  ),
  redirect: k('push.redirect', 502, '接收端要求重定向，不予跟随', 'the receiver redirects, which is not followed'),
  refused: k('push.refused', 502, '接收端拒收（{status}）', 'the receiver refused it ({status})'),
  failed: k('push.failed', 502, '接收端出错（{status}）', 'the receiver failed ({status})'),
  busy: k('push.busy', 503, '接收端要求放慢（{status}）', 'the receiver asks to slow down ({status})'),
  broker: k('push.broker', 502, '消息代理拒绝连接或发布', 'the broker refused the connection or the message'),
  stopped: k('push.stopped', 409, '推送已停止', 'pushing was stopped'),
  render: k(
    'push.render',
    500,
    '授权的数据项在来源中已不存在，无法生成事件',
    'granted items are no longer in the source',
  ),
  internal: k('push.internal', 500, '平台内部错误，将自动重试', 'an internal fault: it is tried again'),
} as const;

/** Why a subscription rests. */
export const pauseReasons = {
  byPerson: k('paused.by-person', 409, '由接收部门暂停', 'paused by the recipient'),
  gone: k('paused.gone', 410, '接收端答复 410：地址已停用', 'the receiver answered 410: the address is given up'),
  week: k('paused.seven-days', 409, '连续 7 天推送失败，已自动暂停', 'paused after seven days of failures'),
} as const;

const byCode = new Map<string, ProblemKind>(
  [...Object.values(pushProblems), ...Object.values(pauseReasons)].map((kind) => [kind.code, kind]),
);
/** The sentences of a kept code. */
export const kindOf = (code: string | null): ProblemKind | null => (code === null ? null : (byCode.get(code) ?? null));
/** The sentences of a kept code, filled with the status that was kept beside it. */
export function sentence(code: string | null, status: number | null): { zh: string; en: string } | null {
  const kind = kindOf(code);
  if (!kind) return null;
  return { zh: fill(kind.zh, { status }), en: fill(kind.en, { status }) };
}
