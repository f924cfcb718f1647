/**
 * Cleaning as SQL: each function takes the SQL of a received string and answers the SQL of its cleaned form: '' for
 * nothing, the standard form, or U+0018 and the original where it cannot be cleaned.
 *
 * Speed comes from shape, not from cleverness: a cheap test lets through what is clean already (nearly everything), and
 * only the rest pays for repairs. Codes and names by which rows are matched are cleaned once per distinct value
 * (pairs.ts), never here.
 */

import {
  sqlCitizenIdValid,
  sqlNormaliseDigitLike,
  sqlNormaliseOrgcode,
  sqlOrgcodeValid,
  sqlRegnoValid,
  sqlUsccValid,
} from '@jingwei/codes';
import type { SourceField } from '../catalogue/index.ts';
import { literal } from '../platform/lake/index.ts';

/** What separates the values of a payload. */
export const SEPARATOR = 'chr(31)';
/** What stands before a value that could not be cleaned. */
export const FLAG = 'chr(24)';

const wide = Array.from({ length: 94 }, (_, i) => String.fromCharCode(0xff01 + i)).join('');
const narrow = Array.from({ length: 94 }, (_, i) => String.fromCharCode(0x21 + i)).join('');
/** Blank characters that are dropped or trimmed, as an SQL expression (control characters among them). */
const blanks = `chr(12288) || chr(160) || chr(8203) || chr(65279) || chr(9) || chr(10) || chr(13) || chr(31) || chr(24)`;

/** Half width, without any blank. */
const compact = (x: string) => `translate(${x}, ${literal(wide)} || ' ' || ${blanks}, ${literal(narrow)})`;
/** Half width, odd blanks and control characters to spaces, trimmed. */
const tidy = (x: string) =>
  `trim(translate(${x}, ${literal(wide)} || ${blanks}, ${literal(narrow)} || repeat(' ', 9)))`;
/** Trimmed, control characters away; nothing else changes. */
const trimmed = (x: string) => `trim(translate(${x}, ${blanks}, repeat(' ', 9)))`;
/** The original behind the marker; the two characters that carry meaning in a payload are taken out. */
const flagged = (x: string) => `(${FLAG} || translate(${x}, chr(31) || chr(24), ''))`;

/** Characters that make a name or an address not clean yet: blanks, control characters, brackets, full-width forms. */
const odd = "'[\\x00-\\x20\\x7f()\\x{a0}\\x{200b}\\x{3000}\\x{feff}\\x{ff01}-\\x{ff07}\\x{ff0a}-\\x{ff5e}]'";
const oddAddress = "'[\\x00-\\x20\\x7f\\x{a0}\\x{200b}\\x{3000}\\x{feff}\\x{ff01}-\\x{ff5e}]'";

/** `clean` unless empty; a value that vanishes by cleaning is flagged. */
const orFlag = (x: string, clean: string) => `coalesce(nullif(${clean}, ''), ${flagged(x)})`;

/** Company name: half width, no blanks, brackets as the registers print them （）. */
export function cleanCompanyName(x: string): string {
  const repaired = `replace(replace(${compact(x)}, '(', '（'), ')', '）')`;
  return `CASE WHEN regexp_matches(${x}, ${odd}) THEN ${orFlag(x, repaired)} ELSE coalesce(${x}, '') END`;
}

/** Person name: half width; blanks go unless the name is written in Latin letters. */
export function cleanPersonName(x: string): string {
  const repaired = `CASE WHEN regexp_matches(${x}, '[A-Za-z]') THEN ${tidy(x)} ELSE ${compact(x)} END`;
  return `CASE WHEN regexp_matches(${x}, ${odd}) THEN ${orFlag(x, repaired)} ELSE coalesce(${x}, '') END`;
}

/** Address: half width, no blanks, brackets ( ). */
export function cleanAddress(x: string): string {
  return `CASE WHEN regexp_matches(${x}, ${oddAddress}) THEN ${orFlag(x, compact(x))} ELSE coalesce(${x}, '') END`;
}

