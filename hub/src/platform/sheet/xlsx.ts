/**
 * A workbook of one sheet (ECMA-376, SpreadsheetML) written row by row: texts inline, numbers as numbers, a frozen bold
 * header. A text cell is never a formula, whatever it begins with.
 */
import { type ZipEntry, zip } from './zip.ts';

/** Rows of a sheet, the header among them. */
export const SHEET_ROWS = 1_048_576;
/** Characters of a cell. */
const CELL_TEXT = 32_767;
const CUT = '…（截断）';

const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const REL = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml';

/** Media type of the file. */
export const XLSX_TYPE = `${TYPE}.sheet`;

/** Control characters but tab and line feed, the two that are no characters, and halves of surrogate pairs alone. */
const NOT_XML = /(?![\t\n])\p{Cc}|[\ufffe\uffff]|\p{Cs}/gu;

/** A text as XML text; characters that XML cannot hold as `_xHHHH_` (ST_Xstring), and that notation itself escaped. */
export function xmlText(text: string): string {
  return text
    .replace(/_(?=x[0-9A-Fa-f]{4}_)/g, '_x005F_')
    .replace(NOT_XML, (c) => `_x${c.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}

/** A row's cells: a number is given as `{ number }`. */
export type XlsxCell = string | null | { number: string };

/** A column's letters: 0 is A, 26 is AA. */
export const columnLetters = (n: number): string =>
  (n < 26 ? '' : columnLetters(Math.floor(n / 26) - 1)) + String.fromCharCode(65 + (n % 26));

/** References (A1) are optional by the standard, but there are readers that do not do without. */
function cell(value: XlsxCell, at: string, style: string): string {
  if (value === null || value === '') return '';
  if (typeof value === 'object') return `<c r="${at}"><v>${value.number}</v></c>`;
  const text = value.length > CELL_TEXT ? value.slice(0, CELL_TEXT - CUT.length) + CUT : value;
  return `<c r="${at}" t="inlineStr"${style}><is><t xml:space="preserve">${xmlText(text)}</t></is></c>`;
}

/** A row; `number` counts from 1. */
const row = (values: readonly XlsxCell[], number: number, style = ''): string =>
  `<row r="${number}">${values.map((v, i) => cell(v, `${columnLetters(i)}${number}`, style)).join('')}</row>`;

/** The bytes of a workbook. `header` are the titles of the columns. */
export function xlsx(
  sheet: string,
  header: readonly string[],
  rows: AsyncIterable<readonly XlsxCell[]>,
): AsyncGenerator<Buffer> {
  const name = xmlText(sheet.replace(/[\\/?*[\]:]/g, ' ').slice(0, 31) || 'Sheet1').replaceAll('"', '&quot;');
  const entries: ZipEntry[] = [
    {
      name: '[Content_Types].xml',
      parts: [
        `${HEAD}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${TYPE}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${TYPE}.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="${TYPE}.styles+xml"/></Types>`,
      ],
    },
    {
      name: '_rels/.rels',
      parts: [
        `${HEAD}<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
      ],
    },
    {
      name: 'xl/workbook.xml',
      parts: [
        `${HEAD}<workbook xmlns="${MAIN}" xmlns:r="${REL}"><sheets><sheet name="${name}" sheetId="1" r:id="rId1"/></sheets></workbook>`,
      ],
    },
    {
      name: 'xl/_rels/workbook.xml.rels',
      parts: [
        `${HEAD}<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${REL}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="${REL}/styles" Target="styles.xml"/></Relationships>`,
      ],
    },
    {
      name: 'xl/styles.xml',
      parts: [
        `${HEAD}<styleSheet xmlns="${MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf xfId="0"/><xf xfId="0" fontId="1" applyFont="1"/></cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`,
      ],
    },
    { name: 'xl/worksheets/sheet1.xml', parts: sheetParts(header, rows) },
  ];
  return zip(entries);
}

async function* sheetParts(
  header: readonly string[],
  rows: AsyncIterable<readonly XlsxCell[]>,
): AsyncGenerator<string> {
  yield `${HEAD}<worksheet xmlns="${MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols><col min="1" max="${Math.max(1, header.length)}" width="20" customWidth="1"/></cols><sheetData>`;
  let number = 1;
  yield row(header, number, ' s="1"');
  for await (const values of rows) yield row(values, ++number);
  yield '</sheetData></worksheet>';
}
