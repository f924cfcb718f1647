/** What each quarantine rule says, in Chinese and English. */
import { fill } from '../platform/problem.ts';

const rules: Record<string, { title: [string, string]; sentence: [string, string] }> = {
  required: { title: ['必填项为空', 'Required value blank'], sentence: ['必填项为空。', 'A required value is blank.'] },
  type: { title: ['类型不符', 'Wrong type'], sentence: ['值不是 {type}。', 'The value is no {type}.'] },
  format: {
    title: ['格式不符', 'Wrong format'],
    sentence: ['值不是有效的 {format}。', 'The value is no valid {format}.'],
  },
  codes: {
    title: ['不在代码表中', 'Not in the code list'],
    sentence: ['值不在代码表中。', 'The value is not in the code list.'],
  },
  min: { title: ['小于下限', 'Below the bound'], sentence: ['值小于下限 {bound}。', 'The value is below {bound}.'] },
  max: { title: ['大于上限', 'Above the bound'], sentence: ['值大于上限 {bound}。', 'The value is above {bound}.'] },
  'columns-few': {
    title: ['列数不足', 'Too few columns'],
    sentence: ['应有 {expected} 列，只有 {found} 列。', 'Expected {expected} columns, found {found}.'],
  },
  'columns-many': {
    title: ['列数过多', 'Too many columns'],
    sentence: ['应有 {expected} 列，却有 {found} 列。', 'Expected {expected} columns, found {found}.'],
  },
  'quote-unclosed': {
    title: ['引号未闭合', 'Quote not closed'],
    sentence: ['引号没有闭合。', 'A quote is never closed.'],
  },
  'quote-text': {
    title: ['引号后有多余文字', 'Text after a quote'],
    sentence: ['闭合引号之后还有文字。', 'Text follows a closing quote.'],
  },
  nul: { title: ['含 NUL 字符', 'NUL character'], sentence: ['行中有 NUL 字符。', 'The row holds a NUL character.'] },
  encoding: {
    title: ['编码错误', 'Wrong encoding'],
    sentence: ['行中有不属于 {encoding} 的字节。', 'The row holds bytes that are no {encoding}.'],
  },
  'too-long': {
    title: ['行太长', 'Line too long'],
    sentence: ['这一行超过长度上限。', 'The line is longer than the limit.'],
  },
  json: {
    title: ['不是 JSON 对象', 'No JSON object'],
    sentence: ['这一行不是 JSON 对象。', 'The line is no JSON object.'],
  },
  'mapping-cast': {
    title: ['映射无法换算', 'Not bearable by the mapping'],
    sentence: ['映射无法由该行的值得出：{fields}。', "The mapping cannot answer these of the row's values: {fields}."],
  },
  operation: {
    title: ['操作标识无效', 'Unknown operation'],
    sentence: ['dsc_biz_operation 应为 I、U 或 D。', 'dsc_biz_operation must be I, U or D.'],
  },
  timestamp: {
    title: ['时间戳无效', 'Invalid instant'],
    sentence: ['dsc_biz_timestamp 不是时间。', 'dsc_biz_timestamp is no instant.'],
  },
};

/** Title of a rule. */
export const ruleTitle = (rule: string): { zh: string; en: string } => {
  const [zh, en] = rules[rule]?.title ?? [rule, rule];
  return { zh, en };
};

/** What a rule says of a row. */
export const ruleSentence = (rule: string, params: Record<string, unknown>): { zh: string; en: string } => {
  const [zh, en] = rules[rule]?.sentence ?? [rule, rule];
  return { zh: fill(zh, params), en: fill(en, params) };
};