/** Free text: trimmed, control characters away. */
export function cleanText(x: string): string {
  const dirty = `(starts_with(${x}, ' ') OR ends_with(${x}, ' ') OR starts_with(${x}, chr(12288)) OR ends_with(${x}, chr(12288)) OR contains(${x}, chr(31)) OR starts_with(${x}, chr(24)))`;
  return `CASE WHEN ${dirty} THEN ${orFlag(x, trimmed(x))} ELSE coalesce(${x}, '') END`;
}

const dateForms = [
  '%Y-%m-%d',
  '%Y%m%d',
  '%Y/%m/%d',
  '%Y.%m.%d',
  '%Y年%m月%d日',
  '%Y-%m-%d %H:%M:%S',
  '%Y/%m/%d %H:%M:%S',
  '%Y-%m-%dT%H:%M:%S',
  '%Y-%m-%dT%H:%M:%SZ',
  '%Y-%m-%d %H:%M:%S.%f',
  '%Y-%m-%d %H:%M',
  '%Y/%m/%d %H:%M',
  '%Y%m%d%H%M%S',
  '%Y年%m月%d日 %H:%M:%S',
];
const forms = `[${dateForms.map(literal).join(', ')}]`;

/** The day that a received text says, or NULL: strict, 20210231 is no day. */
export function dayOf(x: string): string {
  // Only the standard form goes through the engine's own cast, which checks the calendar; COALESCE stops at the first answer.
  const quick = `CASE WHEN strlen(${x}) = 10 AND substr(${x}, 5, 1) = '-' THEN try_cast(${x} AS DATE) END`;
  return `coalesce(${quick}, CASE WHEN strlen(${x}) >= 8 THEN try_strptime(${tidy(x)}, ${forms})::DATE END)`;
}

/** `make` of an expression that is computed once although `make` names it several times. */
const once = (expression: string, name: string, make: string): string =>
  `list_transform([${expression}], lambda ${name}: ${make})[1]`;

function cleanDate(f: SourceField, x: string): string {
  const bounds = between('d', f.min, f.max, (v) => `DATE ${literal(String(v))}`);
  const kept = bounds ? once(dayOf(x), 'd', `CASE WHEN ${bounds} THEN d::VARCHAR END`) : `(${dayOf(x)})::VARCHAR`;
  return `CASE WHEN ${x} <> '' THEN coalesce(${kept}, ${flagged(x)}) ELSE '' END`;
}

function cleanInstant(f: SourceField, x: string): string {
  const bounds = between('d', f.min, f.max, (v) => `TIMESTAMP ${literal(String(v))}`) ?? 'true';
  const kept = once(
    `try_strptime(${tidy(x)}, ${forms})`,
    'd',
    `CASE WHEN ${bounds} THEN strftime(d, '%Y-%m-%d %H:%M:%S') END`,
  );
  return `CASE WHEN ${x} <> '' THEN coalesce(${kept}, ${flagged(x)}) ELSE '' END`;
}

function between(x: string, min: unknown, max: unknown, write: (v: unknown) => string): string | null {
  const parts = [min === undefined ? '' : `${x} >= ${write(min)}`, max === undefined ? '' : `${x} <= ${write(max)}`];
  return parts.filter(Boolean).join(' AND ') || null;
}

