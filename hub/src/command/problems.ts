/** What command may refuse: declared plans (with file and line), operations, tasks, duty, resources. */
import { problemKind } from '../platform/problem.ts';

const k = (code: string, status: number, zh: string, en: string) => problemKind(`command.${code}`, status, zh, en);

export const planFolder = k(
  'plan.folder',
  422,
  '预案“{id}”应放在 plans/{id}/plan.yaml',
  'The plan "{id}" belongs into plans/{id}/plan.yaml',
);
export const planTwice = k('plan.twice', 422, '“{id}”声明了两次', '"{id}" is declared twice');
export const planUnknownRole = k(
  'plan.role',
  422,
  '步骤引用了未声明的职责“{id}”',
  'The step names a role "{id}" that is not declared',
);
export const planUnknownStep = k(
  'plan.step',
  422,
  '前置步骤“{id}”不存在',
  'The step "{id}" that must come before does not exist',
);
export const planCycle = k('plan.cycle', 422, '步骤互相等待：{steps}', 'Steps wait for each other: {steps}');
export const planLaterStep = k(
  'plan.later',
  422,
  '步骤“{id}”在 {level} 级才启动，不能作为 {own} 级步骤的前置',
  'The step "{id}" begins at level {level} only: a step of level {own} cannot wait for it',
);
export const planUnknownLevel = k('plan.level', 422, '未声明 {level} 级响应', 'The level {level} is not declared');
export const planOrganisation = k(
  'plan.organisation',
  422,
  '本市没有单位“{id}”',
  'The city has no organisation "{id}"',
);
export const planTimes = k(
  'plan.times',
  422,
  '签收时限 {ack} 分钟长于完成时限 {limit} 分钟',
  'The time to acknowledge ({ack} min) is longer than the time limit ({limit} min)',
);
export const planIdle = k('plan.idle', 422, '{level} 级没有任何步骤', 'Nothing is done at level {level}');
export const planUnknown = k('plan.unknown', 404, '没有预案“{id}”', 'There is no plan "{id}"');
export const planVersion = k(
  'plan.version',
  404,
  '预案“{id}”没有第 {version} 版',
  'The plan "{id}" has no version {version}',
);
export const planSame = k('plan.same', 409, '内容与现行版本相同', 'This is the same as the version in force');
export const planText = k('plan.text', 422, '预案文本有 {n} 处错误', 'The plan has {n} mistakes');

export const operationUnknown = k('operation.unknown', 404, '没有编号为 {id} 的响应行动', 'There is no operation {id}');
export const operationOver = k('operation.over', 409, '响应行动已结束，不能再办理', 'The operation is over');
export const operationRunning = k('operation.running', 409, '响应行动尚未结束', 'The operation has not ended yet');
export const operationTwice = k(
  'operation.twice',
  409,
  '预案“{plan}”已有进行中的响应行动 {id}',
  'The plan "{plan}" is carried out already: operation {id}',
);
export const operationsMany = k(
  'operation.many',
  409,
  '同时进行的响应行动不超过 {limit} 个',
  'At most {limit} operations run at once',
);
export const levelSame = k('level.same', 409, '现在就是 {level} 级', 'It is level {level} already');
export const taskUnknown = k('task.unknown', 404, '没有编号为 {id} 的任务', 'There is no task {id}');
export const taskNotYours = k(
  'task.not-yours',
  403,
  '只有承担单位可以办理此任务',
  'Only the organisation that has the task may answer it',
);
export const taskState = k(
  'task.state',
  409,
  '任务当前为“{state}”，不能这样办理',
  'The task is {state}: this cannot be done',
);
export const tasksMany = k(
  'task.many',
  409,
  '一次响应行动的任务不超过 {limit} 个',
  'An operation has at most {limit} tasks',
);
export const organisationUnknown = k(
  'organisation.unknown',
  422,
  '本市没有单位“{id}”',
  'The city has no organisation "{id}"',
);
export const noOrganisation = k(
  'no-organisation',
  403,
  '您的账号不属于任何单位，没有收件箱',
  'Your account belongs to no organisation: there is no inbox',
);
export const orderUnknown = k('order.unknown', 404, '没有编号为 {id} 的指令', 'There is no order {id}');
export const orderNotYours = k(
  'order.not-yours',
  403,
  '该指令没有下达给贵单位',
  'The order was not given to your organisation',
);
export const messageUnknown = k(
  'message.unknown',
  404,
  '收件箱里没有消息 {id}',
  'There is no message {id} in the inbox',
);
export const logFull = k(
  'log.full',
  409,
  '行动日志已达上限 {limit} 条，请结束行动',
  'The log is full at {limit} entries: end the operation',
);
export const shapeBad = k('shape.bad', 422, '图形不合规：{reason}', 'The shape is not right: {reason}');
export const shapesMany = k('shape.many', 409, '标绘图形不超过 {limit} 个', 'At most {limit} shapes are drawn');
export const seatsMany = k(
  'seat.many',
  429,
  '席位已满：一次行动最多 {limit} 个席位同时在线',
  'All seats are taken: at most {limit} at once',
);
export const linkBad = k('meeting.link', 422, '会议链接须以 https:// 开头', 'A meeting link begins with https://');
export const gapUnknown = k('gap.unknown', 404, '没有编号为 {id} 的值守缺口', 'There is no gap {id}');

