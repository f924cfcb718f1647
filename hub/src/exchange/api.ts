/**
 * Answers and questions of the exchange's routes. These schemas validate at the door, make the OpenAPI description and
 * the types that the console is generated from.
 *
 *   GET  /api/v1/exchange/summary                        exchange.read     -> summary
 *   GET  /api/v1/exchange/sources                        exchange.read     sourceQuery -> sourceList
 *   GET  /api/v1/exchange/sources/{id}                   exchange.read     -> sourceDetail
 *   POST /api/v1/exchange/sources/{id}/collect           exchange.operate  -> jobReference (202)
 *   GET  /api/v1/exchange/runs                           exchange.read     runQuery -> runPage
 *   GET  /api/v1/exchange/runs/{run}                     exchange.read     -> runDetail
 *   GET  /api/v1/exchange/runs/{run}/rows/{row}/proof    exchange.read     -> rowProof
 *   GET  /api/v1/seals/rows/{run}/{row}                  seal.read and exchange.read -> rowSeal
 *   GET  /api/v1/exchange/refusals                       exchange.read     refusalQuery -> refusalPage
 *   GET  /api/v1/exchange/quarantine                     exchange.read     quarantineQuery -> quarantinePage
 *   GET  /api/v1/exchange/quarantine/export              exchange.read     quarantineQuery -> text/csv
 *   GET  /api/v1/exchange/quarantine/{run}/{row}         exchange.read     -> quarantineEntry
 *   PUT  /api/v1/exchange/quarantine/{run}/{row}         quarantine.mend   mendBody -> quarantineEntry
 *   POST /api/v1/exchange/quarantine/release             quarantine.mend   releaseBody -> releaseAnswer
 *   POST /api/v1/exchange/quarantine/drop                quarantine.mend   dropBody -> dropAnswer
 *   GET  /api/v1/push/{source}                           exchange.read     pushQuery -> pushPage
 *   POST /api/v1/push/{source}                           exchange.push     JSON array or NDJSON -> pushAnswer
 *
 * Instants are ISO 8601 in UTC; counts are rows; hashes are lower-case hexadecimal.
 */
import { z } from 'zod';
import { bilingual, cadence, panoramaCategory, protection, resourceLevel, transportKind } from '../catalogue/index.ts';

/** What came of a delivery: received = accepted + quarantined + duplicate, always. */
export const counters = z.object({
  received: z.number().int(),
  accepted: z.number().int(),
  quarantined: z.number().int(),
  duplicate: z.number().int(),
});

/** A problem that was kept: what problem+json would say. */
export const keptProblem = z.object({
  code: z.string(),
  title: bilingual,
  place: z
    .object({
      file: z.string(),
      line: z.number().int(),
      row: z.number().int(),
      column: z.number().int(),
      field: z.string(),
      pointer: z.string(),
      setting: z.string(),
    })
    .partial()
    .nullable(),
});

/**
 * Where a source stands: `running` now; `current`: delivered and not yet due; `overdue`: should have delivered;
 * `never`: nothing delivered yet and not yet due; `failed`: its last delivery was refused; `unavailable`: cannot deliver yet.
 */
export const sourceState = z.enum(['running', 'current', 'overdue', 'never', 'failed', 'unavailable']);

/** One source with where it stands. */
export const sourceItem = z.object({
  id: z.string(),
  number: z.number().int(),
  title: bilingual,
  owner: z.object({ id: z.string(), name: bilingual }),
  category: panoramaCategory,
  level: resourceLevel,
  transport: transportKind,
  cadence,
  mode: z.enum(['snapshot', 'changes']),
  contract: z.enum(['evolve', 'freeze', 'discard']),
  state: sourceState,
  /** Sums over all its runs. */
  totals: counters,
  /** Rows that wait in quarantine. */
  open: z.number().int(),
  runs: z.number().int(),
  lastRun: z.object({ run: z.number().int(), finished: z.string() }).extend(counters.shape).nullable(),
  lastRefusal: z.object({ at: z.string(), input: z.string(), problem: keptProblem }).nullable(),
  /** When the next delivery is due; null when it cannot deliver yet. */
  nextDue: z.string().nullable(),
  overdueDays: z.number().int(),
  unavailable: z.object({ reason: bilingual, expected: z.string() }).nullable(),
});

