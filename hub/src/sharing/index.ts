/** The door of sharing: requests, what was granted, deliveries, and the clocks of the law. */
export { act, type SharingPorts, type StepBody } from './act.ts';
export { type AssessedSharing, assessedSharing } from './assessed.ts';
export { type ClockRow, clocksOf, runningClock as clockOf } from './clocks.ts';
export { type Content, content, operators, type RowCondition } from './content.ts';
export { askDelivery } from './delivery/ask.ts';
export { maskItem, stageGranted } from './delivery/rows.ts';
export { confirmReceipt, type DeliveryView, deliveriesOf, deliveryOf, download } from './delivery/serve.ts';
export { type DeliveredItem, deliveredItems, type ShownRows, shownRows } from './delivery/shown.ts';
export { type ExportFormat, type ExportStream, exportFormats, streamExport } from './delivery/stream.ts';
export { recordNumber } from './delivery/tables.ts';
export { raiseDispute } from './disputes.ts';
export { addNames, formatOf, nameOf, type SharedEntry, sharedEntry, typeOf } from './entries.ts';
export { askExtension } from './extensions.ts';
export { columnOf, filterFaults, filterSql } from './filter.ts';
export { activeGrants, GIVING, type GrantFilter, grantChanged, grantOf } from './grants.ts';
export { matterOf, notify, type ShareRow } from './matters.ts';
export { sharingPorts, sharingRoom } from './module.ts';
export { draft, edit } from './requests.ts';
