/**
 * SQL companions for names, addresses and dates (see sql.ts): the same repairs as expressions for bulk work. Clean values pass by a regular
 * expression, since translate is slow.
 */

import { companyKeyMap, companyNameMap } from './company-names.ts';
import { addressMap, personKeyMap, personNameMap } from './names.ts';
import { sqlTranslate } from './sql.ts';

/** CJK unified ideographs of the basic plane, without a letter of any other script. */
const PLAIN = '\\x{4E00}-\\x{9FFF}';
const HAN = '[\\x{3400}-\\x{9FFF}\\x{F900}-\\x{FAFF}\\x{20000}-\\x{323AF}]';

function unlessClean(expression: string, clean: string, otherwise: string): string {
  return `CASE WHEN regexp_full_match(${expression}, '${clean}') THEN ${expression} ELSE ${otherwise} END`;
}

/** `normaliseCompanyName(text).value` as SQL. */
export function sqlNormaliseCompanyName(expression: string): string {
  // Twice, because one pass does not see a single letter between two spaces from both sides.
  const mark = (inner: string) =>
    `regexp_replace(${inner}, '([A-Za-z0-9.])[ \\x{A0}\\x{3000}]+([A-Za-z0-9])', '\\1' || chr(1) || '\\2', 'g')`;
  return unlessClean(expression, `[${PLAIN}（）0-9A-Za-z]*`, sqlTranslate(mark(mark(expression)), companyNameMap));
}

/** `companyNameKey` as SQL. */
export function sqlCompanyNameKey(expression: string): string {
  const plain = unlessClean(expression, `[${PLAIN}0-9A-Z]*`, sqlTranslate(expression, companyKeyMap));
  return `replace(${plain}, '有限责任公司', '有限公司')`;
}

/** `normalisePersonName(text).value` as SQL. */
export function sqlNormalisePersonName(expression: string): string {
  const mapped = sqlTranslate(expression, personNameMap);
  const joined = `regexp_replace(regexp_replace(${mapped}, '(${HAN}) +', '\\1', 'g'), ' +(${HAN})', '\\1', 'g')`;
  const dotted = `regexp_replace(regexp_replace(${joined}, ' *· *', '·', 'g'), ' {2,}', ' ', 'g')`;
  return unlessClean(expression, `[${PLAIN}]*`, `trim(${dotted}, ' ')`);
}

/** `personNameKey` as SQL. */
export function sqlPersonNameKey(expression: string): string {
  const key = `regexp_replace(${sqlTranslate(expression, personKeyMap)}, '（[^（）]*）', '', 'g')`;
  return unlessClean(expression, `[${PLAIN}]*`, key);
}

/** `normaliseAddress(text).value` as SQL. */
export function sqlNormaliseAddress(expression: string): string {
  return unlessClean(expression, `[${PLAIN}0-9A-Z()#.-]*`, sqlTranslate(expression, addressMap));
}

/**
 * `parseDate` as SQL for the forms that fill tables: `20210203` (also with six digits of time), `2021-2-3`, `2021/2/3`, `2021.2.3` and `2021年2月3日`, each also with
 * a time of day without offset; half width, no spaces around. A DATE, or NULL for a text that is no such date: other forms (Chinese
 * numerals, Excel serials, offsets) and the reason are the function's.
 */
export function sqlDate(expression: string, options: { firstYear?: number; lastYear?: number } = {}): string {
  const first = options.firstYear ?? 1800;
  const last = options.lastYear ?? 2100;
  const time = '(?:[T ]+(?:[01]?[0-9]|2[0-3]):[0-5]?[0-9](?::[0-5]?[0-9](?:\\.[0-9]+)?)?)?';
  const compact = `regexp_full_match(${expression}, '[0-9]{8}(?:[0-9]{6}(?:\\.[0-9]+)?)?${time}')`;
  const separated =
    `regexp_full_match(${expression}, '(?:[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}|[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}|` +
    `[0-9]{4}\\.[0-9]{1,2}\\.[0-9]{1,2}|[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}[日号]?)${time}')`;
  const parts = `regexp_extract(${expression}, '^([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})'`;
  const iso =
    `CASE WHEN ${compact} THEN substr(${expression}, 1, 4) || '-' || substr(${expression}, 5, 2) || '-' || substr(${expression}, 7, 2) ` +
    `WHEN ${separated} THEN ${parts}, 1) || '-' || ${parts}, 2) || '-' || ${parts}, 3) END`;
  const year = `CAST(regexp_extract(${expression}, '^[0-9]{4}') AS INTEGER)`;
  return (
    `CASE WHEN (${compact} OR ${separated}) THEN ` +
    `CASE WHEN ${year} BETWEEN ${first} AND ${last} THEN try_cast(${iso} AS DATE) END END`
  );
}
