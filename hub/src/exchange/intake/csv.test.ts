import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import iconv from 'iconv-lite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Lake, openDuckDbLake } from '../../platform/lake/index.ts';
import { rootOf } from '../hash/tree.ts';
import { declare } from '../testing.ts';
import { type IntakePlan, Refused } from './plan.ts';
import { readDelivery } from './read.ts';

let folder: string;
let lake: Lake;
let n = 0;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'jingwei-intake-'));
  lake = await openDuckDbLake({ path: ':memory:', threads: 1 });
});
afterEach(async () => {
  await lake.close();
  rmSync(folder, { recursive: true });
});

const source = declare(['a', 'b', 'c']);
function plan(content: string | Uint8Array, over: Partial<IntakePlan> = {}): IntakePlan {
  const path = join(folder, `in-${n}`);
  const out = join(folder, `out-${n++}`);
  mkdirSync(out);
  writeFileSync(path, content);
  return {
    path,
    format: 'csv',
    encoding: 'utf-8',
    delimiter: ',',
    fields: source.fields,
    mode: 'snapshot',
    contract: 'freeze',
    longest: 1 << 20,
    out,
    partRows: 122_880,
    ...over,
  };
}
const leafOf = (values: (string | null)[]) => createHash('sha256').update(JSON.stringify(values)).digest();

/** Everything that came of a delivery, as rows. */
async function read(own: IntakePlan) {
  const result = await readDelivery(own, () => undefined);
  const list = (paths: string[]) => `[${paths.map((p) => `'${p}'`).join(',')}]`;
  const rows = result.parts.length
    ? await lake.query<{ _row: number; _leaf: Uint8Array } & Record<string, string>>(
        `FROM read_parquet(${list(result.parts)}) ORDER BY _row`,
      )
    : [];
  const bad = result.quarantine
    ? await lake.query<{
        _row: number;
        _line: number;
        _rule: string;
        _raw: string | null;
        _from: number;
        _to: number;
        _leaf: Uint8Array;
        _field: string | null;
      }>(`FROM read_parquet('${result.quarantine}') ORDER BY _row`)
    : [];
  const dup = result.duplicates
    ? await lake.query<{ _row: number; of_row: number }>(`FROM read_parquet('${result.duplicates}') ORDER BY _row`)
    : [];
  expect(result.received).toBe(result.accepted + result.quarantined + result.duplicate);
  expect([rows.length, bad.length, dup.length]).toEqual([result.accepted, result.quarantined, result.duplicate]);
  return { result, rows, bad, dup };
}
const cells = (rows: Record<string, unknown>[]) => rows.map((r) => [r.a, r.b, r.c]);

test('any values written by a careful writer come back exactly, with the leaves of their JSON and the root over them', async () => {
  const value = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', '\\', '\t', '\u0001', '\u001f', '经', '😀', ' ', 'x') }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(value, value, value), { minLength: 1, maxLength: 40 }),
      fc.constantFrom(',', '|', '\t', '||', ';'),
      fc.constantFrom('\n', '\r\n'),
      fc.boolean(),
      async (rows, delimiter, newline, last) => {
        const quote = (v: string) =>
          v === '' || /["\r\n]/.test(v) || v.includes(delimiter[0]!) ? `"${v.replaceAll('"', '""')}"` : v;
        const clean = rows.map((r) => r.map((v) => v.replaceAll('\0', '')));
        const text =
          [['a', 'b', 'c'], ...clean].map((r) => r.map(quote).join(delimiter)).join(newline) + (last ? newline : '');
        const { result, rows: got, dup } = await read(plan(`\uFEFF${text}`, { delimiter }));
        const seen = new Set<string>();
        const distinct = clean.filter((r) => !seen.has(JSON.stringify(r)) && seen.add(JSON.stringify(r)));
        expect(cells(got)).toEqual(distinct);
        expect(dup.length).toBe(clean.length - distinct.length);
        for (const r of got) expect(Buffer.from(r._leaf)).toEqual(leafOf([r.a!, r.b!, r.c!]));
        expect(Buffer.from(result.root!)).toEqual(Buffer.from(rootOf(clean.map(leafOf))!.digest));
      },
    ),
    { numRuns: 30 },
  );
});

test('whatever the bytes are, every record is accepted, quarantined or a duplicate, and none is lost', async () => {
  const piece = fc.constantFrom('a', '1', ',', ',', '"', '""', '\n', '\n', '\r\n', '\r', '\\', '经', '\0');
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 80 }), async (pieces) => {
      const body = `x,y,z\n${pieces.join('')}`;
      const { result } = await read(plan(`a,b,c\n${body}`));
      expect(result.received).toBe(records(body));
    }),
    { numRuns: 80 },
  );
});

