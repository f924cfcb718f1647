/**
 * Who can read what, of every role, level and protection, by every way out of the hub: a planted city (access-planted.ts) in which everything
 * goes wrong that can (access-faults.ts) is asked everything by everybody, and nothing that docs/protection.md does not allow is in any answer,
 * nor in what leaves the hub by itself (access-channels.ts).
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { channelTests, doubtAll, wantEverything } from './access-channels.ts';
import {
  type Asked,
  type Asker,
  addressesOf,
  ask,
  crawl,
  discover,
  type Pool,
  routesOf,
  type Said,
} from './access-crawl.ts';
import { nothingThere } from './access-empty.ts';
import { faultsRoom, plantFaults } from './access-faults.ts';
import { type Granted, type Person, plantGrants } from './access-granted.ts';
import { type Outside, outside } from './access-outside.ts';
import { layDeliveries, type Planted, planted, plantRepository } from './access-planted.ts';
import { fillPool } from './access-pool.ts';
import { type App, createApp } from './app.ts';
import { type Config, loadConfig } from './config.ts';
import { integrationFinished } from './libraries/index.ts';
import { roles } from './platform/auth/principal.ts';
import { hubStore } from './platform/db/testing.ts';
import { allRooms } from './rooms.ts';

let root: string;
let app: App;
let store: Awaited<ReturnType<typeof hubStore>>;
let pool: Pool;
let routes: Asked[];
const askers = new Map<string, Person>();
const said = new Map<string, Said[]>();
let grants: Granted[];
let around: Outside;
let config: Config;

/** The table of docs/protection.md: role, level, protection → what is seen. It is the rule; the code is what is tried. */
function ruleBook(): (role: string, level: string, protection: string) => string {
  const text = readFileSync(new URL('../../docs/protection.md', import.meta.url), 'utf8');
  const rows = [...text.matchAll(/^\| ([a-z-]+) \| (any|core|important|general) \| (.+) \|$/gm)];
  const book = new Map<string, string>();
  for (const [, role, level, cells] of rows)
    for (const [i, protection] of ['public', 'internal', 'personal', 'sensitive'].entries())
      for (const l of level === 'any' ? ['core', 'important', 'general'] : [level!])
        book.set(`${role} ${l} ${protection}`, cells!.split(' | ')[i]!);
  return (role, level, protection) => book.get(`${role} ${level} ${protection}`) ?? 'hidden';
}
const rule = ruleBook();

/** Whether somebody may read a planted value as it is. */
function mayRead(asker: { role: string | null; organisation: string | null; purpose?: string }, p: Planted): boolean {
  const word = asker.role ? rule(asker.role, p.level, p.protection) : 'hidden';
  if (word === 'purpose') return Boolean(asker.purpose);
  if (word === 'own + purpose') return Boolean(asker.purpose) && asker.organisation === p.owner;
  return word === 'plain';
}

