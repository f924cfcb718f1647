import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { describeDb } from '../platform/db/testing.ts';
import type { NotedNotices } from '../platform/notices/testing.ts';
import { dropOld } from './log/retention.ts';
import { sweep } from './manage/sweep.ts';
import { pushProblems } from './problems.ts';
import { accepted, failure, type Outcome } from './push/outcome.ts';
import {
  type Bench,
  bench,
  type Event,
  eventsIn,
  grant,
  people,
  recorder,
  rsj,
  scjg,
  subscriptionMigrations,
} from './testing.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

function grouped(events: Event[], key: (e: Event) => string): Map<string, Event[]> {
  const groups = new Map<string, Event[]>();
  for (const e of events) groups.set(key(e), [...(groups.get(key(e)) ?? []), e]);
  return groups;
}

type Detail = {
  id: number;
  version: number;
  state: string;
  health: string;
  reason: { code: string } | null;
  lag: { changes: number };
  cursors: { circuit: string; failures: number; sequence: number; nextAt: string | null }[];
  usage: { day: string; events: number; seal: number | null }[];
  secrets: { hint: string; expiresAt: string | null }[];
};

describeDb('subscriptions', subscriptionMigrations, (db) => {
  let b: Bench;
  let answer: (n: number) => Outcome = () => accepted(200);
  let log = recorder((n) => answer(n));
  beforeAll(async () => {
    b = await bench(db(), () => log.transport);
  });
  afterAll(() => b.end());
  beforeEach(async () => {
    answer = () => accepted(200);
    log = recorder((n) => answer(n));
    // Every test begins with its own subscription; those of tests before it rest.
    await sql`UPDATE subscriptions.subscription SET state = 'ended'`.execute(db().kysely);
  });

  const subscribe = async (share: number, body: object = {}): Promise<number> => {
    const target = { kind: 'webhook', url: 'https://example.org/hook' };
    const made = await b.call<{ id: number }>('POST', '', rsj, {
      body: { grant: share, title: '许可变更', target, ...body },
    });
    await b.push();
    return made.id;
  };
  const detail = (id: number) => b.call<Detail>('GET', '/{id}', rsj, { params: { id } });
  const act = async (id: number, action: string, body: object = {}) =>
    b.call('POST', `/{id}/${action}`, rsj, { params: { id }, body: { version: (await detail(id)).version, ...body } });
  const recordTypes = (events: Event[]) => events.map((e) => e.type.split('.').slice(2, 4).join('.'));

  test('added, changed and removed records become events of the granted items, masked, in the order of their sequence', async () => {
    const id = await subscribe(await grant(db()));
    await b.change(`INSERT INTO f.permit SELECT 101, DATE '2026-02-02', (8::BIGINT << 32) + 1, NULL, 'N1', '新企业"甲"', '张三', phone,
      DATE '2027-01-01', 12.5, NULL FROM f.permit LIMIT 1`);
    await b.push();
    await b.change(`UPDATE f.permit SET fee = 99.1234, fact = fact + 1 WHERE permit_no = 'N1'`);
    await b.push();
    await b.change(`DELETE FROM f.permit WHERE permit_no = 'N1'`);
    await b.push();
    expect(recordTypes(log.taken)).toEqual(['record.added', 'record.changed', 'record.removed']);
    const [added, changed, removed] = log.taken as [Event, Event, Event];
    expect(added).toMatchObject({
      ...{ specversion: '1.0', source: `urn:jingwei:test:subscription:${id}`, datacontenttype: 'application/json' },
      data: { permit_no: 'N1', comp_nm: '新企业"甲"', fee: '12.5000', phone: '138****0000' },
    });
    // Items that were not granted are nowhere.
    expect(Object.keys(added.data!)).toEqual(['permit_no', 'comp_nm', 'fee', 'phone']);
    expect(changed.data!.fee).toBe('99.1234');
    expect(removed.data).toBeUndefined();
    // One record has one number throughout, which is its key for order.
    expect(new Set(log.taken.map((e) => e.subject)).size).toBe(1);
    expect(added.partitionkey).toBe(added.subject);
    expect(added.subject).toMatch(/^[0-9a-f]{20}$/);
    expect(changed.sequence > added.sequence && removed.sequence > changed.sequence).toBe(true);
    expect([added.previous, changed.previous, removed.previous]).toEqual([undefined, added.sequence, changed.sequence]);
    expect(new Date(added.time as string).toISOString()).toBe(b.clock.now().toISOString());
    expect((await detail(id)).health).toBe('ok');
  });

  test('a record that comes into the filter is added, one that leaves it is removed, and what is not granted makes no event', async () => {
    const filter = [{ item: 'fee', is: 'ge', values: ['1000'] }];
    await subscribe(await grant(db(), { filter, items: ['permit_no', 'fee'] }));
    await b.change(`UPDATE f.permit SET fee = CASE permit_no WHEN 'P1' THEN 5000 WHEN 'P20' THEN 1 WHEN 'P15' THEN 1501 WHEN 'P2' THEN 3 ELSE fee END,
      comp_nm = CASE permit_no WHEN 'P14' THEN '改名' ELSE comp_nm END WHERE permit_no IN ('P1', 'P20', 'P15', 'P2', 'P14')`);
    await b.push();
    const seen = log.taken.map((e) => `${e.type.split('.')[3]} ${e.data?.permit_no ?? ''}`).sort();
    expect(seen).toEqual(['added P1', 'changed P15', 'removed ']);
    await b.change(
      `UPDATE f.permit SET fee = substr(permit_no, 2)::INTEGER * 100, comp_nm = '企业' || substr(permit_no, 2) || '有限公司'`,
    );
  });

  test('two recipients get different numbers of the same record, and only the kinds of change that they asked for', async () => {
    await subscribe(await grant(db()), { changes: ['removed'] });
    await subscribe(await grant(db()), { items: ['permit_no'] });
    await b.change(
      `INSERT INTO f.permit SELECT 102, day, (8::BIGINT << 32) + 7, NULL, 'N2', 'x', NULL, NULL, NULL, NULL, NULL FROM f.permit LIMIT 1`,
    );
    await b.change(`DELETE FROM f.permit WHERE permit_no = 'N2'`);
    await b.push();
    const bySource = grouped(log.taken, (e) => e.source as string);
    const [first, second] = [...bySource.values()].sort((x, y) => x.length - y.length) as [Event[], Event[]];
    expect(recordTypes(first)).toEqual(['record.removed']);
    expect(recordTypes(second)).toEqual(['record.added', 'record.removed']);
    expect(second[0]!.data).toEqual({ permit_no: 'N2' });
    expect(first[0]!.subject).not.toBe(second[0]!.subject);
  });

  test('a receiver that answers 500 for two days loses nothing and is sent the same message until it takes it', async () => {
    const id = await subscribe(await grant(db()), { batch: 3 });
    answer = () => failure(pushProblems.failed, { status: 500 });
    await b.change(`UPDATE f.permit SET fee = fee + 1 WHERE entity <= 5`);
    await b.push();
    for (let hours = 0; hours < 48; hours += 6) {
      b.clock.advance(6 * HOUR);
      await b.push();
      // More changes come meanwhile.
      if (hours % 12 === 0) await b.change(`UPDATE f.permit SET fee = fee + 1 WHERE entity <= 5`);
    }
    await sweep(b.ports);
    const failing = await detail(id);
    expect(failing).toMatchObject({ health: 'open', state: 'active' });
    expect(failing.cursors[0]).toMatchObject({ circuit: 'open' });
    // No pause is longer than an hour: a try at every look, and always the same message.
    expect(log.messages.length).toBe(9);
    expect(new Set(log.messages.map((m) => m.id)).size).toBe(1);
    expect(new Set(log.messages.map((m) => Buffer.from(m.body).toString())).size).toBe(1);
    const told = await sql<{ organisation: string }>`SELECT organisation FROM sharing.notice WHERE kind = 'push-failing'
      AND (detail->>'subscription')::int = ${id} ORDER BY 1`.execute(db().kysely);
    expect(told.rows.map((r) => r.organisation)).toEqual(['rsj', 'scjg']);
    expect((b.sharing.ports.notices as NotedNotices).keys('subscription.dead').length).toBeGreaterThanOrEqual(2);
    answer = () => accepted(204);
    b.clock.advance(2 * HOUR);
    await b.push();
    expect(log.taken).toHaveLength(25);
    const fees = grouped(log.taken, (e) => e.subject);
    for (const events of fees.values()) {
      expect(events.map((e) => e.sequence)).toEqual(events.map((e) => e.sequence).sort());
      const values = events.map((e) => Number(e.data!.fee));
      expect(values.slice(1).every((v, i) => v === values[i]! + 1)).toBe(true);
    }
    expect(await detail(id)).toMatchObject({ health: 'ok', lag: { changes: 0 } });
  });

  test('after seven days of failures it rests with a reason; what came too late is told as a gap and everything is sent anew', async () => {
    const id = await subscribe(await grant(db()));
    answer = () => failure(pushProblems.unreachable);
    await b.change('UPDATE f.permit SET fee = fee + 1 WHERE entity <= 2');
    await b.push();
    b.clock.advance(7 * DAY + 1);
    await sweep(b.ports);
    expect(await detail(id)).toMatchObject({ state: 'paused', reason: { code: 'subscriptions.paused.seven-days' } });
    await b.change(`UPDATE f.permit SET fee = fee + 1 WHERE entity = 3`);
    expect(await dropOld(b.ports)).toBe(0);
    answer = () => accepted(200);
    log.taken.length = 0;
    await act(id, 'resume');
    await b.push();
    expect(recordTypes(log.taken).slice(0, 2)).toEqual(['stream.gap', 'stream.snapshot-started']);
    expect(recordTypes(log.taken).at(-1)).toBe('stream.snapshot-completed');
    const snapshot = log.taken.filter((e) => e.type === 'cn.jingwei.record.snapshot.v1');
    expect(snapshot).toHaveLength(20);
    expect(new Set(snapshot.map((e) => e.id)).size).toBe(20);
    // And goes on with changes.
    await b.change(`UPDATE f.permit SET fee = fee + 1 WHERE entity = 3`);
    await b.push();
    expect(recordTypes(log.taken).at(-1)).toBe('record.changed');
    // Whoever asks for what is gone is told where it begins.
    await expect(act(id, 'replay', { from: { after: 0 } })).rejects.toThrow('replay-too-old');
  });

  test('it can begin with everything that stands, page by page, split by record over its partitions', async () => {
    await subscribe(await grant(db()), { begin: 'all', partitions: 4, batch: 2 });
    const snapshot = log.taken.filter((e) => e.type === 'cn.jingwei.record.snapshot.v1');
    expect(snapshot).toHaveLength(20);
    expect(new Set(snapshot.map((e) => e.subject)).size).toBe(20);
    expect(log.taken.filter((e) => e.type.endsWith('snapshot-completed.v1'))).toHaveLength(4);
    for (const m of log.messages) expect(m.events.length).toBeLessThanOrEqual(2);
  });

  test('one failing partition keeps the others going', async () => {
    await subscribe(await grant(db()), { partitions: 16, batch: 1 });
    await b.change('UPDATE f.permit SET fee = fee + 1');
    const stuck = { partition: '' };
    log = recorder(() => accepted(200));
    await b.ports.pusher.reload((await b.call<{ items: { id: number }[] }>('GET', '', rsj)).items[0]!.id);
    const original = log.transport.send.bind(log.transport);
    log.transport.send = async (message, secrets, signal) => {
      stuck.partition ||= String(message.partition);
      return String(message.partition) === stuck.partition
        ? failure(pushProblems.refused, { status: 422 })
        : original(message, secrets, signal);
    };
    await b.push();
    expect(log.taken.length).toBeGreaterThan(10);
    expect(log.taken.length).toBeLessThan(20);
  });

  test('a suspended grant stops it at once and it resumes where it stood; what it gives is looked at anew each time', async () => {
    const share = await grant(db());
    const id = await subscribe(share);
    await sql`UPDATE sharing.share SET state = 'suspended' WHERE id = ${share}`.execute(db().kysely);
    await b.change('UPDATE f.permit SET fee = fee + 1 WHERE entity <= 2');
    await b.push();
    expect(log.messages).toEqual([]);
    expect(await detail(id)).toMatchObject({ health: 'halted', lag: { changes: 2 } });
    await sql`UPDATE sharing.share SET state = 'active', items = '["permit_no"]' WHERE id = ${share}`.execute(
      db().kysely,
    );
    await b.push();
    // The item that changed is no longer granted: there is nothing to tell.
    expect(log.taken).toEqual([]);
    expect((await detail(id)).lag.changes).toBe(0);
  });

  test('what is in flight when a grant is suspended is broken off and not counted against the receiver', async () => {
    const share = await grant(db());
    const id = await subscribe(share);
    let aborted = false;
    log.transport.send = (_m, _s, signal) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          aborted = true;
          resolve(failure(pushProblems.stopped));
        });
        void sql`UPDATE sharing.share SET state = 'suspended' WHERE id = ${share}`
          .execute(db().kysely)
          .then(() => b.ports.pusher.reload(id));
      });
    await b.change('UPDATE f.permit SET fee = fee + 1 WHERE entity <= 2');
    await b.push();
    expect(aborted).toBe(true);
    expect((await detail(id)).cursors[0]!.failures).toBe(0);
  });

  test('killed between the answer of a receiver and its own record of it, six times, it repeats that message and loses nothing', async () => {
    await subscribe(await grant(db()), { batch: 2, partitions: 2 });
    const kept: Event[] = [];
    let left = 0;
    const whole = log.transport.send.bind(log.transport);
    log.transport.send = async (message, secrets, signal) => {
      await whole(message, secrets, signal);
      kept.push(...eventsIn(message.body));
      // The receiver has it; the hub never comes to keep that: what a kill at this moment leaves behind.
      return --left < 0 ? failure(pushProblems.stopped) : accepted(200);
    };
    let changes = 0;
    for (let kills = 0; kills < 6; kills++) {
      await b.change(`UPDATE f.permit SET fee = fee + 1 WHERE entity % 5 = ${kills % 5}`);
      changes += 4;
      left = (kills * 7) % 4;
      await b.push();
    }
    left = 1_000;
    await b.push();
    expect(new Set(kept.map((e) => e.id)).size).toBe(changes);
    expect(kept.length).toBeGreaterThan(changes);
    const first = [...new Map([...kept].reverse().map((e) => [e.id, e])).values()].reverse();
    for (const events of grouped(first, (e) => e.subject).values()) {
      expect(events.map((e) => e.sequence)).toEqual(events.map((e) => e.sequence).sort());
      expect(new Set(events.map((e) => e.data!.fee)).size).toBe(events.length);
    }
  });

  test('a replay sends the same events under the same ids again, as new messages', async () => {
    const id = await subscribe(await grant(db()));
    b.clock.advance(HOUR);
    await b.change('UPDATE f.permit SET fee = fee + 1 WHERE entity <= 4');
    await b.push();
    const before = log.taken.splice(0);
    const { sequence } = (await detail(id)).cursors[0]!;
    await act(id, 'replay', { from: { after: sequence - 4 } });
    await b.push();
    const again = log.taken.splice(0);
    expect(again.map((e) => e.id)).toEqual(before.map((e) => e.id));
    expect(again.map((e) => e.data)).toEqual(before.map((e) => e.data));
    expect(new Set(log.messages.map((m) => m.id)).size).toBe(log.messages.length);
    await act(id, 'replay', { from: { since: new Date(b.clock.now().getTime() - 1000).toISOString() } });
    await b.push();
    expect(log.taken.map((e) => e.id)).toEqual(before.map((e) => e.id));
    await expect(act(id, 'replay', { from: { after: sequence + 1 } })).rejects.toThrow('replay-ahead');
  });

  test('only the recipient acts; the provider and the authority look on; strangers see nothing', async () => {
    const share = await grant(db());
    const id = await subscribe(share);
    const { version } = await detail(id);
    await expect(b.call('POST', '/{id}/pause', scjg, { params: { id }, body: { version } })).rejects.toThrow(
      'not-yours',
    );
    const seen = await b.call<{ where: { url: string | null }; target: string }>('GET', '/{id}', scjg, {
      params: { id },
    });
    expect(seen).toMatchObject({ where: { url: null }, target: 'example.org' });
    await expect(b.call('GET', '/{id}', people.taxOfficer, { params: { id } })).rejects.toThrow(
      'subscriptions.unknown',
    );
    expect(await b.call('GET', '', people.taxOfficer)).toEqual({ items: [] });
    const body = { grant: share, title: '许可变更', target: { kind: 'pull' } };
    await expect(b.call('POST', '', scjg, { body })).rejects.toThrow('not-yours');
    await expect(b.call('POST', '', people.taxOfficer, { body })).rejects.toThrow('sharing.grant.unknown');
    await expect(
      b.call('POST', '/{id}/pause', rsj, { params: { id }, body: { version: version + 5 } }),
    ).rejects.toThrow('conflict');
  });

  test('what a grant does not cover cannot be subscribed to', async () => {
    const target = { kind: 'pull' };
    const file = await grant(db(), { mode: 'file' });
    const make = (share: number, more: object = {}) =>
      b.call('POST', '', rsj, { body: { grant: share, title: '许可变更', target, ...more } });
    await expect(make(file)).rejects.toThrow('grant-mode');
    await expect(make(await grant(db(), { frequency: 'once' }))).rejects.toThrow('grant-mode');
    await expect(make(await grant(db(), { state: 'suspended' }))).rejects.toThrow('grant-not-giving');
    await expect(make(await grant(db(), { until: '2026-03-01' }))).rejects.toThrow('grant-not-giving');
    await expect(make(await grant(db()), { items: ['contact'] })).rejects.toThrow('item-not-granted');
  });

  test('what is fetched is answered again until it is confirmed, with the token only', async () => {
    const body = { grant: await grant(db()), title: '拉取', target: { kind: 'pull' }, batch: 2 };
    const { id, secret } = await b.call<{ id: number; secret: string }>('POST', '', rsj, { body });
    await b.change('UPDATE f.permit SET fee = fee + 1 WHERE entity <= 3');
    type Answer = { cursor: string; waiting: boolean; sha256: string; events: Event[] };
    const get = (query: object = {}, token = secret) =>
      b.call<Answer>('GET', '/{id}/events', null, {
        params: { id },
        query,
        headers: { authorization: `Bearer ${token}` },
      });
    const first = await get();
    expect(first.events).toHaveLength(2);
    expect(first.waiting).toBe(true);
    const again = await get();
    expect(again.events).toEqual(first.events);
    // The cursor of an answer that another one has replaced is no confirmation.
    await expect(get({ after: first.cursor })).rejects.toThrow('cursor-unknown');
    const second = await get({ after: again.cursor });
    expect(second.events).toHaveLength(1);
    expect(second.events[0]!.previous).toBe(first.events[1]!.sequence);
    const end = await get({ after: second.cursor });
    expect(end).toMatchObject({ events: [], waiting: false, cursor: second.cursor });
    expect((await get({ after: end.cursor })).events).toEqual([]);
    await expect(get({}, `${secret}x`)).rejects.toThrow('sign-in');
    expect(await detail(id)).toMatchObject({ lag: { changes: 0 } });
    // Who waits is woken by the next change.
    const waiting = get({ after: end.cursor, wait: 20 });
    await b.change('UPDATE f.permit SET fee = fee + 1 WHERE entity = 1');
    expect((await waiting).events).toHaveLength(1);
    const { secret: next } = await b.call<{ secret: string }>('POST', '/{id}/secret', rsj, {
      ...{ params: { id }, body: { version: (await detail(id)).version } },
    });
    expect((await get({}, next)).events).toHaveLength(1);
    expect((await get()).events).toHaveLength(1);
    b.clock.advance(25 * HOUR);
    await expect(get()).rejects.toThrow('sign-in');
  });

  test('a day that is over is sealed with one line for each message taken, and its use is recorded', async () => {
    const id = await subscribe(await grant(db()), { batch: 4 });
    await b.change('UPDATE f.permit SET fee = fee + 1 WHERE entity <= 6');
    await b.push();
    const before = b.sharing.seals.length;
    b.clock.advance(DAY);
    await sweep(b.ports);
    const seal = b.sharing.seals.slice(before).find((s) => s.subject.startsWith(`subscription/${id}/`));
    expect(seal).toMatchObject({ kind: 'delivery', facts: { messages: 2, events: 6, recipient: 'rsj' } });
    const { usage } = await detail(id);
    expect(usage).toMatchObject([{ events: 6, seal: expect.any(Number) }]);
    const sha256 = Buffer.from(seal!.imprint.slice(1)).toString('hex');
    const parts: Uint8Array[] = [];
    for await (const part of b.ports.blobs.get(sha256)) parts.push(part);
    const lines = Buffer.concat(parts)
      .toString()
      .trim()
      .split('\n')
      .map((l) => JSON.parse(l));
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatchObject({
      format: 'jingwei-push-log/1',
      subscription: id,
      recipient: 'rsj',
      day: usage[0]!.day,
    });
    const sent = log.messages.map((m) => m.id);
    expect(lines.slice(1).map((l) => l.message)).toEqual(sent);
  });

  test('a source that gets another field goes on, and what was logged before stays readable', async () => {
    const id = await subscribe(await grant(db(), { items: ['permit_no', 'fee'] }));
    await b.change('UPDATE f.permit SET fee = fee + 1 WHERE entity = 1');
    await b.ports.lake.define([
      'ALTER TABLE f.permit ADD COLUMN grade VARCHAR',
      'CREATE OR REPLACE VIEW v.record_scjg_permit_v1 AS SELECT entity, day, fact, amount, grade, * EXCLUDE (entity, day, fact, amount, grade) FROM f.permit',
    ]);
    await b.change(
      `UPDATE f.permit SET grade = 'A', fee = CASE entity WHEN 2 THEN fee + 1 ELSE fee END WHERE entity <= 3`,
    );
    await b.push();
    expect(recordTypes(log.taken)).toEqual(['record.changed', 'record.changed']);
    expect(log.taken.map((e) => e.data!.permit_no)).toEqual(['P1', 'P2']);
    expect((await detail(id)).health).toBe('ok');
  });

  test('every event is a CloudEvent', async () => {
    await subscribe(await grant(db()), { begin: 'all' });
    await b.change('DELETE FROM f.permit WHERE entity = 20');
    await b.push();
    expect(log.taken.length).toBeGreaterThan(20);
    const { required } = { required: ['id', 'source', 'specversion', 'type'] };
    for (const e of log.taken) {
      for (const name of required) expect(e[name]).toEqual(expect.stringMatching(/./));
      expect(e.specversion).toBe('1.0');
      // Names of attributes are lower case letters and digits (CloudEvents 1.0.2, section 3.1).
      for (const name of Object.keys(e)) expect(name).toMatch(/^[a-z0-9]{1,20}$/);
      expect(new Date(e.time as string).toISOString()).toBe(e.time);
      if (e.data === undefined) expect(e.datacontenttype).toBeUndefined();
    }
  });
});
