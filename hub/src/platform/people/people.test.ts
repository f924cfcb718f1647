import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeDb } from '../db/testing.ts';
import type { HoldingKind } from './holdings.ts';
import { type PeopleBench, peopleBench, peopleSets } from './testing.ts';

const merge = (over: object = {}) => ({
  ...{ kind: 'merge', day: '2026-01-05', ground: '慈编〔2026〕1号', organisations: ['mzj'], heir: 'rsj' },
  ...over,
});
/** A room of tests: cases of people and of organisations. */
const cases: readonly HoldingKind[] = [
  {
    ...{ kind: 'room.case', title: { zh: '案件', en: 'Cases' }, of: 'login', page: '/cases', weight: 'duty' },
    ...{
      table: 'public.people_case',
      column: 'officer',
      where: 'NOT t.closed',
      shown: 't.number',
      hand: { name: 'officer_name' },
    },
  },
  {
    ...{ kind: 'room.unit', title: { zh: '单位案件', en: 'Cases of a unit' }, of: 'organisation', page: '/cases' },
    ...{ weight: 'name', table: 'public.people_case', column: 'unit', shown: 't.number' },
  },
];

describeDb('people and organisations', [...peopleSets], (db) => {
  let b: PeopleBench;
  beforeEach(async () => {
    await db().query(`CREATE TABLE IF NOT EXISTS public.people_case
      (number text, officer text, officer_name text, unit text, closed boolean)`);
    await db().query('DELETE FROM public.people_case');
    b = await peopleBench(db(), { holdings: cases, people: { recertification: { days: 10 } } });
  });
  afterEach(() => b.close());

  const act = async (body: object) => {
    const system = await b.as('sysadmin');
    const seen = await system.post('/api/v1/people/organisations/preview', body);
    if (seen.status !== 200) return { seen, made: seen, id: 0 };
    const made = await system.post('/api/v1/people/organisations/acts', {
      act: body,
      fingerprint: seen.body.fingerprint,
    });
    return { seen, made, id: made.body.id as number };
  };
  const confirm = async (id: number) => {
    const security = await b.as('secadmin');
    const { fingerprint } = (await security.get(`/api/v1/people/organisations/acts/${id}/effects`)).body;
    return security.post(`/api/v1/people/organisations/acts/${id}/confirm`, { fingerprint });
  };
  const me = async (login: string) => (await (await b.as(login)).get('/api/v1/me')).body;
  const audited = async (action: string) =>
    (
      await db().query<{ detail: string }>('SELECT detail FROM audit.entry WHERE action = $1 ORDER BY seq', [action])
    ).map((r) => JSON.parse(r.detail) as Record<string, unknown>);

  test('a merge is shown before it is confirmed by another administrator; then people go over with their roles, sessions end, and the old code leads on', async () => {
    await db().query(`INSERT INTO public.people_case VALUES ('A-1', 'x', 'x', 'mzj', true)`);
    const officer = await b.as('mzj-officer');
    const { seen, id } = await act(merge());
    expect(
      seen.body.accounts.map((a: { login: string; to: string; roles: string[] }) => [a.login, a.to, a.roles]),
    ).toEqual([
      ['collector', 'rsj', ['collector']],
      ['mzj-officer', 'rsj', ['data-officer']],
    ]);
    expect(seen.body.stays[0].held).toMatchObject([{ kind: 'room.unit', count: 1, examples: ['A-1'] }]);
    // The system administrator alone moves nobody.
    const system = await b.as('sysadmin');
    expect(
      (await system.post(`/api/v1/people/organisations/acts/${id}/confirm`, { fingerprint: seen.body.fingerprint }))
        .status,
    ).toBe(403);
    expect((await officer.get('/api/v1/me')).body.user.organisation).toBe('mzj');
    expect((await confirm(id)).status).toBe(200);
    expect((await officer.get('/api/v1/me')).status).toBe(401);
    expect(await me('mzj-officer')).toMatchObject({ user: { organisation: 'rsj' }, roles: ['data-officer'] });
    expect(b.people.current('mzj')).toBe('rsj');
    const old = await system.get('/api/v1/people/organisations/mzj?day=2026-01-04');
    expect(old.body).toMatchObject({ to: null, current: 'mzj' });
    const now = await system.get('/api/v1/people/organisations/mzj');
    expect(now.body).toMatchObject({ to: '2026-01-05', heir: 'rsj', current: 'rsj', members: [] });
    expect(b.notices.keys('people.organisation')).toHaveLength(2);
    // Nobody is put into what is no more.
    const put = await system.post('/api/v1/users', { login: 'neu', name: '新人', organisation: 'mzj' });
    expect(put.body.code).toBe('auth.organisation-ended');
  });

  test('what the hub does is what was looked at: people who came meanwhile make the confirmation look again', async () => {
    const { id, seen } = await act(merge({ day: '2026-02-01' }));
    const system = await b.as('sysadmin');
    await system.post('/api/v1/users', { login: 'neu', name: '新人', organisation: 'mzj' });
    const security = await b.as('secadmin');
    const refused = await security.post(`/api/v1/people/organisations/acts/${id}/confirm`, {
      fingerprint: seen.body.fingerprint,
    });
    expect(refused.body.code).toBe('people.act-changed');
    expect((await b.people.standing())[0]).toMatchObject({ standing: 'warn', text: { zh: '1 项机构变动待确认' } });
    expect((await confirm(id)).status).toBe(200);
    // It holds from its day on, not before.
    await b.pass(26);
    expect(b.people.current('mzj')).toBe('mzj');
    await b.pass(1);
    expect(b.people.current('mzj')).toBe('rsj');
    const past = await (await b.as('sysadmin')).get('/api/v1/people/organisations/mzj?day=2026-01-31');
    expect(past.body.members.map((m: { login: string }) => m.login)).toEqual(['collector', 'mzj-officer', 'neu']);
  });

  test('an act that cannot hold when its day comes says why, changes nothing and can be withdrawn', async () => {
    const first = await act(merge({ day: '2026-02-01' }));
    const second = await act(merge({ kind: 'end', organisations: ['rsj'], heir: 'scjg', day: '2026-01-20' }));
    await confirm(first.id);
    await confirm(second.id);
    await b.pass(15);
    expect(b.people.current('rsj')).toBe('scjg');
    await b.pass(12);
    expect(b.people.current('mzj')).toBe('mzj');
    expect((await b.people.standing())[0]!.standing).toBe('bad');
    const system = await b.as('sysadmin');
    const { acts } = (await system.get('/api/v1/people/organisations')).body;
    expect(acts.find((a: { id: number }) => a.id === first.id)).toMatchObject({
      ...{ state: 'confirmed', fault: { code: 'people.organisation-ended' } },
    });
    expect((await system.post(`/api/v1/people/organisations/acts/${first.id}/withdraw`)).status).toBe(200);
    expect((await b.people.standing())[0]!.standing).toBe('ok');
    expect((await me('mzj-officer')).user.organisation).toBe('mzj');
  });

  test('a split hands named people to the new organisation and the rest to the heir; a founded one has its name', async () => {
    const founds = [{ code: 'mzjx', name: { zh: '新民政局', en: 'New Civil Affairs' } }];
    const split = merge({ kind: 'split', founds, heir: 'rsj', moves: [{ login: 'collector', to: 'mzjx' }] });
    const { id } = await act(split);
    expect((await confirm(id)).status).toBe(200);
    expect((await me('collector')).user.organisation).toBe('mzjx');
    expect((await me('mzj-officer')).user.organisation).toBe('rsj');
    expect(b.people.organisations().find((o) => o.code === 'mzjx')!.name.zh).toBe('新民政局');
    expect((await act(merge({ heir: 'mzj' }))).made.body.code).toBe('people.organisation-ended');
  });

  test('an end without an heir takes the roles that were bound to it; a rename takes nothing', async () => {
    const renamed = await act({
      ...merge(),
      kind: 'rename',
      heir: undefined,
      name: { zh: '民政与社工局', en: 'Civil Affairs and Social Work' },
    });
    expect((await confirm(renamed.id)).status).toBe(200);
    expect((await me('mzj-officer')).roles).toEqual(['data-officer']);
    expect(b.people.organisations().find((o) => o.code === 'mzj')!.name.zh).toBe('民政与社工局');
    const ended = await act({ ...merge(), kind: 'end', heir: null });
    expect((await confirm(ended.id)).status).toBe(200);
    expect(await me('mzj-officer')).toMatchObject({ user: { organisation: null }, roles: [] });
    expect(b.people.current('mzj')).toBeNull();
  });

  test('what still bears the former code is handled by standing for it, audited; nobody else can', async () => {
    const { id } = await act(merge());
    await confirm(id);
    const officer = await b.as('rsj-officer');
    expect((await officer.get('/api/v1/me/roles')).body.formers.map((f: { code: string }) => f.code)).toEqual(['mzj']);
    expect((await officer.put('/api/v1/me/standing', { organisation: 'mzj' })).status).toBe(200);
    const standing = (await officer.get('/api/v1/me')).body;
    expect(standing).toMatchObject({ user: { organisation: 'mzj' }, standsFor: 'mzj', roles: ['data-officer'] });
    await officer.put('/api/v1/me/standing', { organisation: null });
    expect((await officer.get('/api/v1/me')).body).toMatchObject({ user: { organisation: 'rsj' }, standsFor: null });
    expect((await audited('auth.stand-for')).at(-1)).toMatchObject({ organisation: null, standsFor: 'mzj' });
    const other = await b.as('officer');
    expect((await other.put('/api/v1/me/standing', { organisation: 'mzj' })).body.code).toBe('auth.not-successor');
  });

  const lend = async (from: string, body: object) =>
    (await b.as(from)).post('/api/v1/me/delegations', {
      ...{ role: 'department-head', to_login: 'rsj-officer', from: '2026-01-05', to: '2026-01-20', reason: '出差' },
      ...body,
    });

  test('a head lends the role to a colleague for days: it works at once, is audited, ends by itself and is told to both', async () => {
    const officer = await b.as('rsj-officer');
    expect((await officer.get('/api/v1/gate/sharing.approve')).status).toBe(403);
    expect((await lend('rsj-head', {})).status).toBe(201);
    expect((await officer.get('/api/v1/gate/sharing.approve')).status).toBe(200);
    expect((await officer.get('/api/v1/me')).body.acting).toEqual([{ role: 'department-head', for: 'rsj-head' }]);
    expect(b.notices.told.map((n) => n.to)).toEqual([[{ account: 'rsj-head' }], [{ account: 'rsj-officer' }]]);
    // What they do meanwhile is on the record with whose role it is.
    await officer.get('/api/v1/gate/roles.manage');
    expect((await audited('auth.refused')).at(-1)).toMatchObject({ actingFor: ['department-head: rsj-head'] });
    await b.pass(16);
    expect((await (await b.as('rsj-officer')).get('/api/v1/gate/sharing.approve')).status).toBe(403);
  });

  test('a lent role is bounded: own, of business, to a colleague, not for ever, not lent on, and not beside what it decides on', async () => {
    const code = async (from: string, body: object) => (await lend(from, body)).body.code;
    expect(await code('rsj-head', { to: '2026-04-05' })).toBe('people.delegation-days');
    expect(await code('rsj-head', { from: '2026-01-04' })).toBe('people.delegation-days');
    expect(await code('rsj-head', { role: 'analyst' })).toBe('people.delegation-role');
    expect(await code('secadmin', { role: 'security-admin', to_login: 'sysadmin' })).toBe('people.delegation-role');
    expect(await code('rsj-head', { to_login: 'officer' })).toBe('people.delegation-to');
    expect(await code('rsj-head', { to_login: 'rsj-head' })).toBe('people.delegation-to');
    expect(await code('leader', { role: 'leader', to_login: 'secadmin' })).toBe('people.delegation-to');
    expect(await code('rsj-officer', { role: 'data-officer', to_login: 'rsj-head' })).toBe('people.delegation-pair');
    expect((await lend('rsj-head', {})).status).toBe(201);
    expect(await code('rsj-head', {})).toBe('people.delegation-held');
    expect(await code('rsj-officer', { to_login: 'rsj-head' })).toBe('people.delegation-role');
  });

  test('a lent role is never more than its owner has: it ends when the owner loses it, leaves or ends it', async () => {
    await lend('rsj-head', {});
    const officer = await b.as('rsj-officer');
    const may = async () => (await officer.get('/api/v1/gate/sharing.approve')).status;
    expect(await may()).toBe(200);
    const security = await b.as('secadmin');
    const head = await b.id('rsj-head');
    await security.put(`/api/v1/users/${head}/grants`, { grants: [], reason: '岗位调整' });
    expect(await may()).toBe(403);
    await security.put(`/api/v1/users/${head}/grants`, {
      grants: [{ role: 'department-head', organisation: 'rsj' }],
      reason: '恢复原职',
    });
    expect(await may()).toBe(200);
    const { items } = (await security.get('/api/v1/people/delegations')).body;
    expect(items).toMatchObject([{ owner: 'rsj-head', delegate: 'rsj-officer', state: 'running', counts: true }]);
    expect((await (await b.as('officer')).post(`/api/v1/people/delegations/${items[0].id}/end`)).status).toBe(404);
    expect((await security.post(`/api/v1/people/delegations/${items[0].id}/end`)).status).toBe(200);
    expect(await may()).toBe(403);
  });

  const change = async (login: string, body: object) =>
    (await b.as('sysadmin')).post(`/api/v1/people/users/${await b.id(login)}/changes`, {
      day: '2026-01-05',
      reason: '组织安排',
      ...body,
    });

  test('a mover loses roles and sessions, and the security administrator is told to give new ones', async () => {
    const officer = await b.as('rsj-officer');
    expect((await change('rsj-officer', { kind: 'move', organisation: 'scjg' })).status).toBe(201);
    expect((await officer.get('/api/v1/me')).status).toBe(401);
    expect(await me('rsj-officer')).toMatchObject({ user: { organisation: 'scjg' }, roles: [] });
    expect(b.notices.told.at(-1)).toMatchObject({ kind: 'people.mover', to: [{ role: 'security-admin' }] });
    const person = (await (await b.as('secadmin')).get(`/api/v1/people/users/${await b.id('rsj-officer')}`)).body;
    expect(person.changes[0]).toMatchObject({ kind: 'move', state: 'done', roles: ['data-officer'] });
    expect(person.history.map((h: { organisation: string }) => h.organisation)).toEqual(['scjg', 'rsj']);
    expect((await change('rsj-officer', { kind: 'move', organisation: 'nobody' })).body.code).toBe(
      'people.organisation-unknown',
    );
    expect((await change('rsj-officer', { kind: 'move', organisation: 'scjg' })).body.code).toBe(
      'people.same-organisation',
    );
  });

  test('a leaver is shut out on the day, not before; what is still held is found and handed to a colleague', async () => {
    await db().query(`INSERT INTO public.people_case VALUES ('B-1', 'rsj-officer', '旧', 'rsj', false),
      ('B-2', 'rsj-officer', '旧', 'rsj', false), ('B-3', 'rsj-officer', '旧', 'rsj', true)`);
    expect((await change('rsj-officer', { kind: 'leave', day: '2026-01-08' })).status).toBe(201);
    expect((await change('rsj-officer', { kind: 'leave', day: '2026-01-08' })).body.code).toBe('people.change-planned');
    await b.pass(2);
    expect((await me('rsj-officer')).roles).toEqual(['data-officer']);
    await b.pass(1);
    expect((await b.browser().signIn('rsj-officer', 'x')).status).not.toBe(201);
    const id = await b.id('rsj-officer');
    const head = await b.as('rsj-head');
    const person = (await head.get(`/api/v1/people/users/${id}`)).body;
    expect(person).toMatchObject({
      disabled: true,
      roles: [],
      held: [{ kind: 'room.case', count: 2, examples: ['B-1', 'B-2'], hand: true }],
    });
    expect(b.notices.told.at(-1)).toMatchObject({ kind: 'people.leaver', link: `/people/${id}` });
    const give = (to: string, kinds = ['room.case']) =>
      head.post(`/api/v1/people/users/${id}/handover`, { to, kinds, reason: '离岗交接' });
    expect((await give('officer')).body.code).toBe('people.handover-to');
    expect((await give('rsj-head', ['room.unit'])).body.code).toBe('people.handover-kind');
    expect((await (await b.as('head')).get(`/api/v1/people/users/${id}`)).body.code).toBe('people.not-yours');
    expect((await give('rsj-head')).body).toEqual({ given: [{ kind: 'room.case', count: 2 }] });
    expect(await db().query('SELECT number, officer, officer_name FROM public.people_case ORDER BY number')).toEqual([
      { number: 'B-1', officer: 'rsj-head', officer_name: '人力社保局负责人（演示）' },
      { number: 'B-2', officer: 'rsj-head', officer_name: '人力社保局负责人（演示）' },
      { number: 'B-3', officer: 'rsj-officer', officer_name: '旧' },
    ]);
  });

  test('the last administrator of a kind neither leaves nor moves', async () => {
    const other = await (await b.as('sysadmin')).post('/api/v1/users', {
      login: 'zweiter',
      name: '第二',
      organisation: null,
    });
    expect(other.status).toBe(201);
    expect((await change('secadmin', { kind: 'leave' })).body.code).toBe('auth.last-administrator');
  });

  const begin = async () => (await b.as('secadmin')).post('/api/v1/people/recertifications');
  const mine = async (login: string): Promise<{ id: number; login: string; role: string }[]> =>
    (await (await b.as(login)).get('/api/v1/me/recertification')).body.items;
  const answer = async (login: string, id: number, body: object) =>
    (await b.as(login)).post(`/api/v1/me/recertification/${id}`, body);

  test('in a review each role has one who answers for it, and nobody answers for themselves', async () => {
    expect((await begin()).status).toBe(201);
    expect((await begin()).body.code).toBe('people.recertification-runs');
    expect((await mine('rsj-head')).map((i) => i.login)).toEqual(['rsj-officer']);
    expect((await mine('auditadmin')).map((i) => i.login)).toEqual(['secadmin']);
    const security = await mine('secadmin');
    expect(security.map((i) => i.login)).toContain('rsj-head');
    expect(security.map((i) => i.login)).not.toContain('secadmin');
    const own = await mine('rsj-head');
    expect((await answer('head', own[0]!.id, { keep: true })).body.code).toBe('people.recertification-foreign');
    expect((await answer('rsj-head', own[0]!.id, { keep: false })).body.code).toBe('people.recertification-comment');
    expect((await answer('rsj-head', own[0]!.id, { keep: false, comment: '已转岗' })).body.state).toBe('withdrawn');
    expect((await me('rsj-officer')).roles).toEqual([]);
    expect((await answer('rsj-head', own[0]!.id, { keep: true })).body.code).toBe('people.recertification-item-state');
    const last = (await mine('auditadmin'))[0]!;
    expect((await answer('auditadmin', last.id, { keep: false, comment: '不再需要' })).body.code).toBe(
      'auth.last-administrator',
    );
  });

  test('reviewers are reminded; what nobody answered by the deadline rests, but for the last administrators, and can be restored', async () => {
    await begin();
    const one = (await mine('rsj-head'))[0]!;
    expect((await answer('rsj-head', one.id, { keep: true })).body.state).toBe('confirmed');
    const before = b.notices.keys('people.recertify').length;
    await b.pass(4);
    expect(b.notices.keys('people.recertify').length).toBeGreaterThan(before);
    expect((await me('officer')).roles).toEqual(['data-officer']);
    await b.pass(6);
    expect((await me('officer')).roles).toEqual(['data-officer']);
    await b.pass(1);
    expect((await me('officer')).roles).toEqual([]);
    expect((await me('rsj-officer')).roles).toEqual(['data-officer']);
    expect((await me('secadmin')).roles).toEqual(['security-admin']);
    const security = await b.as('secadmin');
    const { items } = (await security.get('/api/v1/people/recertifications')).body;
    expect(items[0]).toMatchObject({ counts: { confirmed: 1, unanswered: 3 } });
    expect(items[0].closedAt).not.toBeNull();
    const rests = (await security.get(`/api/v1/people/recertifications/${items[0].id}/items?state=suspended&limit=500`))
      .body.items;
    const officer = rests.find((i: { login: string }) => i.login === 'officer');
    expect((await security.post(`/api/v1/people/recertifications/items/${officer.id}/restore`)).body.state).toBe(
      'restored',
    );
    expect((await me('officer')).roles).toEqual(['data-officer']);
    expect((await security.post(`/api/v1/people/recertifications/items/${officer.id}/restore`)).body.code).toBe(
      'people.recertification-restore',
    );
  });

  test('a review begins by itself on its day of the year, once', async () => {
    await b.close();
    b = await peopleBench(db(), { people: { recertification: { yearly: '01-10', days: 10, suspend: false } } });
    await b.pass(4);
    expect(await db().query('SELECT 1 FROM people.campaign')).toHaveLength(0);
    await b.pass(1);
    await b.pass(30);
    expect(await db().query('SELECT year, closed_at IS NULL AS open FROM people.campaign')).toEqual([
      { year: 2026, open: false },
    ]);
    // Declared so, nobody loses anything.
    expect((await me('officer')).roles).toEqual(['data-officer']);
  });
});
