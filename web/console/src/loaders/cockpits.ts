/** Where the code of the pages of cockpits is. */
import type { cockpitsPages } from '../entries/cockpits.ts';
import type { PageModule } from '../entry.ts';

export const cockpitsLoaders: Record<(typeof cockpitsPages)[number]['path'], () => PageModule> = {
  '/cockpits': () => import('../pages/cockpits/gallery.tsx'),
  '/cockpits/$scenario': () => import('../pages/cockpits/desk.tsx'),
  '/cockpits/$scenario/screen': () => import('../pages/cockpits/screen.tsx'),
  '/cockpits/$scenario/indicators/$indicator': () => import('../pages/cockpits/indicator.tsx'),
  '/cockpit-studio': () => import('../pages/cockpits/studio.tsx'),
};
