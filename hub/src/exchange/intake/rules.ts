/**
 * What sends a row to quarantine: a required value that is blank, and values that break their type, format, codes or
 * bounds where the declaration says `onInvalid: quarantine`. The same functions judge rows that were mended.
 */
import {
  citizenId,
  daysOfMonth,
  division,
  industry,
  orgcode,
  parseDate,
  phone,
  postcode,
  regno,
  uscc,
} from '@jingwei/codes';
import type { SourceField } from '../../catalogue/index.ts';
import type { RowFault } from './plan.ts';

/** The rule of a row of which a mapping could not answer a field; its parameter `fields` names them with `, ` between. */
export const MAPPING_CAST = 'mapping-cast';

/** How one field is judged. `test` is absent where only blankness counts. */
export interface FieldCheck {
  field: string;
  required: boolean;
  test?: (value: string) => RowFault | null;
}

const NUMBER = { integer: /^[+-]?\d{1,18}$/, decimal: /^[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?$/ };
const TRUTH = new Set(['1', '0', 'true', 'false', 't', 'f', 'y', 'n', 'yes', 'no', '是', '否', '有', '无']);

const kinds: Partial<Record<string, (value: string) => boolean>> = {
  uscc: uscc.check,
  orgcode: orgcode.check,
  regno: regno.check,
  'citizen-id': citizenId.check,
  phone: phone.check,
  division: division.check,
  postcode: postcode.check,
  industry: industry.check,
  email: (v) => /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(v),
  url: (v) => URL.canParse(v) || URL.canParse(`http://${v}`),
};

/** Whether the bytes are only spaces (U+0020, tabs, U+3000, U+00A0). */
export function blank(bytes: Uint8Array, from: number, to: number): boolean {
  for (let p = from; p < to; p++) {
    const c = bytes[p]!;
    if (c === 32 || c === 9) continue;
    if (c === 0xe3 && bytes[p + 1] === 0x80 && bytes[p + 2] === 0x80) p += 2;
    else if (c === 0xc2 && bytes[p + 1] === 0xa0) p += 1;
    else return false;
  }
  return true;
}

const USUAL = /^(\d{4})(-?)(\d{2})\2(\d{2})$/;

/** The day that a text means, or null. The usual two spellings are decided here; the others are parsed. */
function dayOf(value: string): string | null {
  const m = USUAL.exec(value);
  if (!m) {
    const parsed = parseDate(value);
    return parsed.ok ? parsed.value.iso : null;
  }
  const [year, month, day] = [Number(m[1]), Number(m[3]), Number(m[4])];
  const fits = year >= 1800 && year <= 2100 && month >= 1 && month <= 12 && day >= 1 && day <= daysOfMonth(year, month);
  return fits ? `${m[1]}-${m[3]}-${m[4]}` : null;
}

function typeHolds(field: SourceField, value: string): boolean {
  switch (field.type) {
    case 'integer':
    case 'decimal':
      return NUMBER[field.type].test(value);
    case 'date':
    case 'datetime':
      return dayOf(value) !== null;
    case 'boolean':
      return TRUTH.has(value.toLowerCase());
    default:
      return true;
  }
}

function outside(field: SourceField, value: string): RowFault | null {
  if (field.min === undefined && field.max === undefined) return null;
  const dated = field.type === 'date' || field.type === 'datetime';
  const own = dated ? (dayOf(value) ?? '') : Number(value.replaceAll(',', ''));
  const bound = (b: string | number) => (dated ? String(b) : Number(b));
  if (field.min !== undefined && own < bound(field.min))
    return { rule: 'min', field: field.name, params: { bound: field.min } };
  if (field.max !== undefined && own > bound(field.max))
    return { rule: 'max', field: field.name, params: { bound: field.max } };
  return null;
}

const made = new WeakMap<SourceField, { check: FieldCheck | undefined }>();

/** The check of one field, or undefined when nothing of it sends a row to quarantine. */
export function fieldChecks(field: SourceField): FieldCheck | undefined {
  let held = made.get(field);
  if (!held) {
    held = { check: makeCheck(field) };
    made.set(field, held);
  }
  return held.check;
}

function makeCheck(field: SourceField): FieldCheck | undefined {
  const strict = field.onInvalid === 'quarantine';
  if (!strict) return field.required ? { field: field.name, required: true } : undefined;
  const codes = field.codes && new Set([...Object.keys(field.codes), ...Object.keys(field.synonyms ?? {})]);
  const kind = field.format === undefined ? undefined : kinds[field.format];
  const fault = (rule: string, params: RowFault['params'] = {}): RowFault => ({ rule, field: field.name, params });
  const test = (written: string): RowFault | null => {
    const value = written.trim();
    if (value === '') return null;
    if (codes) return codes.has(value) ? null : fault('codes');
    if (!typeHolds(field, value)) return fault('type', { type: field.type });
    if (kind && !kind(value)) return fault('format', { format: field.format! });
    return outside(field, value);
  };
  return { field: field.name, required: field.required, test };
}

/** Judges a whole row by declared order; the first fault in field order, or null. */
export function judge(fields: readonly SourceField[], values: readonly (string | null)[]): RowFault | null {
  for (let i = 0; i < fields.length; i++) {
    const check = fieldChecks(fields[i]!);
    if (!check) continue;
    const value = values[i] ?? '';
    const bytes = Buffer.from(value);
    if (blank(bytes, 0, bytes.length)) {
      if (check.required) return { rule: 'required', field: check.field, params: {} };
    } else {
      const fault = check.test?.(value);
      if (fault) return fault;
    }
  }
  return null;
}
