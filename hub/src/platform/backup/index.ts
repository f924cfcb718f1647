/** Backups (备份): one consistent set of both stores, received files, calendar and keys, taken while the hub runs; restored by one command. */
export { forgotten } from './keep.ts';
export { badRecoveryKey, keyMissing, noRepository, notConfigured } from './problems.ts';
export { type FileEntry, type Manifest, Repository } from './repository.ts';
export { type RestoreRequest, restoreFiles, restoreRows } from './restore.ts';
export { afterRestore } from './restored.ts';
export { backupRoutes } from './routes.ts';
export { type Ask, askingIn, loadRows, type TableRows, writeRows } from './rows.ts';
export { readRecoveryKey as readShares, writtenShares } from './secret.ts';
export { Backups, repositoryOf, type Verified } from './service.ts';
export { type SnapshotView, Writer } from './writer.ts';
