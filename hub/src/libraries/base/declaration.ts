/**
 * What a library folder declares (`libraries/<name>/library.yaml`): one kind of entity (persons, households, buildings …),
 * how rows of the sources tell whom they are about, what they say, and how entities are related. One engine works by it.
 */
import { z } from 'zod';
import { bilingual, fieldFormat, fieldType, protection } from '../../catalogue/index.ts';

const word = z.string().regex(/^[a-z][a-z0-9-]{0,40}$/, 'lower case letters, digits and -, starting with a letter');
const fieldName = z.string().regex(/^[a-z][a-z0-9_]{0,62}$/, 'the name of a field');
const sourceId = z
  .string()
  .regex(/^([a-z][a-z0-9]*\.[a-z][a-z0-9-]*|legal-person)$/, 'the id of a source, or legal-person');
const rank = z.number().int().min(1).max(99);

/**
 * How a value is brought to the form in which it is compared. `citizen-id` is the vault's token of the normal form, and only
 * where the number is valid; the addresses are keys of places (see places.ts).
 */
export const valueForm = z.enum([
  'text',
  'code',
  'date',
  'person-name',
  'citizen-id',
  'address-town',
  'address-road',
  'address-number',
  'address-block',
  'address-room',
]);

const conditions = z.record(fieldName, z.string());

/** What an attribute holds: the types of fields, or a geometry (WKT in WGS 84, six digits). */
const attributeType = z.union([fieldType, z.literal('geometry')]);

/** Where an attribute's value stands in a row: a field, or a value that the row as such says. */
const said = z.union([
  fieldName,
  z.strictObject({
    field: fieldName.optional(),
    /** Of a geometry: the fields of longitude and latitude. */
    point: z.tuple([fieldName, fieldName]).optional(),
    /** What the row says by being there: 死亡 by a certificate of death. */
    value: z.string().min(1).optional(),
    /** The library's word for a word of the source. */
    values: z.record(z.string(), z.string()).optional(),
    /** Only rows in which these fields have these values say it. */
    when: conditions.optional(),
    rank: rank.optional(),
  }),
]);

export const librarySource = z.strictObject({
  source: sourceId,
  /** Which of several entities of this library a row is about: the man and the woman of a marriage. */
  mention: word.default('self'),
  /** What that one is called: 男方. */
  title: bilingual.optional(),
  /** Its rows make entities known. */
  register: z.boolean().default(false),
  /** Trust: 1 is the most trusted; for attributes that do not say it themselves. */
  rank: rank.default(50),
  /** Only these rows are about such an entity. */
  when: conditions.default({}),
  /** Key → field. */
  keys: z.record(word, fieldName).default({}),
  /** Evidence → field. */
  evidence: z.record(word, fieldName).default({}),
  attributes: z.record(word, said).default({}),
});

export const libraryRelation = z.strictObject({
  kind: word,
  title: bilingual,
  /** The title as seen from the other end. */
  back: bilingual,
  /** Another library, this one, or legal-person. */
  to: word,
  /** At one time there is only one: the most trusted source, then the latest row, decides. Its name is a column of the view. */
  single: z.boolean().default(false),
  /** Rows of these sources name both ends. */
  sources: z
    .array(
      z.strictObject({
        source: sourceId,
        rank: rank.default(50),
        from: word.default('self'),
        to: word.default('self'),
        /** Attribute of this library that qualifies it, as the row says it. */
        qualifier: word.optional(),
        /** To a legal person: attribute that holds its unified social credit code, as the row says it. */
        code: word.optional(),
      }),
    )
    .default([]),
  /**
   * By position: my place (of an outline its middle) lies inside the other's outline. `rank` orders it among the rows that say it,
   * `when` restricts the others by their attributes.
   */
  within: z.strictObject({ rank, when: z.record(word, z.string()).default({}) }).optional(),
  /** To a legal person: what legal persons' records say of persons by their identity number (shareholders, officers …). */
  offices: z.boolean().default(false),
});

export const libraryDeclaration = z.strictObject({
  /** The folder's name. */
  library: word,
  /** Small number, unique over all libraries, never used again. */
  number: z.number().int().min(1).max(99),
  title: bilingual,
  abstract: bilingual,
  owner: z.string().min(1),
  level: z.enum(['core', 'important', 'general']),
  /** Persons: every look is audited with its purpose. */
  personal: z.boolean().default(false),
  /**
   * Rows that the keys of places leave open are given by a reading of their address: `table`, this library's registers are the standard
   * addresses that all are read against (one library at most); `read`, its rows are read against them.
   */
  addresses: z.enum(['table', 'read']).optional(),
  /** What identifies an entity for ever comes first; the others lead to it. */
  keys: z
    .array(
      z.strictObject({
        name: word,
        title: bilingual,
        form: valueForm,
        /** A valid one that nobody known has is somebody unknown: such a row is never given to another by evidence. */
        exclusive: z.boolean().default(false),
        protection: protection.default('public'),
      }),
    )
    .min(1),
  evidence: z.array(z.strictObject({ name: word, form: valueForm })).default([]),
  /**
   * Rules for rows without a known key, in their order: the entities of registers that agree in all of `by` and differ in none of
   * `consistent`. Exactly one: it is meant. Several: the row stays open. None: the next rule.
   */
  match: z
    .array(
      z.strictObject({ rule: word, title: bilingual, by: z.array(word).min(1), consistent: z.array(word).default([]) }),
    )
    .default([]),
  /** A key counts only where the row agrees with a register in one of these, or they share none. */
  agree: z.array(word).default([]),
  attributes: z
    .array(
      z.strictObject({
        name: word,
        title: bilingual,
        type: attributeType.default('text'),
        format: fieldFormat.optional(),
        unit: z.string().min(1).optional(),
        protection: protection.default('public'),
        /** Found by: the whole value, or any part of it. */
        search: z.enum(['whole', 'part']).optional(),
        /** Differs from row to row by nature: never a contradiction. */
        series: z.boolean().default(false),
      }),
    )
    .min(1),
  /** Attribute by which an entity is called. */
  label: word,
  sources: z.array(librarySource).min(1),
  relations: z.array(libraryRelation).default([]),
});

export type LibraryDeclaration = z.infer<typeof libraryDeclaration>;
export type LibrarySource = z.infer<typeof librarySource>;
export type LibraryRelation = z.infer<typeof libraryRelation>;
export type ValueForm = z.infer<typeof valueForm>;
