/**
 * Answers and questions of linkage's routes (base /api/v1/linkage).
 *
 *   GET  /                                linkage.review -> overview
 *   GET  /{library}/next                  linkage.review nextQuery -> nextAnswer (blind)
 *   POST /{library}/pairs/{pair}/verdict  linkage.review verdictBody -> progress
 *   GET  /{library}/disagreements         linkage.manage -> disputeAnswer
 *   POST /{library}/pairs/{pair}/settle   linkage.manage settleBody -> done
 *   GET  /{library}/open                  linkage.review openQuery -> openAnswer
 *   POST /{library}/rows/{source}/{fact}/decision  linkage.manage decideBody -> done
 *   GET  /{library}/explain               linkage.manage explainQuery -> explainAnswer
 *   GET  /{library}/versions[/{version}]  linkage.review -> versions, version
 *   POST /{library}/versions/{version}/in-force  linkage.manage -> job
 *   POST /{library}/learn                 linkage.manage -> job
 *   GET  /legal-person/reviews/{review}   refinery.read -> reviewWeights
 *
 * Versions and learning are also those of legal persons (`legal-person`), whose reviews are the refinery's.
 *
 * A library of persons asks for person.read and a purpose besides; every look is audited.
 */
import { z } from 'zod';
import { bilingual } from '../../catalogue/index.ts';
import { bigNumber, cell } from '../../refinery/index.ts';

export const libraryParams = z.object({ library: z.string().regex(/^[a-z][a-z0-9-]{0,40}$/) });
export const pairParams = libraryParams.extend({ pair: z.string().regex(/^[0-9a-f]{20}$/) });
export const rowParams = libraryParams.extend({ source: z.coerce.number().int().min(1).max(999), fact: bigNumber });
export const versionParams = libraryParams.extend({ version: z.coerce.number().int().min(1).max(1_000_000) });

/** How far the review of a library is. */
export const progress = z.object({
  /** Pairs that the model leaves to people. */
  pairs: z.number().int(),
  /** Those with a verdict that holds. */
  decided: z.number().int(),
  /** Judged by one, waiting for a second. */
  half: z.number().int(),
  disputed: z.number().int(),
  /** Judged by the asker, and left for them. */
  mine: z.number().int(),
  left: z.number().int(),
});

export const measure = z.object({
  held: z.number().int(),
  linked: z.number().int(),
  right: z.number().int(),
  precision: z.number().nullable(),
  recall: z.number().nullable(),
  labels: z.number().int(),
  agreeing: z.number().int(),
});

export const versionItem = z.object({
  version: z.number().int(),
  state: z.enum(['proposed', 'in-force', 'retired']),
  known: z.number().int(),
  rows: z.number().int(),
  labels: z.number().int(),
  measure,
  thresholds: z.object({ link: z.number(), lead: z.number(), review: z.number() }),
  madeAt: z.string(),
  inForceAt: z.string().nullable(),
  inForceBy: z.string().nullable(),
});

export const overview = z.object({
  libraries: z.array(
    z.object({
      library: z.string(),
      title: bilingual,
      personal: z.boolean(),
      progress,
      /** Rows open now, by why. */
      open: z.array(z.object({ reason: z.string(), rows: z.number().int() })),
      /** Rows that the model linked. */
      linked: z.number().int(),
      inForce: versionItem.nullable(),
      proposed: versionItem.nullable(),
      /** Linkage waits for an integration. */
      due: z.boolean(),
    }),
  ),
  problems: z.array(z.object({ code: z.string(), zh: z.string(), en: z.string(), place: z.string() })),
});

/** One compared column of a pair. */
export const side = z.object({
  column: z.string(),
  title: bilingual,
  left: cell,
  right: cell,
  /** Whether both say the same; null where one says nothing. True also where it is masked. */
  same: z.boolean().nullable(),
});
export const blindPair = z.object({
  pair: z.string(),
  columns: z.array(side),
  /** The asker's own verdict, where they judged it already. */
  verdict: z.enum(['same', 'different', 'unsure']).nullable(),
});
export const nextQuery = z.object({ limit: z.coerce.number().int().min(1).max(50).default(20) });
export const nextAnswer = z.object({ pairs: z.array(blindPair), progress });

export const verdictBody = z.object({
  verdict: z.enum(['same', 'different', 'unsure']),
  /** Replaces the asker's own verdict, while the pair still waits for a second. */
  revise: z.boolean().default(false),
  comment: z.string().max(500).optional(),
});

export const bar = z.object({
  name: z.string(),
  title: bilingual.nullable(),
  level: z.string(),
  m: z.number(),
  u: z.number(),
  bits: z.number(),
  total: z.number(),
});

