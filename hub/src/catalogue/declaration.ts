/**
 * What a source folder declares (`sources/<owner>/<resource>/source.yaml`). This schema is the single meaning of a
 * source: the catalogue publishes it, exchange collects by it, the refinery cleans and matches by it, the libraries
 * integrate by it, and protection masks by it.
 */
import { z } from 'zod';
import { message } from '../platform/i18n/index.ts';

/** A text in Chinese with English beside it. */
export const bilingual = z.strictObject({ zh: z.string().min(1), en: z.string().min(1) });

/** How a field is protected (PIPL, GB/T 35273). `sensitive` values live in the vault; the lake holds tokens. */
export const protection = z.enum(['public', 'internal', 'personal', 'sensitive']);

/** What a value is written as in the source and becomes after cleaning. */
export const fieldType = z.enum(['text', 'integer', 'decimal', 'date', 'datetime', 'boolean']);

/** What a value means: selects its normaliser and its checks. */
export const fieldFormat = z.enum([
  'uscc',
  'orgcode',
  'regno',
  'citizen-id',
  'phone',
  'division',
  'industry',
  'company-name',
  'person-name',
  'address',
  'amount',
  'postcode',
  'email',
  'url',
  'document-number',
  'status',
  /** A geometry as WKT, x before y. */
  'wkt',
  'longitude',
  'latitude',
]);

/** The coordinate system of a wkt, longitude or latitude: GCJ-02 is the shifted one of map services. */
export const coordinateSystem = z.enum(['wgs84', 'cgcs2000', 'gcj02']);

/** What a field does when a row is matched to a legal person. */
export const matchRole = z.enum([
  'uscc',
  'orgcode',
  'regno',
  'name',
  'former-name',
  'address',
  'person',
  'person-id',
  'phone',
]);

/** What a field is in the fact that the row becomes. */
export const factRole = z.enum(['date', 'valid-to', 'amount', 'title', 'status', 'number', 'authority']);

/** The attribute of the golden record that a field speaks to. */
export const goldenAttribute = z.enum([
  'name',
  'uscc',
  'orgcode',
  'regno',
  'kind',
  'status',
  'legal-representative',
  'legal-representative-id',
  'capital',
  'currency',
  'established',
  'closed',
  'address',
  'division',
  'industry',
  'scope',
  'phone',
  'authority',
  'employees',
]);

/** The classes of the enterprise panorama (mission R6). */
export const panoramaCategory = z.enum([
  'registration',
  'permit',
  'penalty',
  'asset',
  'honour',
  'tax',
  'social-insurance',
  'utility',
  'operation',
  'court',
  'dishonesty',
  'bad-loan',
  'other',
]);

const fieldName = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,62}$/, 'lower case letters, digits and _, starting with a letter');

export const field = z.strictObject({
  name: fieldName,
  /** The column's name in what the department delivers, when it differs from `name`. */
  column: z.string().min(1).optional(),
  title: bilingual,
  type: fieldType,
  format: fieldFormat.optional(),
  /** Of coordinates: what they are written in; the hub keeps WGS 84. */
  system: coordinateSystem.optional(),
  /** Unit of a number: 元, 万元, 人, 吨, 千瓦时, 立方米, % … */
  unit: z.string().min(1).optional(),
  /** A row in which it is blank is quarantined. */
  required: z.boolean().default(false),
  /** Allowed codes and what they mean. */
  codes: z.record(z.string(), z.string()).optional(),
  /** Spellings seen in the source and the value that they stand for: `{ 在业: 存续 }`. */
  synonyms: z.record(z.string(), z.string()).optional(),
  /** Bounds of a number or a date (inclusive). */
  min: z.union([z.number(), z.string()]).optional(),
  max: z.union([z.number(), z.string()]).optional(),
  /** What happens to a value that breaks its type, format, codes or bounds: the row goes to quarantine, or the value is flagged. */
  onInvalid: z.enum(['flag', 'quarantine']).default('flag'),
  protection: protection.default('public'),
  role: matchRole.optional(),
  fact: factRole.optional(),
  golden: goldenAttribute.optional(),
  /** The data element that it is one of (elements/<group>.yaml). */
  element: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,60}$/)
    .optional(),
});

/** How rows say that a natural or legal person is related to the row's subject. */
export const relation = z.strictObject({
  kind: z.enum(['shareholder', 'executive', 'supervisor', 'legal-representative', 'branch', 'guarantee', 'contact']),
  /** Fields that name the other end: a person (name, identity number) or an organisation (name, code). */
  person: fieldName.optional(),
  personId: fieldName.optional(),
  organisation: fieldName.optional(),
  organisationCode: fieldName.optional(),
  /** Fields that qualify it. */
  position: fieldName.optional(),
  amount: fieldName.optional(),
  share: fieldName.optional(),
  from: fieldName.optional(),
  to: fieldName.optional(),
});

const secret = z.string().describe('the name of a secret in the configuration, never the secret itself');

