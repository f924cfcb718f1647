/**
 * From matters to inboxes: whoever is meant gets one notice, whoever wants it elsewhere a delivery for each channel. All of a matter
 * in one transaction, so that a stop in between leaves it dispatched or waiting, never half.
 */

import type { WorkingCalendar } from '@jingwei/codes';
import { sql } from 'kysely';
import type { Clock } from '../clock.ts';
import type { Db } from '../db/index.ts';
import { cityDay, dueAt, type OfficeHours, spanOf } from '../law/index.ts';
import type { Channel } from './channels/channel.ts';
import { MAIL } from './channels/mail.ts';
import type { Outbox } from './outbox.ts';
import { settleNotices } from './outbox.ts';
import { People, type Person } from './people.ts';
import type { EscalationStep, Link, Recipient, Trx, Urgency } from './port.ts';
import { mailMode, messagesOf } from './settings.ts';
import { afterQuiet, nextDigest } from './times.ts';

/** What dispatching stands on. */
export interface DispatchPorts {
  db: Db;
  clock: Clock;
  outbox: Outbox;
  demo: boolean;
  /** Channels that are open, by name. */
  channels(): ReadonlyMap<string, Channel>;
  calendar(): WorkingCalendar;
  hours(): OfficeHours;
  /** People whose inbox changed, after the commit. */
  changed(accounts: ReadonlySet<string>): void;
}

/** Matters of one transaction. */
const BATCH = 50;
/** Nobody was found: again after so long. */
const AGAIN = 3_600_000;

interface MatterRow {
  id: number;
  kind: string;
  urgency: Urgency;
  recipients: Recipient[];
  title: object;
  text: object;
  links: Link[];
  escalation: EscalationStep[];
  expires_at: Date | null;
  revision: number;
  level: number;
  level_from: Date | null;
}

/** Looks once through everything that is due; answers how many matters were handled. */
export async function dispatch(ports: DispatchPorts): Promise<number> {
  let all = 0;
  for (;;) {
    const n = await batch(ports, 'waiting');
    all += n;
    if (n < BATCH) break;
  }
  for (;;) {
    const n = await batch(ports, 'escalates');
    all += n;
    if (n < BATCH) return all;
  }
}

async function batch(ports: DispatchPorts, what: 'waiting' | 'escalates'): Promise<number> {
  const now = ports.clock.now();
  const due =
    what === 'waiting'
      ? sql`(dispatched < revision OR again_at <= ${now})`
      : sql`level_from IS NOT NULL AND (level_due <= ${now} OR (level_due IS NULL AND coalesce(level_ask, ${now}) <= ${now}))`;
  // An idle hub asks without opening a transaction.
  const there = await sql`SELECT 1 FROM notices.matter WHERE settled_at IS NULL AND ${due} LIMIT 1`.execute(
    ports.db.kysely,
  );
  if (!there.rows.length) return 0;
  const touched = new Set<string>();
  const n = await ports.db.tx(async (trx) => {
    const { rows } =
      await sql<MatterRow>`SELECT id, kind, urgency, recipients, title, text, links, escalation, expires_at,
        revision, level, level_from FROM notices.matter WHERE settled_at IS NULL AND ${due}
      ORDER BY id LIMIT ${BATCH} FOR UPDATE SKIP LOCKED`.execute(trx);
    if (!rows.length) return 0;
    const day = cityDay(now);
    const people = await People.read(trx, { demo: ports.demo, day, deputies: await ports.outbox.deputiesOn(trx, day) });
    for (const m of rows)
      await (what === 'waiting'
        ? first(ports, trx, m, people, now, touched)
        : escalate(ports, trx, m, people, now, touched));
    return rows.length;
  });
  if (touched.size) ports.changed(touched);
  return n;
}

/** A matter that was told, or told anew. */
async function first(ports: DispatchPorts, trx: Trx, m: MatterRow, people: People, now: Date, touched: Set<string>) {
  if (m.expires_at && m.expires_at <= now) {
    await sql`UPDATE notices.matter SET settled_at = ${now}, dispatched = revision, level_due = NULL WHERE id = ${m.id}`.execute(
      trx,
    );
    return settleNotices(trx, [m.id], now);
  }
  await give(ports, trx, m, people, m.recipients, 0, now, touched);
  const { rows } = await sql<{ n: number }>`SELECT count(*) AS n FROM notices.notice WHERE matter = ${m.id}`.execute(
    trx,
  );
  // Nobody holds the role: whoever comes next in the chain hears at once, and the matter is looked at again.
  const nobody = rows[0]!.n === 0;
  const starting = m.level_from === null && m.escalation.length > 0;
  const end = starting ? (nobody ? now : endOf(ports, m.escalation[0]!, now)) : null;
  await sql`UPDATE notices.matter SET dispatched = revision, again_at = ${nobody ? new Date(now.getTime() + AGAIN) : null},
      level_from = CASE WHEN ${starting} THEN ${now}::timestamptz ELSE level_from END,
      level_due = CASE WHEN ${starting} THEN ${end}::timestamptz ELSE level_due END WHERE id = ${m.id}`.execute(trx);
}

