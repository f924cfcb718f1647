/** Seals: whatever must be provable later, with its keyless signature; and the signing service of this hub. */
import { fileURLToPath } from 'node:url';
import type { MigrationSet } from '../db/index.ts';

export { checkSeals, type SealCheck } from './fsck.ts';
export { type SealPart, sealPart } from './part.ts';
export * from './port.ts';
export { Reconciler } from './reconciler.ts';
export { imprintOf, RuleSeals } from './rules.ts';
export { sealedStream } from './stream.ts';

/** The part's tables. */
export const sealMigrations: MigrationSet = {
  room: 'seal',
  folder: fileURLToPath(new URL('./migrations', import.meta.url)),
};
