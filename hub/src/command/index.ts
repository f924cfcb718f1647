/** The door of command. Emergency command (应急指挥): plans, duty, resources, log, review. */
export { commandRoom } from './module.ts';
