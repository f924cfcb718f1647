/** What forms answers instead of a result. */
import { problemKind } from '../platform/problem.ts';

const k = (code: string, status: number, zh: string, en: string) => problemKind(`forms.${code}`, status, zh, en);

export const unknownForm = k('form.unknown', 404, '没有表单 {form}。', 'There is no form {form}.');
export const unknownVersion = k(
  'version.unknown',
  404,
  '表单没有第 {version} 版。',
  'The form has no version {version}.',
);
export const nameTaken = k(
  'form.name-taken',
  409,
  '本单位已有名为“{name}”的表单或资源。',
  'Your organisation has a form or resource "{name}" already.',
);
export const noOrganisation = k(
  'form.no-organisation',
  403,
  '您不属于任何单位，不能设计或填报表单。',
  'You belong to no organisation and can neither design nor fill in forms.',
);
export const notYours = k('form.not-yours', 403, '这是其他单位的表单。', 'The form belongs to another organisation.');
export const draftChanged = k(
  'draft.changed',
  409,
  '草稿已被他人保存过（第 {revision} 次）；请先取回再改。',
  'The draft was saved meanwhile (revision {revision}); read it again first.',
);
export const noDraft = k('draft.none', 409, '没有待发布的草稿。', 'There is no draft to publish.');
export const faulty = k('design.faulty', 422, '设计有 {count} 处错误。', 'The design has {count} faults.');
export const faultAt = k('fault', 422, '{at}：{zh}', '{at}: {en}');
export const retired = k('form.retired', 409, '表单已停用。', 'The form is retired.');
export const notPublished = k('form.not-published', 409, '表单尚未发布。', 'The form is not published yet.');
export const unknownRecord = k(
  'record.unknown',
  404,
  '没有这条记录，或您不能查看。',
  'There is no such record, or you may not see it.',
);
export const recordTaken = k('record.id-taken', 409, '记录编号已被使用。', 'The id of the record is used already.');
export const recordChanged = k(
  'record.changed',
  409,
  '记录已被他人修改（第 {revision} 次）；请先取回再改。',
  'The record was changed meanwhile (revision {revision}); read it again first.',
);
export const wrongValues = k('record.faulty', 422, '填报内容有 {count} 处错误。', 'The values have {count} faults.');
export const wrongState = k(
  'record.wrong-state',
  409,
  '记录处于“{zh}”，不能这样做。',
  'The record is {en}; that cannot be done now.',
);
export const mayNot = k('record.may-not', 403, '您不能对这条记录这样做。', 'You may not do that with this record.');
export const fourEyes = k(
  'record.four-eyes',
  403,
  '不能审核自己填报的记录。',
  'Nobody checks or accepts what they filled in themselves.',
);
export const reasonNeeded = k('record.reason-needed', 422, '请写明理由。', 'A reason is needed.');
export const noConflict = k(
  'record.no-conflict',
  404,
  '没有这处待处理的冲突。',
  'There is no such conflict to settle.',
);
export const unknownTask = k('task.unknown', 404, '没有任务 {task}。', 'There is no task {task}.');
export const taskClosed = k('task.closed', 409, '任务已结束。', 'The task is closed.');
export const taskDue = k(
  'task.due',
  422,
  '请给出期限：工作日数或日期之一，且不早于今天；日期须在已公布的节假日安排之内。',
  'Give the period as working days or as a day, not before today and within the announced holidays.',
);
export const unknownAssignee = k(
  'task.assignee',
  422,
  '“{login}”不是本单位可用的账号。',
  '"{login}" is no enabled account of your organisation.',
);
export const targetTaken = k(
  'task.target',
  409,
  '任务对象不存在、不归您，或已有记录。',
  'The target does not exist, is not yours, or has a record.',
);
export const unknownFile = k(
  'file.unknown',
  404,
  '没有这个文件，或您不能查看。',
  'There is no such file, or you may not see it.',
);
export const fileOther = k(
  'file.other',
  409,
  '同一编号的文件内容不同。',
  'A file of this id with other facts is there.',
);
export const fileOffset = k(
  'file.offset',
  409,
  '已收到 {received} 字节，请从那里继续。',
  '{received} bytes have arrived; go on from there.',
);
export const fileField = k(
  'file.field',
  422,
  '表单没有可放文件的字段“{field}”。',
  'The form has no field "{field}" that takes files.',
);
export const fileRefused = k('file.refused', 422, '文件未被接收：{zh}', 'The file was refused: {en}');
export const unknownImport = k('import.unknown', 404, '没有这次导入。', 'There is no such import.');
export const importDone = k('import.done', 409, '这次导入已处理。', 'This import was settled already.');
export const importBad = k(
  'import.bad-rows',
  422,
  '有 {bad} 行有错误，不能整体导入。',
  '{bad} rows have faults, so the whole is not taken in.',
);
export const importUnreadable = k('import.unreadable', 422, '文件不能读取：{zh}', 'The file cannot be read: {en}');
export const importFile = k(
  'import.file',
  422,
  '请上传 XLSX 或 CSV 文件，不超过 {mb} MB。',
  'Send a workbook (XLSX) or CSV of at most {mb} MB.',
);
export const sourceFailed = k(
  'source.failed',
  409,
  '数据源未能声明：{reason}',
  'The source could not be declared: {reason}',
);
export const keyReused = k(
  'sync.key-reused',
  409,
  '同一操作编号的内容不同。',
  'The key was used for another operation.',
);
export const syncWaiting = k(
  'sync.waiting',
  409,
  '它所接续的操作还没有收到。',
  'The operation that it follows has not arrived yet.',
);
export const syncConflict = k(
  'sync.conflict',
  409,
  '记录同时被改过，两份都已保留，待处理。',
  'The record was changed meanwhile; both are kept until somebody settles it.',
);
