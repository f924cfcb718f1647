/**
 * Subscriptions measured:
 *
 *   node --import tsx bench/subscriptions.ts kill <folder> [kills of the receiver, 20] [kills of the hub, 4] [partitions, 1]
 *   node --import tsx bench/subscriptions.ts fan <folder> [changes, 1000000] [subscribers, 50]
 *
 * `kill`: records change all the time while the receiver, and a few times the hub, is killed (SIGKILL) at random moments. Afterwards what the
 * receiver kept is held against the hub's log: every change, in order for each record, none lost; repeats are counted. Ends with an error otherwise.
 * `fan`: so many changes found at once and pushed to so many subscribers with grants of their own, over HTTP to a process that counts and checks;
 * and, in the same run, the obvious way on a part: one POST for each event, one after another.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openDuckDbLake } from '../hub/src/platform/lake/index.ts';

const [what = 'kill', folder = '', a, b, c] = process.argv.slice(2);
if (!folder) throw new Error('a folder is needed');
const PORT = Number(process.env.BENCH_PORT ?? 9240);
const script = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const options = { execArgv: ['--import', 'tsx'], serialization: 'advanced' as const };

class Hub {
  readonly process: ChildProcess;
  #n = 0;
  readonly #waiting = new Map<number, { resolve: (v: never) => void; reject: (e: Error) => void }>();
  readonly ready: Promise<unknown>;

  constructor(path: string) {
    this.process = fork(script('./subscriptions-hub.ts'), [path], options);
    this.ready = new Promise((resolve, reject) => {
      this.#waiting.set(0, { resolve: resolve as never, reject });
    });
    this.process.on('message', ({ n, answer, error }: { n: number; answer: never; error?: string }) => {
      const waiting = this.#waiting.get(n);
      this.#waiting.delete(n);
      if (error) waiting?.reject(new Error(error));
      else waiting?.resolve(answer);
    });
    this.process.on('exit', () => {
      for (const w of this.#waiting.values()) w.reject(new Error('the hub ended'));
    });
  }

  ask<T>(order: Record<string, unknown>): Promise<T> {
    const n = ++this.#n;
    this.process.send({ ...order, n });
    return new Promise((resolve, reject) => this.#waiting.set(n, { resolve: resolve as never, reject }));
  }

  async end(): Promise<void> {
    const gone = new Promise((resolve) => this.process.once('exit', resolve));
    await this.ask({ do: 'end' }).catch(() => undefined);
    await gone;
  }
}

async function receiver(...args: string[]): Promise<ChildProcess> {
  const child = fork(script('./subscriptions-receiver.ts'), args, options);
  await new Promise((resolve) => child.once('message', resolve));
  return child;
}

const killed = (child: ChildProcess): Promise<unknown> => {
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  return gone;
};

async function kill(): Promise<void> {
  const [receiverKills, hubKills, partitions] = [Number(a ?? 20), Number(b ?? 4), Number(c ?? 1)];
  const data = join(folder, 'kill');
  const kept = join(data, 'received.txt');
  rmSync(data, { recursive: true, force: true });
  mkdirSync(data, { recursive: true });
  const began = performance.now();
  let hub = new Hub(join(data, 'hub'));
  await hub.ready;
  let taker = await receiver('keep', String(PORT), kept);
  await hub.ask({ do: 'fill', from: 1, to: 20_000 });
  await hub.ask({ do: 'subscribe', url: `http://127.0.0.1:${PORT}`, partitions });
  await hub.ask({ do: 'change' });
  const lines = () => readFileSync(kept, 'latin1').split('\n').length;
  const turns = Array.from({ length: receiverKills + hubKills }, (_, i) =>
    i % Math.ceil((receiverKills + hubKills) / Math.max(hubKills, 1)) === 3 && hubKills ? 'hub' : 'receiver',
  );
  const done = { receiver: 0, hub: 0 };
  for (let i = 0; done.receiver < receiverKills || done.hub < hubKills; i++) {
    const before = lines();
    // Until something has come, and then a random while: in the middle of a message as well as between two.
    while (lines() === before) await pause(20);
    await pause(Math.random() * 400);
    const turn = turns[i] === 'hub' && done.hub < hubKills ? 'hub' : done.receiver < receiverKills ? 'receiver' : 'hub';
    done[turn] += 1;
    if (turn === 'receiver') {
      await killed(taker);
      await pause(Math.random() * 300);
      taker = await receiver('keep', String(PORT), kept);
    } else {
      await killed(hub.process);
      hub = new Hub(join(data, 'hub'));
      await hub.ready;
      await hub.ask({ do: 'change' });
    }
    console.error(`${turn} killed (${done.receiver} + ${done.hub}), ${lines()} events kept`);
  }
  await hub.ask({ do: 'rest' });
  await hub.ask({ do: 'find' });
  await hub.ask({ do: 'push' });
  await hub.end();
  await killed(taker);
  const result = await judge(join(data, 'hub'), kept, partitions);
  const seconds = Math.round((performance.now() - began) / 1000);
  console.log(JSON.stringify({ bench: 'subscriptions kill', kills: done, partitions, seconds, ...result }));
  if (result.lost || result.disorder || result.strange || result.brokenChain) process.exitCode = 1;
}

/** What was kept against what was logged. */
async function judge(data: string, kept: string, partitions: number) {
  const lake = await openDuckDbLake({ path: join(data, 'lake.duckdb') });
  const logged = await lake.query<{ seq: number; change: number }>('SELECT seq, change FROM sub.change ORDER BY seq');
  await lake.close();
  const kinds = { 1: 'added', 0: 'changed', '-1': 'removed' } as Record<string, string>;
  const expected = new Map(logged.map((l) => [Number(l.seq), kinds[String(l.change)]]));
  const seen = new Set<number>();
  const last = new Map<string, number>();
  let [lines, repeats, disorder, strange, brokenChain] = [0, 0, 0, 0, 0];
  for (const line of readFileSync(kept, 'utf8').trim().split('\n')) {
    const [text, subject, type, previous] = line.split(' ') as [string, string, string, string];
    const seq = Number(text);
    lines += 1;
    if (expected.get(seq) !== type.split('.')[3]) strange += 1;
    if (seen.has(seq)) {
      repeats += 1;
      continue;
    }
    seen.add(seq);
    // In order for each record, and in a plain stream for all of them; nothing comes before what it says came before it.
    if (seq < (last.get(subject) ?? 0) || (partitions === 1 && seq < (last.get('') ?? 0))) disorder += 1;
    if (previous !== '-' && !seen.has(Number(previous))) brokenChain += 1;
    last.set(subject, seq);
    last.set('', seq);
  }
  return {
    changes: expected.size,
    received: lines,
    lost: expected.size - seen.size,
    repeats,
    disorder,
    strange,
    brokenChain,
  };
}

