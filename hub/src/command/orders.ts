/** Orders and decisions (指令、决策) with receipts; notes to the log; meeting links. */
import { type Kysely, sql } from 'kysely';
import type { Principal } from '../platform/auth/principal.ts';
import type { AnyTables } from '../platform/db/index.ts';
import { Problem } from '../platform/problem.ts';
import { act } from './log.ts';
import { send } from './messages.ts';
import { actorOf, type CommandDeps, mustKnow, nameOf, same } from './ports.ts';
import * as k from './problems.ts';

export interface OrderRow {
  id: number;
  operation: number;
  kind: 'order' | 'decision';
  text: string;
  given_by: string;
  given_at: Date;
  receipts: { organisation: string; received_by: string | null; received_at: string | null; note: string }[];
}

/** Orders and decisions of an operation, the latest first. */
export const ordersOf = async (db: Kysely<AnyTables>, operation: number): Promise<OrderRow[]> =>
  (
    await sql<OrderRow>`SELECT o.*, coalesce((SELECT jsonb_agg(jsonb_build_object('organisation', r.organisation,
        'received_by', r.received_by, 'received_at', to_char(r.received_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'note', r.note) ORDER BY r.organisation) FROM command.receipt r WHERE r.order_ = o.id), '[]') AS receipts
      FROM command.order_ o WHERE o.operation = ${operation} ORDER BY o.id DESC LIMIT 500`.execute(db)
  ).rows;

/** Gives an order to organisations, or writes a decision down (which needs no receipt). */
export async function give(
  deps: CommandDeps,
  operation: number,
  body: { kind: 'order' | 'decision'; text: string; organisations: string[]; key: string },
  who: Principal,
): Promise<void> {
  const to = [...new Set(body.organisations)];
  mustKnow(deps, to);
  await act(deps, operation, actorOf(who), async (log, trx) => {
    if (await log.done(body.key)) return;
    const { rows } = await sql<{ id: number }>`INSERT INTO command.order_ (operation, kind, text, given_by, given_at)
      VALUES (${operation}, ${body.kind}, ${body.text}, ${who.name}, ${log.at}) RETURNING id`.execute(trx);
    const id = rows[0]!.id;
    const names = to.map((o) => nameOf(deps, o));
    const list = (language: 'zh' | 'en') => names.map((n) => n[language]).join(language === 'zh' ? '、' : ', ');
    await log.say({
      kind: body.kind,
      text:
        body.kind === 'order'
          ? { zh: `指令（${list('zh')}）：${body.text}`, en: `Order (${list('en')}): ${body.text}` }
          : { zh: `决策：${body.text}`, en: `Decision: ${body.text}` },
      detail: { id, organisations: to },
      key: body.key,
    });
    const title = { zh: `${log.operation.title}：指令`, en: `${log.operation.title}: order` };
    for (const organisation of to) {
      await sql`INSERT INTO command.receipt (order_, organisation) VALUES (${id}, ${organisation})`.execute(trx);
      await send(
        trx,
        {
          ...{ key: `order/${id}/${organisation}`, operation, exercise: log.operation.exercise, kind: 'order' },
          ...{ to: { organisation }, title, text: same(body.text) },
        },
        log.at,
      );
    }
    await deps.audit.append({ actor: who, action: `command.${body.kind}`, object: `order/${id}`, outcome: 'ok' }, trx);
  });
}

/** An organisation confirms that it got an order. The second confirmation changes nothing. */
export async function receive(deps: CommandDeps, id: number, note: string, who: Principal): Promise<void> {
  const { rows } = await sql<{ operation: number }>`SELECT operation FROM command.order_ WHERE id = ${id}`.execute(
    deps.db.kysely,
  );
  if (!rows[0]) throw new Problem(k.orderUnknown, { id });
  await act(
    deps,
    rows[0].operation,
    actorOf(who),
    async (log, trx) => {
      const { rows: own } = await sql<{ received_at: Date | null }>`SELECT received_at FROM command.receipt
        WHERE order_ = ${id} AND organisation = ${who.organisation}`.execute(trx);
      if (!own[0]) throw new Problem(who.permissions.has('command.read') ? k.orderNotYours : k.orderUnknown, { id });
      if (own[0].received_at) return;
      await sql`UPDATE command.receipt SET received_by = ${who.name}, received_at = ${log.at}, note = ${note}
        WHERE order_ = ${id} AND organisation = ${who.organisation}`.execute(trx);
      const name = nameOf(deps, who.organisation!);
      await log.say({
        kind: 'receipt',
        text: {
          zh: `${name.zh}已收到指令${note ? `：${note}` : ''}`,
          en: `${name.en} received the order${note ? `: ${note}` : ''}`,
        },
        detail: { order: id, organisation: who.organisation },
      });
    },
    ['running', 'ended'],
  );
}

/** Orders to an organisation, those without a receipt first. */
export const ordersFor = async (db: Kysely<AnyTables>, organisation: string) =>
  (
    await sql<{
      id: number;
      operation: number;
      title: string;
      exercise: boolean;
      text: string;
      given_by: string;
      given_at: Date;
      received_at: Date | null;
    }>`
      SELECT o.id, o.operation, p.title, p.exercise, o.text, o.given_by, o.given_at, r.received_at
      FROM command.receipt r JOIN command.order_ o ON o.id = r.order_ JOIN command.operation p ON p.id = o.operation
      WHERE r.organisation = ${organisation} ORDER BY (r.received_at IS NULL) DESC, o.id DESC LIMIT 50`.execute(db)
  ).rows;

/** A note to the log. */
export async function note(
  deps: CommandDeps,
  operation: number,
  body: { text: string; key: string },
  who: Principal,
): Promise<void> {
  await act(
    deps,
    operation,
    actorOf(who),
    async (log) => {
      if (!(await log.done(body.key))) await log.say({ kind: 'note', text: same(body.text), key: body.key });
    },
    ['running', 'ended'],
  );
}

export interface MeetingRow {
  id: number;
  title: string;
  url: string;
  starts_at: Date;
  made_by: string;
}

export const meetingsOf = async (db: Kysely<AnyTables>, operation: number): Promise<MeetingRow[]> =>
  (
    await sql<MeetingRow>`SELECT id, title, url, starts_at, made_by FROM command.meeting WHERE operation = ${operation}
    ORDER BY starts_at DESC LIMIT 50`.execute(db)
  ).rows;

/** Calls a meeting by a link of whatever conference system the city has. Problem `command.meeting.link`. */
export async function meet(
  deps: CommandDeps,
  operation: number,
  body: { title: string; url: string; startsAt: Date; key: string },
  who: Principal,
): Promise<void> {
  if (!URL.canParse(body.url) || new URL(body.url).protocol !== 'https:') throw new Problem(k.linkBad);
  await act(deps, operation, actorOf(who), async (log, trx) => {
    if (await log.done(body.key)) return;
    await sql`INSERT INTO command.meeting (operation, title, url, starts_at, made_by)
      VALUES (${operation}, ${body.title}, ${body.url}, ${body.startsAt}, ${who.name})`.execute(trx);
    await log.say({
      kind: 'meeting',
      text: { zh: `召开会商：${body.title}`, en: `Meeting called: ${body.title}` },
      detail: { url: body.url, startsAt: body.startsAt.toISOString() },
      key: body.key,
    });
  });
}
