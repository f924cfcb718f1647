/**
 * A workbook that people fill in: several sheets, bold headings that stay in sight, hints, lists to choose from, cells marked as faulty. Texts are never
 * formulas. Written row by row.
 */
import { columnLetters, xmlText, type ZipEntry, zip } from '../../platform/sheet/index.ts';

/** A cell: a text, or a text that is marked (red), or nothing. */
export type OutCell = string | null | { text: string; marked: true };

/** A list that a column may be chosen from: a range of another sheet. */
export interface Choice {
  column: number;
  formula: string;
  hint?: string;
}
export interface OutSheet {
  name: string;
  header: readonly string[];
  rows: AsyncIterable<readonly OutCell[]> | Iterable<readonly OutCell[]>;
  choices?: readonly Choice[];
  /** Columns written as text, so that numbers keep their leading zeros. */
  textColumns?: boolean;
  hidden?: boolean;
}

const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const REL = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
const CELL_TEXT = 32_767;
const attributeText = (t: string) => xmlText(t).replaceAll('"', '&quot;');

/** Styles: 0 plain, 1 heading, 2 marked, 3 text. */
const STYLES = `${HEAD}<styleSheet xmlns="${MAIN}"><fonts count="3"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font><font><sz val="11"/><color rgb="FF9C0006"/><name val="Calibri"/></font></fonts><fills count="4"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill><fill><patternFill patternType="solid"><fgColor rgb="FFFFC7CE"/></patternFill></fill><fill><patternFill patternType="solid"><fgColor rgb="FFE8EEF7"/></patternFill></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="4"><xf xfId="0"/><xf xfId="0" fontId="1" fillId="3" applyFont="1" applyFill="1"/><xf xfId="0" numFmtId="49" fontId="2" fillId="2" applyFont="1" applyFill="1" applyNumberFormat="1"/><xf xfId="0" numFmtId="49" applyNumberFormat="1"/></cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`;

function cell(value: OutCell, at: string, style: number): string {
  const text = typeof value === 'object' && value !== null ? value.text : value;
  const marked = typeof value === 'object' && value !== null;
  if ((text === null || text === '') && !marked) return '';
  const s = marked ? 2 : style;
  return `<c r="${at}" t="inlineStr"${s ? ` s="${s}"` : ''}><is><t xml:space="preserve">${xmlText((text ?? '').slice(0, CELL_TEXT))}</t></is></c>`;
}

async function* parts(sheet: OutSheet): AsyncGenerator<string> {
  const style = sheet.textColumns ? 3 : 0;
  const width = Math.max(1, sheet.header.length);
  yield `${HEAD}<worksheet xmlns="${MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols><col min="1" max="${width}" width="20" customWidth="1"${style ? ` style="${style}"` : ''}/></cols><sheetData>`;
  let number = 1;
  const line = (cells: readonly OutCell[], s: number) =>
    `<row r="${number}">${cells.map((c, i) => cell(c, `${columnLetters(i)}${number}`, s)).join('')}</row>`;
  yield line(sheet.header, 1);
  for await (const cells of sheet.rows) {
    number += 1;
    yield line(cells, style);
  }
  yield '</sheetData>';
  const choices = sheet.choices ?? [];
  if (choices.length)
    yield `<dataValidations count="${choices.length}">${choices
      .map((c) => {
        const letter = columnLetters(c.column);
        return `<dataValidation type="list" allowBlank="1" showInputMessage="1" showErrorMessage="1" sqref="${letter}2:${letter}100001"${c.hint ? ` prompt="${attributeText(c.hint.slice(0, 250))}"` : ''}><formula1>${xmlText(c.formula)}</formula1></dataValidation>`;
      })
      .join('')}</dataValidations>`;
  yield '</worksheet>';
}

/** The bytes of a workbook of several sheets. */
export function workbook(sheets: readonly OutSheet[]): AsyncGenerator<Buffer> {
  const types = sheets
    .map((_, i) => `<Override PartName="/xl/worksheets/sheet${i + 1}.xml" ContentType="${TYPE}.worksheet+xml"/>`)
    .join('');
  const list = sheets
    .map(
      (s, i) =>
        `<sheet name="${attributeText(s.name.replace(/[\\/?*[\]:]/g, ' ').slice(0, 31))}" sheetId="${i + 1}"${s.hidden ? ' state="hidden"' : ''} r:id="rId${i + 1}"/>`,
    )
    .join('');
  const links = sheets
    .map((_, i) => `<Relationship Id="rId${i + 1}" Type="${REL}/worksheet" Target="worksheets/sheet${i + 1}.xml"/>`)
    .join('');
  const entries: ZipEntry[] = [
    {
      name: '[Content_Types].xml',
      parts: [
        `${HEAD}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${TYPE}.sheet.main+xml"/>${types}<Override PartName="/xl/styles.xml" ContentType="${TYPE}.styles+xml"/></Types>`,
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
      parts: [`${HEAD}<workbook xmlns="${MAIN}" xmlns:r="${REL}"><sheets>${list}</sheets></workbook>`],
    },
    {
      name: 'xl/_rels/workbook.xml.rels',
      parts: [
        `${HEAD}<Relationships xmlns="${PACKAGE}/relationships">${links}<Relationship Id="rId${sheets.length + 1}" Type="${REL}/styles" Target="styles.xml"/></Relationships>`,
      ],
    },
    { name: 'xl/styles.xml', parts: [STYLES] },
    ...sheets.map((s, i) => ({ name: `xl/worksheets/sheet${i + 1}.xml`, parts: parts(s) })),
  ];
  return zip(entries);
}
