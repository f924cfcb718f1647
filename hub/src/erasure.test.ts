import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { catalogueOf } from './catalogue/index.ts';
import type { MatterView } from './erasure/index.ts';
import {
  type City,
  encodings,
  filesBelow,
  other,
  person,
  security,
  standsIn,
  startCity,
  steward,
} from './erasure-city.ts';
import { checkExchange, proofOfRow } from './exchange/index.ts';
import { GoingClock, who } from './hub-testing.ts';
import { ident } from './platform/lake/index.ts';

const people = [other(0), other(1), person, ...Array.from({ length: 17 }, (_, n) => other(n + 2))];
const receivers = ['rsj', 'sw', 'mzj', 'ybj', 'jyj'];
const formats = ['csv', 'parquet', 'xlsx', 'csv', 'csv'] as const;
const clock = new GoingClock('2026-11-03T01:00:00Z');
let city: City;
let before: Map<string, unknown[]>;
let proofs: Map<string, string>;

/** What stands around the first find, for whoever looks for what was forgotten. */
function contextOf(path: string, needles: readonly Buffer[]): string {
  const bytes = readFileSync(path);
  const found = needles.map((n) => bytes.indexOf(n)).filter((i) => i >= 0);
  const first = Math.min(...found);
  return `${found.length} needles, at ${first} of ${bytes.length}: ${bytes
    .subarray(Math.max(0, first - 300), first + 200)
    .toString()
    .replaceAll(/[^\x20-\x7e\u4e00-\u9fff]+/g, '.')}`;
}

/** Received rows of everybody else, bit for bit. */
async function othersRows(): Promise<Map<string, unknown[]>> {
  const found = new Map<string, unknown[]>();
  for (const { source, kind } of city.classes) {
    const table = `raw.${ident(source.id.replaceAll(/[.-]/g, '_'))}`;
    const rows = await city.app.lake.query(`SELECT * REPLACE (hex(_leaf) AS _leaf) FROM ${table} ORDER BY _run, _row`);
    // Of rows that name others beside the person only what is the person's may change.
    found.set(
      source.id,
      kind === 'person'
        ? rows.filter((r) => r.nm !== person.name)
        : rows.map(({ man_nm, man_id, woman_nm, woman_id, boss, boss_id, mob, owner, owner_tel, ...r }) => ({
            ...r,
            beside: [man_nm, woman_nm, boss, owner].filter((n) => n && n !== person.name),
          })),
    );
  }
  for (const rows of found.values())
    for (const r of rows as Record<string, unknown>[]) if (r.nm === '' || r.nm === undefined) delete r.nm;
  return found;
}

async function allProofs(): Promise<Map<string, string>> {
  const { lake } = city.app;
  const sources = catalogueOf(lake).sources;
  const found = new Map<string, string>();
  for (const { run, leaves } of await lake.query<{ run: number; leaves: number }>(
    'SELECT run, leaves FROM ex.run WHERE root IS NOT NULL ORDER BY run',
  ))
    for (const row of [1, 3, Number(leaves)])
      found.set(
        `${run}/${row}`,
        JSON.stringify(await proofOfRow(lake, (id) => sources.get(id)?.declaration, run, row)),
      );
  return found;
}

const matter = (id: number) => city.call<MatterView>('GET', '/erasure/matters/{id}', steward, { params: { id } });

beforeAll(async () => {
  city = await startCity(clock);
  await city.deliver(people, 1);
  await city.deliver(people, 2);
  for (const [i, to] of receivers.entries()) {
    const id = await city.grant(`gaj.class-${i + 1}`, to);
    await city.call('POST', '/sharing/shares/{id}/deliveries', who('data-officer', 'gaj'), {
      params: { id },
      body: { kind: 'full', format: formats[i] },
    });
    await city.jobs();
  }
}, 600_000);
afterAll(() => city?.end(), 60_000);

test('the person stands in thirty classes, quarantine, files and five deliveries before', async () => {
  const { lake } = city.app;
  const has = await lake.query<{ n: number }>('SELECT count(*) AS n FROM v.run_v1 WHERE accepted > 0');
  expect(has[0]!.n).toBeGreaterThanOrEqual(30);
  expect(
    await lake.first("SELECT count(*) AS n FROM ex.quarantine WHERE cells::VARCHAR LIKE '%' || $name || '%'", {
      name: person.name,
    }),
  ).toEqual({ n: 1 });
  expect((await city.app.db.query("SELECT id FROM sharing.delivery WHERE state = 'ready'")).length).toBe(5);
  expect(
    standsIn(
      [lake.path, `${lake.path}.wal`].filter((p) => filesBelow(join(city.data, 'lake')).includes(p)),
      encodings(person.name),
    ),
  ).not.toEqual([]);
  before = await othersRows();
  proofs = await allProofs();
});

