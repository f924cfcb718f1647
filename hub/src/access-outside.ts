/**
 * What stands around the planted hub and takes what it lets out: a collector of traces, a mail server, a receiver of declared messages, the memory
 * that its log is written into. All real, all on this machine. Used by the test of access rules only.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { SMTPServer } from 'smtp-server';
import { createLogger, type Logger } from './platform/log/index.ts';

/** A message that arrived, and whose address it arrived at. */
export interface Arrived {
  to: string;
  text: string;
}

/** Everything around one hub. */
export interface Outside {
  /** The hub's log at its most talkative, line by line. */
  lines: string[];
  logger: Logger;
  /** Messages of OTLP as they came. */
  traces: string[];
  mails: Arrived[];
  messages: Arrived[];
  /** What the configuration must say for the hub to let things out. */
  settings: Record<string, unknown>;
  /** Declares the channel of messages in a repository. */
  declare(root: string): void;
  end(): Promise<void>;
}

/** Name of the declared channel. */
export const CHANNEL = 'planted-chat';

async function listening(server: Server, port = 0): Promise<number> {
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const bodyOf = (take: (url: string, body: string) => void): Server =>
  createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      take(request.url ?? '', Buffer.concat(parts).toString('utf8'));
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });

/** Opens all of it. */
export async function outside(): Promise<Outside> {
  const [lines, traces]: [string[], string[]] = [[], []];
  const [mails, messages]: [Arrived[], Arrived[]] = [[], []];
  const collector = bodyOf((_url, body) => traces.push(body));
  const receiver = bodyOf((_url, text) => messages.push({ to: (JSON.parse(text) as { to: string }).to, text }));
  const post = new SMTPServer({
    ...{ authOptional: true, disabledCommands: ['STARTTLS'], logger: false, closeTimeout: 100 },
    onData(stream, session, done) {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        const text = Buffer.concat(parts).toString('utf8');
        for (const to of session.envelope.rcptTo) mails.push({ to: to.address, text });
        done();
      });
    },
  });
  post.on('error', () => undefined);
  const [otlp, hook] = [await listening(collector), await listening(receiver)];
  await new Promise<void>((resolve) => post.listen(0, '127.0.0.1', resolve));
  const smtp = (post.server.address() as AddressInfo).port;
  return {
    ...{ lines, traces, mails, messages },
    logger: createLogger({ level: 'trace', destination: { write: (line: string) => void lines.push(line) } }),
    settings: {
      'telemetry.otlp.endpoint': `http://127.0.0.1:${otlp}`,
      'telemetry.otlp.sampling': 1,
      'telemetry.otlp.queue': 100_000,
      'notices.mail.host': '127.0.0.1',
      'notices.mail.port': smtp,
      'notices.mail.tls': 'none',
      'notices.mail.from': 'notices@brain.example',
      'notices.mail.perMinute': 6000,
    },
    declare(root) {
      mkdirSync(join(root, 'channels'), { recursive: true });
      const body =
        '{ "to": "{to}", "title": "{title.zh} {title.en}", "text": "{text.zh} {text.en}", "link": "{link}" }';
      writeFileSync(
        join(root, 'channels', `${CHANNEL}.yaml`),
        `title: { zh: 试验工作群, en: Chat of the test }\naddress: handle\nurl: http://127.0.0.1:${hook}/\nbody: '${body}'\nlimits: { perMinute: 6000 }\n`,
      );
    },
    async end() {
      for (const server of [collector, receiver]) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
      await new Promise<void>((resolve) => post.close(() => resolve()));
    },
  };
}
