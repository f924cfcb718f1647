/** Messages of others (CAP) taken in: kept as they came, made alerts of where they warn of something actual, ended by later messages or time. */
import { type Kysely, sql } from 'kysely';
import type { Principal } from '../../platform/auth/principal.ts';
import type { AnyTables } from '../../platform/db/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { ChangeKind } from '../live/alert.ts';
import { alertOver, tellAlerts } from '../notices.ts';
import type { AlertPorts } from '../ports.ts';
import * as k from '../problems.ts';
import { circleRing } from './geometry.ts';
import type { CapAlert, Ring } from './model.ts';
import { EVENT, levelOfCap } from './profile.ts';
import { type ReadCap, readCap } from './read.ts';
import { textOf } from './tree.ts';

/** What became of a message. */
export interface TakenIn {
  id: number;
  /** The alert that it opened, changed or ended; null for exercises that nobody is warned of, tests, acknowledgements. */
  alert: number | null;
  notes: string[];
}

/** Takes a message in, or refuses it with code and place; what was refused is kept as well, without its text. */
export async function takeIn(ports: AlertPorts, who: Principal, bytes: Uint8Array): Promise<TakenIn> {
  let read: ReadCap;
  try {
    read = readCap(bytes);
  } catch (error) {
    if (error instanceof Problem) await keepRefusal(ports, who, bytes.length, error);
    throw error;
  }
  const { alert } = read;
  const changes: { id: number; kind: ChangeKind }[] = [];
  const taken = await ports.exclusive(async () => {
    const made = await ports.db.tx(async (trx) => {
      const known =
        await sql`SELECT 1 FROM alerts.incoming WHERE sender = ${alert.sender} AND identifier = ${alert.identifier}
        AND sent_text = ${alert.sent}`.execute(trx);
      if (known.rows.length) throw new Problem(k.capKnown);
      const id = await keep(trx, ports, who, read, textOf(bytes));
      const opened = await settle(trx, ports, id, alert, changes);
      if (opened !== null) await sql`UPDATE alerts.incoming SET alert = ${opened} WHERE id = ${id}`.execute(trx);
      await ports.audit.append(
        {
          ...{ actor: who, action: 'alerts.cap-in', object: `cap/${alert.identifier}`, outcome: 'ok' },
          detail: { sender: alert.sender, type: alert.msgType, status: alert.status, bytes: bytes.length },
        },
        trx,
      );
      return { id, alert: opened, notes: read.notes };
    });
    for (const c of changes) await ports.changed(c.id, c.kind);
    return made;
  });
  return taken;
}

async function keepRefusal(ports: AlertPorts, who: Principal, bytes: number, problem: Problem): Promise<void> {
  await sql`INSERT INTO alerts.refused (at, by_name, bytes, problem)
    VALUES (${ports.clock.now()}, ${who.name}, ${bytes}, ${JSON.stringify(problem.toJSON())}::jsonb)`.execute(
    ports.db.kysely,
  );
  await sql`DELETE FROM alerts.refused WHERE id <= (SELECT max(id) - 1000 FROM alerts.refused)`.execute(
    ports.db.kysely,
  );
}

const latest = (alert: CapAlert): Date | null => {
  const times = alert.infos.flatMap((i) => (i.expires ? [Date.parse(i.expires)] : []));
  return times.length ? new Date(Math.max(...times)) : null;
};
const headlineOf = (alert: CapAlert): string => {
  const info = alert.infos.find((i) => i.language.startsWith('zh')) ?? alert.infos[0];
  return (info?.headline ?? info?.event ?? alert.note ?? alert.identifier).slice(0, 400);
};

async function keep(
  trx: Kysely<AnyTables>,
  ports: AlertPorts,
  who: Principal,
  read: ReadCap,
  xml: string,
): Promise<number> {
  const { alert } = read;
  const { rows } = await sql<{
    id: number;
  }>`INSERT INTO alerts.incoming (sender, identifier, sent, sent_text, status, msg_type, level,
      headline, doc, xml, signed, warnings, expires, received_at, received_by)
    VALUES (${alert.sender}, ${alert.identifier}, ${new Date(alert.sent)}, ${alert.sent}, ${alert.status}, ${alert.msgType},
      ${levelOfCap(alert)}, ${headlineOf(alert)}, ${JSON.stringify(alert)}::jsonb, ${xml}, ${read.signed},
      ${JSON.stringify(read.notes)}::jsonb, ${latest(alert)}, ${ports.clock.now()}, ${who.name}) RETURNING id`.execute(
    trx,
  );
  return rows[0]!.id;
}

