/**
 * Everything that goes wrong in the planted hub, with planted values in it: statements that both engines refuse, what Node and the libraries throw,
 * Problems filled with values — each as a request and as a job —, files and batches that are not what they should be, and every route that changes
 * something asked with values where it expects something else. Used by the test of access rules only.
 */
import { z } from 'zod';
import { type Asked, type Asker, addressesOf, ask } from './access-crawl.ts';
import { type Planted, planted } from './access-planted.ts';
import type { App } from './app.ts';
import { defineRoute } from './platform/http/index.ts';
import type { JobQueue } from './platform/jobs/index.ts';
import { literal } from './platform/lake/index.ts';
import { Problem, problemKind } from './platform/problem.ts';
import type { Deps, RoomModule } from './platform/room.ts';

const broken = problemKind('faults.broken', 500, '坏了：{reason}', 'broken: {reason}');
/** What a room's Problem says of an engine is what is shown to people: `withoutValues` is put before it there, as here. */
type Fault = (deps: Deps, value: string) => unknown;

/** What fails, and how. Each quotes its value in its own way. */
const faults: readonly Fault[] = [
  ({ lake }, v) => lake.query(`SELECT CAST(${literal(v)} AS BOOLEAN) AS x`),
  ({ lake }, v) => lake.query('SELECT CAST($v AS TIMESTAMP) AS x', { v }),
  ({ lake }, v) => lake.query(`SELECT strptime(${literal(v)}, '%Y') AS x`),
  ({ lake }, v) => lake.query(`SELECT json_extract(CAST(${literal(v)} AS JSON), '$.a') AS x`),
  ({ lake }, v) => lake.query(`SELECT ${literal(v)} AS x FRM nothing`),
  ({ lake }, v) => lake.query(`SELECT "${v}" FROM v.legal_person_v1`),
  ({ lake }, v) => lake.query(`SELECT * FROM "${v}"`),
  ({ lake }, v) => lake.query('SELECT error($v) AS x', { v }),
  ({ lake }, v) => lake.query(`SELECT regexp_matches('a', $v) AS x`, { v: `(${v}` }),
  ({ lake }, v) => lake.query(`SELECT CAST($v AS ENUM('a', 'b')) AS x`, { v }),
  ({ lake }, v) =>
    lake.session(async (s) => {
      await s.run('CREATE TEMP TABLE twice (a VARCHAR PRIMARY KEY)');
      await s.run('INSERT INTO twice VALUES ($v)', { v });
      await s.run('INSERT INTO twice VALUES ($v)', { v });
    }),
  ({ lake }, v) => lake.write('faults', (s) => s.run(`INSERT INTO lib.fact SELECT ${literal(v)}`)),
  ({ db }, v) => db.query('SELECT $1::int AS x', [v]),
  ({ db }, v) => db.query(`SELECT ${sqlText(v)}::timestamptz AS x`),
  ({ db }, v) => db.query('SELECT $1::jsonb AS x', [`{${v}`]),
  ({ db }, v) => db.query(`SELECT ${sqlText(v)} FRM nothing`),
  ({ db }, v) => db.query(`SELECT * FROM "${v}"`),
  ({ db }, v) => db.query(`SELECT "${v}" FROM auth.account`),
  ({ db }, v) => db.query('SELECT $1::uuid AS x', [v]),
  ({ db }, v) => db.query(`DO $x$ BEGIN RAISE EXCEPTION '%', ${sqlText(v)}; END $x$`),
  ({ db }, v) =>
    db.query('INSERT INTO platform.migration (room, name, checksum) VALUES ($1, $1, $1), ($1, $1, $1)', [v]),
  (_, v) => JSON.parse(`[${v}]`),
  (_, v) => new URL(v),
  (_, v) => BigInt(v.replace(/^\d/, 'x')),
  async (_, v) => (await import('node:fs/promises')).readFile(`/nowhere/${v}/${v}`),
  (_, v) => z.object({ [v]: z.string() }).parse({}),
  (_, v) => {
    throw new Error(`no such thing: ${v} (${encodeURIComponent(v)}, ${JSON.stringify({ [v]: v })})`);
  },
  (_, v) => {
    throw new Error('outer', { cause: new AggregateError([new Error(`inner ${v}`)], `several of “${v}”`) });
  },
  (_, v) => {
    throw v;
  },
  (_, v) => {
    throw new Problem(broken, { reason: v });
  },
];
/** The last one tells people its value by design of this test: it is tried in the log and in nothing that is answered. */
const TOLD = faults.length - 1;

const sqlText = (v: string): string => `'${v.replaceAll("'", "''")}'`;

/** One value of each field: what faults are tried with. */
const tried: readonly Planted[] = planted.filter((p) => p.owner === 'rsj' && p.level === 'important');

