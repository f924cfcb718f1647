/** What the gateway refuses, for callers of services and for people who manage them. */
import { problemKind } from '../platform/problem.ts';

const p = problemKind;
// Of a caller. 404 says the same of a service that is not there and of one that is somebody else's.
export const noToken = p('gateway.token-missing', 401, '请先取得访问令牌', 'an access token is needed');
export const badToken = p(
  'gateway.token-invalid',
  401,
  '访问令牌无效、已过期或已撤销',
  'the access token is not valid',
);
export const unknownService = p('gateway.unknown-service', 404, '没有这项服务', 'there is no such service');
export const unknownRecord = p('gateway.unknown-record', 404, '没有这条记录', 'there is no such record');
export const unknownAddress = p('gateway.unknown-address', 404, '服务没有这个地址', 'a service has no such address');
export const wrongMethod = p(
  'gateway.method',
  405,
  '此地址只接受 {methods}',
  'only {methods} can be asked of this address',
);
export const notActive = p(
  'gateway.grant-not-active',
  403,
  '授权不在使用中，服务已停止',
  'the grant is not active: the service has stopped',
);
export const fieldNotGranted = p(
  'gateway.field-not-granted',
  403,
  '所要的数据项不在授权范围内',
  'an item that was asked for is not within the grant',
);
export const wrongNetwork = p(
  'gateway.network',
  403,
  '不允许从此网络调用',
  'this client may not call from this network',
);
export const rateExceeded = p(
  'gateway.rate-exceeded',
  429,
  '调用过于频繁，请在 {seconds} 秒后再试',
  'too many calls: try again in {seconds} seconds',
);
export const quotaExceeded = p(
  'gateway.quota-exceeded',
  429,
  '已用完{period}调用额度 {limit} 次',
  'the quota of {limit} calls a {periodEn} is used up',
);
export const tooConcurrent = p(
  'gateway.too-concurrent',
  429,
  '同时进行的调用超过 {limit} 个',
  'more than {limit} calls at once',
);
export const preparing = p(
  'gateway.preparing',
  503,
  '服务数据正在准备，请稍候再试',
  'the service is being prepared: try again shortly',
);
export const busy = p('gateway.busy', 503, '服务繁忙，请稍候再试', 'the service is busy: try again shortly');
export const nothingHere = p(
  'gateway.nothing-collected',
  503,
  '提供部门尚未汇聚此项数据，暂不能调用',
  'the data of this entry is not collected yet',
);
export const badRequest = p('gateway.bad-request', 400, '请求不合要求：{zh}', 'the request is not valid: {en}');
export const bodyTooLarge = p(
  'gateway.body-too-large',
  413,
  '请求体超过 {kib} KiB',
  'the body is larger than {kib} KiB',
);
export const mediaType = p(
  'gateway.media-type',
  415,
  '请求体应为 application/json',
  'the body must be application/json',
);
export const noKey = p(
  'gateway.no-key',
  400,
  '此服务不能按主键查询，请按记录号查询',
  'this service has no granted key: look up by record number',
);
export const keyInAddress = p(
  'gateway.key-in-address',
  400,
  '主键含个人信息，请用 POST 提交',
  'the key is personal data: send it by POST',
);
export const filterItem = p(
  'gateway.filter-item',
  400,
  '不能按第 {n} 个条件的数据项筛选；可用：{items}',
  'condition {n} asks by an item that cannot be asked by; those that can: {items}',
);
export const filterValue = p(
  'gateway.filter-value',
  400,
  '第 {n} 个条件的值不合要求',
  'a value of condition {n} does not fit its item',
);
export const filterScan = p(
  'gateway.filter-scan',
  400,
  '此筛选需扫描全部 {rows} 条记录：请至少按其中一项作相等条件：{items}',
  'this filter would scan all {rows} records: ask for equality by at least one of: {items}',
);
export const badCursor = p('gateway.cursor', 400, '游标无效', 'the cursor is not valid');
export const failed = p('gateway.failed', 500, '服务内部错误，编号 {id}', 'an internal error, number {id}');

// Of people who manage.
export const unknownClient = p('gateway.unknown-client', 404, '没有这个客户端', 'there is no such client');
export const notYours = p(
  'gateway.not-yours',
  403,
  '只有本部门的数据专员可以办理',
  "only the organisation's own data officer may do this",
);
export const clientEnded = p('gateway.client-ended', 409, '客户端已终止', 'the client has ended');
export const twoSecrets = p(
  'gateway.two-secrets',
  409,
  '已有两个有效密钥，请先停用一个',
  'there are two secrets already: end one first',
);
export const noSecrets = p(
  'gateway.no-secrets',
  409,
  '此客户端使用私钥签名，没有密钥',
  'this client signs with its key and has no secrets',
);
export const unknownSecret = p('gateway.unknown-secret', 404, '没有这个密钥', 'there is no such secret');
export const badNetwork = p('gateway.bad-network', 400, '“{text}”不是合法的网段', '“{text}” is no network');
export const badScope = p(
  'gateway.bad-scope',
  400,
  '“{text}”不在本部门的服务授权范围内',
  '“{text}” is not within what was granted',
);
export const badKeys = p('gateway.bad-keys', 400, '公钥不合要求：{zh}', 'the keys are not usable: {en}');
export const changed = p(
  'gateway.changed',
  409,
  '刚刚被他人改动，请重新打开',
  'somebody else has just changed it: open it again',
);
export const expiryPast = p('gateway.expiry-past', 400, '到期时间须晚于现在', 'the end must be in the future');
