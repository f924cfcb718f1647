import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { silentLogger } from '../log/index.ts';
import { Reconciler } from './reconciler.ts';
import { declaredFiles } from './rules.ts';

const folder = mkdtempSync(join(tmpdir(), 'jingwei-rules-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('every declared file is a subject of its own, whose imprint is the SHA-256 that anybody computes of the file', () => {
  mkdirSync(join(folder, 'one'));
  writeFileSync(join(folder, 'one', 'list.yaml'), 'list: one\n');
  writeFileSync(join(folder, 'one', 'who.sql'), 'SELECT 1');
  writeFileSync(join(folder, 'one', 'sample.csv'), 'a,b');
  const files = declaredFiles(folder, 'lists');
  expect(files.map((f) => f.subject).sort()).toEqual(['lists/one/list.yaml', 'lists/one/who.sql']);
  const yaml = files.find((f) => f.subject.endsWith('.yaml'))!;
  expect(Buffer.from(yaml.imprint.subarray(1))).toEqual(createHash('sha256').update('list: one\n').digest());
  expect(declaredFiles(join(folder, 'absent'), 'lists')).toEqual([]);
});

test('what comes while a pass is under way is looked for in another pass, and a stopped reconciler rests', async () => {
  let passes = 0;
  let go: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    go = resolve;
  });
  const reconciler = new Reconciler(silentLogger(), 'things', async () => {
    passes += 1;
    if (passes === 1) await held;
  });
  const first = reconciler.wake();
  void reconciler.wake();
  void reconciler.wake();
  go();
  await first;
  expect(passes).toBe(2);
  await reconciler.stop();
  await reconciler.wake();
  expect(passes).toBe(2);
});
