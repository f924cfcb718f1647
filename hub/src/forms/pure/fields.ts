/** What the kinds of fields mean: their types in expressions, what counts as blank, how they are protected, how a value is said in words. */
import type {
  AddressValue,
  CellField,
  Design,
  Field,
  FieldProtection,
  FileValue,
  PlaceValue,
  RelationValue,
  RowValue,
  SecretValue,
  TableField,
  Value,
  Values,
} from '../design.ts';
import type { Computed, Names, Type } from './expression.ts';
import { typeOf } from './expression.ts';
import { ExpressionError, parse } from './syntax.ts';

/** A field that has a value (headings and notes have none). */
export type ValueField = Exclude<Field, { kind: 'section' | 'note' }>;
export const hasValue = (f: Field): f is ValueField => f.kind !== 'section' && f.kind !== 'note';
export const valueFields = (d: Pick<Design, 'fields'>): ValueField[] => d.fields.filter(hasValue);

/** The type of a field in expressions; of a calculated one by its expression (undefined: it has none, or reads itself). */
export function typeOfField(field: Field | CellField, names: Names): Type | undefined {
  switch (field.kind) {
    case 'integer':
    case 'decimal':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'date':
      return 'date';
    case 'datetime':
      return 'datetime';
    case 'choice':
      return field.multiple ? 'list' : 'text';
    case 'table':
      return 'table';
    case 'picture':
    case 'file':
    case 'signature':
      return 'list';
    case 'section':
    case 'note':
      return undefined;
    case 'calculated':
      try {
        const type = typeOf(parse(field.expression), names);
        return type === 'table' || type.startsWith('column-') ? undefined : type;
      } catch (error) {
        if (error instanceof ExpressionError) return undefined;
        throw error;
      }
    default:
      return 'text';
  }
}

/** What names mean in a design; in a row of a sub-table its own columns come first. Reading in circles ends in undefined. */
export function namesOf(design: Pick<Design, 'fields'>, row?: TableField): Names {
  const outer = new Map(design.fields.map((f) => [f.name, f]));
  const inner = new Map((row?.fields ?? []).map((f) => [f.name, f]));
  const busy = new Set<string>();
  const names: Names = {
    type(name) {
      const field = inner.get(name) ?? outer.get(name);
      if (!field || busy.has(name)) return undefined;
      busy.add(name);
      try {
        return typeOfField(field, names);
      } finally {
        busy.delete(name);
      }
    },
    column(table, name) {
      const held = outer.get(table);
      if (held?.kind !== 'table') return undefined;
      const field = held.fields.find((f) => f.name === name);
      return field && typeOfField(field, namesOf(design, held));
    },
  };
  return names;
}

export const isSecret = (v: unknown): v is Exclude<SecretValue, string> =>
  typeof v === 'object' && v !== null && 'token' in v;
export const isAddress = (v: unknown): v is Exclude<AddressValue, string> =>
  typeof v === 'object' && v !== null && 'text' in v;
export const isPlace = (v: unknown): v is PlaceValue => typeof v === 'object' && v !== null && 'lon' in v;
export const isRelation = (v: unknown): v is RelationValue => typeof v === 'object' && v !== null && 'title' in v;
export const isRows = (v: unknown): v is RowValue[] =>
  Array.isArray(v) && v.every((r) => typeof r === 'object' && r !== null && !Array.isArray(r));
export const isFiles = (v: unknown): v is FileValue[] =>
  Array.isArray(v) && v.every((r) => typeof r === 'object' && r !== null && 'id' in r);

/** Whether nothing is filled in. */
export const isBlank = (v: unknown): boolean =>
  v === undefined ||
  v === null ||
  (typeof v === 'string' && v.trim() === '') ||
  (Array.isArray(v) && v.length === 0) ||
  (isAddress(v) && v.text.trim() === '');

