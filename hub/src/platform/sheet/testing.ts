/** Readers of what the platform writes, for tests alone; they check sizes, sums and references on the way. */
import { crc32, inflateRawSync } from 'node:zlib';
import { expect } from 'vitest';

/** A reader of RFC 4180. */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  let cell = '';
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (quoted) {
      if (c === '"' && text[i + 1] === '"') {
        cell += '"';
        i += 1;
      } else if (c === '"') quoted = false;
      else cell += c;
    } else if (c === '"') quoted = true;
    else if (c === ',') {
      rows.at(-1)!.push(cell);
      cell = '';
    } else if (c === '\r' && text[i + 1] === '\n') {
      rows.at(-1)!.push(cell);
      cell = '';
      rows.push([]);
      i += 1;
    } else cell += c;
  }
  return rows;
}

/** A reader of ZIP files by their central directory; checks sizes and CRCs. */
export function unzip(bytes: Buffer): Map<string, Buffer> {
  const end = bytes.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  expect(end).toBe(bytes.length - 22);
  const files = new Map<string, Buffer>();
  let at = bytes.readUInt32LE(end + 16);
  expect(at + bytes.readUInt32LE(end + 12)).toBe(end);
  for (let i = 0; i < bytes.readUInt16LE(end + 10); i++) {
    expect(bytes.readUInt32LE(at)).toBe(0x02014b50);
    const [crc, packed, size] = [16, 20, 24].map((o) => bytes.readUInt32LE(at + o)) as [number, number, number];
    const length = bytes.readUInt16LE(at + 28);
    const name = bytes.toString('utf8', at + 46, at + 46 + length);
    const local = bytes.readUInt32LE(at + 42);
    expect(bytes.readUInt32LE(local)).toBe(0x04034b50);
    const start = local + 30 + bytes.readUInt16LE(local + 26);
    expect(bytes.readUInt32LE(start + packed)).toBe(0x08074b50);
    const content = inflateRawSync(bytes.subarray(start, start + packed));
    expect([content.length, crc32(content)]).toEqual([size, crc]);
    files.set(name, content);
    at += 46 + length;
  }
  return files;
}

const entities: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"' };

/** The parts of a workbook and the cells of its sheet. */
export function readXlsx(bytes: Buffer): { names: string[]; rows: (string | number | null)[][] } {
  const files = unzip(bytes);
  const types = files.get('[Content_Types].xml')!.toString();
  for (const part of ['xl/workbook.xml', 'xl/worksheets/sheet1.xml', 'xl/styles.xml']) {
    expect(types).toContain(`"/${part}"`);
    expect(files.has(part)).toBe(true);
  }
  const sheet = files.get('xl/worksheets/sheet1.xml')!.toString();
  expect(sheet).not.toContain('<f>');
  const text = (t: string) =>
    t
      .replace(/&\w+;/g, (e) => entities[e]!)
      .replace(/_x([0-9A-F]{4})_/g, (_, h: string) => String.fromCharCode(Number.parseInt(h, 16)));
  const place = (letters: string) => [...letters].reduce((n, c) => n * 26 + c.charCodeAt(0) - 64, 0) - 1;
  const rows = [...sheet.matchAll(/<row r="(\d+)">(.*?)<\/row>/gs)].map(([, number, row], i) => {
    expect(Number(number)).toBe(i + 1);
    const cells: (string | number | null)[] = [];
    for (const [, column, line, n, string] of row!.matchAll(
      /<c r="([A-Z]+)(\d+)"[^>]*>(?:<v>(.*?)<\/v>|<is><t xml:space="preserve">(.*?)<\/t><\/is>)<\/c>/gs,
    )) {
      expect(line).toBe(number);
      cells[place(column!)] = n !== undefined ? Number(n) : text(string!);
    }
    return Array.from(cells, (c) => c ?? null);
  });
  return { names: [...files.keys()], rows };
}
