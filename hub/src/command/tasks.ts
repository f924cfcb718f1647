/**
 * Tasks (任务): what a plan's steps or a commander ask of organisations, with time limits in minutes round the clock. A step
 * is ordered once for each role and round, whatever is repeated or killed in between.
 */
import { type Kysely, sql } from 'kysely';
import type { Principal } from '../platform/auth/principal.ts';
import type { AnyTables } from '../platform/db/index.ts';
import { Problem } from '../platform/problem.ts';
import { levelName, type Plan, type PlanStep, stepsAt } from './declaration.ts';
import { onDuty } from './duty.ts';
import { tellGap } from './gaps.ts';
import { act, type LogWriter } from './log.ts';
import { aboutTask, send } from './messages.ts';
import { planOf } from './plans.ts';
import { type Actor, actorOf, type CommandDeps, mustKnow, nameOf, same } from './ports.ts';
import * as k from './problems.ts';
import type { Both } from './pure/index.ts';

/** Tasks of one operation. */
export const TASK_LIMIT = 1_000;

export type TaskState = 'waiting' | 'sent' | 'acknowledged' | 'working' | 'done' | 'refused' | 'cancelled';

export interface TaskRow {
  id: number;
  operation: number;
  step: string | null;
  role: string | null;
  round: number;
  level: number;
  organisation: string;
  title: Both;
  text: Both;
  state: TaskState;
  progress: number;
  note: string;
  ack_minutes: number;
  limit_minutes: number;
  sent_at: Date | null;
  ack_due: Date | null;
  due: Date | null;
  acknowledged_at: Date | null;
  ended_at: Date | null;
  answered_by: string | null;
  duty: string | null;
  told_ack: boolean;
  told_late: boolean;
  version: number;
}

/** Tasks of an operation, as they were made. */
export const tasksOf = async (db: Kysely<AnyTables>, operation: number): Promise<TaskRow[]> =>
  (await sql<TaskRow>`SELECT * FROM command.task WHERE operation = ${operation} ORDER BY level DESC, id`.execute(db))
    .rows;

const filled = (t: Both, log: LogWriter, plan: Plan): Both => {
  const o = log.operation;
  const put = (text: string, title: string) =>
    text
      .replaceAll('{title}', title)
      .replaceAll('{level}', levelName[o.level]!)
      .replaceAll('{place}', o.place || (text === t.zh ? '全市' : 'the city'));
  return { zh: put(t.zh, plan.title.zh), en: put(t.en, plan.title.en) };
};

/** Orders every step of the present level that is not under way or done: at the start, and when the level rises. */
export async function issue(deps: CommandDeps, trx: Kysely<AnyTables>, log: LogWriter, plan: Plan): Promise<void> {
  const roles = new Map(plan.roles.map((r) => [r.id, r]));
  const before = await tasksOf(trx, log.operation.id);
  for (const step of stepsAt(plan, log.operation.level))
    for (const role of step.roles) {
      const own = before.filter((t) => t.step === step.id && t.role === role);
      // Stood down before and needed again: a further round.
      if (own.length && own.at(-1)!.state !== 'cancelled') continue;
      await make(
        trx,
        log,
        { step, role, organisation: roles.get(role)!.organisation, round: own.length + 1 },
        filled(step.text, log, plan),
      );
    }
  await release(deps, trx, log, plan);
}

async function make(
  trx: Kysely<AnyTables>,
  log: LogWriter,
  of: { step: PlanStep; role: string; organisation: string; round: number },
  text: Both,
): Promise<void> {
  const { step } = of;
  const level = { IV: 4, III: 3, II: 2, I: 1 }[step.level];
  const { rows } = await sql<{
    id: number;
  }>`INSERT INTO command.task (operation, step, role, round, level, organisation, title,
      text, state, ack_minutes, limit_minutes)
    VALUES (${log.operation.id}, ${step.id}, ${of.role}, ${of.round}, ${level}, ${of.organisation},
      ${JSON.stringify(step.title)}::jsonb, ${JSON.stringify(text)}::jsonb, 'waiting', ${step.acknowledge}, ${step.limit})
    ON CONFLICT (operation, step, role, round) DO NOTHING RETURNING id`.execute(trx);
  if (!rows[0]) return;
  await log.say({
    kind: 'task',
    text: { zh: `列入任务：${step.title.zh}`, en: `Task listed: ${step.title.en}` },
    detail: {
      id: rows[0].id,
      step: step.id,
      role: of.role,
      organisation: of.organisation,
      title: step.title,
      level,
      state: 'waiting',
    },
  });
}

