/**
 * The yearly review of rights (权限复核): for every account with roles, its head confirms or withdraws each of them by a deadline; what
 * nobody answered for rests. Administrators review each other crosswise: nobody answers for themselves.
 */
import { sql } from 'kysely';
import { keepHistory } from '../auth/history.ts';
import { administratorRoles, type Principal, type Role, roleTitles } from '../auth/principal.ts';
import { grantsOf } from '../auth/store.ts';
import type { Notice, Recipient } from '../notices/port.ts';
import { Problem } from '../problem.ts';
import { accountOf, dayOf, noted, type PeoplePorts, type Trx } from './ports.ts';
import * as k from './problems.ts';

export type Reviewer = 'head' | 'security-admin' | 'audit-admin';
export type ItemState = 'open' | 'confirmed' | 'withdrawn' | 'suspended' | 'unanswered' | 'lapsed' | 'restored';

/** A review. */
export interface CampaignRow {
  id: number;
  year: number;
  started_at: Date;
  started_by: string | null;
  due: string;
  suspends: boolean;
  closed_at: Date | null;
  counts: Partial<Record<ItemState, number>>;
}

/** One role of one account under review. */
export interface ItemRow {
  id: number;
  campaign: number;
  account: string;
  login: string;
  name: string;
  role: Role;
  organisation: string | null;
  of_organisation: string | null;
  reviewer: Reviewer;
  state: ItemState;
  decided_by: string | null;
  decided_at: Date | null;
  comment: string | null;
}

/** Days before the deadline on which reviewers are reminded. */
const REMIND = [7, 1];

/** Reviews with their progress, the newest first. */
export async function campaigns(trx: Trx): Promise<CampaignRow[]> {
  const { rows } =
    await sql<CampaignRow>`SELECT c.id, c.year, c.started_at, c.started_by, c.due::text AS due, c.suspends,
      c.closed_at, coalesce((SELECT jsonb_object_agg(s.state, s.n) FROM (SELECT state, count(*)::int AS n
        FROM people.certification WHERE campaign = c.id GROUP BY state) AS s), '{}') AS counts
    FROM people.campaign AS c ORDER BY c.id DESC LIMIT 50`.execute(trx);
  return rows;
}

/** Begins a review of every role of every account in use. `p` null: by itself, on the declared day. */
export async function begin(ports: PeoplePorts, p: Principal | null): Promise<number> {
  const { days, suspend } = ports.config.recertification;
  const at = ports.clock.now();
  const today = dayOf(ports.clock);
  return ports.db.tx(async (trx) => {
    await sql`LOCK TABLE people.campaign IN SHARE ROW EXCLUSIVE MODE`.execute(trx);
    const open = await sql`SELECT 1 FROM people.campaign WHERE closed_at IS NULL`.execute(trx);
    if (open.rows.length) throw new Problem(k.campaignRuns);
    const made = await sql<{
      id: number;
    }>`INSERT INTO people.campaign (year, started_at, started_day, started_by, due, suspends)
      VALUES (${Number(today.slice(0, 4))}, ${at}, ${today}::date, ${p?.login ?? null}, ${dayOf(ports.clock, days)}::date,
        ${suspend}) RETURNING id`.execute(trx);
    const { id } = made.rows[0]!;
    await sql`INSERT INTO people.certification (campaign, account, login, name, role, organisation, of_organisation, reviewer)
      SELECT ${id}, a.id, a.login, a.name, g.role, g.organisation, a.organisation,
        CASE WHEN g.role = 'security-admin' THEN 'audit-admin'
          WHEN g.role NOT LIKE '%-admin' AND EXISTS (SELECT 1 FROM auth.account AS h JOIN auth.role_grant AS r
            ON r.account = h.id AND r.role = 'department-head' AND r.organisation = h.organisation
            WHERE h.organisation = a.organisation AND h.id <> a.id AND NOT h.disabled) THEN 'head'
          ELSE 'security-admin' END
      FROM auth.role_grant AS g JOIN auth.account AS a ON a.id = g.account
      WHERE NOT a.disabled AND (g.organisation IS NULL OR g.organisation = a.organisation)`.execute(trx);
    await remind(ports, id, 'start', trx);
    const n = await sql<{
      n: number;
    }>`SELECT count(*)::int AS n FROM people.certification WHERE campaign = ${id}`.execute(trx);
    await noted(ports, p, 'recertify-begin', `recertification/${id}`, { items: n.rows[0]!.n, suspend }, trx);
    return id;
  });
}

