/** What callers try who mean no good, or know no better: whatever they send, nothing beyond the grant comes back, and no answer tells more than another. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestDb, testStore } from '../platform/db/testing.ts';
import { people } from '../sharing/testing.ts';
import { SCAN_ROWS } from './serve/served.ts';
import { type GatewayBench, gatewayBench, gatewayMigrations } from './testing.ts';

const { rsjOfficer, officer, head, taxOfficer, steward, leader } = people;
type Json = Record<string, unknown> & { code: string; titles: { en: string } };
const json = async (r: Response) => (await r.json()) as Json;

describe('callers who mean no good', () => {
  let store: TestDb;
  let g: GatewayBench;
  let grant: number;
  let client: { id: string; secret: string };
  let token: string;
  beforeAll(async () => {
    store = await testStore(gatewayMigrations);
    g = await gatewayBench(store.db);
    grant = await g.grant();
    await sql`INSERT INTO gateway.service (share, per_second, burst, concurrent, cache, updated_by, updated_at)
      VALUES (${grant}, 5000, 9000, 50, false, 'test', now())`.execute(store.db.kysely);
    await g.gateway.services.reload(grant);
    client = await g.client();
    token = await g.token(client);
  });
  afterAll(async () => {
    await g.end();
    await store.end();
  });
  const code = async (r: Promise<Response>) => {
    const answer = await r;
    return `${answer.status} ${(await json(answer)).code}`;
  };

  test('an item that is not granted and one that does not exist are refused by the same words, everywhere', async () => {
    const narrow = await g.token(client, `grant:${grant}/permit_no,comp_nm`);
    const answers: Json[] = [];
    for (const name of ['note', 'fee', 'no_such_item']) {
      for (const path of [
        `lookup?permit_no=P1&fields=${name}`,
        `records?fields=permit_no,${name}`,
        `export?fields=${name}`,
      ])
        answers.push(await json(await g.get(`${grant}/${path}`, narrow)));
      answers.push(
        await json(await g.post(`${grant}/lookup`, narrow, { keys: [{ permit_no: 'P1' }], fields: [name] })),
      );
    }
    expect(new Set(answers.map((a) => JSON.stringify({ ...a, instance: '' }))).size).toBe(1);
    expect(answers[0]!.code).toBe('gateway.field-not-granted');
    const filters: Json[] = [];
    for (const name of ['note', 'fee', 'phone', 'no_such_item'])
      filters.push(await json(await g.post(`${grant}/count`, narrow, { filter: [{ item: name, is: 'present' }] })));
    expect(new Set(filters.map((a) => JSON.stringify({ ...a, instance: '' }))).size).toBe(1);
    expect(filters[0]!.code).toBe('gateway.filter-item');
  });

  test('a masked item cannot be asked by, so that nobody finds out its value by questions', async () => {
    for (const is of ['eq', 'prefix', 'in', 'present']) {
      const filter = [{ item: 'phone', is, values: is === 'present' ? [] : ['138'] }];
      expect(await code(g.post(`${grant}/search`, token, { filter }))).toBe('400 gateway.filter-item');
    }
  });

  test('scopes never reach beyond the grant, and refusals do not tell what there is', async () => {
    const own = await g.client({ scope: [`grant:${grant}/permit_no,comp_nm`] });
    const answers = new Set<string>();
    for (const scope of [
      `grant:${grant}`,
      `grant:${grant}/fee`,
      `grant:${grant}/nothing`,
      'grant:999',
      'grant:0',
      '*',
      `grant:${grant}/../..`,
    ])
      await g.token(own, scope).catch((error: Error) => answers.add(error.message));
    expect([...answers]).toEqual([
      '{"error":"invalid_scope","error_description":"the scope asks for what was not granted"}',
    ]);
    const t = await g.token(own);
    const { records } = (await json(await g.get(`${grant}/lookup?permit_no=P1`, t))) as never as { records: object[] };
    expect(Object.keys(records[0]!)).toEqual(['_record', 'permit_no', 'comp_nm']);
    await expect(g.client({ scope: ['grant:999'] })).rejects.toThrow('gateway.bad-scope');
    await expect(g.client({ scope: [`grant:${grant}/note`] })).rejects.toThrow('gateway.bad-scope');
  });

  test("another department's service is as unknown as one that is not there", async () => {
    const theirs = await g.client({}, taxOfficer);
    await expect(g.token(theirs)).rejects.toThrow('invalid_scope');
    const answers = await Promise.all(
      [`${grant + 999}/count`, '0/count', 'x/count', `${grant}9/lookup?permit_no=P1`].map(async (p) =>
        json(await g.get(p, token)),
      ),
    );
    expect(new Set(answers.map((a) => JSON.stringify({ ...a, instance: '' }))).size).toBe(1);
    expect(answers[0]!.code).toBe('gateway.unknown-service');
    await expect(g.call('GET', '/services/{id}', taxOfficer, { params: { id: grant } })).rejects.toThrow(
      'unknown-service',
    );
    await expect(g.call('GET', '/services', leader)).rejects.toThrow('403');
    await expect(g.call('POST', '/clients', head, { body: {} })).rejects.toThrow('403');
  });

  test('guessed numbers answer alike, count against the rate and wait in the end', async () => {
    const slow = await g.client({ perSecond: 5 });
    const t = await g.token(slow);
    const ask = (record: string) => g.get(`${grant}/records/${record}`, t);
    const guesses = ['0'.repeat(20), 'f'.repeat(20), 'not-a-number', '%27%20OR%201=1', '..%2f..', 'x'.repeat(300)];
    const answers = await Promise.all(guesses.map(async (x) => json(await ask(x))));
    expect(new Set(answers.map((a) => JSON.stringify({ ...a, instance: '' }))).size).toBe(1);
    // A hundred guesses in one call cost as much as a hundred calls.
    const records = Array.from({ length: 100 }, (_, i) => String(i).padStart(20, '0'));
    expect((await g.post(`${grant}/lookup`, t, { records })).status).toBe(200);
    const late = await ask(guesses[0]!);
    expect([late.status, Number(late.headers.get('retry-after')) > 10]).toEqual([429, true]);
  });

  test('tokens: invented, of another kind, revoked, over, of a client that was stopped', async () => {
    const challenge = (r: Response) => [
      r.status,
      r.headers.get('www-authenticate')?.includes('invalid_token') ?? false,
    ];
    for (const bad of ['x', `${token}x`, client.secret, `${token} ${token}`, 'a'.repeat(5000)])
      expect(challenge(await g.get(`${grant}/count`, bad))).toEqual([401, true]);
    const none = await fetch(`${g.url}/services/${grant}/count?access_token=${token}`);
    expect([none.status, none.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="jingwei"']);
    const revoke = (t: string, c: { id: string; secret: string }) =>
      fetch(`${g.url}/services/oauth/revoke`, {
        ...{ method: 'POST', body: new URLSearchParams({ token: t, client_id: c.id, client_secret: c.secret }) },
      });
    const t = await g.token(client);
    const other = await g.client();
    expect((await revoke(t, other)).status).toBe(200);
    expect((await g.get(`${grant}/count`, t)).status).toBe(200);
    expect((await revoke(t, client)).status).toBe(200);
    expect(challenge(await g.get(`${grant}/count`, t))).toEqual([401, true]);
    const stopped = await g.token(other);
    const state = (to: string, p = rsjOfficer) =>
      g.call('POST', '/clients/{id}/state', p, { params: { id: other.id }, body: { state: to, reason: '人员调整' } });
    await expect(state('disabled', officer)).rejects.toThrow('gateway.unknown-client');
    await state('disabled', steward);
    await expect(state('active', steward)).rejects.toThrow('gateway.not-yours');
    expect(challenge(await g.get(`${grant}/count`, stopped))).toEqual([401, true]);
    await state('active');
    expect(challenge(await g.get(`${grant}/count`, stopped))).toEqual([401, true]);
    const again = await g.token(other);
    await state('ended');
    expect(challenge(await g.get(`${grant}/count`, again))).toEqual([401, true]);
    await expect(g.token(other)).rejects.toThrow('invalid_client');
    await expect(state('active')).rejects.toThrow('gateway.client-ended');
    const short = await g.token(client);
    g.b.clock.advance(599_000);
    expect((await g.get(`${grant}/count`, short)).status).toBe(200);
    g.b.clock.advance(1000);
    expect(challenge(await g.get(`${grant}/count`, short))).toEqual([401, true]);
    token = await g.token(client);
  });

  test('a client comes from its networks only, for its token and with it', async () => {
    const own = await g.client({ networks: ['10.0.0.0/8'] });
    await expect(g.token(own)).rejects.toThrow('invalid_client');
    const near = await g.client({ networks: ['127.0.0.0/8', '::1'] });
    const t = await g.token(near);
    // Nobody believes what a caller writes about where it comes from.
    const spoofed = await g.get(`${grant}/count`, t, { 'x-forwarded-for': '10.1.1.1' });
    expect(spoofed.status).toBe(200);
    await expect(g.client({ networks: ['10.0.0.0/33'] })).rejects.toThrow('gateway.bad-network');
    await expect(g.client({ networks: ['localhost'] })).rejects.toThrow('gateway.bad-network');
  });

  test('the token endpoint: two ways at once, a parameter twice, another type of grant, nothing at all', async () => {
    const send = async (body: string, headers: Record<string, string> = {}) => {
      const answer = await fetch(`${g.url}/services/oauth/token`, {
        ...{ method: 'POST', body, headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers } },
      });
      return `${answer.status} ${((await answer.json()) as { error: string }).error}`;
    };
    const basic = `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString('base64')}`;
    const both = `grant_type=client_credentials&client_id=${client.id}&client_secret=${client.secret}`;
    expect(await send('grant_type=client_credentials', { authorization: basic })).toBe('200 undefined');
    expect(await send(both, { authorization: basic })).toBe('400 invalid_request');
    expect(await send(`${both}&grant_type=client_credentials`)).toBe('400 invalid_request');
    expect(await send(both.replace('client_credentials', 'password'))).toBe('400 unsupported_grant_type');
    expect(await send('')).toBe('401 invalid_client');
    expect(await send('grant_type=client_credentials', { authorization: 'Basic !!!' })).toBe('401 invalid_client');
    expect(await send(`${both}x`)).toBe('401 invalid_client');
    expect(await send(both, { 'content-type': 'application/json' })).toBe('400 invalid_request');
    expect((await fetch(`${g.url}/services/oauth/token`)).status).toBe(405);
    const metadata = await fetch(`${g.url}/.well-known/oauth-authorization-server`);
    expect(await metadata.json()).toMatchObject({ issuer: g.url, token_endpoint: `${g.url}/services/oauth/token` });
  });

  test('a client that takes a token for every call is told to use those it has', async () => {
    const own = await g.client();
    // Fifty-nine that were taken before.
    g.gateway.buckets.take(`token ${own.id}`, 1, 60, g.b.clock.now().getTime(), 59);
    expect(await g.token(own)).toMatch(/^jwa_/);
    await expect(g.token(own)).rejects.toThrow('temporarily_unavailable');
  });

  test('filters that are too many, too long, of the wrong kind, or no filter at all', async () => {
    const one = { item: 'permit_no', is: 'eq', values: ['P1'] };
    const cases: [unknown, string][] = [
      [{ filter: Array(9).fill(one) }, '400 gateway.bad-request'],
      [{ filter: [{ ...one, is: 'in', values: Array(201).fill('x') }] }, '400 gateway.bad-request'],
      [{ filter: [{ ...one, values: ['x'.repeat(101)] }] }, '400 gateway.bad-request'],
      [{ filter: [{ ...one, is: 'like' }] }, '400 gateway.bad-request'],
      [{ filter: [{ ...one, more: 1 }] }, '400 gateway.bad-request'],
      [{ filter: [{ ...one, item: '"; DROP TABLE x' }] }, '400 gateway.bad-request'],
      [{ filter: [{ item: 'valid_to', is: 'ge', values: ['2026-02-31'] }] }, '400 gateway.filter-value'],
      [{ filter: [{ item: 'fee', is: 'eq', values: ['1 OR 1=1'] }] }, '400 gateway.filter-value'],
      [{ filter: [{ ...one, values: [] }] }, '400 gateway.filter-value'],
      [{ limit: 100_000 }, '400 gateway.bad-request'],
      [{ cursor: 'czzzzzzzzzzzzz' }, '400 gateway.cursor'],
      [{ cursor: "c' OR 1" }, '400 gateway.cursor'],
      ['[1,2', '400 gateway.bad-request'],
      ['null', '400 gateway.bad-request'],
    ];
    for (const [body, expected] of cases) expect(await code(g.post(`${grant}/search`, token, body))).toBe(expected);
    expect(await code(g.post(`${grant}/search`, token, {}, { 'content-type': 'text/plain' }))).toBe(
      '415 gateway.media-type',
    );
    const injected = encodeURIComponent("x' OR '1'='1");
    expect(
      ((await json(await g.get(`${grant}/records?comp_nm=${injected}`, token))) as never as { records: [] }).records,
    ).toEqual([]);
    expect(await code(g.get(`${grant}/records?comp_nm=a&comp_nm=b`, token))).toBe('400 gateway.bad-request');
  });

  test('a filter that would scan everything is refused and says by what can be asked', async () => {
    const { live } = g.gateway.services.get(grant)!;
    const rows = live!.rows;
    live!.rows = SCAN_ROWS + 1;
    try {
      const scan = await json(
        await g.post(`${grant}/count`, token, { filter: [{ item: 'fee', is: 'ge', values: ['1'] }] }),
      );
      expect([scan.code, scan.titles.en]).toEqual([
        'gateway.filter-scan',
        expect.stringContaining('permit_no, comp_nm'),
      ]);
      const quick = [
        { item: 'permit_no', is: 'eq', values: ['P1'] },
        { item: 'fee', is: 'ge', values: ['1'] },
      ];
      expect((await g.post(`${grant}/count`, token, { filter: quick })).status).toBe(200);
    } finally {
      live!.rows = rows;
    }
  });

  test('bodies that are too large, never end or say a wrong length; headers with line breaks; methods and addresses that are none', async () => {
    expect(await code(g.post(`${grant}/search`, token, 'x'.repeat(70_000)))).toBe('413 gateway.body-too-large');
    expect(await code(g.get(`${grant}/nothing`, token))).toBe('404 gateway.unknown-address');
    expect(await code(g.get(`${grant}/__proto__`, token))).toBe('404 gateway.unknown-address');
    expect(await code(g.get(`${grant}/search`, token))).toBe('405 gateway.method');
    expect(await code(g.get(`${grant}/count`, token, { 'jingwei-purpose': '%E0%A4%A' }))).toBe(
      '400 gateway.bad-request',
    );
    const port = Number(new URL(g.url).port);
    const raw = (text: string) =>
      new Promise<string>((resolve) => {
        const socket = connect(port, '127.0.0.1', () => socket.write(text));
        let answer = '';
        socket.on('data', (d) => {
          answer += d;
        });
        socket.on('close', () => resolve(answer));
        socket.on('error', () => resolve(answer));
      });
    const smuggled = await raw(
      `POST /services/${grant}/search HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: 999999\r\n\r\n{}`,
    );
    expect([smuggled.split('\r\n')[0], /connection: close/i.test(smuggled)]).toEqual([
      'HTTP/1.1 413 Payload Too Large',
      true,
    ]);
    const split = await raw(
      `GET /services/${grant}/export?format=csv%0d%0aX-Injected:1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${token}\r\n\r\n`,
    );
    expect([split.split('\r\n')[0], /^x-injected/im.test(split)]).toEqual(['HTTP/1.1 400 Bad Request', false]);
  });

  test('a grant that is suspended, ended or over is refused at once, also in the middle of an export', async () => {
    const own = await g.grant({}, 'scjg.penalty');
    const t = await g.token(client, `grant:${own}`);
    expect((await g.get(`${own}/count`, t)).status).toBe(200);
    let cut = false;
    g.gateway.cutOff(own, client.id, () => {
      cut = true;
    });
    const until = { comment: '发现超范围使用', data: { mendBy: '2026-12-01' } };
    await g.b.step('shares', own, 'suspend', head, until);
    expect([await code(g.get(`${own}/count`, t)), cut]).toEqual(['403 gateway.grant-not-active', true]);
    await expect(g.token(client, `grant:${own}`)).rejects.toThrow('invalid_scope');
    await g.b.step('shares', own, 'resume', head, { comment: '已整改' });
    expect((await g.get(`${own}/count`, t)).status).toBe(200);
    const fewer = { comment: '收窄', data: { change: { items: ['permit_no'] } } };
    await g.b.step('shares', own, 'propose-change', head, fewer);
    await g.b.step('shares', own, 'accept-change', people.rsjHead);
    await g.gateway.services.refresh([own]);
    const { records } = (await json(await g.get(`${own}/lookup?permit_no=P1`, t))) as never as { records: object[] };
    expect(Object.keys(records[0]!)).toEqual(['_record', 'permit_no']);
    g.b.clock.advance(400 * 86_400_000);
    const late = await g.token(client).catch((error: Error) => error.message);
    expect(late).toContain('invalid_scope');
    g.b.clock.advance(-400 * 86_400_000);
  });

  test('refusals of note stand in the audit once a minute, however often they come', async () => {
    await Promise.all(Array.from({ length: 15 }, () => g.get(`${grant}/lookup?permit_no=P1&fields=note`, token)));
    await g.gateway.notes.settled();
    const kept = await store.db.query<{ object: string }>(
      `SELECT object FROM audit.entry WHERE action = 'gateway.call' AND detail LIKE '%field-not-granted%'`,
    );
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.length).toBeLessThan(5);
    expect(kept.every((k) => k.object === `gateway-client/${client.id}`)).toBe(true);
  });

  test('the generated client compiles under strict rules and works against the hub', async () => {
    const source = await (await g.get(`${grant}/client.ts`, token)).text();
    const folder = mkdtempSync(join(tmpdir(), 'jingwei-client-'));
    const file = join(folder, 'client.ts');
    writeFileSync(file, source);
    const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
    const strict = ['--strict', '--noUncheckedIndexedAccess', '--exactOptionalPropertyTypes', '--noUnusedLocals'];
    const target = [
      '--target',
      'es2022',
      '--module',
      'es2022',
      '--moduleResolution',
      'bundler',
      '--lib',
      'es2022,dom,dom.iterable',
      '--types',
      '',
    ];
    await promisify(execFile)(process.execPath, [tsc, ...strict, ...target, '--outDir', folder, file], { cwd: folder });
    const made = await import(/* @vite-ignore */ pathToFileURL(join(folder, 'client.js')).href);
    rmSync(folder, { recursive: true, force: true });
    const own = new made.Client({ clientId: client.id, clientSecret: client.secret, purpose: '核对' });
    const [row] = await own.byKey({ permit_no: 'P7' });
    expect(row).toMatchObject({ permit_no: 'P7', phone: '138****0000' });
    expect(await own.get(row._record, ['fee'])).toEqual({ _record: row._record, fee: '700.0000' });
    expect(await own.get('0'.repeat(20))).toBeNull();
    expect(await own.count([{ item: 'fee', is: 'ge', values: ['1900'] }])).toBe(2);
    const all = [];
    for await (const r of own.all([], ['permit_no'])) all.push(r.permit_no);
    expect(new Set(all).size).toBe(20);
    expect((await own.export('csv')) instanceof ReadableStream).toBe(true);
    const described = await json(await g.get(`${grant}/openapi.json`, token));
    expect(described.openapi).toBe('3.1.1');
    expect(Object.keys(described.paths as object)).toContain('/records/{record}');
  });
});
