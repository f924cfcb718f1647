import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeDb } from '../db/testing.ts';
import { accountRooms, type Browser, type Harness, harness, passwordOf } from './testing.ts';

const reason = '岗位调整通知第3号';

describeDb('administration of accounts', accountRooms, (db) => {
  let h: Harness;
  let system: Browser;
  let security: Browser;
  beforeEach(async () => {
    h = await harness(db());
    system = await h.entered('sysadmin');
    security = await h.entered('secadmin');
  });
  afterEach(() => h.close());
  const idOf = async (login: string): Promise<string> =>
    (await system.get(`/api/v1/users?q=${login}`)).body.items.find((u: { login: string }) => u.login === login).id;
  const create = (login: string, more: object = {}) =>
    system.post('/api/v1/users', { login, name: '某乙', organisation: 'rsj', ...more });
  const grant = (id: string, ...grants: { role: string; organisation?: string }[]) =>
    security.put(`/api/v1/users/${id}/grants`, { grants, reason });

  test('the system administrator makes accounts without rights, the security administrator gives the rights', async () => {
    const made = await create('Li.Si');
    expect(made.status).toBe(201);
    expect(made.body.user).toMatchObject({ login: 'li.si', organisation: 'rsj', grants: [], mustChangePassword: true });
    expect((await create('li.si')).body.code).toBe('auth.login-taken');
    const { id } = made.body.user;
    const granted = await grant(id, { role: 'analyst' }, { role: 'data-officer', organisation: 'rsj' });
    expect(granted.body.grants).toMatchObject([
      { role: 'analyst', organisation: null, grantedBy: 'secadmin', effective: true },
      { role: 'data-officer', organisation: 'rsj', effective: true },
    ]);
    const b = h.browser();
    await b.signIn('li.si', made.body.oneTimePassword);
    await b.post('/api/v1/me/password', { current: made.body.oneTimePassword, next: passwordOf('li.si') });
    expect((await b.get('/api/v1/gate/quarantine.mend')).status).toBe(200);
    const [entry] = (await h.audit.query({ limit: 1, action: 'auth.roles-change' })).items;
    expect(entry).toMatchObject({
      actor: 'secadmin',
      object: 'user/li.si',
      detail: { before: [], after: ['analyst', 'data-officer'], reason },
    });
  });

  test('neither administrator can do the part of the other, and nobody else can do either', async () => {
    const id = await idOf('analyst');
    const acts: [string, (b: Browser) => Promise<{ status: number }>][] = [
      ['create', (b) => b.post('/api/v1/users', { login: 'x.y', name: '某' })],
      ['disable', (b) => b.patch(`/api/v1/users/${id}`, { disabled: false })],
      ['grant', (b) => b.put(`/api/v1/users/${id}/grants`, { grants: [{ role: 'analyst' }], reason })],
      ['reset', (b) => b.post(`/api/v1/users/${id}/reset`, { reason })],
      ['unlock', (b) => b.post(`/api/v1/users/${id}/unlock`, { reason })],
      ['list', (b) => b.get('/api/v1/users')],
      ['audit', (b) => b.get('/api/v1/audit')],
    ];
    const who: [string, Browser][] = [
      ['system', system],
      ['security', security],
      ['audit', await h.entered('auditadmin')],
      ['steward', await h.entered('steward')],
    ];
    const table: string[] = [];
    for (const [name, act] of acts) {
      const let_in: string[] = [];
      for (const [label, b] of who) if ((await act(b)).status < 300) let_in.push(label);
      table.push(`${name}: ${let_in.join(' ')}`);
    }
    expect(table).toEqual([
      'create: system',
      'disable: system',
      'grant: security',
      'reset: security',
      'unlock: security',
      'list: system security',
      'audit: audit',
    ]);
  });

  test('an administrator role stands alone, in the interface and in the store itself', async () => {
    const id = await idOf('analyst');
    const refused = await grant(id, { role: 'analyst' }, { role: 'audit-admin' });
    expect([refused.status, refused.body.code]).toEqual([409, 'auth.separation-of-duties']);
    expect((await grant(id, { role: 'system-admin' }, { role: 'security-admin' })).body.code).toBe(
      'auth.separation-of-duties',
    );
    await expect(
      db().query(`INSERT INTO auth.role_grant (account, role, granted_at) VALUES ('${id}', 'audit-admin', now())`),
    ).rejects.toThrow('separation of duties');
    expect((await grant(id, { role: 'audit-admin' })).status).toBe(200);
  });

  test('nobody acts on the own account, and the last administrator of a kind stays', async () => {
    const own = await idOf('secadmin');
    const other = await idOf('sysadmin');
    expect((await grant(own, { role: 'data-steward' })).body.code).toBe('auth.not-self');
    expect((await security.post(`/api/v1/users/${own}/reset`, { reason })).body.code).toBe('auth.not-self');
    expect((await system.patch(`/api/v1/users/${other}`, { disabled: true })).body.code).toBe('auth.not-self');
    expect((await system.patch(`/api/v1/users/${own}`, { disabled: true })).body.code).toBe('auth.last-administrator');
    expect((await grant(other, { role: 'analyst' })).body.code).toBe('auth.last-administrator');
    const second = (await create('sysadmin2')).body.user.id;
    expect((await grant(second, { role: 'system-admin' })).status).toBe(200);
    expect((await grant(other, { role: 'analyst' })).status).toBe(200);
  });

  test('a role of an organisation needs it and ends when the user leaves the organisation', async () => {
    const id = await idOf('officer');
    expect((await grant(id, { role: 'data-officer' })).body.code).toBe('auth.role-needs-organisation');
    expect((await grant(id, { role: 'data-officer', organisation: 'rsj' })).body.code).toBe(
      'auth.role-needs-organisation',
    );
    const b = await h.entered('officer');
    expect((await b.get('/api/v1/gate/exchange.push')).status).toBe(200);
    const moved = await system.patch(`/api/v1/users/${id}`, { organisation: 'rsj' });
    expect(moved.body.grants).toMatchObject([{ role: 'data-officer', organisation: 'scjg', effective: false }]);
    expect((await b.get('/api/v1/me')).status).toBe(401);
    await b.signIn('officer', passwordOf('officer'));
    expect((await b.get('/api/v1/me')).body).toMatchObject({ roles: [], permissions: [] });
    expect((await b.get('/api/v1/gate/exchange.push')).status).toBe(403);
  });

  test('disabling ends every session at once and shuts the account', async () => {
    const b = await h.entered('analyst');
    const id = await idOf('analyst');
    expect((await system.patch(`/api/v1/users/${id}`, { disabled: true })).body.disabled).toBe(true);
    expect((await b.get('/api/v1/me')).status).toBe(401);
    expect((await b.signIn('analyst', passwordOf('analyst'))).body.code).toBe('auth.disabled');
    expect((await b.signIn('analyst', 'wrong')).body.code).toBe('auth.sign-in-failed');
    await system.patch(`/api/v1/users/${id}`, { disabled: false });
    expect((await b.signIn('analyst', passwordOf('analyst'))).status).toBe(201);
  });

  test('taking a role away holds from the next request on', async () => {
    const b = await h.entered('analyst');
    expect((await b.get('/api/v1/gate/credit.export')).status).toBe(200);
    await grant(await idOf('analyst'), { role: 'leader' });
    expect((await b.get('/api/v1/gate/credit.export')).status).toBe(403);
  });

  test('a reset gives a one-time password, ends sessions and lifts the lock', async () => {
    const b = await h.entered('analyst');
    const id = await idOf('analyst');
    for (let i = 0; i < 6; i++) await h.browser('10.9.9.9').signIn('analyst', 'wrong');
    expect((await system.get(`/api/v1/users/${id}`)).body.lockedUntil).toBe('2026-01-05T01:15:00.000Z');
    expect((await system.get('/api/v1/users?state=locked')).body.items.map((u: { login: string }) => u.login)).toEqual([
      'analyst',
    ]);
    const { oneTimePassword } = (await security.post(`/api/v1/users/${id}/reset`, { reason })).body;
    expect((await b.get('/api/v1/me')).status).toBe(401);
    expect((await b.signIn('analyst', oneTimePassword)).body.mustChangePassword).toBe(true);
    for (let i = 0; i < 6; i++) await h.browser('10.9.9.9').signIn('analyst', 'wrong');
    expect((await security.post(`/api/v1/users/${id}/unlock`, { reason })).status).toBe(200);
    expect((await b.signIn('analyst', oneTimePassword)).status).toBe(201);
  });

  test('the list is searched, filtered and paged', async () => {
    const logins = async (query: string) =>
      (await system.get(`/api/v1/users?${query}`)).body.items.map((u: { login: string }) => u.login);
    expect(await logins('role=data-officer')).toEqual(['mzj-officer', 'officer', 'rsj-officer']);
    expect(await logins('organisation=scjg')).toEqual(['head', 'officer']);
    expect(await logins(`q=${encodeURIComponent('审计')}`)).toEqual(['auditadmin']);
    expect(await logins('q=%25')).toEqual([]);
    const one = (await system.get('/api/v1/users?limit=7')).body;
    const two = (await system.get(`/api/v1/users?limit=7&after=${one.next}`)).body;
    expect([one.total, one.items.length, two.items.length, two.next]).toEqual([16, 7, 7, 'secadmin']);
  });

  test('demo accounts are shut where the hub is no demo', async () => {
    await h.entered('leader');
    Object.assign(h.auth.context, { demo: false });
    h.auth.sessions.forget();
    expect((await h.browser().signIn('leader', passwordOf('leader'))).body.code).toBe('auth.disabled');
    expect((await system.get('/api/v1/me')).body.demo).toBe(false);
  });

  test('the audit administrator exports the audit, which is itself audited, and verifies its chain', async () => {
    const auditor = await h.entered('auditadmin');
    await create('formula', { name: '=1+1' });
    const csv = await auditor.get('/api/v1/audit.csv?action=auth.user-create');
    expect(csv.headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(
      csv.text.startsWith('\ufeffseq,at,actor,roles,action,object,purpose,outcome,detail,sessionId,hash\r\n'),
    ).toBe(true);
    const lines = csv.text.trim().split('\r\n');
    expect(lines.at(-1)).toContain('sysadmin,"[""system-admin""]",auth.user-create,user/formula,,ok,');
    const verified = (await auditor.post('/api/v1/audit/verify')).body;
    expect(verified.intact).toBe(true);
    const page = (await auditor.get('/api/v1/audit?action=audit.*&limit=2')).body;
    expect(page.items.map((e: { action: string }) => e.action)).toEqual(['audit.verify', 'audit.export']);
    expect(page.items[1].detail).toEqual({ action: 'auth.user-create' });
  });

  test('no password, code or cookie of any kind is in the audit or plain in the store', async () => {
    const b = await h.entered('steward');
    const { secret } = (await b.post('/api/v1/me/totp', { password: passwordOf('steward') })).body;
    const secrets = [
      passwordOf('steward'),
      secret,
      b.cookies.get('jingwei')!,
      ...h.first.map((f) => f.oneTimePassword),
    ];
    const kept = JSON.stringify([
      await h.audit.query({ limit: 500 }),
      await db().query('SELECT * FROM auth.account'),
      await db().query('SELECT * FROM auth.session'),
    ]);
    for (const one of secrets) expect(kept).not.toContain(one);
  });
});
