/** The door of cockpits. Cockpits (驾驶舱): scenarios declared as folders. */
export { checkScenarios, type ScenarioCheck } from './check.ts';
export { cockpitsRoom } from './module.ts';
