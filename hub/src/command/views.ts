/** What the pages see: rows of the store as the routes answer them. */
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Principal } from '../platform/auth/principal.ts';
import type * as api from './api.ts';
import { levelNumber } from './declaration.ts';
import { handovers, holesOf, type OnDuty, onDuty, ownShift, posts, shiftsBetween, shiftsOf } from './duty.ts';
import { type GapRow, gapsOf } from './gaps.ts';
import { entriesAfter, type OperationRow, operationOf, wholeLog } from './log.ts';
import { inboxOf } from './messages.ts';
import { operations } from './operations.ts';
import { meetingsOf, ordersFor, ordersOf } from './orders.ts';
import { type PlanRow, planOf, plansInForce, versionsOf } from './plans.ts';
import { type CommandDeps, nameOf } from './ports.ts';
import { openProposals } from './proposals.ts';
import { figuresOf, momentAt } from './pure/index.ts';
import { movementsOf, type ResourceRow, resourceOf, resources, stateOf } from './resources.ts';
import { lessonsOf } from './review.ts';
import { shapesOf } from './shapes.ts';
import { type TaskRow, tasksFor, tasksOf } from './tasks.ts';

const at = (d: Date): string => d.toISOString();
const orNull = (d: Date | null): string | null => d?.toISOString() ?? null;
const org = (deps: CommandDeps, id: string) => ({ id, name: nameOf(deps, id) });
const orgOrNull = (deps: CommandDeps, id: string | null) => (id === null ? null : org(deps, id));

export const headOf = (o: OperationRow) => ({
  ...{
    id: o.id,
    plan: o.plan,
    planVersion: o.plan_version,
    title: o.title,
    exercise: o.exercise,
    level: o.level,
    state: o.state,
  },
  ...{ lon: o.lon, lat: o.lat, place: o.place, grounds: o.grounds, commander: o.commander, startedBy: o.started_by },
  ...{
    startedAt: at(o.started_at),
    endedAt: orNull(o.ended_at),
    endGrounds: o.end_grounds,
    closedAt: orNull(o.closed_at),
    seal: o.seal,
    seq: o.seq,
  },
});

export const taskView = (deps: CommandDeps, t: TaskRow): z.input<typeof api.task> => ({
  ...{
    id: t.id,
    operation: t.operation,
    step: t.step,
    role: t.role,
    level: t.level,
    round: t.round,
    organisation: org(deps, t.organisation),
  },
  ...{
    title: t.title,
    text: t.text,
    state: t.state,
    progress: t.progress,
    note: t.note,
    sentAt: orNull(t.sent_at),
    ackDue: orNull(t.ack_due),
  },
  ...{
    due: orNull(t.due),
    acknowledgedAt: orNull(t.acknowledged_at),
    endedAt: orNull(t.ended_at),
    answeredBy: t.answered_by,
    duty: t.duty,
  },
  ...{ late: t.told_late, unacknowledged: t.told_ack && t.acknowledged_at === null, version: t.version },
});

const dutyView = (deps: CommandDeps, d: OnDuty) => ({
  ...{ post: d.post, title: d.title, organisation: orgOrNull(deps, d.organisation), shift: d.shift, person: d.person },
  ...{ deputy: d.deputy, reported: d.reported, until: at(d.until) },
});

export const resourceView = (deps: CommandDeps, r: ResourceRow): z.input<typeof api.resource> => ({
  ...{
    id: r.id,
    urn: `urn:ngsi-ld:EmergencyResource:${r.id}`,
    kind: r.kind,
    type: r.type,
    name: r.name,
    organisation: org(deps, r.organisation),
  },
  ...{
    lon: r.lon,
    lat: r.lat,
    address: r.address,
    state: r.state,
    capacity: r.capacity,
    quantity: r.quantity,
    lent: r.lent,
    unit: r.unit,
  },
  ...{ least: r.least, operation: r.operation, version: r.version, changedAt: at(r.changed_at) },
});

async function planHead(deps: CommandDeps, r: PlanRow, duty: readonly OnDuty[], running: readonly OperationRow[]) {
  const d = r.declaration;
  const needed = [...new Set(d.roles.map((x) => x.organisation))];
  const o = running.find((x) => x.plan === r.plan);
  return {
    ...{
      id: r.plan,
      title: d.title,
      category: d.category,
      note: d.note,
      lead: org(deps, d.lead),
      version: r.version,
      origin: r.origin,
    },
    ...{ madeAt: at(r.made_at), seal: r.seal, levels: d.levels, steps: d.steps.length, roles: d.roles.length },
    unmanned: needed.filter((id) => !duty.some((x) => x.organisation === id)).map((id) => org(deps, id)),
    running: o ? { id: o.id, level: o.level, exercise: o.exercise } : null,
  };
}

