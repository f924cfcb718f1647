/** The problems of this room. */
import { problemKind } from '../platform/problem.ts';

export const queryTooLong = problemKind(
  'credit.query-too-long',
  400,
  '查询内容过长：最多 {max} 个字符，收到 {length} 个',
  'The query is too long: at most {max} characters, got {length}',
);
export const queryEmpty = problemKind(
  'credit.query-empty',
  400,
  '请输入要查询的内容：名称、曾用名、简称、拼音、代码、人员或地址',
  'Enter what to look for: a name, former name, abbreviation, pinyin, code, person or address',
);
export const pageTooDeep = problemKind(
  'credit.page-too-deep',
  400,
  '最多可翻阅前 {max} 条结果，请增加筛选条件',
  'Only the first {max} results can be paged through; narrow the search',
);
export const enterpriseUnknown = problemKind(
  'credit.enterprise-unknown',
  404,
  '没有编号为 {entity} 的法人单位',
  'There is no legal person with number {entity}',
);
export const classUnknown = problemKind(
  'credit.class-unknown',
  404,
  '没有编号为 {class} 的记录类',
  'There is no record class with number {class}',
);
export const classNeeded = problemKind(
  'credit.class-needed',
  400,
  '请指定记录类或类别',
  'Name a record class or a category',
);
export const fieldUnknown = problemKind(
  'credit.field-unknown',
  400,
  '记录类“{class}”没有字段“{field}”',
  'Class "{class}" has no field "{field}"',
);
export const filterProtected = problemKind(
  'credit.filter-protected',
  403,
  '字段“{field}”对您不以明文显示，不能用作筛选或排序条件',
  'Field "{field}" is not shown to you in plain text and cannot be filtered or sorted by',
);
export const classProtected = problemKind(
  'credit.class-protected',
  403,
  '记录类“{class}”不对您开放',
  'Class "{class}" is not open to you',
);
export const attributeUnknown = problemKind(
  'credit.attribute-unknown',
  404,
  '没有属性“{attribute}”',
  'There is no attribute "{attribute}"',
);
export const factUnknown = problemKind(
  'credit.fact-unknown',
  404,
  '没有编号为 {fact} 的记录',
  'There is no record with number {fact}',
);
export const cursorInvalid = problemKind(
  'credit.cursor-invalid',
  400,
  '翻页标记无效，请从第一页重新开始',
  'The paging cursor is not valid; start again from the first page',
);
export const nodeInvalid = problemKind(
  'credit.node-invalid',
  400,
  '关系网络节点“{node}”的写法不对，应为 e:编号、p:令牌 或 n:编号:姓名',
  'Network node "{node}" is not written as e:number, p:token or n:number:name',
);
export const nodeUnknown = problemKind(
  'credit.node-unknown',
  404,
  '关系网络中没有节点“{node}”',
  'There is no node "{node}" in the network',
);
export const personKeyNeeded = problemKind(
  'credit.person-key-needed',
  400,
  '请按姓名、令牌或证件号码查询自然人',
  'Give a name, a token or an identity number to look up a person',
);
export const numberInvalid = problemKind(
  'credit.number-invalid',
  400,
  '不是有效的居民身份证号码或手机号码',
  'Not a valid citizen identity number or mobile telephone number',
);
export const personForbidden = problemKind(
  'credit.person-forbidden',
  403,
  '您没有查询自然人的权限',
  'You may not look up natural persons',
);
export const exportTooMany = problemKind(
  'credit.export-too-many',
  422,
  '符合条件的记录超过 {max} 条，请缩小范围，或选择只导出前 {max} 条',
  'More than {max} records answer; narrow the filters, or ask for the first {max} only',
);

export { purposeNeeded } from '../platform/auth/problems.ts';
