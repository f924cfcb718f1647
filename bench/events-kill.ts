/**
 * kill -9 at random moments of a hub under load: people report, phones send operations again and again, plans are started and their tasks
 * answered. The hub is killed, started again, and what anybody was answered must be there, once.
 *
 *   node --import tsx bench/events-kill.ts [--kills 20] [--folder <scratch>] [--out bench/results/events-kill.json]
 *
 * Ends with an error when a report or an operation is lost or done twice, a task or a message is there twice, or a chained log or a counter is off.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openDb } from '../hub/src/platform/db/index.ts';
import { type BenchHub, benchHub, signIn } from './events-clients.ts';

const { values: o } = parseArgs({
  options: {
    kills: { type: 'string', default: '20' },
    folder: { type: 'string', default: tmpdir() },
    out: { type: 'string' },
  },
});

/** What was answered: reports by their key, operations by theirs, operations of command by the key of their start. */
const answered = {
  reports: new Map<string, number>(),
  operations: new Map<string, string>(),
  starts: new Map<string, number>(),
};
/** What was sent and not answered: sent again after the next start, as phones and people do. */
const open = {
  reports: new Map<string, object>(),
  operations: new Map<string, object>(),
  starts: new Map<string, object>(),
};
const counts = { again: 0, sentAgain: 0, taskAnswers: 0 };

interface Callers {
  hub: BenchHub;
  duty: string;
  field: string;
  dead: boolean;
}

