/** What the reading thread is told and what it tells: plain data only. */
import type { SourceField } from '../../catalogue/index.ts';

/** How a file is read into the hand-over. */
export interface IntakePlan {
  path: string;
  format: 'csv' | 'jsonl' | 'xlsx' | 'mapped';
  encoding: 'utf-8' | 'gb18030' | 'utf-16';
  delimiter: string;
  sheet?: string;
  /** Declared fields in order. */
  fields: readonly SourceField[];
  mode: 'snapshot' | 'changes';
  contract: 'evolve' | 'freeze' | 'discard';
  /** Bytes of the longest record that is read whole. */
  longest: number;
  /** Folder of the hand-over; must exist and belong to this run alone. */
  out: string;
  /** Rows of one part; a multiple of the row group. */
  partRows: number;
  /** The delivery is only handed over with its own columns, for a mapping that reads these. */
  mapping?: MappedColumns;
  /** Of the format `mapped`: what was delivered. */
  mapped?: {
    /** Columns of the delivery in its order. */
    names: readonly string[];
    /** Places of the columns that are kept aside under `evolve`. */
    aside: readonly number[];
    /** Per column: a sensitive field may be made of it, so that its text is not kept. */
    covered: readonly boolean[];
  };
}

/** Names that a mapping reads, in lower case. `readsAll`: also whole rows, so the declared columns count as read. */
export interface MappedColumns {
  reads: readonly string[];
  readsAll: boolean;
}

/** What the reading thread says while it reads. */
export type IntakeNews =
  | { kind: 'progress'; bytes: number; rows: number }
  | { kind: 'part'; path: string; rows: number };

/** What the reading thread says at the end. */
export interface IntakeResult {
  bytes: number;
  /** Lower-case hexadecimal SHA-256 of the file as delivered. */
  sha256: string;
  received: number;
  accepted: number;
  quarantined: number;
  duplicate: number;
  parts: string[];
  /** Hand-over of quarantined rows and of rows known in this run; null when there are none. */
  quarantine: string | null;
  duplicates: string | null;
  /** Values of columns that are not declared, kept aside under `evolve`. */
  extra: string | null;
  root: Uint8Array | null;
  /** Level of the root. */
  level: number;
  blocks: Uint8Array[];
  tail: { digest: Uint8Array; level: number } | null;
  /** Columns of the file that are not declared, and declared ones that it does not have. */
  unknownColumns: string[];
  absentColumns: string[];
  /** The rows as delivered, when a mapping is to answer the fields; then nothing of the above is there but the file. */
  delivered: { path: string; names: readonly string[] } | null;
}

/** A delivery that must be refused whole: the code of a problem with its parameters. */
export interface IntakeRefusal {
  code: string;
  params: Record<string, unknown>;
  line?: number;
  field?: string;
}

/** Thrown by readers; becomes a Problem outside the thread. */
export class Refused extends Error {
  readonly refusal: IntakeRefusal;
  constructor(refusal: IntakeRefusal) {
    super(refusal.code);
    this.refusal = refusal;
  }
}

/** Names of the trace columns of a source that delivers changes. */
export const OPERATION = 'dsc_biz_operation';
export const TIMESTAMP = 'dsc_biz_timestamp';

/** A fault of one row: the rule, the field and what the sentence needs. */
export interface RowFault {
  rule: string;
  field: string | null;
  params: Record<string, string | number>;
}
