import { afterAll, beforeAll, expect, test } from 'vitest';
import yazl from 'yazl';
import type { Principal } from '../../platform/auth/principal.ts';
import { contentOf } from './book.ts';
import { exportSheet } from './sheet-export.ts';
import { importSheet } from './sheet-import.ts';
import { takeOver } from './takeover.ts';
import { entryBench, source, who } from './testing.ts';
import { step } from './workflow.ts';

let bench: Awaited<ReturnType<typeof entryBench>>;
const officer = who('data-officer', 'rsj');
beforeAll(async () => {
  bench = await entryBench();
});
afterAll(() => bench.end());

const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const packaged = 'http://schemas.openxmlformats.org/package/2006/relationships';
const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
/** A workbook of one sheet from raw cells by their places; merged ranges besides. */
async function workbook(cells: Record<string, string>, merged: string[] = []): Promise<Buffer> {
  const zip = new yazl.ZipFile();
  const add = (name: string, xml: string) =>
    zip.addBuffer(Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>${xml}`), name);
  add(
    '[Content_Types].xml',
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/></Types>',
  );
  add(
    '_rels/.rels',
    `<Relationships xmlns="${packaged}"><Relationship Id="r1" Type="${office}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
  );
  add(
    'xl/workbook.xml',
    `<workbook xmlns="${main}" xmlns:r="${office}"><sheets><sheet name="目录" sheetId="1" r:id="r1"/></sheets></workbook>`,
  );
  add(
    'xl/_rels/workbook.xml.rels',
    `<Relationships xmlns="${packaged}"><Relationship Id="r1" Type="${office}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rs" Type="${office}/styles" Target="styles.xml"/></Relationships>`,
  );
  add(
    'xl/styles.xml',
    `<styleSheet xmlns="${main}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>`,
  );
  const rows = new Map<number, string[]>();
  for (const [at, value] of Object.entries(cells).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const row = Number(at.replace(/\D/g, ''));
    const xml = value.startsWith('<')
      ? value.replace('<c', `<c r="${at}"`)
      : `<c r="${at}" t="inlineStr"><is><t>${value}</t></is></c>`;
    rows.set(row, [...(rows.get(row) ?? []), xml]);
  }
  const data = [...rows]
    .sort(([a], [b]) => a - b)
    .map(([n, own]) => `<row r="${n}">${own.join('')}</row>`)
    .join('');
  const merges = merged.length
    ? `<mergeCells>${merged.map((m) => `<mergeCell ref="${m}"/>`).join('')}</mergeCells>`
    : '';
  add('xl/worksheets/sheet1.xml', `<worksheet xmlns="${main}"><sheetData>${data}</sheetData>${merges}</worksheet>`);
  zip.end();
  const chunks: Buffer[] = [];
  for await (const c of zip.outputStream) chunks.push(Buffer.from(c as Uint8Array));
  return Buffer.concat(chunks);
}
const load = (file: Buffer, keep: boolean, p: Principal = officer) => importSheet(bench.context, file, { keep }, p);
const code = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (e) => e.kind?.code ?? String(e),
  );

/** The guide's form: groups above columns, a title above both, one resource merged over two items. */
const form = {
  ...{
    A1: '政务信息资源目录',
    A2: '信息资源名称*',
    B2: '信息资源提供方',
    C2: '信息资源摘要',
    D2: '信息项信息',
    F2: '共享属性',
  },
  ...{
    D3: '信息项名称',
    E3: '数据类型',
    F3: '共享类型',
    G3: '共享条件',
    H2: '更新周期',
    I2: '发布日期',
    J2: '数据长度',
    K2: '说不清的栏',
  },
  ...{ A4: '职业技能等级证书', B4: '人力资源和社会保障局', C4: '本市核发的职业技能等级证书，用于核验持证情况' },
  ...{ D4: '证书编号', E4: '字符型（Ｃ）', F4: '有条件共享', G4: '用于职业资格核验，限有关部门', H4: '每月' },
  ...{ I4: '<c s="1"><v>45292</v></c>', J4: '<c><f>10+8</f><v>18</v></c>' },
  ...{ D5: '发证日期', E5: 'D', J5: '２０' },
  ...{
    A7: '技工院校名录',
    B7: '<c t="str"><f>B4</f><v>人力资源和社会保障局</v></c>',
    C7: '全市技工院校及其专业',
    F7: '无条件共享',
  },
  ...{ G7: '无条件', H7: '每年', D7: '院校名称', E7: 'C' },
};

