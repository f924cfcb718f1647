/**
 * Dates as departments write them: `20210203`, `2021-2-3`, `2021/2/3`, `2021.2.3`, `2021年2月3日`, `二〇二一年二月三日`, with or without time of day, and
 * Excel's serial numbers. A time with an offset (`Z`, `+00:00`) is taken to its day in Asia/Shanghai. Strict: `20210231` and `0000-00-00` are refused with the reason; two-digit years and day-first dates are
 * refused, since they can be read in two ways.
 */

import { halfWidth, SPACES } from './characters.ts';
import { type Outcome, type Reason, reason } from './kind.ts';

/** A parsed date. */
export interface ParsedDate {
  /** `2021-02-03`. */
  iso: string;
  form: 'compact' | 'separated' | 'chinese' | 'serial';
  /** True when the text carried a time of day, which is left out. */
  timeDropped: boolean;
}

/** Options: the years that are believed (default 1800-2100) and whether a bare five-digit number is an Excel serial (default yes). */
export interface DateOptions {
  firstYear?: number;
  lastYear?: number;
  serial?: boolean;
}

const CHINESE_DIGITS: Readonly<Record<string, number>> = {
  〇: 0,
  零: 0,
  '○': 0,
  一: 1,
  二: 2,
  三: 3,
  四: 4,
  五: 5,
  六: 6,
  七: 7,
  八: 8,
  九: 9,
};

/** Days of a month of the Gregorian calendar; 0 for a month that does not exist. */
export function daysOfMonth(year: number, month: number): number {
  if (month < 1 || month > 12) return 0;
  return new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
}

/** Why year, month and day are no date; undefined where they are one. */
function fault(year: number, month: number, day: number, got: string, options: DateOptions): Reason | undefined {
  if (year === 0 || month === 0 || day === 0) return reason('codes.date-zero', { got });
  const first = options.firstYear ?? 1800;
  const last = options.lastYear ?? 2100;
  if (year < first || year > last) {
    return reason('codes.date-year', { part: 'year', got, expected: `${first}-${last}` });
  }
  if (month > 12) return reason('codes.date-month', { part: 'month', got });
  const days = daysOfMonth(year, month);
  return day > days ? reason('codes.date-day', { part: 'day', got, expected: String(days) }) : undefined;
}

function chineseSmall(text: string): number {
  const match = /^([二三]?)(十?)([一二三四五六七八九]?)$/.exec(text);
  if (match?.[2]) return (CHINESE_DIGITS[match[1] as string] ?? 1) * 10 + (CHINESE_DIGITS[match[3] as string] ?? 0);
  return CHINESE_DIGITS[text] ?? Number.NaN;
}

const TIME = /(?:T|\s+)(\d{1,2})[:时](\d{1,2})(?:[:分](?:(\d{1,2})(?:\.\d+)?秒?)?)?(?:(Z)|([+-])(\d\d):?(\d\d))?$/i;

/**
 * Whole days to add to the written date to get the day in Asia/Shanghai (UTC+8), for a time with an offset; 0 without one, undefined for a time
 * of day that does not exist.
 */
function dayShift(time: RegExpExecArray): number | undefined {
  const [hour, minute, second] = [Number(time[1]), Number(time[2]), Number(time[3] ?? 0)];
  if (hour > 24 || minute > 59 || second > 60 || (hour === 24 && minute + second > 0)) return undefined;
  if (!time[4] && !time[5]) return 0;
  const offset = time[4] ? 0 : (time[5] === '-' ? -1 : 1) * (Number(time[6]) * 60 + Number(time[7]));
  return Math.floor((hour * 60 + minute - offset + 480) / 1440);
}
const EDGES = new RegExp(`^[${SPACES}]+|[${SPACES}]+$`, 'g');

interface Fields {
  year: number;
  month: number;
  day: number;
  form: ParsedDate['form'];
}

function fields(text: string, serial: boolean): Fields | undefined {
  const compact = /^(\d{4})(\d\d)(\d\d)(?:\d{6}(?:\.\d+)?)?$/.exec(text);
  const separated = /^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})$/.exec(text);
  const chinese = /^(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]?$/.exec(text);
  const [year, month, day] = compact
    ? [compact[1], compact[2], compact[3]]
    : separated
      ? [separated[1], separated[3], separated[4]]
      : chinese
        ? [chinese[1], chinese[2], chinese[3]]
        : [];
  if (year !== undefined) {
    const form = compact ? 'compact' : separated ? 'separated' : 'chinese';
    return { year: Number(year), month: Number(month), day: Number(day), form };
  }
  const words =
    /^([〇零○一二三四五六七八九]{4})年([一二三四五六七八九十]{1,2})月([一二三四五六七八九十]{1,3})[日号]?$/.exec(text);
  if (words) {
    const spelt = [...(words[1] as string)].map((char) => CHINESE_DIGITS[char]).join('');
    const [m, d] = [chineseSmall(words[2] as string), chineseSmall(words[3] as string)];
    return Number.isNaN(m) || Number.isNaN(d) ? undefined : { year: Number(spelt), month: m, day: d, form: 'chinese' };
  }
  if (serial && /^[1-9]\d{4}(\.\d+)?$/.test(text)) {
    // Excel's day 1 is 1900-01-01 and it believes in 1900-02-29; five digits are later than that, so the offset is fixed.
    const date = new Date((Math.floor(Number(text)) - 25569) * 86_400_000);
    return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate(), form: 'serial' };
  }
  return undefined;
}

/**
 * Reads a date. Reasons: `codes.empty`, `codes.form`, `codes.date-zero`, `codes.date-year`, `codes.date-month`, `codes.date-day`.
 * Five-digit Excel serials (10000 = 1927-05-18 to 99999 = 2173-10-13) count from Excel's 1900 system.
 */
export function parseDate(text: string, options: DateOptions = {}): Outcome<ParsedDate> {
  const trimmed = halfWidth(text).replace(EDGES, '');
  if (trimmed === '') return { ok: false, reasons: [reason('codes.empty')] };
  const time = TIME.exec(trimmed);
  const bare = time ? trimmed.slice(0, time.index) : trimmed;
  const shift = time ? dayShift(time) : 0;
  const found = fields(bare, options.serial ?? true);
  if (!found || shift === undefined) {
    return { ok: false, reasons: [reason('codes.form', { got: text, expected: { zh: '日期', en: 'date' } })] };
  }
  const wrong = fault(found.year, found.month, found.day, text, options);
  if (wrong) return { ok: false, reasons: [wrong] };
  const pad = (value: number, length: number) => String(value).padStart(length, '0');
  const written = `${pad(found.year, 4)}-${pad(found.month, 2)}-${pad(found.day, 2)}`;
  const iso = shift === 0 ? written : new Date(Date.parse(written) + shift * 86_400_000).toISOString().slice(0, 10);
  const timeDropped = bare !== trimmed || /^\d{14}/.test(bare) || (found.form === 'serial' && bare.includes('.'));
  return { ok: true, value: { iso, form: found.form, timeDropped }, warnings: [] };
}
