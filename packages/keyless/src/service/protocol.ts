/**
 * The server's side of the aggregation and extension protocols: messages in, messages out, whatever came. The transport carries every answer
 * alike (HTTP: status 200 also for refusals, since existing clients read nothing else).
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { KeylessError } from '../errors.ts';
import {
  type AggregationRequest,
  type ExtensionRequest,
  PDU,
  type Pdu,
  type PduHeader,
  readPdu,
  writePdu,
} from '../format/pdu.ts';
import { readTlv, type Tlv, writeTlv } from '../format/tlv.ts';
import { integerBytes, string, stringBytes } from '../format/values.ts';
import { algorithmOf } from '../hash/algorithms.ts';
import type { Client, Limits, ServiceOptions, ServiceStatus } from './options.ts';
import { Refusal, refusalOf, refuse, STATUS } from './refusal.ts';

/** What the protocol needs of a service. */
export interface Served {
  readonly now: number;
  status(): ServiceStatus;
  enqueue(asked: {
    hash: Uint8Array;
    level: number;
    origin: { clientId: string };
    request: bigint;
    client: string;
  }): Promise<Uint8Array>;
  extension(aggregationTime: bigint, publicationTime?: bigint): Promise<{ chain: Uint8Array; last?: bigint }>;
}

/** Algorithms that a client's MACs may have where none is fixed for it: what is not deprecated. */
const macAlgorithms = new Set([0x01, 0x04, 0x05, 0x07, 0x08, 0x09, 0x0a, 0x0b]);

/** Bytes of a login at most. */
const MOST_LOGIN = 255;

/** Milliseconds of a round, as told to clients. */
const PERIOD = 1000;

/** A client whose MAC was right. */
interface Caller {
  header: PduHeader;
  client: Client;
  macAlgorithm: number;
}

/** Both servers of one service. */
export class Protocol {
  readonly #service: Served;
  readonly #options: ServiceOptions;
  readonly #limits: Limits;
  /** Requests of logins in the present second. */
  #counted = { second: 0, logins: new Map<string, number>() };
  /** Requests that wait, by login, number, level and hash: the same one again is the same leaf. */
  readonly #waiting = new Map<string, Promise<Uint8Array>>();

  constructor(service: Served, options: ServiceOptions, limits: Limits) {
    this.#service = service;
    this.#options = options;
    this.#limits = limits;
  }

  /** Answers a message of the aggregation protocol; never rejects. */
  aggregation(body: Uint8Array): Promise<Uint8Array> {
    return this.#answer(body, PDU.aggregationRequest, PDU.aggregationResponse, async (pdu, caller) => {
      const signed = pdu.aggregationRequests.map((request) => this.#sign(request, caller));
      const answers = fitting(await Promise.all(signed), pdu.aggregationRequests);
      if (pdu.configAsked) answers.push(this.#configuration());
      if (pdu.acknowledged)
        answers.push(writeTlv(0x05, [writeTlv(0x01, integerBytes(PERIOD)), writeTlv(0x02, integerBytes(PERIOD))]));
      return answers;
    });
  }

  /** Answers a message of the extension protocol; never rejects. */
  extension(body: Uint8Array): Promise<Uint8Array> {
    return this.#answer(body, PDU.extensionRequest, PDU.extensionResponse, async (pdu, caller) => {
      const chains = pdu.extensionRequests.map((request) => this.#extend(request, caller));
      const answers = fitting(await Promise.all(chains), pdu.extensionRequests);
      if (pdu.configAsked) answers.push(this.#calendarConfiguration());
      return answers;
    });
  }

