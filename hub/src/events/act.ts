/**
 * Steps. The only way in which an event moves: the table says whether there is such a step and in which capacity it is taken; one
 * transaction keeps the new state, the step, its clocks and its audit entry, or none of them.
 */
import { type RawBuilder, sql } from 'kysely';
import { z } from 'zod';
import type { Principal } from '../platform/auth/principal.ts';
import { spanOf } from '../platform/law/index.ts';
import { Problem } from '../platform/problem.ts';
import { ACCEPT, clocksOf, extendClocks, moveClocks } from './clocks.ts';
import { type Capacity, machine, type Needs, type State, states, type Transition } from './machine.ts';
import type { Catalogue } from './matters.ts';
import { tellStep } from './notices.ts';
import type { EventPorts, Trx } from './ports.ts';
import * as k from './problems.ts';
import { addStep, capacitiesOf, type EventRow, eventOf } from './store.ts';

const text = (most: number) => z.string().trim().min(1).max(most);
export const stepData = z.strictObject({
  organisation: text(64).optional(),
  joint: z.array(text(64)).min(1).max(8).optional(),
  matter: text(64).optional(),
  limit: text(64).optional(),
  stars: z.int().min(1).max(5).optional(),
  urgency: z.enum(['normal', 'urgent']).optional(),
  ask: z.enum(['transfer', 'delay', 'pause']).optional(),
  /** How long a delay is: `2 working-days`. */
  span: z
    .string()
    .max(30)
    .refine((s) => spanOf(s) !== undefined)
    .optional(),
  level: z.int().min(1).max(3).optional(),
  /** Pictures that were sent before. */
  pictures: z.array(z.uuid()).max(9).optional(),
  longitude: z.number().min(-180).max(180).optional(),
  latitude: z.number().min(-90).max(90).optional(),
  /** When it was done, by the phone's clock: kept beside the hub's, decides nothing. */
  doneAt: z.iso.datetime().optional(),
});
export const stepBody = z.strictObject({
  action: z.string().max(40),
  /** Version that was looked at; another one in between is a conflict. Left out by phones, where the state alone decides. */
  version: z.int().optional(),
  comment: z.string().trim().max(1000).default(''),
  data: stepData.default({}),
});
export type StepBody = z.output<typeof stepBody>;

/** Who takes a step: somebody signed in, the hub, or a citizen who knows the token. */
export type Actor = { principal: Principal } | 'hub' | 'citizen';

const capacity = (actor: Actor, e: EventRow): Capacity[] =>
  actor === 'hub' ? ['hub'] : actor === 'citizen' ? ['reporter'] : capacitiesOf(actor.principal, e);

/** Takes a step within a transaction; `matters.current()` was asked before it. Answers the event as it is then. */
export async function act(trx: Trx, ports: EventPorts, id: number, body: StepBody, actor: Actor): Promise<EventRow> {
  const e = await eventOf(trx, id, true);
  const rows = machine.filter((t) => t.action === body.action);
  const action = { action: rows[0]?.title.zh ?? body.action, actionEn: rows[0]?.title.en ?? body.action };
  const held = capacity(actor, e);
  if (actor !== 'hub' && actor !== 'citizen' && !rows.some((t) => t.by.some((c) => held.includes(c)))) {
    // Who reported it may rate it, whatever else they are.
    if (!(body.action === 'rate' && (await reported(trx, e.id, actor.principal.login))))
      throw new Problem(k.notYours, action);
    held.push('reporter');
  }
  const t = rows.find((r) => r.from.includes(e.state) && r.by.some((c) => held.includes(c)));
  if (!t) {
    if (!rows.some((r) => r.by.some((c) => held.includes(c)))) throw new Problem(k.notYours, action);
    throw new Problem(k.wrongState, { state: states[e.state].zh, stateEn: states[e.state].en, ...action });
  }
  if (body.version !== undefined && body.version !== e.version) throw new Problem(k.changedSince);
  const as = held.find((c) => t.by.includes(c))!;
  const catalogue = ports.matters.held;
  await checkNeeds(trx, ports, e, t, body, catalogue, actor);
  return keep(trx, ports, e, t, body, actor, as, catalogue);
}

async function reported(trx: Trx, event: number, login: string): Promise<boolean> {
  return (
    (await sql`SELECT 1 FROM events.report WHERE event = ${event} AND login = ${login} LIMIT 1`.execute(trx)).rows
      .length > 0
  );
}

