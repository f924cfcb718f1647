/**
 * Acts on organisations (机构变动): found, rename, merge, split, end. The system administrator proposes one, what it affects is
 * shown first, the security administrator confirms it since roles move with it, and it holds from its day on.
 */
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { keepHistory } from '../auth/history.ts';
import type { Principal } from '../auth/principal.ts';
import type { Bilingual } from '../i18n/index.ts';
import type { Notice } from '../notices/port.ts';
import { Problem } from '../problem.ts';
import type { ActBody } from './api.ts';
import { type Held, heldBy } from './holdings.ts';
import { dayOf, noted, type PeoplePorts, type Trx } from './ports.ts';
import * as k from './problems.ts';
import { type ActSpec, faultOf, type Organisation, type Register, registerOn, successions } from './register.ts';

const BACK = 90;
const AHEAD = 366;

/** A row of people.act. */
export interface ActRow {
  id: number;
  kind: ActBody['kind'];
  day: string;
  ground: string;
  spec: ActSpec;
  state: 'proposed' | 'confirmed' | 'done' | 'withdrawn';
  proposed_by: string;
  proposed_at: Date;
  confirmed_by: string | null;
  withdrawn_by: string | null;
  done_at: Date | null;
  effects: Effects | null;
  /** Why it could not be put in force on its day, until it is withdrawn. */
  fault: { code: string; title: Bilingual } | null;
}

/** What an act affects. */
export interface Effects {
  /** Accounts that get another organisation, with the roles that go with them; `to` null: none. */
  accounts: { login: string; name: string; from: string; to: string | null; roles: string[] }[];
  /** Heads of departments that each successor has afterwards. */
  heads: { organisation: string; before: number; after: number }[];
  /** Roles lent between people who part: they end. */
  delegations: number;
  /** What bears the code of an organisation that ends or hands over, and stays under it: its successor answers for it. */
  stays: { organisation: string; held: Held[] }[];
  /** Digest of what moves: what was looked at is what is confirmed. */
  fingerprint: string;
}

const columns = sql`id, kind, day::text AS day, ground, spec, state, proposed_by, proposed_at, confirmed_by, withdrawn_by,
  done_at, effects, fault`;

/** Acts, the newest first. */
export const actsOf = async (trx: Trx, limit = 500): Promise<ActRow[]> =>
  (await sql<ActRow>`SELECT ${columns} FROM people.act ORDER BY day DESC, id DESC LIMIT ${limit}`.execute(trx)).rows;

/** Every act that was done, for the register. */
export const doneActs = async (trx: Trx): Promise<ActRow[]> =>
  (await sql<ActRow>`SELECT ${columns} FROM people.act WHERE state = 'done' ORDER BY day, id`.execute(trx)).rows;

/** What a request says, as the register knows it. Problem `people.act-shape`. */
export function specOf(body: ActBody): ActSpec {
  const need = (ok: unknown, what: string, field: string) => {
    if (!ok) throw new Problem(k.actShape, { what }, { field });
  };
  const founds: Organisation[] = body.founds.map((o) => ({ ...o, uscc: o.uscc ?? null, kind: o.kind ?? null }));
  const none = { ends: [] as string[], heir: null, founds: [] as Organisation[], rename: null, moves: [] };
  switch (body.kind) {
    case 'found':
      need(founds.length, '新设机构 / founds', 'founds');
      return { ...none, founds };
    case 'rename':
      need(body.organisations.length === 1 && body.name, '机构与新名称 / organisation, name', 'name');
      return { ...none, rename: { code: body.organisations[0]!, name: body.name!, uscc: body.uscc ?? null } };
    case 'merge':
      need(body.organisations.length, '并入机构 / organisations', 'organisations');
      need(body.heir, '承接机构 / heir', 'heir');
      return { ...none, ends: body.organisations, heir: body.heir!, founds, moves: body.moves };
    case 'split':
      need(body.organisations.length === 1, '被拆分机构 / one organisation', 'organisations');
      need(body.continues || body.heir, '承接机构 / heir', 'heir');
      need(founds.length || body.moves.length || !body.continues, '新设机构或划转人员 / founds or moves', 'founds');
      return {
        ...none,
        ...{ ends: body.continues ? [] : body.organisations, heir: body.continues ? null : body.heir! },
        ...{ founds, moves: body.moves },
      };
    case 'end':
      need(body.organisations.length, '被撤销机构 / organisations', 'organisations');
      return { ...none, ends: body.organisations, heir: body.heir ?? null, moves: body.moves };
  }
}

