/** The catalogue as DCAT-AP 3.0.1: what is told to whom, writers and readers of JSON-LD and Turtle. */
export { type City, readCity } from './city.ts';
export {
  type Audience,
  addDataService,
  addDistributions,
  type DcatDataset,
  type DcatDistribution,
  type DcatService,
  datasets,
  datasetsOf,
  told,
  toldEntries,
} from './dataset.ts';
export { datasetId, pageOf } from './describe.ts';
export { type ReadLimits, readLimits } from './limits.ts';
export type { ReadOptions } from './parse.ts';
export { type ForeignDataset, type ForeignItem, type ForeignPage, readCatalogue } from './read.ts';
export { audienceOf, dcatRoutes, type ReaderOf, useReader } from './routes.ts';
export { type Syntax, syntaxes } from './write.ts';
