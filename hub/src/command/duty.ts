/** Duty (值班): posts, shifts, who is on duty now, hand-over, reporting off, and where a roster has holes. */
import { type Kysely, sql } from 'kysely';
import type { Principal } from '../platform/auth/principal.ts';
import type { AnyTables } from '../platform/db/index.ts';
import { Problem } from '../platform/problem.ts';
import type { CommandDeps } from './ports.ts';
import { mustKnow } from './ports.ts';
import * as k from './problems.ts';
import type { Both } from './pure/index.ts';

/** Longest shift. */
const SHIFT_HOURS = 48;
/** How long before its shift somebody may report for it by themselves. */
const EARLY = 2 * 3_600_000;

export interface PostRow {
  id: string;
  title: Both;
  organisation: string | null;
  escalate_to: string | null;
  active: boolean;
}
export interface ShiftRow {
  id: number;
  post: string;
  starts_at: Date;
  ends_at: Date;
  person: string;
  login: string | null;
  phone: string | null;
  deputy: string | null;
  deputy_login: string | null;
  deputy_phone: string | null;
  state: 'planned' | 'on' | 'away' | 'over';
  version: number;
}

export const posts = async (db: Kysely<AnyTables>): Promise<PostRow[]> =>
  (await sql<PostRow>`SELECT * FROM command.post ORDER BY organisation NULLS FIRST, id`.execute(db)).rows;

/** Shifts that touch a stretch of time. */
export const shiftsBetween = async (db: Kysely<AnyTables>, from: Date, to: Date): Promise<ShiftRow[]> =>
  (
    await sql<ShiftRow>`SELECT * FROM command.shift WHERE starts_at < ${to} AND ends_at > ${from}
      ORDER BY post, starts_at LIMIT 5000`.execute(db)
  ).rows;

/** Somebody who is on duty. */
export interface OnDuty {
  post: string;
  title: Both;
  organisation: string | null;
  shift: number;
  person: string;
  login: string | null;
  /** The deputy stands in. */
  deputy: boolean;
  /** Reported for duty; otherwise the roster alone says so. */
  reported: boolean;
  until: Date;
}

/** Who sits on which post at an instant. A shift whose person is away counts by its deputy, or not at all. */
export async function onDuty(db: Kysely<AnyTables>, at: Date): Promise<OnDuty[]> {
  const { rows } = await sql<ShiftRow & { title: Both; organisation: string | null }>`
    SELECT s.*, p.title, p.organisation FROM command.shift s JOIN command.post p ON p.id = s.post AND p.active
    WHERE s.starts_at <= ${at} AND s.ends_at > ${at} AND s.state <> 'over' AND (s.state <> 'away' OR s.deputy IS NOT NULL)
    ORDER BY p.organisation NULLS FIRST, p.id, s.starts_at`.execute(db);
  return rows.map((s) => {
    const deputy = s.state === 'away';
    return {
      ...{ post: s.post, title: s.title, organisation: s.organisation, shift: s.id },
      ...{ person: deputy ? s.deputy! : s.person, login: deputy ? s.deputy_login : s.login },
      ...{ deputy, reported: s.state !== 'planned', until: s.ends_at },
    };
  });
}

/** Keeps a telephone number in the vault; answers its token. */
async function phoneToken(
  deps: Pick<CommandDeps, 'lake' | 'vault'>,
  number: string | undefined,
): Promise<string | null> {
  if (!number) return null;
  await deps.lake.session(async (s) => {
    await s.run('CREATE OR REPLACE TEMP TABLE duty_phone AS SELECT $n::VARCHAR AS original', { n: number });
    await deps.vault.stageTokens(s, 'phone', 'SELECT original FROM duty_phone', 'duty_phone_token');
  });
  return deps.vault.tokenOf('phone', number);
}

export interface PostBody {
  id: string;
  title: Both;
  organisation?: string | undefined;
  escalateTo?: string | undefined;
}

