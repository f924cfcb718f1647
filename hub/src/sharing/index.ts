/** The door of sharing: requests, what was granted, deliveries, and the clocks of the law. */
export { act, type SharingPorts, type StepBody } from './act.ts';
export { runningClock as clockOf } from './clocks.ts';
export { type Content, content } from './content.ts';
export { raiseDispute } from './disputes.ts';
export { sharedEntry } from './entries.ts';
export { askExtension } from './extensions.ts';
export { matterOf } from './matters.ts';
export { sharingPorts, sharingRoom } from './module.ts';
export { draft } from './requests.ts';
