/**
 * The shape that every code of this package has, and the reasons that say what is wrong with a value.
 *
 * `check`, `parse` and `explain` always agree: `check(text)` is true exactly when `parse(text).ok` is true, which is exactly
 * when `explain(text)` holds no reason of severity `error`. A `warning` tells of a part that a table of this package
 * does not know (tables grow, so a warning never refuses a value).
 */

import type { Random } from './random.ts';

/** How grave a reason is: an `error` refuses the value, a `warning` asks a person to look. */
export type Severity = 'error' | 'warning';

/** Why a value is not (or may not be) valid. `code` is stable; the sentences may be improved. */
export interface Reason {
  /** Stable, starts with `codes.`: `codes.check-digit`. */
  code: ReasonCode;
  severity: Severity;
  /** One sentence in Chinese. */
  zh: string;
  /** The same sentence in English. */
  en: string;
  /** Which part of the value: `length`, `category`, `division`, `check` … */
  part?: string;
  /** Position of the first wrong character, counted from 1. */
  at?: number;
  /** What the rule asks for (in English where it is words). */
  expected?: string;
  /** What stands there. */
  got?: string;
}

/** The outcome of `parse`: the parts, or every reason against the value. `warnings` never refuse. */
export type Outcome<T> = { ok: true; value: T; warnings: Reason[] } | { ok: false; reasons: Reason[] };

/** What `normalise` did to one character (or one run of characters). */
export interface Change {
  /** `full-width` ＡＢ１ → AB1, `case` a → A, `space`, `separator` (hyphens), `look-alike` O → 0, `form` everything else. */
  kind: 'full-width' | 'case' | 'space' | 'separator' | 'look-alike' | 'form';
  /** Position in the original, counted from 1. */
  at: number;
  from: string;
  /** Empty when the character was removed. */
  to: string;
}

/** A normalised value and everything that was changed to get it. `normalise` is idempotent. */
export interface Normalised {
  value: string;
  changes: Change[];
}

/** A national code: T is what `parse` answers, G the wishes that `generate` honours, O the options of `explain`. */
export interface CodeKind<T, G = Record<never, never>, O = Record<never, never>> {
  /** Stable name, as used in declarations: `uscc`, `orgcode`, `regno`, `citizen-id` … */
  readonly name: string;
  readonly title: { zh: string; en: string };
  /** Is this exact text valid? No allocation, no exception; normalise first where the text comes from a person. */
  check(text: string): boolean;
  /** The parts of a valid text, or the reasons. */
  parse(text: string, options?: O): Outcome<T>;
  /** Every reason against the text; empty for a text with nothing to remark. */
  explain(text: string, options?: O): Reason[];
  /** Mends what people and machines do to codes without touching their meaning; says what it changed. */
  normalise(text: string): Normalised;
  /** The text of parsed parts: `format(parse(text).value) === text` for every valid text in standard form. */
  format(value: T): string;
  /** A valid example from a seed or a random function. */
  generate(random: Random | number | string, wishes?: G): string;
}

