import { createServer as createTcp } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Aedes } from 'aedes';
import { Webhook as Theirs } from 'standardwebhooks';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ManualClock, systemClock } from '../../platform/clock.ts';
import { Networks } from '../../platform/networks/index.ts';
import { BATCH_TYPE, type Message } from '../log/events.ts';
import { listen } from '../testing.ts';
import { brokerUrl, checkTopic, Mqtt, topicOf } from './mqtt.ts';
import { backoff } from './outcome.ts';
import { newSecret, signature, signedHeaders, verified } from './sign.ts';
import { judge, Webhook, webhookUrl } from './webhook.ts';

const message = (body = '[{"id":"1"}]', over: Partial<Message> = {}): Message => ({
  ...{
    id: 'msg_1_0_0_ab-1-1',
    first: 1,
    last: 1,
    events: 1,
    contentType: BATCH_TYPE,
    partition: 0,
    subject: null,
    kind: null,
  },
  ...{ body: Buffer.from(body), ...over },
});
const here = new Networks(['127.0.0.0/8', '::1/128']);
const none = new Networks([]);
const quick = { connectMs: 300, answerMs: 300, answerBytes: 4096 };
const go = () => new AbortController().signal;

test('signatures are those of Standard Webhooks: the published vector, and another library verifies ours', () => {
  const body = Buffer.from('{"test": 2432232314}');
  expect(signature('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'msg_p5jXN8AQM9LWM0D4loKWxJek', 1614265330, body)).toBe(
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  );
  const [old, next] = [newSecret(), newSecret()];
  const at = new Date();
  const headers = signedHeaders([next, old], 'msg_1', at, body);
  // While a secret is changed, both are good.
  for (const secret of [old, next]) {
    expect(new Theirs(secret).verify(body.toString(), headers)).toEqual({ test: 2432232314 });
    expect(verified(secret, headers, body, at)).toBe(true);
  }
  expect(verified(newSecret(), headers, body, at)).toBe(false);
  expect(verified(old, headers, Buffer.from('{}'), at)).toBe(false);
  expect(verified(old, headers, body, new Date(at.getTime() + 400_000))).toBe(false);
});

test('no spelling of an inside address may be connected to, unless its network is allowed', () => {
  const inside = [
    ...[
      '127.0.0.1',
      '10.1.2.3',
      '172.16.0.1',
      '172.31.255.255',
      '192.168.1.1',
      '169.254.169.254',
      '100.100.100.200',
      '0.0.0.0',
    ],
    ...[
      '224.0.0.1',
      '255.255.255.255',
      '198.18.0.1',
      '::1',
      '::',
      '::ffff:10.0.0.1',
      '::ffff:7f00:1',
      '64:ff9b::a00:1',
    ],
    ...[
      'fe80::1',
      'fe80::1%eth0',
      'fc00::1',
      'fd00:ec2::254',
      'ff02::1',
      '2002:a00:1::',
      '2001:db8::1',
      '2001::1',
      '::127.0.0.1',
    ],
  ];
  for (const address of inside) expect([address, none.allows(address)]).toEqual([address, false]);
  for (const address of ['1.1.1.1', '223.5.5.5', '172.32.0.1', '2400:3200::1', '::ffff:1.1.1.1', '64:ff9b::101:101'])
    expect([address, none.allows(address)]).toEqual([address, true]);
  const some = new Networks(['10.20.0.0/16', 'fd12:3456::/32']);
  expect(['10.20.3.4', '::ffff:10.20.3.4', 'fd12:3456::9'].every((a) => some.allows(a))).toBe(true);
  expect(['10.21.0.1', 'fd12:3457::9', '127.0.0.1'].some((a) => some.allows(a))).toBe(false);
});

test('addresses are judged as they are written, in every form that a URL has for them', () => {
  for (const host of [
    '127.0.0.1',
    '2130706433',
    '0x7f.1',
    '017700000001',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '0',
    '169.254.169.254',
  ])
    expect(() => webhookUrl(`http://${host}/`, none)).toThrow('network.inside');
  const bad = [
    'ftp://a.example/',
    'https://u:p@a.example/',
    'https://a.example/#x',
    'nothing',
    `https://a.example/${'x'.repeat(2000)}`,
  ];
  for (const url of bad) expect(() => webhookUrl(url, none)).toThrow('subscriptions.address');
  expect(webhookUrl('https://a.example/hook?x=1', none).href).toBe('https://a.example/hook?x=1');
  expect(() => brokerUrl('mqtt://2130706433', none)).toThrow('network.inside');
  expect(() => brokerUrl('mqtts://user:pw@a.example', none)).toThrow('subscriptions.address');
});

test('a name that resolves into an inside network is refused when it is connected to', async () => {
  const target = new Webhook({ url: 'http://localhost:1/' }, none, systemClock, quick);
  expect(await target.send(message(), [newSecret()], go())).toMatchObject({
    ok: false,
    problem: { code: 'subscriptions.push.inside' },
  });
  const literal = new Webhook({ url: 'http://127.0.0.1:1/' }, none, systemClock, quick);
  expect(await literal.send(message(), [newSecret()], go())).toMatchObject({
    problem: { code: 'subscriptions.push.inside' },
  });
  await target.close();
});

test('a taken message is signed over the bytes that were sent', async () => {
  const secret = newSecret();
  const got: { body: Buffer; headers: Record<string, unknown> }[] = [];
  const server = await listen((request, response, body) => {
    got.push({ body, headers: request.headers });
    response.writeHead(202).end('thanks');
  });
  const webhook = new Webhook({ url: server.url }, here, systemClock, quick);
  for (let n = 0; n < 3; n++)
    expect(await webhook.send(message(), [secret], go())).toMatchObject({ ok: true, status: 202 });
  expect(verified(secret, got[0]!.headers as never, got[0]!.body, new Date())).toBe(true);
  expect(got[0]!.headers['content-type']).toBe('application/cloudevents-batch+json; charset=utf-8');
  await webhook.close();
  await server.close();
});

test('whoever never answers is left after the time limit, and whoever talks without end is cut off', async () => {
  const silent = createTcp(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(silent.address() as { port: number }).port}/`;
  const webhook = new Webhook({ url }, here, systemClock, quick);
  const began = performance.now();
  expect(await webhook.send(message(), [newSecret()], go())).toMatchObject({
    problem: { code: 'subscriptions.push.timeout' },
  });
  expect(performance.now() - began).toBeLessThan(3_000);
  // Stopped in the middle.
  const stop = new AbortController();
  const sending = webhook.send(message(), [newSecret()], stop.signal);
  stop.abort();
  expect(await sending).toMatchObject({ problem: { code: 'subscriptions.push.stopped' } });
  await webhook.close();
  silent.close();
  let wrote = 0;
  const talker = await listen((_, response) => {
    response.writeHead(200);
    const more = () => {
      while (!response.destroyed && wrote < 50e6 && response.write(Buffer.alloc(65536))) wrote += 65536;
      if (!response.destroyed && wrote < 50e6) response.once('drain', more);
    };
    more();
  });
  const listener = new Webhook({ url: talker.url }, here, systemClock, quick);
  // Its status was said: that counts, and little of the rest is read.
  expect(await listener.send(message(), [newSecret()], go())).toMatchObject({ ok: true });
  await pause(20);
  expect(wrote).toBeLessThan(50e6);
  await listener.close();
  await talker.close();
});

test('redirects are not followed, wherever they lead', async () => {
  let asked = 0;
  const server = await listen((_, response) => {
    asked += 1;
    response.writeHead(307, { location: 'http://169.254.169.254/latest/meta-data' }).end();
  });
  const webhook = new Webhook({ url: server.url }, here, systemClock, quick);
  expect(await webhook.send(message(), [newSecret()], go())).toMatchObject({
    ...{ ok: false, status: 307, problem: { code: 'subscriptions.push.redirect' } },
  });
  expect(asked).toBe(1);
  await webhook.close();
  await server.close();
});

test('a status means what Standard Webhooks says, and Retry-After is believed within bounds', () => {
  const clock = new ManualClock('2026-03-02T00:00:00Z');
  expect([200, 204, 299].every((s) => judge(s, undefined, clock).ok)).toBe(true);
  expect(judge(410, undefined, clock)).toMatchObject({ ok: false, gone: true });
  expect(judge(429, '120', clock)).toMatchObject({ ok: false, wait: 120_000 });
  expect(judge(503, 'Mon, 02 Mar 2026 00:10:00 GMT', clock).wait).toBe(600_000);
  expect(judge(503, '999999999', clock).wait).toBe(6 * 3_600_000);
  expect(judge(503, 'soon', clock).wait).toBeNull();
  expect(judge(400, undefined, clock).problem!.code).toBe('subscriptions.push.refused');
});

test('pauses double from five seconds to an hour, by chance between half and whole', () => {
  expect([1, 2, 3, 30].map((n) => backoff(n, () => 1))).toEqual([5_000, 10_000, 20_000, 3_600_000]);
  expect(backoff(1, () => 0)).toBe(2_500);
});

test('topics are templates without wildcards', () => {
  for (const topic of ['', 'a/+', 'a/#', '$SYS/a', 'a/{who}', '中'.repeat(200)])
    expect(() => checkTopic(topic, 1)).toThrow('subscriptions.topic');
  expect(() => checkTopic('a/{record}', 2)).toThrow('subscriptions.topic');
  checkTopic('jw/{source}/{change}/{record}', 1);
  const places = { subscription: 7, source: 'scjg.permit', partition: 0, record: 'ab', change: 'added' };
  expect(topicOf('jw/{source}/{subscription}/{change}/{record}', places)).toBe('jw/scjg.permit/7/added/ab');
});

let broker: Aedes;
let tcp: ReturnType<typeof createTcp>;
beforeAll(async () => {
  broker = await Aedes.createBroker();
  tcp = createTcp(broker.handle as never);
  await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await new Promise<void>((resolve) => broker.close(() => resolve()));
  tcp.close();
});

test('a message counts when the broker has acknowledged it; a refused user and a broker that says nothing do not', async () => {
  const url = `mqtt://127.0.0.1:${(tcp.address() as { port: number }).port}`;
  const seen: { topic: string; text: string }[] = [];
  let acknowledge = true;
  broker.authenticate = (_client, user, password, done) => {
    done(null as never, user === 'rsj' && String(password) === 'right');
  };
  broker.authorizePublish = (_client, packet, done) => {
    if (!acknowledge) return;
    seen.push({ topic: packet.topic, text: packet.payload.toString() });
    done(null);
  };
  const target = { url, version: 4 as const, topic: 'jw/{source}/{partition}', user: 'rsj', ca: null };
  const of = { subscription: 7, source: 'scjg.permit' };
  const mqtt = new Mqtt({ ...target, password: 'right' }, of, here, { ...quick, answerMs: 1_000, connectMs: 1_000 });
  expect(await mqtt.send(message(), [], go())).toMatchObject({ ok: true });
  expect(await mqtt.send(message('[2]', { partition: 3 }), [], go())).toMatchObject({ ok: true });
  expect(seen).toEqual([
    { topic: 'jw/scjg.permit/0', text: '[{"id":"1"}]' },
    { topic: 'jw/scjg.permit/3', text: '[2]' },
  ]);
  acknowledge = false;
  const hasty = new Mqtt({ ...target, password: 'right' }, of, here, { ...quick, answerMs: 200 });
  expect(await hasty.send(message(), [], go())).toMatchObject({
    ok: false,
    problem: { code: 'subscriptions.push.timeout' },
  });
  acknowledge = true;
  // The next try makes its own connection.
  expect(await hasty.send(message('[3]'), [], go())).toMatchObject({ ok: true });
  const wrong = new Mqtt({ ...target, password: 'wrong' }, of, here, quick);
  expect(await wrong.send(message(), [], go())).toMatchObject({
    ok: false,
    problem: { code: 'subscriptions.push.broker' },
  });
  const barred = new Mqtt({ ...target, password: 'right' }, of, none, quick);
  expect(await barred.send(message(), [], go())).toMatchObject({ problem: { code: 'subscriptions.push.inside' } });
  for (const m of [mqtt, hasty, wrong, barred]) await m.close();
});
