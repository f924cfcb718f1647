/**
 * Telephone numbers of the mainland: mobile 手机 (11 digits, 1[3-9]…), fixed line 固定电话 (area code 010, 02x, 03xx-09xx and 7 or 8
 * digits, extension), after the numbering plan of the ministry (电信网编号计划, segments assigned until 2024).
 */

import { CharMap, digitsAt, HYPHENS, SPACES } from './characters.ts';
import {
  acceptable,
  type Change,
  type CodeKind,
  type Normalised,
  type Outcome,
  outcome,
  type Reason,
  reason,
} from './kind.ts';
import { letters, pick, randomOf } from './random.ts';

/** The parts of a telephone number. `text` is the standard form: `13812345678`, `0574-63812345`, `0574-63812345-801`. */
export interface Phone {
  kind: 'mobile' | 'fixed';
  text: string;
  /** Mobile: the three-digit segment; fixed: the area code with its 0. */
  prefix: string;
  subscriber: string;
  extension: string | undefined;
  /** Mobile: to whom the segment was assigned (numbers move between carriers since 2019). */
  carrier: 'mobile' | 'unicom' | 'telecom' | 'broadnet' | 'virtual' | undefined;
}

/** Options: the area code to assume for a fixed-line number that has none, `0574`. */
export interface PhoneOptions {
  areaCode?: string;
}

const SEGMENTS: Readonly<Record<NonNullable<Phone['carrier']>, readonly number[]>> = {
  mobile: [
    134, 135, 136, 137, 138, 139, 147, 148, 150, 151, 152, 157, 158, 159, 172, 178, 182, 183, 184, 187, 188, 195, 197,
    198,
  ],
  unicom: [130, 131, 132, 145, 146, 155, 156, 166, 175, 176, 185, 186, 196],
  telecom: [133, 149, 153, 173, 174, 177, 180, 181, 189, 190, 191, 193, 199],
  broadnet: [192],
  virtual: [162, 165, 167, 170, 171],
};

const ASSIGNED = new Uint8Array(200);
const CARRIERS = new Map<number, NonNullable<Phone['carrier']>>();
for (const [carrier, segments] of Object.entries(SEGMENTS)) {
  for (const segment of segments) {
    ASSIGNED[segment] = 1;
    CARRIERS.set(segment, carrier as NonNullable<Phone['carrier']>);
  }
}

/** Three-digit mobile segments in ascending order, for SQL and for generators. */
export const MOBILE_SEGMENTS: readonly string[] = [...CARRIERS.keys()].sort((a, b) => a - b).map(String);

function checkMobile(text: string): boolean {
  if (text.length !== 11 || !digitsAt(text, 0, 11)) return false;
  const segment = text.charCodeAt(0) * 100 + text.charCodeAt(1) * 10 + text.charCodeAt(2) - 48 * 111;
  return segment < 200 && ASSIGNED[segment] === 1;
}

function explainMobile(text: string): Reason[] {
  if (text === '') return [reason('codes.empty')];
  if (text.length !== 11) return [reason('codes.length', { part: 'length', expected: '11', got: String(text.length) })];
  for (let i = 0; i < 11; i++) {
    if (!digitsAt(text, i, 1))
      return [reason('codes.character', { at: i + 1, expected: '0-9', got: text[i] as string })];
  }
  return checkMobile(text) ? [] : [reason('codes.segment', { part: 'segment', at: 1, got: text.slice(0, 3) })];
}

/** Length of the area code at the start of the text: 3 for 010 and 02x, 4 for 03xx-09xx, 0 where there is none. */
function areaLength(text: string): number {
  if (text.charCodeAt(0) !== 48) return 0;
  const second = text.charCodeAt(1) - 48;
  const third = text.charCodeAt(2) - 48;
  if (second === 1) return third === 0 ? 3 : 0;
  if (second === 2) return third >= 0 && third <= 9 && third !== 6 ? 3 : 0;
  return second >= 3 && second <= 9 && digitsAt(text, 2, 2) ? 4 : 0;
}

