/**
 * Hands a delivery over with its own columns, for a source whose fields a mapping answers: nothing is judged or hashed
 * yet. What the contract says of the columns is settled by the names alone: known are those that the mapping reads.
 */

import { join } from 'node:path';
import type { SourceField } from '../../catalogue/index.ts';
import { type Column, FixedColumn, TextColumn } from './columns.ts';
import { Columns, seemingDelimiter } from './header.ts';
import { heading, isHeader } from './heading.ts';
import { GROUP_ROWS, ParquetWriter } from './parquet.ts';
import type { RowFault } from './plan.ts';
import { type IntakeNews, type IntakePlan, type MappedColumns, OPERATION, Refused, TIMESTAMP } from './plan.ts';
import { type BrokenRow, DOUBLED, MOST_BUFFERED, type RawRow, RowSink, text } from './sink.ts';

/** What readers hand rows to. */
export interface Sink {
  received: number;
  readonly accepted: number;
  readonly quarantined: number;
  add(row: RawRow): void;
  broken(row: BrokenRow, fault: RowFault): void;
}

/** The columns of a delivery and where its rows go. `line` is the header as delivered. */
export function sinkFor(
  plan: IntakePlan,
  names: readonly string[],
  line: string,
  news: (news: IntakeNews) => void,
): { columns: Columns; sink: Sink } {
  if (!plan.mapping) {
    const columns = new Columns(plan, names, line);
    return { columns, sink: new RowSink(plan, columns.nullable, news) };
  }
  const columns = new Columns(asDelivered(plan, names), names, line);
  columns.unknown.push(...unreadColumns(plan, plan.mapping, names, line));
  return { columns, sink: new DeliveredSink(plan, names) };
}

/** The plan for reading every column of a delivery as text, in its own order. */
export function asDelivered(plan: IntakePlan, names: readonly string[]): IntakePlan {
  const own = (column: string, i: number): SourceField => ({
    ...{ name: `c${i}`, column, title: { zh: column, en: column }, type: 'text' },
    ...{ required: false, onInvalid: 'flag', protection: 'public' },
  });
  return { ...plan, fields: names.map(own), mode: 'snapshot', contract: 'discard' };
}

/** Columns that the mapping does not read; refuses the delivery where the contract or the names say so. */
export function unreadColumns(
  plan: IntakePlan,
  mapping: MappedColumns,
  names: readonly string[],
  line: string,
): string[] {
  const refuse = (code: string, params: Record<string, unknown>, field: string) =>
    new Refused({ code, params, line: 1, field });
  const known = new Set(mapping.reads);
  if (mapping.readsAll) for (const f of plan.fields) known.add(f.name).add((f.column ?? f.name).toLowerCase());
  const header = isHeader(names.filter((n) => known.has(n.toLowerCase())).length, mapping.reads.length);
  const held = new Set<string>();
  for (const [i, name] of names.entries()) {
    const lower = name.toLowerCase();
    const told = heading(name, i, header);
    if (held.has(lower)) throw refuse('exchange.file.column-twice', { column: told }, told);
    if (lower === '_row') throw refuse('exchange.mapping.reserved', { column: name }, name);
    held.add(lower);
  }
  const unread = names.flatMap((n, i) =>
    known.has(n.toLowerCase()) || n.startsWith('dsc_') ? [] : [heading(n, i, header)],
  );
  if (names.length === 1 && unread.length === 1) {
    const seen = seemingDelimiter(plan, line);
    if (seen) throw new Refused({ code: 'exchange.file.delimiter', params: seen, line: 1 });
  }
  const trace = plan.mode === 'changes' ? [OPERATION, TIMESTAMP].filter((n) => !names.includes(n)) : [];
  if (trace.length)
    throw refuse('exchange.contract.column-missing', { columns: trace.join('、'), column: trace[0] }, trace[0]!);
  if (unread.length && plan.contract === 'freeze')
    throw refuse('exchange.contract.column-extra', { columns: unread.join('、'), column: unread[0] }, unread[0]!);
  return unread;
}

/** Writes rows as they came: `_row`, the place, the fault of a broken row, and the columns as `c0`, `c1`, … */
export class DeliveredSink implements Sink {
  received = 0;
  readonly accepted = 0;
  quarantined = 0;
  readonly names: readonly string[];
  readonly #places = [
    new FixedColumn('_row', 'int32'),
    new FixedColumn('_line', 'int64'),
    new FixedColumn('_from', 'int64'),
    new FixedColumn('_to', 'int64'),
  ];
  readonly #fault = ['_rule', '_params', '_raw'].map((n) => new TextColumn(n, true));
  readonly #values: TextColumn[];
  readonly #columns: Column[];
  readonly #writer: ParquetWriter;
  #held = 0;

  constructor(plan: IntakePlan, names: readonly string[]) {
    this.names = names;
    this.#values = names.map((_, i) => new TextColumn(`c${i}`, true));
    this.#columns = [...this.#places, ...this.#fault, ...this.#values];
    this.#writer = new ParquetWriter(join(plan.out, 'delivered.parquet'), this.#columns);
  }

  add(row: RawRow): void {
    this.#place(row.line, 0, 0);
    for (const column of this.#fault) column.mark(false);
    for (let i = 0; i < this.#values.length; i++) {
      const [s, e] = [row.starts[i]!, row.ends[i]!];
      const doubled = s >= 0 && row.flags[i]! & DOUBLED;
      const own = doubled ? Buffer.from(text(row.bytes, s, e).replaceAll('""', '"')) : row.bytes.subarray(s, e);
      this.#values[i]!.push(s < 0 ? null : own);
      this.#held += e - s;
    }
    this.#room();
  }

  broken(row: BrokenRow, fault: RowFault): void {
    this.quarantined += 1;
    this.#place(row.line, row.from, row.to);
    this.#fault[0]!.push(Buffer.from(fault.rule));
    this.#fault[1]!.push(Buffer.from(JSON.stringify(fault.params)));
    this.#fault[2]!.push(Buffer.from(row.text));
    this.#held += row.text.length;
    for (const column of this.#values) column.mark(false);
    this.#room();
  }

  #place(line: number, from: number, to: number): void {
    this.received += 1;
    [this.received, line, from, to].forEach((n, i) => {
      this.#places[i]!.number(n);
    });
  }

  #room(): void {
    if (this.#places[0]!.rows < GROUP_ROWS && this.#held < MOST_BUFFERED) return;
    this.#writer.group();
    this.#held = 0;
  }

  /** Ends the file. */
  finish(): { path: string; names: readonly string[] } {
    this.#writer.close();
    return { path: this.#writer.path, names: this.names };
  }
}
