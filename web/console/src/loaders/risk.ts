/** Where the code of the pages of risk is. */
import type { riskPages } from '../entries/risk.ts';
import type { PageModule } from '../entry.ts';

export const riskLoaders: Record<(typeof riskPages)[number]['path'], () => PageModule> = {
  '/risk': () => import('../pages/risk/risk.tsx'),
};
