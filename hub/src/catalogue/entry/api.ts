/** Questions and answers of the entries' routes, below `/api/v1/catalogue`. Days are 'YYYY-MM-DD', instants ISO 8601 in UTC. */
import { z } from 'zod';
import { cadence, metadataElement, resourceLevel, sharingType } from '../api.ts';
import { bilingual } from '../declaration.ts';
import { entryContent, entrySubject } from './content.ts';

const count = z.number().int().nonnegative();
const said = z.string().trim().min(2).max(1000);
const organisationName = z.object({ id: z.string(), name: bilingual });

export const versionState = z.enum(['draft', 'submitted', 'reviewing', 'returned', 'published', 'withdrawn']);
export const stepName = z.enum(['submit', 'approve', 'publish', 'return', 'withdraw']);

/** A period of law as it stands. */
export const clockView = z.object({
  from: z.string(),
  days: count,
  due: z.string().nullable(),
  missingYear: z.number().int().nullable(),
  left: z.number().int().nullable(),
  state: z.enum(['running', 'warning', 'overdue', 'met', 'late', 'stopped', 'unknown']),
});

export const findingView = z.object({
  code: z.string(),
  severity: z.enum(['error', 'warning']),
  /** JSON pointer into the content; empty: the whole entry. */
  pointer: z.string(),
  zh: z.string(),
  en: z.string(),
});

const openVersion = z.object({
  version: z.number().int(),
  kind: z.enum(['change', 'retire']),
  state: versionState,
  changedBy: z.string(),
  changedAt: z.string(),
});

/** One line of the catalogue. */
export const entrySummary = z.object({
  id: z.string(),
  code: z.string(),
  title: bilingual,
  abstract: bilingual,
  provider: organisationName,
  classification: z.array(bilingual),
  subject: entrySubject,
  level: resourceLevel.nullable(),
  sharing: sharingType.nullable(),
  open: z.boolean(),
  cycle: cadence.nullable(),
  format: z.string(),
  items: count,
  /** Items by which it was found. */
  found: z.array(z.string()),
  source: z.string().nullable(),
  state: z.enum(['published', 'retired', 'draft']),
  version: z.number().int().nullable(),
  publishedAt: z.string().nullable(),
  working: openVersion.nullable(),
});

const many = z.array(z.string().max(60)).max(50).optional();
export const entryQuery = z.object({
  q: z.string().max(100).optional(),
  provider: many,
  sharing: many,
  classification: many,
  cycle: many,
  format: many,
  level: many,
  open: many,
  state: many,
  sort: z.enum(['relevance', 'code', 'published']).default('relevance'),
  offset: z.coerce.number().int().min(0).max(100_000).default(0),
  limit: z.coerce.number().int().min(1).max(200).default(30),
});
const facet = z.array(z.object({ value: z.string(), title: bilingual, count }));
export const entryPage = z.object({
  items: z.array(entrySummary),
  total: count,
  /** Not all words occur together in any entry; those with most of them are shown. */
  relaxed: z.boolean(),
  /** Words that were also looked for by another of the same meaning. */
  understood: z.array(z.object({ word: z.string(), meaning: z.string() })),
  facets: z.object({
    ...{ provider: facet, sharing: facet, classification: facet, cycle: facet, format: facet, level: facet },
    ...{ open: facet, state: facet },
  }),
});

export const idParams = z.object({ id: z.string().max(80) });
export const versionParams = idParams.extend({ version: z.coerce.number().int().min(1) });
export const compareQuery = z.object({
  from: z.coerce.number().int().min(1),
  to: z.coerce.number().int().min(1),
});

const stepView = z.object({
  step: z.string(),
  version: z.number().int(),
  by: z.string().nullable(),
  organisation: z.string().nullable(),
  at: z.string(),
  reasons: z.array(z.string()),
});
const versionView = z.object({
  ...{ version: z.number().int(), kind: z.enum(['change', 'retire']), state: versionState },
  ...{ origin: z.enum(['declaration', 'form', 'file']), declaration: z.number().int().nullable() },
  ...{ madeBy: z.string(), madeAt: z.string(), decidedAt: z.string().nullable(), overdue: z.boolean() },
});

/** Everything that the catalogue says of an entry. */
export const entryDetail = entrySummary.extend({
  /** What it says: in force, else what is worked on. */
  content: entryContent,
  /** Core metadata in the guide's order. */
  metadata: z.array(metadataElement),
  /** What is worked on, for its department and the authority. */
  draft: openVersion
    .extend({
      revision: z.number().int(),
      content: entryContent,
      clock: clockView.nullable(),
      reasons: z.array(z.string()),
    })
    .nullable(),
  findings: z.array(findingView),
  /** Steps that whoever asks may take now. */
  steps: z.array(stepName),
  mayEdit: z.boolean(),
  mayBegin: z.boolean(),
  history: z.array(stepView),
  versions: z.array(versionView),
  /** Of shared items, by their place: the department that collects them for all. */
  sourceDepartments: z.array(z.object({ index: count, organisation: organisationName })),
  /** Whether and how its source delivered; null where nothing is collected. */
  freshness: z
    .object({
      lastRun: z.number().int().nullable(),
      finished: z.string().nullable(),
      runs: count,
      rows: count,
      intervalDays: z.number().nullable(),
    })
    .nullable(),
});

