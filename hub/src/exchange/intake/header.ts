/** Which column of a delivery is which declared field, and what the contract says of the others. */
import { heading, isHeader } from './heading.ts';
import { type IntakePlan, OPERATION, Refused, TIMESTAMP } from './plan.ts';
import { DOUBLED, type RawRow, text } from './sink.ts';

const DELIMITERS: Record<string, string> = { ',': ',', ';': ';', '\t': '\\t', '|': '|', '%': '%', '\u0001': '\\x01' };

/** The declared delimiter and the one that a header of a single column seems to have; null when it has none. */
export function seemingDelimiter(plan: IntakePlan, line: string): { declared: string; seen: string } | null {
  const seen = Object.entries(DELIMITERS)
    .filter(([d]) => d !== plan.delimiter)
    .map(([d, shown]) => ({ shown, n: line.split(d).length - 1 }))
    .sort((a, b) => b.n - a.n)[0]!;
  return seen.n > 0 ? { declared: DELIMITERS[plan.delimiter] ?? plan.delimiter, seen: seen.shown } : null;
}

/** The columns of one delivery. */
export class Columns {
  readonly count: number;
  /** Per declared field (and trace column): may it be absent? */
  readonly nullable: boolean[];
  readonly unknown: string[] = [];
  readonly absent: string[] = [];
  readonly #map: Int32Array;
  readonly #same: boolean;
  readonly #extra: number[] = [];
  readonly #names: readonly string[];
  readonly #own: RawRow;
  #window: Int32Array | undefined;

  /**
   * @param names column names of the delivery; null for deliveries whose rows name their own columns
   * @param line the header as delivered, to tell which delimiter it seems to have
   */
  constructor(plan: IntakePlan, names: readonly string[], line: string) {
    this.#names = names;
    this.count = names.length;
    const declared = new Set(plan.fields.flatMap((f) => [f.column ?? f.name, f.name]));
    const header = isHeader(names.filter((name) => declared.has(name)).length, plan.fields.length);
    const places = new Map<string, number>();
    names.forEach((name, i) => {
      if (places.has(name))
        throw new Refused({
          code: 'exchange.file.column-twice',
          params: { column: heading(name, i, header) },
          line: 1,
        });
      places.set(name, i);
    });
    const wanted: { names: string[]; name: string; required: boolean }[] = plan.fields.map((f) => ({
      names: [f.column ?? f.name, f.name],
      name: f.name,
      required: f.required,
    }));
    if (plan.mode === 'changes')
      for (const name of [OPERATION, TIMESTAMP]) wanted.push({ names: [name], name, required: true });
    this.#map = new Int32Array(wanted.length).fill(-1);
    wanted.forEach((w, i) => {
      for (const name of w.names) {
        const at = places.get(name);
        if (at === undefined) continue;
        this.#map[i] = at;
        places.delete(name);
        return;
      }
      if (w.required || plan.contract !== 'evolve') this.absent.push(w.names[0]!);
    });
    if (this.absent.length) this.#refuse(plan, wanted.length, line);
    wanted.forEach((w, i) => {
      if (this.#map[i]! < 0) this.absent.push(w.names[0]!);
    });
    const trace = new Set<string>();
    for (const [name, at] of places) {
      // Trace columns other than the two are the warehouse's own and belong to no contract.
      if (name.startsWith('dsc_')) trace.add(name);
      else {
        this.unknown.push(heading(name, at, header));
        this.#extra.push(at);
      }
    }
    if (this.unknown.length && plan.contract === 'freeze')
      throw new Refused({
        code: 'exchange.contract.column-extra',
        params: { columns: this.unknown.join('、'), column: this.unknown[0]! },
        line: 1,
        field: this.unknown[0]!,
      });
    if (plan.contract !== 'evolve') this.#extra.length = 0;
    this.nullable = wanted.map((_, i) => this.#map[i]! < 0);
    this.#same = this.#map.length === names.length && this.#map.every((at, i) => at === i);
    this.#own = {
      bytes: new Uint8Array(0),
      starts: new Int32Array(wanted.length),
      ends: new Int32Array(wanted.length),
      flags: new Uint8Array(wanted.length),
      line: 0,
    };
  }

  #refuse(plan: IntakePlan, wanted: number, line: string): never {
    const seen = this.count === 1 && wanted > 1 ? seemingDelimiter(plan, line) : null;
    if (seen) throw new Refused({ code: 'exchange.file.delimiter', params: seen, line: 1 });
    throw new Refused({
      code: 'exchange.contract.column-missing',
      params: { columns: this.absent.join('、'), column: this.absent[0]! },
      line: 1,
      field: this.absent[0]!,
    });
  }

  /** The row in declared order. The answer is used again by the next call. */
  row(bytes: Uint8Array, starts: Int32Array, ends: Int32Array, flags: Uint8Array, line: number): RawRow {
    const own = this.#own;
    own.bytes = bytes;
    own.line = line;
    const map = this.#map;
    if (this.#same) {
      // The reader's own places, seen through windows of the right length: nothing is copied.
      if (this.#window !== starts) {
        this.#window = starts;
        own.starts = starts.subarray(0, map.length);
        own.ends = ends.subarray(0, map.length);
        own.flags = flags.subarray(0, map.length);
      }
      return own;
    }
    for (let i = 0; i < map.length; i++) {
      const at = map[i]!;
      own.starts[i] = at < 0 ? -1 : starts[at]!;
      own.ends[i] = at < 0 ? -1 : ends[at]!;
      own.flags[i] = at < 0 ? 0 : flags[at]!;
    }
    if (this.#extra.length) {
      const extra: Record<string, string> = {};
      for (const at of this.#extra) {
        const value = text(bytes, starts[at]!, ends[at]!);
        extra[this.#names[at]!] = flags[at]! & DOUBLED ? value.replaceAll('""', '"') : value;
      }
      own.extra = JSON.stringify(extra);
    }
    return own;
  }
}
