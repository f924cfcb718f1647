/**
 * Reads JSON lines: one object a line, members named as the declared columns. A member that is absent is null. A line that
 * is no object, is longer than the limit or holds what is no text is set apart; a member that is not declared follows the
 * contract; a required field that no line has refuses the delivery.
 */

import { isUtf8 } from 'node:buffer';
import { TextFile } from './bytes.ts';
import { KEPT_TEXT } from './csv.ts';
import { asDelivered, DeliveredSink, type Sink, unreadColumns } from './delivered.ts';
import { heading, isHeader } from './heading.ts';
import { members } from './json.ts';
import { type IntakeNews, type IntakePlan, OPERATION, Refused, TIMESTAMP } from './plan.ts';
import type { Reading } from './read.ts';
import { RowSink, text } from './sink.ts';
import { ValueRow } from './valuerow.ts';

const LF = 10;

/** Reads the whole file. */
export function readJsonLines(plan: IntakePlan, news: (news: IntakeNews) => void): Reading {
  if (!plan.mapping) return readAs(plan, news, (nullable) => new RowSink(plan, nullable, news));
  const names = namesIn(plan);
  const unread = unreadColumns(plan, plan.mapping, names, '');
  const read = readAs(asDelivered(plan, names), news, () => new DeliveredSink(plan, names));
  return { ...read, columns: { unknown: unread, absent: [] } };
}

/** Members of a delivery in the order in which it first names them; lines that are no objects name none. */
function namesIn(plan: IntakePlan): string[] {
  const file = new TextFile(plan.path, plan.encoding);
  const names = new Set<string>();
  try {
    eachLine(
      file,
      plan.longest,
      (bytes, from, to) => {
        const found = isUtf8(bytes.subarray(from, to)) ? members(text(bytes, from, to)) : null;
        for (const [name] of found ?? []) names.add(name);
      },
      () => undefined,
    );
  } finally {
    file.close();
  }
  return [...names];
}

function readAs(plan: IntakePlan, news: (news: IntakeNews) => void, into: (nullable: boolean[]) => Sink): Reading {
  const file = new TextFile(plan.path, plan.encoding);
  const names = plan.fields.map((f) => f.column ?? f.name);
  const wanted = plan.mode === 'changes' ? [...names, OPERATION, TIMESTAMP] : names;
  const places = new Map(wanted.map((name, i) => [name, i]));
  plan.fields.forEach((f, i) => {
    if (!places.has(f.name)) places.set(f.name, i);
  });
  const sink = into(wanted.map(() => true));
  const row = new ValueRow(wanted.length);
  const values: (string | null)[] = wanted.map(() => null);
  const seen = new Uint8Array(wanted.length);
  const unknown = new Set<string>();

  const take = (bytes: Uint8Array, from: number, to: number, line: number, base: number, whole: number) => {
    let end = to;
    if (bytes[end - 1] === 13) end -= 1;
    const place = { line, from: base + from, to: base + whole };
    const kept = () => text(bytes, from, Math.min(end, from + KEPT_TEXT));
    const broken = (rule: string) => sink.broken({ ...place, text: kept() }, { rule, field: null, params: {} });
    if (whole - from > plan.longest) return broken('too-long');
    if (!isUtf8(bytes.subarray(from, end))) return broken('encoding');
    const written = text(bytes, from, end);
    if (written.trim() === '') return;
    if (file.transcoded && written.includes('\uFFFD')) return broken('encoding');
    const found = members(written);
    if (!found) return broken('json');
    values.fill(null);
    const extra: Record<string, string | null> = {};
    const header = isHeader([...found.keys()].filter((name) => places.has(name)).length, wanted.length);
    let nth = -1;
    for (const [name, value] of found) {
      nth += 1;
      if (value !== null && (/\p{Surrogate}/u.test(value) || value.includes('\0')))
        return broken(value.includes('\0') ? 'nul' : 'encoding');
      const at = places.get(name);
      if (at !== undefined) {
        values[at] = value;
        seen[at] = 1;
      } else if (!name.startsWith('dsc_')) {
        if (plan.contract === 'freeze')
          throw new Refused({
            code: 'exchange.contract.column-extra',
            params: { columns: heading(name, nth, header), column: heading(name, nth, header) },
            line,
            field: heading(name, nth, header),
          });
        unknown.add(heading(name, nth, header));
        if (plan.contract === 'evolve') extra[name] = value;
      }
    }
    const own = row.of(values, line);
    if (Object.keys(extra).length) own.extra = JSON.stringify(extra);
    sink.add(own);
  };

  try {
    eachLine(file, plan.longest, take, () => news({ kind: 'progress', bytes: file.read, rows: sink.received }));
    if (sink.received === 0) throw new Refused({ code: 'exchange.file.empty', params: {} });
    const absent = wanted.filter((_, i) => !seen[i]);
    const missing = wanted.filter((_, i) => !seen[i] && (plan.fields[i]?.required ?? true));
    if (missing.length && sink.accepted + sink.quarantined > 0 && seen.some((s) => s))
      throw new Refused({
        code: 'exchange.contract.column-missing',
        params: { columns: missing.join('、'), column: missing[0] },
        field: missing[0]!,
      });
    return { sink, columns: { unknown: [...unknown], absent }, bytes: file.read, sha256: file.digest() };
  } finally {
    file.close();
  }
}

/** Takes one line: where it stands in the bytes, its number, and the place in the file of the bytes' beginning. */
type TakeLine = (bytes: Uint8Array, from: number, to: number, line: number, base: number, whole: number) => void;

/** Hands over the lines of a file; of one longer than the limit the beginning. `tick` is called now and then. */
export function eachLine(file: TextFile, longest: number, take: TakeLine, tick: () => void): void {
  let held: Uint8Array<ArrayBuffer> = new Uint8Array(8 << 20);
  let end = 0;
  let base = 0;
  let line = 1;
  let passed = 0; // bytes of an over-long line that were let go
  for (let said = 0; !file.last; ) {
    if (held.length < end + file.room) {
      const more = new Uint8Array(end + file.room * 2);
      more.set(held.subarray(0, end));
      held = more;
    }
    end += file.next(held, end);
    let from = 0;
    const view = Buffer.from(held.buffer, 0, end);
    for (let at = view.indexOf(LF, from); at >= 0; at = view.indexOf(LF, from)) {
      take(held, from, at, line, base, at + passed);
      line += 1;
      from = at + 1;
      base += passed;
      passed = 0;
    }
    if (file.last && from < end) take(held, from, end, line, base, end + passed);
    else if (end - from > longest) {
      // Its beginning is kept for the quarantine; the rest of it is passed over.
      passed += end - from - KEPT_TEXT;
      held.copyWithin(0, from, from + KEPT_TEXT);
      base += from;
      end = KEPT_TEXT;
    } else {
      held.copyWithin(0, from, end);
      base += from;
      end -= from;
    }
    if (performance.now() - said > 250) {
      said = performance.now();
      tick();
    }
  }
}