export const versionAnswer = z.object({ version: versionView, content: entryContent });
const difference = z.object({
  ...{ pointer: z.string(), title: bilingual, before: z.string().nullable(), after: z.string().nullable() },
});
export const compareAnswer = z.object({
  from: z.number().int(),
  to: z.number().int(),
  fields: z.array(difference),
  items: z.array(
    z.object({ name: z.string(), change: z.enum(['added', 'removed', 'changed']), fields: z.array(difference) }),
  ),
});

export const createBody = z.strictObject({ provider: z.string().max(40), content: entryContent });
export const created = z.object({ id: z.string() });
export const saveBody = z.strictObject({ revision: z.number().int(), content: entryContent });
export const beginBody = z.strictObject({ kind: z.enum(['change', 'retire']).default('change') });
export const stepBody = z.strictObject({
  revision: z.number().int(),
  /** Of a return: everything that is to be mended, at once. */
  reasons: z.array(said).min(1).max(50).optional(),
});
export const stepParams = idParams.extend({ step: stepName });
export const checkBody = z.strictObject({
  id: z.string().max(80).default(''),
  provider: z.string().max(40),
  content: entryContent,
});
export const checkAnswer = z.object({ code: z.string(), findings: z.array(findingView) });

const deskLine = entrySummary.extend({
  clock: clockView.nullable(),
  errors: count,
  warnings: count,
  steps: z.array(stepName),
});
const dutyView = z.object({
  ...{
    id: z.number().int(),
    provider: organisationName,
    entry: z.string().nullable(),
    entryTitle: bilingual.nullable(),
  },
  ...{ ground: z.string(), occurred: z.string(), raisedBy: z.string(), clock: clockView },
  ...{ extendedDays: count, extendedGround: z.string().nullable(), stoppedGround: z.string().nullable() },
  doneAt: z.string().nullable(),
  mayExtend: z.boolean(),
  mayStop: z.boolean(),
});
/** What waits for somebody, and what they wait for. */
export const deskAnswer = z.object({
  drafts: z.array(deskLine),
  toApprove: z.array(deskLine),
  toReview: z.array(deskLine),
  duties: z.array(dutyView),
  /** For whom entries may be drafted. */
  departments: z.array(organisationName),
  mayRaise: z.boolean(),
});
export const dutyBody = z.strictObject({
  provider: z.string().max(40),
  entry: z.string().max(80).optional(),
  ground: said,
  occurred: z.iso.date(),
});
export const dutyParams = z.object({ duty: z.coerce.number().int().min(1) });
export const groundBody = z.strictObject({ ground: said });
export const dutyMade = z.object({ id: z.number().int() });

export const repeatsAnswer = z.object({
  pairs: z.array(
    z.object({
      ...{ one: entrySummary, other: entrySummary, items: z.array(z.string()), share: z.number() },
      decision: z
        .object({
          outcome: z.enum(['distinct', 'keep-one', 'keep-other']),
          ground: z.string(),
          by: z.string(),
          at: z.string(),
        })
        .nullable(),
    }),
  ),
  pairsTotal: count,
  items: z.array(
    z.object({
      ...{ subject: entrySubject, item: z.string(), names: z.array(z.string()) },
      holders: z.array(organisationName.extend({ entries: count })),
      decided: organisationName.nullable(),
    }),
  ),
  itemsTotal: count,
  mayDecide: z.boolean(),
});
export const repeatsQuery = z.object({
  search: z.string().max(60).optional(),
  decided: z.enum(['yes', 'no']).optional(),
  pairsFrom: z.coerce.number().int().min(0).max(1_000_000).default(0),
  itemsFrom: z.coerce.number().int().min(0).max(1_000_000).default(0),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});
export const sourceDepartmentBody = z.strictObject({
  ...{ subject: entrySubject, item: z.string().max(200), organisation: z.string().max(40), ground: said },
});
export const repeatBody = z.strictObject({
  ...{
    one: z.string().max(80),
    other: z.string().max(80),
    outcome: z.enum(['distinct', 'keep-one', 'keep-other']),
    ground: said,
  },
});
export const done = z.object({ done: z.literal(true) });

export const classesAnswer = z.object({
  items: z.array(z.object({ code: z.string(), title: bilingual, class: z.string(), classTitle: bilingual })),
  types: z.array(z.object({ letter: z.string(), title: bilingual })),
  ways: z.array(z.string()),
});

export const importQuery = z.object({
  /** Name of the file, for the record. */
  name: z.string().max(200).default('catalogue.xlsx'),
  /** Only looked at, nothing kept. */
  dry: z.enum(['true', 'false']).default('true'),
  /** Department of rows that name none. */
  provider: z.string().max(40).optional(),
});
const cellError = z.object({
  ...{ sheet: z.string(), cell: z.string(), code: z.string(), zh: z.string(), en: z.string() },
  value: z.string(),
});
export const importAnswer = z.object({
  sheet: z.string(),
  rows: count,
  entries: z.array(
    z.object({
      title: z.string(),
      provider: organisationName.nullable(),
      items: count,
      cell: z.string(),
      errors: count,
      warnings: count,
    }),
  ),
  total: count,
  /** Faults that keep rows from being read; each with its cell. */
  errors: z.array(cellError),
  errorsTotal: count,
  /** Columns of the file and what each was taken for; null: passed over. */
  columns: z.array(z.object({ cell: z.string(), header: z.string(), meaning: z.string().nullable() })),
  /** Ids of the drafts made; empty when it was only looked at. */
  made: z.array(z.string()),
});
export const exportQuery = z.object({ provider: many, q: z.string().max(100).optional() });
