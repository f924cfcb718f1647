/**
 * What a form is (表单设计) and what a record's values are (填报内容): the contract between the hub and the console. Pure: no Node, no engine,
 * no other file of the hub, so that a phone without a network reads the same meaning. The evaluation over it stands in pure/.
 */
import { z } from 'zod';

/** A text in Chinese; English beside it where the department wrote one. */
export const words = z.strictObject({
  zh: z.string().trim().min(1).max(200),
  en: z.string().trim().max(200).optional(),
});
const longWords = z.strictObject({
  zh: z.string().trim().min(1).max(2000),
  en: z.string().trim().max(2000).optional(),
});

/** Names that the hub keeps for its own columns, that expressions mean otherwise, or that every JavaScript object answers to. */
export const reservedNames: readonly string[] = [
  ...['record_id', 'collected_at', 'collected_by', 'form_version', 'accepted_at'],
  ...['today', 'true', 'false', 'null', 'and', 'or', 'not', 'constructor'],
];

/** The name of a field: what expressions and the source's columns call it. */
export const fieldName = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,39}$/, 'lower case letters, digits and _, starting with a letter')
  .refine((n) => !reservedNames.includes(n) && !n.startsWith('dsc_'), 'a name that the hub keeps for itself');

/** An expression over fields (pure/expression.ts); judged as a whole by pure/check.ts. */
export const expressionText = z.string().trim().min(1).max(1000);

/** How a field is protected (PIPL, GB/T 35273); `sensitive` values live in the vault and are tokens elsewhere. */
export const fieldProtection = z.enum(['public', 'internal', 'personal', 'sensitive']);

const common = {
  name: fieldName,
  title: words,
  hint: words.optional(),
  /** Asked for: always, or where an expression is true. */
  required: z.union([z.boolean(), expressionText]).default(false),
  /** Shown (and kept) only where this is true. */
  visible: expressionText.optional(),
  /** Absent: what the kind says (citizen id and phone: sensitive; persons, pictures, signatures, addresses and places: personal; else internal). */
  protection: fieldProtection.optional(),
};

const count = (most: number) => z.int().min(0).max(most);
const dayOrToday = z.string().regex(/^(today|\d{4}-\d{2}-\d{2})$/, 'YYYY-MM-DD or today');
export const option = z.strictObject({ code: z.string().trim().min(1).max(40), title: words });

/** National code tables that a choice may use: divisions (GB/T 2260 with towns) and industries (GB/T 4754). */
export const codeTables = ['division', 'industry'] as const;
export type CodeTable = (typeof codeTables)[number];

const text = z.strictObject({
  kind: z.literal('text'),
  ...common,
  minLength: count(500).optional(),
  maxLength: z.int().min(1).max(500).default(200),
  /** A pattern of the restricted language (pure/pattern.ts): matched against the whole value in linear time. */
  pattern: z.string().min(1).max(200).optional(),
  /** Said instead of the hub's sentence when the pattern does not fit. */
  patternMessage: words.optional(),
  /** No two records of the form may have the same value (withdrawn ones left out). */
  unique: z.boolean().default(false),
  /** What the text means to the libraries. */
  meaning: z.enum(['person-name', 'company-name', 'document-number', 'email', 'postcode']).optional(),
});
const longText = z.strictObject({
  kind: z.literal('long-text'),
  ...common,
  maxLength: z.int().min(1).max(5000).default(2000),
});
const integer = z.strictObject({
  kind: z.literal('integer'),
  ...common,
  min: z.int().optional(),
  max: z.int().optional(),
  unit: z.string().trim().min(1).max(20).optional(),
});
const decimal = z.strictObject({
  kind: z.literal('decimal'),
  ...common,
  min: z.number().optional(),
  max: z.number().optional(),
  /** Digits behind the point. */
  places: count(6).default(2),
  unit: z.string().trim().min(1).max(20).optional(),
});
const date = z.strictObject({
  kind: z.literal('date'),
  ...common,
  min: dayOrToday.optional(),
  max: dayOrToday.optional(),
});
const datetime = z.strictObject({ kind: z.literal('datetime'), ...common });
const yesNo = z.strictObject({ kind: z.literal('boolean'), ...common });
const choice = z.strictObject({
  kind: z.literal('choice'),
  ...common,
  multiple: z.boolean().default(false),
  /** Own list; or a national table below a code (`under: '330282'`). */
  options: z.array(option).max(500).default([]),
  table: z.enum(codeTables).optional(),
  under: z.string().max(12).optional(),
  /** Of multiple choices. */
  maxChosen: z.int().min(1).max(100).optional(),
});
const citizenId = z.strictObject({ kind: z.literal('citizen-id'), ...common, unique: z.boolean().default(false) });
const phone = z.strictObject({ kind: z.literal('phone'), ...common });
const uscc = z.strictObject({ kind: z.literal('uscc'), ...common, unique: z.boolean().default(false) });
const address = z.strictObject({ kind: z.literal('address'), ...common });
/** A point: kept as WGS 84 whatever it was written in. */
const place = z.strictObject({
  kind: z.literal('place'),
  ...common,
  /** Worst accuracy in metres that is taken; absent: any. */
  accuracy: z.number().positive().max(10_000).optional(),
});
const picture = z.strictObject({ kind: z.literal('picture'), ...common, most: z.int().min(1).max(9).default(3) });
const file = z.strictObject({
  kind: z.literal('file'),
  ...common,
  most: z.int().min(1).max(9).default(1),
  types: z
    .array(z.enum(['pdf', 'docx', 'xlsx', 'jpeg', 'png', 'webp', 'txt', 'csv']))
    .min(1)
    .max(8)
    .default(['pdf', 'docx', 'xlsx', 'jpeg', 'png']),
});
const signature = z.strictObject({ kind: z.literal('signature'), ...common });
const relation = z.strictObject({
  kind: z.literal('relation'),
  ...common,
  to: z.enum(['person', 'enterprise', 'building', 'address']),
  /** Whether something that the hub does not know may be named in words instead. */
  free: z.boolean().default(true),
});
const calculated = z.strictObject({
  kind: z.literal('calculated'),
  name: fieldName,
  title: words,
  hint: words.optional(),
  visible: expressionText.optional(),
  protection: fieldProtection.optional(),
  expression: expressionText,
  /** Digits behind the point of a number. */
  places: count(6).default(2),
  unit: z.string().trim().min(1).max(20).optional(),
});
/** A heading between fields, and a text to read; neither has a value. */
const section = z.strictObject({
  kind: z.literal('section'),
  name: fieldName,
  title: words,
  visible: expressionText.optional(),
});
const note = z.strictObject({
  kind: z.literal('note'),
  name: fieldName,
  text: longWords,
  visible: expressionText.optional(),
});

