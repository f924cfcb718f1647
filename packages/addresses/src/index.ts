/** @jingwei/addresses: Chinese addresses parsed into elements, normalised, compared, and matched to standard addresses. */

export { type Agreement, type Comparison, compare, type ElementAgreement } from './compare.ts';
export { AddressError, type AddressErrorCode } from './errors.ts';
export { type AddressKeys, addressKeys } from './keys.ts';
export { type Element, LABEL_TITLES, LABELS, type Label } from './labels.ts';
export { type Match, type MatchCandidate, Matcher, type MatchLevel, type StandardAddress } from './matcher.ts';
export { type NormalAddress, type NormaliseOptions, normalise, normaliseParts, type Parts } from './normalise.ts';
export { type ParseOptions, parse } from './parse.ts';
export { elementValue, numeralValue } from './values.ts';