/** Signs somebody in, sets the password, and names a purpose where one is given. */
async function enter(login: string, purpose?: string): Promise<Asker> {
  const account = app.firstAccounts.find((a) => a.login === login)!;
  const next = 'Warp-and-Weft-2026';
  const post = (path: string, body: unknown, cookie = '') =>
    fetch(app.url + path, {
      method: 'POST',
      headers: { cookie, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const cookieOf = (answer: Response) => answer.headers.get('set-cookie')!.split(';')[0]!;
  const name = purpose ? `${login} with a purpose` : login;
  const first = await post('/api/v1/session', { login, password: purpose ? next : account.oneTimePassword });
  let cookie = cookieOf(first);
  if (purpose) {
    const chosen = { code: 'supervision', caseReference: '试验〔2026〕1号', text: purpose };
    expect((await post('/api/v1/me/purpose', chosen, cookie)).status).toBe(200);
    return { name, cookie, purpose };
  }
  const changed = await post('/api/v1/me/password', { current: account.oneTimePassword, next }, cookie);
  expect(changed.status).toBe(200);
  cookie = cookieOf(await post('/api/v1/session', { login, password: next }));
  return { name, cookie };
}

/** Everybody but those who are in a role and place that somebody else is in already. */
const asking = (): Person[] => [...askers.values()].filter((a) => !['rsj-head', 'mzj-officer'].includes(a.name));

const hubOptions = () => ({ repository: join(root, 'city'), scryptCost: 4 });

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'jingwei-access-'));
  const data = join(root, 'data');
  mkdirSync(data);
  store = await hubStore(data);
  mkdirSync(join(root, 'city'));
  plantRepository(join(root, 'city'));
  around = await outside();
  around.declare(join(root, 'city'));
  const sample = readFileSync(new URL('../../sources/scjg/market-entity/sample.csv', import.meta.url), 'utf8');
  layDeliveries(join(data, 'inbox'), `${sample.split('\n').slice(0, 2).join('\n')}\n`);
  const overrides = {
    ...{
      dataFolder: data,
      'http.port': 0,
      'lake.memoryMiB': 512,
      'lake.threads': 1,
      'demo.enabled': true,
      'demo.rows': 0,
    },
    // The simulated field would only fill the lake here.
    ...{ 'demo.pace': 0 },
    'http.limits.requestsPerMinute': 1_000_000,
    ...around.settings,
    'backup.folder': join(root, 'backups'),
    ...(store.url === undefined ? {} : { 'db.url': store.url }),
  };
  config = loadConfig({ env: {}, cwd: root, overrides });
  app = await createApp(config, { ...hubOptions(), logger: around.logger, rooms: [...allRooms(), faultsRoom()] });
  const integrated = new Promise<void>((resolve) => app.deps.bus.on(integrationFinished, () => resolve()));
  const entering = Promise.all(
    app.firstAccounts.map(async (a) =>
      askers.set(a.login, { ...(await enter(a.login)), role: a.role, organisation: a.organisation }),
    ),
  );
  await Promise.all([integrated, entering]);
  await wantEverything(app, askers.values());
  for (const login of ['steward', 'officer', 'rsj-officer', 'leader']) {
    const { role, organisation } = askers.get(login)!;
    const own = await enter(login, '访问规则试验，核对数据质量');
    askers.set(own.name, { ...own, role, organisation });
  }
  askers.set('a stranger', { name: 'a stranger', cookie: '', role: null, organisation: null });
  // Archives of the demonstration go on arriving, one a second, and hold nothing planted.
  const busy = async () =>
    (await app.jobs.list({ limit: 1000 })).some(
      (j) => ['queued', 'running'].includes(j.state) && !j.kind.startsWith('archives.'),
    );
  while (await busy()) await new Promise((resolve) => setTimeout(resolve, 50));
  grants = await plantGrants(app, askers);
  expect(await doubtAll(app, askers.get('steward with a purpose')!)).toBeGreaterThan(5);
  // A review of roles and a saved query: they are told and listed.
  const kept = { name: '试验查询', description: '', statement: 'SELECT 1 AS one', parameters: [], chart: null };
  for (const [login, path, body] of [
    ['secadmin', 'people/recertifications', {}],
    ['analyst', 'workbench/saved', { ...kept, shared: 'roles', roles: ['data-steward', 'data-officer'] }],
  ] as const) {
    const init = { method: 'POST', body: JSON.stringify(body) };
    expect((await ask(app, askers.get(login)!, `/api/v1/${path}`, init)).status, path).toBeLessThan(300);
  }
  const people = ['officer', 'sysadmin'].map((name) => askers.get(name)!);
  const refused = await plantFaults(app, people, app.deps.jobs);
  expect(refused.get(500), 'what fails by itself').toBeGreaterThan(150);
  expect(refused.get(400), 'what is refused as it is written').toBeGreaterThan(80);
  while (await busy()) await new Promise((resolve) => setTimeout(resolve, 50));
  routes = await routesOf(app.url);
  // Between them these see every list.
  const seeing = ['steward with a purpose', 'officer', 'sysadmin', 'secadmin', 'archivist', 'duty', 'collector'];
  pool = await discover(
    app,
    seeing.map((name) => askers.get(name)!),
    routes,
    await fillPool(app, grants),
  );
  for (const asker of asking()) said.set(asker.name, await crawl(app, asker, routes, pool));
}, 900_000);
afterAll(async () => {
  await app?.close();
  await store?.end();
  await around?.end();
  rmSync(root, { recursive: true, force: true });
}, 120_000);

/** What the recipient's officer may read more than its role, where the answer is what was granted. */
const ofAGrant = (asker: Person, p: Planted, url: string): boolean =>
  asker.organisation === 'rsj' &&
  p.owner === 'scjg' &&
  p.protection !== 'sensitive' &&
  /\/(sharing\/deliveries|subscriptions)\//.test(url);

/** Names a cell so that a leak can be looked up. */
const cell = (p: Planted): string => `${p.level} ${p.protection} item ${p.field} of ${p.owner}`;

