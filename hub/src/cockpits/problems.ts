/** The problems of cockpits: of declared scenarios (with file and line), of indicators that cannot be computed, of what is asked for. */
import { problemKind } from '../platform/problem.ts';

const k = (code: string, status: number, zh: string, en: string) => problemKind(`cockpits.${code}`, status, zh, en);

export const folderName = k(
  'scenario.folder',
  422,
  '编号应与文件夹名一致：{expected}',
  "The id must be the folder's name: {expected}",
);
export const ownerUnknown = k('scenario.owner', 422, '没有这个部门：{owner}', 'There is no organisation "{owner}"');
export const twice = k('scenario.twice', 422, '“{id}”声明了两次', '"{id}" is declared twice');
export const noStatement = k(
  'indicator.statement',
  422,
  '指标“{id}”应当有 sql、indicators/{id}.sql、live 三者之一，且只有一个',
  'Indicator "{id}" must have exactly one of sql, indicators/{id}.sql and live',
);
export const liveKind = k('indicator.live', 422, 'live 只能用于单值指标', 'live is for indicators of kind value only');
export const whereMissing = k(
  'indicator.where',
  422,
  'share 需要 where，其他折算不得有 where',
  'share needs where; no other fold but count may have it',
);
export const unknownParameter = k(
  'sql.parameter',
  422,
  '{file} 只能使用参数 $day 和 $now',
  '{file} may use the parameters $day and $now only',
);
export const columnsMissing = k(
  'sql.columns',
  422,
  '{file} 应答出列 {expected}，缺少：{columns}',
  '{file} must answer the columns {expected}; lacking: {columns}',
);
export const columnUndeclared = k(
  'list.columns',
  422,
  '{file} 没有答出声明的列：{columns}',
  '{file} does not answer the declared columns: {columns}',
);
export const listColumns = k('list.none', 422, '清单“{id}”没有声明列', 'The list "{id}" declares no columns');
export const townColumns = k(
  'list.towns',
  422,
  '按镇街的清单“{id}”第一列须为 town，其余各列须为数字',
  'The list of towns "{id}" must begin with the column town, all others must be numbers',
);
export const protectionMissing = k(
  'list.protection',
  422,
  '{file} 读取受保护的字段（{fields}），每一列都要写明 protection：{columns}',
  '{file} reads guarded fields ({fields}): every column must declare its protection: {columns}',
);
export const peopleCounted = k(
  'sql.people',
  422,
  '{file} 读取个人信息，除计数外要答出列 n（背后的人数），以便隐去小单元',
  '{file} reads personal data: unless it counts people it must answer a column n (people behind the figure), so that small cells are left out',
);
export const unknownIndicatorNamed = k(
  'panel.indicator',
  422,
  '没有指标或图层“{id}”',
  'There is no indicator or layer "{id}"',
);
export const wrongKind = k(
  'panel.kind',
  422,
  '“{show}”不能显示 {kind} 类的“{id}”',
  '"{show}" cannot show "{id}", which is of kind {kind}',
);
export const panelEmpty = k(
  'panel.empty',
  422,
  '面板“{id}”没有写明显示什么（of）',
  'Panel "{id}" names nothing to show (of)',
);
export const gridPanel = k('grid.panel', 422, '网格中的“{id}”没有声明为面板', '"{id}" in the grid is not a panel');
export const gridShape = k(
  'grid.shape',
  422,
  '网格应有 {rows} 行、每行 {columns} 格',
  'The grid must have {rows} lines of {columns} cells',
);
export const gridRectangle = k(
  'grid.rectangle',
  422,
  '面板“{id}”在网格中不是矩形',
  'Panel "{id}" is no rectangle in the grid',
);
export const panelUnused = k(
  'grid.unused',
  422,
  '面板“{id}”没有出现在 {where}',
  'Panel "{id}" stands nowhere in {where}',
);
export const textUnknown = k('panel.text', 422, '没有文字“{id}”', 'There is no text "{id}"');
export const ruleEmpty = k('rule.when', 422, '规则“{id}”没有条件', 'Rule "{id}" has no condition');
export const placeholderUnknown = k(
  'text.placeholder',
  422,
  '文字中的 {{name}} 不是单值指标',
  'The text names {{name}}, which is no indicator of kind value',
);

export const scenarioUnknown = k('unknown-scenario', 404, '没有场景“{scenario}”', 'There is no scenario "{scenario}"');
export const indicatorUnknown = k(
  'unknown-indicator',
  404,
  '场景中没有指标“{indicator}”',
  'The scenario has no indicator "{indicator}"',
);
export const noRecords = k('no-records', 404, '这个指标没有声明记录', 'No records are declared for this indicator');
export const notAllowed = k(
  'not-allowed',
  403,
  '您没有查看这个指标所需的权限：{permission}',
  'You lack the permission that this indicator needs: {permission}',
);

export const failed = k('indicator.failed', 422, '计算失败：{message}', 'It could not be computed: {message}');
export const tooSlow = k(
  'indicator.slow',
  422,
  '计算超过 {seconds} 秒，已中止',
  'It took longer than {seconds} s and was stopped',
);
export const tooMany = k('indicator.rows', 422, '答案超过 {rows} 行', 'The answer has more than {rows} rows');
export const notNumber = k('indicator.number', 422, '列 {column} 应为数字', 'The column {column} must be a number');
export const waiting = k('indicator.waiting', 409, '还没有数据源发布：{views}', 'Nobody publishes this yet: {views}');
export const busy = k('busy', 503, '试算正忙，请稍后重试', 'Trials are busy; try again shortly');
