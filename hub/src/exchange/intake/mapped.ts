/**
 * Reads rows that a mapping has answered: the declared values beside what was delivered. Values are judged as any other
 * source's; leaves are of what was delivered.
 */
import { TextFile } from './bytes.ts';
import { KEPT_TEXT } from './csv.ts';
import { eachLine } from './jsonl.ts';
import type { IntakeNews, IntakePlan } from './plan.ts';
import type { Reading } from './read.ts';
import { MAPPING_CAST } from './rules.ts';
import { RowSink } from './sink.ts';
import { ValueRow } from './valuerow.ts';

/** One line of the file: a row as delivered (`o`) and as mapped (`m`), or a broken one with its text. */
interface Line {
  _line: number;
  _from: number;
  _to: number;
  _rule: string | null;
  _params: string | null;
  _raw: string | null;
  o: (string | null)[];
  m: (string | null)[];
  /** Places of fields that the mapping could not answer of this row; null when all were. */
  _bad: number[] | null;
}

/** Reads the whole file of mapped rows. */
export function readMapped(plan: IntakePlan, news: (news: IntakeNews) => void): Reading {
  const { names, aside, covered } = plan.mapped!;
  const width = plan.fields.length + (plan.mode === 'changes' ? 2 : 0);
  const sink = new RowSink(plan, Array(width).fill(true), news);
  const row = new ValueRow(width);
  const original = new ValueRow(names.length);
  const file = new TextFile(plan.path, 'utf-8');
  const told = (values: (string | null)[], places: number[]): string =>
    JSON.stringify(Object.fromEntries(places.map((i) => [names[i]!, covered[i] ? '***' : (values[i] ?? null)])));
  const all = names.map((_, i) => i);
  try {
    eachLine(
      file,
      Number.POSITIVE_INFINITY,
      (bytes, from, to) => {
        const own = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString()) as Line;
        if (own._raw !== null) {
          const fault = { rule: own._rule!, field: null, params: JSON.parse(own._params!) };
          sink.broken({ text: own._raw, line: own._line, from: own._from, to: own._to }, fault);
          return;
        }
        const values = row.of(own.m, own._line);
        const kept = aside.filter((i) => own.o[i] !== null);
        if (kept.length) values.extra = told(own.o, kept);
        const delivered = { row: original.of(own.o, own._line), text: () => told(own.o, all).slice(0, KEPT_TEXT) };
        if (!own._bad?.length) {
          sink.add(values, delivered);
          return;
        }
        const fields = own._bad.map((i) => plan.fields[i]!.name);
        sink.refuse(
          values,
          { rule: MAPPING_CAST, field: fields[0]!, params: { fields: fields.join(', ') } },
          delivered,
        );
      },
      () => news({ kind: 'progress', bytes: file.read, rows: sink.received }),
    );
    return { sink, columns: { unknown: [], absent: [] }, bytes: file.read, sha256: file.digest() };
  } finally {
    file.close();
  }
}
