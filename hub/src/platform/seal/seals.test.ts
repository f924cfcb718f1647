import { TreeBuilder } from '@jingwei/keyless';
import { beforeEach, expect, test } from 'vitest';
import { Audit, auditMigrations } from '../audit/index.ts';
import { ManualClock } from '../clock.ts';
import { describeDb } from '../db/testing.ts';
import { text } from '../i18n/index.ts';
import { silentLogger } from '../log/index.ts';
import { AuditStretches } from './audit-stretches.ts';
import { Clients } from './clients.ts';
import { sealMigrations } from './index.ts';
import type { SealSubject } from './port.ts';
import { Seals } from './seals.ts';
import { Signer } from './signer.ts';
import { sealedStream } from './stream.ts';

const clock = new ManualClock('2026-11-21T01:00:00Z');
const subject = (name: string, byte = 1): SealSubject => ({
  ...{ kind: 'run', subject: name, title: text('批次', 'A run'), organisation: 'scjg' },
  imprint: Uint8Array.of(1, ...new Uint8Array(32).fill(byte)),
});

describeDb('seals', [auditMigrations, sealMigrations], (db) => {
  let seals: Seals;
  let audit: Audit;
  let host: Omit<ConstructorParameters<typeof Seals>[0], 'signing'>;
  beforeEach(async () => {
    await db().query('TRUNCATE seal.seal, seal.client, seal.publication RESTART IDENTITY');
    audit = new Audit(db(), clock);
    const never = () => Promise.reject(new Error('nothing is signed here'));
    const signer = new Signer(
      never,
      async () => undefined,
      () => undefined,
    );
    host = { db: db(), clock, log: silentLogger(), audit, signer, city: 'cixi' };
    seals = new Seals({ ...host, signing: false });
  });

  test('what is asked for in a transaction that fails was never asked for', async () => {
    const failing = db().tx(async (trx) => {
      await seals.request(subject('1'), trx);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await seals.of('run', '1')).toEqual([]);
    const id = await db().tx((trx) => seals.request(subject('1'), trx));
    expect(await seals.get(id)).toMatchObject({ id, state: 'pending', level: 0, organisation: 'scjg', signedAt: null });
  });

  test('many are asked for at once, each once; another content of the same subject is another seal', async () => {
    await seals.requestAll([subject('1'), { ...subject('2'), facts: { rows: 5 }, level: 3 }]);
    await seals.requestAll([subject('1'), subject('1', 2)]);
    expect((await seals.of('run', '1')).map((s) => s.imprint[1])).toEqual([2, 1]);
    expect(await seals.of('run', '2')).toMatchObject([{ level: 3, facts: { rows: 5 } }]);
    expect(await seals.known('run', ['1', '2', '3'])).toEqual(new Set(['1', '2']));
    expect(await seals.store.list({ subject: '1/', limit: 5 })).toEqual([]);
  });

  test('what could never be signed is refused when it is asked for', async () => {
    const bad = (over: Partial<SealSubject>) => seals.request({ ...subject('1'), ...over });
    await expect(bad({ imprint: Uint8Array.of(1, 2) })).rejects.toMatchObject({ kind: { code: 'seal.imprint' } });
    const sha1 = bad({ imprint: new Uint8Array(21) });
    await expect(sha1).rejects.toMatchObject({ kind: { code: 'seal.imprint-weak' } });
    await expect(bad({ level: 41 })).rejects.toMatchObject({ kind: { code: 'seal.level' } });
    await expect(seals.requestAll([{ ...subject('1'), level: -1 }])).rejects.toMatchObject({
      kind: { code: 'seal.level' },
    });
  });

  test('a seal keeps its subject and its signature, also against who can write to the table', async () => {
    const id = await seals.request(subject('1'));
    const at = new Date('2026-11-21T01:00:01Z');
    await seals.store.signed([{ id, at, signature: Uint8Array.of(1) }]);
    await seals.store.signed([{ id, at: new Date(), signature: Uint8Array.of(2) }]);
    expect(await seals.get(id)).toMatchObject({ state: 'sealed', signedAt: at, signature: Uint8Array.of(1) });
    for (const change of ["subject = '2'", 'signature = NULL, signed_at = NULL', 'signed_at = now()'])
      await expect(db().query(`UPDATE seal.seal SET ${change}`)).rejects.toThrow('a seal is kept as it is');
    await expect(db().query('DELETE FROM seal.seal')).rejects.toThrow('a seal is kept as it is');
  });

  test('what waits is looked for on its own, also when it was asked for in a transaction that is still open', async () => {
    const signing = new Seals({ ...host, signing: true });
    signing.start();
    await db().tx(async () => {
      // Looks at once, while the transaction goes on.
      await signing.alarmed(null);
      await new Promise((resolve) => setTimeout(resolve, 30));
    });
    await signing.stop();
    expect(signing.fault).toBeNull();
  });

  test('an alarm of the signing thread is told once, with its end, and kept in the audit', async () => {
    const alarm = { code: 'clock-backwards', zh: '时钟倒退', en: 'the clock went back' };
    await seals.alarmed(alarm);
    await seals.alarmed(alarm);
    expect(seals.fault).toMatchObject({ en: expect.stringContaining('the clock went back') });
    await seals.alarmed(null);
    expect(seals.fault).toBeNull();
    const kept = await audit.query({ limit: 5, action: 'seal.signing' });
    expect(kept.items.map((e) => e.outcome)).toEqual(['ok', 'failed']);
  });

  test('an extended seal counts with its publication', async () => {
    const [a, b] = [await seals.request(subject('1')), await seals.request(subject('2'))];
    const at = new Date('2026-11-21T01:00:01Z');
    await seals.store.signed([a!, b!].map((id) => ({ id, at, signature: Uint8Array.of(1) })));
    const published = { at: new Date('2026-11-21T02:00:00Z'), root: Uint8Array.of(1), printed: 'AAAA' };
    await seals.store.published([published, published]);
    expect(await seals.store.notExtended(published.at, 0, 10)).toHaveLength(2);
    await seals.store.extended([{ id: a!, at: published.at, signature: Uint8Array.of(2) }]);
    await seals.store.extended([{ id: a!, at: published.at, signature: Uint8Array.of(3) }]);
    expect(await seals.store.notExtended(published.at, 0, 10)).toMatchObject([{ id: b }]);
    expect(await seals.store.publications(undefined, 5)).toMatchObject([{ printed: 'AAAA', seals: 1 }]);
    expect(await seals.get(a!)).toMatchObject({ publishedAt: published.at, signature: Uint8Array.of(2) });
    expect(await seals.store.summary()).toMatchObject([{ kind: 'run', sealed: 2, pending: 0, extended: 1 }]);
  });

  test('a file is sealed when it was sent whole, and not when its reader left', async () => {
    const file = async function* () {
      yield 'one,';
      yield Buffer.from('two');
    };
    const { imprint: _, ...rest } = subject('file');
    const left = sealedStream(seals, rest, file());
    await left.next();
    await left.return(undefined);
    expect(await seals.of('run', 'file')).toEqual([]);
    const chunks = [];
    for await (const chunk of sealedStream(seals, rest, file())) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe('one,two');
    expect(await seals.of('run', 'file')).toMatchObject([{ facts: { bytes: 7 } }]);
  });

  test('the audit is sealed by stretches without gap: when enough entries came, after a while, and at the end', async () => {
    const stretches = new AuditStretches({ audit, seals, clock, log: silentLogger(), entries: 3, minutes: 10 });
    const act = async (n: number) => {
      for (let i = 0; i < n; i++) await audit.append({ actor: null, action: 'tried', object: `${i}`, outcome: 'ok' });
    };
    const sealed = async () => (await seals.store.list({ kind: 'audit', limit: 10 })).map((s) => s.subject).reverse();
    const { seq: before = 0 } = (await audit.query({ limit: 1 })).items[0] ?? {};
    if (before > 0) await stretches.look(true);
    const known = (await sealed()).length;
    const at = (from: number, to: number) => `${before + from}-${before + to}`;
    await act(7);
    await stretches.look(false);
    expect((await sealed()).slice(known)).toEqual([at(1, 3), at(4, 6)]);
    clock.advance(11 * 60_000);
    await stretches.look(false);
    await act(1);
    await stretches.look(true);
    await stretches.look(true);
    expect((await sealed()).slice(known)).toEqual([at(1, 3), at(4, 6), at(7, 7), at(8, 8)]);
    const tree = new TreeBuilder(1);
    for (const { hash } of await audit.hashes(before, 3)) tree.add(Uint8Array.of(1, ...hash));
    expect((await seals.of('audit', at(1, 3)))[0]).toMatchObject({ imprint: tree.close().root, level: 2 });
  });

  test("a client's key is shown once and kept sealed; changes are audited and told", async () => {
    let told = 0;
    const clients = new Clients({
      ...{ db: db(), clock, audit, secretKey: new Uint8Array(32).fill(5) },
      changed: async () => void told++,
    });
    const by = { login: 'secadmin', userId: 'u', roles: ['security-admin'], sessionId: 's', purpose: null } as never;
    const asked = { login: 'bank', organisation: null, algorithm: 'sm3', perSecond: 5 } as const;
    const { key } = await clients.create(by, asked);
    await expect(clients.create(by, asked)).rejects.toMatchObject({ kind: { code: 'seal.client-taken' } });
    expect((await clients.opened()).map((c) => Buffer.from(c.key).toString())).toEqual([key]);
    expect(JSON.stringify(await db().query('SELECT * FROM seal.client'))).not.toContain(key);
    const renewed = await clients.patch(by, 'bank', { newKey: true, perSecond: 9 });
    expect(renewed).toMatchObject({ perSecond: 9, disabled: false });
    expect((await clients.opened()).map((c) => Buffer.from(c.key).toString())).toEqual([renewed.key]);
    expect(renewed.key).not.toBe(key);
    await clients.remove(by, 'bank');
    for (const gone of [() => clients.remove(by, 'bank'), () => clients.patch(by, 'bank', { disabled: true })])
      await expect(gone()).rejects.toMatchObject({ kind: { code: 'seal.client-unknown' } });
    expect(told).toBe(3);
    const actions = (await audit.query({ limit: 3, action: 'seal.*' })).items.map((e) => e.action);
    expect(actions).toEqual(['seal.client-remove', 'seal.client-change', 'seal.client-create']);
  });
});