export const sourceQuery = z.object({
  search: z.string().max(100).optional(),
  owner: z.string().optional(),
  state: sourceState.optional(),
});

export const sourceList = z.object({ items: z.array(sourceItem), total: z.number().int() });

/** How long a named step took and how many rows it touched. */
export const stepTiming = z.object({ name: z.string(), ms: z.number(), rows: z.number().int() });

/** `collect`: a delivery; `push`: one pushed batch; `release`: mended rows that left quarantine. */
export const runKind = z.enum(['collect', 'push', 'release']);

export const runItem = counters.extend({
  run: z.number().int(),
  source: z.string(),
  title: bilingual,
  owner: z.string(),
  number: z.number().int(),
  kind: runKind,
  /** What was delivered: file name, table, address, or the run that was released. */
  input: z.string(),
  /** SHA-256 of the delivered bytes. */
  blob: z.string().nullable(),
  bytes: z.number().int(),
  started: z.string(),
  finished: z.string(),
  /** Received rows a second. */
  rate: z.number(),
  declaration: z.number().int(),
});

export const runQuery = z.object({
  source: z.string().optional(),
  owner: z.string().optional(),
  kind: runKind.optional(),
  offset: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(500).default(50),
});

export const runPage = z.object({ items: z.array(runItem), total: z.number().int() });

/** One run with its receipt: the steps, the Merkle root over the leaves of all received rows, what was noticed. */
export const runDetail = runItem.extend({
  /** Imprint (01 || SHA-256) of the tree's root; null for a run without rows. */
  root: z.string().nullable(),
  leaves: z.number().int(),
  steps: z.array(stepTiming),
  /** Quarantined rows of this run by rule and field. */
  quarantine: z.array(
    z.object({ rule: z.string(), title: bilingual, field: z.string().nullable(), rows: z.number().int() }),
  ),
  /** What was noticed and did not stop the run: columns set aside, ignored or absent; expectations that failed. */
  notices: z.array(keptProblem),
  /** Business keys of the previous snapshot that are not in this one. */
  vanished: z.number().int(),
});

export const sourceDetail = sourceItem.extend({
  abstract: bilingual,
  key: z.array(z.string()),
  fields: z.array(
    z.object({ name: z.string(), column: z.string(), title: bilingual, protection, required: z.boolean() }),
  ),
  /** The folder that is watched for a file source, relative to the data folder. */
  inbox: z.string().nullable(),
  recent: z.array(runItem),
  refusals: z.array(z.object({ at: z.string(), input: z.string(), problem: keptProblem })),
});

export const jobReference = z.object({ job: z.string() });

export const collectBody = z
  .object({
    /** File in the source's inbox; absent: whatever waits there, or a pull for database and HTTP sources. */
    file: z.string().optional(),
  })
  .default({});

/** The way from a row's leaf to the root of its run. */
export const rowProof = z.object({
  run: z.number().int(),
  row: z.number().int(),
  /** SHA-256 of the RFC 8785 JSON array of the row's original strings. */
  leaf: z.string(),
  /** From the leaf upwards: the sibling's imprint, on which side it stands, and the level byte of the join. */
  path: z.array(z.object({ side: z.enum(['left', 'right']), imprint: z.string(), level: z.number().int() })),
  root: z.string(),
});

