/** The door of assessment: assessment of departments and towns out of the hub's own records (考核、晾晒). */
export { assessmentRoom } from './module.ts';