const recipient = (reviewer: Reviewer, organisation: string | null): Recipient =>
  reviewer === 'head' ? { role: 'department-head', organisation } : { role: reviewer };

/** Tells who still has something to answer for. */
async function remind(ports: PeoplePorts, campaign: number, which: string, trx: Trx): Promise<void> {
  const groups = await sql<{ reviewer: Reviewer; of_organisation: string | null; n: number; due: string }>`
    SELECT i.reviewer, CASE WHEN i.reviewer = 'head' THEN i.of_organisation END AS of_organisation, count(*)::int AS n,
      max(c.due)::text AS due
    FROM people.certification AS i JOIN people.campaign AS c ON c.id = i.campaign
    WHERE i.campaign = ${campaign} AND i.state = 'open' GROUP BY 1, 2`.execute(trx);
  const told = groups.rows.map((g): Notice => {
    const who = g.of_organisation ?? g.reviewer;
    return {
      ...{ key: `people.recertify/${campaign}/${who}/${which}`, kind: 'people.recertify', escalate: [] },
      ...{
        to: [recipient(g.reviewer, g.of_organisation)],
        about: about(campaign, who),
        link: '/account/recertification',
      },
      urgency: which === '1' ? 'urgent' : 'normal',
      title: { zh: `权限复核：还有 ${g.n} 项，${g.due} 截止`, en: `Roles to be reviewed: ${g.n}, until ${g.due}` },
      text: {
        zh: '请逐项确认或撤回。逾期未答复的角色将按规定停用。',
        en: 'Confirm or withdraw each of them. Roles that nobody answers for may rest after the deadline.',
      },
    };
  });
  await ports.notices.tell(trx, told);
}
const about = (campaign: number, who: string) => `recertification/${campaign}/${who}`;

/** Whether an item is somebody's to answer for. */
export function reviews(p: Principal, i: Pick<ItemRow, 'reviewer' | 'of_organisation' | 'account' | 'login'>): boolean {
  // Neither for themselves nor, with a lent role, for who lent it.
  if (i.account === p.userId || p.acting?.some((a) => a.for === i.login)) return false;
  if (i.reviewer === 'security-admin') return p.roles.includes('security-admin');
  if (i.reviewer === 'audit-admin') return p.roles.includes('audit-admin');
  return p.roles.includes('department-head') && p.organisation !== null && p.organisation === i.of_organisation;
}

const itemColumns = sql`i.id, i.campaign, i.account, i.login, i.name, i.role, i.organisation, i.of_organisation, i.reviewer,
  i.state, i.decided_by, i.decided_at, i.comment`;

/** Items of a review; `state` narrows. */
export async function items(
  campaign: number,
  q: { state?: string | undefined; after?: number | undefined; limit: number },
  trx: Trx,
): Promise<ItemRow[]> {
  const state = q.state ? sql`AND i.state = ${q.state}` : sql``;
  const { rows } = await sql<ItemRow>`SELECT ${itemColumns} FROM people.certification AS i
    WHERE i.campaign = ${campaign} AND i.id > ${q.after ?? 0} ${state} ORDER BY i.id LIMIT ${q.limit}`.execute(trx);
  return rows;
}

/** What is somebody's to answer for in the review under way. */
export async function own(p: Principal, trx: Trx): Promise<{ due: string | null; items: ItemRow[] }> {
  const { rows } = await sql<ItemRow & { due: string }>`SELECT ${itemColumns}, c.due::text AS due
    FROM people.certification AS i JOIN people.campaign AS c ON c.id = i.campaign AND c.closed_at IS NULL
    WHERE i.reviewer = ANY(${p.roles.map((r) => (r === 'department-head' ? 'head' : r))}::text[])
      AND (i.reviewer <> 'head' OR i.of_organisation = ${p.organisation}) AND i.account <> ${p.userId}::uuid
    ORDER BY i.login, i.role LIMIT 2000`.execute(trx);
  return { due: rows[0]?.due ?? null, items: rows };
}

