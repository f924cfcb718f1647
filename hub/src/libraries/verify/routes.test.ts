import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import iconv from 'iconv-lite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ZodType } from 'zod';
import { Catalogue, useCatalogue } from '../../catalogue/index.ts';
import { Audit, auditMigrations } from '../../platform/audit/index.ts';
import { type Principal, permissionsOf, type Role } from '../../platform/auth/principal.ts';
import { FolderBlobs } from '../../platform/blobs/index.ts';
import { ManualClock } from '../../platform/clock.ts';
import { type TestDb, testStore } from '../../platform/db/testing.ts';
import type { StreamBody } from '../../platform/http/index.ts';
import type { Lake } from '../../platform/lake/index.ts';
import { NotedNotices } from '../../platform/notices/testing.ts';
import type { Deps } from '../../platform/room.ts';
import { NotedSeals } from '../../platform/seal/testing.ts';
import { xlsx } from '../../platform/sheet/index.ts';
import { Vault } from '../../platform/vault/index.ts';
import { declare } from '../../refinery/testing.ts';
import { openListLake } from '../lists/testing.ts';
import { correctionDue } from './corrections/clock.ts';
import { correctionRoutes } from './corrections/index.ts';
import { verifyJob, verifyRoutes } from './index.ts';

const clock = new ManualClock('2026-03-01T02:00:00Z');
const base = '/api/v1/libraries/verifications';
let lake: Lake;
let store: TestDb;
let vault: Vault;
let deps: Deps;
const seal = new NotedSeals();
let data: string;

const who = (role: Role, organisation: string | null, purpose: string | null = '校核'): Principal => ({
  ...{ userId: 'u', login: `${role}@${organisation}`, name: 'U', organisation, roles: [role] },
  ...{ permissions: permissionsOf([role]), sessionId: 's', purpose },
});
const health = who('data-officer', 'wjj');
const school = who('data-officer', 'jyj');

const corrections = '/api/v1/libraries/corrections';
async function call<T = never>(
  method: string,
  path: string,
  principal: Principal,
  given: { params?: object; query?: object; body?: object; file?: Buffer } = {},
): Promise<T> {
  const full = path.startsWith('/api/') ? path : base + path;
  const route = [...verifyRoutes(deps), ...correctionRoutes(deps)].find((r) => r.method === method && r.path === full)!;
  const answer = await route.handler({
    params: route.params?.parse(given.params ?? {}),
    query: route.query?.parse(given.query ?? {}),
    body: route.body?.parse(given.body ?? {}),
    ...{
      principal,
      clock,
      request: { body: Readable.from(given.file ? [given.file] : []) } as never,
      reply: {} as never,
    },
  });
  return ('stream' in route.response ? answer : (route.response as ZodType).parse(answer)) as T;
}
const text = async (body: StreamBody) => {
  const chunks: Buffer[] = [];
  for await (const c of body.chunks) chunks.push(Buffer.from(c));
  return Buffer.concat(chunks).toString();
};
type Shown = { id: number; received: number; counts: { outcome: string; rows: number }[]; state: string };
const run = (id: number) =>
  verifyJob(deps).run({ signal: new AbortController().signal, progress: () => undefined, clock } as never, { id });
async function upload(principal: Principal, file: Buffer, name = 'list.csv', more: object = {}): Promise<Shown> {
  const { id } = await call<Shown>('POST', '', principal, { query: { name, subject: 'person', ...more }, file });
  await run(id);
  return call<Shown>('GET', '/{id}', principal, { params: { id: String(id) } });
}
const outcomesOf = (v: Shown) => Object.fromEntries(v.counts.filter((c) => c.rows).map((c) => [c.outcome, c.rows]));

const numbers = { 1: '330282199901100010', 2: '330282199806230028', 3: '330222196503190022' } as const;
const csvFile = [
  '序号,姓名,身份证号,出生日期,住址',
  `1,张三,${numbers[1]},1999-01-10,慈溪市浒山街道新城路1号`,
  `2,"李,四",${numbers[2]},1998-06-23,`,
  `3,王五,${numbers[3]},,`,
  '4,无名,110101190001010016,,',
  '5,,,,',
].join('\r\n');

const personLibrary = `library: person
number: 1
title: { zh: 人口库, en: Persons }
abstract: { zh: 人口, en: Persons }
owner: gaj
level: important
keys: [{ name: citizen, title: { zh: 号码, en: Number }, form: citizen-id, protection: sensitive }]
label: name
attributes:
  - { name: name, title: { zh: 姓名, en: Name }, protection: personal }
  - { name: status, title: { zh: 状态, en: Status } }
sources:
  - { source: jyj.pupil, register: true, keys: { citizen: id_no }, attributes: { name: nm } }
`;

