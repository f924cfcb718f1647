/**
 * Alerts above the declared level become events, each once, by the same door as every other report. The bus may miss one: what is open is
 * asked for again from time to time, and a report of the same alert is the same report.
 */
import { sql } from 'kysely';
import { type AlertBrief, openAlerts } from '../alerts/index.ts';
import { Problem } from '../platform/problem.ts';
import { receive } from './intake.ts';
import { over } from './machine.ts';
import { change, type EventPorts } from './ports.ts';
import { eventOf, keepStep } from './store.ts';

const levels = ['blue', 'yellow', 'orange', 'red'] as const;
const levelNames = ['', '蓝色', '黄色', '橙色', '红色'] as const;

/** Takes an alert over where the catalogue says so. */
export async function takeAlert(ports: EventPorts, a: AlertBrief): Promise<void> {
  const { rules } = await ports.matters.current();
  const least = levels.indexOf(rules.alerts.level) + 1;
  const matter = a.type ? rules.alerts.matters[a.type] : undefined;
  if (!matter || a.silenced !== null || a.inhibited !== null) return;
  const key = `alert-${a.id}`;
  if (a.state === 'closed') return remark(ports, key, a);
  if (a.level < least) return;
  const place = a.lon !== null && a.lat !== null && ports.places.inside(a.lon, a.lat);
  const address = a.label?.zh ?? a.entity ?? undefined;
  if (!place && !address) return;
  const value = a.measure ?? a.value;
  const text = [
    a.exercise ? '【演练】' : '',
    `${levelNames[a.level]}预警：${a.title.zh}`,
    address ? `，${address}` : '',
    value === null ? '' : `，实测 ${Math.round(value * 100) / 100}${a.unit ? ` ${a.unit}` : ''}`,
  ].join('');
  try {
    await receive(
      ports,
      {
        ...{ key, matter, text, at: a.openedAt, pictures: [] },
        ...(place ? { longitude: a.lon!, latitude: a.lat! } : {}),
        ...(address ? { address: address.slice(0, 300) } : {}),
      },
      { channel: 'alert' },
    );
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    ports.log.warn({ err: error, alert: a.id }, 'an alert could not become an event');
  }
}

/** The end of an alert stands in its event's timeline; the event is closed by people. */
async function remark(ports: EventPorts, key: string, a: AlertBrief): Promise<void> {
  const { rows } = await sql<{
    event: number;
  }>`SELECT event FROM events.report WHERE channel = 'alert' AND key = ${key}`.execute(ports.db.kysely);
  if (!rows[0]) return;
  await change(ports, async (trx) => {
    const e = await eventOf(trx, rows[0]!.event, true);
    const told =
      await sql`SELECT 1 FROM events.step WHERE event = ${e.id} AND action = 'alert' AND detail->>'alert' = ${String(a.id)}`.execute(
        trx,
      );
    if (over.includes(e.state) || told.rows.length) return;
    await keepStep(trx, {
      ...{ event: e.id, action: 'alert', from: e.state, to: e.state, stage: 4, actor: 'system', at: ports.clock.now() },
      comment: `预警已解除：${a.title.zh}`,
      detail: { alert: a.id, closedAt: a.closedAt },
    });
  });
}

/** Takes over everything that is open. */
export async function catchUp(ports: EventPorts): Promise<void> {
  for (const a of await openAlerts(ports.db)) await takeAlert(ports, a);
}