/** Opens, changes or ends the alert of a message's chain; answers it. */
async function settle(
  trx: Kysely<AnyTables>,
  ports: AlertPorts,
  id: number,
  alert: CapAlert,
  changes: { id: number; kind: ChangeKind }[],
): Promise<number | null> {
  if (!['Alert', 'Update', 'Cancel'].includes(alert.msgType) || !['Actual', 'Exercise'].includes(alert.status))
    return null;
  const at = ports.clock.now();
  let before: number | null = null;
  for (const ref of alert.references) {
    // The sent time is compared as an instant: others write it with another offset.
    const { rows } = await sql<{ id: number; alert: number | null }>`UPDATE alerts.incoming SET replaced_by = ${id}
      WHERE sender = ${ref.sender} AND identifier = ${ref.identifier} AND sent = ${new Date(ref.sent)} AND replaced_by IS NULL
      RETURNING id, alert`.execute(trx);
    before = rows[0]?.alert ?? before;
  }
  const expires = latest(alert);
  if (alert.msgType === 'Cancel' || (expires && expires <= at)) {
    if (before !== null && (await close(ports, trx, before, at, alert.msgType === 'Cancel' ? 'cancelled' : 'expired')))
      changes.push({ id: before, kind: 'closed' });
    return before;
  }
  const level = levelOfCap(alert);
  const info = alert.infos.find((i) => i.language.startsWith('zh')) ?? alert.infos[0];
  const other = alert.infos.find((i) => i.language.startsWith('en')) ?? info;
  const title = { zh: headlineOf(alert), en: other?.headline ?? other?.event ?? headlineOf(alert) };
  const rings: Ring[] = (info?.areas ?? []).flatMap((a) => [...a.polygons, ...a.circles.map(circleRing)]);
  const area = rings.length ? { type: 'MultiPolygon', coordinates: rings.map((r) => [r]) } : null;
  const [lon, lat] = rings[0] ? middle(rings[0]) : [null, null];
  const event = info?.eventCodes.find((c) => c.name === EVENT || /eventType/i.test(c.name))?.value ?? null;
  const label = info?.areas[0]?.areaDesc ? { zh: info.areas[0].areaDesc, en: info.areas[0].areaDesc } : null;
  const exercise = alert.status === 'Exercise';
  const told = { level, title, label, exercise, owner: null, silenced: null, inhibited: null };
  if (before !== null) {
    const { rows } = await sql<{ was: number }>`WITH old AS (SELECT level AS was FROM alerts.alert WHERE id = ${before})
      UPDATE alerts.alert SET level = ${level}, peak = greatest(peak, ${level}), title = ${JSON.stringify(title)}::jsonb,
        area = ${area ? JSON.stringify(area) : null}::jsonb, lon = ${lon}, lat = ${lat}, label = ${label ? JSON.stringify(label) : null}::jsonb,
        changed_at = ${at}, revision = revision + 1,
        acknowledged_at = CASE WHEN ${level} > level THEN NULL ELSE acknowledged_at END,
        acknowledged_name = CASE WHEN ${level} > level THEN NULL ELSE acknowledged_name END
      FROM old WHERE id = ${before} AND closed_at IS NULL RETURNING was`.execute(trx);
    if (rows[0]) {
      const kind = level > rows[0].was ? 'raised' : level < rows[0].was ? 'lowered' : 'data';
      await step(trx, before, at, kind, level, { message: id }, `cap:${id}`);
      await tellAlerts(ports.notices, trx, [{ kind, alert: { id: before, ...told } }]);
      changes.push({ id: before, kind });
      return before;
    }
  }
  const { rows } = await sql<{
    id: number;
  }>`INSERT INTO alerts.alert (source, rule, version, group_key, title, category, event, level, peak,
      state, opened_at, changed_at, label, lon, lat, area, members, members_peak, exercise, told_at)
    VALUES ('cap', ${alert.sender}, 0, ${`${alert.identifier}`}, ${JSON.stringify(title)}::jsonb, ${info?.categories[0] ?? 'Other'}, ${event},
      ${level}, ${level}, 'firing', ${at}, ${at}, ${label ? JSON.stringify(label) : null}::jsonb, ${lon}, ${lat},
      ${area ? JSON.stringify(area) : null}::jsonb, 1, 1, ${exercise}, ${at}) RETURNING id`.execute(trx);
  const opened = rows[0]!.id;
  await step(trx, opened, at, 'opened', level, { message: id }, 'opened');
  await tellAlerts(ports.notices, trx, [{ kind: 'opened', alert: { id: opened, ...told } }]);
  changes.push({ id: opened, kind: 'opened' });
  return opened;
}

const middle = (ring: Ring): [number, number] => {
  const n = ring.length - 1;
  return [ring.slice(0, n).reduce((s, p) => s + p[0], 0) / n, ring.slice(0, n).reduce((s, p) => s + p[1], 0) / n];
};

async function step(
  trx: Kysely<AnyTables>,
  alert: number,
  at: Date,
  kind: string,
  level: number,
  detail: object,
  once: string,
): Promise<void> {
  await sql`INSERT INTO alerts.step (alert, at, kind, level, detail, once) VALUES (${alert}, ${at}, ${kind}, ${level},
    ${JSON.stringify(detail)}::jsonb, ${`${alert}:${once}`}) ON CONFLICT (once) DO NOTHING`.execute(trx);
}

async function close(
  ports: Pick<AlertPorts, 'notices'>,
  trx: Kysely<AnyTables>,
  id: number,
  at: Date,
  because: string,
): Promise<boolean> {
  const { rows } = await sql<{
    level: number;
  }>`UPDATE alerts.alert SET state = 'closed', closed_at = ${at}, changed_at = ${at},
    closed_because = ${because}, revision = revision + 1 WHERE id = ${id} AND closed_at IS NULL RETURNING level`.execute(
    trx,
  );
  if (rows[0]) {
    await step(trx, id, at, 'closed', rows[0].level, { because }, 'closed');
    await alertOver(ports.notices, trx, id);
  }
  return rows.length > 0;
}

/** Ends alerts of messages that have expired. */
export async function expire(ports: AlertPorts): Promise<void> {
  const at = ports.clock.now();
  const due = () =>
    sql<{ alert: number }>`SELECT DISTINCT i.alert FROM alerts.incoming i JOIN alerts.alert a ON a.id = i.alert
    WHERE a.closed_at IS NULL AND i.replaced_by IS NULL AND i.expires <= ${at}`.execute(ports.db.kysely);
  if (!(await due()).rows.length) return;
  await ports.exclusive(async () => {
    for (const { alert } of (await due()).rows)
      if (await ports.db.tx((trx) => close(ports, trx, alert, at, 'expired'))) await ports.changed(alert, 'closed');
  });
}
