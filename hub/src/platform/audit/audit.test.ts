import { expect, test } from 'vitest';
import type { Principal } from '../auth/principal.ts';
import { ManualClock } from '../clock.ts';
import type { Db } from '../db/index.ts';
import { describeDb } from '../db/testing.ts';
import { canonicalJson, chainHash, genesis } from './chain.ts';
import { Audit, auditMigrations } from './index.ts';

const who: Principal = {
  userId: 'u1',
  login: 'auditor',
  name: '某甲',
  organisation: null,
  roles: ['data-steward', 'analyst'],
  permissions: new Set(),
  sessionId: 's1',
  purpose: 'correction · A-1 · 数据校核',
};

test('canonical JSON sorts keys by code units and writes numbers as RFC 8785 does', () => {
  expect(
    canonicalJson({ b: [1e21, 0.000001, -0, 56.0], a: '€$\u000f\nA\'B"\\"/', '\ud83d\ude00': 1, '\ufb33': 2 }),
  ).toBe(`{"a":"€$\\u000f\\nA'B\\"\\\\\\"/","b":[1e+21,0.000001,0,56],"\ud83d\ude00":1,"\ufb33":2}`);
  expect(() => canonicalJson({ n: Number.NaN })).toThrow(RangeError);
});

describeDb('audit', [auditMigrations], (db) => {
  const clock = new ManualClock('2026-01-05T01:00:00Z');
  const make = (store: Db) => new Audit(store, clock);
  const everything = { limit: 500 };
  const sizeNow = async () => (await make(db()).verify()).entries;

  test('entries are chained from the first on and the chain verifies', async () => {
    const audit = make(db());
    await audit.append({ actor: null, action: 'hub.start', object: 'hub', outcome: 'ok' });
    clock.advance(1500);
    await audit.append({
      actor: who,
      action: 'credit.read',
      object: 'entity/7',
      outcome: 'ok',
      detail: { z: 1, a: [{ y: '乙', x: null }], n: 12.5 },
    });
    const { items } = await audit.query(everything);
    expect(items.map((e) => [e.seq, e.at, e.actor, e.roles, e.purpose, e.detail])).toEqual([
      [
        2,
        '2026-01-05T01:00:01.500Z',
        'auditor',
        ['analyst', 'data-steward'],
        who.purpose,
        { z: 1, a: [{ y: '乙', x: null }], n: 12.5 },
      ],
      [1, '2026-01-05T01:00:00.000Z', null, [], null, {}],
    ]);
    const first = chainHash(genesis, {
      seq: 1,
      at: '2026-01-05T01:00:00.000Z',
      actor: null,
      actorId: null,
      roles: [],
      sessionId: null,
      action: 'hub.start',
      object: 'hub',
      purpose: null,
      outcome: 'ok',
      detail: '{}',
    });
    expect(items[1]!.hash).toBe(Buffer.from(first).toString('hex'));
    expect(await audit.verify()).toEqual({ entries: 2, head: items[0]!.hash, intact: true, broken: null });
  });

  test('entries written at the same time all get their place', async () => {
    const audit = make(db());
    const before = await sizeNow();
    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        audit.append({ actor: who, action: 'test.parallel', object: `${i}`, outcome: 'ok' }),
      ),
    );
    expect(await audit.verify()).toMatchObject({ entries: before + 20, intact: true });
  });

  test('an entry of a transaction that fails is not kept, and the chain goes on without a gap', async () => {
    const audit = make(db());
    const before = await sizeNow();
    await expect(
      db().tx(async (trx) => {
        await audit.append({ actor: who, action: 'test.lost', object: 'x', outcome: 'ok' }, trx);
        throw new Error('stop');
      }),
    ).rejects.toThrow('stop');
    await audit.append({ actor: who, action: 'test.kept', object: 'x', outcome: 'failed' });
    expect(await audit.verify()).toMatchObject({ entries: before + 1, intact: true });
    expect((await audit.query({ ...everything, action: 'test.lost' })).items).toEqual([]);
  });

  test('the store refuses to change, delete or truncate entries', async () => {
    const before = await sizeNow();
    await expect(db().query(`UPDATE audit.entry SET actor = 'x' WHERE seq = 1`)).rejects.toThrow('append-only');
    await expect(db().query('DELETE FROM audit.entry WHERE seq = 1')).rejects.toThrow('append-only');
    await expect(db().query('TRUNCATE audit.entry')).rejects.toThrow('append-only');
    expect(await make(db()).verify()).toMatchObject({ entries: before, intact: true });
  });

  test('filters combine, prefixes match literally, and pages follow each other', async () => {
    const audit = make(db());
    clock.advance(60_000);
    const from = clock.now().toISOString();
    for (let i = 0; i < 7; i++) {
      clock.advance(1000);
      await audit.append({
        actor: i % 2 ? null : who,
        action: i < 4 ? 'a_b.read' : 'axb.read',
        object: `entity/${i}`,
        outcome: i === 6 ? 'refused' : 'ok',
      });
    }
    const objects = async (filter: object) =>
      (await audit.query({ limit: 100, from, ...filter })).items.map((e) => e.object.slice(7)).join('');
    expect(await objects({})).toBe('6543210');
    expect(await objects({ action: 'a_b*' })).toBe('3210');
    expect(await objects({ action: 'a_b.read', actor: 'AUDITOR' })).toBe('20');
    expect(await objects({ outcome: 'refused' })).toBe('6');
    expect(await objects({ object: 'entity/5' })).toBe('5');
    expect(await objects({ to: new Date(clock.now().getTime() - 3000).toISOString() })).toBe('210');
    const one = await audit.query({ from, limit: 4 });
    const two = await audit.query({ from, limit: 4, before: one.next! });
    expect([...one.items, ...two.items].map((e) => e.object.slice(7)).join('')).toBe('6543210');
    expect(two.next).toBeNull();
    const streamed: string[] = [];
    for await (const page of audit.stream({ from })) streamed.push(...page.map((e) => e.object.slice(7)));
    expect(streamed.join('')).toBe('0123456');
  });

  test('identity and telephone numbers that slip into an entry are masked, other digits are kept', async () => {
    const audit = make(db());
    await audit.append({
      actor: who,
      action: 'test.mask',
      object: '查询 11010519491231002X',
      purpose: '致电13812345678核实\0',
      outcome: 'ok',
      detail: {
        note: ['联系 13812345678', '91330282MA2AAAAAXX', '330282198001011239 91330282 12345678901'],
        n: 13812345678,
      },
    });
    const [e] = (await audit.query({ ...everything, action: 'test.mask' })).items;
    expect(e!.object).toBe('查询 110105**********2X');
    expect(e!.purpose).toBe('致电138****5678核实\ufffd');
    expect(e!.detail).toEqual({
      note: ['联系 138****5678', '91330282MA2AAAAAXX', expect.stringContaining('91330282 12345678901')],
      n: 13812345678,
    });
    expect((await audit.verify()).intact).toBe(true);
  });

  // Last: it breaks the chain on purpose.
  test('verification names the first entry that was changed, unlinked or is missing', async () => {
    const audit = make(db());
    const unguarded = async (...statements: string[]) => {
      await db().query('ALTER TABLE audit.entry DISABLE TRIGGER USER');
      for (const statement of statements) await db().query(statement);
      await db().query('ALTER TABLE audit.entry ENABLE ALWAYS TRIGGER entry_immutable');
      await db().query('ALTER TABLE audit.entry ENABLE ALWAYS TRIGGER entry_not_truncated');
    };
    const { entries } = await audit.verify();
    await unguarded(`UPDATE audit.entry SET prev = hash WHERE seq = ${entries}`);
    expect((await audit.verify()).broken).toEqual({ seq: entries, reason: 'link' });
    await unguarded('DELETE FROM audit.entry WHERE seq = 5');
    expect((await audit.verify()).broken).toEqual({ seq: 6, reason: 'gap' });
    await unguarded(`UPDATE audit.entry SET object = 'something else' WHERE seq = 3`);
    expect(await audit.verify()).toMatchObject({ intact: false, entries: 2, broken: { seq: 3, reason: 'content' } });
  });
});
