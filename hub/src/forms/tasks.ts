/** Collection tasks (下发任务): a form, the objects to be visited, who goes where, by when, and how far it is. */
import { CodesError } from '@jingwei/codes';
import { sql } from 'kysely';
import type { z } from 'zod';
import { colleagues } from '../platform/auth/colleagues.ts';
import type { Principal } from '../platform/auth/principal.ts';
import { cityDay } from '../platform/law/index.ts';
import { Problem } from '../platform/problem.ts';
import { mayOf, must } from './access.ts';
import type * as api from './api.ts';
import type { Values, Words } from './design.ts';
import { resolve, type Target } from './find.ts';
import type { FormsPorts, Trx } from './ports.ts';
import * as k from './problems.ts';
import { designOf, type FormRow, formOf, type State } from './store.ts';
import { prepare, problemOfFaults, showAll } from './values.ts';

type TaskBody = z.output<typeof api.taskBody>;
type Assignee = TaskBody['assignees'][number];

/** A target's record counts as done when it was handed in. */
const DONE = sql`r.state IN ('submitted', 'checked', 'accepted')`;

/** Who a target goes to: whose divisions hold it (the longest beginning), else in turn those without divisions. */
export function assigneeOf(
  division: string | undefined,
  assignees: readonly Assignee[],
  turn: () => number,
): string | null {
  let best: { login: string; length: number } | undefined;
  if (division)
    for (const a of assignees)
      for (const d of a.divisions)
        if (division.startsWith(d) && d.length > (best?.length ?? 0)) best = { login: a.login, length: d.length };
  if (best) return best.login;
  const free = assignees.filter((a) => a.divisions.length === 0);
  return free.length ? free[turn() % free.length]!.login : null;
}

async function names(ports: FormsPorts, organisation: string, logins: readonly string[]): Promise<Map<string, string>> {
  const known = new Map((await colleagues(ports.db, organisation)).map((c) => [c.login, c.name]));
  const strange = logins.find((l) => !known.has(l));
  if (strange !== undefined) throw new Problem(k.unknownAssignee, { login: strange });
  return known;
}

function dueOfBody(ports: FormsPorts, given: TaskBody): string | null {
  const today = cityDay(ports.clock.now());
  if (given.due && given.days) throw new Problem(k.taskDue);
  if (given.due) {
    if (given.due < today) throw new Problem(k.taskDue);
    return given.due;
  }
  if (!given.days) return null;
  try {
    return ports.calendar().addWorkingDays(today, given.days);
  } catch (error) {
    if (error instanceof CodesError) throw new Problem(k.taskDue);
    throw error;
  }
}

/** Makes a task and hands its targets out. */
export async function makeTask(ports: FormsPorts, formId: number, given: TaskBody, p: Principal): Promise<number> {
  const form = await formOf(ports.db.kysely, formId);
  must(mayOf(p, form.organisation).design);
  if (form.state !== 'published' || form.published === null)
    throw new Problem(form.state === 'retired' ? k.retired : k.notPublished);
  const due = dueOfBody(ports, given);
  const people = await names(
    ports,
    form.organisation,
    given.assignees.map((a) => a.login),
  );
  const design = await designOf(ports.db.kysely, form.id, form.published);
  let turns = 0;
  const rows: object[] = [];
  for (const [i, t] of given.targets.entries()) {
    const assignee = assigneeOf(t.division, given.assignees, () => turns++);
    const found = t.relation ? await resolve(ports.lake, t.relation.to as Target, t.relation.id) : undefined;
    const field = t.relation && design.fields.find((f) => f.kind === 'relation' && f.to === t.relation!.to);
    const values: Values = { ...(t.values ?? {}), ...(found && field ? { [field.name]: found } : {}) };
    const prepared = await prepare(ports, design, form.id, values, { login: p.login });
    if (prepared.shape.length)
      throw problemOfFaults(prepared.shape.map((f) => ({ ...f, at: `targets[${i + 1}].${f.at}` })));
    rows.push({
      ...{ title: t.title, division: t.division ?? null, relation: t.relation ?? null, values: prepared.values },
      ...{ assignee, assignee_name: assignee === null ? null : (people.get(assignee) ?? assignee) },
    });
  }
  return ports.db.tx(async (trx) => {
    const made = await sql<{
      id: number;
    }>`INSERT INTO forms.task (form, title, note, state, due, created_by, created_name, created_at)
      VALUES (${form.id}, ${JSON.stringify(given.title)}::jsonb, ${given.note ?? null}, 'open', ${due}::date, ${p.login}, ${p.name}, ${ports.clock.now()})
      RETURNING id`.execute(trx);
    const id = made.rows[0]!.id;
    await sql`INSERT INTO forms.target (task, title, division, relation, values, assignee, assignee_name)
      SELECT ${id}, title, division, relation, values, assignee, assignee_name FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        AS t(title text, division text, relation jsonb, values jsonb, assignee text, assignee_name text)`.execute(trx);
    await ports.audit.append(
      {
        actor: p,
        action: 'forms.task.create',
        object: `form:${form.id}/task:${id}`,
        outcome: 'ok',
        detail: { targets: rows.length },
      },
      trx,
    );
    return id;
  });
}

