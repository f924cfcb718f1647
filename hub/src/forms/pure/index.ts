/** What a form means, without the hub: for the hub itself and for the console, also where there is no network. */
export type * from '../design.ts';
export { check, FIELDS_LIMIT } from './check.ts';
export {
  type Computed,
  evaluate,
  functions,
  type Names,
  rounded,
  type Scope,
  type Type,
  typeOf,
} from './expression.ts';
export {
  captionOf,
  computedOf,
  hasValue,
  isAddress,
  isBlank,
  isFiles,
  isPlace,
  isRelation,
  isRows,
  isSecret,
  listedOf,
  namesOf,
  protectionOf,
  shownText,
  type ValueField,
  valueFields,
} from './fields.ts';
export { compilePattern, PatternError } from './pattern.ts';
export { ExpressionError, type Node, namesIn, parse } from './syntax.ts';
export { type Circumstances, computed, faultsOfValue, type Outcome, orderOf, validate } from './validate.ts';