async function call<T>(c: Callers, cookie: string, path: string, body: object): Promise<T | undefined> {
  try {
    const r = await fetch(`${c.hub.url}/api/v1${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie },
      body: JSON.stringify(body),
    });
    const text = await r.text();
    if (r.status >= 500) throw new Error(`${path}: ${r.status} ${text}`);
    return r.ok ? (JSON.parse(text) as T) : undefined;
  } catch (error) {
    // Cut off: it was not answered. Anything else is a fault.
    if (c.dead || (error as Error).message === 'fetch failed') return undefined;
    throw error;
  }
}

let serial = 0;
const matters = ['street-vendor', 'shop-outside', 'bicycle-parking', 'dirty-road'];

async function report(c: Callers): Promise<void> {
  const waiting = [...open.reports][0];
  const key = waiting?.[0] ?? randomUUID();
  const n = serial++;
  const body = waiting?.[1] ?? {
    ...{ key, matter: matters[n % matters.length], text: `第${n}号上报：占道经营影响通行`, channel: 'hotline' },
    ...{ longitude: 121.1 + (n % 97) * 0.003, latitude: 30.12 + (n % 89) * 0.0015 },
  };
  if (waiting) counts.sentAgain += 1;
  open.reports.set(key, body);
  const r = await call<{ report: number; again: boolean }>(c, c.duty, '/events/reports', body);
  if (!r) return;
  if (r.again) counts.again += 1;
  open.reports.delete(key);
  answered.reports.set(key, r.report);
}

/** A phone: accepts a task of its organisation or reports it done, and reports something itself; each under a key of its own. */
async function phone(c: Callers): Promise<void> {
  const before = [...open.operations].slice(0, 3);
  counts.sentAgain += before.length;
  const operations: { key: string }[] = before.map(([, body]) => body as { key: string });
  const tasks = await fetch(`${c.hub.url}/api/v1/events/tasks`, { headers: { cookie: c.field } })
    .then((r) => r.json() as Promise<{ tasks?: { id: number; state: string }[] }>)
    .catch(() => ({ tasks: [] }));
  for (const t of (tasks.tasks ?? []).slice(0, 2)) {
    const action = t.state === 'dispatched' ? 'accept' : 'finish';
    operations.push({ key: randomUUID(), kind: 'step', event: t.id, step: { action, comment: '已劝离' } } as never);
  }
  const n = serial++;
  const report = {
    matter: 'street-vendor',
    text: `巡查发现第${n}处摊贩`,
    longitude: 121.12 + (n % 83) * 0.004,
    latitude: 30.13,
  };
  operations.push({ key: randomUUID(), kind: 'report', report } as never);
  for (const op of operations) open.operations.set(op.key, op);
  type Answer = { results: { key: string; outcome: string; again: boolean }[] };
  const r = await call<Answer>(c, c.field, '/events/operations', { operations });
  for (const x of r?.results ?? []) {
    if (x.again) counts.again += 1;
    open.operations.delete(x.key);
    answered.operations.set(x.key, x.outcome);
  }
}

/** A commander: starts an exercise of a plan, answers its tasks, ends it. */
const ended = new Set<number>();
async function finish(c: Callers, id: number): Promise<void> {
  const body = { grounds: '演练结束', key: randomUUID() };
  if (await call(c, c.duty, `/command/operations/${id}/end`, body)) ended.add(id);
}

async function command(c: Callers): Promise<void> {
  // What a killed hub left running is ended first: an exercise of a plan runs once at a time.
  for (const id of answered.starts.values()) if (!ended.has(id)) await finish(c, id);
  const waiting = [...open.starts][0];
  const key = waiting?.[0] ?? `kill-${randomUUID()}`;
  const body = waiting?.[1] ?? {
    ...{
      plan: 'typhoon-flood',
      level: 'III',
      exercise: true,
      title: '演练',
      grounds: '压力测试',
      commander: '值班长',
      place: '',
      causes: [],
      key,
    },
  };
  if (waiting) counts.sentAgain += 1;
  open.starts.set(key, body);
  const started = await call<{ operation?: { id: number }; id?: number }>(c, c.duty, '/command/operations', body);
  const id = started?.id ?? started?.operation?.id;
  if (id === undefined) return;
  open.starts.delete(key);
  answered.starts.set(key, id);
  const view = await fetch(`${c.hub.url}/api/v1/command/operations/${id}`, { headers: { cookie: c.duty } })
    .then((r) => r.json() as Promise<{ tasks?: { id: number; state: string }[] }>)
    .catch(() => ({ tasks: [] }));
  for (const t of (view.tasks ?? []).filter((x) => x.state === 'sent').slice(0, 4)) {
    const body = { action: 'done', note: '完成', key: randomUUID() };
    if (await call(c, c.duty, `/command/tasks/${t.id}/answer`, body)) counts.taskAnswers += 1;
  }
  await finish(c, id);
}

async function life(data: string, after: number): Promise<void> {
  const hub = await benchHub(data);
  const c: Callers = { hub, duty: await signIn(hub, 'duty'), field: await signIn(hub, 'field'), dead: false };
  const gone = new Promise<void>((resolve) => hub.child.on('exit', () => resolve()));
  const loop = async (work: (c: Callers) => Promise<void>) => {
    while (!c.dead) await work(c);
  };
  const working = [report, report, report, phone, phone, command].map(loop);
  setTimeout(() => {
    c.dead = true;
    hub.child.kill('SIGKILL');
  }, after);
  await gone;
  await Promise.all(working);
}

mkdirSync(o.folder!, { recursive: true });
const folder = mkdtempSync(join(o.folder!, 'jingwei-events-kill-'));
const data = join(folder, 'data');
try {
  for (let kill = 1; kill <= Number(o.kills); kill++) {
    const before = answered.reports.size + answered.operations.size;
    await life(data, 1_500 + Math.random() * 9_000);
    console.log(
      `kill ${kill}: ${answered.reports.size + answered.operations.size - before} answered, ${answered.starts.size} plans started so far`,
    );
  }
  // Opens once more, as after every kill, and ends in order.
  const last = await benchHub(data);
  last.child.stdin!.end();
  await new Promise((resolve) => last.child.on('exit', resolve));
  const db = await openDb({ kind: 'pglite', folder: join(data, 'pg') });
  const rows = await db.query<{ id: number; key: string }>(
    "SELECT id, split_part(key, ':', 2) AS key FROM events.report WHERE channel = 'hotline'",
  );
  const kept = new Map(rows.map((r) => [r.key, r.id]));
  const operations = new Map(
    (
      await db.query<{ key: string; outcome: string }>(
        "SELECT key::text, answer->>'outcome' AS outcome FROM events.operation",
      )
    ).map((r) => [r.key, r.outcome]),
  );
  const starts = new Map(
    (await db.query<{ key: string; id: number }>('SELECT key, id FROM command.operation')).map((r) => [r.key, r.id]),
  );
  const one = async (sql: string) => Number((await db.query<{ n: number }>(sql))[0]!.n);
  const found = {
    reportsLost: [...answered.reports].filter(([key, id]) => kept.get(key) !== id).length,
    reportsTwice: rows.length - kept.size,
    operationsLost: [...answered.operations].filter(([key, outcome]) => operations.get(key) !== outcome).length,
    // A phone's report is kept by its operation's key: one each.
    phoneReportsWithoutOperation: await one(
      "SELECT count(*) AS n FROM events.report r WHERE channel = 'grid' AND NOT EXISTS (SELECT 1 FROM events.operation o WHERE o.key::text = r.key)",
    ),
    acceptedTwice: await one(
      "SELECT count(*) AS n FROM (SELECT event FROM events.step WHERE action = 'accept' GROUP BY event HAVING count(*) > 1) x",
    ),
    eventsWithoutReport: await one(
      'SELECT count(*) AS n FROM events.event e WHERE NOT EXISTS (SELECT 1 FROM events.report r WHERE r.event = e.id)',
    ),
    statesUnlikeSteps: await one(
      'SELECT count(*) AS n FROM events.event e JOIN LATERAL (SELECT to_state FROM events.step s WHERE s.event = e.id ORDER BY seq DESC LIMIT 1) s ON true WHERE s.to_state <> e.state',
    ),
    countersOff: await one(
      "SELECT abs((SELECT coalesce(sum(total), 0) FROM events.tally WHERE kind = 'all') - (SELECT count(*) FROM events.event WHERE state <> 'merged')) AS n",
    ),
    plansLost: [...answered.starts].filter(([key, id]) => starts.get(key) !== id).length,
    tasksTwice: await one(
      'SELECT count(*) AS n FROM (SELECT 1 FROM command.task WHERE step IS NOT NULL GROUP BY operation, step, role, round HAVING count(*) > 1) x',
    ),
    operationsWithoutTasks: await one(
      'SELECT count(*) AS n FROM command.operation o WHERE NOT EXISTS (SELECT 1 FROM command.task t WHERE t.operation = o.id)',
    ),
    // Every start of one level orders the same tasks, and each is listed in the log once.
    operationsOfOtherTasks: await one(
      'SELECT greatest(count(DISTINCT n) - 1, 0) AS n FROM (SELECT count(*) AS n FROM command.task WHERE step IS NOT NULL GROUP BY operation) x',
    ),
    tasksListedTwice: await one(
      "SELECT count(*) AS n FROM (SELECT detail->>'id' FROM command.log WHERE kind = 'task' AND detail->>'state' = 'waiting' GROUP BY 1 HAVING count(*) > 1) x",
    ),
    messagesDeliveredTwice: await one(
      'SELECT count(*) AS n FROM (SELECT message FROM command.inbox GROUP BY message HAVING count(*) > 1) x',
    ),
    messagesTwice: await one(
      'SELECT count(*) AS n FROM (SELECT key FROM command.message GROUP BY key HAVING count(*) > 1) x',
    ),
  };
  const tasks = await one('SELECT count(*) AS n FROM command.task');
  await db.close();
  const result = {
    ...{
      bench: 'events-kill',
      at: new Date().toISOString(),
      machine: `${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}`,
      load: loadavg()[0],
    },
    ...{
      kills: Number(o.kills),
      reports: answered.reports.size,
      operations: answered.operations.size,
      plansStarted: answered.starts.size,
      tasks,
      ...counts,
      found,
    },
  };
  console.log(JSON.stringify(result, null, 2));
  if (o.out) writeFileSync(o.out, `${JSON.stringify(result, null, 2)}\n`);
  if (Object.values(found).some((n) => n !== 0)) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