test('the rule of every role, level and protection is written down, and one is written for each role that there is', () => {
  for (const role of roles)
    for (const p of planted)
      expect(rule(role, p.level, p.protection), `${role} ${cell(p)}`).toMatch(
        /^(plain|masked|hidden|purpose|own \+ purpose)$/,
      );
});

test('every route that can be read is asked, but those that ask for what the planted city has none of', () => {
  const unasked = routes.filter((route) => addressesOf(route, pool).length === 0).map((route) => route.path);
  expect(unasked.sort()).toEqual([...nothingThere].sort());
});

test('no answer of any route, list, export or error holds a value that its asker may not read', () => {
  let combinations = 0;
  const leaks: string[] = [];
  for (const asker of asking()) {
    const closed = planted.filter((p) => !mayRead(asker, p));
    for (const { url, text } of said.get(asker.name)!) {
      combinations += closed.length;
      for (const p of closed)
        if (text.includes(p.value) && !ofAGrant(asker, p, url)) leaks.push(`${asker.name} reads ${cell(p)} at ${url}`);
    }
  }
  expect(leaks).toEqual([]);
  expect(combinations).toBeGreaterThan(2000);
});

test('what may be read is read: a hub that shows nothing would pass no test', () => {
  const routesThatShow = (asker: string, p: Planted) =>
    new Set(
      said
        .get(asker)!
        .filter((s) => s.text.includes(p.value))
        .map((s) => s.route),
    ).size;
  for (const p of planted) {
    if (p.protection === 'sensitive') continue;
    expect(routesThatShow('steward with a purpose', p), cell(p)).toBeGreaterThan(4);
    if (p.protection === 'personal') expect(routesThatShow('steward', p), cell(p)).toBe(0);
    else if (p.level !== 'core') expect(routesThatShow('bank', p), cell(p)).toBeGreaterThan(1);
  }
});

test('nobody learns by asking for a value whether it is there: what a closed value finds is what no value finds', {
  timeout: 300_000,
}, async () => {
  // Each field of one level and owner: the others differ in nothing but what this one says of both.
  const cells = planted.filter((p) => p.owner === 'rsj' && p.level === 'important');
  const classOf = new Map(
    (await app.deps.lake.query<{ source: string; class: number }>('SELECT source, class FROM v.class_v1')).map((c) => [
      c.source,
      c.class,
    ]),
  );
  const everywhere = [
    (v: string) => `/api/v1/credit/search?q=${v}`,
    (v: string) => `/api/v1/libraries/base/people/entities?q=${v}`,
    (v: string) => `/api/v1/catalogue/entries?search=${v}`,
    (v: string) => `/api/3/action/package_search?q=${v}`,
  ];
  const by = (p: Planted): ((value: string) => string)[] => [
    ...everywhere,
    (v) => `/api/v1/credit/facts?class=${classOf.get(p.source)}&field=${p.field}&contains=${v}`,
    (v) => `/api/v1/credit/export?class=${classOf.get(p.source)}&field=${p.field}&contains=${v}&format=csv`,
  ];
  const neutral = ({ status, text }: { status: number; text: string }, value: string) =>
    `${status} ${text
      .replaceAll(value, '?')
      .replaceAll(encodeURIComponent(value), '?')
      .replace(/urn:uuid:[0-9a-f-]+|"tookMs":[0-9.e-]+/g, '')}`;
  const told: string[] = [];
  for (const asker of asking())
    for (const p of cells.filter((c) => !mayRead(asker, c)))
      for (const question of by(p)) {
        // Who stands in a register beside an enterprise can be looked for by name: the search's own purpose (docs/protection.md).
        if (question === everywhere[0] && p.field === 'person') continue;
        const [there, absent] = await Promise.all(
          [p.value, p.absent].map(async (v) => neutral(await ask(app, asker, question(encodeURIComponent(v))), v)),
        );
        if (there !== absent)
          told.push(
            `${asker.name} learns of ${cell(p)} by ${question('…')}: ${there?.slice(0, 200)} / ${absent?.slice(0, 200)}`,
          );
      }
  expect(told).toEqual([]);
});

