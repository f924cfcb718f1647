/** What targets may refuse or fail with. */
import { problemKind } from '../../platform/problem.ts';

const k = (code: string, status: number, zh: string, en: string) =>
  problemKind(`sharing.target.${code}`, status, zh, en);

export const notBatch = k('not-batch', 409, '只有批量交换方式的授权可以设接收目标', 'only batch grants have a target');
export const needsRows = k(
  'format',
  422,
  '接收目标为数据库时，交付格式须为 CSV 或 Parquet，不能是 XLSX',
  'a database takes CSV or Parquet, not XLSX',
);
export const noTarget = k('none', 404, '该授权没有设接收目标', 'this grant has no target');
export const unreachable = k(
  'unreachable',
  502,
  '连接不上接收目标：{reason}',
  'the target cannot be reached: {reason}',
);
export const refused = k('refused', 502, '接收目标拒绝：{reason}', 'the target refused: {reason}');
export const tableForeign = k(
  'table-foreign',
  409,
  '目标表“{table}”已存在，且不是本授权建立的，不会改动',
  'the table "{table}" is there already and was not made for this grant: it is left alone',
);
export const differs = k(
  'differs',
  502,
  '目标确认的内容与交付不一致：应为 {expected}，实为 {seen}',
  'what the target confirms differs from the delivery: {expected} expected, {seen} seen',
);
export const mustBeWhole = k(
  'whole-first',
  409,
  '目标里还没有上一次的数据，须先作一次全量交付',
  'the target does not have the delivery before: a whole one must come first',
);
export const superseded = k(
  'superseded',
  409,
  '目标已收到之后的全量交付，这一次不再送达',
  'the target has a later whole delivery: this one is not brought any more',
);
export const broken = k(
  'broken',
  500,
  '送达时平台出错，将再次尝试',
  'the hub failed while it brought the delivery; it is tried again',
);
export const halted = k('halted', 409, '授权不在使用状态，暂停送达', 'the grant is not active: nothing is sent');
