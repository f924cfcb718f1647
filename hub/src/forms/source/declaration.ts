/**
 * What a form's records are as a source: the fields of the declaration that follow from its design, and the row of texts that a record becomes. One
 * record is one business key (`record_id`); a change of an accepted record is a later row, a withdrawn one a deletion.
 */
import type { DeclaredSource, SourceField } from '../../catalogue/index.ts';
import type { Design, Field, Values, Words } from '../design.ts';
import { typeOfField } from '../pure/fields.ts';
import {
  isAddress,
  isFiles,
  isPlace,
  isRelation,
  isRows,
  isSecret,
  namesOf,
  protectionOf,
  shownText,
  type ValueField,
  valueFields,
} from '../pure/index.ts';

const both = (w: Words): { zh: string; en: string } => ({ zh: w.zh, en: w.en || w.zh });
const suffixed = (w: Words, zh: string, en: string) => ({ zh: `${w.zh}${zh}`, en: `${w.en || w.zh} ${en}` });

/** A column of the source: its declaration and how a record fills it. `token`: the value is a token that is opened when the row is sent. */
interface Column {
  field: SourceField;
  token?: boolean;
  text(values: Values): string | null;
}

const declared = (f: Partial<SourceField> & Pick<SourceField, 'name' | 'title' | 'type'>): SourceField => ({
  required: false,
  onInvalid: 'flag',
  protection: 'internal',
  ...f,
});

/** Columns of one field. */
function columnsOf(design: Design, f: ValueField): Column[] {
  const title = both(f.title);
  const protection = protectionOf(f);
  const value = (v: Values) => v[f.name];
  const plain = (field: Partial<SourceField>, text: (v: unknown) => string | null): Column => ({
    field: declared({ name: f.name, title, type: 'text', protection, ...field }),
    text: (v) => (value(v) === undefined || value(v) === null ? null : text(value(v))),
  });
  const asText = (v: unknown) => (typeof v === 'string' ? v : typeof v === 'object' ? JSON.stringify(v) : String(v));
  const legal = design.source.subject === 'legal-person';
  switch (f.kind) {
    case 'text':
      return [
        plain(
          {
            ...(f.meaning ? { format: f.meaning } : {}),
            ...(f.meaning === 'company-name' && legal ? { role: 'name' as const } : {}),
          },
          asText,
        ),
      ];
    case 'integer':
      return [plain({ type: 'integer', ...(f.unit ? { unit: f.unit } : {}) }, asText)];
    case 'decimal':
      return [plain({ type: 'decimal', ...(f.unit ? { unit: f.unit } : {}) }, asText)];
    case 'date':
      return [plain({ type: 'date' }, asText)];
    case 'datetime':
      return [plain({ type: 'datetime' }, asText)];
    case 'boolean':
      return [plain({ type: 'boolean' }, (v) => (v === true ? '是' : '否'))];
    case 'choice':
      if (f.multiple) return [plain({}, (v) => shownText(f, v as never))];
      if (f.table) return [plain({ format: f.table }, asText)];
      return [plain({ codes: Object.fromEntries(f.options.map((o) => [o.code, o.title.zh])) }, asText)];
    case 'citizen-id':
    case 'phone':
      return [
        {
          field: declared({
            name: f.name,
            title,
            type: 'text',
            format: f.kind,
            protection: 'sensitive',
            ...(legal ? { role: f.kind === 'phone' ? ('phone' as const) : ('person-id' as const) } : {}),
          }),
          token: true,
          text: (v) => (isSecret(value(v)) ? (value(v) as { token: string }).token : null),
        },
      ];
    case 'uscc':
      return [plain({ format: 'uscc', ...(legal ? { role: 'uscc' as const } : {}) }, asText)];
    case 'address':
      return [plain({ format: 'address' }, (v) => (isAddress(v) ? v.text : asText(v)))];
    case 'place': {
      const axis = (name: 'lon' | 'lat', zh: string, en: string, format: 'longitude' | 'latitude'): Column => ({
        field: declared({
          name: `${f.name}_${name}`,
          title: suffixed(f.title, zh, en),
          type: 'decimal',
          format,
          system: 'wgs84',
          protection,
        }),
        text: (v) => {
          const at = value(v);
          return isPlace(at) ? String(at[name]) : null;
        },
      });
      return [axis('lon', '（经度）', '(longitude)', 'longitude'), axis('lat', '（纬度）', '(latitude)', 'latitude')];
    }
    case 'picture':
    case 'file':
    case 'signature':
      return [
        {
          field: declared({
            name: `${f.name}_files`,
            title: suffixed(f.title, '（文件数）', '(files)'),
            type: 'integer',
            protection: 'internal',
          }),
          text: (v) => String(isFiles(value(v)) ? (value(v) as unknown[]).length : 0),
        },
      ];
    case 'relation':
      return [
        plain(
          {
            ...(f.to === 'enterprise'
              ? { format: 'company-name' as const, ...(legal ? { role: 'name' as const } : {}) }
              : {}),
          },
          (v) => (isRelation(v) ? v.title : null),
        ),
        ...(f.to === 'person'
          ? []
          : [
              {
                field: declared({
                  ...{
                    name: `${f.name}_code`,
                    title: suffixed(f.title, '（代码）', '(code)'),
                    type: 'text' as const,
                    protection,
                  },
                  ...(f.to === 'enterprise'
                    ? { format: 'uscc' as const, ...(legal ? { role: 'uscc' as const } : {}) }
                    : {}),
                }),
                text: (v: Values) => {
                  const at = value(v);
                  return isRelation(at) ? (at.code ?? null) : null;
                },
              },
            ]),
      ];
    case 'table':
      return [
        {
          field: declared({
            name: `${f.name}_rows`,
            title: suffixed(f.title, '（行数）', '(rows)'),
            type: 'integer',
            protection: 'internal',
          }),
          text: (v) => String(isRows(value(v)) ? (value(v) as unknown[]).length : 0),
        },
        plain({}, (v) => JSON.stringify(v)),
      ];
    case 'calculated': {
      const type = typeOfField(f as Field, namesOf(design));
      const kind =
        type === 'number'
          ? 'decimal'
          : type === 'date'
            ? 'date'
            : type === 'datetime'
              ? 'datetime'
              : type === 'boolean'
                ? 'boolean'
                : 'text';
      return [
        plain({ type: kind, ...(f.unit && kind === 'decimal' ? { unit: f.unit } : {}) }, (v) =>
          typeof v === 'boolean' ? (v ? '是' : '否') : asText(v),
        ),
      ];
    }
    case 'long-text':
      return [plain({}, asText)];
  }
}

