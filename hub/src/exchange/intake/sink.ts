/**
 * Where readers hand over rows: each is checked, hashed and put into column buffers; rows already known in this run and
 * rows that break a rule are set apart. Bytes go from the file's buffer to the columns and to the hasher in one pass.
 */
import { join } from 'node:path';
import { INLINE_TEXT, LeafForest } from '../hash/forest.ts';
import { type Column, FixedColumn, TextColumn } from './columns.ts';
import { LeafSet } from './leafset.ts';
import { GROUP_ROWS, ParquetWriter } from './parquet.ts';
import { type IntakeNews, type IntakePlan, OPERATION, type RowFault, TIMESTAMP } from './plan.ts';
import { blank, type FieldCheck, fieldChecks } from './rules.ts';
import { instantOf, operationOf } from './trace.ts';

/** Bytes of a value that must be escaped in JSON / whose doubled quotes must be made single. */
export const ESCAPE = 1;
export const DOUBLED = 2;

const HEX = Buffer.from('0123456789abcdef');
const SHORT = new Uint8Array(256);
for (const [c, s] of [
  [8, 'b'],
  [9, 't'],
  [10, 'n'],
  [12, 'f'],
  [13, 'r'],
  [34, '"'],
  [92, '\\'],
] as const)
  SHORT[c] = s.charCodeAt(0);
/** A row longer than this is hashed by itself; escaping makes a byte six at most. */
const LONG_ROW = INLINE_TEXT / 6 - 4096;
/** Bytes of rows that are held at most before a row group is written. */
export const MOST_BUFFERED = 256 << 20;

/** A row as a reader gives it: places of the values in `bytes` (start -1: null), in declared order. */
export interface RawRow {
  bytes: Uint8Array;
  starts: Int32Array;
  ends: Int32Array;
  flags: Uint8Array;
  line: number;
  /** Values of columns that are not declared, as JSON text. */
  extra?: string;
}

/** What a mapped row was made of: the values as delivered, which its leaf is of, and their text for the quarantine. */
export interface OriginalRow {
  row: RawRow;
  text: () => string;
}

/** Text of a record whose columns could not be told apart, with its place in the file. */
export interface BrokenRow {
  text: string;
  line: number;
  from: number;
  to: number;
}

