import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Principal } from '../platform/auth/principal.ts';
import { describeDb } from '../platform/db/testing.ts';
import type { NotedNotices } from '../platform/notices/testing.ts';
import { Problem } from '../platform/problem.ts';
import { act } from './act.ts';
import { clocksOf } from './clocks.ts';
import { fillRecent, ownToken, receive, withoutPhones } from './intake.ts';
import { eventPage, listEvents, listQuery } from './list.ts';
import { operate } from './operations.ts';
import { mergeInto, part } from './parts.ts';
import { clearLoose, keepPicture } from './pictures.ts';
import { change } from './ports.ts';
import { Recent } from './same/recent.ts';
import { statistics } from './statistics.ts';
import { eventOf } from './store.ts';
import { sweep } from './sweep.ts';
import { eventSets, testPorts, who } from './testing.ts';

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
async function* bytes(...parts: Buffer[]) {
  yield* parts;
}
const code = async (work: Promise<unknown>) => {
  try {
    await work;
  } catch (error) {
    if (error instanceof Problem) return error.kind.code;
    throw error;
  }
  return 'ok';
};

describeDb('events', eventSets, (db) => {
  let open: Awaited<ReturnType<typeof testPorts>>;
  beforeAll(async () => {
    open = await testPorts(db());
  });
  afterAll(() => open.end());
  const desk = who('duty-officer');
  const field = who('field-officer', 'gysy');
  const step = (id: number, action: string, p: Principal, comment = '', data: object = {}) =>
    change(open.ports, (trx) => act(trx, open.ports, id, { action, comment, data }, { principal: p }));
  const cover = (key: string, over: object = {}) => ({
    ...{ key, text: '环城南路129号门口井盖破了一个大洞，很危险，电话13812345678', pictures: [] },
    ...{ address: '环城南路129号', longitude: 121.24, latitude: 30.171, ...over },
  });

  test('a report is filed, classed by its words and sent out; the same message is one, another of the same joins and says why', async () => {
    const first = await receive(open.ports, cover('a'), { channel: 'hotline' });
    expect(first).toMatchObject({ number: '20261120-00001', state: 'dispatched', joined: false, again: false });
    expect(await receive(open.ports, cover('a'), { channel: 'hotline' })).toMatchObject({
      again: true,
      event: first.event,
    });
    const second = await receive(
      open.ports,
      cover('b', { text: '井盖坏了，环城南路129号，有人差点摔倒', longitude: 121.2403 }),
      { channel: 'open311' },
    );
    expect(second).toMatchObject({ joined: true, event: first.event });
    expect(second.why.find((w) => w.name === 'matter-same')?.weight).toBeGreaterThan(0);
    const far = await receive(open.ports, cover('c', { text: '井盖坏了', address: '新城大道8号', longitude: 121.3 }), {
      channel: 'open311',
    });
    expect(far.joined).toBe(false);
    const e = await eventOf(db().kysely, first.event);
    expect(e).toMatchObject({
      matter: 'manhole-cover',
      matter_by: 'words',
      reports: 2,
      organisation: 'gysy',
      town: '330282004',
    });
    expect(e.text).toContain('138****5678');
    expect(withoutPhones('打 138 1234 5678 或 12345').phones).toEqual(['13812345678']);
    // A recogniser that starts anew knows what was reported before.
    const anew = { ...open.ports, recent: new Recent() };
    await fillRecent(anew);
    expect(anew.recent.size).toBe(3);
  });

  test('what has no place, lies elsewhere or speaks of the future is refused with its place', async () => {
    const bad = (over: object) =>
      code(receive(open.ports, { key: 'x', text: '井盖坏了', pictures: [], ...over }, { channel: 'hotline' }));
    expect(await bad({})).toBe('events.no-place');
    expect(await bad({ longitude: 116.4, latitude: 39.9 })).toBe('events.place-outside');
    expect(await bad({ address: '浒山街道', at: '2026-12-20T00:00:00Z' })).toBe('events.time-wrong');
    expect(await bad({ address: '浒山街道', matter: 'nothing' })).toBe('events.unknown-matter');
  });

  test('accepted, limits met, done with a picture, failed, done again, closed and rated; nobody else may', async () => {
    const { event } = await receive(
      open.ports,
      cover('d', { longitude: 121.26, address: '三北大街7号', text: '三北大街7号井盖缺失' }),
      { channel: 'grid' },
    );
    expect(await code(step(event, 'accept', who('field-officer', 'zhzf')))).toBe('events.not-yours');
    expect(await code(step(event, 'finish', field, '已修好'))).toBe('events.wrong-state');
    await step(event, 'accept', field);
    const id = '00000000-0000-4000-8000-000000000001';
    await keepPicture(open.ports, id, 'done', bytes(png), { principal: field });
    expect(await code(step(event, 'finish', field, '已修好'))).toBe('events.picture-needed');
    expect(await code(step(event, 'finish', field, '已修好', { pictures: [id] }))).toBe('events.limits-open');
    await step(event, 'milestone', field, '', { limit: 'fence' });
    await step(event, 'finish', field, '已修好', { pictures: [id] });
    expect((await clocksOf(db().kysely, event)).map((c) => c.state)).toEqual(['met', 'met', 'met']);
    await step(event, 'fail', desk, '没有修平');
    const again = '00000000-0000-4000-8000-000000000002';
    await keepPicture(open.ports, again, 'done', bytes(png), { principal: field });
    await step(event, 'finish', field, '修平了', { pictures: [again] });
    await step(event, 'pass', desk);
    await step(event, 'rate', who('data-steward'), '', { stars: 5 });
    expect(await eventOf(db().kysely, event)).toMatchObject({ state: 'closed', rating: 5, reworked: 1, pictures: 2 });
  });

  test('a pause stops working time, a limit that passes is told once, returns and the rule of supervision', async () => {
    const { event } = await receive(
      open.ports,
      cover('e', { matter: 'sewer', longitude: 121.28, text: '下水道堵了', address: '明州路3号' }),
      { channel: 'grid' },
    );
    await step(event, 'accept', field);
    await step(event, 'ask', field, '等待开挖许可', { ask: 'pause' });
    await step(event, 'pause', desk, '等待开挖许可');
    open.clock.advance(5 * 86_400_000);
    await step(event, 'resume', field);
    const [clock] = await clocksOf(db().kysely, event);
    // Friday 09:00 and four working hours; resumed on Wednesday 09:00: three before noon, one from 13:30 on.
    expect(clock!.due!.toISOString()).toBe('2026-11-25T06:30:00.000Z');
    const { number } = await eventOf(db().kysely, event);
    open.clock.advance(6 * 3_600_000);
    expect(await sweep(open.ports)).toBeGreaterThan(0);
    expect(await sweep(open.ports)).toBe(0);
    expect((await eventOf(db().kysely, event)).late_at).not.toBeNull();
    for (const organisation of ['gysy', 'gysy', 'gysy']) {
      await step(event, 'return', field, '不属于本单位');
      await step(event, 'dispatch', desk, '', { organisation });
    }
    await sweep(open.ports);
    expect((await eventOf(db().kysely, event)).supervised).toBe(1);
    const told = (open.ports.notices as NotedNotices).told.filter((n) => n.about.endsWith(number));
    expect(told.filter((n) => n.kind === 'event.late').length).toBeGreaterThan(0);
    expect(told.filter((n) => n.kind === 'event.dispatched').at(-1)!.to).toEqual([
      { role: 'field-officer', organisation: 'gysy' },
      { role: 'data-officer', organisation: 'gysy' },
    ]);
  });

  test('people join and part; operations of phones are done once; counters agree with what is there', async () => {
    const one = await receive(
      open.ports,
      cover('f', { longitude: 121.2, text: '路灯不亮', matter: 'street-lamp', address: '甲路1号' }),
      { channel: 'grid' },
    );
    const two = await receive(
      open.ports,
      cover('g', { longitude: 121.15, text: '路灯不亮', matter: 'street-lamp', address: '乙路2号' }),
      { channel: 'grid' },
    );
    await mergeInto(open.ports, two.event, one.event, '同一路灯', desk);
    expect(await eventOf(db().kysely, one.event)).toMatchObject({ reports: 2 });
    const parted = await part(open.ports, two.report, '不是同一盏', desk);
    expect(await eventOf(db().kysely, parted)).toMatchObject({ state: 'dispatched', reports: 1, organisation: 'gysy' });
    const key = '00000000-0000-4000-8000-0000000000aa';
    const o = { key, kind: 'step' as const, event: parted, step: { action: 'accept', comment: '', data: {} } };
    const answers = [await operate(open.ports, [o], field), await operate(open.ports, [o], field)].flat();
    expect(answers.map((a) => [a.outcome, a.again])).toEqual([
      ['done', false],
      ['done', true],
    ]);
    expect((await operate(open.ports, [{ ...o, event: one.event }], field))[0]).toMatchObject({
      outcome: 'refused',
      code: 'events.key-reused',
    });
    const found = await statistics(open.ports, { from: '2026-11-01', until: '2026-12-31' });
    const { rows } = await sql<{
      n: number;
      closed: number;
    }>`SELECT count(*) AS n, count(*) FILTER (WHERE state = 'closed') AS closed FROM events.event WHERE state <> 'merged'`.execute(
      db().kysely,
    );
    expect(found.all).toMatchObject({ total: rows[0]!.n, closed: rows[0]!.closed });
    for (const groups of [found.organisations, found.towns, found.matters, found.channels])
      expect(groups.reduce((n, g) => n + g.total, 0)).toBe(rows[0]!.n);
    const page = await listEvents(open.ports, listQuery.parse({ limit: 3 }), desk);
    const next = await listEvents(open.ports, listQuery.parse({ limit: 3, after: page.next }), desk);
    expect(page.count).toBe(rows[0]!.n);
    expect(next.events[0]!.id).toBeLessThan(page.events[2]!.id);
    expect(
      (await listEvents(open.ports, listQuery.parse({}), field)).events.every((e) => e.organisation === 'gysy'),
    ).toBe(true);
  });

  test('a picture too large, damaged or of another kind is refused', async () => {
    const id = '00000000-0000-4000-8000-0000000000bb';
    const big = bytes(...Array.from({ length: 11 }, () => Buffer.alloc(1 << 20, 1)));
    expect(await code(keepPicture(open.ports, id, 'scene', big, { principal: field }))).toBe('events.picture-large');
    expect(await code(keepPicture(open.ports, id, 'scene', bytes(Buffer.from('%PDF-1.4')), { principal: field }))).toBe(
      'events.picture-wrong',
    );
  });

  test('pictures that nothing used go in time with their files; used ones and those of others stay', async () => {
    const { blobs } = open.ports;
    const row = async (id: string) =>
      (
        await sql<{
          blob: string;
          kept: boolean;
        }>`SELECT blob, kept FROM events.picture WHERE id = ${id}::uuid`.execute(db().kysely)
      ).rows[0];
    const [mine, strangers, used] = [1, 2, 3].map((n) => `00000000-0000-4000-8000-00000000010${n}`) as [
      string,
      string,
      string,
    ];
    await keepPicture(open.ports, mine, 'scene', bytes(png), { principal: field });
    await keepPicture(open.ports, strangers, 'scene', bytes(png), { client: 'public' });
    await keepPicture(open.ports, used, 'scene', bytes(png), { principal: field });
    const report = { key: 'pictured', text: '路边有人摆摊', longitude: 121.33, latitude: 30.2, pictures: [used] };
    await receive(open.ports, report, { channel: 'grid', principal: field });
    const names = await Promise.all([mine, strangers, used].map(async (id) => (await row(id))!.blob));
    // The same bytes thrice, each a file of its own: removing one takes nobody else's away.
    expect(new Set(names).size).toBe(3);
    open.clock.advance(3 * 86_400_000);
    expect(await clearLoose(open.ports)).toBe(1);
    expect([await blobs.has(names[0]!), await blobs.has(names[1]!), await blobs.has(names[2]!)]).toEqual([
      true,
      false,
      true,
    ]);
    open.clock.advance(40 * 86_400_000);
    await clearLoose(open.ports);
    expect(await row(mine)).toBeUndefined();
    expect(await row(used)).toMatchObject({ kept: true });
    expect(await blobs.has(names[2]!)).toBe(true);
    expect(
      await code(
        receive(open.ports, { ...report, key: 'again', pictures: [mine] }, { channel: 'grid', principal: field }),
      ),
    ).toBe('events.picture-unknown');
  });

  test('a lost answer is answered alike: the own key makes the token; what a first report lacked comes with a later one', async () => {
    const key = '00000000-0000-4000-8000-0000000000cc';
    expect(ownToken(key)).toEqual(ownToken(key));
    expect(ownToken(key).kept).not.toContain(ownToken(key).token);
    const at = { longitude: 121.37, latitude: 30.22 };
    const vague = await receive(
      open.ports,
      { key: 'vague', text: '掌起镇新桥东路88号门前有情况', address: '掌起镇新桥东路88号', pictures: [], ...at },
      { channel: 'hotline' },
    );
    expect(vague.state).toBe('registered');
    const clear = await receive(
      open.ports,
      {
        key: 'clear',
        text: '新桥东路88号门前有情况，路灯坏了',
        address: '新桥东路88号',
        matter: 'street-lamp',
        pictures: [],
        ...at,
      },
      { channel: 'grid', principal: field },
    );
    expect(clear).toMatchObject({ joined: true, event: vague.event, state: 'dispatched' });
    // Who only reported it sees the own report and no comment of others.
    const page = await eventPage(open.ports, vague.event, { ...who('collector', 'mzj'), login: field.login });
    expect(page.reports.map((r) => r.id)).toEqual([clear.report]);
    expect(page.steps.every((s) => s.comment === null && s.detail === null)).toBe(true);
  });
});
