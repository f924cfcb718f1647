/**
 * Warnings to the public (预警发布): a draft that somebody wrote, released by somebody on duty, never by a program. A released message never
 * changes; a further one updates or cancels it and refers to it. What was released is sealed in the same transaction.
 */
import { type Kysely, sql } from 'kysely';
import type { Principal } from '../../platform/auth/principal.ts';
import type { AnyTables } from '../../platform/db/index.ts';
import { Problem } from '../../platform/problem.ts';
import { imprintOf } from '../../platform/seal/index.ts';
import type { AlertPorts } from '../ports.ts';
import * as k from '../problems.ts';
import { type Colour, colourTitles } from '../pure/index.ts';
import { wrongRing } from './geometry.ts';
import type { CapAlert, CapInfo, Ring } from './model.ts';
import { COLOUR, capTime, EVENT, type Issuer, identifierOf, severityOf } from './profile.ts';
import { writeCap } from './write.ts';

/** What somebody writes of a warning. */
export interface WarningContent {
  colour: Colour;
  event: string;
  urgency: string;
  certainty: string;
  responses: string[];
  headline: { zh: string; en: string };
  description: { zh: string; en: string };
  instruction: { zh: string; en: string };
  onset: string | null;
  areaDesc: string;
  polygons: Ring[];
  circles: { lon: number; lat: number; km: number }[];
  divisions: string[];
  restriction: string | null;
}

/** A row of `alerts.warning`. */
export interface WarningRow {
  id: number;
  chain: number;
  alert: number | null;
  previous: number | null;
  msg_type: 'Alert' | 'Update' | 'Cancel';
  status: 'Actual' | 'Exercise' | 'Test';
  scope: 'Public' | 'Restricted';
  state: 'draft' | 'released' | 'dropped';
  content: WarningContent;
  identifier: string | null;
  sent: Date | null;
  expires: Date;
  xml: string | null;
  revision: number;
  made_name: string;
  made_at: Date;
  released_name: string | null;
  superseded_by: number | null;
}

const issuerOf = (ports: AlertPorts): Issuer => {
  if (!ports.issuer) throw new Problem(k.issuerMissing, { city: ports.city });
  return ports.issuer;
};

/** Finds a warning. */
export async function warningOf(db: Kysely<AnyTables>, id: number, lock = false): Promise<WarningRow> {
  const { rows } =
    await sql<WarningRow>`SELECT * FROM alerts.warning WHERE id = ${id} ${sql.raw(lock ? 'FOR UPDATE' : '')}`.execute(
      db,
    );
  if (!rows[0]) throw new Problem(k.unknownWarning, { id });
  return rows[0];
}

function check(ports: AlertPorts, content: WarningContent, expires: Date, now: Date): void {
  if (!ports.events.some((e) => e.code === content.event))
    throw new Problem(k.warningEvent, { code: content.event }, { pointer: '/content/event' });
  if (!(expires > now) || expires.getTime() > now.getTime() + 30 * 86_400_000)
    throw new Problem(k.warningExpires, {}, { pointer: '/expires' });
  if (!content.polygons.length && !content.circles.length && !content.divisions.length)
    throw new Problem(k.warningArea, {}, { pointer: '/content/divisions' });
  for (const [n, ring] of content.polygons.entries()) {
    const wrong = wrongRing(ring);
    if (wrong)
      throw new Problem(k.capPolygon, { message: `${wrong.zh} / ${wrong.en}` }, { pointer: `/content/polygons/${n}` });
  }
}

/** What a draft is made of; `previous`: the released message that it updates or cancels. */
export interface DraftInput {
  alert: number | null;
  previous: number | null;
  msgType: 'Alert' | 'Update' | 'Cancel';
  status: 'Actual' | 'Exercise' | 'Test';
  scope: 'Public' | 'Restricted';
  expires: Date;
  content: WarningContent;
}

