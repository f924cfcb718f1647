import fc from 'fast-check';
import { readSheet } from 'read-excel-file/node';
import { expect, test } from 'vitest';
import { csvLine, xlsx, xmlText, zip } from './index.ts';
import { parseCsv, readXlsx, unzip } from './testing.ts';

async function gather(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const out: Uint8Array[] = [];
  for await (const chunk of chunks) out.push(chunk);
  return Buffer.concat(out);
}

test('any values survive CSV, and none begins a formula', () => {
  const value = fc.string({ unit: fc.constantFrom(...'=+-@\t\r\n", ;ab公1.'), maxLength: 12 });
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 5 }), (values) => {
      const read = parseCsv(csvLine(values))[0]!;
      expect(read.map((v) => v.replace(/^'/, ''))).toEqual(values.map((v) => v.replace(/^'/, '')));
      for (const v of read)
        expect(/^[=@\t\r]/.test(v) || (/^[+-]/.test(v) && !/^[+-]\d+(\.\d+)?$/.test(v))).toBe(false);
    }),
  );
});

test('XLSX keeps any text, also what XML cannot hold', async () => {
  const texts = ['<&>"', '\u0000\u0007x', '_x0041_', 'a\tb\nc', '𠮷', '\ud800', ' 两端 ', '', '\u{1f600}'];
  async function* rows() {
    for (const text of texts) yield [text];
  }
  const read = readXlsx(await gather(xlsx('a/b', ['标题'], rows())));
  expect(read.rows[1]).toEqual([texts[0]]);
  expect(read.rows.slice(1).map((r) => r[0] ?? '')).toEqual(texts);
  expect(xmlText('_x0041_')).toBe('_x005F_x0041_');
});

test('a workbook that was exported can be read by the reader that collects deliveries, gaps and far columns among it', async () => {
  async function* rows() {
    yield [null, 'b', { number: '7.5' }, ...Array.from({ length: 30 }, () => null), '远'];
  }
  const header = Array.from({ length: 34 }, (_, i) => `列${i + 1}`);
  const sheet = await readSheet(await gather(xlsx('a', header, rows())));
  expect(sheet[0]).toEqual(header);
  expect([sheet[1]![0], sheet[1]![1], sheet[1]![2], sheet[1]![33]]).toEqual([null, 'b', 7.5, '远']);
});

test('a ZIP holds what was written, however it came in parts', async () => {
  const big = Array.from({ length: 30_000 }, (_, i) => `${i},公牛\n`);
  const entries = [
    { name: '大.txt', parts: big },
    { name: 'empty', parts: [] },
  ];
  const files = unzip(await gather(zip(entries)));
  expect([...files.keys()]).toEqual(['大.txt', 'empty']);
  expect(files.get('大.txt')!.toString()).toBe(big.join(''));
  expect(files.get('empty')!.length).toBe(0);
});

test('a failing source ends the file with its error, never with a whole-looking file', async () => {
  async function* parts() {
    yield 'x';
    throw new Error('the lake went away');
  }
  await expect(gather(zip([{ name: 'a', parts: parts() }]))).rejects.toThrow('the lake went away');
});
