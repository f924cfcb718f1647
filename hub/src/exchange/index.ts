/** The exchange's door: collection of departments' records, receipts, quarantine, cadence. */
export * from './api.ts';
export { nextDue } from './cadence.ts';
export { type CollectDeps, type Collected, collect, type Delivery } from './collect.ts';
export { type CutFormat, without } from './erase/cut.ts';
export { declaredAction, supersededBy } from './erase/holder.ts';
export {
  addSubjectRows,
  groupsOf,
  type Located,
  locateRows,
  standingTokens,
  usePersonMentions,
} from './erase/locate.ts';
export { standOrder } from './erase/order.ts';
export { eraseSource, type RowAction } from './erase/rows.ts';
export { deliveryRefused, runFinished, sourceOverdue } from './events.ts';
export { checkExchange, type ExchangeCheck } from './fsck.ts';
export { canonicalRow, leafOf } from './hash/canonical.ts';
export { follow, rootOf } from './hash/tree.ts';
export { inboxOf } from './inbox.ts';
export { exchangeRoom } from './module.ts';
export { className, rawTable } from './names.ts';
export { Overview } from './overview.ts';
export { type PersonGroup, type PersonMention, personGroups } from './persons.ts';
export { proofOfRow } from './proof.ts';
export { Quarantine } from './quarantine.ts';
export { checkSample } from './sample.ts';
export { exchangeTables, prepareTables, rawTableStatements } from './tables.ts';
export {
  deliverOwn,
  deliverWith,
  type OwnBatch,
  type OwnReceipt,
  ownBatches,
  transportTables,
} from './transport/index.ts';
