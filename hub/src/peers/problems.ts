/** What can be wrong between hubs. */
import { problemKind } from '../platform/problem.ts';

const k = (code: string, status: number, zh: string, en: string) => problemKind(`peers.${code}`, status, zh, en);

export const unknownPeer = k('unknown', 404, '没有这个平台。', 'There is no such hub.');
export const unknownMatter = k('matter-unknown', 404, '没有这件事项。', 'There is no such matter.');
export const unknownEntry = k('entry-unknown', 404, '没有这个外部目录条目。', 'There is no such entry of another hub.');
export const badUrl = k('url', 422, '地址无效：{reason}', 'The address does not hold: {reason}');
export const badNetwork = k('network', 422, '网段“{network}”无效。', 'The network "{network}" is none.');
export const badCode = k('code', 422, '引荐码无效或不完整。', 'The introduction code is not valid or not whole.');
export const codeOver = k(
  'code-over',
  410,
  '引荐码已失效，请对方重新生成。',
  'The introduction code is over: ask for another.',
);
export const checkWrong = k(
  'check-wrong',
  422,
  '核对码不一致：请向对方管理员当面或电话核对，切勿直接通过。',
  'The check code differs: ask the other administrator in person or by telephone before going on.',
);
export const known = k('known', 409, '已与该平台互联。', 'This hub is known already.');
export const self = k('self', 422, '不能与本平台互联。', 'A hub is not its own peer.');
export const wrongState = k(
  'state',
  409,
  '当前状态（{state}）不能{action}。',
  'Not possible in this state ({state}): {action}.',
);
export const conflict = k('conflict', 409, '已被他人修改，请重新打开。', 'Somebody else changed it: open it again.');
export const notYours = k('not-yours', 403, '无权{action}。', 'Not yours to do: {action}.');
export const notActive = k(
  'not-active',
  409,
  '与该平台的互联未生效或已暂停。',
  'The connection with this hub is not active.',
);
export const noRequests = k(
  'no-requests',
  409,
  '该平台只提供目录，不能向其提出共享申请。',
  'This hub offers its catalogue only: nothing can be asked of it here.',
);
export const refusedType = k('refused-type', 409, '该资源不予共享。', 'This resource is not shared.');
export const goneEntry = k('gone', 409, '该条目已从对方目录撤下。', 'The entry is gone from the other catalogue.');
export const ownWork = k('own-work', 409, '申请人不能自己审批。', 'Who asked cannot agree.');
export const incomplete = k('incomplete', 422, '申请不完整：{what}', 'The request is not complete: {what}');
export const commentNeeded = k('comment', 422, '请写明理由。', 'Say why.');

// Signed calls.
export const unsigned = k(
  'unsigned',
  401,
  '请求未签名或签名不完整：{reason}',
  'The call is not signed as it must be: {reason}',
);
export const badSignature = k('signature', 401, '请求签名不成立。', "The call's signature does not hold.");
export const stranger = k('stranger', 401, '本平台不认识该签名者（{hub}）。', 'The signer is not known here ({hub}).');
export const skew = k(
  'clock',
  401,
  '请求时间与本平台相差 {seconds} 秒（本平台时间 {now}），请校时。',
  "The call's time differs by {seconds} s from this hub's ({now}): set the clock.",
);
export const replay = k('replay', 401, '请求已使用过。', 'The call was made before.');
export const notForUs = k('not-for-us', 401, '请求不是发给本平台的。', 'The call is meant for another hub.');
export const badMessage = k('message', 422, '消息无法识别：{reason}', 'The message cannot be understood: {reason}');

// Calls to others.
export const unreachable = k(
  'unreachable',
  502,
  '无法连接对方平台：{reason}',
  'The other hub cannot be reached: {reason}',
);
export const inside = k(
  'inside',
  422,
  '对方地址指向未许可的内部网络。',
  'The address leads into an inside network that is not allowed.',
);
export const redirected = k(
  'redirect',
  502,
  '对方要求转到 {to}，未跟随。',
  'The other side redirects to {to}: not followed.',
);
export const tooLarge = k(
  'too-large',
  502,
  '对方的回答超过 {limit} 字节。',
  'The answer is larger than {limit} bytes.',
);
export const answered = k(
  'answered',
  502,
  '对方平台回答 {status}：{reason}',
  'The other hub answered {status}: {reason}',
);
export const garbled = k(
  'garbled',
  502,
  '对方平台的回答无法识别：{reason}',
  "The other hub's answer cannot be understood: {reason}",
);
export const loop = k('loop', 502, '对方目录的翻页循环或过长。', "The other catalogue's pages go round or never end.");
export const elsewhere = k('elsewhere', 502, '对方目录的下一页在另一台主机上。', 'The next page is on another host.');

// Deliveries.
export const notSame = k(
  'not-same',
  502,
  '收到的数据与清单的 SHA-256 不一致。',
  'What arrived is not what the manifest names.',
);
export const sealWrong = k(
  'seal',
  502,
  '对方数据的签封不成立：{reason}',
  'The seal of the data does not hold: {reason}',
);
export const unknownDelivery = k('delivery-unknown', 404, '没有这次交付。', 'There is no such delivery.');