const sentences = {
  'codes.length': ['长度应为{expected}位，实为{got}位', 'must have {expected} characters, has {got}'],
  'codes.character': ['第{at}位字符“{got}”不合规，应为{expected}', 'character {at} is "{got}", must be {expected}'],
  'codes.check-digit': ['校验位应为“{expected}”，实为“{got}”', 'the check character must be "{expected}", is "{got}"'],
  'codes.department': ['登记管理部门代码“{got}”不在标准中', 'registering department "{got}" is not in the standard'],
  'codes.category': [
    '机构类别代码“{got}”不在该登记管理部门之下',
    'category "{got}" is not defined under this registering department',
  ],
  'codes.division': ['行政区划代码{got}不在代码表中', 'division {got} is not in the code table'],
  'codes.division-not-then': ['行政区划代码{got}在{expected}年不存在', 'division {got} did not exist in {expected}'],
  'codes.province': ['省级代码{got}不存在', 'there is no province with code {got}'],
  'codes.orgcode-inside': [
    '主体标识码（组织机构代码）{got}的校验位应为“{expected}”',
    'the organisation code {got} inside should end with "{expected}"',
  ],
  'codes.birth-date': ['出生日期{got}不是历法上的日期', 'birth date {got} is not a date of the calendar'],
  'codes.birth-in-future': ['出生日期{got}晚于{expected}', 'birth date {got} is after {expected}'],
  'codes.old-form': [
    '这是15位旧号，应升为18位：{expected}',
    'this is a 15-digit number of the old form; its 18-digit form is {expected}',
  ],
  'codes.segment': ['号段{got}未分配给公众移动电话', 'prefix {got} is not assigned to public mobile telephony'],
  'codes.area-missing': ['固定电话缺少区号', 'a fixed-line number needs its area code'],
  'codes.area': ['区号{got}不合规', 'area code {got} does not exist'],
  'codes.subscriber': [
    '用户号码{got}不合规，应为7或8位且首位为2至8',
    'subscriber number {got} must have 7 or 8 digits and begin with 2 to 8',
  ],
  'codes.empty': ['值为空', 'the value is empty'],
  'codes.unknown': ['代码{got}不在{expected}中', '{got} is not in {expected}'],
  'codes.form': ['“{got}”不是可识别的{expected}', '"{got}" is not a readable {expected}'],
  'codes.date-zero': ['日期{got}的年、月或日为零', 'date {got} has a zero year, month or day'],
  'codes.date-month': ['日期{got}的月份应为1至12', 'the month of {got} must be 1 to 12'],
  'codes.date-day': ['日期{got}的日应为1至{expected}', 'the day of {got} must be 1 to {expected}'],
  'codes.date-year': ['日期{got}的年份应在{expected}之间', 'the year of {got} must be within {expected}'],
  'codes.amount-unit': ['金额单位“{got}”无法识别', 'the unit or currency "{got}" is not known'],
  'codes.calendar-year': [
    '{got}年的节假日安排未收录，不能推算工作日',
    'the holiday calendar does not cover {got}; working days cannot be told',
  ],
} as const;

/** Every reason code that this package can answer. */
export type ReasonCode = keyof typeof sentences;

/** All reason codes with their sentence templates, for documentation and translation. */
export function allReasons(): { code: ReasonCode; zh: string; en: string }[] {
  return Object.entries(sentences).map(([code, [zh, en]]) => ({ code: code as ReasonCode, zh, en }));
}

/** Builds a reason: fills the sentences of `code` with `at`, `expected` (which may differ by language) and `got`. */
export function reason(
  code: ReasonCode,
  detail: {
    part?: string;
    at?: number;
    expected?: string | { zh: string; en: string };
    got?: string;
    severity?: Severity;
  } = {},
): Reason {
  const { severity = 'error', expected, ...rest } = detail;
  const inLanguage = (language: 'zh' | 'en') => (typeof expected === 'object' ? expected[language] : expected);
  const fill = (text: string, language: 'zh' | 'en') =>
    text.replace(/\{(at|expected|got)\}/g, (_, key: 'at' | 'expected' | 'got') =>
      String((key === 'expected' ? inLanguage(language) : rest[key]) ?? ''),
    );
  const [zh, en] = sentences[code];
  const wanted = inLanguage('en');
  return {
    code,
    severity,
    zh: fill(zh, 'zh'),
    en: fill(en, 'en'),
    ...rest,
    ...(wanted === undefined ? {} : { expected: wanted }),
  };
}

/** True when none of the reasons refuses the value. */
export function acceptable(reasons: readonly Reason[]): boolean {
  return !reasons.some((one) => one.severity === 'error');
}

/** Makes `parse` from `explain` and a function that takes a text apart once it is known to be valid. */
export function outcome<T>(reasons: Reason[], build: () => T): Outcome<T> {
  return acceptable(reasons) ? { ok: true, value: build(), warnings: reasons } : { ok: false, reasons };
}

/** An error of this package that is not about one code's text (a calendar that ends, a table that does not fit). */
export class CodesError extends Error {
  readonly reason: Reason;

  constructor(why: Reason) {
    super(`${why.code}: ${why.en}`);
    this.name = 'CodesError';
    this.reason = why;
  }
}
