/**
 * Steps. The only way in which a matter moves: the table says whether there is such a step, in which capacity it is taken, what it
 * asks and what it does to clocks; one transaction keeps the new state, the step, its notices and its audit entry, or none of them.
 */
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { z } from 'zod';
import { byDelegation, type Principal } from '../platform/auth/principal.ts';
import { ownRequest } from '../platform/auth/problems.ts';
import type { AnyTables } from '../platform/db/index.ts';
import { cityDay } from '../platform/law/index.ts';
import type { Networks } from '../platform/networks/index.ts';
import { Problem } from '../platform/problem.ts';
import type { Deps } from '../platform/room.ts';
import { type LawPorts, moveClocks } from './clocks.ts';
import { failedCondition } from './conditions.ts';
import { effects } from './effects.ts';
import { grantChanged } from './grants.ts';
import { type Capacity, type MachineName, machine, type Needs, type Transition } from './machine.ts';
import { keepStep, type Matters, matterOf, type RequestRow, tableOf } from './matters.ts';
import { clockMet, tellTurn } from './notices.ts';
import { actingAs, capacitiesOf, deputiesOn, type Held } from './people.ts';
import { changedSince, commentNeeded, conflict, dataNeeded, notYours, wrongState } from './problems.ts';
import { stepTitle } from './titles.ts';

/** What the service stands on. */
export interface SharingPorts
  extends LawPorts,
    Pick<
      Deps,
      'db' | 'lake' | 'clock' | 'audit' | 'jobs' | 'blobs' | 'bus' | 'vault' | 'seal' | 'log' | 'folders' | 'notices'
    > {
  /** Where data may be sent. */
  networks: Networks;
}

const day = z.iso.date();
/** What a step may bring with it; which of it must be there says the table. */
export const stepData = z.strictObject({
  /** Advice of the provider's officer. */
  share: z.boolean().optional(),
  /** Legal ground of a refusal. */
  ground: z.string().trim().min(4).max(500).optional(),
  /** Everything that is missing, told once. */
  missing: z.array(z.string().trim().min(2).max(200)).min(1).max(30).optional(),
  /** Last day to mend. */
  mendBy: day.optional(),
  /** What the provider wants to change, or that it wants to end. */
  change: z
    .union([
      z.strictObject({ end: z.literal(true) }),
      z.strictObject({ until: day.optional(), items: z.array(z.string().max(64)).min(1).max(500).optional() }),
    ])
    .optional(),
  until: day.optional(),
  /** How the data was disposed of, where, on which day. */
  disposal: z
    .strictObject({ how: z.string().trim().min(2).max(500), where: z.string().trim().min(2).max(200), day })
    .optional(),
  /** Why it is not needed any more: purpose achieved, impossible, unnecessary. */
  why: z.enum(['achieved', 'impossible', 'unnecessary']).optional(),
  outcome: z.enum(['share', 'keep', 'other']).optional(),
  /** Number of the government's decision. */
  document: z.string().trim().min(2).max(100).optional(),
});
export const stepBody = z.strictObject({
  action: z.string().max(40),
  /** Version of the matter that was looked at: another one in between is a conflict. */
  version: z.number().int(),
  comment: z.string().trim().max(1000).default(''),
  data: stepData.default({}),
});
export type StepBody = z.output<typeof stepBody>;

/** A step as it is being taken. */
export interface Taking<M extends MachineName = MachineName> {
  ports: SharingPorts;
  machine: M;
  row: Matters[M];
  request: RequestRow;
  transition: Transition;
  held: Held;
  principal: Principal | null;
  body: StepBody;
  at: Date;
  today: string;
  /** Grants that the step made or changed; they are told of after the commit. */
  grants: number[];
}

/** A column's new value: JSON is marked as such. */
export type Changes = Record<string, string | number | boolean | Date | null | { json: unknown }>;

/** What a step does beside its state. */
export interface Effect {
  set?: Changes;
  /** Kept with the step. */
  detail?: Record<string, unknown>;
  after?: (trx: Kysely<AnyTables>) => Promise<void>;
}

const HUB: Held = { capacity: 'hub', deputyFor: null, away: false };

