/** The page of keys, among those of the system. */
import type { PageEntry } from '../entry.ts';

export const keysPages = [
  { path: '/system/keys', title: 'keys', permissions: ['system.read'], area: 'system', nav: true },
] as const satisfies readonly PageEntry[];
