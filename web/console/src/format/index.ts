/**
 * How numbers, instants and guarded values are written. Chinese counts in 万 and 亿, English in thousands and millions;
 * instants are UTC from the hub and Asia/Shanghai on the screen.
 */

export type Language = 'zh' | 'en';

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** A count in full, its digits grouped: `45,730,000`. */
export function full(value: number): string {
  return grouped.format(value);
}

function scaled(value: number, digits: number): string {
  // Three significant digits are enough beside a unit; trailing zeros say nothing.
  const fixed = value.toFixed(value >= 1000 ? 0 : value >= 100 ? Math.min(1, digits) : digits);
  const trimmed = fixed.includes('.') ? fixed.replace(/\.?0+$/, '') : fixed;
  const [whole, fraction] = trimmed.split('.') as [string, string?];
  return fraction ? `${full(Number(whole))}.${fraction}` : full(Number(whole));
}

/** A number and the unit that it is written in. */
export interface Measured {
  number: string;
  unit: string;
}

/** A count shortened for reading at a glance: 4573万, 17.24亿; 45.7 M, 1.72 B. Below ten thousand nothing is shortened. */
export function short(value: number, language: Language): Measured {
  const size = Math.abs(value);
  const sign = value < 0 ? '-' : '';
  if (size < 10_000) return { number: full(value), unit: '' };
  if (language === 'zh') {
    // 99,999,999 must become 1 亿, not 10,000 万.
    if (size >= 99_995_000) return { number: sign + scaled(size / 1e8, 2), unit: '亿' };
    return { number: sign + scaled(size / 1e4, 2), unit: '万' };
  }
  if (size >= 999_500_000) return { number: sign + scaled(size / 1e9, 2), unit: 'B' };
  if (size >= 999_500) return { number: sign + scaled(size / 1e6, 2), unit: 'M' };
  return { number: sign + scaled(size / 1e3, 1), unit: 'k' };
}

/** A shortened count as one text. */
export function shortText(value: number, language: Language): string {
  const m = short(value, language);
  return m.unit ? (language === 'zh' ? `${m.number}${m.unit}` : `${m.number} ${m.unit}`) : m.number;
}

/** A share between 0 and 1 as a percentage: 99.27%. A share that is not quite whole is never rounded up to 100%. */
export function percent(share: number | null | undefined, digits = 1): string {
  if (share === null || share === undefined || Number.isNaN(share)) return '—';
  const scale = 10 ** digits;
  let value = Math.round(share * 100 * scale) / scale;
  if (value >= 100 && share < 1) value = 100 - 1 / scale;
  if (value <= 0 && share > 0) value = 1 / scale;
  return `${value.toFixed(digits).replace(/\.0+$/, '')}%`;
}

/**
 * Names without what all of them begin with (the city's name): 慈溪市公安局, 慈溪市税务局 → 公安局, 税务局. A name that
 * is nothing but the beginning stays whole; what is cut off ends with a place's kind or, in Latin letters, with a word.
 */
export function withoutCommonStart(names: readonly string[]): string[] {
  let common = names.length > 1 ? (names[0] ?? '') : '';
  for (const name of names) while (common && !name.startsWith(common)) common = common.slice(0, -1);
  common = /[A-Za-z]/.test(common)
    ? common.slice(0, common.lastIndexOf(' ') + 1)
    : (/^.*[省市区县州盟旗]/.exec(common)?.[0] ?? '');
  return names.map((name) => name.slice(common.length) || name);
}

/** An amount in yuan with its unit. */
export function money(yuan: number, language: Language): Measured {
  const size = Math.abs(yuan);
  if (language === 'zh') {
    if (size >= 1e8) return { number: scaled2(yuan / 1e8), unit: '亿元' };
    if (size >= 1e4) return { number: scaled2(yuan / 1e4), unit: '万元' };
    return { number: scaled2(yuan), unit: '元' };
  }
  if (size >= 1e9) return { number: scaled2(yuan / 1e9), unit: 'CNY bn' };
  if (size >= 1e6) return { number: scaled2(yuan / 1e6), unit: 'CNY m' };
  return { number: scaled2(yuan), unit: 'CNY' };
}

