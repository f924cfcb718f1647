import fc from 'fast-check';
import iconv from 'iconv-lite';
import { expect, test } from 'vitest';
import { type CutFormat, records, without } from './cut.ts';

async function* chunked(bytes: Uint8Array, size = 7): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size);
}
async function cut(bytes: Uint8Array, how: CutFormat, gone: ReadonlySet<number>) {
  const told = { records: 0, cut: 0 };
  const out: Uint8Array[] = [];
  for await (const piece of without(chunked(bytes), how, (n) => gone.has(n), told)) out.push(piece);
  return { rest: Buffer.concat(out), ...told };
}
const csv = (encoding: CutFormat['encoding'], delimiter = ','): CutFormat => ({ format: 'csv', encoding, delimiter });

test('records end outside quotes; a quote that is never closed costs one line', async () => {
  const text = 'a,b\r\n1,"x\r\ny"\r\n\r\n2,"say ""hi"""\n3,"open\n4,z\n5,"q"tail\n6,end';
  const found: string[] = [];
  for await (const { bytes, record } of records(chunked(Buffer.from(text)), csv('utf-8')))
    if (record) found.push(Buffer.from(bytes).toString().trim());
  expect(found).toEqual(['a,b', '1,"x\r\ny"', '2,"say ""hi"""', '3,"open', '4,z', '5,"q"tail', '6,end']);
});

const cell = fc.oneof(
  fc.constantFrom('张三', '慈溪市|镇', '', 'a b', '3"', 'x,y', 'l1\nl2', '𠮷野'),
  fc.string({ maxLength: 6 }).map((s) => s.replaceAll('\0', '')),
);
test.each(['utf-8', 'gb18030', 'utf-16'] as const)(
  'of a %s file every record but the cut ones stays as it was, byte for byte',
  async (encoding) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 12 })),
        fc.constantFrom('\n', '\r\n'),
        async (rows, numbers, end) => {
          const quoted = (x: string) => `"${x.replaceAll('"', '""')}"`;
          const line = (r: readonly string[]) => r.map(quoted).join(',') + end;
          const encode = (text: string): Buffer => iconv.encode(text, encoding === 'utf-16' ? 'utf-16le' : encoding);
          const gone = new Set(numbers.filter((n) => n <= rows.length));
          const all = encode(`a,b${end}${rows.map(line).join('')}`);
          const expected = encode(
            `a,b${end}${rows
              .filter((_, i) => !gone.has(i + 1))
              .map(line)
              .join('')}`,
          );
          const { rest, records: count, cut: n } = await cut(all, csv(encoding), gone);
          expect([count, n]).toEqual([rows.length, gone.size]);
          expect(rest.equals(expected)).toBe(true);
        },
      ),
    );
  },
);

test('JSON lines are cut by line, empty ones are none', async () => {
  const { rest, records: n } = await cut(
    Buffer.from('{"a":1}\n\n{"a":2}\n{"a":3}'),
    { format: 'jsonl', encoding: 'utf-8', delimiter: ',' },
    new Set([2]),
  );
  expect([rest.toString(), n]).toEqual(['{"a":1}\n\n{"a":3}', 3]);
});
