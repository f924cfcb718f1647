/** Pages of risk and where their code is. */
import type { PageEntry, PageModule } from '../entry.ts';

export const riskPages = [
  { path: '/risk', title: 'risk', permissions: ['risk.read'], area: 'map', nav: true },
] as const satisfies readonly PageEntry[];

export const riskLoaders: Record<(typeof riskPages)[number]['path'], () => PageModule> = {
  '/risk': () => import('../pages/risk/risk.tsx'),
};