interface TaskRow {
  id: number;
  form: number;
  form_title: Words;
  title: Words;
  note: string | null;
  state: 'open' | 'closed';
  due: string | null;
  created_by: string;
  created_name: string;
  created_at: Date;
  targets: number;
  done: number;
  mine: number;
  mine_done: number;
}

const tasksWhere = (db: Trx, p: Principal, where: ReturnType<typeof sql>, page: { limit: number; offset: number }) =>
  sql<TaskRow & { total: number }>`
  SELECT t.*, v.design -> 'title' AS form_title, c.*, count(*) OVER () AS total FROM forms.task t
  JOIN forms.form f ON f.id = t.form JOIN forms.version v ON v.form = f.id AND v.version = f.published
  CROSS JOIN LATERAL (SELECT count(*) AS targets, count(*) FILTER (WHERE ${DONE}) AS done, count(*) FILTER (WHERE g.assignee = ${p.login}) AS mine,
    count(*) FILTER (WHERE g.assignee = ${p.login} AND ${DONE}) AS mine_done
    FROM forms.target g LEFT JOIN forms.record r ON r.id = g.record WHERE g.task = t.id) c
  WHERE ${where} ORDER BY t.state DESC, t.due NULLS LAST, t.id DESC LIMIT ${page.limit} OFFSET ${page.offset}`.execute(
    db,
  );

function itemOf(t: TaskRow, today: string): z.input<typeof api.taskItem> {
  return {
    ...{ id: t.id, form: t.form, formTitle: t.form_title, title: t.title, note: t.note, state: t.state, due: t.due },
    overdue: t.state === 'open' && t.due !== null && t.due < today && Number(t.done) < Number(t.targets),
    ...{ createdAt: t.created_at.toISOString(), by: { login: t.created_by, name: t.created_name } },
    ...{ targets: Number(t.targets), done: Number(t.done), mine: Number(t.mine), mineDone: Number(t.mine_done) },
  };
}

const ownTask = (p: Principal) =>
  sql`EXISTS (SELECT 1 FROM forms.target g WHERE g.task = t.id AND g.assignee = ${p.login})`;

/** Tasks of a form: all for who reads its records, else own ones. */
export async function tasks(ports: FormsPorts, formId: number, page: { limit: number; offset: number }, p: Principal) {
  const form = await formOf(ports.db.kysely, formId);
  const may = mayOf(p, form.organisation);
  must(may.read || may.fill);
  const where = may.read ? sql`t.form = ${form.id}` : sql`t.form = ${form.id} AND ${ownTask(p)}`;
  const found = await tasksWhere(ports.db.kysely, p, where, page);
  const today = cityDay(ports.clock.now());
  return { items: found.rows.map((t) => itemOf(t, today)), total: Number(found.rows[0]?.total ?? 0) };
}

