/** What the routes of people and organisations show. */
import { sql } from 'kysely';
import type { z } from 'zod';
import { formersOf, membersAt } from '../auth/index.ts';
import type { Principal, Role } from '../auth/principal.ts';
import type { AccountRow } from '../auth/store.ts';
import { Problem } from '../problem.ts';
import { type ActRow, actsOf, heldByOrganisation } from './acts.ts';
import type * as api from './api.ts';
import type { CampaignRow, ItemRow } from './certify.ts';
import { changesOf, heldByPerson } from './changes.ts';
import { candidates, countsNow, type DelegationRow, delegations, lendable } from './delegations.ts';
import { accountOf, dayOf, type Trx } from './ports.ts';
import { notYours, orgUnknown } from './problems.ts';
import { currentOrganisation, type Register, type Registered } from './register.ts';
import type { People } from './service.ts';

type View<T extends z.ZodType> = z.output<T>;
const iso = (d: Date | null): string | null => d?.toISOString() ?? null;

export function actShown(a: ActRow): View<typeof api.actView> {
  const { organisations = [] } = a.spec as { organisations?: string[] };
  return {
    ...{ id: a.id, kind: a.kind, day: a.day, ground: a.ground, state: a.state, organisations },
    ...{ heir: a.spec.heir, founds: a.spec.founds.map((o) => o.code), name: a.spec.rename?.name ?? null },
    ...{ proposedBy: a.proposed_by, proposedAt: a.proposed_at.toISOString(), confirmedBy: a.confirmed_by },
    ...{ doneAt: iso(a.done_at), fault: a.fault },
  };
}

const organisationShown = (register: Register, o: Registered, people: number) => ({
  ...{ code: o.code, name: o.name, uscc: o.uscc, kind: o.kind, from: o.from, to: o.to, people },
  heir: o.to === null ? null : currentOrganisation(register, o.code),
});

export async function organisationsShown(people: People): Promise<View<typeof api.organisationsView>> {
  const { register, ports } = people;
  const counts = await people.headcount();
  const items = [...register.values()].map((o) => organisationShown(register, o, counts.get(o.code) ?? 0));
  // Codes that accounts bear and nobody declared are there as well: they are somebody's mistake to be seen.
  return { day: dayOf(ports.clock), items, acts: (await actsOf(ports.db.kysely)).map(actShown) };
}

export async function organisationShownOn(
  people: People,
  code: string,
  asked: string | undefined,
): Promise<View<typeof api.organisationView>> {
  const { ports } = people;
  const { kysely } = ports.db;
  const today = dayOf(ports.clock);
  const day = asked ?? today;
  const register = await people.registerOn(day);
  // Before it was founded it is shown as it is now: without periods of that day.
  const o = register.get(code) ?? people.register.get(code);
  if (!o) throw new Problem(orgUnknown, { code });
  // The end of the day in the city; today: now.
  const at = day === today ? ports.clock.now() : new Date(Date.parse(`${day}T00:00:00+08:00`) + 86_399_999);
  const acts = (await actsOf(kysely)).map(actShown);
  const members = await membersAt(code, at, kysely);
  const whole = people.register.get(code) ?? o;
  return {
    ...organisationShown(register, o, members.length),
    ...{ day, current: currentOrganisation(register, code), periods: whole.periods, members },
    formers: await formersOf(code, kysely),
    acts: acts.filter((a) => [...a.organisations, ...a.founds, a.heir].includes(code)),
    held: await heldByOrganisation(ports, code),
  };
}

const stateOf = (d: DelegationRow, today: string) =>
  d.ended_at || d.to_day < today ? 'over' : d.from_day > today ? 'coming' : 'running';

/** Delegations with whether each counts now. */
export async function delegationsShown(rows: readonly DelegationRow[], day: string, trx: Trx) {
  const shown: View<typeof api.delegationsView>['items'] = [];
  const known = new Map<string, Set<number>>();
  for (const d of rows) {
    const state = stateOf(d, day);
    if (state === 'running' && !known.has(d.delegate)) {
      const { id } = await accountOf({ login: d.delegate }, trx);
      known.set(d.delegate, await countsNow(id, day, trx));
    }
    shown.push({
      ...{ id: d.id, owner: d.owner, ownerName: d.owner_name, delegate: d.delegate, delegateName: d.delegate_name },
      ...{ role: d.role, organisation: d.organisation, from: d.from_day, to: d.to_day, reason: d.reason, state },
      counts: state !== 'running' || (known.get(d.delegate)?.has(d.id) ?? false),
    });
  }
  return shown;
}

