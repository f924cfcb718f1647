import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { checkSeals } from './fsck.ts';
import { openService } from './service.ts';
import type { SignerSetup } from './signer.ts';
import type { SealStore } from './store.ts';

const data = mkdtempSync(join(tmpdir(), 'jingwei-fsck-'));
afterAll(() => rmSync(data, { recursive: true }));

test('a damaged signature and an end of the calendar that was never finished are found; the end is mended when asked', async () => {
  let time = Date.parse('2026-11-21T01:00:00.500Z');
  const folder = join(data, 'seal');
  mkdirSync(folder);
  const setup: SignerSetup = {
    ...{ folder, keys: join(data, 'keys'), algorithm: 'sm3', authority: 'ecdsa', name: 'Test', roundDays: 30 },
    ...{ email: 'publications@jingwei.local', clients: [], parent: null, time },
  };
  const options = { now: () => time, later: () => () => undefined };
  const { service, anchors } = await openService(setup, options);
  const imprint = (n: number) => new Uint8Array(33).fill(n, 1).fill(1, 0, 1);
  const signing = [1, 2].map((n) => service.sign(imprint(n)));
  time += 1000;
  await service.tick();
  const seals = (await Promise.all(signing)).map((signature, i) => ({
    ...{ id: i + 1, imprint: imprint(i + 1), level: 0, signature },
  }));
  const { bytes, root } = anchors;
  await service.close();
  const store = {
    counts: async () => ({ pending: 1, sealed: seals.length }),
    signatures: async function* () {
      yield seals;
    },
  } as unknown as SealStore;
  const check = (mend: boolean) =>
    checkSeals({ data, store, anchors: async () => ({ publicationsFile: bytes, root }), email: setup.email, mend });
  expect(await check(false)).toEqual({ seals: 2, pending: 1, mended: [], problems: [] });
  seals[1]!.signature = Uint8Array.from(seals[0]!.signature);
  seals[0]!.signature[seals[0]!.signature.length - 100]! ^= 1;
  appendFileSync(join(folder, 'calendar.log'), 'torn');
  const found = await check(false);
  expect(found.problems.map((p) => [p.kind.code, p.params.seal, p.params.code])).toEqual([
    ['seal.fsck.folder', undefined, undefined],
    ['seal.fsck.signature', 1, expect.any(String)],
    ['seal.fsck.signature', 2, 'GEN-01'],
  ]);
  const mended = await check(true);
  expect([mended.mended.length, mended.problems.length]).toEqual([1, 2]);
  expect((await check(false)).problems).toHaveLength(2);
});
