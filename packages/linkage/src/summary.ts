/** What goes into a run and what figures come out of it. */
import type { Engine, Progress } from './engine.ts';
import type { Parameters } from './parameters.ts';
import type { Remark } from './remarks.ts';

/** How to run. */
export interface LinkOptions {
  /** An engine of your own; otherwise a DuckDB in memory is opened and closed with the linkage. */
  engine?: Engine;
  /** Schema for the tables of the linkage. Default `linkage`. */
  schema?: string;
  progress?: Progress;
  /** Parameters learned before, used as they are (`frozen`) or as the start of learning (`start`). */
  /** The clock, for the history. */
  now?: () => Date;
  parameters?: Parameters;
  use?: 'frozen' | 'start';
}

/** Figures of a run. */
export interface Summary {
  records: number;
  tables: { name: string; records: number }[];
  /** Pairs that the topology allows. */
  allowed: number;
  candidates: number;
  links: number;
  clusters: number;
  /** Clusters of more than one record. */
  multiple: number;
  largestCluster: number;
  largestComponent: number;
  /** Number of clusters by number of records. */
  sizes: Record<number, number>;
  /** Columns that tell little or nothing. */
  remarks: Remark[];
  thresholdBits: number;
  estimatedMatches: number;
  seconds: number;
}
