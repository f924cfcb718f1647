/** The door of publishing: open data (公共数据开放). */
export { type MessageFact, messageFacts, type OpenFact, openFacts } from './assessed.ts';
export { demoOpenData } from './demo.ts';
export type { EditionFile } from './editions.ts';
export { publishingRoom } from './module.ts';
export type { OpenField } from './plan.ts';
export { openChanged } from './ports.ts';
export {
  type OpenDataset,
  type OpenFilter,
  openDataset,
  openDatasets,
  openRows,
  ROWS,
  type RowsQuery,
} from './rows.ts';