test('a request is entered, looked for, proposed by one and approved by another', async () => {
  const body = {
    number: person.number.toLowerCase(),
    ground: 'request',
    document: '申请〔2026〕1号',
    received: '2026-11-03',
  };
  const { id } = await city.call<{ id: number }>('POST', '/erasure/matters', steward, { body });
  await expect(city.call('POST', '/erasure/matters', steward, { body })).rejects.toMatchObject({
    kind: { code: 'erasure.open' },
  });
  await city.jobs();
  const m = await matter(id);
  expect(m).toMatchObject({ state: 'entered', due: '2026-11-24', mask: expect.stringMatching(/^\d{6}\*+/) });
  expect(JSON.stringify(m)).not.toContain(person.name);
  const classes = new Set(m.holdings.flatMap((h) => (h.source ? [h.source] : [])));
  expect(classes.size).toBe(30);
  expect(m.holdings.filter((h) => h.room === 'sharing').length).toBe(5);
  expect(m.holdings.find((h) => h.source === 'gaj.class-25')).toMatchObject({
    action: 'keep',
    ground: { zh: '户口登记条例' },
  });
  await expect(city.call('POST', '/erasure/matters/{id}/approval', security, { params: { id } })).rejects.toMatchObject(
    { kind: { code: 'erasure.state' } },
  );
  // The class that its declaration keeps is decided otherwise here, with a reason.
  await city.call('POST', '/erasure/matters/{id}/proposal', steward, {
    params: { id },
    body: { decisions: [{ source: 'gaj.class-25', action: 'delete', reason: '保存期限已满' }] },
  });
  await expect(
    city.call('POST', '/erasure/matters/{id}/approval', { ...security, login: 'steward' }, { params: { id } }),
  ).rejects.toMatchObject({ kind: { code: 'erasure.own' } });
  await expect(city.call('POST', '/erasure/matters/{id}/approval', steward, { params: { id } })).rejects.toThrow(/403/);
  await city.call('POST', '/erasure/matters/{id}/approval', security, { params: { id } });
  await city.jobs();
  const done = await matter(id);
  expect(done.problem).toBeNull();
  expect(done).toMatchObject({ state: 'executed', mask: null });
  expect(done.steps.length).toBe(done.stepsInAll);
}, 600_000);

test('nothing of the person is left in any table, file or block; everybody else is bit for bit as before', async () => {
  const { lake, db, deps } = city.app;
  expect(await othersRows()).toEqual(before);
  const sources = catalogueOf(lake).sources;
  const check = await checkExchange(lake, catalogueOf(lake), { trees: true });
  expect(check.problems.map((p) => p.message)).toEqual([]);
  expect(await allProofs()).toEqual(proofs);
  expect(sources.size).toBe(30);
  const needles = [person.name, person.number, person.phone, person.address];
  // Every table of both stores, as text.
  for (const t of await lake.query<{ s: string; n: string }>(
    'SELECT schema_name AS s, table_name AS n FROM duckdb_tables()',
  ))
    for (const needle of needles)
      expect([
        t,
        await lake.first(
          `SELECT count(*) AS n FROM ${ident(t.s)}.${ident(t.n)} x WHERE contains(to_json(x)::VARCHAR, $needle)`,
          { needle },
        ),
      ]).toEqual([t, { n: 0 }]);
  for (const { s, n } of await db.query<{ s: string; n: string }>(
    "SELECT schemaname AS s, tablename AS n FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
  ))
    for (const needle of needles)
      expect([
        s,
        n,
        (
          await sql<{
            n: number;
          }>`SELECT count(*)::int AS n FROM ${sql.table(`${s}.${n}`)} AS t WHERE t::text LIKE ${`%${needle}%`}`.execute(
            db.kysely,
          )
        ).rows[0],
      ]).toEqual([s, n, { n: 0 }]);
  // Raw bytes of everything below the data folder, and files as they are when decrypted.
  const bytes = needles.flatMap(encodings);
  expect(standsIn(filesBelow(city.data), bytes).map((path) => [path, contextOf(path, bytes)])).toEqual([]);
  let blobs = 0;
  for (const path of filesBelow(join(city.data, 'blobs'))) {
    const address = path
      .slice(join(city.data, 'blobs').length + 1)
      .replace('/', '')
      .replace('.sealed', '');
    const chunks: Uint8Array[] = [];
    for await (const chunk of deps.blobs.get(address)) chunks.push(chunk);
    const plain = Buffer.concat(chunks);
    expect([address, bytes.some((n) => plain.includes(n))]).toEqual([address, false]);
    if (plain.subarray(0, 4).toString() !== 'PAR1' && plain.includes(Buffer.from(other(0).number))) blobs++;
  }
  // What is not the person's is still there.
  expect(blobs).toBeGreaterThan(10);
  expect(await lake.query('SELECT count(*) AS n FROM ex.cut_file WHERE replacement IS NULL')).toEqual([{ n: 0 }]);
}, 300_000);

