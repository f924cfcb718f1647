/**
 * Deliveries put into an S3-compatible store, large ones in parts: a broken upload goes on with the first part that the store does not have. Every
 * part is signed with its SHA-256, which the store checks; the whole is confirmed by its length and by the marks of its parts.
 */
import { createHash } from 'node:crypto';
import { type IncomingMessage, request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { z } from 'zod';
import { amzDate, authorization, EMPTY_PAYLOAD } from '../../platform/blobs/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { SharingPorts } from '../act.ts';
import type { Target } from './declare.ts';
import type { Confirmed, Parcel, Progress } from './parcel.ts';
import { differs, refused, unreachable } from './problems.ts';

/** Bytes of a part; a store takes ten thousand parts. */
export const s3Limits = { part: 16 * 1024 * 1024 };
const SILENCE = 60_000;
const MOST_ANSWER = 1 << 20;

type Place = Extract<Target, { kind: 's3' }>;
type Ports = Pick<SharingPorts, 'blobs' | 'clock' | 'networks'>;
interface Answer {
  status: number;
  headers: IncomingMessage['headers'];
  text: string;
}

const resumed = z.object({ upload: z.string(), parts: z.array(z.string()) });

/** One signed request; answers of the store are short. */
function send(
  ports: Ports,
  place: Place,
  method: string,
  key: string,
  query: string,
  body?: Uint8Array,
): Promise<Answer> {
  const base = place.endpoint.replace(/\/$/, '');
  const url = new URL(`${base}/${place.bucket}/${key.split('/').map(encodeURIComponent).join('/')}${query}`);
  ports.networks.checkLiteral(url.hostname);
  const payload = body ? createHash('sha256').update(body).digest('hex') : EMPTY_PAYLOAD;
  const headers: Record<string, string> = {
    host: url.host,
    'x-amz-content-sha256': payload,
    'x-amz-date': amzDate(ports.clock.now()),
  };
  const signed = authorization({ method, url, headers, payload }, place);
  return new Promise((resolve, reject) => {
    const failed = (error: Error) => reject(new Problem(unreachable, { reason: error.message }));
    const request = (url.protocol === 'https:' ? tlsRequest : plainRequest)(url, {
      method,
      headers: { ...headers, authorization: signed, 'content-length': String(body?.length ?? 0) },
      timeout: SILENCE,
      lookup: ports.networks.lookup,
    });
    request.on('timeout', () => request.destroy(new Error('no answer')));
    request.on('error', failed);
    request.on('response', async (response) => {
      try {
        let text = '';
        for await (const chunk of response) {
          text += chunk;
          if (text.length > MOST_ANSWER) throw new Error('too long an answer');
        }
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      } catch (error) {
        request.destroy();
        failed(error as Error);
      }
    });
    request.end(body);
  });
}

/** What the store says of a refusal: its code, never more. */
const told = ({ status, text }: Answer): Problem =>
  new Problem(refused, { reason: /<Code>([A-Za-z0-9]{1,60})<\/Code>/.exec(text)?.[1] ?? `HTTP ${status}` });

const need = (answer: Answer): Answer => {
  // A completed upload may be answered 200 with an error inside.
  if (answer.status !== 200 || answer.text.includes('<Error>')) throw told(answer);
  return answer;
};

/** The file in parts of one size, the last one shorter. */
async function* partsOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let kept: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    kept.push(chunk);
    length += chunk.length;
    while (length >= s3Limits.part) {
      const whole = Buffer.concat(kept);
      yield whole.subarray(0, s3Limits.part);
      kept = [whole.subarray(s3Limits.part)];
      length -= s3Limits.part;
    }
  }
  if (length) yield Buffer.concat(kept);
}

/** Puts a delivery with what stands beside it. */
export async function toS3(ports: Ports, place: Place, parcel: Parcel, progress: Progress): Promise<Confirmed> {
  const { delivery } = parcel;
  const key = (ending: string) => `${place.prefix}${parcel.name}${ending}`;
  await progress.mayGoOn();
  for (const { ending, bytes } of parcel.beside) need(await send(ports, place, 'PUT', key(ending), '', bytes));
  const file = key(`.${delivery.format}`);
  const head = async () => {
    const answer = await send(ports, place, 'HEAD', file, '');
    return answer.status === 200 ? Number(answer.headers['content-length']) : null;
  };
  const bytes = delivery.bytes ?? 0;
  if (bytes <= s3Limits.part) {
    for await (const part of partsOf(ports.blobs.get(delivery.sha256!)))
      need(await send(ports, place, 'PUT', file, '', part));
  } else await inParts(ports, place, parcel, file, progress, head);
  const seen = await head();
  if (seen !== bytes) throw new Problem(differs, { expected: bytes, seen: seen ?? '—' });
  await progress.keep(bytes, null);
  return { sha256: delivery.sha256!, rows: null };
}

async function inParts(
  ports: Ports,
  place: Place,
  { delivery }: Parcel,
  file: string,
  progress: Progress,
  head: () => Promise<number | null>,
): Promise<void> {
  const before = resumed.safeParse(progress.resume);
  let upload = before.success ? before.data.upload : '';
  const parts = before.success ? [...before.data.parts] : [];
  if (!upload) {
    const begun = need(await send(ports, place, 'POST', file, '?uploads'));
    upload = /<UploadId>([^<]{1,1024})<\/UploadId>/.exec(begun.text)?.[1] ?? '';
    if (!upload) throw told(begun);
    await progress.keep(0, { upload, parts });
  }
  const id = encodeURIComponent(upload);
  let number = 0;
  for await (const part of partsOf(ports.blobs.get(delivery.sha256!))) {
    number += 1;
    // What the store has already is read past: its mark is kept.
    if (number <= parts.length) continue;
    await progress.mayGoOn();
    const answer = await send(ports, place, 'PUT', file, `?partNumber=${number}&uploadId=${id}`, part);
    if (answer.status === 404 && before.success) {
      // The store forgot the upload: unless it was completed just before, everything begins again.
      if ((await head()) === delivery.bytes) return;
      await progress.keep(0, null);
    }
    need(answer);
    parts.push(String(answer.headers.etag ?? ''));
    await progress.keep(Math.min(number * s3Limits.part, delivery.bytes ?? 0), { upload, parts });
  }
  const listed = parts.map(
    (etag, i) => `<Part><PartNumber>${i + 1}</PartNumber><ETag>${etag.replaceAll('"', '&quot;')}</ETag></Part>`,
  );
  const body = `<CompleteMultipartUpload>${listed.join('')}</CompleteMultipartUpload>`;
  const done = await send(ports, place, 'POST', file, `?uploadId=${id}`, Buffer.from(body));
  // Completed before a kill, and not told: the length that follows says whether it is whole.
  if (done.status === 404 && (await head()) === delivery.bytes) return;
  if (done.status === 404) await progress.keep(0, null);
  need(done);
}
