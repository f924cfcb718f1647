/** Workbooks of one sheet (ECMA-376): the engine writes the rows as XML, this packs them. No row passes through JavaScript. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { crc32, createDeflateRaw } from 'node:zlib';
import { SynthcityError } from '../options.ts';
import { ident } from '../sql.ts';

/** Rows that a sheet holds, its header among them. */
export const sheetRows = 1_048_576;

const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const parts: readonly (readonly [string, string])[] = [
  [
    '[Content_Types].xml',
    `${head}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>`,
  ],
  [
    '_rels/.rels',
    `${head}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
  ],
  [
    'xl/workbook.xml',
    `${head}<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>`,
  ],
  [
    'xl/_rels/workbook.xml.rels',
    `${head}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
  ],
];

/** The letters of a column, counted from 0: A, B, … Z, AA. Strict readers want every cell to bear its address. */
const letters = (i: number): string =>
  (i < 26 ? '' : letters(Math.floor(i / 26) - 1)) + String.fromCharCode(65 + (i % 26));

const cell = (value: string, column: number): string =>
  `CASE WHEN ${value} IS NULL THEN '' ELSE '<c r="${letters(column)}' || q.sheet_row || '" t="inlineStr"><is><t xml:space="preserve">' || replace(replace(replace(${value}, '&', '&amp;'), '<', '&lt;'), '>', '&gt;') || '</t></is></c>' END`;

/** SQL that answers the rows of a sheet, one line of XML each, from a SELECT with these columns. */
export function sheetSql(select: string, columns: readonly string[]): string {
  const cells = columns.map((c, i) => cell(`q.${ident(c)}::VARCHAR`, i)).join(' || ');
  return `SELECT '<row r="' || q.sheet_row || '">' || ${cells} || '</row>' AS line FROM (SELECT *, row_number() OVER () + 1 AS sheet_row FROM (${select})) q`;
}

async function* sheet(rowsFile: string, columns: readonly string[]): AsyncIterable<Buffer> {
  const header = columns.map((c, i) => `<c r="${letters(i)}1" t="inlineStr"><is><t>${c}</t></is></c>`).join('');
  yield Buffer.from(
    `${head}<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">${header}</row>`,
  );
  for await (const chunk of createReadStream(rowsFile)) yield chunk as Buffer;
  yield Buffer.from('</sheetData></worksheet>');
}

/** Packs a file of XML rows into a workbook. */
export async function writeXlsx(
  rowsFile: string,
  rows: number,
  columns: readonly string[],
  target: string,
): Promise<void> {
  if (rows + 1 > sheetRows)
    throw new SynthcityError(
      'synthcity.sheet-full',
      `一张工作表最多 ${sheetRows} 行，需要 ${rows + 1} 行`,
      `a sheet holds ${sheetRows} rows; ${rows + 1} are needed`,
    );
  const file = await open(target, 'w');
  const directory: Buffer[] = [];
  let offset = 0;
  const write = async (bytes: Buffer): Promise<void> => {
    await file.write(bytes, 0, bytes.length, offset);
    offset += bytes.length;
  };
  const headers = (
    name: Buffer,
    crc: number,
    packed: number,
    plain: number,
    at: number,
  ): { local: Buffer; central: Buffer } => {
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(20, 4);
    local.writeUInt16LE(0x0800, 6);
    local.writeUInt16LE(8, 8);
    local.writeUInt16LE(0x21, 12); // 1980-01-01, so that the same city has the same bytes
    local.writeUInt32LE(crc, 14);
    local.writeUInt32LE(packed, 18);
    local.writeUInt32LE(plain, 22);
    local.writeUInt16LE(name.length, 26);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(20, 4);
    local.copy(central, 6, 4, 30);
    central.writeUInt32LE(at, 42);
    return { local: Buffer.concat([local, name]), central: Buffer.concat([central, name]) };
  };
  try {
    const entries: [string, AsyncIterable<Buffer> | Buffer[]][] = [
      ...parts.map(([name, xml]) => [name, [Buffer.from(xml)]] as [string, Buffer[]]),
      ['xl/worksheets/sheet1.xml', sheet(rowsFile, columns)],
    ];
    for (const [entry, content] of entries) {
      const name = Buffer.from(entry);
      const at = offset;
      let [crc, plain, packed] = [0, 0, 0];
      await write(headers(name, 0, 0, 0, at).local);
      const deflate = createDeflateRaw();
      const pump = (async () => {
        for await (const chunk of content) {
          crc = crc32(chunk, crc);
          plain += chunk.length;
          if (!deflate.write(chunk)) await new Promise((resolve) => deflate.once('drain', resolve));
        }
        deflate.end();
      })();
      for await (const chunk of deflate) {
        packed += (chunk as Buffer).length;
        await write(chunk as Buffer);
      }
      await pump;
      const { local, central } = headers(name, crc, packed, plain, at);
      await file.write(local, 0, local.length, at);
      directory.push(central);
    }
    const start = offset;
    for (const entry of directory) await write(entry);
    const end = Buffer.alloc(22);
    end.writeUInt32LE(0x06054b50, 0);
    end.writeUInt16LE(directory.length, 8);
    end.writeUInt16LE(directory.length, 10);
    end.writeUInt32LE(offset - start, 12);
    end.writeUInt32LE(start, 16);
    await write(end);
  } finally {
    await file.close();
  }
}
