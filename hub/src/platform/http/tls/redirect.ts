/** Plain HTTP beside TLS: leads browsers to the hub's own address and answers the challenges of an authority (RFC 8555, 8.3); nothing else. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const CHALLENGE = '/.well-known/acme-challenge/';

/** The listener. */
export class Redirect {
  readonly #server: Server;
  readonly #tokens = new Map<string, string>();

  /** @param publicUrl where the hub is reached; never a name that the request brought */
  constructor(publicUrl: string) {
    const base = publicUrl.replace(/\/+$/, '');
    this.#server = createServer(
      { maxHeaderSize: 8192, requestTimeout: 10_000, headersTimeout: 5_000 },
      (request, response) => {
        const url = request.url ?? '/';
        const answer = url.startsWith(CHALLENGE) ? this.#tokens.get(url.slice(CHALLENGE.length)) : undefined;
        response.setHeader('connection', 'close');
        response.setHeader('x-content-type-options', 'nosniff');
        if (answer !== undefined) response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(answer);
        else if (url.startsWith(CHALLENGE)) response.writeHead(404).end();
        // What changes something is not sent again over another way: a password that went in the open stays a fault that is seen.
        else if (request.method !== 'GET' && request.method !== 'HEAD') response.writeHead(403).end();
        else response.writeHead(308, { location: base + (/^\/(?![/\\])[\x21-\x7e]*$/.test(url) ? url : '/') }).end();
        request.resume();
      },
    );
    this.#server.maxConnections = 200;
  }

  /** Listens and answers the port. */
  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, () => resolve((this.#server.address() as AddressInfo).port));
    });
  }

  /** Answers a challenge until `forget`. */
  answer(token: string, text: string): void {
    this.#tokens.set(token, text);
  }

  forget(token: string): void {
    this.#tokens.delete(token);
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}
