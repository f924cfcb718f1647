import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeDb } from '../../platform/db/testing.ts';
import { zip } from '../../platform/sheet/index.ts';
import { type Bench, bench, bytesOf, CITIZEN, codeOf, formsMigrations, people, visitDesign } from '../testing.ts';
import { openCsv } from './csv-read.ts';
import { workbook } from './workbook.ts';
import { openWorkbook, type SheetRow } from './xlsx-read.ts';

const { collector, officer, other } = people;
const gather = async (chunks: AsyncIterable<Uint8Array>) => bytesOf({ chunks });
const all = async (rows: AsyncIterable<SheetRow>) => {
  const out: SheetRow[] = [];
  for await (const r of rows) out.push(r);
  return out;
};
const MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';

/** A workbook as old programs write it: a hidden sheet first, shared texts, dates as serial numbers, formulas, merged cells. */
const crafted = (rows: string, merges = '') =>
  gather(
    zip(
      Object.entries({
        'xl/workbook.xml': `<workbook ${MAIN} xmlns:r="r"><sheets><sheet name="旧" sheetId="1" state="hidden" r:id="a"/><sheet name="填报" sheetId="2" r:id="b"/></sheets></workbook>`,
        'xl/_rels/workbook.xml.rels':
          '<Relationships><Relationship Id="a" Target="worksheets/1.xml"/><Relationship Id="b" Target="worksheets/2.xml"/></Relationships>',
        'xl/sharedStrings.xml': `<sst ${MAIN}><si><t>姓名</t></si><si><r><t>身份</t></r><r><t>证号</t></r><rPh><t>x</t></rPh></si><si><t>走访日期</t></si><si><t>身体状况</t></si><si><t>需求/事项</t></si><si><t>需求/费用</t></si></sst>`,
        'xl/styles.xml': `<styleSheet ${MAIN}><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>`,
        'xl/worksheets/1.xml': `<worksheet ${MAIN}><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>姓名</t></is></c></row></sheetData></worksheet>`,
        'xl/worksheets/2.xml': `<worksheet ${MAIN}><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>二〇二六年走访表</t></is></c></row><row r="2">${[0, 1, 2, 3, 4, 5].map((i) => `<c r="${'ABCDEF'[i]}2" t="s"><v>${i}</v></c>`).join('')}</row>${rows}</sheetData>${merges}</worksheet>`,
      }).map(([name, text]) => ({ name, parts: [text] })),
    ),
  );
const text = (at: string, t: string) => `<c r="${at}" t="inlineStr"><is><t>${t}</t></is></c>`;

test('rows of a workbook come with what stands in their cells, hidden sheets are passed over', async () => {
  const bytes = await crafted(
    `<row r="3">${text('A3', 'a&amp;b')}<c r="C3" s="1"><v>46085</v></c><c r="D3"><f>1/0</f><v></v></c><c r="E3" t="e"><v>#N/A</v></c></row><row r="4">${text('B4', 'x')}</row>`,
    '<mergeCells count="1"><mergeCell ref="A3:A4"/></mergeCells>',
  );
  const sheets = await openWorkbook(bytes);
  expect(sheets.map((s) => s.name)).toEqual(['填报']);
  const rows = await all(sheets[0]!.rows());
  expect(rows[1]!.cells.get(1)).toEqual({ kind: 'text', text: '身份证号' });
  expect([...rows[2]!.cells.values()].map((c) => c.kind)).toEqual(['text', 'serial', 'formula', 'error']);
  expect(rows[3]!.cells.get(0)).toEqual({ kind: 'text', text: 'a&b' });
  for (const bad of [Buffer.from('PK nothing'), bytes.subarray(0, bytes.length - 60), Buffer.from('')])
    await expect(openWorkbook(bad)).rejects.toThrow();
});

test('CSV is read in UTF-8 and GB 18030, with quotes and line breaks in cells', async () => {
  const rows = await all(openCsv(Buffer.from('姓名,注\r\n"王""小",\n"a\nb",c')).rows());
  expect(rows.map((r) => [...r.cells.values()].map((c) => c.text))).toEqual([['姓名', '注'], ['王"小'], ['a\nb', 'c']]);
  const gb = await all(openCsv(Buffer.from([0xd0, 0xd5, 0xc3, 0xfb, 0x2c, 0x31])).rows());
  expect(gb[0]!.cells.get(0)!.text).toBe('姓名');
});

