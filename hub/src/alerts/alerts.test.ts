import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Principal } from '../platform/auth/principal.ts';
import { permissionsOf } from '../platform/auth/principal.ts';
import type { Db } from '../platform/db/index.ts';
import { type TestDb, testStore } from '../platform/db/testing.ts';
import { readingFlag } from '../sensing/index.ts';
import { takeIn } from './cap/intake.ts';
import { readCap } from './cap/read.ts';
import { change, draft, release, warningOf } from './cap/warnings.ts';
import { writeCap } from './cap/write.ts';
import type { AlertRow } from './live/alert.ts';
import { acknowledge, endSilence, makeSilence, note } from './people/acts.ts';
import { alertBench, alertMigrations, NOW, ruleOf } from './testing.ts';
import { board, detail } from './views.ts';

let open: TestDb;
let db: Db;
beforeAll(async () => {
  open = await testStore(alertMigrations);
  db = open.db;
}, 120_000);
afterAll(() => open.end());
beforeEach(async () => {
  await db.query(`TRUNCATE alerts.rule, alerts.rule_version, alerts.alert, alerts.member, alerts.step, alerts.silence, alerts.warning,
    alerts.incoming, alerts.refused RESTART IDENTITY CASCADE`);
});
const duty: Principal = {
  ...{ userId: 'u1', login: 'duty', name: '值班员', organisation: null, roles: ['duty-officer'] },
  ...{ permissions: permissionsOf(['duty-officer']), sessionId: 's', purpose: null },
};
const alerts = async () => (await sql<AlertRow>`SELECT * FROM alerts.alert ORDER BY id`.execute(db.kysely)).rows;
const kinds = async (id: number) =>
  (
    await sql<{ kind: string }>`SELECT kind FROM alerts.step WHERE alert = ${id} ORDER BY at, id`.execute(db.kysely)
  ).rows.map((r) => r.kind);

test('a reading becomes an alert that rises, is acknowledged, falls and ends, every step kept and told', async () => {
  const b = await alertBench(db, [ruleOf({ hysteresis: 0.2, repeat: '10m' })]);
  const s = b.sensing.add('a');
  await b.start();
  await b.read(s, 3.4);
  expect(await alerts()).toMatchObject([
    { level: 1, state: 'firing', members: 1, threshold: 3, value: 3.4, entity: 'urn:ngsi-ld:WaterObserved:a' },
  ]);
  await b.pass(601);
  await acknowledge(b.ports, 1, duty, '已派人查看');
  await expect(acknowledge(b.ports, 1, duty)).rejects.toMatchObject({ kind: { code: 'alerts.acknowledged' } });
  await b.pass(1200);
  await b.read(s, 5.5);
  expect((await alerts())[0]).toMatchObject({ level: 3, peak: 3, acknowledged_at: null, repeats: 1 });
  // Blue is nobody's to be woken for; orange is.
  expect(b.notices.told).toMatchObject([
    { key: 'alert.opened/1/3', to: [{ role: 'duty-officer' }, { role: 'data-officer', organisation: 'slj' }] },
  ]);
  await note(b.ports, 1, duty, '水位上涨');
  await b.pass(60);
  await b.read(s, 1);
  expect((await alerts())[0]).toMatchObject({ state: 'closed', closed_because: 'over', peak: 3 });
  expect(await kinds(1)).toEqual(['opened', 'repeated', 'acknowledged', 'raised', 'noted', 'closed']);
  expect(b.changes.map((c) => c.kind)).toEqual(['opened', 'repeated', 'acknowledged', 'raised', 'noted', 'closed']);
  expect(b.notices.withdrawn).toEqual([{ kind: 'alert.opened', about: 'alert/1' }]);
  expect(b.audits.map((a) => a.action)).toEqual(['alerts.acknowledge', 'alerts.note']);
  await expect(note(b.ports, 1, duty, 'x')).rejects.toMatchObject({ kind: { code: 'alerts.closed' } });
  expect((await detail(b.ports, 1)).members).toMatchObject([{ series: 1, endedAt: expect.any(String) }]);
  expect(b.failures).toEqual([]);
  await b.end();
});

test('an alert that ends and opens anew in the same instant is written as two', async () => {
  const b = await alertBench(db, [ruleOf()]);
  const series = b.sensing.add('a');
  await b.start();
  const at = (level: number) => ({
    ...{ rule: 'river', key: 'river@1', series, at: NOW, kind: 'level' as const, from: 0, level },
    ...{ measure: 4, value: 4, flapping: false, exercise: false },
  });
  // What comes late cannot change what was told: its transitions stand at the instant of the last one.
  await b.evaluator().manager.take([at(1)]);
  await b.evaluator().manager.take([at(0), at(1)]);
  await b.evaluator().manager.take([at(0)]);
  expect((await alerts()).map((a) => [a.state, a.opened_at.getTime() - NOW])).toEqual([
    ['closed', 0],
    ['closed', 1],
  ]);
  expect(b.failures).toEqual([]);
  await b.end();
});

