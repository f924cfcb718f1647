/**
 * Reads delimited text (RFC 4180 with any delimiter) record by record. What a record is:
 *
 * - it ends at LF or CR LF outside quotes, or at the end of the file; a line without any character is no record;
 * - a value that begins with `"` ends at the next `"` that is not doubled, which a delimiter or the record's end follows;
 * - where that is not so (text after a closing quote, a quote never closed), the record is the one line on which it began:
 *   one bad quote costs one line, not the rest of the file;
 * - a record longer than the limit ends at its next line end, quotes or not.
 *
 * A record that breaks these rules, has another number of columns than the header, holds a NUL or bytes that are no text
 * is set apart whole.
 */
import { isUtf8 } from 'node:buffer';
import { TextFile } from './bytes.ts';
import { type Sink, sinkFor } from './delivered.ts';
import type { Columns } from './header.ts';
import { type IntakeNews, type IntakePlan, Refused, type RowFault } from './plan.ts';
import { DOUBLED, ESCAPE, text } from './sink.ts';

const LF = 10;
const CR = 13;
const QUOTE = 34;
const SEPARATOR = 1;
const ENDS = 2;
const RETURN = 3;
const NUL = 4;
const TO_ESCAPE = 5;
/** Columns of one record that are told apart; more than that are only counted. */
const MOST_COLUMNS = 8192;
/** Characters of a broken record that are kept beside its place in the file. */
export const KEPT_TEXT = 64 << 10;
const REPLACEMENT = Buffer.from('\uFFFD');

/** The state of one reading. */
export class CsvReader {
  readonly #plan: IntakePlan;
  readonly #news: (news: IntakeNews) => void;
  readonly #file: TextFile;
  readonly #outside = new Uint8Array(256);
  readonly #inside = new Uint8Array(256);
  readonly #separator: Uint8Array;
  #bytes = new Uint8Array(6 << 20);
  #end = 0;
  /** Place in the file (as UTF-8) of the first byte of `#bytes`. */
  #base = 0;
  #line = 1;
  #suspicious = false;
  #starts = new Int32Array(MOST_COLUMNS + 1);
  #ends = new Int32Array(MOST_COLUMNS + 1);
  #flags = new Uint8Array(MOST_COLUMNS + 1);
  #columns: Columns | undefined;
  #skipping = false;
  /** What follows a line that was passed over: it is the next buffer. */
  #after: { passed: number; rest: Uint8Array } | undefined;
  sink: Sink | undefined;