test('merged cells, two rows of headings, formulas, dates as numbers, full-width digits and blank rows are read', async () => {
  const read = await load(await workbook(form, ['A4:A5', 'B4:B5', 'D2:E2']), false);
  expect([read.errors, read.rows, read.total, read.made]).toEqual([[], 3, 2, []]);
  expect(read.columns.filter((c) => !c.meaning).map((c) => [c.cell, c.header])).toEqual([['K2', '说不清的栏']]);
  expect(bench.book.size).toBe(0);
  const kept = await load(await workbook(form, ['A4:A5']), true);
  const [one, two] = kept.made.map((id) => contentOf(bench.book.get(id)!));
  expect(one).toMatchObject({
    ...{
      title: { zh: '职业技能等级证书' },
      cycle: 'monthly',
      sharing: { type: 'conditional', condition: '用于职业资格核验，限有关部门' },
    },
    items: [
      { title: { zh: '证书编号' }, type: 'C', length: 18 },
      { title: { zh: '发证日期' }, type: 'D', length: 20 },
    ],
  });
  expect(two).toMatchObject({
    cycle: 'yearly',
    sharing: { type: 'unconditional', condition: '' },
    items: [{ title: { zh: '院校名称' } }],
  });
});

test('every fault is told with its cell, and nothing is kept while there is one', async () => {
  const wrong = {
    ...form,
    ...{
      A4: '另一资源',
      B7: '不存在的部门',
      E4: '文字',
      E5: '#N/A',
      F7: '随便',
      H4: '经常',
      J5: '很长',
      G5: '悄悄改',
    },
  };
  const before = bench.book.size;
  const read = await load(await workbook(wrong), true);
  expect(read.errors.map((e) => [e.cell, e.code.replace('catalogue.import.', '')]).sort()).toEqual([
    ['B7', 'provider'],
    ['E4', 'word-itemType'],
    ['E5', 'formula'],
    ['F7', 'word-sharing'],
    ['G5', 'no-name'],
    ['H4', 'word-cycle'],
    ['J5', 'length'],
  ]);
  expect([read.made, bench.book.size]).toEqual([[], before]);
});

test('another department’s rows are refused, and what is no workbook or has no headings is said to be so', async () => {
  const stranger = await load(await workbook({ ...form, A4: '甲', A7: '乙' }), true, who('data-officer', 'scjg'));
  expect(stranger.errors.map((e) => [e.cell, e.code])).toEqual([
    ['B4', 'catalogue.import.not-yours'],
    ['B7', 'catalogue.import.not-yours'],
  ]);
  expect(await code(load(Buffer.from('not a workbook'), false))).toBe('catalogue.import.unreadable');
  expect(await code(load(await workbook({ A1: '姓名', B1: '电话' }), false))).toBe('catalogue.import.no-header');
});

test('what is exported can be filled in and imported again: nothing changes of itself, a change becomes a draft', async () => {
  await takeOver(bench, bench.book, [source('rsj.permit', 9)]);
  const entry = bench.book.get('rsj.permit')!;
  const chunks: Buffer[] = [];
  for await (const c of exportSheet(bench.context, [entry]).chunks) chunks.push(c);
  const again = await load(Buffer.concat(chunks), true);
  expect([again.errors, again.total, again.made]).toEqual([[], 1, []]);
  const changed = {
    A1: '信息资源名称',
    B1: '信息资源代码',
    C1: '信息资源摘要',
    D1: '信息项名称',
    E1: '字段名',
    F1: '数据类型',
    G1: '共享类型',
  };
  const file = await workbook({
    ...changed,
    A2: '行政许可',
    B2: '307001/000009',
    C2: '改过的摘要',
    D2: '许可证号',
    E2: 'permit_no',
    F2: 'C',
    G2: '无条件共享',
  });
  expect((await load(file, true)).made).toEqual(['rsj.permit']);
  expect(bench.book.get('rsj.permit')).toMatchObject({
    published: { version: 1 },
    open: { version: 2, content: { title: { zh: '行政许可' } } },
  });
  const unknown = await load(await workbook({ ...changed, A2: '行政许可', B2: '307001/999' }), true);
  expect(unknown.errors.map((e) => [e.cell, e.code])).toEqual([['B2', 'catalogue.import.code-unknown']]);
});

test('drafts made of a sheet go the way of every draft', async () => {
  const id = bench.book.all().find((e) => contentOf(e).title.zh === '技工院校名录')!.id;
  const refused = await step(bench.context, id, 'submit', { revision: 1 }, officer).catch((e) => e);
  expect(refused.details.map((d: { kind: { code: string } }) => d.kind.code)).toEqual([
    'catalogue.check.format-missing',
    'catalogue.check.level-missing',
  ]);
});
