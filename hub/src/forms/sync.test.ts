import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Principal } from '../platform/auth/principal.ts';
import { describeDb } from '../platform/db/testing.ts';
import { type Bench, bench, CITIZEN, codeOf, formsMigrations, people, visitDesign } from './testing.ts';

const { collector, other, officer } = people;
type Result = {
  key: string;
  outcome: string;
  revision: number | null;
  state: string | null;
  code: string | null;
  again: boolean;
};
type Op = Record<string, unknown> & { key: string; kind: string };
const FIELDS = ['elder', 'health', 'visited', 'income', 'needs', 'total', 'id_no'];

describeDb('synchronisation of forms', formsMigrations, (db) => {
  let b: Bench;
  let form: number;
  beforeAll(async () => {
    b = await bench(db());
    const all = visitDesign();
    form = await b.form('sync', {
      ...all,
      fields: all.fields
        .filter((f) => FIELDS.includes(f.name))
        .map((f) => (f.kind === 'citizen-id' ? { ...f, required: false, unique: false } : f)),
    });
  });
  afterAll(() => b.end());

  const at = '2020-01-01T00:00:00Z';
  const full = (elder: string) => ({ elder, visited: '2026-03-03', health: 'good' });
  const send = async (device: string, operations: Op[], p: Principal = collector) =>
    (await b.call<{ results: Result[] }>('POST', '/sync', p, { body: { device, sentAt: at, operations } })).results;
  const op = (kind: string, record: string, more: object = {}): Op => ({
    kind,
    key: randomUUID(),
    record,
    form,
    at,
    ...more,
  });
  const create = (record: string, elder: string, more: object = {}) =>
    op('create', record, { version: 1, values: full(elder), ...more });

  test('an operation sent again is answered the same and done once; its key serves for nothing else', async () => {
    const [device, record] = [randomUUID(), randomUUID()];
    const first = create(record, '甲', { submit: true });
    const [a] = await send(device, [first]);
    expect(a).toMatchObject({ outcome: 'applied', state: 'submitted', again: false });
    expect(await send(device, [first, first])).toMatchObject([
      { ...a, again: true },
      { ...a, again: true },
    ]);
    expect(await send(device, [{ ...first, values: full('乙') }])).toMatchObject([
      { outcome: 'refused', code: 'forms.sync.key-reused' },
    ]);
    expect(await send(randomUUID(), [first], other)).toMatchObject([
      { outcome: 'refused', code: 'forms.record.may-not' },
    ]);
    expect(await send(device, [{ ...create(record, '丙'), key: randomUUID() }], other)).toMatchObject([
      { outcome: 'refused', code: 'forms.record.unknown' },
    ]);
    const rows = await db().query('SELECT count(*) AS n FROM forms.change WHERE record = $1', [record]);
    expect(rows).toEqual([{ n: 2 }]);
  });

  test('what cannot be handed in becomes a draft, what is refused is kept with its numbers in the vault', async () => {
    const [device, record] = [randomUUID(), randomUUID()];
    expect(
      await send(device, [op('create', record, { version: 1, values: { elder: '甲' }, submit: true })]),
    ).toMatchObject([{ outcome: 'kept', state: 'draft', code: 'forms.record.faulty' }]);
    const bad = create(randomUUID(), `甲 ${CITIZEN}`);
    expect(await send(device, [bad])).toMatchObject([{ outcome: 'refused', code: 'forms.record.faulty' }]);
    const [row] = await db().query<{ content: { values: { elder: { token: string } } } }>(
      'SELECT content FROM forms.operation WHERE key = $1',
      [bad.key],
    );
    expect(JSON.stringify(row)).not.toContain(CITIZEN);
    expect((await b.ports.vault.reveal([row!.content.values.elder.token], officer, 'x')).size).toBe(1);
  });

  test('a change on an old revision is kept beside the present values until a person settles it', async () => {
    const [one, two, record] = [randomUUID(), randomUUID(), randomUUID()];
    await send(one, [create(record, '甲')]);
    const change = (elder: string, base: number) => op('change', record, { base, values: full(elder) });
    expect(await send(one, [change('甲一', 1)])).toMatchObject([{ outcome: 'applied', revision: 2 }]);
    expect(await send(two, [change('甲二', 1)])).toMatchObject([
      { outcome: 'conflict', revision: 2, code: 'forms.sync.conflict' },
    ]);
    const params = { form, record };
    const seen = await b.call<{
      values: object;
      conflicts: number;
      revision: number;
      conflictList: { seq: number; base: number; values: object }[];
    }>('GET', '/{form}/records/{record}', collector, { params });
    expect(seen).toMatchObject({
      values: { elder: '甲一' },
      conflicts: 1,
      conflictList: [{ base: 1, values: { elder: '甲二' } }],
    });
    const body = { seq: seen.conflictList[0]!.seq, revision: seen.revision, take: 'other' };
    expect(await codeOf(b.call('POST', '/{form}/records/{record}/settle', other, { params, body }))).toBe(
      'forms.record.unknown',
    );
    expect(await b.call('POST', '/{form}/records/{record}/settle', officer, { params, body })).toMatchObject({
      values: { elder: '甲二' },
      conflicts: 0,
    });
    expect(
      await codeOf(
        b.call('POST', '/{form}/records/{record}/settle', officer, { params, body: { ...body, revision: 3 } }),
      ),
    ).toBe('forms.record.no-conflict');
  });

  test('a phone takes along its forms, tasks and records, and afterwards only what changed', async () => {
    type Pull = { cursor: number; records: { id: string; values: Record<string, unknown> }[]; forms: { id: number }[] };
    const pull = (since?: number, p = other) =>
      b.call<Pull>('GET', '/sync', p, { query: since === undefined ? {} : { since } });
    const record = randomUUID();
    await send(randomUUID(), [create(record, '丁', { values: { ...full('丁'), id_no: CITIZEN } })], other);
    const first = await pull();
    expect(first.records.map((r) => [r.id, (r.values.id_no as { shown: string }).shown])).toEqual([[record, '***']]);
    expect(first.forms.map((f) => f.id)).toEqual([form]);
    expect((await pull(first.cursor)).records).toEqual([]);
    await send(
      randomUUID(),
      [op('change', record, { base: 1, values: { ...first.records[0]!.values, elder: '戊' } })],
      other,
    );
    expect((await pull(first.cursor)).records).toMatchObject([{ values: { elder: '戊' } }]);
  });

  /** What one device did while it had no network: on which of two records, and how its sendings go. */
  const action = fc.record({
    record: fc.nat(1),
    kind: fc.constantFrom('change', 'change', 'submit', 'comment', 'withdraw'),
  });
  const sending = fc.record({
    device: fc.nat(1),
    from: fc.nat(9),
    size: fc.integer({ min: 1, max: 4 }),
    turned: fc.boolean(),
    lost: fc.boolean(),
  });
  test('two devices with repeated, reordered and lost sendings: every operation stands in the history exactly once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(fc.array(action, { maxLength: 5 }), fc.array(action, { maxLength: 5 })),
        fc.array(sending, { maxLength: 8 }),
        async (done, sendings) => {
          const records = [randomUUID(), randomUUID()];
          const devices = [randomUUID(), randomUUID()];
          const queues = done.map((actions, d) => {
            const last = new Map<string, string>();
            const queue = records.map((r) => create(r, `${d}`));
            for (const o of queue) last.set(o.record as string, o.key);
            actions.forEach(({ record, kind }, i) => {
              const r = records[record]!;
              const more =
                kind === 'change'
                  ? { values: full(`${d}-${i}`) }
                  : kind === 'withdraw'
                    ? { reason: '重复' }
                    : kind === 'comment'
                      ? { text: `${d}-${i}` }
                      : {};
              const o = op(kind, r, kind === 'comment' ? more : { after: last.get(r), ...more });
              if (kind !== 'comment') last.set(r, o.key);
              queue.push(o);
            });
            return queue;
          });
          const answers = new Map<string, Result>();
          const deliver = async (d: number, ops: Op[], lost: boolean) => {
            for (const r of await send(devices[d]!, ops)) {
              const before = answers.get(r.key);
              // An answer once given never changes, whether it arrived or not.
              if (before && before.outcome !== 'waiting') expect(r).toEqual({ ...before, again: true });
              if (!lost || r.outcome !== 'waiting')
                answers.set(r.key, before && before.outcome !== 'waiting' ? before : r);
            }
          };
          for (const s of sendings) {
            const part = queues[s.device]!.slice(s.from, s.from + s.size);
            if (part.length) await deliver(s.device, s.turned ? [...part].reverse() : part, s.lost);
          }
          for (const d of [0, 1]) await deliver(d, queues[d]!, false);
          for (const d of [0, 1])
            await deliver(
              d,
              queues[d]!.filter(
                (o) => answers.get(o.key)!.outcome === 'refused' || answers.get(o.key)!.outcome === 'waiting',
              ),
              false,
            );
          const keys = queues.flat().map((o) => o.key);
          const stood = await db().query<{ operation: string; n: number }>(
            'SELECT operation, count(*) AS n FROM forms.change WHERE operation = ANY($1::uuid[]) GROUP BY 1',
            [keys],
          );
          const refused = keys.filter((k) => answers.get(k)!.outcome === 'refused');
          expect(stood.every((s) => Number(s.n) === 1)).toBe(true);
          expect(new Set([...stood.map((s) => s.operation), ...refused])).toEqual(new Set(keys));
          expect(refused).toEqual([]);
          const kept = await db().query('SELECT key FROM forms.operation WHERE key = ANY($1::uuid[])', [keys]);
          expect(kept).toHaveLength(keys.length);
          // Whatever a device wrote stands in some line, whether it won or not.
          const written = await db().query<{ elder: string }>(
            "SELECT values ->> 'elder' AS elder FROM forms.change WHERE operation = ANY($1::uuid[])",
            [keys],
          );
          const said = queues
            .flat()
            .flatMap((o) => ('values' in o && !refused.includes(o.key) ? [(o.values as { elder: string }).elder] : []));
          expect(written.map((w) => w.elder)).toEqual(expect.arrayContaining(said));
          const open = await db().query<{ n: number; said: number }>(
            'SELECT (SELECT count(*) FROM forms.change WHERE record = ANY($1::uuid[]) AND conflict) AS n, (SELECT sum(conflicts) FROM forms.record WHERE id = ANY($1::uuid[])) AS said',
            [records],
          );
          expect(Number(open[0]!.n)).toBe(Number(open[0]!.said));
        },
      ),
      { numRuns: 5 },
    );
  });
});
