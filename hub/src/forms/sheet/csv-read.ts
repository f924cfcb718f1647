/** Rows of a CSV file: UTF-8 or GB 18030, comma, semicolon or tab, quoted as RFC 4180 says. */
import iconv from 'iconv-lite';
import type { OpenSheet, SheetRow } from './xlsx-read.ts';

/** Opens a CSV as a sheet. */
export function openCsv(bytes: Buffer): OpenSheet {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    text = iconv.decode(bytes, 'gb18030');
  }
  text = text.replace(/^\ufeff/, '');
  const line = text.slice(0, text.indexOf('\n') < 0 ? undefined : text.indexOf('\n'));
  const delimiter = [',', '\t', ';'].sort((a, b) => line.split(b).length - line.split(a).length)[0]!;
  return { name: 'CSV', date1904: false, rows: () => rowsOf(text, delimiter) };
}

async function* rowsOf(text: string, delimiter: string): AsyncGenerator<SheetRow> {
  let at = 0;
  let number = 0;
  while (at < text.length) {
    number += 1;
    const row: SheetRow = { number, cells: new Map() };
    for (let column = 0; ; column++) {
      let value = '';
      if (text[at] === '"') {
        at += 1;
        for (;;) {
          const end = text.indexOf('"', at);
          if (end < 0) {
            value += text.slice(at);
            at = text.length;
            break;
          }
          value += text.slice(at, end);
          at = end + 1;
          if (text[at] !== '"') break;
          value += '"';
          at += 1;
        }
      }
      const start = at;
      while (at < text.length && text[at] !== delimiter && text[at] !== '\n') at += 1;
      value += text.slice(start, at).replace(/\r$/, '');
      if (value !== '') row.cells.set(column, { kind: 'text', text: value });
      if (text[at] !== delimiter) break;
      at += 1;
    }
    at += 1;
    yield row;
  }
}