/** Open tasks of which somebody has targets. */
export async function myTasks(ports: FormsPorts, p: Principal): Promise<z.input<typeof api.taskItem>[]> {
  const where = sql`t.state = 'open' AND f.organisation = ${p.organisation} AND ${ownTask(p)}`;
  const found = await tasksWhere(ports.db.kysely, p, where, { limit: 200, offset: 0 });
  const today = cityDay(ports.clock.now());
  return found.rows.map((t) => itemOf(t, today));
}

type TargetRow = {
  id: number;
  title: string;
  division: string | null;
  relation: { to: string; id: string } | null;
  values: Values;
  assignee: string | null;
  assignee_name: string | null;
  record: string | null;
  state: State | null;
};

/** Targets of a task as somebody may see them. */
export async function targets(
  ports: FormsPorts,
  task: number,
  only: { login?: string | undefined; done?: 'true' | 'false' | 'all' },
  page: { limit: number; offset: number },
) {
  const parts = [sql`g.task = ${task}`];
  if (only.login !== undefined) parts.push(sql`g.assignee = ${only.login}`);
  if (only.done === 'true') parts.push(DONE);
  if (only.done === 'false') parts.push(sql`NOT coalesce(${DONE}, false)`);
  const where = sql.join(parts, sql` AND `);
  const found = await sql<
    TargetRow & { total: number }
  >`SELECT g.*, r.state, count(*) OVER () AS total FROM forms.target g
    LEFT JOIN forms.record r ON r.id = g.record WHERE ${where} ORDER BY g.id LIMIT ${page.limit} OFFSET ${page.offset}`.execute(
    ports.db.kysely,
  );
  const shown = await showAll(
    ports,
    found.rows.map((t) => t.values),
  );
  return {
    items: found.rows.map((t, i) => ({
      ...{ id: t.id, title: t.title, division: t.division, relation: t.relation, values: shown[i]! },
      assignee: t.assignee === null ? null : { login: t.assignee, name: t.assignee_name ?? t.assignee },
      record: t.record === null ? null : { id: t.record, state: t.state! },
    })),
    total: Number(found.rows[0]?.total ?? 0),
  };
}

async function taskRow(
  ports: FormsPorts,
  at: { form: number; task: number },
  p: Principal,
): Promise<{ form: FormRow; row: TaskRow; read: boolean }> {
  const form = await formOf(ports.db.kysely, at.form);
  const may = mayOf(p, form.organisation);
  must(may.read || may.fill);
  const where = may.read
    ? sql`t.id = ${at.task} AND t.form = ${form.id}`
    : sql`t.id = ${at.task} AND t.form = ${form.id} AND ${ownTask(p)}`;
  const row = (await tasksWhere(ports.db.kysely, p, where, { limit: 1, offset: 0 })).rows[0];
  if (!row) throw new Problem(k.unknownTask, { task: at.task });
  return { form, row, read: may.read };
}

/** A task with its targets and the progress of each collector. */
export async function task(
  ports: FormsPorts,
  at: { form: number; task: number },
  q: z.output<typeof api.targetsQuery>,
  p: Principal,
): Promise<z.input<typeof api.taskAnswer>> {
  const { row, read } = await taskRow(ports, at, p);
  const page = await targets(ports, row.id, { login: read ? undefined : p.login, done: q.done }, q);
  const mine = read ? sql`` : sql`AND g.assignee = ${p.login}`;
  const progress = await sql<{
    assignee: string;
    name: string;
    n: number;
    done: number;
  }>`SELECT g.assignee, max(g.assignee_name) AS name, count(*) AS n,
    count(*) FILTER (WHERE ${DONE}) AS done FROM forms.target g LEFT JOIN forms.record r ON r.id = g.record
    WHERE g.task = ${row.id} AND g.assignee IS NOT NULL ${mine} GROUP BY g.assignee ORDER BY g.assignee`.execute(
    ports.db.kysely,
  );
  return {
    ...itemOf(row, cityDay(ports.clock.now())),
    ...page,
    progress: progress.rows.map((r) => ({
      assignee: { login: r.assignee, name: r.name },
      targets: Number(r.n),
      done: Number(r.done),
    })),
  };
}

