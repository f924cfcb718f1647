/** Where the code of the pages of map is. */
import type { mapPages } from '../entries/map.ts';
import type { PageModule } from '../entry.ts';

export const mapLoaders: Record<(typeof mapPages)[number]['path'], () => PageModule> = {
  '/map': () => import('../pages/map/page.tsx'),
};
