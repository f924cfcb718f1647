/**
 * Outside brokers (外部消息服务器): the hub subscribes, with MQTT 5 as a member of a shared subscription, and confirms a message when its
 * readings are on disk. A broker that vanishes is tried again, later each time; what it holds for us comes when it is back.
 */
import { randomBytes } from 'node:crypto';
import { connect as netConnect, type Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { sql } from 'kysely';
import { type IPublishPacket, MqttClient } from 'mqtt';
import { Problem } from '../../platform/problem.ts';
import { MESSAGE } from '../intake/broker.ts';
import { badBroker } from '../problems.ts';
import type { SensingRoom } from '../room.ts';
import { senderOf } from './sender.ts';

/** A broker as it is kept. */
export interface BrokerRow {
  id: number;
  title: string;
  url: string;
  protocol: 4 | 5;
  topic: string;
  share_group: string | null;
  gateway: string;
  username: string | null;
  salt: Uint8Array | null;
  ciphertext: Uint8Array | null;
  token: string | null;
  ca: string | null;
  active: boolean;
  version: number;
  created_by: string;
  created_at: Date;
}

/** How a broker is doing. */
export interface BrokerState {
  state: 'connected' | 'waiting' | 'connecting' | 'off';
  since: string | null;
  /** Tries that failed in a row, and when the next is made. */
  failures: number;
  next: string | null;
  error: string | null;
  messages: number;
}

/** Milliseconds before the n-th try anew. */
export const backOff = (n: number, random = Math.random): number =>
  Math.min(300_000, 1000 * 2 ** Math.min(n, 9)) * (0.75 + random() / 2);

/** Checks what a broker is told to be; problems `sensing.broker`, `network.inside`. */
export function checkBroker(
  room: Pick<SensingRoom, 'networks'>,
  b: Pick<BrokerRow, 'url' | 'protocol' | 'topic' | 'share_group'>,
): URL {
  const bad = (zh: string, en: string) => new Problem(badBroker, { zh, en });
  if (!URL.canParse(b.url)) throw bad('不是网址', 'not a URL');
  const url = new URL(b.url);
  if (url.protocol !== 'mqtt:' && url.protocol !== 'mqtts:') throw bad('只支持 mqtt 与 mqtts', 'mqtt or mqtts only');
  if (!url.hostname || url.username || url.password || url.search || url.hash || !/^\/?$/.test(url.pathname))
    throw bad('只写主机和端口', 'host and port only');
  if (
    !b.topic ||
    Buffer.byteLength(b.topic) > 500 ||
    b.topic.includes('\0') ||
    b.topic.startsWith('$') ||
    !/^(?:[^#+]|(?<=^|\/)\+(?=\/|$)|(?<=^|\/)#$)+$/.test(b.topic)
  )
    throw bad('主题不合规', 'the topic is not allowed');
  if (b.share_group !== null && (b.protocol !== 5 || !/^[\w.-]{1,60}$/.test(b.share_group)))
    throw bad('共享订阅须用 MQTT 5，组名为字母数字', 'a shared subscription needs MQTT 5 and a plain name');
  room.networks.checkLiteral(url.hostname);
  return url;
}

class Line {
  readonly row: BrokerRow;
  readonly #room: SensingRoom;
  #client: MqttClient | undefined;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;
  readonly state: BrokerState = {
    ...{ state: 'connecting', since: null, failures: 0, next: null, error: null, messages: 0 },
  };
  readonly #id: string;

  constructor(row: BrokerRow, room: SensingRoom) {
    this.row = row;
    this.#room = room;
    // The same name at every connection: with a session that is kept the broker holds what we could not take.
    this.#id = `jingwei-${room.deps.config.city}-${row.id}`;
    this.#connect();
  }

  #connect(): void {
    if (this.#ended) return;
    const { row } = this;
    this.state.state = 'connecting';
    this.state.next = null;
    const url = checkBroker(this.#room, row);
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const secure = url.protocol === 'mqtts:';
    const port = Number(url.port || (secure ? 8883 : 1883));
    const { lookup } = this.#room.networks;
    const stream = (): Socket =>
      secure
        ? tlsConnect({
            host,
            port,
            lookup,
            ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }),
            ...(row.ca ? { ca: row.ca } : {}),
          })
        : netConnect({ host, port, lookup });
    const password =
      row.token && row.salt && row.ciphertext
        ? this.#room.secrets.open({ token: row.token, salt: row.salt, ciphertext: row.ciphertext })
        : undefined;
    const five = row.protocol === 5;
    const client = new MqttClient(stream, {
      clientId: five && row.share_group ? `${this.#id}-${randomBytes(4).toString('hex')}` : this.#id,
      ...{
        protocolVersion: row.protocol,
        protocolId: 'MQTT',
        reconnectPeriod: 0,
        keepalive: 30,
        connectTimeout: 15_000,
      },
      ...{ clean: five && row.share_group !== null, resubscribe: false },
      // No more than this many messages are on their way to us, so that what we cannot take yet waits at the broker.
      ...(five
        ? { properties: { receiveMaximum: 64, maximumPacketSize: MESSAGE, sessionExpiryInterval: 86_400 } }
        : {}),
      ...(row.username ? { username: row.username } : {}),
      ...(password === undefined ? {} : { password }),
    });
    this.#client = client;
    // The acknowledgement of a message waits for this.
    client.handleMessage = (packet, done) => {
      this.#take(packet as IPublishPacket).then(
        () => done(),
        (error: unknown) => {
          this.#room.deps.log.warn({ err: error, broker: row.id }, 'a message of an outside broker could not be kept');
          // Not acknowledged: the broker gives it again when we come back.
          this.#fail(client, error);
        },
      );
    };
    client.on('error', (error) => this.#fail(client, error));
    client.on('close', () => this.#fail(client, new Error('the connection was closed')));
    client.on('connect', () => {
      const topic = row.share_group ? `$share/${row.share_group}/${row.topic}` : row.topic;
      client.subscribe(topic, { qos: 1 }, (error, granted) => {
        if (error || !granted?.length || granted[0]!.qos > 2)
          return this.#fail(client, error ?? new Error('not subscribed'));
        Object.assign(this.state, { state: 'connected', since: this.#now(), failures: 0, error: null });
      });
    });
  }

  #now(): string {
    return new Date(this.#room.now()).toISOString();
  }

  async #take(packet: IPublishPacket): Promise<void> {
    this.state.messages += 1;
    const gateway = this.#room.gateways.get(this.row.gateway);
    if (gateway?.row.state !== 'active') return;
    const text = packet.payload.toString('utf8');
    for (let tries = 0; ; tries++) {
      try {
        await this.#room.door.take(senderOf(gateway), 'json', text);
        return;
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        // What is no batch will be none the next time.
        if (error.kind.status < 500 && error.kind.status !== 429) {
          this.state.error = error.kind.code;
          return;
        }
        if (tries >= 5) throw error;
        await new Promise((resolve) => setTimeout(resolve, Math.min(30, Number(error.params.seconds ?? 2)) * 1000));
      }
    }
  }

  #fail(client: MqttClient, error: unknown): void {
    if (client !== this.#client) return;
    this.#client = undefined;
    client.end(true);
    if (this.#ended) return;
    const wait = backOff(this.state.failures);
    Object.assign(this.state, {
      ...{ state: 'waiting', since: null, failures: this.state.failures + 1 },
      ...{
        next: new Date(this.#room.now() + wait).toISOString(),
        error: String((error as Error).message ?? error).slice(0, 200),
      },
    });
    this.#timer = setTimeout(() => this.#connect(), wait);
    this.#timer.unref();
  }

  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    const client = this.#client;
    this.#client = undefined;
    client?.end(true);
  }
}

export class OutsideBrokers {
  readonly #room: SensingRoom;
  readonly #lines = new Map<number, Line>();

  constructor(room: SensingRoom) {
    this.#room = room;
  }

  /** Connects to all that are active. */
  async start(): Promise<void> {
    for (const row of await this.rows()) if (row.active) this.#lines.set(row.id, new Line(row, this.#room));
  }

  async rows(): Promise<BrokerRow[]> {
    return (await sql<BrokerRow>`SELECT * FROM sensing.broker ORDER BY id`.execute(this.#room.deps.db.kysely)).rows;
  }

  /** Takes a changed or new broker up, or lets go of it. */
  async reload(id: number): Promise<void> {
    this.#lines.get(id)?.end();
    this.#lines.delete(id);
    const row = (await this.rows()).find((r) => r.id === id);
    if (row?.active) this.#lines.set(id, new Line(row, this.#room));
  }

  state(id: number): BrokerState {
    return (
      this.#lines.get(id)?.state ?? { state: 'off', since: null, failures: 0, next: null, error: null, messages: 0 }
    );
  }

  async stop(): Promise<void> {
    for (const line of this.#lines.values()) line.end();
    this.#lines.clear();
  }
}
