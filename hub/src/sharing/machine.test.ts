import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recordSelect } from '../libraries/index.ts';
import { type TestDb, testStore } from '../platform/db/testing.ts';
import { openSteps } from './act.ts';
import { deliverySelect, stageRows } from './delivery/rows.ts';
import { shownRows } from './delivery/shown.ts';
import { streamExport } from './delivery/stream.ts';
import { sharedEntry } from './entries.ts';
import { capacities, machine, machines } from './machine.ts';
import { matterOf, type ShareRow } from './matters.ts';
import { capacitiesOf } from './people.ts';
import { type Bench, bench, fields, people, sharingMigrations, whole } from './testing.ts';

describe('the table of steps', () => {
  test('names declared states only; every state is reached, and left unless it is final', () => {
    for (const name of machines) {
      const m = machine[name];
      const states = new Set(Object.keys(m.states));
      expect(states.has(m.initial)).toBe(true);
      for (const row of m.rows) {
        for (const from of row.from) expect(states.has(from), `${name}.${row.action} from ${from}`).toBe(true);
        if (row.to !== 'same') expect(states.has(row.to), `${name}.${row.action} to ${row.to}`).toBe(true);
        for (const by of row.by) expect(capacities).toContain(by);
        for (const from of row.from) expect(m.final, `${name}.${row.action}`).not.toContain(from);
      }
      const reached = new Set([m.initial]);
      for (let grown = true; grown; ) {
        grown = false;
        for (const row of m.rows)
          if (row.to !== 'same' && !reached.has(row.to) && row.from.some((f) => reached.has(f))) {
            reached.add(row.to);
            grown = true;
          }
      }
      expect([...states].filter((s) => !reached.has(s))).toEqual([]);
      const left = new Set(m.rows.flatMap((r) => r.from));
      expect([...states].filter((s) => !left.has(s)).toSorted()).toEqual([...m.final].toSorted());
    }
  });

  test('one capacity finds at most one row of a step in a state, unless conditions tell them apart', () => {
    for (const name of machines)
      for (const state of Object.keys(machine[name].states))
        for (const capacity of capacities) {
          const rows = machine[name].rows.filter((r) => r.from.includes(state) && r.by.includes(capacity));
          const plain = rows.filter((r) => !r.when?.length).map((r) => r.action);
          expect(new Set(plain).size).toBe(plain.length);
        }
  });

  test('nobody has a capacity on both sides, and none on what is another department’s', () => {
    const sides = { requester: 'rsj', provider: 'scjg' };
    const of = (p: (typeof people)['officer']) => capacitiesOf(p, sides, []).map((h) => h.capacity);
    expect(of(people.officer)).toEqual(['provider-officer']);
    expect(of(people.rsjHead)).toEqual(['requester-head']);
    expect(of(people.taxOfficer)).toEqual([]);
    expect(of(people.leader)).toEqual([]);
    expect(of(people.steward)).toEqual(['authority']);
  });
});