/** Sends what waits for nothing any more: to the organisation's inbox, its duty named; nobody on duty is told on. */
export async function release(deps: CommandDeps, trx: Kysely<AnyTables>, log: LogWriter, plan: Plan): Promise<number> {
  const all = await tasksOf(trx, log.operation.id);
  const steps = new Map(plan.steps.map((s) => [s.id, s]));
  const open = (id: string) =>
    all.some((t) => t.step === id && ['waiting', 'sent', 'acknowledged', 'working'].includes(t.state));
  const ready = all.filter((t) => t.state === 'waiting' && !steps.get(t.step ?? '')?.after.some(open));
  for (const t of ready) await sendTask(deps, trx, log, t, plan);
  return ready.length;
}

async function sendTask(
  deps: CommandDeps,
  trx: Kysely<AnyTables>,
  log: LogWriter,
  t: TaskRow,
  plan?: Plan,
): Promise<void> {
  const o = log.operation;
  const at = log.at;
  const step = plan?.steps.find((s) => s.id === t.step);
  const role = plan?.roles.find((r) => r.id === t.role);
  const duty = (await onDuty(trx, at)).filter((d) => d.organisation === t.organisation);
  const [ackDue, due] = [t.ack_minutes, t.limit_minutes].map((m) => new Date(at.getTime() + m * 60_000)) as [
    Date,
    Date,
  ];
  const names = duty.map((d) => d.person).join('、');
  await sql`UPDATE command.task SET state = 'sent', sent_at = ${at}, ack_due = ${ackDue}, due = ${due},
    duty = ${names || null}, version = version + 1 WHERE id = ${t.id}`.execute(trx);
  const organisation = nameOf(deps, t.organisation);
  await log.say({
    kind: 'task',
    text: {
      zh: `下达${organisation.zh}：${t.title.zh}（${names ? `值班 ${names}` : '无人值班'}）`,
      en: `Sent to ${organisation.en}: ${t.title.en} (${names ? `on duty: ${names}` : 'nobody on duty'})`,
    },
    detail: {
      ...{ id: t.id, step: t.step, organisation: t.organisation, title: t.title, level: t.level, state: 'sent' },
      ...{ due: due.toISOString(), duty: names || null },
    },
  });
  const to = { organisation: t.organisation };
  const of = { operation: o.id, exercise: o.exercise, task: t.id, to };
  await send(trx, { ...of, key: `task/${t.id}`, kind: 'task', title: t.title, text: t.text }, at);
  if (step?.message && plan)
    await send(
      trx,
      {
        ...of,
        key: `task/${t.id}/message`,
        kind: 'message',
        title: { zh: o.title, en: o.title },
        text: filled(step.message, log, plan),
      },
      at,
    );
  if (!duty.length) await tellGap(deps, trx, log, t.organisation, role?.alternates ?? [], t.title);
}

/** Cancels open tasks of levels above `level` (a smaller number); 5 cancels all that are open. */
export async function cancelAbove(trx: Kysely<AnyTables>, log: LogWriter, level: number): Promise<void> {
  const open = (await tasksOf(trx, log.operation.id)).filter(
    (t) => t.level < level && ['waiting', 'sent', 'acknowledged', 'working'].includes(t.state),
  );
  for (const t of open) {
    await sql`UPDATE command.task SET state = 'cancelled', ended_at = ${log.at}, version = version + 1 WHERE id = ${t.id}`.execute(
      trx,
    );
    await log.say({
      kind: 'task',
      text: { zh: `撤销任务：${t.title.zh}`, en: `Task cancelled: ${t.title.en}` },
      detail: { id: t.id, state: 'cancelled', organisation: t.organisation },
    });
    if (t.state !== 'waiting')
      await send(
        trx,
        {
          ...{
            key: `cancel/${t.id}`,
            operation: t.operation,
            exercise: log.operation.exercise,
            to: { organisation: t.organisation },
          },
          ...{
            kind: 'cancelled',
            title: t.title,
            text: { zh: '该任务已撤销，无需继续。', en: 'The task was cancelled.' },
            task: t.id,
          },
        },
        log.at,
      );
  }
}

