import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generateCity } from '../generate.ts';
import { ask, csv, inScratch } from '../testing.ts';
import { encodeGb18030, transcoder } from './encode.ts';

type Cells = (string | null)[][];
const ids = ['scjg.permit', 'fgj.red-list', 'xfj.fire-permit', 'kjj.high-tech', 'scjg.ip-pledge', 'gjj.fund-yearly'];

/** Rows of a CSV text without quotes. */
const split = (content: string, delimiter: string): Cells =>
  content
    .replace(/^\ufeff/, '')
    .trimEnd()
    .split('\n')
    .map((line) => line.split(delimiter).map((cell) => cell || null));

/** Rows of the first sheet of a workbook, read without the writer's help. */
function sheet(bytes: Buffer): Cells {
  let at = 0;
  while (bytes.readUInt32LE(at) === 0x04034b50) {
    const [packed, nameLength] = [bytes.readUInt32LE(at + 18), bytes.readUInt16LE(at + 26)];
    const name = bytes.subarray(at + 30, at + 30 + nameLength).toString();
    const body = bytes.subarray(at + 30 + nameLength, at + 30 + nameLength + packed);
    if (name === 'xl/worksheets/sheet1.xml')
      return [
        ...inflateRawSync(body)
          .toString()
          .matchAll(/<row r="(\d+)">(.*?)<\/row>/gs),
      ].map(([, number, cells], i, { 0: header }) => {
        expect(number).toBe(String(i + 1));
        const width = (header?.[2] ?? '').split('<c ').length - 1;
        const row: (string | null)[] = Array.from({ length: width }, () => null);
        for (const [, letter, at, text] of (cells ?? '').matchAll(
          /<c r="([A-Z])(\d+)" t="inlineStr"><is><t[^>]*>(.*?)<\/t><\/is><\/c>/g,
        )) {
          expect(at).toBe(number);
          row[(letter ?? '').charCodeAt(0) - 65] = text ?? '';
        }
        return row;
      });
    at += 30 + nameLength + packed;
  }
  throw new Error('no sheet');
}

describe('files in the declared formats', () => {
  it('say the same as plain CSV', async () => {
    await inScratch(async (folder) => {
      const options = { seed: 9, threads: 1, rows: 20_000, enterprises: 500, classes: ids, truth: false };
      const plain = await generateCity({
        ...options,
        out: join(folder, 'plain'),
        target: { kind: 'files', formats: 'csv' },
      });
      const declared = await generateCity({ ...options, out: join(folder, 'declared') });
      const at = (id: string): string =>
        join(folder, 'declared', declared.classes.find((c) => c.id === id)?.file ?? '');
      const expected = (id: string): Cells =>
        split(readFileSync(join(folder, 'plain', plain.classes.find((c) => c.id === id)?.file ?? ''), 'utf8'), ',');
      expect(split(new TextDecoder('gb18030', { fatal: true }).decode(readFileSync(at('scjg.permit'))), ',')).toEqual(
        expected('scjg.permit'),
      );
      expect(readFileSync(at('fgj.red-list')).subarray(0, 2)).toEqual(Buffer.from([0xff, 0xfe]));
      expect(split(readFileSync(at('fgj.red-list')).toString('utf16le'), ',')).toEqual(expected('fgj.red-list'));
      expect(split(readFileSync(at('xfj.fire-permit'), 'utf8'), '|')).toEqual(expected('xfj.fire-permit'));
      expect(sheet(readFileSync(at('kjj.high-tech')))).toEqual(expected('kjj.high-tech'));
      const [header = [], ...rows] = expected('scjg.ip-pledge');
      const lines = readFileSync(at('scjg.ip-pledge'), 'utf8').trimEnd().split('\n');
      expect(lines.map((l) => JSON.parse(l) as unknown)).toEqual(
        rows.map((r) => Object.fromEntries(header.map((h, i) => [h, r[i]]))),
      );
      const parquet = await ask(`SELECT * FROM read_parquet('${at('gjj.fund-yearly')}')`);
      const same = await ask(
        `SELECT * EXCLUDE (row) FROM ${csv(join(folder, 'plain', plain.classes.find((c) => c.id === 'gjj.fund-yearly')?.file ?? ''))}`,
      );
      expect(parquet).toEqual(same);
    });
  }, 120_000);
});

describe('GB18030', () => {
  it('is what the platform decodes, for every text', () => {
    const decoder = new TextDecoder('gb18030', { fatal: true });
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (s) => decoder.decode(encodeGb18030(s)) === s),
      { numRuns: 1000 },
    );
    expect(decoder.decode(encodeGb18030('\ufffd\ue000𠮷'))).toBe('\ufffd\ue000𠮷');
    const all = Array.from({ length: 0x9fff - 0x4e00 }, (_, i) => String.fromCharCode(0x4e00 + i)).join('');
    expect(decoder.decode(encodeGb18030(all))).toBe(all);
  });

  it('survives characters that are cut between chunks', async () => {
    const text = '慈溪市公牛电器有限公司，𠮷';
    const bytes = Buffer.from(text);
    for (const encoding of ['gb18030', 'utf-16'] as const) {
      const stream = transcoder(encoding);
      const parts: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => parts.push(chunk));
      const ended = new Promise((resolve) => stream.on('end', resolve));
      for (const byte of bytes) stream.write(Buffer.from([byte]));
      stream.end();
      await ended;
      expect(new TextDecoder(encoding === 'gb18030' ? 'gb18030' : 'utf-16le').decode(Buffer.concat(parts))).toBe(text);
    }
  });
});
