/**
 * The hub's side of bench/subscriptions.ts in a process of its own, so that it can be killed: real stores on disk, the service of subscriptions as it
 * stands, a source whose records change. Told what to do by messages of its parent.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  Catalogue,
  EntryBook,
  sourceDeclaration,
  takeOver,
  useCatalogue,
  useEntries,
} from '../hub/src/catalogue/index.ts';
import { Audit } from '../hub/src/platform/audit/index.ts';
import { systemClock } from '../hub/src/platform/clock.ts';
import { migrate, openDb } from '../hub/src/platform/db/index.ts';
import { openDuckDbLake } from '../hub/src/platform/lake/index.ts';
import { createLogger } from '../hub/src/platform/log/index.ts';
import { Networks } from '../hub/src/platform/networks/index.ts';
import { NotedNotices } from '../hub/src/platform/notices/testing.ts';
import { logTables } from '../hub/src/subscriptions/log/tables.ts';
import { look } from '../hub/src/subscriptions/log/watch.ts';
import { create } from '../hub/src/subscriptions/manage/act.ts';
import { pauseBecause } from '../hub/src/subscriptions/manage/sweep.ts';
import { transportOf } from '../hub/src/subscriptions/module.ts';
import { Arrivals, type SubscriptionPorts } from '../hub/src/subscriptions/ports.ts';
import { Pusher } from '../hub/src/subscriptions/push/pusher.ts';
import { Secrets } from '../hub/src/subscriptions/store.ts';
import { grant, rsj, subscriptionMigrations } from '../hub/src/subscriptions/testing.ts';

const [folder = '', memory = '3000'] = process.argv.slice(2);
const SOURCE = 'scjg.permit';
const fields = [
  { name: 'permit_no', type: 'text' },
  { name: 'comp_nm', type: 'text', format: 'company-name' },
  { name: 'address', type: 'text', format: 'address' },
  { name: 'valid_from', type: 'date' },
  { name: 'valid_to', type: 'date' },
  { name: 'fee', type: 'decimal', format: 'amount' },
  { name: 'state', type: 'text' },
  { name: 'staff', type: 'integer' },
].map((f) => ({ ...f, title: { zh: f.name, en: f.name } }));
const declaration = sourceDeclaration.parse({
  ...{ id: SOURCE, number: 11, title: { zh: '许可', en: 'Permits' }, owner: 'scjg', category: 'permit' },
  ...{
    abstract: { zh: '本市各类企业取得的行政许可及其有效期', en: 'Permits' },
    subject: 'legal-person',
    level: 'general',
  },
  ...{ sharing: { type: 'unconditional' }, cadence: 'daily', mode: 'snapshot', key: ['permit_no'] },
  ...{ transport: { kind: 'file' }, fields },
});
const sources = [{ declaration, version: 1, sha256: SOURCE, folder: '' }];
const organisations = ['scjg', 'rsj'].map((id) => ({ id, name: { zh: id, en: id } }));

mkdirSync(folder, { recursive: true });
const db = await openDb({ kind: 'pglite', folder: join(folder, 'pg') });
await migrate(db, subscriptionMigrations);
const lake = await openDuckDbLake({ path: join(folder, 'lake.duckdb'), memoryMiB: Number(memory), threads: 2 });
await lake.define([
  'CREATE SCHEMA IF NOT EXISTS v',
  'CREATE SCHEMA IF NOT EXISTS f',
  `CREATE TABLE IF NOT EXISTS f.permit (entity INTEGER, day DATE, fact BIGINT, amount DECIMAL(18,4), permit_no VARCHAR, comp_nm VARCHAR,
     address VARCHAR, valid_from DATE, valid_to DATE, fee DECIMAL(18,4), state VARCHAR, staff BIGINT)`,
  'CREATE OR REPLACE VIEW v.record_scjg_permit_v1 AS FROM f.permit',
  `CREATE OR REPLACE VIEW v.identity_v1 AS SELECT '' AS token, '' AS mask WHERE false`,
  'CREATE OR REPLACE VIEW v.integration_v1 AS SELECT finished FROM (VALUES (now())) t(finished)',
  ...logTables,
]);
const clock = systemClock;
const book = await new EntryBook(db).load();
useEntries(db, book);
useCatalogue(lake, new Catalogue(sources as never, organisations, []));
await takeOver({ db, clock }, book, sources as never);

// The key must outlive a kill, as the hub's folder of keys does.
const keyFile = join(folder, 'key');
if (!existsSync(keyFile)) writeFileSync(keyFile, randomBytes(32));
const secrets = new Secrets(readFileSync(keyFile));
const audit = new Audit(db, clock);
const log = createLogger({ level: 'error' });
const networks = new Networks(['127.0.0.0/8']);
const vault = {} as never;
const notices = new NotedNotices();
const pusher = new Pusher({
  ...{ db, lake, clock, vault, log, city: 'bench', secrets, random: Math.random, concurrency: 32 },
  transport: (sub, password) => transportOf(sub, password, networks, clock),
  pause: (sub, reason) => pauseBecause({ db, clock, audit, notices }, sub, reason),
});
const ports = {
  ...{
    db,
    lake,
    clock,
    audit,
    log,
    vault,
    notices,
    city: 'bench',
    networks,
    secrets,
    pusher,
    arrivals: new Arrivals(),
  },
} as unknown as SubscriptionPorts;

/** Rows from one number to another, new ones. */
const insert = (from: number, to: number) =>
  lake.session((s) =>
    s.run(`INSERT INTO f.permit SELECT i, DATE '2026-01-01', i, NULL, 'JY' || lpad(i::VARCHAR, 10, '0'), '慈溪市' || (i % 9973) || '食品经营有限公司',
    '慈溪市浒山街道新城大道' || (i % 997) || '号', DATE '2024-01-01' + (i % 365)::INTEGER, DATE '2027-01-01' + (i % 365)::INTEGER,
    (i % 10000) / 10.0, CASE i % 3 WHEN 0 THEN '有效' WHEN 1 THEN '变更' ELSE '续期' END, i % 200 FROM range(${from}::BIGINT, ${to}::BIGINT) r(i)`),
  );

