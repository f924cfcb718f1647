/** What people say of recognition: two events are one (合并), or a report belongs to another (拆分); and the place of an event. */
import { sql } from 'kysely';
import type { Principal } from '../platform/auth/principal.ts';
import { cityDay } from '../platform/law/index.ts';
import { Problem } from '../platform/problem.ts';
import { nextNumber, onward } from './intake.ts';
import { over, states } from './machine.ts';
import { change, type EventPorts, type Trx } from './ports.ts';
import * as k from './problems.ts';
import { type EventRow, eventOf, keepStep } from './store.ts';

const done = (trx: Trx, ports: EventPorts, p: Principal, action: string, e: EventRow, detail: object) =>
  ports.audit.append(
    {
      actor: p,
      action: `events.${action}`,
      object: `event/${e.number}`,
      outcome: 'ok',
      detail: detail as Record<string, unknown>,
    },
    trx,
  );

/** Joins an event into another: its reports, pictures and remarks go along, its clocks end. */
export async function mergeInto(
  ports: EventPorts,
  id: number,
  into: number,
  comment: string,
  p: Principal,
): Promise<void> {
  const moved = await change(ports, async (trx) => {
    const [e, target] = [await eventOf(trx, id, true), await eventOf(trx, into, true)];
    const refuse = (why: string): never => {
      throw new Problem(k.mergeWrong, { why });
    };
    if (id === into) refuse('同一事件 / the same event');
    if (over.includes(e.state)) refuse('该事件已办结 / this event is over');
    if (target.state === 'merged' || target.state === 'void') refuse('目标事件已作废 / the other event does not stand');
    const at = ports.clock.now();
    const { rows } = await sql<{
      id: number;
    }>`UPDATE events.report SET event = ${into}, joined_by = ${p.login} WHERE event = ${id} RETURNING id`.execute(trx);
    await sql`UPDATE events.picture SET event = ${into} WHERE event = ${id}`.execute(trx);
    await sql`UPDATE events.clock SET state = 'stopped', ended_at = ${at}, ground = '合并' WHERE event = ${id} AND state IN ('running', 'paused')`.execute(
      trx,
    );
    await sql`UPDATE events.event SET state = 'merged', merged_into = ${into}, due = NULL, version = version + 1 WHERE id = ${id}`.execute(
      trx,
    );
    await sql`UPDATE events.event SET reports = reports + ${rows.length}, pictures = pictures + ${e.pictures}, version = version + 1,
        lon = coalesce(lon, ${e.lon}), lat = coalesce(lat, ${e.lat}), address = coalesce(address, ${e.address}) WHERE id = ${into}`.execute(
      trx,
    );
    const by = { actor: 'dispatcher' as const, login: p.login, organisation: p.organisation, comment, at, stage: 1 };
    await keepStep(trx, {
      ...by,
      event: id,
      action: 'merged',
      from: e.state,
      to: 'merged',
      detail: { into, number: target.number },
    });
    await keepStep(trx, {
      ...by,
      event: into,
      action: 'joined',
      from: target.state,
      to: target.state,
      detail: { from: e.number, reports: rows.length },
    });
    await done(trx, ports, p, 'merge', e, { into: target.number });
    return rows.map((r) => r.id);
  });
  for (const report of moved) ports.recent.move(report, into);
}

/** Parts a report from its event: it begins one of its own. Answers that event. */
export async function part(ports: EventPorts, report: number, comment: string, p: Principal): Promise<number> {
  const catalogue = await ports.matters.current();
  const made = await change(ports, async (trx) => {
    const { rows } = await sql<{
      event: number;
      lon: number | null;
      lat: number | null;
      matter: string | null;
      pictures: number;
    }>`
      SELECT event, lon, lat, matter, pictures FROM events.report WHERE id = ${report} FOR UPDATE`.execute(trx);
    const r = rows[0];
    if (!r) throw new Problem(k.unknownReport);
    const e = await eventOf(trx, r.event, true);
    if (e.reports < 2) throw new Problem(k.splitWrong);
    const at = ports.clock.now();
    const areas = r.lon === null ? { town: e.town, grid: null } : await ports.places.areasOf(r.lon, r.lat!);
    const m = catalogue.byId.get(r.matter ?? '');
    const number = await nextNumber(trx, cityDay(at));
    const fresh = await sql<{
      id: number;
    }>`INSERT INTO events.event (number, matter, "group", matter_by, urgency, text, address, lon, lat, place_by, town, grid,
        channel, state, occurred_at, reported_at, catalogue, day, pictures)
      SELECT ${number}, r.matter, ${m?.group ?? null}, 'declared', ${m?.urgency ?? 'normal'}, r.text, r.address, r.lon, r.lat, r.place_by, ${areas.town}, ${areas.grid},
        r.channel, 'registered', r.occurred_at, r.received_at, ${catalogue.version}, (r.received_at AT TIME ZONE 'Asia/Shanghai')::date, r.pictures
      FROM events.report r WHERE r.id = ${report} RETURNING id`.execute(trx);
    const id = fresh.rows[0]!.id;
    await sql`UPDATE events.report SET event = ${id}, joined_by = ${p.login} WHERE id = ${report}`.execute(trx);
    await sql`UPDATE events.picture SET event = ${id} WHERE report = ${report}`.execute(trx);
    await sql`UPDATE events.event SET reports = reports - 1, pictures = pictures - ${r.pictures}, version = version + 1 WHERE id = ${e.id}`.execute(
      trx,
    );
    const by = { actor: 'dispatcher' as const, login: p.login, organisation: p.organisation, comment, at, stage: 1 };
    await keepStep(trx, {
      ...by,
      event: e.id,
      action: 'parted',
      from: e.state,
      to: e.state,
      detail: { report, to: number },
    });
    await keepStep(trx, {
      ...by,
      event: id,
      action: 'report',
      from: 'registered',
      to: 'registered',
      detail: { report, from: e.number },
    });
    await done(trx, ports, p, 'part', e, { report, to: number });
    await onward(trx, ports, id, catalogue);
    return id;
  });
  ports.recent.move(report, made);
  return made;
}

/** Sets the place of an event that had none or a wrong one. */
export async function setPlace(
  ports: EventPorts,
  id: number,
  given: { longitude: number; latitude: number; address?: string | undefined },
  p: Principal,
) {
  const { longitude, latitude } = given;
  if (!ports.places.inside(longitude, latitude))
    throw new Problem(k.placeOutside, { longitude, latitude }, { field: 'longitude' });
  const areas = await ports.places.areasOf(longitude, latitude);
  const catalogue = await ports.matters.current();
  await change(ports, async (trx) => {
    const e = await eventOf(trx, id, true);
    if (over.includes(e.state))
      throw new Problem(k.wrongState, {
        ...{ state: states[e.state].zh, stateEn: states[e.state].en, action: '标定位置', actionEn: 'set the place' },
      });
    await sql`UPDATE events.event SET lon = ${longitude}, lat = ${latitude}, place_by = 'person', address = coalesce(${given.address ?? null}, address),
      town = ${areas.town}, grid = ${areas.grid}, version = version + 1 WHERE id = ${id}`.execute(trx);
    await keepStep(trx, {
      ...{
        event: id,
        action: 'place',
        from: e.state,
        to: e.state,
        stage: 2,
        actor: 'dispatcher',
        login: p.login,
        organisation: p.organisation,
      },
      ...{ at: ports.clock.now(), detail: { longitude, latitude, before: e.lon === null ? null : [e.lon, e.lat] } },
    });
    await done(trx, ports, p, 'place', e, { longitude, latitude });
    await onward(trx, ports, id, catalogue);
  });
}
