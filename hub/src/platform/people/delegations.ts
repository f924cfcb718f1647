/** Delegation in time (职权委托): a role is lent to a colleague from one day to another, bounded by what its owner holds. */
import { sql } from 'kysely';
import { lentTo } from '../auth/lent.ts';
import {
  administratorRoles,
  type Permission,
  type Principal,
  type Role,
  rolePermissions,
  roleTitles,
} from '../auth/principal.ts';
import { Problem } from '../problem.ts';
import type { LendBody } from './api.ts';
import { accountOf, dayOf, noted, type PeoplePorts, type Trx } from './ports.ts';
import * as k from './problems.ts';

/** What is asked for, and who decides on it: never lent into one hand. */
const pairs: readonly (readonly [Permission, Permission])[] = [
  ['sharing.request', 'sharing.approve'],
  ['catalogue.draft', 'catalogue.approve'],
  ['open.propose', 'catalogue.approve'],
];

/** A delegation as it is shown. */
export interface DelegationRow {
  id: number;
  owner: string;
  owner_name: string;
  delegate: string;
  delegate_name: string;
  role: Role;
  organisation: string | null;
  from_day: string;
  to_day: string;
  reason: string;
  made_at: Date;
  ended_at: Date | null;
}

/** Delegations: of one account (given or received), or all; the newest first. */
export async function delegations(trx: Trx, of: { account?: string; running?: string } = {}): Promise<DelegationRow[]> {
  const where = [
    ...(of.account ? [sql`(d.owner = ${of.account}::uuid OR d.delegate = ${of.account}::uuid)`] : []),
    ...(of.running ? [sql`d.ended_at IS NULL AND d.to_day >= ${of.running}::date`] : []),
    sql`true`,
  ];
  const { rows } = await sql<DelegationRow>`SELECT d.id, o.login AS owner, o.name AS owner_name, t.login AS delegate,
      t.name AS delegate_name, d.role, d.organisation, d.from_day::text AS from_day, d.to_day::text AS to_day, d.reason,
      d.made_at, d.ended_at
    FROM auth.delegation AS d JOIN auth.account AS o ON o.id = d.owner JOIN auth.account AS t ON t.id = d.delegate
    WHERE ${sql.join(where, sql` AND `)} ORDER BY d.id DESC LIMIT 200`.execute(trx);
  return rows;
}

/** The roles that somebody may lend: business roles of their own that count. */
export async function lendable(account: { id: string; organisation: string | null }, trx: Trx): Promise<Role[]> {
  const { rows } = await sql<{ role: Role }>`SELECT role FROM auth.role_grant WHERE account = ${account.id}::uuid
    AND (organisation IS NULL OR organisation = ${account.organisation}) ORDER BY role`.execute(trx);
  return rows.map((r) => r.role).filter((role) => role in rolePermissions && !administratorRoles.includes(role));
}

/** Who a role can be lent to: working colleagues who are no administrators. */
export async function candidates(account: { id: string; organisation: string | null }, trx: Trx) {
  const { rows } = await sql<{ login: string; name: string }>`SELECT a.login, a.name FROM auth.account AS a
    WHERE a.organisation IS NOT DISTINCT FROM ${account.organisation} AND NOT a.disabled AND a.id <> ${account.id}::uuid
      AND NOT EXISTS (SELECT 1 FROM auth.role_grant AS g WHERE g.account = a.id AND g.role LIKE '%-admin')
    ORDER BY a.login LIMIT 500`.execute(trx);
  return rows;
}

