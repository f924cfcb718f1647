/**
 * Receivers of bench/subscriptions.ts in a process of their own. `keep <port> <file>`: one receiver that keeps every event on disk before it
 * answers, and can be killed; `count <port> <subscribers>`: many, which count events and check their order and some of the signatures.
 */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import { createServer } from 'node:http';
import { verified } from '../hub/src/subscriptions/push/sign.ts';

const [mode, port, more = ''] = process.argv.slice(2);
const MARK = Buffer.from('"sequence":"');

if (mode === 'keep') {
  // What a kill left half written was never confirmed.
  if (existsSync(more)) {
    const text = readFileSync(more);
    truncateSync(more, text.lastIndexOf(10) + 1);
  }
  const file = openSync(more, 'a');
  createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const events = [JSON.parse(Buffer.concat(parts).toString())].flat() as Record<string, string>[];
      const lines = events.map(
        (e) => `${Number(e.sequence)} ${e.subject} ${e.type} ${e.previous ? Number(e.previous) : '-'}`,
      );
      writeSync(file, `${lines.join('\n')}\n`);
      fsyncSync(file);
      response.writeHead(204).end();
    });
  }).listen(Number(port), '127.0.0.1', () => process.send?.('ready'));
  process.on('exit', () => closeSync(file));
} else {
  const count = Number(more);
  const secrets = new Map<string, string>();
  const state = Array.from({ length: count }, () => ({
    events: 0,
    messages: 0,
    last: -1,
    disorder: 0,
    repeats: 0,
    unsigned: 0,
    bytes: 0,
  }));
  process.on('message', (message: { secrets?: [string, string][]; tell?: true }) => {
    for (const [path, secret] of message.secrets ?? []) secrets.set(path, secret);
    if (message.tell) process.send!({ state });
  });
  createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const body = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
      const path = request.url!.slice(request.url!.lastIndexOf('/') + 1);
      const mine = state[Number(path)];
      if (mine) {
        mine.messages += 1;
        mine.bytes += body.length;
        const secret = secrets.get(path);
        if (secret && mine.messages % 50 === 1 && !verified(secret, request.headers, body, new Date()))
          mine.unsigned += 1;
        for (let at = body.indexOf(MARK); at >= 0; at = body.indexOf(MARK, at + 28)) {
          const seq = Number(body.toString('latin1', at + 12, at + 28));
          if (seq === mine.last) mine.repeats += 1;
          else if (seq < mine.last) mine.disorder += 1;
          else {
            mine.events += 1;
            mine.last = seq;
          }
        }
      }
      response.writeHead(204).end();
    });
  }).listen(Number(port), '127.0.0.1', () => process.send?.('ready'));
}
process.on('disconnect', () => process.exit(0));
