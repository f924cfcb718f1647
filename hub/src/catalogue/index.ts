/** The catalogue's door: what exists and whose it is. */

export { readYaml, type YamlFile } from '../platform/declared/index.ts';
export * from './api.ts';
export { type AssessedDuty, type AssessedEntry, assessedDuties, assessedEntries } from './assessed.ts';
export { Catalogue, type CataloguedSource, catalogueTables, openCatalogue, record } from './catalogue.ts';
export { type CheckContext, checkSources, type LoadedSource, loadSources, type SampleCheck } from './check.ts';
export {
  type Audience,
  addDataService,
  addDistributions,
  audienceOf,
  type City,
  type DcatDataset,
  type DcatDistribution,
  type DcatService,
  datasetId,
  datasets,
  datasetsOf,
  type ForeignDataset,
  type ForeignItem,
  type ForeignPage,
  type ReaderOf,
  readCatalogue,
  readCity,
  type Syntax,
  told,
  toldEntries,
  useReader,
} from './dcat/index.ts';
export * from './declaration.ts';
export { type DeclaredSource, declareSource, sourceDeclared } from './declared.ts';
export { hasRegistry, loadRegistry, type Registry, registryRoot } from './elements/index.ts';
export {
  classOf,
  type Entry,
  EntryBook,
  type EntryContent,
  type EntryItem,
  emptyCondition,
  entriesOf,
  entry,
  itemsOf,
  namesLaw,
  type PublishedEntry,
  type PublishedItem,
  publishedEntries,
  readWords,
  takeOver,
  useEntries,
  Words,
} from './entry/index.ts';
export { addUses, type Use, type UseProvider } from './lineage/index.ts';
export { absentColumn, CARRIED, compileMapping, type Mapping, mappingKinds, readMapping } from './mapping.ts';
export { coreMetadata, nationalType, resourceCode } from './metadata.ts';
export { catalogueOf, catalogueRoom, useCatalogue } from './module.ts';
export { type Organisation, organisationsNow, readOrganisations } from './organisations.ts';
