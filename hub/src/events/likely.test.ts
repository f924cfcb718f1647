import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeDb } from '../platform/db/testing.ts';
import { receive } from './intake.ts';
import { likelyRoutes } from './likely.ts';
import { mergeInto } from './parts.ts';
import { eventSets, testPorts, who } from './testing.ts';

interface Answer {
  matter: string | null;
  words: string[];
  likely: { event: { id: number }; probability: number; why: unknown[]; join: boolean }[];
}

describeDb('what looks the same', eventSets, (db) => {
  let open: Awaited<ReturnType<typeof testPorts>>;
  beforeAll(async () => {
    open = await testPorts(db());
  });
  afterAll(() => open.end());

  const route = (path: string) => likelyRoutes(open.ports).find((r) => r.path.endsWith(path))!;
  const ask = (body: object) =>
    route('/likely').handler({ body, principal: who('duty-officer') } as never) as Promise<Answer>;
  const rows = async () => {
    const { rows: found } = await sql<{ n: number }>`SELECT (SELECT count(*) FROM events.event)
      + (SELECT count(*) FROM events.report) + (SELECT count(*) FROM events.step) AS n`.execute(db().kysely);
    return Number(found[0]!.n);
  };
  const place = { address: '环城南路129号', longitude: 121.24, latitude: 30.171 };
  const report = (key: string, text: string, over: object = {}) => ({ key, text, pictures: [], ...place, ...over });

  test('before anything is filed the words are classed and the same open event is found with its evidence; nothing is written', async () => {
    const first = await receive(open.ports, report('a', '环城南路129号门口井盖破了一个大洞'), { channel: 'hotline' });
    const before = await rows();
    const same = await ask({ text: '井盖坏了，环城南路129号，电话13812345678', ...place });
    expect(same).toMatchObject({ matter: 'manhole-cover', words: ['井盖'] });
    expect(same.likely[0]).toMatchObject({ event: { id: first.event }, join: true });
    expect(same.likely[0]!.why.length).toBeGreaterThan(0);
    expect(await rows()).toBe(before);
    const other = await ask({ text: '工地夜间施工', address: '新城大道8号', longitude: 121.32, latitude: 30.2 });
    expect(other.likely).toEqual([]);
  });

  test('an event that is over is not offered', async () => {
    const one = await receive(
      open.ports,
      report('b', '梅林东路7号树倒了', { address: '梅林东路7号', longitude: 121.4 }),
      {
        channel: 'hotline',
      },
    );
    const two = await receive(
      open.ports,
      report('c', '松柏西路3号路灯不亮', { address: '松柏西路3号', longitude: 121.1 }),
      {
        channel: 'hotline',
      },
    );
    const said = { text: '梅林东路7号一棵树倒了', address: '梅林东路7号', longitude: 121.4, latitude: 30.171 };
    expect((await ask(said)).likely.map((l) => l.event.id)).toEqual([one.event]);
    await mergeInto(open.ports, one.event, two.event, '同一件事', who('duty-officer'));
    expect((await ask(said)).likely.map((l) => l.event.id)).not.toContain(one.event);
  });

  test('an alert leads to its event, and one that became none to nothing', async () => {
    const made = await receive(open.ports, report('alert-7', '红色预警：河道水位超警', { matter: 'water-level' }), {
      channel: 'alert',
    });
    // The same key of another channel is no alert.
    await receive(open.ports, report('alert-8', '红色预警', { matter: 'water-level', longitude: 121.5 }), {
      channel: 'desk',
    });
    const of = (alert: number) => route('/of-alert/{alert}').handler({ params: { alert } } as never);
    expect(await of(7)).toMatchObject({ event: { id: made.event, number: made.number } });
    expect(await of(8)).toEqual({ event: null });
  });
});
