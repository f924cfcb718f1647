import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDb, testStore } from '../db/testing.ts';
import { accountRooms, Browser, type Harness, harness } from './testing.ts';

/** The hub's address as browsers know it; the provider knows it too. */
const HUB = 'http://hub.example';
const CALLBACK = `${HUB}/api/v1/oidc/callback`;

let store: TestDb;
let server: Server;
let issuer: string;
let h: Harness;

beforeAll(async () => {
  server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  // The provider's own sign-in form takes any name: the account's id is what was typed.
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'jingwei',
        client_secret: 'hub-secret',
        redirect_uris: [CALLBACK],
        response_types: ['code'],
        grant_types: ['authorization_code'],
      },
    ],
    claims: { openid: ['sub'], profile: ['preferred_username'] },
    conformIdTokenClaims: false,
    findAccount: (_context: unknown, id: string) => ({
      accountId: id,
      claims: () => ({ sub: `subject-${id}`, preferred_username: id }),
    }),
  });
  server.on('request', provider.callback());
  store = await testStore(accountRooms);
  h = await harness(store.db, {
    auth: { oidc: { issuer, clientId: 'jingwei', clientSecret: 'hub-secret', allowInsecure: true } },
  });
  Object.assign(h.auth.context, { publicUrl: HUB });
});
afterAll(async () => {
  await h?.close();
  await store?.end();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** Follows the provider's pages like a browser until it sends us back; answers the callback's path and query. */
async function atProvider(start: string, name: string): Promise<string> {
  const cookies = new Map<string, string>();
  let url = start;
  let form: URLSearchParams | undefined;
  for (let hop = 0; hop < 12; hop++) {
    const response = await fetch(url, {
      redirect: 'manual',
      method: form ? 'POST' : 'GET',
      ...(form ? { body: form } : {}),
      headers: { cookie: [...cookies].map(([k, v]) => `${k}=${v}`).join('; ') },
    });
    form = undefined;
    for (const line of response.headers.getSetCookie()) {
      const [pair] = line.split(';');
      cookies.set(pair!.slice(0, pair!.indexOf('=')), pair!.slice(pair!.indexOf('=') + 1));
    }
    const location = response.headers.get('location');
    if (location) {
      url = new URL(location, url).href;
      if (url.startsWith(CALLBACK)) return url.slice(HUB.length);
      continue;
    }
    const html = await response.text();
    const action = /<form[^>]*action="([^"]+)"/.exec(html)?.[1];
    const prompt = /name="prompt" value="(\w+)"/.exec(html)?.[1];
    if (!action || !prompt) throw new Error(`the provider answered ${response.status}: ${html.slice(0, 300)}`);
    form = new URLSearchParams(prompt === 'login' ? { prompt, login: name, password: 'any' } : { prompt });
    url = new URL(action, url).href;
  }
  throw new Error('the provider never sent us back');
}

async function begin(browser: Browser): Promise<string> {
  const answer = await browser.get('/api/v1/oidc/start');
  expect(answer.status).toBe(302);
  return String(answer.headers.location);
}

test('the sign-in page is told of the provider', async () => {
  expect((await h.browser().get('/api/v1/sign-in')).body).toEqual({
    demo: true,
    oidc: { label: '统一身份认证', start: '/api/v1/oidc/start' },
    passwordPolicy: { minLength: 12, classes: 3, history: 5 },
  });
});

test('whom the provider confirms enters as the user of that login, with the rights granted here and no more', async () => {
  const b = h.browser();
  const url = new URL(await begin(b));
  expect(url.searchParams.get('code_challenge_method')).toBe('S256');
  expect(url.searchParams.get('nonce')).toBeTruthy();
  const back = await b.get(await atProvider(url.href, 'analyst'));
  expect(back.status).toBe(200);
  expect(back.text).toContain('http-equiv="refresh"');
  const me = (await b.get('/api/v1/me')).body;
  expect(me).toMatchObject({
    user: { login: 'analyst' },
    roles: ['analyst'],
    session: { method: 'oidc' },
    mustChangePassword: false,
  });
  expect(b.cookies.has('jingwei-oidc')).toBe(false);
});