/** Gives targets that have no record yet to another collector. */
export async function assign(
  ports: FormsPorts,
  at: { form: number; task: number },
  given: { targets: number[]; login: string },
  p: Principal,
): Promise<void> {
  const { form, row } = await taskRow(ports, at, p);
  must(mayOf(p, form.organisation).design);
  if (row.state === 'closed') throw new Problem(k.taskClosed);
  const people = await names(ports, form.organisation, [given.login]);
  await ports.db.tx(async (trx) => {
    const done =
      await sql`UPDATE forms.target SET assignee = ${given.login}, assignee_name = ${people.get(given.login)!}
      WHERE task = ${row.id} AND id = ANY(${given.targets}::int[]) AND record IS NULL RETURNING id`.execute(trx);
    if (done.rows.length !== new Set(given.targets).size) throw new Problem(k.targetTaken);
    await ports.audit.append(
      {
        actor: p,
        action: 'forms.task.assign',
        object: `form:${form.id}/task:${row.id}`,
        outcome: 'ok',
        detail: { login: given.login, targets: given.targets.length },
      },
      trx,
    );
  });
}

/** Ends a task; what was not visited stays to be seen. */
export async function close(
  ports: FormsPorts,
  at: { form: number; task: number },
  reason: string | undefined,
  p: Principal,
): Promise<void> {
  const { form, row } = await taskRow(ports, at, p);
  must(mayOf(p, form.organisation).design);
  await ports.db.tx(async (trx) => {
    const done =
      await sql`UPDATE forms.task SET state = 'closed', closed_at = ${ports.clock.now()}, closed_reason = ${reason ?? null}
      WHERE id = ${row.id} AND state = 'open' RETURNING id`.execute(trx);
    if (!done.rows.length) throw new Problem(k.taskClosed);
    await ports.audit.append(
      { actor: p, action: 'forms.task.close', object: `form:${form.id}/task:${row.id}`, outcome: 'ok' },
      trx,
    );
  });
}

/** What waits for somebody: own tasks, records to handle, to mend, drafts, conflicts. */
export async function desk(ports: FormsPorts, p: Principal): Promise<z.input<typeof api.deskAnswer>> {
  const may = p.organisation === null ? null : mayOf(p, p.organisation);
  if (!may) return { tasks: [], waiting: { handle: 0, mend: 0, drafts: 0, conflicts: 0, overdue: 0 } };
  must(may.see);
  const today = cityDay(ports.clock.now());
  const handles = may.handle ? sql`true` : sql`false`;
  const found = await sql<Record<'handle' | 'mend' | 'drafts' | 'conflicts' | 'overdue', number>>`SELECT
      count(*) FILTER (WHERE ${handles} AND r.state IN ('submitted', 'checked')) AS handle,
      count(*) FILTER (WHERE r.filled_by = ${p.login} AND r.state = 'returned') AS mend,
      count(*) FILTER (WHERE r.filled_by = ${p.login} AND r.state = 'draft') AS drafts,
      count(*) FILTER (WHERE r.conflicts > 0 AND (${handles} OR r.filled_by = ${p.login})) AS conflicts,
      count(*) FILTER (WHERE r.due < ${today}::date AND (${handles} OR r.filled_by = ${p.login})) AS overdue
    FROM forms.record r JOIN forms.form f ON f.id = r.form WHERE f.organisation = ${p.organisation}`.execute(
    ports.db.kysely,
  );
  const n = found.rows[0]!;
  return {
    tasks: may.fill ? await myTasks(ports, p) : [],
    waiting: {
      handle: Number(n.handle),
      mend: Number(n.mend),
      drafts: Number(n.drafts),
      conflicts: Number(n.conflicts),
      overdue: Number(n.overdue),
    },
  };
}
