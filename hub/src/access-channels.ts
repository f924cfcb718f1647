/**
 * The tests of what leaves a hub by itself or is kept beside it: log, traces and figures, notices by every way out, backups and what is restored
 * from them. They share the planted hub of `access.test.ts`, which calls `channelTests`.
 */
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ask, type Said } from './access-crawl.ts';
import type { Person } from './access-granted.ts';
import { Looker } from './access-looker.ts';
import { type Arrived, CHANNEL, type Outside } from './access-outside.ts';
import { type Planted, planted } from './access-planted.ts';
import { type App, createApp } from './app.ts';
import type { Config } from './config.ts';
import { migrationSets } from './migrations.ts';
import { Repository, restoreFiles, restoreRows } from './platform/backup/index.ts';
import { migrate } from './platform/db/index.ts';
import { createLogger, silentLogger } from './platform/log/index.ts';
import { kindNames } from './platform/notices/kinds.ts';
import { Exporter } from './platform/telemetry/index.ts';
import { KeyRing } from './platform/vault/index.ts';

/** What the tests share. */
export interface PlantedHub {
  app: App;
  config: Config;
  /** Where the city's declarations stand. */
  repository: string;
  /** A folder of this test, beside the data folder. */
  root: string;
  askers: ReadonlyMap<string, Person>;
  said: ReadonlyMap<string, Said[]>;
  outside: Outside;
  mayRead(asker: Person, p: Planted): boolean;
  cell(p: Planted): string;
  /** Signs in once more: a cookie. */
  signIn(app: Pick<App, 'url'>, login: string): Promise<string>;
}

const looker = new Looker(planted);
/** What stands in a channel that nobody in particular reads: no planted value may. */
const found = (what: string, texts: readonly string[], cell: (p: Planted) => string): string[] =>
  texts.flatMap((text) =>
    looker.in(text).map(({ of, as }) => `${what} has ${cell(of)} (${as}): ${text.slice(0, 300)}`),
  );

/** Gives everybody an address on every way out, and every kind at once on each. */
export async function wantEverything(app: App, people: Iterable<Person>): Promise<void> {
  const kinds = Object.fromEntries(kindNames.map((kind) => [kind, { mail: 'now', messages: [CHANNEL] }]));
  for (const p of people) {
    if (!p.cookie || p.purpose) continue;
    const addresses = { mail: `${p.name}@city.example`, handle: p.name };
    const { status, text } = await ask(app, p, '/api/v1/notices/settings', {
      ...{ method: 'PUT', body: JSON.stringify({ settings: { kinds }, addresses }) },
    });
    if (status !== 200) throw new Error(`${p.name} cannot set notices: ${text}`);
  }
}

/** Doubts every planted value that somebody sees: those whose source it is are told. Answers how many were taken. */
export async function doubtAll(app: App, p: Person): Promise<number> {
  const facts = await app.deps.lake.query<{ fact: number; source: string }>(
    'SELECT fact, c.source AS source FROM v.legal_person_fact_all_v1 f JOIN v.class_v1 c ON c.class = f.class',
  );
  let n = 0;
  for (const { field, source } of planted) {
    const fact = facts.find((f) => f.source === source)?.fact;
    const body = JSON.stringify({ fact: String(fact), field, comment: '请予以核实' });
    const { status } = await ask(app, p, '/api/v1/libraries/corrections', { method: 'POST', body });
    if (status === 201) n += 1;
  }
  return n;
}