test('the workbench shows no more than any other way: rows, expressions, errors, plans and files', {
  timeout: 300_000,
}, async () => {
  const leaks: string[] = [];
  const open = new Map<string, number>();
  let combinations = 0;
  const post = (asker: Person, path: string, body: object) =>
    ask(app, asker, `/api/v1/workbench/${path}`, { method: 'POST', body: JSON.stringify(body) });
  const users = new Set(['analyst', 'data-steward', 'data-officer']);
  const sources = [...new Set(planted.map((p) => p.source))];
  const shared = [
    `SELECT person_name, person_token FROM v.legal_person_relation_v1`,
    `SELECT * FROM v.legal_person_fact_v1`,
    `SELECT * FROM v.legal_person_history_v1`,
  ];
  for (const asker of asking())
    for (const source of asker.role && users.has(asker.role) ? sources : sources.slice(0, 1)) {
      const view = `v.record_${source.replace(/[^a-z0-9]+/g, '_')}_v1`;
      const own = planted.filter((p) => p.source === source);
      const fields = own.map((p) => p.field);
      const statements = [
        `SELECT * FROM ${view}`,
        ...[`SELECT to_json(r) FROM ${view} r`, `SELECT ${fields.map((f) => `max(${f})`).join(', ')} FROM ${view}`],
        `WITH w AS (FROM ${view}) UNPIVOT w ON ${fields.join(', ')} INTO NAME n VALUE x`,
        `SELECT ${fields.map((f) => `reverse(reverse(${f}))`).join(', ')} FROM ${view}`,
        // Each stops at its first error, so that each field has its own.
        ...fields.map((f) => `SELECT CAST(${f} AS INTEGER) FROM ${view}`),
        // What is no source's own is asked once.
        ...(source === sources[0] ? shared : []),
      ];
      for (const statement of statements)
        for (const path of ['run', 'plan', 'export']) {
          if (path !== 'run' && statement !== statements[0]) continue;
          const body = path === 'export' ? { statement, format: 'csv', purpose: '访问规则试验' } : { statement };
          const { status, text } = await post(asker, path, body);
          if (!asker.role || !users.has(asker.role)) {
            expect([401, 403], `${asker.name} ${path}`).toContain(status);
            combinations += 1;
            continue;
          }
          for (const p of planted) {
            combinations += 1;
            if (!text.includes(p.value)) continue;
            // What the vault keeps is told by it alone, whatever the role.
            if (!mayRead(asker, p) || p.protection === 'sensitive')
              leaks.push(`${asker.name} reads ${cell(p)} by ${statement}`);
            else open.set(asker.name, (open.get(asker.name) ?? 0) + 1);
          }
        }
    }
  expect(leaks).toEqual([]);
  expect(combinations).toBeGreaterThan(5_000);
  // What may be read is read.
  for (const name of ['analyst', 'steward', 'officer', 'steward with a purpose'])
    expect(open.get(name), name).toBeGreaterThan(50);
});

describe('what was granted', () => {
  /** What the recipient of a grant may read of a class: all that was granted but sensitive values, which only ever leave masked. */
  const covered = (g: Granted, p: Planted) =>
    p.owner === 'scjg' &&
    p.level === g.level &&
    p.protection !== 'sensitive' &&
    (g.items === 'all' || p.field === 'open_text');

  test('files, services and events hold granted items of granted rows and nothing else, sensitive values masked', () => {
    const leaks: string[] = [];
    let combinations = 0;
    for (const grant of grants)
      for (const [way, text] of grant.given)
        for (const p of planted.filter((c) => !covered(grant, c))) {
          combinations += 1;
          if (text.includes(p.value))
            leaks.push(`${way} of the grant of ${grant.items} items of ${grant.level} shows ${cell(p)}`);
        }
    expect(leaks).toEqual([]);
    expect(combinations).toBeGreaterThan(2000);
  });

  test('they do hold what was granted', () => {
    for (const grant of grants)
      for (const way of ['file', 'list', 'record', 'events']) {
        const text = grant.given.get(way);
        if (text === undefined) continue;
        for (const p of planted.filter((c) => covered(grant, c))) expect(text, `${way}: ${cell(p)}`).toContain(p.value);
      }
    expect(new Set(grants.flatMap((g) => [...g.given.keys()]))).toContain('events');
  });
});

channelTests(() => ({
  ...{ app, config, root, repository: join(root, 'city'), askers, said, outside: around, mayRead, cell },
  async signIn(hub, login) {
    const answer = await fetch(`${hub.url}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ login, password: 'Warp-and-Weft-2026' }),
    });
    expect(answer.status, login).toBe(201);
    return answer.headers.get('set-cookie')!.split(';')[0]!;
  },
}));
