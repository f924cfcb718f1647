import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Principal } from '../platform/auth/principal.ts';
import { type Db, migrate } from '../platform/db/index.ts';
import { describeDb } from '../platform/db/testing.ts';
import { Problem } from '../platform/problem.ts';
import { act } from './act.ts';
import { COUNTED, found } from './find.ts';
import { receive } from './intake.ts';
import { type ListQuery, listEvents, listQuery } from './list.ts';
import { machine, over, states } from './machine.ts';
import { mergeInto, part, setPlace } from './parts.ts';
import { change } from './ports.ts';
import { cut, statistics } from './statistics.ts';
import type { EventRow } from './store.ts';
import { sweep } from './sweep.ts';
import { eventSets, testPorts, who } from './testing.ts';

const MERGED_OUT = "state <> 'merged'";
const OPEN = "state NOT IN ('closed', 'void', 'merged')";

/** Every counter against a scan of the events: how many groups differ, by kind. */
async function differences(db: Db): Promise<Record<string, number>> {
  const differ = async (a: string, b: string) =>
    (
      await db.query<{ n: number }>(
        `SELECT count(*) AS n FROM ((${a} EXCEPT ALL ${b}) UNION ALL (${b} EXCEPT ALL ${a})) d`,
      )
    )[0]!.n;
  const cell = `coalesce(matter, ''), coalesce("group", ''), coalesce(town, ''), coalesce(organisation, ''), joint, channel, urgency, late_at IS NOT NULL,
    supervised > 0, asked IS NOT NULL`;
  const tally = (
    day: string,
  ) => `SELECT k.kind, k.key, ${day}, count(*), count(*) FILTER (WHERE state = 'registered'), count(*) FILTER (WHERE state = 'closed'),
      count(*) FILTER (WHERE state = 'void'), count(*) FILTER (WHERE late_at IS NOT NULL AND ${OPEN}), count(*) FILTER (WHERE supervised > 0),
      sum(returned), sum(reworked), sum(transferred), sum(reports), sum(coalesce(rating, 0)), count(handled_at),
      round(sum(coalesce(extract(epoch FROM filed_at - reported_at) / 60, 0))::numeric, 3)
    FROM events.event e CROSS JOIN LATERAL (VALUES ('all', ''), ('town', coalesce(town, '')), ('organisation', coalesce(organisation, '')),
      ('matter', coalesce(matter, '')), ('channel', channel)) k(kind, key) WHERE ${MERGED_OUT} GROUP BY 1, 2, 3`;
  const kept = (
    table: string,
    day: string,
  ) => `SELECT kind, key, ${day}, total::bigint, registered::bigint, closed::bigint, dropped::bigint, late_open::bigint,
      supervised::bigint, returned::bigint, reworked::bigint, transferred::bigint, reports::bigint, stars::bigint, was_handled::bigint,
      round(filing_minutes::numeric, 3) FROM events.${table} WHERE total <> 0`;
  return {
    cells: await differ(
      `SELECT state, ${cell}, count(*) FROM events.event GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11`,
      `SELECT state, matter, "group", town, organisation, joint, channel, urgency, late, supervised, asked, n::bigint FROM events.cell WHERE n <> 0`,
    ),
    standing: await differ(
      `SELECT id, state, ${cell} FROM events.event`,
      `SELECT e.id, c.state, c.matter, c."group", c.town, c.organisation, c.joint, c.channel, c.urgency, c.late, c.supervised, c.asked
        FROM events.event e JOIN events.cell c ON c.id = e.cell`,
    ),
    words: await differ(
      `SELECT id, cell, day, text, address FROM events.event WHERE ${OPEN}`,
      'SELECT id, cell, day, text, address FROM events.said',
    ),
    days: await differ(tally('day'), kept('tally', 'day')),
    months: await differ(tally("date_trunc('month', day)::date"), kept('tally_month', 'month')),
    outside: (
      await db.query<{
        n: number;
      }>(`SELECT count(*) AS n FROM events.event e LEFT JOIN events.day d USING (day) LEFT JOIN events.cell c ON c.id = e.cell
        WHERE (e.id BETWEEN d.first AND d.last AND e.id <= c.last) IS NOT TRUE`)
    )[0]!.n,
  };
}
const none = { cells: 0, standing: 0, words: 0, days: 0, months: 0, outside: 0 };

