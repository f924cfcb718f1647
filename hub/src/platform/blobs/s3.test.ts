import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ManualClock } from '../clock.ts';
import { authorization, EMPTY_PAYLOAD, S3Blobs } from './index.ts';

const key = {
  accessKey: 'AKIAIOSFODNN7EXAMPLE',
  secretKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  region: 'us-east-1',
};
const at = '20130524T000000Z';
const host = 'examplebucket.s3.amazonaws.com';

test('requests are signed as the published examples of Signature Version 4 are', () => {
  const signatureOf = (method: string, path: string, headers: Record<string, string>, payload = EMPTY_PAYLOAD) =>
    authorization(
      {
        ...{ method, url: new URL(`https://${host}${path}`), payload },
        headers: { host, 'x-amz-date': at, 'x-amz-content-sha256': payload, ...headers },
      },
      key,
    ).replace(/.*Signature=/, '');
  expect(signatureOf('GET', '/test.txt', { range: 'bytes=0-9' })).toBe(
    'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  );
  const payload = createHash('sha256').update('Welcome to Amazon S3.').digest('hex');
  const put = { date: 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' };
  expect(signatureOf('PUT', '/test$file.text', put, payload)).toBe(
    '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
  );
  expect(signatureOf('GET', '/?lifecycle', {})).toBe(
    'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  );
});

const objects = new Map<string, Buffer>();
let server: Server;
let folder: string;
let endpoint: string;
let busy = false;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'jingwei-s3-'));
  // A store that checks the signature of every request before it does anything.
  server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts);
    const payload = createHash('sha256').update(body).digest('hex');
    const signed = ['host', 'x-amz-content-sha256', 'x-amz-date'];
    const headers = Object.fromEntries(signed.map((name) => [name, String(request.headers[name])]));
    const url = new URL(request.url!, `http://${request.headers.host}`);
    const expected = authorization({ method: request.method!, url, headers, payload }, key);
    const end = (status: number, answer?: Buffer) => response.writeHead(status).end(answer);
    if (request.headers.authorization !== expected || headers['x-amz-content-sha256'] !== payload) return end(403);
    if (busy) return end(503);
    const kept = objects.get(url.pathname);
    if (request.method === 'PUT') objects.set(url.pathname, body);
    else if (request.method === 'DELETE') objects.delete(url.pathname);
    else return kept ? end(200, request.method === 'GET' ? kept : undefined) : end(404);
    return end(request.method === 'PUT' ? 200 : 204);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

const cipher = {
  encrypt: () => createCipheriv('aes-128-ctr', Buffer.alloc(16, 1), Buffer.alloc(16)),
  decrypt: () => createDecipheriv('aes-128-ctr', Buffer.alloc(16, 1), Buffer.alloc(16)),
};
const open = (more: object = {}) =>
  new S3Blobs(
    { ...key, endpoint, bucket: 'archives', drafts: join(folder, 'drafts'), clock: new ManualClock(), ...more },
    cipher,
  );
async function all(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const list: Uint8Array[] = [];
  for await (const chunk of chunks) list.push(chunk);
  return Buffer.concat(list).toString();
}

test('what is put comes back, lies encrypted under its address, once, and can be removed', async () => {
  const blobs = open();
  const blob = await blobs.put([Buffer.from('档案'), Buffer.from(' content')]);
  expect(blob).toEqual({ sha256: createHash('sha256').update('档案 content').digest('hex'), bytes: 14 });
  expect(await blobs.put([Buffer.from('档案 content')])).toEqual(blob);
  expect([...objects.keys()]).toEqual([`/archives/${blob.sha256.slice(0, 2)}/${blob.sha256.slice(2)}.sealed`]);
  expect([...objects.values()][0]!.toString()).not.toContain('content');
  expect(await all(blobs.get(blob.sha256))).toBe('档案 content');
  expect(readdirSync(join(folder, 'drafts'))).toEqual([]);
  await blobs.remove(blob.sha256);
  expect(await blobs.has(blob.sha256)).toBe(false);
  await expect(all(blobs.get(blob.sha256))).rejects.toThrow('blobs.unknown');
});

test('a damaged object, a wrong key and a store that is busy are problems', async () => {
  const blobs = open();
  const { sha256 } = await blobs.put([Buffer.from('right')]);
  const [path] = [...objects.keys()];
  objects.set(path!, Buffer.from('wrong'));
  await expect(all(blobs.get(sha256))).rejects.toThrow('blobs.damaged');
  await expect(open({ secretKey: 'x' }).put([Buffer.from('y')])).rejects.toThrow('HTTP 403');
  busy = true;
  await expect(blobs.has(sha256)).rejects.toThrow('blobs.store-failed');
  busy = false;
  await expect(open({ endpoint: 'http://127.0.0.1:9' }).has(sha256)).rejects.toThrow('blobs.store-failed');
});