const two = new Intl.NumberFormat('en-US', { maximumFractionDigits: 2 });
function scaled2(value: number): string {
  return two.format(value);
}

const zone = 'Asia/Shanghai';
const parts = new Intl.DateTimeFormat('en-GB', {
  timeZone: zone,
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});

/** Lake timestamps come without a zone and are UTC. */
function toDate(at: string | number | Date): Date {
  if (typeof at !== 'string') return new Date(at);
  const text = at.includes('T') ? at : at.replace(' ', 'T');
  return new Date(/(?:Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`);
}

function pieces(at: string | number | Date): Record<string, string> | null {
  const date = toDate(at);
  if (Number.isNaN(date.getTime())) return null;
  return Object.fromEntries(parts.formatToParts(date).map((p) => [p.type, p.value]));
}

/** An instant as date and time in Asia/Shanghai: `2026-11-21 08:18:41`. What is not an instant is given back as it came. */
export function instant(at: string | number | Date | null | undefined): string {
  if (at === null || at === undefined || at === '') return '—';
  const p = pieces(at);
  return p ? `${p.year}-${p.month}-${p.day} ${p.hour}:${p.minute}:${p.second}` : String(at);
}

/** The clock time of an instant in Asia/Shanghai: `08:18:41`. */
export function clockTime(at: string | number | Date): string {
  const p = pieces(at);
  return p ? `${p.hour}:${p.minute}:${p.second}` : String(at);
}

/** The day of an instant in Asia/Shanghai, or a plain date as it stands: `2026-11-21`. */
export function day(at: string | null | undefined): string {
  if (!at) return '—';
  if (/^\d{4}-\d{2}-\d{2}$/.test(at)) return at;
  const p = pieces(at);
  return p ? `${p.year}-${p.month}-${p.day}` : at;
}

/** How long ago an instant was, in words. */
export function ago(at: string | null | undefined, now: number, language: Language): string {
  if (!at) return '—';
  const seconds = Math.round((now - toDate(at).getTime()) / 1000);
  if (Number.isNaN(seconds)) return at;
  const zh = language === 'zh';
  if (seconds < 10) return zh ? '刚刚' : 'just now';
  if (seconds < 60) return zh ? `${seconds} 秒前` : `${seconds} s ago`;
  if (seconds < 3600) return zh ? `${Math.floor(seconds / 60)} 分钟前` : `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return zh ? `${Math.floor(seconds / 3600)} 小时前` : `${Math.floor(seconds / 3600)} h ago`;
  const days = Math.floor(seconds / 86_400);
  return zh ? `${days} 天前` : days === 1 ? '1 day ago' : `${days} days ago`;
}

/** A length of time given in milliseconds. */
export function duration(ms: number, language: Language): string {
  const zh = language === 'zh';
  if (ms < 1000) return `${Math.round(ms)} ${zh ? '毫秒' : 'ms'}`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1).replace(/\.0$/, '')} ${zh ? '秒' : 's'}`;
  const minutes = Math.floor(ms / 60_000);
  const seconds = Math.round((ms % 60_000) / 1000);
  if (minutes < 60) return zh ? `${minutes} 分 ${seconds} 秒` : `${minutes} min ${seconds} s`;
  return zh
    ? `${Math.floor(minutes / 60)} 小时 ${minutes % 60} 分`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A number of bytes with a binary unit. */
export function bytes(size: number): string {
  if (size < 1024) return `${size} B`;
  const units = ['KiB', 'MiB', 'GiB', 'TiB'];
  let value = size;
  let unit = -1;
  do {
    value /= 1024;
    unit += 1;
  } while (value >= 1024 && unit < units.length - 1);
  return `${value >= 100 ? value.toFixed(0) : value.toFixed(1)} ${units[unit]}`;
}

/** A long hash for reading: its beginning and its end. */
export function shortHash(hash: string, each = 8): string {
  return hash.length <= each * 2 + 1 ? hash : `${hash.slice(0, each)}…${hash.slice(-each)}`;
}

/** Whether a value was masked on its way here: letters, digits or Chinese characters beside two or more stars. */
export function isMasked(value: string): boolean {
  return /\*{2,}/.test(value) || /^.?\*$/.test(value);
}
