import { afterAll, beforeAll, expect, test } from 'vitest';
import { testToken } from '../exchange/testing.ts';
import { type TestDb, testStore } from '../platform/db/testing.ts';
import { type ErasureWork, telling } from '../platform/personal.ts';
import { act } from './act.ts';
import { eventsHolder } from './erase.ts';
import { receive } from './intake.ts';
import { mergeInto, part } from './parts.ts';
import { change } from './ports.ts';
import { eventSets, testPorts, who } from './testing.ts';

const name = '欧阳擎苍';
const number = '33028219900307123x';
const phone = '13957412345';
const other = '13800005678';
const plain = telling(['33028219900307123X', phone]);
const own = [testToken('phone', phone)];
const work: ErasureWork = {
  subject: { erasure: 1, norm: 'n', citizen: ['c~mine'], own },
  ...{ plain, names: [name], at: new Date('2026-11-20T02:00:00Z'), signal: new AbortController().signal },
};
const TABLES = ['event', 'report', 'step', 'said', 'clock', 'operation', 'tally', 'cell'];
let store: TestDb;
let open: Awaited<ReturnType<typeof testPorts>>;

beforeAll(async () => {
  store = await testStore(eventSets);
  open = await testPorts(store.db);
  Object.assign(open.ports.vault, { tokenOf: testToken });
}, 60_000);
afterAll(async () => {
  await open.end();
  await store.end();
});

/** Every row of the room's tables as text, by table and key. */
async function everything(): Promise<Map<string, string>> {
  const rows = new Map<string, string>();
  for (const t of TABLES)
    for (const { r } of await store.db.query<{ r: Record<string, unknown> }>(
      `SELECT to_jsonb(x) AS r FROM events.${t} x`,
    ))
      rows.set(`${t}/${r.id ?? r.seq ?? JSON.stringify([r.kind, r.key, r.day])}`, JSON.stringify(r));
  return rows;
}

test('the telephone and words of the person are gone from reports, merged and parted events and steps; what is others’ stays bit for bit', async () => {
  const { ports } = open;
  const desk = who('duty-officer');
  const at = (longitude: number, over: object) => ({
    ...{ pictures: [], longitude, latitude: 30.171, address: '环城南路129号' },
    ...{ key: String(longitude), text: '', ...over },
  });
  const mine = await receive(
    ports,
    at(121.24, {
      text: `环城南路129号井盖破了，我是${name}，身份证${number}，电话139 5741 2345`,
      address: `环城南路129号${name}家门口`,
    }),
    { channel: 'open311', token: 'mine', media: `https://example.org/${phone}.jpg` },
  );
  const joined = await receive(ports, at(121.2401, { key: 'j', text: '井盖坏了，环城南路129号', phone: other }), {
    ...{ channel: 'open311' as const, token: 'theirs' },
  });
  expect(joined.event).toBe(mine.event);
  // Somebody else speaks of the person: only the words go, the speaker's telephone and question stay theirs.
  const about = await receive(
    ports,
    at(121.3, { text: `${name}（${number}）在三北大街乱倒垃圾`, address: '三北大街7号', phone: other }),
    { channel: 'hotline', token: 'speaker' },
  );
  const alone = await receive(
    ports,
    at(121.35, { text: `路灯不亮，编号9${phone}6，联系人张三`, address: '明州路3号', phone: other }),
    { channel: 'hotline' },
  );
  // The person's second report begins an event that is merged; a third is parted from another's event.
  const second = await receive(
    ports,
    at(121.28, { text: `下水道堵了，${name}报`, address: '明州路30号', phone, matter: 'sewer' }),
    { channel: 'hotline' },
  );
  await mergeInto(ports, second.event, alone.event, `与${name}反映的相同`, desk);
  await part(ports, second.report, '不是同一件事', desk);
  await change(ports, (trx) =>
    act(
      trx,
      ports,
      mine.event,
      { action: 'accept', comment: `已联系${name}，${number}`, data: {} },
      {
        principal: who('field-officer', 'gysy'),
      },
    ),
  );
  await change(ports, (trx) =>
    act(
      trx,
      ports,
      mine.event,
      {
        action: 'ask',
        comment: `等${name}开门`,
        data: { ask: 'delay', span: { amount: 1, unit: 'work-hour' } },
      } as never,
      {
        principal: who('field-officer', 'gysy'),
      },
    ),
  );
  const before = await everything();
  const held = eventsHolder({ db: store.db });
  const all = [...before.values()].join('\n');
  for (const n of [name, number, own[0]!, '139****2345']) expect(all).toContain(n);

  const found = await held.find(work.subject, work);
  expect(found.map((f) => [f.place, f.count])).toEqual([
    ['reports', 3],
    ['steps', 1],
  ]);
  expect((await everything()).size).toBe(before.size);
  expect(await everything()).toEqual(before);

  const { done } = await held.erase(work);
  expect(done.map((d) => [d.place, d.count, d.action])).toEqual([
    ['reports', 3, 'blank'],
    ['steps', expect.any(Number), 'blank'],
  ]);
  const after = await everything();
  const left = [...after].filter(([, r]) =>
    [name, number, number.toUpperCase(), own[0]!, '139****2345', `/${phone}`].some((n) => r.includes(n)),
  );
  expect(left).toEqual([]);
  // Rows that changed are the person's own, or say them; everything else is as it was.
  const changed = [...before].filter(([key, r]) => after.get(key) !== r);
  expect([...after.keys()].sort()).toEqual([...before.keys()].sort());
  for (const [key, r] of changed)
    expect([key, [name, number, own[0]!].some((n) => r.includes(n))]).toEqual([key, true]);
  for (const r of [joined.report, alone.report])
    expect([r, after.get(`report/${r}`)]).toEqual([r, before.get(`report/${r}`)]);
  const of = (key: string) => JSON.parse(after.get(key)!) as Record<string, unknown>;
  expect(of(`report/${about.report}`)).toMatchObject({
    text: '***（***）在三北大街乱倒垃圾',
    phone: testToken('phone', other),
    token: JSON.parse(before.get(`report/${about.report}`)!).token,
  });
  expect(of(`report/${mine.report}`)).toMatchObject({
    text: '环城南路129号井盖破了，我是***，身份证***，电话***',
    address: '环城南路129号***家门口',
    ...{ phone: null, token: null, media_url: null },
  });
  // A longer number that only contains the digits is another.
  expect(of(`event/${alone.event}`).text).toContain(`9${phone}6`);

  // Done again it finds nothing and changes nothing.
  expect(await held.find(work.subject, work)).toEqual([]);
  expect((await held.erase(work)).done).toEqual([]);
  expect(await everything()).toEqual(after);
}, 60_000);