/** A further post. */
export async function addPost(deps: CommandDeps, body: PostBody, who: Principal): Promise<void> {
  if (body.organisation !== undefined) mustKnow(deps, [body.organisation]);
  await deps.db.tx(async (trx) => {
    if (body.escalateTo !== undefined) await postOf(trx, body.escalateTo);
    const { rows } = await sql`INSERT INTO command.post (id, title, organisation, escalate_to)
      VALUES (${body.id}, ${JSON.stringify(body.title)}::jsonb, ${body.organisation ?? null}, ${body.escalateTo ?? null})
      ON CONFLICT DO NOTHING RETURNING id`.execute(trx);
    if (!rows.length) throw new Problem(k.postTwice, { id: body.id });
    await deps.audit.append({ actor: who, action: 'command.post', object: `post/${body.id}`, outcome: 'ok' }, trx);
  });
}

async function postOf(trx: Kysely<AnyTables>, id: string): Promise<PostRow> {
  const { rows } = await sql<PostRow>`SELECT * FROM command.post WHERE id = ${id} FOR UPDATE`.execute(trx);
  if (!rows[0]) throw new Problem(k.postUnknown, { id });
  return rows[0];
}

async function shiftOf(trx: Kysely<AnyTables>, id: number): Promise<ShiftRow> {
  const { rows } = await sql<ShiftRow>`SELECT * FROM command.shift WHERE id = ${id} FOR UPDATE`.execute(trx);
  if (!rows[0]) throw new Problem(k.shiftUnknown, { id });
  return rows[0];
}

export interface ShiftBody {
  post: string;
  startsAt: Date;
  endsAt: Date;
  person: string;
  login?: string | undefined;
  phone?: string | undefined;
  deputy?: string | undefined;
  deputyLogin?: string | undefined;
  deputyPhone?: string | undefined;
}

/** Puts somebody on the roster. Problems: overlap with another shift of the post, too long. */
export async function addShift(deps: CommandDeps, body: ShiftBody, who: Principal): Promise<number> {
  if (body.endsAt.getTime() - body.startsAt.getTime() > SHIFT_HOURS * 3_600_000 || body.endsAt <= body.startsAt)
    throw new Problem(k.shiftLong, { hours: SHIFT_HOURS });
  const [phone, deputyPhone] = [await phoneToken(deps, body.phone), await phoneToken(deps, body.deputyPhone)];
  return deps.db.tx(async (trx) => {
    // The post's row is held: two planners cannot fill the same hours.
    await postOf(trx, body.post);
    const { rows: across } = await sql<{
      starts_at: Date;
    }>`SELECT starts_at FROM command.shift WHERE post = ${body.post}
      AND starts_at < ${body.endsAt} AND ends_at > ${body.startsAt} AND state <> 'over' LIMIT 1`.execute(trx);
    if (across[0]) throw new Problem(k.shiftOverlap, { from: across[0].starts_at.toISOString() });
    const { rows } = await sql<{
      id: number;
    }>`INSERT INTO command.shift (post, starts_at, ends_at, person, login, phone,
        deputy, deputy_login, deputy_phone)
      VALUES (${body.post}, ${body.startsAt}, ${body.endsAt}, ${body.person}, ${body.login ?? null}, ${phone},
        ${body.deputy ?? null}, ${body.deputyLogin ?? null}, ${deputyPhone}) RETURNING id`.execute(trx);
    await deps.audit.append(
      {
        actor: who,
        action: 'command.shift',
        object: `shift/${rows[0]!.id}`,
        outcome: 'ok',
        detail: { post: body.post },
      },
      trx,
    );
    return rows[0]!.id;
  });
}

