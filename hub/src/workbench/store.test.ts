/** What is kept of queries: everybody's own history, saved queries with who may open and change them, and exports under audit. */
import { createHash, randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { authMigrations } from '../platform/auth/index.ts';
import type { Principal, Role } from '../platform/auth/principal.ts';
import { ManualClock } from '../platform/clock.ts';
import { describeDb } from '../platform/db/testing.ts';
import { Problem } from '../platform/problem.ts';
import type { AuditEntry, Deps } from '../platform/room.ts';
import { exportQuery } from './export.ts';
import { forget, historyOf, remember } from './history.ts';
import { change, remove, save, savedById, savedOf, shownOf } from './saved.ts';
import { type Bench, openBench, secrets, somebody } from './testing.ts';

const own = { room: 'workbench', folder: fileURLToPath(new URL('./migrations', import.meta.url)) };
const clock = new ManualClock('2026-11-22T01:00:00Z');
const config = { workbench: { historyDays: 90, historyPerPerson: 3 } } as never;
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'nothing was refused',
    (error: unknown) => (error instanceof Problem ? error.kind.code : String(error)),
  );

describeDb('what is kept', [authMigrations, own], (db) => {
  let audited: AuditEntry[] = [];
  const ports = () => ({ db: db(), clock, config, audit: { append: async (e: AuditEntry) => void audited.push(e) } });
  const person = async (login: string, roles: Role[], organisation: string | null): Promise<Principal> => {
    const userId = randomUUID();
    await sql`INSERT INTO auth.account (id, login, name, organisation, password_hash, password_set_at, must_change, created_at)
      VALUES (${userId}::uuid, ${`${login}-${userId.slice(0, 8)}`}, ${login}, ${organisation}, 'x', ${clock.now()}, false, ${clock.now()})`.execute(
      db().kysely,
    );
    return somebody(roles, { userId, login, name: login, organisation });
  };
  const body = (over: object = {}) => ({
    ...{ name: '各镇街企业数', description: '', statement: 'SELECT 1', parameters: [], chart: null },
    ...{ shared: 'own' as const, roles: [] as Role[], ...over },
  });
  const names = async (who: Principal) => (await savedOf(ports(), who, { q: '', of: 'all' })).map((r) => r.name).sort();
  beforeEach(() => {
    audited = [];
  });
  afterEach(async () => {
    await sql`DELETE FROM workbench.saved`.execute(db().kysely);
    await sql`DELETE FROM workbench.history`.execute(db().kysely);
  });

  test("history is everybody's own, bounded in number and days, and holds no identity number", async () => {
    const [a, b] = [await person('a', ['analyst'], null), await person('b', ['analyst'], null)];
    const asked = (statement: string, problem?: unknown) =>
      remember(ports(), a.userId, {
        ...{
          statement,
          parameters: [{ name: 'x', type: 'text', value: '13805741234' }],
          rows: 3,
          ms: 12.4,
          views: ['firm_v1'],
        },
        problem,
      });
    for (const n of [1, 2, 3]) await asked(`SELECT ${n}`);
    await asked("SELECT '330282199003071119' , '110101199003070118', '13805741234'", new Error('x'));
    const mine = await historyOf(db(), a.userId, { limit: 2 });
    expect(mine.items.map((i) => i.problem)).toEqual(['http.internal', null]);
    expect(JSON.stringify(mine)).not.toMatch(/13805741234/);
    const rest = await historyOf(db(), a.userId, { limit: 2, before: mine.next! });
    expect(rest.items.map((i) => i.statement)).toEqual(['SELECT 2']);
    expect((await historyOf(db(), b.userId, { limit: 10 })).items).toEqual([]);
    await forget({ ...ports(), clock: new ManualClock('2027-03-01T00:00:00Z') });
    expect((await historyOf(db(), a.userId, { limit: 10 })).items).toEqual([]);
  });

  test("a saved query is its author's, its organisation's or certain roles', and others cannot tell that it is there", async () => {
    const [a, same, other, steward] = [
      await person('a', ['data-officer'], 'scjg'),
      await person('same', ['data-officer'], 'scjg'),
      await person('other', ['data-officer'], 'rsj'),
      await person('steward', ['data-steward'], null),
    ];
    const mine = await save(ports(), a, body({ name: '自己' }));
    await save(ports(), a, body({ name: '部门', shared: 'organisation' }));
    await save(ports(), a, body({ name: '角色', shared: 'roles', roles: ['data-steward'] }));
    expect(await names(a)).toEqual(['自己', '角色', '部门']);
    expect([await names(same), await names(other), await names(steward)]).toEqual([['部门'], [], ['角色']]);
    expect(await codeOf(savedById(db().kysely, same, mine))).toBe('workbench.saved.unknown');
    expect(await codeOf(change(ports(), same, mine, { ...body(), version: 1 }))).toBe('workbench.saved.unknown');
    const shared = (await savedOf(ports(), same, { q: '部', of: 'shared' }))[0]!;
    expect(shownOf(shared, same, () => null)).toMatchObject({ own: false, editable: false });
    expect(await codeOf(remove(ports(), same, Number(shared.id)))).toBe('workbench.saved.not-yours');
    expect(await codeOf(save(ports(), steward, body({ shared: 'organisation' })))).toBe('workbench.saved.organisation');
    expect(audited.map((e) => e.action)).toEqual(Array(3).fill('workbench.save'));
  });

  test('when its author leaves, a query stays with the organisation, which may change it', async () => {
    const [a, same] = [await person('a', ['data-officer'], 'scjg'), await person('same', ['data-officer'], 'scjg')];
    const id = await save(ports(), a, body({ name: '留下的' }));
    expect(await names(same)).toEqual([]);
    await sql`UPDATE auth.account SET disabled = true WHERE id = ${a.userId}::uuid`.execute(db().kysely);
    expect(await names(same)).toEqual(['留下的']);
    await change(ports(), same, id, { ...body({ name: '接手的', shared: 'organisation' }), version: 1 });
    expect(await names(same)).toEqual(['接手的']);
    expect(await codeOf(change(ports(), same, id, { ...body(), version: 1 }))).toBe('workbench.saved.changed');
    await remove(ports(), same, id);
    expect(await names(same)).toEqual([]);
    expect(audited.map((e) => e.action)).toEqual(['workbench.save', 'workbench.change', 'workbench.delete']);
  });

  test('identity and mobile numbers are not saved', async () => {
    const a = await person('a', ['analyst'], null);
    const parameters = [{ name: 'x', type: 'text' as const, value: '13805741234' }];
    expect(await codeOf(save(ports(), a, body({ parameters })))).toBe('workbench.saved.identity');
    expect(await codeOf(save(ports(), a, body({ statement: "SELECT '13805741234'" })))).toBe(
      'workbench.saved.identity',
    );
    expect(await names(a)).toEqual([]);
  });
});

