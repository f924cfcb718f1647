import { afterAll, beforeAll, expect, test } from 'vitest';
import { exchangeTables } from '../exchange/index.ts';
import { type TestDb, testStore } from '../platform/db/testing.ts';
import type { ErasureWork } from '../platform/personal.ts';
import { erasureDuties } from '../sharing/index.ts';
import { subscriptionHolder } from './erase.ts';
import { makeDayLogs } from './manage/daylog.ts';
import { accepted } from './push/outcome.ts';
import { type Bench, bench, grant, recorder, rsj, subscriptionMigrations } from './testing.ts';

const token = `c~${'b'.repeat(26)}`;
const name = '欧阳擎苍';
const work: ErasureWork = {
  subject: { erasure: 6, norm: 'n', citizen: [token], own: [] },
  ...{ plain: [], names: [name], at: new Date('2026-03-05T00:00:00Z'), signal: new AbortController().signal },
};
let store: TestDb;
let b: Bench;
const log = recorder(() => accepted(200));
beforeAll(async () => {
  store = await testStore(subscriptionMigrations);
  b = await bench(store.db, () => log.transport);
  await b.ports.lake.define(exchangeTables);
}, 60_000);
afterAll(async () => {
  await b.end();
  await store.end();
});

test('held copies and the log lose the person, also where a record became another’s; the removal is pushed without values; day logs hold none', async () => {
  const { lake } = b.ports;
  const share = await grant(store.db, { items: ['permit_no', 'contact', 'fee'], plain: ['contact'] });
  const target = { kind: 'webhook', url: 'https://example.org/hook' };
  await b.call('POST', '', rsj, { body: { grant: share, title: '许可变更', target } });
  await b.push();
  const person = (row: number) => `fact = (9::BIGINT << 32) + ${row}, contact = '${name}', note = '${token}'`;
  await b.change(`UPDATE f.permit SET ${person(3)}, fee = 7 WHERE permit_no = 'P3'`);
  // A record that was the person's and is somebody else's now.
  await b.change(`UPDATE f.permit SET ${person(4)} WHERE permit_no = 'P4'`);
  await b.change(
    `UPDATE f.permit SET fact = (10::BIGINT << 32) + 4, contact = '王小4', note = NULL WHERE permit_no = 'P4'`,
  );
  await b.change(`UPDATE f.permit SET fact = (10::BIGINT << 32) + 5, contact = '李四' WHERE permit_no = 'P5'`);
  await b.push();
  b.clock.advance(86_400_000);
  expect(await makeDayLogs(b.ports)).toBe(1);
  const [{ sha256 }] = (await store.db.query<{ sha256: string }>('SELECT sha256 FROM subscriptions.daylog')) as [
    { sha256: string },
  ];
  const chunks: Uint8Array[] = [];
  for await (const c of b.ports.blobs.get(sha256)) chunks.push(c);
  const dayLog = Buffer.concat(chunks).toString();
  expect(dayLog.trim().split('\n').length).toBeGreaterThan(1);
  for (const value of [name, token, '王小', 'P3', '李四']) expect(dayLog).not.toContain(value);

  const rows = async () =>
    (
      await lake.query<{ r: string }>(
        `SELECT 'held ' || to_json(h)::VARCHAR AS r FROM sub.held h UNION ALL SELECT 'change ' || to_json(c)::VARCHAR FROM sub.change c ORDER BY 1`,
      )
    ).map((x) => x.r);
  await lake.write('test', (s) =>
    s.run(
      `INSERT INTO ex.subject_row SELECT 6, 'scjg.permit', 11, 9, r, (9::BIGINT << 32) + r, 'accepted', true, [] FROM (VALUES (3), (4)) t(r)`,
    ),
  );
  const before = await rows();
  expect(before.filter((r) => r.includes(name)).length).toBeGreaterThanOrEqual(4);
  const held = subscriptionHolder(b.sharing.ports, 15);
  expect(await held.find(work.subject, work)).toMatchObject([{ place: 'stream:scjg.permit', count: 2 }]);
  expect(await rows()).toEqual(before);
  expect((await held.erase(work)).done).toMatchObject([{ place: 'stream:scjg.permit', count: 2 }]);
  const after = await rows();
  expect(after.filter((r) => r.includes(name) || r.includes(token))).toEqual([]);
  // Every other row of the log is the same; what P4 is now stays with it.
  const others = before.filter((r) => !r.includes(name));
  expect(others.every((r) => after.includes(r))).toBe(true);
  expect(after.length).toBe(before.length);
  expect(after.filter((r) => r.startsWith('change ') && r.includes('王小4')).length).toBe(1);
  const duties = await erasureDuties(store.db.kysely, { erasure: 6 });
  expect(duties.map((d) => [d.share, d.records.length])).toEqual([[share, 2]]);

  // The row goes: the receiver hears that its record is over, with nothing of what it was.
  const pushed = log.taken.length;
  await b.change("DELETE FROM f.permit WHERE permit_no = 'P3'");
  await b.push();
  const [over, ...more] = log.taken.slice(pushed);
  expect([over!.type.split('.')[3], over!.data, more]).toEqual(['removed', undefined, []]);
  expect((await rows()).filter((r) => r.includes(name))).toEqual([]);
}, 120_000);