const notices = new NotedNotices();

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'jingwei-verify-'));
  lake = await openListLake();
  store = await testStore([
    auditMigrations,
    { room: 'libraries', folder: fileURLToPath(new URL('../migrations', import.meta.url)) },
  ]);
  const audit = new Audit(store.db, clock);
  vault = await Vault.open({ lake, keys: join(data, 'keys'), audit, clock });
  const pupil = declare(
    'jyj.pupil',
    90,
    [
      { name: 'no' },
      { name: 'nm', format: 'person-name', protection: 'personal' },
      { name: 'id_no', format: 'citizen-id', protection: 'sensitive' },
      { name: 'birth_dt', type: 'date' },
    ],
    { subject: 'natural-person', key: ['no'] },
  );
  mkdirSync(join(data, 'libraries', 'person'), { recursive: true });
  writeFileSync(join(data, 'libraries', 'person', 'library.yaml'), personLibrary);
  useCatalogue(lake, new Catalogue([{ ...pupil, sha256: '', folder: '' }], [], []));
  deps = {
    ...{
      lake,
      db: store.db,
      clock,
      audit,
      vault,
      seal,
      notices,
      folders: { data, sources: join(data, 'sources') },
    },
    blobs: new FolderBlobs(join(data, 'blobs')),
    jobs: { submit: async () => 'job-1' },
  } as unknown as Deps;
  const token = (n: 1 | 2 | 3) => vault.normOf('citizen-id', numbers[n]);
  await lake.session((s) =>
    s.run(`INSERT INTO f.person (entity, name, id_token, birth, status, address) VALUES
        (1, '张三', '${token(1)}', '1999-01-10', '正常', '慈溪市浒山街道新城路1号'),
        (2, '李四', '${token(2)}', '1998-06-23', '正常', 'x'), (3, '王五', '${token(3)}', '1965-03-19', '死亡', 'y');
      CREATE SCHEMA lib; CREATE TABLE lib.base_value (library SMALLINT, entity INTEGER, attribute SMALLINT, class SMALLINT, fact BIGINT);
      INSERT INTO lib.base_value VALUES (1, 2, 1, 90, (7::BIGINT << 32) + 5), (1, 3, 2, 90, (7::BIGINT << 32) + 6);
      CREATE VIEW v.class_v1 AS SELECT 90 AS class, 'jyj.pupil' AS source;
      CREATE SCHEMA raw; CREATE VIEW v.run_v1 AS SELECT 7 AS run, 'jyj.pupil' AS source;
      CREATE TABLE raw.jyj_pupil (_run INTEGER, _row INTEGER, no VARCHAR, nm VARCHAR, id_no VARCHAR, birth_dt VARCHAR);
      INSERT INTO raw.jyj_pupil VALUES (7, 1, 'P1', '张三', '${token(1)}', '19990110'), (7, 2, 'P2', '章三', '${token(1)}', ''),
        (6, 1, 'P0', '张三', '${token(1)}', '')`),
  );
});
afterAll(async () => {
  await vault.close();
  await store.end();
  await lake.close();
  rmSync(data, { recursive: true, force: true });
});

test('an uploaded list is verified and delivered as it was sent, with code and words; received is the sum', async () => {
  const v = await upload(health, Buffer.from(csvFile));
  expect(outcomesOf(v)).toEqual({ agreed: 1, differs: 1, deceased: 1, unknown: 1, incomplete: 1 });
  expect(v.received).toBe(v.counts.reduce((n, c) => n + c.rows, 0));
  const file = await text(await call('GET', '/{id}/delivery', health, { params: { id: String(v.id) } }));
  expect(file.replace('\ufeff', '').trimEnd().split('\r\n')).toEqual([
    '序号,姓名,身份证号,出生日期,住址,校核结果代码,校核结果,不一致的项',
    `1,张三,${numbers[1]},1999-01-10,慈溪市浒山街道新城路1号,agreed,一致,`,
    `2,"李,四",${numbers[2]},1998-06-23,,differs,不一致,姓名`,
    `3,王五,${numbers[3]},,,deceased,已死亡,`,
    '4,无名,110101190001010016,,,unknown,库中查无,',
    '5,,,,,incomplete,缺少核对项,',
  ]);
});

