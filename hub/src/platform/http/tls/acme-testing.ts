/**
 * A small authority for tests where none is installed: RFC 8555 as far as a client can tell: nonces are spent once (and every third is refused),
 * signatures, keys and addresses are checked, the challenge is fetched, the request's signature and host are read, and the certificate issued.
 */
import { createHash, createPublicKey, type KeyObject, randomBytes, verify } from 'node:crypto';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { testAuthority } from './certificate-testing.ts';

/** The authority as it runs. */
export interface TestAcme {
  directory: string;
  /** What its own certificate is checked against, PEM. */
  authority: string;
  /** How many certificates it issued. */
  issued(): number;
  close(): Promise<void>;
}

interface Jws {
  protected: string;
  payload: string;
  signature: string;
}
interface Head {
  alg: string;
  nonce: string;
  url: string;
  kid?: string;
  jwk?: { crv: string; kty: string; x: string; y: string };
}

/** Starts it; challenges are looked for on the port of this machine; `days`: how long what it issues holds. */
export async function startAcme(challengePort: () => number, now: () => number, days = 90): Promise<TestAcme> {
  const authority = testAuthority();
  const own = authority.issue(['localhost'], Date.now() - 86_400_000, Date.now() + 86_400_000);
  const nonces = new Set<string>();
  const accounts = new Map<string, { key: KeyObject; thumb: string }>();
  let [spent, issued, valid, failed] = [0, 0, false, ''];
  let certificate = '';
  const token = randomBytes(16).toString('base64url');
  const server = createServer({ cert: own.certificate, key: own.key }, async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const nonce = randomBytes(9).toString('base64url');
    nonces.add(nonce);
    const base = `https://localhost:${(server.address() as AddressInfo).port}`;
    const say = (status: number, body: unknown, location?: string) =>
      response
        .writeHead(status, { 'replay-nonce': nonce, ...(location ? { location: base + location } : {}) })
        .end(typeof body === 'string' ? body : JSON.stringify(body));
    const refuse = (type: string, detail: string) => say(400, { type: `urn:ietf:params:acme:error:${type}`, detail });
    const url = request.url!;
    if (url === '/dir')
      return say(200, { newNonce: `${base}/nonce`, newAccount: `${base}/account`, newOrder: `${base}/order` });
    if (url === '/nonce') return say(200, '');
    const jws = JSON.parse(Buffer.concat(chunks).toString()) as Jws;
    const head = JSON.parse(Buffer.from(jws.protected, 'base64url').toString()) as Head;
    if (!nonces.delete(head.nonce) || ++spent % 3 === 0) return refuse('badNonce', 'spent');
    if (head.url !== base + url || head.alg !== 'ES256') return refuse('malformed', 'url or alg');
    const key = head.jwk
      ? createPublicKey({ key: head.jwk, format: 'jwk' })
      : head.kid
        ? accounts.get(head.kid)?.key
        : undefined;
    if (!key || Boolean(head.jwk) !== (url === '/account')) return refuse('accountDoesNotExist', 'no such account');
    const signed = Buffer.from(`${jws.protected}.${jws.payload}`);
    const signature = Buffer.from(jws.signature, 'base64url');
    if (!verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, signature))
      return refuse('malformed', 'signature');
    const body = jws.payload === '' ? undefined : JSON.parse(Buffer.from(jws.payload, 'base64url').toString());
    const order = {
      status: certificate ? 'valid' : failed ? 'invalid' : valid ? 'ready' : 'pending',
      ...{ authorizations: [`${base}/authz`], finalize: `${base}/finalize` },
      ...(certificate ? { certificate: `${base}/certificate` } : {}),
    };
    if (url === '/account') {
      if (body?.termsOfServiceAgreed !== true) return refuse('userActionRequired', 'agree to the terms');
      const { crv, kty, x, y } = head.jwk!;
      const thumb = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
      accounts.set(`${base}/account/1`, { key, thumb });
      return say(201, { status: 'valid' }, '/account/1');
    }
    if (url === '/order') {
      [valid, failed, certificate] = [false, '', ''];
      return say(201, { ...order, status: 'pending', certificate: undefined }, '/order/1');
    }
    if (url === '/order/1') return say(200, order);
    const challenge = { type: 'http-01', url: `${base}/challenge`, token, status: 'pending' };
    if (url === '/authz') {
      const error = failed ? { error: { detail: failed } } : {};
      const status = valid ? 'valid' : failed ? 'invalid' : 'pending';
      return say(200, { status, challenges: [{ ...challenge, status, ...error }] });
    }
    if (url === '/challenge') {
      const asked = `http://127.0.0.1:${challengePort()}/.well-known/acme-challenge/${token}`;
      const got = await fetch(asked).then(
        (r) => r.text(),
        () => 'connection refused',
      );
      valid = got === `${token}.${accounts.get(head.kid!)!.thumb}`;
      failed = valid ? '' : got.slice(0, 80);
      return say(200, challenge);
    }
    if (url === '/finalize' && valid) {
      const csr = Buffer.from(body.csr, 'base64url');
      if (!csr.includes('localhost')) return refuse('badCSR', 'not the host of the order');
      const made = authority.issueFor(csr, ['localhost'], now() - 3_600_000, now() + days * 86_400_000);
      if (!made) return refuse('badCSR', 'the signature of the request');
      certificate = made + authority.certificate;
      issued++;
      return say(200, { ...order, status: 'processing' });
    }
    if (url === '/certificate') return say(200, certificate);
    return refuse('malformed', `nothing at ${url}`);
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  return {
    directory: `https://localhost:${(server.address() as AddressInfo).port}/dir`,
    authority: authority.certificate,
    issued: () => issued,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