const faults = {
  unknown: k.orgUnknown,
  ended: k.orgEnded,
  taken: k.orgTaken,
  heir: k.heirWrong,
  order: k.actOrder,
} as const;

/** Refuses an act that the register or the day does not allow. */
export function checkAct(ports: PeoplePorts, acts: readonly ActRow[], day: string, spec: ActSpec): void {
  const fault = faultOf(registerOn(ports.declared(), acts, '9999-12-31'), day, spec);
  if (fault) throw new Problem(faults[fault.fault], { code: fault.code });
}

interface Moving {
  id: string;
  login: string;
  name: string;
  organisation: string;
  roles: string[];
  to: string | null;
}

/** Accounts that an act moves, as they are now. Problems `people.user-unknown`, `people.move-foreign`. */
async function moving(spec: ActSpec, source: string[], trx: Trx, lock: boolean): Promise<Moving[]> {
  const { rows } = await sql<Omit<Moving, 'to'>>`SELECT a.id, a.login, a.name, a.organisation,
      coalesce((SELECT array_agg(g.role ORDER BY g.role) FROM auth.role_grant AS g WHERE g.account = a.id), '{}') AS roles
    FROM auth.account AS a WHERE a.organisation = ANY(${source}::text[]) ORDER BY a.login
    ${lock ? sql`FOR UPDATE OF a` : sql``}`.execute(trx);
  const named = new Map(spec.moves.map((m) => [m.login, m.to]));
  const known = new Set(rows.map((r) => r.login));
  for (const login of named.keys())
    if (!known.has(login)) throw new Problem(k.moveForeign, { login }, { field: 'moves' });
  return rows
    .map((r) => ({
      ...r,
      to: named.get(r.login) ?? (spec.ends.includes(r.organisation) ? spec.heir : r.organisation),
    }))
    .filter((r) => r.to !== r.organisation);
}

/** What bears an organisation's code. */
export const heldByOrganisation = (ports: PeoplePorts, organisation: string, trx?: Trx): Promise<Held[]> =>
  heldBy(
    ports.holdings,
    [{ holder: 'organisation', key: organisation }],
    { db: ports.db, today: dayOf(ports.clock) },
    trx,
  );

/** Where people may be moved from: organisations that end, or the one that is split and goes on. */
const sourceOf = (kind: string, spec: ActSpec, organisations: readonly string[]): string[] =>
  kind === 'split' && !spec.ends.length ? [...organisations] : spec.ends;

/** What an act would do if it held now. */
export async function effectsOf(
  ports: PeoplePorts,
  act: { kind: ActBody['kind']; spec: ActSpec; organisations: readonly string[] },
  trx: Trx,
): Promise<Effects> {
  const source = sourceOf(act.kind, act.spec, act.organisations);
  const accounts = await moving(act.spec, source, trx, false);
  const targets = [...new Set(accounts.flatMap((a) => (a.to ? [a.to] : [])))].sort();
  const counted = await sql<{ organisation: string; n: number }>`SELECT a.organisation, count(*)::int AS n
    FROM auth.account AS a JOIN auth.role_grant AS g ON g.account = a.id AND g.role = 'department-head'
    WHERE NOT a.disabled AND a.organisation = ANY(${targets}::text[]) GROUP BY a.organisation`.execute(trx);
  const heads = targets.map((organisation) => {
    const before = counted.rows.find((r) => r.organisation === organisation)?.n ?? 0;
    const more = accounts.filter((a) => a.to === organisation && a.roles.includes('department-head')).length;
    return { organisation, before, after: before + more };
  });
  const to = new Map(accounts.map((a) => [a.id, a.to]));
  const ids = accounts.map((a) => a.id);
  const lent = await sql<{ owner: string; delegate: string }>`SELECT owner, delegate FROM auth.delegation
    WHERE ended_at IS NULL AND to_day >= ${dayOf(ports.clock)}::date
      AND (owner = ANY(${ids}::uuid[]) OR delegate = ANY(${ids}::uuid[]))`.execute(trx);
  const stays: Effects['stays'] = [];
  for (const organisation of source) {
    const held = await heldByOrganisation(ports, organisation, trx);
    stays.push({ organisation, held });
  }
  const shown = accounts.map(({ login, name, organisation, to: target, roles }) => ({
    ...{ login, name, from: organisation, to: target, roles },
  }));
  const digest = JSON.stringify([act.spec, shown.map(({ login, to: t, roles }) => [login, t, roles])]);
  return {
    ...{ accounts: shown, heads, stays },
    delegations: lent.rows.filter(
      (d) => !to.has(d.owner) || !to.has(d.delegate) || to.get(d.owner) !== to.get(d.delegate),
    ).length,
    fingerprint: createHash('sha256').update(digest).digest('hex'),
  };
}