async function fan(): Promise<void> {
  const [changes, subscribers] = [Number(a ?? 1_000_000), Number(b ?? 50)];
  const data = join(folder, 'fan');
  rmSync(data, { recursive: true, force: true });
  mkdirSync(data, { recursive: true });
  const hub = new Hub(join(data, 'hub'));
  await hub.ready;
  const takers = await receiver('count', String(PORT), String(subscribers));
  await hub.ask({ do: 'fill', from: 1, to: 2 });
  const made = await hub.ask<{ id: number; secret: string }[]>({
    do: 'subscribe',
    url: `http://127.0.0.1:${PORT}`,
    count: subscribers,
  });
  takers.send({ secrets: made.map((m, n) => [String(n), m.secret]) });
  await hub.ask({ do: 'fill', from: 2, to: changes + 2 });
  const found = await hub.ask<{ added: number; seconds: number }>({ do: 'find' });
  console.error(`${found.added} changes found in ${found.seconds.toFixed(1)} s`);
  const pushed = await hub.ask<{ seconds: number; cpuSeconds: number; peakMiB: number }>({ do: 'push' });
  const told = new Promise<{
    state: { events: number; disorder: number; repeats: number; unsigned: number; messages: number; bytes: number }[];
  }>((resolve) => takers.once('message', resolve as never));
  takers.send({ tell: true });
  const { state } = await told;
  const sum = (of: (s: (typeof state)[number]) => number) => state.reduce((n, s) => n + of(s), 0);
  const plain = await oneByOne(Math.min(changes, 5_000));
  await hub.end();
  await killed(takers);
  const events = sum((s) => s.events);
  const rate = events / pushed.seconds;
  const result = {
    ...{
      changes,
      subscribers,
      found: found.added,
      findSeconds: found.seconds,
      events,
      messages: sum((s) => s.messages),
    },
    ...{
      gigabytes: Math.round(sum((s) => s.bytes) / 1e7) / 100,
      pushSeconds: pushed.seconds,
      eventsPerSecond: Math.round(rate),
    },
    ...{
      hubCpuSeconds: pushed.cpuSeconds,
      peakMiB: pushed.peakMiB,
      plainPerSecond: plain,
      times: Math.round(rate / plain),
    },
    ...{ complete: state.every((s) => s.events === changes), repeats: sum((s) => s.repeats) },
    ...{ disorder: sum((s) => s.disorder), unsigned: sum((s) => s.unsigned) },
  };
  console.log(JSON.stringify({ bench: 'subscriptions fan', ...result }));
  if (!result.complete || result.disorder || result.unsigned) process.exitCode = 1;
}

/** The obvious way: an object for every event, one POST for each, the next one when it was taken. Nothing is kept on disk. */
async function oneByOne(count: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const began = performance.now();
  for (let n = 0; n < count; n++) {
    const data = {
      permit_no: `JY${n}`,
      comp_nm: '慈溪市食品经营有限公司',
      address: '慈溪市浒山街道新城大道1号',
      valid_from: '2024-01-01',
      valid_to: '2027-01-01',
      fee: '1.0000',
      state: '有效',
      staff: n,
    };
    const body = JSON.stringify({
      specversion: '1.0',
      id: String(n),
      source: 'urn:plain',
      type: 'added',
      subject: String(n),
      sequence: String(n),
      data,
    });
    await new Promise<void>((resolve, reject) => {
      const sent = request(
        {
          host: '127.0.0.1',
          port: PORT,
          path: '/plain',
          method: 'POST',
          agent,
          headers: { 'content-length': Buffer.byteLength(body) },
        },
        (answer) => {
          answer.resume();
          answer.on('end', resolve);
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
  }
  agent.destroy();
  return Math.round(count / ((performance.now() - began) / 1000));
}

await (what === 'fan' ? fan() : kill());
