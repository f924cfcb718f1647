/** The door of command. Emergency command (应急指挥): plans, duty, resources, log, review. */

export { checkPlans, type PlanCheck } from './check.ts';
export { commandRoom } from './module.ts';
