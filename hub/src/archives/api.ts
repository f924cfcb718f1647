/** Questions and answers of the routes of archives. */
import { z } from 'zod';
import { bilingual } from '../catalogue/index.ts';
import { phases, respects, results } from './checks.ts';
import { metadataPartial } from './metadata.ts';
import { categories, retentions } from './reference.ts';
import { states } from './store.ts';

const keys = <T extends object>(table: T) => Object.keys(table) as [Extract<keyof T, string>];
const count = z.number().int().nonnegative();
const number = z.coerce.number().int().min(1).max(2_147_483_647);
const organisationId = z.string().max(40);
const text = (most: number) => z.string().trim().min(2).max(most);

export const state = z.enum(keys(states));
export const phase = z.enum(keys(phases));
export const fileName = z.string().regex(/^[^/\\\0]{1,200}$/, 'a plain file name');
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'SHA-256 in lower-case hexadecimal');

/** Metadata as they are kept: a package may have brought values that its checks refuse. */
const metadata = z.record(z.string(), z.unknown());
const named = z.object({ id: z.string(), name: bilingual });

export const idParams = z.object({ id: number });
export const fileParams = idParams.extend({ no: number });
/** File 0 is the text of the sealed metadata. */
export const proofParams = idParams.extend({ no: z.coerce.number().int().min(0).max(2_147_483_647) });
export const stepParams = idParams.extend({ seq: number });

export const searchQuery = z.object({
  q: z.string().trim().max(200).optional(),
  year: z.array(z.coerce.number().int()).max(50).optional(),
  organisation: z.array(organisationId).max(50).optional(),
  category: z
    .array(z.enum(keys(categories)))
    .max(10)
    .optional(),
  retention: z
    .array(z.enum(keys(retentions)))
    .max(10)
    .optional(),
  state: z.array(state).max(10).optional(),
  condition: z.enum(['damaged']).optional(),
  page: z.coerce.number().int().min(1).max(100_000).default(1),
  size: z.coerce.number().int().min(1).max(200).default(30),
});
export const item = z.object({
  id: z.number().int(),
  state,
  condition: z.enum(['unknown', 'sound', 'damaged']),
  organisation: named,
  package: z.boolean(),
  reference: z.string().nullable(),
  title: z.string().nullable(),
  year: z.number().int().nullable(),
  category: z.string().nullable(),
  retention: z.string().nullable(),
  responsible: z.string().nullable(),
  date: z.string().nullable(),
  /** Marked by the checks as holding personal data. */
  personal: z.boolean(),
  created: z.string(),
  archived: z.string().nullable(),
  /** Null where only code and title are seen. */
  files: count.nullable(),
  bytes: count.nullable(),
  whole: z.boolean(),
});
const facet = z.array(z.object({ value: z.string(), title: bilingual, count }));
export const searchAnswer = z.object({
  items: z.array(item),
  total: count,
  facets: z.object({ year: facet, organisation: facet, category: facet, retention: facet, state: facet }),
});

/** What the console's forms and legends are made from. */
export const rules = z.object({
  organisations: z.array(named.extend({ fonds: z.string().nullable() })),
  /** Whose archives the asking person may hand in; null: an archivist, anybody's. */
  own: z.string().nullable(),
  metadata: z.array(z.object({ key: z.string(), title: bilingual, mandatory: z.boolean() })),
  categories: z.array(z.object({ value: z.string(), title: bilingual })),
  retentions: z.array(z.object({ value: z.string(), title: bilingual, years: z.number().int().nullable() })),
  secrecies: z.array(z.object({ value: z.string(), title: bilingual, refused: z.boolean() })),
  openings: z.array(z.object({ value: z.string(), title: bilingual })),
  formats: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      extensions: z.array(z.string()),
      fitness: z.enum(['keep', 'convert', 'refuse']),
    }),
  ),
  respects: z.array(z.object({ value: z.string(), title: bilingual })),
  phases: z.array(z.object({ value: z.string(), title: bilingual })),
  checks: z.array(
    z.object({
      code: z.string(),
      respect: z.enum(keys(respects)),
      phases: z.array(phase),
      severity: z.enum(['severe', 'warning', 'note']),
      title: bilingual,
    }),
  ),
  limits: z.object({ fileMiB: count, files: count, borrowDays: count }),
  /** Whether a virus scanner is configured. */
  scanner: z.boolean(),
});

