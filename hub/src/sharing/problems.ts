/** What sharing may refuse, each with its reason in law where there is one. */
import { problemKind } from '../platform/problem.ts';

const k = (code: string, status: number, zh: string, en: string) => problemKind(`sharing.${code}`, status, zh, en);

export const unknownRequest = k('request.unknown', 404, '没有这件共享申请：{id}', 'there is no such request: {id}');
export const unknownGrant = k('grant.unknown', 404, '没有这项共享授权：{id}', 'there is no such grant: {id}');
export const unknownDelivery = k('delivery.unknown', 404, '没有这次交付：{id}', 'there is no such delivery: {id}');
export const unknownClock = k('clock.unknown', 404, '没有这个时限：{id}', 'there is no such clock: {id}');
export const unknownEntry = k('entry.unknown', 404, '目录里没有“{id}”', 'the catalogue has no "{id}"');
export const unknownDispute = k('dispute.unknown', 404, '没有这件争议：{id}', 'there is no such dispute: {id}');
export const unknownDeputy = k('deputy.unknown', 404, '没有这项代理：{id}', 'there is no such deputyship: {id}');

export const notYours = k(
  'not-yours',
  403,
  '“{action}”不是您可以办理的步骤',
  'the step "{action}" is not yours to take',
);
export const wrongState = k(
  'state',
  409,
  '当前状态“{state}”下不能“{action}”',
  'in the state "{state}" there is no step "{action}"',
);
export const conflict = k(
  'conflict',
  409,
  '别人刚刚办理过，请刷新后再看',
  'somebody else has just acted on it: look again before you do',
);
export const changedSince = k(
  'changed-since',
  409,
  '{who} 于 {at} 办理了“{what}”',
  '{who} took the step "{what}" at {at}',
);
export const differsNow = k(
  'differs-now',
  409,
  '“{field}”已被他人改动，与您提交的不同',
  '"{field}" was changed and differs from yours',
);
export const ownWork = k(
  'own-work',
  403,
  '提出申请的人不能同时以负责人身份同意',
  'who asked for it cannot agree to it as the head',
);
export const onLeave = k(
  'on-leave',
  403,
  '您已委托代理，代理期间由代理人决定；提前回岗请先结束代理',
  'you named a deputy, who decides during that time: end the deputyship first',
);
export const commentNeeded = k('comment-needed', 422, '请写明意见或理由', 'say why');
export const dataNeeded = k('data-needed', 422, '缺少“{field}”', '"{field}" is missing');
export const incomplete = k(
  'incomplete',
  422,
  '申请材料不全，请一次补齐以下各项',
  'the request is not complete; everything that is missing is listed',
);
export const refusedType = k(
  'not-shared',
  422,
  '该资源属于不予共享类（依据：{ground}），不能申请；有异议的，可先与提供部门协商，协商不成的提请主管部门协调',
  'this resource is not shared (ground: {ground}) and cannot be asked for; who disagrees consults with its provider, then asks the authority',
);
export const cannotRefuse = k(
  'unconditional',
  422,
  '无条件共享类的申请不得拒绝',
  'a request for unconditionally shared data cannot be refused',
);
export const toldOnce = k(
  'told-once',
  409,
  '需要补充的材料只能一次性告知，本申请已告知过',
  'what is missing is told once, and was told already',
);
export const notMended = k(
  'not-mended',
  409,
  '整改期限（{day}）未到，且尚未报告整改，不能终止',
  'the term to mend ({day}) is not over and nothing was reported: it cannot be ended',
);
export const renewalPending = k('renewal-pending', 409, '已有待办的续期申请', 'a renewal is waiting already');
export const noRenewal = k('no-renewal', 409, '没有待办的续期申请', 'no renewal is waiting');
export const laterNeeded = k('later-needed', 422, '新的期限应晚于 {day}', 'the new day must be after {day}');
export const notSubset = k(
  'not-subset',
  422,
  '只能缩小、不能扩大授权的数据项',
  'items of a grant can only become fewer',
);

