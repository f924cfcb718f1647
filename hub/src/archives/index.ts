/** The door of the archives: electronic archives with their checks, proofs and life. */
export { archivesRoom } from './module.ts';
