/** What people do with alerts: acknowledge, note, escalate, end a message's; silences. Each is a step and stands in the audit. */
import { type Kysely, sql } from 'kysely';
import type { Principal } from '../../platform/auth/principal.ts';
import type { AnyTables } from '../../platform/db/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { AlertRow, ChangeKind } from '../live/alert.ts';
import type { AlertPorts } from '../ports.ts';
import * as k from '../problems.ts';

/** An alert for a change by somebody; a Problem where there is none or it has ended. */
async function openForUpdate(trx: Kysely<AnyTables>, id: number): Promise<AlertRow> {
  const { rows } = await sql<AlertRow>`SELECT * FROM alerts.alert WHERE id = ${id} FOR UPDATE`.execute(trx);
  if (!rows[0]) throw new Problem(k.unknownAlert, { id });
  if (rows[0].closed_at) throw new Problem(k.closedAlert);
  return rows[0];
}

interface Act {
  kind: ChangeKind;
  action: string;
  note?: string | undefined;
  detail?: object;
}

/** Changes an alert in one transaction with its step and its entry in the audit; then everybody hears of it. */
async function act(
  ports: AlertPorts,
  id: number,
  who: Principal,
  a: Act,
  change: (trx: Kysely<AnyTables>, row: AlertRow, at: Date) => Promise<unknown>,
): Promise<void> {
  await ports.exclusive(async () => {
    const at = ports.clock.now();
    await ports.db.tx(async (trx) => {
      const row = await openForUpdate(trx, id);
      await change(trx, row, at);
      await sql`INSERT INTO alerts.step (alert, at, kind, level, who, who_name, note, detail, once) VALUES (${id}, ${at}, ${a.kind},
        ${row.level}, ${who.userId}, ${who.name}, ${a.note ?? null}, ${a.detail ? JSON.stringify(a.detail) : null}::jsonb,
        gen_random_uuid()::text)`.execute(trx);
      await ports.audit.append(
        {
          ...{ actor: who, action: `alerts.${a.action}`, object: `alert/${id}`, outcome: 'ok' },
          ...(a.detail ? { detail: { ...a.detail } } : {}),
        },
        trx,
      );
    });
    await ports.changed(id, a.kind);
  });
}

/** Somebody has seen it and takes it up. */
export const acknowledge = (ports: AlertPorts, id: number, who: Principal, note?: string): Promise<void> =>
  act(ports, id, who, { kind: 'acknowledged', action: 'acknowledge', note }, async (trx, row, at) => {
    if (row.acknowledged_at) throw new Problem(k.alreadyAcknowledged);
    await sql`UPDATE alerts.alert SET acknowledged_at = ${at}, acknowledged_by = ${who.userId}, acknowledged_name = ${who.name},
      revision = revision + 1 WHERE id = ${id}`.execute(trx);
  });

/** A note for whoever looks next. */
export const note = (ports: AlertPorts, id: number, who: Principal, text: string): Promise<void> =>
  act(ports, id, who, { kind: 'noted', action: 'note', note: text }, async () => undefined);

/** Hands it on to an organisation. */
export async function escalate(ports: AlertPorts, id: number, who: Principal, to: string, text: string): Promise<void> {
  if (!ports.organisations().some((o) => o.id === to))
    throw new Problem(k.unknownOrganisation, { id: to }, { pointer: '/to' });
  await act(ports, id, who, { kind: 'escalated', action: 'escalate', note: text, detail: { to } }, (trx) =>
    sql`UPDATE alerts.alert SET escalated_to = ${to}, revision = revision + 1 WHERE id = ${id}`.execute(trx),
  );
}

/** Ends the alert of a message taken in. Those of rules end when their readings say so: they are silenced instead. */
export const endIncoming = (ports: AlertPorts, id: number, who: Principal, text: string): Promise<void> =>
  act(ports, id, who, { kind: 'closed', action: 'end', note: text }, async (trx, row, at) => {
    if (row.source !== 'cap') throw new Problem(k.closedAlert);
    await sql`UPDATE alerts.alert SET state = 'closed', closed_at = ${at}, changed_at = ${at}, closed_because = 'ended',
      revision = revision + 1 WHERE id = ${id}`.execute(trx);
  });

/** What a silence is made of. */
export interface SilenceInput {
  rules: string[];
  types: string[];
  entities: string[];
  area?: [number, number][] | undefined;
  level: number;
  from: Date;
  until: Date;
  reason: string;
}

/** Makes a silence; answers its number. */
export async function makeSilence(ports: AlertPorts, who: Principal, s: SilenceInput): Promise<number> {
  if (!s.rules.length && !s.types.length && !s.entities.length && !s.area) throw new Problem(k.silenceWide);
  const length = s.until.getTime() - s.from.getTime();
  if (!(length > 0 && length <= 30 * 86_400_000) || s.until <= ports.clock.now())
    throw new Problem(k.silenceTimes, {}, { pointer: '/until' });
  const list = (values: readonly unknown[] | undefined) => (values?.length ? JSON.stringify(values) : null);
  const id = await ports.db.tx(async (trx) => {
    const { rows } = await sql<{
      id: number;
    }>`INSERT INTO alerts.silence (rules, types, entities, area, level, from_at, until_at, reason,
        made_by, made_name, made_at)
      VALUES (${list(s.rules)}::jsonb, ${list(s.types)}::jsonb, ${list(s.entities)}::jsonb, ${list(s.area)}::jsonb, ${s.level},
        ${s.from}, ${s.until}, ${s.reason}, ${who.userId}, ${who.name}, ${ports.clock.now()}) RETURNING id`.execute(
      trx,
    );
    const made = rows[0]!.id;
    const detail = { rules: s.rules, types: s.types, entities: s.entities.length, until: s.until.toISOString() };
    await ports.audit.append(
      { actor: who, action: 'alerts.silence', object: `silence/${made}`, outcome: 'ok', detail },
      trx,
    );
    return made;
  });
  await ports.quietChanged();
  return id;
}

/** Ends a silence before its time. */
export async function endSilence(ports: AlertPorts, who: Principal, id: number): Promise<void> {
  await ports.db.tx(async (trx) => {
    const { rows } = await sql<{ ended_at: Date | null; until_at: Date }>`SELECT ended_at, until_at FROM alerts.silence
      WHERE id = ${id} FOR UPDATE`.execute(trx);
    if (!rows[0]) throw new Problem(k.unknownSilence, { id });
    if (rows[0].ended_at || rows[0].until_at <= ports.clock.now()) throw new Problem(k.silenceEnded);
    await sql`UPDATE alerts.silence SET ended_at = ${ports.clock.now()}, ended_name = ${who.name} WHERE id = ${id}`.execute(
      trx,
    );
    await ports.audit.append({ actor: who, action: 'alerts.silence-end', object: `silence/${id}`, outcome: 'ok' }, trx);
  });
  await ports.quietChanged();
}
