/** Everything that the room of erasure can refuse. */
import { problemKind } from '../platform/problem.ts';

const kind = (code: string, status: number, zh: string, en: string) => problemKind(`erasure.${code}`, status, zh, en);

export const unknownMatter = kind('unknown', 404, '没有删除事项 {id}', 'there is no matter of erasure {id}');
export const wrongNumber = kind('number', 400, '不是有效的公民身份号码', 'this is no valid citizen identity number');
export const openAlready = kind(
  'open',
  409,
  '此人已有在办的删除事项 {id}',
  'there is an open matter of this person already: {id}',
);
export const wrongState = kind(
  'state',
  409,
  '事项现为“{state}”，不能办理此步',
  'the matter is {state}: this step cannot be taken',
);
export const notLooked = kind('not-looked', 409, '尚在查找，请稍候', 'it is still being looked for: try again shortly');
export const ownProposal = kind(
  'own',
  403,
  '不得审批本人录入或提出的事项',
  'nobody approves what they entered or proposed themselves',
);
export const unknownClass = kind(
  'class',
  400,
  '此人不在数据资源 {source} 中',
  'the person is not in the source {source}',
);
export const future = kind('received', 400, '收到日期不能晚于今天', 'it cannot have been received later than today');
export const noCertificate = kind(
  'no-certificate',
  404,
  '事项尚未执行，没有证明',
  'it is not carried out yet: there is no certificate',
);
export const noVault = kind('vault', 500, '保险库不支持删除', 'this vault cannot erase');
export const remains = kind(
  'remains',
  500,
  '执行后仍有 {count} 处残留：{places}',
  'after carrying it out {count} places still hold something: {places}',
);