/** What may stand in a row of a sub-table. */
export const cellField = z.discriminatedUnion('kind', [
  text,
  longText,
  integer,
  decimal,
  date,
  datetime,
  yesNo,
  choice,
  uscc,
  address,
  calculated,
]);
const table = z.strictObject({
  kind: z.literal('table'),
  ...common,
  fields: z.array(cellField).min(1).max(30),
  min: count(200).default(0),
  max: z.int().min(1).max(200).default(50),
});

export const field = z.discriminatedUnion('kind', [
  ...cellField.options,
  citizenId,
  phone,
  place,
  picture,
  file,
  signature,
  relation,
  table,
  section,
  note,
]);

/** A check over several fields: must be true (or have nothing to say: null) for a record to be handed in. */
export const rule = z.strictObject({
  id: fieldName,
  expression: expressionText,
  message: words,
  /** Fields that the fault is shown at. */
  fields: z.array(fieldName).max(10).default([]),
});

/**
 * The way of a record: draft → submitted → (checked) → accepted, or returned to who filled it in. Periods are working days of the city;
 * null: no clock. Without `accept` a record is accepted by the hub itself when it was checked (or handed in).
 */
export const flow = z.strictObject({
  check: z
    .strictObject({ days: z.int().min(1).max(60).nullable().default(2) })
    .nullable()
    .default(null),
  accept: z
    .strictObject({ days: z.int().min(1).max(60).nullable().default(5) })
    .nullable()
    .default({ days: 5 }),
  /** For a returned record to be handed in again. */
  mendDays: z.int().min(1).max(60).nullable().default(5),
  /** Nobody checks or accepts what they filled in themselves. */
  fourEyes: z.boolean().default(true),
});

/** What the records are to the exchange, the catalogue and the libraries (docs/forms.md, "A source like any other"). */
export const sourceOptions = z.strictObject({
  /** Whether accepted records become a source at all. */
  enabled: z.boolean().default(true),
  subject: z.enum(['legal-person', 'natural-person', 'place', 'none']).default('none'),
  category: z
    .enum([
      ...([
        'registration',
        'permit',
        'penalty',
        'asset',
        'honour',
        'tax',
        'social-insurance',
        'utility',
        'operation',
      ] as const),
      ...(['court', 'dishonesty', 'bad-loan', 'other'] as const),
    ])
    .default('other'),
  level: z.enum(['important', 'general']).default('general'),
  sharing: z
    .strictObject({
      type: z.enum(['unconditional', 'conditional', 'refused']),
      condition: z.string().trim().max(500).optional(),
      ground: z.string().trim().max(500).optional(),
    })
    .default({ type: 'conditional', condition: '按需申请，说明用途' }),
  cadence: z
    .enum(['realtime', 'daily', 'weekly', 'half-monthly', 'monthly', 'quarterly', 'yearly'])
    .default('half-monthly'),
});