/** Waits until nothing of notices is on its way. */
async function delivered(app: App): Promise<void> {
  for (let quiet = 0; quiet < 3; ) {
    const [row] = await app.db.query<{ n: number }>(
      `SELECT (SELECT count(*) FROM notices.matter WHERE settled_at IS NULL AND dispatched < revision)::int
        + (SELECT count(*) FROM notices.delivery WHERE state IN ('waiting', 'sending'))::int AS n`,
    );
    quiet = row!.n === 0 ? quiet + 1 : 0;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Bytes of every file of a folder. */
function filesOf(folder: string): { path: string; bytes: Buffer }[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => ({ path, bytes: readFileSync(path) }));
}
const kept = (folder: string, cell: (p: Planted) => string): string[] =>
  filesOf(folder).flatMap(({ path, bytes }) => [
    ...looker.inBytes(bytes).map(({ of }) => `${path} has ${cell(of)}`),
    ...looker.in(path).map(({ of }) => `the name ${path} has ${cell(of)}`),
  ]);

/** Everything of the channels; `hub` is made before the first of them runs. */
export function channelTests(hub: () => PlantedHub): void {
  /** What reached somebody by a channel and is not theirs to read. */
  const leaked = (what: string, arrived: readonly Arrived[]): string[] => {
    const { askers, mayRead, cell } = hub();
    return arrived.flatMap(({ to, text }) => {
      const person = askers.get(to.replace(/@city\.example$/, ''));
      return looker
        .in(text)
        .filter(({ of }) => !person || !mayRead(person, of))
        .map(({ of, as }) => `${what} to ${to} has ${cell(of)} (${as})`);
    });
  };

  test('the log holds no planted value at its most talkative, whatever failed', () => {
    const { outside, cell } = hub();
    const { lines } = outside;
    const levels = new Map<number, number>();
    for (const line of lines) {
      const { level } = JSON.parse(line) as { level: number };
      levels.set(level, (levels.get(level) ?? 0) + 1);
    }
    expect(levels.get(30)).toBeGreaterThan(2_000);
    // Both engines, Node and the rooms failed on values.
    expect(levels.get(50)).toBeGreaterThan(180);
    const text = lines.join('');
    for (const said of ['Conversion Error', 'invalid input syntax', 'Catalog Error', 'ENOENT', 'faults.broken'])
      expect(text).toContain(said);
    expect(found('the log', lines, cell).slice(0, 20)).toEqual([]);
    // The looker would have said so: a line of a logger without this one's care.
    expect(found('a log', [JSON.stringify({ msg: `no ${planted[2]!.value}` })], cell)).toHaveLength(1);
    const plain: string[] = [];
    createLogger({ destination: { write: (line: string) => void plain.push(line) } }).info(
      { note: planted[2]!.value },
      'x',
    );
    expect(found('the log', plain, cell)).toEqual([]);
  });

  test('traces and figures hold no planted value', async () => {
    const { app, outside, cell } = hub();
    const names = new Set(
      outside.traces.flatMap((body) =>
        (JSON.parse(body) as { resourceSpans: { scopeSpans: { spans: { name: string }[] }[] }[] }).resourceSpans
          .flatMap((r) => r.scopeSpans)
          .flatMap((s) => s.spans.map((span) => span.name)),
      ),
    );
    expect(outside.traces.length).toBeGreaterThan(10);
    for (const name of ['job faults.fail', 'job exchange.collect', 'GET /api/v1/faults/{n}/{v}'])
      expect(names).toContain(name);
    expect([...names].some((n) => n.startsWith('SELECT lib.'))).toBe(true);
    expect(found('a trace', outside.traces, cell)).toEqual([]);
    const figures = await (await fetch(`${app.url}/metrics`)).text();
    expect(figures).toContain('/api/v1/faults/{n}/{v}');
    expect(found('a figure', [figures], cell)).toEqual([]);
    // A span that names a value is found where spans arrive.
    const before = outside.traces.length;
    const exporter = new Exporter(
      { endpoint: app.deps.config.telemetry.otlp!.endpoint, headers: {}, queue: 100 },
      {},
      silentLogger(),
    );
    exporter.add({
      ...{ trace: 'a'.repeat(32), span: 'b'.repeat(16), parent: undefined, kind: 'internal', start: 1n, end: 2n },
      ...{ name: `look ${planted[4]!.value}`, attributes: {}, failed: false },
    });
    await exporter.stop();
    expect(found('a trace', outside.traces.splice(before), cell)).toHaveLength(1);
  });

  test('a slow statement is shown by its shape, errors by their codes: neither holds a value', async () => {
    const { app, askers, cell } = hub();
    const values = planted.slice(0, 6).map((p) => p.value);
    const list = values.map((v) => `'${v}'`).join(', ');
    await app.deps.lake.query(
      `SELECT count(*) AS n, [${list}] AS "${values[2]}" FROM range(400000000) t(i) WHERE i % 7 <> 3 -- ${values[2]}`,
    );
    const { text } = await ask(app, askers.get('sysadmin')!, '/api/v1/operations');
    expect(text).toContain('range(0)');
    expect(text).toContain('http.internal');
    expect(found('operations', [text], cell)).toEqual([]);
  });

  test('notices hold nothing that who gets them may not read: inbox, mail, declared messages', async () => {
    const { app, askers, outside, mayRead } = hub();
    await delivered(app);
    const inbox: Arrived[] = [];
    for (const person of askers.values()) {
      if (!person.cookie || person.purpose) continue;
      const { text } = await ask(app, person, '/api/v1/notices?limit=200');
      inbox.push({ to: person.name, text });
    }
    const kinds = new Set(
      (await app.db.query<{ kind: string }>('SELECT DISTINCT kind FROM notices.matter')).map((m) => m.kind),
    );
    for (const kind of ['job.failed', 'sharing.approval', 'sharing.matter', 'correction.assigned'])
      expect([...kinds]).toContain(kind);
    const [told] = await app.db.query<{ n: number }>('SELECT count(*)::int AS n FROM notices.notice');
    expect(told!.n).toBeGreaterThan(10);
    expect(outside.mails.length).toBeGreaterThan(10);
    expect(outside.messages.length).toBeGreaterThan(10);
    const leaks = [
      ...leaked('the inbox', inbox),
      ...leaked('mail', outside.mails),
      ...leaked('a message', outside.messages),
    ];
    expect(leaks).toEqual([]);
    // Told to who may not read it, a value is found on every way out.
    const [mails, messages] = [outside.mails.length, outside.messages.length];
    const closed = planted.find((p) => p.field === 'person' && !mayRead(askers.get('sysadmin')!, p))!;
    await app.db.tx((trx) =>
      app.deps.notices.tell(trx, {
        ...{
          key: 'planted',
          kind: 'job.failed',
          to: [{ role: 'system-admin' }],
          link: '/system/jobs',
          about: 'planted',
        },
        ...{ title: { zh: closed.value, en: 'x' }, text: { zh: '甲', en: closed.value } },
      }),
    );
    await delivered(app);
    const { text } = await ask(app, askers.get('sysadmin')!, '/api/v1/notices');
    expect(leaked('the inbox', [{ to: 'sysadmin', text }])).not.toEqual([]);
    expect(leaked('mail', outside.mails.splice(mails))).not.toEqual([]);
    expect(leaked('a message', outside.messages.splice(messages))).not.toEqual([]);
  });

  test('a backup holds no planted value and opens to nobody without its key; what is restored lets nobody in anew', {
    timeout: 180_000,
  }, async () => {
    const { app, config, root, repository, askers, signIn, mayRead, said, cell } = hub();
    const folder = config.backup.folder!;
    const made = Repository.init(folder, new Date());
    KeyRing.open(app.deps.folders.keys).keep('backup', made.dataKey);
    for (const person of askers.values()) {
      const { status } = await ask(app, person, '/api/v1/backups', { method: 'POST' });
      expect(status === 200, `${person.name} asks for a backup`).toBe(person.role === 'system-admin');
    }
    const living = await signIn(app, 'analyst');
    const ended = await signIn(app, 'leader');
    const [job] = await app.jobs.list({ kind: 'backup.take', limit: 1 });
    const taken = await app.jobs.wait(job!.id);
    expect(taken.state).toBe('done');
    await ask(app, { name: 'leader', cookie: ended }, '/api/v1/session', { method: 'DELETE' });
    expect(kept(folder, cell)).toEqual([]);
    const told = await ask(app, askers.get('sysadmin')!, '/api/v1/backups');
    expect(found('the page of backups', [told.text, JSON.stringify(taken.result)], cell)).toEqual([]);
    writeFileSync(join(folder, 'packs', 'plain'), Buffer.from(`\0${planted[3]!.value}`));
    expect(kept(folder, cell)).toHaveLength(1);
    rmSync(join(folder, 'packs', 'plain'));
    // Neither without the recovery key nor with another one.
    const other = Repository.init(join(root, 'other'), new Date());
    for (const key of [other.recovery, '', 'AAAAAAA-AAAAAAA'])
      expect(() => Repository.dataKey(folder, key)).toThrow(/backup\./);
    const to = join(root, 'restored');
    const request = { from: folder, snapshot: 'latest', to };
    expect(() => restoreFiles({ ...request, dataKey: other.dataKey })).toThrow(/backup\./);
    expect(existsSync(to)).toBe(false);

    restoreFiles({ ...request, dataKey: Repository.dataKey(folder, made.recovery) });
    if (existsSync(join(to, 'rows')))
      await restoreRows(to, { folder: to }, (db) => migrate(db, migrationSets(app.rooms)));
    const { url: _url, ...db } = config.db;
    const settings = { ...config, dataFolder: to, db, backup: { ...config.backup, folder: undefined } } as Config;
    const quiet = { ...settings, notices: { ...config.notices, mail: undefined }, telemetry: {} } as Config;
    const again = await createApp(quiet, { logger: silentLogger(), repository, scryptCost: 4 });
    try {
      const rights = `SELECT a.login, g.role, a.organisation, a.disabled FROM auth.account a
        LEFT JOIN auth.role_grant g ON g.account = a.id ORDER BY 1, 2`;
      expect(await again.db.query(rights)).toEqual(await app.db.query(rights));
      for (const [name, cookie] of [
        ['a session that lived then', living],
        ['a session that ended since', ended],
        ...[...askers.values()].filter((a) => a.cookie).map((a) => [a.name, a.cookie]),
      ] as [string, string][])
        expect((await ask(again, { name, cookie }, '/api/v1/me')).status, name).toBe(401);
      // Who signs in is answered what they were answered before, where it was most telling.
      const telling = new Set(
        said
          .get('steward with a purpose')!
          .filter((s) => looker.in(s.text).length > 3)
          .map((s) => s.url),
      );
      for (const login of ['bank', 'sysadmin', 'archivist']) {
        if (!askers.has(login)) continue;
        const person = { ...askers.get(login)!, cookie: await signIn(again, login) };
        for (const url of [...telling].slice(0, 60)) {
          const { status, text } = await ask(again, person, url);
          const before = said.get(login)!.find((s) => s.url === url);
          if (before) expect(status, `${login} ${url}`).toBe(before.status);
          expect(
            looker
              .in(text)
              .filter(({ of }) => !mayRead(person, of))
              .map(({ of }) => cell(of)),
          ).toEqual([]);
        }
      }
    } finally {
      await again.close();
    }
  });
}
