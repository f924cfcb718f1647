/**
 * @jingwei/codes: national codes of China as pure functions, without any dependency at run time. Every code has the same
 * shape (`CodeKind`): check, parse, explain, normalise, format, generate.
 */

export { type Amount, type AmountOptions, chineseNumber, formatAmount, parseAmount } from './amounts.ts';
export { STATE_COUNCIL_CALENDAR, type YearArrangement } from './calendar-data.ts';
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
  type CompanyName,
  type CompanyNameOptions,
  companyAbbreviations,
  companyNameKey,
  normaliseCompanyName,
  parseCompanyName,
} from './company-names.ts';
export {
  bd09ToGcj02,
  type CoordinateSystem,
  convertPoint,
  gcj02ToBd09,
  gcj02ToWgs84,
  outsideChina,
  type Point,
  wgs84ToGcj02,
} from './coordinates.ts';
export { type DateOptions, daysOfMonth, type ParsedDate, parseDate } from './dates.ts';
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
  findIndustries,
  INDUSTRY_SECTIONS,
  INDUSTRY_TABLE,
  type Industry,
  industry,
  industryAt,
  industryChildren,
  industryPath,
} from './industries.ts';
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
  sqlCitizenIdValid,
  sqlMobileValid,
  sqlNormaliseDigitLike,
  sqlNormaliseOrgcode,
  sqlOrgcodeValid,
  sqlRegnoValid,
  sqlTranslate,
  sqlUsccValid,
} from './sql.ts';
export { sqlGcj02Shift, sqlGcj02ToWgs84, sqlWgs84ToGcj02 } from './sql-coordinates.ts';
export {
  sqlCompanyNameKey,
  sqlDate,
  sqlNormaliseAddress,
  sqlNormaliseCompanyName,
  sqlNormalisePersonName,
  sqlPersonNameKey,
} from './sql-names.ts';
export {
  USCC_ALPHABET,
  USCC_DEPARTMENTS,
  USCC_WEIGHTS,
  type Uscc,
  type UsccWishes,
  uscc,
  usccCheckCharacter,
} from './uscc.ts';
export { addWorkingDays, isWorkingDay, nationalCalendar, WorkingCalendar, workingDaysBetween } from './working-days.ts';