/** Which events fit, newest first, asked of the rows themselves. */
async function scanned(db: Db, q: ListQuery, p: Principal): Promise<number[]> {
  const rows = await db.query<EventRow & { day: string }>('SELECT * FROM events.event ORDER BY id DESC');
  const is = <T>(wanted: T | undefined, has: T | null) => wanted === undefined || wanted === has;
  return rows
    .filter(
      (e) =>
        (q.state?.length ? q.state.includes(e.state) : e.state !== 'merged') &&
        (!(q.open || q.asked || (q.q && !/^\d{8}-\d+$/.test(q.q))) || !over.includes(e.state)) &&
        is(q.organisation, e.organisation) &&
        is(q.matter, e.matter) &&
        is(q.group, e.group) &&
        is(q.town, e.town) &&
        is(q.channel, e.channel) &&
        (!q.late || e.late_at !== null) &&
        (!q.supervised || e.supervised > 0) &&
        (!q.asked || e.asked !== null) &&
        (!q.urgent || e.urgency === 'urgent') &&
        (!q.from || e.day >= q.from) &&
        (!q.until || e.day <= q.until) &&
        (!q.q ||
          e.number === q.q ||
          (!/^\d{8}-\d+$/.test(q.q) && (e.text.includes(q.q) || !!e.address?.includes(q.q)))) &&
        (p.permissions.has('event.read') ||
          (!!p.organisation && (e.organisation === p.organisation || e.joint.includes(p.organisation)))),
    )
    .map((e) => e.id);
}

const desk = who('duty-officer');
const viewers = [desk, who('field-officer', 'gysy'), who('field-officer', 'zhzf'), who('field-officer')];
const some = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined, freq: 2 });
const flag = fc.option(fc.constant('true' as const), { nil: undefined, freq: 1 });
const towns = ['330282004', '330282002', '330282101'];
const query: fc.Arbitrary<ListQuery> = fc
  .record({
    state: some(fc.uniqueArray(fc.constantFrom(...Object.keys(states)), { minLength: 1, maxLength: 3 })),
    ...{ open: flag, late: flag, supervised: flag, asked: flag, urgent: flag },
    organisation: some(fc.constantFrom('gysy', 'zhzf', 'jtj')),
    matter: some(fc.constantFrom('manhole-cover', 'street-lamp', 'sewer')),
    group: some(fc.constantFrom('facility', 'appearance')),
    town: some(fc.constantFrom(...towns)),
    channel: some(fc.constantFrom('grid', 'hotline')),
    from: some(fc.constantFrom('2026-11-20', '2026-11-28', '2026-12-05')),
    until: some(fc.constantFrom('2026-11-20', '2026-12-01', '2026-12-31')),
    q: some(fc.constantFrom('井盖', '路灯', '1号', '%', '20261120-00002', '没有')),
    after: some(fc.integer({ min: 1, max: 60 })),
    limit: fc.constantFrom(2, 7, 50),
  })
  // Most filters of most queries are left out: else nothing would fit.
  .chain((full) =>
    fc
      .subarray(Object.keys(full) as (keyof typeof full)[], { maxLength: 4 })
      .map((keys) => listQuery.parse(Object.fromEntries([...keys, 'limit' as const].map((k) => [k, full[k]])))),
  );

/** One thing that somebody does; what the room refuses is not done. */
const move = fc.record({
  what: fc.constantFrom('report', 'report', 'step', 'step', 'step', 'step', 'merge', 'part', 'place', 'time', 'sweep'),
  one: fc.nat(1000),
  two: fc.nat(1000),
  forth: fc.boolean(),
  words: fc.constantFrom('井盖坏了', '路灯不亮', '门口流动摊贩占道经营', '有情况请看'),
  at: fc.constantFrom([121.24, 30.171], [121.3, 30.2], [121.2, 30.25], [121.38, 30.22]),
  organisation: fc.constantFrom('gysy', 'zhzf', 'jtj'),
  channel: fc.constantFrom('grid' as const, 'hotline' as const),
});
type Move = typeof move extends fc.Arbitrary<infer T> ? T : never;