/** Gathers the rows of one run. */
export class RowSink {
  received = 0;
  quarantined = 0;
  duplicate = 0;
  accepted = 0;
  readonly parts: string[] = [];
  readonly forest = new LeafForest();
  readonly #plan: IntakePlan;
  readonly #news: (news: IntakeNews) => void;
  readonly #known = new LeafSet();
  readonly #checks: (FieldCheck | undefined)[];
  readonly #checked: number[];
  readonly #fields: TextColumn[];
  readonly #row = new FixedColumn('_row', 'int32');
  readonly #leaf = new FixedColumn('_leaf', 'digest');
  readonly #op: TextColumn | undefined;
  readonly #ts: FixedColumn | undefined;
  readonly #columns: Column[];
  readonly #changes: boolean;
  #writer: ParquetWriter | undefined;
  #gone = new Uint8Array(GROUP_ROWS);
  readonly #batchLeaf = new Uint32Array(GROUP_ROWS);
  readonly #batchRow = new Uint32Array(GROUP_ROWS);
  #batch = 0;
  #starts: { rows: number; used: number }[];
  readonly #bad: {
    columns: TextColumn[];
    row: FixedColumn;
    line: FixedColumn;
    from: FixedColumn;
    to: FixedColumn;
    leaf: FixedColumn;
  };
  readonly #badLeaf: number[] = [];
  #badWriter: ParquetWriter | undefined;
  readonly #dup = [
    new FixedColumn('_row', 'int32'),
    new FixedColumn('of_row', 'int32'),
    new FixedColumn('_leaf', 'digest'),
  ] as const;
  #dupWriter: ParquetWriter | undefined;
  readonly #extra = [new FixedColumn('_row', 'int32'), new TextColumn('extra', false)] as const;
  #extraWriter: ParquetWriter | undefined;
  #temp = new Uint8Array(1 << 12);

  constructor(plan: IntakePlan, nullable: boolean[], news: (news: IntakeNews) => void) {
    this.#plan = plan;
    this.#news = news;
    this.#changes = plan.mode === 'changes';
    this.#checks = plan.fields.map(fieldChecks);
    this.#checked = plan.fields.flatMap((_, i) => (this.#checks[i] ? [i] : []));
    this.#fields = plan.fields.map((f, i) => new TextColumn(f.name, nullable[i]!));
    this.#columns = [this.#row, this.#leaf, ...this.#fields];
    if (this.#changes) {
      this.#op = new TextColumn('_op', false);
      this.#ts = new FixedColumn('_ts', 'timestamp');
      this.#columns.push(this.#op, this.#ts);
    }
    const trace = this.#changes ? [new TextColumn(OPERATION, true), new TextColumn(TIMESTAMP, true)] : [];
    this.#bad = {
      row: new FixedColumn('_row', 'int32'),
      line: new FixedColumn('_line', 'int64'),
      from: new FixedColumn('_from', 'int64'),
      to: new FixedColumn('_to', 'int64'),
      leaf: new FixedColumn('_leaf', 'digest'),
      columns: [
        ...['_field', '_rule', '_params', '_raw'].map((n) => new TextColumn(n, true)),
        ...plan.fields.map((f) => new TextColumn(f.name, true)),
        ...trace,
      ],
    };
    this.#starts = this.#columns.map(() => ({ rows: 0, used: 0 }));
  }

  /** Takes a row whose columns are known. A row that a mapping answered comes with what it was made of. */
  add(row: RawRow, original?: OriginalRow): void {
    const { starts, ends, flags } = row;
    const n = starts.length;
    for (let i = 0; i < n; i++) {
      if (flags[i]! & DOUBLED) {
        this.#undouble(row);
        break;
      }
    }
    const { bytes } = row;
    for (const i of this.#checked) {
      const check = this.#checks[i]!;
      const s = starts[i]!;
      const e = ends[i]!;
      let fault: RowFault | null = null;
      if (s < 0 || s === e || (check.required && blank(bytes, s, e))) {
        if (check.required) fault = { rule: 'required', field: check.field, params: {} };
      } else if (check.test) fault = check.test(text(bytes, s, e));
      if (fault) {
        this.#quarantine(row, fault, original);
        return;
      }
    }
    let operation: 'I' | 'U' | 'D' | null = 'I';
    let instant: number | null = 0;
    if (this.#changes) {
      const at = n - 2;
      operation = operationOf(value(row, at));
      if (!operation) {
        this.#quarantine(
          row,
          { rule: 'operation', field: OPERATION, params: { value: value(row, at) ?? '' } },
          original,
        );
        return;
      }
      instant = instantOf(value(row, at + 1));
      if (instant === null) {
        this.#quarantine(
          row,
          { rule: 'timestamp', field: TIMESTAMP, params: { value: value(row, at + 1) ?? '' } },
          original,
        );
        return;
      }
    }
    this.received += 1;
    this.#row.number(this.received);
    if (this.#changes) {
      this.#op!.push(LETTERS[operation!]);
      this.#ts!.number(instant!);
    }
    if (row.extra !== undefined) {
      this.#extra[0].number(this.received);
      this.#extra[1].push(Buffer.from(row.extra));
      if (this.#extra[0].rows === GROUP_ROWS) this.#flushExtra();
    }
    this.#batchLeaf[this.#batch] = this.#put(row, original);
    this.#batchRow[this.#batch++] = this.received;
    if (this.forest.full || this.#row.rows === GROUP_ROWS) this.settle();
  }

  /** Puts the values into their columns and, in the same pass, the canonical text to the hasher. */
  #put(row: RawRow, original: OriginalRow | undefined): number {
    const { bytes, starts, ends, flags } = row;
    const fields = this.#fields;
    const n = fields.length;
    let size = 0;
    let marked = 0;
    for (let i = 0; i < n; i++) {
      size += ends[i]! - starts[i]!;
      marked |= flags[i]!;
      if (starts[i]! < 0) marked = ESCAPE;
    }
    const plain = marked === 0 && !this.#changes && !original && size + n * 4 <= LONG_ROW;
    const to = this.forest.bytes;
    let t = this.forest.text + 1;
    for (let i = 0; i < n; i++) {
      const column = fields[i]!;
      const s = starts[i]!;
      const e = ends[i]!;
      if (s < 0) {
        column.mark(false);
        continue;
      }
      column.reserve(e - s);
      column.length(e - s);
      const own = column.bytes;
      let k = column.used;
      if (plain) {
        to[t++] = 0x22;
        for (let p = s; p < e; p++) {
          const c = bytes[p]!;
          to[t++] = c;
          own[k++] = c;
        }
        to[t++] = 0x22;
        to[t++] = 0x2c;
      } else if (e - s > 64) {
        own.set(bytes.subarray(s, e), k);
        k += e - s;
      } else for (let p = s; p < e; p++) own[k++] = bytes[p]!;
      column.used = k;
      if (column.flags) column.mark(true);
      else column.rows += 1;
    }
    if (!plain) return this.#hash(original ? original.row : row);
    to[this.forest.text] = 0x5b;
    to[t - 1] = 0x5d; // instead of the last comma
    return this.forest.end(t);
  }

  /** Takes a mapped row that is at fault already; its text has no doubled quotes. */
  refuse(row: RawRow, fault: RowFault, original: OriginalRow): void {
    this.#quarantine(row, fault, original);
  }

  /** Takes a record whose columns could not be told apart. Its leaf is that of a row of one value: the text as kept. */
  broken(row: BrokenRow, fault: RowFault): void {
    this.received += 1;
    this.quarantined += 1;
    const bytes = Buffer.from(row.text);
    const own: RawRow = {
      bytes,
      starts: Int32Array.of(0),
      ends: Int32Array.of(bytes.length),
      flags: Uint8Array.of(ESCAPE),
      line: row.line,
    };
    const bad = this.#bad;
    this.#badHead(row.line, row.from, row.to, fault);
    bad.columns[3]!.push(bytes);
    for (let i = 4; i < bad.columns.length; i++) bad.columns[i]!.mark(false);
    this.#badLeaf.push(this.#hash(own));
    if (this.forest.full || bad.row.rows === GROUP_ROWS) this.settle();
  }

  #badHead(line: number, from: number, to: number, fault: RowFault): void {
    const bad = this.#bad;
    bad.row.number(this.received);
    bad.line.number(line);
    bad.from.number(from);
    bad.to.number(to);
    bad.columns[0]!.push(fault.field === null ? null : Buffer.from(fault.field));
    bad.columns[1]!.push(Buffer.from(fault.rule));
    bad.columns[2]!.push(Buffer.from(JSON.stringify(fault.params)));
  }

  #quarantine(row: RawRow, fault: RowFault, original: OriginalRow | undefined): void {
    this.received += 1;
    this.quarantined += 1;
    const bad = this.#bad;
    this.#badHead(row.line, 0, 0, fault);
    bad.columns[3]!.push(original ? Buffer.from(original.text()) : null);
    for (let i = 0; i < row.starts.length; i++) {
      const s = row.starts[i]!;
      bad.columns[4 + i]!.push(s < 0 ? null : row.bytes.subarray(s, row.ends[i]!));
    }
    this.#badLeaf.push(this.#hash(original ? original.row : row));
    if (this.forest.full || bad.row.rows === GROUP_ROWS) this.settle();
  }

  /** Writes the canonical text of a row for the hasher; answers the leaf's number. */
  #hash(row: RawRow): number {
    const { bytes, starts, ends, flags } = row;
    const n = starts.length;
    let size = 0;
    for (let i = 0; i < n; i++) size += ends[i]! - starts[i]!;
    const long = size + n * 4 > LONG_ROW;
    const to = long ? new Uint8Array(size * 6 + n * 6 + 16) : this.forest.bytes;
    let t = long ? 0 : this.forest.text;
    to[t++] = 0x5b;
    for (let i = 0; i < n; i++) {
      if (i > 0) to[t++] = 0x2c;
      const s = starts[i]!;
      if (s < 0) {
        to[t++] = 0x6e;
        to[t++] = 0x75;
        to[t++] = 0x6c;
        to[t++] = 0x6c;
        continue;
      }
      const e = ends[i]!;
      to[t++] = 0x22;
      if (flags[i] === 0) {
        for (let p = s; p < e; p++) to[t++] = bytes[p]!;
      } else {
        for (let p = s; p < e; p++) {
          const c = bytes[p]!;
          if (c >= 32 && c !== 34 && c !== 92) to[t++] = c;
          else if (SHORT[c]) {
            to[t++] = 0x5c;
            to[t++] = SHORT[c]!;
          } else {
            to[t++] = 0x5c;
            to[t++] = 0x75;
            to[t++] = 0x30;
            to[t++] = 0x30;
            to[t++] = HEX[c >> 4]!;
            to[t++] = HEX[c & 15]!;
          }
        }
      }
      to[t++] = 0x22;
    }
    to[t++] = 0x5d;
    return long ? this.forest.endLong(to.subarray(0, t)) : this.forest.end(t);
  }

  #undouble(row: RawRow): void {
    let size = 0;
    for (let i = 0; i < row.starts.length; i++) size += row.ends[i]! - row.starts[i]!;
    if (size > this.#temp.length) this.#temp = new Uint8Array(size * 2);
    const to = this.#temp;
    let k = 0;
    for (let i = 0; i < row.starts.length; i++) {
      const s = row.starts[i]!;
      if (s < 0) continue;
      const from = k;
      const doubled = row.flags[i]! & DOUBLED;
      for (let p = s, e = row.ends[i]!; p < e; p++) {
        const c = row.bytes[p]!;
        to[k++] = c;
        if (doubled && c === 34) p += 1;
      }
      row.starts[i] = from;
      row.ends[i] = k;
    }
    row.bytes = to;
  }

  /** Hashes what waits, takes out rows known in this run, writes whole row groups. */
  settle(): void {
    const { forest } = this;
    forest.settle();
    const { words } = forest;
    let gone = 0;
    for (let k = 0; k < this.#batch; k++) {
      const at = forest.leafAt(this.#batchLeaf[k]!);
      const of = this.#known.meet(words, at, this.#batchRow[k]!);
      this.#gone[k] = of ? 1 : 0;
      if (!of) {
        this.#leaf.digest(words, at);
        continue;
      }
      gone += 1;
      this.#dup[0].number(this.#batchRow[k]!);
      this.#dup[1].number(of);
      this.#dup[2].digest(words, at);
    }
    if (gone) {
      this.#columns.forEach((column, i) => {
        if (column !== this.#leaf) column.remove(this.#starts[i]!, this.#gone);
      });
      this.duplicate += gone;
      this.#dupWriter ??= new ParquetWriter(join(this.#plan.out, 'duplicates.parquet'), this.#dup);
      if (this.#dup[0].rows >= GROUP_ROWS) this.#dupWriter.group();
    }
    this.accepted += this.#batch - gone;
    this.#batch = 0;
    if (this.#badLeaf.length) {
      for (const leaf of this.#badLeaf) this.#bad.leaf.digest(words, forest.leafAt(leaf));
      this.#badLeaf.length = 0;
      const bad = this.#bad;
      this.#badWriter ??= new ParquetWriter(join(this.#plan.out, 'quarantine.parquet'), [
        ...[bad.row, bad.line, bad.from, bad.to, bad.leaf],
        ...bad.columns,
      ]);
      const held = bad.columns.reduce((sum, c) => sum + c.used, 0);
      if (bad.row.rows === GROUP_ROWS || held > MOST_BUFFERED) this.#badWriter.group();
    }
    forest.advance();
    const held = this.#columns.reduce((sum, c) => sum + c.used, 0);
    if (this.#row.rows === GROUP_ROWS || held > MOST_BUFFERED) this.#group();
    this.#starts = this.#columns.map((c) => ({ rows: c.rows, used: c.used }));
  }

  #group(): void {
    this.#writer ??= new ParquetWriter(join(this.#plan.out, `part-${this.parts.length}.parquet`), this.#columns);
    this.#writer.group();
    if (this.#writer.rows >= this.#plan.partRows) this.#closePart();
  }

  #closePart(): void {
    const writer = this.#writer;
    if (!writer) return;
    writer.close();
    this.parts.push(writer.path);
    this.#news({ kind: 'part', path: writer.path, rows: writer.rows });
    this.#writer = undefined;
  }

  #flushExtra(): void {
    this.#extraWriter ??= new ParquetWriter(join(this.#plan.out, 'extra.parquet'), this.#extra);
    this.#extraWriter.group();
  }

  /** Ends the run: everything is in files and the tree is closed. */
  finish(): {
    quarantine: string | null;
    duplicates: string | null;
    extra: string | null;
  } & ReturnType<LeafForest['finish']> {
    this.settle();
    if (this.#row.rows) this.#group();
    this.#closePart();
    if (this.#extra[0].rows) this.#flushExtra();
    this.#badWriter?.close();
    this.#dupWriter?.close();
    this.#extraWriter?.close();
    return {
      quarantine: this.#badWriter?.path ?? null,
      duplicates: this.#dupWriter?.path ?? null,
      extra: this.#extraWriter?.path ?? null,
      ...this.forest.finish(),
    };
  }
}

const LETTERS = { I: Buffer.from('I'), U: Buffer.from('U'), D: Buffer.from('D') };

/** The text between two places. */
export const text = (bytes: Uint8Array, s: number, e: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset + s, e - s).toString();

const value = (row: RawRow, i: number): string | null =>
  row.starts[i]! < 0 ? null : text(row.bytes, row.starts[i]!, row.ends[i]!);
