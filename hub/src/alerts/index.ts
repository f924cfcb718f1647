/** The door of alerts. Alerts (预警): rules over readings, their life, CAP. */
export { alertsRoom } from './module.ts';