const runningOnes = async (deps: CommandDeps) =>
  (await operations(deps.db.kysely, { state: 'running', limit: 100, offset: 0 })).items;

export async function plansView(deps: CommandDeps): Promise<z.input<typeof api.plansAnswer>> {
  const duty = await onDuty(deps.db.kysely, deps.clock.now());
  const running = await runningOnes(deps);
  const items = await Promise.all((await plansInForce(deps.db.kysely)).map((r) => planHead(deps, r, duty, running)));
  const faults = deps.faults.map((p) => {
    const { code, title } = p.toJSON();
    return { code, title, file: p.place?.file ?? null, line: p.place?.line ?? null };
  });
  return { items, faults };
}

export async function planView(
  deps: CommandDeps,
  id: string,
  version?: number,
): Promise<z.input<typeof api.planAnswer>> {
  const r = await planOf(deps.db.kysely, id, version);
  const d = r.declaration;
  const duty = await onDuty(deps.db.kysely, deps.clock.now());
  const { rows: ready } = await sql<{ kind: string; type: string; n: number }>`SELECT kind, type,
    CASE WHEN kind = 'material' THEN sum(quantity)::float8 ELSE count(*) FILTER (WHERE state = 'ready' OR (kind = 'shelter' AND state IN ('closed', 'working'))) END AS n
    FROM command.resource GROUP BY kind, type`.execute(deps.db.kysely);
  return {
    ...{
      head: await planHead(deps, r, duty, await runningOnes(deps)),
      text: r.text,
      inForce: r.in_force,
      hash: r.hash,
      basis: d.basis,
      end: d.end,
      triggers: d.triggers,
    },
    roles: d.roles.map((x) => ({
      ...{
        id: x.id,
        title: x.title,
        organisation: org(deps, x.organisation),
        alternates: x.alternates.map((a) => org(deps, a)),
      },
      duty: duty
        .filter((y) => y.organisation === x.organisation)
        .map((y) => ({ person: y.person, post: y.title, reported: y.reported, until: at(y.until) })),
    })),
    steps: d.steps.map((s) => ({
      ...{
        id: s.id,
        level: s.level,
        title: s.title,
        text: s.text,
        roles: s.roles,
        after: s.after,
        acknowledge: s.acknowledge,
        limit: s.limit,
        message: s.message ?? null,
      },
      resources: s.resources.map((n) => ({
        ...n,
        ready: Number(ready.find((x) => x.kind === n.kind && x.type === n.type)?.n ?? 0),
      })),
    })),
    versions: (await versionsOf(deps.db.kysely, id)).map((v) => ({
      ...{
        version: v.version,
        origin: v.origin,
        reason: v.reason,
        madeBy: v.made_by,
        madeAt: at(v.made_at),
        seal: v.seal,
        inForce: v.in_force,
        hash: v.hash,
      },
    })),
  };
}

const gapView = (deps: CommandDeps, g: GapRow, titles: ReadonlyMap<string, { zh: string; en: string }>) => ({
  ...{
    id: g.id,
    organisation: org(deps, g.organisation),
    foundAt: at(g.found_at),
    endedAt: orNull(g.ended_at),
    endedBy: g.ended_by,
    note: g.note,
  },
  told: g.told.map((t) => ({
    ...t,
    name: t.kind === 'post' ? (titles.get(t.id) ?? { zh: t.id, en: t.id }) : nameOf(deps, t.id),
  })),
});