export const postUnknown = k('post.unknown', 404, '没有值班岗位“{id}”', 'There is no post "{id}"');
export const postTwice = k('post.twice', 409, '值班岗位“{id}”已存在', 'The post "{id}" exists already');
export const shiftUnknown = k('shift.unknown', 404, '没有编号为 {id} 的班次', 'There is no shift {id}');
export const shiftOverlap = k('shift.overlap', 409, '与 {from} 起的班次重叠', 'It overlaps the shift from {from}');
export const shiftLong = k('shift.long', 422, '一个班次不超过 {hours} 小时', 'A shift lasts at most {hours} hours');
export const shiftOver = k('shift.over', 409, '该班次已结束或已交班', 'The shift is over or was handed over');
export const handoverUnknown = k('handover.unknown', 404, '没有待接的交班 {id}', 'There is no hand-over {id} to take');
export const noPhone = k('shift.no-phone', 404, '该班次没有登记电话', 'No telephone was registered for this shift');

export const resourceUnknown = k('resource.unknown', 404, '没有资源“{id}”', 'There is no resource "{id}"');
export const resourceTwice = k('resource.twice', 409, '资源“{id}”已存在', 'The resource "{id}" exists already');
export const resourceShort = k(
  'resource.short',
  409,
  '库存不足：现有 {stock} {unit}',
  'Not enough in stock: {stock} {unit}',
);
export const resourceReturned = k(
  'resource.returned',
  409,
  '归还数量超过借出数量 {lent} {unit}',
  'More is returned than was lent: {lent} {unit}',
);
export const resourceState = k(
  'resource.state',
  409,
  '资源当前为“{state}”，不能这样办理',
  'The resource is {state}: this cannot be done',
);
export const resourceFull = k('resource.full', 409, '超过容量 {capacity}', 'Beyond its capacity of {capacity}');
export const resourceKind = k(
  'resource.kind',
  422,
  '此类资源没有这种变动',
  'Resources of this kind have no such movement',
);
export const resourceNotYours = k(
  'resource.not-yours',
  403,
  '只能办理本单位的资源',
  'Only resources of the own organisation',
);
export const conflict = k(
  'conflict',
  409,
  '别人刚刚改过，请刷新后再办',
  'Somebody else has just changed it: look again first',
);

export const reportUnknown = k('report.unknown', 404, '没有该情况报告', 'There is no such report');
export const reportSigned = k(
  'report.signed',
  409,
  '第 {number} 期已签发，不能再改',
  'Report {number} was signed and does not change',
);
export const lessonUnknown = k('lesson.unknown', 404, '没有编号为 {id} 的整改事项', 'There is no lesson {id}');
export const proposalUnknown = k('proposal.unknown', 404, '没有待定的启动建议 {id}', 'There is no open proposal {id}');
export const shiftEarly = k(
  'shift.early',
  409,
  '班次开始前两小时内才能报到',
  'One reports for a shift at most two hours before it begins',
);
export const phoneNone = k('duty.phone', 404, '没有登记该人员的电话', 'No telephone number is kept of that person');
