/**
 * Amounts as departments write them: `7万人民币`, `2505.6833(万元人民币)`, `100万美元`, `1,234.50元`, `壹佰万元整`. Strict: what cannot be read whole
 * is refused with its reason. Values are exact decimals (texts); numbers are only a convenience.
 */

import { CharMap, SPACES } from './characters.ts';
import { type Outcome, type Reason, reason } from './kind.ts';

/** A parsed amount. */
export interface Amount {
  /** Exact decimal in whole units of the currency (元, dollar …): `25056833`, `1234.5`. */
  exact: string;
  /** The same as a number. */
  value: number;
  /** In ten thousands (万), the unit of registered capital; exact decimal. */
  wan: string;
  /** ISO 4217 code; FRF, DEM and other former currencies where old registrations name them. */
  currency: string;
  /** True when the text names no currency and CNY was assumed. */
  currencyAssumed: boolean;
  /** True when the text names no unit and the option's unit was assumed. */
  unitAssumed: boolean;
}

/** Options: the unit of a bare number (default 元). */
export interface AmountOptions {
  unit?: '元' | '万元';
}

const CURRENCIES: readonly (readonly [code: string, ...names: string[]])[] = [
  ['CNY', '人民币', 'CNY', 'RMB', 'CN¥', '¥', '￥'],
  ['USD', '美元', '美金', 'USD', 'US$', '$'],
  ['HKD', '港元', '港币', '香港元', '香港币', 'HKD', 'HK$'],
  ['MOP', '澳门元', '澳门币', 'MOP'],
  ['TWD', '新台币', '台币', '台湾元', 'TWD', 'NT$'],
  ['EUR', '欧元', 'EUR', '€'],
  ['JPY', '日元', '日圆', 'JPY'],
  ['GBP', '英镑', 'GBP', '£'],
  ['CHF', '瑞士法郎', 'CHF'],
  ['AUD', '澳大利亚元', '澳元', 'AUD'],
  ['CAD', '加拿大元', '加元', 'CAD'],
  ['NZD', '新西兰元', 'NZD'],
  ['SGD', '新加坡元', '新元', 'SGD'],
  ['KRW', '韩元', '韩国元', '韩圆', 'KRW'],
  ['THB', '泰铢', 'THB'],
  ['MYR', '马来西亚林吉特', '林吉特', 'MYR'],
  ['RUB', '俄罗斯卢布', '卢布', 'RUB'],
  ['SEK', '瑞典克朗', 'SEK'],
  ['DKK', '丹麦克朗', 'DKK'],
  ['NOK', '挪威克朗', 'NOK'],
  ['FRF', '法国法郎', '法郎', 'FRF'],
  ['DEM', '德国马克', '马克', 'DEM'],
  ['ITL', '意大利里拉', '里拉', 'ITL'],
  ['NLG', '荷兰盾', 'NLG'],
  ['ESP', '西班牙比塞塔', 'ESP'],
];

const NAMES = CURRENCIES.flatMap(([code, ...names]) => names.map((name) => [name, code] as const)).sort(
  (a, b) => b[0].length - a[0].length,
);

/** Powers of ten of the units that may follow a number. */
const UNITS: Readonly<Record<string, number>> = {
  万亿: 12,
  千亿: 11,
  百亿: 10,
  十亿: 9,
  亿: 8,
  千万: 7,
  百万: 6,
  十万: 5,
  万: 4,
  千: 3,
  仟: 3,
  百: 2,
  佰: 2,
  萬: 4,
  億: 8,
  佰万: 6,
  仟万: 7,
  拾万: 5,
};

const DIGITS: Readonly<Record<string, number>> = {
  零: 0,
  〇: 0,
  一: 1,
  壹: 1,
  二: 2,
  贰: 2,
  两: 2,
  貳: 2,
  三: 3,
  叁: 3,
  參: 3,
  四: 4,
  肆: 4,
  五: 5,
  伍: 5,
  六: 6,
  陆: 6,
  陸: 6,
  七: 7,
  柒: 7,
  八: 8,
  捌: 8,
  九: 9,
  玖: 9,
};
const SMALL: Readonly<Record<string, number>> = { 十: 10, 拾: 10, 百: 100, 佰: 100, 千: 1000, 仟: 1000 };

const cleaned = new CharMap({
  upper: true,
  drop: `${SPACES}()[]（）`,
  map: { '，': ',', '。': '.', '．': '.', '￥': '¥' },
});

const NOTHING = /^(N\/?A|NULL|NONE|无|暂无|空|不详|未知|-+|\/|—+)$/;

/** Shifts a plain decimal text by a power of ten, exactly; without trailing zeros behind the point. */
function scaled(decimal: string, power: number): string {
  const negative = decimal.startsWith('-');
  const [whole = '', part = ''] = decimal.replace('-', '').split('.');
  let digits = whole + part;
  let point = whole.length + power;
  if (point <= 0) {
    digits = '0'.repeat(1 - point) + digits;
    point = 1;
  }
  digits = digits.padEnd(point, '0');
  const left = digits.slice(0, point).replace(/^0+(?=\d)/, '');
  const right = digits.slice(point).replace(/0+$/, '');
  const text = right === '' ? left : `${left}.${right}`;
  return negative && text !== '0' ? `-${text}` : text;
}