/** One received row with its keyless signature, as who asks may see it. */
export const rowSeal = z.object({
  run: z.number().int(),
  row: z.number().int(),
  source: z.string(),
  title: bilingual,
  /** Imprint of the row's canonical text: what the signature is over. */
  leaf: z.string(),
  root: z.string(),
  /** The run's seal; null where none was asked for yet. */
  seal: z
    .object({
      id: z.number().int(),
      state: z.enum(['pending', 'sealed']),
      signedAt: z.string().nullable(),
      published: z.boolean(),
    })
    .nullable(),
  /** Signature of this row, base64; null while the run's seal waits. */
  signature: z.string().nullable(),
  /** The received values; empty for a row that was not accepted. */
  cells: z.array(
    z.object({
      field: z.string(),
      title: bilingual,
      visibility: z.enum(['plain', 'masked', 'hidden']),
      value: z.string().nullable(),
    }),
  ),
  /** RFC 8785 text whose SHA-256 is the leaf; null where a field of it is not seen plain, or the source is mapped. */
  canonical: z.string().nullable(),
});

export const refusalQuery = z.object({
  source: z.string().optional(),
  offset: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(500).default(50),
});

/** A delivery that was refused whole; its file is kept. */
export const refusalItem = z.object({
  id: z.number().int(),
  source: z.string(),
  input: z.string(),
  blob: z.string().nullable(),
  bytes: z.number().int(),
  at: z.string(),
  problem: keptProblem,
});

export const refusalPage = z.object({ items: z.array(refusalItem), total: z.number().int() });

export const quarantineStatus = z.enum(['open', 'released', 'dropped']);

/** One cell of a quarantined row as the viewer may see it. */
export const quarantineCell = z.object({
  field: z.string(),
  title: bilingual,
  /** null: the row had no such column. Masked or withheld by the viewer's rights. */
  value: z.string().nullable(),
  visibility: z.enum(['plain', 'masked', 'hidden']),
  /** The mended value that stands instead, when there is one. */
  mended: z.string().nullable(),
  /** Whether this cell broke the rule. */
  fault: z.boolean(),
});

/** One quarantined row. */
export const quarantineEntry = z.object({
  run: z.number().int(),
  row: z.number().int(),
  source: z.string(),
  title: bilingual,
  owner: z.string(),
  /** Line of the file on which the row starts; null where there are no lines. */
  line: z.number().int().nullable(),
  field: z.string().nullable(),
  rule: z.string(),
  /** What the rule says, with its parameters filled in. */
  sentence: bilingual,
  status: quarantineStatus,
  cells: z.array(quarantineCell),
  /** The text as it was received, for a row whose columns could not be told apart. */
  raw: z.string().nullable(),
  /** Place of the text in the delivered file, in bytes, when it is too long to be shown. */
  bytes: z.object({ from: z.number().int(), to: z.number().int() }).nullable(),
  leaf: z.string(),
  at: z.string(),
  decidedAt: z.string().nullable(),
  decidedBy: z.string().nullable(),
  reason: z.string().nullable(),
  /** The run that the row entered when it was released. */
  releasedRun: z.number().int().nullable(),
});

export const quarantineQuery = z.object({
  source: z.string().optional(),
  owner: z.string().optional(),
  run: z.coerce.number().int().optional(),
  field: z.string().optional(),
  rule: z.string().optional(),
  status: quarantineStatus.default('open'),
  /** Where the last page ended. */
  after: z
    .string()
    .regex(/^\d+-\d+$/)
    .optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
});

export const quarantinePage = z.object({
  items: z.array(quarantineEntry),
  total: z.number().int(),
  /** Pass as `after` to see what follows; null at the end. */
  next: z.string().nullable(),
  /** How many rows each rule and field holds under the same filter. */
  facets: z.array(
    z.object({ rule: z.string(), title: bilingual, field: z.string().nullable(), rows: z.number().int() }),
  ),
});

/** New values by field name; a row whose columns could not be told apart needs every field. */
export const mendBody = z.object({ cells: z.record(z.string(), z.string().nullable()) });

const selection = z.object({
  source: z.string(),
  /** Particular rows; absent: every open row of the source under the filters. */
  rows: z
    .array(z.object({ run: z.number().int(), row: z.number().int() }))
    .min(1)
    .max(10_000)
    .optional(),
  run: z.number().int().optional(),
  rule: z.string().optional(),
  field: z.string().optional(),
});