/** What an act that is asked for would do; the Problems of proposing it come here already. */
export function preview(ports: PeoplePorts, body: ActBody): Promise<Effects> {
  const spec = specOf(body);
  dayInReach(ports, body.day);
  return ports.db.tx(async (trx) => {
    checkAct(ports, await doneActs(trx), body.day, spec);
    return effectsOf(ports, { kind: body.kind, spec, organisations: body.organisations }, trx);
  });
}

function dayInReach(ports: PeoplePorts, day: string): void {
  if (day < dayOf(ports.clock, -BACK) || day > dayOf(ports.clock, AHEAD))
    throw new Problem(k.actDay, {}, { field: 'day' });
}

/** Proposes an act, after its effects were looked at. */
export async function propose(ports: PeoplePorts, body: ActBody, fingerprint: string, p: Principal): Promise<number> {
  const spec = specOf(body);
  dayInReach(ports, body.day);
  return ports.db.tx(async (trx) => {
    await sql`LOCK TABLE people.act IN SHARE ROW EXCLUSIVE MODE`.execute(trx);
    checkAct(ports, await doneActs(trx), body.day, spec);
    const effects = await effectsOf(ports, { kind: body.kind, spec, organisations: body.organisations }, trx);
    if (effects.fingerprint !== fingerprint) throw new Problem(k.actChanged);
    const kept = { ...spec, organisations: body.organisations };
    const made = await sql<{ id: number }>`INSERT INTO people.act (kind, day, ground, spec, proposed_by, proposed_at)
      VALUES (${body.kind}, ${body.day}::date, ${body.ground}, ${JSON.stringify(kept)}::jsonb, ${p.login},
        ${ports.clock.now()}) RETURNING id`.execute(trx);
    const { id } = made.rows[0]!;
    const detail = { kind: body.kind, day: body.day, ground: body.ground, organisations: body.organisations };
    await noted(ports, p, 'act-propose', `organisation-act/${id}`, detail, trx);
    return id;
  });
}

/** An act by its number. */
export async function actOf(id: number, trx: Trx, lock = false): Promise<ActRow & { organisations: string[] }> {
  const { rows } = await sql<ActRow>`SELECT ${columns} FROM people.act WHERE id = ${id}
    ${lock ? sql`FOR UPDATE` : sql``}`.execute(trx);
  const row = rows[0];
  if (!row) throw new Problem(k.actUnknown);
  const { organisations, ...spec } = row.spec as ActSpec & { organisations: string[] };
  return { ...row, spec, organisations };
}

const stateWords = { proposed: '提出', confirmed: '确认', done: '生效', withdrawn: '撤回' } as const;

/** The security administrator agrees to an act whose effects they saw. */
export async function confirm(ports: PeoplePorts, id: number, fingerprint: string, p: Principal): Promise<void> {
  await ports.db.tx(async (trx) => {
    const act = await actOf(id, trx, true);
    if (act.state !== 'proposed') throw new Problem(k.actState, { state: stateWords[act.state] });
    if (act.proposed_by === p.login) throw new Problem(k.actFourEyes);
    checkAct(ports, await doneActs(trx), act.day, act.spec);
    const effects = await effectsOf(ports, act, trx);
    if (effects.fingerprint !== fingerprint) throw new Problem(k.actChanged);
    await sql`UPDATE people.act SET state = 'confirmed', confirmed_by = ${p.login}, confirmed_at = ${ports.clock.now()}
      WHERE id = ${id}`.execute(trx);
    await noted(
      ports,
      p,
      'act-confirm',
      `organisation-act/${id}`,
      { day: act.day, accounts: effects.accounts.length },
      trx,
    );
  });
}

/** Takes back an act that does not hold yet. */
export async function withdraw(ports: PeoplePorts, id: number, p: Principal): Promise<void> {
  await ports.db.tx(async (trx) => {
    const act = await actOf(id, trx, true);
    if (act.state !== 'proposed' && act.state !== 'confirmed')
      throw new Problem(k.actState, { state: stateWords[act.state] });
    await sql`UPDATE people.act SET state = 'withdrawn', withdrawn_by = ${p.login} WHERE id = ${id}`.execute(trx);
    await noted(ports, p, 'act-withdraw', `organisation-act/${id}`, {}, trx);
  });
}

