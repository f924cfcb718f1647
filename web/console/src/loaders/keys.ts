/** Where the code of the page of keys is. */
import type { keysPages } from '../entries/keys.ts';
import type { PageModule } from '../entry.ts';

export const keysLoaders: Record<(typeof keysPages)[number]['path'], () => PageModule> = {
  '/system/keys': () => import('../pages/system/keys.tsx'),
};