export const releaseBody = selection;

/** `kept`: rows that still break a rule and stay in quarantine. */
export const releaseAnswer = z.object({
  run: z.number().int().nullable(),
  released: z.number().int(),
  duplicate: z.number().int(),
  kept: z.number().int(),
});

export const dropBody = selection.extend({ reason: z.string().min(2).max(500) });
export const dropAnswer = z.object({ dropped: z.number().int() });

/** What a pushed batch is answered with, after it is on disk. */
export const pushAnswer = z.object({
  /** Name of the batch; the same key and body are answered with the same receipt. */
  batch: z.string(),
  source: z.string(),
  received: z.number().int(),
  sha256: z.string(),
  state: z.enum(['queued', 'collected']),
  run: z.number().int().nullable(),
  /** Until when the key is answered with this receipt, and how many whole days are left; later it is refused. */
  keyExpires: z.string(),
  keyDaysLeft: z.number().int(),
});

/** The batches of a source, the newest first. */
export const pushPage = z.object({
  items: z.array(
    z.object({
      batch: z.string(),
      run: z.number().int(),
      rows: z.number().int(),
      sha256: z.string(),
      taken: z.string(),
      keyExpires: z.string(),
      /** 0 on its last day; negative: the key is refused. */
      keyDaysLeft: z.number().int(),
    }),
  ),
  total: z.number().int(),
});

/** The start page's view of collection, alive. */
export const summary = z.object({
  at: z.string(),
  sources: z.object({
    total: z.number().int(),
    current: z.number().int(),
    overdue: z.number().int(),
    never: z.number().int(),
    failed: z.number().int(),
    running: z.number().int(),
    unavailable: z.number().int(),
  }),
  totals: counters.extend({ runs: z.number().int(), open: z.number().int(), bytes: z.number().int() }),
  /** Per department: what came and how fast (rows a second over the time that its runs took). */
  departments: z.array(
    counters.extend({
      owner: z.string(),
      name: bilingual,
      sources: z.number().int(),
      delivered: z.number().int(),
      overdue: z.number().int(),
      unavailable: z.number().int(),
      open: z.number().int(),
      lastFinished: z.string().nullable(),
      rate: z.number(),
    }),
  ),
  /** Received rows by hour of the last day that something came, oldest first, in UTC. */
  flow: z.array(z.object({ at: z.string() }).extend(counters.shape)),
  /** Collections that run now. */
  running: z.array(
    z.object({
      source: z.string(),
      title: bilingual,
      input: z.string(),
      step: z.string(),
      done: z.number().int(),
      total: z.number().int().nullable(),
      started: z.string(),
    }),
  ),
  recent: z.array(runItem),
});

export type Counters = z.infer<typeof counters>;
export type KeptProblem = z.infer<typeof keptProblem>;
export type SourceState = z.infer<typeof sourceState>;
export type SourceItem = z.infer<typeof sourceItem>;
export type SourceDetail = z.infer<typeof sourceDetail>;
export type RunItem = z.infer<typeof runItem>;
export type RunDetail = z.infer<typeof runDetail>;
export type RunQuery = z.infer<typeof runQuery>;
export type RowProof = z.infer<typeof rowProof>;
export type RowSeal = z.infer<typeof rowSeal>;
export type QuarantineEntry = z.infer<typeof quarantineEntry>;
export type QuarantineQuery = z.infer<typeof quarantineQuery>;
export type QuarantinePage = z.infer<typeof quarantinePage>;
export type ReleaseBody = z.infer<typeof releaseBody>;
export type ReleaseAnswer = z.infer<typeof releaseAnswer>;
export type DropBody = z.infer<typeof dropBody>;
export type PushAnswer = z.infer<typeof pushAnswer>;
export type ExchangeSummary = z.infer<typeof summary>;