export interface AnswerBody {
  action: 'acknowledge' | 'progress' | 'done' | 'refuse';
  progress?: number | undefined;
  note: string;
  /** What the task was when it was looked at; without it the answer stands whatever came between. */
  version?: number | undefined;
  key: string;
}
const from: Record<AnswerBody['action'], readonly TaskState[]> = {
  acknowledge: ['sent'],
  progress: ['sent', 'acknowledged', 'working'],
  done: ['sent', 'acknowledged', 'working'],
  refuse: ['sent', 'acknowledged', 'working'],
};
const becomes = { acknowledge: 'acknowledged', progress: 'working', done: 'done', refuse: 'refused' } as const;
const said: Record<AnswerBody['action'], Both> = {
  acknowledge: { zh: '签收', en: 'acknowledged' },
  progress: { zh: '反馈进展', en: 'reported progress' },
  done: { zh: '完成', en: 'done' },
  refuse: { zh: '退回', en: 'refused' },
};

/** Whether somebody may answer for a task: people of its organisation, and the duty officer on their word. */
const mayAnswer = (who: Principal, t: TaskRow): boolean =>
  (who.organisation !== null && who.organisation === t.organisation) || who.permissions.has('command.act');

/** An organisation answers its task. Problems `command.task.unknown`, `.not-yours`, `.state`, `command.conflict`. */
export async function answer(deps: CommandDeps, id: number, body: AnswerBody, who: Principal): Promise<void> {
  const { rows } = await sql<{ operation: number }>`SELECT operation FROM command.task WHERE id = ${id}`.execute(
    deps.db.kysely,
  );
  if (!rows[0]) throw new Problem(k.taskUnknown, { id });
  await act(deps, rows[0].operation, actorOf(who), async (log, trx) => {
    const { rows: now } = await sql<TaskRow>`SELECT * FROM command.task WHERE id = ${id}`.execute(trx);
    const t = now[0]!;
    // Of a task of others it is not told whether it exists.
    if (!mayAnswer(who, t))
      throw new Problem(who.permissions.has('command.read') ? k.taskNotYours : k.taskUnknown, { id });
    if (await log.done(body.key)) return;
    if (body.version !== undefined && body.version !== t.version) throw new Problem(k.conflict);
    if (!from[body.action].includes(t.state)) throw new Problem(k.taskState, { state: t.state });
    const state = becomes[body.action];
    const progress = state === 'done' ? 100 : (body.progress ?? t.progress);
    const over = state === 'done' || state === 'refused';
    await sql`UPDATE command.task SET state = ${state}, progress = ${progress}, note = ${body.note || t.note},
      acknowledged_at = coalesce(acknowledged_at, ${log.at}), ended_at = ${over ? log.at : null}, answered_by = ${who.name},
      version = version + 1 WHERE id = ${id}`.execute(trx);
    await deps.notices.withdraw(trx, { kind: 'command.task', about: aboutTask(id) });
    const organisation = nameOf(deps, t.organisation);
    const verb = said[body.action];
    const more = `${body.action === 'progress' ? ` ${progress}%` : ''}${body.note ? `：${body.note}` : ''}`;
    await log.say({
      kind: 'task',
      text: {
        zh: `${organisation.zh}${verb.zh}“${t.title.zh}”${more}`,
        en: `${organisation.en} ${verb.en}: ${t.title.en}${more}`,
      },
      detail: { id, state, progress, note: body.note, organisation: t.organisation, by: who.name },
      key: body.key,
    });
    if (over) {
      await release(deps, trx, log, (await planOf(trx, log.operation.plan, log.operation.plan_version)).declaration);
    }
    await deps.audit.append(
      { actor: who, action: `command.task-${body.action}`, object: `task/${id}`, outcome: 'ok' },
      trx,
    );
  });
}

export interface TaskBody {
  title: string;
  text: string;
  organisations: string[];
  acknowledge: number;
  limit: number;
  key: string;
}

