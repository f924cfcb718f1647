/** What can be wrong with a question to the refinery or the libraries. */
import { problemKind } from '../platform/problem.ts';

export const unknownSource = problemKind(
  'refinery.source.unknown',
  404,
  '没有资源“{source}”',
  'there is no source "{source}"',
);
export const notRefined = problemKind(
  'refinery.run.not-refined',
  404,
  '资源“{source}”还没有整合过的批次{run}',
  'source "{source}" has no refined run {run}',
);
export const unknownField = problemKind(
  'refinery.field.unknown',
  400,
  '资源“{source}”没有字段“{field}”',
  'source "{source}" has no field "{field}"',
);
export const noRows = problemKind(
  'refinery.rule.without-rows',
  400,
  '规则“{rule}”说的是整个批次，背后没有单独的行；被隔离的行请在归集的隔离区查看',
  'rule "{rule}" speaks of a run as a whole and has no rows of its own; rows in quarantine are shown by the exchange',
);
export const unknownFact = problemKind(
  'refinery.fact.unknown',
  404,
  '没有这一行：{fact}',
  'there is no such row: {fact}',
);
export const unknownReview = problemKind(
  'refinery.review.unknown',
  404,
  '没有待核对项 {review}',
  'there is no review {review}',
);
export const entityNeeded = problemKind(
  'refinery.review.entity-needed',
  400,
  '“关联”须指明法人主体',
  'to link, name the legal person',
);
export const entityNotWanted = problemKind(
  'refinery.review.entity-not-wanted',
  400,
  '只有“关联”才指明法人主体',
  'only a link names a legal person',
);
export const unknownEntity = problemKind(
  'refinery.entity.unknown',
  404,
  '没有法人主体 {entity}',
  'there is no legal person {entity}',
);
export const nameNeeded = problemKind(
  'refinery.review.name-needed',
  400,
  '没有名称，不能立为新的法人主体',
  'without a name it cannot become a legal person of its own',
);
