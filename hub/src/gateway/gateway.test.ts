import { generateKeyPairSync, sign } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeDb } from '../platform/db/testing.ts';
import type { StreamBody } from '../platform/http/index.ts';
import { people } from '../sharing/testing.ts';
import { type GatewayBench, gatewayBench, gatewayMigrations, textOf } from './testing.ts';
import { serviceUses } from './uses.ts';

const { rsjOfficer, officer, steward, taxOfficer } = people;
type Json = Record<string, unknown> & {
  records: Record<string, unknown>[];
  record: Record<string, unknown>;
  code: string;
};
const json = async (r: Response) => (await r.json()) as Json;

describeDb('gateway', gatewayMigrations, (db) => {
  let g: GatewayBench;
  let grant: number;
  let client: { id: string; secret: string };
  let token: string;
  beforeAll(async () => {
    g = await gatewayBench(db());
    grant = await g.grant();
    client = await g.client();
    token = await g.token(client);
  });
  afterAll(() => g.end());

  test('a record is had by key and by number, with granted items only, masked as deliveries are', async () => {
    const answer = await g.get(`${grant}/lookup?permit_no=P3`, token);
    expect(answer.status).toBe(200);
    const { records, updatedAt } = await json(answer);
    expect(records).toEqual([
      {
        ...{
          _record: expect.stringMatching(/^[0-9a-f]{20}$/),
          permit_no: 'P3',
          comp_nm: '企业3有限公司',
          contact: '王小3',
        },
        ...{ phone: '138****0000', valid_to: '2026-01-04', fee: '300.0000' },
      },
    ]);
    expect(updatedAt).toBe(g.b.clock.now().toISOString());
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('jingwei-sandbox')).toBeNull();
    const again = await json(await g.get(`${grant}/records/${records[0]!._record}?fields=fee`, token));
    expect(again.record).toEqual({ _record: records[0]!._record, fee: '300.0000' });
  });

  test('many keys at once are answered in their order; what is not there is an empty place', async () => {
    const keys = ['P20', 'nobody', 'P1', 'P20'].map((permit_no) => ({ permit_no }));
    const answer = await json(await g.post(`${grant}/lookup`, token, { keys, fields: ['permit_no'] }));
    const found = (answer.results as { records: { permit_no: string }[] }[]).map((r) =>
      r.records.map((x) => x.permit_no),
    );
    expect(found).toEqual([['P20'], [], ['P1'], ['P20']]);
  });

  test('look-ups that come together are asked of the engine together and each gets its own', async () => {
    const numbers = Array.from({ length: 60 }, (_, i) => (i % 20) + 1);
    const some = await g.client({ perSecond: 1000 });
    const own = await g.token(some);
    const set = await g.call<{ settings: { version: number } }>('GET', '/services/{id}', officer, {
      params: { id: grant },
    });
    const limits = { perSecond: 1000, burst: 2000, perDay: null, perMonth: null, concurrent: 100, cache: false };
    const body = { ...limits, version: set.settings.version };
    await g.call('PUT', '/services/{id}/settings', officer, { params: { id: grant }, body });
    const answers = await Promise.all(
      numbers.map(async (n) => json(await g.get(`${grant}/lookup?permit_no=P${n}`, own))),
    );
    expect(answers.map((a) => a.records[0]!.permit_no)).toEqual(numbers.map((n) => `P${n}`));
  });

  test('lists go page by page, filters ask by what is seen plain, counts count the same rows', async () => {
    const seen: unknown[] = [];
    let next: unknown = '';
    do {
      const path: string = `${grant}/records?limit=7${next ? `&cursor=${next}` : ''}`;
      const page = await json(await g.get(path, token));
      seen.push(...page.records.map((r) => r.permit_no));
      next = page.next;
    } while (next);
    expect([...seen].sort()).toEqual(Array.from({ length: 20 }, (_, i) => `P${i + 1}`).sort());
    const filter = [
      { item: 'valid_to', is: 'le', values: ['2026-01-11'] },
      { item: 'fee', is: 'ge', values: ['500'] },
    ];
    const page = await json(await g.post(`${grant}/search`, token, { filter, fields: ['permit_no'] }));
    expect(page.records.map((r) => r.permit_no).sort()).toEqual(['P10', 'P5', 'P6', 'P7', 'P8', 'P9']);
    expect((await json(await g.post(`${grant}/count`, token, { filter }))).count).toBe(6);
    expect((await json(await g.get(`${grant}/count`, token))).count).toBe(20);
    expect(
      (await json(await g.get(`${grant}/records?comp_nm=${encodeURIComponent('企业4有限公司')}`, token))).records,
    ).toHaveLength(1);
  });

  test('an export has every row, in each format, with the items of the token', async () => {
    const narrow = await g.token(client, `grant:${grant}/permit_no,phone`);
    const lines = (await (await g.get(`${grant}/export?format=ndjson`, narrow)).text())
      .trim()
      .split('\n')
      .map((l) => JSON.parse(l));
    expect(lines).toHaveLength(20);
    expect(Object.keys(lines[0])).toEqual(['_record', 'permit_no', 'phone']);
    expect(new Set(lines.map((l) => l.phone))).toEqual(new Set(['138****0000']));
    const csv = await (await g.get(`${grant}/export?format=csv`, narrow)).text();
    expect(csv.split('\n')[0]).toBe('_record,permit_no,phone');
    const parquet = Buffer.from(await (await g.get(`${grant}/export?format=parquet`, narrow)).arrayBuffer());
    expect(parquet.subarray(0, 4).toString()).toBe('PAR1');
  });

  test('the row filter of a grant holds: what is outside it looks like what is not there', async () => {
    const few = await g.grant({ filter: [{ item: 'permit_no', is: 'in', values: ['P1', 'P2'] }] }, 'scjg.penalty');
    const own = await g.token(client, `grant:${few}`);
    const outside = await g.get(`${few}/lookup?permit_no=P3`, own);
    const nowhere = await g.get(`${few}/lookup?permit_no=nobody`, own);
    expect([outside.status, nowhere.status]).toEqual([404, 404]);
    const [one, other] = [await json(outside), await json(nowhere)];
    expect({ ...one, instance: '' }).toEqual({ ...other, instance: '' });
    expect((await json(await g.get(`${few}/count`, own))).count).toBe(2);
    const { record } = (await json(await g.get(`${grant}/lookup?permit_no=P3`, token))).records[0] as never;
    expect((await g.get(`${few}/records/${record}`, own)).status).toBe(404);
  });

  test('the sandbox has made-up rows of the same shape, marked in every answer, and no client sees both', async () => {
    const trial = await g.client({ sandbox: true });
    const own = await g.token(trial);
    const answer = await g.get(`${grant}/records?limit=3`, own);
    expect(answer.headers.get('jingwei-sandbox')).toBe('true');
    const page = await json(answer);
    expect([page.sandbox, page.records.length]).toEqual([true, 3]);
    const real = (await json(await g.get(`${grant}/records?limit=1`, token))).records[0]!;
    expect(Object.keys(page.records[0]!)).toEqual(Object.keys(real));
    const row = page.records.find((r) => r.phone)!;
    expect(row.phone).toMatch(/^1\d\d\*{4}\d{4}$/);
    expect((await g.get(`${grant}/lookup?permit_no=P1`, own)).status).toBe(404);
    expect((await g.get(`${grant}/records/${page.records[0]!._record}`, token)).status).toBe(404);
    const refused = await g.get(`${grant}/lookup?permit_no=P1`, own);
    expect(refused.headers.get('jingwei-sandbox')).toBe('true');
    const csv = await (await g.get(`${grant}/export?format=csv`, own)).text();
    expect(csv.trim().split('\n')).toHaveLength(201);
  });

  test('a provider may declare a cache: the same question is answered from it, without another one learning its tag', async () => {
    const own = await g.grant({}, 'scjg.penalty');
    const set = { perSecond: 100, burst: 200, perDay: null, perMonth: null, concurrent: 5, cache: true, version: 0 };
    const detail = await g.call<{ settings: object }>('PUT', '/services/{id}/settings', officer, {
      params: { id: own },
      body: set,
    });
    expect(detail.settings).toMatchObject({ cache: true, version: 1 });
    const t = await g.token(client, `grant:${own}`);
    const first = await g.get(`${own}/lookup?permit_no=P1`, t);
    const etag = first.headers.get('etag')!;
    expect(first.headers.get('cache-control')).toBe('private, max-age=3600');
    const second = await g.get(`${own}/lookup?permit_no=P1`, t, { 'if-none-match': etag });
    expect([second.status, await second.text()]).toEqual([304, '']);
    expect((await g.get(`${own}/lookup?permit_no=P2`, t, { 'if-none-match': etag })).status).toBe(200);
    await expect(
      g.call('PUT', '/services/{id}/settings', rsjOfficer, { params: { id: own }, body: { ...set, version: 1 } }),
    ).rejects.toThrow('gateway.not-yours');
  });

  test('rate, calls at once and quotas hold and say when to come again', async () => {
    const own = await g.grant({}, 'scjg.penalty');
    const set = { perSecond: 1, burst: 3, perDay: 5, perMonth: null, concurrent: 5, cache: false, version: 0 };
    await g.call('PUT', '/services/{id}/settings', officer, { params: { id: own }, body: set });
    const t = await g.token(client, `grant:${own}`);
    const ask = () => g.get(`${own}/count`, t);
    const burst = await Promise.all([ask(), ask(), ask(), ask()]);
    expect(burst.map((r) => r.status).sort()).toEqual([200, 200, 200, 429]);
    const refused = burst.find((r) => r.status === 429)!;
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(refused.headers.get('ratelimit-policy')).toBe('"rate";q=1;w=1;burst=3');
    expect((await json(refused)).code).toBe('gateway.rate-exceeded');
    g.b.clock.advance(5000);
    expect((await g.post(`${own}/lookup`, t, { keys: [1, 2, 3].map((n) => ({ permit_no: `P${n}` })) })).status).toBe(
      429,
    );
    expect((await ask()).status).toBe(200);
    expect((await ask()).status).toBe(200);
    g.b.clock.advance(5000);
    expect((await json(await ask())).code).toBe('gateway.quota-exceeded');
  });

  test('every call is kept with what was asked, and both sides and the authority read it, nobody else', async () => {
    await g.get(`${grant}/lookup?permit_no=P9`, token, { 'jingwei-purpose': encodeURIComponent('稽核\r\n案件 7') });
    await g.get(`${grant}/lookup?permit_no=nobody`, token);
    const query = { service: grant };
    for (const p of [rsjOfficer, officer, steward]) {
      const usage = await g.call<{
        calls: number;
        refused: number;
        services: { id: number }[];
        refusals: { code: string }[];
      }>(...(['GET', '/usage', p, { query }] as const));
      expect(usage.calls).toBeGreaterThan(60);
      expect(usage.services).toMatchObject([{ id: grant, calls: usage.calls }]);
      expect(usage.refusals.map((r) => r.code)).toContain('gateway.unknown-record');
    }
    expect(await g.call('GET', '/usage', taxOfficer, { query })).toMatchObject({ calls: 0, days: [], clients: [] });
    const { items } = await g.call<{ items: { key: string; purpose: string; operation: string; status: number }[] }>(
      ...(['GET', '/usage/calls', officer, { query }] as const),
    );
    expect(JSON.stringify(items)).not.toContain('P9');
    expect(items.find((i) => i.purpose)).toMatchObject({ purpose: '稽核  案件 7', operation: 'lookup', status: 200 });
    expect(items.find((i) => i.purpose)!.key).toMatch(/^[0-9a-f]{20}$/);
    const csv = await textOf(await g.call<StreamBody>('GET', '/usage/export', rsjOfficer, { query }));
    expect(csv.trim().split('\r\n').length).toBe(items.length + 1);
    const uses = await serviceUses(g.gateway.deps, '2026-03-01', '2026-03-31');
    expect(uses.find((u) => u.entry === 'scjg.permit')).toMatchObject({
      provider: 'scjg',
      requester: 'rsj',
      day: '2026-03-02',
    });
    const audits = await g.gateway.deps.db.query('SELECT action FROM audit.entry WHERE action = $1', [
      'gateway.usage.export',
    ]);
    expect(audits).toHaveLength(1);
  });

  test('days that are over are summed up once, and the audit has their totals', async () => {
    const before = await g.call<{ calls: number }>('GET', '/usage', steward);
    g.b.clock.advance(86_400_000);
    await g.gateway.usage.take();
    await g.gateway.usage.take();
    const after = await g.call<{ calls: number; days: { calls: number }[] }>('GET', '/usage', steward);
    expect([after.calls, after.days.length]).toEqual([before.calls, 1]);
    const audits = await g.gateway.deps.db.query<{ detail: string }>(
      `SELECT detail FROM audit.entry WHERE action = 'gateway.day'`,
    );
    expect(audits).toHaveLength(1);
    expect(JSON.parse(audits[0]!.detail).shares.length).toBeGreaterThan(2);
  });

  test('a client with a key of its own signs for its token; an assertion is taken once', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'k1' };
    const made = await g.client({ method: 'jwt', keys: [jwk] });
    expect(made.secret).toBeNull();
    const seconds = g.b.clock.now().getTime() / 1000;
    const signed = (claims: object, header: object = { alg: 'EdDSA', kid: 'k1' }) => {
      const text = [header, claims].map((p) => Buffer.from(JSON.stringify(p)).toString('base64url')).join('.');
      return `${text}.${sign(null, Buffer.from(text), privateKey).toString('base64url')}`;
    };
    const claims = { iss: made.id, sub: made.id, aud: `${g.url}/services/oauth/token`, exp: seconds + 60, jti: 'one' };
    const ask = (assertion: string) =>
      fetch(`${g.url}/services/oauth/token`, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          client_assertion: assertion,
        }),
      });
    const first = await ask(signed(claims));
    expect(first.status).toBe(200);
    expect(((await first.json()) as { scope: string }).scope).toContain(`grant:${grant}`);
    for (const [why, bad] of [
      ['replayed', signed(claims)],
      ['expired', signed({ ...claims, jti: '2', exp: seconds - 100 })],
      ['too long', signed({ ...claims, jti: '3', exp: seconds + 86_400 })],
      ['another hub', signed({ ...claims, jti: '4', aud: 'https://elsewhere.example' })],
      ['two audiences', signed({ ...claims, jti: '4', aud: [claims.aud, 'https://elsewhere.example'] })],
      ['another client', signed({ ...claims, jti: '5', iss: client.id, sub: client.id })],
      ['no jti', signed({ ...claims, jti: undefined })],
      ['none', `${signed({ ...claims, jti: '6' }, { alg: 'none' })}`],
      ['confused', signed({ ...claims, jti: '7' }, { alg: 'HS256' })],
      ['prototype', signed({ ...claims, jti: '8' }, { alg: 'constructor' })],
      ['not yet', signed({ ...claims, jti: '9', nbf: seconds + 300 })],
      [
        'changed',
        signed({ ...claims, jti: 'a' }).replace(
          /\.[^.]+\./,
          `.${Buffer.from(JSON.stringify({ ...claims, jti: 'b' })).toString('base64url')}.`,
        ),
      ],
    ] as const) {
      const answer = await ask(bad);
      expect([why, answer.status, ((await answer.json()) as { error: string }).error]).toEqual([
        why,
        401,
        'invalid_client',
      ]);
    }
  });

  test('secrets are shown once, kept hashed, two at most, and one can be ended', async () => {
    const own = await g.client();
    const kept = await g.gateway.deps.db.query<{ hash: Uint8Array }>(
      'SELECT hash FROM gateway.secret WHERE client = $1',
      [own.id],
    );
    expect(Buffer.from(kept[0]!.hash).toString('hex')).not.toContain(own.secret);
    const params = { id: own.id };
    const second = await g.call<{ secret: string }>('POST', '/clients/{id}/secrets', rsjOfficer, { params, body: {} });
    await expect(g.call('POST', '/clients/{id}/secrets', rsjOfficer, { params, body: {} })).rejects.toThrow(
      'gateway.two-secrets',
    );
    const t = await g.token({ id: own.id, secret: second.secret });
    const view = await g.call<{ secrets: { id: number; hint: string }[] }>('GET', '/clients/{id}', rsjOfficer, {
      params,
    });
    expect(view.secrets.map((s) => s.hint)).toEqual([own.secret.slice(-4), second.secret.slice(-4)]);
    expect(JSON.stringify(view)).not.toContain(second.secret);
    await g.call('DELETE', '/clients/{id}/secrets/{secret}', rsjOfficer, {
      params: { id: own.id, secret: view.secrets[0]!.id },
    });
    await expect(g.token(own)).rejects.toThrow('invalid_client');
    expect((await g.get(`${grant}/count`, t)).status).toBe(401);
    await g.token({ id: own.id, secret: second.secret });
    await expect(g.call('GET', '/clients/{id}', officer, { params })).rejects.toThrow('gateway.unknown-client');
  });

  test('tokens outlive a restart, and what the journal held is taken by the next start', async () => {
    const { Gateway } = await import('./gateway.ts');
    const t = await g.token(client);
    const other = new Gateway(g.gateway.deps);
    await other.book.load();
    expect(other.book.token(t)?.client).toBe(client.id);
    expect(other.book.token(`${t}x`)).toBeUndefined();
  });
});
