/**
 * A hub of the platform alone, in a process of its own, that does durable acts when it is told to and says of each part whether it was
 * acknowledged; or, with `--verify`, opens a folder after faults and says what of the acknowledged is not there. Used by `faults.ts`.
 *
 *   node --import tsx bench/faults/hub.ts <data folder> [database url]       lines on its input: act <n> · ready · jump <ms> · workers · end <i> · stop
 *   node --import tsx bench/faults/hub.ts <data folder> --verify [url]       the acknowledged acts as JSON on its input
 */
import { createHash } from 'node:crypto';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import type { Worker } from 'node:worker_threads';

const threads = createRequire(import.meta.url)('node:worker_threads') as { Worker: typeof Worker };
const workers: { name: string; worker: Worker }[] = [];
/** Every thread that the hub starts, so that it can be killed. */
threads.Worker = class extends threads.Worker {
  constructor(...args: ConstructorParameters<typeof Worker>) {
    super(...args);
    const module = args[1]?.argv?.[0] ?? args[0];
    workers.push({ name: String(module).split('/').slice(-2).join('/').slice(0, 60), worker: this });
  }
};
syncBuiltinESMExports();

const { checkSealed, createApp } = await import('../../hub/src/index.ts');
const { Audit } = await import('../../hub/src/platform/audit/index.ts');
const { configSchema } = await import('../../hub/src/platform/config/index.ts');
const { createLogger } = await import('../../hub/src/platform/log/index.ts');

/** Parts of an act, in the order in which they are done. */
export type Part = 'store' | 'lake' | 'file' | 'seal';

const [data, ...rest] = process.argv.slice(2);
const verify = rest[0] === '--verify';
const url = rest.find((word) => word.startsWith('postgres'));
const config = configSchema.parse({
  ...{ dataFolder: data, http: { port: 0 }, lake: { memoryMiB: 512, threads: 1 } },
  ...(url ? { db: { url, connections: 4 } } : {}),
  ...(verify ? { seal: { signing: false } } : {}),
});
let ahead = 0;
const clock = { now: () => new Date(Date.now() + ahead) };
const say = (o: object) => process.stdout.write(`${JSON.stringify(o)}\n`);
const content = (n: number) => Buffer.from(`content of act ${n} ${'x'.repeat(20_000)}`);
const digest = (n: number) => createHash('sha256').update(content(n)).digest();

const app = await createApp(config, {
  clock,
  logger: createLogger({ level: 'silent' as 'fatal' }),
  rooms: [],
  broken: (part, error) => {
    say({ broken: part, why: error.message.slice(0, 160) });
    setTimeout(() => process.exit(70), 500);
  },
  scryptCost: 4,
});
await app.lake.define([
  'CREATE SCHEMA IF NOT EXISTS faults',
  'CREATE TABLE IF NOT EXISTS faults.act (n INTEGER, text VARCHAR)',
]);

if (verify) await verified();
else serve();

async function act(n: number): Promise<void> {
  let seal = 0;
  const parts: [Part, () => Promise<unknown>][] = [
    [
      'store',
      () =>
        app.db.tx(async (trx) => {
          await app.deps.audit.append({ actor: null, action: 'faults.act', object: `act/${n}`, outcome: 'ok' }, trx);
          seal = await app.deps.seal.request(
            {
              ...{ kind: 'file', subject: `act-${n}`, organisation: null, title: { zh: `第 ${n} 件`, en: `Act ${n}` } },
              imprint: Buffer.concat([Buffer.from([1]), digest(n)]),
            },
            trx,
          );
        }),
    ],
    [
      'lake',
      () =>
        app.lake.write('faults', (w) =>
          w.run("INSERT INTO faults.act SELECT $n, repeat('x', 500) FROM range(200)", { n }),
        ),
    ],
    ['file', () => app.deps.blobs.put([content(n)])],
    ['seal', () => app.deps.seal.sealed(seal, 12_000)],
  ];
  for (const [part, work] of parts) {
    const from = performance.now();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('no answer in 20 seconds')), 20_000);
    });
    try {
      if (part !== 'seal' || seal > 0) await Promise.race([work(), late]);
      else throw new Error('not asked for');
      say({ act: n, part, ok: true, ms: Math.round(performance.now() - from) });
    } catch (error) {
      const { message, kind } = error as Error & { kind?: { code: string } };
      say({
        act: n,
        part,
        ok: false,
        why: (kind?.code ?? message).slice(0, 160),
        ms: Math.round(performance.now() - from),
      });
    } finally {
      clearTimeout(timer);
    }
  }
  say({ done: n });
}

function serve(): void {
  process.on('unhandledRejection', (error) => say({ unhandled: String(error).slice(0, 200) }));
  say({ listening: app.url, pid: process.pid });
  createInterface({ input: process.stdin }).on('line', async (line) => {
    const [word, value] = line.split(' ');
    if (word === 'act') await act(Number(value));
    if (word === 'jump') {
      ahead += Number(value);
      say({ jumped: ahead });
    }
    if (word === 'ready') {
      const answer = await fetch(`${app.url}/health/ready`, { signal: AbortSignal.timeout(15_000) }).catch(
        (e) => e as Error,
      );
      say({
        ready: answer instanceof Response ? answer.status : answer.message,
        text: answer instanceof Response ? (await answer.text()).slice(0, 300) : '',
      });
    }
    if (word === 'seal') say({ seal: app.seal.seals.fault, status: await app.seal.seals.store.counts() });
    if (word === 'workers') say({ workers: workers.map((w) => w.name) });
    if (word === 'end') {
      await workers[Number(value)]!.worker.terminate();
      say({ ended: workers[Number(value)]!.name });
    }
    if (word === 'stop') {
      await Promise.race([app.close().catch(() => undefined), new Promise((r) => setTimeout(r, 15_000))]);
      process.exit(0);
    }
  });
}

/** What was acknowledged and is not there, and what of the chains is broken. */
async function verified(): Promise<void> {
  const acknowledged = JSON.parse(await text(process.stdin)) as Record<Part, number[]>;
  const missing: string[] = [];
  const logged = new Set(
    (await app.db.query<{ object: string }>("SELECT object FROM audit.entry WHERE action = 'faults.act'")).map(
      (r) => r.object,
    ),
  );
  const rows = new Map(
    (await app.lake.query<{ n: number; rows: number }>('SELECT n, count(*) AS rows FROM faults.act GROUP BY n')).map(
      (r) => [r.n, r.rows],
    ),
  );
  for (const n of acknowledged.store) if (!logged.has(`act/${n}`)) missing.push(`store ${n}`);
  for (const n of acknowledged.lake) if (rows.get(n) !== 200) missing.push(`lake ${n}: ${rows.get(n) ?? 0}`);
  for (const [n, count] of rows) if (count % 200) missing.push(`lake ${n} is half there: ${count}`);
  for (const n of acknowledged.file)
    if (!(await app.deps.blobs.has(digest(n).toString('hex')))) missing.push(`file ${n}`);
  for (const n of acknowledged.seal) {
    const [seal] = await app.deps.seal.of('file', `act-${n}`);
    if (seal?.state !== 'sealed') missing.push(`seal ${n}`);
  }
  const audit = await new Audit(app.db, clock).verify();
  if (!audit.intact) missing.push(`the audit's chain: ${JSON.stringify(audit.broken)}`);
  const sealed = await checkSealed(app, { mend: false });
  for (const p of sealed.problems) missing.push(`seals: ${p.kind.code} ${p.message}`);
  say({ missing, audit: audit.entries, seals: sealed.seals });
  await app.close();
  process.exit(0);
}
