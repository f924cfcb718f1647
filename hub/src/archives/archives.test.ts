import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { imprint, readSignature, verifyInternal } from '@jingwei/keyless';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeDb } from '../platform/db/testing.ts';
import { settle } from './archiving.ts';
import { pdf } from './demo/pdf.ts';
import { orderDue } from './keeper.ts';
import { archiveMigrations } from './module.ts';
import { unzipped } from './package/testing.ts';
import { chainFault, sealSteps, stepsOf } from './steps.ts';
import { ArchiveRoom, archivist, colleague, officer, person, stranger } from './testing.ts';

const described = {
  ...{
    category: 'WS',
    year: 2026,
    retention: 'Y',
    unit: 'BGS',
    title: '关于准予食品经营许可的决定',
    date: '2026-02-03',
  },
  ...{ responsible: '市场监管局', secrecy: 'public', opening: 'open', documentNumber: '慈市监许〔2026〕7号' },
};
const document = pdf([{ heading: '决定书' }, '同意。']);
const notes = Buffer.from('会议记录：同意。\n');
const sha = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

describeDb('archives', [archiveMigrations], (db) => {
  let room: ArchiveRoom;
  beforeAll(() => {
    room = new ArchiveRoom(db());
  });
  afterAll(() => room.end());

  /** Hands in an archive of two files; answers its number. */
  async function handIn(as = officer, metadata: object = {}, main = document): Promise<number> {
    const { id } = await room.call(as, 'POST', '', { body: { metadata: { ...described, ...metadata } } });
    const add = (name: string, file: Buffer, query: object) =>
      room.call(as, 'POST', '/{id}/files', { params: { id }, query: { name, ...query }, file });
    await add('决定书.pdf', main, { sha256: sha(document) });
    await add('记录.txt', notes, { role: 'attachment' });
    await room.call(as, 'POST', '/{id}/submit', { params: { id } });
    await room.work();
    return id;
  }
  const see = (as: Parameters<ArchiveRoom['call']>[0], id: number) => room.call(as, 'GET', '/{id}', { params: { id } });
  async function keep(as = officer, metadata: object = {}): Promise<number> {
    const id = await handIn(as, metadata);
    const grounds = { I03: '补录' };
    await room.call(archivist, 'POST', '/{id}/take-in', { params: { id }, body: { grounds } });
    await room.seals.signAll();
    await settle(room.deps);
    return id;
  }
  // biome-ignore lint/suspicious/noExplicitAny: outcomes are looked into by code.
  const outcome = (archive: any, code: string) => archive.examinations[0].items.find((o: any) => o.code === code);

  test('handed in, checked, taken in and sealed: each file verifies by itself against its proof', async () => {
    const id = await handIn();
    const checked = await see(officer, id);
    expect(checked).toMatchObject({ state: 'passed', reference: '0057-WS·2026-Y-BGS-0001', may: { takeIn: false } });
    expect(outcome(checked, 'A01')).toMatchObject({ result: 'passed', respect: 'authenticity' });
    expect(outcome(checked, 'S05').result).toBe('skipped');
    await expect(room.call(officer, 'GET', '/{id}/files/{no}/proof', { params: { id, no: 1 } })).rejects.toThrow(
      'archives.not-sealed',
    );
    await room.call(archivist, 'POST', '/{id}/take-in', { params: { id }, body: {} });
    expect((await see(officer, id)).state).toBe('archived');
    await room.seals.signAll();
    expect(await settle(room.deps)).toBe(0);
    const kept = await see(officer, id);
    expect(kept).toMatchObject({
      state: 'preserved',
      condition: 'sound',
      seals: [{ no: 1, algorithm: 'sha256', leaves: 3 }],
    });
    for (const [no, content] of [
      [1, document],
      [2, notes],
    ] as const) {
      const proof = readSignature(await room.call(officer, 'GET', '/{id}/files/{no}/proof', { params: { id, no } }));
      expect(verifyInternal(proof, { hash: imprint(1, content) }).verdict).toEqual({ outcome: 'ok' });
      expect(verifyInternal(proof, { hash: imprint(1, Buffer.from('other')) }).verdict.outcome).toBe('failed');
    }
    expect(room.audit.map((e) => e.action)).toEqual(
      expect.arrayContaining(['archives.create', 'archives.submit', 'archives.take-in']),
    );
  });

  test('every step is chained, sealed in batches and provable; a changed one is named', async () => {
    const id = await keep();
    await sealSteps(room.deps);
    expect(await sealSteps(room.deps)).toBe(0);
    await room.seals.signAll();
    const { items, fault } = await room.call(officer, 'GET', '/{id}/steps', { params: { id } });
    expect(fault).toBeNull();
    expect(items.map((s: { action: string }) => s.action)).toEqual([
      'created',
      'submitted',
      'examined',
      'archived',
      'preserved',
    ]);
    for (const seq of [1, 4]) {
      const record = await room.call(officer, 'GET', '/{id}/steps/{seq}/record', { params: { id, seq } });
      const proof = await room.call(officer, 'GET', '/{id}/steps/{seq}/proof', { params: { id, seq } });
      expect(verifyInternal(readSignature(proof), { hash: imprint(1, record) }).verdict.outcome).toBe('ok');
    }
    const rows = await stepsOf(db(), id);
    const head = rows.at(-1)!.hash;
    expect(chainFault(rows, head)).toBeNull();
    const forged = rows.map((r) => (r.seq === 3 ? { ...r, record: r.record.replace('passed', 'warned') } : r));
    expect(chainFault(forged, head)?.en).toContain('step 3');
    expect(chainFault(rows.slice(0, -1), head)?.en).toContain('missing');
  });

  test('what fails a severe check is not taken in, and can be mended and handed in again', async () => {
    const id = await handIn(officer, { unit: 'CWK' }, document.subarray(0, 500));
    const failed = await see(officer, id);
    expect(failed.state).toBe('failed');
    expect(outcome(failed, 'A01')).toMatchObject({ result: 'failed', faults: [{ file: 1 }] });
    expect(outcome(failed, 'U02').result).toBe('failed');
    await expect(room.call(archivist, 'POST', '/{id}/take-in', { params: { id }, body: {} })).rejects.toThrow(
      'archives.state',
    );
    await room.call(officer, 'DELETE', '/{id}/files/{no}', { params: { id, no: 1 } });
    await room.call(officer, 'POST', '/{id}/files', { params: { id }, query: { name: '决定书.pdf' }, file: document });
    await room.call(officer, 'POST', '/{id}/submit', { params: { id } });
    await room.work();
    expect(await see(officer, id)).toMatchObject({ state: 'passed', reference: '0057-WS·2026-Y-CWK-0001' });
  });

  test('a warning is accepted with a ground only; a gap in item numbers is one', async () => {
    const id = await handIn(officer, { unit: 'GAP', item: 3 });
    const checked = await see(officer, id);
    expect(outcome(checked, 'I03')).toMatchObject({
      result: 'warned',
      faults: [{ sentence: { en: 'items 1, 2 are missing' } }],
    });
    const take = (grounds: object) =>
      room.call(archivist, 'POST', '/{id}/take-in', { params: { id }, body: { grounds } });
    await expect(take({ I03: ' ' })).rejects.toThrow('archives.grounds');
    expect(
      (await take({ I03: '前两件为纸质' })).examinations[0].items.find((o: { code: string }) => o.code === 'I03')
        .ground,
    ).toBe('前两件为纸质');
  });

  test('others see the title of what is open, nothing of what is controlled, and the content when it is lent', async () => {
    const id = await keep(officer, { unit: 'LEN', title: '借阅用的决定', summary: '内部摘要' });
    const hidden = await keep(officer, { unit: 'LEN', opening: 'controlled' });
    expect(await see(stranger, id)).toMatchObject({
      title: '借阅用的决定',
      whole: false,
      fileList: [],
      examinations: [],
      files: null,
    });
    expect((await see(stranger, id)).metadata).not.toHaveProperty('summary');
    await expect(see(stranger, hidden)).rejects.toThrow('archives.unknown');
    const content = { params: { id, no: 2 } };
    await expect(room.call(stranger, 'GET', '/{id}/files/{no}/content', content)).rejects.toThrow(
      'archives.borrow-first',
    );
    expect((await room.call(officer, 'GET', '/{id}/files/{no}/content', content)).equals(notes)).toBe(true);
    await expect(room.call(officer, 'GET', '/{id}/package', { params: { id } })).rejects.toThrow(
      'archives.borrow-first',
    );

    const body = { kind: 'download', purpose: '办案取证', days: 3 };
    const asked = await room.call(stranger, 'POST', '/{id}/borrowings', { params: { id }, body });
    await expect(room.call(stranger, 'POST', '/{id}/borrowings', { params: { id }, body })).rejects.toThrow(
      'archives.borrow-open',
    );
    await expect(
      room.call({ ...archivist, userId: 'stranger' }, 'POST', '/archive-borrowings/{id}/decision', {
        params: { id: asked.id },
        body: { approve: true },
      }),
    ).rejects.toThrow('archives.own-request');
    await room.call(archivist, 'POST', '/archive-borrowings/{id}/decision', {
      params: { id: asked.id },
      body: { approve: true },
    });
    expect((await see(stranger, id)).loan).toMatchObject({ kind: 'download' });
    const copy = (await room.call(stranger, 'GET', '/{id}/files/{no}/download', content)).toString();
    expect(copy).toContain('利用副本');
    expect(copy).toContain('会议记录：同意。');
    room.clock.advance(4 * 86_400_000);
    await expect(room.call(stranger, 'GET', '/{id}/files/{no}/content', content)).rejects.toThrow(
      'archives.borrow-first',
    );
    const list = await room.call(stranger, 'GET', '/archive-borrowings', {});
    expect(list.items[0]).toMatchObject({ state: 'overdue', mine: true });
    expect(
      await room.call(stranger, 'POST', '/archive-borrowings/{id}/return', { params: { id: asked.id } }),
    ).toMatchObject({ state: 'returned' });
  });

  test('taken out, an archive carries everything that verifies it', async () => {
    const id = await keep(officer, { unit: 'OUT' });
    await sealSteps(room.deps);
    await room.seals.signAll();
    const files = await unzipped(await room.call(archivist, 'GET', '/{id}/package', { params: { id } }));
    const proven = (name: string, proof: string) =>
      verifyInternal(readSignature(files.get(proof)!), { hash: imprint(1, files.get(name)!) }).verdict.outcome;
    expect(proven('files/决定书.pdf', 'proofs/决定书.pdf.ksig')).toBe('ok');
    expect(proven('metadata.json', 'proofs/metadata.json.ksig')).toBe('ok');
    expect(proven('lifecycle/0004-archived.json', 'lifecycle/0004-archived.json.ksig')).toBe('ok');
    expect([...files.keys()]).toEqual(
      expect.arrayContaining(['publications.bin', 'root.pem', 'checks.json', '说明 README.txt']),
    );
    const { items } = await room.call(archivist, 'GET', '/{id}/steps', { params: { id } });
    expect(items.at(-1).action).toBe('taken-out');
  });

  test('a flipped byte on disk is found and alarmed, and never mended', async () => {
    const id = await keep(officer, { unit: 'DMG', title: '将被损坏' });
    const lone = Buffer.from('only here\n');
    const other = await room.call(officer, 'POST', '', { body: { metadata: { ...described, unit: 'DMX' } } });
    await room.call(officer, 'POST', '/{id}/files', { params: { id: other.id }, query: { name: 'a.txt' }, file: lone });
    await room.call(officer, 'POST', '/{id}/submit', { params: { id: other.id } });
    await room.work();
    await room.call(archivist, 'POST', '/{id}/take-in', { params: { id: other.id }, body: {} });
    await room.seals.signAll();
    await settle(room.deps);
    const path = join(room.folder, 'archives', sha(lone).slice(0, 2), sha(lone).slice(2));
    writeFileSync(path, Buffer.from('0nly here\n'));
    room.clock.advance(91 * 86_400_000);
    expect((await room.call(archivist, 'GET', '/archive-preservation')).due).toBeGreaterThan(1);
    await room.call(archivist, 'POST', '/archive-preservation/verify', { body: {} });
    const [result] = (await room.work()) as { damaged: number; archives: number }[];
    expect(result).toMatchObject({ damaged: 1 });
    expect(await see(officer, other.id)).toMatchObject({ condition: 'damaged' });
    expect(await see(officer, id)).toMatchObject({ condition: 'sound' });
    expect(room.audit.some((e) => e.action === 'archives.damaged' && e.object === `archive/${other.id}`)).toBe(true);
    const state = await room.call(archivist, 'GET', '/archive-preservation');
    expect(state).toMatchObject({ damaged: 1, due: 0 });
    expect(state.runs[0].findings).toEqual([
      { archive: other.id, reference: '0057-WS·2026-Y-DMX-0001', items: ['A01'] },
    ]);
    expect(readFileSync(path, 'utf8')).toBe('0nly here\n');
    writeFileSync(path, lone);
    await room.call(archivist, 'POST', '/archive-preservation/verify', { body: { archive: other.id } });
    await room.work();
    expect((await see(officer, other.id)).condition).toBe('sound');
    const { items } = await room.call(officer, 'GET', '/{id}/steps', { params: { id: other.id } });
    expect(items.map((s: { action: string }) => s.action).slice(-4)).toEqual([
      'verified',
      'damaged',
      'verified',
      'restored',
    ]);
  });

  test('under an ageing algorithm archives are sealed anew over content and old signature, and both stand', async () => {
    const id = await keep(officer, { unit: 'AGE' });
    const old = (await see(officer, id)).seals[0];
    const ageing = new ArchiveRoom(db(), { ageing: ['sha256'], resealWith: 'sha512' });
    Object.assign(ageing.deps, { blobs: room.deps.blobs, seal: room.seals, clock: room.clock });
    await orderDue(ageing.deps);
    const renewal = ((await ageing.work()) as { archives: number; run?: number }[]).find((r) => r.run === undefined);
    expect(renewal!.archives).toBeGreaterThan(0);
    await ageing.call(archivist, 'POST', '/archive-preservation/reseal');
    expect(await ageing.work()).toEqual([{ archives: 0 }]);
    await room.seals.signAll();
    const renewed = await see(officer, id);
    expect(renewed.seals.map((s: { algorithm: string }) => s.algorithm)).toEqual(['sha512', 'sha256']);
    expect(renewed.seals[1]).toEqual(old);
    expect((await ageing.call(archivist, 'GET', '/archive-preservation')).toReseal).toBe(0);
    await room.call(archivist, 'POST', '/archive-preservation/verify', { body: { archive: id } });
    expect(await room.work()).toEqual([{ sound: true }]);
    const proof = await room.call(officer, 'GET', '/{id}/files/{no}/proof', { params: { id, no: 1 } });
    expect(verifyInternal(readSignature(proof), { hash: imprint(5, document) }).verdict.outcome).toBe('ok');
    ageing.end();
  });

  test('a transfer is checked again, taken by the other side, and both hold the same receipt', async () => {
    const id = await keep(officer, { unit: 'TRF' });
    const offer = await room.call(archivist, 'POST', '/archive-transfers', {
      body: { archives: [id], to: 'sthj', ground: '机构改革' },
    });
    expect(offer.state).toBe('checking');
    await room.work();
    const answer = (as: typeof officer) =>
      room.call(as, 'POST', '/archive-transfers/{id}/answer', { params: { id: offer.id }, body: { accept: true } });
    await expect(answer(archivist)).rejects.toThrow('archives.own-request');
    await expect(answer(person('data-officer', 'wjj', 'third'))).rejects.toThrow('archives.transfer-unknown');
    const done = await answer(stranger);
    expect(done).toMatchObject({ state: 'accepted', receipt: { givenBy: 'archivist', takenBy: 'stranger' } });
    expect(await see(stranger, id)).toMatchObject({ organisation: { id: 'sthj' }, whole: true });
    expect((await see(stranger, id)).examinations[0]).toMatchObject({ phase: 'transfer', outcome: 'passed' });
    expect((await see(officer, id)).whole).toBe(false);
  });

  test('what may be destroyed is destroyed by two persons; its trace and proof stay', async () => {
    const long = await keep(officer, { unit: 'DES' });
    const unique = Buffer.from('to be destroyed\n');
    const made = await room.call(officer, 'POST', '', {
      body: { metadata: { ...described, unit: 'DES', retention: 'D10', year: 2014, date: '2014-03-01' } },
    });
    const id = made.id as number;
    await room.call(officer, 'POST', '/{id}/files', { params: { id }, query: { name: 'a.txt' }, file: unique });
    await room.call(officer, 'POST', '/{id}/submit', { params: { id } });
    await room.work();
    await room.call(archivist, 'POST', '/{id}/take-in', { params: { id }, body: {} });
    await room.seals.signAll();
    await settle(room.deps);
    const propose = (archive: number) =>
      room.call(archivist, 'POST', '/archive-appraisals', {
        body: { archive, verdict: 'destroy', ground: '无继续保存价值' },
      });
    await expect(propose(long)).rejects.toThrow('archives.permanent');
    const list = await propose(id);
    const second = (as: typeof officer) =>
      room.call(as, 'POST', '/archive-appraisals/{id}/second', {
        params: { id: list.items[0].id },
        body: { confirm: true },
      });
    await expect(second(archivist)).rejects.toThrow('archives.second-person');
    await second(colleague);
    expect(await room.deps.blobs.has(sha(unique))).toBe(false);
    const destroyed = await see(officer, id);
    expect(destroyed).toMatchObject({ state: 'destroyed', seals: [{ no: 1 }] });
    await expect(room.call(officer, 'GET', '/{id}/files/{no}/content', { params: { id, no: 1 } })).rejects.toThrow(
      'archives.gone',
    );
    expect((await room.call(officer, 'GET', '/{id}/steps', { params: { id } })).items.at(-1).action).toBe('destroyed');
  });

  test('search finds by words, numbers and facets, and no more of others’ than their titles', async () => {
    await keep(officer, { unit: 'SEA', title: '海塘加固工程许可', summary: '独有的摘要词' });
    const find = async (as: typeof officer, query: Record<string, unknown>) =>
      (await room.call(as, 'GET', '', { query })).total;
    expect(await find(officer, { q: '塘加固' })).toBe(1);
    expect(await find(officer, { q: '海塘 2026-Y-SEA' })).toBe(1);
    expect(await find(officer, { q: '摘要词' })).toBe(1);
    expect(await find(stranger, { q: '摘要词' })).toBe(0);
    expect(await find(stranger, { q: '海塘' })).toBe(1);
    expect(await find(officer, { q: '海', year: ['2026'], organisation: ['scjg'] })).toBe(1);
    expect(await find(officer, { q: '%' })).toBe(0);
    const { facets } = await room.call(officer, 'GET', '', { query: { q: '海塘' } });
    expect(facets).toMatchObject({ year: [{ value: '2026', count: 1 }], retention: [{ title: { zh: '永久' } }] });
  });

  test('who may do what', async () => {
    const id = await handIn(officer, { unit: 'PER' });
    await expect(see(stranger, id)).rejects.toThrow('archives.unknown');
    await expect(room.call(stranger, 'POST', '/{id}/submit', { params: { id } })).rejects.toThrow('archives.unknown');
    await expect(room.call(officer, 'POST', '', { body: { organisation: 'sthj', metadata: {} } })).rejects.toThrow(
      'archives.not-yours',
    );
    await expect(room.call(person('data-steward'), 'POST', '', { body: { metadata: {} } })).rejects.toThrow(
      'archives.no-organisation',
    );
    const access = new Map(room.routes.map((r) => [`${r.method} ${r.path}`, r.access]));
    for (const path of ['/{id}/take-in', '/{id}/return'])
      expect(access.get(`POST /api/v1/archives${path}`)).toBe('archive.manage');
    expect(access.get('POST /api/v1/archive-borrowings/{id}/decision')).toBe('archive.manage');
    expect([...access.values()].every((a) => a.startsWith('archive.'))).toBe(true);
  });

  test('a file beyond the limit is refused while it streams, and leaves nothing behind', async () => {
    const small = new ArchiveRoom(db(), { fileMiB: 1 });
    const { id } = await small.call(officer, 'POST', '', { body: { metadata: described } });
    let given = 0;
    async function* endless() {
      for (;;) {
        given += 1 << 16;
        yield Buffer.alloc(1 << 16, 65);
      }
    }
    await expect(
      small.call(officer, 'POST', '/{id}/files', { params: { id }, query: { name: 'big.txt' }, file: endless() }),
    ).rejects.toThrow('archives.too-large');
    expect(given).toBeLessThan(8 * 2 ** 20);
    expect(readdirSync(join(small.folder, 'archives', 'drafts'))).toEqual([]);
    small.end();
  });
});