async function itemOf(id: number, trx: Trx): Promise<ItemRow> {
  const { rows } = await sql<ItemRow>`SELECT ${itemColumns} FROM people.certification AS i JOIN people.campaign AS c
    ON c.id = i.campaign WHERE i.id = ${id} FOR UPDATE OF i`.execute(trx);
  if (!rows[0]) throw new Problem(k.itemUnknown);
  return rows[0];
}

const settle = (id: number, state: ItemState, by: string | null, at: Date, comment: string | null, trx: Trx) =>
  sql`UPDATE people.certification SET state = ${state}, decided_by = ${by}, decided_at = ${at}, comment = ${comment}
    WHERE id = ${id}`.execute(trx);

/** Takes the role of an item away; false where it was not held any more. */
async function takeAway(ports: PeoplePorts, i: ItemRow, at: Date, trx: Trx): Promise<boolean> {
  const account = await accountOf({ id: i.account }, trx, true);
  const rest = (await grantsOf([i.account], trx)).map((g) => g.role).filter((role) => role !== i.role);
  await ports.accounts.keepsAdministrators(account, rest, trx);
  const gone = await sql`DELETE FROM auth.role_grant WHERE account = ${i.account}::uuid AND role = ${i.role}
    AND organisation IS NOT DISTINCT FROM ${i.organisation} RETURNING 1 AS gone`.execute(trx);
  await keepHistory(i.account, at, trx);
  return gone.rows.length > 0;
}

/** Confirms or withdraws a role. Problems `people.recertification-*`, `auth.last-administrator`. */
export async function decide(
  ports: PeoplePorts,
  id: number,
  body: { keep: boolean; comment: string },
  p: Principal,
): Promise<ItemRow> {
  if (!body.keep && body.comment.trim().length < 2) throw new Problem(k.commentNeeded, {}, { field: 'comment' });
  const at = ports.clock.now();
  const item = await ports.db.tx(async (trx) => {
    const i = await itemOf(id, trx);
    if (!reviews(p, i)) throw new Problem(k.itemForeign);
    if (i.state !== 'open') throw new Problem(k.itemState);
    const held = body.keep ? await holds(i, trx) : await takeAway(ports, i, at, trx);
    const state = !held ? 'lapsed' : body.keep ? 'confirmed' : 'withdrawn';
    await settle(id, state, p.login, at, body.comment || null, trx);
    const who = i.reviewer === 'head' ? i.of_organisation! : i.reviewer;
    const left = await sql`SELECT 1 FROM people.certification WHERE campaign = ${i.campaign} AND state = 'open'
      AND reviewer = ${i.reviewer} AND (reviewer <> 'head' OR of_organisation = ${i.of_organisation}) LIMIT 1`.execute(
      trx,
    );
    if (!left.rows.length)
      await ports.notices.withdraw(trx, { kind: 'people.recertify', about: about(i.campaign, who) });
    const detail = { item: id, role: i.role, state, ...(body.comment ? { comment: body.comment } : {}) };
    await noted(ports, p, 'recertify-decide', `user/${i.login}`, detail, trx);
    return itemOf(id, trx);
  });
  ports.accounts.forget();
  return item;
}

const holds = async (i: ItemRow, trx: Trx): Promise<boolean> =>
  (await grantsOf([i.account], trx)).some((g) => g.role === i.role && g.organisation === i.organisation);

/** Gives a role back that rests. */
export async function restore(ports: PeoplePorts, id: number, p: Principal): Promise<ItemRow> {
  const at = ports.clock.now();
  const item = await ports.db.tx(async (trx) => {
    const i = await itemOf(id, trx);
    const account = await accountOf({ id: i.account }, trx, true);
    const held = (await grantsOf([i.account], trx)).map((g) => g.role);
    const bound = i.organisation !== null && i.organisation !== account.organisation;
    const mixed = held.some((role) => administratorRoles.includes(role) || administratorRoles.includes(i.role));
    if (
      i.state !== 'suspended' ||
      account.disabled ||
      bound ||
      mixed ||
      held.includes(i.role) ||
      i.account === p.userId
    )
      throw new Problem(k.restoreNot);
    await sql`INSERT INTO auth.role_grant (account, role, organisation, granted_at, granted_by)
      VALUES (${i.account}::uuid, ${i.role}, ${i.organisation}, ${at}, ${p.login})`.execute(trx);
    await keepHistory(i.account, at, trx);
    await settle(id, 'restored', p.login, at, i.comment, trx);
    await ports.notices.withdraw(trx, `people.suspended/${i.campaign}/${i.login}/${i.role}`);
    await noted(ports, p, 'recertify-restore', `user/${i.login}`, { item: id, role: i.role }, trx);
    return itemOf(id, trx);
  });
  ports.accounts.forget();
  return item;
}