/** Steps by which an event comes to its end, and back. */
const FORTH = ['file', 'dispatch', 'accept', 'finish', 'pass', 'reopen'];

describeDb('cells and counters', eventSets, (db) => {
  let open: Awaited<ReturnType<typeof testPorts>>;
  beforeAll(async () => {
    open = await testPorts(db());
  });
  afterAll(() => open.end());

  let keys = 0;
  async function doIt(m: Move): Promise<void> {
    const { ports } = open;
    const ids = (await db().query<{ id: number }>('SELECT id FROM events.event ORDER BY id')).map((r) => r.id);
    const [a, b] = [ids[m.one % Math.max(1, ids.length)]!, ids[m.two % Math.max(1, ids.length)]!];
    if (m.what === 'time') open.clock.advance((1 + (m.one % 40)) * 3_600_000);
    else if (m.what === 'sweep') await sweep(ports);
    else if (m.what === 'report' || !ids.length)
      await receive(
        ports,
        {
          key: `k${keys++}`,
          text: `${m.words} ${m.one}号`,
          address: `甲路${m.two}号`,
          longitude: m.at[0]!,
          latitude: m.at[1]!,
          pictures: [],
        },
        { channel: m.channel },
      );
    else if (m.what === 'merge') await mergeInto(ports, a, b, '同一件事', desk);
    else if (m.what === 'place') await setPlace(ports, a, { longitude: m.at[0]!, latitude: m.at[1]! }, desk);
    else if (m.what === 'part') {
      const [r] = await db().query<{ id: number }>(
        'SELECT id FROM events.report WHERE event = $1 ORDER BY id DESC LIMIT 1',
        [a],
      );
      if (r) await part(ports, r.id, '不是一件', desk);
    } else {
      const [e] = await db().query<EventRow>('SELECT * FROM events.event WHERE id = $1', [a]);
      const open = machine.filter((t) => t.from.includes(e!.state)).map((t) => t.action);
      const forth = open.filter((action) => FORTH.includes(action));
      const actions = m.forth && forth.length ? forth : open;
      if (!actions.length) return;
      const action = actions[m.two % actions.length]!;
      const data = {
        ...{ organisation: m.organisation, joint: [m.organisation], matter: 'street-vendor', limit: 'clear' },
        ...{ ask: 'pause' as const, span: '1 working-days', stars: 1 + (m.one % 5) },
      };
      for (const principal of [desk, who('field-officer', e!.organisation), who('data-steward')])
        try {
          await change(ports, (trx) => act(trx, ports, a, { action, comment: '说明一下', data }, { principal }));
          return;
        } catch (error) {
          if (!(error instanceof Problem)) throw error;
        }
    }
  }

  test('from report to reopening, joined, merged, parted, corrected and late: counters are what a scan counts after every step', {
    timeout: 120_000,
  }, async () => {
    const { ports, clock } = open;
    const field = who('field-officer', 'zhzf');
    const report = (key: string, longitude: number) =>
      receive(
        ports,
        { key, text: '门口流动摊贩占道经营', longitude, latitude: 30.26, matter: 'street-vendor', pictures: [] },
        { channel: 'grid' },
      );
    const at = { longitude: 121.33, latitude: 30.19 };
    let one = 0;
    let two = { event: 0, report: 0 };
    const step =
      (action: string, by: Principal, data: object = {}) =>
      () =>
        change(ports, (trx) => act(trx, ports, one, { action, comment: '说明一下', data }, { principal: by }));
    const course: (() => Promise<unknown>)[] = [
      async () => {
        one = (await report('told-1', 121.1)).event;
      },
      async () => expect((await report('told-2', 121.1)).event).toBe(one),
      async () => {
        two = await report('told-3', 121.15);
        expect(two.event).not.toBe(one);
      },
      ...[step('accept', field), step('ask', field, { ask: 'pause' }), step('pause', desk), step('resume', field)],
      () => mergeInto(ports, two.event, one, '同一件事', desk),
      () => part(ports, two.report, '不是一件', desk),
      ...[step('return', field), step('reclassify', desk, { matter: 'noise' }), () => setPlace(ports, one, at, desk)],
      step('transfer', desk, { organisation: 'gysy' }),
      step('transfer', desk, { organisation: 'zhzf' }),
      ...[step('join', desk, { joint: ['jtj'] }), step('accept', field)],
      async () => {
        clock.advance(30 * 86_400_000);
        expect(await sweep(ports)).toBeGreaterThan(0);
      },
      ...[step('finish', field), step('fail', desk), step('finish', field), step('pass', desk)],
      ...[
        step('rate', who('data-steward'), { stars: 4 }),
        step('reopen', desk),
        step('reject', desk),
        step('reopen', desk),
      ],
    ];
    for (const [i, go] of course.entries()) {
      await go();
      expect([i, await differences(db())]).toEqual([i, none]);
    }
    const [e] = await db().query<EventRow>('SELECT * FROM events.event WHERE id = $1', [one]);
    expect(e).toMatchObject({
      state: 'filed',
      late_at: null,
      rating: null,
      reworked: 1,
      transferred: 2,
      returned: 1,
      reports: 2,
    });
  });

  test('whatever course events take, counters are what a scan counts', { timeout: 240_000 }, async () => {
    await open.ports.matters.current();
    await fc.assert(
      fc.asyncProperty(fc.array(move, { minLength: 30, maxLength: 40, size: 'max' }), async (moves) => {
        for (const m of moves)
          await doIt(m).catch((error: unknown) => {
            if (!(error instanceof Problem)) throw error;
          });
        expect(await differences(db())).toEqual(none);
      }),
      { numRuns: 8, endOnFailure: true },
    );
    // Many rows in one statement; and what goes is counted no more.
    await db().query(`UPDATE events.event SET state = (ARRAY['closed', 'void', 'paused', 'handled', 'registered'])[1 + id % 5],
      late_at = CASE WHEN id % 3 = 0 THEN reported_at END, day = day + (id % 60)::int, text = text || id WHERE state <> 'merged'`);
    expect(await differences(db())).toEqual(none);
    await db().query(`WITH gone AS (SELECT id FROM events.event WHERE merged_into IS NULL AND id NOT IN (SELECT merged_into FROM events.event WHERE merged_into IS NOT NULL)
        ORDER BY id LIMIT 3), s AS (DELETE FROM events.step WHERE event IN (SELECT id FROM gone)), c AS (DELETE FROM events.clock WHERE event IN (SELECT id FROM gone)),
      r AS (DELETE FROM events.report WHERE event IN (SELECT id FROM gone)) SELECT 1`);
    const before = await db().query<{ n: number }>('SELECT count(*) AS n FROM events.event');
    await db().query(
      "DELETE FROM events.event e WHERE NOT EXISTS (SELECT 1 FROM events.report r WHERE r.event = e.id) AND state <> 'merged'",
    );
    expect((await db().query<{ n: number }>('SELECT count(*) AS n FROM events.event'))[0]!.n).toBeLessThan(
      before[0]!.n,
    );
    expect(await differences(db())).toEqual(none);
  });

  test('what was rejected unclassed and opened again waits for a person to say what it is, wherever it is placed', async () => {
    const { ports } = open;
    const step = (id: number, action: string, data: object = {}) =>
      change(ports, (trx) => act(trx, ports, id, { action, comment: '说明一下', data }, { principal: desk }));
    const at = { longitude: 121.42, latitude: 30.24 };
    const { event } = await receive(
      ports,
      { key: 'vague', text: '这里有情况', pictures: [], ...at },
      { channel: 'hotline' },
    );
    await step(event, 'reject');
    await step(event, 'reopen');
    await setPlace(ports, event, at, desk);
    await expect(step(event, 'dispatch', { organisation: 'gysy' })).rejects.toMatchObject({
      kind: { code: 'events.matter-needed' },
    });
    await step(event, 'reclassify', { matter: 'street-vendor' });
    expect(await step(event, 'dispatch', { organisation: 'zhzf' })).toMatchObject({
      state: 'dispatched',
      matter: 'street-vendor',
    });
  });

  test('lists and their counts are what a scan finds, for every viewer, cell by cell and from the newest on', {
    timeout: 240_000,
  }, async () => {
    await db().query(
      `UPDATE events.event SET joint = '{zhzf}' WHERE id % 7 = 0 AND organisation IS DISTINCT FROM 'zhzf'`,
    );
    let fitted = 0;
    await fc.assert(
      fc.asyncProperty(query, fc.constantFrom(...viewers), async (q, p) => {
        const all = await scanned(db(), q, p);
        const wanted = all.filter((id) => !q.after || id < q.after);
        const page = await listEvents(open.ports, q, p);
        expect(page.events.map((e) => e.id)).toEqual(wanted.slice(0, q.limit));
        expect(page.count).toBe(q.after ? null : Math.min(all.length, COUNTED));
        expect(page.next).toBe(wanted.length > q.limit ? wanted[q.limit - 1] : null);
        // However many are few.
        const { rows } = await found<{ id: number }>(q, p, sql`id`, q.limit, -1).execute(db().kysely);
        expect(rows.map((r) => r.id)).toEqual(wanted.slice(0, q.limit));
        fitted += wanted.length;
      }),
      { numRuns: 300 },
    );
    expect(fitted).toBeGreaterThan(100);
  });

  test('a period is summed up from whole months and the days beside them alike', async () => {
    for (const [from, until] of [
      ['2026-11-01', '2026-11-30'],
      ['2026-11-20', '2027-01-31'],
      ['2026-10-31', '2027-03-01'],
      ['2026-12-05', '2026-12-05'],
      ['2026-12-31', '2027-01-01'],
      ['2027-01-01', '2026-01-01'],
    ] as const) {
      const [n] = await db().query<{ n: number }>(
        `SELECT count(*) AS n FROM events.event WHERE ${MERGED_OUT} AND day BETWEEN $1::date AND $2::date`,
        [from, until],
      );
      const told = await statistics(open.ports, { from, until });
      expect([told.all.total, told.towns.reduce((sum, g) => sum + g.total, 0)]).toEqual([n!.n, n!.n]);
    }
    expect(cut('2026-01-15', '2026-04-02')).toEqual({
      months: ['2026-02-01', '2026-03-01'],
      days: [
        ['2026-01-15', '2026-01-31'],
        ['2026-04-01', '2026-04-02'],
      ],
    });
    expect(cut('2024-02-01', '2024-02-29')).toEqual({ months: ['2024-02-01', '2024-02-01'], days: [] });
    expect(cut('2024-02-02', '2024-02-29').months).toBeUndefined();
  });
});

