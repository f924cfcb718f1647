import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Custody, KeyRing } from '../vault/index.ts';
import { countFiles } from './files.ts';
import { type Facts, keysOf } from './registry.ts';

let folder: string;
let ring: KeyRing;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jingwei-registry-'));
  ring = KeyRing.open(join(folder, 'keys'));
  ring.makeToken();
});
afterEach(() => rmSync(folder, { recursive: true }));

const known = (...names: string[]) => names.map((name) => ({ name, since: '2026-01-01T00:00:00.000Z' }));
const of = (over: Partial<Facts>) =>
  Object.fromEntries(
    keysOf({
      ...{ ring, custody: new Custody(join(folder, 'custody'), ring.folder), guarded: false, known: known('token') },
      ...{ values: new Map(), files: new Map(), backups: false, tls: undefined, rotateDays: 365, ...over },
    }).map((key) => [key.id, key]),
  );

test('a key’s state is told from what is there and what depends on it', () => {
  ring.makeNext('seal');
  ring.makeNext('seal');
  ring.makeNext('seal');
  ring.destroy('seal', 1);
  ring.makeNext('files');
  const keys = of({
    known: known('token', 'seal-0001', 'seal-0002', 'seal-0003', 'files-0001', 'files-0002'),
    values: new Map([[2, 7]]),
    files: new Map([[1, 3]]),
  });
  expect(keys['seal-0001']).toMatchObject({ state: 'destroyed', held: 'none', depends: 0, due: null });
  expect(keys['seal-0002']).toMatchObject({ state: 'retired', depends: 7 });
  expect(keys['seal-0003']).toMatchObject({ state: 'active', held: 'file', due: '2027-01-01T00:00:00.000Z' });
  // Keys of files are never destroyed: one that is missing is lost, whatever was counted.
  expect(keys['files-0002']).toMatchObject({ state: 'lost', held: 'none' });
  expect(keys['files-0001']).toMatchObject({ state: 'active', depends: 3 });
  expect(of({ known: known('token', 'seal-0001'), values: new Map([[1, 1]]) })['seal-0001']!.state).toBe('lost');
});

test('nothing is due where rotation is switched off, nothing is counted before it is, and a missing backup key is lost', () => {
  ring.makeNext('files');
  const keys = of({
    known: known('token', 'files-0001'),
    files: undefined,
    rotateDays: 0,
    backups: true,
    guarded: true,
  });
  expect(keys['files-0001']).toMatchObject({ depends: null, due: null, held: 'wrapped' });
  expect(keys.backup!.state).toBe('lost');
  ring.keep('backup', Buffer.alloc(32));
  expect(of({ backups: true }).backup!.state).toBe('active');
});

test('files are counted by the key in their head; drafts and files that are none are not', async () => {
  mkdirSync(join(folder, 'blobs', 'ab'), { recursive: true });
  mkdirSync(join(folder, 'blobs', 'drafts'));
  const head = (version: number) => Buffer.from([0x4a, 0x57, 0x46, 1, 0, 0, 0, version, 9, 9]);
  writeFileSync(join(folder, 'blobs', 'ab', 'c1.sealed'), head(1));
  writeFileSync(join(folder, 'blobs', 'ab', 'c2.sealed'), head(2));
  writeFileSync(join(folder, 'blobs', 'ab', 'c3.sealed'), head(2));
  writeFileSync(join(folder, 'blobs', 'ab', 'c4.sealed'), 'JWF');
  writeFileSync(join(folder, 'blobs', 'ab', 'c5'), head(2));
  writeFileSync(join(folder, 'blobs', 'drafts', 'd.sealed'), head(2));
  expect(await countFiles([join(folder, 'blobs'), join(folder, 'none')])).toEqual(
    new Map([
      [1, 1],
      [2, 2],
    ]),
  );
});