  constructor(plan: IntakePlan, news: (news: IntakeNews) => void) {
    this.#plan = plan;
    this.#news = news;
    this.#file = new TextFile(plan.path, plan.encoding);
    this.#separator = Buffer.from(plan.delimiter);
    for (const classes of [this.#outside, this.#inside]) {
      for (let c = 0; c < 32; c++) classes[c] = TO_ESCAPE;
      classes[92] = TO_ESCAPE;
      classes[0] = NUL;
    }
    this.#outside[QUOTE] = TO_ESCAPE;
    this.#outside[LF] = ENDS;
    this.#outside[CR] = RETURN;
    this.#outside[this.#separator[0]!] = SEPARATOR;
    this.#inside[QUOTE] = SEPARATOR;
    this.#inside[LF] = ENDS;
  }

  /** Reads the whole file. */
  run(): { sink: Sink; columns: Columns; bytes: number; sha256: string } {
    try {
      for (let said = 0; ; ) {
        const after = this.#after;
        if (after) {
          this.#after = undefined;
          this.#base += after.passed;
          this.#reserve(after.rest.length);
          this.#bytes.set(after.rest, this.#end);
          this.#end += after.rest.length;
        } else if (this.#file.last) break;
        else {
          this.#reserve(this.#file.room);
          this.#end += this.#file.next(this.#bytes, this.#end);
        }
        this.#judge();
        this.#shift(this.#parse());
        if (this.sink && performance.now() - said > 250) {
          said = performance.now();
          this.#news({ kind: 'progress', bytes: this.#file.read, rows: this.sink.received });
        }
      }
      if (!this.#columns || !this.sink) throw new Refused({ code: 'exchange.file.empty', params: {} });
      if (this.sink.received === 0) throw new Refused({ code: 'exchange.file.header-only', params: {}, line: 1 });
      return { sink: this.sink, columns: this.#columns, bytes: this.#file.read, sha256: this.#file.digest() };
    } finally {
      this.#file.close();
    }
  }

  #reserve(more: number): void {
    const need = this.#end + more + 8;
    if (need <= this.#bytes.length) return;
    const bytes = new Uint8Array(Math.max(need, this.#bytes.length * 2));
    bytes.set(this.#bytes.subarray(0, this.#end));
    this.#bytes = bytes;
  }

  /** Whether the buffer holds bytes that are no text: only then is every record looked at by itself. */
  #judge(): void {
    const held = Buffer.from(this.#bytes.buffer, 0, this.#end);
    if (this.#file.transcoded) this.#suspicious = held.includes(REPLACEMENT);
    else {
      // A character that the chunk's end cuts in two is no fault: only what ends before the last line end is judged here.
      const whole = this.#file.last ? this.#end : held.lastIndexOf(LF) + 1;
      this.#suspicious = !isUtf8(held.subarray(0, whole));
    }
  }

  #shift(done: number): void {
    if (done === 0) return;
    this.#bytes.copyWithin(0, done, this.#end);
    this.#base += done;
    this.#end -= done;
  }

  /** Parses all records that are whole; answers where the next begins. */
  #parse(): number {
    const { separator, more } = { separator: this.#separator, more: this.#separator.length - 1 };
    const [outside, inside, starts, ends, flags] = [this.#outside, this.#inside, this.#starts, this.#ends, this.#flags];
    const bytes = this.#bytes;
    const end = this.#end;
    bytes[end] = LF; // stops the inner loops; a record that reaches it is not whole unless the file ends here
    let p = 0;
    let line = this.#line;
    records: for (;;) {
      if (p >= end) break;
      const from = p;
      if (bytes[p] === LF || (bytes[p] === CR && bytes[p + 1] === LF)) {
        if (bytes[p] === CR && p + 1 >= end && !this.#file.last) break;
        p += bytes[p] === LF ? 1 : 2;
        line += 1;
        continue;
      }
      let n = 0;
      let lines = 0;
      let nul = false;
      let fault: string | null = null;
      for (;;) {
        let flag = 0;
        let fs = p;
        let fe = p;
        let kind = 0;
        if (bytes[p] === QUOTE) {
          p += 1;
          fs = p;
          for (;;) {
            for (kind = inside[bytes[p]!]!; kind === 0; kind = inside[bytes[p]!]!) p += 1;
            if (p >= end) break;
            if (kind === SEPARATOR) {
              if (p + 1 < end && bytes[p + 1] === QUOTE) {
                flag = DOUBLED | ESCAPE;
                p += 2;
                continue;
              }
              break;
            }
            if (kind === ENDS) lines += 1;
            if (kind === NUL) nul = true;
            flag |= ESCAPE;
            p += 1;
          }
          if (p >= end) {
            if (!this.#file.last && end - from <= this.#plan.longest) break records;
            fault = 'quote-unclosed';
            break;
          }
          fe = p;
          p += 1;
          kind = outside[bytes[p]!]!;
          if (p >= end) {
            // The quote may be the first half of a doubled one.
            if (!this.#file.last) {
              if (end - from <= this.#plan.longest) break records;
              fault = 'too-long';
              break;
            }
          } else if (kind === SEPARATOR && more && !this.#separates(p)) kind = TO_ESCAPE;
          else if (kind === RETURN && bytes[p + 1] === LF) {
            p += 1;
            kind = ENDS;
          }
          if (kind !== SEPARATOR && kind !== ENDS) {
            fault = 'quote-text';
            break;
          }
        } else {
          for (;;) {
            for (kind = outside[bytes[p]!]!; kind === 0; kind = outside[bytes[p]!]!) p += 1;
            if (kind === ENDS) break;
            if (kind === SEPARATOR) {
              if (more === 0 || this.#separates(p)) break;
            } else if (kind === RETURN) {
              if (bytes[p + 1] === LF) {
                kind = ENDS;
                break;
              }
              flag = ESCAPE;
            } else {
              if (kind === NUL) nul = true;
              flag = ESCAPE;
            }
            p += 1;
          }
          fe = p;
          if (kind === ENDS && bytes[p] === CR) p += 1;
        }
        if (n < MOST_COLUMNS) {
          starts[n] = fs;
          ends[n] = fe;
          flags[n] = flag;
        }
        n += 1;
        if (kind === ENDS) break;
        p += separator.length;
      }
      if (p >= end && !this.#file.last && fault === null) {
        if (end - from <= this.#plan.longest) {
          p = from;
          break;
        }
        fault = 'too-long';
      }
      if (fault !== null || p - from > this.#plan.longest) {
        const cut = this.#firstLine(from, end);
        if (cut === null) {
          p = from;
          break;
        }
        const long = cut - from > this.#plan.longest;
        this.#broken(from, cut, line, { rule: long ? 'too-long' : (fault ?? 'too-long'), field: null, params: {} });
        line += 1;
        p = cut < end ? cut + 1 : cut;
        if (this.#after) break;
        continue;
      }
      p = Math.min(p + 1, end);
      this.#record(from, p, n, nul, line);
      line += lines + 1;
    }
    this.#line = line;
    return Math.min(p, end);
  }

  #separates(p: number): boolean {
    for (let i = 1; i < this.#separator.length; i++) if (this.#bytes[p + i] !== this.#separator[i]) return false;
    return true;
  }

  /**
   * Where the line that begins at `from` ends. A line that goes on past the limit is followed to its end through the
   * file, keeping only its beginning: then everything up to `end` belongs to it.
   */
  #firstLine(from: number, end: number): number | null {
    const at = Buffer.from(this.#bytes.buffer, from, end - from).indexOf(LF);
    if (at >= 0) return from + at;
    if (this.#file.last) return end;
    if (end - from <= this.#plan.longest) return null;
    this.#skipping = true;
    return end;
  }

  #broken(from: number, to: number, line: number, fault: RowFault): void {
    let stop = this.#base + to;
    const stand = this.#bytes[to - 1] === CR ? to - 1 : to;
    const kept = text(this.#bytes, from, Math.min(stand, from + KEPT_TEXT));
    if (this.#skipping) stop += this.#skip();
    if (!this.sink) this.#refuseHeader();
    else this.sink.broken({ text: kept, line, from: this.#base + from, to: stop }, fault);
  }

  /** Reads on to the next line end; what follows it becomes the buffer. Answers how many bytes were passed over. */
  #skip(): number {
    this.#skipping = false;
    let passed = 0;
    let rest: Uint8Array = new Uint8Array(0);
    while (!this.#file.last) {
      const chunk = new Uint8Array(this.#file.room);
      const n = this.#file.next(chunk, 0);
      const at = Buffer.from(chunk.buffer, 0, n).indexOf(LF);
      if (at < 0) {
        passed += n;
        continue;
      }
      passed += at + 1;
      rest = chunk.subarray(at + 1, n);
      break;
    }
    this.#after = { passed, rest };
    return passed;
  }

  #refuseHeader(): never {
    throw new Refused({ code: 'exchange.file.header', params: {}, line: 1 });
  }

  #record(from: number, to: number, n: number, nul: boolean, line: number): void {
    const coded = this.#suspicious && !this.#readable(from, to);
    if (!this.#columns) {
      if (coded)
        throw new Refused({
          code: 'exchange.file.encoding',
          params: { declared: this.#plan.encoding, seen: '?' },
          line,
        });
      const names = Array.from({ length: Math.min(n, MOST_COLUMNS) }, (_, i) =>
        text(this.#bytes, this.#starts[i]!, this.#ends[i]!).replaceAll('""', '"').trim(),
      );
      const { columns, sink } = sinkFor(this.#plan, names, this.#text(from, to), this.#news);
      this.#columns = columns;
      this.sink = sink;
      return;
    }
    if (n === this.#columns.count && !nul && !coded) {
      this.sink!.add(this.#columns.row(this.#bytes, this.#starts, this.#ends, this.#flags, line));
      return;
    }
    let fault: RowFault;
    if (coded) fault = { rule: 'encoding', field: null, params: { encoding: this.#plan.encoding } };
    else if (nul) fault = { rule: 'nul', field: null, params: {} };
    else {
      const params = { expected: this.#columns.count, found: n };
      fault = { rule: n < this.#columns.count ? 'columns-few' : 'columns-many', field: null, params };
    }
    this.sink!.broken({ text: this.#text(from, to), line, from: this.#base + from, to: this.#base + to }, fault);
  }

  #text(from: number, to: number): string {
    return text(this.#bytes, from, Math.min(to, from + KEPT_TEXT)).replace(/\r?\n$/, '');
  }

  #readable(from: number, to: number): boolean {
    const own = Buffer.from(this.#bytes.buffer, from, to - from);
    return this.#file.transcoded ? !own.includes(REPLACEMENT) : isUtf8(own);
  }
}
