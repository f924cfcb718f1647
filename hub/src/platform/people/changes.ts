/** Movers and leavers (调动、离岗): on their day the roles are taken away and the sessions end; what is still held is found and handed over. */
import { sql } from 'kysely';
import { keepHistory } from '../auth/history.ts';
import { type Principal, type Role, roles, roleTitles } from '../auth/principal.ts';
import type { AccountRow } from '../auth/store.ts';
import type { Notice } from '../notices/port.ts';
import { Problem } from '../problem.ts';
import { endParted } from './acts.ts';
import type { ChangeBody, HandoverBody } from './api.ts';
import { type Held, handOver, heldBy, isTable } from './holdings.ts';
import { accountOf, dayOf, noted, type PeoplePorts, type Trx } from './ports.ts';
import * as k from './problems.ts';

/** A move or an end as it is shown. */
export interface ChangeRow {
  id: number;
  kind: 'move' | 'leave';
  day: string;
  organisation: string | null;
  reason: string;
  state: 'planned' | 'done' | 'cancelled';
  by_login: string;
  made_at: Date;
  done_at: Date | null;
  effects: { roles: string[]; held: { kind: string; count: number }[] } | null;
}

const columns = sql`id, kind, day::text AS day, organisation, reason, state, by_login, made_at, done_at, effects`;

/** The moves and the end of an account, the newest first. */
export const changesOf = async (account: string, trx: Trx): Promise<ChangeRow[]> =>
  (
    await sql<ChangeRow>`SELECT ${columns} FROM people.change WHERE account = ${account}::uuid
      ORDER BY id DESC LIMIT 100`.execute(trx)
  ).rows;

/** Everything that a person holds: in the rooms, lent to and by them, on leave for others. */
export const heldByPerson = (
  ports: PeoplePorts,
  account: Pick<AccountRow, 'id' | 'login'>,
  trx?: Trx,
): Promise<Held[]> =>
  heldBy(
    ports.holdings,
    [
      { holder: 'login', key: account.login },
      { holder: 'account', key: account.id },
    ],
    { db: ports.db, today: dayOf(ports.clock) },
    trx,
  );

/** Plans a move or an end; one of today is done at once. */
export async function plan(ports: PeoplePorts, account: string, body: ChangeBody, p: Principal): Promise<number> {
  const today = dayOf(ports.clock);
  if (body.day < today || body.day > dayOf(ports.clock, 366)) throw new Problem(k.changeDay, {}, { field: 'day' });
  if (account === p.userId) throw new Problem(k.notYours);
  const id = await ports.db.tx(async (trx) => {
    const row = await accountOf({ id: account }, trx, true);
    const to = body.kind === 'move' ? body.organisation : null;
    if (body.kind === 'move' && to === row.organisation)
      throw new Problem(k.sameOrganisation, {}, { field: 'organisation' });
    if (to !== null) {
      const ended = await sql`SELECT 1 FROM auth.succession WHERE former = ${to}`.execute(trx);
      if (ended.rows.length) throw new Problem(k.orgEnded, { code: to }, { field: 'organisation' });
      if (!ports.declared().some((o) => o.code === to) && !(await founded(to, trx)))
        throw new Problem(k.orgUnknown, { code: to }, { field: 'organisation' });
    }
    // What cannot be done now is said now, not on the day.
    await ports.accounts.keepsAdministrators(row, [], trx);
    const planned =
      await sql`SELECT 1 FROM people.change WHERE account = ${account}::uuid AND state = 'planned'`.execute(trx);
    if (planned.rows.length) throw new Problem(k.changePlanned);
    const made = await sql<{
      id: number;
    }>`INSERT INTO people.change (account, kind, day, organisation, reason, by_login, made_at)
      VALUES (${account}::uuid, ${body.kind}, ${body.day}::date, ${to}, ${body.reason}, ${p.login}, ${ports.clock.now()})
      RETURNING id`.execute(trx);
    const detail = { kind: body.kind, day: body.day, organisation: to, reason: body.reason };
    await noted(ports, p, 'change-plan', `user/${row.login}`, detail, trx);
    return made.rows[0]!.id;
  });
  if (body.day === today) await change(ports, id);
  return id;
}