export const outcome = z.object({
  code: z.string(),
  respect: z.enum(keys(respects)),
  severity: z.enum(['severe', 'warning', 'note']),
  title: bilingual,
  result: z.enum(results),
  evidence: bilingual,
  faults: z.array(z.object({ file: z.number().int().nullable(), sentence: bilingual })),
  /** Ground on which a warning was accepted. */
  ground: z.string().nullable(),
});
export const examination = z.object({
  id: z.number().int(),
  phase,
  at: z.string(),
  by: z.string().nullable(),
  outcome: z.enum(['passed', 'warned', 'failed']),
  items: z.array(outcome),
});
export const fileItem = z.object({
  no: z.number().int(),
  name: z.string(),
  role: z.enum(['main', 'attachment']),
  bytes: count,
  sha256: z.string(),
  declaredSha256: z.string().nullable(),
  software: z.string().nullable(),
  format: z.string().nullable(),
  formatTitle: z.string().nullable(),
  /** How the console may show it. */
  preview: z.enum(['text', 'image', 'pdf']).nullable(),
});
export const generation = z.object({
  no: z.number().int(),
  seal: z.number().int(),
  algorithm: z.string(),
  root: z.string(),
  leaves: z.number().int(),
  at: z.string(),
  signedAt: z.string().nullable(),
});
const loan = z.object({ id: z.number().int(), kind: z.enum(['view', 'download']), until: z.string() });
export const archive = item.extend({
  metadata,
  depositor: z.string().nullable(),
  verified: z.string().nullable(),
  destroyed: z.string().nullable(),
  /** First day on which it may be appraised; null: kept for ever, or not known. */
  due: z.string().nullable(),
  fileList: z.array(fileItem),
  examinations: z.array(examination),
  seals: z.array(generation),
  loan: loan.nullable(),
  may: z.object({
    change: z.boolean(),
    submit: z.boolean(),
    takeIn: z.boolean(),
    view: z.boolean(),
    download: z.boolean(),
    borrow: z.boolean(),
    verify: z.boolean(),
  }),
});

export const step = z.object({
  seq: z.number().int(),
  action: z.string(),
  title: bilingual,
  at: z.string(),
  actor: z.string().nullable(),
  organisation: z.string().nullable(),
  detail: z.record(z.string(), z.unknown()),
  hash: z.string(),
  previous: z.string(),
  /** Seal of its batch; null until there is one. */
  seal: z.number().int().nullable(),
  signedAt: z.string().nullable(),
});
export const steps = z.object({
  items: z.array(step),
  /** Null when the chain is whole. */ fault: bilingual.nullable(),
});

export const createBody = z.object({ organisation: organisationId.optional(), metadata: metadataPartial });
export const describeBody = z.object({ metadata: metadataPartial });
export const fileQuery = z.object({
  name: fileName,
  role: z.enum(['main', 'attachment']).default('main'),
  sha256: sha256.optional(),
  software: z.string().trim().max(200).optional(),
});
export const packageQuery = z.object({ name: fileName, organisation: organisationId.optional() });
export const job = z.object({ job: z.string() });
export const done = z.object({ done: z.literal(true) });
export const takeInBody = z.object({ grounds: z.record(z.string().max(10), z.string().trim().max(500)).default({}) });
export const reasonBody = z.object({ reason: text(500) });