function subscriberOk(digits: string): boolean {
  const first = digits.charCodeAt(0) - 48;
  return (digits.length === 7 || digits.length === 8) && digitsAt(digits, 0, digits.length) && first >= 2 && first <= 8;
}

/** Area code, subscriber and extension of a text in any hyphenation that begins with a 0. */
function splitFixed(text: string): { area: string; subscriber: string; extension: string | undefined } | undefined {
  const length = areaLength(text);
  if (length === 0) return undefined;
  const rest = text[length] === '-' ? text.slice(length + 1) : text.slice(length);
  const cut = rest.indexOf('-');
  const area = text.slice(0, length);
  if (cut < 0) return { area, subscriber: rest, extension: undefined };
  return { area, subscriber: rest.slice(0, cut), extension: rest.slice(cut + 1) };
}

function checkFixed(text: string): boolean {
  const length = areaLength(text);
  if (length === 0 || text.charCodeAt(length) !== 45) return false;
  const first = text.charCodeAt(length + 1) - 48;
  if (!(first >= 2 && first <= 8)) return false;
  const end = text.indexOf('-', length + 1);
  const digits = (end < 0 ? text.length : end) - length - 1;
  if ((digits !== 7 && digits !== 8) || !digitsAt(text, length + 1, digits)) return false;
  if (end < 0) return true;
  const extension = text.length - end - 1;
  return extension >= 1 && extension <= 6 && digitsAt(text, end + 1, extension);
}

function explainFixed(text: string): Reason[] {
  if (text === '') return [reason('codes.empty')];
  if (checkFixed(text)) return [];
  const form = reason('codes.form', {
    got: text,
    expected: { zh: '固定电话号码（如0574-63812345）', en: 'fixed-line number (like 0574-63812345)' },
  });
  if (/[^0-9-]/.test(text)) return [form];
  if (subscriberOk(text)) return [reason('codes.area-missing', { part: 'area', got: text })];
  const split = splitFixed(text);
  if (!split) return [reason('codes.area', { part: 'area', at: 1, got: text.slice(0, 4) })];
  if (!subscriberOk(split.subscriber)) {
    return [reason('codes.subscriber', { part: 'subscriber', at: split.area.length + 1, got: split.subscriber })];
  }
  return [form];
}

const phoneMap = new CharMap({
  upper: true,
  drop: `${SPACES}()[]（）【】`,
  alike: { O: '0', I: '1' },
  map: Object.fromEntries([...HYPHENS, '—', '_', '~'].map((char) => [char, '-'])),
});

/**
 * Standard form of a telephone number: full width, spaces, brackets and look-alikes mended, +86 removed, `转` or `分机` before an
 * extension as a hyphen, area code and subscriber parted by one hyphen. Text that is no telephone number keeps its words.
 */
function normalisePhone(text: string): Normalised {
  const mapped = phoneMap.normalise(text);
  // One repair can uncover another (+86 before 0086 before …), so go on until nothing changes.
  let value = mapped.value;
  for (let next = phoneForm(value); next !== value; next = phoneForm(value)) value = next;
  if (value === mapped.value) return mapped;
  const change: Change = { kind: 'form', at: 1, from: mapped.value, to: value };
  return { value, changes: [...mapped.changes, change] };
}