/** Takes a shift off the roster that has not begun. */
export async function dropShift(deps: CommandDeps, id: number, who: Principal): Promise<void> {
  await deps.db.tx(async (trx) => {
    const shift = await shiftOf(trx, id);
    if (shift.state !== 'planned' || shift.starts_at <= deps.clock.now()) throw new Problem(k.shiftOver);
    await sql`DELETE FROM command.shift WHERE id = ${id}`.execute(trx);
    await deps.audit.append({ actor: who, action: 'command.shift-drop', object: `shift/${id}`, outcome: 'ok' }, trx);
  });
}

/**
 * Whether somebody may report for a shift: it is their organisation's, and where the roster names accounts it is theirs (the deputy's
 * too). A roster without accounts trusts the organisation's own people.
 */
export const ownShift = (
  who: Principal,
  s: Pick<ShiftRow, 'login' | 'deputy_login'>,
  organisation: string | null,
): boolean =>
  s.login === who.login ||
  s.deputy_login === who.login ||
  (organisation !== null && organisation === who.organisation && s.login === null && s.deputy_login === null);

/** Reports for duty ('on') or off ('away': the deputy stands in from now on, or there is a hole that is told of). `own`: for oneself. */
export async function report(
  deps: CommandDeps,
  id: number,
  state: 'on' | 'away',
  who: Principal,
  own = false,
): Promise<void> {
  await deps.db.tx(async (trx) => {
    const shift = await shiftOf(trx, id);
    // Of others' shifts it is not told whether they exist.
    if (own && !ownShift(who, shift, (await postOf(trx, shift.post)).organisation))
      throw new Problem(k.shiftUnknown, { id });
    const now = deps.clock.now();
    if (shift.state === 'over' || shift.ends_at <= now) throw new Problem(k.shiftOver);
    if (own && shift.starts_at.getTime() - now.getTime() > EARLY) throw new Problem(k.shiftEarly);
    await sql`UPDATE command.shift SET state = ${state}, version = version + 1 WHERE id = ${id}`.execute(trx);
    await deps.audit.append(
      {
        actor: who,
        action: `command.duty-${state}`,
        object: `shift/${id}`,
        outcome: 'ok',
        detail: { post: shift.post, ...(own ? { own } : {}) },
      },
      trx,
    );
  });
}

/** Shifts of an organisation's posts, and of one's own account, that run now or begin within a day. */
export const shiftsOf = async (db: Kysely<AnyTables>, who: Principal, now: Date) =>
  (
    await sql<
      ShiftRow & { title: Both; organisation: string | null }
    >`SELECT s.*, p.title, p.organisation FROM command.shift s
      JOIN command.post p ON p.id = s.post AND p.active WHERE s.ends_at > ${now} AND s.starts_at < ${new Date(now.getTime() + 86_400_000)}
        AND s.state <> 'over' AND (p.organisation = ${who.organisation} OR s.login = ${who.login} OR s.deputy_login = ${who.login})
      ORDER BY s.starts_at, s.id LIMIT 20`.execute(db)
  ).rows;

/**
 * Opens the telephone number of somebody on a roster; the vault asks for its permission and the purpose, and writes the audit before
 * anything is opened. Problems: no such shift, no number kept.
 */
export async function phoneOf(
  deps: Pick<CommandDeps, 'db' | 'vault'>,
  id: number,
  whose: 'person' | 'deputy',
  purpose: string,
  who: Principal,
): Promise<string> {
  const { rows } = await sql<ShiftRow>`SELECT * FROM command.shift WHERE id = ${id}`.execute(deps.db.kysely);
  if (!rows[0]) throw new Problem(k.shiftUnknown, { id });
  const token = whose === 'deputy' ? rows[0].deputy_phone : rows[0].phone;
  const opened = token ? (await deps.vault.reveal([token], who, purpose)).get(token) : undefined;
  if (!opened) throw new Problem(k.phoneNone);
  return opened;
}

export interface HandoverRow {
  id: number;
  post: string;
  from_shift: number;
  to_shift: number | null;
  note: string;
  open_matters: { operations: number; tasks: number; gaps: number };
  given_by: string;
  given_at: Date;
  taken_by: string | null;
  taken_at: Date | null;
}