test('receivers are told by the numbers of their own records, and what they say closes the matter with a second certificate', async () => {
  const { id } = (await city.call<{ items: { id: number }[] }>('GET', '/erasure/matters', steward)).items[0]!;
  for (const [i, to] of receivers.entries()) {
    const p = who('data-officer', to);
    const { items } = await city.call<{ items: { id: number; records: string[]; mine: boolean }[] }>(
      'GET',
      '/sharing/erasures',
      p,
    );
    expect(items).toMatchObject([{ mine: true, count: 1, overdue: false }]);
    const [{ id: duty, records }] = items as unknown as [{ id: number; records: string[] }];
    expect(records[0]).toMatch(/^[0-9a-f]{20}$/);
    await expect(
      city.call('POST', '/sharing/erasures/{id}/acknowledgement', who('data-officer', receivers[(i + 1) % 5]!), {
        params: { id: duty },
        body: { statement: '已经全部删除' },
      }),
    ).rejects.toMatchObject({ kind: { code: 'sharing.erasure.unknown' } });
    await city.call('POST', '/sharing/erasures/{id}/acknowledgement', p, {
      params: { id: duty },
      body: { statement: '已从业务库和备份中删除' },
    });
  }
  const notices = await city.app.db.query<{ n: string }>(
    "SELECT (title::text || text::text) AS n FROM notices.matter WHERE kind = 'erasure.receiver'",
  );
  expect(notices.length).toBe(5);
  expect(notices.some((n) => n.n.includes(person.name))).toBe(false);
  await city.look();
  const m = await matter(id);
  expect(m).toMatchObject({ state: 'closed', receivers: { told: 5, done: 5, overdue: 0 } });
  expect(m.certificates.map((c) => c.revision)).toEqual([2, 1]);
});

test('the certificate names places and counts, nobody, and its seal verifies', async () => {
  const { id } = (await city.call<{ items: { id: number }[] }>('GET', '/erasure/matters', steward)).items[0]!;
  const m = await matter(id);
  const { rows } = await sql<{
    text: string;
    sha256: string;
    seal: number;
  }>`SELECT text, sha256, seal FROM erasure.certificate WHERE matter = ${id} AND revision = 1`.execute(
    city.app.db.kysely,
  );
  const { text, sha256, seal } = rows[0]!;
  expect(createHash('sha256').update(text).digest('hex')).toBe(sha256);
  for (const needle of [person.name, person.number, person.phone, person.number.slice(0, 14)])
    expect(text).not.toContain(needle);
  const certificate = JSON.parse(text) as {
    deleted: { place: string; count: number }[];
    kept: unknown[];
    receivers: unknown[];
    searched: { found: number };
    subject: { digest: string };
  };
  expect(certificate.deleted.filter((d) => /^(raw|quarantine):/.test(d.place)).length).toBe(30);
  expect(certificate).toMatchObject({ kept: [], searched: { found: 0 }, subject: { digest: m.digest } });
  expect(certificate.receivers.length).toBe(5);
  const sealed = await city.app.deps.seal.sealed(seal, 30_000);
  expect(Buffer.from(sealed.imprint).toString('hex')).toBe(`01${sha256}`);
  const answer = await city.call<{ matches: boolean }>('POST', '/erasure/matters/{id}/check', steward, {
    params: { id },
    body: { number: person.number },
  });
  expect(answer).toEqual({ matches: true });
  expect(
    await city.call('POST', '/erasure/matters/{id}/check', steward, {
      params: { id },
      body: { number: other(0).number },
    }),
  ).toEqual({ matches: false });
}, 60_000);

test('what is delivered again does not bring the person back, nor does a rebuild', async () => {
  await city.deliver(people, 3);
  const { lake, deps } = city.app;
  expect(
    await lake.first(
      'SELECT count(*) AS n FROM ex.erased WHERE run IN (SELECT run FROM ex.run WHERE input LIKE $day)',
      { day: '%day-3%' },
    ),
  ).toEqual({ n: expect.any(Number) });
  await deps.jobs.submit('refinery.integrate', { rebuild: true }, { unique: 'rebuild' });
  await city.jobs();
  for (const table of [
    'v.person_v1',
    'lib.fact',
    'lib.base_mention',
    'raw.gaj_class_1',
    'raw.scjg_legal',
    'ex.quarantine',
  ])
    for (const needle of [person.name, person.address])
      expect([
        table,
        await lake.first(`SELECT count(*) AS n FROM ${table} x WHERE contains(to_json(x)::VARCHAR, $needle)`, {
          needle,
        }),
      ]).toEqual([table, { n: 0 }]);
  const check = await checkExchange(lake, catalogueOf(lake), { trees: true });
  expect(check.problems.map((p) => p.message)).toEqual([]);
}, 300_000);
