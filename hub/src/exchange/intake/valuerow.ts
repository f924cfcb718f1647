/** Rows that come as values instead of bytes: their bytes are laid out for the sink. */
import { ESCAPE, type RawRow } from './sink.ts';

/** Lays out rows of a number of values. */
export class ValueRow {
  readonly row: RawRow;
  #bytes = Buffer.alloc(1 << 12);

  constructor(values: number) {
    this.row = {
      bytes: this.#bytes,
      starts: new Int32Array(values),
      ends: new Int32Array(values),
      flags: new Uint8Array(values).fill(ESCAPE),
      line: 0,
    };
  }

  /** The row of these values; used again by the next call. Values must be well-formed Unicode. */
  of(values: readonly (string | null)[], line: number): RawRow {
    const { row } = this;
    let size = 0;
    for (const v of values) size += v === null ? 0 : v.length * 3;
    if (size > this.#bytes.length) this.#bytes = Buffer.alloc(size * 2);
    let at = 0;
    for (let i = 0; i < values.length; i++) {
      const v = values[i]!;
      row.starts[i] = v === null ? -1 : at;
      if (v !== null) at += this.#bytes.write(v, at);
      row.ends[i] = v === null ? -1 : at;
    }
    row.bytes = this.#bytes;
    row.line = line;
    delete row.extra;
    return row;
  }
}