export async function operationView(
  deps: CommandDeps,
  id: number,
  who: Principal,
): Promise<z.input<typeof api.operationAnswer>> {
  const db = deps.db.kysely;
  const o = await operationOf(db, id);
  const plan = (await planOf(db, o.plan, o.plan_version)).declaration;
  const titles = new Map((await posts(db)).map((p) => [p.id, p.title]));
  const tasks = await tasksOf(db, id);
  const parts = new Set([...tasks.map((t) => t.organisation)]);
  const duty = (await onDuty(db, deps.clock.now())).filter((d) => d.organisation === null || parts.has(d.organisation));
  return {
    ...{
      head: headOf(o),
      planTitle: plan.title,
      end: plan.end,
      levels: [...plan.levels.map((l) => l.level)].sort((a, b) => levelNumber[b] - levelNumber[a]),
    },
    tasks: tasks.map((t) => taskView(deps, t)),
    gaps: (await gapsOf(db, id)).map((g) => gapView(deps, g, titles)),
    orders: (await ordersOf(db, id)).map((x) => ({
      ...{ id: x.id, kind: x.kind, text: x.text, givenBy: x.given_by, givenAt: at(x.given_at) },
      receipts: x.receipts.map((r) => ({
        organisation: org(deps, r.organisation),
        receivedBy: r.received_by,
        receivedAt: r.received_at,
        note: r.note,
      })),
    })),
    meetings: (await meetingsOf(db, id)).map((m) => ({
      id: m.id,
      title: m.title,
      url: m.url,
      startsAt: at(m.starts_at),
      madeBy: m.made_by,
    })),
    shapes: (await shapesOf(db, id)).map((s) => ({
      id: s.id,
      version: s.version,
      geometry: s.geometry,
      properties: s.properties,
      by: s.drawn_by,
      at: at(s.drawn_at),
    })),
    resources: (await resources(db, { operation: id, limit: 500, offset: 0 })).items.map((r) => resourceView(deps, r)),
    duty: duty.map((d) => dutyView(deps, d)),
    log: (await entriesAfter(db, id, Math.max(0, o.seq - 200), 200)).reverse(),
    seats: deps.seats.at(id).map(({ seat, name, organisation }) => ({ seat, name, organisation })),
    mayAct: who.permissions.has('command.act'),
  };
}

export async function boardView(deps: CommandDeps): Promise<z.input<typeof api.boardAnswer>> {
  const db = deps.db.kysely;
  const now = deps.clock.now();
  const duty = await onDuty(db, now);
  const plans = new Map((await plansInForce(db)).map((p) => [p.plan, p.declaration.title]));
  const all = (await posts(db)).filter((p) => p.active);
  return {
    running: (await runningOnes(deps)).map((o) => ({ ...headOf(o), tasks: o.tasks, open: o.open, late: o.late })),
    proposals: (await openProposals(db)).map((p) => ({
      ...{
        id: p.id,
        plan: p.plan,
        planTitle: plans.get(p.plan) ?? { zh: p.plan, en: p.plan },
        level: p.level,
        alert: p.alert,
      },
      ...{ title: p.title, reason: p.reason, lon: p.lon, lat: p.lat, madeAt: at(p.made_at) },
    })),
    duty: duty.map((d) => dutyView(deps, d)),
    empty: all
      .filter((p) => !duty.some((d) => d.post === p.id))
      .map((p) => ({ post: p.id, title: p.title, organisation: orgOrNull(deps, p.organisation) })),
    resources: await stateOf(db),
    at: at(now),
  };
}

async function ownShifts(deps: CommandDeps, who: Principal): Promise<z.input<typeof api.mineAnswer>['shifts']> {
  const now = deps.clock.now();
  return (await shiftsOf(deps.db.kysely, who, now)).map((s) => ({
    ...{ id: s.id, title: s.title, startsAt: at(s.starts_at), endsAt: at(s.ends_at), person: s.person },
    ...{ deputy: s.deputy, state: s.state, now: s.starts_at <= now, own: ownShift(who, s, s.organisation) },
  }));
}

export async function mineView(deps: CommandDeps, who: Principal): Promise<z.input<typeof api.mineAnswer>> {
  const { unread } = await inboxOf(deps, who, undefined, 1);
  if (who.organisation === null)
    return { organisation: null, tasks: [], orders: [], shifts: await ownShifts(deps, who), unread };
  return {
    organisation: org(deps, who.organisation),
    tasks: (await tasksFor(deps, who.organisation, 100)).map((t) => ({
      ...taskView(deps, t),
      ...{ operationTitle: t.operation_title, exercise: t.exercise, running: t.operation_state === 'running' },
    })),
    orders: (await ordersFor(deps.db.kysely, who.organisation)).map((x) => ({
      ...{
        id: x.id,
        operation: x.operation,
        operationTitle: x.title,
        exercise: x.exercise,
        text: x.text,
        givenBy: x.given_by,
      },
      ...{ givenAt: at(x.given_at), receivedAt: orNull(x.received_at) },
    })),
    shifts: await ownShifts(deps, who),
    unread,
  };
}