describe('the service', () => {
  let store: TestDb;
  let b: Bench;
  beforeAll(async () => {
    store = await testStore(sharingMigrations);
    b = await bench(store.db);
  });
  afterAll(async () => {
    await b.end();
    await store.end();
  });

  const data: Record<string, object> = {
    ...{ advise: { share: true }, refuse: { ground: '《条例》第二十一条' }, 'ask-supplement': { missing: ['材料'] } },
    ...{
      suspend: { mendBy: '2026-03-09' },
      'propose-change': { change: { end: true } },
    },
    ...{
      release: { why: 'achieved' },
      'report-disposal': { disposal: { how: '删除', where: '本机', day: '2026-03-02' } },
    },
  };

  /** What a step brings; a renewal is for a year more than there is. */
  const dataOf = (action: string, row: object): object => {
    if (action !== 'ask-renewal' || !('until' in row)) return data[action] ?? {};
    return { until: `${Number(String(row.until).slice(0, 4)) + 1}-01-01` };
  };

  test('random walks stay within the table, follow it exactly, and leave a step and an audit entry for each move', async () => {
    const { officer, head, rsjOfficer, rsjHead, steward, taxHead } = people;
    const everyone = [officer, head, rsjOfficer, rsjHead, steward, taxHead];
    const actions = [
      ...new Set(['request', 'share'].flatMap((m) => machine[m as 'request'].rows.map((r) => r.action))),
    ];
    const walk = fc.array(fc.tuple(fc.nat(everyone.length - 1), fc.nat(actions.length - 1), fc.boolean()), {
      maxLength: 14,
      minLength: 14,
    });
    let moves = 0;
    await fc.assert(
      fc.asyncProperty(walk, fc.boolean(), async (steps, conditional) => {
        const entry = conditional ? 'scjg.penalty' : 'scjg.permit';
        const { id } = await b.call<{ id: number }>('POST', '/requests', people.rsjOfficer, {
          body: { entry, content: whole() },
        });
        let share: number | null = null;
        for (const [who, what, guided] of steps) {
          const name = share === null ? 'request' : 'share';
          const at: number = share ?? id;
          const before = await matterOf(store.db.kysely, name, at, null);
          const request = await matterOf(store.db.kysely, 'request', id, null);
          // Half of the steps are of those that are open to somebody, so that walks get far; the others are anyone's guess.
          let p = everyone[who]!;
          let action = actions[what]!;
          let sure = false;
          if (guided) {
            const open: [typeof p, string][] = [];
            for (const q of everyone)
              for (const s of await openSteps(b.ports, name, before as never, request, q))
                if (s.action !== 'withdraw') open.push([q, s.action]);
            if (open.length) {
              [p, action] = open[what % open.length]!;
              sure = true;
            }
          }
          const body = { action, version: before.version, comment: '理由说明', data: dataOf(action, before) };
          const outcome = await b.call('POST', `/${name}s/{id}/steps`, p, { params: { id: at }, body }).then(
            () => 'moved',
            (e: { kind?: { code: string } }) => (e.kind ? `${action}: ${e.kind.code}` : Promise.reject(e)),
          );
          const after = await matterOf(store.db.kysely, name, at, null);
          const rows = machine[name].rows.filter((r) => r.action === action && r.from.includes(before.state));
          if (outcome === 'moved') {
            moves += 1;
            const held = capacitiesOf(p, before, []).map((h) => h.capacity);
            expect(rows.some((r) => r.to === after.state && r.by.some((c) => held.includes(c)))).toBe(true);
            expect(after.version).toBe(before.version + 1);
            const kept = await sql<{
              action: string;
            }>`SELECT action FROM sharing.step WHERE matter = ${name} AND id = ${at}
              ORDER BY seq DESC LIMIT 1`.execute(store.db.kysely);
            expect(kept.rows[0]!.action).toBe(action);
          } else expect([after.state, after.version]).toEqual([before.state, before.version]);
          if (sure) expect(outcome).toBe('moved');
          const made = await sql<{ id: number }>`SELECT id FROM sharing.share WHERE request = ${id}`.execute(
            store.db.kysely,
          );
          share = made.rows[0]?.id ?? null;
        }
      }),
      { numRuns: 4, seed: 809, endOnFailure: true },
    );
    expect(moves).toBeGreaterThan(15);
    const counts = await sql<{ steps: number; audit: number }>`SELECT
      (SELECT count(*)::int FROM sharing.step WHERE matter IN ('request', 'share') AND action <> 'draft') AS steps,
      (SELECT count(*)::int FROM audit.entry WHERE outcome = 'ok' AND (action LIKE 'sharing.request.%' OR action LIKE 'sharing.share.%')
        AND action <> 'sharing.request.draft') AS audit`.execute(store.db.kysely);
    expect(counts.rows[0]!.steps).toBe(moves);
    expect(counts.rows[0]!.audit).toBe(moves);
  });

  test('whatever is granted, nothing else is in the rows, and personal values only where they were covered', async () => {
    const names = fields.map((f) => f.name as string);
    const entry = sharedEntry(b.ports, 'scjg.permit')!;
    const secret: Record<string, RegExp> = { permit_no: /^P\d/, comp_nm: /有限公司/, contact: /王小/, note: /备注/ };
    await fc.assert(
      fc.asyncProperty(
        fc.subarray(names, { minLength: 1 }),
        fc.subarray(names),
        fc.constantFrom('full', 'changes'),
        async (items, plain, kind) => {
          const share = { id: 900, mark: 'ab', items, plain, filter: [], entry: 'scjg.permit' } as unknown as ShareRow;
          const rows = await b.ports.lake.session(async (s) => {
            const { shown } = await stageRows(s, b.ports, share, { id: 1, kind: kind as 'full' }, entry);
            const select = deliverySelect(kind as 'full', shown);
            return s.query(select.sql, select.params);
          });
          expect(rows).toHaveLength(20);
          for (const row of rows) {
            expect(Object.keys(row).filter((k) => !k.startsWith('_'))).toEqual(items);
            const text = Object.values(row).map(String);
            for (const [name, look] of Object.entries(secret)) {
              const open = items.includes(name) && (name !== 'contact' || plain.includes(name));
              if (!open) expect(text.some((v) => look.test(v))).toBe(false);
            }
            expect(text.some((v) => v.includes('p~'))).toBe(false);
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  test('an export streams the same rows in every format, only granted items, and ends when it is left', async () => {
    const entry = sharedEntry(b.ports, 'scjg.permit')!;
    const items = ['permit_no', 'contact', 'phone', 'fee'];
    const filter = [{ item: 'fee', is: 'ge' as const, values: ['600'] }];
    const share = { mark: 'ab', items, plain: [], filter };
    const bytes = async (format: 'csv' | 'ndjson' | 'parquet', fields?: string[]) => {
      const { chunks } = await streamExport(b.ports, share, entry, format, fields ? { fields } : {});
      const parts: Uint8Array[] = [];
      for await (const c of chunks) parts.push(c);
      return Buffer.concat(parts);
    };
    const csv = (await bytes('csv')).toString().trim().split('\n');
    expect(csv[0]).toBe('_record,permit_no,contact,phone,fee');
    expect(csv).toHaveLength(16);
    const lines = (await bytes('ndjson'))
      .toString()
      .trim()
      .split('\n')
      .map((l) => JSON.parse(l));
    expect(lines.map((l) => [l._record, l.permit_no, l.contact, l.phone, l.fee.toFixed(4)].join())).toEqual(
      csv.slice(1),
    );
    expect(lines[0]).toMatchObject({ permit_no: 'P6', contact: '王**', phone: '138****0000' });
    const parquet = await bytes('parquet');
    expect([parquet.subarray(0, 4).toString(), parquet.subarray(-4).toString()]).toEqual(['PAR1', 'PAR1']);
    expect((await bytes('csv', ['fee'])).toString().split('\n')[0]).toBe('_record,fee');
    await expect(bytes('csv', ['valid_to'])).rejects.toMatchObject({ kind: { code: 'sharing.item.ungranted' } });
    const left = await streamExport(b.ports, share, entry, 'csv');
    for await (const _ of left.chunks) break;
    const stop = new AbortController();
    const aborted = await streamExport(b.ports, share, entry, 'csv', { signal: stop.signal });
    stop.abort(new Error('gone'));
    await expect(aborted.chunks.next()).rejects.toThrow('gone');
    expect(readdirSync(join(b.ports.folders.data, 'sharing', 'export'))).toEqual([]);
  });

  test('of natural persons every current row is there, personal items masked unless covered one by one, tokens always', async () => {
    const entry = sharedEntry(b.ports, 'scjg.resident')!;
    const u = (...p: string[]) => p.map((x) => `'${x}'`).join(' || chr(31) || ');
    const token = `c~${'b'.repeat(26)}`;
    const names = entry.items.map((i) => i.name);
    const cls = {
      ...{ class: 14, source: 'scjg.resident', subject: 'natural-person' },
      fields: names.map((name, i) => ({ name, type: 'text', position: i + 1, version: 1 })),
    };
    await b.ports.lake.define([
      `CREATE TABLE f.fact AS SELECT 0 AS entity, 14 AS class, DATE '2026-01-01' AS day, (9::BIGINT << 32) + i AS fact, 9 AS run, NULL AS amount,
         ${u('HK')} || i || chr(31) || ${u('张三丰', token, '慈溪市浒山街道新城大道12号302室', '正常')} AS payload FROM range(3) r(i)`,
      `CREATE VIEW v.record_scjg_resident_v1 AS ${recordSelect(cls, 'f.fact', undefined, { whose: null })}`,
    ]);
    const rows = async (plain: string[], over = entry) => {
      const shown = await shownRows(b.ports.lake, b.ports, { mark: 'ab', items: names, plain, filter: [] }, over);
      const text = await b.ports.lake.query<Record<string, string>>(`${shown.select()} ORDER BY _fact`, shown.params);
      expect(JSON.stringify(text)).not.toContain(token);
      return text;
    };
    const masked = await rows([]);
    expect(masked).toHaveLength(3);
    expect(masked[0]).toMatchObject({
      hk_id: 'HK0',
      nm: '张**',
      addr: '慈溪市浒山街道新城大道***',
      id_no: '***',
      stat: '正常',
    });
    expect((await rows(['nm', 'id_no']))[0]).toMatchObject({
      nm: '张三丰',
      addr: '慈溪市浒山街道新城大道***',
      id_no: '***',
    });
    const streamed = async (format: 'csv' | 'ndjson', slice?: number) => {
      const whose = { mark: 'ab', items: names, plain: [], filter: [] };
      const { chunks } = await streamExport(b.ports, whose, entry, format, slice ? { slice } : {});
      const parts: Uint8Array[] = [];
      for await (const c of chunks) parts.push(c);
      return Buffer.concat(parts).toString();
    };
    for (const format of ['csv', 'ndjson'] as const) {
      const whole = await streamed(format);
      expect(whole.trim().split('\n')).toHaveLength(format === 'csv' ? 4 : 3);
      expect(await streamed(format, 1)).toBe(whole);
      expect(await streamed(format, 2)).toBe(whole);
    }
    expect(readdirSync(join(b.ports.folders.data, 'sharing', 'export'))).toEqual([]);
    // An entry that calls a token public does not open it: the source keeps it in the vault.
    const careless = { ...entry, items: entry.items.map((i) => ({ ...i, protection: 'public' as const })) };
    expect((await rows([], careless))[0]).toMatchObject({ nm: '张三丰', id_no: '***' });
    expect(
      (
        await b.call<{ missing: { code: string }[] }>('POST', '/requests/check', people.rsjOfficer, {
          body: { entry: 'scjg.resident', content: whole({ items: ['hk_id', 'nm'], necessity: { nm: '核对身份' } }) },
        })
      ).missing,
    ).toEqual([]);
  });

  test('an item that the source no longer has is left out and named; a filter that rests on it ends the delivery', async () => {
    const entry = sharedEntry(b.ports, 'scjg.permit')!;
    const without = { ...entry, items: entry.items.filter((i) => i.name !== 'fee') };
    const share = { mark: 'ab', items: ['permit_no', 'fee'], plain: [], filter: [] };
    const shown = await shownRows(b.ports.lake, b.ports, share, without);
    expect([shown.items.map((i) => i.name), shown.gone]).toEqual([['permit_no'], ['fee']]);
    const code = (p: Promise<unknown>) => p.catch((e: { kind: { code: string } }) => e.kind.code);
    const filter = [{ item: 'nothing', is: 'present' as const, values: [] }];
    expect(await code(shownRows(b.ports.lake, b.ports, { ...share, filter }, entry))).toBe('sharing.item.gone');
    expect(await code(shownRows(b.ports.lake, b.ports, { ...share, items: ['fee'] }, without))).toBe(
      'sharing.item.gone',
    );
  });

  test('a filter is bounded and typed, and never over personal items', async () => {
    const check = async (filter: object[]) =>
      (
        await b.call<{ missing: { code: string }[] }>('POST', '/requests/check', people.rsjOfficer, {
          body: { entry: 'scjg.permit', content: whole({ filter }) },
        })
      ).missing.map((m) => m.code);
    expect(await check([{ item: 'fee', is: 'ge', values: ['100'] }])).toEqual([]);
    expect(await check([{ item: 'contact', is: 'prefix', values: ['王'] }])).toEqual(['sharing.filter.item']);
    expect(await check([{ item: 'phone', is: 'present' }])).toEqual(['sharing.filter.item']);
    expect(await check([{ item: 'secret', is: 'eq', values: ['1'] }])).toEqual(['sharing.filter.item']);
    expect(await check([{ item: 'fee', is: 'ge', values: ['1; DROP TABLE x'] }])).toEqual(['sharing.filter.value']);
    expect(await check([{ item: 'valid_to', is: 'le', values: ['2026-02-30'] }])).toEqual(['sharing.filter.value']);
    expect(await check([{ item: 'comp_nm', is: 'eq', values: [] }])).toEqual(['sharing.filter.value']);
    await expect(check(Array(9).fill({ item: 'fee', is: 'present' }))).rejects.toThrow();
    await expect(check([{ item: 'comp_nm', is: 'in', values: Array(201).fill('x') }])).rejects.toThrow();
    await expect(check([{ item: 'comp_nm', is: 'like', values: ['%'] }])).rejects.toThrow();
  });
});
