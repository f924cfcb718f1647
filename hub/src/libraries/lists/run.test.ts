import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ManualClock } from '../../platform/clock.ts';
import type { Lake } from '../../platform/lake/index.ts';
import { type LoadedList, loadLists } from './load.ts';
import { runList } from './run.ts';
import { goodList, listFolder, openListLake, organisations } from './testing.ts';

let lake: Lake;
let list: LoadedList;
const clock = new ManualClock('2026-03-01T00:00:00Z');

beforeEach(async () => {
  lake = await openListLake();
  const { folder, end } = listFolder(goodList('a'));
  list = (await loadLists(folder, lake, organisations)).lists.get('a')!;
  end();
});
afterEach(() => lake.close());

interface Day {
  should: number[];
  has: number[];
  excused: number[];
}

async function fill(d: Day): Promise<void> {
  await lake.session(async (s) => {
    await s.run('DELETE FROM f.should; DELETE FROM f.has; DELETE FROM f.excused');
    await s.append(
      'f.should',
      d.should.map((e) => [e, e % 3 === 0 ? '330282002001' : e % 3 === 1 ? '330282003' : null, 'r', null]),
    );
    await s.append(
      'f.has',
      d.has.map((e) => [e]),
    );
    await s.append(
      'f.excused',
      d.excused.map((e) => [e]),
    );
  });
}
const dayOf = (n: number) => `2026-03-${String(n + 1).padStart(2, '0')}`;
const run = (day: string) => runList({ lake, clock }, list, day);
const members = async () =>
  (
    await lake.query<{ entity: number; since: string }>('SELECT entity, since FROM v.list_member_v1 ORDER BY entity')
  ).map((r) => [r.entity, r.since] as const);

test("yesterday's members and the new ones without those gone are today's, whatever days bring", async () => {
  const some = fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { maxLength: 12 });
  const day = fc.record({ should: some, has: some, excused: some, again: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(day, { minLength: 1, maxLength: 6 }), async (days) => {
      await lake.session((s) =>
        s.run('DELETE FROM lst.run; DELETE FROM lst.member; DELETE FROM lst.ended; DELETE FROM lst.split'),
      );
      let before = new Map<number, string>();
      for (const [n, d] of days.entries()) {
        // A day that is run twice, first with other data, says what one run of the last data says.
        if (d.again) {
          await fill({ should: d.has, has: d.excused, excused: d.should.slice(3) });
          await run(dayOf(n));
        }
        await fill(d);
        const r = await run(dayOf(n));
        const expected = d.should.filter((e) => !d.has.includes(e) && !d.excused.includes(e)).sort((a, b) => a - b);
        const now = await members();
        expect(now.map(([e]) => e)).toEqual(expected);
        expect(now.map(([, since]) => since)).toEqual(expected.map((e) => before.get(e) ?? dayOf(n)));
        const gone = [...before.keys()].filter((e) => !expected.includes(e));
        expect(r.before).toBe(before.size);
        expect(r.before + r.fresh - r.endedDone - r.endedWithdrawn).toBe(r.members);
        expect(r.endedDone).toBe(gone.filter((e) => d.has.includes(e)).length);
        const ended = await lake.query<{ entity: number; since: string; ending: string }>(
          'SELECT entity, since, ending FROM v.list_ended_v1 WHERE until = $day::DATE ORDER BY entity',
          { day: dayOf(n) },
        );
        expect(ended).toEqual(
          gone
            .sort((a, b) => a - b)
            .map((e) => ({
              entity: e,
              since: before.get(e),
              ending: d.has.includes(e) ? 'done' : d.excused.includes(e) ? 'excepted' : 'withdrawn',
            })),
        );
        const split = await lake.first<Record<string, number>>(
          `SELECT sum(members)::INT AS members, sum(fresh)::INT AS fresh, sum(still)::INT AS still,
             sum(ended_done)::INT AS done, sum(ended_withdrawn)::INT AS withdrawn FROM v.list_split_v1 WHERE day = $day::DATE`,
          { day: dayOf(n) },
        );
        const sums = {
          members: r.members,
          fresh: r.fresh,
          still: r.still,
          done: r.endedDone,
          withdrawn: r.endedWithdrawn,
        };
        expect(Object.fromEntries(Object.entries(split!).map(([k, v]) => [k, v ?? 0]))).toEqual(sums);
        before = new Map(now);
      }
    }),
    { numRuns: Number(process.env.JINGWEI_TEST_RUNS ?? 5) },
  );
}, 60_000);

test('a subject that should for several reasons is one member, with what is due first; records of nobody are counted', async () => {
  await lake.session((s) =>
    s.run(`INSERT INTO f.should VALUES (1, '330282002', 'later', '2026-02-20'), (1, '330282002', 'sooner', '2026-02-10'),
             (0, NULL, 'unmatched', NULL), (2, '330282002', 'not yet', '2026-04-01')`),
  );
  expect(await run('2026-03-01')).toMatchObject({ who: 1, members: 1, withoutSubject: 1 });
  expect(await lake.query('SELECT reason, due FROM v.list_member_v1')).toEqual([
    { reason: 'sooner', due: '2026-02-10' },
  ]);
});

test('an earlier day than the last is refused and changes nothing', async () => {
  await fill({ should: [1], has: [], excused: [] });
  await run('2026-03-05');
  await expect(run('2026-03-04')).rejects.toMatchObject({ kind: { code: 'libraries.list.day' } });
  expect(await members()).toEqual([[1, '2026-03-05']]);
});

test('a run that takes too long is stopped and leaves the list as it was', async () => {
  await fill({ should: [1], has: [], excused: [] });
  await run('2026-03-01');
  const sql = 'SELECT a.range AS entity FROM range(10000000) a, range(10000000) b WHERE a.range + b.range < 0';
  const slow = {
    ...list,
    declaration: { ...list.declaration, seconds: 1 },
    done: { ...list.done, sql, views: [], usesDay: false, readsAll: false },
  };
  await expect(runList({ lake, clock }, slow, '2026-03-02')).rejects.toMatchObject({
    kind: { code: 'libraries.list.time' },
  });
  expect(await members()).toEqual([[1, '2026-03-01']]);
});