test('no identity number and no plain file stays behind: neither in the lake nor on disk', async () => {
  const v = await upload(health, Buffer.from(csvFile));
  await text(await call('GET', '/{id}/delivery', health, { params: { id: String(v.id) } }));
  const rows = await lake.query('SELECT * FROM vfy.row');
  const kept = JSON.stringify([rows, await store.db.query('SELECT * FROM libraries.verification')]);
  for (const n of Object.values(numbers)) expect(kept).not.toContain(n);
  expect(readdirSync(join(data, 'verify'))).toEqual([]);
});

test('GB 18030 and workbooks are read as well, and columns may be named', async () => {
  const gbk = await upload(health, iconv.encode(csvFile, 'gb18030'));
  expect(outcomesOf(gbk)).toMatchObject({ agreed: 1, differs: 1, deceased: 1 });
  const named = Buffer.from(`甲,乙\n${numbers[1]},张三\n`);
  expect(outcomesOf(await upload(health, named, 'x.csv', { number: '甲', personName: '乙' }))).toEqual({ agreed: 1 });
  async function* rows() {
    yield ['张三', numbers[1]];
    yield ['章三', numbers[1]];
  }
  const parts: Buffer[] = [];
  for await (const c of xlsx('名单', ['姓名', '身份证号'], rows())) parts.push(Buffer.from(c));
  expect(outcomesOf(await upload(health, Buffer.concat(parts), 'list.xlsx'))).toEqual({ agreed: 1, differs: 1 });
});

test('a file without any column to verify by fails with its headers told, and one that is no file of rows too', async () => {
  const { id } = await call<Shown>('POST', '', health, {
    query: { name: 'x.csv', subject: 'person' },
    file: Buffer.from('甲,乙\n1,2\n'),
  });
  await expect(run(id)).rejects.toMatchObject({
    kind: { code: 'libraries.verify.columns' },
    params: { headers: '甲、乙' },
  });
  const v = await call('GET', '/{id}', health, { params: { id: String(id) } });
  expect(v).toMatchObject({ state: 'failed', problem: { code: 'libraries.verify.columns' } });
  const broken = await call<Shown>('POST', '', health, {
    query: { name: 'x.xlsx', subject: 'person' },
    file: Buffer.from('no zip'),
  });
  await expect(run(broken.id)).rejects.toMatchObject({ kind: { code: 'libraries.verify.unreadable' } });
});

test("another department's verification is not there, and its rows and its delivery neither", async () => {
  const v = await upload(health, Buffer.from(csvFile));
  const params = { id: String(v.id) };
  expect(await call('GET', '', school)).toEqual({ items: [] });
  for (const [method, path, more] of [
    ['GET', '/{id}', {}],
    ['GET', '/{id}/rows', {}],
    ['GET', '/{id}/delivery', {}],
    ['PUT', '/{id}/rows/{row}', { body: { state: 'library' } }],
  ] as const) {
    const asked = call(method, path, school, { params: { ...params, row: '2' }, ...more });
    await expect(asked.then((a) => (path.endsWith('delivery') ? text(a) : a))).rejects.toMatchObject({
      kind: { code: 'libraries.verify.unknown' },
    });
  }
});

test('what does not agree is handled, audited, and what the library has wrong goes to the stewards to review', async () => {
  const v = await upload(health, Buffer.from(csvFile));
  const params = { id: String(v.id) };
  const page = async (query: object) =>
    (await call<{ items: { row: number; state: string }[] }>('GET', '/{id}/rows', health, { params, query })).items;
  expect((await page({})).map((r) => r.row)).toEqual([2, 3, 4, 5]);
  expect(await page({ outcome: 'differs' })).toMatchObject([
    { row: 2, differs: [{ field: 'name' }], name: { value: '李**', shown: 'masked' } },
  ]);
  const put = (row: number, state: string) =>
    call('PUT', '/{id}/rows/{row}', health, {
      params: { ...params, row: String(row) },
      body: { state, comment: '说明' },
    });
  expect(await put(3, 'library')).toMatchObject({ state: 'library', comment: '说明' });
  await put(2, 'department');
  await expect(put(1, 'settled')).rejects.toMatchObject({ kind: { code: 'libraries.verify.row-unknown' } });
  expect((await page({ state: 'open' })).map((r) => r.row)).toEqual([4, 5]);
  expect((await page({ state: 'library' })).map((r) => r.row)).toEqual([3]);
  expect(await call('GET', '/reviews', who('data-steward', null))).toMatchObject({
    items: [{ verification: v.id, row: 3, outcome: 'deceased', entity: 3, organisation: 'wjj' }],
  });
  const actions = await store.db.query<{ action: string }>('SELECT action FROM audit.entry ORDER BY seq');
  expect(actions.slice(-3).map((a) => a.action)).toEqual(['correction.raise', 'verify.correct', 'verify.correct']);
});

