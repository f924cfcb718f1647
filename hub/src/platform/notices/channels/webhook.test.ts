import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { Networks } from '../../networks/index.ts';
import type { Outgoing } from './channel.ts';
import { channelSchema, readChannels } from './declaration.ts';
import { Webhook } from './webhook.ts';

let server: Server | undefined;
const got: { headers: IncomingMessage['headers']; body: string; url: string }[] = [];

afterEach(async () => {
  server?.closeAllConnections();
  await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
  server = undefined;
  got.length = 0;
});

/** A receiver; answers its address. */
async function receiver(
  answer: (n: number) => [status: number, body: string, headers?: Record<string, string>],
): Promise<string> {
  server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => {
      body += part;
    });
    request.on('end', () => {
      got.push({ headers: request.headers, body, url: request.url! });
      const [status, text, headers] = answer(got.length);
      response.writeHead(status, headers).end(text);
    });
  });
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const secrets = { robot: { kind: 'bearer' as const, token: 's3cret' } };
const declared = (url: string, over: object = {}) =>
  channelSchema.parse({
    ...{ title: { zh: '工作群', en: 'Work chat' }, address: 'handle', url: `${url}/hook?key={secret:robot}` },
    ...{
      headers: { Authorization: 'Bearer {secret:robot}' },
      body: '{"to": "{to}", "text": "{title.zh}\\n{text.zh}\\n{link}"}',
    },
    ...over,
  });
const open = (url: string, over: object = {}, allowed = ['127.0.0.0/8']) =>
  new Webhook('chat', declared(url, over), secrets, new Networks(allowed));
const message = (over: Partial<Outgoing> = {}): Outgoing => ({
  ...{ id: '<id@cixi>', to: 'an', base: 'https://brain.example', at: new Date('2026-03-02T02:00:00Z') },
  content: {
    ...{ title: { zh: '题"目\\', en: 'T' }, text: { zh: '一\n二","x":"y', en: 'x' } },
    ...{ link: '/events/1', urgency: 'normal', kind: 'event.late' },
  },
  handing: async () => undefined,
  ...over,
});

test('what is put into a body stays inside its string; credentials are in address and header, the id tells repetitions', async () => {
  const channel = open(await receiver(() => [200, '{}']));
  expect(await channel.send(message())).toEqual({ state: 'sent' });
  expect(JSON.parse(got[0]!.body)).toEqual({
    to: 'an',
    text: '题"目\\\n一\n二","x":"y\nhttps://brain.example/events/1',
  });
  expect(got[0]!.headers).toMatchObject({ authorization: 'Bearer s3cret', 'idempotency-key': '<id@cixi>' });
  expect(got[0]!.url).toBe('/hook?key=s3cret');
});

test('an address inside is not called unless it is allowed, by number or by name', async () => {
  const url = await receiver(() => [200, '{}']);
  for (const host of [url, url.replace('127.0.0.1', 'localhost')])
    expect(await open(host, {}, []).send(message())).toMatchObject({
      state: 'failed',
      problem: { code: 'notices.send.inside' },
    });
  expect(got).toEqual([]);
});

test('answers are judged: redirects are not followed, busy waits as long as is said, an answer’s field can say no', async () => {
  const answers: [number, string, Record<string, string>?][] = [
    [302, '', { location: 'http://127.0.0.1:1/' }],
    [429, '', { 'retry-after': '120' }],
    [503, ''],
    [401, ''],
    [400, ''],
    [200, '{"errcode": 45009}'],
    [200, 'no json'],
    [200, '{"errcode": 0}'],
  ];
  const channel = open(await receiver((n) => answers[n - 1]!), { expect: { field: 'errcode', equals: 0 } });
  const seen: unknown[] = [];
  for (const _ of answers) {
    const o = await channel.send(message());
    seen.push(o.state === 'sent' ? 'sent' : [o.problem.code.split('.').at(-1), o.final, o.wait]);
  }
  expect(seen).toEqual([
    ['refused', true, null],
    ['busy', false, 120_000],
    ['busy', false, null],
    ['refused', false, null],
    ['refused', true, null],
    ['refused', false, null],
    ['refused', false, null],
    'sent',
  ]);
  expect(got).toHaveLength(answers.length);
});

test('a message above the bound is not sent, and one that is not answered in time is uncertain', async () => {
  const url = await receiver(() => [200, '{}']);
  const large = message({ content: { ...message().content, text: { zh: '长'.repeat(400), en: '' } } });
  expect(await open(url, { limits: { bytes: 300 } }).send(large)).toMatchObject({
    final: true,
    problem: { code: 'notices.send.large' },
  });
  expect(got).toEqual([]);
  server!.removeAllListeners('request');
  server!.on('request', (request) => request.resume());
  expect(await open(url, { limits: { timeoutSeconds: 1 } }).send(message())).toMatchObject({
    uncertain: true,
    problem: { code: 'notices.send.timeout' },
  });
});

test('files that do not hold are told with their place, and those of the repository hold', () => {
  const folder = mkdtempSync(join(tmpdir(), 'jingwei-channels-'));
  try {
    mkdirSync(folder, { recursive: true });
    const file = (body: string) =>
      `title: { zh: 群, en: Chat }\naddress: handle\nurl: https://chat.example/x\nbody: '${body}'\n`;
    writeFileSync(join(folder, 'good.yaml'), file('{"t": "{title.zh}"}'));
    writeFileSync(join(folder, 'outside.yaml'), file('{"t": {title.zh}}'));
    writeFileSync(join(folder, 'unknown.yaml'), file('{"t": "{phone}"}'));
    writeFileSync(join(folder, 'secret.yaml'), file('{"t": "{to}"}').replace('/x', '/{secret:none}'));
    writeFileSync(join(folder, 'form.yaml'), 'title: { zh: 群 }\n');
    const read = readChannels(folder, secrets);
    const faulty = Object.fromEntries(read.map((r) => [r.name, [...new Set(r.problems.map((p) => p.kind.code))]]));
    expect(faulty).toMatchObject({
      ...{ good: [], outside: ['notices.channel.template'], unknown: ['notices.channel.template'] },
      secret: ['notices.channel.secret'],
    });
    expect(faulty.form!.length).toBeGreaterThan(0);
    expect(read.find((r) => r.name === 'form')!.problems[0]!.place).toMatchObject({ file: 'channels/form.yaml' });
  } finally {
    rmSync(folder, { recursive: true });
  }
  const own = readChannels(fileURLToPath(new URL('../../../../../channels', import.meta.url)), {});
  expect(own.map((c) => [c.name, c.problems.length, c.declaration?.enabled])).toEqual([
    ['sms', 0, false],
    ['work-chat', 0, false],
  ]);
});
