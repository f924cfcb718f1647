import { problemKind } from '../problem.ts';

/** The engine may hold no more: others that work at the same time have taken it. Passes by itself, so that jobs try again. */
export const lakeMemory = problemKind(
  'lake.memory',
  503,
  '数据湖可用的内存（lake.memoryMiB：{mib} MiB）已用完，请稍后再试',
  'the memory of the lake (lake.memoryMiB: {mib} MiB) is used up; try again later',
);
