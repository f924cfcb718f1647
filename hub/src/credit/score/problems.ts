/** The problems of scoring: of declarations (with file and line) and of questions. */
import { problemKind } from '../../platform/problem.ts';

export const duplicateId = problemKind(
  'credit.declaration.duplicate',
  422,
  '“{id}”声明了两次',
  '"{id}" is declared twice',
);
export const unknownId = problemKind('credit.declaration.unknown', 422, '“{id}”没有声明', '"{id}" is not declared');
export const curveNotRising = problemKind(
  'credit.declaration.curve-order',
  422,
  '曲线的取值应从小到大',
  'The values of a curve must rise',
);
export const curveAgainstDirection = problemKind(
  'credit.declaration.curve-direction',
  422,
  '曲线与方向“{direction}”不符：取值每增大，效用只能{zh}',
  'The curve contradicts the direction "{direction}": utility may only {en} as the value grows',
);
export const gradesNotFalling = problemKind(
  'credit.declaration.grades',
  422,
  '等级应从高到低排列，最低一级从量程下限开始',
  "Grades must fall and the lowest must start at the scale's lower end",
);
export const sqlMissing = problemKind(
  'credit.declaration.sql-missing',
  422,
  '缺少指标的 SQL 文件',
  'The SQL file is missing',
);
export const modelUnknown = problemKind(
  'credit.score.model-unknown',
  404,
  '没有评分模型“{model}”',
  'There is no scoring model "{model}"',
);
export const notScored = problemKind(
  'credit.score.not-scored',
  404,
  '编号为 {entity} 的单位没有评分：已注销，或尚未评过分',
  'Number {entity} has no score: its registration is cancelled, or nothing was scored yet',
);
export const runUnknown = problemKind(
  'credit.score.run-unknown',
  404,
  '没有编号为 {run} 的评分批次',
  'There is no scoring run {run}',
);
