/** What can be wrong with a question about linkage. */
import { problemKind } from '../../platform/problem.ts';

const k = (code: string, status: number, zh: string, en: string) =>
  problemKind(`libraries.linkage.${code}`, status, zh, en);

export const unknownLinkage = k(
  'library-unknown',
  404,
  '基础库“{library}”没有声明概率关联（linkage.yaml）。',
  'The library "{library}" declares no linkage (linkage.yaml).',
);
export const unknownVersion = k('version-unknown', 404, '没有参数版本 {version}。', 'There is no version {version}.');
export const unknownPair = k('pair-unknown', 404, '没有记录对“{pair}”。', 'There is no pair "{pair}".');
export const pairGone = k(
  'pair-gone',
  409,
  '记录对“{pair}”已不在复核范围：其中一条记录已变化或已被关联。',
  'The pair "{pair}" no longer waits: one of its records has changed or was linked since.',
);
export const judgedAlready = k(
  'judged-already',
  409,
  '您已对这一对作过判断；更正须先由数据管理员裁定。',
  'You have judged this pair already.',
);
export const pairFull = k(
  'pair-full',
  409,
  '这一对已由规定人数判断完毕。',
  'As many people as are needed have judged this pair.',
);
export const notDisputed = k(
  'not-disputed',
  409,
  '这一对没有分歧，无须裁定。',
  'Nobody disagrees about this pair: there is nothing to settle.',
);
export const ownVerdict = k(
  'own-verdict',
  409,
  '您参与过这一对的判断，须由第三人裁定。',
  'You judged this pair yourself: a third person must settle it.',
);
export const contradiction = k(
  'contradiction',
  409,
  '该记录已由 {by} 判定为 {entity} 号实体，与此决定矛盾；请先核实，或勾选“推翻”。',
  'This row was judged to be entity {entity} by {by}, which contradicts the decision; check it, or override.',
);
export const unknownRow = k('row-unknown', 404, '没有这条未决记录。', 'There is no such open row.');
export const unknownEntity = k('entity-unknown', 422, '没有 {entity} 号实体。', 'There is no entity {entity}.');
export const entityNeeded = k(
  'entity-needed',
  422,
  '关联到实体时须写明实体编号，其他决定不写。',
  'A link names an entity; other decisions do not.',
);
export const tooFew = k(
  'too-few',
  422,
  '可供学习的记录太少：登记记录 {known} 条，其他记录 {rows} 条，各须至少 {least} 条。',
  'Too few records to learn from: {known} of registers, {rows} of others; {least} of each are needed.',
);
export const noVersion = k(
  'no-version',
  409,
  '尚无生效的参数版本，不能比对。',
  'No version of parameters is in force: nothing can be compared.',
);
