import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Sheet, table } from './index.ts';
import { breakLines, pieces } from './lines.ts';
import { qrModules } from './qr.ts';

const width = (s: string) => [...s].reduce((n, c) => n + (c.codePointAt(0)! < 0x80 ? 5 : 10), 0);

test('lines keep every character, fit, and begin with no closing mark', () => {
  const word = fc.constantFrom(
    '目录',
    '，',
    '。',
    '（',
    '）',
    'GB/T 36344',
    ' ',
    '3.14',
    '《',
    '》',
    '按期答复',
    'department',
    '：',
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 40 }), fc.integer({ min: 60, max: 300 }), (words, most) => {
      const text = words.join('');
      const lines = breakLines(text, most, width);
      expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
      // A row of marks that belongs together may be longer than a line is wide, nothing else.
      for (const line of lines) if (pieces(line).length > 1) expect(width(line)).toBeLessThanOrEqual(most);
    }),
  );
  expect(breakLines('按期答复，共享申请', 40, width)).toEqual(['按期答', '复，共享', '申请']);
});

test('a text becomes a code with its finders, the smallest that holds it; one that is too long becomes none', () => {
  const sizes = ['a', 'a'.repeat(15), 'a'.repeat(100), 'a'.repeat(213)].map((s) => qrModules(s)!.length);
  expect(sizes).toEqual([21, 25, 41, 57]);
  const code = qrModules('https://hub.example/trust/seals/2')!;
  const finder = [0, 1, 2, 3, 4, 5, 6].map((y) => code[y]!.slice(0, 7).map(Number).join(''));
  expect(finder).toEqual(['1111111', '1000001', '1011101', '1011101', '1011101', '1000001', '1111111']);
  expect(qrModules('a'.repeat(214))).toBeUndefined();
});

test('a document is tagged, speaks Chinese, and is the same for the same content; what no font has is said', async () => {
  const make = async (text: string) => {
    const meta = { title: '通报', author: '市', subject: '', keywords: '', lang: 'zh-CN' as const, at: new Date(0) };
    const sheet = await Sheet.begin({
      ...meta,
      characters: text,
      foot: '通报',
      pageOf: (n, of) => `第 ${n} 页 共 ${of} 页`,
    });
    sheet.newPage();
    sheet.heading(text, 1, null);
    table(
      sheet,
      [{ title: '市', text: (n: number) => String(n) }],
      Array.from({ length: 60 }, (_, n) => n),
    );
    return Buffer.from(await sheet.finish());
  };
  const pdf = await make('通报');
  for (const part of ['%PDF-1.7', '/Lang (zh-CN)', '/Marked true', '/Outlines', '/StructTreeRoot', '/Count 2'])
    expect(pdf.toString('latin1')).toContain(part);
  expect((await make('通报')).equals(pdf)).toBe(true);
  await expect(make('\u{10FFFD}')).rejects.toThrow('pdf.glyph');
});
