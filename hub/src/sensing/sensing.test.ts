import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ZodType } from 'zod';
import { type Principal, permissionsOf, type Role } from '../platform/auth/principal.ts';
import { Bus } from '../platform/bus/index.ts';
import { ManualClock, systemClock } from '../platform/clock.ts';
import { configSchema } from '../platform/config/index.ts';
import { type TestDb, testStore } from '../platform/db/testing.ts';
import { openDuckDbLake } from '../platform/lake/index.ts';
import { silentLogger } from '../platform/log/index.ts';
import type { AuditEntry, Deps } from '../platform/room.ts';
import { backOff, checkBroker } from './devices/brokers.ts';
import { findDrifting } from './health.ts';
import { readingsHandler } from './http/handler.ts';
import { SensingRoom } from './room.ts';
import { entityRoutes } from './routes/entities.ts';
import { intakeRoutes } from './routes/intake.ts';
import { ngsiRoutes } from './routes/ngsi.ts';
import { videoRoutes } from './routes/video.ts';
import { Secrets } from './secrets.ts';
import { sensingTables } from './store/tables.ts';
import { KEY, openWay } from './testing.ts';
import { videoSeen } from './video/cameras.ts';

const clock = new ManualClock('2026-11-21T08:00:00Z');
const folder = mkdtempSync(join(tmpdir(), 'jingwei-sensing-'));
const audits: AuditEntry[] = [];
const faults: unknown[] = [];
const bus = new Bus((_, error) => faults.push(error));
const who = (role: Role, organisation: string | null): Principal =>
  ({
    ...{ userId: role, login: role, name: role, organisation, roles: [role], permissions: permissionsOf([role]) },
    ...{ sessionId: 's', purpose: null },
  }) as unknown as Principal;
const steward = who('data-steward', null);
const duty = who('duty-officer', null);
const field = who('field-officer', 'zhzf');
let store: TestDb;
let room: SensingRoom;
let url = '';
let close: () => Promise<void>;
let routes: ReturnType<typeof entityRoutes>;

beforeAll(async () => {
  store = await testStore([{ room: 'sensing', folder: fileURLToPath(new URL('./migrations', import.meta.url)) }]);
  const lake = await openDuckDbLake({ path: ':memory:', threads: 1 });
  await lake.define(sensingTables);
  const config = configSchema.parse({ dataFolder: folder, demo: { enabled: true, rows: 0 } });
  room = new SensingRoom(
    {
      ...{ config, clock, lake, bus, db: store.db, log: silentLogger() },
      folders: { data: folder, keys: join(folder, 'keys') },
      audit: { append: async (e: AuditEntry) => void audits.push(e) },
      http: { url: () => url },
    } as unknown as Deps,
    new Secrets(randomBytes(32)),
  );
  await room.begin();
  await room.open();
  routes = [...entityRoutes(room), ...intakeRoutes(room), ...videoRoutes(room), ...ngsiRoutes(room)];
  const handler = readingsHandler({
    ...{ door: room.door, gateways: room.gateways, log: silentLogger() },
    now: () => room.now(),
  });
  const server = createServer((request, response) => void handler.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  close = async () => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    await room.stop();
    await lake.close();
  };
}, 120_000);
afterAll(async () => {
  await close();
  await store.end();
  rmSync(folder, { recursive: true, force: true });
  expect(faults).toEqual([]);
});