const founded = async (code: string, trx: Trx): Promise<boolean> =>
  (
    await sql`SELECT 1 FROM people.act WHERE state = 'done' AND spec->'founds' @> ${JSON.stringify([{ code }])}::jsonb`.execute(
      trx,
    )
  ).rows.length > 0;

/** Cancels what is planned. */
export async function cancel(ports: PeoplePorts, id: number, p: Principal): Promise<void> {
  await ports.db.tx(async (trx) => {
    const { rows } = await sql<{
      login: string;
    }>`UPDATE people.change AS c SET state = 'cancelled' FROM auth.account AS a
      WHERE c.id = ${id} AND c.state = 'planned' AND a.id = c.account RETURNING a.login`.execute(trx);
    if (!rows[0]) throw new Problem(k.changeUnknown);
    await noted(ports, p, 'change-cancel', `user/${rows[0].login}`, { change: id }, trx);
  });
}

/** Does every planned change whose day has come; answers how many. */
export async function changeDue(ports: PeoplePorts): Promise<number> {
  const due = await sql<{ id: number }>`SELECT id FROM people.change WHERE state = 'planned'
    AND day <= ${dayOf(ports.clock)}::date ORDER BY day, id`.execute(ports.db.kysely);
  let n = 0;
  for (const { id } of due.rows)
    try {
      await change(ports, id);
      n += 1;
    } catch (error) {
      // The last administrator of a kind stays until there is another: told in the log at every look.
      if (!(error instanceof Problem)) throw error;
      ports.log.error({ change: id, problem: error.kind.code }, 'a planned change of an account could not be made');
    }
  return n;
}

/** Moves an account or ends it, all in one transaction. */
async function change(ports: PeoplePorts, id: number): Promise<void> {
  const at = ports.clock.now();
  await ports.db.tx(async (trx) => {
    const { rows } = await sql<ChangeRow & { account: string }>`SELECT ${columns}, account FROM people.change
      WHERE id = ${id} AND state = 'planned' FOR UPDATE`.execute(trx);
    const c = rows[0];
    if (!c) return;
    const account = await accountOf({ id: c.account }, trx, true);
    await ports.accounts.keepsAdministrators(account, [], trx);
    const held = await heldByPerson(ports, account, trx);
    const taken = await sql<{
      role: string;
    }>`DELETE FROM auth.role_grant WHERE account = ${account.id} RETURNING role`.execute(trx);
    await (c.kind === 'move'
      ? sql`UPDATE auth.account SET organisation = ${c.organisation} WHERE id = ${account.id}`
      : sql`UPDATE auth.account SET disabled = true WHERE id = ${account.id}`
    ).execute(trx);
    await sql`UPDATE auth.delegation SET ended_at = ${at} WHERE ended_at IS NULL
      AND (owner = ${account.id} OR (${c.kind === 'leave'} AND delegate = ${account.id}))`.execute(trx);
    await endParted(at, trx);
    await keepHistory(account.id, at, trx);
    await ports.accounts.endSessions(account.id, trx);
    const lost = taken.rows.map((r) => r.role).sort();
    const effects = { roles: lost, held: held.map(({ kind, count }) => ({ kind, count })) };
    await sql`UPDATE people.change SET state = 'done', done_at = ${at}, effects = ${JSON.stringify(effects)}::jsonb
      WHERE id = ${id}`.execute(trx);
    await ports.notices.tell(trx, tellings(c, account, held, lost));
    await noted(
      ports,
      null,
      `${c.kind}`,
      `user/${account.login}`,
      { change: id, organisation: c.organisation, ...effects },
      trx,
    );
  });
  ports.accounts.forget();
}

const titleOf = (role: string): string => (roles.includes(role as Role) ? roleTitles[role as Role].zh : role);

