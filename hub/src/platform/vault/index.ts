/** The vault of identity data: the platform's only place with identity numbers, telephone numbers and bank accounts. */
export { type FileSuite, fileCipher } from './files.ts';
export { KeyRing } from './keys.ts';
export { rotationJob } from './rotation.ts';
export { combine, type Share, split } from './shares.ts';
export { Vault, type VaultOptions } from './vault.ts';