export async function ownRoles(people: People, p: Principal): Promise<View<typeof api.ownRolesView>> {
  const { ports, register } = people;
  const { kysely } = ports.db;
  const account = await accountOf({ id: p.userId }, kysely);
  const named = (code: string) => ({ code, name: register.get(code)?.name ?? { zh: code, en: code } });
  const today = dayOf(ports.clock);
  return {
    lendable: await lendable(account, kysely),
    colleagues: await candidates(account, kysely),
    mostDays: ports.config.delegationDays,
    delegations: await delegationsShown(await delegations(kysely, { account: p.userId }), today, kysely),
    standsFor: p.ownOrganisation ? p.organisation : null,
    formers: (await formersOf(account.organisation, kysely)).map(named),
    organisation: account.organisation ? named(account.organisation) : null,
  };
}

/** Administrators of accounts and roles, and the head of the person's department. Problem `people.not-yours`. */
export function mustHandle(p: Principal, account: Pick<AccountRow, 'id' | 'organisation'>): void {
  if (p.permissions.has('users.manage') || p.permissions.has('roles.manage')) return;
  const head =
    p.roles.includes('department-head') && p.organisation !== null && p.organisation === account.organisation;
  if (!head || account.id === p.userId) throw new Problem(notYours);
}

export async function personShown(people: People, id: string, p: Principal): Promise<View<typeof api.personView>> {
  const { ports } = people;
  const { kysely } = ports.db;
  const account = await accountOf({ id }, kysely);
  mustHandle(p, account);
  const roles = await sql<{
    role: Role;
  }>`SELECT role FROM auth.role_grant WHERE account = ${id}::uuid ORDER BY role`.execute(kysely);
  const belonged = await sql<{ organisation: string | null; disabled: boolean; from_at: Date; to_at: Date | null }>`
    SELECT organisation, disabled, from_at, to_at FROM auth.membership WHERE account = ${id}::uuid
    ORDER BY to_at DESC NULLS FIRST, from_at DESC LIMIT 100`.execute(kysely);
  const held = await sql<{
    role: string;
    organisation: string | null;
    given_by: string | null;
    from_at: Date;
    to_at: Date | null;
  }>`
    SELECT role, organisation, given_by, from_at, to_at FROM auth.role_history WHERE account = ${id}::uuid
    ORDER BY to_at DESC NULLS FIRST, from_at DESC, role LIMIT 200`.execute(kysely);
  // Of a mover also colleagues of where they come from: that is who goes on with what they left.
  const last = belonged.rows.filter((m) => !m.disabled).slice(0, 3);
  const theirs = [account.organisation, ...last.map((m) => m.organisation)];
  const takers = await sql<{ login: string; name: string }>`SELECT login, name FROM auth.account
    WHERE NOT disabled AND id <> ${id}::uuid AND (organisation = ANY(${theirs.filter((o) => o !== null)}::text[])
      OR (organisation IS NULL AND ${theirs.includes(null)}))
    ORDER BY login LIMIT 500`.execute(kysely);
  return {
    ...{ id, login: account.login, name: account.name, organisation: account.organisation, disabled: account.disabled },
    roles: roles.rows.map((r) => r.role),
    held: await heldByPerson(ports, account),
    delegations: await delegationsShown(await delegations(kysely, { account: id }), dayOf(ports.clock), kysely),
    changes: (await changesOf(id, kysely)).map((c) => ({
      ...{ id: c.id, kind: c.kind, day: c.day, organisation: c.organisation, reason: c.reason, state: c.state },
      ...{ by: c.by_login, doneAt: iso(c.done_at), roles: c.effects?.roles ?? [] },
    })),
    history: belonged.rows.map((m) => ({
      ...{ organisation: m.organisation, disabled: m.disabled, from: m.from_at.toISOString(), to: iso(m.to_at) },
    })),
    rolesHistory: held.rows.map((h) => ({
      ...{
        role: h.role,
        organisation: h.organisation,
        by: h.given_by,
        from: h.from_at.toISOString(),
        to: iso(h.to_at),
      },
    })),
    takers: takers.rows,
    mayChange: p.permissions.has('users.manage') && id !== p.userId,
  };
}

export const itemShown = (i: ItemRow): View<typeof api.itemView> => ({
  ...{ id: i.id, login: i.login, name: i.name, role: i.role, organisation: i.organisation, reviewer: i.reviewer },
  ...{ ofOrganisation: i.of_organisation, state: i.state, decidedBy: i.decided_by, decidedAt: iso(i.decided_at) },
  comment: i.comment,
});

export const campaignShown = (c: CampaignRow): View<typeof api.campaignsView>['items'][number] => ({
  ...{ id: c.id, year: c.year, startedAt: c.started_at.toISOString(), startedBy: c.started_by, due: c.due },
  ...{ suspends: c.suspends, closedAt: iso(c.closed_at), counts: c.counts as Record<string, number> },
});
