/** Operations (响应行动): started by a person, their level raised and lowered, ended with grounds, closed with a sealed log. */
import { type Kysely, sql } from 'kysely';
import type { Principal } from '../platform/auth/principal.ts';
import type { AnyTables } from '../platform/db/index.ts';
import { Problem } from '../platform/problem.ts';
import { imprintOf } from '../platform/seal/index.ts';
import { levelName, levelNumber } from './declaration.ts';
import { act, LogWriter, type OperationRow, wholeLog } from './log.ts';
import { send } from './messages.ts';
import { planOf } from './plans.ts';
import { actorOf, type CommandDeps } from './ports.ts';
import * as k from './problems.ts';
import type { Both } from './pure/index.ts';
import { cancelAbove, issue } from './tasks.ts';

/** Operations that run at once. */
const RUNNING = 20;

export interface StartBody {
  plan: string;
  level: 'IV' | 'III' | 'II' | 'I';
  exercise: boolean;
  title: string;
  grounds: string;
  commander: string;
  place: string;
  lon?: number | undefined;
  lat?: number | undefined;
  causes: { kind: 'alert' | 'event'; key: string; title: Both }[];
  /** A proposal that this follows. */
  proposal?: number | undefined;
  /** The caller's own name of the act: sent twice it is one operation. */
  key: string;
}

/**
 * Starts a plan: tasks, messages and the first entries of the log in one transaction. Never by itself: a person answers
 * for it. A real operation of a plan runs once; exercises may run beside it.
 */
export async function start(deps: CommandDeps, body: StartBody, who: Principal): Promise<number> {
  const at = deps.clock.now();
  const level = levelNumber[body.level];
  const id = await deps.db.tx(async (trx) => {
    // The plan's row is held, so that two people who start it at once make one operation:
    // before the key is looked for, or one who waited would not see what the other made.
    await sql`SELECT 1 FROM command.plan WHERE id = ${body.plan} FOR UPDATE`.execute(trx);
    const { rows: same } = await sql<{ id: number }>`SELECT id FROM command.operation WHERE key = ${body.key}`.execute(
      trx,
    );
    if (same[0]) return same[0].id;
    const version = await planOf(trx, body.plan);
    const plan = version.declaration;
    if (!plan.levels.some((l) => l.level === body.level)) throw new Problem(k.planUnknownLevel, { level: body.level });
    const { rows: running } = await sql<{ id: number; plan: string; exercise: boolean }>`SELECT id, plan, exercise
      FROM command.operation WHERE state = 'running'`.execute(trx);
    if (running.length >= RUNNING) throw new Problem(k.operationsMany, { limit: RUNNING });
    const twice = running.find((o) => o.plan === body.plan && o.exercise === body.exercise);
    if (twice) throw new Problem(k.operationTwice, { plan: plan.title.zh, id: twice.id });
    const { rows } = await sql<{
      id: number;
    }>`INSERT INTO command.operation (plan, plan_version, title, exercise, level, lon,
        lat, place, grounds, causes, commander, started_by, started_at, key)
      VALUES (${body.plan}, ${version.version}, ${body.title}, ${body.exercise}, ${level}, ${body.lon ?? null},
        ${body.lat ?? null}, ${body.place}, ${body.grounds}, ${JSON.stringify(body.causes)}::jsonb, ${body.commander},
        ${who.name}, ${at}, ${body.key}) ON CONFLICT (key) DO NOTHING RETURNING id`.execute(trx);
    const made = rows[0];
    if (!made) throw new Problem(k.conflict);
    return carryOut(deps, trx, made.id, body, who, at);
  });
  deps.seats.tell(id);
  return id;
}

