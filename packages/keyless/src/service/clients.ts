/** Clients of the aggregation and extension protocols over HTTP: for a service above, for the command line, for tests. */
import { randomBytes } from 'node:crypto';
import { KeylessError } from '../errors.ts';
import { type CalendarChain, calendarRoot, timeOfShape } from '../format/calendar.ts';
import {
  aggregationRequest,
  answerOf,
  extensionRequest,
  PDU,
  type Pdu,
  readPdu,
  type ServerConfig,
  writePdu,
} from '../format/pdu.ts';
import { type KeylessSignature, readSignature, signingTime } from '../format/signature.ts';
import { writeTlv } from '../format/tlv.ts';
import { equal } from '../hash/imprint.ts';
import { extendSignature, writePublicationRecord, writeSignature } from '../sign/write.ts';
import { verifyInternal } from '../verify/internal.ts';
import { Refusal, STATUS } from './refusal.ts';

/** Where a server is and who asks. */
export interface ClientOptions {
  url: string;
  login: string;
  key: Uint8Array;
  /** Number of the hash algorithm of MACs (default 1, SHA-256). */
  algorithm?: number;
  fetch?: typeof fetch;
  /** Longest wait for an answer in milliseconds (default 10,000). */
  timeoutMs?: number;
}

/** Greatest answer that is read: an element cannot hold more. */
const MOST = 0xffff + 4;

class PduClient {
  readonly #options: ClientOptions;
  readonly algorithm: number;
  #id = randomBytes(4).readUInt32BE();

  constructor(options: ClientOptions) {
    this.#options = options;
    this.algorithm = options.algorithm ?? 1;
  }

  nextId(): bigint {
    this.#id = (this.#id + 1) % 2 ** 32;
    return BigInt(this.#id);
  }

  /** Sends payloads and reads the answer, its MAC verified. Rejects with a {@link Refusal} of status 0x300 or 0x301 where none comes. */
  async exchange(request: number, response: number, payloads: readonly Uint8Array[]): Promise<Pdu> {
    const { url, login, key, timeoutMs = 10_000 } = this.#options;
    const body = writePdu(request, { login }, payloads, key, this.algorithm);
    const answer = await this.#post(url, body, timeoutMs);
    try {
      return readPdu(answer, [response], (name) => (name === login ? key : undefined), this.algorithm);
    } catch (error) {
      if (!(error instanceof KeylessError)) throw error;
      throw new Refusal(
        STATUS.upstream,
        'upstream',
        `服务器的应答不可信：${error.zh}`,
        `the answer is not to be trusted: ${error.message}`,
      );
    }
  }

  async #post(url: string, body: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
    try {
      const response = await (this.#options.fetch ?? fetch)(url, {
        method: 'POST',
        headers: { 'content-type': 'application/ksi-request' },
        body: new Uint8Array(body),
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
      });
      return await bounded(response);
    } catch (error) {
      if (error instanceof Refusal) throw error;
      const late = (error as Error).name === 'TimeoutError';
      const cause = (error as { cause?: Error }).cause;
      const said = cause?.message || (error as Error).message;
      throw late
        ? new Refusal(
            STATUS.upstreamTimeout,
            'upstream.timeout',
            `服务器 ${timeoutMs} 毫秒内没有应答`,
            `no answer within ${timeoutMs} ms`,
          )
        : new Refusal(STATUS.upstream, 'upstream', `无法连接服务器：${said}`, `the server cannot be reached: ${said}`);
    }
  }
}

async function bounded(response: Response): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of response.body ?? []) {
    length += piece.length;
    if (length > MOST) throw new Refusal(STATUS.upstream, 'upstream', '服务器的应答过长', 'the answer is too long');
    pieces.push(piece);
  }
  if (!response.ok && length === 0)
    throw new Refusal(STATUS.upstream, 'upstream', `服务器应答 HTTP ${response.status}`, `HTTP ${response.status}`);
  return new Uint8Array(Buffer.concat(pieces));
}

/** A server's refusal keeps its words; its number is told as one of a service above. */
function upstream<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof KeylessError) || error instanceof Refusal) throw error;
    throw new Refusal(STATUS.upstream, error.code.replace(/^keyless\./, ''), error.zh, error.message);
  }
}

/** Signs by a server. */
export class AggregatorClient {
  readonly #pdu: PduClient;

  constructor(options: ClientOptions) {
    this.#pdu = new PduClient(options);
  }