test('somebody whom only the provider knows gets no account', async () => {
  const b = h.browser();
  const back = await b.get(await atProvider(await begin(b), 'stranger'));
  expect([back.status, back.body.code]).toEqual([403, 'auth.oidc-unknown-user']);
  expect(b.cookies.has('jingwei')).toBe(false);
});

test('a browser is told in words why it did not enter, and nothing that the provider or a stranger writes becomes a page', async () => {
  const as = (url: string, headers: Record<string, string>, b: Browser) =>
    h.http.fastify.inject({ url, headers, cookies: Object.fromEntries(b.cookies) });
  const b = h.browser();
  const back = await atProvider(await begin(b), 'stranger');
  const page = await as(back, { accept: 'text/html,*/*;q=0.8', 'accept-language': 'en' }, b);
  expect([page.statusCode, page.headers['content-type']]).toEqual([403, 'text/html; charset=utf-8']);
  expect(page.body).toContain('no user here stands for you');
  expect(page.body).toContain('<code>auth.oidc-unknown-user</code>');
  expect(page.body).toContain('<a href="/">');
  const c = h.browser();
  const forged = await atProvider(await begin(c), 'analyst');
  const error = encodeURIComponent('<img src=x>');
  const state = /state=[^&]+/.exec(forged)![0];
  const hostile = await as(`/api/v1/oidc/callback?${state}&error=${error}`, { accept: 'text/html' }, c);
  expect(hostile.statusCode).toBeGreaterThanOrEqual(400);
  expect(hostile.body).toContain('auth.oidc-failed');
  expect(hostile.body).not.toContain('<img');
});

test('an administrator enters this way only when the account was bound to the provider on purpose', async () => {
  const enter = async (name: string) => {
    const b = h.browser();
    return (await b.get(await atProvider(await begin(b), name))).status;
  };
  expect(await enter('sysadmin')).toBe(403);
  await store.db.query(`UPDATE auth.account SET oidc_subject = 'zhang.san' WHERE login = 'sysadmin'`);
  expect(await enter('zhang.san')).toBe(200);
  expect(await enter('sysadmin')).toBe(403);
});

test('an answer works once, only in the browser that began, only for a while, and only unchanged', async () => {
  const b = h.browser();
  const callback = await atProvider(await begin(b), 'analyst');
  const other = h.browser();
  await begin(other);
  expect((await other.get(callback)).body.code).toBe('auth.oidc-failed');
  expect((await new Browser(h.http).get(callback)).body.code).toBe('auth.oidc-failed');
  const cookies = new Map(b.cookies);
  expect((await b.get(callback)).status).toBe(200);
  b.cookies.clear();
  for (const [name, value] of cookies) b.cookies.set(name, value);
  expect((await b.get(callback)).body.code).toBe('auth.oidc-failed');

  const late = h.browser();
  const slow = await atProvider(await begin(late), 'analyst');
  h.clock.advance(11 * 60_000);
  expect((await late.get(slow)).body.code).toBe('auth.oidc-failed');

  const forged = h.browser();
  const honest = await atProvider(await begin(forged), 'analyst');
  expect((await forged.get(honest.replace(/code=[^&]+/, 'code=guessed'))).body.code).toBe('auth.oidc-failed');
});

test('a code bought with another nonce or verifier is refused', async () => {
  for (const column of ['nonce', 'verifier']) {
    const b = h.browser();
    const callback = await atProvider(await begin(b), 'analyst');
    await store.db.query(`UPDATE auth.oidc_flow SET ${column} = '${'x'.repeat(43)}'`);
    expect((await b.get(callback)).body.code).toBe('auth.oidc-failed');
  }
});

test('a provider that is away is a clear problem, and the next try asks again', async () => {
  const context = h.auth.context;
  const settings = context.config.oidc!;
  const { Oidc } = await import('./oidc.ts');
  const config = { ...context.config, oidc: { ...settings, issuer: 'http://127.0.0.1:9' } };
  const oidc = new Oidc({ ...context, config });
  await expect(oidc.begin(CALLBACK)).rejects.toThrow('auth.oidc-failed');
  config.oidc.issuer = issuer;
  expect((await oidc.begin(CALLBACK)).url).toContain(issuer);
});