/** Puts every confirmed act in force whose day has come, in their order; one that cannot be says why. Answers how many hold now. */
export async function enforceDue(ports: PeoplePorts): Promise<number> {
  const due = await sql<{ id: number }>`SELECT id FROM people.act WHERE state = 'confirmed' AND fault IS NULL
    AND day <= ${dayOf(ports.clock)}::date ORDER BY day, id`.execute(ports.db.kysely);
  let n = 0;
  for (const { id } of due.rows)
    try {
      await enforce(ports, id);
      n += 1;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      const { code, title } = error.toJSON();
      ports.log.error({ act: id, problem: code }, 'an act on an organisation could not be put in force');
      await sql`UPDATE people.act SET fault = ${JSON.stringify({ code, title })}::jsonb
        WHERE id = ${id}`.execute(ports.db.kysely);
    }
  return n;
}

/** Puts an act in force, all of it in one transaction. */
export async function enforce(ports: PeoplePorts, id: number): Promise<void> {
  const at = ports.clock.now();
  await ports.db.tx(async (trx) => {
    const act = await actOf(id, trx, true);
    if (act.state !== 'confirmed') return;
    const before = await doneActs(trx);
    checkAct(ports, before, act.day, act.spec);
    const effects = await effectsOf(ports, act, trx);
    const accounts = await moving(act.spec, sourceOf(act.kind, act.spec, act.organisations), trx, true);
    for (const a of accounts) await moveWithRoles(ports, a, at, trx);
    await sql`UPDATE people.act SET state = 'done', done_at = ${at}, effects = ${JSON.stringify(effects)}::jsonb
      WHERE id = ${id}`.execute(trx);
    const register = registerOn(ports.declared(), [...before, act], '9999-12-31');
    for (const s of successions(register))
      await sql`INSERT INTO auth.succession (former, heir, since) VALUES (${s.former}, ${s.heir}, ${s.since}::date)
        ON CONFLICT (former) DO UPDATE SET heir = excluded.heir`.execute(trx);
    await endParted(at, trx);
    await ports.notices.tell(
      trx,
      accounts.map((a) => movedNotice(id, a, register)),
    );
    const detail = { kind: act.kind, day: act.day, ground: act.ground, accounts: accounts.length };
    await noted(ports, null, 'act-enforce', `organisation-act/${id}`, detail, trx);
  });
}

/** An account goes over with its roles: those bound to the former organisation are bound to the new one, or end without one. */
async function moveWithRoles(ports: PeoplePorts, a: Moving, at: Date, trx: Trx): Promise<void> {
  await sql`UPDATE auth.account SET organisation = ${a.to} WHERE id = ${a.id}::uuid`.execute(trx);
  await (a.to === null
    ? sql`DELETE FROM auth.role_grant WHERE account = ${a.id}::uuid AND organisation IS NOT NULL`
    : sql`UPDATE auth.role_grant SET organisation = ${a.to}
        WHERE account = ${a.id}::uuid AND organisation = ${a.organisation}`
  ).execute(trx);
  await sql`UPDATE auth.delegation SET organisation = ${a.to} WHERE owner = ${a.id}::uuid AND ended_at IS NULL
    AND organisation = ${a.organisation}`.execute(trx);
  await keepHistory(a.id, at, trx);
  await ports.accounts.endSessions(a.id, trx);
}

/** Ends delegations of people who are no longer of one organisation. */
export async function endParted(at: Date, trx: Trx): Promise<void> {
  await sql`UPDATE auth.delegation AS d SET ended_at = ${at}, ended_by = NULL FROM auth.account AS o, auth.account AS t
    WHERE d.ended_at IS NULL AND o.id = d.owner AND t.id = d.delegate
      AND o.organisation IS DISTINCT FROM t.organisation`.execute(trx);
}

const nameIn = (register: Register, code: string | null): Bilingual =>
  code === null ? { zh: '（无机构）', en: '(none)' } : (register.get(code)?.name ?? { zh: code, en: code });

function movedNotice(act: number, a: Moving, register: Register): Notice {
  const [from, to] = [nameIn(register, a.organisation), nameIn(register, a.to)];
  return {
    ...{ key: `people.organisation/${act}/${a.login}`, kind: 'people.organisation', to: [{ account: a.login }] },
    title: { zh: `机构变动：您已转入${to.zh}`, en: `Your organisation is now ${to.en}` },
    text: {
      zh: `${from.zh}的机构变动已生效，您的账号及随机构的角色已转入${to.zh}。原机构名下的事项可在“我的职权”中以原机构身份办理。`,
      en: `The change of ${from.en} is in force: your account and its roles belong to ${to.en}. What stands under the former organisation is handled by standing for it (My roles).`,
    },
    link: '/account/roles',
    about: `organisation-act/${act}`,
    escalate: [],
  };
}