test('what an exercise sets off is marked as one until something real stands behind it', async () => {
  const b = await alertBench(db, [ruleOf()]);
  const s = b.sensing.add('a');
  const other = b.sensing.add('b');
  const third = b.sensing.add('c');
  await b.start();
  await b.sensing.keep([[s, NOW, 4]], readingFlag.exercise);
  await b.read(other, 4);
  expect((await alerts()).map((a) => [a.entity?.at(-1), a.exercise])).toEqual([
    ['a', true],
    ['b', false],
  ]);
  // A real alert does not become an exercise, an exercise becomes real.
  await b.sensing.keep([[other, NOW + 1000, 6]], readingFlag.exercise);
  await b.read(s, 6, NOW + 1000);
  expect((await alerts()).map((a) => [a.level, a.exercise])).toEqual([
    [3, false],
    [3, false],
  ]);
  expect(b.changes.map((c) => c.alert.exercise)).toEqual([true, false, false, false]);
  await b.sensing.keep([[third, NOW + 2000, 6]], readingFlag.exercise);
  await b.evaluator().flushed();
  expect(b.notices.told.map((n) => n.title.zh.startsWith('【演练】'))).toEqual([false, false, true]);
  await b.end();
});

test('a rule that would fire for every sensor at once makes a few alerts and one storm that is counted', async () => {
  const b = await alertBench(db, [ruleOf({ storm: 5 })]);
  for (let i = 0; i < 400; i++) b.sensing.add(`n${i}`);
  await b.start();
  await b.sensing.keep(b.sensing.series.map((s) => [s.number, NOW, 6]));
  await b.evaluator().flushed();
  const rows = await alerts();
  expect(rows).toHaveLength(6);
  expect(rows.filter((r) => r.storm)).toMatchObject([{ members: 395, level: 3, group_key: '!storm', entity: null }]);
  expect(b.evaluator().manager.folded).toBe(395);
  // Restarted in the storm: the same alerts, nothing twice.
  await b.evaluator().keep();
  await b.crash();
  expect(await alerts()).toHaveLength(6);
  await b.sensing.keep(b.sensing.series.map((s) => [s.number, NOW + 60_000, 1]));
  await b.evaluator().flushed();
  expect((await alerts()).every((r) => r.state === 'closed')).toBe(true);
  expect(b.failures).toEqual([]);
  await b.end();
}, 30_000);

test('wherever it is killed, nothing is missed and nothing is there twice', async () => {
  const rule = ruleOf({ pending: '2m', keep: '1m', hysteresis: 0.3, silent: '20m' });
  const stream: [number, number, number][] = [];
  let seed = 7;
  const random = () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed / 2_147_483_648;
  };
  for (let i = 0; i < 160; i++) stream.push([1 + Math.floor(random() * 4), NOW + i * 30_000, 2 + random() * 4]);
  const run = async (crashes: ReadonlySet<number>, keeps: ReadonlySet<number>) => {
    await db.query(
      'TRUNCATE alerts.rule, alerts.rule_version, alerts.alert, alerts.member, alerts.step RESTART IDENTITY CASCADE',
    );
    const b = await alertBench(db, [rule]);
    for (const name of ['a', 'b', 'c', 'd']) b.sensing.add(name);
    await b.start();
    await b.evaluator().keep();
    for (const [i, reading] of stream.entries()) {
      await b.sensing.keep([reading]);
      // Killed with what was heard not yet written, written, or kept.
      if (crashes.has(i) && i % 2) await b.crash();
      await b.evaluator().flushed();
      if (keeps.has(i)) await b.evaluator().keep();
      if (crashes.has(i) && !(i % 2)) await b.crash();
    }
    await b.evaluator().flushed();
    const told = (await alerts()).map((a) => [
      a.group_key,
      a.opened_at.getTime(),
      a.closed_at?.getTime(),
      a.peak,
      a.level,
    ]);
    const steps = (
      await sql`SELECT a.group_key, s.at, s.kind, s.level FROM alerts.step s JOIN alerts.alert a ON a.id = s.alert
      ORDER BY s.at, a.group_key, s.kind, s.level`.execute(db.kysely)
    ).rows;
    expect(b.failures).toEqual([]);
    await b.end();
    return { told: told.sort((x, y) => String(x).localeCompare(String(y))), steps };
  };
  const whole = await run(new Set(), new Set());
  expect(whole.told.length).toBeGreaterThan(5);
  const killed = await run(new Set([11, 30, 31, 64, 97, 120, 141]), new Set([5, 40, 90, 119]));
  expect(killed).toEqual(whole);
}, 60_000);

