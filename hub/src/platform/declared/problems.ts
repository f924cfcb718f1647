/** What may be wrong with a declared file, whatever it declares. */
import { problemKind } from '../problem.ts';

const k = (code: string, zh: string, en: string) => problemKind(`declared.${code}`, 422, zh, en);

export const fileUnreadable = k('file.unreadable', '文件无法读取：{message}', 'The file cannot be read: {message}');
export const yamlSyntax = k('yaml.syntax', 'YAML 写错了：{message}', 'Not valid YAML: {message}');
export const yamlSchema = k('yaml.schema', '“{pointer}”不符合要求：{message}', '"{pointer}": {message}');
export const yamlUnknownKey = k('yaml.unknown-key', '不认识的键“{key}”。', 'Unknown key "{key}".');
export const yamlMissing = k('yaml.missing', '缺少“{key}”。', '"{key}" is missing.');
export const sqlSingle = k('sql.select', '{file} 应当是一条 SELECT 语句。', '{file} must be one SELECT statement.');
export const sqlCompile = k('sql.compile', '{file} 无法编译：{message}', '{file} does not compile: {message}');
export const sqlForbidden = k(
  'sql.forbidden',
  '{file} 只能读取 v.* 视图，不得使用：{what}',
  '{file} may read v.* views only; it must not use: {what}',
);
export const sqlColumns = k(
  'sql.columns',
  '{file} 应答出列 {expected}，缺少或多出：{columns}',
  '{file} must answer the columns {expected}; lacking or too many: {columns}',
);
