/** Reads what a caller sends, with a bound on everything. */
import type { IncomingMessage } from 'node:http';
import type { ZodType, z } from 'zod';
import { Problem } from '../../platform/problem.ts';
import * as k from '../problems.ts';

/** Bytes of the largest body: a hundred keys, or a filter. */
export const BODY_LIMIT = 64 * 1024;
/** Milliseconds in which a body must have arrived. */
const PATIENCE = 15_000;

/** The whole body; a Problem where it is larger than allowed or does not come. */
export function readBody(request: IncomingMessage, limit = BODY_LIMIT): Promise<Buffer> {
  const tooLarge = () => new Problem(k.bodyTooLarge, { kib: limit / 1024 });
  if (Number(request.headers['content-length'] ?? 0) > limit) return Promise.reject(tooLarge());
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const timer = setTimeout(() => reject(invalid('请求体未及时到达', 'the body did not arrive in time')), PATIENCE);
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= limit) chunks.push(chunk);
      else reject(tooLarge());
    });
    request.on('error', reject);
    request.on('aborted', () => reject(invalid('请求中断', 'the request was broken off')));
    request.on('end', () => {
      clearTimeout(timer);
      resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
    });
    request.on('close', () => clearTimeout(timer));
  });
}

export const invalid = (zh: string, en: string): Problem => new Problem(k.badRequest, { zh, en });

/** A JSON body of a schema; a Problem naming the first fault's place. */
export async function readJson<S extends ZodType>(request: IncomingMessage, schema: S): Promise<z.output<S>> {
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase();
  if (type !== 'application/json') throw new Problem(k.mediaType);
  const bytes = await readBody(request);
  let body: unknown;
  try {
    body = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw invalid('不是合法的 JSON', 'not valid JSON');
  }
  return parsed(schema, body);
}

/** A value of a schema. */
export function parsed<S extends ZodType>(schema: S, value: unknown): z.output<S> {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const issue = read.error.issues[0]!;
  const at = `/${issue.path.map(String).join('/')}`.slice(0, 80);
  throw new Problem(k.badRequest, { zh: `${at} 不合要求`, en: `${at} is not as described` }, { pointer: at });
}

/** Query parameters: each once. */
export function readQuery(text: string): Map<string, string> {
  const found = new Map<string, string>();
  if (text.length > 4096) throw invalid('查询串过长', 'the query is too long');
  for (const [name, value] of new URLSearchParams(text)) {
    if (found.has(name)) throw invalid('参数重复', 'a parameter is given twice');
    found.set(name, value);
  }
  return found;
}

/** The purpose header: percent-encoded UTF-8, one line, 200 characters. */
export function readPurpose(request: IncomingMessage): string | null {
  const header = request.headers['jingwei-purpose'];
  if (typeof header !== 'string' || header === '') return null;
  try {
    return (
      decodeURIComponent(header)
        .replace(/\p{Cc}/gu, ' ')
        .trim()
        .slice(0, 200) || null
    );
  } catch {
    throw invalid('Jingwei-Purpose 应为百分号编码', 'Jingwei-Purpose must be percent-encoded');
  }
}
