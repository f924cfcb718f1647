/**
 * Messages (通知) by a durable outbox: written in the transaction that they tell of, delivered by the pump, each once: to the
 * inbox of the organisation or post, and in the same transaction to its people's notices, which leave the hub as each of them wants.
 */
import { type Kysely, sql } from 'kysely';
import type { Principal } from '../platform/auth/principal.ts';
import type { AnyTables } from '../platform/db/index.ts';
import type { Notice } from '../platform/notices/index.ts';
import { Problem } from '../platform/problem.ts';
import { type CommandDeps, mustKnow, same } from './ports.ts';
import * as k from './problems.ts';
import type { Both } from './pure/index.ts';

/** Messages that are delivered in one transaction. */
const BATCH = 500;

/** What is sent. `key` names it for ever: the same message written twice is one. */
export interface Message {
  key: string;
  operation: number | null;
  exercise: boolean;
  /** Whom to: an organisation, or a post of the command centre. */
  to: { organisation: string } | { post: string };
  kind: 'task' | 'message' | 'order' | 'escalation' | 'level' | 'end' | 'proposal' | 'cancelled';
  title: Both;
  text: Both;
  task?: number | null;
}

/** Exercises are marked wherever they are told of. */
export const marked = (exercise: boolean, t: Both): Both =>
  exercise ? { zh: `【演练】${t.zh}`, en: `[EXERCISE] ${t.en}` } : t;

/** Writes a message to the outbox. */
export async function send(trx: Kysely<AnyTables>, m: Message, at: Date): Promise<void> {
  const organisation = 'organisation' in m.to ? m.to.organisation : null;
  const post = 'post' in m.to ? m.to.post : null;
  await sql`INSERT INTO command.message (key, operation, exercise, organisation, post, kind, title, text, task, made_at)
    VALUES (${m.key}, ${m.operation}, ${m.exercise}, ${organisation}, ${post}, ${m.kind},
      ${JSON.stringify(marked(m.exercise, m.title))}::jsonb, ${JSON.stringify(marked(m.exercise, m.text))}::jsonb,
      ${m.task ?? null}, ${at}) ON CONFLICT (key) DO NOTHING`.execute(trx);
}

/**
 * A message that a person sends to organisations outside of any operation (提示、通知): what risk or an alert asks to be told. Sent
 * twice with one key it is one.
 */
export async function notify(
  deps: CommandDeps,
  body: { organisations: string[]; title: string; text: string; exercise: boolean; key: string },
  who: Principal,
): Promise<void> {
  const to = [...new Set(body.organisations)];
  mustKnow(deps, to);
  const at = deps.clock.now();
  await deps.db.tx(async (trx) => {
    const { rows } = await sql`SELECT 1 FROM command.message WHERE key LIKE ${`notice/${body.key}/%`} LIMIT 1`.execute(
      trx,
    );
    if (rows.length) return;
    for (const organisation of to)
      await send(
        trx,
        {
          ...{ key: `notice/${body.key}/${organisation}`, operation: null, exercise: body.exercise, kind: 'message' },
          ...{ to: { organisation }, title: same(body.title), text: same(`${body.text}（${who.name}）`) },
        },
        at,
      );
    await deps.audit.append(
      {
        ...{ actor: who, action: 'command.notice', object: `notice/${body.key}`, outcome: 'ok' },
        detail: { organisations: to, exercise: body.exercise },
      },
      trx,
    );
  });
}

/** A message as it is delivered. */
type Delivered = Pick<Message, 'key' | 'operation' | 'kind' | 'title' | 'text'> & {
  id: number;
  organisation: string | null;
  task: number | null;
};

/** What a message's notice is about: its task, where it has one. */
export const aboutTask = (task: number): string => `command-task/${task}`;