/** Hands over: what is open is counted at that moment and kept with the note. The shift stays on until it is taken. */
export async function handOver(deps: CommandDeps, id: number, note: string, who: Principal): Promise<number> {
  return deps.db.tx(async (trx) => {
    const shift = await shiftOf(trx, id);
    if (shift.state === 'over') throw new Problem(k.shiftOver);
    const { rows: open } = await sql<{ operations: number; tasks: number; gaps: number }>`SELECT
      (SELECT count(*) FROM command.operation WHERE state = 'running') AS operations,
      (SELECT count(*) FROM command.task WHERE state IN ('sent', 'acknowledged', 'working')) AS tasks,
      (SELECT count(*) FROM command.gap WHERE ended_at IS NULL) AS gaps`.execute(trx);
    const { rows: next } = await sql<{ id: number }>`SELECT id FROM command.shift WHERE post = ${shift.post}
      AND starts_at >= ${shift.starts_at} AND id <> ${id} AND state IN ('planned', 'on') ORDER BY starts_at LIMIT 1`.execute(
      trx,
    );
    const { rows } = await sql<{
      id: number;
    }>`INSERT INTO command.handover (post, from_shift, to_shift, note, open_matters,
        given_by, given_at) VALUES (${shift.post}, ${id}, ${next[0]?.id ?? null}, ${note}, ${JSON.stringify(open[0])}::jsonb,
        ${who.name}, ${deps.clock.now()}) ON CONFLICT (from_shift) DO NOTHING RETURNING id`.execute(trx);
    if (!rows[0]) throw new Problem(k.shiftOver);
    await deps.audit.append({ actor: who, action: 'command.hand-over', object: `shift/${id}`, outcome: 'ok' }, trx);
    return rows[0].id;
  });
}

/** Takes over: the former shift is over, the next one is on duty. */
export async function takeOver(deps: CommandDeps, id: number, who: Principal): Promise<void> {
  const now = deps.clock.now();
  await deps.db.tx(async (trx) => {
    const { rows } = await sql<HandoverRow>`UPDATE command.handover SET taken_by = ${who.name}, taken_at = ${now}
      WHERE id = ${id} AND taken_at IS NULL RETURNING *`.execute(trx);
    const taken = rows[0];
    if (!taken) throw new Problem(k.handoverUnknown, { id });
    await sql`UPDATE command.shift SET state = 'over', version = version + 1 WHERE id = ${taken.from_shift}`.execute(
      trx,
    );
    if (taken.to_shift !== null)
      // Whoever takes over early is on duty from now on.
      await sql`UPDATE command.shift SET state = 'on', version = version + 1,
        starts_at = least(starts_at, ${now}) WHERE id = ${taken.to_shift}`.execute(trx);
    await deps.audit.append({ actor: who, action: 'command.take-over', object: `handover/${id}`, outcome: 'ok' }, trx);
  });
}

export const handovers = async (db: Kysely<AnyTables>, limit: number): Promise<HandoverRow[]> =>
  (
    await sql<HandoverRow>`SELECT * FROM command.handover ORDER BY taken_at IS NULL DESC, id DESC LIMIT ${limit}`.execute(
      db,
    )
  ).rows;

/** Hours of a stretch in which a post has nobody: what a planner must see before it happens. */
export function holesOf(own: readonly ShiftRow[], from: Date, to: Date): { from: Date; to: Date }[] {
  const holes: { from: Date; to: Date }[] = [];
  let at = from;
  for (const s of [...own].sort((a, b) => a.starts_at.getTime() - b.starts_at.getTime())) {
    if (s.state === 'over' || (s.state === 'away' && s.deputy === null)) continue;
    if (s.starts_at > at) holes.push({ from: at, to: s.starts_at < to ? s.starts_at : to });
    if (s.ends_at > at) at = s.ends_at;
    if (at >= to) break;
  }
  if (at < to) holes.push({ from: at, to });
  return holes;
}
