import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FolderBlobs } from './index.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jingwei-blobs-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const cipher = {
  encrypt: () => createCipheriv('aes-128-ctr', Buffer.alloc(16, 1), Buffer.alloc(16)),
  decrypt: () => createDecipheriv('aes-128-ctr', Buffer.alloc(16, 1), Buffer.alloc(16)),
};
async function all(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const list: Uint8Array[] = [];
  for await (const chunk of chunks) list.push(chunk);
  return Buffer.concat(list);
}
const files = () => (readdirSync(folder, { recursive: true }) as string[]).filter((n) => n.length > 40);

test('what is put comes back under the hash of its content, and the same content is kept once', async () => {
  const blobs = new FolderBlobs(folder);
  const content = [Buffer.from('经'), Buffer.alloc(300_000, 7)];
  const blob = await blobs.put(content);
  expect(blob).toEqual({
    sha256: createHash('sha256').update(Buffer.concat(content)).digest('hex'),
    bytes: 300_003,
  });
  expect(await blobs.put(content)).toEqual(blob);
  expect(await all(blobs.get(blob.sha256))).toEqual(Buffer.concat(content));
  expect(await blobs.has(blob.sha256)).toBe(true);
  expect(files()).toHaveLength(1);
  expect(await blobs.put([])).toMatchObject({ bytes: 0 });
});

test('with a cipher nothing readable is on disk, and older plain files stay readable', async () => {
  const plain = await new FolderBlobs(folder).put([Buffer.from('an old plain file')]);
  const blobs = new FolderBlobs(folder, cipher);
  const secret = await blobs.put([Buffer.from('a secret register')]);
  for (const name of files().filter((n) => n.endsWith('.sealed'))) {
    expect(readFileSync(join(folder, name), 'utf8')).not.toContain('secret');
  }
  expect((await all(blobs.get(secret.sha256))).toString()).toBe('a secret register');
  expect((await all(blobs.get(plain.sha256))).toString()).toBe('an old plain file');
  await expect(all(new FolderBlobs(folder).get(secret.sha256))).rejects.toThrow('blobs.no-cipher');
});

test('a source that fails leaves nothing behind', async () => {
  const blobs = new FolderBlobs(folder);
  async function* broken() {
    yield Buffer.from('half');
    throw new Error('the line went dead');
  }
  await expect(blobs.put(broken())).rejects.toThrow('the line went dead');
  expect(readdirSync(join(folder, 'drafts'))).toEqual([]);
  expect(files()).toEqual([]);
});

test('drafts of a killed process are removed at the next start', () => {
  new FolderBlobs(folder);
  writeFileSync(join(folder, 'drafts', 'x'), 'half');
  new FolderBlobs(folder);
  expect(readdirSync(join(folder, 'drafts'))).toEqual([]);
});

test('unknown and damaged files are problems', async () => {
  const blobs = new FolderBlobs(folder);
  await expect(all(blobs.get('0'.repeat(64)))).rejects.toThrow('blobs.unknown');
  await expect(all(blobs.get('../../etc/passwd'))).rejects.toThrow('blobs.unknown');
  const { sha256 } = await blobs.put([Buffer.from('right')]);
  writeFileSync(join(folder, sha256.slice(0, 2), sha256.slice(2)), 'wrong');
  await expect(all(blobs.get(sha256))).rejects.toThrow('blobs.damaged');
});
