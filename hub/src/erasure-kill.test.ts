import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { catalogueOf } from './catalogue/index.ts';
import { carryOut, marksOf, matterOf, stepsOf } from './erasure/index.ts';
import { type City, other, person, startCity, steward } from './erasure-city.ts';
import { checkExchange } from './exchange/index.ts';
import { GoingClock } from './hub-testing.ts';
import { Repository, restoreFiles } from './platform/backup/index.ts';
import { openDb } from './platform/db/index.ts';
import { KeyRing } from './platform/vault/index.ts';

const people = [other(0), person, other(1), other(2), other(3), other(4), other(5)];
const clock = new GoingClock('2026-11-03T01:00:00Z');
let city: City;
let repository: string;
let dataKey: Buffer;
/** Folders of hubs that were started on another's data. */
const folders: string[] = [];

/** Enters a matter and approves it without its job: the test takes the steps itself. */
async function approved(): Promise<number> {
  const norm = city.ports.vault.normOf('citizen-id', person.number);
  const { rows } = await sql<{
    id: number;
  }>`INSERT INTO erasure.matter (state, ground, document, norm, mask, digest, received, due, entered_by, entered_at,
      looked_at, proposed_by, proposed_at, decided_by, decided_at)
    VALUES ('running', 'request', '申请〔2026〕9号', ${norm}, NULL, ${city.ports.erasing.digest(norm)}, '2026-11-03', '2026-11-24', 'steward', ${clock.now()},
      ${clock.now()}, 'steward', ${clock.now()}, 'secadmin', ${clock.now()}) RETURNING id`.execute(city.app.db.kysely);
  return rows[0]!.id;
}

/** The number as written and its token, while the vault still opens them. */
async function leftOver(): Promise<{ plain: string; token: string } | undefined> {
  const [token] = await city.app.deps.vault.find('citizen-id', person.number);
  return token === undefined ? undefined : { plain: person.number, token };
}

beforeAll(async () => {
  const root = await startCity(clock, { embedded: true });
  await root.stop();
  folders.push(root.folder);
  repository = join(root.folder, 'repository');
  ({ dataKey } = Repository.init(repository, clock.now()));
  KeyRing.open(join(root.data, 'keys')).keep('backup', dataKey);
  city = await startCity(clock, { embedded: true, data: root.data, root: root.root, repository });
  await city.deliver(people, 1);
  const job = await city.app.deps.jobs.submit('backup.take', {}, { unique: 'backup' });
  expect(await city.app.deps.jobs.wait(job)).toMatchObject({ state: 'done' });
}, 600_000);
afterAll(async () => {
  await city?.end();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}, 60_000);

