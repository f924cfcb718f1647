/** The door of events. Events (一网统揽): gathered, recognised, classified, dispatched, handled, checked, closed. */
export { eventsRoom } from './module.ts';
