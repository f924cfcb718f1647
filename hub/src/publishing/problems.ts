/** Everything that open data refuses, each with its code. */
import { problemKind } from '../platform/problem.ts';

export const unknownEntry = problemKind(
  'open.unknown-entry',
  404,
  '目录中没有可开放的条目“{id}”。',
  'The catalogue has no entry “{id}” that could be opened.',
);
export const noData = problemKind(
  'open.no-data',
  409,
  '“{entry}”的数据尚未汇集到平台，暂不能开放。',
  'The hub has no data of “{entry}” yet, so it cannot be opened.',
);
export const unknownDataset = problemKind(
  'open.unknown-dataset',
  404,
  '没有这个开放数据集。',
  'There is no such open dataset.',
);
export const notYours = problemKind(
  'open.not-yours',
  403,
  '您的身份不能办理这一步。',
  'This step is not yours to take.',
);
export const wrongState = problemKind(
  'open.wrong-state',
  409,
  '当前状态（{state}）不能办理这一步。',
  'This step cannot be taken in its state ({state}).',
);
export const conflict = problemKind(
  'open.conflict',
  409,
  '内容已被他人更新，请刷新后再办理。',
  'Somebody else has changed it meanwhile; look again first.',
);
export const planWrong = problemKind('open.plan-wrong', 422, '方案有误：{what}', 'The plan does not hold: {what}');
export const notChecked = problemKind(
  'open.not-checked',
  409,
  '请先完成对当前方案的开放前审查。',
  'The plan as it stands has not been checked yet.',
);
export const blocked = problemKind(
  'open.blocked',
  409,
  '开放前审查有 {count} 项未解决，不能继续。',
  'The check found {count} things that are not settled.',
);
export const neverOverruled = problemKind(
  'open.never-overruled',
  409,
  '这一项任何人都不能放行，只能修改方案。',
  'Nobody may let this pass: the plan has to be changed.',
);
export const unknownFinding = problemKind(
  'open.unknown-finding',
  404,
  '最近一次审查中没有这一项。',
  'The latest check has no such finding.',
);
export const groundNeeded = problemKind(
  'open.ground-needed',
  422,
  '请写明所依据的法律、法规或规定（如《……条例》第……条）。',
  'Name the law, regulation or rule that it rests on.',
);
export const reasonNeeded = problemKind('open.reason-needed', 422, '请写明理由。', 'Say why.');
export const nothingToCheck = problemKind(
  'open.nothing-to-check',
  422,
  '方案没有选任何数据项。',
  'The plan has no items.',
);
export const unknownField = problemKind(
  'open.unknown-field',
  400,
  '没有开放数据项“{field}”。',
  'There is no open item “{field}”.',
);
export const filterWrong = problemKind(
  'open.filter-wrong',
  400,
  '筛选条件有误：{what}',
  'A filter does not hold: {what}',
);
export const cursorStale = problemKind(
  'open.cursor-stale',
  410,
  '数据已更新或游标无效，请从头读取。',
  'The data changed or the cursor is none: begin again.',
);
export const tooMuch = problemKind(
  'open.too-much',
  422,
  '一次读取的范围过大，请缩小范围或下载整个文件。',
  'That is too much for one call: narrow it or download the file.',
);
export const busy = problemKind(
  'open.busy',
  503,
  '查询较多，请稍后再试。',
  'Too many queries at once; try again shortly.',
);
export const tooOften = problemKind(
  'open.too-often',
  429,
  '调用过于频繁，请在 {seconds} 秒后重试；申请密钥可提高额度。',
  'Called too often; try again in {seconds} seconds. A key allows more.',
);
export const keyUnknown = problemKind(
  'open.key-unknown',
  401,
  '密钥无效或已停用。',
  'The key is unknown or was revoked.',
);
export const personalWords = problemKind(
  'open.personal-words',
  422,
  '文字中似有个人信息（{what}），请删去后再提交。',
  'The text seems to hold personal data ({what}); leave it out.',
);
export const noFile = problemKind(
  'open.no-file',
  404,
  '没有这一版的这种文件。',
  'There is no such file of that edition.',
);
export const unknownReceipt = problemKind(
  'open.unknown-receipt',
  404,
  '没有这个受理编号。',
  'There is no such receipt number.',
);
export const unknownMessage = problemKind('open.unknown-message', 404, '没有这一件。', 'There is no such message.');
export const failed = problemKind(
  'open.failed',
  500,
  '处理中出现意外错误，请重试；仍不成功请联系平台管理员。',
  'Something unexpected happened; try again, then ask those who run the platform.',
);
