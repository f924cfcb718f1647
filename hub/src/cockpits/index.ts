/** The door of cockpits. Cockpits (驾驶舱): scenarios declared as folders. */
export { cockpitsRoom } from './module.ts';