/** Takes a step; `principal` null is the hub itself. Within a transaction give its handle: then nobody is told on the bus. */
export async function act(
  ports: SharingPorts,
  name: MachineName,
  id: number,
  body: StepBody,
  principal: Principal | null,
  within?: Kysely<AnyTables>,
): Promise<void> {
  const db = within ?? ports.db.kysely;
  const row = await matterOf(db, name, id, principal);
  const request =
    name === 'request'
      ? (row as RequestRow)
      : await matterOf(db, 'request', (row as { request: number }).request, null);
  const at = ports.clock.now();
  const today = cityDay(at);
  const held = principal ? capacitiesOf(principal, row, await deputiesOn(db, today)) : [HUB];
  const own = machine[name];
  const rows = own.rows.filter((t) => t.action === body.action);
  const title = rows[0]?.title.zh ?? body.action;
  const here = rows.filter((t) => t.from.includes(row.state));
  const refused = async (problem: Problem): Promise<never> => {
    // A refusal is part of the record; inside another's transaction it would go with it.
    if (principal && !within)
      await ports.audit.append({
        ...{ actor: principal, action: `sharing.${name}.${body.action}`, object: `sharing-${name}/${id}` },
        ...{ outcome: 'refused', detail: { problem: problem.kind.code, state: row.state } },
      });
    throw problem;
  };
  if (!rows.some((t) => mayTake(held, t))) return refused(new Problem(notYours, { action: title }));
  if (!here.length)
    return refused(new Problem(wrongState, { state: own.states[row.state]?.zh ?? row.state, action: title }));
  const mine = here.filter((t) => mayTake(held, t));
  if (!mine.length) return refused(new Problem(notYours, { action: title }));
  if (body.version !== row.version) throw await overtaken(db, name, row, body.version);
  let failed: Problem | undefined;
  for (const transition of mine) {
    let as: Held | undefined;
    try {
      as = actingAs(held, transition.by);
    } catch (error) {
      return refused(error as Problem);
    }
    if (principal && as?.capacity.endsWith('-head') && (await ownWork(db, name, row, principal, as)))
      return refused(new Problem(ownRequest));
    const grants: number[] = [];
    const taking: Taking = {
      ...{ ports, machine: name, row, request, transition, held: as!, principal, body, at, today, grants },
    };
    const problem = failedCondition(taking);
    if (problem) {
      failed ??= problem;
      continue;
    }
    checkNeeds(transition, body);
    if (within) await keep(within, taking);
    else await ports.db.tx((trx) => keep(trx, taking));
    for (const share of within ? [] : grants) await ports.bus.emit(grantChanged, { share });
    return;
  }
  return refused(failed!);
}

/** Somebody was quicker: what they did since the version that was looked at, the latest first. */
async function overtaken(
  db: Kysely<AnyTables>,
  name: MachineName,
  row: { id: number; version: number },
  seen: number,
): Promise<Problem> {
  const steps = await sql<{ action: string; who: string; at: Date }>`SELECT action, coalesce(login, actor) AS who, at
    FROM sharing.step WHERE matter = ${name} AND id = ${row.id} AND action <> 'corrected'
    ORDER BY seq DESC LIMIT ${Math.min(10, Math.max(1, row.version - seen))}`.execute(db);
  const details = steps.rows.map(
    (s) => new Problem(changedSince, { who: s.who, what: stepTitle(name, s.action).zh, at: instantOf(s.at) }),
  );
  return new Problem(conflict, {}, undefined, details);
}
/** An instant as people of the city write it. */
const instantOf = (at: Date): string =>
  new Date(at.getTime() + 8 * 3_600_000).toISOString().slice(0, 16).replace('T', ' ');

/**
 * Whether somebody would decide, with the role of a head that is only lent to them, on what they brought to its present
 * state as an officer. Who holds both roles themselves is bound by the machine's own conditions.
 */
async function ownWork(
  db: Kysely<AnyTables>,
  name: MachineName,
  row: { id: number; state: string },
  p: Principal,
  as: Held,
): Promise<boolean> {
  if (!byDelegation(p, 'sharing.approve') && as.deputyFor === null) return false;
  const { rows } = await sql<{ login: string | null; actor: string }>`SELECT login, actor FROM sharing.step
    WHERE matter = ${name} AND id = ${row.id} AND to_state = ${row.state} AND from_state IS DISTINCT FROM to_state
    ORDER BY seq DESC LIMIT 1`.execute(db);
  return rows[0]?.login === p.login && rows[0].actor.endsWith('-officer');
}

