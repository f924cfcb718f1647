/** Where the code of the pages of the query workbench is. */
import type { workbenchPages } from '../entries/workbench.ts';
import type { PageModule } from '../entry.ts';

export const workbenchLoaders: Record<(typeof workbenchPages)[number]['path'], () => PageModule> = {
  '/workbench': () => import('../pages/workbench/page.tsx'),
  '/workbench/saved': () => import('../pages/workbench/saved.tsx'),
};