  async #answer(
    body: Uint8Array,
    asked: number,
    type: number,
    work: (pdu: Pdu, caller: Caller) => Promise<Uint8Array[]>,
  ): Promise<Uint8Array> {
    let caller: Caller | undefined;
    try {
      if (body.length > this.#limits.maxPdu) refuse(STATUS.tooLong, 'pdu.long', '消息过长', 'the message is too long');
      caller = this.#caller(body);
      const { key } = caller.client;
      const pdu = this.#payloads(body, asked, caller, key);
      const payloads = await work(pdu, caller);
      return writePdu(type, caller.header, payloads, key, caller.macAlgorithm);
    } catch (error) {
      const { status, message } = refusalOf(error);
      const payload = writeTlv(0x03, [
        writeTlv(0x04, integerBytes(status)),
        writeTlv(0x05, stringBytes(plain(message))),
      ]);
      // Who is not known gets an answer without header and MAC: there is no key to make one with.
      if (!caller) return writeTlv(type, payload);
      return writePdu(type, caller.header, [payload], caller.client.key, caller.macAlgorithm);
    }
  }

  /** Who asks: login and MAC are looked at before anything else of the message. */
  #caller(body: Uint8Array): Caller {
    const invalid = (): never =>
      refuse(STATUS.invalidRequest, 'pdu.invalid', '不是有效的请求消息', 'not a valid request message');
    let header: Tlv;
    let login: string;
    let mac: Uint8Array;
    try {
      const outer = readTlv(body, 0, 0);
      if (outer.bytes.length !== body.length) invalid();
      header = readTlv(outer.value, 0, 0);
      const name = readTlv(header.value, 0, 0);
      if (header.tag !== 0x01 || name.tag !== 0x01) invalid();
      login = string(name);
      mac = lastChild(outer.value);
    } catch (error) {
      if (error instanceof Refusal) throw error;
      return invalid();
    }
    const denied = (): never =>
      refuse(STATUS.authentication, 'pdu.authentication', '登录名或消息认证码不符', 'unknown login or wrong MAC');
    const client = Buffer.byteLength(login) > MOST_LOGIN ? undefined : this.#options.clients?.(login);
    const macAlgorithm = mac[0]!;
    const length = algorithmOf(macAlgorithm)?.length;
    if (!client || client.disabled || length === undefined || mac.length !== length + 1) return denied();
    if (client.algorithm === undefined ? !macAlgorithms.has(macAlgorithm) : client.algorithm !== macAlgorithm) denied();
    const made = createHmac(algorithmOf(macAlgorithm)!.name, client.key)
      .update(body.subarray(0, body.length - length))
      .digest();
    if (!timingSafeEqual(made, mac.subarray(1))) denied();
    return { header: { login }, client, macAlgorithm };
  }

  #payloads(body: Uint8Array, asked: number, caller: Caller, key: Uint8Array): Pdu {
    let pdu: Pdu;
    try {
      pdu = readPdu(body, [asked], () => key, caller.macAlgorithm);
    } catch (error) {
      if (!(error instanceof KeylessError)) throw error;
      const form = error.code === 'keyless.pdu.type' || error.code === 'keyless.pdu.order';
      const status = form ? STATUS.invalidRequest : STATUS.invalidPayload;
      throw new Refusal(status, error.code.replace(/^keyless\./, ''), error.zh, error.message);
    }
    // Header as it was sent: a client with several messages under way knows its answers by it.
    caller.header = pdu.header!;
    const requests = pdu.aggregationRequests.length + pdu.extensionRequests.length;
    if (requests > this.#limits.maxPayloads) throw tooMany;
    if (requests === 0 && !pdu.configAsked && !pdu.acknowledged)
      refuse(STATUS.invalidRequest, 'pdu.empty', '消息中没有请求', 'there is no request in the message');
    return pdu;
  }

  #count(login: string, most: number): void {
    const second = Math.floor(this.#service.now / 1000);
    if (this.#counted.second !== second) this.#counted = { second, logins: new Map() };
    const { logins } = this.#counted;
    const count = (logins.get(login) ?? 0) + 1;
    if (count > most)
      refuse(STATUS.overQuota, 'pdu.quota', '超过该客户每秒的配额', 'the quota of the client is used up');
    logins.set(login, count);
  }

  async #sign({ id, hash, level }: AggregationRequest, { header, client }: Caller): Promise<Uint8Array> {
    try {
      this.#count(header.login, client.perSecond ?? this.#limits.perSecond);
      // A message that is sent again while its second lasts, by whomever, does not become a second leaf.
      const name = `${header.login}\0${id}\0${level}\0${Buffer.from(hash).toString('latin1')}`;
      let waiting = this.#waiting.get(name);
      if (!waiting) {
        waiting = this.#service
          .enqueue({ hash, level, origin: { clientId: client.organisation }, request: id, client: header.login })
          .finally(() => this.#waiting.delete(name));
        this.#waiting.set(name, waiting);
      }
      const signature = await waiting;
      // The signature's own header has four bytes: it is longer than 255.
      return writeTlv(0x02, [writeTlv(0x01, integerBytes(id)), OK, signature.subarray(4)]);
    } catch (error) {
      return refused(id, refusalOf(error));
    }
  }

  async #extend(request: ExtensionRequest, { header, client }: Caller): Promise<Uint8Array> {
    try {
      this.#count(header.login, client.perSecond ?? this.#limits.perSecond);
      const { chain, last } = await this.#service.extension(request.aggregationTime, request.publicationTime);
      return writeTlv(0x02, [
        writeTlv(0x01, integerBytes(request.id)),
        OK,
        ...(last !== undefined ? [writeTlv(0x12, integerBytes(last))] : []),
        chain,
      ]);
    } catch (error) {
      return refused(request.id, refusalOf(error));
    }
  }

  #configuration(): Uint8Array {
    return writeTlv(0x04, [
      writeTlv(0x01, integerBytes(this.#limits.maxLevel)),
      writeTlv(0x02, integerBytes(this.#service.status().algorithm)),
      writeTlv(0x03, integerBytes(PERIOD)),
      writeTlv(0x04, integerBytes(this.#limits.perSecond)),
      ...(this.#options.uris ?? []).map((uri) => writeTlv(0x10, stringBytes(uri))),
    ]);
  }

  #calendarConfiguration(): Uint8Array {
    const { first, last } = this.#service.status();
    return writeTlv(0x04, [
      writeTlv(0x04, integerBytes(this.#limits.perSecond)),
      ...(this.#options.uris ?? []).map((uri) => writeTlv(0x10, stringBytes(uri))),
      ...(first !== undefined ? [writeTlv(0x11, integerBytes(first))] : []),
      ...(last !== undefined ? [writeTlv(0x12, integerBytes(last))] : []),
    ]);
  }
}

const OK = writeTlv(0x04, integerBytes(0));

/** Bytes of answers that a message can hold beside header, configuration and MAC. */
const ROOM = 0xffff - 4096;

/**
 * Answers as far as a message holds them; those to later requests are refused, so that the client asks again. Only very long signatures (through
 * several services) come to this: the bound on requests in a message keeps others away from it.
 */
function fitting(answers: Uint8Array[], requests: readonly { id: bigint }[]): Uint8Array[] {
  let room = ROOM - requests.length * 64;
  return answers.map((answer, i) => {
    if (answer.length > room && answer.length > 64) return refused(requests[i]!.id, tooMany);
    room -= answer.length;
    return answer;
  });
}

const tooMany = new Refusal(STATUS.tooMany, 'pdu.many', '一条消息中的请求过多', 'too many requests for one message');

const refused = (id: bigint, why: Refusal): Uint8Array =>
  writeTlv(0x02, [
    writeTlv(0x01, integerBytes(id)),
    writeTlv(0x04, integerBytes(why.status)),
    writeTlv(0x05, stringBytes(plain(why.message))),
  ]);

/** Words for a client's terminal: no control characters, not long. */
const plain = (text: string): string => text.replaceAll(/\p{Cc}/gu, ' ').slice(0, 200);

/** Value of the last child, which must be a MAC. */
function lastChild(value: Uint8Array): Uint8Array {
  let last: Tlv | undefined;
  for (let at = 0; at < value.length; at += last.bytes.length) last = readTlv(value, at, 0);
  if (last?.tag !== 0x1f) throw new KeylessError('pdu.order', '消息没有 MAC', 'a message without MAC');
  return last.value;
}
