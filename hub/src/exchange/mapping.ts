/**
 * Applies a source's mapping to a delivery. The rows are first handed over as delivered, then the SELECT runs in an
 * engine of its own that holds nothing but them and can reach no other file, and what it answers is read and judged as
 * any delivery is. What a mapping may be is written in the catalogue's mapping.ts.
 */
import { join } from 'node:path';
import {
  absentColumn,
  CARRIED,
  compileMapping,
  type Mapping,
  mappingKinds,
  readMapping,
  type SourceDeclaration,
} from '../catalogue/index.ts';
import { ident, type LakeSession, literal, openDuckDbLake } from '../platform/lake/index.ts';
import { type Place, Problem } from '../platform/problem.ts';
import { type IntakePlan, type IntakeResult, OPERATION, TIMESTAMP } from './intake/plan.ts';
import { problems } from './problems.ts';

/** What the engine says when an expression cannot bear a value, told from faults of the engine itself. */
const OF_VALUES = /^(Conversion|Invalid Input|Out of Range) Error/;

/** Memory of the mapping's engine; what does not fit goes to the hand-over's folder. */
const MEMORY_MIB = 1024;

/** What a mapped delivery is read by, and what is known of its file. */
export interface MappedDelivery {
  plan: IntakePlan;
  file: Pick<IntakeResult, 'bytes' | 'sha256' | 'unknownColumns' | 'absentColumns'>;
  /** Rows as delivered, and how long reading and mapping them took, in milliseconds. */
  rows: number;
  readMs: number;
  mapMs: number;
}

/**
 * Reads a delivery by `read` and maps it; refusals and faults of the mapping are thrown. The folder `plan.out` must be an
 * absolute path.
 */
export async function mapDelivery(
  source: SourceDeclaration,
  plan: IntakePlan,
  input: string,
  read: (plan: IntakePlan) => Promise<IntakeResult>,
  signal?: AbortSignal,
): Promise<MappedDelivery> {
  if (source.mappingText === undefined) throw new Error(`the mapping of ${source.id} was not read`);
  const text = source.mappingText;
  const engine = await openDuckDbLake({
    ...{ path: ':memory:', memoryMiB: MEMORY_MIB, tempDirectory: join(plan.out, 'spill'), only: plan.out },
  });
  try {
    return await engine.session(async (s) => {
      const stop = () => s.interrupt();
      signal?.addEventListener('abort', stop, { once: true });
      try {
        const mapping = await readMapping(s, text, source.mapping!);
        const began = performance.now();
        const { reads, readsAll } = mapping;
        const { delivered, bytes, sha256, unknownColumns, absentColumns } = await read({
          ...plan,
          mapping: { reads: [...reads], readsAll },
        });
        const { names, path } = delivered!;
        const readMs = performance.now() - began;
        const rows = await new Mapper(s, source, mapping, names, input, signal).run(
          path,
          join(plan.out, 'mapped.jsonl'),
        );
        const mapMs = performance.now() - began - readMs;
        const aside =
          plan.contract === 'evolve' ? names.flatMap((n, i) => (unknownColumns.includes(n) ? [i] : [])) : [];
        return {
          plan: {
            ...{ ...plan, format: 'mapped', encoding: 'utf-8', path: join(plan.out, 'mapped.jsonl') },
            mapped: { names, aside, covered: coveredColumns(source, mapping, names) },
          },
          file: { bytes, sha256, unknownColumns, absentColumns },
          ...{ rows, readMs, mapMs },
        };
      } finally {
        signal?.removeEventListener('abort', stop);
      }
    });
  } finally {
    await engine.close();
  }
}

/** Which delivered columns a sensitive field may be made of. */
function coveredColumns(source: SourceDeclaration, mapping: Mapping, names: readonly string[]): boolean[] {
  const sensitive = source.fields.filter((f) => f.protection === 'sensitive').map((f) => f.name);
  if (!sensitive.length) return names.map(() => false);
  const behind = mapping.behind(sensitive);
  return names.map((n) => behind === null || behind.has(n.toLowerCase()));
}

/** One mapping over one delivery. */
class Mapper {
  readonly #s: LakeSession;
  readonly #source: SourceDeclaration;
  readonly #mapping: Mapping;
  readonly #names: readonly string[];
  readonly #input: string;
  readonly #signal: AbortSignal | undefined;

  constructor(
    s: LakeSession,
    source: SourceDeclaration,
    mapping: Mapping,
    names: readonly string[],
    input: string,
    signal?: AbortSignal,
  ) {
    this.#signal = signal;
    this.#s = s;
    this.#source = source;
    this.#mapping = mapping;
    this.#names = names;
    this.#input = input;
  }

  /** Maps the rows of a hand-over into a file of JSON lines; answers how many rows were delivered. */
  async run(from: string, to: string): Promise<number> {
    const s = this.#s;
    const columns = this.#names.flatMap((n, i) => (n === '' ? [] : [`, c${i} AS ${ident(n)}`]));
    await s.run(`CREATE TABLE delivered AS FROM read_parquet(${literal(from)})`);
    const received = `SELECT _row${columns.join('')} FROM delivered WHERE _raw IS NULL`;
    await s.run(`CREATE VIEW received AS ${received}`);
    await this.#compile();
    await this.#map(received);
    await this.#counted();
    const changes = this.#source.mode === 'changes' ? [OPERATION, TIMESTAMP] : [];
    const values = [
      ...this.#source.fields.map((_, i) => `m.m${i}`),
      ...changes.map((n) => `d.c${this.#names.indexOf(n)}`),
    ];
    const originals = this.#names.map((_, i) => `d.c${i}`);
    return s.run(
      `COPY (SELECT d._line, d._from, d._to, d._rule, d._params, d._raw, [${originals.join(', ')}] AS o, [${values.join(', ')}] AS m, m._bad
             FROM delivered d LEFT JOIN mapped m ON m._row = d._row ORDER BY d._row) TO ${literal(to)} (FORMAT json)`,
    );
  }