export const disputeAnswer = z.object({
  /** Share of equal verdicts beyond chance (Cohen's kappa, 一致性系数) over pairs that two judged; null before there are any. */
  kappa: z.number().nullable(),
  doubled: z.number().int(),
  items: z.array(
    z.object({
      pair: z.string(),
      state: z.enum(['disagreed', 'contradiction']),
      columns: z.array(side),
      verdicts: z.array(
        z.object({ by: z.string(), verdict: z.string(), at: z.string(), comment: z.string().nullable() }),
      ),
      bits: z.number().nullable(),
      bars: z.array(bar),
      entity: z.number().int(),
      source: z.string(),
      fact: bigNumber,
    }),
  ),
});
export const settleBody = z.object({ verdict: z.enum(['same', 'different']), comment: z.string().max(500).optional() });

export const openQuery = z.object({
  reason: z.string().max(40).optional(),
  source: z.coerce.number().int().min(1).max(999).optional(),
  state: z.enum(['open', 'linked', 'decided']).default('open'),
  page: z.coerce.number().int().min(1).max(100_000).default(1),
  size: z.coerce.number().int().min(1).max(50).default(20),
});
export const openAnswer = z.object({
  total: z.number().int(),
  reasons: z.array(z.object({ reason: z.string(), rows: z.number().int() })),
  sources: z.array(
    z.object({ source: z.number().int(), title: bilingual, mention: bilingual.nullable(), rows: z.number().int() }),
  ),
  items: z.array(
    z.object({
      source: z.number().int(),
      title: bilingual,
      fact: bigNumber,
      run: z.number().int(),
      row: z.number().int(),
      reason: z.string(),
      entity: z.number().int().nullable(),
      over: z.boolean(),
      said: z.array(z.object({ column: z.string(), title: bilingual, value: cell })),
      candidates: z.array(
        z.object({
          entity: z.number().int(),
          label: cell,
          columns: z.array(side),
          bits: z.number().nullable(),
          state: z.string(),
          bars: z.array(bar),
        }),
      ),
      decision: z
        .object({
          decision: z.enum(['link', 'none']),
          entity: z.number().int().nullable(),
          by: z.string(),
          at: z.string(),
          comment: z.string().nullable(),
        })
        .nullable(),
    }),
  ),
});
export const decideBody = z.object({
  decision: z.enum(['link', 'none']),
  entity: z.number().int().min(1).max(2_147_483_647).optional(),
  comment: z.string().max(500).optional(),
  /** Stands also against verdicts of reviewers. */
  override: z.boolean().default(false),
});
/** Work was ordered: the number of its job. */
export const ordered = z.object({ job: z.string() });
export const done = z.object({ progress });

/** A record: `entity:12`, or `row:<source>:<fact>`. */
const record = z.string().regex(/^(entity:\d{1,10}|row:\d{1,3}:-?\d{1,19})$/);
export const explainQuery = z.object({ left: record, right: record });
export const explainAnswer = z.object({
  version: z.number().int(),
  left: z.string(),
  right: z.string(),
  columns: z.array(side),
  bars: z.array(bar),
  bits: z.number(),
  probability: z.number(),
  blocking: z.array(
    z.object({
      rule: z.string(),
      shared: z.boolean(),
      reason: z.enum(['shared', 'different', 'missing', 'too-large']),
    }),
  ),
  /** What the thresholds make of it. */
  outcome: z.enum(['link', 'review', 'open', 'not-compared']),
  thresholds: z.object({ link: z.number(), lead: z.number(), review: z.number() }),
});

export const versionsAnswer = z.object({ items: z.array(versionItem) });
export const versionAnswer = versionItem.extend({
  levels: z.array(
    z.object({
      comparison: z.string(),
      title: bilingual,
      level: z.string(),
      m: z.number(),
      u: z.number(),
      bits: z.number(),
    }),
  ),
  blocking: z.array(z.object({ rule: z.string(), pairs: z.number().int(), matches: z.number().int() })),
});

export const reviewParams = z.object({ review: bigNumber });
/** The candidates of a review of the match, weighed: the likeliest first. */
export const reviewWeights = z.object({
  /** The version in force; null before one is. */
  version: z.number().int().nullable(),
  thresholds: z.object({ link: z.number(), lead: z.number(), review: z.number() }).nullable(),
  candidates: z.array(
    z.object({
      entity: z.number().int(),
      /** Weight of evidence, log2 of the odds. */
      bits: z.number(),
      /** Above the threshold, and clearly ahead of the next. */
      clear: z.boolean(),
      /** The row's valid unified code belongs to another known legal person. */
      against: z.boolean(),
      bars: z.array(bar),
    }),
  ),
});
