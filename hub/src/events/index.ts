/** The door of events. Events (一网统揽): gathered, recognised, classified, dispatched, handled, checked, closed. */
export { act, type StepBody } from './act.ts';
export { makeClient } from './clients.ts';
export { clocksOf } from './clocks.ts';
export { type Channel, fillRecent, newToken, type Received, type ReportBody, receive, type Sender } from './intake.ts';
export { eventPortsOf, eventsRoom } from './module.ts';
export { setPlace } from './parts.ts';
export { keepPicture, keepThumb } from './pictures.ts';
export { change, type EventPorts } from './ports.ts';
export { Recent } from './same/recent.ts';
export { type EventRow, eventOf } from './store.ts';
export { sweep } from './sweep.ts';
