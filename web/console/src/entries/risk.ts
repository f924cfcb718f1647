/** Pages of risk. */
import type { PageEntry } from '../entry.ts';

export const riskPages = [
  { path: '/risk', title: 'risk', permissions: ['risk.read'], area: 'map', nav: true },
] as const satisfies readonly PageEntry[];