export const extensionNone = k('extension.none', 422, '该时限依法不得延长', 'this period cannot be extended by law');
export const extensionTooLong = k(
  'extension.too-long',
  422,
  '最长可延长 {max} 个工作日',
  'it can be extended by {max} working days at most',
);
export const extensionTwice = k('extension.twice', 409, '该时限已申请过延长', 'an extension was asked for already');
export const extensionClosed = k('extension.closed', 409, '这项延期已处理', 'this extension was decided already');
export const clockEnded = k('clock.ended', 409, '时限已经终止', 'the clock has ended');

export const grantNotActive = k(
  'grant.not-active',
  409,
  '授权不在使用状态（{state}），不能交付或下载',
  'the grant is not active ({state}): nothing is delivered or downloaded',
);
export const servedByInterface = k(
  'grant.by-interface',
  409,
  '该授权以服务接口方式提供，不制作文件',
  'this grant is served by the interface: no file is made of it',
);
export const notReady = k('delivery.not-ready', 409, '交付还没有准备好', 'the delivery is not ready');
export const noRange = k(
  'delivery.range',
  416,
  '文件只有 {bytes} 字节，没有所要的部分',
  'the file has {bytes} bytes: there is no such part',
);
export const nothingCollected = k(
  'delivery.not-collected',
  409,
  '该资源还没有归集到数据，无法交付',
  'nothing was collected of this resource yet: there is nothing to deliver',
);
export const itemGone = k(
  'item.gone',
  409,
  '授权的数据项“{items}”在目录或数据源中已不存在，请双方协商变更',
  'the granted items "{items}" are no longer in the catalogue or the source: agree on a change',
);
export const itemUngranted = k(
  'item.ungranted',
  403,
  '数据项“{item}”不在授权范围内',
  'the item "{item}" is not granted',
);
export const tooManyRows = k(
  'delivery.too-many-rows',
  422,
  'XLSX 最多 {max} 行，本次有 {rows} 行；请改用 CSV 或 Parquet',
  'XLSX takes at most {max} rows and there are {rows}: choose CSV or Parquet',
);
export const deliveryOpen = k('delivery.open', 409, '上一次交付还在制作', 'the delivery before is still being made');
export const receiptTwice = k('receipt.twice', 409, '已经确认过收讫', 'its receipt was confirmed already');
export const fingerprintForm = k(
  'receipt.fingerprint',
  422,
  '指纹应为 64 位十六进制（SHA-256）',
  'a fingerprint is 64 hexadecimal digits (SHA-256)',
);
export const recordUnknown = k(
  'record.unknown',
  404,
  '这次交付里没有记录“{record}”',
  'the delivery has no record "{record}"',
);

export const filterItem = k(
  'filter.item',
  422,
  '筛选条件只能用公开或内部的数据项，“{item}”不可用',
  'a filter may use public and internal items only: "{item}" is not one',
);
export const filterValue = k(
  'filter.value',
  422,
  '“{item}”的筛选值不合要求：{value}',
  '"{item}" cannot be compared with {value}',
);

export const deputySelf = k('deputy.self', 422, '不能委托自己', 'nobody is their own deputy');
export const deputyForeign = k(
  'deputy.foreign',
  422,
  '“{login}”不是本部门可用的账号',
  '"{login}" is not an account of this department',
);
export const deputyPeriod = k(
  'deputy.period',
  422,
  '代理期间的起止日期有误',
  'the days of a deputyship are in the wrong order or past',
);
export const deputyOverlap = k('deputy.overlap', 409, '这段时间已有代理', 'there is a deputy in that time already');
export const disputeOpen = k('dispute.open', 409, '该申请已有未结的争议', 'a dispute of this request is open already');

export const unknownDuty = k('erasure.unknown', 404, '没有须删除事项 {id}', 'there is no duty to delete {id}');
export const dutyDone = k('erasure.done', 409, '已说明办理情况', 'it was answered already');
export const fileGone = k(
  'erasure.file',
  410,
  '交付文件含已按法律删除的个人信息，已整体移除',
  'the delivered file held data of a person who was erased by law and was removed whole',
);