function phoneForm(mapped: string): string {
  let value = mapped
    .replace(/(?:转|分机|EXT\.?|X|#|[,，])+(\d{1,6})$/, '-$1')
    .replace(/-{2,}/g, '-')
    .replace(/^-+|-+$/g, '');
  const bare = value.replaceAll('-', '').replace(/^(?:\+|00)86(?=\d)|^86(?=1[3-9]\d{9}$)/, '');
  if (/^0?1[3-9]\d{9}$/.test(bare)) return bare.slice(-11);
  value = value.replace(/^(?:\+|00)86-?(?=\d)/, '');
  if (/^[1-9]\d{1,2}-?\d{7,8}(-\d{1,6})?$/.test(value) && mapped !== value && /^(\+|00)86/.test(mapped))
    value = `0${value}`;
  const split = splitFixed(value);
  if (split && subscriberOk(split.subscriber) && (split.extension === undefined || /^\d{1,6}$/.test(split.extension))) {
    return `${split.area}-${split.subscriber}${split.extension === undefined ? '' : `-${split.extension}`}`;
  }
  const whole = splitFixed(bare);
  if (whole && subscriberOk(whole.subscriber)) return `${whole.area}-${whole.subscriber}`;
  return subscriberOk(bare) ? bare : value;
}

function partsOf(text: string): Phone {
  if (checkMobile(text)) {
    const prefix = text.slice(0, 3);
    const carrier = CARRIERS.get(Number(prefix));
    return { kind: 'mobile', text, prefix, subscriber: text.slice(3), extension: undefined, carrier };
  }
  const split = splitFixed(text) as { area: string; subscriber: string; extension: string | undefined };
  return {
    kind: 'fixed',
    text,
    prefix: split.area,
    subscriber: split.subscriber,
    extension: split.extension,
    carrier: undefined,
  };
}

function format(value: Phone): string {
  if (value.kind === 'mobile') return value.prefix + value.subscriber;
  return `${value.prefix}-${value.subscriber}${value.extension === undefined ? '' : `-${value.extension}`}`;
}

/** Mobile number. Errors: length, digits, a segment that is not assigned. */
export const mobile: CodeKind<Phone, { segment?: string }> = {
  name: 'mobile',
  title: { zh: '手机号码', en: 'mobile number' },
  check: checkMobile,
  explain: explainMobile,
  parse: (text): Outcome<Phone> => outcome(explainMobile(text), () => partsOf(text)),
  normalise: normalisePhone,
  format,
  generate(seed, wishes = {}) {
    const random = randomOf(seed);
    return (wishes.segment ?? pick(random, MOBILE_SEGMENTS)) + letters(random, '0123456789', 8);
  },
};

function withArea(text: string, options: PhoneOptions = {}): string {
  return options.areaCode !== undefined && subscriberOk(text) ? `${options.areaCode}-${text}` : text;
}

/** Fixed-line number in standard form, `0574-63812345` or `0574-63812345-801`. */
export const fixedPhone: CodeKind<Phone, { areaCode?: string }, PhoneOptions> = {
  name: 'fixed-phone',
  title: { zh: '固定电话号码', en: 'fixed-line number' },
  check: checkFixed,
  explain: (text, options) => explainFixed(withArea(text, options)),
  parse: (text, options): Outcome<Phone> => {
    const whole = withArea(text, options);
    return outcome(explainFixed(whole), () => partsOf(whole));
  },
  normalise: normalisePhone,
  format,
  generate(seed, wishes = {}) {
    const random = randomOf(seed);
    return `${wishes.areaCode ?? '0574'}-${letters(random, '2345678', 1)}${letters(random, '0123456789', 7)}`;
  },
};

/** A mobile or a fixed-line number. The reasons are those of the kind that the text looks like. */
export const phone: CodeKind<Phone, { kind?: Phone['kind'] }, PhoneOptions> = {
  name: 'phone',
  title: { zh: '电话号码', en: 'telephone number' },
  check: (text) => checkMobile(text) || checkFixed(text),
  explain(text, options) {
    return /^1\d{7,}$/.test(text) ? explainMobile(text) : fixedPhone.explain(text, options);
  },
  parse(text, options): Outcome<Phone> {
    const reasons = phone.explain(text, options);
    return outcome(reasons, () => partsOf(acceptable(reasons) ? withArea(text, options) : text));
  },
  normalise: normalisePhone,
  format,
  generate: (seed, wishes = {}) => (wishes.kind === 'fixed' ? fixedPhone.generate(seed) : mobile.generate(seed)),
};