const CELLS = '2026-11-25-events-cells.sql';
const folder = mkdtempSync(join(tmpdir(), 'jingwei-events-before-'));
for (const name of readdirSync(eventSets[1]!.folder).filter((n) => n < CELLS))
  copyFileSync(join(eventSets[1]!.folder, name), join(folder, name));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describeDb('a store from before cells', [eventSets[0]!, { room: 'events', folder }], (db) => {
  test('events that were there are counted, and what comes is counted with them', async () => {
    const insert = (from: number, to: number) =>
      db().query(`INSERT INTO events.event (number, matter, "group", text, address, town, channel, state, organisation, joint, late_at, supervised, asked,
          occurred_at, reported_at, filed_at, catalogue, day)
        SELECT 'n' || i, (ARRAY['sewer', NULL, 'street-lamp'])[1 + i % 3], (ARRAY['facility', NULL])[1 + i % 2], '井盖' || i, NULL, (ARRAY['330282004', NULL])[1 + i % 2],
          (ARRAY['grid', 'hotline'])[1 + i % 2], (ARRAY['closed', 'handling', 'merged', 'void'])[1 + i % 4], (ARRAY['gysy', NULL, 'zhzf'])[1 + i % 3],
          CASE WHEN i % 9 = 0 THEN '{jtj}'::text[] ELSE '{}' END, CASE WHEN i % 5 = 0 THEN now() END, i % 2, CASE WHEN i % 8 = 1 THEN '{}'::jsonb END,
          now(), now(), now(), 1, '2026-10-01'::date + i % 70 FROM generate_series(${from}, ${to}) i`);
    await insert(1, 400);
    expect(await migrate(db(), eventSets)).toContain(`events/${CELLS}`);
    expect(await differences(db())).toEqual(none);
    await insert(401, 500);
    await db().query(`UPDATE events.event SET state = 'handling', town = '330282002' WHERE id % 3 = 0`);
    expect(await differences(db())).toEqual(none);
  });
});