const peakMiB = (): number =>
  Math.round(Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0) / 1024);

/** Whether everything that was found has been taken by everybody. */
async function done(): Promise<boolean> {
  const head = await lake.session((s) => s.first<{ head: number }>('SELECT head FROM sub.stream'));
  const [row] = await db.query<{ behind: number }>(
    'SELECT count(*) AS behind FROM subscriptions.cursor WHERE seq < $1',
    [Number(head?.head ?? 0)],
  );
  return Number(row!.behind) === 0;
}

let changing = false;
/** Adds, changes and removes a few records at a time, for as long as it is told to. */
async function change(): Promise<void> {
  let next = Number((await lake.first<{ n: number }>('SELECT coalesce(max(fact), 0) + 1 AS n FROM f.permit'))!.n);
  while (changing) {
    await lake.session(async (s) => {
      const which = Math.floor(Math.random() * 37);
      await s.run(`UPDATE f.permit SET fee = fee + 1, fact = fact + 100000000 WHERE entity % 37 = ${which}`);
      await s.run(`DELETE FROM f.permit WHERE entity % 211 = ${Math.floor(Math.random() * 211)}`);
    });
    await insert(next, next + 5);
    next += 5;
    await look(ports, SOURCE);
    await pusher.wakeAll(SOURCE);
    await pause(40);
  }
}
let working = Promise.resolve();

interface Order {
  do: 'subscribe' | 'fill' | 'change' | 'rest' | 'find' | 'push' | 'end';
  url?: string;
  count?: number;
  partitions?: number;
  from?: number;
  to?: number;
}
const orders: Record<Order['do'], (order: Order) => Promise<unknown>> = {
  async subscribe({ url, count = 1, partitions = 1 }) {
    const made: { id: number; secret: string }[] = [];
    for (let n = 0; n < count; n++) {
      const share = await grant(db, { items: fields.map((f) => f.name), entry: SOURCE });
      const target = { kind: 'webhook' as const, url: `${url}/${n}`, ca: null };
      const body = { grant: share, title: '许可变更', target, items: null, changes: ['added', 'changed', 'removed'] };
      const { id, secret } = await create(ports, { ...body, batch: 500, partitions, begin: 'now' } as never, rsj);
      made.push({ id, secret: secret! });
    }
    return made;
  },
  fill: ({ from = 1, to = 1 }) => insert(from, to),
  async change() {
    changing = true;
    working = change();
    await pusher.wakeAll();
  },
  async rest() {
    changing = false;
    await working;
  },
  async find() {
    const began = performance.now();
    const found = await look(ports, SOURCE);
    return { ...found, seconds: (performance.now() - began) / 1000 };
  },
  async push() {
    const began = performance.now();
    const cpu = process.cpuUsage();
    for (;;) {
      await pusher.wakeAll();
      await pusher.settled();
      if (await done()) break;
      await pause(200);
    }
    const used = process.cpuUsage(cpu);
    return {
      seconds: (performance.now() - began) / 1000,
      cpuSeconds: (used.user + used.system) / 1e6,
      peakMiB: peakMiB(),
    };
  },
  async end() {
    changing = false;
    await working;
    await pusher.stop();
    await lake.close();
    await db.close();
    setTimeout(() => process.exit(0), 50);
  },
};
process.on('message', (order: Order & { n: number }) => {
  void orders[order.do](order).then(
    (answer) => process.send!({ n: order.n, answer }),
    (error: unknown) => process.send!({ n: order.n, error: String(error instanceof Error ? error.stack : error) }),
  );
});
process.on('disconnect', () => process.exit(0));
process.send!({ n: 0, answer: fileURLToPath(import.meta.url) });