/** Chinese numerals below 10^16, `贰仟零伍拾陆万捌仟` → 20568000; undefined where they do not follow the grammar. */
export function chineseNumber(text: string): number | undefined {
  let total = 0;
  let section = 0;
  let digit = -1;
  let lastUnit = Number.POSITIVE_INFINITY;
  let lastBig = Number.POSITIVE_INFINITY;
  let zero = false;
  // 一百五 and 一万二 are colloquial for 150 and 12,000: a last digit needs its 零 unless it follows the tens.
  const loose = () => digit > 0 && !zero && (section > 0 ? lastUnit > 10 : lastBig < Number.POSITIVE_INFINITY);
  if (text === '') return undefined;
  for (const char of text) {
    const value = DIGITS[char];
    const small = SMALL[char];
    if (value !== undefined) {
      if (digit > 0) return undefined;
      digit = value;
      zero ||= value === 0;
    } else if (small !== undefined) {
      if (small >= lastUnit || digit === 0) return undefined;
      if (digit < 0 && !(small === 10 && section === 0)) return undefined;
      section += (digit < 0 ? 1 : digit) * small;
      digit = -1;
      zero = false;
      lastUnit = small;
    } else if (char === '万' || char === '萬' || char === '亿' || char === '億') {
      if (loose()) return undefined;
      const big = char === '万' || char === '萬' ? 1e4 : 1e8;
      const below = section + Math.max(digit, 0);
      if (big === 1e8 && total > 0 && total < 1e8 && lastBig === 1e4) {
        total = (total + below) * 1e8;
      } else {
        if (below === 0 || big >= lastBig) return undefined;
        total += below * big;
      }
      section = 0;
      digit = -1;
      zero = false;
      lastUnit = Number.POSITIVE_INFINITY;
      lastBig = big;
    } else return undefined;
  }
  return loose() ? undefined : total + section + Math.max(digit, 0);
}

/** `壹佰万元伍角叁分整`, without currency words: the decimal in 元, or undefined. */
function chineseAmount(text: string): string | undefined {
  const match = /^(.*?)(?:[元圆圓块]|$)(?:零?(.)角)?(?:零?(.)分)?[整正]?$/.exec(text);
  if (!match) return undefined;
  const [, whole = '', jiao, fen] = match;
  const value = whole === '' ? (jiao || fen ? 0 : undefined) : chineseNumber(whole.replace(/[整正]$/, ''));
  const tenths = jiao === undefined ? 0 : DIGITS[jiao];
  const hundredths = fen === undefined ? 0 : DIGITS[fen];
  if (value === undefined || tenths === undefined || hundredths === undefined) return undefined;
  return scaled(`${value}.${tenths}${hundredths}`, 0);
}

/** Finds the currency by name at the start or the end and takes it away. */
function takeCurrency(text: string): { rest: string; code: string | undefined } {
  for (const [name, code] of NAMES) {
    if (text.startsWith(name)) return { rest: text.slice(name.length), code };
    // 人民币元 and 港币元 say the unit twice.
    for (const ending of [name, `${name}元`, `${name}整`, `${name}元整`]) {
      if (text.endsWith(ending)) return { rest: text.slice(0, -ending.length), code };
    }
  }
  return { rest: text, code: undefined };
}

const refuse = (reasons: Reason[]): { ok: false; reasons: Reason[] } => ({ ok: false, reasons });
const FORM = { zh: '金额', en: 'amount' };

/**
 * Reads an amount. Reasons: `codes.empty` (also for N/A, 无, -), `codes.form` (no number, broken thousands), `codes.amount-unit` (an unknown
 * unit or currency). @param options the unit of bare numbers.
 */
export function parseAmount(text: string, options: AmountOptions = {}): Outcome<Amount> {
  const clean = cleaned.apply(text);
  if (clean === '' || NOTHING.test(clean)) return refuse([reason('codes.empty')]);
  let { rest, code } = takeCurrency(clean);
  if (code !== undefined) {
    const again = takeCurrency(rest);
    if (again.code === code) rest = again.rest;
  }
  const number = /^([+-]?)(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?(.*)$/.exec(rest);
  let exact: string | undefined;
  let unitAssumed = false;
  if (number) {
    const [, sign = '', whole = '', part = '', tail = ''] = number;
    if (/^[,.\d]/.test(tail)) return refuse([reason('codes.form', { got: text, expected: FORM })]);
    const unit = /^([十拾百佰千仟万萬亿億]*)([元圆圓块]?)([整正]?)$/.exec(tail);
    const power = unit ? (unit[1] === '' ? 0 : UNITS[unit[1] as string]) : undefined;
    if (!unit || power === undefined) return refuse([reason('codes.amount-unit', { part: 'unit', got: tail })]);
    unitAssumed = unit[1] === '' && unit[2] === '' && code === undefined;
    const lift = unitAssumed && options.unit === '万元' ? 4 : power;
    exact = scaled(`${sign === '-' ? '-' : ''}${whole.replaceAll(',', '')}${part}`, lift);
  } else exact = chineseAmount(rest);
  if (exact === undefined) return refuse([reason('codes.form', { got: text, expected: FORM })]);
  const currencyAssumed = code === undefined;
  return {
    ok: true,
    value: {
      exact,
      value: Number(exact),
      wan: scaled(exact, -4),
      currency: code ?? 'CNY',
      currencyAssumed,
      unitAssumed,
    },
    warnings: [],
  };
}

/** Writes an amount in the form that registers use: `2505.6833万元人民币`, `100万美元`; `parseAmount` reads it back. */
export function formatAmount(amount: Pick<Amount, 'wan' | 'currency'>): string {
  const name = CURRENCIES.find(([code]) => code === amount.currency)?.[1] ?? amount.currency;
  return amount.currency === 'CNY' ? `${amount.wan}万元${name}` : `${amount.wan}万${name}`;
}
