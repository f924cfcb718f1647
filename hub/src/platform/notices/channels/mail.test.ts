import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { afterEach, expect, test } from 'vitest';
import { configSchema } from '../../config/index.ts';
import type { Outgoing } from './channel.ts';
import { Mail } from './mail.ts';

let server: SMTPServer | undefined;
let mail: Mail | undefined;
let arrived: { from: string; to: string[]; text: string }[] = [];

afterEach(async () => {
  await mail?.close();
  await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
  server = undefined;
  arrived = [];
});

/** A real SMTP server on this machine; answers its port. */
async function listen(over: SMTPServerOptions = {}): Promise<number> {
  server = new SMTPServer({
    ...{ authOptional: true, disabledCommands: ['STARTTLS'], logger: false, closeTimeout: 100 },
    onData(stream, session, done) {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        arrived.push({
          from: mailFrom ? mailFrom.address : '',
          to: rcptTo.map((r) => r.address),
          text: Buffer.concat(parts).toString('utf8'),
        });
        done();
      });
    },
    ...over,
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  return (server.server.address() as AddressInfo).port;
}

const open = (port: number, over: object = {}, login: { user: string; pass: string } | null = null) => {
  const config = configSchema.parse({
    notices: { mail: { host: '127.0.0.1', port, tls: 'none', from: 'notices@brain.example', ...over } },
  });
  mail = new Mail(config.notices.mail!, login);
  return mail;
};

const message = (over: Partial<Outgoing> = {}): Outgoing => ({
  ...{ id: '<abc@cixi.brain.example>', to: 'an@city.example', base: 'https://brain.example' },
  content: {
    ...{ title: { zh: '共享申请待您审定', en: 'A request waits' }, text: { zh: '请打开查看。', en: 'Open it.' } },
    ...{ link: '/sharing/requests/7', urgency: 'urgent', kind: 'sharing.approval' },
  },
  at: new Date('2026-03-02T02:00:00Z'),
  handing: async () => undefined,
  ...over,
});

/** The text of a mail, its transfer encoding undone. */
const decoded = (raw: string): string => {
  const [head = '', ...body] = raw.split('\r\n\r\n');
  const text = body.join('\r\n\r\n');
  return /base64/i.test(head)
    ? Buffer.from(text, 'base64').toString('utf8')
    : Buffer.from(
        text.replace(/=\r\n/g, '').replace(/=([0-9A-F]{2})/g, (_, h) => String.fromCharCode(Number.parseInt(h, 16))),
        'latin1',
      ).toString('utf8');
};

test('a mail carries title, text and link in both languages under the id that it was given, and is known as automatic', async () => {
  const channel = open(await listen());
  expect(await channel.send(message())).toEqual({ state: 'sent' });
  const [got] = arrived;
  expect(got).toMatchObject({ from: 'notices@brain.example', to: ['an@city.example'] });
  expect(got!.text).toContain('Message-ID: <abc@cixi.brain.example>');
  expect(got!.text).toContain('Auto-Submitted: auto-generated');
  expect(got!.text).toContain('Date: Mon, 02 Mar 2026 02:00:00 +0000');
  const text = decoded(got!.text);
  for (const part of ['请打开查看。', 'Open it.', 'https://brain.example/sharing/requests/7'])
    expect(text).toContain(part);
});

test('several mails go over one connection, and a new one is made when the server ended it', async () => {
  let connections = 0;
  const onConnect: SMTPServerOptions['onConnect'] = (_session, done) => {
    connections += 1;
    done();
  };
  const channel = open(await listen({ onConnect }));
  for (let n = 0; n < 3; n++) expect(await channel.send(message())).toEqual({ state: 'sent' });
  expect(connections).toBe(1);
  for (const c of server!.connections) c.close();
  await sleep(100);
  expect(await channel.send(message())).toEqual({ state: 'sent' });
  expect([connections, arrived.length]).toEqual([2, 4]);
});

test('a credential is used; a wrong one makes the channel rest and is never a reason to give a mail up', async () => {
  const port = await listen({
    ...{ authOptional: false, allowInsecureAuth: true, authMethods: ['PLAIN'] },
    onAuth: (auth, _session, done) =>
      auth.username === 'hub' && auth.password === 'right' ? done(null, { user: 'hub' }) : done(new Error('no')),
  });
  expect(await open(port, {}, { user: 'hub', pass: 'right' }).send(message())).toEqual({ state: 'sent' });
  await mail!.close();
  expect(await open(port, {}, { user: 'hub', pass: 'wrong' }).send(message())).toMatchObject({
    ...{ state: 'failed', problem: { code: 'notices.send.auth' }, rest: true, final: false, uncertain: false },
  });
});

test('a mailbox that is not there is final, a server that is busy is not, one that is away makes the channel rest', async () => {
  const answer = (code: number) => Object.assign(new Error('no'), { responseCode: code });
  const port = await listen({
    onRcptTo: ({ address }, _session, done) =>
      done(address.startsWith('gone') ? answer(550) : address.startsWith('busy') ? answer(451) : null),
  });
  const channel = open(port);
  expect(await channel.send(message({ to: 'gone@city.example' }))).toMatchObject({
    problem: { code: 'notices.send.refused' },
    final: true,
  });
  expect(await channel.send(message({ to: 'busy@city.example' }))).toMatchObject({
    problem: { code: 'notices.send.busy' },
    final: false,
    rest: false,
  });
  expect(await channel.send(message())).toEqual({ state: 'sent' });
  await mail!.close();
  await new Promise<void>((resolve) => server!.close(() => resolve()));
  server = undefined;
  expect(await open(port).send(message())).toMatchObject({
    problem: { code: 'notices.send.unreachable' },
    rest: true,
    uncertain: false,
  });
});

test('where encryption is asked for and the server has none, nothing is sent', async () => {
  const channel = open(await listen(), { tls: 'starttls' });
  expect(await channel.send(message())).toMatchObject({ state: 'failed', rest: true, uncertain: false });
  expect(arrived).toEqual([]);
});

test('the server has the whole mail only behind the mark; broken before it is certain, broken behind it is not', async () => {
  const before: number[] = [];
  const channel = open(await listen());
  const broken = await channel.send(
    message({
      handing: async () => {
        await sleep(50);
        before.push(arrived.length);
        for (const c of server!.connections) c.close();
        throw new Error('the store is away');
      },
    }),
  );
  expect(broken).toMatchObject({ state: 'failed', uncertain: false });
  expect([before, arrived.length]).toEqual([[0], 0]);
  await mail!.close();
  await new Promise<void>((resolve) => server!.close(() => resolve()));
  const quiet = open(
    await listen({
      // It takes the whole mail and goes away without an answer.
      onData(stream) {
        stream.on('end', () => {
          for (const c of server!.connections) (c as unknown as { _socket: { destroy(): void } })._socket.destroy();
        });
        stream.resume();
      },
    }),
  );
  expect(await quiet.send(message())).toMatchObject({
    state: 'failed',
    uncertain: true,
    final: false,
    problem: { code: 'notices.send.broken' },
  });
});
