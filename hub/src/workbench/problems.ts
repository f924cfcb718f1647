/** The problems of the workbench: of statements (with line and column), of limits, of what is saved and exported. */
import { problemKind } from '../platform/problem.ts';

const k = (code: string, status: number, zh: string, en: string) => problemKind(`workbench.${code}`, status, zh, en);

export const notSelect = k(
  'statement.kind',
  422,
  '只能运行一条查询（SELECT、WITH、FROM、VALUES）；动态 PIVOT 请写明 IN (…)',
  'Only one query may be run (SELECT, WITH, FROM, VALUES); a dynamic PIVOT must name its values by IN (…)',
);
export const several = k('statement.several', 422, '一次只能运行一条语句', 'Only one statement may be run at a time');
export const empty = k('statement.empty', 422, '请写一条查询', 'Write a query');
export const tooDeep = k(
  'statement.depth',
  422,
  '语句嵌套过深（至多 {max} 层）',
  'The statement is nested too deeply (at most {max} levels)',
);
export const compile = k('statement.compile', 422, '语句有误：{message}', 'The statement does not compile: {message}');
export const syntax = k('statement.syntax', 422, '“{near}”附近有语法错误', 'There is a syntax error near "{near}"');
export const columnUnknown = k(
  'statement.column',
  422,
  '没有列“{name}”；相近的有：{candidates}',
  'There is no column "{name}"; near to it: {candidates}',
);
export const notGrouped = k(
  'statement.group',
  422,
  '列“{name}”应写在 GROUP BY 中，或放进汇总函数',
  'The column "{name}" must stand in GROUP BY or in an aggregate',
);
export const forbidden = k(
  'statement.forbidden',
  422,
  '这里不能使用“{what}”：查询只读取公布的视图，不读文件、设置和系统表',
  '"{what}" cannot be used here: a query reads published views only, no files, settings or system tables',
);
export const viewUnknown = k('view.unknown', 422, '没有视图“{view}”', 'There is no view "{view}"');
export const viewRefused = k(
  'view.refused',
  403,
  '您无权读取视图“{view}”（需要权限 {permission}）',
  'You may not read the view "{view}" (the permission {permission} is needed)',
);
export const parameterUnknown = k(
  'parameter.unknown',
  422,
  '没有给出参数“{name}”的值',
  'No value is given for the parameter "{name}"',
);
export const parameterName = k(
  'parameter.name',
  422,
  '参数要有名字：写作 :name，不写 ? 或 $1',
  'Parameters have names: write :name, not ? or $1',
);
export const parameterValue = k(
  'parameter.value',
  422,
  '参数“{name}”的值不是{type}',
  'The value of the parameter "{name}" is not of type {type}',
);
export const valueFailed = k(
  'statement.value',
  422,
  '有的值不能这样计算或转换（为保护数据，不显示该值）；可以用 try_cast 或 CASE 避开',
  'Some value cannot be computed or converted so (it is not shown, to protect the data); try_cast or CASE avoid it',
);
export const failed = k(
  'statement.failed',
  422,
  '引擎没有算完这条语句（{kind}）',
  'The engine could not finish the statement ({kind})',
);
export const tooSlow = k(
  'limit.time',
  422,
  '超过 {seconds} 秒，已停止：请缩小范围或先汇总',
  'Stopped after {seconds} s: ask for less, or aggregate first',
);
export const tooLarge = k(
  'limit.memory',
  422,
  '占用的内存或磁盘超过限度，已停止',
  'Stopped: it took more memory or disk than allowed',
);
export const cancelled = k('cancelled', 409, '查询已取消', 'The query was cancelled');
export const alreadyRunning = k(
  'limit.one',
  409,
  '您已有一条查询在运行，请等它结束或先取消',
  'A query of yours is running: wait for it or cancel it first',
);
export const busy = k(
  'limit.queue',
  503,
  '正在运行和等待的查询太多，请稍后再试',
  'Too many queries are running and waiting: try again later',
);
export const tooManyColumns = k(
  'limit.columns',
  422,
  '结果有 {n} 列，至多 {max} 列',
  'The answer has {n} columns; at most {max} are shown',
);
export const savedUnknown = k('saved.unknown', 404, '没有这条保存的查询', 'There is no such saved query');
export const savedNotYours = k(
  'saved.not-yours',
  403,
  '只有作者，或作者离开后本部门的人，可以修改它',
  'Only its author, or the department after the author has left, may change it',
);
export const savedNoOrganisation = k(
  'saved.organisation',
  422,
  '您不属于任何部门，不能分享给部门；可以分享给角色',
  'You belong to no organisation: share it with roles instead',
);
export const savedIdentity = k(
  'saved.identity',
  422,
  '语句、说明或参数里有身份证号或手机号：请改用参数，并不要保存其值',
  'The statement, description or parameters hold an identity or mobile number: use a parameter and do not keep its value',
);
export const savedTooMany = k(
  'saved.limit',
  422,
  '每人至多保存 {max} 条查询',
  'At most {max} queries may be saved by one person',
);
export const savedChanged = k(
  'saved.changed',
  409,
  '这条查询已被别人改过，请重新打开',
  'The query was changed by somebody else: open it again',
);