  /**
   * A whole signature for an imprint; it is verified by the internal policy and is one of this imprint at this level. Rejects with a
   * {@link Refusal}: `keyless.upstream`, `keyless.upstream.timeout`, `keyless.pdu.refused` (in the server's words).
   */
  async sign(hash: Uint8Array, { level = 0 }: { level?: number } = {}): Promise<Uint8Array> {
    const id = this.#pdu.nextId();
    const pdu = await this.#pdu.exchange(PDU.aggregationRequest, PDU.aggregationResponse, [
      aggregationRequest({ id, hash, level }),
    ]);
    return upstream(() => {
      const { parts } = answerOf(pdu, pdu.aggregationResponses, id);
      const signature = writeSignature(parts.map((part) => part.bytes));
      const { verdict } = verifyInternal(readSignature(signature), { hash, level });
      if (verdict.outcome !== 'ok')
        throw new Refusal(
          STATUS.upstream,
          'upstream',
          `服务器给出的签名不成立：${verdict.code}`,
          `the server's signature does not hold: ${verdict.code}`,
        );
      return signature;
    });
  }

  /** What the server says of itself. */
  async config(): Promise<ServerConfig> {
    const pdu = await this.#pdu.exchange(PDU.aggregationRequest, PDU.aggregationResponse, [writeTlv(0x04, [])]);
    return configOf(pdu);
  }
}

function configOf(pdu: Pdu): ServerConfig {
  return upstream(() => {
    if (pdu.error || !pdu.config) answerOf(pdu, [], 0n);
    return pdu.config!;
  });
}

/** Extends by a server. */
export class ExtenderClient {
  readonly #pdu: PduClient;

  constructor(options: ClientOptions) {
    this.#pdu = new PduClient(options);
  }

  /**
   * The calendar chain from a second to a publication, or to the newest root; its shape and times are those asked for. Rejects like
   * {@link AggregatorClient.sign}.
   */
  async extend(aggregationTime: bigint, publicationTime?: bigint): Promise<CalendarChain> {
    return (await this.extension(aggregationTime, publicationTime)).chain;
  }

  /** The same with the newest second of the server's calendar. */
  async extension(aggregationTime: bigint, publicationTime?: bigint): Promise<{ chain: CalendarChain; last?: bigint }> {
    const id = this.#pdu.nextId();
    const asked = { id, aggregationTime, ...(publicationTime !== undefined ? { publicationTime } : {}) };
    const pdu = await this.#pdu.exchange(PDU.extensionRequest, PDU.extensionResponse, [extensionRequest(asked)]);
    return upstream(() => {
      const { chain, calendarLast } = answerOf(pdu, pdu.extensionResponses, id);
      const right =
        chain &&
        chain.aggregationTime === aggregationTime &&
        (publicationTime === undefined || chain.publicationTime === publicationTime) &&
        timeOfShape(chain) === aggregationTime;
      if (!right)
        throw new Refusal(
          STATUS.upstream,
          'upstream',
          '服务器给出的日历哈希链不是所要的',
          'the calendar chain of the server is not the one asked for',
        );
      return { chain, ...(calendarLast !== undefined ? { last: calendarLast } : {}) };
    });
  }

  /**
   * A signature extended to a publication: chain replaced, record of the publication in place of the key's. Rejects with
   * `keyless.extend.mismatch` where the server's chain does not begin at the signature's root or does not end at the publication.
   */
  async extendSignature(
    signature: KeylessSignature,
    publication?: { time: bigint; hash: Uint8Array; references?: readonly string[] },
  ): Promise<Uint8Array> {
    const chain = await this.extend(signingTime(signature), publication?.time);
    const { aggregationRoot } = verifyInternal(signature);
    const mismatch =
      !aggregationRoot ||
      !equal(chain.inputHash, aggregationRoot) ||
      (publication && !equal(calendarRoot(chain), publication.hash));
    if (mismatch)
      throw new KeylessError(
        'extend.mismatch',
        '服务器的日历与签名或公开值不符',
        'the calendar of the server does not fit the signature or the publication',
      );
    return extendSignature(signature, chain.tlv.bytes, publication && writePublicationRecord(0x803, publication));
  }

  /** What the server says of itself. */
  async config(): Promise<ServerConfig> {
    const pdu = await this.#pdu.exchange(PDU.extensionRequest, PDU.extensionResponse, [writeTlv(0x04, [])]);
    return configOf(pdu);
  }
}

/** A service above: its aggregator signs our roots, its extender knows the calendar. */
export function parentClient(
  aggregator: AggregatorClient,
  extender: ExtenderClient,
): {
  sign(hash: Uint8Array, options: { level: number }): Promise<Uint8Array>;
  extend(aggregationTime: bigint, publicationTime?: bigint): Promise<{ chain: Uint8Array; last?: bigint }>;
} {
  return {
    sign: (hash, options) => aggregator.sign(hash, options),
    async extend(aggregationTime, publicationTime) {
      const { chain, last } = await extender.extension(aggregationTime, publicationTime);
      return { chain: chain.tlv.bytes, ...(last !== undefined ? { last } : {}) };
    },
  };
}
