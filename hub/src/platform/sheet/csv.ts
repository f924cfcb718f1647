/**
 * CSV as spreadsheets read it without harm: RFC 4180 with CRLF and a byte order mark, and no value that a spreadsheet
 * would take for a formula.
 */

/** Byte order mark: Excel reads UTF-8 only with it. */
export const BOM = '\ufeff';

const NUMBER = /^[+-]?\d+(\.\d+)?$/;
const FORMULA = /^[\s\u00a0\u3000]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/;

/** A value that begins like a formula gets an apostrophe in front; plain numbers stay numbers. */
export const harmless = (value: string): string => (FORMULA.test(value) && !NUMBER.test(value) ? `'${value}` : value);

/** One line with its CRLF. */
export function csvLine(values: readonly (string | null)[]): string {
  const cells = values.map((v) => {
    const text = harmless(v ?? '');
    return /[",\r\n]/.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text;
  });
  return `${cells.join(',')}\r\n`;
}

/** A CSV file in chunks, the header among the rows. */
export async function* csvFile(rows: AsyncIterable<readonly (string | null)[]>): AsyncGenerator<Buffer> {
  let pending = BOM;
  for await (const row of rows) {
    pending += csvLine(row);
    if (pending.length >= 1 << 16) {
      yield Buffer.from(pending);
      pending = '';
    }
  }
  if (pending) yield Buffer.from(pending);
}