const endOf = (ports: DispatchPorts, step: EscalationStep, from: Date): Date | null =>
  dueAt(ports.calendar(), ports.hours(), from, spanOf(step.within)!).at;

/** A matter whose time to be heard may be over. */
async function escalate(ports: DispatchPorts, trx: Trx, m: MatterRow, people: People, now: Date, touched: Set<string>) {
  const stop = sql`UPDATE notices.matter SET level_from = NULL, level_due = NULL WHERE id = ${m.id}`;
  const step = m.escalation[m.level];
  const heard = await sql`SELECT 1 FROM notices.notice WHERE matter = ${m.id}
    AND (acknowledged_at IS NOT NULL OR (${m.urgency !== 'urgent'} AND read_at IS NOT NULL)) LIMIT 1`.execute(trx);
  if (!step || heard.rows.length || (m.expires_at && m.expires_at <= now)) return void (await stop.execute(trx));
  const end = await sql<{ due: Date | null }>`SELECT level_due AS due FROM notices.matter WHERE id = ${m.id}`.execute(
    trx,
  );
  if (end.rows[0]!.due === null) {
    // A year that the calendar did not cover may be there by now; never a guess.
    const due = endOf(ports, step, m.level_from!);
    if (!due || due > now) {
      const ask = due ? null : new Date(now.getTime() + AGAIN);
      await sql`UPDATE notices.matter SET level_due = ${due}, level_ask = ${ask} WHERE id = ${m.id}`.execute(trx);
      return;
    }
  }
  const given = await give(ports, trx, m, people, step.to, m.level + 1, now, touched);
  const next = m.escalation[m.level + 1];
  const due = next ? (given ? endOf(ports, next, now) : now) : null;
  await sql`UPDATE notices.matter SET level = level + 1, level_from = ${next ? now : null}, level_due = ${due}
    WHERE id = ${m.id}`.execute(trx);
}

/** Gives a matter to whom recipients mean, each once for ever; answers how many had not heard of it. */
async function give(
  ports: DispatchPorts,
  trx: Trx,
  m: MatterRow,
  people: People,
  recipients: readonly Recipient[],
  level: number,
  now: Date,
  touched: Set<string>,
): Promise<number> {
  const meant = people.meant(recipients);
  const chosen = new Map<string, { person: Person; link: string; silent: boolean; for: Person | null }>();
  for (const person of meant)
    for (const h of people.hearing(person, m.kind, m.links)) {
      const before = chosen.get(h.person.id);
      // Told directly comes before standing in, and a voice before silence.
      if (!before || (before.for && !h.for) || (before.silent && !h.silent))
        chosen.set(h.person.id, { ...h, silent: h.silent && (before?.silent ?? true) });
    }
  let n = 0;
  for (const { person, link, silent, for: whom } of chosen.values()) {
    const because = level > 0 ? 'escalation' : whom ? 'deputy' : 'direct';
    const { rows } = await sql<{ id: number }>`INSERT INTO notices.notice (matter, account, because, for_account, level,
        kind, urgency, title, text, link, arrived_at)
      VALUES (${m.id}, ${person.id}::uuid, ${because}, ${whom?.id ?? null}::uuid, ${level}, ${m.kind}, ${m.urgency},
        ${JSON.stringify(m.title)}::jsonb, ${JSON.stringify(m.text)}::jsonb, ${link}, ${now})
      ON CONFLICT (matter, account) DO NOTHING RETURNING id`.execute(trx);
    if (!rows[0]) continue;
    n += 1;
    touched.add(person.id);
    if (!silent) await deliveries(ports, trx, m, person, rows[0].id, level, now);
  }
  return n;
}

/** The ways out that a person wants for a notice. */
async function deliveries(
  ports: DispatchPorts,
  trx: Trx,
  m: MatterRow,
  p: Person,
  notice: number,
  level: number,
  now: Date,
) {
  const open = ports.channels();
  const loud = m.urgency === 'urgent' && p.settings.urgentAlways;
  const due = loud ? now : afterQuiet(now, p.settings.quiet);
  const rows: { channel: string; state: string; due: string }[] = [];
  const mode = mailMode(p.settings, m.kind);
  if (open.has(MAIL) && p.reach.mail && mode !== 'off') {
    // What reached the next in the chain is not for a digest.
    const digest = mode === 'digest' && level === 0 && m.urgency !== 'urgent';
    const { rhythm, hour } = p.settings.digest;
    const at = digest ? nextDigest(now, rhythm, hour) : due;
    rows.push({ channel: MAIL, state: digest ? 'digest' : 'waiting', due: at.toISOString() });
  }
  const declared = [...open.values()].filter((c) => c.name !== MAIL && p.reach[c.address]).map((c) => c.name);
  for (const channel of messagesOf(p.settings, m.kind, declared))
    rows.push({ channel, state: 'waiting', due: due.toISOString() });
  if (!rows.length) return;
  await sql`INSERT INTO notices.delivery (account, channel, notice, state, due_at, made_at)
    SELECT ${p.id}::uuid, r->>'channel', ${notice}, r->>'state', (r->>'due')::timestamptz, ${now}
    FROM jsonb_array_elements(${JSON.stringify(rows)}::jsonb) AS r ON CONFLICT DO NOTHING`.execute(trx);
}
