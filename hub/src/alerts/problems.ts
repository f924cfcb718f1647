/** What alerts may refuse: every code with its sentences. */
import { problemKind } from '../platform/problem.ts';

const k = (code: string, status: number, zh: string, en: string) => problemKind(`alerts.${code}`, status, zh, en);

export const unknownAlert = k('unknown', 404, '没有这条预警：{id}', 'there is no such alert: {id}');
export const closedAlert = k('closed', 409, '该预警已经结束', 'the alert has ended');
export const changedMeanwhile = k(
  'changed',
  409,
  '此项已被他人修改，请刷新后再办理',
  'it was changed meanwhile: look again before you act',
);
export const alreadyAcknowledged = k('acknowledged', 409, '该预警已确认', 'the alert is acknowledged already');
export const unknownOrganisation = k('organisation', 422, '没有这个单位：{id}', 'there is no such organisation: {id}');
export const unknownRule = k('rule-unknown', 404, '没有这条规则：{rule}', 'there is no such rule: {rule}');
export const ruleExists = k('rule-exists', 409, '已有同名规则：{rule}', 'there is a rule of that name: {rule}');
export const ruleName = k('rule-name', 422, '规则名应为“{expected}”', 'the rule must be named "{expected}"');
export const ruleSame = k('rule-same', 409, '内容与现行版本相同', 'the content is that of the version in force');
export const ruleSeriesNone = k(
  'rule-series-none',
  422,
  '没有任何序列符合该规则的选择',
  'no series is chosen by the rule',
);
export const tooManyRules = k(
  'rules-too-many',
  422,
  '规则数量已达上限（{most}）',
  'there are as many rules as there may be ({most})',
);
export const nearColumns = k(
  'near-columns',
  422,
  'near.places 应答出列 name、lon、lat，缺少的视图：{views}',
  'near.places must answer name, lon, lat; views that are not there: {views}',
);
export const tryTooMuch = k(
  'try-too-much',
  422,
  '试算涉及 {readings} 条读数，超过上限 {most}：请缩短天数或缩小范围',
  'the trial would look at {readings} readings, more than {most}: fewer days or fewer series, please',
);
export const tryBusy = k(
  'try-busy',
  429,
  '另一次试算正在进行，请稍后再试',
  'another trial is running: please try again soon',
);
export const unknownSilence = k('silence-unknown', 404, '没有这项静默：{id}', 'there is no such silence: {id}');
export const silenceTimes = k(
  'silence-times',
  422,
  '静默的结束时间应晚于开始时间，且不超过 30 天',
  'a silence must end after it begins and within 30 days',
);
export const silenceWide = k(
  'silence-wide',
  422,
  '静默必须限定规则、类型、实体或区域之一',
  'a silence must name rules, types, entities or an area',
);
export const exerciseOnly = k(
  'exercise',
  409,
  '该预警属于演练，不能作为实际预警签发，请把性质改为“演练”或“测试”',
  'the alert is part of an exercise: it cannot be released as actual, make its status Exercise or Test',
);
export const silenceEnded = k('silence-ended', 409, '该静默已结束', 'the silence has ended');
export const tooManyListeners = k(
  'listeners',
  503,
  '实时连接数已达上限（{most}），请稍后再试',
  'there are as many live connections as there may be ({most})',
);

// Messages of the Common Alerting Protocol.
const cap = (code: string, zh: string, en: string, status = 422) => k(`cap.${code}`, status, zh, en);
export const capTooLarge = cap('too-large', '报文超过 {most} 字节', 'the message is larger than {most} bytes', 413);
export const capEncoding = cap(
  'encoding',
  '报文的字符编码无法读取：{encoding}',
  'the encoding cannot be read: {encoding}',
);
export const capXml = cap('xml', '不是良构的 XML：{message}', 'not well-formed XML: {message}');
export const capDoctype = cap(
  'doctype',
  '报文不得含文档类型声明（DTD）或实体',
  'a message must have no document type declaration and no entities',
);
export const capDepth = cap('depth', '元素嵌套过深或过多', 'too many elements, or too deeply nested');
export const capVersion = cap(
  'version',
  '不是 CAP 1.1 或 1.2 报文：{namespace}',
  'not a message of CAP 1.1 or 1.2: {namespace}',
);
export const capUnknown = cap('element', '此处不应有元素“{element}”', 'the element "{element}" does not belong here');
export const capMissing = cap('missing', '缺少“{element}”', '"{element}" is missing');
export const capTwice = cap('twice', '“{element}”只能出现一次', '"{element}" may be there only once');
export const capEmpty = cap('empty', '“{element}”不能为空', '"{element}" must not be empty');
export const capValue = cap(
  'value',
  '“{element}”的值“{value}”不在允许之列',
  '"{element}" has the value "{value}", which is not allowed',
);
export const capTime = cap(
  'time',
  '“{element}”应为带时区偏移的时刻（如 2026-07-01T08:00:00+08:00，不得用 Z）：{value}',
  '"{element}" must be an instant with a numeric offset (2026-07-01T08:00:00+08:00, never Z): {value}',
);
export const capText = cap(
  'text',
  '“{element}”含有不允许的字符（空格、逗号、< 或 &）',
  '"{element}" has characters that are not allowed (spaces, commas, < or &)',
);
export const capReference = cap(
  'reference',
  '“references”应为 发送者,标识,时间：{value}',
  '"references" must be sender,identifier,sent: {value}',
);
export const capNoReference = cap(
  'no-reference',
  '{type} 报文必须引用先前的报文',
  'a message of type {type} must refer to an earlier one',
);
export const capPolygon = cap('polygon', '区域多边形有误：{message}', 'the polygon is wrong: {message}');
export const capCircle = cap(
  'circle',
  '圆形区域应为“纬度,经度 公里”：{value}',
  'a circle must be "latitude,longitude kilometres": {value}',
);
export const capScope = cap(
  'scope',
  'scope 为 {scope} 时必须有“{element}”',
  'a message of scope {scope} must have "{element}"',
);
export const capKnown = cap('known', '该报文已经收到过', 'the message was received before', 409);
export const capIdentifier = cap(
  'identifier',
  '标识“{identifier}”不符合国家格式',
  'the identifier "{identifier}" is not of the national form',
);
export const unknownIncoming = cap('incoming-unknown', '没有这份报文：{id}', 'there is no such message: {id}', 404);

// Warnings to the public.
const warn = (code: string, status: number, zh: string, en: string) => k(`warning.${code}`, status, zh, en);
export const unknownWarning = warn('unknown', 404, '没有这份预警发布：{id}', 'there is no such warning: {id}');
export const issuerMissing = warn(
  'issuer',
  409,
  '本市未登记预警发布单位（cities/{city}/warnings.yaml），不能发布',
  'the city has no registered issuer of warnings (cities/{city}/warnings.yaml)',
);
export const warningState = warn('state', 409, '当前状态不能这样办理：{state}', 'not in this state: {state}');
export const warningSuperseded = warn('superseded', 409, '该预警已有后续报文', 'a later message refers to it already');
export const warningExpires = warn(
  'expires',
  422,
  '失效时间应晚于现在，且不超过 30 天',
  'it must expire later than now and within 30 days',
);
export const warningEvent = warn('event', 422, '没有这个事件代码：{code}', 'there is no such event code: {code}');
export const warningSerials = warn(
  'serials',
  503,
  '同一秒内发布过多，请稍后再试',
  'too many were released in one second: please try again',
);
export const warningArea = warn(
  'area',
  422,
  '必须写明区域：区划代码、圆或多边形',
  'an area is needed: a division, a circle or a polygon',
);
