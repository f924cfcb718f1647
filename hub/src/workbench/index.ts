/** The workbench's door: analysts' queries over the published views, each with the rights of who asks. */
export { workbenchRoom } from './module.ts';