async function checkNeeds(
  trx: Trx,
  ports: EventPorts,
  e: EventRow,
  t: Transition,
  body: StepBody,
  c: Catalogue,
  actor: Actor,
) {
  const { data } = body;
  const known = (id: string | undefined, field: string) => {
    if (id !== undefined && !ports.organisations().has(id))
      throw new Problem(k.unknownOrganisation, { organisation: id }, { field });
  };
  known(data.organisation, 'data.organisation');
  for (const o of data.joint ?? []) known(o, 'data.joint');
  if (data.matter !== undefined && !c.byId.has(data.matter))
    throw new Problem(k.unknownMatter, { matter: data.matter }, { field: 'data.matter' });
  for (const need of t.needs ?? []) {
    if (need === 'comment') {
      if (actor !== 'hub' && [...body.comment].length < 2) throw new Problem(k.commentNeeded, {}, { field: 'comment' });
    } else if (need === 'matter') {
      if (!data.matter && !e.matter) throw new Problem(k.matterNeeded, {}, { field: 'data.matter' });
      if (t.action === 'file' && e.lon === null && e.town === null)
        throw new Problem(k.placeUnfound, {}, { field: 'place' });
    } else if (need === 'proof') {
      if (e.matter && c.byId.get(e.matter)?.proof === 'picture' && !data.pictures?.length)
        throw new Problem(k.pictureNeeded, {}, { field: 'data.pictures' });
    } else if (data[need as Exclude<Needs, 'comment' | 'matter' | 'proof'>] === undefined)
      throw new Problem(k.dataNeeded, { field: need }, { field: `data.${need}` });
  }
  // What was rejected unclassed and opened again has no limits to begin yet.
  if (t.action === 'dispatch' && !e.matter) throw new Problem(k.matterNeeded, {}, { field: 'data.matter' });
  if (t.action === 'transfer' && data.organisation === e.organisation)
    throw new Problem(k.sameOrganisation, {}, { field: 'data.organisation' });
  if (t.action === 'rate' && e.rating !== null) throw new Problem(k.ratedAlready);
  if (t.action === 'extend' && !data.span && !e.asked?.span)
    throw new Problem(k.dataNeeded, { field: 'span' }, { field: 'data.span' });
  const running = async () =>
    (await clocksOf(trx, e.id)).filter((clock) => clock.state === 'running' && clock.name !== ACCEPT);
  if (t.action === 'milestone' && !(await running()).some((clock) => clock.name === data.limit))
    throw new Problem(k.unknownLimit, { limit: data.limit }, { field: 'data.limit' });
  if (t.action === 'finish') {
    const open = await running();
    // The last limit is met by the feedback itself; earlier ones have steps of their own.
    const last = c.byId.get(e.matter ?? '')?.limits.at(-1)?.id;
    const before = open.filter((clock) => clock.name !== last);
    const names = (language: 'zh' | 'en', mark: string) => before.map((clock) => clock.title[language]).join(mark);
    if (before.length) throw new Problem(k.limitsOpen, { limits: names('zh', '、'), limitsEn: names('en', ', ') });
  }
}

type Sets = Record<string, string | number | boolean | Date | null | string[] | { json: unknown }>;

function effects(e: EventRow, t: Transition, body: StepBody, c: Catalogue, actor: Actor, at: Date): Sets {
  const { data } = body;
  const login = typeof actor === 'object' ? actor.principal.login : null;
  const matter = data.matter ? { matter: data.matter, group: c.byId.get(data.matter)!.group, matter_by: 'person' } : {};
  switch (t.action) {
    case 'file':
    case 'reclassify': {
      const m = c.byId.get(data.matter ?? e.matter!)!;
      return {
        ...matter,
        urgency: data.urgency ?? m.urgency,
        catalogue: c.version,
        ...(t.action === 'file' ? { filed_at: at } : {}),
      };
    }
    case 'dispatch':
      return {
        organisation: data.organisation!,
        joint: data.joint ?? e.joint,
        dispatched_at: at,
        accepted_at: null,
        officer: null,
        asked: null,
      };
    case 'transfer':
      return {
        organisation: data.organisation!,
        transferred: e.transferred + 1,
        dispatched_at: at,
        accepted_at: null,
        officer: null,
        asked: null,
      };
    case 'accept':
      return { accepted_at: at, officer: login };
    case 'return':
      return {
        returned: e.returned + 1,
        organisation: null,
        officer: null,
        asked: null,
        accepted_at: null,
        dispatched_at: null,
      };
    case 'join':
      return { joint: [...new Set([...e.joint, ...data.joint!])].filter((o) => o !== e.organisation) };
    case 'ask':
      return {
        asked: {
          json: {
            kind: data.ask,
            ground: body.comment,
            span: data.span,
            organisation: data.organisation,
            by: login,
            at: at.toISOString(),
          },
        },
      };
    case 'decline':
    case 'extend':
    case 'pause':
      return { asked: null };
    case 'finish':
      return { handled_at: at, asked: null, officer: login ?? e.officer };
    case 'pass':
      return { closed_at: at, supervised: 0 };
    case 'fail':
      return { handled_at: null, reworked: e.reworked + 1 };
    case 'reject':
      return { closed_at: at };
    case 'supervise':
      return { supervised: Math.max(e.supervised, data.level ?? 1) };
    case 'release':
      return { supervised: 0 };
    case 'rate':
      return { rating: data.stars! };
    case 'reopen':
      return {
        ...{
          closed_at: null,
          handled_at: null,
          accepted_at: null,
          dispatched_at: null,
          organisation: null,
          officer: null,
        },
        ...{ filed_at: at, late_at: null, rating: null },
      };
    default:
      return {};
  }
}

