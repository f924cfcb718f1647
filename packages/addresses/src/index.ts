/** @jingwei/addresses */
export { type Element, LABEL_TITLES, LABELS, type Label } from './labels.ts';
export { type ParseOptions, parse } from './parse.ts';
