/** Everything that the exchange refuses, with its sentences. */
import { Problem, type ProblemKind, problemKind } from '../platform/problem.ts';
import type { IntakeRefusal } from './intake/plan.ts';

const k = problemKind;
export const problems = {
  empty: k('exchange.file.empty', 422, '文件是空的，没有收到任何数据。', 'The file is empty: nothing was received.'),
  headerOnly: k('exchange.file.header-only', 422, '文件只有表头，没有数据行。', 'The file has a header and no rows.'),
  header: k(
    'exchange.file.header',
    422,
    '文件的表头（第一行）无法读取。',
    'The header of the file (its first line) cannot be read.',
  ),
  delimiter: k(
    'exchange.file.delimiter',
    422,
    '分隔符不对：声明为“{declared}”，文件像是用“{seen}”分隔。',
    'Wrong delimiter: declared is "{declared}", the file seems to use "{seen}".',
  ),
  encoding: k(
    'exchange.file.encoding',
    422,
    '文件编码不对：声明为 {declared}，实际像是 {seen}。',
    'Wrong encoding: declared is {declared}, the file seems to be {seen}.',
  ),
  columnTwice: k(
    'exchange.file.column-twice',
    422,
    '表头中列“{column}”出现了两次。',
    'The header names the column "{column}" twice.',
  ),
  columnExtra: k(
    'exchange.contract.column-extra',
    422,
    '文件多出未声明的列：{columns}。该来源的约定是冻结（freeze），本次未采集。',
    'The delivery has columns that are not declared: {columns}. The contract of this source is freeze, nothing was collected.',
  ),
  columnMissing: k(
    'exchange.contract.column-missing',
    422,
    '文件缺少已声明的列：{columns}。',
    'The delivery lacks declared columns: {columns}.',
  ),
  json: k('exchange.file.json', 422, '文件不是 JSON 行格式：{text}', 'The file is not JSON lines: {text}'),
  sheet: k('exchange.file.sheet', 422, '工作簿没有工作表“{sheet}”。', 'The workbook has no sheet "{sheet}".'),
  unreadable: k(
    'exchange.file.unreadable',
    422,
    '文件无法按 {format} 读取：{reason}',
    'The file cannot be read as {format}: {reason}',
  ),
  already: k(
    'exchange.file.already-collected',
    409,
    '这个文件已在第 {run} 批采集过，没有重复采集。',
    'This file was collected in run {run} already and is not taken twice.',
  ),
  unknownSource: k('exchange.source.unknown', 404, '没有来源“{source}”。', 'There is no source "{source}".'),
  unavailable: k(
    'exchange.source.unavailable',
    409,
    '来源“{source}”尚不能提供数据：{zh}',
    'The source "{source}" cannot deliver yet: {en}',
  ),
  transport: k(
    'exchange.source.transport',
    409,
    '来源“{source}”不是这样交付的（{kind}）。',
    'The source "{source}" does not deliver this way ({kind}).',
  ),
  noFile: k('exchange.inbox.no-file', 404, '收件箱里没有文件“{file}”。', 'There is no file "{file}" in the inbox.'),
  nothingWaits: k(
    'exchange.inbox.empty',
    404,
    '收件箱里没有等待归集的文件。',
    'No file waits in the inbox to be collected.',
  ),
  unknownRun: k('exchange.run.unknown', 404, '没有第 {run} 批。', 'There is no run {run}.'),
  unknownRow: k('exchange.run.row-unknown', 404, '第 {run} 批没有第 {row} 行。', 'Run {run} has no row {row}.'),
  tooFew: k(
    'exchange.expect.too-few',
    422,
    '收到 {received} 行，少于约定的 {expected} 行。',
    'Received {received} rows, fewer than the {expected} expected.',
  ),
  tooMany: k(
    'exchange.expect.too-many',
    422,
    '收到 {received} 行，多于约定的 {expected} 行。',
    'Received {received} rows, more than the {expected} expected.',
  ),
  share: k(
    'exchange.expect.quarantined-share',
    422,
    '隔离的行占 {share}，超过约定的 {expected}。',
    'Quarantined rows are {share} of all, more than the {expected} expected.',
  ),
  columnsIgnored: k(
    'exchange.contract.columns-ignored',
    200,
    '按约定（discard）忽略了未声明的列：{columns}。',
    'Columns that are not declared were ignored by contract (discard): {columns}.',
  ),
  columnsKept: k(
    'exchange.contract.columns-kept',
    200,
    '按约定（evolve）另行保存了未声明的列：{columns}。',
    'Columns that are not declared were kept aside by contract (evolve): {columns}.',
  ),
  columnsAbsent: k(
    'exchange.contract.columns-absent',
    200,
    '本次没有这些已声明的列：{columns}。',
    'These declared columns did not come: {columns}.',
  ),
  mappingRows: k(
    'exchange.mapping.rows',
    422,
    '映射“{mapping}”应为收到的 {received} 行各答一行，实际答出 {answered} 行：缺 {missing} 行，多 {more} 行。',
    'The mapping "{mapping}" must answer each of the {received} received rows once; it answered {answered}: {missing} are missing, {more} too many.',
  ),
  mappingFailed: k(
    'exchange.mapping.failed',
    422,
    '映射“{mapping}”无法用于这次交付：{message}',
    'The mapping "{mapping}" cannot be applied to this delivery: {message}',
  ),
  mappingReserved: k(
    'exchange.mapping.reserved',
    422,
    '列名“{column}”留给映射的行号使用。',
    'The column name "{column}" belongs to the row number of mappings.',
  ),
  notOpen: k(
    'exchange.quarantine.not-open',
    409,
    '第 {run} 批第 {row} 行已经处理过（{status}）。',
    'Row {row} of run {run} is settled already ({status}).',
  ),
  unknownField: k('exchange.quarantine.unknown-field', 422, '没有字段“{field}”。', 'There is no field "{field}".'),
  hiddenField: k(
    'exchange.quarantine.hidden-field',
    403,
    '您无权查看字段“{field}”，不能修改。',
    'You may not see the field "{field}", so you may not change it.',
  ),
  cancelled: k(
    'exchange.collect.cancelled',
    409,
    '采集已取消，没有留下任何数据。',
    'The collection was cancelled; nothing of it was kept.',
  ),
  diskFull: k(
    'exchange.disk-full',
    507,
    '磁盘空间不足，本次采集未写入任何数据，文件仍在收件箱。',
    'The disk is full: nothing of this collection was written, the file is still in the inbox.',
  ),
} satisfies Record<string, ProblemKind>;

const byCode = new Map<string, ProblemKind>(Object.values(problems).map((p) => [p.code, p]));

/** A refusal of the reading thread as a Problem about a file. */
export function problemOf(refusal: IntakeRefusal, file: string): Problem {
  const kind = byCode.get(refusal.code);
  if (!kind) throw new Error(`refusal without a problem: ${refusal.code}`);
  return new Problem(kind, refusal.params, {
    file,
    ...(refusal.line === undefined ? {} : { line: refusal.line }),
    ...(refusal.field === undefined ? {} : { field: refusal.field }),
  });
}

/** A problem as it is kept in the lake. */
export const keep = (problem: Problem): string => {
  const { code, title, place } = problem.toJSON();
  return JSON.stringify({ code, title, place: place ?? null });
};