export const transport = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('file'),
    /** File names inside the source's inbox: `*.csv`. */
    pattern: z.string().default('*'),
    format: z.enum(['csv', 'xlsx', 'jsonl', 'parquet']).default('csv'),
    encoding: z.enum(['utf-8', 'gb18030', 'utf-16']).default('utf-8'),
    delimiter: z.string().min(1).max(4).default(','),
    sheet: z.string().optional(),
  }),
  z.strictObject({
    kind: z.enum(['postgres', 'mysql']),
    connection: secret,
    table: z.string().min(1),
    /** Column by which changes are found; absent: the whole table each time. */
    watermark: z.string().optional(),
  }),
  z
    .strictObject({
      kind: z.literal('http-pull'),
      url: z.string().url(),
      /**
       * A bearer token or a user with password for the requests; absent: the secret that is named as the source is, with `-`
       * for `.` (`scjg-market-entity`), when there is one, else none. With `oauth2`, its own credentials are used.
       */
      credentials: secret.optional(),
      /** JSON pointer to the array of rows. */
      items: z.string().default(''),
      paging: z
        .discriminatedUnion('kind', [
          z.strictObject({
            kind: z.literal('page'),
            parameter: z.string(),
            sizeParameter: z.string(),
            size: z.number().int().positive(),
          }),
          z.strictObject({ kind: z.literal('cursor'), parameter: z.string(), next: z.string() }),
        ])
        .optional(),
      oauth2: z
        .strictObject({ tokenUrl: z.string().url(), credentials: secret, scope: z.string().optional() })
        .optional(),
    })
    .refine((t) => t.credentials === undefined || t.oauth2 === undefined, {
      path: ['credentials'],
      error: message('credentials 与 oauth2 只能有其一', 'either credentials or oauth2, not both'),
    }),
  z.strictObject({ kind: z.literal('http-push'), maxRows: z.number().int().positive().max(100_000).default(10_000) }),
  /** A source that cannot deliver yet: its place is kept (留好空间). */
  z.strictObject({
    kind: z.literal('unavailable'),
    reason: bilingual,
    expected: z.string().regex(/^\d{4}-\d{2}-\d{2}$/),
  }),
]);

export const sourceDeclaration = z.strictObject({
  /** `<owner>.<resource>`, the same as the folder's path. */
  id: z.string().regex(/^[a-z][a-z0-9]*\.[a-z][a-z0-9-]*$/),
  /** Small number that stands for the class in facts; unique over all sources; never used again. */
  number: z.number().int().min(1).max(32767),
  title: bilingual,
  abstract: bilingual,
  /** Organisation id (cities/<city>/organisations.yaml). */
  owner: z.string(),
  category: panoramaCategory,
  subject: z.enum(['legal-person', 'natural-person', 'place', 'none']),
  /** Rows with a valid code found here make legal persons known (registers of market, civil affairs, institutions). */
  register: z.boolean().default(false),
  /** Trust among sources that speak to the same golden attribute: 1 is the most trusted. */
  rank: z.number().int().min(1).max(99).default(50),
  /** Level of the resource (GB/T 43697). */
  level: z.enum(['core', 'important', 'general']),
  sharing: z.strictObject({
    type: z.enum(['unconditional', 'conditional', 'refused']),
    condition: z.string().optional(),
    ground: z.string().optional(),
  }),
  open: z.boolean().default(false),
  cadence: z.enum(['realtime', 'daily', 'weekly', 'half-monthly', 'monthly', 'quarterly', 'yearly']),
  /** `snapshot`: each delivery is the whole; `changes`: rows carry dsc_biz_operation I/U/D and dsc_biz_timestamp. */
  mode: z.enum(['snapshot', 'changes']),
  /** Fields whose values together name a record for ever (业务主键); empty: each distinct row is its own record. */
  key: z.array(fieldName),
  transport,
  /** What happens when columns appear or vanish: evolve (new ones are kept aside), freeze (the run stops), discard. */
  contract: z.enum(['evolve', 'freeze', 'discard']).default('freeze'),
  /**
   * A file beside source.yaml with one SELECT over `received` that answers the declared fields; what it may be is written
   * in mapping.ts. With a mapping, the contract is about the columns that the mapping reads, and `column` is not used.
   */
  mapping: z.string().optional(),
  fields: z.array(field).min(1),
  relations: z.array(relation).default([]),
  /**
   * What becomes of a person's rows when they are erased (docs/erasure.md): deleted, unless a law makes the city keep them, which it names;
   * kept ones are locked away. An officer may decide otherwise in one matter, with a reason.
   */
  erasure: z
    .strictObject({ action: z.enum(['delete', 'keep']), ground: bilingual.optional() })
    .refine((e) => e.action === 'delete' || e.ground !== undefined, {
      path: ['ground'],
      error: message('保留须写明法律依据', 'what is kept names the law that says so'),
    })
    .optional(),
  /** Asserted on every run. */
  expect: z
    .strictObject({
      minRows: z.number().int().nonnegative().optional(),
      maxRows: z.number().int().positive().optional(),
      maxQuarantinedShare: z.number().min(0).max(1).default(0.05),
    })
    .default({ maxQuarantinedShare: 0.05 }),
});

/** A declaration; `mappingText` is what its mapping file holds, put in when the folder is read. */
export type SourceDeclaration = z.infer<typeof sourceDeclaration> & { mappingText?: string };
export type SourceField = z.infer<typeof field>;
export type SourceTransport = z.infer<typeof transport>;
export type SourceRelation = z.infer<typeof relation>;
export type Protection = z.infer<typeof protection>;
export type GoldenAttribute = z.infer<typeof goldenAttribute>;
export type PanoramaCategory = z.infer<typeof panoramaCategory>;