async function keep(
  trx: Trx,
  ports: EventPorts,
  e: EventRow,
  t: Transition,
  body: StepBody,
  actor: Actor,
  as: Capacity,
  c: Catalogue,
): Promise<EventRow> {
  const at = ports.clock.now();
  const to: State = t.to === 'same' ? e.state : t.to;
  const principal = typeof actor === 'object' ? actor.principal : null;
  const { pictures, ...said } = body.data;
  const step = await addStep(trx, {
    ...{ event: e.id, action: t.action, from: e.state, to, stage: t.stage, actor: as, login: principal?.login ?? null },
    ...{ organisation: principal?.organisation ?? null, comment: body.comment || null, at },
    detail:
      Object.keys(said).length || pictures?.length ? { ...said, ...(pictures?.length ? { pictures } : {}) } : null,
  });
  if (t.clocks)
    await moveClocks(trx, ports, e, t.clocks, {
      ...{
        organisation: body.data.organisation ?? e.organisation ?? '',
        matter: c.byId.get(e.matter ?? '') ?? c.matters[0]!,
        rules: c.rules,
        at,
      },
      ...{ limit: body.data.limit, ground: body.comment || undefined },
    });
  if (t.action === 'extend') await extendClocks(trx, ports, e.id, spanOf(body.data.span ?? e.asked!.span!)!);
  const own = effects(e, t, body, c, actor, at);
  const sets: RawBuilder<unknown>[] = [
    sql`state = ${to}, version = version + 1, changed = ${step}`,
    sql`due = (SELECT min(due) FROM events.clock WHERE event = ${e.id} AND state = 'running')`,
  ];
  // Lateness of what ran since it was filed stays with it; what is opened again begins anew.
  if (!('late_at' in own))
    sets.push(
      sql`late_at = coalesce(late_at, (SELECT min(late_at) FROM events.clock WHERE event = ${e.id} AND started_at >= filed_at))`,
    );
  for (const [column, value] of Object.entries(own)) {
    const given =
      value !== null && typeof value === 'object' && 'json' in value
        ? sql`${JSON.stringify(value.json)}::jsonb`
        : sql`${value}`;
    sets.push(sql`${sql.ref(column)} = ${given}`);
  }
  const { rows } =
    await sql<EventRow>`UPDATE events.event SET ${sql.join(sets)} WHERE id = ${e.id} RETURNING *`.execute(trx);
  await tellStep(ports, trx, e, rows[0]!, t.action, step);
  if (pictures?.length) await usePictures(trx, e.id, pictures, { step }, principal?.login ?? null);
  await ports.audit.append(
    {
      actor: principal,
      action: `events.${t.action}`,
      object: `event/${e.number}`,
      outcome: 'ok',
      detail: { from: e.state, to, as },
    },
    trx,
  );
  return pictures?.length ? eventOf(trx, e.id) : rows[0]!;
}

/** Ties pictures that were sent before to what they belong to; each once. */
export async function usePictures(
  trx: Trx,
  event: number,
  ids: readonly string[],
  to: { step: number } | { report: number },
  login: string | null,
): Promise<void> {
  for (const id of ids) {
    const { numAffectedRows } = await sql`UPDATE events.picture SET event = ${event},
        step = ${'step' in to ? to.step : null}, report = ${'report' in to ? to.report : null}
      WHERE id = ${id}::uuid AND event IS NULL AND kept AND login IS NOT DISTINCT FROM ${login}`.execute(trx);
    if (Number(numAffectedRows) !== 1) throw new Problem(k.pictureUnknown, {}, { field: 'pictures' });
  }
  await sql`UPDATE events.event SET pictures = pictures + ${ids.length} WHERE id = ${event}`.execute(trx);
}

/** The steps that somebody may take now: what a page offers. */
export function openSteps(
  p: Principal,
  e: EventRow,
): { action: string; title: { zh: string; en: string }; needs: Needs[]; as: Capacity }[] {
  const held = capacitiesOf(p, e);
  const found = new Map<string, { action: string; title: { zh: string; en: string }; needs: Needs[]; as: Capacity }>();
  for (const t of machine) {
    const as = held.find((c) => t.by.includes(c));
    if (!as || !t.from.includes(e.state) || found.has(t.action)) continue;
    if ((t.action === 'extend' || t.action === 'decline') && !e.asked) continue;
    if (t.action === 'reply' && !e.supervised) continue;
    if (t.action === 'release' && !e.supervised) continue;
    if (t.action === 'rate' && e.rating !== null) continue;
    found.set(t.action, { action: t.action, title: t.title, needs: [...(t.needs ?? [])], as });
  }
  return [...found.values()];
}
