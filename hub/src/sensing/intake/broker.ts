/**
 * The embedded MQTT broker (3.1.1): sensors publish to `jw/v1/<gateway>/readings` (a batch in any JSON form) or to
 * `jw/v1/<gateway>/<entity>/<property>` (a number, or `{"at", "value", "unit"}`). A message of quality of service 1 or 2 is acknowledged when
 * its readings are on disk; what cannot be kept now is not acknowledged, the connection ends and the client sends it again. Nobody can
 * subscribe: the broker hands nothing on.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { Aedes } from 'aedes';
import type { Clock } from '../../platform/clock.ts';
import type { Logger } from '../../platform/log/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { Gateways } from '../devices/gateways.ts';
import { senderOf } from '../devices/sender.ts';
import { tooFast } from '../problems.ts';
import type { Door } from './door.ts';

/** Bytes of a message at most. */
export const MESSAGE = 1024 * 1024;
/** Connections at most, and messages of one connection that are judged at once. */
const CONNECTIONS = 20_000;
/** Wrong passwords that one address may send in a minute; further ones wait for their answer, so many of them at once. */
const STRANGERS = 60;
const SLOW = 5_000;
const HELD = 200;
/** Messages that one broker has refused, of which the last are shown. */
const FAULTS = 20;

export interface BrokerHost {
  door: Door;
  gateways: Gateways;
  clock: Clock;
  log: Pick<Logger, 'warn' | 'error'>;
}

export interface BrokerOptions {
  host: string;
  port: number;
  /** PEM of key and certificate, for MQTT over TLS. */
  tls?: { key: string; cert: string } | undefined;
}

/** What is shown of the broker. */
export interface BrokerView {
  address: string;
  port: number;
  secure: boolean;
  connections: number;
  messages: number;
  /** Messages that were no batch at all, by the code of the problem, and the last of them. */
  faults: { gateway: string; topic: string; code: string; at: string }[];
  rejected: number;
  /** Wrong passwords of addresses that had sent too many. */
  guesses: number;
}

interface Connected {
  gateway?: string;
}

export class Broker {
  readonly #host: BrokerHost;
  readonly #options: BrokerOptions;
  #aedes: Aedes | undefined;
  #server: Server | undefined;
  readonly #sockets = new Set<Socket>();
  #messages = 0;
  #rejected = 0;
  #guesses = 0;
  readonly #faults: BrokerView['faults'] = [];

  constructor(host: BrokerHost, options: BrokerOptions) {
    this.#host = host;
    this.#options = options;
  }