/** A form's design. */
export const design = z.strictObject({
  title: words,
  abstract: longWords.optional(),
  fields: z.array(field).min(1).max(200),
  rules: z.array(rule).max(50).default([]),
  flow: flow.default({ check: null, accept: { days: 5 }, mendDays: 5, fourEyes: true }),
  /** The field whose value names a record in lists; absent: the first text. */
  caption: fieldName.optional(),
  /** Fields shown as columns of the list; empty: the first six that have a short value. */
  listed: z.array(fieldName).max(12).default([]),
  source: sourceOptions.prefault({}),
});

export type Words = z.infer<typeof words>;
export type Field = z.infer<typeof field>;
export type CellField = z.infer<typeof cellField>;
export type FieldKind = Field['kind'];
export type TableField = Extract<Field, { kind: 'table' }>;
export type Rule = z.infer<typeof rule>;
export type Flow = z.infer<typeof flow>;
export type Design = z.infer<typeof design>;
/** A design as it is written, before defaults are put in. */
export type DesignInput = z.input<typeof design>;
export type FieldProtection = z.infer<typeof fieldProtection>;

// ---- values -------------------------------------------------------------------------------------------------------------------------

/**
 * An identity number or a telephone number. In: its text, or `{ token }` as it was given out (unchanged). Out: always `{ token, shown }`, masked
 * (`shown` is what may be shown); the original is asked for at the vault with a purpose.
 */
export const secretValue = z.union([
  z.string().max(60),
  z.strictObject({ token: z.string().max(60), shown: z.string().max(60).optional() }),
]);
/** In: the text; the hub adds the normal form. */
export const addressValue = z.union([
  z.string().max(300),
  z.strictObject({ text: z.string().max(300), normal: z.string().max(400).optional() }),
]);
/** In: any of the systems (absent: WGS 84). Out: WGS 84, `from` tells what it was converted from. `accuracy` in metres. */
export const placeValue = z.strictObject({
  lon: z.number().min(-180).max(180),
  lat: z.number().min(-90).max(90),
  accuracy: z.number().nonnegative().max(100_000).optional(),
  system: z.enum(['wgs84', 'gcj02', 'bd09']).optional(),
  from: z.enum(['gcj02', 'bd09']).optional(),
});
/** A file that was sent before (POST /api/v1/forms/files …): its id; name, type and size are the hub's to say. */
export const fileValue = z.strictObject({
  id: z.uuid(),
  name: z.string().max(200).optional(),
  type: z.string().max(100).optional(),
  bytes: z.number().int().nonnegative().optional(),
});
/**
 * What a relation points at: `id` as the search gave it, `title` as it was shown (masked for persons), `code` the social credit code of an enterprise.
 * Without an id: something named in words only (`free`).
 */
export const relationValue = z.strictObject({
  id: z.string().max(80).optional(),
  title: z.string().trim().min(1).max(200),
  code: z.string().max(40).optional(),
});
const plainValue = z.union([
  z.string().max(5000),
  z.number(),
  z.boolean(),
  z.null(),
  z.array(z.string().max(40)).max(100),
  secretValue,
  addressValue,
  placeValue,
  relationValue,
  z.array(fileValue).max(9),
]);
const rowValue = z.record(z.string().max(40), plainValue);
/**
 * Values of a record by field name. text, long-text, date (YYYY-MM-DD), datetime (ISO 8601 with zone), choice (code) and uscc: strings; integer and
 * decimal: numbers; boolean; multiple choice: codes; picture, file, signature: lists of files; table: list of rows. Null or absent: not filled in.
 * Only the shape is held here, so that a draft keeps what was typed; pure/validate.ts says what is wrong with it.
 */
export const values = z.record(z.string().max(40), z.union([plainValue, z.array(rowValue).max(200)]));

export type Values = z.infer<typeof values>;
export type Value = Values[string];
export type RowValue = z.infer<typeof rowValue>;
export type SecretValue = z.infer<typeof secretValue>;
export type AddressValue = z.infer<typeof addressValue>;
export type PlaceValue = z.infer<typeof placeValue>;
export type FileValue = z.infer<typeof fileValue>;
export type RelationValue = z.infer<typeof relationValue>;

/** A fault in values (or in a design): where, a stable code, and the sentences. */
export interface Fault {
  /** Field; in a sub-table `needs[3].kind` (rows from 1). Empty: the whole. */
  at: string;
  code: string;
  zh: string;
  en: string;
}
