/**
 * Cuts records out of a file that was received or delivered, without touching a byte of the others. Delimited text and JSON lines are cut
 * as bytes (a record ends where the readers of the intake end it), Parquet by the engine; of anything else the file goes whole.
 */

const [LF, CR, QUOTE] = [10, 13, 34];

/** How a file is written. */
export interface CutFormat {
  format: 'csv' | 'jsonl' | 'parquet' | 'xlsx';
  encoding: 'utf-8' | 'gb18030' | 'utf-16';
  delimiter: string;
}

/** One record with its line end, and whether it is one (an empty line is none). */
export interface Piece {
  bytes: Uint8Array;
  record: boolean;
}

/** Splits delimited text by records; quotes are read as intake/csv.ts reads them. UTF-16 is cut at its units. */
export async function* records(content: AsyncIterable<Uint8Array>, how: CutFormat): AsyncGenerator<Piece> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  const all = Buffer.concat(chunks);
  const width = how.encoding === 'utf-16' ? 2 : 1;
  const big = width === 2 && all[0] === 0xfe && all[1] === 0xff;
  // The character at a unit where it is ASCII, else something that means nothing here.
  const at = (i: number): number => {
    if (width === 1) return all[i] ?? -1;
    const [high, low] = big ? [all[i], all[i + 1]] : [all[i + 1], all[i]];
    return high === 0 ? (low ?? -1) : -2;
  };
  const separator = how.delimiter.charCodeAt(0);
  const quoted = how.format === 'csv';
  let start = 0;
  while (start < all.length) {
    const end = quoted
      ? recordEnd(all.length, at, width, start, separator, how.encoding === 'gb18030')
      : lineEnd(all.length, at, width, start);
    const bytes = all.subarray(start, end);
    let last = end;
    while (last > start && (at(last - width) === LF || at(last - width) === CR)) last -= width;
    yield { bytes, record: last > start };
    start = end;
  }
}

function lineEnd(length: number, at: (i: number) => number, width: number, from: number): number {
  for (let i = from; i < length; i += width) if (at(i) === LF) return i + width;
  return length;
}

/** The end of the record that begins here: a quote that is never closed, or that text follows, makes it one line. */
function recordEnd(
  length: number,
  at: (i: number) => number,
  width: number,
  from: number,
  separator: number,
  doubleBytes: boolean,
): number {
  let i = from;
  for (;;) {
    // At the beginning of a value.
    if (at(i) === QUOTE) {
      let j = i + width;
      for (;;) {
        if (j >= length) return lineEnd(length, at, width, from);
        if (at(j) !== QUOTE) j += width;
        else if (at(j + width) === QUOTE) j += 2 * width;
        else break;
      }
      i = j + width;
      if (i >= length) return length;
      if (at(i) === CR && at(i + width) === LF) return i + 2 * width;
      if (at(i) === LF) return i + width;
      if (at(i) !== separator) return lineEnd(length, at, width, from);
      i += width;
      continue;
    }
    while (i < length && at(i) !== separator && at(i) !== LF) {
      // The second byte of a character of GB 18030 may look like a delimiter.
      i += doubleBytes && at(i) > 0x80 ? 2 : width;
    }
    if (i >= length) return length;
    if (at(i) === LF) return i + width;
    i += width;
  }
}

/**
 * What is left of a text file without some records. `drop` is asked with the record's number (from 1, the header of delimited text is none)
 * and its bytes. Answers how many records there were and how many are gone.
 */
export async function* without(
  content: AsyncIterable<Uint8Array>,
  how: CutFormat,
  drop: (n: number, bytes: Uint8Array) => boolean,
  told: { records: number; cut: number },
): AsyncGenerator<Uint8Array> {
  let header = how.format === 'csv';
  for await (const { bytes, record } of records(content, how)) {
    if (!record || header) {
      if (record) header = false;
      yield bytes;
      continue;
    }
    told.records += 1;
    if (drop(told.records, bytes)) told.cut += 1;
    else yield bytes;
  }
}