  /** Listens; answers the port. */
  async start(): Promise<number> {
    const read = new WeakMap<Socket, number>();
    const strangers = new Map<string, { n: number; minute: number }>();
    let held = 0;
    // A guess of 256 random bits is hopeless; what is held up is the load of the guessing.
    const guessed = (address: string): boolean => {
      const minute = Math.floor(this.#host.clock.now().getTime() / 60_000);
      const before = strangers.get(address);
      if (strangers.size > 10_000) strangers.clear();
      const n = before?.minute === minute ? before.n + 1 : 1;
      strangers.set(address, { n, minute });
      return n > STRANGERS;
    };
    this.#aedes = await Aedes.createBroker({
      concurrency: 512,
      heartbeatInterval: 3_600_000,
      authenticate: (client, username, password, done) => {
        const refuse = () => {
          const say = () => done(Object.assign(new Error('not authorized'), { returnCode: 5 as never }), false);
          const socket = client.conn as Socket;
          if (!guessed(socket.remoteAddress ?? '')) return say();
          this.#guesses += 1;
          if (held >= HELD) return void socket.destroy();
          held += 1;
          setTimeout(() => {
            held -= 1;
            say();
          }, SLOW).unref();
        };
        try {
          const gateway = this.#host.gateways.byKey(password?.toString('utf8') ?? '');
          if (gateway.row.id !== username) return refuse();
          (client as unknown as Connected).gateway = gateway.row.id;
          return done(null, true);
        } catch {
          return refuse();
        }
      },
      authorizeSubscribe: (_client, _subscription, done) => done(null, null),
      authorizePublish: (client, packet, done) => {
        const socket = client?.conn as Socket | undefined;
        if (socket) read.set(socket, 0);
        this.#publish((client as unknown as Connected | null)?.gateway, packet.topic, packet.payload).then(
          () => done(null),
          (error: unknown) => {
            // Not acknowledged: the client sends it again when it has come back.
            if (!(error instanceof Problem)) this.#host.log.error({ err: error }, 'a message could not be taken');
            done(error as Error);
          },
        );
      },
    });
    const broker = this.#aedes;
    broker.on('clientError', () => undefined);
    broker.on('connectionError', () => undefined);
    broker.on('ping', (_packet, client) => void read.set(client.conn as Socket, 0));
    const accept = (socket: Socket) => {
      if (this.#sockets.size >= CONNECTIONS) return void socket.destroy();
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.once('close', () => this.#sockets.delete(socket));
      // A message larger than is allowed is not gathered first.
      const plain = socket.read.bind(socket);
      socket.read = (size?: number) => {
        const chunk = plain(size) as Buffer | null;
        if (!chunk) return chunk;
        const bytes = (read.get(socket) ?? 0) + chunk.length;
        read.set(socket, bytes);
        if (bytes <= MESSAGE + 65_536 + chunk.length) return chunk;
        socket.destroy();
        return null;
      };
      broker.handle(socket);
    };
    const { tls, host, port } = this.#options;
    const server = tls ? createTlsServer({ ...tls, minVersion: 'TLSv1.2' }, accept) : createServer(accept);
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, () => {
        server.off('error', reject);
        resolve();
      });
    });
    return (server.address() as { port: number }).port;
  }

  async #publish(id: string | undefined, topic: string, payload: string | Buffer): Promise<void> {
    this.#messages += 1;
    const gateway = id === undefined ? undefined : this.#host.gateways.get(id);
    if (gateway?.row.state !== 'active') throw new Error('not authorized');
    const text = typeof payload === 'string' ? payload : payload.toString('utf8');
    try {
      const batch = batchOf(topic, gateway.row.id, text, () => this.#host.clock.now().getTime());
      if (batch === undefined || text.length > MESSAGE) return this.#fault(gateway.row.id, topic, 'topic');
      for (;;) {
        try {
          await this.#host.door.take(senderOf(gateway), 'json', batch);
          return;
        } catch (error) {
          // Who is too fast is held up: without an acknowledgement its window fills.
          if (!(error instanceof Problem) || error.kind !== tooFast) throw error;
          const seconds = Number(error.params.seconds);
          if (seconds > 30) throw error;
          await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
        }
      }
    } catch (error) {
      // What is no batch will be none the next time: it is acknowledged, counted and shown.
      if (error instanceof Problem && error.kind.status < 500 && error.kind !== tooFast)
        return this.#fault(gateway.row.id, topic, error.kind.code);
      throw error;
    }
  }

  #fault(gateway: string, topic: string, code: string): undefined {
    this.#rejected += 1;
    this.#faults.unshift({ gateway, topic: topic.slice(0, 200), code, at: this.#host.clock.now().toISOString() });
    this.#faults.length = Math.min(this.#faults.length, FAULTS);
  }

  view(): BrokerView {
    const { port } = (this.#server?.address() ?? { port: 0 }) as { port: number };
    return {
      ...{ address: this.#options.host, port, secure: Boolean(this.#options.tls), connections: this.#sockets.size },
      ...{ messages: this.#messages, faults: [...this.#faults], rejected: this.#rejected, guesses: this.#guesses },
    };
  }

  /** Ends every connection; what is not acknowledged is sent again to who comes after. */
  async stop(): Promise<void> {
    const server = this.#server;
    for (const socket of this.#sockets) socket.destroy();
    if (server) await new Promise<void>((resolve) => server.close(() => resolve()));
    if (this.#aedes) await new Promise<void>((resolve) => this.#aedes!.close(() => resolve()));
  }
}

/** The batch in a message; undefined where the topic is not the gateway's. */
export function batchOf(topic: string, gateway: string, text: string, now: () => number): string | undefined {
  const parts = topic.split('/');
  if (parts[0] !== 'jw' || parts[1] !== 'v1' || parts[2] !== gateway) return undefined;
  if (parts.length === 4 && parts[3] === 'readings') return text;
  if (parts.length !== 5) return undefined;
  const [, , , entity, property] = parts;
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = text.slice(0, 100);
  }
  const said = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : { value: body };
  const { at = now(), value, unit } = said;
  return JSON.stringify([{ entity, property, at, value: value ?? null, ...(unit === undefined ? {} : { unit }) }]);
}
