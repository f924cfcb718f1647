/** The hub's door for the command line and the benches: start it, or find the one that runs. */
export { type App, type AppOptions, createApp, version } from './app.ts';
export type { SourceDeclaration } from './catalogue/index.ts';
export {
  checkLake,
  checkLibraryFolders,
  checkParts,
  checkSealed,
  checkSourceFolders,
  declarationsOf,
  type SourceCheck,
} from './checks.ts';
export { checkScenarios, type ScenarioCheck } from './cockpits/index.ts';
export { checkPlans, type PlanCheck } from './command/index.ts';
export { type LostKeys, lossOf } from './keys-lost.ts';
export * from './light.ts';
export { migrationSets } from './migrations.ts';
export {
  askingIn,
  loadRows,
  type Manifest,
  mustBeEmpty,
  partsBefore,
  Repository,
  reach,
  readInstant,
  readShares,
  repositoryOf,
  restoreFiles,
  restorePoint,
  restoreRows,
  type SnapshotView,
  Writer,
  writeRows,
  writtenShares,
} from './platform/backup/index.ts';
export { type Db, migrate, openDb } from './platform/db/index.ts';
export { custodyOf, type KeyView, keepInCustody } from './platform/keys/index.ts';
export { lockFolder } from './platform/lock/index.ts';
export { KeyRing, newGuard, openGuard } from './platform/vault/index.ts';
export { verifyFolder } from './rehearse.ts';
