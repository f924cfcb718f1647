import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeDb } from '../db/testing.ts';
import { findAccount } from './store.ts';
import { accountRooms, type Browser, type Harness, harness, passwordOf } from './testing.ts';
import { fromBase32, hotp, stepAt } from './totp.ts';

const reason = '岗位调整通知第3号';
const minutes = (n: number) => n * 60_000;

describeDb('attacks on accounts', accountRooms, (db) => {
  let h: Harness;
  beforeEach(async () => {
    h = await harness(db(), { auth: { password: { minLength: 14, classes: 4, history: 7 } } });
  });
  afterEach(() => h.close());
  const account = async (login: string) => (await findAccount({ login }, db().kysely))!;
  const guess = async (login: string, times: number) => {
    for (let i = 0; i < times; i++) await h.browser(`10.66.0.${i}`).signIn(login, 'wrong');
  };
  const rows = async (table: string) => (await db().query<{ n: number }>(`SELECT count(*) AS n FROM ${table}`))[0]!.n;
  const enrol = async (b: Browser, login: string) => {
    const { secret } = (await b.post('/api/v1/me/totp', { password: passwordOf(login) })).body;
    const code = () => hotp(fromBase32(secret), stepAt(h.clock.now()));
    expect((await b.post('/api/v1/me/totp/confirm', { code: code() })).status).toBe(200);
    return code;
  };

  test('strangers who lock a login do not lock out the browsers that its owner uses', async () => {
    const own = await h.entered('secadmin');
    await own.delete('/api/v1/session');
    await guess('secadmin', 8);
    expect((await h.browser().signIn('secadmin', passwordOf('secadmin'))).body.code).toBe('auth.locked');
    expect((await own.signIn('secadmin', passwordOf('secadmin'))).status).toBe(201);
    // The owner's way in is none for anybody else: the login stays locked for strangers.
    expect((await h.browser().signIn('secadmin', passwordOf('secadmin'))).body.code).toBe('auth.locked');
  });

  test('a known browser guesses no better than a stranger, and is known for its own login only', async () => {
    const own = await h.entered('analyst');
    const codes = [];
    for (let i = 0; i < 7; i++) codes.push((await own.signIn('analyst', 'wrong')).body.code);
    expect(codes).toEqual([...Array(5).fill('auth.sign-in-failed'), ...Array(2).fill('auth.locked')]);
    await guess('steward', 6);
    const steward = () => own.signIn('steward', h.first.find((f) => f.login === 'steward')!.oneTimePassword);
    expect((await steward()).body.code).toBe('auth.locked');
    const cookie = own.cookies.get('jingwei-known')!;
    for (const forged of [cookie.replace(/^./, (c) => (c === 'A' ? 'B' : 'A')), 'x.y', '', `${cookie}.z`]) {
      const other = h.browser();
      other.cookies.set('jingwei-known', forged);
      await guess('analyst', 6);
      expect((await other.signIn('analyst', passwordOf('analyst'))).body.code).toBe('auth.locked');
    }
  });

  test('who knows the password cannot guess codes without end to take the authenticator away', async () => {
    const b = await h.entered('steward');
    const code = await enrol(b, 'steward');
    h.clock.advance(minutes(2));
    const remove = (given: string) =>
      b.post('/api/v1/me/totp/remove', { password: passwordOf('steward'), code: given });
    const wrong = code() === '000000' ? '000001' : '000000';
    const answers = [];
    for (let i = 0; i < 8; i++) {
      answers.push((await remove(wrong)).body.code);
      // A right password in between must not wash the wrong codes away.
      await b.post('/api/v1/me/password', { current: passwordOf('steward'), next: 'short' });
    }
    expect(answers).toContain('auth.locked');
    expect((await remove(code())).body.code).toBe('auth.locked');
    h.clock.advance(minutes(20));
    expect((await remove(code())).status).toBe(200);
  });

  test('an authenticator in force is not replaced by an enrolment that began before', async () => {
    const b = await h.entered('steward');
    const before = (await h.auth.sessions.find(b.cookies.get('jingwei')!))!;
    await enrol(b, 'steward');
    await expect(h.auth.accounts.enrolTotp(before, passwordOf('steward'))).rejects.toThrow('auth.totp-state');
  });

  test('the system administrator cannot take over who holds roles through the other provider', async () => {
    const system = await h.entered('sysadmin');
    for (const login of ['secadmin', 'auditadmin', 'steward', 'sysadmin']) {
      const answer = await system.patch(`/api/v1/users/${(await account(login)).id}`, { oidcSubject: 'mine' });
      expect([login, answer.body.code]).toEqual([login, 'auth.binding-with-roles']);
      expect((await account(login)).oidc_subject).toBeNull();
    }
    const made = await system.post('/api/v1/users', { login: 'new.one', name: '某', oidcSubject: 'a' });
    const { id } = made.body.user;
    expect((await system.patch(`/api/v1/users/${id}`, { oidcSubject: 'b' })).status).toBe(200);
    const security = await h.entered('secadmin');
    await security.put(`/api/v1/users/${id}/grants`, { grants: [{ role: 'analyst' }], reason });
    expect((await system.patch(`/api/v1/users/${id}`, { oidcSubject: null })).body.code).toBe(
      'auth.binding-with-roles',
    );
    expect((await system.patch(`/api/v1/users/${id}`, { oidcSubject: 'b', name: '某某' })).status).toBe(200);
  });

  test('moving the last administrator to another organisation cannot end the role', async () => {
    const system = await h.entered('sysadmin');
    const security = await h.entered('secadmin');
    const { id } = await account('auditadmin');
    await system.patch(`/api/v1/users/${id}`, { organisation: 'sjj' });
    const bound = { grants: [{ role: 'audit-admin', organisation: 'sjj' }], reason };
    expect((await security.put(`/api/v1/users/${id}/grants`, bound)).status).toBe(200);
    expect((await system.patch(`/api/v1/users/${id}`, { organisation: 'rsj' })).body.code).toBe(
      'auth.last-administrator',
    );
    expect((await system.patch(`/api/v1/users/${id}`, { disabled: true })).body.code).toBe('auth.last-administrator');
  });

  test('a sign-in that a reset, a lock-up or a new binding overtakes gives no session', async () => {
    await (await h.entered('analyst')).delete('/api/v1/session');
    const { id } = await account('analyst');
    const attempt = h.auth.throttle.attempt.bind(h.auth.throttle);
    h.auth.throttle.attempt = async (who) => {
      await attempt(who);
      await h.auth.users.reset(null, id, { removeTotp: false, reason });
    };
    expect((await h.browser().signIn('analyst', passwordOf('analyst'))).body.code).toBe('auth.sign-in-failed');
    const stale = await account('leader');
    await db().query('UPDATE auth.account SET disabled = true WHERE id = $1', [stale.id]);
    const origin = { address: '10.0.0.9', agent: '' };
    await expect(h.auth.accounts.signInConfirmed(stale, origin)).rejects.toThrow('auth.oidc-unknown-user');
    const rebound = await account('officer');
    await db().query("UPDATE auth.account SET oidc_subject = 'other' WHERE id = $1", [rebound.id]);
    await expect(h.auth.accounts.signInConfirmed(rebound, origin)).rejects.toThrow('auth.oidc-unknown-user');
  });

  test('what was read of a session before a change is not remembered after it', async () => {
    const b = await h.entered('analyst');
    const token = b.cookies.get('jingwei')!;
    h.auth.sessions.forget();
    const reading = h.auth.sessions.find(token);
    h.auth.sessions.forget();
    expect(await reading).not.toBeNull();
    await db().query("UPDATE auth.account SET disabled = true WHERE login = 'analyst'");
    expect(await h.auth.sessions.find(token)).toBeNull();
  });

  test('invented logins and old sessions do not fill the store', async () => {
    await h.entered('analyst');
    for (let i = 0; i < 10; i++) await h.browser('10.77.0.1').signIn(`ghost${i}`, 'x');
    expect(await rows('auth.failure')).toBeGreaterThanOrEqual(10);
    h.clock.advance(minutes(60 * 24 * 200));
    await h.browser().signIn('analyst', passwordOf('analyst'));
    expect(await rows('auth.failure')).toBeLessThan(3);
    expect(await rows('auth.session')).toBe(1);
  });

  test('every refusal of somebody known is in the audit, whoever raised it', async () => {
    const b = await h.entered('analyst');
    expect((await b.get('/api/v1/users')).status).toBe(403);
    expect((await b.post('/api/v1/me/password', { current: 'guess', next: 'x' })).status).toBe(403);
    const { items } = await h.audit.query({ limit: 2, action: 'auth.refused' });
    expect(items.map((e) => [e.actor, e.object, e.detail.reason])).toEqual([
      ['analyst', 'POST /api/v1/me/password', 'auth.current-password-wrong'],
      ['analyst', 'GET /api/v1/users', 'http.forbidden'],
    ]);
  });

  test('what strangers send at the door is small and well formed, or is refused unread', async () => {
    const b = h.browser();
    expect((await b.signIn('a\0b', 'x')).body.code).toBe('http.invalid');
    expect((await b.signIn('ab', 'x'.repeat(20_000))).body.code).toBe('http.body-too-large');
    await h.http.fastify.inject({
      method: 'POST',
      url: '/api/v1/session',
      headers: { 'user-agent': 'x'.repeat(5000) },
      payload: { login: 'ab', password: 'x' },
    });
    const [entry] = (await h.audit.query({ limit: 1, action: 'auth.sign-in' })).items;
    expect(entry!.detail).toMatchObject({ agent: 'x'.repeat(300) });
  });

  test('the sign-in page is told what a password must fulfil, and nothing else of the configuration', async () => {
    expect((await h.browser().get('/api/v1/sign-in')).body).toEqual({
      demo: true,
      oidc: null,
      passwordPolicy: { minLength: 14, classes: 4, history: 7 },
    });
  });
});
