/** What the archives may refuse. */
import { problemKind } from '../platform/problem.ts';

const k = (code: string, status: number, zh: string, en: string) => problemKind(`archives.${code}`, status, zh, en);

export const unknownArchive = k('unknown', 404, '没有这件档案：{id}', 'there is no such archive: {id}');
export const unknownFile = k('file-unknown', 404, '档案中没有这个文件：{no}', 'the archive has no such file: {no}');
export const unknownStep = k('step-unknown', 404, '没有这个环节：{seq}', 'there is no such step: {seq}');
export const wrongState = k(
  'state',
  409,
  '档案处于“{zh}”状态，不能这样处理',
  'the archive is "{en}": this cannot be done with it now',
);
export const notYours = k(
  'not-yours',
  403,
  '只能处理本单位的档案',
  'only archives of your own organisation can be worked on',
);
export const noOrganisation = k(
  'no-organisation',
  422,
  '请说明档案属于哪个单位',
  'say which organisation the archive belongs to',
);
export const unknownOrganisation = k('organisation-unknown', 422, '没有单位 {id}', 'there is no organisation {id}');
export const tooLarge = k('too-large', 413, '文件超过上限 {mib} MiB', 'the file is larger than {mib} MiB');
export const tooMany = k('too-many', 422, '一件档案最多 {most} 个文件', 'an archive has {most} files at most');
export const sameName = k('same-name', 409, '已有同名文件：{name}', 'there is a file of this name already: {name}');
export const badPackage = k('package', 422, '信息包不予接收：{zh}', 'the package is not taken: {en}');
export const badMetadata = k(
  'metadata',
  422,
  '元数据第 {count} 处不合要求',
  '{count} places of the metadata are not as they must be',
);
export const unreadable = k(
  'metadata-unreadable',
  422,
  '元数据文件 {name} 无法读取：{reason}',
  'the metadata file {name} cannot be read: {reason}',
);
export const referenceTaken = k(
  'reference-taken',
  409,
  '档号 {reference} 已经使用',
  'the reference code {reference} is in use',
);
export const groundsNeeded = k(
  'grounds',
  422,
  '还有警告项未说明理由：{codes}',
  'warnings must be accepted with a ground: {codes}',
);
export const borrowFirst = k(
  'borrow-first',
  403,
  '须先借阅并经档案员批准',
  'borrow the archive first; an archivist approves it',
);
export const borrowDays = k('borrow-days', 422, '最多借阅 {most} 天', 'an archive is lent for {most} days at most');
export const borrowOpen = k('borrow-open', 409, '已有一次进行中的借阅', 'you have an open borrowing of it already');
export const unknownBorrowing = k('borrowing-unknown', 404, '没有这次借阅', 'there is no such borrowing');
export const decided = k('decided', 409, '已经处理过了', 'this was decided already');
export const ownRequest = k('own-request', 403, '不能审批自己的申请', 'nobody decides upon a request of their own');
export const unknownTransfer = k('transfer-unknown', 404, '没有这次移交', 'there is no such transfer');
export const nothingToTransfer = k(
  'transfer-empty',
  422,
  '没有可移交的档案',
  'none of these archives can be transferred',
);
export const notDue = k(
  'not-due',
  409,
  '保管期限未满，不能销毁',
  'its retention period has not ended: it cannot be destroyed',
);
export const permanent = k(
  'permanent',
  409,
  '永久保管的档案不能销毁',
  'an archive that is kept for ever cannot be destroyed',
);
export const unknownAppraisal = k('appraisal-unknown', 404, '没有这次鉴定', 'there is no such appraisal');
export const appraisalOpen = k('appraisal-open', 409, '这件档案正在鉴定', 'the archive is being appraised already');
export const secondPerson = k('second-person', 403, '须由另一人复核', 'another person must confirm it');
export const gone = k(
  'gone',
  410,
  '档案已销毁，只保留其轨迹与证明',
  'the archive was destroyed: only its trace and proof remain',
);
export const notSealed = k('not-sealed', 409, '签封尚未完成，请稍候', 'it is not sealed yet; try again shortly');
