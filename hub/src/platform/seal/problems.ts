/** What may go wrong with seals, in words. */
import { problemKind } from '../problem.ts';

export const unknownSeal = problemKind('seal.unknown', 404, '没有这个签封', 'there is no such seal');
export const unknownReference = problemKind(
  'seal.reference-unknown',
  404,
  '没有编号为此的签封证书',
  'there is no certificate of this number',
);
export const pendingSeal = problemKind(
  'seal.pending',
  409,
  '签封尚在等待签名，通常几秒内完成，请稍后再试',
  'the seal still waits for its signature, which usually takes seconds: try again',
);
export const badImprint = problemKind(
  'seal.imprint',
  400,
  '不是有效的哈希印记：应为算法编号和相应长度的摘要（十六进制）',
  "not an imprint: the algorithm's number and a digest of its length are expected, in hexadecimal",
);
export const weakImprint = problemKind(
  'seal.imprint-weak',
  400,
  '哈希算法 {algorithm} 已不可用于签名',
  'the hash algorithm {algorithm} is not fit for signing any more',
);
export const tooHigh = problemKind(
  'seal.level',
  400,
  '哈希树过高：最多 {most} 层',
  'the hash tree is too high: at most {most} levels',
);
export const notUnderRoot = problemKind(
  'seal.row-not-under-root',
  409,
  '这一行不在已签名的树根之下：数据或签封已被改动',
  'this row does not lead to the root that was signed: data or seal were changed',
);
export const unavailable = problemKind(
  'seal.unavailable',
  503,
  '签名服务暂时不可用：{zh}',
  'the signing service is not available at present: {en}',
);
export const refusedRange = problemKind(
  'seal.time-range',
  400,
  '时间超出日历的范围，或早于签名时间',
  'the time is outside of the calendar, or before the time of signing',
);
export const unknownSecond = problemKind(
  'seal.second-unknown',
  404,
  '日历中没有这一秒',
  'the calendar does not have this second',
);
export const unknownPublication = problemKind(
  'seal.publication-unknown',
  404,
  '没有此时刻的公开值',
  'there is no publication of this time',
);
export const loginTaken = problemKind(
  'seal.client-taken',
  409,
  '登录名 {login} 已被使用',
  'the login {login} is taken',
);
export const unknownClient = problemKind('seal.client-unknown', 404, '没有这个客户端', 'there is no such client');