test('silences and inhibition keep quiet what they name and no more', async () => {
  const gate = ruleOf({ rule: 'gate', levels: { red: 9 }, inhibits: [{ rule: 'river', where: 'entity' }] });
  const b = await alertBench(db, [ruleOf(), gate]);
  const s = b.sensing.add('a');
  await b.start();
  await b.read(s, 4);
  const times = { from: new Date(NOW), until: new Date(NOW + 600_000) };
  const wide = { rules: [], types: [], entities: [], level: 4, reason: '检修', ...times };
  await expect(makeSilence(b.ports, duty, wide)).rejects.toMatchObject({ kind: { code: 'alerts.silence-wide' } });
  const id = await makeSilence(b.ports, duty, { ...wide, rules: ['river'], level: 2 });
  expect((await alerts())[0]).toMatchObject({ silenced: id });
  // Graver than what was silenced: told all the same.
  await b.pass(1);
  await b.read(s, 6);
  expect((await alerts())[0]).toMatchObject({ silenced: null, level: 3 });
  await b.pass(1);
  await b.read(s, 4);
  expect((await alerts())[0]).toMatchObject({ silenced: id });
  await endSilence(b.ports, duty, id);
  await b.pass(1);
  await b.read(s, 9.5);
  expect(await alerts()).toMatchObject([
    { rule: 'river', silenced: null, inhibited: 2 },
    { rule: 'gate', inhibited: null },
  ]);
  await b.pass(1);
  await b.read(s, 6);
  expect(await alerts()).toMatchObject([
    { rule: 'river', inhibited: null },
    { rule: 'gate', state: 'closed' },
  ]);
  const told = await board(b.ports);
  expect(told.counts).toMatchObject({ open: 1, levels: [0, 0, 0, 1, 0] });
  await b.end();
});

test('a quorum asks for several; no data can be told as an alert', async () => {
  const b = await alertBench(db, [
    ruleOf({ group: 'rule', quorum: 2, silent: '5m' }),
    ruleOf({ rule: 'quiet', silent: '5m', tellSilence: true, group: 'series', levels: { red: 99 } }),
  ]);
  const [x, y] = [b.sensing.add('x'), b.sensing.add('y')];
  await b.start();
  await b.read(x, 4);
  expect(await alerts()).toEqual([]);
  await b.read(y, 6);
  expect(await alerts()).toMatchObject([{ rule: 'river', members: 2, level: 3, entity: null }]);
  await b.pass(400);
  expect(await alerts()).toMatchObject([
    { rule: 'river', state: 'no-data' },
    { rule: 'quiet', level: 0, state: 'no-data' },
    { rule: 'quiet' },
  ]);
  await b.read(x, 1);
  await b.read(y, 1);
  expect((await alerts()).map((a) => a.state)).toEqual(['closed', 'closed', 'closed']);
  await b.end();
});

test('messages of others open, change and end alerts; refused ones are kept with their reason', async () => {
  const b = await alertBench(db, []);
  await b.start();
  const message = (over: object) =>
    Buffer.from(
      writeCap({
        ...{
          identifier: 'm1',
          sender: 'province.example',
          sent: '2026-06-01T08:00:00+08:00',
          status: 'Actual',
          msgType: 'Alert',
        },
        ...{ scope: 'Public', codes: [], references: [] },
        infos: [
          {
            ...{
              language: 'zh-CN',
              categories: ['Met'],
              event: '台风',
              responseTypes: [],
              urgency: 'Expected',
              severity: 'Moderate',
            },
            ...{ certainty: 'Likely', eventCodes: [], parameters: [], resources: [], headline: '台风黄色预警' },
            ...{ expires: '2026-06-01T20:00:00+08:00' },
            areas: [{ areaDesc: '慈溪', polygons: [], circles: [{ lon: 121, lat: 30, km: 9 }], geocodes: [] }],
          },
        ],
        ...over,
      }),
    );
  const first = { sender: 'province.example', identifier: 'm1', sent: '2026-06-01T00:00:00+00:00' };
  expect(await takeIn(b.ports, duty, message({}))).toEqual({ id: 1, alert: 1, notes: [] });
  expect(await alerts()).toMatchObject([
    { source: 'cap', level: 2, title: { zh: '台风黄色预警' }, lon: expect.closeTo(121, 3) },
  ]);
  await expect(takeIn(b.ports, duty, message({}))).rejects.toMatchObject({ kind: { code: 'alerts.cap.known' } });
  expect(await takeIn(b.ports, duty, message({ identifier: 't', status: 'Test' }))).toMatchObject({ alert: null });
  const cancel = { identifier: 'm2', sent: '2026-06-01T09:00:00+08:00', msgType: 'Cancel', references: [first] };
  expect(await takeIn(b.ports, duty, message(cancel))).toMatchObject({ alert: 1 });
  expect(await alerts()).toMatchObject([{ state: 'closed', closed_because: 'cancelled' }]);
  await expect(takeIn(b.ports, duty, Buffer.from('<a/>'))).rejects.toMatchObject({
    kind: { code: 'alerts.cap.version' },
  });
  const refused = await sql`SELECT problem->>'code' AS code, bytes FROM alerts.refused`.execute(db.kysely);
  expect(refused.rows).toEqual([{ code: 'alerts.cap.version', bytes: 4 }]);
  await b.end();
});