/** What follows from a start, in its transaction. */
async function carryOut(
  deps: CommandDeps,
  trx: Kysely<AnyTables>,
  id: number,
  body: StartBody,
  who: Principal,
  at: Date,
) {
  const log = await LogWriter.of(trx, id, actorOf(who), at);
  const plan = (await planOf(trx, body.plan, log.operation.plan_version)).declaration;
  const kind = body.exercise ? { zh: '演练', en: 'exercise' } : { zh: '响应', en: 'operation' };
  await log.say({
    kind: 'started',
    text: {
      zh: `启动${plan.title.zh}${body.level}级${kind.zh}：${body.grounds}`,
      en: `${plan.title.en} started at level ${body.level} (${kind.en}): ${body.grounds}`,
    },
    detail: {
      ...{ level: log.operation.level, exercise: body.exercise, plan: body.plan, version: log.operation.plan_version },
      ...{ commander: body.commander, place: body.place, lon: body.lon ?? null, lat: body.lat ?? null },
    },
  });
  for (const cause of body.causes)
    await log.say({
      kind: 'alert',
      text: { zh: `依据：${cause.title.zh}`, en: `Because of: ${cause.title.en}` },
      detail: { key: cause.key, title: cause.title, level: body.level, source: cause.kind },
    });
  await issue(deps, trx, log, plan);
  // What else was proposed of this plan, up to this level, is answered by the start of the real thing.
  if (body.proposal !== undefined || !body.exercise)
    await sql`UPDATE command.proposal SET state = 'started', operation = ${id}, decided_by = ${who.name}, decided_at = ${at}
      WHERE state = 'open' AND (id = ${body.proposal ?? null} OR (plan = ${body.plan} AND level >= ${log.operation.level} AND NOT ${body.exercise}))`.execute(
      trx,
    );
  await deps.audit.append(
    {
      actor: who,
      action: 'command.start',
      object: `operation/${id}`,
      outcome: 'ok',
      detail: { plan: body.plan, level: body.level, exercise: body.exercise },
    },
    trx,
  );
  return id;
}

/** Organisations that have a task of an operation. */
export async function takingPart(trx: Kysely<AnyTables>, operation: number): Promise<string[]> {
  const { rows } = await sql<{ organisation: string }>`SELECT DISTINCT organisation FROM command.task
    WHERE operation = ${operation} AND state <> 'waiting' ORDER BY organisation`.execute(trx);
  return rows.map((r) => r.organisation);
}

/** Tells everybody who takes part. */
async function tellAll(
  trx: Kysely<AnyTables>,
  log: LogWriter,
  seq: number,
  kind: 'level' | 'end',
  title: Both,
  text: Both,
) {
  const { id, exercise } = log.operation;
  for (const organisation of await takingPart(trx, id))
    await send(
      trx,
      { key: `${kind}/${id}/${seq}/${organisation}`, operation: id, exercise, to: { organisation }, kind, title, text },
      log.at,
    );
}

/** Raises or lowers the level. Raised: steps that come in are ordered. Lowered: open tasks of the higher level are cancelled. */
export async function changeLevel(
  deps: CommandDeps,
  id: number,
  body: { level: 'IV' | 'III' | 'II' | 'I'; grounds: string; key: string },
  who: Principal,
): Promise<void> {
  const level = levelNumber[body.level];
  await act(deps, id, actorOf(who), async (log, trx) => {
    if (await log.done(body.key)) return;
    const before = log.operation.level;
    if (before === level) throw new Problem(k.levelSame, { level: body.level });
    const plan = (await planOf(trx, log.operation.plan, log.operation.plan_version)).declaration;
    if (!plan.levels.some((l) => l.level === body.level)) throw new Problem(k.planUnknownLevel, { level: body.level });
    await sql`UPDATE command.operation SET level = ${level} WHERE id = ${id}`.execute(trx);
    log.operation.level = level;
    const up = level < before;
    const text = {
      zh: `响应由${levelName[before]}级${up ? '提升' : '降低'}至${body.level}级：${body.grounds}`,
      en: `Level ${up ? 'raised' : 'lowered'} from ${levelName[before]} to ${body.level}: ${body.grounds}`,
    };
    const seq = await log.say({ kind: 'level', text, detail: { level, before }, key: body.key });
    if (up) await issue(deps, trx, log, plan);
    else await cancelAbove(trx, log, level);
    await tellAll(
      trx,
      log,
      seq,
      'level',
      { zh: `${log.operation.title}：响应级别变更`, en: `${log.operation.title}: level changed` },
      text,
    );
    await deps.audit.append(
      {
        actor: who,
        action: 'command.level',
        object: `operation/${id}`,
        outcome: 'ok',
        detail: { from: before, to: level },
      },
      trx,
    );
  });
}

