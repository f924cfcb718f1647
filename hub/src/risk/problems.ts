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
export const terrainBad = k(
  'terrain',
  422,
  '地形文件不是 WGS 84 经纬度的 ESRI ASCII 栅格：{reason}',
  'The terrain is no ESRI ASCII grid in degrees of WGS 84: {reason}',
);
export const pathNone = k(
  'path.none',
  409,
  '没有声明受影响对象（risk/paths.yaml）',
  'Nothing is declared that may lie in a path (risk/paths.yaml)',
);
export const pathWind = k(
  'path.wind',
  409,
  '附近没有两小时内的风向风速读数，请填写风向和风速',
  'No station nearby told wind in the last two hours: say speed and direction',
);
export const pathTerrain = k(
  'path.terrain',
  409,
  '没有地形，无法推演淹没范围',
  'There is no terrain: a flooded area cannot be reckoned',
);
export const pathDry = k(
  'path.dry',
  422,
  '该处地面高程 {height} 米，不低于水位 {level} 米',
  'The land there lies at {height} m, not below the water at {level} m',
);
export const pathGas = k('path.gas', 422, '没有声明物质“{id}”', 'There is no substance "{id}"');
