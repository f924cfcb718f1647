/** Messages of the aggregation and extension protocols (version 2): header, payloads, and a MAC over all of it. */
import { hmac } from '#digest';
import { fail, KeylessError } from '../errors.ts';
import { algorithmOf } from '../hash/algorithms.ts';
import { HashUnavailable } from '../hash/imprint.ts';
import { type CalendarChain, readCalendarChain } from './calendar.ts';
import { eachChild, readOnly, type Tlv, writeTlv } from './tlv.ts';
import { imprintValue, integer, integerBytes, needed, once, string, stringBytes } from './values.ts';

/** What kind of message. */
export const PDU = {
  aggregationRequest: 0x220,
  aggregationResponse: 0x221,
  extensionRequest: 0x320,
  extensionResponse: 0x321,
} as const;

/** Who speaks. */
export interface PduHeader {
  login: string;
  instance?: bigint;
  message?: bigint;
}

/** An error of a server: status other than 0. */
export interface PduError {
  status: bigint;
  message?: string;
}

/** A request to sign a hash. */
export interface AggregationRequest {
  id: bigint;
  hash: Uint8Array;
  level: number;
}

/** An answer to it: the parts of a signature, as they are. */
export interface AggregationResponse {
  id: bigint;
  /** 0: done. An answer without it is none. */
  status?: bigint;
  message?: string;
  /** Elements 0x801 … that make the signature 0x800. */
  parts: Tlv[];
}

/** A request for a calendar chain. */
export interface ExtensionRequest {
  id: bigint;
  aggregationTime: bigint;
  /** Absent: to the newest root. */
  publicationTime?: bigint;
}

/** An answer to it. */
export interface ExtensionResponse {
  id: bigint;
  /** 0: done. An answer without it is none. */
  status?: bigint;
  message?: string;
  /** The newest second of the calendar. */
  calendarLast?: bigint;
  chain?: CalendarChain;
}

/** What a server says of itself. */
export interface ServerConfig {
  maxLevel?: bigint;
  algorithm?: bigint;
  /** Milliseconds of a round. */
  period?: bigint;
  maxRequests?: bigint;
  parents: string[];
  calendarFirst?: bigint;
  calendarLast?: bigint;
}

/** A message as read. */
export interface Pdu {
  type: number;
  header?: PduHeader;
  aggregationRequests: AggregationRequest[];
  aggregationResponses: AggregationResponse[];
  extensionRequests: ExtensionRequest[];
  extensionResponses: ExtensionResponse[];
  config?: ServerConfig;
  /** Why what the server says of itself cannot be read. */
  configBroken?: KeylessError;
  configAsked: boolean;
  acknowledged: boolean;
  error?: PduError;
}

const MAC = 0x1f;

/**
 * Reads a message as it stands, for showing it: its MAC is not checked, and nothing in it may be believed. `types`: what is accepted, every kind
 * where it is left out.
 */
export function showPdu(
  bytes: Uint8Array,
  types: readonly number[] = Object.values(PDU),
): { pdu: Pdu; mac: Uint8Array | undefined } {
  const tlv = readOnly(bytes);
  if (!types.includes(tlv.tag))
    fail('pdu.type', `不应有的消息 0x${tlv.tag.toString(16)}`, `an unexpected message 0x${tlv.tag.toString(16)}`, 0);
  const request = tlv.tag === PDU.aggregationRequest || tlv.tag === PDU.extensionRequest;
  const extension = tlv.tag >= 0x300;
  const pdu: Pdu = {
    type: tlv.tag,
    aggregationRequests: [],
    aggregationResponses: [],
    extensionRequests: [],
    extensionResponses: [],
    configAsked: false,
    acknowledged: false,
  };
  let mac: Tlv | undefined;
  let place = 0;
  eachChild(tlv, (child) => {
    const first = place++ === 0;
    if (mac) fail('pdu.order', '消息的 MAC 不在最后', 'the MAC of a message is not last', child.offset);
    switch (child.tag) {
      case 0x01:
        if (!first) fail('pdu.order', '消息头不在最前', 'the header of a message is not first', child.offset);
        pdu.header = readHeader(child);
        return true;
      case 0x02:
        if (request && extension) pdu.extensionRequests.push(readExtensionRequest(child));
        else if (request) pdu.aggregationRequests.push(readAggregationRequest(child));
        else if (extension) pdu.extensionResponses.push(readExtensionResponse(child));
        else pdu.aggregationResponses.push(readAggregationResponse(child));
        return true;
      case 0x03:
        if (request) return false;
        once(pdu.error, child);
        pdu.error = readError(child);
        return true;
      case 0x04:
        if (request) pdu.configAsked = true;
        else {
          // What a server says of itself must not cost the signature that comes with it.
          try {
            pdu.config = readConfig(child);
          } catch (error) {
            if (!(error instanceof KeylessError)) throw error;
            pdu.configBroken = error;
          }
        }
        return true;
      case 0x05:
        if (extension) return false;
        pdu.acknowledged = true;
        return true;
      case MAC:
        mac = child;
        return true;
      default:
        return false;
    }
  });
  if (!pdu.header || !mac) {
    // Only an error may come from a server that does not know who asks.
    if (pdu.error && !pdu.header && !mac) return { pdu, mac: undefined };
    return fail('pdu.header', '消息没有消息头或 MAC', 'a message without header or MAC', 0);
  }
  return { pdu, mac: imprintValue(mac) };
}