/** How many of a unit make one yuan's worth of it: factors to the base unit. */
const moneyFactor: Record<string, number> = { 元: 1, 千元: 1e3, 万元: 1e4, 百万元: 1e6, 千万元: 1e7, 亿元: 1e8 };
const currencies: [string, string][] = [
  ['人民币', ''],
  ['CNY', ''],
  ['RMB', ''],
  ['￥', ''],
  ['¥', ''],
  ['港元', 'HKD'],
  ['港币', 'HKD'],
  ['HKD', 'HKD'],
  ['美元', 'USD'],
  ['美金', 'USD'],
  ['USD', 'USD'],
  ['欧元', 'EUR'],
  ['EUR', 'EUR'],
  ['日元', 'JPY'],
  ['JPY', 'JPY'],
  ['新台币', 'TWD'],
  ['台币', 'TWD'],
  ['英镑', 'GBP'],
  ['GBP', 'GBP'],
  ['韩元', 'KRW'],
  ['澳元', 'AUD'],
  ['加元', 'CAD'],
  ['新加坡元', 'SGD'],
];

/**
 * The number in a text with units, in the field's unit: '2505.6833万人民币' in 万元 is 2505.6833. NULL when it is none.
 * Without a unit in the text the field's own unit is meant.
 */
function numberWithUnits(f: SourceField, x: string): string {
  // Registers write 50(万元人民币) as well: brackets and thousands' separators say nothing.
  const bare = `regexp_replace(${compact(x)}, '[,()]', '', 'g')`;
  const money = moneyFactor[f.unit ?? ''];
  if (money === undefined) {
    const unit = f.unit ? `(?:${literally(f.unit)})?` : '';
    const pattern = literal(`^([-+]?[0-9]+(?:[.][0-9]+)?)${unit}$`);
    return `try_cast(regexp_extract(${bare}, ${pattern}, 1) AS DECIMAL(18,4))`;
  }
  const words = currencies.map(([w]) => literally(w)).join('|');
  // Number, scale, currency in any usual order: 人民币2505万元, 2505.6833万人民币, 100万美元.
  const pattern = literal(
    `^(${words})?([-+]?[0-9]+(?:[.][0-9]+)?)(亿|千万|百万|万|千)?(元|圆)?(${words})?(?:元|圆)?整?$`,
  );
  const factor = `CASE r.s WHEN '亿' THEN 100000000 WHEN '千万' THEN 10000000 WHEN '百万' THEN 1000000 WHEN '万' THEN 10000 WHEN '千' THEN 1000
    ELSE CASE WHEN r.a || r.y || r.b <> '' THEN 1 ELSE ${money} END END`;
  return once(
    `regexp_extract(${bare}, ${pattern}, ['a', 'n', 's', 'y', 'b'])`,
    'r',
    `try_cast(try_cast(r.n AS DOUBLE) * (${factor})::BIGINT / ${money} AS DECIMAL(18,4))`,
  );
}

const literally = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Currency code of a text that names a foreign currency, with a space before it; '' for yuan or none. */
function currencySuffix(x: string): string {
  const cases = currencies
    .filter(([, code]) => code)
    .map(([w, code]) => `WHEN contains(${x}, ${literal(w)}) THEN ' ${code}'`);
  return `CASE ${cases.join(' ')} ELSE '' END`;
}

/** Whether a text is a number in its plain form already. The engine's cast alone takes 1e5, 1_000 and ' 12' as well. */
function plainNumber(f: SourceField, x: string, sign = '-?'): string {
  return `regexp_full_match(${x}, '${sign}${f.type === 'integer' ? '[0-9]{1,14}' : '[0-9]{1,14}([.][0-9]{1,6})?'}')`;
}

/** A plain number; wider decimals would be converted a hundred times slower. */
const quickNumber = (f: SourceField, x: string) =>
  `CASE WHEN ${plainNumber(f, x)} THEN try_cast(${x} AS DECIMAL(18,4)) END`;

/** The number that a received text says in the field's unit, or NULL. */
export function numberOf(f: SourceField, x: string): string {
  return `coalesce(${quickNumber(f, x)}, CASE WHEN ${x} <> '' THEN ${numberWithUnits(f, x)} END)`;
}

