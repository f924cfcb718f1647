/** Backups (备份): one consistent set of both stores, received files, calendar and keys, taken while the hub runs; restored by one command. */
export { bringErasures, erasuresApplied, hasErasure, keepErasure, waitingErasures } from './erasures.ts';
export { forgotten } from './keep.ts';
export { partsBefore, reach, readInstant, restorePoint } from './point/restore.ts';
export { badRecoveryKey, keyMissing, noRepository, notConfigured } from './problems.ts';
export { type FileEntry, type Manifest, Repository } from './repository.ts';
export { mustBeEmpty, type RestoreRequest, restoreFiles, restoreRows } from './restore.ts';
export { afterRestore } from './restored.ts';
export { backupRoutes } from './routes.ts';
export { type Ask, askingIn, loadRows, type TableRows, writeRows } from './rows.ts';
export { readRecoveryKey as readShares, writtenShares } from './secret.ts';
export { Backups, repositoryOf, type Verified } from './service.ts';
export { checkTogether } from './together/missing.ts';
export { Together, togetherMigrations } from './together/together.ts';
export type { NamedFiles, Turn, TurnStep } from './together/turn.ts';
export { type SnapshotView, Writer } from './writer.ts';