describe('an export', () => {
  let bench: Bench;
  const audited: AuditEntry[] = [];
  const sealed: unknown[] = [];
  const deps = () =>
    ({
      ...{ clock, config: { workbench: { exportRows: 2 } } },
      audit: { append: async (e: AuditEntry) => void audited.push(e) },
      seal: { request: async (...s: unknown[]) => void sealed.push(s) },
    }) as unknown as Deps;
  const file = async (statement: string, who: Principal, format: 'csv' | 'xlsx' = 'csv') => {
    const made = await exportQuery(deps(), bench.runner, who, {
      statement,
      parameters: [],
      format,
      purpose: '月度分析',
    });
    const chunks: Uint8Array[] = [];
    for await (const chunk of made.chunks) chunks.push(chunk);
    return { ...made, bytes: Buffer.concat(chunks) };
  };
  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());

  test('holds what the screen shows, no formula, and stands in the audit with statement, rows and fingerprint of the file', async () => {
    const text = "SELECT name, '=1+1' AS x, entity FROM v.firm_v1 ORDER BY entity";
    const { bytes, filename } = await file(text, somebody(['analyst']));
    const csv = bytes.toString('utf8');
    expect(csv).toContain('欧**');
    expect(csv).not.toContain(secrets.name);
    expect(csv).not.toMatch(/(^|,)"?=1/m);
    expect(csv.trim().split('\n')).toHaveLength(3);
    expect(filename).toMatch(/^查询结果-20261122-[0-9a-f]{8}\.csv$/);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    expect(audited).toMatchObject([
      { action: 'workbench.export', purpose: '月度分析', outcome: 'ok', detail: { phase: 'begun', statement: text } },
      {
        outcome: 'ok',
        detail: { phase: 'ended', rows: 2, more: true, bytes: bytes.length, sha256, views: ['firm_v1'] },
      },
    ]);
    expect(sealed).toHaveLength(1);
    expect((await file('SELECT 1 AS n', somebody(['analyst']), 'xlsx')).bytes.subarray(0, 2).toString()).toBe('PK');
  });

  test('one that fails is audited as failed and sends nothing', async () => {
    audited.length = 0;
    expect(await codeOf(file('SELECT CAST(name AS INTEGER) FROM v.firm_v1', somebody(['analyst'])))).toBe(
      'workbench.statement.value',
    );
    expect(audited.map((e) => e.outcome)).toEqual(['ok', 'failed']);
  });
});
