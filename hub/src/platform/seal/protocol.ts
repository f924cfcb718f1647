/**
 * The service's two protocol addresses, apart from all other routes: binary messages, thousands a second, that have their own logins and message
 * authentication codes. No session, no JSON, no line in the log for each; what comes in is handed to the signing thread as it is. Whatever goes
 * wrong is answered with status 200 and an error message of the protocol, since clients of the format read nothing else.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { senderOf } from '../http/networks.ts';
import { MOST_WAITING, type Protocol, type Signer } from './signer.ts';

/** Bytes of the largest message. */
const LARGEST = 64 * 1024;

const addresses = new Map<string, Protocol>([
  ['/keyless/aggregator', 'aggregator'],
  ['/keyless/extender', 'extender'],
]);

/** The paths that are served here. */
export const protocolPaths: readonly string[] = [...addresses.keys()];

/** Type of an answer's message and status numbers of the protocol. */
const responseType = { aggregator: 0x221, extender: 0x321 } as const;
const INVALID = 0x101;
const TOO_MANY = 0x106;
const TOO_LONG = 0x107;
const INTERNAL = 0x200;

/** An error message without header: what a client may be told before it is known who it is. */
export function errorMessage(protocol: Protocol, status: number, sentence: string): Uint8Array {
  const said = Buffer.from(`${sentence}\0`);
  const inner = Buffer.concat([Buffer.from([0x04, 2, status >> 8, status & 255, 0x05, said.length]), said]);
  const type = responseType[protocol];
  return Buffer.concat([Buffer.from([0x80 | (type >> 8), type & 255, 0, inner.length + 2, 0x03, inner.length]), inner]);
}

/** What the addresses stand on. */
export interface ProtocolHost {
  signer: Pick<Signer, 'message' | 'waiting'>;
  /** Whether this hub signs. */
  signing: boolean;
  /** Messages a second from one address at most. */
  perSecond: number;
  /** Milliseconds of a clock that only goes forward. */
  monotonic?: () => number;
}

/** Answers a request when it is for one of the addresses, and says whether it was. */
export function protocolHandler(host: ProtocolHost): (request: IncomingMessage, response: ServerResponse) => boolean {
  const monotonic = host.monotonic ?? (() => performance.now());
  let second = -1;
  const counts = new Map<string, number>();
  const tooMany = (request: IncomingMessage): boolean => {
    const now = Math.floor(monotonic() / 1000);
    if (now !== second) {
      second = now;
      counts.clear();
    }
    const sender = senderOf(request.socket.remoteAddress ?? '');
    const n = (counts.get(sender) ?? 0) + 1;
    counts.set(sender, n);
    return n > host.perSecond || host.signer.waiting >= MOST_WAITING;
  };
  return (request, response) => {
    // What follows a question mark means nothing here, and must not keep a request from being answered.
    const protocol = request.method === 'POST' ? addresses.get((request.url ?? '').split('?', 1)[0]!) : undefined;
    if (!protocol) return false;
    const answer = (bytes: Uint8Array): void => {
      response.writeHead(200, {
        'content-type': 'application/ksi-response',
        'content-length': bytes.length,
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
      });
      response.end(bytes);
    };
    const refuse = (status: number, sentence: string): void => answer(errorMessage(protocol, status, sentence));
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= LARGEST) chunks.push(chunk);
      else if (!response.headersSent) {
        // What follows of it would be read for nothing: the connection ends with this answer.
        response.setHeader('connection', 'close');
        refuse(TOO_LONG, 'the message is longer than 64 KiB');
      }
    });
    request.on('error', () => response.destroy());
    request.on('end', () => {
      if (response.headersSent) return;
      if (tooMany(request)) refuse(TOO_MANY, 'too many requests');
      else if (!host.signing) refuse(INTERNAL, 'signing is switched off here');
      else if (length === 0) refuse(INVALID, 'an empty message');
      else {
        const body = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
        host.signer.message(protocol, body).then(answer, () => refuse(INTERNAL, 'the service is not available'));
      }
    });
    return true;
  };
}