test('broken off behind every step before its mark, it goes on and does the same', async () => {
  const id = await approved();
  const steps = stepsOf(city.ports);
  for (let i = 0; i < steps.length; i++) {
    // Killed when the step was done and its mark was not: everything else of it stands.
    const stop = new AbortController();
    const until = (at: number) => {
      if (at > i) stop.abort(new Error('killed'));
    };
    const m = await matterOf(city.app.db.kysely, id);
    // What no room knows of ends it, again and again, until somebody has removed it; the rooms look again each time.
    if (steps[i] === 'search') {
      const { plain, token } = (await leftOver())!;
      for (const left of [plain, token]) {
        await city.app.db.query('CREATE TABLE public.left_over AS SELECT $1::text AS note', [`号码${left}。`]);
        await expect(carryOut(city.ports, m, new AbortController().signal)).rejects.toMatchObject({
          ...{ kind: { code: 'erasure.remains' }, params: { count: 1, places: 'store:public.left_over (1)' } },
        });
        const marked = [...(await marksOf(city.ports, id)).entries()].filter(([name]) => name.startsWith('room '));
        expect(marked.every(([, detail]) => detail.again)).toBe(true);
        await city.app.db.query('DROP TABLE public.left_over');
      }
    }
    await carryOut(city.ports, m, stop.signal, until).catch((error: Error) => expect(error.message).toBe('killed'));
    const done = await marksOf(city.ports, id);
    expect([...done.keys()].sort()).toEqual(steps.slice(0, i + 1).sort());
    if (i < steps.length - 1)
      await sql`DELETE FROM erasure.mark WHERE matter = ${id} AND step = ${steps[i]!}`.execute(city.app.db.kysely);
    if (i < steps.length - 1) {
      const again = new AbortController();
      await carryOut(city.ports, m, again.signal, (at) => {
        if (at > i) again.abort(new Error('killed'));
      }).catch((error: Error) => expect(error.message).toBe('killed'));
    }
  }
  expect(await matterOf(city.app.db.kysely, id)).toMatchObject({ state: 'executed' });
  const { rows } = await sql<{ text: string }>`SELECT text FROM erasure.certificate WHERE matter = ${id}`.execute(
    city.app.db.kysely,
  );
  expect(rows.length).toBe(1);
  const { deleted } = JSON.parse(rows[0]!.text) as { deleted: { place: string }[] };
  expect(deleted.filter((d) => /^(raw|quarantine):/.test(d.place)).length).toBeGreaterThanOrEqual(29);
  const check = await checkExchange(city.app.lake, catalogueOf(city.app.lake), { trees: true });
  expect(check.problems.map((p) => p.message)).toEqual([]);
  // What a law keeps is locked away: stored once, read by no view, and its number is opened for nobody.
  expect(
    await city.app.lake.query('SELECT source, held IS NOT NULL AS kept FROM ex.erased WHERE held IS NOT NULL'),
  ).toEqual([{ source: 'gaj.class-25', kept: true }]);
  expect(JSON.parse(rows[0]!.text)).toMatchObject({
    kept: [{ place: 'raw:gaj.class-25', ground: { zh: '户口登记条例' } }],
    vault: { destroyed: 0 },
  });
  const { vault } = city.app.deps;
  const tokens = await vault.find('citizen-id', person.number);
  expect(tokens.length).toBe(1);
  expect(await vault.reveal(tokens, steward, '核对')).toEqual(new Map());
  expect(await vault.masks(tokens)).toEqual(new Map([[tokens[0]!, '***']]));
}, 600_000);

test('a hub that was restored from an older backup erases the person again before it answers', async () => {
  await city.stop();
  const to = join(city.folder, 'restored');
  restoreFiles({ from: repository, dataKey, snapshot: 'latest', to });
  // Something that no room knows of keeps the order from being carried out, but not the hub from starting.
  const db = await openDb({ kind: 'pglite', folder: join(to, 'pg') });
  await db.query('CREATE TABLE public.left_over AS SELECT $1::text AS note', [`号码${person.number}。`]);
  await db.close();
  const restored = await startCity(clock, { embedded: true, data: to, root: city.root, repository });
  folders.push(restored.folder);
  try {
    const standing = await restored.app.db.query('SELECT id, state, problem FROM erasure.matter');
    expect(standing).toMatchObject([{ state: 'running', problem: { code: 'erasure.remains' } }]);
    await restored.app.db.query('DROP TABLE public.left_over');
    await restored.call('POST', '/erasure/matters/{id}/resumption', steward, {
      params: { id: (standing[0] as { id: number }).id },
    });
    await restored.jobs();
    const { rows } = await sql<{
      state: string;
      restored: boolean;
    }>`SELECT state, restored FROM erasure.matter`.execute(restored.app.db.kysely);
    expect(rows).toEqual([{ state: expect.stringMatching(/executed|closed/), restored: true }]);
    for (const table of ['lib.fact', 'raw.gaj_class_1', 'v.person_v1', 'lib.base_mention'])
      expect([
        table,
        await restored.app.lake.first(
          `SELECT count(*) AS n FROM ${table} x WHERE contains(to_json(x)::VARCHAR, $name)`,
          { name: person.name },
        ),
      ]).toEqual([table, { n: 0 }]);
    const check = await checkExchange(restored.app.lake, catalogueOf(restored.app.lake), { trees: true });
    expect(check.problems.map((p) => p.message)).toEqual([]);
    // It is not done twice at the next start.
    await restored.stop();
    await restored.start();
    expect((await restored.app.db.query('SELECT 1 FROM erasure.certificate')).length).toBeLessThanOrEqual(2);
  } finally {
    await restored.stop();
  }
  await city.start();
}, 600_000);