export const borrowBody = z.object({
  kind: z.enum(['view', 'download']),
  purpose: text(300),
  days: z.number().int().min(1).max(365),
});
export const borrowing = z.object({
  id: z.number().int(),
  archive: z.number().int(),
  reference: z.string().nullable(),
  title: z.string().nullable(),
  login: z.string(),
  organisation: z.string().nullable(),
  kind: z.enum(['view', 'download']),
  purpose: z.string(),
  days: z.number().int(),
  /** `overdue`: lent, and its days are over. */
  state: z.enum(['requested', 'lent', 'overdue', 'refused', 'returned']),
  at: z.string(),
  decidedBy: z.string().nullable(),
  decidedAt: z.string().nullable(),
  reason: z.string().nullable(),
  until: z.string().nullable(),
  mine: z.boolean(),
});
export const borrowings = z.object({ items: z.array(borrowing) });
export const borrowingsQuery = z.object({ mine: z.enum(['true', 'false']).default('false') });
export const decisionBody = z.object({ approve: z.boolean(), reason: z.string().trim().max(500).optional() });

export const transferBody = z.object({
  archives: z.array(z.number().int().min(1)).min(1).max(1000),
  to: organisationId,
  ground: text(500),
});
export const transfer = z.object({
  id: z.number().int(),
  from: named,
  to: named,
  archives: z.array(z.object({ id: z.number().int(), reference: z.string().nullable(), title: z.string().nullable() })),
  ground: z.string(),
  state: z.enum(['checking', 'offered', 'failed', 'accepted', 'refused']),
  by: z.string(),
  at: z.string(),
  failed: z.array(z.number().int()),
  decidedBy: z.string().nullable(),
  decidedAt: z.string().nullable(),
  reason: z.string().nullable(),
  receipt: z.object({ sha256: z.string(), givenBy: z.string(), takenBy: z.string(), at: z.string() }).nullable(),
  mayAnswer: z.boolean(),
});
export const transfers = z.object({ items: z.array(transfer) });
export const answerBody = z.object({ accept: z.boolean(), reason: z.string().trim().max(500).optional() });

export const appraisalBody = z.object({
  archive: z.number().int().min(1),
  verdict: z.enum(['destroy', 'keep']),
  ground: text(500),
  years: z.number().int().min(1).max(100).optional(),
});
export const secondBody = z.object({ confirm: z.boolean(), reason: z.string().trim().max(500).optional() });
export const appraisals = z.object({
  due: z.array(
    z.object({
      id: z.number().int(),
      reference: z.string().nullable(),
      title: z.string().nullable(),
      organisation: named,
      year: z.number().int(),
      retention: z.string(),
    }),
  ),
  items: z.array(
    z.object({
      id: z.number().int(),
      archive: z.number().int(),
      reference: z.string().nullable(),
      title: z.string().nullable(),
      verdict: z.enum(['destroy', 'keep']),
      ground: z.string(),
      by: z.string(),
      at: z.string(),
      state: z.enum(['proposed', 'confirmed', 'rejected']),
      second: z.string().nullable(),
      secondAt: z.string().nullable(),
      mine: z.boolean(),
    }),
  ),
});

export const verifyBody = z.object({ archive: z.number().int().min(1).optional(), all: z.boolean().default(false) });
export const preservation = z.object({
  kept: count,
  bytes: count,
  damaged: count,
  /** Days between two verifications of an archive. */
  days: count,
  due: count,
  /** The longest ago that any kept archive was verified. */
  oldest: z.string().nullable(),
  runs: z.array(
    z.object({
      id: z.number().int(),
      at: z.string(),
      ended: z.string().nullable(),
      archives: count,
      bytes: count,
      findings: z.array(
        z.object({ archive: z.number().int(), reference: z.string().nullable(), items: z.array(z.string()) }),
      ),
    }),
  ),
  formats: z.array(z.object({ id: z.string(), title: z.string(), fitness: z.string(), files: count, bytes: count })),
  algorithms: z.array(z.object({ name: z.string(), archives: count, ageing: z.boolean() })),
  resealWith: z.string(),
  toReseal: count,
  scanner: z.boolean(),
  store: z.enum(['folder', 's3']),
});
/** What waits for somebody. */
export const desk = z.object({
  drafts: count,
  checking: count,
  failed: count,
  passed: count,
  kept: count,
  requests: count,
  lent: count,
  overdue: count,
  damaged: count,
});
