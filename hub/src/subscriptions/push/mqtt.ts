/**
 * Pushes to an MQTT broker (3.1.1 or 5) with quality of service 1: a message counts as sent when the broker has acknowledged it (PUBACK). The
 * connection is made through the same judged look-up as webhooks and made anew by the next try; nothing waits in a queue of the client.
 */
import { randomBytes } from 'node:crypto';
import { connect as netConnect } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { MqttClient } from 'mqtt';
import type { Networks } from '../../platform/networks/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { Message } from '../log/events.ts';
import { badAddress, badTopic, pushProblems } from '../problems.ts';
import { accepted, failure, faultOf, type Outcome, type Transport } from './outcome.ts';
import { type PushLimits, pushLimits } from './webhook.ts';

/** Where messages go and how. */
export interface MqttTarget {
  /** `mqtts://host:8883` or `mqtt://host:1883`. */
  url: string;
  version: 4 | 5;
  /** Topic with `{subscription}`, `{source}`, `{partition}` and, of single events, `{record}` and `{change}`. */
  topic: string;
  user?: string | null;
  ca?: string | null;
}

const PLACES = ['subscription', 'source', 'partition'];
const SINGLE = ['record', 'change'];

/** Checks a broker's address. */
export function brokerUrl(text: string, networks: Networks): URL {
  const bad = (reason: string) => new Problem(badAddress, { reason }, { field: 'target.url' });
  if (text.length > 2000 || !URL.canParse(text)) throw bad('不是网址 / not a URL');
  const url = new URL(text);
  if (url.protocol !== 'mqtts:' && url.protocol !== 'mqtt:') throw bad('只支持 mqtts 和 mqtt / mqtts or mqtt only');
  if (!url.hostname || url.username || url.password || url.hash || url.search || !/^\/?$/.test(url.pathname))
    throw bad('只写主机和端口 / host and port only');
  networks.checkLiteral(hostOf(url));
  return url;
}

/** Addresses of schemes that the URL standard does not know are not normalised by it: `mqtt://2130706433` stays as written. */
function hostOf(url: URL): string {
  const host = url.hostname;
  return URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : host;
}