/** Tasks that a commander gives beyond the plan. */
export async function addTask(deps: CommandDeps, operation: number, body: TaskBody, who: Principal): Promise<void> {
  mustKnow(deps, body.organisations);
  await act(deps, operation, actorOf(who), async (log, trx) => {
    if (await log.done(body.key)) return;
    const { rows: n } = await sql<{
      n: number;
    }>`SELECT count(*) AS n FROM command.task WHERE operation = ${operation}`.execute(trx);
    if (n[0]!.n + body.organisations.length > TASK_LIMIT) throw new Problem(k.tasksMany, { limit: TASK_LIMIT });
    await log.say({
      kind: 'note',
      text: { zh: `追加任务：${body.title}`, en: `Task added: ${body.title}` },
      key: body.key,
    });
    for (const organisation of [...new Set(body.organisations)]) {
      const { rows } =
        await sql<TaskRow>`INSERT INTO command.task (operation, level, organisation, title, text, state, ack_minutes,
          limit_minutes) VALUES (${operation}, ${log.operation.level}, ${organisation}, ${JSON.stringify(same(body.title))}::jsonb,
          ${JSON.stringify(same(body.text))}::jsonb, 'waiting', ${body.acknowledge}, ${body.limit}) RETURNING *`.execute(
          trx,
        );
      await sendTask(deps, trx, log, rows[0]!);
    }
    await deps.audit.append(
      { actor: who, action: 'command.task-add', object: `operation/${operation}`, outcome: 'ok' },
      trx,
    );
  });
}

/** Looks for tasks that were not acknowledged or not done in time: each is told once, to whom it concerns and to command. */
export async function lookAtTimes(deps: CommandDeps, by: Actor): Promise<number> {
  const now = deps.clock.now();
  const { rows } = await sql<
    TaskRow & { running: boolean }
  >`SELECT t.* FROM command.task t JOIN command.operation o ON o.id = t.operation
    AND o.state = 'running' WHERE (t.state = 'sent' AND NOT t.told_ack AND t.ack_due <= ${now})
      OR (t.state IN ('sent', 'acknowledged', 'working') AND NOT t.told_late AND t.due <= ${now}) LIMIT 500`.execute(
    deps.db.kysely,
  );
  for (const found of rows)
    await act(deps, found.operation, by, async (log, trx) => {
      const t = (await sql<TaskRow>`SELECT * FROM command.task WHERE id = ${found.id}`.execute(trx)).rows[0]!;
      // Looked at again under the operation's lock: it may have been answered in between.
      const late =
        ['sent', 'acknowledged', 'working'].includes(t.state) && !t.told_late && t.due !== null && t.due <= log.at;
      const ack = !late && t.state === 'sent' && !t.told_ack && t.ack_due !== null && t.ack_due <= log.at;
      if (!late && !ack) return;
      await sql`UPDATE command.task SET told_ack = told_ack OR ${t.state === 'sent'}, told_late = told_late OR ${late} WHERE id = ${t.id}`.execute(
        trx,
      );
      const organisation = nameOf(deps, t.organisation);
      const text = late
        ? { zh: `${organisation.zh}“${t.title.zh}”超过完成时限`, en: `${organisation.en}: "${t.title.en}" is late` }
        : {
            zh: `${organisation.zh}“${t.title.zh}”超过签收时限`,
            en: `${organisation.en}: "${t.title.en}" was not acknowledged in time`,
          };
      await log.say({
        kind: late ? 'late' : 'unacknowledged',
        text,
        detail: { task: t.id, organisation: t.organisation },
      });
      const of = {
        operation: t.operation,
        exercise: log.operation.exercise,
        kind: 'escalation' as const,
        title: t.title,
        text,
        task: t.id,
      };
      const what = late ? 'late' : 'ack';
      await send(trx, { ...of, key: `${what}/${t.id}`, to: { organisation: t.organisation } }, log.at);
      await send(trx, { ...of, key: `${what}/${t.id}/centre`, to: { post: 'centre' } }, log.at);
    }).catch((error: unknown) => {
      if (!(error instanceof Problem)) throw error;
    });
  return rows.length;
}

/** Tasks of an organisation that are open, the most urgent first, then the latest ended ones. */
export async function tasksFor(deps: Pick<CommandDeps, 'db'>, organisation: string, limit: number) {
  return (
    await sql<
      TaskRow & { operation_title: string; exercise: boolean; operation_state: string }
    >`SELECT t.*, o.title AS operation_title,
        o.exercise, o.state AS operation_state FROM command.task t JOIN command.operation o ON o.id = t.operation
      WHERE t.organisation = ${organisation} AND t.state <> 'waiting'
      ORDER BY (t.state IN ('sent', 'acknowledged', 'working')) DESC, CASE WHEN t.ended_at IS NULL THEN t.due END, t.id DESC
      LIMIT ${limit}`.execute(deps.db.kysely)
  ).rows;
}