/** A room whose every route and job fails. */
export function faultsRoom(): RoomModule {
  const params = z.object({ n: z.coerce.number().int(), v: z.coerce.number().int() });
  return {
    name: 'faults',
    jobs: (deps) => [
      {
        kind: 'faults.fail',
        title: { zh: '失败', en: 'Fail' },
        params: params as never,
        run: async (context, { n, v }: z.output<typeof params>) => {
          context.log.info({ note: tried[v]!.value, list: [tried[v]!.value] }, `about ${tried[v]!.value}`);
          await faults[n]!(deps, tried[v]!.value);
        },
      },
    ],
    routes: (deps) => [
      defineRoute({
        ...{ method: 'GET', path: '/api/v1/faults/{n}/{v}', room: 'faults', access: 'public', params },
        ...{ summary: { zh: '失败', en: 'Fail' }, response: z.object({}) },
        handler: async ({ params: { n, v } }) => {
          await faults[n]!(deps, tried[v]!.value);
          return {};
        },
      }),
    ],
  };
}

/** Some addresses of the room: everybody is answered by one way of each engine, of Node and of a library. */
export const faultPool = {
  '/api/v1/faults#n': ['0', '4', '10', '12', '21', '26'],
  '/api/v1/faults#v': ['2'],
};

/** What is not to be asked with nonsense: it would end sessions, or begin long work that says nothing here. */
const SPARED = /^\/api\/v1\/(session|me\/|backups|faults|demo\/|vault\/rotation|keys\/rotations)/;

/** Plants everything; answers how many requests were refused, by status. */
export async function plantFaults(app: App, people: readonly Asker[], jobs: JobQueue): Promise<Map<number, number>> {
  const statuses = new Map<number, number>();
  const one = async (asker: Asker, path: string, init: RequestInit = {}) => {
    const { status } = await ask(app, asker, path, init);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  };
  const stranger = { name: 'a stranger', cookie: '' };
  const work: (() => Promise<unknown>)[] = [];
  for (const n of faults.keys())
    for (const v of tried.keys()) {
      work.push(() => one(stranger, `/api/v1/faults/${n}/${v}`));
      // A job says its error by the same way whatever the value: a name and a number of each are enough.
      if (n !== TOLD && (v === 2 || v === 5)) work.push(() => jobs.submit('faults.fail', { n, v }));
    }
  const values = tried.map((p) => p.value);
  const text = { 'content-type': 'text/plain' };
  const json = { 'content-type': 'application/json' };
  for (const asker of people) {
    // Files and batches of values that are no table, no JSON, of no encoding.
    for (const source of ['scjg.planted-important', 'rsj.planted-general']) {
      const rows = `${values.join(',')}\n`.repeat(3);
      const bodies = [
        rows,
        Buffer.from(rows, 'utf16le'),
        `"${rows}`,
        Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.from(rows)]),
      ];
      for (const [i, body] of bodies.entries())
        work.push(() =>
          one(asker, `/api/v1/exchange/sources/${source}/files?name=bad-${i}.csv`, {
            method: 'POST',
            body: body as never,
            headers: text,
          }),
        );
      for (const body of [
        `[${rows}`,
        JSON.stringify([Object.fromEntries(values.map((v) => [v, v]))]),
        JSON.stringify(values),
      ])
        work.push(() =>
          one(asker, `/api/v1/push/${source}`, {
            method: 'POST',
            body,
            headers: { ...json, 'idempotency-key': `faults-${Math.random()}` },
          }),
        );
    }
    for (const { method, path, body } of await changing(app)) {
      if (SPARED.test(path) || (!body && !path.includes('{'))) continue;
      const value = values[work.length % values.length]!;
      const pool = Object.fromEntries([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => [name!, [value]]));
      const [url] = addressesOf({ path, query: [], required: [] } satisfies Asked, pool);
      const told = JSON.stringify({ [value]: value, id: value, comment: 7, list: values });
      const given = body ? { body: work.length % 5 === 0 ? `{"${value}": ` : told, headers: json } : {};
      work.push(() => one(asker, `${url}?q=${encodeURIComponent(value)}`, { method, ...given }));
    }
    work.push(() => one(asker, `/nowhere/${encodeURIComponent(values[2]!)}?who=${encodeURIComponent(values[4]!)}`));
    work.push(() =>
      one(asker, `/api/v1/credit/search?q=${encodeURIComponent(values[2]!)}&limit=${encodeURIComponent(values[3]!)}`),
    );
  }
  const next = async () => {
    for (let now = work.shift(); now; now = work.shift()) await now();
  };
  await Promise.all(Array.from({ length: 6 }, next));
  return statuses;
}

/** Every route of the description that is no GET, and whether it takes a body. */
async function changing(app: Pick<App, 'url'>): Promise<{ method: string; path: string; body: boolean }[]> {
  const { paths } = (await (await fetch(`${app.url}/api/openapi.json`)).json()) as {
    paths: Record<string, Record<string, { requestBody?: unknown }>>;
  };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([method]) => ['post', 'put', 'patch', 'delete'].includes(method))
      .map(([method, of]) => ({ method: method.toUpperCase(), path, body: of.requestBody !== undefined })),
  );
}
