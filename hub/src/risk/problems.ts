/** What risk may refuse or find wrong. */
import { problemKind } from '../platform/problem.ts';

const k = (code: string, status: number, zh: string, en: string) => problemKind(`risk.${code}`, status, zh, en);

export const modelName = k('model.name', 422, '文件名应为 {expected}.yaml', 'The file must be called {expected}.yaml');
export const modelTwice = k('model.twice', 422, '“{id}”声明了两次', '"{id}" is declared twice');
export const modelScale = k('model.scale', 422, '量程的两端不能相等', 'The two ends of a scale must differ');
export const modelUnknown = k('model.unknown', 404, '没有风险模型“{id}”', 'There is no model "{id}"');
export const modelObjects = k(
  'model.objects',
  422,
  '对象清单超过 {limit} 个：{kind}',
  'More than {limit} objects of "{kind}"',
);
export const objectUnknown = k('object.unknown', 404, '没有该对象的风险结果', 'There is no result for that object');
