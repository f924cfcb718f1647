/** The vault of identity data: the platform's only place with identity numbers, telephone numbers and bank accounts. */

export { Custody, type CustodyFile } from './custody.ts';
export { type FileSuite, fileCipher } from './files.ts';
export { guardOf, newGuard, openGuard } from './guard.ts';
export { KeyRing, keyCheck } from './keys.ts';
export { rotationJob } from './rotation.ts';
export { combine, type Share, split } from './shares.ts';
export { vaultTables } from './tables.ts';
export { Vault, type VaultOptions } from './vault.ts';
