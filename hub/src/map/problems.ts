/** What may go wrong in the map, with its codes. */
import { problemKind } from '../platform/problem.ts';

const k = (code: string, status: number, zh: string, en: string) => problemKind(`map.${code}`, status, zh, en);

export const unknownLayer = k('layer-unknown', 404, '没有图层“{layer}”。', 'There is no layer "{layer}".');
export const layerForbidden = k(
  'layer-forbidden',
  403,
  '您没有查看图层“{layer}”的权限。',
  'You may not see the layer "{layer}".',
);
export const layerAbsent = k(
  'layer-absent',
  503,
  '图层“{layer}”的数据还没有（{reason}）。',
  'The layer "{layer}" has no data yet ({reason}).',
);
export const unknownFeature = k(
  'feature-unknown',
  404,
  '图层“{layer}”中没有 {id}。',
  'There is no {id} in the layer "{layer}".',
);
export const noTile = k(
  'tile-range',
  404,
  '没有瓦片 {z}/{x}/{y}：级别 0 至 {most}，行列号须在该级范围内。',
  'There is no tile {z}/{x}/{y}: zooms are 0 to {most}, and columns and rows must lie within theirs.',
);
export const wrongBox = k(
  'bbox',
  400,
  'bbox 应为四个数：西,南,东,北（WGS 84 度，西不大于东，南不大于北）。',
  'bbox is four numbers: west,south,east,north (degrees of WGS 84; west at most east, south at most north).',
);
export const wrongCrs = k(
  'crs',
  400,
  '只支持 CRS84（WGS 84 经度、纬度），不支持 {crs}。',
  'Only CRS84 (longitude and latitude of WGS 84) is served, not {crs}.',
);
export const wrongTime = k(
  'datetime',
  400,
  'datetime 应为时刻或区间（RFC 3339，如 2026-11-20T00:00:00Z/..）。',
  'datetime is an instant or an interval (RFC 3339, for instance 2026-11-20T00:00:00Z/..).',
);
export const unknownParameter = k('parameter', 400, '不认识的参数“{name}”。', 'Unknown parameter "{name}".');
export const wrongNumber = k(
  'number',
  400,
  '“{name}”应为 {low} 至 {high} 的整数。',
  '"{name}" is a whole number from {low} to {high}.',
);
export const wrongShape = k('shape', 422, '图形无效：{zh}', 'The shape cannot be used: {en}');
export const unknownBasemap = k('basemap-unknown', 404, '没有底图服务“{id}”。', 'There is no map service "{id}".');
export const basemapFailed = k(
  'basemap-failed',
  502,
  '底图服务“{id}”没有应答。',
  'The map service "{id}" does not answer.',
);
export const noArchive = k(
  'archive-absent',
  404,
  '底图瓦片包还没有生成。',
  'The tile archive of the base map has not been made yet.',
);
export const wrongRange = k(
  'archive-range',
  416,
  '请求的字节范围不在文件内。',
  'The range does not lie within the file.',
);
