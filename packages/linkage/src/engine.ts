/**
 * The port to a database engine. Algorithms emit named SQL steps (`Pipeline`); an engine runs them. Everything that engines spell
 * differently is in the engine's `Dialect`, so that a second engine needs one file of functions and one of plumbing.
 */
import type { Dialect } from './dialect.ts';

/** One row of an answer. */
export type Row = Record<string, string | number | boolean | bigint | null>;

/** A column handed to the engine in bulk. */
export interface BulkColumn {
  name: string;
  type: 'INTEGER' | 'BIGINT' | 'DOUBLE' | 'VARCHAR';
  values: ArrayLike<number | bigint | string | null>;
}

/** A file to read: CSV or Parquet by its ending. All values arrive as text. */
export interface FileSource {
  path: string;
  delimiter?: string;
}

/** What linkage needs of a database. */
export interface Engine {
  readonly dialect: Dialect;
  /** Runs a statement. */
  run(sql: string): Promise<void>;
  /** Answers rows; for answers of at most some thousand rows. 64-bit integers arrive as numbers. */
  rows<T extends Row = Row>(sql: string): Promise<T[]>;
  /** Answers numeric columns in bulk as doubles (integers up to 2^53), null as NaN. */
  numbers(sql: string): Promise<Float64Array[]>;
  /** Makes a table out of columns. */
  create(table: string, columns: readonly BulkColumn[]): Promise<void>;
  /** Does work wholly or not at all, where the engine can; also for tables made in it. */
  transaction?<T>(work: () => Promise<T>): Promise<T>;
  /** The SQL of a relation that reads a file, every column as text and every name trimmed. */
  file(source: FileSource): Promise<string>;
  close(): Promise<void>;
}

/** A statement with a name that people can read: what it is for. */
export interface Step {
  name: string;
  sql: string;
}

/** A step that was run. */
export interface StepRun extends Step {
  seconds: number;
  /** Seconds of processor time of the whole process while it ran. */
  cpu: number;
}

/** Tells how far the work is. */
export type Progress = (event: { phase: string; step: string; done: number; total: number }) => void;

/** Runs named steps, keeps what was run and how long it took. */
export class Pipeline {
  readonly engine: Engine;
  readonly ran: StepRun[] = [];
  #phase = '';
  #phases: readonly string[] = [];
  readonly #progress: Progress | undefined;

  constructor(engine: Engine, progress?: Progress) {
    this.engine = engine;
    this.#progress = progress;
  }

  /** Announces the phases to come, for progress. */
  plan(phases: readonly string[]): void {
    this.#phases = phases;
  }

  /** Begins a phase. */
  phase(name: string): void {
    this.#phase = name;
    this.#tell('');
  }

  #tell(step: string): void {
    const at = this.#phases.indexOf(this.#phase);
    this.#progress?.({ phase: this.#phase, step, done: Math.max(at, 0), total: this.#phases.length });
  }

  /** Times any work as a step. */
  async time<T>(name: string, sql: string, work: () => Promise<T>): Promise<T> {
    this.#tell(name);
    const start = performance.now();
    const before = process.cpuUsage();
    const answer = await work();
    const used = process.cpuUsage(before);
    const seconds = (performance.now() - start) / 1000;
    this.ran.push({ name, sql, seconds, cpu: (used.user + used.system) / 1e6 });
    return answer;
  }

  /** Runs a statement. */
  run(name: string, sql: string): Promise<void> {
    return this.time(name, sql, () => this.engine.run(sql));
  }

  /** Asks for rows. */
  rows<T extends Row = Row>(name: string, sql: string): Promise<T[]> {
    return this.time(name, sql, () => this.engine.rows<T>(sql));
  }

  /** Asks for one row. */
  async one<T extends Row = Row>(name: string, sql: string): Promise<T> {
    return (await this.rows<T>(name, sql))[0]!;
  }

  /** Asks for numeric columns in bulk. */
  numbers(name: string, sql: string): Promise<Float64Array[]> {
    return this.time(name, sql, () => this.engine.numbers(sql));
  }
}
