/** What may be wrong with events, said to people. */
import { problemKind } from '../platform/problem.ts';

const k = (code: string, status: number, zh: string, en: string) => problemKind(`events.${code}`, status, zh, en);

export const unknownEvent = k(
  'unknown',
  404,
  '没有这一事件，或您无权查看',
  'There is no such event, or it is not yours to see',
);
export const unknownReport = k('unknown-report', 404, '没有这一上报记录', 'There is no such report');
export const unknownMatter = k(
  'unknown-matter',
  422,
  '事项目录中没有“{matter}”',
  'The catalogue of matters has no "{matter}"',
);
export const noPlace = k(
  'no-place',
  422,
  '事件缺少位置：请给出坐标，或写明地址',
  'The event has no place: give coordinates, or write an address',
);
export const placeOutside = k(
  'place-outside',
  422,
  '坐标（{longitude}，{latitude}）不在本市范围内',
  'The coordinates ({longitude}, {latitude}) are not in this city',
);
export const placeUnfound = k(
  'place-unfound',
  422,
  '立案需要确切位置：请在地图上标出',
  'A place is needed to file the event: mark it on the map',
);
export const timeWrong = k(
  'time-wrong',
  422,
  '发生时间“{at}”在将来或早于一年前',
  'The time "{at}" is in the future or more than a year ago',
);
export const matterNeeded = k(
  'matter-needed',
  422,
  '立案前须确定事项',
  'A matter must be chosen before the event is filed',
);
export const wrongState = k(
  'wrong-state',
  409,
  '事件现为“{state}”，不能“{action}”',
  'The event is "{stateEn}": "{actionEn}" is not possible',
);
export const notYours = k(
  'not-yours',
  403,
  '您不能对此事件“{action}”',
  '"{actionEn}" on this event is not yours to do',
);
export const changedSince = k(
  'changed',
  409,
  '事件已由他人更新，请刷新后再办理',
  'The event was changed meanwhile; look at it again',
);
export const commentNeeded = k('comment-needed', 422, '请写明理由或说明', 'A reason or an explanation is needed');
export const dataNeeded = k('data-needed', 422, '缺少“{field}”', '"{field}" is missing');
export const pictureNeeded = k(
  'picture-needed',
  422,
  '此事项须附处理后的照片',
  'This matter needs a picture of what was done',
);
export const unknownOrganisation = k(
  'unknown-organisation',
  422,
  '没有单位“{organisation}”',
  'There is no organisation "{organisation}"',
);
export const sameOrganisation = k('same-organisation', 422, '已由该单位办理', 'It is with this organisation already');
export const limitsOpen = k('limits-open', 409, '尚有分段时限未办结：{limits}', 'Limits are not met yet: {limitsEn}');
export const unknownLimit = k('unknown-limit', 422, '没有正在计时的“{limit}”', 'No limit "{limit}" is running');
export const ratedAlready = k('rated', 409, '已经评价过', 'It was rated already');
export const mergeWrong = k('merge-wrong', 409, '不能合并：{why}', 'They cannot be merged: {why}');
export const splitWrong = k(
  'split-wrong',
  409,
  '事件只有一条上报，不能拆分',
  'The event has one report only: nothing to part',
);
export const pictureLarge = k('picture-large', 413, '图片超过 {limit} MB', 'The picture is larger than {limit} MB');
export const pictureWrong = k(
  'picture-wrong',
  422,
  '不是可接收的图片：只收完好的 JPEG、PNG、WebP',
  'Not a picture that is taken: whole JPEG, PNG or WebP only',
);
export const pictureUnknown = k('picture-unknown', 404, '没有这张图片', 'There is no such picture');
export const pictureOther = k(
  'picture-other',
  409,
  '这一编号已用于另一张图片',
  'This number belongs to another picture',
);
export const picturesMany = k('pictures-many', 422, '一次最多 {most} 张图片', 'At most {most} pictures at once');
export const keyReused = k('key-reused', 409, '这一操作编号已用于其他内容', 'This key was used for something else');
export const clientUnknown = k('client-unknown', 403, '接口密钥无效', 'The API key is not valid');
export const clientBusy = k('client-busy', 429, '请求过多，请稍后再试', 'Too many requests; try again later');
export const jurisdictionUnknown = k('jurisdiction-unknown', 404, '没有辖区“{id}”', 'There is no jurisdiction "{id}"');
export const declarationWrong = k('matters-wrong', 422, '{message}', '{message}');
export const unknownClient = k('client-unknown-id', 404, '没有这一接入方', 'There is no such client');
