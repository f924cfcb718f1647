/** The vault of identity data: the platform's only place with identity numbers, telephone numbers and bank accounts. */
export { type FileSuite, fileCipher } from './files.ts';
export { KeyRing } from './keys.ts';
export { normalForm, note } from './normal.ts';
export { rotationJob } from './rotation.ts';
export { kindOfToken, type TokenKind, tokenPrefix } from './token.ts';
export { type RotationProgress, Vault, type VaultOptions } from './vault.ts';
