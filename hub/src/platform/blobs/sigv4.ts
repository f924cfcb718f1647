/**
 * Signatures of requests to an S3-compatible store (AWS Signature Version 4, header form): an HMAC chain over the date, the region
 * and a canonical form of the request.
 */
import { createHash, createHmac } from 'node:crypto';

/** Who asks, and where. */
export interface SigV4Key {
  accessKey: string;
  secretKey: string;
  region: string;
}

/** A request as it is signed. `headers` are all that are covered, `host` and `x-amz-date` among them; names in lower case. */
export interface SigV4Request {
  method: string;
  url: URL;
  headers: Readonly<Record<string, string>>;
  /** Lower-case hexadecimal SHA-256 of the body; that of nothing for requests without one. */
  payload: string;
}

/** SHA-256 of an empty body. */
export const EMPTY_PAYLOAD = createHash('sha256').digest('hex');

/** The instant as the signature writes it: 20130524T000000Z. */
export const amzDate = (at: Date): string => at.toISOString().replace(/[-:]|\.\d+/g, '');

const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** The value of the `Authorization` header. The date is that of `x-amz-date`. */
export function authorization(request: SigV4Request, key: SigV4Key): string {
  const at = request.headers['x-amz-date']!;
  const names = Object.keys(request.headers).sort();
  const path = request.url.pathname
    .split('/')
    .map((part) => encode(decodeURIComponent(part)))
    .join('/');
  const query = [...request.url.searchParams]
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
  const canonical = [
    request.method,
    path,
    query,
    ...names.map((name) => `${name}:${request.headers[name]!.trim()}`),
    '',
    names.join(';'),
    request.payload,
  ].join('\n');
  const scope = `${at.slice(0, 8)}/${key.region}/s3/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', at, scope, createHash('sha256').update(canonical).digest('hex')].join('\n');
  const day = hmac(`AWS4${key.secretKey}`, at.slice(0, 8));
  const signing = hmac(hmac(hmac(day, key.region), 's3'), 'aws4_request');
  const signature = hmac(signing, text).toString('hex');
  return `AWS4-HMAC-SHA256 Credential=${key.accessKey}/${scope},SignedHeaders=${names.join(';')},Signature=${signature}`;
}
