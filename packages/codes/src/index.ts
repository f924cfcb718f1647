/**
 * @jingwei/codes: national codes of China as pure functions, without any dependency at run time. Every code has the same
 * shape (`CodeKind`): check, parse, explain, normalise, format, generate.
 */

export { CharMap, type CharRules, fullWidth, HYPHENS, halfWidth, SPACES } from './characters.ts';
export {
  BIRTH_YEARS,
  type CitizenId,
  type CitizenIdOptions,
  type CitizenIdWishes,
  citizenId,
  citizenId15,
  citizenIdCheckCharacter,
  upgradeCitizenId,
} from './citizen-id.ts';
export {
  currentDivision,
  DIVISION_TABLE,
  type Division,
  type DivisionOptions,
  type DivisionSearch,
  division,
  divisionAt,
  divisionChildren,
  divisionFullName,
  divisionParentCode,
  divisionPath,
  divisionPeriods,
  divisionSuccessors,
  findDivisions,
  stemOf,
} from './divisions.ts';
export {
  acceptable,
  allReasons,
  type Change,
  type CodeKind,
  CodesError,
  type Normalised,
  type Outcome,
  type Reason,
  type ReasonCode,
  type Severity,
} from './kind.ts';
export { normaliseAddress, normalisePersonName, personNameKey } from './names.ts';
export { type Orgcode, orgcode, orgcodeCheckCharacter, orgcodeValidAt } from './orgcode.ts';
export { fixedPhone, MOBILE_SEGMENTS, mobile, type Phone, type PhoneOptions, phone } from './phone.ts';
export { type Postcode, postcode } from './postcode.ts';
export { type Random, randomOf } from './random.ts';
export { type Regno, regno, regnoCheckDigit } from './regno.ts';
export {
  USCC_ALPHABET,
  USCC_DEPARTMENTS,
  USCC_WEIGHTS,
  type Uscc,
  type UsccWishes,
  uscc,
  usccCheckCharacter,
} from './uscc.ts';