function cleanNumber(f: SourceField, x: string): string {
  const write = (v: unknown) => String(Number(v));
  const bounds = between('v', f.min, f.max, write);
  const fine = [bounds, f.type === 'integer' ? 'v = floor(v)' : null, 'v IS NOT NULL'].filter(Boolean).join(' AND ');
  const suffix = moneyFactor[f.unit ?? ''] === undefined ? '' : ` || ${currencySuffix(x)}`;
  const plain = `regexp_replace(regexp_replace(v::VARCHAR, '0+$', ''), '[.]$', '')`;
  const slow = once(numberWithUnits(f, x), 'v', `CASE WHEN ${fine} THEN ${plain}${suffix} ELSE ${flagged(x)} END`);
  const within = between(`try_cast(${x} AS DECIMAL(18,4))`, f.min, f.max, write);
  // The usual bound is "not negative": a plain number without a sign needs no arithmetic.
  const unsigned = Number(f.min) === 0 && f.max === undefined;
  const easy = unsigned
    ? plainNumber(f, x, '')
    : within
      ? `CASE WHEN ${plainNumber(f, x)} THEN ${within} ELSE false END`
      : plainNumber(f, x);
  return `CASE WHEN ${x} IS NULL OR ${x} = '' THEN '' WHEN ${easy} THEN ${x} ELSE ${slow} END`;
}

/** One code out of the declared ones; a value spelt as a code's meaning becomes the code. */
function cleanCoded(f: SourceField, x: string): string {
  const codes = Object.entries(f.codes ?? {});
  const list = codes.map(([code]) => literal(code)).join(', ');
  const meanings = codes.map(([code, meaning]) => `WHEN ${literal(meaning)} THEN ${literal(code)}`).join(' ');
  const t = tidy(synonym(f, x));
  return `CASE WHEN ${x} IN (${list}) THEN ${x} WHEN ${x} <> '' THEN
    CASE WHEN ${t} IN (${list}) THEN ${t} ELSE coalesce(CASE ${t} ${meanings} END, ${flagged(x)}) END ELSE '' END`;
}

function synonym(f: SourceField, x: string): string {
  const known = Object.entries(f.synonyms ?? {});
  if (known.length === 0) return x;
  return `CASE ${x} ${known.map(([from, to]) => `WHEN ${literal(from)} THEN ${literal(to)}`).join(' ')} ELSE ${x} END`;
}

/** A spelling that stands for another value is cleaned as that value; everything else as if there were no synonyms. */
function cleanSynonyms(f: SourceField, synonyms: Record<string, string>, x: string): string {
  const { synonyms: _, ...rest } = f;
  const known = Object.entries(synonyms).map(
    ([from, to]) => `WHEN ${literal(from)} THEN ${cleanField(rest, literal(to))}`,
  );
  return `CASE ${x} ${known.join(' ')} ELSE ${cleanField(rest, x)} END`;
}

/** Whether a field's received value says anything: not blank, and not a spelling that stands for nothing. */
export function isFilled(f: SourceField, x: string): string {
  const nothing = Object.entries(f.synonyms ?? {}).filter(([, to]) => to === '');
  return `(${x} <> ''${nothing.map(([from]) => ` AND ${x} <> ${literal(from)}`).join('')})`;
}

/** A code of fixed shape: let through when it has the shape, repaired or flagged otherwise. */
function cleanShaped(x: string, shape: string, repaired: string): string {
  return `CASE WHEN ${x} IS NULL OR ${x} = '' THEN '' WHEN regexp_full_match(${x}, ${literal(shape)}) THEN ${x}
    WHEN regexp_full_match(${repaired}, ${literal(shape)}) THEN ${repaired} ELSE ${flagged(x)} END`;
}

/** The repaired form is bound once: the check names its argument many times and would be planned for long otherwise. */
function cleanChecked(x: string, normalised: string, valid: (e: string) => string): string {
  return `CASE WHEN ${x} IS NULL OR ${x} = '' THEN '' WHEN ${valid(x)} THEN ${x}
    ELSE list_transform([${normalised}], lambda n: CASE WHEN ${valid('n')} THEN n ELSE ${flagged(x)} END)[1] END`;
}