/** A message as people of its organisation or of the command centre have it in their inbox. */
function noticeOf(m: Delivered): Notice {
  const urgent = m.kind === 'task' || m.kind === 'escalation' || m.kind === 'order';
  const kind = m.kind === 'task' ? ('command.task' as const) : ('command.message' as const);
  return {
    ...{ key: `command/${m.key}`, kind, urgency: urgent ? 'urgent' : 'normal', title: m.title, text: m.text },
    to: m.organisation
      ? (['data-officer', 'department-head', 'duty-officer'] as const).map((role) => ({
          role,
          organisation: m.organisation,
        }))
      : [{ role: 'duty-officer' }],
    link: m.operation === null ? '/command' : `/command/operations/${m.operation}`,
    about: m.task === null ? `command-message/${m.id}` : aboutTask(m.task),
    // A message to command itself has told the last in the chain.
    ...(kind === 'command.task' ? {} : { escalate: [] }),
  };
}

/** Delivers what waits; answers how many. A stop in between leaves a message delivered or waiting, never both. */
export async function deliver(deps: Pick<CommandDeps, 'db' | 'clock' | 'notices'>): Promise<number> {
  let all = 0;
  for (;;) {
    const now = deps.clock.now();
    const n = await deps.db.tx(async (trx) => {
      const { rows } = await sql<Delivered>`WITH due AS (SELECT id FROM command.message WHERE delivered_at IS NULL
          ORDER BY id LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)
        UPDATE command.message m SET delivered_at = ${now} FROM due WHERE m.id = due.id
        RETURNING m.id, m.key, m.operation, m.organisation, m.kind, m.title, m.text, m.task`.execute(trx);
      if (rows.length) {
        await sql`INSERT INTO command.inbox (message, organisation, post, arrived_at)
          SELECT id, organisation, post, ${now} FROM command.message
          WHERE id = ANY(${sql`ARRAY[${sql.join(rows.map((r) => r.id))}]::integer[]`})`.execute(trx);
        await deps.notices.tell(trx, rows.map(noticeOf));
      }
      return rows.length;
    });
    all += n;
    if (n < BATCH) return all;
  }
}

/** A message as its receiver sees it. */
export interface Received {
  id: number;
  operation: number | null;
  exercise: boolean;
  kind: string;
  title: Both;
  text: Both;
  task: number | null;
  organisation: string | null;
  post: string | null;
  arrived_at: Date;
  read_by: string | null;
  read_at: Date | null;
}

/** Whose inbox somebody opens: their organisation's, or the command centre's posts for those who belong to none. */
const whose = (who: Principal) =>
  who.organisation === null ? sql`i.post IS NOT NULL` : sql`i.organisation = ${who.organisation}`;

export async function inboxOf(
  deps: Pick<CommandDeps, 'db'>,
  who: Principal,
  before: number | undefined,
  limit: number,
) {
  const { rows } = await sql<Received>`SELECT m.id, m.operation, m.exercise, m.kind, m.title, m.text, m.task,
      i.organisation, i.post, i.arrived_at, i.read_by, i.read_at
    FROM command.inbox i JOIN command.message m ON m.id = i.message
    WHERE ${whose(who)} AND ${before === undefined ? sql`true` : sql`m.id < ${before}`}
    ORDER BY m.id DESC LIMIT ${limit}`.execute(deps.db.kysely);
  const { rows: unread } = await sql<{ n: number }>`SELECT count(*) AS n FROM command.inbox i
    WHERE ${whose(who)} AND i.read_at IS NULL`.execute(deps.db.kysely);
  return { items: rows, unread: unread[0]!.n };
}

/** Marks a message as read, by the first who reads it. */
export async function readMessage(deps: Pick<CommandDeps, 'db' | 'clock'>, id: number, who: Principal): Promise<void> {
  const { rows } = await sql`UPDATE command.inbox i SET read_by = coalesce(read_by, ${who.name}),
      read_at = coalesce(read_at, ${deps.clock.now()}) WHERE message = ${id} AND ${whose(who)} RETURNING message`.execute(
    deps.db.kysely,
  );
  if (!rows.length) throw new Problem(k.messageUnknown, { id });
}