/** Counts records as the reader's docstring defines them, written as one regular expression per record. */
function records(body: string): number {
  let count = 0;
  let rest = body;
  const value = '(?:"(?:[^"]|"")*"|(?!")(?:[^,\\n\\r]|\\r(?!\\n|$))*)';
  const record = new RegExp(`^${value}(?:,${value})*(?:\\r?\\n|\\r?$)`);
  while (rest) {
    const blank = /^(?:\r?\n|\r$)/.exec(rest);
    if (blank) rest = rest.slice(blank[0].length);
    else {
      const whole = record.exec(rest)?.[0];
      const line = rest.indexOf('\n');
      rest = rest.slice(whole ? whole.length : line < 0 ? rest.length : line + 1);
      count += 1;
    }
  }
  return count;
}

test('rows whose columns cannot be told apart go to quarantine with line, rule and text, and cost only themselves', async () => {
  const lines = [
    'a,b,c',
    '1,2,3',
    '1,2',
    '1,2,3,4',
    '"x"y,2,3',
    '5,"open,6',
    '7,8,9',
    '1,\0,3',
    '"multi\nline",2,3',
    'end,1,2',
  ];
  const { rows, bad } = await read(plan(lines.join('\n')));
  expect(cells(rows)).toEqual([
    ['1', '2', '3'],
    ['7', '8', '9'],
    ['multi\nline', '2', '3'],
    ['end', '1', '2'],
  ]);
  expect(bad.map((q) => [q._line, q._rule, q._raw])).toEqual([
    [3, 'columns-few', '1,2'],
    [4, 'columns-many', '1,2,3,4'],
    [5, 'quote-text', '"x"y,2,3'],
    [6, 'quote-text', '5,"open,6'],
    [8, 'nul', '1,\0,3'],
  ]);
  for (const q of bad) expect(Buffer.from(q._leaf)).toEqual(leafOf([q._raw]));
});

test('a quote that is never closed costs one line', async () => {
  const { rows, bad } = await read(plan('a,b,c\n1,2,3\n"4,5,6\n7,8,9\n'));
  expect(cells(rows)).toEqual([
    ['1', '2', '3'],
    ['7', '8', '9'],
  ]);
  expect(bad.map((q) => [q._line, q._rule])).toEqual([[3, 'quote-unclosed']]);
});

test('bytes that are no UTF-8 go to quarantine with their place; their neighbours are read', async () => {
  const content = Buffer.concat([
    Buffer.from('a,b,c\n1,2,3\n'),
    Buffer.from([0x34, 0xb4, 0xc8, 0x2c, 0x35, 0x2c, 0x36]),
    Buffer.from('\n7,8,九\n'),
  ]);
  const { rows, bad } = await read(plan(content));
  expect(cells(rows)).toEqual([
    ['1', '2', '3'],
    ['7', '8', '九'],
  ]);
  expect(bad.map((q) => [q._line, q._rule, content.subarray(q._from, q._to).toString('hex')])).toEqual([
    [3, 'encoding', '34b4c82c352c360a'],
  ]);
});

test('GB18030 and UTF-16 are read, with every character that they can write', async () => {
  const text = 'a,b,c\n慈溪市,㐀𠀀,€\n"多\n行",龘,１\n';
  const want = [
    ['慈溪市', '㐀𠀀', '€'],
    ['多\n行', '龘', '１'],
  ];
  for (const [encoding, bytes] of [
    ['gb18030', iconv.encode(text, 'gb18030')],
    ['utf-16', iconv.encode(text, 'utf16le', { addBOM: true })],
    ['utf-16', iconv.encode(text, 'utf16be', { addBOM: true })],
    ['utf-16', iconv.encode(text, 'utf16le', { addBOM: false })],
  ] as const) {
    const { rows } = await read(plan(bytes, { encoding }));
    expect(cells(rows)).toEqual(want);
  }
});

test('a byte that GB18030 does not have costs its row only', async () => {
  const content = Buffer.concat([
    Buffer.from('a,b,c\n1,2,3\n4,'),
    Buffer.from([0xff, 0xff]),
    Buffer.from(',6\n7,8,9\n'),
  ]);
  const { rows, bad } = await read(plan(content, { encoding: 'gb18030' }));
  expect(rows.length).toBe(2);
  expect(bad.map((q) => [q._line, q._rule])).toEqual([[3, 'encoding']]);
});

test('characters and records cut by the ends of chunks are whole', async () => {
  const rows = Array.from({ length: 60_000 }, (_, i) => [`行${i}`, `"引,号\n${i}"`, '经'.repeat((i % 50) + 1)]);
  const text = `a,b,c\r\n${rows.map((r) => r.join(',')).join('\r\n')}\r\n`;
  for (const [encoding, bytes] of [
    ['utf-8', Buffer.from(text)],
    ['gb18030', iconv.encode(text, 'gb18030')],
  ] as const) {
    const { result, rows: got } = await read(plan(bytes, { encoding }));
    expect(result.accepted).toBe(60_000);
    expect(cells(got.slice(-1))).toEqual([['行59999', '引,号\n59999', '经'.repeat(50)]]);
  }
});

