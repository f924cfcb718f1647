/** A table of somebody else's database as the pull sees it, whichever engine holds it. */

/** A column with what its type means for reading: how it is written and whether it can tell changes. */
export interface TableColumn {
  name: string;
  /** The type as the database names it. */
  type: string;
  /** `time` has no zone, `instant` has one; `other` cannot be a watermark. */
  kind:
    | 'integer'
    | 'unsigned'
    | 'decimal'
    | 'date'
    | 'time'
    | 'instant'
    | 'text'
    | 'binary'
    | 'bit'
    | 'shape'
    | 'other';
  /** Place in the primary key. */
  key: number | null;
}

/** What is known of the other side for sentences about it. No password, no address. */
export interface TableFacts {
  /** What it is called in sentences. */
  where: string;
  secret: string;
  table: string;
  /** Whether a connection stood already: then a fault means that it was lost. */
  connected: boolean;
}

/** Limits of one pull. */
export interface ReadLimits {
  connectMs: number;
  /** Longest time until the next rows come. */
  statementMs: number;
  /** Rows and bytes fetched at once, about. */
  fetchRows: number;
  fetchBytes: number;
}

/** What is read of a table. */
export interface ReadPlan {
  select: readonly TableColumn[];
  /** Rows from this mark on (and those without one), in its order; its text follows the selected values. */
  watermark: { column: TableColumn; from: string | null } | null;
  /** Times are read again from so many seconds before the mark: who writes late is still seen. */
  overlapSeconds: number;
}

/** An open table. Values are the text that the database shows; NULL is null. */
export interface TableReader {
  columns: readonly TableColumn[];
  /** Rows in batches: in the watermark's order, then by the primary key, else by all values. */
  rows(plan: ReadPlan): AsyncIterable<(string | null)[][]>;
  close(): Promise<void>;
}

/** How many rows to fetch next, so that a batch stays near its limits. */
export function nextFetch(size: number, rows: readonly (readonly (string | null)[])[], limits: ReadLimits): number {
  let bytes = 1;
  for (const row of rows) for (const value of row) bytes += value === null ? 0 : value.length;
  const fitting = Math.floor((rows.length * limits.fetchBytes) / bytes);
  return Math.max(1, Math.min(limits.fetchRows, fitting, size * 4));
}