const own = (name: string, zh: string, en: string, more: Partial<SourceField>): SourceField =>
  declared({ name, title: { zh, en }, type: 'text', ...more });
const OWN: SourceField[] = [
  own('record_id', '记录编号', 'Number of the record', { required: true, protection: 'public', fact: 'number' }),
  own('collected_at', '采集时间', 'Collected at', { type: 'datetime' }),
  own('collected_by', '采集人', 'Collected by', { format: 'person-name', protection: 'personal' }),
  own('form_version', '表单版本', 'Version of the form', { type: 'integer' }),
  own('accepted_at', '采纳日期', 'Accepted on', { type: 'date', fact: 'date' }),
];

const fieldsOf = (design: Design): SourceField[] =>
  valueFields(design).flatMap((f) => columnsOf(design, f).map((c) => c.field));

/**
 * The declaration of a form's source: the fields of its newest design, and those that only earlier versions had, so that what was collected by them
 * keeps its columns. A role is given once.
 */
export function declarationOf(organisation: string, name: string, designs: readonly Design[]): DeclaredSource {
  const [newest] = designs as [Design, ...Design[]];
  const fields = new Map<string, SourceField>(OWN.map((f) => [f.name, f]));
  for (const d of designs) for (const f of fieldsOf(d)) if (!fields.has(f.name)) fields.set(f.name, f);
  const roles = new Set<string>();
  const all = [...fields.values()].map((f) => {
    if (f.role === undefined) return f;
    const { role, ...rest } = f;
    if (roles.has(role)) return rest as SourceField;
    roles.add(role);
    return f;
  });
  const { source } = newest;
  const abstract = newest.abstract
    ? both(newest.abstract)
    : {
        zh: `本单位以表单“${newest.title.zh}”采集并审核通过的记录。`,
        en: `Records collected with the form "${newest.title.en || newest.title.zh}" and accepted.`,
      };
  return {
    id: `${organisation}.${name}`,
    title: both(newest.title),
    abstract,
    owner: organisation,
    category: source.category,
    subject: source.subject,
    register: false,
    rank: 60,
    level: source.level,
    sharing: {
      type: source.sharing.type,
      ...(source.sharing.condition ? { condition: source.sharing.condition } : {}),
      ...(source.sharing.ground ? { ground: source.sharing.ground } : {}),
    },
    open: false,
    cadence: source.cadence,
    mode: 'changes',
    key: ['record_id'],
    transport: { kind: 'http-push', maxRows: 10_000 },
    contract: 'evolve',
    fields: all,
    relations: [],
    expect: { maxQuarantinedShare: 0.05 },
  };
}

/** The row of texts that a record becomes; tokens stand under `tokens` until the row is sent. */
export interface SourceRow {
  texts: Record<string, string | null>;
  tokens: Record<string, string>;
}

/** The row of an accepted record. */
export function rowOf(
  design: Design,
  r: { id: string; version: number; values: Values; filled_name: string; collected_at: Date | null; received_at: Date },
  acceptedOn: string,
): SourceRow {
  const texts: SourceRow['texts'] = {
    record_id: r.id,
    collected_at: (r.collected_at ?? r.received_at).toISOString(),
    collected_by: r.filled_name,
    form_version: String(r.version),
    accepted_at: acceptedOn,
  };
  const tokens: SourceRow['tokens'] = {};
  for (const f of valueFields(design))
    for (const c of columnsOf(design, f)) {
      const text = c.text(r.values);
      if (text === null) continue;
      if (c.token) tokens[c.field.name] = text;
      else texts[c.field.name] = text;
    }
  return { texts, tokens };
}