test('a line longer than the limit is set apart with its place, and reading goes on behind it', async () => {
  const path = join(folder, 'long');
  const fd = openSync(path, 'w');
  writeSync(fd, 'a,b,c\n1,2,3\n');
  for (let i = 0; i < 40; i++) writeSync(fd, Buffer.alloc(1 << 20, i === 7 ? '"' : 'x'));
  writeSync(fd, '\n7,8,9\n');
  closeSync(fd);
  const { rows, bad } = await read({ ...plan(''), path, longest: 1 << 20 });
  expect(cells(rows)).toEqual([
    ['1', '2', '3'],
    ['7', '8', '9'],
  ]);
  expect(bad.map((q) => [q._line, q._rule, q._from, q._to, q._raw?.length])).toEqual([
    [3, 'too-long', 12, 13 + 40 * (1 << 20), 64 << 10],
  ]);
});

test('a delivery that is none is refused with a reason of its own', async () => {
  const code = async (own: IntakePlan) => {
    const error = await readDelivery(own, () => undefined).catch((e) => e);
    return error instanceof Refused ? error.refusal.code : error;
  };
  expect(await code(plan(''))).toBe('exchange.file.empty');
  expect(await code(plan('\n\n'))).toBe('exchange.file.empty');
  expect(await code(plan('a,b,c\n'))).toBe('exchange.file.header-only');
  expect(await code(plan('a;b;c\n1;2;3\n'))).toBe('exchange.file.delimiter');
  expect(await code(plan('a,b\n1,2\n'))).toBe('exchange.contract.column-missing');
  expect(await code(plan('a,b,c,d\n1,2,3,4\n'))).toBe('exchange.contract.column-extra');
  expect(await code(plan('a,b,c,a\n1,2,3,4\n'))).toBe('exchange.file.column-twice');
  expect(await code(plan(iconv.encode('a,b,c\n1,2,3\n', 'utf16le', { addBOM: true })))).toBe('exchange.file.encoding');
  expect(await code(plan(Buffer.from([0x61, 0xb4, 0x0a])))).toBe('exchange.file.encoding');
});

test('columns in another order find their fields; extra ones follow the contract', async () => {
  const text = 'd,c,a,b\n4,"3""x",1,2\n';
  const evolve = await read(plan(text, { contract: 'evolve' }));
  expect(cells(evolve.rows)).toEqual([['1', '2', '3"x']]);
  expect(evolve.result.unknownColumns).toEqual(['d']);
  expect(await lake.query(`FROM read_parquet('${evolve.result.extra}')`)).toEqual([{ _row: 1, extra: '{"d":"4"}' }]);
  const discard = await read(plan(text, { contract: 'discard' }));
  expect([discard.result.extra, discard.result.unknownColumns]).toEqual([null, ['d']]);
  const without = await read(plan('a,b\n1,2\n', { contract: 'evolve' }));
  expect(cells(without.rows)).toEqual([['1', '2', null]]);
  expect(Buffer.from(without.rows[0]!._leaf)).toEqual(leafOf(['1', '2', null]));
});

test('a required blank and a strict value that does not hold go to quarantine whole', async () => {
  const fields = declare([
    { name: 'a', required: true },
    { name: 'b', type: 'date', onInvalid: 'quarantine', min: '2000-01-01' },
    { name: 'c', codes: { 1: '一' }, synonyms: { one: '1' }, onInvalid: 'quarantine' },
  ]).fields;
  const text =
    'a,b,c\nx,2021-02-28,1\n\u3000 ,2021-02-28,1\nx,20210231,1\nx,0000-00-00,1\nx,1999-12-31,1\nx,,2\nx,,one\n';
  const { rows, bad } = await read(plan(text, { fields }));
  expect(rows.length).toBe(2);
  expect(bad.map((q) => [q._line, q._field, q._rule])).toEqual([
    [3, 'a', 'required'],
    [4, 'b', 'type'],
    [5, 'b', 'type'],
    [6, 'b', 'min'],
    [7, 'c', 'codes'],
  ]);
  expect(Buffer.from(bad[1]!._leaf)).toEqual(leafOf(['x', '20210231', '1']));
});

test('changes carry their operation and instant, which belong to the leaf', async () => {
  const header = 'a,b,c,dsc_biz_operation,dsc_biz_timestamp,dsc_city\n';
  const text = `${header}1,2,3,I,2026-01-02 03:04:05,x\n1,2,3,delete,2026-01-02T03:04:05.5Z,x\n1,2,3,X,2026-01-02,x\n1,2,3,U,yesterday,x\n`;
  const { rows, bad } = await read(plan(text, { mode: 'changes' }));
  expect(rows.map((r) => [r._op, r._ts])).toEqual([
    ['I', '2026-01-01T19:04:05.000Z'],
    ['D', '2026-01-02T03:04:05.500Z'],
  ]);
  expect(Buffer.from(rows[0]!._leaf)).toEqual(leafOf(['1', '2', '3', 'I', '2026-01-02 03:04:05']));
  expect(bad.map((q) => q._rule)).toEqual(['operation', 'timestamp']);
});