/** Ends an operation with its grounds; open tasks are cancelled, resources are released by those who hold them. */
export async function end(
  deps: CommandDeps,
  id: number,
  body: { grounds: string; key: string },
  who: Principal,
): Promise<void> {
  await act(
    deps,
    id,
    actorOf(who),
    async (log, trx) => {
      if (await log.done(body.key)) return;
      if (log.operation.state !== 'running') throw new Problem(k.operationOver);
      // Everybody who takes part is told, those too whose tasks are cancelled now.
      const text = { zh: `响应终止：${body.grounds}`, en: `The operation has ended: ${body.grounds}` };
      await cancelAbove(trx, log, 5);
      const seq = await log.say({ kind: 'ended', text, detail: { grounds: body.grounds }, key: body.key });
      await sql`UPDATE command.operation SET state = 'ended', ended_at = ${log.at}, end_grounds = ${body.grounds}
        WHERE id = ${id}`.execute(trx);
      await sql`UPDATE command.gap SET ended_at = ${log.at}, ended_by = ${who.name}, note = 'end'
        WHERE operation = ${id} AND ended_at IS NULL`.execute(trx);
      await tellAll(
        trx,
        log,
        seq,
        'end',
        { zh: `${log.operation.title}：响应终止`, en: `${log.operation.title}: ended` },
        text,
      );
      await deps.audit.append({ actor: who, action: 'command.end', object: `operation/${id}`, outcome: 'ok' }, trx);
    },
    ['running', 'ended'],
  );
}

/** The log as a file: one entry a line, as it is sealed. */
export async function logFile(db: Kysely<AnyTables>, operation: number): Promise<Uint8Array> {
  return Buffer.from((await wholeLog(db, operation)).map((e) => `${JSON.stringify(e)}\n`).join(''));
}

/** Closes an ended operation: its last entry, then the whole log as a file, sealed; nothing can be added any more. */
export async function close(deps: CommandDeps, id: number, who: Principal): Promise<void> {
  await act(
    deps,
    id,
    actorOf(who),
    async (log, trx) => {
      await log.say({ kind: 'closed', text: { zh: '归档并签封行动日志', en: 'The log was closed and sealed' } });
      const bytes = await logFile(trx, id);
      // Content-addressed and idempotent: a file without its row harms nobody.
      const { sha256 } = await deps.blobs.put([bytes]);
      const o = log.operation;
      const seal = await deps.seal.request(
        {
          kind: 'file',
          subject: `command-log/${id}`,
          title: { zh: `${o.title} 行动日志`, en: `${o.title}, log` },
          organisation: null,
          imprint: imprintOf(bytes),
          facts: { entries: o.seq, bytes: bytes.length, exercise: o.exercise ? 1 : 0 },
        },
        trx,
      );
      await sql`UPDATE command.operation SET state = 'closed', closed_at = ${log.at}, log_sha256 = ${sha256}, seal = ${seal}
        WHERE id = ${id}`.execute(trx);
      await deps.audit.append({ actor: who, action: 'command.close', object: `operation/${id}`, outcome: 'ok' }, trx);
    },
    ['ended'],
  );
}

/** Operations, running ones first, then the latest. */
export async function operations(
  db: Kysely<AnyTables>,
  asked: { state?: OperationRow['state'] | undefined; exercise?: boolean | undefined; limit: number; offset: number },
) {
  const where = sql`${asked.state ? sql`state = ${asked.state}` : sql`true`}
    AND ${asked.exercise === undefined ? sql`true` : sql`exercise = ${asked.exercise}`}`;
  const { rows } = await sql<OperationRow & { tasks: number; open: number; late: number }>`SELECT o.*,
      (SELECT count(*) FROM command.task t WHERE t.operation = o.id) AS tasks,
      (SELECT count(*) FROM command.task t WHERE t.operation = o.id AND t.state IN ('waiting', 'sent', 'acknowledged', 'working')) AS open,
      (SELECT count(*) FROM command.task t WHERE t.operation = o.id AND t.told_late) AS late
    FROM command.operation o WHERE ${where} ORDER BY (state = 'running') DESC, id DESC
    LIMIT ${asked.limit} OFFSET ${asked.offset}`.execute(db);
  const { rows: all } = await sql<{ n: number }>`SELECT count(*) AS n FROM command.operation WHERE ${where}`.execute(
    db,
  );
  return { items: rows, total: all[0]!.n };
}
