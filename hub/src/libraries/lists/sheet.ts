/** Rows as a file that spreadsheets read without harm: CSV (RFC 4180, byte order mark) or a workbook of one sheet. */
import { Readable } from 'node:stream';
import yazl from 'yazl';

/** Rows of texts as they come, the header first. */
export type SheetRows = AsyncIterable<readonly (string | null)[]>;

const NUMBER = /^[+-]?\d+(\.\d+)?$/;
const FORMULA = /^[\s\u00a0\u3000]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/;
/** A value that begins like a formula gets an apostrophe in front; plain numbers stay numbers. */
const harmless = (v: string): string => (FORMULA.test(v) && !NUMBER.test(v) ? `'${v}` : v);

/** One line of CSV with its CRLF. */
export function csvLine(values: readonly (string | null)[]): string {
  const cells = values.map((v) => {
    const text = harmless(v ?? '');
    return /[",\r\n]/.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text;
  });
  return `${cells.join(',')}\r\n`;
}

/** A CSV file in chunks. */
export async function* csv(rows: SheetRows): AsyncGenerator<Uint8Array> {
  let pending = '\ufeff';
  for await (const row of rows) {
    pending += csvLine(row);
    if (pending.length > 1 << 16) {
      yield Buffer.from(pending);
      pending = '';
    }
  }
  yield Buffer.from(pending);
}

const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const DOCUMENT = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml';

/** Media type of a workbook. */
export const XLSX_TYPE = `${TYPE}.sheet`;

/** Characters that XML 1.0 cannot hold become nothing; the five that it takes for its own are written as entities. */
const xml = (text: string): string =>
  text
    .replace(/(?![\t\n\r])\p{Cc}|[\ufffe\uffff]|\p{Cs}/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');

const parts = (title: string): Record<string, string> => ({
  '[Content_Types].xml': `${HEAD}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="${TYPE}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${TYPE}.worksheet+xml"/></Types>`,
  '_rels/.rels': `${HEAD}<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${DOCUMENT}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
  'xl/_rels/workbook.xml.rels': `${HEAD}<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${DOCUMENT}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
  'xl/workbook.xml': `${HEAD}<workbook xmlns="${MAIN}" xmlns:r="${DOCUMENT}"><sheets><sheet name="${xml(title.replace(/[\\/?*[\]:]/g, ' ').slice(0, 31))}" sheetId="1" r:id="rId1"/></sheets></workbook>`,
});

/** A column's letters: 0 is A, 26 is AA. */
const letters = (n: number): string =>
  (n < 26 ? '' : letters(Math.floor(n / 26) - 1)) + String.fromCharCode(65 + (n % 26));

async function* sheetXml(rows: SheetRows): AsyncGenerator<string> {
  let pending = `${HEAD}<worksheet xmlns="${MAIN}"><sheetData>`;
  let n = 0;
  for await (const row of rows) {
    n += 1;
    // A text cell is never a formula, whatever it begins with. References are optional, but not every reader does without.
    const cells = row.map((v, i) =>
      v
        ? `<c r="${letters(i)}${n}" t="inlineStr"><is><t xml:space="preserve">${xml(v.slice(0, 32_767))}</t></is></c>`
        : '',
    );
    pending += `<row r="${n}">${cells.join('')}</row>`;
    if (pending.length > 1 << 16) {
      yield pending;
      pending = '';
    }
  }
  yield `${pending}</sheetData></worksheet>`;
}

/** A workbook in chunks; `title` names its sheet. */
export function xlsx(title: string, rows: SheetRows): AsyncIterable<Uint8Array> {
  const zip = new yazl.ZipFile();
  for (const [name, text] of Object.entries(parts(title))) zip.addBuffer(Buffer.from(text), name);
  const sheet = Readable.from(sheetXml(rows), { objectMode: false });
  const out = zip.outputStream as unknown as Readable;
  // A fault while rows are read must end the download, not leave it waiting.
  sheet.on('error', (error) => out.destroy(error));
  zip.addReadStream(sheet, 'xl/worksheets/sheet1.xml');
  zip.end();
  return out;
}