test('a warning goes to the public by a person alone, sealed, and is only changed by a later message', async () => {
  const b = await alertBench(db, []);
  await b.start();
  const both = (zh: string) => ({ zh, en: 'text' });
  const content = {
    ...{
      colour: 'orange' as const,
      event: '11B03',
      urgency: 'Immediate',
      certainty: 'Observed',
      responses: ['Prepare'],
    },
    ...{
      headline: both('暴雨橙色预警'),
      description: both('三小时内降雨超过 50 毫米'),
      instruction: both('转移危险地带人员'),
    },
    ...{ onset: null, areaDesc: '慈溪市', polygons: [], circles: [], divisions: ['330282'], restriction: null },
  };
  const input = {
    alert: null,
    previous: null,
    status: 'Actual' as const,
    scope: 'Public' as const,
    expires: new Date(NOW + 3_600_000),
    content,
  };
  const bowtie: [number, number][] = [
    [121, 30],
    [121.1, 30.1],
    [121.1, 30],
    [121, 30.1],
    [121, 30],
  ];
  await expect(
    draft(b.ports, duty, { ...input, msgType: 'Alert', content: { ...content, polygons: [bowtie] } }),
  ).rejects.toMatchObject({
    kind: { code: 'alerts.cap.polygon' },
  });
  const id = await draft(b.ports, duty, { ...input, msgType: 'Alert' });
  expect(b.seals).toEqual([]);
  await release(b.ports, duty, id, 1);
  await expect(release(b.ports, duty, id, 2)).rejects.toMatchObject({ kind: { code: 'alerts.warning.state' } });
  const row = await warningOf(db.kysely, id);
  expect(row.identifier).toBe('33028241600000_20260601080000_0');
  expect(readCap(Buffer.from(row.xml!)).alert).toMatchObject({
    infos: [{ severity: 'Severe', event: '暴雨' }, { language: 'en' }],
  });
  expect(b.seals).toMatchObject([{ kind: 'file', subject: `cap/${row.identifier}` }]);
  const update = await draft(b.ports, duty, { ...input, msgType: 'Update', previous: id });
  await expect(draft(b.ports, duty, { ...input, msgType: 'Cancel', previous: id })).rejects.toMatchObject({
    kind: { code: 'alerts.warning.superseded' },
  });
  await release(b.ports, duty, update, 1);
  const later = await warningOf(db.kysely, update);
  expect(later.identifier).toBe('33028241600000_20260601080000_1');
  expect(readCap(Buffer.from(later.xml!)).alert.references).toEqual([
    { sender: 'warnings.cixi.example', identifier: row.identifier, sent: '2026-06-01T08:00:00+08:00' },
  ]);
  expect((await warningOf(db.kysely, id)).superseded_by).toBe(update);
  expect(b.audits.map((a) => a.action)).toEqual([
    ...['alerts.warning-draft', 'alerts.warning-release', 'alerts.warning-draft', 'alerts.warning-release'],
  ]);
  // What was played is never released as real.
  await db.query(`INSERT INTO alerts.alert (source, rule, version, group_key, title, category, level, peak, state, opened_at, changed_at, told_at,
    members, members_peak, exercise) VALUES ('rule', 'river', 1, 'x', '{"zh": "演练", "en": "Drill"}', 'Met', 3, 3, 'firing', now(), now(), now(), 1, 1, true)`);
  const drill = await draft(b.ports, duty, { ...input, msgType: 'Alert', alert: 1 });
  await expect(release(b.ports, duty, drill, 1)).rejects.toMatchObject({ kind: { code: 'alerts.exercise' } });
  await change(b.ports, duty, drill, 1, { ...input, status: 'Exercise' });
  await release(b.ports, duty, drill, 2);
  expect((await warningOf(db.kysely, drill)).xml).toContain('<status>Exercise</status>');
  await b.end();
});
