import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { prependChain, readSignature, verifyInternal } from '@jingwei/keyless';
import { SigningService } from '@jingwei/keyless/service';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SourceDeclaration } from '../catalogue/index.ts';
import { type Principal, permissionsOf, type Role } from '../platform/auth/principal.ts';
import type { Deps } from '../platform/room.ts';
import type { Seal, SealPort } from '../platform/seal/index.ts';
import { NotedSeals } from '../platform/seal/testing.ts';
import { collect } from './collect.ts';
import { sealOfRow, sealRuns } from './sealing.ts';
import type { Exchange } from './service.ts';
import { declare, openBench, type TestBench } from './testing.ts';

let bench: TestBench;
let time = Date.parse('2026-11-21T01:00:00.500Z');
let service: SigningService;

/** Seals that are signed when they are asked for. */
class Signed extends NotedSeals {
  readonly signatures = new Map<string, Uint8Array>();
  override async requestAll(subjects: Parameters<NotedSeals['requestAll']>[0]): Promise<void> {
    await super.requestAll(subjects);
    const signing = subjects.map((s) => service.sign(s.imprint, { level: s.level ?? 0 }));
    time += 1000;
    await service.tick();
    for (const [i, s] of subjects.entries()) this.signatures.set(s.subject, await signing[i]!);
  }
  override of: SealPort['of'] = async (kind, subject) => {
    const i = this.asked.findIndex((s) => s.kind === kind && s.subject === subject);
    if (i < 0) return [];
    const sealed = { id: i, state: 'sealed', signedAt: new Date(time), publishedAt: null };
    return [{ ...this.asked[i]!, ...sealed } as unknown as Seal];
  };
  override proofOf: SealPort['proofOf'] = async (id, { imprint: hash, links, algorithm }) =>
    prependChain(readSignature(this.signatures.get(this.asked[id]!.subject)!), { hash, links, algorithm });
}

beforeEach(async () => {
  bench = await openBench();
  const folder = join(bench.folder, 'seal');
  service = await SigningService.open({ folder, now: () => time, steady: () => time, later: () => () => undefined });
});
afterEach(async () => {
  await service.close();
  await bench.close();
});

const who = (role: Role, organisation: string | null = null) =>
  ({
    userId: 'u',
    login: 'u',
    organisation,
    roles: [role],
    permissions: permissionsOf([role]),
    purpose: null,
  }) as unknown as Principal;

async function delivered(source: SourceDeclaration, content: string) {
  await bench.define(source);
  await collect(bench, { source, declaration: 1, path: bench.file('a.csv', content) });
  const exchange = { catalogue: () => ({ sources: new Map([[source.id, { declaration: source }]]) }) };
  const seal = new Signed();
  const deps = { lake: bench.lake, vault: bench.vault, seal } as unknown as Deps;
  return { exchange: exchange as unknown as Exchange, deps, seal };
}

const imprint = (text: string) => new Uint8Array([1, ...createHash('sha256').update(text).digest()]);

test('every run is asked to be sealed once, by its root and level; each of its rows proves its canonical text', async () => {
  const source = declare(['k', 'v'], { owner: 'scjg' });
  const { exchange, deps, seal } = await delivered(source, 'k,v\n1,甲\n2,"a ""b"""\n1,甲\nbad\n4,d\n');
  await sealRuns(deps, exchange);
  await sealRuns(deps, exchange);
  expect(seal.asked).toMatchObject([
    { kind: 'run', subject: '1', organisation: 'scjg', level: 3, facts: { received: 5, accepted: 3, quarantined: 1 } },
  ]);
  for (const [row, text] of [
    [1, '["1","甲"]'],
    [2, String.raw`["2","a \"b\""]`],
    [5, '["4","d"]'],
  ] as const) {
    const sealed = await sealOfRow(deps, exchange, who('analyst'), 1, row);
    expect(sealed.canonical).toBe(text);
    const signature = readSignature(new Uint8Array(Buffer.from(sealed.signature!, 'base64')));
    expect(verifyInternal(signature, { hash: imprint(text) }).verdict).toEqual({ outcome: 'ok' });
    expect(verifyInternal(signature, { hash: imprint(`${text} `) }).verdict).toMatchObject({ code: 'GEN-01' });
  }
  // A row that was not accepted is proven by what was delivered, of which only the leaf is told here.
  const bad = await sealOfRow(deps, exchange, who('analyst'), 1, 4);
  expect(bad).toMatchObject({ cells: [], canonical: null, leaf: Buffer.from(imprint('["bad"]')).toString('hex') });
  await expect(sealOfRow(deps, exchange, who('analyst'), 1, 6)).rejects.toMatchObject({
    kind: { code: 'exchange.run.row-unknown' },
  });
});

test('a row is shown as who asks may see it; its canonical text only where every field is seen plain', async () => {
  const source = declare([
    { name: 'no', protection: 'public' },
    { name: 'phone', format: 'phone', protection: 'sensitive' },
  ]);
  const { exchange, deps } = await delivered(source, 'no,phone\n1,13800001234\n');
  await sealRuns(deps, exchange);
  const seen = await sealOfRow(deps, exchange, who('data-steward'), 1, 1);
  expect(seen.cells.map((c) => [c.visibility, c.value])).toEqual([
    ['plain', '1'],
    ['masked', '***'],
  ]);
  expect(seen).toMatchObject({ canonical: null, signature: expect.any(String), seal: { state: 'sealed' } });
  const hidden = await sealOfRow(deps, exchange, who('system-admin'), 1, 1);
  expect(hidden.cells.map((c) => c.value)).toEqual([null, null]);
});