/** Writes a draft; answers its number. */
export async function draft(ports: AlertPorts, who: Principal, input: DraftInput): Promise<number> {
  const now = ports.clock.now();
  issuerOf(ports);
  check(ports, input.content, input.expires, now);
  return ports.db.tx(async (trx) => {
    let [chain, alert]: [number | null, number | null] = [null, input.alert];
    if ((input.msgType === 'Alert') !== (input.previous === null))
      throw new Problem(k.capNoReference, { type: input.msgType });
    if (input.previous !== null) {
      const before = await warningOf(trx, input.previous, true);
      if (before.state !== 'released' || before.msg_type === 'Cancel')
        throw new Problem(k.warningState, { state: before.state });
      const later =
        await sql`SELECT 1 FROM alerts.warning WHERE previous = ${before.id} AND state <> 'dropped'`.execute(trx);
      if (later.rows.length) throw new Problem(k.warningSuperseded);
      [chain, alert] = [before.chain, before.alert];
    }
    if (alert !== null) {
      const known = await sql`SELECT 1 FROM alerts.alert WHERE id = ${alert}`.execute(trx);
      if (!known.rows.length) throw new Problem(k.unknownAlert, { id: alert });
    }
    const { rows } = await sql<{
      id: number;
    }>`INSERT INTO alerts.warning (chain, alert, previous, msg_type, status, scope, state, content,
        expires, made_by, made_name, made_at)
      VALUES (${chain}, ${alert}, ${input.previous}, ${input.msgType}, ${input.status}, ${input.scope}, 'draft',
        ${JSON.stringify(input.content)}::jsonb, ${input.expires}, ${who.userId}, ${who.name}, ${now}) RETURNING id`.execute(
      trx,
    );
    const id = rows[0]!.id;
    if (chain === null) await sql`UPDATE alerts.warning SET chain = id WHERE id = ${id}`.execute(trx);
    await ports.audit.append(
      { actor: who, action: 'alerts.warning-draft', object: `warning/${id}`, outcome: 'ok' },
      trx,
    );
    return id;
  });
}

/** Changes a draft, or drops it. */
export async function change(
  ports: AlertPorts,
  who: Principal,
  id: number,
  revision: number,
  input: Pick<DraftInput, 'status' | 'scope' | 'expires' | 'content'> | 'drop',
): Promise<void> {
  if (input !== 'drop') check(ports, input.content, input.expires, ports.clock.now());
  await ports.db.tx(async (trx) => {
    const row = await warningOf(trx, id, true);
    if (row.state !== 'draft') throw new Problem(k.warningState, { state: row.state });
    if (row.revision !== revision) throw new Problem(k.changedMeanwhile);
    if (input === 'drop')
      await sql`UPDATE alerts.warning SET state = 'dropped', revision = revision + 1 WHERE id = ${id}`.execute(trx);
    else
      await sql`UPDATE alerts.warning SET status = ${input.status}, scope = ${input.scope}, expires = ${input.expires},
        content = ${JSON.stringify(input.content)}::jsonb, revision = revision + 1 WHERE id = ${id}`.execute(trx);
    const action = input === 'drop' ? 'alerts.warning-drop' : 'alerts.warning-change';
    await ports.audit.append({ actor: who, action, object: `warning/${id}`, outcome: 'ok' }, trx);
  });
}

/** The message that a draft would be now, as CAP. */
export function messageOf(
  ports: AlertPorts,
  row: Pick<WarningRow, 'content' | 'msg_type' | 'status' | 'scope' | 'expires'>,
  references: CapAlert['references'],
  at: Date,
  serial: number,
): CapAlert {
  const issuer = issuerOf(ports);
  const c = row.content;
  const event = ports.events.find((e) => e.code === c.event)!;
  const cancelled = row.msg_type === 'Cancel';
  const info = (language: 'zh' | 'en'): CapInfo => ({
    ...{ language: language === 'zh' ? 'zh-CN' : 'en', categories: [event.category], event: event[language] },
    ...{ responseTypes: cancelled ? ['AllClear'] : c.responses, urgency: cancelled ? 'Past' : c.urgency },
    ...{ severity: severityOf[c.colour], certainty: c.certainty, eventCodes: [{ name: EVENT, value: c.event }] },
    ...{ effective: capTime(at), expires: capTime(row.expires) },
    ...(c.onset ? { onset: capTime(new Date(c.onset)) } : {}),
    ...{
      senderName: issuer.senderName[language],
      headline: c.headline[language],
      description: c.description[language],
    },
    instruction: c.instruction[language],
    ...(issuer.contact ? { contact: issuer.contact } : {}),
    parameters: [
      { name: COLOUR, value: c.colour.toUpperCase() },
      { name: 'cn:level', value: `${colourTitles[c.colour][language]} ${colourTitles[c.colour].roman}` },
    ],
    resources: [],
    areas: [
      {
        ...{ areaDesc: c.areaDesc, polygons: c.polygons, circles: c.circles },
        geocodes: c.divisions.map((value) => ({ name: 'CN:GB2260', value })),
      },
    ],
  });
  return {
    ...{ identifier: identifierOf(issuer, at, serial), sender: issuer.sender, sent: capTime(at), status: row.status },
    ...{ msgType: row.msg_type, scope: row.scope, codes: [], references },
    ...(row.scope === 'Restricted' ? { restriction: c.restriction || issuer.senderName.zh } : {}),
    infos: c.headline.en ? [info('zh'), info('en')] : [info('zh')],
  };
}

