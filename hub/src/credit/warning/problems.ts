/** The problems of warnings. */
import { problemKind } from '../../platform/problem.ts';

export const warningUnknown = problemKind(
  'credit.warning.unknown',
  404,
  '没有编号为 {id} 的预警',
  'There is no warning {id}',
);
export const warningClosed = problemKind(
  'credit.warning.state',
  409,
  '预警当前状态为“{from}”，不能改为“{to}”',
  'The warning is "{from}" and cannot become "{to}"',
);
export const reasonNeeded = problemKind(
  'credit.warning.reason-needed',
  422,
  '排除预警须说明理由',
  'Dismissing a warning needs a reason',
);
