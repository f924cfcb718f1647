/**
 * Whatever is told, taken back, read and dispatched in whatever order, with people on leave and in quiet hours, with channels that fail,
 * swallow answers and processes that are killed in the middle: whoever should have heard has one notice for every key, and every way
 * out that they wanted has taken each at least once when it works again, always under one id.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDb, testStore } from '../db/testing.ts';
import { failed, type Outcome } from './channels/channel.ts';
import { retry } from './health.ts';
import { acknowledge, markRead } from './inbox.ts';
import type { Urgency } from './port.ts';
import { sendProblems } from './problems.ts';
import { NotedChannel, noticeBench, noticeSets, passing } from './testing.ts';

const HOUR = 3_600_000;
const people = ['an', 'bo', 'cy'] as const;

let store: TestDb;
beforeAll(async () => {
  store = await testStore(noticeSets);
});
afterAll(() => store.end());

type Act =
  | { do: 'tell'; key: number; urgency: Urgency; to: number[] }
  | { do: 'withdraw'; key: number }
  | { do: 'read' | 'acknowledge'; who: number }
  | { do: 'leave'; who: number; deputy: number }
  | { do: 'pass'; hours: number }
  | { do: 'dispatch' | 'look' | 'kill' }
  | { do: 'channel'; how: 'works' | 'fails' | 'away' | 'swallows' };

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('tell' as const),
      key: fc.nat(5),
      urgency: fc.constantFrom('info' as const, 'normal' as const, 'urgent' as const),
      to: fc.uniqueArray(fc.nat(2), { minLength: 1 }),
    }),
  },
  fc.record({ do: fc.constant('withdraw' as const), key: fc.nat(5) }),
  fc.record({ do: fc.constantFrom('read' as const, 'acknowledge' as const), who: fc.nat(2) }),
  fc.record({ do: fc.constant('leave' as const), who: fc.nat(2), deputy: fc.nat(2) }),
  fc.record({ do: fc.constant('pass' as const), hours: fc.integer({ min: 1, max: 30 }) }),
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('dispatch' as const, 'look' as const, 'kill' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('channel' as const),
      how: fc.constantFrom('works' as const, 'fails' as const, 'away' as const, 'swallows' as const),
    }),
  },
);

test('whoever should have heard has each thing once in the inbox and at least once on every way out that was wanted', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 3, maxLength: 25 }), async (acts) => {
      const { db } = store;
      const mail = new NotedChannel('mail');
      const b = await noticeBench(db, [mail]);
      const quiet = { from: '22:00', to: '07:00' };
      const settings = [{}, { quiet }, { quiet, urgentAlways: false, digest: { rhythm: 'daily' as const, hour: 9 } }];
      const who = await Promise.all(
        people.map((login, i) =>
          b.person(login, 'data-officer', 'scjg', { mail: `${login}@city.example`, settings: settings[i]! }),
        ),
      );
      /** What the receiver has, by id: also where its answer was swallowed. */
      const taken = new Map<string, number>();
      const take = (id: string) => taken.set(id, (taken.get(id) ?? 0) + 1);
      let how: 'works' | 'fails' | 'away' | 'swallows' = 'works';
      mail.outcome = (m): Outcome => {
        if (how === 'fails') return passing();
        if (how === 'away') return failed(sendProblems.unreachable, { rest: true });
        take(m.id);
        return how === 'works' ? { state: 'sent' } : failed(sendProblems.broken, { uncertain: true });
      };
      /** What the model says: who was to hear of a key at its dispatches, and which keys are over. */
      const should = new Map<string, Set<string>>();
      const waiting = new Map<string, number[]>();
      const settled = new Set<string>();
      const leave = new Map<number, number>();
      const dispatched = () => {
        for (const [key, to] of waiting)
          for (const i of to) {
            const set = should.get(key) ?? new Set<string>();
            should.set(key, set);
            for (let at: number | undefined = i; at !== undefined && !set.has(people[at]!); at = leave.get(at))
              set.add(people[at]!);
            // Who heard before stands in for somebody now: the chain behind them was followed then or is followed from here.
            const seen = new Set<number>();
            for (let at: number | undefined = i; at !== undefined && !seen.has(at); at = leave.get(at)) {
              seen.add(at);
              set.add(people[at]!);
            }
          }
        waiting.clear();
      };
      for (const a of acts) {
        if (a.do === 'tell') {
          const key = `k${a.key}`;
          const to = a.to.map((i) => ({ account: people[i]! }));
          await db.tx((trx) =>
            b.outbox.tell(trx, {
              ...{ key, kind: 'sharing.deadline', urgency: a.urgency, to, about: key, link: '/x', escalate: [] },
              ...{ title: { zh: key, en: key }, text: { zh: key, en: key } },
            }),
          );
          if (!settled.has(key)) waiting.set(key, a.to);
        } else if (a.do === 'withdraw') {
          const key = `k${a.key}`;
          const known = waiting.has(key) || should.has(key);
          await db.tx((trx) => b.outbox.withdraw(trx, key));
          if (known) settled.add(key);
          waiting.delete(key);
        } else if (a.do === 'read') await markRead(db, who[a.who]!.userId, 'all', b.clock.now());
        else if (a.do === 'acknowledge') {
          const [one] = await db.query<{ id: number }>(
            'SELECT min(id) AS id FROM notices.notice WHERE account = $1 HAVING min(id) IS NOT NULL',
            [who[a.who]!.userId],
          );
          if (one) await acknowledge(db, who[a.who]!.userId, one.id, b.clock.now());
        } else if (a.do === 'leave') {
          if (a.who === a.deputy || leave.has(a.who)) continue;
          await b.preferences.takeLeave(who[a.who]!, {
            deputy: people[a.deputy]!,
            from: '2026-03-01',
            to: '2027-03-01',
          });
          leave.set(a.who, a.deputy);
        } else if (a.do === 'pass') b.clock.advance(a.hours * HOUR);
        else if (a.do === 'channel') how = a.how;
        else if (a.do === 'dispatch' || a.do === 'look') {
          await (a.do === 'dispatch' ? b.dispatch() : b.look());
          dispatched();
        } else {
          // A kill in the middle of whatever is due: claimed, and for every second one handed over and taken.
          await db.query(`UPDATE notices.delivery SET state = 'sending', worker = 'killed', attempts = attempts + 1, handed = id % 2 = 0,
            content = coalesce(content, '{"title":{"zh":"k","en":"k"},"text":{"zh":"k","en":"k"},"link":"/x","urgency":"normal","kind":"sharing.deadline"}')
            WHERE state = 'waiting'`);
          await db.query(
            `INSERT INTO notices.attempt (delivery, n, started_at) SELECT id, attempts, now() FROM notices.delivery WHERE state = 'sending'`,
          );
          await b.restart();
        }
      }
      // At the end everything works again for long enough.
      how = 'works';
      await b.dispatch();
      dispatched();
      for (let day = 0; day < 3; day++) {
        b.clock.advance(25 * HOUR);
        b.sender.wake();
        await retry({ db, clock: b.clock }, { channel: 'mail' });
        await b.look();
        await b.look();
      }
      const rows = await db.query<{ key: string; login: string; n: number }>(
        `SELECT m.key, a.login, count(*) AS n FROM notices.notice n JOIN notices.matter m ON m.id = n.matter
         JOIN auth.account a ON a.id = n.account GROUP BY 1, 2`,
      );
      const has = new Set(rows.map((r) => `${r.key} ${r.login}`));
      expect(rows.every((r) => r.n === 1)).toBe(true);
      expect([...has].sort()).toEqual([...should].flatMap(([key, set]) => [...set].map((l) => `${key} ${l}`)).sort());
      const out = await db.query<{ key: string; state: string; login: string }>(
        `SELECT m.key, d.state, a.login FROM notices.delivery d JOIN notices.notice n ON n.id = d.notice
         JOIN notices.matter m ON m.id = n.matter JOIN auth.account a ON a.id = d.account`,
      );
      for (const d of out)
        expect([d.key, settled.has(d.key) ? ['sent', 'cancelled'] : ['sent']]).toSatisfy(([, ok]) =>
          ok.includes(d.state),
        );
      // Whoever hears and does not stand aside has a way out for each thing, and the receiver has it under the one id of the two.
      const ids = new Set(mail.sent.map((m) => m.id));
      expect(mail.sent.length).toBe(out.filter((d) => d.state === 'sent').length);
      expect(ids.size).toBe(mail.sent.length);
      for (const id of ids) expect(taken.get(id)).toBeGreaterThanOrEqual(1);
      for (const [key, set] of should)
        if (!leave.size)
          for (const login of set)
            expect(
              out.some((d) => d.key === key && d.login === login),
              `${key} ${login}`,
            ).toBe(true);
    }),
    { numRuns: 40 },
  );
}, 180_000);
