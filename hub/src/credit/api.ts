/**
 * The shapes of every credit route: what is asked and what is answered, as the schemas that validate and from which
 * the OpenAPI description is made. Conventions: days are 'YYYY-MM-DD', instants ISO 8601 in UTC, amounts exact decimal
 * strings, `fact` a decimal string (run × 2³² + row), entities positive integers. Several values of one filter are
 * given by repeating its key. Every value that protection applies to travels as a `cell`.
 */
import { z } from 'zod';

/** One key repeated; the server wraps a single value. */
const many = <T extends z.ZodType>(item: T) => z.array(item).max(50).optional();

/** A yes or no of a query string. */
const flag = z
  .enum(['true', 'false'])
  .default('false')
  .transform((v) => v === 'true');
const day = z.iso.date();
const decimal = z.string().regex(/^-?\d{1,16}(\.\d{1,2})?$/, 'a decimal number with at most two places');
const factId = z.string().regex(/^\d{1,19}$/, 'a fact number');
const entityId = z.coerce.number().int().min(1).max(2_147_483_647);
const bilingual = z.object({ zh: z.string(), en: z.string() });

/** The categories of the panorama, in the order in which they are shown. */
export const category = z.enum([
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
export type Category = z.infer<typeof category>;

/**
 * A value after protection. `plain`: as the library holds it. `masked`: shortened (张**). `hidden`: null.
 * `flagged`: could not be cleaned, this is the source's own text. `token`: names a number in the vault that this
 * person may ask to be revealed (a separate, audited act).
 */
export const cell = z.object({
  value: z.string().nullable(),
  shown: z.enum(['plain', 'masked', 'hidden']),
  flagged: z.literal(true).optional(),
  token: z.string().optional(),
});
export type Cell = z.infer<typeof cell>;

/** Something the reader should know beside the answer, with a stable code. */
export const hint = z.object({ code: z.string(), zh: z.string(), en: z.string() });

/** A record class (one declared source) as shown beside its records. */
export const classRef = z.object({
  class: z.number().int(),
  source: z.string(),
  owner: z.string(),
  category,
  title: bilingual,
});

// ---------------------------------------------------------------------------------------------------------- search

/** Which route a search goes; `auto` tries all that the text allows. */
export const searchBy = z.enum(['auto', 'name', 'pinyin', 'code', 'person', 'address', 'number']);

const searchFields = {
  /** What is looked for: 1 to 100 characters. */
  q: z.string(),
  by: searchBy.default('auto'),
  /** Values of the facets of an earlier answer. */
  status: many(z.string().max(40)),
  town: many(z.string().max(40)),
  industry: many(z.string().max(4)),
  page: z.coerce.number().int().min(1).max(500).default(1),
  size: z.coerce.number().int().min(1).max(100).default(20),
};
/** GET /search. Identity and telephone numbers are only looked up by POST, so that they stand in no log or history. */
export const searchQuery = z.object(searchFields);
/** POST /search: the same, in a body. */
export const searchBody = z.object(searchFields);

/** How a hit was found, best first. */
export const searchRoute = z.enum([
  'code',
  'name',
  'prefix',
  'trade-name',
  'part',
  'words',
  'abbreviation',
  'pinyin',
  'initials',
  'former-name',
  'variant',
  'address',
  'person',
  'number',
  'similar',
]);
export type SearchRoute = z.infer<typeof searchRoute>;

/** Part of a shown text that matched: [start, end) in UTF-16 units of `text`. */
export const highlight = z.object({
  field: z.enum(['name', 'former-name', 'variant', 'uscc', 'orgcode', 'regno', 'address', 'person']),
  text: z.string(),
  ranges: z.array(z.tuple([z.number().int(), z.number().int()])),
});

export const searchHit = z.object({
  entity: z.number().int(),
  name: z.string(),
  uscc: z.string().nullable(),
  status: z.string().nullable(),
  legalRepresentative: cell,
  established: day.nullable(),
  capital: z.number().nullable().describe('registered capital in 万元'),
  address: z.string().nullable(),
  division: z.string().nullable(),
  industry: z.string().nullable(),
  facts: z.number().int(),
  route: searchRoute,
  highlights: z.array(highlight),
});
export type SearchHit = z.infer<typeof searchHit>;

export const facetValue = z.object({ value: z.string(), title: z.string(), count: z.number().int() });

export const searchAnswer = z.object({
  /** The text as it was understood: trimmed, half width. */
  q: z.string(),
  by: searchBy,
  total: z.number().int(),
  /** False when counting stopped at a limit: then `total` is a lower bound. */
  exact: z.boolean(),
  page: z.number().int(),
  size: z.number().int(),
  hits: z.array(searchHit),
  facets: z.object({ status: z.array(facetValue), town: z.array(facetValue), industry: z.array(facetValue) }),
  hints: z.array(hint),
  /** `index`, or `lake` while the index is being built. */
  engine: z.enum(['index', 'lake']),
  tookMs: z.number(),
});
export type SearchAnswer = z.infer<typeof searchAnswer>;

// -------------------------------------------------------------------------------------------------------- panorama

export const entityParams = z.object({ entity: entityId });
/** `plain=true` asks for personal data in plain text: without a purpose it is refused instead of masked. */
export const plainQuery = z.object({ plain: flag });

/** Where a golden value comes from. */
export const valueSource = z.object({
  class: z.number().int(),
  source: z.string(),
  owner: z.string(),
  title: bilingual,
  fact: factId.nullable(),
  since: day.nullable(),
});

export const goldenValue = z.object({
  attribute: z.string(),
  title: bilingual,
  unit: z.string().nullable(),
  cell,
  source: valueSource.nullable(),
  /** How many different values the sources give (0: they agree). */
  contradictions: z.number().int(),
});

export const classSummary = classRef.extend({
  count: z.number().int(),
  latest: day.nullable(),
  /** Sum of amounts where the class has an amount, with its unit. */
  amount: decimal.nullable(),
  unit: z.string().nullable(),
});

export const categorySummary = z.object({
  category,
  title: bilingual,
  count: z.number().int(),
  latest: day.nullable(),
  amount: decimal.nullable(),
  classes: z.array(classSummary),
});

export const timelineEvent = z.object({
  day: day.nullable(),
  class: z.number().int(),
  category,
  title: bilingual,
  fact: factId,
  /** A line made of the record's title, number or status field. */
  text: cell,
  amount: decimal.nullable(),
  unit: z.string().nullable(),
});

export const contradiction = z.object({
  attribute: z.string(),
  title: bilingual,
  values: z.array(
    z.object({
      cell,
      chosen: z.boolean(),
      class: z.number().int(),
      source: z.string(),
      owner: z.string(),
      title: bilingual,
      rank: z.number().int().nullable(),
      day: day.nullable(),
      fact: factId.nullable(),
    }),
  ),
});

export const panorama = z.object({
  entity: z.number().int(),
  heading: z.object({
    name: z.string(),
    uscc: z.string().nullable(),
    orgcode: z.string().nullable(),
    regno: z.string().nullable(),
    kind: z.string().nullable(),
    status: z.string().nullable(),
    legalRepresentative: cell,
    established: day.nullable(),
    closed: day.nullable(),
    capital: decimal.nullable(),
    currency: z.string().nullable(),
    address: z.string().nullable(),
    division: z.string().nullable(),
    divisionTitle: z.string().nullable(),
    industry: z.string().nullable(),
    industryTitle: z.string().nullable(),
  }),
  registration: z.array(goldenValue),
  formerNames: z.array(
    z.object({
      name: z.string(),
      kind: z.enum(['former', 'variant']),
      firstSeen: day.nullable(),
      lastSeen: day.nullable(),
    }),
  ),
  categories: z.array(categorySummary),
  timeline: z.object({
    /** Facts by month ('YYYY-MM') and category, oldest first; facts without a day are in `undated`. */
    months: z.array(z.object({ month: z.string(), category, count: z.number().int() })),
    years: z.array(z.object({ year: z.number().int(), count: z.number().int() })),
    latest: z.array(timelineEvent),
    undated: z.number().int(),
  }),
  contradictions: z.array(contradiction),
  quality: z.object({
    score: z.number().nullable().describe('0 to 1'),
    sources: z.number().int(),
    facts: z.number().int(),
    contradictions: z.number().int(),
    firstRun: z.number().int().nullable(),
    lastRun: z.number().int().nullable(),
    recordedAt: z.string().nullable(),
  }),
  relations: z.array(z.object({ kind: z.string(), title: bilingual, count: z.number().int() })),
  hints: z.array(hint),
});
export type Panorama = z.infer<typeof panorama>;

// ------------------------------------------------------------------------------------------------ records of one class

export const fieldRef = z.object({
  position: z.number().int(),
  name: z.string(),
  title: bilingual,
  type: z.string(),
  format: z.string().nullable(),
  unit: z.string().nullable(),
  protection: z.enum(['public', 'internal', 'personal', 'sensitive']),
  role: z.string().nullable(),
});
export type FieldRef = z.infer<typeof fieldRef>;

/** A record: its cells stand in the order of its class's `fields`. */
export const record = z.object({
  fact: factId,
  class: z.number().int(),
  day: day.nullable(),
  amount: decimal.nullable(),
  run: z.number().int(),
  row: z.number().int(),
  cells: z.array(cell),
});
export type CreditRecord = z.infer<typeof record>;

export const classWithFields = classRef.extend({ level: z.string(), fields: z.array(fieldRef) });

export const entityFactsQuery = z.object({
  class: z.coerce.number().int().min(1).max(32767).optional(),
  category: category.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(20),
  /** `next` of the answer before. */
  cursor: z.string().max(200).optional(),
  plain: flag,
});

export const entityFactsAnswer = z.object({
  entity: z.number().int(),
  /** The classes that occur in `records`, with their fields. */
  classes: z.array(classWithFields),
  records: z.array(record),
  total: z.number().int(),
  next: z.string().nullable(),
  hints: z.array(hint),
});

export const whyQuery = z.object({ attribute: z.string().min(1).max(40), plain: flag });

export const whyAnswer = z.object({
  entity: z.number().int(),
  attribute: z.string(),
  title: bilingual,
  cell,
  /** Why this value and no other, as one sentence. */
  reason: bilingual,
  candidates: contradiction.shape.values,
  history: z.array(
    z.object({
      cell,
      validFrom: day.nullable(),
      validTo: day.nullable(),
      recordedAt: z.string().nullable(),
      supersededAt: z.string().nullable(),
      class: z.number().int().nullable(),
      source: z.string().nullable(),
      title: bilingual.nullable(),
      fact: factId.nullable(),
    }),
  ),
});

export const factParams = z.object({ fact: factId });

/** The entity, when it is known, makes the look-up quicker. */
export const originQuery = z.object({ entity: entityId.optional(), plain: flag });

export const originAnswer = z.object({
  fact: factId,
  entity: z.number().int().nullable(),
  class: classWithFields,
  record,
  /** When a later delivery superseded the record: the run that did. */
  closedRun: z.number().int().nullable(),
  run: z.object({
    run: z.number().int(),
    number: z.number().int().nullable(),
    input: z.string().nullable(),
    declaration: z.number().int().nullable(),
    started: z.string().nullable(),
    finished: z.string().nullable(),
    received: z.number().int(),
    accepted: z.number().int(),
    quarantined: z.number().int(),
    duplicate: z.number().int(),
    leaves: z.number().int(),
    root: z.string().nullable().describe('hexadecimal'),
  }),
  row: z.number().int(),
  leaf: z.string().nullable().describe('SHA-256 of the received row, hexadecimal'),
});

// ------------------------------------------------------------------------------------------------ relations, persons

export const relationItem = z.object({
  kind: z.string(),
  title: bilingual,
  /** Node of the other end in the network; null where it cannot be walked to. */
  node: z.string().nullable(),
  person: cell.nullable(),
  organisation: z.object({ entity: z.number().int().nullable(), name: z.string() }).nullable(),
  position: z.string().nullable(),
  amount: decimal.nullable(),
  share: z.number().nullable().describe('percent'),
  validFrom: day.nullable(),
  validTo: day.nullable(),
  class: z.number().int().nullable(),
  fact: factId.nullable(),
});

export const relationsQuery = z.object({
  kind: z.string().max(40).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(200).optional(),
  plain: flag,
});
export const relationsAnswer = z.object({
  entity: z.number().int(),
  relations: z.array(relationItem),
  total: z.number().int(),
  next: z.string().nullable(),
});

const personFields = {
  /** Whole name. */
  name: z.string().min(1).max(40).optional(),
  /** Token of an identity number, from an earlier answer. */
  token: z.string().max(60).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
};
export const personsQuery = z.object(personFields);
/** POST: also by the number itself, which must not stand in a URL. */
export const personsBody = z.object({ ...personFields, identity: z.string().min(6).max(40).optional() });

/** One natural person; without an identity token a person is known inside one enterprise only. */
export const person = z.object({
  node: z.string(),
  token: z.string().nullable(),
  name: cell,
  identity: cell,
  shareholdings: z.number().int(),
  offices: z.number().int(),
  enterprises: z.array(
    z.object({
      entity: z.number().int(),
      name: z.string(),
      uscc: z.string().nullable(),
      status: z.string().nullable(),
      relations: z.array(relationItem.omit({ node: true, person: true, organisation: true })),
    }),
  ),
});
export const personsAnswer = z.object({
  persons: z.array(person),
  /** More persons than `limit` answer to the name. */
  more: z.boolean(),
});

export const networkQuery = z.object({
  /** `e:<entity>`, `p:<token>` or `n:<entity>:<name>`, from an earlier answer. */
  node: z.string().min(3).max(120),
  depth: z.coerce.number().int().min(1).max(3).default(1),
  limit: z.coerce.number().int().min(10).max(500).default(150),
  plain: flag,
});
export const networkNode = z.object({
  id: z.string(),
  kind: z.enum(['enterprise', 'person', 'organisation']),
  label: cell,
  entity: z.number().int().nullable(),
  status: z.string().nullable(),
  /** Steps from the node asked for. */
  depth: z.number().int(),
  /** Whether it can be asked for itself. */
  walkable: z.boolean(),
  /** Whether all its relations are in this answer. */
  complete: z.boolean(),
});
export const networkEdge = z.object({
  from: z.string(),
  to: z.string(),
  kind: z.string(),
  title: bilingual,
  position: z.string().nullable(),
  amount: decimal.nullable(),
  share: z.number().nullable(),
  validFrom: day.nullable(),
  validTo: day.nullable(),
  fact: factId.nullable(),
});
export const networkAnswer = z.object({
  root: z.string(),
  nodes: z.array(networkNode),
  edges: z.array(networkEdge),
  /** True when the limit cut the answer. */
  cut: z.boolean(),
});

// --------------------------------------------------------------------------------------------- query by class, export

export const classesAnswer = z.object({
  categories: z.array(z.object({ category, title: bilingual })),
  classes: z.array(classWithFields),
});

const filterFields = {
  /** One class, or all classes of a category: one of the two is needed. */
  class: z.coerce.number().int().min(1).max(32767).optional(),
  category: category.optional(),
  from: day.optional(),
  to: day.optional(),
  minAmount: decimal.optional(),
  maxAmount: decimal.optional(),
  /** Name of a field of the class (needs `class`) and a text that its value contains. */
  field: z.string().max(63).optional(),
  contains: z.string().min(1).max(100).optional(),
  /** Of the enterprise. */
  status: many(z.string().max(40)),
  town: many(z.string().max(40)),
  /** Records that no enterprise was found for: left out, included or alone. */
  unmatched: z.enum(['no', 'yes', 'only']).default('no'),
  sort: z.enum(['day-desc', 'day-asc', 'amount-desc', 'amount-asc']).default('day-desc'),
};
export const classQuery = z.object({
  ...filterFields,
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(300).optional(),
  plain: flag,
});
export const classQueryAnswer = z.object({
  classes: z.array(classWithFields),
  records: z.array(
    record.extend({
      enterprise: z
        .object({
          entity: z.number().int(),
          name: z.string(),
          uscc: z.string().nullable(),
          status: z.string().nullable(),
          division: z.string().nullable(),
        })
        .nullable(),
    }),
  ),
  /** How many records answer; only given with the first page. */
  count: z.object({ value: z.number().int(), exact: z.boolean() }).nullable(),
  next: z.string().nullable(),
  hints: z.array(hint),
});

/** The same filters as the query; `class` is needed (one file has one set of columns). */
export const exportQuery = z.object({
  ...filterFields,
  format: z.enum(['csv', 'xlsx']).default('csv'),
  /** When more records answer than may be exported: refuse (default), or give the first of them. */
  cut: flag,
  /** Records of one enterprise only. */
  entity: entityId.optional(),
  plain: flag,
});

// ------------------------------------------------------------------------------------------------------- search index

export const indexState = z.object({
  state: z.enum(['empty', 'building', 'ready', 'failed']),
  enterprises: z.number().int(),
  names: z.number().int(),
  persons: z.number().int(),
  codes: z.number().int(),
  /** Memory of the index's arrays in bytes. */
  bytes: z.number().int(),
  /** Entities refreshed since the last full build. */
  refreshed: z.number().int(),
  builtAt: z.string().nullable(),
  buildMs: z.number().nullable(),
  error: z.string().nullable(),
});
export type IndexState = z.infer<typeof indexState>;