/**
 * Reads a message and checks its MAC before anything in it is believed. `key` is the secret of the login (asked with the login of the header;
 * undefined: unknown). Only `macAlgorithm` is accepted. An error message of a server may come without header and MAC.
 */
export function readPdu(
  bytes: Uint8Array,
  types: readonly number[],
  key: (login: string) => Uint8Array | undefined,
  macAlgorithm: number,
): Pdu {
  const { pdu, mac } = showPdu(bytes, types);
  if (!mac) return pdu;
  const secret = key(pdu.header!.login);
  if (!secret || mac[0] !== macAlgorithm || !sameInConstantTime(mac, macOf(bytes, macAlgorithm, secret)))
    fail('pdu.mac', '消息认证码不符', 'the message authentication code is wrong', bytes.length - mac.length);
  return pdu;
}

/** Whether two byte strings are equal, in a time that does not tell where they differ. */
function sameInConstantTime(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length && i < b.length; i++) difference |= a[i]! ^ b[i]!;
  return difference === 0;
}

/** The MAC of a message whose last bytes are the digest: all before it is covered. */
function macOf(bytes: Uint8Array, id: number, key: Uint8Array): Uint8Array {
  const { name, length } = algorithmOf(id)!;
  const digest = hmac(name, key, bytes.subarray(0, bytes.length - length));
  if (!digest) throw new HashUnavailable(id);
  const out = new Uint8Array(length + 1);
  out[0] = id;
  out.set(digest, 1);
  return out;
}

/** Writes a message of payloads under a header, with its MAC. */
export function writePdu(
  type: number,
  header: PduHeader,
  payloads: readonly Uint8Array[],
  key: Uint8Array,
  macAlgorithm: number,
): Uint8Array {
  const head = writeTlv(0x01, [
    writeTlv(0x01, stringBytes(header.login)),
    ...(header.instance !== undefined ? [writeTlv(0x02, integerBytes(header.instance))] : []),
    ...(header.message !== undefined ? [writeTlv(0x03, integerBytes(header.message))] : []),
  ]);
  const empty = new Uint8Array(algorithmOf(macAlgorithm)!.length + 1);
  empty[0] = macAlgorithm;
  const bytes = writeTlv(type, [head, ...payloads, writeTlv(MAC, empty)]);
  bytes.set(macOf(bytes, macAlgorithm, key), bytes.length - empty.length);
  return bytes;
}

/** Payload: sign this hash. */
export const aggregationRequest = ({ id, hash, level }: AggregationRequest): Uint8Array =>
  writeTlv(0x02, [
    writeTlv(0x01, integerBytes(id)),
    writeTlv(0x02, hash),
    ...(level > 0 ? [writeTlv(0x03, integerBytes(level))] : []),
  ]);

/** Payload: a chain from this second to that publication. */
export const extensionRequest = ({ id, aggregationTime, publicationTime }: ExtensionRequest): Uint8Array =>
  writeTlv(0x02, [
    writeTlv(0x01, integerBytes(id)),
    writeTlv(0x02, integerBytes(aggregationTime)),
    ...(publicationTime !== undefined ? [writeTlv(0x03, integerBytes(publicationTime))] : []),
  ]);

/** Reads integers and strings of a composite into a map by tag; `list` are tags that may repeat. */
function simple(
  tlv: Tlv,
  kinds: Record<number, 'integer' | 'string' | 'imprint'>,
  other: (child: Tlv) => boolean = () => false,
): {
  integer(tag: number): bigint | undefined;
  string(tag: number): string | undefined;
  imprint(tag: number): Uint8Array | undefined;
} {
  const found = new Map<number, bigint | string | Uint8Array>();
  eachChild(tlv, (child) => {
    const kind = kinds[child.tag];
    if (!kind) return other(child);
    once(found.get(child.tag), child);
    found.set(child.tag, kind === 'integer' ? integer(child) : kind === 'string' ? string(child) : imprintValue(child));
    return true;
  });
  return {
    integer: (tag) => found.get(tag) as bigint | undefined,
    string: (tag) => found.get(tag) as string | undefined,
    imprint: (tag) => found.get(tag) as Uint8Array | undefined,
  };
}

