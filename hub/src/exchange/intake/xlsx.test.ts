import { createWriteStream, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import yazl from 'yazl';
import { type Lake, openDuckDbLake } from '../../platform/lake/index.ts';
import { declare } from '../testing.ts';
import { type IntakePlan, Refused } from './plan.ts';
import { readDelivery } from './read.ts';

let folder: string;
let lake: Lake;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'jingwei-xlsx-'));
  mkdirSync(join(folder, 'out'));
  lake = await openDuckDbLake({ path: ':memory:', threads: 1 });
});
afterEach(async () => {
  await lake.close();
  rmSync(folder, { recursive: true });
});

/** The smallest workbook that is one: sheets of raw cell XML. */
async function workbook(sheets: Record<string, string[]>): Promise<string> {
  const zip = new yazl.ZipFile();
  const add = (name: string, xml: string) =>
    zip.addBuffer(Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>${xml}`), name);
  const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
  const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
  const packaged = 'http://schemas.openxmlformats.org/package/2006/relationships';
  const names = Object.keys(sheets);
  add(
    '[Content_Types].xml',
    `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/></Types>`,
  );
  add(
    '_rels/.rels',
    `<Relationships xmlns="${packaged}"><Relationship Id="r1" Type="${office}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
  );
  add(
    'xl/workbook.xml',
    `<workbook xmlns="${main}" xmlns:r="${office}"><sheets>${names.map((n, i) => `<sheet name="${n}" sheetId="${i + 1}" r:id="r${i + 1}"/>`).join('')}</sheets></workbook>`,
  );
  add(
    'xl/_rels/workbook.xml.rels',
    `<Relationships xmlns="${packaged}">${names.map((_, i) => `<Relationship Id="r${i + 1}" Type="${office}/worksheet" Target="worksheets/sheet${i + 1}.xml"/>`).join('')}<Relationship Id="rs" Type="${office}/styles" Target="styles.xml"/></Relationships>`,
  );
  add(
    'xl/styles.xml',
    `<styleSheet xmlns="${main}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>`,
  );
  names.forEach((n, i) => {
    const rows = sheets[n]!.map((cells, r) => `<row r="${r + 1}">${cells}</row>`).join('');
    add(`xl/worksheets/sheet${i + 1}.xml`, `<worksheet xmlns="${main}"><sheetData>${rows}</sheetData></worksheet>`);
  });
  zip.end();
  const path = join(folder, 'in.xlsx');
  await pipeline(zip.outputStream, createWriteStream(path));
  return path;
}
const text = (place: string, t: string) =>
  `<c r="${place}" t="inlineStr"><is><t xml:space="preserve">${t}</t></is></c>`;
const plan = (path: string, over: Partial<IntakePlan> = {}): IntakePlan => ({
  ...{ path, format: 'xlsx', encoding: 'utf-8', delimiter: ',', fields: declare(['a', 'b', 'c']).fields },
  ...{ mode: 'snapshot', contract: 'freeze', longest: 1 << 20, out: join(folder, 'out'), partRows: 122_880 },
  ...over,
});
const head = [text('A1', 'a'), text('B1', 'b'), text('C1', 'c')].join('');

test('a sheet is read with the digits of its numbers, its dates and its blanks', async () => {
  const path = await workbook({
    说明: [text('A1', 'x')],
    数据: [
      head,
      `${text('A2', ' 慈溪 ')}<c r="B2"><v>12345678901234567.10</v></c><c r="C2" s="1"><v>46023</v></c>`,
      text('C3', '"y"'),
      '',
    ],
  });
  const result = await readDelivery(plan(path, { sheet: '数据' }), () => undefined);
  expect([result.received, result.accepted]).toEqual([2, 2]);
  expect(await lake.query(`SELECT a, b, c FROM read_parquet('${result.parts[0]}')`)).toEqual([
    { a: ' 慈溪 ', b: '12345678901234567.10', c: '2026-01-01' },
    { a: '', b: '', c: '"y"' },
  ]);
});

test('what is no workbook, has no such sheet, or only a header is refused with its reason', async () => {
  const code = async (own: IntakePlan) => {
    const error = await readDelivery(own, () => undefined).catch((e) => e);
    return error instanceof Refused ? error.refusal.code : error;
  };
  const path = await workbook({ 数据: [head] });
  expect(await code(plan(path))).toBe('exchange.file.header-only');
  expect(await code(plan(path, { sheet: '没有' }))).toBe('exchange.file.sheet');
  writeFileSync(join(folder, 'no.xlsx'), 'not a workbook');
  expect(await code(plan(join(folder, 'no.xlsx')))).toBe('exchange.file.unreadable');
  writeFileSync(join(folder, 'empty.xlsx'), '');
  expect(await code(plan(join(folder, 'empty.xlsx')))).toBe('exchange.file.empty');
});
