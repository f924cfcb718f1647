/**
 * Files in an S3-compatible object store, addressed by the SHA-256 of their content like those in a folder and encrypted before
 * they leave this machine. A file is first gathered, encrypted, in a local draft: its length and hash stand in the signed request.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { type IncomingMessage, request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { join } from 'node:path';
import { PassThrough, Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Clock } from '../clock.ts';
import { Problem, problemKind } from '../problem.ts';
import { damaged, unknown } from './problems.ts';
import { amzDate, authorization, EMPTY_PAYLOAD, type SigV4Key } from './sigv4.ts';
import type { Blob, BlobCipher, BlobStore } from './store.ts';

const failed = problemKind(
  'blobs.store-failed',
  503,
  '对象存储没有完成请求：{reason}',
  'the object store did not do what was asked: {reason}',
);

/** Milliseconds without a byte after which the store is taken for dead. */
const SILENCE = 60_000;

/** Where the store is. */
export interface S3Options extends SigV4Key {
  /** `https://s3.example.gov.cn`; buckets are addressed by path. */
  endpoint: string;
  bucket: string;
  /** Local folder of drafts; emptied at the start. */
  drafts: string;
  clock: Clock;
}

/** The store. */
export class S3Blobs implements BlobStore {
  readonly #options: S3Options;
  readonly #cipher: BlobCipher;

  constructor(options: S3Options, cipher: BlobCipher) {
    this.#options = options;
    this.#cipher = cipher;
    mkdirSync(options.drafts, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(options.drafts)) rmSync(join(options.drafts, name));
  }

  #url(sha256: string): URL {
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw new Problem(unknown, { sha256 });
    const { endpoint, bucket } = this.#options;
    return new URL(`${endpoint.replace(/\/$/, '')}/${bucket}/${sha256.slice(0, 2)}/${sha256.slice(2)}.sealed`);
  }

  /** Sends a signed request; answers the response with its body still to be read. */
  async #send(method: string, url: URL, body?: { path: string; bytes: number; sha256: string }) {
    const payload = body?.sha256 ?? EMPTY_PAYLOAD;
    const headers: Record<string, string> = {
      host: url.host,
      'x-amz-content-sha256': payload,
      'x-amz-date': amzDate(this.#options.clock.now()),
    };
    const signed = authorization({ method, url, headers, payload }, this.#options);
    const request = (url.protocol === 'https:' ? tlsRequest : plainRequest)(url, {
      method,
      headers: { ...headers, authorization: signed, 'content-length': String(body?.bytes ?? 0) },
      timeout: SILENCE,
    });
    request.on('timeout', () => request.destroy(new Error('no answer')));
    const answer = new Promise<IncomingMessage>((resolve, reject) => {
      request.on('response', resolve);
      request.on('error', reject);
    });
    try {
      if (body) {
        // The answer may come before the body is through (a refusal): whichever is first decides.
        const sending = pipeline(createReadStream(body.path), request);
        sending.catch(() => undefined);
        const response = await Promise.race([answer, sending.then(() => answer)]);
        return response;
      }
      request.end();
      return await answer;
    } catch (error) {
      throw new Problem(failed, { reason: (error as Error).message });
    }
  }

  /** Reads a short answer to its end, so that the connection is free; refuses any other status than those expected. */
  async #done(response: IncomingMessage, ...expected: number[]): Promise<number> {
    response.resume();
    const status = response.statusCode ?? 0;
    if (!expected.includes(status)) throw new Problem(failed, { reason: `HTTP ${status}` });
    return status;
  }

  async put(content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Blob> {
    const draft = join(this.#options.drafts, randomUUID());
    const plain = measure();
    const sealed = measure();
    try {
      await pipeline(
        Readable.from(content, { objectMode: false }),
        plain.through,
        this.#cipher.encrypt(),
        sealed.through,
        createWriteStream(draft, { mode: 0o600 }),
      );
      const blob = plain.end();
      if (!(await this.has(blob.sha256))) {
        const response = await this.#send('PUT', this.#url(blob.sha256), { path: draft, ...sealed.end() });
        await this.#done(response, 200, 201, 204);
      }
      return blob;
    } finally {
      await rm(draft, { force: true });
    }
  }

  async *get(sha256: string): AsyncIterable<Uint8Array> {
    const response = await this.#send('GET', this.#url(sha256));
    if (response.statusCode === 404) {
      response.resume();
      throw new Problem(unknown, { sha256 });
    }
    if (response.statusCode !== 200) await this.#done(response, 200);
    const hash = createHash('sha256');
    const plain = this.#cipher.decrypt();
    const out = new PassThrough();
    const through = pipeline(response, plain, out);
    through.catch(() => undefined);
    try {
      for await (const chunk of out) {
        hash.update(chunk as Buffer);
        yield chunk as Buffer;
      }
    } finally {
      response.destroy();
      out.destroy();
    }
    await through;
    if (hash.digest('hex') !== sha256) throw new Problem(damaged, { sha256 });
  }

  async has(sha256: string): Promise<boolean> {
    if (!/^[0-9a-f]{64}$/.test(sha256)) return false;
    return (await this.#done(await this.#send('HEAD', this.#url(sha256)), 200, 404)) === 200;
  }

  async remove(sha256: string): Promise<void> {
    await this.#done(await this.#send('DELETE', this.#url(sha256)), 200, 204, 404);
  }
}

/** Lets bytes through and knows their number and hash at the end. */
function measure() {
  const hash = createHash('sha256');
  let bytes = 0;
  return {
    through: new Transform({
      transform(chunk: Buffer, _encoding, done) {
        hash.update(chunk);
        bytes += chunk.length;
        done(null, chunk);
      },
    }),
    end: (): Blob => ({ sha256: hash.digest('hex'), bytes }),
  };
}
