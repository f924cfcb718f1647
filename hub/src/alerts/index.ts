/**
 * The door of alerts. Alerts (预警): rules over readings, their life, CAP.
 *
 * View in the lake: `v.alert_v1 (id, source, rule, title_zh, title_en, category, event, level 0 … 4, peak, state 'firing'|'no-data'|'closed',
 * opened_at, changed_at, closed_at, entity, type, property, label_zh, lon, lat, owner, members, storm, acknowledged_at, silenced, inhibited,
 * exercise)`. Whoever hears `alertChanged` catches up by `openAlerts`: an event may have been missed, what is open never is.
 */

export { type AlertBrief, type AlertChange, type AlertState, alertChanged, type ChangeKind } from './live/alert.ts';
export { openAlerts } from './live/open.ts';
export { alertsRoom } from './module.ts';