function tellings(c: ChangeRow, account: AccountRow, held: readonly Held[], taken: readonly string[]): Notice[] {
  const link = `/people/${account.id}`;
  const about = `user/${account.login}`;
  const n = held.reduce((sum, h) => sum + h.count, 0);
  const told: Notice[] = [];
  if (c.kind === 'move')
    told.push({
      ...{ key: `people.mover/${c.id}`, kind: 'people.mover', to: [{ role: 'security-admin' }], about, escalate: [] },
      title: { zh: `人员调动：${account.login}待授角色`, en: `Moved: ${account.login} waits for roles` },
      text: {
        zh: `已调至${c.organisation ?? '（无机构）'}，原角色（${taken.map(titleOf).join('、') || '无'}）已收回，请按新岗位重新授予。`,
        en: `Now of ${c.organisation ?? '(none)'}; the former roles (${taken.join(', ') || 'none'}) were taken away: grant what the new post needs.`,
      },
      link: '/system/users',
    });
  if (n > 0)
    told.push({
      ...{ key: `people.leaver/${c.id}`, kind: 'people.leaver', about, escalate: [] },
      to: [
        { role: 'system-admin' },
        ...(account.organisation ? [{ role: 'department-head' as const, organisation: account.organisation }] : []),
      ],
      title: { zh: `${account.login}名下还有 ${n} 项待交接`, en: `${account.login} still holds ${n} things` },
      text: {
        zh: held.map((h) => `${h.title.zh} ${h.count}`).join('、'),
        en: held.map((h) => `${h.title.en} ${h.count}`).join(', '),
      },
      link,
    });
  return told;
}

/** Gives what a person holds of some kinds to a colleague; answers how many of each. */
export async function handover(
  ports: PeoplePorts,
  account: string,
  body: HandoverBody,
  p: Principal,
): Promise<{ kind: string; count: number }[]> {
  const kinds = body.kinds.map((kind) => {
    const found = ports.holdings.find((h) => h.kind === kind);
    if (!found || !isTable(found) || !found.hand) throw new Problem(k.handoverKind, { kind }, { field: 'kinds' });
    return found;
  });
  return ports.db.tx(async (trx) => {
    const from = await accountOf({ id: account }, trx, true);
    const to = await accountOf({ login: body.to }, trx);
    const last = await sql<{ organisation: string | null }>`SELECT organisation FROM auth.membership
      WHERE account = ${from.id} AND NOT disabled ORDER BY from_at DESC LIMIT 3`.execute(trx);
    const theirs = new Set([from.organisation, ...last.rows.map((r) => r.organisation)]);
    if (to.id === from.id || to.disabled || !theirs.has(to.organisation))
      throw new Problem(k.handoverTo, { login: body.to }, { field: 'to' });
    const given: { kind: string; count: number }[] = [];
    for (const kind of kinds) {
      const [was, is] = kind.of === 'account' ? [from.id, to.id] : [from.login, to.login];
      given.push({
        kind: kind.kind,
        count: await handOver(kind, was, { key: is, name: to.name }, dayOf(ports.clock), trx),
      });
    }
    const at = ports.clock.now();
    const total = given.reduce((sum, g) => sum + g.count, 0);
    if (total > 0)
      await ports.notices.tell(trx, {
        ...{ key: `people.handover/${from.login}/${to.login}/${at.getTime()}`, kind: 'people.handover', escalate: [] },
        ...{ to: [{ account: to.login }], about: `user/${from.login}`, link: kinds[0]!.page },
        title: { zh: `${from.name}的 ${total} 项工作已交接给您`, en: `${total} things of ${from.name} are yours now` },
        text: {
          zh: kinds.map((h, i) => `${h.title.zh} ${given[i]!.count}`).join('、'),
          en: kinds.map((h, i) => `${h.title.en} ${given[i]!.count}`).join(', '),
        },
      });
    await noted(ports, p, 'handover', `user/${from.login}`, { to: to.login, given, reason: body.reason }, trx);
    return given;
  });
}