/** Clean form of a unified credit code, organisation code or registration number (distinct values only: it is slow). */
export const cleanUscc = (x: string): string => cleanChecked(x, sqlNormaliseDigitLike(x), sqlUsccValid);
export const cleanOrgcode = (x: string): string =>
  cleanChecked(x, `replace(${sqlNormaliseOrgcode(x)}, '-', '')`, (e) => `(length(${e}) = 9 AND ${sqlOrgcodeValid(e)})`);
export const cleanRegno = (x: string): string => cleanChecked(x, sqlNormaliseDigitLike(x), sqlRegnoValid);

/** WKT whose first point can lie in China: exchanged axes are not let through. */
const wktShape =
  '(POINT|LINESTRING|POLYGON|MULTIPOLYGON|MULTILINESTRING) *[(]+ *(7[3-9]|[89][0-9]|1[0-2][0-9]|13[0-5])([.][0-9]+)? +([1-4]?[0-9]|5[0-4])([.][0-9]+)?[-0-9., ()]*[)]';

/** The cleaned form of a field's received string `x` (SQL of a VARCHAR), as it stands in a payload; never NULL. */
export function cleanField(f: SourceField, x: string): string {
  // Tokens of the vault stand for what was received: their meaning was checked when it was sealed.
  if (f.protection === 'sensitive') return `coalesce(${x}, '')`;
  if (f.codes) return cleanCoded(f, x);
  if (f.synonyms && Object.keys(f.synonyms).length > 0) return cleanSynonyms(f, f.synonyms, x);
  if (f.type === 'date') return cleanDate(f, x);
  if (f.type === 'datetime') return cleanInstant(f, x);
  if (f.type === 'integer' || f.type === 'decimal') return cleanNumber(f, x);
  if (f.type === 'boolean') return cleanBoolean(x);
  switch (f.format) {
    case 'uscc':
      return cleanUscc(x);
    case 'orgcode':
      return cleanOrgcode(x);
    case 'regno':
      return cleanRegno(x);
    case 'citizen-id':
      return cleanChecked(x, sqlNormaliseDigitLike(x), sqlCitizenIdValid);
    case 'company-name':
      return cleanCompanyName(x);
    case 'person-name':
      return cleanPersonName(x);
    case 'address':
      return cleanAddress(x);
    case 'division':
      return cleanShaped(x, '[1-9][0-9]{5}([0-9]{3}([0-9]{3})?)?|.*[省市区县旗乡镇村街道岛]', compact(x));
    case 'industry':
      return cleanShaped(x, '[A-T]|[A-T]?[0-9]{2,4}', compact(`upper(${x})`));
    case 'wkt':
      return cleanShaped(x, wktShape, tidy(x));
    case 'postcode':
      return cleanShaped(x, '[0-9]{6}', compact(x));
    case 'email':
      return cleanShaped(x, '[^@ ]+@[^@ ]+[.][^@ .]+', compact(x));
    case 'url':
      return cleanShaped(x, '(https?://)?[^ /.]+([.][^ /.]+)+(/[^ ]*)?', compact(x));
    case 'phone':
      return cleanShaped(
        x,
        '1[0-9]{10}|0[0-9]{2,3}-?[0-9]{7,8}(-[0-9]{1,6})?|[0-9]{7,8}',
        `replace(${compact(x)}, ' ', '')`,
      );
    default:
      return cleanText(x);
  }
}

function cleanBoolean(x: string): string {
  return `CASE WHEN ${x} IS NULL OR ${x} = '' THEN '' WHEN lower(${tidy(x)}) IN ('1', 'true', 'y', 'yes', 't', '是', '有') THEN 'true'
    WHEN lower(${tidy(x)}) IN ('0', 'false', 'n', 'no', 'f', '否', '无') THEN 'false' ELSE ${flagged(x)} END`;
}