/** A value as expressions see it: texts of addresses and relations, tokens of secrets, never an object. */
export function computedOf(field: Field | CellField, value: unknown): Computed {
  if (isBlank(value)) return null;
  switch (field.kind) {
    case 'integer':
    case 'decimal':
      return typeof value === 'number' && Number.isFinite(value) ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'choice':
      if (field.multiple) return Array.isArray(value) ? value.filter((v): v is string => typeof v === 'string') : null;
      return typeof value === 'string' ? value : null;
    case 'picture':
    case 'file':
    case 'signature':
      return isFiles(value) ? value.map((f) => f.id) : null;
    case 'calculated':
      return typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean' ? value : null;
    case 'table':
      return null;
    default:
      if (isSecret(value)) return value.token;
      if (isAddress(value)) return value.text;
      if (isRelation(value)) return value.title;
      return typeof value === 'string' ? value : null;
  }
}

/** How a field is protected where its design does not say. */
export function protectionOf(field: ValueField): FieldProtection {
  if (field.kind === 'citizen-id' || field.kind === 'phone') return 'sensitive';
  if (field.protection) return field.protection;
  if (field.kind === 'relation') return field.to === 'person' ? 'personal' : 'internal';
  if (field.kind === 'picture' || field.kind === 'signature' || field.kind === 'place' || field.kind === 'address')
    return 'personal';
  if (field.kind === 'text' && field.meaning === 'person-name') return 'personal';
  if (field.kind === 'table' || field.kind === 'file' || field.kind === 'long-text') return 'personal';
  return field.kind === 'uscc' ? 'public' : 'internal';
}

/** A value in a few words, for captions, lists, workbooks and paper; '' where there is none. */
export function shownText(field: Field | CellField, value: Value | undefined, language: 'zh' | 'en' = 'zh'): string {
  if (isBlank(value)) return '';
  if (isSecret(value)) return value.shown ?? '***';
  if (isAddress(value)) return value.text;
  if (isPlace(value)) return `${value.lon.toFixed(6)}, ${value.lat.toFixed(6)}`;
  if (isRelation(value)) return value.title;
  if (typeof value === 'boolean') return value ? (language === 'zh' ? '是' : 'Yes') : language === 'zh' ? '否' : 'No';
  if (field.kind === 'choice') {
    const title = (code: unknown) => {
      const found = field.options.find((o) => o.code === code)?.title;
      return found ? (language === 'en' && found.en ? found.en : found.zh) : String(code);
    };
    return (Array.isArray(value) ? value : [value]).map(title).join('、');
  }
  if (field.kind === 'table')
    return isRows(value) ? (language === 'zh' ? `${value.length} 行` : `${value.length} rows`) : '';
  if (isFiles(value)) return value.map((f) => f.name ?? f.id.slice(0, 8)).join('、');
  if (field.kind === 'datetime' && typeof value === 'string') {
    const at = Date.parse(value);
    return Number.isNaN(at) ? value : new Date(at + 8 * 3_600_000).toISOString().slice(0, 16).replace('T', ' ');
  }
  if (
    (field.kind === 'decimal' || field.kind === 'integer' || field.kind === 'calculated') &&
    field.kind !== 'calculated' &&
    field.unit
  )
    return `${value} ${field.unit}`;
  return String(value);
}

/** The name of a record in lists. */
export function captionOf(design: Design, values: Values): string {
  const field =
    design.fields.find((f) => f.name === design.caption) ??
    design.fields.find((f) => (f.kind === 'text' || f.kind === 'relation') && !isBlank(values[f.name]));
  return field ? shownText(field, values[field.name]).slice(0, 120) : '';
}

/** The fields that a list shows as columns. */
export function listedOf(design: Design): ValueField[] {
  const fields = valueFields(design);
  if (design.listed.length) return design.listed.flatMap((n) => fields.find((f) => f.name === n) ?? []);
  const long = new Set(['long-text', 'table', 'picture', 'file', 'signature', 'place']);
  return fields.filter((f) => !long.has(f.kind)).slice(0, 6);
}