function readHeader(tlv: Tlv): PduHeader {
  const f = simple(tlv, { 1: 'string', 2: 'integer', 3: 'integer' });
  const [instance, message] = [f.integer(2), f.integer(3)];
  return {
    login: needed(f.string(1), tlv, 1),
    ...(instance !== undefined ? { instance } : {}),
    ...(message !== undefined ? { message } : {}),
  };
}

function readError(tlv: Tlv): PduError {
  const f = simple(tlv, { 4: 'integer', 5: 'string' });
  const message = f.string(5);
  return { status: needed(f.integer(4), tlv, 4), ...(message !== undefined ? { message } : {}) };
}

function readAggregationRequest(tlv: Tlv): AggregationRequest {
  const f = simple(tlv, { 1: 'integer', 2: 'imprint', 3: 'integer' });
  const level = f.integer(3) ?? 0n;
  if (level > 255n) fail('pdu.level', '请求的层级超过 255', 'a level beyond 255', tlv.offset);
  return { id: needed(f.integer(1), tlv, 1), hash: needed(f.imprint(2), tlv, 2), level: Number(level) };
}

function readAggregationResponse(tlv: Tlv): AggregationResponse {
  const parts: Tlv[] = [];
  const f = simple(tlv, { 1: 'integer', 4: 'integer', 5: 'string' }, (child) => {
    if (child.tag < 0x801 || child.tag > 0x806) return false;
    parts.push(child);
    return true;
  });
  const message = f.string(5);
  return {
    id: needed(f.integer(1), tlv, 1),
    ...(f.integer(4) !== undefined ? { status: f.integer(4)! } : {}),
    ...(message !== undefined ? { message } : {}),
    parts,
  };
}

function readExtensionRequest(tlv: Tlv): ExtensionRequest {
  const f = simple(tlv, { 1: 'integer', 2: 'integer', 3: 'integer' });
  const publicationTime = f.integer(3);
  return {
    id: needed(f.integer(1), tlv, 1),
    aggregationTime: needed(f.integer(2), tlv, 2),
    ...(publicationTime !== undefined ? { publicationTime } : {}),
  };
}

function readExtensionResponse(tlv: Tlv): ExtensionResponse {
  let chain: CalendarChain | undefined;
  const f = simple(tlv, { 1: 'integer', 4: 'integer', 5: 'string', 18: 'integer' }, (child) => {
    if (child.tag !== 0x802) return false;
    once(chain, child);
    chain = readCalendarChain(child);
    return true;
  });
  const message = f.string(5);
  const calendarLast = f.integer(0x12);
  return {
    id: needed(f.integer(1), tlv, 1),
    ...(f.integer(4) !== undefined ? { status: f.integer(4)! } : {}),
    ...(message !== undefined ? { message } : {}),
    ...(calendarLast !== undefined ? { calendarLast } : {}),
    ...(chain ? { chain } : {}),
  };
}

function readConfig(tlv: Tlv): ServerConfig {
  const parents: string[] = [];
  const f = simple(
    tlv,
    { 1: 'integer', 2: 'integer', 3: 'integer', 4: 'integer', 17: 'integer', 18: 'integer' },
    (child) => {
      if (child.tag !== 0x10) return false;
      parents.push(string(child, false));
      return true;
    },
  );
  const given = (name: keyof ServerConfig, tag: number) => {
    const value = f.integer(tag);
    return value === undefined ? {} : { [name]: value };
  };
  return {
    parents,
    ...given('maxLevel', 1),
    ...given('algorithm', 2),
    ...given('period', 3),
    ...given('maxRequests', 4),
    ...given('calendarFirst', 0x11),
    ...given('calendarLast', 0x12),
  };
}

/**
 * The answer to the request with this id. Throws `keyless.pdu.no-answer`, `keyless.pdu.status` (an answer that does not say whether it was done) or
 * `keyless.pdu.refused` with the server's number and words.
 */
export function answerOf<T extends { id: bigint; status?: bigint; message?: string }>(
  pdu: Pdu,
  answers: readonly T[],
  id: bigint,
): T {
  const refused = (status: bigint, message = ''): never =>
    fail(
      'pdu.refused',
      `服务器拒绝（0x${status.toString(16)}）：${message}`,
      `the server refused (0x${status.toString(16)}): ${message}`,
    );
  if (pdu.error) refused(pdu.error.status, pdu.error.message);
  const answer = answers.find((one) => one.id === id);
  if (!answer) return fail('pdu.no-answer', `没有对请求 ${id} 的应答`, `no answer to request ${id}`);
  if (answer.status === undefined) return fail('pdu.status', '应答没有状态', 'an answer without a status');
  if (answer.status !== 0n) refused(answer.status, answer.message);
  return answer;
}