const mayTake = (held: readonly Held[], t: Transition): boolean => held.some((h) => t.by.includes(h.capacity));

function checkNeeds(t: Transition, body: StepBody): void {
  for (const need of t.needs ?? []) {
    if (need === 'comment') {
      if ([...body.comment].length < 2) throw new Problem(commentNeeded, {}, { field: 'comment' });
    } else if (body.data[need as Exclude<Needs, 'comment'>] === undefined)
      throw new Problem(dataNeeded, { field: need }, { field: `data.${need}` });
  }
}

async function keep(trx: Kysely<AnyTables>, taking: Taking): Promise<void> {
  const { ports, row, request, transition: t, held, principal, body, at } = taking;
  const to = t.to === 'same' ? row.state : t.to;
  const effect = effects[taking.machine][body.action]?.(taking as never) ?? {};
  if (taking.machine === 'share') taking.grants.push(row.id);
  const sets: RawBuilder<unknown>[] = [sql`state = ${to}`, sql`version = version + 1`];
  for (const [column, value] of Object.entries(effect.set ?? {})) {
    const given =
      value !== null && typeof value === 'object' && !(value instanceof Date)
        ? sql`${JSON.stringify(value.json)}::jsonb`
        : sql`${value}`;
    sets.push(sql`${sql.ref(column)} = ${given}`);
  }
  const changed = await sql`UPDATE ${tableOf(taking.machine)} SET ${sql.join(sets)}
    WHERE id = ${row.id} AND version = ${row.version}`.execute(trx);
  if (Number(changed.numAffectedRows) !== 1) throw await overtaken(trx, taking.machine, row, row.version);
  if (t.clocks) {
    await moveClocks(trx, ports, request, t.clocks, at);
    await clockMet(ports, trx, request.id);
  }
  if (taking.machine === 'request' && to !== row.state) await tellTurn(ports, trx, request, to, row.version + 1);
  await keepStep(trx, {
    ...{
      request: request.id,
      matter: taking.machine,
      id: row.id,
      action: body.action,
      from_state: row.state,
      to_state: to,
    },
    ...{ actor: held.capacity, login: principal?.login ?? null, organisation: principal?.organisation ?? null },
    ...{ deputy_for: held.deputyFor, article: t.article, comment: body.comment || null },
    ...{ detail: effect.detail ?? null, at },
  });
  await effect.after?.(trx);
  await ports.audit.append(
    {
      ...{
        actor: principal,
        action: `sharing.${taking.machine}.${body.action}`,
        object: `sharing-${taking.machine}/${row.id}`,
      },
      ...{ outcome: 'ok', detail: { from: row.state, to, as: held.capacity, deputyFor: held.deputyFor } },
    },
    trx,
  );
}

/** The steps that somebody may take on a matter now, with what each must bring: what a page offers. */
export async function openSteps<M extends MachineName>(
  ports: SharingPorts,
  name: M,
  row: Matters[M],
  request: RequestRow,
  principal: Principal,
): Promise<
  { action: string; title: { zh: string; en: string }; needs: Needs[]; as: Capacity; article: number | null }[]
> {
  const at = ports.clock.now();
  const today = cityDay(at);
  const held = capacitiesOf(principal, row, await deputiesOn(ports.db.kysely, today));
  const found = new Map<
    string,
    { action: string; title: { zh: string; en: string }; needs: Needs[]; as: Capacity; article: number | null }
  >();
  for (const t of machine[name].rows) {
    if (!t.from.includes(row.state) || found.has(t.action)) continue;
    const as = held.find((h) => !h.away && t.by.includes(h.capacity));
    if (!as) continue;
    const body = { action: t.action, version: row.version, comment: '', data: {} };
    const problem = failedCondition({
      ports,
      machine: name,
      row,
      request,
      transition: t,
      held: as,
      principal,
      body,
      at,
      today,
      grants: [],
    });
    // What is missing of a request is told when one asks for it: the step stays open.
    if (problem && !t.when?.includes('complete')) continue;
    found.set(t.action, {
      action: t.action,
      title: t.title,
      needs: [...(t.needs ?? [])],
      as: as.capacity,
      article: t.article,
    });
  }
  return [...found.values()];
}
