/** Pages of map and where their code is. */
import type { PageEntry, PageModule } from '../entry.ts';

export const mapPages = [
  { path: '/map', title: 'map', permissions: ['map.read'], area: 'map', nav: true },
] as const satisfies readonly PageEntry[];

export const mapLoaders: Record<(typeof mapPages)[number]['path'], () => PageModule> = {
  '/map': () => import('../pages/map/page.tsx'),
};