test("a run of the department's own source is verified by its declared fields, and delivered by row and key", async () => {
  const ask = (p: Principal) => call<Shown>('POST', '/runs', p, { body: { source: 'jyj.pupil' } });
  await expect(ask(health)).rejects.toMatchObject({ kind: { code: 'libraries.verify.not-yours' } });
  const { id } = await ask(school);
  await run(id);
  const params = { id: String(id) };
  expect(outcomesOf(await call('GET', '/{id}', school, { params }))).toEqual({ agreed: 1, differs: 1 });
  const file = await text(await call('GET', '/{id}/delivery', school, { params }));
  expect(file.split('\r\n').slice(1, 3)).toEqual(['1,P1,agreed,一致,', '2,P2,differs,不一致,姓名']);
  await expect(call('GET', '/{id}/delivery', { ...school, purpose: null }, { params })).rejects.toThrow();
});

test('what differs is asked of the department whose value stands, answered by it within ten working days, and settled by who asked', async () => {
  const v = await upload(health, Buffer.from(csvFile));
  const send = (outcome?: string) =>
    call<{ raised: number; known: number }>('POST', '/{id}/corrections', health, {
      params: { id: String(v.id) },
      body: outcome ? { outcome } : { comment: '请核实' },
    });
  expect(await send('differs')).toEqual({ raised: 1, known: 0 });
  expect(notices.told.at(-1)).toMatchObject({ kind: 'correction.assigned', title: { zh: '有 1 条疑义数据待核查' } });
  expect(await send()).toEqual({ raised: 2, known: 1 });
  await expect(send('agreed')).rejects.toMatchObject({ kind: { code: 'libraries.correction.nothing' } });
  type Item = { id: number; row: number; field: string; owner: string; source: string; state: string; due: string };
  const list = (p: Principal, query: object = {}) =>
    call<{ items: (Item & { received: unknown; next: string[]; overdue: boolean })[]; total: number }>(
      ...(['GET', corrections, p, { query: { size: '200', ...query } }] as const),
    ).then((a) => a.items.filter((i) => (i as unknown as { verification: number }).verification === v.id));
  const mine = await list(school, { which: 'mine' });
  expect(mine.map((i) => [i.row, i.field, i.source, i.owner, i.received, i.state])).toEqual([
    [2, 'name', 'jyj.pupil', 'jyj', { run: 7, row: 5 }, 'open'],
    [3, 'status', 'jyj.pupil', 'jyj', { run: 7, row: 6 }, 'open'],
  ]);
  // Nobody is known of the fourth row: the register's department is asked whether there should be somebody.
  expect((await list(health)).map((i) => [i.row, i.field, i.owner])).toEqual([
    [2, 'name', 'jyj'],
    [3, 'status', 'jyj'],
    [4, 'record', 'gaj'],
  ]);
  expect(await list(who('data-officer', 'sw'))).toEqual([]);
  expect((await list(health, { field: 'record', owner: 'gaj' })).map((i) => i.row)).toEqual([4]);
  const say = (p: Principal, id: number, state: string) =>
    call<Item & { entries: { state: string; by: string }[] }>('PUT', `${corrections}/{id}`, p, {
      params: { id: String(id) },
      body: { state, comment: '已查档案' },
    });
  const id = mine[0]!.id;
  await expect(say(health, id, 'source-wrong')).rejects.toMatchObject({ kind: { code: 'libraries.correction.state' } });
  await expect(say(who('data-officer', 'sw'), id, 'settled')).rejects.toMatchObject({
    kind: { code: 'libraries.correction.unknown' },
  });
  await say(school, id, 'list-wrong');
  const page = await call<{ items: { row: number; state: string }[] }>('GET', '/{id}/rows', health, {
    params: { id: String(v.id) },
    query: {},
  });
  expect(page.items.find((r) => r.row === 2)?.state).toBe('department');
  const settled = await say(health, id, 'settled');
  expect(settled.entries.map((e) => e.state)).toEqual(['settled', 'list-wrong', 'open']);
  expect(await call('GET', `${corrections}/summary`, who('data-steward', null))).toMatchObject({ settled: 1 });
});

test('ten working days pass over week-ends and holidays; where nobody announced a year its due day is not guessed', () => {
  expect(correctionDue('2026-11-20').due).toBe('2026-12-04');
  expect(correctionDue('2026-09-28').due).toBe('2026-10-16');
  expect(correctionDue('2030-12-27')).toEqual({ due: null, missingYear: 2030 });
});