/** What the day brings: a review that begins by itself, reminders, the deadline. */
export async function certifyDue(ports: PeoplePorts): Promise<void> {
  const { db, clock, config } = ports;
  const today = dayOf(clock);
  const { yearly } = config.recertification;
  if (yearly && today.slice(5) >= yearly) {
    const done =
      await sql`SELECT 1 FROM people.campaign WHERE year = ${Number(today.slice(0, 4))} OR closed_at IS NULL`.execute(
        db.kysely,
      );
    if (!done.rows.length) await begin(ports, null);
  }
  const open = await sql<{ id: number; due: string; suspends: boolean }>`SELECT id, due::text AS due, suspends
    FROM people.campaign WHERE closed_at IS NULL`.execute(db.kysely);
  for (const c of open.rows) {
    const left = Math.round((Date.parse(`${c.due}T00:00:00Z`) - Date.parse(`${today}T00:00:00Z`)) / 86_400_000);
    // The key makes each reminder one, however often it is looked.
    const now = REMIND.filter((d) => left <= d && left >= 0).at(-1);
    if (now !== undefined) await db.tx((trx) => remind(ports, c.id, String(now), trx));
    const waits =
      await sql`SELECT 1 FROM people.certification WHERE campaign = ${c.id} AND state = 'open' LIMIT 1`.execute(
        db.kysely,
      );
    if (left < 0 || !waits.rows.length) await close(ports, c);
  }
}

/** Ends a review: what nobody answered for rests, or is only noted, as the review was declared. */
async function close(ports: PeoplePorts, c: { id: number; suspends: boolean }): Promise<void> {
  const at = ports.clock.now();
  await ports.db.tx(async (trx) => {
    const open = await sql<ItemRow>`SELECT ${itemColumns} FROM people.certification AS i
      WHERE i.campaign = ${c.id} AND i.state = 'open' ORDER BY i.id FOR UPDATE`.execute(trx);
    const told: Notice[] = [];
    let rest = 0;
    for (const i of open.rows) {
      const state = await lapse(ports, i, c.suspends, at, trx);
      await settle(i.id, state, null, at, null, trx);
      if (state !== 'suspended') continue;
      rest += 1;
      const role = roleTitles[i.role] ?? { zh: i.role, en: i.role };
      told.push({
        ...{ key: `people.suspended/${c.id}/${i.login}/${i.role}`, kind: 'people.suspended', escalate: [] },
        ...{ to: [{ account: i.login }, { role: 'security-admin' }], about: `user/${i.login}` },
        link: [
          { needs: 'roles.manage', to: '/system/recertification' },
          { needs: null, to: '/account' },
        ],
        title: { zh: `角色“${role.zh}”已停用（${i.login}）`, en: `The role "${role.en}" rests (${i.login})` },
        text: {
          zh: '权限复核到期无人确认。如仍需要，请联系安全管理员恢复。',
          en: 'Nobody confirmed it by the deadline of the review. The security administrator can restore it.',
        },
      });
    }
    await ports.notices.tell(trx, told);
    const whom = new Set(open.rows.map((i) => (i.reviewer === 'head' ? i.of_organisation! : i.reviewer)));
    for (const who of whom) await ports.notices.withdraw(trx, { kind: 'people.recertify', about: about(c.id, who) });
    await sql`UPDATE people.campaign SET closed_at = ${at} WHERE id = ${c.id}`.execute(trx);
    await noted(ports, null, 'recertify-close', `recertification/${c.id}`, { unanswered: open.rows.length, rest }, trx);
  });
  ports.accounts.forget();
}

/** What becomes of an item that nobody answered: the last administrator of a kind keeps working, and it is noted. */
async function lapse(ports: PeoplePorts, i: ItemRow, suspends: boolean, at: Date, trx: Trx): Promise<ItemState> {
  if (!(await holds(i, trx))) return 'lapsed';
  if (!suspends) return 'unanswered';
  try {
    await takeAway(ports, i, at, trx);
    return 'suspended';
  } catch (error) {
    if (error instanceof Problem) return 'unanswered';
    throw error;
  }
}