export async function inboxView(
  deps: CommandDeps,
  who: Principal,
  before: number | undefined,
  limit: number,
): Promise<z.input<typeof api.inboxAnswer>> {
  const { items, unread } = await inboxOf(deps, who, before, limit);
  return {
    unread,
    items: items.map((m) => ({
      ...{
        id: m.id,
        operation: m.operation,
        exercise: m.exercise,
        kind: m.kind,
        title: m.title,
        text: m.text,
        task: m.task,
      },
      ...{
        organisation: m.organisation,
        post: m.post,
        arrivedAt: at(m.arrived_at),
        readBy: m.read_by,
        readAt: orNull(m.read_at),
      },
    })),
  };
}

export async function rosterView(deps: CommandDeps, from: Date, to: Date): Promise<z.input<typeof api.rosterAnswer>> {
  const db = deps.db.kysely;
  const shifts = await shiftsBetween(db, from, to);
  const tokens = shifts.flatMap((s) => (s.phone ? [s.phone] : []));
  const masks = tokens.length ? await deps.vault.masks(tokens) : new Map<string, string>();
  const now = deps.clock.now();
  return {
    posts: (await posts(db)).map((p) => ({
      ...{
        id: p.id,
        title: p.title,
        organisation: orgOrNull(deps, p.organisation),
        escalateTo: p.escalate_to,
        active: p.active,
      },
      // What is past cannot be filled any more.
      holes:
        to > now
          ? holesOf(
              shifts.filter((s) => s.post === p.id),
              from > now ? from : now,
              to,
            ).map((h) => ({ from: at(h.from), to: at(h.to) }))
          : [],
    })),
    shifts: shifts.map((s) => ({
      ...{
        id: s.id,
        post: s.post,
        startsAt: at(s.starts_at),
        endsAt: at(s.ends_at),
        person: s.person,
        deputy: s.deputy,
        state: s.state,
      },
      phone: s.phone ? (masks.get(s.phone) ?? '***') : null,
      deputyPhone: s.deputy_phone !== null,
    })),
    now: (await onDuty(db, now)).map((d) => dutyView(deps, d)),
    handovers: (await handovers(db, 20)).map((h) => ({
      ...{
        id: h.id,
        post: h.post,
        fromShift: h.from_shift,
        toShift: h.to_shift,
        note: h.note,
        open: h.open_matters,
        givenBy: h.given_by,
      },
      ...{ givenAt: at(h.given_at), takenBy: h.taken_by, takenAt: orNull(h.taken_at) },
    })),
    at: at(now),
  };
}

export async function resourceDetail(deps: CommandDeps, id: string): Promise<z.input<typeof api.resourceAnswer>> {
  return {
    ...resourceView(deps, await resourceOf(deps.db.kysely, id)),
    movements: (await movementsOf(deps.db.kysely, id)).map((m) => ({
      ...{
        id: m.id,
        kind: m.kind,
        quantity: m.quantity,
        stockAfter: m.stock_after,
        lentAfter: m.lent_after,
        stateAfter: m.state_after,
      },
      ...{ operation: m.operation, note: m.note, madeBy: m.made_by, madeAt: at(m.made_at) },
    })),
  };
}

export async function reviewView(deps: CommandDeps, id: number): Promise<z.input<typeof api.reviewAnswer>> {
  const db = deps.db.kysely;
  const o = await operationOf(db, id);
  const entries = await wholeLog(db, id);
  const now = at(deps.clock.now());
  const end = o.ended_at ? at(o.ended_at) : now;
  const tasks = [...momentAt(entries).tasks.values()].filter((t) => t.sentAt);
  const organisations = [...new Set(tasks.map((t) => t.organisation))].map((one) => {
    const own = tasks.filter((t) => t.organisation === one);
    const times = own
      .filter((t) => t.acknowledgedAt)
      .map((t) => (Date.parse(t.acknowledgedAt!) - Date.parse(t.sentAt!)) / 60_000);
    return {
      ...{ organisation: org(deps, one), tasks: own.length, done: own.filter((t) => t.state === 'done').length },
      late: own.filter((t) => t.due && Date.parse(t.endedAt ?? end) > Date.parse(t.due)).length,
      acknowledge: times.length ? Math.round((times.reduce((a, b) => a + b, 0) / times.length) * 10) / 10 : null,
    };
  });
  return {
    ...{
      head: headOf(o),
      planTitle: (await planOf(db, o.plan, o.plan_version)).declaration.title,
      figures: figuresOf(entries, now),
      organisations,
    },
    lessons: (await lessonsOf(db, id)).map((l) => ({
      ...{
        id: l.id,
        text: l.text,
        organisation: orgOrNull(deps, l.organisation),
        due: l.due,
        state: l.state,
        madeBy: l.made_by,
        madeAt: at(l.made_at),
        doneBy: l.done_by,
      },
    })),
  };
}