/** Checks a topic's template. */
export function checkTopic(template: string, batch: number): void {
  const bad = (reason: string) => new Problem(badTopic, { reason }, { field: 'target.topic' });
  if (!template || Buffer.byteLength(template) > 500) throw bad('1–500 字节 / 1 to 500 bytes');
  if (/[+#\0]/.test(template) || template.startsWith('$'))
    throw bad('不得含 + # 或以 $ 开头 / no wildcards, no $ at its start');
  for (const [, name] of template.matchAll(/\{([^}]*)\}/g)) {
    if (PLACES.includes(name!)) continue;
    if (!SINGLE.includes(name!)) throw bad(`{${name}}`);
    if (batch > 1) throw bad(`{${name}}：仅在每条消息一个事件时可用 / only with one event a message`);
  }
}

/** The topic of a message. */
export const topicOf = (
  template: string,
  places: { subscription: number; source: string; partition: number; record: string | null; change: string | null },
): string =>
  template.replace(/\{(\w+)\}/g, (_, name: keyof typeof places) => String(places[name] ?? '').replace(/[+#/\0]/g, '_'));

/** A connection, and what rejects when it is lost. */
interface Line {
  client: MqttClient;
  lost: Promise<never>;
}

/** One broker of one subscription. Its partitions share the connection. */
export class Mqtt implements Transport {
  readonly #target: MqttTarget & { password: string | null };
  readonly #of: { subscription: number; source: string };
  readonly #networks: Networks;
  readonly #limits: PushLimits;
  #line: Line | undefined;
  #connecting: Promise<Line> | undefined;

  constructor(
    target: MqttTarget & { password: string | null },
    of: { subscription: number; source: string },
    networks: Networks,
    limits = pushLimits,
  ) {
    this.#target = target;
    this.#of = of;
    this.#networks = networks;
    this.#limits = limits;
  }

  async send(message: Message, _secrets: readonly string[], signal: AbortSignal): Promise<Outcome> {
    let end: (outcome: Outcome) => void = () => undefined;
    const stopped = new Promise<Outcome>((resolve) => {
      end = resolve;
    });
    const late = setTimeout(() => end(failure(pushProblems.timeout)), this.#limits.answerMs);
    const stop = () => end(failure(pushProblems.stopped));
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    try {
      const used: { line?: Line } = {};
      const outcome = await Promise.race([stopped, this.#publish(message, used)]);
      // Who did not answer in time may never do so on this connection; others that wait on it hear that it is lost.
      if (!outcome.ok && (!used.line || used.line === this.#line)) this.#drop();
      return outcome;
    } finally {
      clearTimeout(late);
      signal.removeEventListener('abort', stop);
    }
  }

  async #publish(message: Message, used: { line?: Line }): Promise<Outcome> {
    try {
      const line = await this.#connected();
      used.line = line;
      const { subject: record, kind: change, partition } = message;
      const topic = topicOf(this.#target.topic, { ...this.#of, partition, record, change });
      const properties =
        this.#target.version === 5
          ? { properties: { contentType: message.contentType, userProperties: { 'message-id': message.id } } }
          : {};
      // Each try has a packet of its own: an acknowledgement that comes too late for one is never taken for that of another. Whoever
      // waits hears of a lost connection at once.
      const sent = line.client.publishAsync(topic, Buffer.from(message.body), { qos: 1, ...properties });
      await Promise.race([sent, line.lost]);
      return accepted(null);
    } catch (error) {
      const code = (error as { code?: unknown }).code;
      // A reason code of the broker (MQTT 5) or its answer to CONNECT: it is there and says no.
      if (typeof code === 'number') return failure(pushProblems.broker, { status: code });
      return faultOf(error);
    }
  }

  #connected(): Promise<Line> {
    if (this.#line?.client.connected) return Promise.resolve(this.#line);
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  async #connect(): Promise<Line> {
    this.#drop();
    const url = new URL(this.#target.url);
    const host = hostOf(url).replace(/^\[|\]$/g, '');
    try {
      this.#networks.checkLiteral(host);
    } catch {
      throw Object.assign(new Error('inside network'), { code: 'EINSIDE' });
    }
    const secure = url.protocol === 'mqtts:';
    const port = Number(url.port || (secure ? 8883 : 1883));
    const { lookup } = this.#networks;
    const stream = () =>
      secure
        ? tlsConnect({
            host,
            port,
            lookup,
            ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }),
            ...(this.#target.ca ? { ca: this.#target.ca } : {}),
          })
        : netConnect({ host, port, lookup });
    const client = new MqttClient(stream, {
      ...{ clientId: `jingwei-${this.#of.subscription}-${randomBytes(6).toString('hex')}`, clean: true },
      ...{ protocolVersion: this.#target.version, protocolId: 'MQTT', reconnectPeriod: 0, keepalive: 30 },
      ...{ connectTimeout: this.#limits.connectMs, resubscribe: false },
      ...(this.#target.user ? { username: this.#target.user } : {}),
      ...(this.#target.password ? { password: this.#target.password } : {}),
    });
    const lost = new Promise<never>((_, reject) => {
      // Listened to for as long as the client lives: an error nobody hears would end the hub.
      client.on('error', reject);
      client.once('close', () => reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
    });
    lost.catch(() => undefined);
    const line = { client, lost };
    this.#line = line;
    const connected = new Promise<void>((resolve) => client.once('connect', () => resolve()));
    try {
      await Promise.race([connected, lost]);
    } catch (error) {
      client.end(true);
      throw error;
    }
    return line;
  }

  #drop(): void {
    const line = this.#line;
    this.#line = undefined;
    line?.client.end(true);
  }

  async close(): Promise<void> {
    this.#drop();
  }
}
