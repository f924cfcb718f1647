/** Writes what happened to alerts: many at once, in one transaction, and nothing twice however often it is written. */
import { type Kysely, sql } from 'kysely';
import type { AnyTables } from '../../platform/db/index.ts';
import type { Bilingual } from '../../platform/i18n/index.ts';
import type { AlertRow } from './alert.ts';

/** A series of an alert. */
export interface Member {
  series: number;
  entity: string;
  property: string;
  label: Bilingual;
  level: number;
  noData: boolean;
  since: number;
  at: number;
  value: number;
  measure: number;
  ended: number | null;
}

/** A step of an alert's history. `once` is what tells it from every other. */
export interface Step {
  alert: AlertRow;
  at: number;
  kind: string;
  level: number;
  who?: string;
  whoName?: string;
  note?: string;
  detail?: object;
  once: string;
}

/** Columns of an alert that its rule decides; what people did is not among them. */
const engineColumns =
  'level, peak, state, changed_at, closed_at, closed_because, value, measure, threshold, members, members_peak, flapping, repeats, told_at, silenced, inhibited, exercise';
const columns = `id, source, rule, version, group_key, storm, title, category, event, opened_at, entity, type, property, label,
  lon, lat, area, owner, unit, ${engineColumns}`;
const types: Record<string, string> = {
  ...{ id: 'integer', version: 'integer', storm: 'boolean', title: 'jsonb', level: 'smallint', peak: 'smallint' },
  ...{ opened_at: 'timestamptz', changed_at: 'timestamptz', closed_at: 'timestamptz', told_at: 'timestamptz' },
  ...{ label: 'jsonb', lon: 'double precision', lat: 'double precision', area: 'jsonb', value: 'double precision' },
  ...{ measure: 'double precision', threshold: 'double precision', members: 'integer', members_peak: 'integer' },
  ...{ flapping: 'boolean', exercise: 'boolean', repeats: 'integer', silenced: 'integer', inhibited: 'integer' },
};
const names = columns.split(',').map((c) => c.trim());
const record = names.map((c) => `${c} ${types[c] ?? 'text'}`).join(', ');

/** Numbers for new alerts: the known one where an opening was written before, a new one otherwise. */
export async function numberNew(trx: Kysely<AnyTables>, fresh: readonly AlertRow[]): Promise<void> {
  if (!fresh.length) return;
  const asked = fresh.map((a, n) => ({ n, rule: a.rule, key: a.group_key, at: a.opened_at.toISOString() }));
  const { rows } = await sql<{ n: number; id: number | null }>`
    SELECT x.n, coalesce(a.id, nextval(pg_get_serial_sequence('alerts.alert', 'id')))::integer AS id
    FROM jsonb_to_recordset(${JSON.stringify(asked)}::jsonb) AS x(n integer, rule text, key text, at timestamptz)
    LEFT JOIN alerts.alert a ON a.rule = x.rule AND a.group_key = x.key AND a.opened_at = x.at`.execute(trx);
  for (const { n, id } of rows) fresh[n]!.id = id!;
}

/** Writes alerts as they are now; a row that is newer in the store stays. */
export async function writeAlerts(trx: Kysely<AnyTables>, alerts: readonly AlertRow[]): Promise<void> {
  if (!alerts.length) return;
  // One that closed and opened anew in the same instant before a kill is one alert to the store: the later state stands.
  const each = [...new Map(alerts.map((a) => [a.id, a])).values()];
  const rows = each.map((a) => Object.fromEntries(names.map((c) => [c, a[c as keyof AlertRow]])));
  const set = engineColumns
    .split(',')
    .map((c) => `${c.trim()} = excluded.${c.trim()}`)
    .join(', ');
  // A graver level takes the acknowledgement back: whoever acknowledged did not know of it.
  await sql`INSERT INTO alerts.alert (${sql.raw(columns)}) SELECT ${sql.raw(columns)}
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS x(${sql.raw(record)})
    ON CONFLICT (id) DO UPDATE SET ${sql.raw(set)}, revision = alert.revision + 1,
      acknowledged_at = CASE WHEN excluded.level > alert.level THEN NULL ELSE alert.acknowledged_at END,
      acknowledged_by = CASE WHEN excluded.level > alert.level THEN NULL ELSE alert.acknowledged_by END,
      acknowledged_name = CASE WHEN excluded.level > alert.level THEN NULL ELSE alert.acknowledged_name END
    WHERE alert.changed_at <= excluded.changed_at`.execute(trx);
}

/** Writes members of alerts. */
export async function writeMembers(
  trx: Kysely<AnyTables>,
  members: readonly { alert: AlertRow; member: Member }[],
): Promise<void> {
  if (!members.length) return;
  const number = (n: number) => (Number.isFinite(n) ? n : null);
  const rows = members.map(({ alert, member: m }) => ({
    ...{ alert: alert.id, series: m.series, entity: m.entity, property: m.property, label: m.label, level: m.level },
    ...{ no_data: m.noData, since: new Date(m.since), changed_at: new Date(m.at) },
    ...{ ended_at: m.ended === null ? null : new Date(m.ended), value: number(m.value), measure: number(m.measure) },
  }));
  await sql`INSERT INTO alerts.member (alert, series, entity, property, label, level, no_data, since, changed_at, ended_at, value, measure)
    SELECT * FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS x(alert integer, series integer, entity text, property text,
      label jsonb, level smallint, no_data boolean, since timestamptz, changed_at timestamptz, ended_at timestamptz,
      value double precision, measure double precision)
    ON CONFLICT (alert, series) DO UPDATE SET level = excluded.level, no_data = excluded.no_data, changed_at = excluded.changed_at,
      ended_at = excluded.ended_at, value = excluded.value, measure = excluded.measure
    WHERE member.changed_at <= excluded.changed_at`.execute(trx);
}

/** Writes steps; those that are there already stay. */
export async function writeSteps(trx: Kysely<AnyTables>, steps: readonly Step[]): Promise<void> {
  if (!steps.length) return;
  const rows = steps.map((s) => ({
    ...{ alert: s.alert.id, at: new Date(s.at), kind: s.kind, level: s.level, who: s.who ?? null },
    ...{ who_name: s.whoName ?? null, note: s.note ?? null, detail: s.detail ?? null, once: `${s.alert.id}:${s.once}` },
  }));
  await sql`INSERT INTO alerts.step (alert, at, kind, level, who, who_name, note, detail, once)
    SELECT * FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS x(alert integer, at timestamptz, kind text, level smallint,
      who text, who_name text, note text, detail jsonb, once text)
    ON CONFLICT (once) DO NOTHING`.execute(trx);
}
