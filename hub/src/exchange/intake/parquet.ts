/**
 * Writes Parquet files (format 2.x, PLAIN, uncompressed): the hand-over from the reading thread to the engine, which
 * reads them several times faster than the text they came from. Row groups hold exactly `GROUP_ROWS` rows, the size of
 * the engine's own: groups of other sizes would be joined and written a second time at its next checkpoint.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import type { Column, TextColumn } from './columns.ts';
import { type ThriftFields, type ThriftValue, thrift } from './thrift.ts';

/** Rows of one of the engine's row groups. */
export const GROUP_ROWS = 122_880;

const MAGIC = Buffer.from('PAR1');
/** Parquet's physical types: INT32, INT64, BYTE_ARRAY, FIXED_LEN_BYTE_ARRAY. */
const PHYSICAL = { int32: 1, int64: 2, timestamp: 2, digest: 7, text: 6 } as const;

const nullable = (c: Column): c is TextColumn & { flags: Uint8Array } => 'flags' in c && c.flags !== undefined;
const kindOf = (c: Column): keyof typeof PHYSICAL => ('kind' in c ? c.kind : 'text');

/** Definition levels of one bit as one bit-packed run (four bytes of length before). */
function levels(flags: Uint8Array, rows: number): Uint8Array {
  const groups = Math.ceil(rows / 8);
  const head: number[] = [];
  let v = groups * 2 + 1;
  while (v >= 128) {
    head.push((v & 127) | 128);
    v = Math.floor(v / 128);
  }
  head.push(v);
  const out = new Uint8Array(4 + head.length + groups);
  new DataView(out.buffer).setUint32(0, head.length + groups, true);
  out.set(head, 4);
  for (let i = 0; i < rows; i++) if (flags[i]) out[4 + head.length + (i >> 3)]! |= 1 << (i & 7);
  return out;
}

/** One file. Rows are in the columns; `group` writes them as a row group and empties the columns. */
export class ParquetWriter {
  readonly path: string;
  readonly #columns: readonly Column[];
  readonly #groups: ThriftValue[] = [];
  readonly #fd: number;
  #at = 0;
  rows = 0;

  constructor(path: string, columns: readonly Column[]) {
    this.path = path;
    this.#columns = columns;
    this.#fd = openSync(path, 'w', 0o600);
    this.#write(MAGIC);
  }

  #write(bytes: Uint8Array): void {
    let done = 0;
    while (done < bytes.length) done += writeSync(this.#fd, bytes, done, bytes.length - done);
    this.#at += bytes.length;
  }

  /** Writes what the columns hold. */
  group(): void {
    const rows = this.#columns[0]!.rows;
    if (rows === 0) return;
    const start = this.#at;
    const chunks: ThriftValue[] = [];
    for (const column of this.#columns) {
      const at = this.#at;
      const levelBytes = nullable(column) ? levels(column.flags, rows) : new Uint8Array(0);
      const size = levelBytes.length + column.used;
      const header: ThriftFields = [
        [1, { i32: 0 }],
        [2, { i32: size }],
        [3, { i32: size }],
        [
          5,
          {
            struct: [
              [1, { i32: rows }],
              [2, { i32: 0 }],
              [3, { i32: 3 }],
              [4, { i32: 3 }],
            ],
          },
        ],
      ];
      this.#write(thrift(header));
      this.#write(levelBytes);
      this.#write(column.bytes.subarray(0, column.used));
      const total = this.#at - at;
      chunks.push({
        struct: [
          [2, { i64: at }],
          [
            3,
            {
              struct: [
                [1, { i32: PHYSICAL[kindOf(column)] }],
                [2, { list: [{ i32: 0 }, { i32: 3 }] }],
                [3, { list: [{ text: column.name }] }],
                [4, { i32: 0 }],
                [5, { i64: rows }],
                [6, { i64: total }],
                [7, { i64: total }],
                [9, { i64: at }],
              ],
            },
          ],
        ],
      });
      column.clear();
    }
    this.#groups.push({
      struct: [
        [1, { list: chunks }],
        [2, { i64: this.#at - start }],
        [3, { i64: rows }],
      ],
    });
    this.rows += rows;
  }

  /** Writes the rest and the footer. */
  close(): void {
    this.group();
    const schema: ThriftValue[] = [
      {
        struct: [
          [4, { text: 'row' }],
          [5, { i32: this.#columns.length }],
        ],
      },
    ];
    for (const column of this.#columns) {
      const kind = kindOf(column);
      const fields: ThriftFields = [[1, { i32: PHYSICAL[kind] }]];
      if (kind === 'digest') fields.push([2, { i32: 32 }]);
      fields.push([3, { i32: nullable(column) ? 1 : 0 }], [4, { text: column.name }]);
      if (kind === 'text') fields.push([6, { i32: 0 }]); // UTF8
      if (kind === 'timestamp') fields.push([6, { i32: 10 }]); // TIMESTAMP_MICROS
      schema.push({ struct: fields });
    }
    const footer = thrift([
      [1, { i32: 2 }],
      [2, { list: schema }],
      [3, { i64: this.rows }],
      [4, { list: this.#groups }],
      [6, { text: 'jingwei' }],
    ]);
    this.#write(footer);
    const tail = Buffer.alloc(8);
    tail.writeUInt32LE(footer.length, 0);
    MAGIC.copy(tail, 4);
    this.#write(tail);
    closeSync(this.#fd);
  }

  /** Closes the file without a footer (the reading was given up). */
  abandon(): void {
    closeSync(this.#fd);
  }
}