async function chainOf(trx: Kysely<AnyTables>, ports: AlertPorts, row: WarningRow): Promise<CapAlert['references']> {
  if (row.previous === null) return [];
  const { rows } = await sql<{ identifier: string; sent: Date }>`SELECT identifier, sent FROM alerts.warning
    WHERE chain = ${row.chain} AND state = 'released' ORDER BY sent, id`.execute(trx);
  return rows.map((r) => ({ sender: issuerOf(ports).sender, identifier: r.identifier, sent: capTime(r.sent) }));
}

/** A draft as the message that it would be. */
export async function preview(ports: AlertPorts, id: number): Promise<string> {
  const row = await warningOf(ports.db.kysely, id);
  if (row.xml) return row.xml;
  return writeCap(messageOf(ports, row, await chainOf(ports.db.kysely, ports, row), ports.clock.now(), 0));
}

/** Releases a draft: it gets its identifier, is written for ever, sealed, and stands in the feed. Only a person does this. */
export async function release(ports: AlertPorts, who: Principal, id: number, revision: number): Promise<void> {
  const alert = await ports.db.tx(async (trx) => {
    const row = await warningOf(trx, id, true);
    if (row.state !== 'draft') throw new Problem(k.warningState, { state: row.state });
    if (row.revision !== revision) throw new Problem(k.changedMeanwhile);
    const now = ports.clock.now();
    const at = new Date(Math.floor(now.getTime() / 1000) * 1000);
    check(ports, row.content, row.expires, now);
    if (row.alert !== null && row.status === 'Actual') {
      const of = await sql<{ exercise: boolean }>`SELECT exercise FROM alerts.alert WHERE id = ${row.alert}`.execute(
        trx,
      );
      // What was played must never reach the public as real.
      if (of.rows[0]?.exercise) throw new Problem(k.exerciseOnly);
    }
    const used = await sql<{ n: number }>`SELECT count(*) AS n FROM alerts.warning WHERE sent = ${at}`.execute(trx);
    if (used.rows[0]!.n > 9) throw new Problem(k.warningSerials);
    const message = messageOf(ports, row, await chainOf(trx, ports, row), at, used.rows[0]!.n);
    const xml = writeCap(message);
    await sql`UPDATE alerts.warning SET state = 'released', identifier = ${message.identifier}, sent = ${at}, xml = ${xml},
      released_by = ${who.userId}, released_name = ${who.name}, revision = revision + 1 WHERE id = ${id}`.execute(trx);
    if (row.previous !== null)
      await sql`UPDATE alerts.warning SET superseded_by = ${id} WHERE id = ${row.previous}`.execute(trx);
    if (row.alert !== null)
      await sql`INSERT INTO alerts.step (alert, at, kind, level, who, who_name, note, detail, once)
        SELECT id, ${now}, 'warning', level, ${who.userId}, ${who.name}, ${row.content.headline.zh},
          ${JSON.stringify({ warning: id, identifier: message.identifier, type: row.msg_type })}::jsonb, ${`${row.alert}:warning:${id}`}
        FROM alerts.alert WHERE id = ${row.alert}`.execute(trx);
    await ports.seal.request(
      {
        ...{ kind: 'file', subject: `cap/${message.identifier}`, organisation: null, imprint: imprintOf(xml) },
        title: { zh: `预警发布 ${message.identifier}`, en: `Public warning ${message.identifier}` },
        facts: {
          identifier: message.identifier,
          type: row.msg_type,
          status: row.status,
          bytes: Buffer.byteLength(xml),
        },
      },
      trx,
    );
    const detail = { identifier: message.identifier, type: row.msg_type, status: row.status, scope: row.scope };
    await ports.audit.append(
      { actor: who, action: 'alerts.warning-release', object: `warning/${id}`, outcome: 'ok', detail },
      trx,
    );
    return row.alert;
  });
  if (alert !== null) await ports.exclusive(() => ports.changed(alert, 'warning'));
}