describeDb('spreadsheets of forms', formsMigrations, (db) => {
  let b: Bench;
  let form: number;
  beforeAll(async () => {
    b = await bench(db());
    form = await b.form('sheet', visitDesign());
  });
  afterAll(() => b.end());
  type Import = {
    id: string;
    state: string;
    rows: number;
    good: number;
    bad: number;
    applied: number;
    faults: { cell: string; code: string }[];
  };
  const look = (raw: Buffer, p = collector) =>
    b.call<Import>('POST', '/{form}/imports', p, { params: { form }, query: { name: 'a.xlsx' }, raw });
  const apply = (id: string, mode: string, p = collector) =>
    b.call<Import>('POST', '/{form}/imports/{import}/apply', p, { params: { form, import: id }, body: { mode } });
  const count = async () =>
    Number((await db().query<{ n: number }>('SELECT count(*) AS n FROM forms.record WHERE form = $1', [form]))[0]!.n);

  test('good rows go in, bad ones come back with their faults marked; nothing goes in whole while a row is bad', async () => {
    const long = '330282194503070';
    const raw = await crafted(
      `<row r="3">${text('A3', '王秀英')}${text('B3', CITIZEN)}<c r="C3" s="1"><v>46085</v></c>${text('D3', '良好')}${text('E3', '助浴')}<c r="F3"><v>200</v></c></row>` +
        `<row r="4">${text('E4', '理发')}${text('F4', '３0')}</row>` +
        `<row r="5">${text('A5', '李四')}<c r="B5"><v>3.30282194503070E+17</v></c><c r="C5"><v>2026</v></c>${text('D5', '尚可')}</row>` +
        `<row r="6">${text('A6', '赵五')}${text('B6', CITIZEN)}${text('C6', '2026年3月3日')}${text('D6', '较差')}</row>`,
    );
    const seen = await look(raw);
    expect([seen.rows, seen.good, seen.bad, seen.state]).toEqual([3, 1, 2, 'checked']);
    expect(seen.faults.map((f) => [f.cell, f.code])).toEqual(
      expect.arrayContaining([
        ['B5', 'forms.cell.precision'],
        ['C5', 'forms.cell.date'],
        ['D5', 'forms.cell.code'],
        ['B6', 'forms.value.unique'],
      ]),
    );
    expect(JSON.stringify(await db().query('SELECT * FROM forms.import'))).not.toContain(long);
    expect(await codeOf(apply(seen.id, 'whole'))).toBe('forms.import.bad-rows');
    expect(await codeOf(apply(seen.id, 'good', other))).toBe('forms.import.unknown');
    expect(await count()).toBe(0);
    expect(await apply(seen.id, 'good')).toMatchObject({ state: 'applied', applied: 1 });
    const list = await b.call<{ items: { id: string; caption: string; state: string }[] }>(
      'GET',
      '/{form}/records',
      officer,
      { params: { form } },
    );
    expect(list.items).toMatchObject([{ caption: '王秀英', state: 'submitted' }]);
    const one = await b.call<{ values: object }>('GET', '/{form}/records/{record}', officer, {
      params: { form, record: list.items[0]!.id },
    });
    expect(one.values).toMatchObject({
      visited: '2026-03-04',
      health: 'good',
      needs: [
        { item: '助浴', cost: 200 },
        { item: '理发', cost: 30 },
      ],
      total: 230,
    });
    expect(await codeOf(apply(seen.id, 'good'))).toBe('forms.import.done');
    const [back] = await openWorkbook(
      await bytesOf(
        await b.call('GET', '/{form}/imports/{import}/faults', collector, { params: { form, import: seen.id } }),
      ),
    );
    const rows = await all(back!.rows());
    expect(rows.slice(1).map((r) => r.cells.get(6)!.text)).toEqual(['5', '6']);
    expect(rows[1]!.cells.get(7)!.text).toContain('B5：');
    const again = await look(raw);
    expect([again.good, again.bad]).toEqual([0, 3]);
  });

  test('the template that was downloaded is what an import understands, whole or nothing', async () => {
    const file = await bytesOf(await b.call('GET', '/{form}/template', collector, { params: { form } }));
    const [sheet] = await openWorkbook(file);
    const header = (await all(sheet!.rows()))[0]!;
    const titles = [...header.cells.values()].map((c) => c.text);
    expect(titles).toContain('需求/费用');
    const line = (name: string) =>
      titles.map(
        (t) => ({ 姓名: name, 身份证号: '110101194003071097', 走访日期: '2026-03-01', 身体状况: '良好' })[t] ?? null,
      );
    const filled = await gather(workbook([{ name: '填报', header: titles, rows: [line('钱七')] }]));
    const seen = await look(filled);
    expect(seen).toMatchObject({ rows: 1, good: 1, bad: 0 });
    const before = await count();
    expect(await apply(seen.id, 'whole')).toMatchObject({ applied: 1 });
    expect(await count()).toBe(before + 1);
    expect(await codeOf(look(Buffer.from('PK\u0003\u0004 no workbook')))).toBe('forms.import.unreadable');
    expect(await codeOf(look(Buffer.from('a,b\n1,2')))).toBe('forms.import.unreadable');
  });

  test('an export masks numbers always and persons unless a purpose was stated', async () => {
    const csv = async (purpose?: string) =>
      (
        await bytesOf(
          await b.call('GET', '/{form}/export', officer, {
            params: { form },
            query: { format: 'csv' },
            ...(purpose ? { purpose } : {}),
          }),
        )
      ).toString();
    expect(await csv()).not.toMatch(`${CITIZEN}|王秀英,`);
    expect(await csv('年度统计')).toContain('助浴 200 元；理发 30 元');
    expect(await csv('年度统计')).not.toContain(CITIZEN);
    expect(await codeOf(b.call('GET', '/{form}/export', collector, { params: { form } }))).toBe('403 forms.read');
  });
});
