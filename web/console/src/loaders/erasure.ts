/** Where the code of the pages of erasure is. */
import type { erasurePages } from '../entries/erasure.ts';
import type { PageModule } from '../entry.ts';

export const erasureLoaders: Record<(typeof erasurePages)[number]['path'], () => PageModule> = {
  '/erasure': () => import('../pages/erasure/matters.tsx'),
  '/erasure/$matter': () => import('../pages/erasure/matter.tsx'),
  '/sharing/erasures': () => import('../pages/erasure/duties.tsx'),
};
