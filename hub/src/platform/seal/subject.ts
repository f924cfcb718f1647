/** What may be asked to be sealed: a seal that could never be signed would wait for ever. */
import { algorithmOf } from '@jingwei/keyless';
import { Problem } from '../problem.ts';
import type { SealSubject } from './port.ts';
import { badImprint, tooHigh, weakImprint } from './problems.ts';

/** Greatest height of a tree whose root is sealed: a million million records. */
export const MOST_LEVELS = 40;

/** Numbers of algorithms that are read in old signatures and not signed any more: SHA-1, RIPEMD-160. */
const weak = new Set([0x00, 0x02]);

/** Refuses what is no imprint, and imprints of algorithms that are not fit for signing. */
export function checkImprint(imprint: Uint8Array): void {
  const algorithm = imprint.length > 0 ? algorithmOf(imprint[0]!) : undefined;
  if (!algorithm || imprint.length !== algorithm.length + 1) throw new Problem(badImprint);
  if (weak.has(algorithm.id)) throw new Problem(weakImprint, { algorithm: algorithm.name });
}

/** Refuses a subject that cannot be sealed. */
export function checkSubject({ imprint, level = 0 }: Pick<SealSubject, 'imprint' | 'level'>): void {
  checkImprint(imprint);
  if (!Number.isInteger(level) || level < 0 || level > MOST_LEVELS) throw new Problem(tooHigh, { most: MOST_LEVELS });
}