/** Lends a role. Problems `people.delegation-*`. */
export async function lend(ports: PeoplePorts, body: LendBody, p: Principal): Promise<number> {
  const { delegationDays } = ports.config;
  const today = dayOf(ports.clock);
  const last = new Date(`${body.from}T00:00:00Z`).getTime() + (delegationDays - 1) * 86_400_000;
  if (
    body.from < today ||
    body.to < body.from ||
    Date.parse(`${body.to}T00:00:00Z`) > last ||
    body.from > dayOf(ports.clock, 366)
  )
    throw new Problem(k.lendDays, { days: delegationDays }, { field: 'to' });
  return ports.db.tx(async (trx) => {
    await sql`LOCK TABLE auth.delegation IN SHARE ROW EXCLUSIVE MODE`.execute(trx);
    const owner = await accountOf({ id: p.userId }, trx);
    if (!(await lendable(owner, trx)).includes(body.role)) throw new Problem(k.lendRole, {}, { field: 'role' });
    if (!(await candidates(owner, trx)).some((c) => c.login === body.to_login))
      throw new Problem(k.lendTo, { login: body.to_login }, { field: 'to_login' });
    const delegate = await accountOf({ login: body.to_login }, trx);
    const held = await lendable(delegate, trx);
    const overlap = await sql`SELECT 1 FROM auth.delegation WHERE delegate = ${delegate.id} AND role = ${body.role}
      AND ended_at IS NULL AND from_day <= ${body.to}::date AND to_day >= ${body.from}::date`.execute(trx);
    if (held.includes(body.role) || overlap.rows.length)
      throw new Problem(k.lendHeld, { login: body.to_login }, { field: 'to_login' });
    const decides = new Set(held.flatMap((role) => rolePermissions[role]));
    if (pairs.some(([asks, decided]) => rolePermissions[body.role].includes(asks) && decides.has(decided)))
      throw new Problem(k.lendPair, { login: body.to_login }, { field: 'role' });
    const grant = await sql<{ organisation: string | null }>`SELECT organisation FROM auth.role_grant
      WHERE account = ${owner.id} AND role = ${body.role}`.execute(trx);
    const made = await sql<{ id: number }>`INSERT INTO auth.delegation
        (owner, delegate, role, organisation, from_day, to_day, reason, made_at)
      VALUES (${owner.id}, ${delegate.id}, ${body.role}, ${grant.rows[0]!.organisation}, ${body.from}::date,
        ${body.to}::date, ${body.reason}, ${ports.clock.now()}) RETURNING id`.execute(trx);
    const { id } = made.rows[0]!;
    await tellBoth(ports, { id, role: body.role, from: body.from, to: body.to, state: 'made' }, [owner, delegate], trx);
    const detail = { role: body.role, to: delegate.login, from: body.from, until: body.to };
    await noted(ports, p, 'delegate', `delegation/${id}`, detail, trx);
    return id;
  });
}

type Party = { login: string; name: string };

async function tellBoth(
  ports: PeoplePorts,
  d: { id: number; role: Role; from: string; to: string; state: 'made' | 'ended' },
  [owner, delegate]: [Party, Party],
  trx: Trx,
): Promise<void> {
  const role = roleTitles[d.role];
  const made = d.state === 'made';
  await ports.notices.tell(
    trx,
    [owner, delegate].map((whom) => ({
      ...{ key: `people.delegation/${d.id}/${d.state}/${whom.login}`, kind: 'people.delegation' as const },
      to: [{ account: whom.login }],
      title: made
        ? { zh: `职权委托：${role.zh}`, en: `A role is lent: ${role.en}` }
        : { zh: `委托终止：${role.zh}`, en: `No longer lent: ${role.en}` },
      text: made
        ? {
            zh: `${owner.name}将“${role.zh}”委托${delegate.name}代行，自${d.from}至${d.to}，到期自动终止；代行期间不得审批自己提出的事项。`,
            en: `${owner.name} lends "${role.en}" to ${delegate.name} from ${d.from} to ${d.to}; it ends by itself. Who acts does not decide on what they asked for themselves.`,
          }
        : {
            zh: `${owner.name}委托${delegate.name}的“${role.zh}”已提前终止。`,
            en: `"${role.en}", lent by ${owner.name} to ${delegate.name}, was ended before its day.`,
          },
      ...{ link: '/account/roles', about: `delegation/${d.id}`, escalate: [] },
    })),
  );
}

/** Ends a delegation before its last day: by its owner, by who has it, or by the security administrator. */
export async function endDelegation(ports: PeoplePorts, id: number, p: Principal): Promise<void> {
  await ports.db.tx(async (trx) => {
    const { rows } = await sql<DelegationRow & { owner_id: string; delegate_id: string }>`SELECT d.id, d.role,
        d.owner AS owner_id, d.delegate AS delegate_id, d.from_day::text AS from_day, d.to_day::text AS to_day
      FROM auth.delegation AS d WHERE d.id = ${id} AND d.ended_at IS NULL AND d.to_day >= ${dayOf(ports.clock)}::date
      FOR UPDATE`.execute(trx);
    const row = rows[0];
    const theirs = row && [row.owner_id, row.delegate_id].includes(p.userId);
    if (!row || !(theirs || p.permissions.has('roles.manage'))) throw new Problem(k.lendUnknown);
    await sql`UPDATE auth.delegation SET ended_at = ${ports.clock.now()}, ended_by = ${p.login} WHERE id = ${id}`.execute(
      trx,
    );
    const both: [Party, Party] = [
      await accountOf({ id: row.owner_id }, trx),
      await accountOf({ id: row.delegate_id }, trx),
    ];
    const told = { id, role: row.role, from: row.from_day, to: row.to_day, state: 'ended' as const };
    await tellBoth(ports, told, both, trx);
    await noted(ports, p, 'delegate-end', `delegation/${id}`, { role: row.role }, trx);
  });
}

/** Whether a delegation counts on a day: its owner may have lost the role meanwhile. */
export async function countsNow(delegate: string, day: string, trx: Trx): Promise<Set<number>> {
  return new Set((await lentTo([delegate], day, trx)).map((l) => l.delegation));
}
