/** The door of risk. Risk computed on the one map: hazard, exposure, vulnerability. */
export { riskRoom } from './module.ts';