async function call(
  method: string,
  path: string,
  p: Principal | null,
  given: Record<string, unknown> = {},
  // biome-ignore lint/suspicious/noExplicitAny: answers of many routes, each looked into by its test.
): Promise<any> {
  const route = routes.find((r) => r.method === method && r.path === path)!;
  if (route.access !== 'public' && !p?.permissions.has(route.access as never)) throw new Error(`403 ${route.access}`);
  const answer = await route.handler({
    params: route.params?.parse(given.params ?? {}),
    query: route.query?.parse(given.query ?? {}),
    body: route.body?.parse(given.body ?? {}),
    ...{ principal: p, clock, reply: { header: () => undefined } as never },
    request: { headers: given.headers ?? {}, body: given.stream } as never,
  });
  return (route.response as ZodType).parse(answer);
}
const api = '/api/v1/sensing';
const station = (n: number, over: object = {}) => ({
  ...{
    id: `urn:ngsi-ld:AirQualityObserved:hbj-${n}`,
    type: 'AirQualityObserved',
    label: { zh: `站${n}`, en: `Station ${n}` },
  },
  ...{ place: { lon: 121.26, lat: 30.17 + n / 1000, system: 'WGS84' }, owner: 'hbj' },
  properties: [{ name: 'pm25', interval: 60 }, { name: 'o3' }],
  ...over,
});
const at = (seconds: number) => new Date(clock.now().getTime() + seconds * 1000).toISOString();
const reading = (n: number, value: unknown, seconds: number, over: object = {}) => ({
  ...{ entity: `urn:ngsi-ld:AirQualityObserved:hbj-${n}`, property: 'pm25', at: at(seconds), value, ...over },
});
const post = (key: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${url}/sensing/v1/readings`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
let key = '';

test('stations are registered with the names of the data models; what does not fit is refused whole', async () => {
  const made = await call('POST', `${api}/entities`, steward, {
    body: { entities: [station(1), station(2), station(3)] },
  });
  expect(made).toEqual({ made: 3, changed: 0 });
  expect(room.book.size).toBe(6);
  const near = room.book.near(121.26, 30.171, 150, { property: 'pm25' });
  expect(near.map((s) => s.label.zh)).toEqual(['站1', '站2']);
  const ring: [number, number][] = [
    [121.25, 30.1715],
    [121.27, 30.1715],
    [121.27, 30.18],
    [121.25, 30.18],
    [121.25, 30.1715],
  ];
  const inside = room.book.within({ type: 'Polygon', coordinates: [ring] }, { property: 'o3' });
  expect(inside.map((s) => s.label.zh)).toEqual(['站2', '站3']);
  for (const over of [
    { id: 'urn:ngsi-ld:WaterObserved:x' },
    { place: { lon: 30, lat: 121 } },
    { properties: [{ name: 'strange' }] },
    { properties: [{ name: 'pm25', unit: 'm' }] },
    { properties: [{ name: 'pm25', least: 5, most: 1 }] },
  ])
    await expect(
      call('POST', `${api}/entities`, steward, { body: { entities: [station(9), station(10, over)] } }),
    ).rejects.toThrow(/sensing\.(entity|place)/);
  expect(room.book.has('urn:ngsi-ld:AirQualityObserved:hbj-9')).toBe(false);
  await expect(call('POST', `${api}/entities`, field, { body: { entities: [station(1)] } })).rejects.toThrow('403');
});

test('a gateway writes with its key what is of its scope; a second key takes over from the first', async () => {
  const body = {
    id: 'hbj-air',
    title: '空气站网关',
    owner: 'hbj',
    scope: ['urn:ngsi-ld:AirQualityObserved:hbj-1'],
    perSecond: 100,
  };
  ({ key } = await call('POST', `${api}/gateways`, steward, { body }));
  const answer = await post(key, [reading(1, 35, -60), reading(2, 35, -60)]);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({ received: 2, kept: 1, refused: 1, reasons: { 'not-allowed': 1 } });
  expect((await post('jwd_wrong', [])).status).toBe(401);
  expect((await post(key, '{')).status).toBe(422);
  expect((await post(key, [reading(1, 1, -50)], { 'content-type': 'text/plain' })).status).toBe(415);
  expect((await post(key, ' '.repeat(3_000_000))).status).toBe(413);
  expect((await fetch(`${url}/sensing/v1/readings`)).status).toBe(405);
  const flood = await post(key, { series: Array(999).fill(1), at: Array(999).fill(0), value: Array(999).fill(1) });
  expect([flood.status, flood.headers.get('retry-after')]).toEqual([429, '1']);
  const second = (await call('POST', `${api}/gateways/{id}/keys`, steward, { params: { id: 'hbj-air' } })).key;
  await expect(call('POST', `${api}/gateways/{id}/keys`, steward, { params: { id: 'hbj-air' } })).rejects.toThrow(
    'two-keys',
  );
  const list = await call('GET', `${api}/gateways`, duty);
  expect(JSON.stringify(list)).not.toContain(key);
  await call('DELETE', `${api}/gateways/{id}/keys/{key}`, steward, {
    params: { id: 'hbj-air', key: list.items[0].keys[0].id },
  });
  expect((await post(key, [reading(1, 1, -50)])).status).toBe(401);
  key = second;
  const wide = {
    version: 1,
    scope: ['urn:ngsi-ld:AirQualityObserved:hbj-', 'urn:ngsi-ld:WaterObserved:'],
    perSecond: 100_000,
    auto: true,
  };
  await call('PATCH', `${api}/gateways/{id}`, steward, { params: { id: 'hbj-air' }, body: wide });
  await expect(
    call('PATCH', `${api}/gateways/{id}`, steward, { params: { id: 'hbj-air' }, body: wide }),
  ).rejects.toThrow('conflict');
  const auto = await post(key, [
    { entity: 'urn:ngsi-ld:WaterObserved:r7', property: 'waterLevel', at: at(-5), value: 215, unit: 'cm' },
  ]);
  expect(await auto.json()).toMatchObject({ kept: 1, converted: 1 });
  const river = room.book.find('urn:ngsi-ld:WaterObserved:r7', 'waterLevel')!;
  expect([river.owner, room.latest(river.number)!.value]).toEqual(['hbj', 2.15]);
});

test('a sensor by MQTT: acknowledged when kept, held to its gateway, nothing handed on', async () => {
  const { port } = room.broker!.view();
  const options = { port, host: '127.0.0.1', username: 'hbj-air', reconnectPeriod: 0, protocolVersion: 4 as const };
  for (const wrong of [{ password: 'jwd_x' }, { password: key, username: 'other' }])
    await expect(connectAsync({ ...options, ...wrong })).rejects.toThrow(/authorized/i);
  const client: MqttClient = await connectAsync({ ...options, password: key });
  await client.publishAsync('jw/v1/hbj-air/readings', JSON.stringify([reading(1, 40, -40), reading(1, 41, -30)]), {
    qos: 1,
  });
  await client.publishAsync('jw/v1/hbj-air/urn:ngsi-ld:AirQualityObserved:hbj-1/pm25', '42', { qos: 2 });
  expect(room.latest(1)).toEqual({ at: clock.now().getTime(), value: 42 });
  await client.publishAsync('jw/v1/other/readings', '[]', { qos: 1 });
  await client.publishAsync('jw/v1/hbj-air/readings', 'no batch', { qos: 1 });
  expect(room.broker!.view().faults.map((f) => f.code)).toEqual(['sensing.batch', 'topic']);
  const [granted] = await client.subscribeAsync('#').catch(() => [{ qos: 128 }]);
  expect(granted?.qos ?? 128).toBe(128);
  await client.endAsync();
  const large = await connectAsync({ ...options, password: key });
  const closed = new Promise<void>((resolve) => large.once('close', () => resolve()));
  large.publish('jw/v1/hbj-air/readings', randomBytes(3_000_000), { qos: 1 }, () => undefined);
  await closed;
  await large.endAsync(true);
  const history = await call('GET', `${api}/series/{number}/history`, duty, {
    params: { number: 1 },
    query: { from: at(-3600), to: at(60) },
  });
  expect(history.points.map((p: { value: number }) => p.value)).toEqual([35, 40, 41, 42]);
});

test('an unknown reading is kept whole and taken in when its sensor is registered; files bring history of what is one own', async () => {
  await call('PATCH', `${api}/gateways/{id}`, steward, {
    params: { id: 'hbj-air' },
    body: { version: 2, auto: false },
  });
  await post(key, [reading(7, 12, -100), reading(7, 'NaN', -90)]);
  const refused = await call('GET', `${api}/refused`, duty, { query: { reason: 'unknown' } });
  expect(refused).toMatchObject({ total: 2, items: [{ value: '12' }, { value: 'NaN' }] });
  await call('POST', `${api}/entities`, steward, { body: { entities: [station(7)] } });
  expect(await call('POST', `${api}/refused/release`, steward)).toMatchObject({ received: 2, kept: 1, refused: 1 });
  expect((await call('GET', `${api}/refused`, duty, { query: { reason: 'unknown' } })).total).toBe(0);
  const lines = Array.from(
    { length: 200 },
    (_, i) => `urn:ngsi-ld:AirQualityObserved:hbj-7,o3,${at(-7200 + i * 30)},${i},μg/m³`,
  );
  const csv = Readable.from([Buffer.from(`entity,property,at,value,unit\n${lines.join('\n')}\nbad,line\n`)]);
  const taken = await call('POST', `${api}/files`, steward, { query: { form: 'csv' }, stream: csv });
  expect(taken).toMatchObject({ received: 201, kept: 200, refused: 1, faults: [{ index: 200, reason: 'shape' }] });
  const intake = await call('GET', `${api}/intake`, duty);
  expect(intake.day.received).toBe(intake.day.kept + intake.day.repeated + intake.day.refused);
  expect(intake.gateways.map((g: { id: string }) => g.id).sort()).toEqual(['file', 'hbj-air', 'release']);
  expect(room.sequence).toBe(intake.day.kept);
  let replayed = 0;
  for await (const batch of room.since(3)) replayed += batch.series.length;
  expect(replayed).toBe(room.sequence - 3);
});

test('health: silent, flat, drifting, out of service; a calibration is written down and applies', async () => {
  const list = async (health: string) =>
    (await call('GET', `${api}/entities`, duty, { query: { health } })).items.map(
      (e: { id: string }) => e.id.split(':')[3],
    );
  expect(await list('new')).toContain('hbj-2');
  clock.advance(600_000);
  expect(await list('silent')).toContain('hbj-1');
  const n = room.book.number('urn:ngsi-ld:AirQualityObserved:hbj-2', 'pm25');
  await call('POST', `${api}/entities`, steward, {
    body: { entities: [station(2, { properties: [{ name: 'pm25', flatAfter: 60 }] })] },
  });
  await post(
    key,
    Array.from({ length: 20 }, (_, i) => reading(2, 5, -300 + i * 15)),
  );
  expect(room.health(n)).toBe('flat');
  await call('POST', `${api}/series/{number}/calibration`, steward, {
    params: { number: n },
    body: { scale: 1.1, shift: 2, certificate: 'JZ-2026-001', due: '2027-11-21' },
  });
  await post(key, [reading(2, 10, -1)]);
  expect(room.latest(n)!.value).toBeCloseTo(13);
  const detail = await call('GET', `${api}/entities/{id}`, duty, {
    params: { id: 'urn:ngsi-ld:AirQualityObserved:hbj-2' },
  });
  expect(detail.calibrations).toMatchObject([{ property: 'pm25', scale: 1.1, shift: 2, due: '2027-11-21' }]);
  await call('POST', `${api}/entities/{id}/active`, steward, { params: { id: detail.id }, body: { active: false } });
  const refused = (await (await post(key, [reading(2, 10, 0)])).json()) as { reasons: object };
  expect(refused.reasons).toEqual({ retired: 1 });
});

test('one of six that moves away from the others drifts; their common rise is none', async () => {
  const lake = await openDuckDbLake({ path: ':memory:', threads: 1 });
  await lake.define(sensingTables);
  await lake.session(async (s) => {
    await s.run(
      `INSERT INTO sns.series SELECT i, 'e' || i, 'AirQualityObserved', 'pm25', 'GQ', 121, 30, NULL, '', '', 60, true FROM range(1, 7) r(i)`,
    );
    await s.run(`INSERT INTO sns.hour SELECT i, TIMESTAMP '2026-11-21 08:00:00' - to_hours(h::INTEGER), 1, v, v, v, now()::TIMESTAMP, v FROM (
      SELECT i, h, 30 + 5 * sin(h / 4.0) + i * 0.3 + CASE WHEN h <= 24 THEN 10 ELSE 0 END + CASE WHEN h <= 24 AND i = 4 THEN 9 ELSE 0 END
        + 0.2 * sin(i * h) AS v FROM range(1, 7) a(i), range(1, 190) b(h))`);
  });
  expect(await findDrifting(lake, Date.parse('2026-11-21T08:00:00Z'))).toEqual([4]);
  await lake.close();
});

test('NGSI-LD: entities by type, value and place, normalized and key-values, and their history', async () => {
  const entities = (query: object) => call('GET', '/ngsi-ld/v1/entities', duty, { query });
  const [water] = await entities({ type: 'WaterObserved', q: 'waterLevel>2' });
  expect(water).toMatchObject({
    ...{ id: 'urn:ngsi-ld:WaterObserved:r7', type: 'WaterObserved' },
    waterLevel: { type: 'Property', value: 2.15, unitCode: 'MTR' },
  });
  expect(await entities({ q: 'waterLevel>3' })).toEqual([]);
  const plain = await call('GET', '/ngsi-ld/v1/entities/{id}', duty, {
    params: { id: water.id },
    query: { options: 'keyValues' },
  });
  expect([plain.waterLevel, plain.name]).toEqual([2.15, 'r7']);
  const near = await entities({ georel: 'near;maxDistance==150', geometry: 'Point', coordinates: '[121.26,30.171]' });
  expect(near.map((e: { id: string }) => e.id)).toEqual(['urn:ngsi-ld:AirQualityObserved:hbj-1']);
  const past = await call('GET', '/ngsi-ld/v1/temporal/entities/{id}', duty, {
    params: { id: 'urn:ngsi-ld:AirQualityObserved:hbj-1' },
    query: { attrs: 'pm25', lastN: 2 },
  });
  expect(past.pm25.map((x: { value: number }) => x.value)).toEqual([41, 42]);
  await expect(entities({})).rejects.toThrow('sensing.query');
  await expect(entities({ q: 'a=b' })).rejects.toThrow('sensing.query');
});

test('cameras by their national codes; who may watch is asked, and every watch is audited before the address opens', async () => {
  const camera = (code: string, over: object = {}) => ({
    ...{
      code,
      label: { zh: '青少年宫路口', en: 'Crossing' },
      owner: 'zhzf',
      stream: 'rtsp://user:secret@10.1.2.3/1',
      ...over,
    },
  });
  const [open, closed] = ['33028200001320000001', '33028200001320000002'];
  const cameras = [camera(open), camera(closed, { sensitivity: 'restricted', owner: 'gaj' })];
  await call('POST', `${api}/cameras`, steward, { body: { cameras } });
  await expect(
    call('POST', `${api}/cameras`, steward, { body: { cameras: [camera('33028200002000000001')] } }),
  ).rejects.toThrow('sensing.camera');
  const list = await call('GET', `${api}/cameras`, duty, { query: { q: '青少年' } });
  expect(list).toMatchObject({ total: 2, items: [{ mayWatch: true, parts: { type: '132' } }, { mayWatch: false }] });
  expect(JSON.stringify(list)).not.toContain('secret');
  const watch = (code: string, p: Principal) =>
    call('POST', `${api}/cameras/{code}/watch`, p, { params: { code }, body: { purpose: '处置积水' } });
  audits.length = 0;
  expect((await watch(open, duty)).stream).toBe('rtsp://user:secret@10.1.2.3/1');
  await expect(watch(closed, duty)).rejects.toThrow('may-not-watch');
  expect(audits.map((a) => [a.action, a.object, a.outcome, a.purpose])).toEqual([
    ['sensing.watch', `camera/${open}`, 'ok', '处置积水'],
    ['sensing.watch', `camera/${closed}`, 'refused', '处置积水'],
  ]);
  const eyes = await call('POST', `${api}/gateways`, steward, {
    body: { id: 'zhzf-video', title: '视频分析', owner: 'zhzf', scope: ['urn:ngsi-ld:Device:zhzf-'] },
  });
  const seen: number[] = [];
  const off = bus.on(videoSeen, ({ events }) => void seen.push(...events.map((e) => e.id)));
  const event = (key: string, over: object = {}) => ({
    ...{ key, camera: open, kind: 'waterlogging', at: at(-3), confidence: 0.9 },
    ...over,
  });
  const bring = (events: object[], bearer = eyes.key) =>
    call('POST', `${api}/video-events`, null, { body: { events }, headers: { authorization: `Bearer ${bearer}` } });
  expect(await bring([event('a'), event('b')])).toEqual({ received: 2, kept: 2, repeated: 0 });
  expect(await bring([event('b'), event('c')])).toEqual({ received: 2, kept: 1, repeated: 1 });
  off();
  expect(seen).toHaveLength(3);
  await expect(bring([event('d', { camera: closed })])).rejects.toThrow('unknown-camera');
  await expect(bring([event('d')], 'jwd_no')).rejects.toThrow('sensing.key');
  await expect(bring([event('d', { kind: 'face' })])).rejects.toThrow();
});

test('an outside broker is judged before it is kept, waits longer after every failure, and readings come through it', async () => {
  const b = { url: 'mqtt://127.0.0.1:1', protocol: 5 as const, topic: 'city/+/up', share_group: 'jw' };
  expect(checkBroker(room, b).port).toBe('1');
  for (const over of [
    { url: 'http://x' },
    { url: 'mqtt://u:p@x' },
    { topic: 'a/#/b' },
    { topic: '$SYS/x' },
    { protocol: 4 as const },
  ])
    expect(() => checkBroker(room, { ...b, ...over })).toThrow('sensing.broker');
  expect(() => checkBroker(room, { ...b, url: 'mqtt://10.0.0.1' })).toThrow('network.inside');
  const waits = [0, 1, 2, 20].map((n) => backOff(n, () => 0.5));
  expect(waits).toEqual([1000, 2000, 4000, 300_000]);
  const body = {
    title: '市级平台',
    url: 'mqtt://127.0.0.1:1',
    protocol: 4,
    topic: 'up/#',
    gateway: 'hbj-air',
    username: 'u',
    password: 'secret',
  };
  const { id } = await call('POST', `${api}/brokers`, steward, { body });
  await expect.poll(() => room.brokers.state(id).state, { timeout: 20_000 }).toBe('waiting');
  const told = (await call('GET', `${api}/intake`, duty)).brokers[0];
  expect(told).toMatchObject({ id, state: 'waiting', failures: 1 });
  expect(JSON.stringify(told)).not.toContain('secret');
  await call('PATCH', `${api}/brokers/{id}`, steward, { params: { id }, body: { version: 1, active: false } });
  expect(room.brokers.state(id).state).toBe('off');
});

test('what was acknowledged by HTTP and by MQTT is there after kill -9, each once', async () => {
  const own = mkdtempSync(join(tmpdir(), 'jingwei-sensing-kill-'));
  const child: ChildProcess = spawn(
    process.execPath,
    ['--import', 'tsx', fileURLToPath(new URL('./fixtures/doors-child.ts', import.meta.url)), own],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = new Promise((resolve) => child.on('close', (_code, signal) => resolve(signal)));
  const where = await new Promise<{ url: string; mqtt: number }>((resolve) =>
    child.stdout!.once('data', (line: Buffer) => resolve(JSON.parse(line.toString()))),
  );
  const acknowledged = new Set<string>();
  const start = Date.now() - 600_000;
  const batch = (sender: number, k: number) => {
    const series = Array.from({ length: 10 }, (_, i) => sender * 10 + i + 1);
    const times = series.map(() => start + k * 10);
    return { series, at: times, value: series.map(() => k) };
  };
  const note = (b: ReturnType<typeof batch>) => {
    for (const [i, s] of b.series.entries()) acknowledged.add(`${s} ${b.at[i]}`);
  };
  const http = async (sender: number) => {
    for (let k = 0; ; k++) {
      const b = batch(sender, k);
      const answer = await fetch(where.url, {
        method: 'POST',
        headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
        body: JSON.stringify(b),
      });
      if (answer.status !== 200) throw new Error(await answer.text());
      note(b);
    }
  };
  const mqtt = async (sender: number) => {
    const client = await connectAsync({
      host: '127.0.0.1',
      port: where.mqtt,
      username: 'air',
      password: KEY,
      reconnectPeriod: 0,
    });
    client.on('error', () => undefined);
    const lost = new Promise<never>((_, reject) => client.once('close', () => reject(new Error('lost'))));
    for (let k = 0; ; k++) {
      const b = batch(sender, k);
      await Promise.race([client.publishAsync('jw/v1/air/readings', JSON.stringify(b), { qos: 1 }), lost]);
      note(b);
    }
  };
  const senders = [http(0), http(1), mqtt(2), mqtt(3)].map((s) => s.catch((error: Error) => error.message));
  while (acknowledged.size < 4_000) await new Promise((resolve) => setTimeout(resolve, 20));
  child.kill('SIGKILL');
  expect(await ended).toBe('SIGKILL');
  await Promise.all(senders);
  const way = await openWay({ folder: own, clock: systemClock, series: 50 });
  const rows = await way.lake.query<{ series: number; at: string }>('SELECT series, "at" FROM v.reading_v1');
  const kept = new Set(rows.map((r) => `${r.series} ${Date.parse(r.at)}`));
  expect([...acknowledged].filter((a) => !kept.has(a))).toEqual([]);
  expect(kept.size).toBe(rows.length);
  const count = await way.lake.first<{ n: number }>('SELECT sum(kept)::INTEGER AS n FROM v.intake_v1');
  expect([count!.n, way.intake.sequence]).toEqual([rows.length, rows.length]);
  // The newest of each series is known again: it is not taken twice.
  const again = await way.door.take(
    { id: 'air', owner: null, auto: false, may: () => true, mayWrite: () => true, take: () => 0 },
    'json',
    JSON.stringify(batch(0, 3)),
  );
  expect(again).toMatchObject({ kept: 0, repeated: 10 });
  await way.end();
  rmSync(own, { recursive: true, force: true });
}, 120_000);