  /**
   * Answers all rows at once. When an expression cannot bear a value they are answered again, each field of each row by
   * itself, and what cannot be answered is marked (`_bad`: its fields' places). Where the statement cannot be taken apart
   * like that, the delivery is refused with the first such row, if that row alone fails, too.
   */
  async #map(received: string): Promise<void> {
    const { fields } = this.#source;
    const { sql, careful } = this.#mapping;
    const plain = fields.map((f, i) => `CAST(${ident(f.name)} AS VARCHAR) AS m${i}`);
    const answered = (values: string[], bad: string, from: string) =>
      `CREATE TABLE mapped AS SELECT TRY_CAST(${CARRIED} AS INTEGER) AS _row, ${values.join(', ')}, ${bad} AS _bad FROM (${from})`;
    try {
      await this.#s.run(answered(plain, 'NULL::INTEGER[]', sql));
      return;
    } catch (error) {
      const { message } = error as Error;
      if (this.#signal?.aborted || !OF_VALUES.test(message)) throw this.#failed(veiled(message));
      if (careful) {
        const tried = fields.map((f) => careful.tried.has(f.name.toLowerCase()));
        const values = fields.map((f, i) => (tried[i] ? `CAST(${ident(f.name)}.v AS VARCHAR) AS m${i}` : plain[i]!));
        const bad = fields.flatMap((f, i) => (tried[i] ? [`CASE WHEN ${ident(f.name)} IS NULL THEN ${i} END`] : []));
        const done = await this.#s
          .run(answered(values, `list_filter([${bad.join(', ')}]::INTEGER[], lambda i: i IS NOT NULL)`, careful.sql))
          .then(
            () => true,
            () => false,
          );
        if (done) return;
      }
      const place = await this.#firstFailing(received);
      throw this.#failed(veiled(message), place);
    }
  }

  /** The first row that fails by itself, with its line and the field, or nothing when no single row is to blame. */
  async #firstFailing(received: string): Promise<{ row: number; line: number; field?: string } | undefined> {
    const s = this.#s;
    const all = this.#source.fields.map((f) => f.name);
    const fails = async (from: number, to: number, names: readonly string[] = all): Promise<boolean> => {
      if (this.#signal?.aborted) throw this.#failed('interrupted');
      await s.run(`CREATE OR REPLACE VIEW received AS ${received} AND _row BETWEEN ${from} AND ${to}`);
      const values = names.map((n, i) => `CAST(${ident(n)} AS VARCHAR) AS m${i}`);
      return s
        .run(`CREATE OR REPLACE TEMP TABLE probe AS SELECT ${values.join(', ')} FROM (${this.#mapping.sql})`)
        .then(
          () => false,
          () => true,
        );
    };
    const last = await s.first<{ n: number }>('SELECT max(_row)::INTEGER AS n FROM delivered');
    let [from, to] = [1, last?.n ?? 0];
    while (from < to) {
      const middle = Math.floor((from + to) / 2);
      if (await fails(from, middle)) to = middle;
      else from = middle + 1;
    }
    if (from > to || !(await fails(from, from))) return undefined;
    const at = await s.first<{ line: number }>(`SELECT _line AS line FROM delivered WHERE _row = ${from}`);
    for (const field of all) if (await fails(from, from, [field])) return { row: from, line: at!.line, field };
    return { row: from, line: at!.line };
  }

  async #compile(): Promise<void> {
    const { mapping, fields } = this.#source;
    try {
      await compileMapping(
        this.#s,
        this.#mapping,
        fields.map((f) => f.name),
        mapping!,
      );
    } catch (error) {
      const absent = error instanceof Problem && error.kind === mappingKinds.compile && absentColumn(error.message);
      if (!absent) throw error;
      throw new Problem(problems.columnMissing, { columns: absent }, { file: this.#input, line: 1, field: absent });
    }
  }

  /** Every received row must have exactly one answer. */
  async #counted(): Promise<void> {
    const n = await this.#s.first<{ received: number; answered: number; own: number }>(
      `SELECT (SELECT count(*) FROM received) AS received, (SELECT count(*) FROM mapped) AS answered,
         (SELECT count(*) FROM received SEMI JOIN mapped USING (_row)) AS own`,
    );
    const { received, answered, own } = n!;
    if (answered === received && own === received) return;
    throw new Problem(
      problems.mappingRows,
      { mapping: this.#source.mapping, received, answered, missing: received - own, more: answered - own },
      { file: this.#input },
    );
  }

  #failed(message: string, place: Place = {}): Problem {
    const params = { mapping: this.#source.mapping, message };
    return new Problem(problems.mappingFailed, params, { file: this.#input, ...place });
  }
}

/** The engine's message without anything that may be a value of a row: it is kept with the refusal. */
export function veiled(message: string): string {
  return message
    .replace(/["'][\s\S]*["']/, '***')
    .split('\n')[0]!
    .replace(/with value .* can't/, "with value *** can't")
    .replace(/\S*\d\S*/g, (word) => (/^(U?INT\d+|DECIMAL\(\d+,\d+\))\W*$/.test(word) ? word : '***'))
    .trim();
}
