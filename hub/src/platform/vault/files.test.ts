import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, type Transform } from 'node:stream';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fileCipher, KeyRing } from './index.ts';

let folder: string;
let ring: KeyRing;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'jingwei-files-'));
  ring = KeyRing.open(join(folder, 'keys'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function through(data: Uint8Array, stream: Transform, piece = 64): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for (let i = 0; i < data.length; i += piece) pieces.push(data.subarray(i, i + piece));
  const out: Buffer[] = [];
  for await (const chunk of Readable.from(pieces).compose(stream) as AsyncIterable<Buffer>) out.push(chunk);
  return Buffer.concat(out);
}

test('any content comes back whole through pieces of any size, in both suites', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 500 }),
      fc.integer({ min: 1, max: 97 }),
      fc.constantFrom('sm' as const, 'aes' as const),
      async (content, piece, suite) => {
        const cipher = fileCipher(ring, suite);
        const sealed = await through(content, cipher.encrypt(), piece);
        expect(sealed.length).toBe(content.length + 56);
        expect((await through(sealed, cipher.decrypt(), piece)).equals(Buffer.from(content))).toBe(true);
      },
    ),
    { numRuns: 40 },
  );
});

test('a file that was cut or changed anywhere is refused', async () => {
  const cipher = fileCipher(ring);
  const sealed = await through(Buffer.from('统一社会信用代码,名称\n'.repeat(20)), cipher.encrypt());
  await fc.assert(
    fc.asyncProperty(fc.nat(sealed.length - 1), async (at) => {
      const changed = Buffer.from(sealed);
      changed[at] = changed[at]! ^ 1;
      await expect(through(changed, cipher.decrypt())).rejects.toThrow(/vault\.(file-damaged|key-lost)/);
      await expect(through(sealed.subarray(0, at), cipher.decrypt())).rejects.toThrow('vault.file-damaged');
    }),
    { numRuns: 40 },
  );
});

test('files under an older key are still read after a new one was made, also by another process', async () => {
  const sealed = await through(Buffer.from('x'.repeat(1000)), fileCipher(ring).encrypt());
  ring.makeNext('files');
  const reopened = fileCipher(KeyRing.open(join(folder, 'keys')));
  expect((await through(sealed, reopened.decrypt())).toString()).toBe('x'.repeat(1000));
  expect((await through(Buffer.from('y'), reopened.encrypt())).readUInt32BE(4)).toBe(2);
});
