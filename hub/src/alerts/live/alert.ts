/** An alert (预警) as it is kept and as other rooms hear of it. */
import { eventKind } from '../../platform/bus/index.ts';
import type { Bilingual } from '../../platform/i18n/index.ts';

/** What happened to an alert. */
export const changeKinds = [
  'opened',
  'raised',
  'lowered',
  'no-data',
  'data',
  'closed',
  'repeated',
  'acknowledged',
  'noted',
  'escalated',
  'silenced',
  'unsilenced',
  'inhibited',
  'uninhibited',
  'warning',
] as const;
export type ChangeKind = (typeof changeKinds)[number];
export type AlertState = 'firing' | 'no-data' | 'closed';

/** A row of `alerts.alert`. */
export interface AlertRow {
  id: number;
  source: 'rule' | 'cap';
  rule: string;
  version: number;
  group_key: string;
  storm: boolean;
  title: Bilingual;
  category: string;
  event: string | null;
  level: number;
  peak: number;
  state: AlertState;
  opened_at: Date;
  changed_at: Date;
  closed_at: Date | null;
  closed_because: string | null;
  entity: string | null;
  type: string | null;
  property: string | null;
  label: Bilingual | null;
  lon: number | null;
  lat: number | null;
  area: object | null;
  owner: string | null;
  unit: string | null;
  value: number | null;
  measure: number | null;
  threshold: number | null;
  members: number;
  members_peak: number;
  flapping: boolean;
  exercise: boolean;
  acknowledged_at: Date | null;
  acknowledged_by: string | null;
  acknowledged_name: string | null;
  silenced: number | null;
  inhibited: number | null;
  escalated_to: string | null;
  repeats: number;
  told_at: Date;
  revision: number;
  evidence: object | null;
}

/** An alert as other rooms and the consoles hear of it; instants are ISO 8601 UTC, positions WGS 84. */
export interface AlertBrief {
  id: number;
  source: 'rule' | 'cap';
  /** Name of the rule; of a message taken in its sender. */
  rule: string;
  title: Bilingual;
  category: string;
  event: string | null;
  /** 0 none (no data alone), 1 blue … 4 red. */
  level: number;
  peak: number;
  state: AlertState;
  openedAt: string;
  changedAt: string;
  closedAt: string | null;
  entity: string | null;
  type: string | null;
  property: string | null;
  label: Bilingual | null;
  lon: number | null;
  lat: number | null;
  owner: string | null;
  unit: string | null;
  value: number | null;
  measure: number | null;
  threshold: number | null;
  members: number;
  storm: boolean;
  flapping: boolean;
  exercise: boolean;
  acknowledged: { at: string; name: string } | null;
  silenced: number | null;
  inhibited: number | null;
  escalatedTo: string | null;
  repeats: number;
  revision: number;
}

/** A change that is on disk. Whoever starts later catches up by `openAlerts` or `v.alert_v1`. */
export interface AlertChange {
  kind: ChangeKind;
  at: string;
  alert: AlertBrief;
}
export const alertChanged = eventKind<AlertChange>('alerts.changed');

const finite = (n: number | null): number | null => (n !== null && Number.isFinite(n) ? n : null);

/** A row as others hear of it. */
export function brief(a: AlertRow): AlertBrief {
  return {
    ...{ id: a.id, source: a.source, rule: a.rule, title: a.title, category: a.category, event: a.event },
    ...{ level: a.level, peak: a.peak, state: a.state, openedAt: a.opened_at.toISOString() },
    ...{ changedAt: a.changed_at.toISOString(), closedAt: a.closed_at?.toISOString() ?? null },
    ...{ entity: a.entity, type: a.type, property: a.property, label: a.label, lon: a.lon, lat: a.lat },
    ...{ owner: a.owner, unit: a.unit, value: finite(a.value), measure: finite(a.measure), threshold: a.threshold },
    ...{ members: a.members, storm: a.storm, flapping: a.flapping, exercise: a.exercise },
    acknowledged: a.acknowledged_at ? { at: a.acknowledged_at.toISOString(), name: a.acknowledged_name ?? '' } : null,
    ...{ silenced: a.silenced, inhibited: a.inhibited, escalatedTo: a.escalated_to, repeats: a.repeats },
    revision: a.revision,
  };
}
