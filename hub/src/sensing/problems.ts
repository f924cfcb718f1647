/** Problems of sensing. */
import { problemKind } from '../platform/problem.ts';

export const unknownGateway = problemKind('sensing.unknown-gateway', 404, '没有网关 {id}', 'there is no gateway {id}');
export const unknownEntity = problemKind('sensing.unknown-entity', 404, '没有设备 {id}', 'there is no entity {id}');
export const unknownSeries = problemKind('sensing.unknown-series', 404, '没有该监测项', 'there is no such series');
export const unknownBroker = problemKind('sensing.unknown-broker', 404, '没有该消息服务器', 'there is no such broker');
export const unknownCamera = problemKind(
  'sensing.unknown-camera',
  404,
  '没有摄像机 {code}',
  'there is no camera {code}',
);
export const exists = problemKind('sensing.exists', 409, '{id} 已存在', '{id} is there already');
export const conflict = problemKind(
  'sensing.conflict',
  409,
  '记录已被他人修改，请刷新后再试',
  'somebody else has changed it: load it again',
);
export const badEntity = problemKind(
  'sensing.entity',
  422,
  '设备登记有误：{zh}',
  'the entity cannot be registered: {en}',
);
export const badBatch = problemKind('sensing.batch', 422, '读数批次有误：{zh}', 'not a batch of readings: {en}');
export const tooMany = problemKind(
  'sensing.too-many',
  413,
  '一批最多 {most} 条读数',
  'a batch holds at most {most} readings',
);
export const tooLarge = problemKind(
  'sensing.too-large',
  413,
  '请求体超过 {mib} MiB',
  'the body is larger than {mib} MiB',
);
export const badKey = problemKind('sensing.key', 401, '网关密钥无效', 'the key of the gateway is not valid');
export const disabled = problemKind('sensing.disabled', 403, '网关已停用', 'the gateway is disabled');
export const tooFast = problemKind(
  'sensing.too-fast',
  429,
  '超过网关速率，请 {seconds} 秒后重发',
  'faster than the gateway may: send again in {seconds} seconds',
);
export const mediaType = problemKind(
  'sensing.media-type',
  415,
  '请用 application/json、application/ld+json、text/csv 或 application/x-ndjson',
  'send application/json, application/ld+json, text/csv or application/x-ndjson',
);
export const twoKeys = problemKind(
  'sensing.two-keys',
  409,
  '已有两把有效密钥，请先停用一把',
  'two keys are in force: end one of them first',
);
export const badBroker = problemKind(
  'sensing.broker',
  422,
  '消息服务器设置有误：{zh}',
  'the broker cannot be used: {en}',
);
export const notYours = problemKind(
  'sensing.not-yours',
  403,
  '不属于您的单位',
  'it does not belong to your organisation',
);
export const mayNotWatch = problemKind(
  'sensing.may-not-watch',
  403,
  '您无权查看该摄像机',
  'you may not watch this camera',
);
export const noStream = problemKind('sensing.no-stream', 409, '该摄像机没有视频地址', 'the camera has no stream');
export const badCamera = problemKind(
  'sensing.camera',
  422,
  '摄像机登记有误：{zh}',
  'the camera cannot be registered: {en}',
);
export const badQuery = problemKind('sensing.query', 400, '查询有误：{zh}', 'the query cannot be answered: {en}');
export const failed = problemKind('sensing.failed', 500, '平台内部错误（编号 {id}）', 'the hub failed (number {id})');
export const wrongMethod = problemKind('sensing.method', 405, '请用 {methods}', 'use {methods}');
